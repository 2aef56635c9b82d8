"""When to look next at something that is awaited, so that its end is noticed soon and with few looks.

Pure. What earlier looks taught is a `Trail`: small, written as a hint beside the record, lost without harm. The worlds
that this is measured in, and the figures that it holds there, are in `bench/`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError

SOONEST = timedelta(seconds=1)
"""A delayed message is delayed by whole seconds, one at least."""

LATEST = timedelta(minutes=30)
"""No look is further away than this, however long the wait has been."""

SETTLED = timedelta(minutes=3)
"""How long a settling replication waits when it does not say so itself."""

_KEPT = 6
_LONG_AFTER = 10**8


class WaitKind(StrEnum):
    """What is awaited."""

    IMAGE = "image"
    COPY = "copy"
    INSTANCE = "instance"
    COMMAND = "command"
    SETTLING = "settling"
    REMOVAL = "removal"


class Mark(NamedTuple):
    """A percent, and the first and the last look that saw it, in seconds since the wait began."""

    percent: int
    first: int
    last: int


class Trail(BaseModel):
    """What the looks of one wait taught: at most seven marks, 400 bytes as JSON."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    marks: tuple[Mark, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The trail that was written as JSON; None for anything else, as a hint may be lost or be another version's."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return None


def glance(trail: Trail | None, now: datetime, progress: int | None, *, started: datetime) -> Trail:
    """The trail after a look at *now* that was shown *progress* (None: nothing shown)."""
    if trail is None or trail.since != started:
        trail = Trail(since=started)
    if progress is None:
        return trail
    return trail.model_copy(update={"marks": _marked(trail.marks, min(max(progress, 0), 100), _seconds(now - started))})


def _marked(marks: tuple[Mark, ...], percent: int, at: int) -> tuple[Mark, ...]:
    """Progress that went back began anew; a look older than the last one teaches nothing."""
    at = min(max(at, 0), _LONG_AFTER)
    if not marks or percent < marks[-1].percent:
        return (Mark(percent, at, at),)
    last = marks[-1]
    if at <= last.last:
        return marks
    if percent == last.percent:
        return (*marks[:-1], last._replace(last=at))
    grown = (*marks, Mark(percent, at, at))
    return grown if len(grown) <= _KEPT + 1 else (grown[0], *grown[-_KEPT:])


def next_look(trail: Trail, now: datetime, kind: WaitKind, *, not_before: datetime | None = None) -> datetime:
    """When to look again: a whole second, at least one second and at most `LATEST` away (but never *not_before*).

    Whoever sends a delayed message rounds its delay up. Moments are multiples of a step that grows with the delay, so
    that looks at several things in one region fall together: one look serves them all.
    """
    if kind is WaitKind.SETTLING:
        not_before = not_before or trail.since + SETTLED
    gap = _gap(trail, max(_seconds(now - trail.since), 0), kind)
    if not_before is not None and not_before > now:
        return max(_up(not_before), _up(now + SOONEST))
    return _shared(now, min(max(timedelta(seconds=gap), SOONEST), LATEST))


def _gap(trail: Trail, waited: int, kind: WaitKind) -> float:
    match kind:
        case WaitKind.IMAGE | WaitKind.COPY:
            return _running(trail.marks, waited)
        case WaitKind.INSTANCE:
            return max(10.0 - waited, 5.0, 0.1 * waited)
        case WaitKind.COMMAND:
            return max(3.0, 0.095 * waited)
        case WaitKind.SETTLING:
            return 30.0
        case WaitKind.REMOVAL:
            return max(5.0, 0.25 * waited)


# ---- nothing known: a share of the time waited


def _blind(waited: int) -> float:
    """Progress says nothing: a tenth of the time waited, so a twentieth in the mean.

    Around half an hour a twentieth at most.
    """
    if waited < 45:
        return 45.0 - waited
    if 1380 <= waited <= 2160:
        return 0.048 * waited
    return max(30.0, 0.098 * waited)


# ---- progress is known: the expected lag decides


class Sight(NamedTuple):
    """The true progress at a moment, with the variance of the percent."""

    at: float
    percent: float
    variance: float


class Chance(NamedTuple):
    """One way in which the wait may end, with its weight."""

    end: float
    weight: float


#: Of a normal distribution: nine equal parts and what lies outside.
_QUANTILES = (-2.2, -1.6, -1.1, -0.7, -0.35, 0.0, 0.35, 0.7, 1.1, 1.6, 2.2)
_WEIGHTS = (0.02, 0.06, 0.1, 0.14, 0.18, 0.18, 0.18, 0.14, 0.1, 0.06, 0.02)
_WINGS = ((0.36, 0.01), (0.5, 0.015), (0.7, 0.02), (1.4, 0.02), (1.9, 0.015), (2.7, 0.015))
_LINGERS = ((8.0, 0.04), (20.0, 0.04), (35.0, 0.04), (60.0, 0.03))
_DRIFT = 0.012
_LAG = 1.2
_FLOOR = 5.0


def _running(marks: tuple[Mark, ...], waited: int) -> float:
    blind = _blind(waited)
    if not marks or marks[-1].percent == 0:
        return blind
    far = max(600.0, waited / 4)
    chances = [chance for chance in _ends(marks, waited) if chance.end > waited]
    if not chances:
        return min(far, _overdue(marks, waited, blind))
    return min(far, max(_until_lag(chances, _LAG) - waited, _FLOOR))


def _overdue(marks: tuple[Mark, ...], waited: int, blind: float) -> float:
    """All that was expected has passed: the longer ago, the rarer."""
    over = waited - marks[-1].first
    return min(blind, max(_FLOOR, 0.12 * over))


def _until_lag(chances: list[Chance], lag: float) -> float:
    """The moment at which a look would be *lag* seconds late in the mean."""
    chances.sort()
    total = sum(chance.weight for chance in chances)
    weight = late = 0.0
    for index, (end, share) in enumerate(chances):
        weight += share / total
        late += share / total * end
        until = (lag + late) / weight
        if index + 1 == len(chances) or until <= chances[index + 1].end:
            return until
    raise AssertionError


def _ends(marks: tuple[Mark, ...], waited: int) -> Iterator[Chance]:
    sights = list(_sights(marks))
    last = sights[-1]
    rest = max(100.0 - last.percent, 0.0)
    rate, variance = _rate(sights, rest)
    spread = 1 + (variance + (last.variance / rest**2 if rest else 0)) ** 0.5
    needed = rest / rate
    percent = marks[-1].percent
    # the part of the rest that is done when the next percent shows; seen not to have come yet
    part = min((percent + 1 - last.percent) / rest, 1.0) if rest else 1.0
    for factor, weight in _factors(spread):
        if last.at + needed * factor * part > waited:
            yield Chance(last.at + needed * factor, weight)
    for linger, weight in _LINGERS:
        yield Chance(last.at + needed + linger, weight)


def _factors(spread: float) -> Iterator[tuple[float, float]]:
    for quantile, weight in zip(_QUANTILES, _WEIGHTS, strict=True):
        yield max(spread**quantile, 0.3), weight
    yield from _WINGS


def _sights(marks: tuple[Mark, ...]) -> Iterator[Sight]:
    """Where the progress was, at the moments at which it is known best: between two looks that saw it change."""
    first = marks[0]
    if first.percent == 0:
        yield Sight(first.last, 0.5, 0.08)
    else:
        yield Sight(0.0, 0.0, 0.05)
    if len(marks) == 1:
        yield Sight(first.first + 0.5, first.percent + 0.5, 0.08)
    for before, after in zip(marks, marks[1:], strict=False):
        jump = after.percent - before.percent
        width = min(jump / 12**0.5, 0.25) + 0.03 * (jump - 1)
        yield Sight((before.last + after.first) / 2, (before.percent + after.percent + 1) / 2, width**2)


def _rate(sights: list[Sight], rest: float) -> tuple[float, float]:
    """Percent a second, and the variance of its logarithm over the rest, from the baseline that tells most."""
    last = sights[-1]
    best: tuple[float, float] | None = None
    for sight in sights[:-1]:
        done, took = last.percent - sight.percent, max(last.at - sight.at, 1.0)
        if done <= 0:
            continue
        variance = (last.variance + sight.variance) / done**2 + min(_DRIFT * (done + rest) / 3, 0.12)
        if best is None or variance < best[1]:
            best = (done / took, variance)
    return best or (1 / max(last.at, 1.0), 0.25)


# ---- moments that several looks share


def _shared(now: datetime, gap: timedelta) -> datetime:
    """The last multiple of a fitting step that is not after now + gap, nor before the soonest moment."""
    step = next(step for step in (60, 30, 15, 10, 5, 2, 1) if step * 10 <= gap.total_seconds() or step == 1)
    then = int((now + gap).timestamp()) // step * step
    return max(datetime.fromtimestamp(then, now.tzinfo), _up(now + SOONEST))


def _up(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + SOONEST


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
