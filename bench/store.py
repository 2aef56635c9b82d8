"""The stores: a step's calls, a list of thousands, and why a SQLite store holds its connection.

`python -m bench.store` prints SQLite's table, then Tablestore's beside it from the same run.  That is the embedded
Tablestore: the time is what the SDK, the wire and the imitation take in this process, not the service's; the calls are
what a deployed install pays and waits for.  `--folder` names where SQLite's file is made, as the disk is what is
measured.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from localcloud.cloud import Cloud
from localcloud.runtime import embedded
from localcloud.world import default_world
from shared.cloud.session import Credentials
from shared.cloud.table_client import TableClient
from shared.cloud.tables import TablestoreStore
from shared.ports import Hints, Store
from shared.replication.model import change
from shared.replication.phases import Phase
from shared.replication.record import Line, LineKind, Replication
from shared.replication.request import Request
from shared.store.sqlite import SqliteStore

START = datetime(2026, 3, 1, tzinfo=UTC)
#: A replication's history when it has ended.
LINES = 40


def record_of(number: int) -> Replication:
    """A record with the history of a whole replication; every fourth is of another region, every tenth has ended."""
    target = "cn-shanghai" if number % 4 == 0 else "cn-beijing"
    phase = Phase.FAILED if number % 10 == 0 else Phase.COPY_DUE
    asked = {
        "source": {"region": "cn-hangzhou", "instance": f"i-{number}"},
        "target": {"region": target, "vswitch": "vsw-b", "security_groups": ["sg-b"]},
    }
    line = Line(at=START, phase=phase, kind=LineKind.SEEN, what="the image was seen at 37 %", request_id="0" * 36)
    return Replication(
        id=f"r-{number:032}",
        install="home",
        request=Request.model_validate(asked),
        accepted_at=START + timedelta(seconds=number),
        entered_at=START,
        phase=phase,
        history=(line,) * LINES,
    )


def hints_of(number: int) -> Hints:
    """Hints whose next looks are spread over an hour."""
    return Hints(next_at=START + timedelta(seconds=number * 7919 % 3600), trail="[[0, 0], [60, 12], [120, 25]]")


def per_call(act: Callable[[int], object], times: int) -> float:
    """Seconds that one call of *act* takes."""
    begun = perf_counter()
    for number in range(times):
        act(number)
    return (perf_counter() - begun) / times


def step(store: Store, number: int) -> None:
    """What a step does with the store: load, then replace."""
    row = store.load(f"r-{number:032}")
    assert row is not None
    moved = change(row.record, version=row.record.version + 1)
    assert store.replace(moved, row.hints, expected=row.record.version)


def step_alone(path: Path, number: int) -> None:
    """The same with a store of its own, as an invocation has."""
    with SqliteStore(path) as store:
        step(store, number)


def fill(store: Store, rows: int) -> None:
    """Put so many rows in."""
    for number in range(rows):
        store.add(record_of(number), hints_of(number))


@contextmanager
def in_sqlite(folder: Path | None) -> Iterator[tuple[SqliteStore, Path]]:
    """An empty store in a file."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = Path(made) / "ferry.db"
        with SqliteStore(path) as store:
            yield store, path


@contextmanager
def in_tablestore() -> Iterator[tuple[TablestoreStore, Cloud]]:
    """An empty store in an embedded cloud."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded(default_world(), seed=1, state=Path(folder), trusted_scripts=frozenset()) as cloud,
    ):
        cloud.cloud.tablestore.state.create_instance("cn-beijing", "bench")
        keys = Credentials(access_key="test", secret="test")  # noqa: S106 - the embedded cloud's
        endpoint = cloud.tablestore_endpoint_for("cn-beijing")
        store = TablestoreStore(TableClient(endpoint, "bench", keys, lambda: cloud.cloud.clock.now), "ferry")
        store.make_tables()
        yield store, cloud.cloud


def acts(store: Store, rows: int) -> Iterator[tuple[str, Callable[[int], object], int]]:
    """What is measured of every store, and how often."""
    some, soon = min(rows, 1000), START + timedelta(minutes=1)
    yield "load", lambda n: store.load(f"r-{n:032}"), some
    yield "load + replace", lambda n: step(store, n), some
    yield "hint", lambda n: store.hint(f"r-{n:032}", 1, hints_of(n)), some
    yield "open_entries, all", lambda _: list(store.open_entries()), 3
    yield "open_entries, minute", lambda _: list(store.open_entries(before=soon)), 20
    in_region = "open_entries, region and minute"
    yield in_region, lambda _: list(store.open_entries(region="cn-shanghai", before=soon)), 20
    yield "records, 100", lambda _: store.records(), 10


def show_sqlite(folder: Path | None, rows: int) -> None:
    """SQLite alone, with what opening and closing cost."""
    _say(f"{rows} rows in SQLite\n{'what':<40}{'ms each':>10}{'a second':>12}")
    with in_sqlite(folder) as (store, path):
        fill(store, rows)
        for name, act, times in acts(store, rows):
            _show(name, per_call(act, times))
        _show("open + load + replace, another is open", per_call(lambda n: step_alone(path, n), 100))
        store.close()
        _show("open + load + replace + last close", per_call(lambda n: step_alone(path, n), 100))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _show(name: str, seconds: float) -> None:
    _say(f"{name:<40}{seconds * 1000:>10.3f}{1 / seconds:>12.0f}")


def show_both(folder: Path | None, rows: int) -> None:
    """Tablestore beside SQLite, act by act."""
    _say(f"\n{rows} rows in each\n{'what':<40}{'SQLite ms':>11}{'Tablestore ms':>15}{'ratio':>8}{'calls':>7}")
    with in_sqlite(folder) as (sqlite, _), in_tablestore() as (tablestore, cloud):
        fill(sqlite, rows)
        fill(tablestore, rows)
        for (name, here, times), (_, there, _) in zip(acts(sqlite, rows), acts(tablestore, rows), strict=True):
            first, before = per_call(here, times), len(cloud.calls)
            second = per_call(there, times)
            calls = (len(cloud.calls) - before) / times
            _say(f"{name:<40}{first * 1000:>11.3f}{second * 1000:>15.3f}{second / first:>8.0f}{calls:>7.1f}")


def main() -> int:
    """Measure, and print the tables; no figure is asserted."""
    options = argparse.ArgumentParser(description="measure the stores")
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--both", type=int, default=1_000, help="rows of the comparison")
    options.add_argument("--folder", type=Path, help="where the file is made; the system's temporary folder if none")
    given = options.parse_args()
    _say(f"{len(record_of(1).model_dump_json(by_alias=True)) / 1000:.1f} kB a record")
    show_sqlite(given.folder, given.rows)
    show_both(given.folder, given.both)
    return 0


if __name__ == "__main__":
    sys.exit(main())
