"""The SQLite store: the contract of the port, and what only a file has to fear."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from shared.ports import StoreUnavailable
from shared.replication.phases import Phase
from shared.replication.record import SCHEMA
from shared.store.layout import LAYOUT
from shared.store.sqlite import SqliteStore
from tests.shared.builders import a_record, later, some_hints
from tests.shared.store_contract import StoreContract, check_against_a_dict

ROOT = Path(__file__).parents[2]

IMPORTS = """
import sys
from pathlib import Path
from shared.ports import StoreUnavailable
from shared.store.sqlite import SqliteStore
from tests.shared.builders import a_record, later, some_hints
store = SqliteStore(Path(sys.argv[1]))
"""

WRITE_ON = """
record = store.add(a_record(), some_hints()).record
while True:
    record = later(record)
    assert store.replace(record, some_hints(), expected=record.version - 1)
    print(record.version, flush=True)
"""

RACE = """
version = 0
while version < 200:
    row = store.add(a_record(), some_hints())
    version = row.record.version + 1
    if version <= 200 and store.replace(later(row.record), some_hints(), expected=version - 1):
        print(version)
"""

FILL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
for number in range(1000):
    try:
        store.add(a_record(id=f"r-{number}", install="x" * 5000), some_hints())
    except StoreUnavailable as full:
        print(full)
        break
    print(f"r-{number}")
"""


def started(program: str, path: Path) -> subprocess.Popen[str]:
    """*program* in a process of its own, on the store at *path*."""
    order = [sys.executable, "-c", IMPORTS + program, str(path)]
    return subprocess.Popen(order, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ferry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path) as made:
        yield made


class TestSqliteStore(StoreContract):
    """The contract, on a file."""


def test_any_order_of_calls() -> None:
    """Any order of calls leaves what it would leave in a dict."""
    check_against_a_dict(lambda folder: SqliteStore(folder / "ferry.db"))


def test_the_file_is_its_owners_only(store: SqliteStore, path: Path) -> None:
    """Records hold people's inventory: nobody else may read the folder or any file of the store."""
    store.add(a_record(), some_hints())
    modes = {found.name: found.stat().st_mode & 0o777 for found in path.parent.iterdir()}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert modes == {"ferry.db": 0o600, "ferry.db-wal": 0o600, "ferry.db-shm": 0o600}


def test_what_was_written_is_there_when_opened_again(path: Path) -> None:
    """A row outlives the store that wrote it, whether it was closed or dropped."""
    with SqliteStore(path) as first:
        first.add(a_record(id="r-1"), some_hints())
    SqliteStore(path).add(a_record(id="r-2"), some_hints())
    with SqliteStore(path) as again:
        assert [row.record.id for row in again.records()] == ["r-2", "r-1"]


def test_a_row_speaks_for_itself(store: SqliteStore, path: Path) -> None:
    """Any program can read the file: the record as JSON by its public names, and beside it what was derived."""
    record = a_record(Phase.IMAGING, version=3)
    store.add(record, some_hints())
    with closing(sqlite3.connect(path)) as other:
        (row,) = other.execute("SELECT id, version, schema, region, phase, ended, accepted_at, doc FROM replications")
    *columns, doc = row
    assert columns == ["r-1", 3, SCHEMA, "cn-hangzhou", "imaging", 0, "2026-03-01T12:00:00.000000+00:00"]
    assert json.loads(doc) == json.loads(record.model_dump_json(by_alias=True))
    assert json.loads(doc)["schema"] == SCHEMA


def test_two_processes_that_begin_at_once(path: Path) -> None:
    """Two processes on a file that neither found there: each version is won by exactly one of them."""
    processes = [started(RACE, path) for _ in range(2)]
    won = [[int(line) for line in process.communicate()[0].split()] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(won[0] + won[1]) == list(range(1, 201))


def test_a_killed_process_loses_nothing_that_it_was_told_is_written(path: Path) -> None:
    """After kill -9 the last write that was answered is there, the row is whole and no lock is left."""
    process = started(WRITE_ON, path)
    assert process.stdout is not None
    with process.stdout as output:
        told = [int(output.readline()) for _ in range(50)][-1]
        process.kill()
        told = max([told, *(int(line) for line in output if line.endswith("\n"))])
    assert process.wait() == -signal.SIGKILL
    with SqliteStore(path, patience=timedelta(0)) as store:
        row = store.load("r-1")
        assert row is not None
        assert told <= row.record.version <= told + 1
        assert store.replace(later(row.record), some_hints(), expected=row.record.version)


def test_a_full_disk_is_told_and_harms_nothing(path: Path) -> None:
    """A write for which there is no room is refused with the reason; all that was written before is readable."""
    process = started(FILL, path)
    *added, told = process.communicate()[0].splitlines()
    assert process.returncode == 0
    assert f"{path} can't be read or written; see that its disk has space" in told
    with SqliteStore(path) as store:
        assert {row.record.id for row in store.records(limit=1000)} == set(added)
        store.add(a_record(id="r-later"), some_hints())


def test_a_held_file_is_told_and_can_still_be_read(store: SqliteStore, path: Path) -> None:
    """While another process writes, reading goes on; a write waits for its patience, then says who to look for."""
    store.add(a_record(), some_hints())
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as other,
        closing(SqliteStore(path, patience=timedelta(milliseconds=20))) as hasty,
    ):
        other.execute("BEGIN IMMEDIATE")
        assert [entry.id for entry in hasty.open_entries()] == ["r-1"]
        with pytest.raises(StoreUnavailable, match="held by another process; try again"):
            hasty.replace(later(a_record()), some_hints(), expected=0)
        other.execute("ROLLBACK")
        assert hasty.replace(later(a_record()), some_hints(), expected=0)


@pytest.mark.parametrize("content", [b"no database at all", b"no database at all" * 1000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    """A file of another kind is named and left as it is."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match=r"notes\.txt is damaged, or not a database; move it away"):
        SqliteStore(path)
    assert path.read_bytes() == content


def test_a_damaged_store(path: Path) -> None:
    """A store of which a part was overwritten says so when it is read."""
    with SqliteStore(path) as store:
        for number in range(50):
            store.add(a_record(Phase.COPYING, id=f"r-{number}"), some_hints())
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with SqliteStore(path) as store, pytest.raises(StoreUnavailable, match="is damaged, or not a database"):
        store.load("r-1")


def test_another_programs_database(tmp_path: Path) -> None:
    """A database of another program, or an empty file, is never written to."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE things (id)")
    empty = tmp_path / "empty.db"
    empty.touch()
    before = path.read_bytes()
    for foreign in (path, empty):
        with pytest.raises(StoreUnavailable, match="is not a store of Ferry's: move it away, or name another file"):
            SqliteStore(foreign)
    assert (path.read_bytes(), empty.read_bytes()) == (before, b"")


def test_tables_of_a_newer_release(path: Path) -> None:
    """A store whose tables this release doesn't know is refused, with both numbers."""
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {LAYOUT + 1}")
    with pytest.raises(StoreUnavailable, match=f"form of its tables is {LAYOUT + 1}, this release knows {LAYOUT}"):
        SqliteStore(path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A path below a file, or one that is a folder, is told with what to do."""
    (tmp_path / "file").touch()
    for below in ("file/ferry.db", "file/state/ferry.db"):
        with pytest.raises(StoreUnavailable, match="name a file in a folder that can be written"):
            SqliteStore(tmp_path / below)
    with pytest.raises(StoreUnavailable, match="can't be opened or written; check the rights"):
        SqliteStore(tmp_path)
