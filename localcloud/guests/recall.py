"""What scripts said about disks, for runs of many clouds: a script of a few dozen processes costs more than all else.

One seed gives one history, to the byte, so what a trusted script says follows from its text and from what a world
file can say of a disk's files: names, types, modes, owners, links and contents.  Not from times, inodes or paths on
this machine, which are others in each run.  What is asked again about the same is answered from memory.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from localcloud.guests.shell import Ran


class Recall:
    """Remembers the last *most* runs; to be shared by clouds of one process, of which one runs at a time."""

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._ran: dict[bytes, Ran] = {}

    def run(self, script: str, disks: Iterable[tuple[str, Path]], really: Callable[[], Ran]) -> Ran:
        """How *script* ended on *disks* (each mounted one's device and directory) before; else it is *really* run.

        A run that had to be killed is not remembered, nor one on files that can't be read here.
        """
        asked = _digest(script, disks)
        if asked is None:
            return really()
        if asked in self._ran:
            return self._ran[asked]
        ran = really()
        if not ran.killed:
            self._ran[asked] = ran
            if len(self._ran) > self._most:
                del self._ran[next(iter(self._ran))]
        return ran


def _digest(script: str, disks: Iterable[tuple[str, Path]]) -> bytes | None:
    """A digest of all that the script can tell of; None when that can't be read."""
    lines = [script.encode()]
    try:
        for device, root in disks:
            lines.append(device.encode())
            _tell(root, lines)
    except OSError:
        return None  # the script says itself what it can't read
    return hashlib.sha256(b"".join(b"%d:%b" % (len(line), line) for line in lines)).digest()


def _tell(folder: Path | str, lines: list[bytes]) -> None:
    """Add a line or two for each entry of *folder*, and one for its end."""
    for entry in sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name)):
        found = entry.stat(follow_symlinks=False)
        about = (found.st_mode, found.st_uid, found.st_gid, found.st_nlink, found.st_rdev)
        lines += [os.fsencode(entry.name), repr(about).encode()]
        if stat.S_ISLNK(found.st_mode):
            lines.append(os.fsencode(Path(entry.path).readlink()))
        elif stat.S_ISDIR(found.st_mode):
            _tell(entry.path, lines)
        elif stat.S_ISREG(found.st_mode):
            with Path(entry.path).open("rb") as content:
                lines.append(hashlib.file_digest(content, "sha256").digest())
    lines.append(b"/")
