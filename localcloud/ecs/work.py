"""How long the cloud takes, and how far it is: models with a seed, as the cloud publishes no figures."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Pieces of equal time that a work is cut into; each has a pace of its own.
_PIECES = 20


@dataclass(frozen=True)
class Work:
    """A piece of work under way: it ends after `took`, or stands still for ever at a part of it."""

    begun: datetime
    took: timedelta
    paces: tuple[float, ...]
    halts_at: float = 1.0

    @property
    def ends(self) -> datetime:
        """When it is finished, unless it stands still."""
        return self.begun + self.took

    def percent(self, now: datetime) -> int:
        """How far it is, in whole percent; 100 only when it is finished."""
        if now >= self.ends and self.halts_at == 1.0:
            return 100
        return min(99, int(100 * min(self._done(now), self.halts_at)))

    def remaining(self, now: datetime) -> int:
        """The seconds that are left, as the cloud reckons."""
        return max(0, int((1 - min(self._done(now), self.halts_at)) * self.took.total_seconds()))

    def _done(self, now: datetime) -> float:
        passed = min(1.0, max(0.0, (now - self.begun) / self.took)) * len(self.paces)
        whole = int(passed)
        part = (passed - whole) * self.paces[whole] if whole < len(self.paces) else 0.0
        return (sum(self.paces[:whole]) + part) / sum(self.paces)


def work(begun: datetime, took: timedelta, draws: random.Random, *, halts_at: float = 1.0) -> Work:
    """A work of this length; its pace varies threefold over time."""
    return Work(begun, took, tuple(draws.uniform(1, 3) for _ in range(_PIECES)), halts_at)


def imaging_takes(gib: int, draws: random.Random) -> timedelta:
    """How long an image of so many GiB takes: 3 to 8 minutes for 40 GiB ("typically 3-10 min")."""
    return timedelta(seconds=60 + gib * draws.uniform(3.0, 10.5))


def snapshot_takes(gib: int, draws: random.Random) -> timedelta:
    """How long a snapshot of so many GiB takes, when it is taken by itself."""
    return timedelta(seconds=20 + gib * draws.uniform(1.0, 3.0))


def copying_takes(gib: int, draws: random.Random) -> timedelta:
    """How long the copy of so many GiB to another region takes: 12 to 35 minutes for 40 GiB."""
    return timedelta(seconds=240 + gib * draws.uniform(12.0, 45.0))


def seconds(draws: random.Random, low: float, high: float) -> timedelta:
    """A span drawn between two numbers of seconds, to the millisecond."""
    return timedelta(milliseconds=round(1000 * draws.uniform(low, high)))
