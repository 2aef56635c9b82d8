"""Client tokens: the same call again is answered with what the first one did."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.parameters import essence

if TYPE_CHECKING:
    from localcloud.cloud import Call, Cloud

_SHORTEST = timedelta(minutes=10)
_LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class _Answered:
    essence: bytes
    answer: dict[str, object]
    until: datetime


class ClientTokens:
    """The tokens of one cloud.

    How long a token lives is documented nowhere, so by seed it lives from 10 minutes to 24 hours; after that the same
    call is a new one.  Only a call that succeeded is remembered.
    https://www.alibabacloud.com/help/en/ecs/developer-reference/how-to-ensure-idempotence (read 2026-11)
    """

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._answered: dict[tuple[str, str, str], _Answered] = {}

    def once(self, call: "Call", act: Callable[[], dict[str, object]], reused: errors.Refusal) -> dict[str, object]:
        """The answer of *act*, done at most once while the call's token lives."""
        token = call.params.get("ClientToken", "")
        if not token or "client_tokens" in self._cloud.world.breaks:
            return act()
        if len(token) > 64 or not token.isascii():
            raise errors.TOKEN_INVALID.error()
        key = (call.region, call.action, token)
        known = self._answered.get(key)
        if known and known.until > self._cloud.clock.now:
            if known.essence != essence(call.params):
                raise reused.error()
            return known.answer
        answer = act()
        self._answered[key] = _Answered(essence(call.params), answer, self._cloud.clock.now + self._life(key))
        return answer

    def _life(self, key: tuple[str, str, str]) -> timedelta:
        if self._cloud.world.token_life is not None:
            return timedelta(seconds=self._cloud.world.token_life)
        draws = stream(self._cloud.seed, "token", *key)
        low, high = math.log(_SHORTEST.total_seconds()), math.log(_LONGEST.total_seconds())
        return timedelta(seconds=math.exp(draws.uniform(low, high)))
