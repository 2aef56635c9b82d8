"""Ready to noticed: how late, and with how many looks, in the worlds of `bench/worlds.py`; image events are off.

`python -m bench.looks` prints a table for the predictor and for the naive ways beside it, and exits with 1 when a
figure to hold (`bench/worlds.py`) does not hold for the predictor.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from statistics import fmean, quantiles

from bench.worlds import WORLDS, Figure, Wait, World
from shared.replication.looks import Trail, WaitKind, glance, next_look

#: A way to choose: the delay after a look, or after the request.
Way = Callable[[Trail, datetime, WaitKind], datetime]


@dataclass(frozen=True)
class Noticed:
    """One wait, as it went."""

    lag: float
    share: float
    looks: int


@dataclass(frozen=True)
class Row:
    """All waits of a world, in figures."""

    waits: int
    mean: float
    p95: float
    worst: float
    looks: float
    most_looks: int
    mean_share: float
    worst_share: float

    @classmethod
    def of(cls, noticed: list[Noticed]) -> "Row":
        lags = [one.lag for one in noticed]
        return cls(
            waits=len(noticed),
            mean=fmean(lags),
            p95=quantiles(lags, n=20)[-1],
            worst=max(lags),
            looks=fmean(one.looks for one in noticed),
            most_looks=max(one.looks for one in noticed),
            mean_share=fmean(one.share for one in noticed),
            worst_share=max(one.share for one in noticed),
        )

    def misses(self, figure: Figure) -> list[str]:
        """What the figure asks and the row does not hold."""
        asked: list[tuple[str, float, float | None]] = [
            ("looks", self.most_looks, figure.looks),
            ("mean", self.mean, figure.mean),
            ("p95", self.p95, figure.p95),
            ("mean share", self.mean_share, figure.mean_share),
            ("worst share", self.worst_share, figure.worst_share),
        ]
        return [name for name, value, most in asked if most is not None and value > most]


def every(seconds: float) -> Way:
    """The naive way: the same delay always."""
    return lambda _trail, now, _kind: now + timedelta(seconds=seconds)


def doubling(trail: Trail, now: datetime, _kind: WaitKind) -> datetime:
    """The other naive way: as long again as was waited so far, ten minutes at most."""
    waited = (now - trail.since).total_seconds()
    return now + timedelta(seconds=min(max(waited, 5), 600))


def follow(wait: Wait, way: Way, draws: random.Random, lost: float) -> Noticed:
    """Wait as `watch` does: delays in whole seconds, messages up to a second late, hints lost with chance *lost*."""
    started = datetime(2026, 1, 5, 2, tzinfo=UTC) + timedelta(seconds=draws.uniform(0, 3600))
    kind = WaitKind(wait.kind)
    trail, at, looks = glance(None, started, None, started=started), 0.0, 0
    while True:
        now = started + timedelta(seconds=at)
        at += ceil((way(trail, now, kind) - now).total_seconds()) + draws.random()
        looks += 1
        if at >= wait.ready:
            return Noticed(at - wait.ready, (at - wait.ready) / wait.ready, looks)
        kept = None if draws.random() < lost else trail
        trail = glance(kept, started + timedelta(seconds=at), wait.shown(at), started=started)


def measure(world: World, way: Way, *, seed: int, number: int, lost: float = 0.0) -> Row:
    """Follow *number* waits of *world*."""
    draws = random.Random(f"{seed}:{world.name}:messages")
    return Row.of([follow(wait, way, draws, lost) for wait in world.waits(seed, number)])


HEAD = (
    f"{'world':<22}{'waits':>6}{'mean lag':>10}{'p95':>8}{'max':>8}"
    f"{'looks':>8}{'max':>6}{'lag/wait':>10}{'max':>8}  the figures to hold"
)


def line(name: str, row: Row, verdict: str) -> str:
    """One line of the table; lags in seconds."""
    return (
        f"{name:<22}{row.waits:>6}{row.mean:>10.1f}{row.p95:>8.1f}{row.worst:>8.0f}"
        f"{row.looks:>8.1f}{row.most_looks:>6}{row.mean_share:>10.1%}{row.worst_share:>8.1%}  {verdict}"
    )


def table(title: str, way: Way, worlds: Iterable[World], *, seed: int, number: int, lost: float = 0.0) -> bool:
    """Print the table of one way; whether every figure holds."""
    say(f"\n{title}\n{HEAD}")
    held = True
    for world in worlds:
        row = measure(world, way, seed=seed, number=number, lost=lost)
        misses = row.misses(world.figure)
        held = held and not misses
        verdict = "misses " + ", ".join(misses) if misses else "holds"
        say(line(world.name, row, f"{verdict} (own)" if world.own else verdict))
    return held


def say(text: str) -> None:
    """One line for whoever runs it."""
    sys.stdout.write(text + "\n")


def main() -> int:
    """Print the tables; 0 when the predictor holds every figure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--waits", type=int, default=200, help="waits of each world for the predictor")
    options.add_argument("--world", help="only this world")
    chosen = options.parse_args()
    worlds = [world for world in WORLDS if chosen.world in (None, world.name)]
    seed, few = chosen.seed, max(chosen.waits // 10, 2)
    held = table("the predictor", next_look, worlds, seed=seed, number=chosen.waits)
    say("\nfor comparison only: the same rows for a predictor that forgets, and for the naive ways")
    table("the predictor, its trail lost at every tenth look", next_look, worlds, seed=seed, number=few, lost=0.1)
    for title, way in (("every 60 s", every(60)), ("every 15 s", every(15)), ("doubling, 10 min at most", doubling)):
        table(title, way, worlds, seed=seed, number=few)
    say(f"\nthe figures to hold, from ready to noticed, with image events off: {'holds' if held else 'DOES NOT HOLD'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
