"""Trees of real files, walked, copied and removed by directory descriptors.

No path gets long (a tree may be deeper than PATH_MAX), no symbolic link is followed, and what is read is left as it
was, to the time of its last reading where the system allows.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.disks.filecopy import copy_content

_NO_ATIME = getattr(os, "O_NOATIME", 0)
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: So many directories of one way down are kept open; above them, the way back up leads through "..".
_OPEN = 64


class CannotCopy(Exception):  # noqa: N818 - named for what it is
    """A file that the cloud can't take into a disk."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def open_quietly(name: str | Path, flags: int, directory: int | None = None) -> int:
    """Open for reading without a trace in the access time, where the file is ours."""
    try:
        return os.open(name, flags | _NO_ATIME, dir_fd=directory)
    except PermissionError:  # O_NOATIME is for the owner and root
        return os.open(name, flags, dir_fd=directory)


class Ladder:
    """A way down a tree; `fd` is the directory at its foot."""

    def __init__(self, top: Path) -> None:
        self._rungs: list[int | None] = [open_quietly(top, _DIRECTORY)]
        self._marks = [_mark(self.fd)]

    @property
    def fd(self) -> int:
        """The descriptor of the directory at the foot."""
        rung = self._rungs[-1]
        assert rung is not None
        return rung

    def down(self, name: str) -> None:
        """Step into the directory *name*."""
        fd = open_quietly(name, _DIRECTORY, self.fd)
        self._rungs.append(fd)
        self._marks.append(_mark(fd))
        far = len(self._rungs) - _OPEN
        if far > 0 and (rung := self._rungs[far - 1]) is not None:
            os.close(rung)
            self._rungs[far - 1] = None

    def up(self) -> int:
        """Step back up; the descriptor of the directory that was left is the caller's to close."""
        left = self.fd
        if len(self._rungs) > 1 and self._rungs[-2] is None:
            above = open_quietly("..", _DIRECTORY, left)
            self._rungs[-2] = above
            if _mark(above) != self._marks[-2]:
                raise OSError(errno.ESTALE, "a directory was moved while it was read")
        self._rungs.pop()
        self._marks.pop()
        return left

    def close(self) -> None:
        """Close what is open."""
        for rung in self._rungs:
            if rung is not None:
                os.close(rung)
        self._rungs.clear()

    def __enter__(self) -> "Ladder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _mark(fd: int) -> tuple[int, int]:
    found = os.fstat(fd)
    return found.st_dev, found.st_ino


@dataclass(frozen=True)
class Step:
    """An entry of a tree: `name` in the directory `fd`; a directory comes again when it has been `left`."""

    fd: int
    name: str
    stat: os.stat_result
    left: bool
    above: list[str] = field(repr=False)

    @property
    def path(self) -> str:
        """The path from the tree's top; right only while the walk stands here."""
        return "/".join((*self.above, self.name))

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.stat.st_mode)


def walk(top: Path) -> Iterator[Step]:
    """Every entry below *top*, by name, a directory before what is in it and again after it.

    Raises CannotCopy for what can't be read.
    """
    above: list[str] = []
    directories: list[os.stat_result] = []
    name: str | None = None
    try:
        with Ladder(top) as ladder:
            pending = [iter(sorted(os.listdir(ladder.fd)))]  # noqa: PTH208 - by descriptor
            while pending:
                name = next(pending[-1], None)
                if name is not None:
                    found = os.stat(name, dir_fd=ladder.fd, follow_symlinks=False)
                    yield Step(ladder.fd, name, found, left=False, above=above)
                    if stat.S_ISDIR(found.st_mode):
                        above.append(name)
                        ladder.down(name)
                        directories.append(found)
                        pending.append(iter(sorted(os.listdir(ladder.fd))))  # noqa: PTH208
                    continue
                pending.pop()
                if pending:
                    os.close(ladder.up())
                    name = above.pop()
                    yield Step(ladder.fd, name, directories.pop(), left=True, above=above)
    except OSError as error:
        at = "/".join((str(top), *above, *([name] if name and name not in above[-1:] else [])))
        raise CannotCopy(at, error.strerror or "it can't be read") from error


# --- copying ---------------------------------------------------------------------------------------------------------


def copy_tree(source: Path, target: Path, links: Path) -> int:
    """Copy what is below *source* to the new directory *target*; the size of its files, holes included.

    Types, modes, times, names, holes and hard links among the files are kept; owners are when root. Files of more
    than one name are also linked in the new directory *links* meanwhile, which is removed at the end.
    Raises CannotCopy with the path of the first file that can't be copied.
    """
    target.mkdir(mode=0o700)
    links.mkdir(mode=0o700)
    top = source.stat()
    with Ladder(target) as ladder:
        copy = _Copy(ladder, links, top.st_dev)
        for step in walk(source):
            try:
                copy.take(step)
            except OSError as error:
                at = f"{source}/{step.path}"
                raise CannotCopy(at, error.strerror or "it can't be copied") from error
        _keep_top(source, ladder.fd, top)
    remove_tree(links)
    return copy.size


def _keep_top(source: Path, fd: int, found: os.stat_result) -> None:
    trouble = _trouble(found)
    if trouble:
        raise CannotCopy(str(source), trouble)
    _keep(fd, found)


class _Copy:
    """A copy under way."""

    def __init__(self, ladder: Ladder, links: Path, device: int) -> None:
        self.size = 0
        self._ladder = ladder
        self._links = links
        self._device = device
        self._linked: set[tuple[int, int]] = set()

    def take(self, step: Step) -> None:
        """Copy one entry."""
        if step.left:
            left = self._ladder.up()
            try:
                _keep(left, step.stat)
            finally:
                os.close(left)
            return
        trouble = _trouble(step.stat)
        if trouble:
            raise PermissionError(errno.EACCES, trouble)
        if step.is_directory:
            if step.stat.st_dev != self._device:
                raise OSError(errno.EXDEV, "another file system is mounted here; a disk is one file system")
            os.mkdir(step.name, 0o700, dir_fd=self._ladder.fd)
            self._ladder.down(step.name)
        else:
            self._take_file(step)

    def _take_file(self, step: Step) -> None:
        key = (step.stat.st_dev, step.stat.st_ino)
        first = self._links / f"{key[0]}-{key[1]}"
        if key in self._linked:
            os.link(first, step.name, dst_dir_fd=self._ladder.fd, follow_symlinks=False)
            return
        self.size += _copy_file(step, self._ladder.fd)
        if step.stat.st_nlink > 1:
            os.link(step.name, first, src_dir_fd=self._ladder.fd, follow_symlinks=False)
            self._linked.add(key)


def _trouble(found: os.stat_result) -> str | None:
    """Why the copy could not be read again: only its owner could be kept, and only root can keep that."""
    user = os.geteuid()
    needed = stat.S_IRUSR | (stat.S_IXUSR if stat.S_ISDIR(found.st_mode) else 0)
    if user == 0 or stat.S_ISLNK(found.st_mode) or found.st_mode & needed == needed:
        return None
    if found.st_uid == user:
        return "its mode lets not even its owner read it: allow that, or run as root"
    return "its owner can't be kept without root, and its mode would let nobody else read the copy"


def _copy_file(step: Step, directory: int) -> int:
    """Copy what is not a directory; the size of its content."""
    mode, name = step.stat.st_mode, step.name
    if stat.S_ISREG(mode):
        return _copy_regular(step, directory)
    if stat.S_ISLNK(mode):
        os.symlink(os.readlink(name, dir_fd=step.fd), name, dir_fd=directory)
    else:  # FIFO, socket or, as root, device: what they are is all they hold
        os.mknod(name, stat.S_IFMT(mode) | 0o600, step.stat.st_rdev, dir_fd=directory)
    _keep_named(name, directory, step.stat)
    return 0


def _copy_regular(step: Step, directory: int) -> int:
    source = open_quietly(step.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, step.fd)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        target = os.open(step.name, flags, 0o600, dir_fd=directory)
        try:
            found = os.fstat(source)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(errno.ESTALE, "it was replaced while it was read")
            copy_content(source, target, found)
            _keep(target, found)
        finally:
            os.close(target)
    finally:
        os.close(source)
    return found.st_size


def _keep(fd: int, found: os.stat_result) -> None:
    """Give an open file the owner, mode and times that *found* tells; changing the owner clears setuid, so first."""
    if os.geteuid() == 0:
        os.fchown(fd, found.st_uid, found.st_gid)
    mode = stat.S_IMODE(found.st_mode)
    os.fchmod(fd, mode)
    os.utime(fd, ns=(found.st_atime_ns, found.st_mtime_ns))
    # The system drops setgid in silence when its caller is not of the group.
    if mode & stat.S_ISGID and not os.fstat(fd).st_mode & stat.S_ISGID:
        raise PermissionError(errno.EPERM, "its setgid bit can't be kept: run as root, or as a member of its group")


def _keep_named(name: str, directory: int, found: os.stat_result) -> None:
    if os.geteuid() == 0:
        os.chown(name, found.st_uid, found.st_gid, dir_fd=directory, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        os.chmod(name, stat.S_IMODE(found.st_mode), dir_fd=directory)
    os.utime(name, ns=(found.st_atime_ns, found.st_mtime_ns), dir_fd=directory, follow_symlinks=False)


# --- removing and measuring ------------------------------------------------------------------------------------------


def remove_tree(top: Path) -> None:
    """Remove *top* and all below it, what is read-only included; nothing there is nothing to do."""
    if not top.is_dir():
        return
    top.chmod(0o700)
    for step in walk(top):
        if step.left:
            os.rmdir(step.name, dir_fd=step.fd)
        elif not step.is_directory:
            os.unlink(step.name, dir_fd=step.fd)
        elif step.stat.st_mode & 0o700 != 0o700:
            os.chmod(step.name, 0o700, dir_fd=step.fd)
    top.rmdir()


def size_of(top: Path) -> int:
    """The size of the regular files below *top*, holes included, a file of many names once."""
    sizes = {
        (step.stat.st_dev, step.stat.st_ino): step.stat.st_size for step in walk(top) if stat.S_ISREG(step.stat.st_mode)
    }
    return sum(sizes.values())
