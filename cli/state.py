"""A folder of records, and who may run the embedded cloud on it: one process at a time."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
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


class WrongCloud(Exception):  # noqa: N818 - it says what is so
    """A replication is under way on another cloud than this command would run on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


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

    def rows_of(self, install: str) -> Sequence[Row]:
        """The replications of one install, newest first: those on one cloud."""
        return [row for row in self.rows() if row.record.install == install]

    def next_key(self, request: Request, install: str) -> str:
        """A key for one more replication of this request."""
        earlier = sum(1 for row in self.rows_of(install) if row.record.request == request)
        return f"{request.model_dump_json()}#{earlier}"

    def latest(self, install: str) -> datetime | None:
        """Virtual time goes on where the install's records left it; None when there are none."""
        return max((row.record.history[-1].at for row in self.rows_of(install)), default=None)

    def await_end(self, id_: str) -> None:
        """Note that somebody waits to be told how a replication ends."""
        try:
            self._awaited(id_).parent.mkdir(mode=0o700, exist_ok=True)
            self._awaited(id_).touch(mode=0o600)
        except OSError as error:
            raise StoreUnavailable(f"{self._awaited(id_)} can't be written: {error.strerror}") from None

    def is_awaited(self, id_: str) -> bool:
        """Whether somebody has waited for the end, and was not told."""
        return self._awaited(id_).exists()

    def end_told(self, id_: str) -> None:
        """Note that the end was told."""
        self._awaited(id_).unlink(missing_ok=True)

    def _awaited(self, id_: str) -> Path:
        return self.path / "awaited" / id_

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
            raise InUse(f"another ferry is running on {self.path}{_who(handle)}") from None
        else:
            _sign(handle)
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


def _sign(handle: int) -> None:
    """Say who holds the lock, for people: that it is held, the system says."""
    with suppress(OSError):  # a full disk
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)


def _who(handle: int) -> str:
    number = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    return f": process {number}" if number.isdigit() else ""
