"""Damage on demand: one byte of one file, and nothing else that a listing would show."""

import errno
import os
import random
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.disks.tree import Ladder, walk


def change_a_byte(root: Path, path: str | None, mount: str | None, draws: random.Random) -> str:
    """Change one byte of the file, or of one that *draws* picks; its path from *root*, with a leading "/"."""
    parts = _picked(root, draws) if path is None else _named(root, path, mount)
    with _at(root, parts[:-1]) as directory:
        _flip(directory, parts[-1], draws, shown="/" + "/".join(parts))
    return "/" + "/".join(parts)


def _picked(root: Path, draws: random.Random) -> tuple[str, ...]:
    paths = [step.path for step in walk(root) if stat.S_ISREG(step.stat.st_mode) and step.stat.st_size]
    if not paths:
        raise FileNotFoundError(errno.ENOENT, "the disk holds no file with content", "/")
    return tuple(draws.choice(paths).split("/"))


def _named(root: Path, path: str, mount: str | None) -> tuple[str, ...]:
    parts, above = _parts(path), _parts(mount or "/")
    for candidate in (parts, parts[len(above) :] if above and parts[: len(above)] == above else ()):
        if candidate and _is_file(root, candidate):
            return candidate
    raise FileNotFoundError(errno.ENOENT, "the disk has no such regular file", path)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part not in ("", "."))


def _is_file(root: Path, parts: tuple[str, ...]) -> bool:
    if ".." in parts:
        return False
    try:
        with _at(root, parts[:-1]) as directory:
            return stat.S_ISREG(os.stat(parts[-1], dir_fd=directory, follow_symlinks=False).st_mode)
    except (OSError, ValueError):  # not there, below a file or a symbolic link, not a possible name
        return False


@contextmanager
def _at(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """The directory that *parts* lead to, through no symbolic link."""
    with Ladder(root) as ladder:
        for part in parts:
            ladder.down(part)
        yield ladder.fd


def _flip(directory: int, name: str, draws: random.Random, shown: str) -> None:
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    if found.st_size == 0:
        raise ValueError(f"{shown} is empty: it has no byte that could be changed")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o600 != 0o600:
        os.chmod(name, mode | 0o600, dir_fd=directory)
    fd = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    try:
        offset = draws.randrange(found.st_size)
        byte = os.pread(fd, 1, offset)[0] ^ draws.randrange(1, 256)
        os.pwrite(fd, bytes([byte]), offset)
        os.fchmod(fd, mode)  # writing clears setuid
        os.utime(fd, ns=(found.st_atime_ns, found.st_mtime_ns))
    finally:
        os.close(fd)
