"""The actions of STS: GetCallerIdentity.

https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity (read 2026-11)
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localcloud.sts import errors

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]
#: The role that FC's console gives a function that is given none.
_DEFAULT_ROLE = "aliyunfcdefaultrole"


class Sts:
    """STS of the account."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        #: Every action that is here, by its name.
        self.actions: Mapping[str, Callable[[Call], Answer]] = {"GetCallerIdentity": self._identity}

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        action = self.actions.get(call.action)
        if action is None:
            raise errors.action_not_found(call.action)
        return action(call)

    def _identity(self, call: "Call") -> Answer:
        return self._role(call) if call.token else self._account()

    def _account(self) -> Answer:
        """The account itself: the key of a world is its own."""
        account = self._cloud.account
        return {
            "IdentityType": "Account",
            "AccountId": account,
            "UserId": account,
            "PrincipalId": account,
            "Arn": f"acs:ram::{account}:root",
        }

    def _role(self, call: "Call") -> Answer:
        """A function, with the keys that it was given; the session is named after it.

        Function Compute's own name for that session is not documented.
        """
        account, function = self._cloud.account, call.function or ""
        name = self._cloud.fc.role_of(function).rpartition("/")[2] or _DEFAULT_ROLE
        role = self._cloud.ram.state.find_role(name)
        role_id = role.id if role else ""
        return {
            "IdentityType": "AssumedRoleUser",
            "AccountId": account,
            "RoleId": role_id,
            "PrincipalId": f"{role_id}:{function}",
            "Arn": f"acs:ram::{account}:assumed-role/{name.lower()}/{function}",
        }
