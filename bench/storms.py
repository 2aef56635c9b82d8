"""How fast storms are: seeds and calls a second, on one core, and where the time goes."""

import os
import sys
import time
from collections import Counter

from cli.storms.campaign import report_of

#: The first storms fill what is remembered of guests' scripts; they are not counted.
_WARM, _SEEDS = 20, 40
#: Calls a second of processor time, on either store: less than half of what the slowest machine at hand does.
_LEAST = {"sqlite": 200, "tablestore": 300}


def main() -> int:
    """Measure; 1 when storms are slower than they have to be."""
    for seed in range(_WARM):
        report_of(seed)
    seconds, children, calls, seeds = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    began = time.perf_counter()
    for seed in range(_WARM, _WARM + _SEEDS):
        before = os.times()
        report = report_of(seed)
        after = os.times()
        seeds[report.store] += 1
        calls[report.store] += report.calls
        seconds[report.store] += after.user + after.system - before.user - before.system
        children[report.store] += (
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    wall, failed = time.perf_counter() - began, 0
    say = print
    say(
        f"{_SEEDS} storms in {wall:.1f} s of one core: {_SEEDS / wall:.2f} a second, {sum(calls.values()) / wall:.0f} calls a second"
    )
    for store in sorted(seeds):
        rate = calls[store] / seconds[store]
        good = rate >= _LEAST[store]
        failed |= not good
        say(
            f"  {store}: {seconds[store] / seeds[store]:.2f} s of processor a storm and {children[store] / seeds[store]:.2f} s "
            f"in guests' scripts; {calls[store] / seeds[store]:.0f} calls a storm, {rate:.0f} a second "
            f"(at least {_LEAST[store]}): {'ok' if good else 'TOO SLOW'}"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
