"""The actions of RAM, version 2015-05-01: roles, custom policies, and attaching them.

https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-overview (read 2026-11)
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localcloud.ram import errors
from localcloud.ram.parameters import Answer
from localcloud.ram.policies import Policies
from localcloud.ram.roles import Roles
from localcloud.ram.state import State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call


class Ram:
    """RAM of the account: it has no regions."""

    def __init__(self, cloud: "Cloud") -> None:
        self.state = State()
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

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        action = self.actions.get(call.action)
        if action is None:
            raise errors.action_not_found(call.action)
        return action(call)
