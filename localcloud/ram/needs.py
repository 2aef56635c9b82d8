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


#: Those whose policy may be one of the cloud's own, as PolicyType says.
_OF_A_TYPE = frozenset(
    {
        "AttachPolicyToRole",
        "DetachPolicyFromRole",
        "ListEntitiesForPolicy",
        "GetPolicy",
        "ListPolicies",
        "GetPolicyVersion",
        "ListPolicyVersions",
    }
)
_LISTS = ("ListRoles", "ListPolicies")


def needs(account: str, call: "Call") -> Iterator[Need]:
    """What *call* needs; nothing for an action that nobody wrote."""
    for kind in NEEDS.get(call.action, ()):
        yield Need(f"ram:{call.action}", _resource(account, kind, call))


def _resource(account: str, kind: str, call: "Call") -> str:
    params = {} if call.action in _LISTS else call.params
    if kind == "role":
        return f"acs:ram:*:{account}:role/{params.get('RoleName', '*').lower()}"
    of_cloud = call.action in _OF_A_TYPE and call.params.get("PolicyType") == "System"
    return f"acs:ram:*:{'system' if of_cloud else account}:policy/{params.get('PolicyName', '*')}"
