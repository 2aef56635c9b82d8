"""Delivery as EventBridge and SMQ do it: at least once, in no order, tried again when the target cannot be reached."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import Literal

from localcloud.chance import stream
from localcloud.clock import Clock
from localcloud.faults import Faults

Strategy = Literal["BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY"]

#: Delays are drawn in steps, so that deliveries often meet in one moment and their invocations overlap.
_STEP = timedelta(milliseconds=200)
_STEPS = 6
_LATE = (timedelta(minutes=1), timedelta(minutes=15))


class Deliveries:
    """Brings messages to their targets: small seeded delays, faults on demand, documented retries."""

    def __init__(self, clock: Clock, faults: Faults, seed: int) -> None:
        self._clock = clock
        self._faults = faults
        self._draws = stream(seed, "deliveries")

    def send(
        self,
        deliver: Callable[[], bool],
        *,
        to: str,
        region: str,
        function: str | None = None,
        strategy: Strategy = "BACKOFF_RETRY",
        give_up: Callable[[], None] = lambda: None,
    ) -> None:
        """Call *deliver* soon, and again by *strategy* until it says True; then *give_up*.

        *to* names the topic, queue or function, for faults of the kinds deliver_twice, _late and _never.
        """
        where = {"action": to, "region": region, **({"function": function} if function else {})}
        if self._faults.strikes("deliver_never", **where):
            return
        copies = 2 if self._faults.strikes("deliver_twice", **where) else 1
        for _ in range(copies):
            wait = self._draws.randrange(_STEPS) * _STEP
            if self._faults.strikes("deliver_late", **where):
                wait += _between(self._draws, *_LATE)
            self._try(deliver, wait, self._waits(strategy), give_up)

    def _try(
        self, deliver: Callable[[], bool], wait: timedelta, waits: Iterator[timedelta], give_up: Callable[[], None]
    ) -> None:
        def attempt() -> None:
            if deliver():
                return
            again = next(waits, None)
            if again is None:
                give_up()
            else:
                self._try(deliver, again, waits, give_up)

        self._clock.after(wait, attempt)

    def _waits(self, strategy: Strategy) -> Iterator[timedelta]:
        """The waits between attempts.

        https://alibabacloud.com/help/en/eventbridge/user-guide/retry-and-dead-letter (read 2026-11)
        """
        if strategy == "BACKOFF_RETRY":
            for _ in range(3):
                yield timedelta(seconds=self._draws.randint(10, 20))
        else:
            for attempt in range(176):
                yield timedelta(seconds=min(2**attempt, 512))


def _between(draws: Random, least: timedelta, most: timedelta) -> timedelta:
    return least + timedelta(seconds=draws.randint(0, int((most - least).total_seconds())))
