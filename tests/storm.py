"""Storms: seeded runs in which much goes wrong, after which the laws of docs/laws.md must hold all the same.

python -m tests.storm 7        runs seed 7
python -m tests.storm 0 1000   runs a thousand seeds from 0 on
python -m tests.storm 0 1000 5 runs them with everything five times as likely

Odd seeds keep the records in Tablestore, whose calls are struck like all others and whose indexes lag.
"""

import random
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Literal

from localcloud.faults import Fault
from shared.acceptance import TooLate, cancel
from shared.ports import StoreUnavailable
from shared.replication.commands import COMMANDS
from tests.functions.ferry import Ferry, ferry, told
from tests.functions.laws import broken_laws

STEPS = [f"ferry-{command.function()}" for command in COMMANDS]
FUNCTIONS = (*STEPS, "ferry-watch", "ferry-keep_dead_letter")
#: A topic is named after its function; the last three bring looks, the cloud's own events and dead letters.
TOPICS = (*(step.replace("_", "-") for step in STEPS), "ferry-looks", "ferry-cloud-events", "ferry-dead-letters")
CALL_FAULTS = ("throttle", "server_error", "timeout", "lost_answer", "kill_before", "kill_after")
DELIVERY_FAULTS = ("deliver_twice", "deliver_late", "deliver_never")
CLOUD_FAULTS = ("fail_image", "no_stock", "quota", "corrupt")


class Storm:
    """What goes wrong under one seed, and how it ended."""

    def __init__(self, seed: int, strength: int = 1) -> None:
        self.seed = seed
        self.strength = strength
        self.draws = random.Random(seed)
        self.store: Literal["sqlite", "tablestore"] = "tablestore" if seed % 2 else "sqlite"
        #: The phases in which the replications ended.
        self.ends: tuple[str, ...] = ()

    @property
    def replay(self) -> str:
        """The one command that runs it again."""
        return f"python -m tests.storm {self.seed} 1 {self.strength}"

    def faults(self) -> tuple[Fault, ...]:
        """Every function's calls and every topic may be struck; each fault is used up, so faults cease."""
        calls = [self._rare(kind, function=name) for name in FUNCTIONS for kind in self._some(CALL_FAULTS, 3)]
        deliveries = [self._rare(kind, action=name) for name in TOPICS for kind in self._some(DELIVERY_FAULTS, 2)]
        cloud = [self._rare(kind, count=1) for kind in self._some(CLOUD_FAULTS, 1)]
        return (*calls, *deliveries, *cloud)

    def run(self, folder: Path) -> list[str]:
        """Two replications through the storm; the laws that are broken then."""
        with ferry(
            folder, *self.faults(), seed=self.seed, store=self.store, instances=2, index_lag=self.seed % 7
        ) as it:
            ids = (self._begin(it, "one", "i-web"), self._begin(it, "two", "i-web2"))
            if self.draws.random() < 0.4:
                self._cancel(it, self.draws.choice(ids))
            if not it.have_ended(*ids):
                return [f"1: {told(it.record(id_))}" for id_ in ids if not it.record(id_).ended]
            self.ends = tuple(it.record(id_).phase.value for id_ in ids)
            return broken_laws(it, *ids)

    def _begin(self, it: Ferry, key: str, instance: str) -> str:
        wish: dict[str, object] = {
            "goal": self.draws.choice(("replica", "replica", "recovery_point")),
            "keep_source_image": self.draws.random() < 0.2,
            "on_proof_failure": self.draws.choice(("keep", "remove")),
        }
        return it.replicate(key, instance=instance, **wish)

    def _cancel(self, it: Ferry, id_: str) -> None:
        it.pass_time(timedelta(seconds=self.draws.randint(0, 2400)))
        try:
            cancel(id_, "storm", it.app.store, it.cloud.clock.now)
        except (TooLate, StoreUnavailable):
            return

    def _some(self, kinds: tuple[str, ...], most: int) -> list[str]:
        return self.draws.sample(kinds, self.draws.randint(0, most))

    def _rare(self, kind: str, count: int = 0, **where: str) -> Fault:
        chance = self.strength * self.draws.uniform(0.02, 0.1) if not count else self.draws.uniform(0.1, 0.5)
        found = {"kind": kind, "chance": min(chance, 1.0), "count": count or self.draws.randint(1, 8), **where}
        return Fault.model_validate(found)


def main(first: int, count: int = 1, strength: int = 1) -> int:
    """Run *count* seeds from *first* on; the number of seeds that broke a law."""
    broken, ends = 0, Counter[str]()
    for seed in range(first, first + count):
        storm = Storm(seed, strength)
        with tempfile.TemporaryDirectory(prefix="ferry-storm-") as folder:
            laws = storm.run(Path(folder))
        ends.update(storm.ends)
        if laws:
            broken += 1
            print("\n  ".join((f"{storm.replay} breaks", *laws)), flush=True)  # noqa: T201 - the report itself
    print(f"{count} seeds, {broken} broke a law; ends: {dict(sorted(ends.items()))}")  # noqa: T201
    return broken


if __name__ == "__main__":
    sys.exit(min(main(*(int(number) for number in sys.argv[1:4])), 1))
