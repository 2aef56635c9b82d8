"""The actions of RAM, version 2015-05-01: roles, custom policies, and attaching them.

https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-overview (read 2026-11)
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localcloud.door import Call
from localcloud.ram import errors
from localcloud.ram.needs import needs
from localcloud.ram.parameters import Answer
from localcloud.ram.permits import Permits
from localcloud.ram.policies import Policies
from localcloud.ram.roles import Roles
from localcloud.ram.state import State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud


class Ram:
    """RAM of the account: it has no regions."""

    def __init__(self, cloud: "Cloud") -> None:
        self._account = cloud.account
        self._clock = cloud.clock
        self.state = State()
        self.permits = Permits(cloud, self.state)
        roles, policies = Roles(cloud, self.state), Policies(cloud, self.state)
        #: Every action that is here, by its name.
        self.actions: Mapping[str, Callable[[Call], Answer]] = {
            "CreateRole": roles.create,
            "GetRole": roles.get,
            "ListRoles": roles.list,
            "UpdateRole": roles.update,
            "DeleteRole": roles.delete,
            "AttachPolicyToRole": roles.attach,
            "DetachPolicyFromRole": roles.detach,
            "ListPoliciesForRole": roles.policies_of,
            "ListEntitiesForPolicy": roles.entities_of,
            "CreatePolicy": policies.create,
            "GetPolicy": policies.get,
            "ListPolicies": policies.list,
            "DeletePolicy": policies.delete,
            "CreatePolicyVersion": policies.create_version,
            "GetPolicyVersion": policies.get_version,
            "ListPolicyVersions": policies.list_versions,
            "DeletePolicyVersion": policies.delete_version,
            "SetDefaultPolicyVersion": policies.set_default,
        }

    def hold(self, role: str, trust: str, document: str) -> None:
        """Put a role into the account that may do what *document* says, without a call: as a world's things are."""
        for action, params in (
            ("CreateRole", {"RoleName": role, "AssumeRolePolicyDocument": trust}),
            ("CreatePolicy", {"PolicyName": role, "PolicyDocument": document}),
            ("AttachPolicyToRole", {"RoleName": role, "PolicyName": role, "PolicyType": "Custom"}),
        ):
            self.actions[action](Call(self._clock.now, "ram", action, "", params, access_key=""))

    def role_at(self, arn: str) -> str:
        """The name of the account's role with this resource name; empty when there is none."""
        name = arn.removeprefix(f"acs:ram::{self._account}:role/")
        return name if name != arn and self.state.find_role(name) else ""

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        action = self.actions.get(call.action)
        if action is None:
            raise errors.action_not_found(call.action)
        self.permits.demand(call, needs(self._account, call), lambda _: errors.forbidden())
        return action(call)
