"""The actions of STS: AssumeRole, GetCallerIdentity.

https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity (read 2026-11)
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localcloud.sts import errors
from localcloud.sts.sessions import Sessions

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
        self.actions: Mapping[str, Callable[[Call], Answer]] = {
            "AssumeRole": Sessions(cloud).assume,
            "GetCallerIdentity": self._identity,
        }

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        action = self.actions.get(call.action)
        if action is None:
            raise errors.action_not_found(call.action)
        return action(call)

    def _identity(self, call: "Call") -> Answer:
        """GetCallerIdentity: the account, a user, or a role that was taken on."""
        if call.user:
            return self._user(call.user)
        return self._role(call) if call.token else self._account()

    def _user(self, name: str) -> Answer:
        account = self._cloud.account
        number = str(1 + int.from_bytes(name.encode(), "big") % 10**17).zfill(18)
        return {
            "IdentityType": "RAMUser",
            "AccountId": account,
            "UserId": number,
            "PrincipalId": number,
            "Arn": f"acs:ram::{account}:user/{name}",
        }

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
        """A role in a session; a function's session is named after it.

        Function Compute's own name for that session is not documented.
        """
        account, function = self._cloud.account, call.function or call.session
        name = call.role or self._cloud.fc.role_of(function).rpartition("/")[2] or _DEFAULT_ROLE
        role = self._cloud.ram.state.find_role(name)
        role_id = role.id if role else ""
        return {
            "IdentityType": "AssumedRoleUser",
            "AccountId": account,
            "RoleId": role_id,
            "PrincipalId": f"{role_id}:{function}",
            "Arn": f"acs:ram::{account}:assumed-role/{name.lower()}/{function}",
        }
