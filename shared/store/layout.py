"""The tables of the SQLite store: how its file comes into being, and how an open one is recognised."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from shared.ports import StoreUnavailable

#: The form of the tables that this release writes.  Kept in SQLite's `user_version`.
LAYOUT = 1
#: Says that the file is Ferry's ("FERR"); kept in SQLite's `application_id`.
APPLICATION = 0x46455252

TABLES = f"""
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE replications (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    schema INTEGER NOT NULL,   -- derived from the record, as are the next five
    region TEXT NOT NULL,
    resource TEXT NOT NULL,
    phase TEXT NOT NULL,
    ended INTEGER NOT NULL,
    accepted_at TEXT NOT NULL,
    next_at TEXT NOT NULL,     -- a hint, as are the next six
    asks INTEGER NOT NULL,
    looks INTEGER NOT NULL,
    progress INTEGER,
    trail TEXT NOT NULL,
    missed_at TEXT,
    trouble TEXT NOT NULL,
    doc TEXT NOT NULL          -- the record; last, so that a list of the others never reads through it
);
CREATE INDEX open_by_time ON replications (next_at, id) WHERE ended = 0;
CREATE INDEX open_by_region ON replications (region, next_at, id) WHERE ended = 0;
CREATE INDEX open_by_resource ON replications (resource) WHERE ended = 0;
CREATE INDEX by_acceptance ON replications (accepted_at, id);
CREATE TABLE dead_letters (id TEXT PRIMARY KEY, at TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX dead_letters_by_time ON dead_letters (at, id);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {LAYOUT};
COMMIT;
"""


def open_file(path: Path, patience: timedelta) -> sqlite3.Connection:
    """A connection to the store at *path*, which is made first if it is missing.

    Raises StoreUnavailable for a file that is not a store, or one of a newer release.
    """
    if not path.exists():
        _create(path)
    db = sqlite3.connect(
        path, timeout=patience.total_seconds(), isolation_level=None, check_same_thread=False, cached_statements=32
    )
    try:
        _recognise(db, path)
        # Accepted means written: each commit reaches the disk, not only the operating system.
        db.execute("PRAGMA synchronous = FULL")
    except BaseException:
        db.close()
        raise
    db.row_factory = sqlite3.Row
    return db


def _create(path: Path) -> None:
    """Make the file under another name and link it to *path*: it is there whole or not at all.

    Two processes that begin at once can't meet half-way, nor can they in the switch to WAL, for which SQLite
    doesn't wait.  Records hold people's inventory: the folder and the file are their owner's only.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-store-") as folder:
        draft = Path(folder) / "store"
        draft.touch(mode=0o600)
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.executescript(TABLES)
        with suppress(FileExistsError):  # another process was faster
            path.hardlink_to(draft)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _recognise(db: sqlite3.Connection, path: Path) -> None:
    application, layout = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if application != APPLICATION:
        raise StoreUnavailable(f"{path} is not a store of Ferry's: move it away, or name another file")
    if layout > LAYOUT:
        raise StoreUnavailable(
            f"{path} was made by a newer release of Ferry: the form of its tables is {layout}, "
            f"this release knows {LAYOUT}; upgrade Ferry, or name another file"
        )


_BUSY = "is held by another process; try again, or end the process that holds it"
_DAMAGED = "is damaged, or not a database; move it away, or put a good copy in its place"
_CLOSED = "can't be opened or written; check the rights on the file and its folder"
_DISK = "can't be read or written; see that its disk has space and is well"

#: SQLite's primary result codes that are the surroundings' fault.  https://www.sqlite.org/rescode.html
_TROUBLES = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CANTOPEN: _CLOSED,
    sqlite3.SQLITE_PERM: _CLOSED,
    sqlite3.SQLITE_AUTH: _CLOSED,
    sqlite3.SQLITE_READONLY: _CLOSED,
    sqlite3.SQLITE_FULL: _DISK,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_NOLFS: _DISK,
}


@contextmanager
def trouble_told(path: Path) -> Iterator[None]:
    """Tell what the surroundings do to the file as StoreUnavailable; a bug goes up untouched."""
    try:
        yield
    except sqlite3.Error as error:
        # the low byte is the primary code; errors of the Python module itself bear none
        trouble = _TROUBLES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if trouble is None:
            raise
        raise StoreUnavailable(f"{path} {trouble} ({error})") from error
    except OSError as error:
        raise StoreUnavailable(
            f"{path} can't be made ({error}); name a file in a folder that can be written"
        ) from error
