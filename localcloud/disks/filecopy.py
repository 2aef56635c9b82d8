"""The content of one file to another, holes as holes."""

import errno
import os

_CHUNK = 1 << 20
_SMALL = 1 << 17
#: What says that the kernel can't copy between these two files by itself.
_BY_HAND = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF})


def copy_content(source: int, target: int, found: os.stat_result) -> None:
    """Fill the empty file *target* with what *source* holds; *found* is the source's own stat."""
    size = found.st_size
    if found.st_blocks * 512 < size:
        _copy_data(source, target, size)
    elif size <= _SMALL:
        _write(target, os.read(source, size) if size else b"", 0)
    else:
        _copy_range(source, target, 0, size)


def _copy_data(source: int, target: int, size: int) -> None:
    """Copy only where there is data; what lies between costs neither time nor room."""
    os.ftruncate(target, size)
    end = 0
    while (start := _next_data(source, end)) is not None and start < size:
        end = min(os.lseek(source, start, os.SEEK_HOLE), size)
        _copy_range(source, target, start, end)


def _next_data(source: int, offset: int) -> int | None:
    try:
        return os.lseek(source, offset, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return None
        raise


def _copy_range(source: int, target: int, start: int, end: int) -> None:
    while start < end:
        moved = _by_kernel(source, target, start, end - start)
        if moved is None:
            moved = _write(target, os.pread(source, min(_CHUNK, end - start), start), start)
        if moved == 0:  # the file became shorter meanwhile
            return
        start += moved


def _by_kernel(source: int, target: int, offset: int, count: int) -> int | None:
    """How much the kernel copied by itself, which shares blocks where the file system can; None when it can't."""
    try:
        return os.copy_file_range(source, target, count, offset, offset)
    except OSError as error:
        if error.errno in _BY_HAND:
            return None
        raise


def _write(target: int, data: bytes, offset: int) -> int:
    done = 0
    while done < len(data):
        done += os.pwrite(target, data[done:], offset + done)
    return done
