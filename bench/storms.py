"""How fast storms are: seeds and calls a second, on one core, and where the time goes."""

import os
import sys
import time
from dataclasses import dataclass

from cli.storms.campaign import report_of

#: The first storms fill what is remembered of guests' scripts; they are not counted.
_WARM, _SEEDS = 20, 40
#: Calls a second of processor time, on either store: less than half of what the slowest machine at hand does.
_LEAST = {"sqlite": 200, "tablestore": 300}


@dataclass
class Store:
    """What the storms on one store took."""

    seeds: int = 0
    calls: int = 0
    seconds: float = 0.0
    scripts: float = 0.0

    def go(self, seed: int) -> None:
        """Go through one more storm."""
        before = os.times()
        self.calls += report_of(seed).calls
        after = os.times()
        self.seeds += 1
        self.seconds += after.user + after.system - before.user - before.system
        self.scripts += after.children_user + after.children_system - before.children_user - before.children_system


def main() -> int:
    """Measure; 1 when storms are slower than they have to be."""
    for seed in range(_WARM):
        report_of(seed)
    stores = {"sqlite": Store(), "tablestore": Store()}
    began = time.perf_counter()
    for seed in range(_WARM, _WARM + _SEEDS):
        stores["tablestore" if seed % 2 else "sqlite"].go(seed)
    wall = time.perf_counter() - began
    calls = sum(store.calls for store in stores.values())
    rates = f"{_SEEDS / wall:.2f} a second, {calls / wall:.0f} calls a second"
    sys.stdout.write(f"{_SEEDS} storms in {wall:.1f} s of one core: {rates}\n")
    return int(any(not _is_fast(name, store) for name, store in stores.items()))


def _is_fast(name: str, store: Store) -> bool:
    rate = store.calls / store.seconds
    good = rate >= _LEAST[name]
    sys.stdout.write(
        f"  {name}: {store.calls / store.seeds:.0f} calls a storm, {store.seconds / store.seeds:.2f} s of processor, "
        f"{store.scripts / store.seeds:.2f} s in guests' scripts; {rate:.0f} calls a second of processor, at least "
        f"{_LEAST[name]}: {'ok' if good else 'TOO SLOW'}\n"
    )
    return good


if __name__ == "__main__":
    sys.exit(main())
