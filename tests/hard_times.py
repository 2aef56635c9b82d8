"""Hard times: steps that die, are asked again late and twice, while tokens live a minute and clocks are a minute off.

python -m tests.hard_times 7         runs seed 7
python -m tests.hard_times 0 500     runs 500 seeds from 0 on; odd ones keep their records in Tablestore
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localcloud.faults import Fault
from shared.replication.commands import COMMANDS
from tests.crash_points import CREATING, Store, installed
from tests.functions.ferry import told
from tests.functions.laws import broken_laws

#: A client token lives shorter than the pause before anything is asked again; any clock is off by so much either way.
WORLD: dict[str, Any] = {"token_life": 60, "clock_skew": 60}
_DYING = ("kill_before", "kill_after", "lost_answer", "server_error", "throttle")
_LOSING = ("deliver_twice", "deliver_late", "deliver_never")


def faults(draws: random.Random) -> Iterator[Fault]:
    """The steps that create are struck hard, the others now and then; each fault is used up."""
    for function in (*(command.function() for command in COMMANDS), "watch"):
        hard = function in CREATING
        for kind in _DYING:
            if draws.random() < (0.5 if hard else 0.2):
                chance = draws.uniform(0.1, 0.5) if hard else draws.uniform(0.02, 0.1)
                yield _fault(kind, chance, draws, function=f"ferry-{function}")
        for kind in _LOSING if hard else ():
            if draws.random() < 0.6:
                yield _fault(kind, draws.uniform(0.2, 0.7), draws, action=f"ferry-{function.replace('_', '-')}")


def run(seed: int, folder: Path) -> list[str]:
    """The laws that are broken under *seed*; nothing that strikes here may make a failure of a success."""
    draws = random.Random(seed)
    goal = draws.choice(("replica", "replica", "recovery_point"))
    store: Store = "tablestore" if seed % 2 else "sqlite"
    with installed(folder, *faults(draws), store=store, seed=seed, world=WORLD) as it:
        id_ = it.replicate(goal=goal)
        if not it.have_ended(id_) or it.record(id_).phase != "succeeded":
            return [told(it.record(id_)), *broken_laws(it, id_)]
        return broken_laws(it, id_)


def main(first: int, count: int = 1) -> int:
    """Run *count* seeds from *first* on; 1 when one of them broke a law."""
    broken = 0
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory(prefix="ferry-hard-") as folder:
            if laws := run(seed, Path(folder)):
                broken += 1
                print("\n  ".join((f"python -m tests.hard_times {seed} breaks", *laws)), flush=True)  # noqa: T201
    print(f"{count} seeds, {broken} broke a law")  # noqa: T201
    return min(broken, 1)


def _fault(kind: str, chance: float, draws: random.Random, **where: str) -> Fault:
    return Fault.model_validate({"kind": kind, "chance": chance, "count": draws.randint(1, 5), **where})


if __name__ == "__main__":
    sys.exit(main(*(int(number) for number in sys.argv[1:3])))
