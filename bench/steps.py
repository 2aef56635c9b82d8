"""What each function costs in one replication: reads, acts, writes, publishes; and the lags of its waits."""

import functools
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cli.demo import demo_world_and_request
from cli.embedded import embedded_install
from localcloud.cloud import Call
from shared.acceptance import accept
from shared.store.sqlite import SqliteStore

#: What a step may do at most: docs/laws.md.
BUDGET = {"loads": 1, "reads": 2, "acts": 1, "writes": 1, "publishes": 1}
#: These have budgets of their own: precheck reads and makes nothing, watch looks at many replications.
OWN_BUDGET = {"precheck", "watch"}
_PUBLISHES = frozenset({"PutEvents", "SendMessage"})
_STORE = {"load": "loads", "add": "writes", "replace": "writes", "hint": "hints"}
_TOKEN = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105 - a variable's name

Spent = dict[str, Counter[str]]


def main() -> int:
    """Print the table; 1 if a step spends more than it may."""
    with tempfile.TemporaryDirectory() as folder, _counted_store() as stored:
        world, request = demo_world_and_request(Path(folder), None)
        target = request.target
        with embedded_install(
            world, home=target.region, seed=1, store=Path(folder) / "ferry.db", vswitch=target.vswitch
        ) as install:
            record = install.run_until_ended(accept(request, "bench", install.app).record.id, None, None)
            calls = [call for call in install.cloud.cloud.calls if call.function]
            facts = install.facts((record,))
    spent = _spent(calls, stored)
    console = Console(width=100)
    console.print(_table(spent))
    lags = facts["lags"]
    assert isinstance(lags, list)
    for lag in lags:
        console.print(f"  {lag['wait']:<10} noticed after {lag['seconds']:>6.1f} s, {lag['looks']} looks")
    over = list(_over(spent))
    for line in over:
        console.print(f"over budget: {line}", style="red")
    return 1 if over else 0


@contextmanager
def _counted_store() -> Iterator[Mapping[str, Counter[str]]]:
    """Counts what each invocation, known by its token, asks of the store."""
    counts: dict[str, Counter[str]] = {}
    originals: dict[str, Callable[..., Any]] = {name: getattr(SqliteStore, name) for name in _STORE}

    def counted(name: str) -> Callable[..., Any]:
        @functools.wraps(originals[name])
        def method(*args: Any, **kwargs: Any) -> Any:
            counts.setdefault(os.environ.get(_TOKEN, ""), Counter())[_STORE[name]] += 1
            return originals[name](*args, **kwargs)

        return method

    for name in _STORE:
        setattr(SqliteStore, name, counted(name))
    try:
        yield counts
    finally:
        for name, original in originals.items():
            setattr(SqliteStore, name, original)


def _kind(action: str) -> str:
    if action in _PUBLISHES:
        return "publishes"
    return "reads" if action.startswith(("Describe", "List", "Get")) else "acts"


def _spent(calls: Sequence[Call], stored: Mapping[str, Counter[str]]) -> Spent:
    """The most that one invocation of each function did, by kind, and how many invocations called the cloud."""
    each: dict[tuple[str, str], Counter[str]] = {}
    for call in calls:
        token = call.token or ""
        name = (call.function or "").partition("-")[2]
        each.setdefault((name, token), Counter(stored.get(token, {})))[_kind(call.action)] += 1
    most: Spent = {}
    for (function, _), counts in each.items():
        best = most.setdefault(function, Counter())
        best["invocations"] += 1
        for kind, count in counts.items():
            best[kind] = max(best[kind], count)
    return most


def _over(spent: Spent) -> Iterator[str]:
    for function, most in spent.items():
        for kind, limit in BUDGET.items():
            if function not in OWN_BUDGET and most[kind] > limit:
                yield f"{function}: {kind} {most[kind]} > {limit}"


def _table(spent: Spent) -> Table:
    table = Table(title="the most that one invocation does", title_justify="left", box=None)
    columns = ("invocations", *BUDGET, "hints")
    for name in ("function", *columns):
        table.add_column(name)
    for function, most in sorted(spent.items()):
        table.add_row(function, *(str(most[kind]) for kind in columns))
    return table


if __name__ == "__main__":
    sys.exit(main())
