"""What each action of RAM needs: the RAM action of its name, on which resources.

"RAM authorization" of RAM and the pages of the actions, e.g.
https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-createpolicyversion (read 2026-11)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.door import Call

_ROLE, _POLICY = ("role",), ("policy",)
#: The kinds of resource of each action; a list is about all of its kind.
NEEDS = {
    "CreateRole": _ROLE,
    "GetRole": _ROLE,
    "ListRoles": _ROLE,
    "UpdateRole": _ROLE,
    "DeleteRole": _ROLE,
    "AttachPolicyToRole": (*_POLICY, *_ROLE),
    "DetachPolicyFromRole": (*_POLICY, *_ROLE),
    "ListPoliciesForRole": _ROLE,
    "ListEntitiesForPolicy": _POLICY,
    "CreatePolicy": _POLICY,
    "GetPolicy": _POLICY,
    "ListPolicies": _POLICY,
    "DeletePolicy": _POLICY,
    "CreatePolicyVersion": _POLICY,
    "GetPolicyVersion": _POLICY,
    "ListPolicyVersions": _POLICY,
    "DeletePolicyVersion": _POLICY,
    "SetDefaultPolicyVersion": _POLICY,
}


def needs(account: str, call: "Call") -> Iterator[Need]:
    """What *call* needs; nothing for an action that nobody wrote."""
    for kind in NEEDS.get(call.action, ()):
        yield Need(f"ram:{call.action}", _resource(account, kind, call))


def _resource(account: str, kind: str, call: "Call") -> str:
    if kind == "role":
        return f"acs:ram:*:{account}:role/{call.params.get('RoleName', '*').lower()}"
    owner = "system" if call.params.get("PolicyType") == "System" else account
    return f"acs:ram:*:{owner}:policy/{call.params.get('PolicyName', '*')}"
