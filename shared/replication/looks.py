"""When to look next at something that is awaited, so that its end is noticed soon and with few looks.

Pure. What earlier looks taught is a `Trail`: small, written as a hint beside the record, lost without harm. The worlds
that this is measured in, and the figures that it holds there, are in `bench/`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.replication.forecast import Mark, Marks, gap_to_look, percent_time

SOONEST = timedelta(seconds=1)
"""A delayed message is delayed by whole seconds, one at least."""

LATEST = timedelta(hours=1)
"""No look is further away than this, however long the wait has been; for the first 22 minutes, than ten minutes."""

SETTLED = timedelta(minutes=3)
"""How long a settling replication waits when it does not say so itself."""

UNSETTLED = timedelta(seconds=30)
"""Between two looks after that."""

_KEPT = 6
_MOST = 10**8
"""No count and no number of seconds in a trail is greater: its size is bounded."""


class WaitKind(StrEnum):
    """What is awaited."""

    IMAGE = "image"
    COPY = "copy"
    INSTANCE = "instance"
    COMMAND = "command"
    SETTLING = "settling"
    REMOVAL = "removal"


class Trail(BaseModel):
    """What the looks of one wait taught: the first and the last six percents that were seen; 400 bytes as JSON."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    looks: int = 0
    marks: Marks = ()

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The trail that was written as JSON; None for anything else: a hint may be lost, or be another release's."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return None


def glance(trail: Trail | None, now: datetime, progress: int | None, *, started: datetime) -> Trail:
    """The trail after a look at *now* that was shown *progress* (None: nothing is shown)."""
    if trail is None or trail.since != started:
        trail = Trail(since=started)
    marks = trail.marks
    if progress is not None:
        marks = _marked(marks, min(max(progress, 0), 100), min(_seconds(now - started), _MOST))
    return Trail(since=started, looks=min(trail.looks + 1, _MOST), marks=marks)


def _marked(marks: Marks, percent: int, at: int) -> Marks:
    """A look older than the last one teaches nothing; progress that went back began anew."""
    if marks and at <= marks[-1].last:
        return marks
    if not marks or percent < marks[-1].percent:
        return (Mark(percent, at, at),)
    if percent == marks[-1].percent:
        return (*marks[:-1], marks[-1]._replace(last=at))
    grown = (*marks, Mark(percent, at, at))
    return grown if len(grown) <= _KEPT + 1 else (grown[0], *grown[-_KEPT:])


def next_look(trail: Trail, now: datetime, kind: WaitKind, *, not_before: datetime | None = None) -> datetime:
    """When to look again: at a whole second, not before *not_before*, else between `SOONEST` and `LATEST` from now.

    Whoever sends a delayed message rounds its delay up. Moments are multiples of a step that grows with the delay, so
    that looks at several things in one region fall together: one look serves them all.
    """
    waited = _seconds(now - trail.since)
    least = max(_up(now + SOONEST), _up(not_before or now))
    if kind is WaitKind.SETTLING:
        return max(least, min(_up(trail.since + SETTLED), _up(now + SETTLED)) if waited < 180 else _up(now + UNSETTLED))
    return max(least, _together(now, min(max(timedelta(seconds=_gap(trail, waited, kind)), SOONEST), LATEST)))


def _gap(trail: Trail, waited: int, kind: WaitKind) -> float:
    match kind:
        case WaitKind.IMAGE | WaitKind.COPY:
            return _running(trail, waited)
        case WaitKind.INSTANCE:
            return max(10.0 - waited, 5.0, 0.1 * waited)
        case WaitKind.COMMAND:
            return max(3.0, 0.095 * waited)
        case _:
            return max(5.0, 0.25 * waited)


def _running(trail: Trail, waited: int) -> float:
    """Seconds until a look at something that shows its progress."""
    marks = trail.marks
    if not marks or marks[-1].percent == 0:
        return _blind(waited)
    one = percent_time(marks)
    gap = gap_to_look(marks, waited) if marks[-1].percent < 100 else None
    over = waited - marks[-1].first - (one if marks[-1].percent < 100 else 0)
    return min(_far(marks, waited), max(gap or 0.0, _floor(one, trail.looks), _overdue(marks, waited, over)))


def _blind(waited: int) -> float:
    """Progress says nothing: about a tenth of the time waited, so a twentieth in the mean.

    Near half an hour a twentieth at most; more in the first eight minutes, which a working meter makes up for.
    """
    if waited < 25:
        return 45.0 - waited
    if 1320 <= waited <= 2160:
        return 0.048 * waited
    return max(70.0, (0.2 if waited < 480 else 0.098 if waited < 2160 else 0.11) * waited)


def _overdue(marks: Marks, waited: int, over: float) -> float:
    """The end should have come *over* seconds ago: the longer ago, the rarer; near half an hour a twentieth."""
    near_half_an_hour = 1320 <= waited - marks[-1].first <= 2160
    return min(0.18 * over, 0.048 * waited if near_half_an_hour else max(55.0, 0.098 * waited))


def _floor(one: float, looks: int) -> float:
    """The shortest gap: longer when a percent takes long, and when there were many looks."""
    return (3.1 + 0.04 * one) * (1 + min((max(looks - 27, 0) / 12) ** 2, 3.0))


def _far(marks: Marks, waited: int) -> float:
    """The longest gap: a failure shows in no progress."""
    just_began = len(marks) == 2 and marks[0].percent == 0 and marks[1].percent > 1
    return _blind(waited) if just_began else max(600.0, waited / 2.2)


def _together(now: datetime, gap: timedelta) -> datetime:
    """The last multiple of a fitting step that is not after now + gap."""
    step = next(step for step in (60, 30, 15, 10, 5, 2, 1) if step * 10 <= gap.total_seconds() or step == 1)
    return datetime.fromtimestamp(int((now + gap).timestamp()) // step * step, now.tzinfo)


def _up(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + SOONEST


def _seconds(span: timedelta) -> int:
    return max(int(span.total_seconds()), 0)
