"""Long time: an install that replicates once a day, and what has grown after it.

python -m tests.long_time          a month on either store, with its timer of every minute (some minutes)
python -m tests.long_time 7        a week
"""

import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from shared.cloud.table_layout import Layout
from tests.crash_points import STORES, Store, installed
from tests.functions.account import THERE
from tests.functions.ferry import Ferry, told
from tests.functions.laws import broken_laws

MONTH = 30
#: What is asked for, day after day; what succeeds stays.
WISHES: tuple[dict[str, Any], ...] = (
    {"goal": "recovery_point"},
    {"goal": "replica"},
    {"goal": "recovery_point", "keep_source_image": True},
)


class Day(NamedTuple):
    """What a day of an install cost, from its replication's beginning to the next one's."""

    phase: str
    #: The most calls that one invocation of `watch` made, and how often each was made in the hour when all is quiet.
    most_calls_of_a_look: int
    quiet: dict[str, int]
    #: What is left in the end in the lists of open and of waiting replications, and in the queue of looks.
    left: int


def days(folder: Path, store: Store, count: int, *, timers: bool = True) -> tuple[list[Day], list[str]]:
    """Let *count* days pass, one replication each; the days, and the laws that are broken then.

    Without *timers* nothing happens from the end of a replication to the next day, so that it costs nothing.
    """
    world: dict[str, Any] = {} if timers else {"breaks": ("timers",)}
    with installed(folder, store=store, world=world) as it:
        ids: list[str] = []
        lived = [_day(it, number, ids) for number in range(count)]
        return lived, broken_laws(it, *ids)


def _day(it: Ferry, number: int, ids: list[str]) -> Day:
    begins, heard = it.cloud.clock.now, len(it.cloud.calls)
    ids.append(it.replicate(f"day {number}", **WISHES[number % len(WISHES)]))
    assert it.have_ended(ids[-1]), told(it.record(ids[-1]))
    busy = Counter(call.token for call in it.cloud.calls[heard:] if (call.function or "").endswith("-watch"))
    it.pass_time(begins + timedelta(hours=23) - it.cloud.clock.now)
    heard = len(it.cloud.calls)
    it.pass_time(timedelta(hours=1))
    quiet = Counter(call.action for call in it.cloud.calls[heard:] if call.function)
    left = len(list(it.app.store.open_entries())) + len(it.cloud.smq.state.queue(THERE, "ferry-looks").messages)
    return Day(it.record(ids[-1]).phase.value, max(busy.values()), dict(quiet), left + _indexed(it))


def _indexed(it: Ferry) -> int:
    """How many rows the indexes hold that only what is under way has a place in."""
    if not it.app.settings.tablestore:
        return 0
    layout = Layout(it.app.settings.names.tables)
    tables = it.cloud.tablestore.state.instance(THERE, it.app.settings.tablestore)
    return sum(len(tables.readable(index).rows) for index in (layout.open, layout.waiting))


def grown(lived: list[Day]) -> list[str]:
    """What grew from the first days to the last, and should not."""
    first, last = lived[: len(WISHES)], lived[-len(WISHES) :]
    looks = [max(day.most_calls_of_a_look for day in some) for some in (first, last)]
    found = [] if looks[1] <= looks[0] else [f"a look made {looks[0]} calls at most, now {looks[1]}"]
    for day in lived:
        if day.quiet != lived[0].quiet:
            found.append(f"a quiet hour's calls were {lived[0].quiet}, now {day.quiet}")
        if day.left:
            found.append(f"{day.left} entries are left of replications that have ended")
        if day.phase != "succeeded":
            found.append(f"a day ended as {day.phase}")
    return found


def main(count: int = MONTH) -> int:
    """Live through it; 1 when something is wrong."""
    wrong = 0
    for store in STORES:
        with tempfile.TemporaryDirectory(prefix="ferry-month-") as folder:
            lived, broken = days(Path(folder), store, count)
        found = [*broken, *grown(lived)]
        wrong += bool(found)
        print("\n  ".join((f"{store}: {len(lived)} days, the last: {lived[-1]}", *found)), flush=True)  # noqa: T201
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(*(int(number) for number in sys.argv[1:2])))
