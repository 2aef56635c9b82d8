"""A guest with real directories for disks, on which the real script runs; and the same digests, computed apart."""

import base64
import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import shared
from localcloud.guests import Recall
from localcloud.guests.shell import Ran as Recalled
from shared.replication.proof import (
    DiskKind,
    DiskRef,
    Examination,
    Manifest,
    Proof,
    Side,
    begin,
    first_request,
    learn,
    next_question,
    read_manifest,
    unanswered,
    verdict,
)

SCRIPT = Path(shared.__file__).parent / "guest" / "digest_disks.sh"
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
SYSTEM = DiskRef(device="/dev/xvda", kind=DiskKind.SYSTEM, size=40, category="cloud_essd", serial="bp1system")
DATA = DiskRef(device="/dev/xvdb", kind=DiskKind.DATA, size=100, category="cloud_essd", serial="bp1data")
_FINDMNT = """#!/bin/sh
for word; do device=${word##*/}; done
[ -d "$FERRY_ROOT/$device" ] && echo "/$device"
"""


_MANIFESTS = Recall()


@dataclass(frozen=True)
class Ran:
    """How the script ended."""

    code: int
    output: bytes


@dataclass(frozen=True)
class Guest:
    """A machine whose disk /dev/xvda is the directory ``root/xvda``, and so on."""

    home: Path
    shell: tuple[str, ...] = ("/bin/sh",)
    become: tuple[str, ...] = ()
    tools: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in ("bin", "tmp", "root"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        (self.home / "bin" / "findmnt").write_text(_FINDMNT)
        (self.home / "bin" / "findmnt").chmod(0o755)

    @property
    def temporary(self) -> Path:
        """Where the script may write."""
        return self.home / "tmp"

    def disk(self, name: str = "xvda") -> Path:
        """The root of a disk; made if it isn't there."""
        path = self.home / "root" / name
        path.mkdir(exist_ok=True)
        return path

    def run(self, parameter: str) -> Ran:
        """Cloud Assistant's part: the parameter put into the text, and a shell to run it."""
        script = self.home / "script.sh"
        script.write_text(SCRIPT.read_text().replace("{{request}}", parameter))
        path = str(self.tools) if self.tools else os.environ["PATH"]
        ran = subprocess.run(
            [*self.become, *self.shell, script],
            cwd=self.temporary,
            env={
                "PATH": f"{self.home / 'bin'}:{path}",
                "FERRY_ROOT": str(self.home / "root"),
                "TMPDIR": str(self.temporary),
                **self.environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout)

    def manifest(self, *disks: DiskRef) -> Manifest:
        """Its manifest now; of the same files it is read once, unless something is special about the machine."""
        parameter = first_request(disks)
        if self.become or self.tools or self.environment:
            return read_manifest(self.run(parameter).output, disks, NOON)
        roots = [(f"/dev/{root.name}", root) for root in sorted((self.home / "root").iterdir())]
        ran = _MANIFESTS.run(
            f"{self.shell} {parameter}",
            [("its own programs", self.home / "bin"), *roots],
            lambda: self._for_manifest(parameter),
        )
        return read_manifest(ran.output, disks, NOON)

    def _for_manifest(self, parameter: str) -> Recalled:
        ran = self.run(parameter)
        return Recalled(ran.code, ran.output, killed=False)


@dataclass(frozen=True)
class Told:
    """An examination to its end, with what was asked and answered on the way."""

    proof: Proof
    asked: tuple[tuple[Side, str], ...]
    longest: int


def examine(
    manifest: Manifest, source: Guest | None, replica: Guest, *disks: DiskRef, first: Examination | None = None
) -> Told:
    """The whole exchange, each state once to JSON and back; without a source that can't be asked any more."""
    exam = first or begin(manifest, disks)
    asked: list[tuple[Side, str]] = []
    longest = 0
    while question := next_question(exam):
        guest = source if question.side is Side.SOURCE else replica
        asked.append((question.side, question.parameter))
        if guest is None:
            exam = unanswered(exam, Side.SOURCE, "it is stopped")
            continue
        ran = guest.run(question.parameter)
        assert ran.code == 0, ran.output
        longest = max(longest, len(ran.output))
        exam = learn(exam, question.side, ran.output)
        exam = Examination.model_validate_json(exam.model_dump_json())
    proof = verdict(exam)
    assert Proof.model_validate_json(proof.model_dump_json()) == proof
    return Told(proof, tuple(asked), longest)


def a_guest(home: Path) -> Guest:
    """A machine with a little of everything, and one directory of many files, on two disks."""
    guest = Guest(home)
    for disk in (guest.disk(), guest.disk("xvdb")):
        for folder in ("etc/ssh", "var/lib/app/deep/er/and/deeper", "empty", "many"):
            (disk / folder).mkdir(parents=True)
        for name in ("etc/hostname", "etc/passwd", "var/lib/app/state", "var/lib/app/deep/er/and/deeper/leaf", "none"):
            (disk / name).write_text(f"this is {name}\n")
        (disk / "none").write_text("")
        (disk / "link").symlink_to("etc/passwd")
        (disk / path_of(b"odd \xff\n%")).write_text("odd")
        for number in range(250):
            (disk / f"many/file {number}").write_text(str(number))
    return guest


def a_fleet_of_folders(guest: Guest, folder: str) -> None:
    """More folders than a manifest has room to list, so that what is in them must be asked for."""
    for number in range(120):
        inner = guest.disk() / folder / f"{number}"
        inner.mkdir(parents=True)
        for name in "abcdefgh":
            (inner / f"file {name}").write_text(f"{number} {name}")


def flip(path: Path) -> None:
    """One byte of the file changed, its time kept."""
    status = path.lstat()
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def copy_of(guest: Guest, home: Path) -> Guest:
    """Another machine with the same disks."""
    shutil.rmtree(home / "root", ignore_errors=True)
    home.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", "--sparse=always", guest.home / "root", home / "root"], check=True)
    return Guest(home)


def asking(*lines: str) -> str:
    """A parameter of these lines."""
    return base64.b64encode("".join(f"{line}\n" for line in lines).encode()).decode()


# --- the same digests, by other means


def path_of(name: bytes) -> str:
    """A name of any bytes, for a Path."""
    return os.fsdecode(name)


def escape(name: str) -> str:
    return "".join(
        f"%{byte:02X}" if byte <= 0x20 or byte >= 0x7F or byte == 0x25 else chr(byte) for byte in os.fsencode(name)
    )


def listing(directory: Path, leave_out: Collection[str] = (), root: Path = Path("/")) -> list[str]:
    """The lines of a directory's listing, without buckets."""
    lines = []
    for path in directory.iterdir():
        status = path.lstat()
        if not (stat.S_ISREG(status.st_mode) and f"/{path.relative_to(root)}" in leave_out):
            what = _what(path, status, leave_out, root)
            lines.append(f"{escape(path.name)} {_letter(status.st_mode)} {stat.S_IMODE(status.st_mode):o} {what}")
    return sorted(lines, key=lambda line: line.split(" ")[0].encode())


def split(lines: list[str]) -> list[str]:
    """A listing in buckets, if it is too long."""
    size = sum(len(line) + 1 for line in lines)
    times = 0 if size <= 8000 else 1 + (size > 256_000) + (size > 8_192_000)
    return _buckets(lines, times, 0)


def digest(lines: list[str]) -> str:
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def root_digest(disk: Path, leave_out: Collection[str] = ()) -> str:
    """The digest of a disk without partitions."""
    below = digest(split(listing(disk, leave_out, disk)))[:32]
    return digest([f"0 d {stat.S_IMODE(disk.lstat().st_mode):o} {below}"])


def _buckets(lines: list[str], times: int, done: int) -> list[str]:
    if times == done:
        return lines
    buckets: dict[int, list[str]] = {}
    for line in lines:
        buckets.setdefault(_hash(line.split(" ")[0]) // 64**done % 64, []).append(line)
    return [
        f"%~{number:02x} % - {digest(_buckets(inside, times, done + 1))[:32]}"
        for number, inside in sorted(buckets.items())
    ]


def _hash(name: str) -> int:
    value = 0
    for char in name:
        value = (value * 31 + ord(char)) % 16777213
    return value


def _letter(mode: int) -> str:
    return stat.filemode(mode)[0].replace("-", "f")


def _what(path: Path, status: os.stat_result, leave_out: Collection[str], root: Path) -> str:
    if stat.S_ISDIR(status.st_mode):
        return digest(split(listing(path, leave_out, root)))[:32]
    if stat.S_ISLNK(status.st_mode):
        target = escape(str(path.readlink()))
        return f">{target}" if len(target) < 256 else f"={hashlib.sha256(target.encode()).hexdigest()[:32]}"
    if stat.S_ISREG(status.st_mode):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        return f"{os.major(status.st_rdev):x}:{os.minor(status.st_rdev):x}"
    return "-"
