"""Virtual time: it stands still while anything can run, and jumps to the next thing that was planned."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

#: Every world begins at this moment, so that one seed gives one history, to the byte.
BEGINNING = datetime(2026, 1, 5, 2, 0, 0, tzinfo=UTC)


class Clock:
    """A virtual clock and what is planned on it; moments are UTC."""

    def __init__(self, start: datetime = BEGINNING) -> None:
        self.start = start
        self._now = start
        self._planned: list[tuple[datetime, int, Callable[[], None]]] = []
        self._count = 0

    @property
    def now(self) -> datetime:
        """The virtual moment."""
        return self._now

    def at(self, when: datetime, act: Callable[[], None]) -> None:
        """Plan *act* for *when*; of two for one moment, the one planned first goes first."""
        heapq.heappush(self._planned, (when, self._count, act))
        self._count += 1

    def after(self, delay: timedelta, act: Callable[[], None]) -> None:
        """Plan *act* for *delay* from now."""
        self.at(self._now + delay, act)

    def next_at(self) -> datetime | None:
        """When the next planned thing happens, or None when nothing is planned."""
        return self._planned[0][0] if self._planned else None

    def step(self) -> None:
        """Move to the next planned thing and do it."""
        when, _, act = heapq.heappop(self._planned)
        self._now = max(self._now, when)
        act()

    def spend(self, amount: timedelta) -> None:
        """Let *amount* pass at once: a call that timed out took its time."""
        self._now += amount
