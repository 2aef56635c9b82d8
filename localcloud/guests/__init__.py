"""Guests: what runs inside an instance, on its disks' real files."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from localcloud.chance import stream
from localcloud.disks import Disks
from localcloud.disks.tree import remove_tree
from localcloud.guests.firstboot import FIRST_BOOT, rewrite
from localcloud.guests.recall import Recall
from localcloud.guests.shell import Ran, run_script
from localcloud.guests.standins import FINDMNT

__all__ = ["FIRST_BOOT", "Finished", "Guest", "Guests", "Recall"]

#: A script can't be run: the shell's own exit code for that.
CANNOT_RUN = 126
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_VALUE = re.compile(r"[A-Za-z0-9+/=]*")
#: On the wall clock, whatever the virtual one says: a slow machine must not change what happens in the cloud.
_PATIENCE = timedelta(minutes=15)
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Guest:
    """An instance as Cloud Assistant knows it; `disks` are pairs of device and disk id."""

    instance_id: str
    hostname: str
    private_ip: str
    disks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Finished:
    """How a script ended, and how long that took on the virtual clock."""

    exit_code: int
    output: bytes
    took: timedelta


class Guests:
    """The guests of all instances.  They run scripts that are trusted, which read the disks and do not write.

    *trusted* are hex SHA-256 of the scripts' texts: anything else would be foreign code on the user's machine.
    *recall* remembers what they said before (none: each is really run).
    """

    def __init__(
        self,
        disks: Disks,
        seed: int,
        trusted: frozenset[str],
        first_boot: Mapping[str, str] = FIRST_BOOT,
        patience: timedelta = _PATIENCE,
        recall: Recall | None = None,
    ) -> None:
        self._disks = disks
        self._seed = seed
        self._trusted = trusted
        self._first_boot = first_boot
        self._patience = patience
        self._recall = recall
        self._runs: dict[str, int] = {}

    def run(self, guest: Guest, content: str, parameters: Mapping[str, str], timeout: timedelta) -> Finished:
        """Run a script with its ``{{name}}`` replaced; exit code 126 when it is not to be run.

        `took` is the model's, and may be more than *timeout*; it is when the script had to be killed.
        """
        refusal = self._refusal(content, parameters)
        if refusal is not None:
            return Finished(CANNOT_RUN, f"{refusal}\n".encode(), timedelta(seconds=1))
        for name, value in parameters.items():
            content = content.replace("{{" + name + "}}", value)
        mounted = [(device, disk) for device, disk in guest.disks if self._disks.mount(disk) is not None]
        read = [(device, self._disks.reading(disk)) for device, disk in mounted]
        if self._recall is None:
            ran = self._really_run(content, read)
        else:
            ran = self._recall.run(content, read, lambda: self._really_run(content, read))
        took = self._time(guest)
        return Finished(ran.exit_code, ran.output, max(took, timeout + timedelta(seconds=1)) if ran.killed else took)

    def first_boot(self, guest: Guest) -> None:
        """Rewrite what a first boot rewrites on the system disk, if that holds a root file system."""
        system = dict(guest.disks).get("/dev/xvda")
        if system is None or self._disks.mount(system) != "/":
            return
        facts = {"hostname": guest.hostname, "private_ip": guest.private_ip, "instance_id": guest.instance_id}
        draws = stream(self._seed, "first boot", guest.instance_id)
        rewrite(self._disks.writing(system), self._first_boot, facts, draws)

    def _refusal(self, content: str, parameters: Mapping[str, str]) -> str | None:
        digest = hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()
        if digest not in self._trusted:
            return f"the embedded cloud runs only scripts that it trusts, and not this one (sha256 {digest})"
        for name, value in parameters.items():
            if not _NAME.fullmatch(name):
                return f"a parameter's name may hold letters, digits and _ only: {name!r}"
            if not _VALUE.fullmatch(value):
                return f"the parameter {name} may hold only letters, digits, +, / and ="
        return None

    def _time(self, guest: Guest) -> timedelta:
        """1 to 3 s, and what the disks' bytes take at the instance's own rate of 150 to 400 MB/s."""
        number = self._runs[guest.instance_id] = self._runs.get(guest.instance_id, 0) + 1
        rate = stream(self._seed, "guest rate", guest.instance_id).uniform(150, 400) * _MEGABYTE
        start = stream(self._seed, "guest start", guest.instance_id, number).uniform(1, 3)
        size = sum(self._disks.bytes_used(disk) for _, disk in guest.disks if self._disks.mount(disk) is not None)
        return timedelta(seconds=start + size / rate)

    def _really_run(self, script: str, disks: Sequence[tuple[str, Path]]) -> Ran:
        place = self._disks.scratch()
        try:
            environment = _furnish(place, disks)
            (place / "script").write_bytes(script.encode())
            return run_script(place / "script", environment, place / "tmp", self._patience)
        finally:
            remove_tree(place)


def _furnish(place: Path, disks: Sequence[tuple[str, Path]]) -> Mapping[str, str]:
    """Make the guest's own directories in *place*: root (its mounts), bin (first on its PATH), tmp."""
    root, programs, scratch = place / "root", place / "bin", place / "tmp"
    for directory in (root, programs, scratch):
        directory.mkdir()
    for device, files in disks:
        (root / device.removeprefix("/dev/")).symlink_to(files)
    findmnt = programs / "findmnt"
    findmnt.write_text(FINDMNT)
    findmnt.chmod(0o755)
    lines = (f"{device} {device.removeprefix('/dev')}\n" for device, _ in disks)
    (programs / "findmnt.mounts").write_text("".join(lines))
    return {
        "FERRY_ROOT": os.fspath(root),
        "PATH": f"{programs}:{_PATH}",
        "TMPDIR": os.fspath(scratch),
        "HOME": os.fspath(scratch),
    }
