"""The folders that storms are gone through in: in memory where that can be, and gone with whoever made them."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "ferry-storm-"
#: A folder that nobody holds may be one that somebody has just made; one as old as this is not.
_SETTLED = 600.0


@contextmanager
def a_folder() -> Iterator[Path]:
    """A folder of one's own, held while it is used and removed at the end."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=_memory()) as name, _held(Path(name)):
        yield Path(name)


def sweep() -> None:
    """Remove the folders of processes that were killed: nobody holds them any more."""
    for folder in Path(_memory() or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime > _SETTLED:
                with _held(folder):
                    shutil.rmtree(folder)
        except OSError:
            continue  # held, somebody else's, or gone meanwhile: not ours to remove


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder; raises BlockingIOError when somebody else does.  The kernel lets go of it for whoever dies."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _memory() -> Path | None:
    """A disk in memory, where there is one: a storm's SQLite file waits for no disk, and needs none."""
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    return memory if memory.is_dir() and os.access(memory, os.W_OK) else None
