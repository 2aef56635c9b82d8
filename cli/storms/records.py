"""The records as they lie in the store: read past every fault, without a call."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from shared.replication.record import SCHEMA

if TYPE_CHECKING:
    from cli.embedded import Install


class Shelf(Protocol):
    """Where an install's records lie."""

    def docs(self) -> Iterator[tuple[str, str]]:
        """The id and the stored record, as JSON, of every replication whose record this release can read."""
        ...

    def letters(self) -> frozenset[str]:
        """The ids of the dead letters that are kept."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def shelf_of(install: "Install") -> Shelf:
    """The shelf of an install on the embedded cloud."""
    settings = install.app.settings
    return TableShelf(install) if settings.tablestore else FileShelf(Path(settings.store))


class FileShelf:
    """A SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        self._changes: int | None = None

    def docs(self) -> Iterator[tuple[str, str]]:
        """Ids and records; nothing when the file is as it was."""
        # The store makes the file when it is first used, and a test may lay down another.
        if not self._path.exists():
            return
        if (inode := self._path.stat().st_ino) != self._inode:
            self.close()
            self._db = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, check_same_thread=False)
            self._inode, self._changes = inode, None
        assert self._db is not None, "it was opened just now"
        (changes,) = self._db.execute("PRAGMA data_version").fetchone()
        if changes != self._changes:
            self._changes = changes
            yield from self._db.execute("SELECT id, doc FROM replications WHERE schema <= ?", (SCHEMA,)).fetchall()

    def letters(self) -> frozenset[str]:
        """Ids; docs() was read before."""
        return frozenset(id_ for (id_,) in self._db.execute("SELECT id FROM dead_letters")) if self._db else frozenset()

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()


class TableShelf:
    """A table in the embedded cloud's Tablestore."""

    def __init__(self, install: "Install") -> None:
        settings = install.app.settings
        instance = install.cloud.cloud.tablestore.state.instance(settings.home_region, settings.tablestore)
        self._rows = instance.table(f"{settings.names.tables}_replications").rows
        self._letters = instance.table(f"{settings.names.tables}_dead_letters").rows

    def docs(self) -> Iterator[tuple[str, str]]:
        """Ids and records."""
        for key, columns in self._rows.items():
            schema = columns["schema"]
            assert isinstance(schema, int), "it is a number"
            if schema <= SCHEMA:
                yield str(key[0]), str(columns["doc"])

    def letters(self) -> frozenset[str]:
        """Ids."""
        return frozenset(str(key[0]) for key in self._letters)

    def close(self) -> None:
        """Nothing is held."""
