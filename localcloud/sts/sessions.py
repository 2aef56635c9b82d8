"""AssumeRole: who may take a role on, and the key that is lent for it.

https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole (read 2026-11).  How long the
key lasts goes by the wall clock, as signatures do.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.keys import Key
from localcloud.ram.evaluation import Need
from localcloud.ram.models import Role
from localcloud.sts import errors
from localcloud.texts import whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz123456789"
_ARN = re.compile(r"acs:ram::([0-9]+):role/([A-Za-z0-9.-]{1,64})")
_SESSION = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
_SHORTEST = 900


class Sessions:
    """The roles that were taken on."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._lent = 0

    def assume(self, call: "Call") -> Answer:
        """AssumeRole, by a user or by another role that may; never by the account's own key."""
        if not call.user and not call.role:
            raise errors.root_can_not()
        role, name = self._role(call), call.params.get("RoleSessionName", "")
        if not _SESSION.fullmatch(name):
            raise errors.wrongly_formed("RoleSessionName")
        lasts = self._lasts(call, role)
        if call.params.get("Policy"):
            raise errors.no_session_policy()
        arn = f"acs:ram::{self._cloud.account}:role/{role.name.lower()}"
        self._cloud.ram.permits.demand(call, (Need("sts:AssumeRole", arn),), lambda _: errors.not_authorized())
        if not self._trusts(role, call):
            raise errors.not_authorized()
        return self._lend(role, name, lasts)

    def _role(self, call: "Call") -> Role:
        found = _ARN.fullmatch(call.params.get("RoleArn", ""))
        if found is None:
            raise errors.wrongly_formed("RoleArn")
        role = self._cloud.ram.state.find_role(found[2]) if found[1] == self._cloud.account else None
        if role is None:
            raise errors.role_not_exist()
        return role

    def _lasts(self, call: "Call", role: Role) -> timedelta:
        text = call.params.get("DurationSeconds") or str(min(3600, role.session))
        seconds = whole(text, _SHORTEST, role.session)
        if seconds is None:
            raise errors.bad_duration()
        return timedelta(seconds=seconds)

    def _trusts(self, role: Role, call: "Call") -> bool:
        """Whether the role's trust policy names who calls: the account, the user, or the role."""
        account = f"acs:ram::{self._cloud.account}"
        caller = f"{account}:user/{call.user}" if call.user else f"{account}:role/{call.role}"
        named = (f"{account}:root", caller)
        principals = [
            one
            for statement in json.loads(role.trust)["Statement"]
            if statement["Effect"] == "Allow"
            for one in _listed(statement.get("Principal", {}), "RAM")
        ]
        return any(one.lower() == wanted.lower() for one in principals for wanted in named)

    def _lend(self, role: Role, name: str, lasts: timedelta) -> Answer:
        self._lent += 1
        draws = stream(self._cloud.seed, "lent", self._lent)
        id_, secret, token = (
            start + "".join(draws.choices(_LETTERS, k=length))
            for start, length in (("STS.", 24), ("", 44), ("CAIS", 60))
        )
        until = datetime.now(UTC) + lasts
        self._cloud.keys.lend(token, Key(id_, secret, role=role.name, session=name, until=until))
        return {
            "AssumedRoleUser": {
                "Arn": f"acs:ram::{self._cloud.account}:role/{role.name}/{name}",
                "AssumedRoleId": f"{role.id}:{name}",
            },
            "Credentials": {
                "AccessKeyId": id_,
                "AccessKeySecret": secret,
                "SecurityToken": token,
                "Expiration": f"{until:%Y-%m-%dT%H:%M:%SZ}",
            },
        }


def _listed(principal: Mapping[str, object], kind: str) -> list[str]:
    found = principal.get(kind, [])
    return [found] if isinstance(found, str) else [str(one) for one in found] if isinstance(found, list) else []
