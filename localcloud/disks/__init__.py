"""The contents of the account's disks and snapshots: real files, below the cloud's own folder."""

import os
import random
import tempfile
import weakref
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from localcloud.disks.damage import change_a_byte
from localcloud.disks.tree import CannotCopy, copy_tree, remove_tree, size_of

__all__ = ["CannotCopy", "Disks"]


@dataclass
class _Content:
    """A tree of files; several disks and snapshots hold one while none of them writes to it."""

    folder: Path
    mount: str | None
    size: int | None  # None: to be measured
    holders: int = 1
    exposed: bool = False  # somebody else knows the path and may write

    @property
    def root(self) -> Path:
        return self.folder / "root"


class Disks:
    """What the disks and snapshots hold.  A snapshot never changes; a disk never changes another.

    It writes to a new folder of its own in *root*, which goes when this goes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store: Path | None = None
        self._disks: dict[str, _Content] = {}
        self._snapshots: dict[str, _Content] = {}
        self._numbers = count(1)

    def load(self, disk_id: str, directory: Path | None, mount: str | None) -> None:
        """Fill a new disk with a copy of a directory, or with nothing; *mount* is where its guest mounts it.

        Raises CannotCopy with the path of a file that can't be read or kept.
        """
        if directory is not None:
            directory = directory.resolve()
            if directory in (self._folder(), *self._folder().parents):
                raise CannotCopy(str(directory), "the cloud's own folder lies in it")
        self._disks[disk_id] = self._new(directory, mount)

    def capture(self, disk_id: str, snapshot_id: str) -> None:
        """Let a snapshot hold what the disk holds at this moment."""
        content = self._disks[disk_id]
        if content.exposed:
            self._snapshots[snapshot_id] = self._new(content.root, content.mount)
        else:
            self._snapshots[snapshot_id] = _shared(content)

    def copy_snapshot(self, snapshot_id: str, new_id: str) -> None:
        """Let another snapshot hold the same; nothing is copied, as neither changes."""
        self._snapshots[new_id] = _shared(self._snapshots[snapshot_id])

    def restore(self, snapshot_id: str, disk_id: str) -> None:
        """Give a new disk the snapshot's content."""
        self._disks[disk_id] = _shared(self._snapshots[snapshot_id])

    def drop_disk(self, disk_id: str) -> None:
        """Forget a disk."""
        self._release(self._disks.pop(disk_id))

    def drop_snapshot(self, snapshot_id: str) -> None:
        """Forget a snapshot."""
        self._release(self._snapshots.pop(snapshot_id))

    def path(self, disk_id: str) -> Path:
        """The directory of the disk's files, which the caller may write to, now and later."""
        content = self._own(disk_id)
        content.exposed = True
        return content.root

    def reading(self, disk_id: str) -> Path:
        """The directory of the disk's files, only to be read; cheaper than `path`, good until the next call."""
        return self._disks[disk_id].root

    def writing(self, disk_id: str) -> Path:
        """The directory of the disk's files, to be written to before the next call and not later."""
        content = self._own(disk_id)
        content.size = None
        return content.root

    def mount(self, disk_id: str) -> str | None:
        """Where the disk's guest mounts it."""
        return self._disks[disk_id].mount

    def bytes_used(self, disk_id: str) -> int:
        """The size of the disk's files, holes included: the same on any machine."""
        content = self._disks[disk_id]
        if content.size is None or content.exposed:
            content.size = size_of(content.root)
        return content.size

    def corrupt(self, disk_id: str, path: str | None, draws: random.Random) -> str:
        """Change one byte of a file in place, its size and times kept; the file's path from the disk's root.

        *path* is from the disk's root, or from the guest's where that names nothing; None picks any file that is
        not empty. Raises FileNotFoundError when there is no such regular file, ValueError when it is empty.
        """
        content = self._own(disk_id)
        return change_a_byte(content.root, path, content.mount, draws)

    def scratch(self) -> Path:
        """A new private directory, outside all disks, that the caller removes."""
        return Path(tempfile.mkdtemp(prefix="scratch-", dir=self._folder()))

    def close(self) -> None:
        """Remove every content from the machine; the disks are gone."""
        self._disks.clear()
        self._snapshots.clear()
        if self._store is not None:
            remove_tree(self._store)
            self._store = None

    def _own(self, disk_id: str) -> _Content:
        """The disk's content, copied first if another holds it, too."""
        content = self._disks[disk_id]
        if content.holders > 1:
            content.holders -= 1
            content = self._disks[disk_id] = self._new(content.root, content.mount)
        return content

    def _new(self, source: Path | None, mount: str | None) -> _Content:
        folder = self._folder() / str(next(self._numbers))
        folder.mkdir(mode=0o700)
        content = _Content(folder, mount, 0)
        if source is None:
            content.root.mkdir(mode=0o755)
            return content
        try:
            content.size = copy_tree(source, content.root, folder / "links")
        except CannotCopy:
            remove_tree(folder)
            raise
        return content

    def _release(self, content: _Content) -> None:
        content.holders -= 1
        if content.holders == 0:
            remove_tree(content.folder)

    def _folder(self) -> Path:
        """This cloud's own folder, made when first needed; nothing else is ever touched."""
        if self._store is None:
            self._root.mkdir(parents=True, exist_ok=True)
            self._store = Path(tempfile.mkdtemp(prefix="disks-", dir=self._root)).resolve()
            weakref.finalize(self, _remove_own, self._store, os.getpid())
        return self._store


def _shared(content: _Content) -> _Content:
    content.holders += 1
    return content


def _remove_own(store: Path, process: int) -> None:
    if os.getpid() == process:  # a forked child leaves its parent's files alone
        remove_tree(store)
