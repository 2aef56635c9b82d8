"""What each function costs in one replication: reads, acts, writes, publishes; and the lags of its waits."""

import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cli.demo import demo_world_and_request
from cli.embedded import embedded_install
from localcloud.cloud import Call
from shared.acceptance import accept

#: What a step may do at the cloud: design's figures; precheck and watch have budgets of their own.
BUDGET = {"reads": 2, "acts": 1, "publishes": 1}
OWN_BUDGET = {"precheck", "watch"}
_PUBLISHES = frozenset({"PutEvents", "SendMessage"})


def main() -> int:
    """Print the table; 1 if a step spends more than it may."""
    with tempfile.TemporaryDirectory() as folder:
        world, request = demo_world_and_request(Path(folder), None)
        target = request.target
        with embedded_install(
            world, home=target.region, seed=1, store=Path(folder) / "ferry.db", vswitch=target.vswitch
        ) as install:
            record = accept(request, "bench", install.app).record
            record = install.run_until_ended(record.id, None, None)
            calls = [call for call in install.cloud.cloud.calls if call.function]
            facts = install.facts((record,))
    console = Console(width=100)
    spent = _spent(calls)
    console.print(_table(spent))
    lags = facts["lags"]
    assert isinstance(lags, list)
    for lag in lags:
        console.print(f"  {lag['wait']:<10} noticed after {lag['seconds']:>6.1f} s, {lag['looks']} looks")
    over = [
        f"{function}: {kind} {most[kind]} > {limit}"
        for function, most in spent.items()
        if function not in OWN_BUDGET
        for kind, limit in BUDGET.items()
        if most[kind] > limit
    ]
    for line in over:
        console.print(f"over budget: {line}", style="red")
    return 1 if over else 0


def _kind(action: str) -> str:
    if action in _PUBLISHES:
        return "publishes"
    return "reads" if action.startswith(("Describe", "List", "Get")) else "acts"


def _spent(calls: Sequence[Call]) -> dict[str, Counter[str]]:
    """The most that one invocation of each function did, by kind, and how many invocations called the cloud."""
    each: dict[tuple[str, str], Counter[str]] = {}
    for call in calls:
        each.setdefault((call.function or "", call.token or ""), Counter())[_kind(call.action)] += 1
    most: dict[str, Counter[str]] = {}
    for (function, _), counts in each.items():
        best = most.setdefault(function, Counter())
        best["invocations"] += 1
        for kind, count in counts.items():
            best[kind] = max(best[kind], count)
    return most


def _table(spent: dict[str, Counter[str]]) -> Table:
    table = Table(title="the most that one invocation does", title_justify="left", box=None)
    for name in ("function", "invocations", "reads", "acts", "publishes"):
        table.add_column(name)
    for function, most in sorted(spent.items()):
        table.add_row(function, *(str(most[kind]) for kind in ("invocations", "reads", "acts", "publishes")))
    return table


if __name__ == "__main__":
    sys.exit(main())
