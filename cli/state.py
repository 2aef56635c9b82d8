"""A folder of records, and who may run the embedded cloud on it: one process at a time."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.acceptance import NotFound
from shared.ports import DeadLetter, Row, Store, StoreUnavailable
from shared.problem import BadInput, Problem
from shared.replication.request import Request

_ALL = 100_000


class InUse(Exception):  # noqa: N818 - it says what is so
    """Another process runs the embedded cloud on this folder."""


@dataclass(frozen=True)
class StateFolder:
    """The folder that --state names; nothing is made in it before something is written."""

    path: Path

    def __post_init__(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise BadInput(
                (
                    Problem(
                        path="--state",
                        code="not_a_folder",
                        message=f"{self.path} is not a folder",
                        fix="name the folder that holds the records, or a new one",
                    ),
                )
            )

    @property
    def file(self) -> Path:
        """Where the records are."""
        return self.path / "ferry.db"

    def store(self) -> Store:
        """The store, which is made if it is missing."""
        from shared.store.sqlite import SqliteStore

        return SqliteStore(self.file)

    def rows(self) -> Sequence[Row]:
        """All replications, newest first."""
        return self.store().records(limit=_ALL) if self.file.exists() else ()

    def letters(self) -> Sequence[DeadLetter]:
        """The dead letters, newest first."""
        return self.store().dead_letters() if self.file.exists() else ()

    def row(self, id_: str) -> Row:
        """One replication; raises NotFound."""
        row = self.store().load(id_) if self.file.exists() else None
        if row is None:
            raise NotFound(f"there is no replication {id_} in {self.path}")
        return row

    def next_key(self, request: Request) -> str:
        """A key for one more replication of this request."""
        earlier = sum(1 for row in self.rows() if row.record.request == request)
        return f"{request.model_dump_json()}#{earlier}"

    def latest(self) -> datetime | None:
        """Virtual time goes on where the records left it; None when there are none."""
        return max((row.record.history[-1].at for row in self.rows()), default=None)

    def cloud_seed(self, seed: int) -> int:
        """The embedded cloud's seed: another for each run on this folder, so that no two runs give the same ids."""
        return seed + 1_000_003 * len(self.rows())

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else runs the embedded cloud on this folder meanwhile; raises InUse.

        A second cloud, which holds nothing of the first one's, would take the first one's replications for lost.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path / "running.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailable(f"{self.path} can't be written: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(f"another ferry is running on {self.path}") from None
        else:
            yield
        finally:
            os.close(handle)

    def is_in_use(self) -> bool:
        """Whether a process runs the embedded cloud on this folder now."""
        try:
            handle = os.open(self.path / "running.lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False
