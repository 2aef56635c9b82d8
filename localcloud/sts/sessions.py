"""AssumeRole: who may take a role on, and the key that is lent for it.

https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole (read 2026-11).  How long the
key lasts goes by the wall clock, as signatures do.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.keys import Key
from localcloud.ram.conditions import Context
from localcloud.ram.evaluation import Need
from localcloud.ram.models import Role
from localcloud.ram.trust import Callers
from localcloud.sts import errors
from localcloud.texts import whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz123456789"
_ARN = re.compile(r"acs:ram::([0-9]+):role/([A-Za-z0-9.-]{1,64})")
_SESSION = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
#: SDK, AssumeRoleRequest, external_id (read 2026-11).
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
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
        for missing in ("Policy", "SourceIdentity"):
            if call.params.get(missing):
                raise errors.unsupported(missing)
        said, permits = _said(call), self._cloud.ram.permits
        need = Need("sts:AssumeRole", f"acs:ram::{self._cloud.account}:role/{role.name.lower()}", lambda: said)
        permits.demand(call, (need,), lambda _: errors.not_authorized())
        if not permits.trusts(role, self._callers(call), said):
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

    def _callers(self, call: "Call") -> Callers:
        """Who calls, as a trust policy may name it: the account, and the user or the role."""
        account = f"acs:ram::{self._cloud.account}"
        caller = f"{account}:user/{call.user}" if call.user else f"{account}:role/{call.role}"
        return frozenset({("RAM", f"{account}:root"), ("RAM", caller)})

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


def _said(call: "Call") -> Context:
    """What conditions may be about: the external id, which a role's trust may ask for."""
    given = call.params.get("ExternalId", "")
    if given and not _EXTERNAL_ID.fullmatch(given):
        raise errors.wrongly_formed("ExternalId")
    return {"sts:ExternalId": [given]} if given else {}
