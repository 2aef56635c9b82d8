"""Who may do what: the policies of the role that calls, asked about each thing that its call needs.

The account's own key may do everything; a role has the rights of the policies that are attached to it, in their
default versions.  https://www.alibabacloud.com/help/en/ram/policy-evaluation-process (read 2026-11)
"""

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from localcloud.ram.conditions import Context
from localcloud.ram.evaluation import Decision, Need, Rights
from localcloud.ram.models import Role
from localcloud.ram.state import State
from localcloud.ram.trust import Callers, decide
from localcloud.wire import ApiError

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

#: Whoever calls an embedded cloud is on this machine.
_SOURCE_IP = "127.0.0.1"


class Permits:
    """What the account's roles may do."""

    def __init__(self, cloud: "Cloud", state: State) -> None:
        self._cloud = cloud
        self._state = state
        self._rights: dict[tuple[str, ...], Rights] = {}

    def demand(self, call: "Call", needs: Iterable[Need], refusal: Callable[[Need], ApiError]) -> None:
        """Raise the *refusal* of the first of its *needs* that the role or user which calls is not allowed."""
        if not call.role and not call.user:
            return
        for need in needs:
            if not (self.allows(call.role, need) if call.role else self._allows_user(call.user, need)):
                raise refusal(need)

    def allows(self, role: str, need: Need) -> bool:
        """Whether the policies of *role* allow *need*; one that is gone may do nothing."""
        found = self._state.find_role(role)
        return self._decide(tuple(self._state.document(name) for name in found.attached) if found else (), need)

    def trusts(self, role: Role, callers: Callers, said: Context) -> bool:
        """Whether the trust policy of *role* lets *callers* take it on, who say what conditions may be about."""
        return decide(role.trust, "sts:AssumeRole", callers, {**self._general(), **said}) is Decision.ALLOWED

    def _allows_user(self, user: str, need: Need) -> bool:
        policies = next(one.policies for one in self._cloud.world.users if one.name == user)
        return self._decide(tuple(json.dumps(policy) for policy in policies), need)

    def _decide(self, documents: tuple[str, ...], need: Need) -> bool:
        rights = self._rights.get(documents)
        if rights is None:
            rights = self._rights[documents] = Rights(documents)
        asked = Need(need.action, need.resource, lambda: {**self._general(), **need.context()})
        return rights.decide(asked) is Decision.ALLOWED

    def _general(self) -> Context:
        """What is so for each call."""
        return {"acs:CurrentTime": [self._cloud.clock.now.isoformat()], "acs:SourceIp": [_SOURCE_IP]}
