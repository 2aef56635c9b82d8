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

    def versions(self) -> Iterator[tuple[str, int]]:
        """The id and the stored version of every replication whose record this release can read."""
        ...

    def doc(self, id_: str) -> str:
        """The record that is stored, as JSON."""
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

    def versions(self) -> Iterator[tuple[str, int]]:
        """Every replication's id and version."""
        # The store makes the file when it is first used, and a test may lay down another.
        if not self._path.exists():
            return
        if (inode := self._path.stat().st_ino) != self._inode:
            self.close()
            self._db = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, check_same_thread=False)
            self._inode = inode
        assert self._db is not None, "it was opened just now"
        yield from self._db.execute("SELECT id, version FROM replications WHERE schema <= ?", (SCHEMA,)).fetchall()

    def doc(self, id_: str) -> str:
        """The stored record."""
        assert self._db is not None, "versions() tells the ids"
        (doc,) = self._db.execute("SELECT doc FROM replications WHERE id = ?", (id_,)).fetchone()
        return str(doc)

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

    def versions(self) -> Iterator[tuple[str, int]]:
        """Every replication's id and version."""
        for key, columns in self._rows.items():
            version, schema = columns["version"], columns["schema"]
            assert isinstance(version, int) and isinstance(schema, int), "both are numbers"
            if schema <= SCHEMA:
                yield str(key[0]), version

    def doc(self, id_: str) -> str:
        """The stored record."""
        return str(self._rows[(id_,)]["doc"])

    def close(self) -> None:
        """Nothing is held."""
