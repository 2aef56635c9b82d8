"""When a thing that shows its progress may be ready, and when to look so that this is noticed soon.  Pure.

A percent is a whole one, rounded down, and its rate varies: each rate that would explain what was seen is a chance, at
each place where the progress could then be; beside them, that the rate has just changed, and that it is ready a little
before or after all is done. A look is due when the lag to be expected has reached a bound. The numbers were fitted in
the worlds of `bench/worlds.py`, mostly on other seeds than the bench reports.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple


class Mark(NamedTuple):
    """A percent, and the first and the last look that saw it, in seconds since the wait began."""

    percent: int
    first: int
    last: int


Marks = tuple[Mark, ...]


class Chance(NamedTuple):
    """One way in which the wait may end: when, and its weight."""

    end: float
    weight: float


class Run(NamedTuple):
    """One way in which it may run now: percent a second, and between which percents it is."""

    rate: float
    low: float
    high: float

    @property
    def weight(self) -> float:
        return self.high - self.low

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


_BEGINNING = Mark(0, 0, 0)
_STEP = 1.2
_COARSE = tuple(_STEP**step for step in range(-7, 8))
_FINE = tuple(step / 10 for step in range(11))
_EIGHTHS = tuple((step + 0.5) / 8 for step in range(8))

_BLUR = 0.07
"""Percents by which a drifting rate blurs a place one percent later; it grows with the distance to the power 1.5."""
_DRIFT = 0.083
"""By what part the rate drifts over one percent; it grows with the root of the distance."""
_TREND = (5, 0.6, -0.05, 0.15)
"""A trend is read over so many percents, believed by this part, and held between these bounds."""
_CHANGE = (0.05, 0.055, 0.23)
"""The chance of a sudden change: at the end, more for each percent to go, at most."""
_LINGERS, _LINGER_WEIGHT = (-25.0, -15.0, -8.0, 4.0, 9.0, 15.0, 22.0, 30.0, 40.0, 55.0), 0.1
_EARLY, _EARLY_WEIGHT = (0.1, 0.3, 0.5, 0.7, 0.9), 0.12
_NEAR = 98
"""From here on it may be ready at any moment."""

_LAG, _LAG_OF_PERCENT, _FAR_LAG = 1.0, 0.0024, 14.0
"""The bound on the lag: seconds, a part of the time of a percent, and how much more of that before 96 %."""
_SNAP = 0.72
"""A look is moved to when a percent changes, if its gap keeps this part."""
_NEAR_LOOK = 0.42
"""At 98 %, no gap longer than this part of a percent: how well 99 % is placed decides how many looks the end takes."""


def percent_time(marks: Marks) -> float:
    """Roughly how many seconds a percent takes; *marks* end above 0 %."""
    last = marks[-1]
    for mark in reversed(marks[:-1]):
        if last.percent > mark.percent + 1:
            return max(last.first - mark.last, 1) / (last.percent - mark.percent)
    if len(marks) > 1:
        before = marks[-2]
        return max(last.first - (before.first + before.last) / 2, 1)
    return max(last.first, 1) / (last.percent + 0.5)


def gap_to_look(marks: Marks, waited: int) -> float | None:
    """Seconds until a look is due; None when the end should have come. *marks* end between 1 and 99 %."""
    one = percent_time(marks)
    if marks[0].percent:
        marks = (_BEGINNING, *marks)
    runs = list(_runs(marks, waited, 1 / one))
    chances = [*_expected(runs, marks, waited), *_changed(marks, waited, 1 / one)]
    if not chances:
        return None
    if runs:
        one = sum(run.weight for run in runs) / sum(run.weight * run.rate for run in runs)
    percent = marks[-1].percent
    lag = _LAG + _LAG_OF_PERCENT * one * (_FAR_LAG if percent < 96 else 1)
    gap = _until_lag(chances, lag) - waited
    if runs:
        gap = _snapped(gap, sum(run.weight * run.middle for run in runs) / sum(run.weight for run in runs), one)
    return min(gap, max(_NEAR_LOOK * one, 12)) if percent == _NEAR else gap


def _snapped(gap: float, position: float, one: float) -> float:
    """A look at the moment when a percent is due to change tells most: a little sooner, if there is such a moment."""
    ahead = int(position + gap / one)
    due = (ahead - position) * one
    return due if position < ahead < 100 and due > _SNAP * gap else gap


def _until_lag(chances: list[Chance], lag: float) -> float:
    """The moment at which a look would be *lag* seconds late in the mean."""
    chances = sorted(chances)
    bound = lag * sum(chance.weight for chance in chances)
    weight = late = 0.0
    until = chances[0].end
    for index, chance in enumerate(chances):
        weight += chance.weight
        late += chance.weight * chance.end
        until = (bound + late) / weight
        if index + 1 == len(chances) or until <= chances[index + 1].end:
            break
    return until


def _runs(marks: Marks, waited: int, guess: float) -> Iterator[Run]:
    """The ways to run that explain the marks; when none explains them all, the oldest are forgotten."""
    trend = _trend(marks)
    while True:
        rates = [guess * part for part in _COARSE if _run(marks, waited, guess * part, trend)]
        if rates or len(marks) <= 2:
            break
        marks = marks[1:]
    if not rates:
        return
    slow, fast = rates[0] / _STEP, rates[-1] * _STEP
    for part in _FINE:
        run = _run(marks, waited, slow * (fast / slow) ** part, trend)
        if run:
            yield run


def _run(marks: Marks, waited: int, rate: float, trend: float) -> Run | None:
    """Where it is now, if it runs at about *rate*; None if that does not agree with the marks."""
    low, high = 0.0, 100.0
    for mark in marks:
        if mark.percent:  # it may have begun to run at any moment after 0 % was seen
            ran = rate * max(waited - mark.first, 0)
            low = max(low, mark.percent + ran * _bend(trend, ran) - _BLUR * ran**1.5)
        ran = rate * max(waited - mark.last, 0)
        high = min(high, mark.percent + 1 + ran * _bend(trend, ran) + _BLUR * ran**1.5)
    return Run(rate, low, high) if low < high else None


def _bend(trend: float, percents: float) -> float:
    return 1 + trend * min(percents, 10) / 2


def _trend(marks: Marks) -> float:
    """By what part of itself the rate was higher a percent ago."""
    least, belief, lowest, highest = _TREND
    last = marks[-1]
    middle = next((mark for mark in reversed(marks) if last.percent - mark.percent >= least), None)
    first = middle and next((mark for mark in reversed(marks) if middle.percent - mark.percent >= least), None)
    if not middle or not first:
        return 0.0
    late = (last.percent - middle.percent) / max(last.first - middle.first, 1)
    early = (middle.percent - first.percent) / max(middle.first - first.first, 1)
    return belief * max(min((early / late - 1) / ((last.percent - first.percent) / 2), highest), lowest)


def _expected(runs: list[Run], marks: Marks, waited: int) -> Iterator[Chance]:
    """It goes on as it ran, and is ready when all is done, or a little before or after."""
    if not runs:
        return
    total = sum(run.weight for run in runs)
    trend = _trend(marks)
    for run in runs:
        for end in _ends(run, waited, trend):
            yield Chance(end, run.weight / total * (1 - _change(marks)) / 9)
    rate = sum(run.weight * run.rate for run in runs) / total
    done = (100 - sum(run.weight * run.middle for run in runs) / total) / rate
    if marks[-1].percent >= _NEAR:
        for part in _EARLY:
            yield Chance(waited + part * done, _EARLY_WEIGHT / len(_EARLY))
    for linger in _LINGERS:
        if done + linger > 0:
            yield Chance(waited + done + linger, _LINGER_WEIGHT / len(_LINGERS))


def _changed(marks: Marks, waited: int, rate: float) -> Iterator[Chance]:
    """The rate has just changed, to any that the threefold bounds allow."""
    slowest, fastest = _bounds(marks, rate)
    for part in _EIGHTHS:
        run = _run(marks[-1:], waited, slowest * (fastest / slowest) ** part, 0.0)
        if run:
            for end in _ends(run, waited, 0.0):
                yield Chance(end, run.weight / len(_EIGHTHS) * _change(marks) / 9)


def _change(marks: Marks) -> float:
    least, each, most = _CHANGE
    return min(least + each * (100 - marks[-1].percent), most)


def _ends(run: Run, waited: int, trend: float) -> Iterator[float]:
    """Nine moments at which *run* may be done."""
    for part in (1 / 6, 1 / 2, 5 / 6):
        rest = 100 - run.low - part * (run.high - run.low)
        drift = min(_DRIFT * rest**0.5, 0.4)
        for factor in (1 - drift, 1.0, 1 + drift):
            yield waited + rest / run.rate * factor * _bend(trend, rest)


def _bounds(marks: Marks, rate: float) -> tuple[float, float]:
    """The slowest and the fastest rate to reckon with, as the rate varies threefold and these were seen."""
    fastest = slowest = rate
    for before, after in pairwise(marks):
        done, took = after.percent - before.percent, max(after.first - before.last, 1)
        if done >= 4:
            fastest = max(fastest, (done - 1) / took)
            if before.percent:
                slowest = min(slowest, (done + 1) / took)
    return max(min(fastest / 3, rate), rate / 3), min(max(3 * slowest, rate), rate * 3)
