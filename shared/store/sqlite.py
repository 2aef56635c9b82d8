"""The store in one SQLite file, which several processes may have open at the same time.

A connection is held by each store, not made for each call, which would cost more than the calls themselves
(`python -m bench.store`); a lock gives it to one thread at a time.  Every call is a single statement, and so a
transaction of its own: nothing is held between calls, and a thread or process that dies leaves no lock behind.
In WAL a reader never waits; a writer waits for another one, as long as its patience lasts.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Self

from shared.ports import DeadLetter, Entry, Hints, Row
from shared.replication.model import Moment
from shared.replication.record import Replication
from shared.store.columns import Values, entry_of, letter_of, of_hints, of_letter, of_record, row_of, text_of
from shared.store.layout import open_file, trouble_told

#: How long a call waits for another process' write.
PATIENCE = timedelta(seconds=5)

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)

_ADD = """
INSERT INTO replications (id, version, doc, schema, region, resource, phase, ended,
                          accepted_at, next_at, asks, looks, progress, trail, missed_at, trouble)
VALUES (:id, :version, :doc, :schema, :region, :resource, :phase, :ended,
        :accepted_at, :next_at, :asks, :looks, :progress, :trail, :missed_at, :trouble)
ON CONFLICT (id) DO NOTHING
"""
_REPLACE = """
UPDATE replications
SET version = :version, doc = :doc, schema = :schema, region = :region, resource = :resource,
    phase = :phase, ended = :ended, accepted_at = :accepted_at,
    next_at = :next_at, asks = :asks, looks = :looks, progress = :progress,
    trail = :trail, missed_at = :missed_at, trouble = :trouble
WHERE id = :id AND version = :expected
"""
_HINT = """
UPDATE replications
SET next_at = :next_at, asks = :asks, looks = :looks, progress = :progress, trail = :trail, missed_at = :missed_at,
    trouble = :trouble
WHERE id = :id AND version = :version
"""
_LOAD = "SELECT * FROM replications WHERE id = :id"
_LATEST = "SELECT * FROM replications ORDER BY accepted_at DESC, id DESC LIMIT :limit"

_OPEN = "SELECT row FROM replications WHERE ended = 0 AND next_at <= :before ORDER BY next_at, id"
_OPEN_IN_REGION = """
SELECT row FROM replications WHERE ended = 0 AND region = :region AND next_at <= :before ORDER BY next_at, id
"""
_WAITING = "SELECT id FROM replications WHERE resource = :resource AND ended = 0 ORDER BY id"
_STILL_OPEN = """
SELECT id, version, region, phase, next_at, asks, looks, progress, trail, missed_at, trouble FROM replications
WHERE row = :row AND ended = 0 AND next_at <= :before AND (:region IS NULL OR region = :region)
"""

_KEEP_LETTER = "INSERT INTO dead_letters (id, at, doc) VALUES (:id, :at, :doc) ON CONFLICT (id) DO NOTHING"
_LETTERS = "SELECT doc FROM dead_letters ORDER BY at DESC, id DESC LIMIT :limit"


class SqliteStore:
    """The port Store on the file *path*; the file and its folder are made if they are missing.

    Every method raises StoreUnavailable while the file can't be used: held by another process for longer
    than *patience*, damaged, of a newer release, not to be written, or its disk full.
    """

    def __init__(self, path: Path, *, patience: timedelta = PATIENCE) -> None:
        self._path = path
        self._turn = Lock()
        with trouble_told(path):
            self._db = open_file(path, patience)

    def close(self) -> None:
        """Let go of the file; a store that is dropped does so by itself."""
        with self._turn:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, record: Replication, hints: Hints) -> Row:
        """Put *record* if its id is new; give what is stored then."""
        self._write(_ADD, of_record(record) | of_hints(hints))
        row = self.load(record.id)
        assert row is not None, "rows are never deleted"
        return row

    def load(self, id: str) -> Row | None:
        """The row, or None.  Raises TryAgain when it was written by a newer release."""
        found = self._read(_LOAD, {"id": id})
        return row_of(_values(found[0])) if found else None

    def replace(self, record: Replication, hints: Hints, *, expected: int) -> bool:
        """Write record, derived columns and hints together, if the stored version is *expected*; whether it was.

        Raises ValueError for a record whose version did not grow: versions tell writes apart.
        """
        if record.version <= expected:
            raise ValueError(f"{record.id}: version {record.version} can't follow version {expected}")
        return self._write(_REPLACE, of_record(record) | of_hints(hints) | {"expected": expected})

    def hint(self, id: str, version: int, hints: Hints) -> None:
        """Write hints only, and only if the row still has *version*; a row that moved on is left alone."""
        self._write(_HINT, of_hints(hints) | {"id": id, "version": version})

    def open_entries(self, *, region: str | None = None, before: Moment | None = None) -> Iterator[Entry]:
        """The replications that have not ended, by `next_at`, then id, as they stood when this was called.

        With *region* only that region's; with *before* only those whose `next_at` is not later.  Each is read
        when its turn comes: what was hinted or moved on under way appears once, and not at all if it no longer
        fits what was asked for.  The record itself is not read: one of a newer release is listed like any other.
        """
        wanted = {"region": region, "before": text_of(before or _END_OF_TIME)}
        rows = [found["row"] for found in self._read(_OPEN_IN_REGION if region else _OPEN, wanted)]
        return (entry_of(_values(found)) for row in rows for found in self._read(_STILL_OPEN, wanted | {"row": row}))

    def waiting_for(self, resource: str) -> Sequence[str]:
        """The ids of the replications that wait for something that this resource's events tell of."""
        return tuple(found["id"] for found in self._read(_WAITING, {"resource": resource}))

    def records(self, *, limit: int = 100) -> Sequence[Row]:
        """The replications that were accepted last, newest first.

        Raises TryAgain when one of them was written by a newer release: none is left out in silence.
        """
        return tuple(row_of(_values(found)) for found in self._read(_LATEST, {"limit": limit}))

    def keep_dead_letter(self, letter: DeadLetter) -> None:
        """Keep *letter*; the same id again changes nothing."""
        self._write(_KEEP_LETTER, of_letter(letter))

    def dead_letters(self, *, limit: int = 100) -> Sequence[DeadLetter]:
        """The letters kept last, newest first."""
        return tuple(letter_of(_values(found)) for found in self._read(_LETTERS, {"limit": limit}))

    def _read(self, statement: str, values: Values) -> list[sqlite3.Row]:
        with self._turn, trouble_told(self._path):
            return self._db.execute(statement, values).fetchall()

    def _write(self, statement: str, values: Values) -> bool:
        """Whether a row was written."""
        with self._turn, trouble_told(self._path):
            return self._db.execute(statement, values).rowcount == 1


def _values(found: sqlite3.Row) -> Values:
    return dict(found)
