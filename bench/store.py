"""The SQLite store: a step's calls, a list of ten thousand, and why a store holds its connection.

`python -m bench.store` prints one table; `--folder` names where the file is made, as the disk is what is measured.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from shared.ports import Hints
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


def step(store: SqliteStore, number: int) -> None:
    """What a step does with the store: load, then replace."""
    row = store.load(f"r-{number:032}")
    assert row is not None
    moved = change(row.record, version=row.record.version + 1)
    assert store.replace(moved, row.hints, expected=row.record.version)


def step_alone(path: Path, number: int) -> None:
    """The same with a store of its own, as an invocation has."""
    with SqliteStore(path) as store:
        step(store, number)


@contextmanager
def filled(folder: Path | None, rows: int) -> Iterator[tuple[SqliteStore, Path]]:
    """A store that holds so many rows."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = Path(made) / "ferry.db"
        with SqliteStore(path) as store:
            for number in range(rows):
                store.add(record_of(number), hints_of(number))
            yield store, path


def measures(store: SqliteStore, path: Path, rows: int) -> Iterator[tuple[str, float]]:
    """What is measured, and the seconds that one takes."""
    some = min(rows, 1000)
    soon = START + timedelta(minutes=1)
    yield "load", per_call(lambda n: store.load(f"r-{n:032}"), some)
    yield "load + replace", per_call(lambda n: step(store, n), some)
    yield "hint", per_call(lambda n: store.hint(f"r-{n:032}", 1, hints_of(n)), some)
    yield "open_entries, all", per_call(lambda _: list(store.open_entries()), 3)
    yield (
        "open_entries, region and minute",
        per_call(lambda _: list(store.open_entries(region="cn-shanghai", before=soon)), 50),
    )
    yield "records, 100", per_call(lambda _: store.records(), 10)
    yield "open + load + replace, another is open", per_call(lambda n: step_alone(path, n), 100)
    store.close()
    yield "open + load + replace + last close", per_call(lambda n: step_alone(path, n), 100)


def main() -> int:
    """Measure, and print the table; no figure is asserted."""
    options = argparse.ArgumentParser(description="measure the SQLite store")
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--folder", type=Path, help="where the file is made; the system's temporary folder if none")
    given = options.parse_args()
    size = len(record_of(1).model_dump_json(by_alias=True))
    out = sys.stdout.write
    out(f"{given.rows} rows, {size / 1000:.1f} kB a record\n")
    out(f"{'what':<40}{'ms each':>10}{'a second':>12}\n")
    with filled(given.folder, given.rows) as (store, path):
        for name, seconds in measures(store, path, given.rows):
            out(f"{name:<40}{seconds * 1000:>10.3f}{1 / seconds:>12.0f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
