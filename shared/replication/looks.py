"""When to look next at something that is awaited, so that its end is noticed soon and with few looks.

Pure. What earlier looks taught is a `Trail`: small, written as a hint beside the record, lost without harm. The worlds
that this is measured in, and the figures that it holds there, are in `bench/`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError

SOONEST = timedelta(seconds=1)
"""A delayed message is delayed by whole seconds, one at least."""

LATEST = timedelta(minutes=60)
"""No look is further away than this, however long the wait has been."""

SETTLED = timedelta(minutes=3)
"""How long a settling replication waits when it does not say so itself."""

UNSETTLED = timedelta(seconds=30)
"""Between two looks after that."""

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
    looks: int = 0

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
    looks = min(trail.looks + 1, _LONG_AFTER)
    marks = trail.marks
    if progress is not None:
        marks = _marked(marks, min(max(progress, 0), 100), _seconds(now - started))
    return Trail(since=started, looks=looks, marks=marks)


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
    waited = max(_seconds(now - trail.since), 0)
    least = max(_up(now + SOONEST), _up(not_before or now))
    if kind is WaitKind.SETTLING:
        return max(least, _up(trail.since + SETTLED) if waited < SETTLED.total_seconds() else _up(now + UNSETTLED))
    gap = min(max(timedelta(seconds=_gap(trail, waited, kind)), SOONEST), LATEST)
    return max(least, _shared(now, gap))


def _gap(trail: Trail, waited: int, kind: WaitKind) -> float:
    match kind:
        case WaitKind.IMAGE | WaitKind.COPY:
            return _running(trail.marks, waited, trail.looks)
        case WaitKind.INSTANCE:
            return max(10.0 - waited, 5.0, 0.1 * waited)
        case WaitKind.COMMAND:
            return max(3.0, 0.095 * waited)
        case _:
            return max(5.0, 0.25 * waited)


# ---- nothing known: a share of the time waited


def _blind(waited: float) -> float:
    """Progress says nothing: a tenth of the time waited, so a twentieth in the mean.

    Around half an hour a twentieth at most.
    """
    if waited < 25:
        return 45.0 - waited
    if 1320 <= waited <= 2160:
        return 0.048 * waited
    return max(55.0, (0.15 if waited < 500 else 0.098 if waited < 2160 else 0.11) * waited)


# ---- progress is known: the expected lag decides


class Chance(NamedTuple):
    """One way in which the wait may end, with its weight."""

    end: float
    weight: float


_COARSE = tuple(1.2**step for step in range(-7, 8))
_FINE = tuple(step / 10 for step in range(11))
_WINGS = tuple((step + 0.5) / 8 for step in range(8))
_LINGERS = (-25.0, -15.0, -8.0, 4.0, 9.0, 15.0, 22.0, 30.0, 40.0, 55.0)
P = dict(
    near=0.35,
    lead=0.12,
    late=1.0,
    tol=0.07,
    drift=0.083,
    lag=1.0,
    lagl=0.0024,
    farlag=4.0,
    floor=3.1,
    floorl=0.04,
    change=0.055,
    base=0.05,
    maxchange=0.23,
    linger=0.086,
    over=0.18,
    far=2.5,
    snap=0.72,
    many=28,
    trend=0.6,
    least=5,
)


def _running(marks: tuple[Mark, ...], waited: int, looks: int) -> float:
    blind = _blind(waited)
    if not marks or marks[-1].percent == 0:
        return blind
    far = max(600.0, waited / P["far"])
    if len(marks) == 2 and marks[0].percent == 0 and marks[1].percent > 1:
        far = blind
    rate = rate0 = _guess(marks)
    floor = (P["floor"] + P["floorl"] / rate) * (1 + min((max(looks - P["many"], 0) / 10) ** 2, 3.0))
    chances, rate, position = _ends(marks, waited, rate)
    if not chances:
        return min(far, max(floor, _overdue(marks, waited, P["late"] / rate0 if marks[-1].percent < 100 else 0)))
    gap = _until_lag(chances, P["lag"] + P["lagl"] / rate * (P["farlag"] if marks[-1].percent < 96 else 1)) - waited
    if position:
        # a look when a percent is due to change tells most
        ahead = position + rate * gap
        if int(ahead) > position and int(ahead) < 100:
            due = (int(ahead) - position) / rate
            if due > P["snap"] * gap:
                gap = due
    if marks[-1].percent == 98:
        gap = min(gap, max(P["near"] / rate, 12))
    return min(far, max(gap, floor, _overdue(marks, waited, P["late"] / rate0)))


def _overdue(marks: tuple[Mark, ...], waited: int, grace: float) -> float:
    """All that was expected has passed: the longer ago, the rarer."""
    over = waited - marks[-1].first
    most = 0.048 * waited if 1320 <= over <= 2160 else max(55.0, 0.098 * waited)
    return min(most, P["over"] * (over - grace))


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


def _guess(marks: tuple[Mark, ...]) -> float:
    """A first guess at the rate, in percent a second."""
    last = marks[-1]
    for mark in reversed(marks[:-1]):
        if last.percent > mark.percent + 1:
            return (last.percent - mark.percent) / max(last.first - mark.last, 1)
    if len(marks) > 1:
        return 1 / max(last.first - (marks[-2].first + marks[-2].last) / 2, 1)
    return (last.percent + 0.5) / max(last.first, 1)


def _trend(marks: tuple[Mark, ...]) -> float:
    """By what part of itself the rate was higher a percent ago."""
    last = marks[-1]
    for middle in reversed(marks[:-1]):
        if last.percent - middle.percent >= P["least"]:
            break
    else:
        return 0.0
    for first in reversed(marks):
        if middle.percent - first.percent >= P["least"]:
            break
    else:
        return 0.0
    late = (last.percent - middle.percent) / (last.first - middle.first)
    early = (middle.percent - first.percent) / (middle.first - first.first)
    trend = (early / late - 1) / ((last.percent - first.percent) / 2)
    return P["trend"] * max(min(trend, 0.15), -0.05)


def _where(marks: tuple[Mark, ...], waited: int, rate: float, trend: float) -> tuple[float, float]:
    """Between which percents it is now, if it ran at about *rate*."""
    low, high = 0.0, 100.0
    for mark in marks:
        if mark.percent:
            ran = rate * (waited - mark.first)
            low = max(low, mark.percent + ran * (1 + trend * min(ran, 10) / 2) - P["tol"] * ran**1.5)
        ran = rate * (waited - mark.last)
        high = min(high, mark.percent + 1 + ran * (1 + trend * min(ran, 10) / 2) + P["tol"] * ran**1.5)
    return low, high


def _ends(marks: tuple[Mark, ...], waited: int, guess: float) -> tuple[list[Chance], float, float | None]:
    if marks[0].percent:
        marks = (Mark(0, 0, 0), *marks)
    last = marks[-1]
    trend = _trend(marks)
    if last.percent == 100:
        return [], guess, None
    known = marks
    rates: list[float] = []
    while True:
        rates = [guess * factor for factor in _COARSE if _feasible(known, waited, guess * factor, trend)]
        if rates or len(known) <= 2:
            break
        known = known[1:]
    chances: list[Chance] = []
    rate, position = guess, None
    bounds = _bounds(marks, waited, guess)
    change = min(P["base"] + P["change"] * (100 - last.percent), P["maxchange"])
    if rates:
        slow, fast = rates[0] / 1.2, rates[-1] * 1.2
        found = []
        for part in _FINE:
            one = slow * (fast / slow) ** part
            low, high = _where(known, waited, one, trend)
            if high > low:
                found.append((high - low, one, (low + high) / 2))
                _add(chances, waited, one, low, high, high - low, trend)
        if found:
            total = sum(w for w, _, _ in found)
            rate = sum(w * r for w, r, _ in found) / total
            position = sum(w * x for w, _, x in found) / total
            chances = [Chance(end, weight / total * (1 - change)) for end, weight in chances]
            mean = waited + (100 - position) / rate
            if last.percent >= 98:
                for part in (0.1, 0.3, 0.5, 0.7, 0.9):
                    chances.append(Chance(waited + part * (mean - waited), P["lead"] / 5))
            for linger in _LINGERS:
                if mean + linger > waited:
                    chances.append(Chance(mean + linger, P["linger"] / len(_LINGERS)))
    wide: list[Chance] = []
    total = 0.0
    for wing in _WINGS:
        one = bounds[0] * (bounds[1] / bounds[0]) ** wing
        low, high = _where(marks[-1:], waited, one, 0.0)
        if high > low:
            _add(wide, waited, one, low, high, high - low, 0.0)
            total += high - low
    chances += [Chance(end, weight / len(_WINGS) * change) for end, weight in wide]
    return chances, rate, position


def _feasible(marks: tuple[Mark, ...], waited: int, rate: float, trend: float) -> bool:
    low, high = _where(marks, waited, rate, trend)
    return low < high


def _add(chances: list[Chance], waited: int, rate: float, low: float, high: float, weight: float, trend: float) -> None:
    for part in (1 / 6, 1 / 2, 5 / 6):
        rest = 100 - low - part * (high - low)
        drift = min(P["drift"] * rest**0.5, 0.4)
        for factor in (1 - drift, 1.0, 1 + drift):
            chances.append(Chance(waited + rest / rate * factor * (1 + trend * min(rest, 10) / 2), weight / 9))


def _bounds(marks: tuple[Mark, ...], waited: int, rate: float) -> tuple[float, float]:
    """Slowest and fastest rate that are possible, when the rate varies threefold at most."""
    fastest = slowest = rate
    for before, after in zip(marks, marks[1:], strict=False):
        done = after.percent - before.percent
        if done >= 4:
            fastest = max(fastest, (done - 1) / max(after.first - before.last, 1))
            if before.percent:
                slowest = min(slowest, (done + 1) / max(after.first - before.last, 1))
    return max(min(fastest / 3, rate), rate / 3), min(max(3 * slowest, rate), rate * 3)


# ---- moments that several looks share


def _shared(now: datetime, gap: timedelta) -> datetime:
    """The last multiple of a fitting step that is not after now + gap."""
    step = next(step for step in (60, 30, 15, 10, 5, 2, 1) if step * 10 <= gap.total_seconds() or step == 1)
    then = int((now + gap).timestamp()) // step * step
    return datetime.fromtimestamp(then, now.tzinfo)


def _up(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + SOONEST


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
