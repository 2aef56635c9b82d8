"""The worlds in which looks are measured: how progress runs, as a cloud might show it, from a seed.

They were written down before the predictor (`shared/replication/looks.py`) was, from what is known of the cloud:
progress is a whole percent, rounded down; an image shows 99 or 100 % for a while before it is Available
(https://www.alibabacloud.com/help/en/ecs/developer-reference/api-describeimages); a copy waits for a lane as `Waiting`
(https://www.alibabacloud.com/help/en/ecs/developer-reference/api-copyimage); instances and commands show no progress.
Moments are seconds since the thing was asked for.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import Literal

MINUTE = 60.0
HOUR = 3600.0
#: Shortest and longest wait of a world whose progress runs.
SHORTEST, LONGEST = 3 * MINUTE, 8 * HOUR
#: Between the slowest and the fastest moment of one wait.
THREEFOLD = log(3)

Kind = Literal["image", "copy", "instance", "command"]


@dataclass(frozen=True)
class Wait:
    """One wait: what the cloud shows at any moment, and when it is ready."""

    kind: Kind
    ready: float
    curve: tuple[tuple[float, float], ...] = ()
    """Corners of the true progress, (moment, percent), straight between; empty: no progress is shown."""
    refresh: float = 0.0
    """How old what is shown can be: the meter is read only once in so many seconds."""

    def shown(self, at: float) -> int | None:
        """The percent shown at the moment *at*, before it is ready."""
        if not self.curve:
            return None
        if self.refresh:
            at -= at % self.refresh
        return int(_between(self.curve, at))


@dataclass(frozen=True)
class Figure:
    """The figures to hold in a world; None: not asked."""

    looks: int
    mean: float | None = None
    p95: float | None = None
    mean_share: float | None = None
    """Mean of lag / time waited."""
    worst_share: float | None = None


@dataclass(frozen=True)
class World:
    """A kind of wait, and what is asked of the looks in it."""

    name: str
    draw: Callable[[random.Random], Wait]
    figure: Figure
    own: bool = False
    """The figure is not in docs/laws.md but this bench's own: that no change makes it worse."""

    def waits(self, seed: int, number: int) -> Iterator[Wait]:
        """*number* waits; the same seed gives the same ones."""
        draws = random.Random(f"{seed}:{self.name}")
        for _ in range(number):
            yield self.draw(draws)


def _between(curve: tuple[tuple[float, float], ...], at: float) -> float:
    after = bisect_right(curve, at, key=lambda corner: corner[0])
    if after == 0:
        return curve[0][1]
    if after == len(curve):
        return curve[-1][1]
    (start, low), (end, high) = curve[after - 1], curve[after]
    return low + (high - low) * (at - start) / (end - start)


def _log_uniform(draws: random.Random, low: float, high: float) -> float:
    return exp(draws.uniform(log(low), log(high)))


def _run(
    moments: list[float], rates: list[float], duration: float, *, begin: float = 0.0
) -> tuple[tuple[float, float], ...]:
    """A curve from 0 to 100 % in *duration*; *rates* hold between *moments* (0 to 1) and are scaled to fit."""
    done = [0.0]
    for (start, end), rate in zip(pairwise(moments), rates, strict=True):
        done.append(done[-1] + rate * (end - start))
    # the last corner is exactly 100, so that it shows 100 and not 99
    percents = [100.0 * part / done[-1] for part in done[:-1]] + [100.0]
    return tuple((begin + moment * duration, percent) for moment, percent in zip(moments, percents, strict=True))


def _even(steps: int) -> list[float]:
    return [step / steps for step in range(steps + 1)]


Shape = Callable[[random.Random], tuple[list[float], list[float]]]


def _steady(_: random.Random) -> tuple[list[float], list[float]]:
    return [0.0, 1.0], [1.0]


def _drifting(draws: random.Random) -> tuple[list[float], list[float]]:
    """The logarithm of the rate walks at random between its threefold bounds."""
    level, rates = draws.uniform(0, THREEFOLD), []
    for _ in range(200):
        level += draws.gauss(0, THREEFOLD / 14)
        level = abs(level) if level < THREEFOLD else 2 * THREEFOLD - level
        rates.append(exp(level))
    return _even(200), rates


def _sudden(draws: random.Random) -> tuple[list[float], list[float]]:
    """One to six changes at any moment, each to any rate within the bounds."""
    changes = sorted(draws.random() for _ in range(draws.randint(1, 6)))
    return [0.0, *changes, 1.0], [_log_uniform(draws, 1, 3) for _ in range(len(changes) + 1)]


def _slowing(draws: random.Random) -> tuple[list[float], list[float]]:
    """Three times slower at its end than at its beginning, in a curve drawn for each."""
    bend = _log_uniform(draws, 0.5, 4)
    return _even(200), [3 - 2 * ((step + 0.5) / 200) ** bend for step in range(200)]


def _speeding(draws: random.Random) -> tuple[list[float], list[float]]:
    moments, rates = _slowing(draws)
    return moments, rates[::-1]


def _waves(draws: random.Random) -> tuple[list[float], list[float]]:
    """Busy and quiet by turns, one to eight times."""
    turns, phase = draws.randint(1, 8), draws.random()
    return _even(200), [1.0 if (turns * step / 200 + phase) % 1 < 0.5 else 3.0 for step in range(200)]


def _restless(draws: random.Random) -> tuple[list[float], list[float]]:
    """A new rate for each stretch of a twentieth to a hundredth of the whole."""
    steps = draws.randint(20, 100)
    return _even(steps), [_log_uniform(draws, 1, 3) for _ in range(steps)]


def _late_change(draws: random.Random) -> tuple[list[float], list[float]]:
    """Steady until the last hundredths, then three times faster or slower: nothing announces it."""
    before, after = draws.choice([(1.0, 3.0), (3.0, 1.0)])
    return [0.0, 1 - draws.uniform(0.003, 0.04), 1.0], [before, after]


def _ordinary(shape: Shape) -> Callable[[random.Random], Wait]:
    """Ready at the moment when all is done."""

    def draw(draws: random.Random) -> Wait:
        duration = _log_uniform(draws, SHORTEST, LONGEST)
        return Wait(draws.choice(["image", "copy"]), duration, _run(*shape(draws), duration))

    return draw


def _finishing(draws: random.Random) -> Wait:
    """All is done, but 99 or 100 % is shown for up to a minute before it is Available."""
    duration = _log_uniform(draws, SHORTEST, LONGEST)
    curve = _run(*_drifting(draws), duration)
    if draws.random() < 0.5:
        curve = tuple((at, min(percent, 99.5)) for at, percent in curve)
    return Wait("copy", duration + draws.uniform(0, MINUTE), curve)


def _early(draws: random.Random) -> Wait:
    """Ready while 98 or 99 % is shown: the meter lags behind."""
    duration = _log_uniform(draws, SHORTEST, LONGEST)
    return Wait("image", duration * draws.uniform(0.985, 1), _run(*_steady(draws), duration))


def _stale(draws: random.Random) -> Wait:
    """The meter is read every half minute."""
    duration = _log_uniform(draws, 10 * MINUTE, LONGEST)
    return Wait("copy", duration, _run(*_drifting(draws), duration), refresh=30.0)


def _half_hour_at_0(draws: random.Random) -> Wait:
    """Half an hour at 0 %, then ready at once."""
    return Wait("image", draws.uniform(25, 35) * MINUTE, ((0.0, 0.0),))


def _half_hour_at_99(draws: random.Random) -> Wait:
    """Runs to 99 %, and stays there for half an hour."""
    duration = _log_uniform(draws, SHORTEST, 2 * HOUR)
    curve = tuple((at, min(percent, 99.0)) for at, percent in _run(*_drifting(draws), duration))
    return Wait("copy", duration + draws.uniform(25, 35) * MINUTE, curve)


def _long_at_0(draws: random.Random) -> Wait:
    """Ten minutes to eight hours at 0 %, then done within half a minute to three minutes."""
    stuck, fast = _log_uniform(draws, 10 * MINUTE, LONGEST), draws.uniform(30, 180)
    return Wait("copy", stuck + fast, ((0.0, 0.0), *_run(*_drifting(draws), fast, begin=stuck)))


def _queued(draws: random.Random) -> Wait:
    """`Waiting` for a lane at 0 %, then a run."""
    queue, duration = _log_uniform(draws, 5 * MINUTE, 4 * HOUR), _log_uniform(draws, 3 * MINUTE, HOUR)
    return Wait("copy", queue + duration, ((0.0, 0.0), *_run(*_drifting(draws), duration, begin=queue)))


def _instance(draws: random.Random) -> Wait:
    return Wait("instance", draws.uniform(15, 60))


def _command(draws: random.Random) -> Wait:
    return Wait("command", _log_uniform(draws, 2, 10 * MINUTE))


RUNNING = Figure(looks=40, mean=5.0, p95=15.0)
#: Half an hour without news: the bound holds for each wait.
STUCK = Figure(looks=60, mean_share=0.05, worst_share=0.05)
#: Any length: 60 looks that bound each wait by 5 % reach no further than 20 times the first; so the mean is asked.
LONG = Figure(looks=60, mean_share=0.05)
#: What nothing announces, in the last hundredths of a wait of hours, takes more than 40 looks to notice within 15 s.
HARD = Figure(looks=50, mean=20.0, p95=90.0)

WORLDS = (
    World("steady", _ordinary(_steady), RUNNING),
    World("drifting", _ordinary(_drifting), RUNNING),
    World("sudden changes", _ordinary(_sudden), RUNNING),
    World("slowing", _ordinary(_slowing), RUNNING),
    World("speeding up", _ordinary(_speeding), RUNNING),
    World("waves", _ordinary(_waves), HARD, own=True),
    World("restless", _ordinary(_restless), RUNNING),
    World("late change", _ordinary(_late_change), HARD, own=True),
    World("ready after 100 %", _finishing, RUNNING),
    World("ready before 100 %", _early, HARD, own=True),
    World("stale meter", _stale, HARD, own=True),
    World("half an hour at 0 %", _half_hour_at_0, STUCK),
    World("half an hour at 99 %", _half_hour_at_99, STUCK),
    World("long at 0 %, then fast", _long_at_0, LONG),
    World("queued, then running", _queued, LONG),
    World("instance", _instance, Figure(looks=20, mean=5.0, p95=15.0), own=True),
    World("command", _command, Figure(looks=45, mean=10.0), own=True),
)
