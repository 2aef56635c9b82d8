"""What a guest tells of its disks: the forms that shared/guest/digest_disks.sh reads and writes, and the manifest.

A *listing* is the children of a directory, one line each, sorted bytewise by name: ``NAME TYPE MODE WHAT``.

- NAME: the bytes of the name; those outside ``!`` to ``~``, and ``%``, as ``%XX``.
- TYPE: find's letter, ``f d l p s c b``; ``%`` is a bucket, see below.
- MODE: octal, as find prints it; ``-`` for a bucket.
- WHAT: for ``f`` the first 32 hex digits of the content's sha256; for ``d`` and ``%`` those of their own listing's (its
  lines, each ended by a newline); for ``l`` ``>TARGET``, escaped as a name is, or ``=HEX``, the sha256 of the escaped
  target, if that has 256 characters or more; for ``c`` and ``b`` ``MAJOR:MINOR`` in hex; for ``p`` and ``s`` ``-``.
  ``!`` stands for anything that could not be read.

A listing of more than 8,000 bytes (a ``!`` counted as a digest) is split: its lines are put into 64 buckets by a hash
of their names, once, twice beyond 256,000 bytes, three times beyond 8,192,000. A bucket is a line ``%~07 % - HEX`` of
the listing above it and has a listing itself, so that a change among 100,000 names is found in a few small answers.

A *path* is ``PARTITION/usr/share``, buckets included; partition 0 is a disk without partitions. The listing of the disk
itself holds its partitions; all 64 digits of its sha256 are the disk's digest. Before a path stands the disk's number.

A *request*, in base64: ``disk N DEVICE KIND SERIAL``; ``boot PATH``, which on the system disk is told apart, if it is a
regular file; ``at K|- PATH``, read only this directory, split K times; ``list PATH``, list it, or a bucket of it.

An *answer*, at most 16,000 bytes of ASCII: ``ferry-digest 1 ECHO`` (16 digits of the parameter's sha256);
``disk N FILES BYTES DIGEST|- UNREAD``; ``unread PATH WHY`` for as many as have room; ``boot PATH MODE HEX|!``;
``dir PATH K COUNT`` and that many lines, a listing (what no ``dir`` tells is not listed); of what was to be listed and
is not, ``gone PATH``, ``later PATH`` (no room beside others) or ``big PATH`` (no room ever); ``end HEX``, the sha256
of all before. Or, when it cannot be done: ``ferry-digest 1 ECHO``, ``failed WHY``, ``end``.

The digests tell path, type, mode, link target and content. They don't tell owner, times, extended attributes, ACLs, or
which names are hard links of one file.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

#: What the first boot of a replica rewrites by itself, and why. Exact paths, regular files, system disk only.
BOOT_PATHS: Final[Mapping[str, str]] = {
    "/etc/hostname": "cloud-init writes the replica's own host name",
    "/etc/hosts": "cloud-init writes the replica's own name and address",
    "/etc/machine-id": "systemd makes one for each machine",
    "/etc/resolv.conf": "DHCP writes the name servers of the target's network",
    "/etc/ssh/ssh_host_ecdsa_key": "cloud-init makes new host keys for a new instance",
    "/etc/ssh/ssh_host_ecdsa_key.pub": "cloud-init makes new host keys for a new instance",
    "/etc/ssh/ssh_host_ed25519_key": "cloud-init makes new host keys for a new instance",
    "/etc/ssh/ssh_host_ed25519_key.pub": "cloud-init makes new host keys for a new instance",
    "/etc/ssh/ssh_host_rsa_key": "cloud-init makes new host keys for a new instance",
    "/etc/ssh/ssh_host_rsa_key.pub": "cloud-init makes new host keys for a new instance",
    "/var/lib/cloud/data/instance-id": "cloud-init notes the instance that it runs on",
    "/var/lib/cloud/data/previous-instance-id": "cloud-init notes the instance that it ran on before",
    "/var/log/cloud-init-output.log": "cloud-init logs each boot",
    "/var/log/cloud-init.log": "cloud-init logs each boot",
}

#: The digest of a listing without lines.
EMPTY: Final = hashlib.sha256(b"").hexdigest()[:32]
#: Cloud Assistant keeps 24 KB of output (DescribeInvocationResults, read 2026-11); the script prints 16,000 bytes.
MOST_OUTPUT: Final = 24 * 1024

_HEX = frozenset("0123456789abcdef")
_PRINTABLE = frozenset(chr(code) for code in range(0x20, 0x7F))
_TYPES = frozenset("fdlpscb%")


class AnswerUnreadable(ValueError):  # noqa: N818 - named for what it is
    """The guest's answer can't be used: what is wrong with it."""


class Frozen(BaseModel):
    """A piece of the proof: it never changes; it stands in records, so a field of a later release is kept."""

    model_config = ConfigDict(frozen=True, extra="allow")


class DiskKind(StrEnum):
    """What a disk is to its instance."""

    SYSTEM = "system"
    DATA = "data"


class DiskRef(Frozen):
    """A disk as DescribeDisks tells it: ``size`` in GiB, ``serial`` its id without ``d-``."""

    device: Annotated[str, Field(pattern=r"^/dev/[a-z0-9]{1,32}$")]
    kind: DiskKind
    size: int
    category: str
    serial: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,64}$")]


class Node(Frozen):
    """The whole listing of a directory or bucket, split ``split`` times."""

    path: str
    split: int
    lines: tuple[str, ...]


class BootFile(Frozen):
    """A regular file at one of BOOT_PATHS; ``digest`` is ``!`` if it could not be read."""

    path: str
    mode: str
    digest: str


class Missed(Frozen):
    """Something of a disk that could not be read, and why; its path is ``""`` for the disk itself."""

    path: str
    why: str


class DiskTree(Frozen):
    """What a guest told of one disk; ``digest`` is empty if the disk was not read at all."""

    disk: DiskRef
    files: int
    bytes: int
    digest: str
    missed_count: int
    missed: tuple[Missed, ...]
    boot: tuple[BootFile, ...]
    nodes: tuple[Node, ...]


class Manifest(Frozen):
    """The digests of a source's disks at one moment."""

    taken_at: datetime
    disks: tuple[DiskTree, ...]


class Line(NamedTuple):
    """One line of a listing."""

    name: str
    type: str
    mode: str
    what: str


class Wanted(NamedTuple):
    """A listing to ask for: of disk ``number``, ``path`` is the directory ``at`` or a bucket of it."""

    number: int
    at: str
    split: int | None
    path: str


class DiskHead(NamedTuple):
    """What an answer says of a disk before any listing; ``digest`` is empty for a disk that was not read whole."""

    files: int
    bytes: int
    digest: str
    missed: int


class Spot(NamedTuple):
    """A path on the disk of that number in the request."""

    number: int
    path: str


class Answer(NamedTuple):
    """One answer, taken apart; every line of it has been checked."""

    heads: tuple[tuple[int, DiskHead], ...]
    missed: tuple[tuple[Spot, str], ...]
    boot: tuple[tuple[int, BootFile], ...]
    nodes: tuple[tuple[int, Node], ...]
    gone: frozenset[Spot]
    later: frozenset[Spot]
    big: frozenset[Spot]


# --- names and paths


def unescaped(name: str) -> bytes:
    """The bytes of a name as listings hold it: `%XX` for all but printable ASCII."""
    head, *rest = name.split("%")
    return head.encode() + b"".join(bytes([int(part[:2], 16)]) + part[2:].encode() for part in rest)


def is_bucket(name: str) -> bool:
    """A bucket's name can't be a file's: ``%`` is never followed by ``~`` in an escaped name."""
    return len(name) == 4 and name.startswith("%~") and _hex(name[2:], 2)


def below(path: str, name: str) -> str:
    """The path of a child; the disk itself has the path ``""``."""
    return f"{path}/{name}" if path else name


def without_buckets(path: str) -> str:
    """The path as the file system has it, still escaped."""
    return "/".join(part for part in path.split("/") if not is_bucket(part))


def on_file_system(path: str) -> str:
    """The path from the root of its file system, escaped, with a leading ``/``: without the partition."""
    return "/" + without_buckets(path).partition("/")[2]


def shown(path: bytes) -> str:
    """A path for people, JSON and terminals.

    Printable UTF-8 stands for itself. ``%`` and every byte of anything else (control characters, other white space than
    a blank, what is not UTF-8) are ``%XX``, so that no two paths look the same to a program.
    """
    text = path.decode("utf-8", "surrogateescape")
    return "".join(char if char.isprintable() and char != "%" else _percent(char) for char in text)


def shown_path(path: str) -> str:
    """The path of an answer for people: from the disk's root; with partitions, the partition's number comes first."""
    real = without_buckets(path)
    partition, _, rest = real.partition("/")
    return shown(unescaped("/" + (rest if partition == "0" else real)))


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))


# --- listings


def digest_of(lines: Sequence[str]) -> str:
    """The whole sha256 of a listing."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode("ascii")).hexdigest()


def line_of(text: str) -> Line:
    """A line of a listing in its parts; the text has been checked before."""
    return Line(*text.split(" "))


# --- requests


def first_request(disks: tuple[DiskRef, ...]) -> str:
    """The script's parameter that asks for the whole of these disks."""
    return request(disks, ())


def request(disks: tuple[DiskRef, ...], wanted: Sequence[Wanted]) -> str:
    """The script's parameter that asks for these listings, or for the whole of the disks when none is named."""
    numbers = {one.number for one in wanted} or set(range(1, len(disks) + 1))
    lines = [
        f"disk {number} {disk.device} {disk.kind} {disk.serial or '-'}"
        for number, disk in enumerate(disks, start=1)
        if number in numbers
    ]
    if any(" system " in line for line in lines):
        lines += [f"boot {path}" for path in BOOT_PATHS]
    for number, at, split in dict.fromkeys((one.number, one.at, one.split) for one in wanted):
        lines.append(f"at {'-' if split is None else split} {number}/{at}")
    lines += [f"list {one.number}/{one.path}" for one in wanted]
    return base64.b64encode("".join(f"{line}\n" for line in lines).encode("ascii")).decode("ascii")


# --- answers


def read_manifest(output: str | bytes, disks: tuple[DiskRef, ...], taken_at: datetime) -> Manifest:
    """The manifest in a source's answer to ``first_request(disks)``; raises AnswerUnreadable."""
    return Manifest(taken_at=taken_at, disks=read_disks(output, disks))


def read_disks(output: str | bytes, disks: tuple[DiskRef, ...]) -> tuple[DiskTree, ...]:
    """What an answer to ``first_request(disks)`` tells of each disk; raises AnswerUnreadable."""
    answer = read_answer(output, first_request(disks))
    if [number for number, _ in answer.heads] != list(range(1, len(disks) + 1)):
        raise AnswerUnreadable("it is about other disks")
    if any(not 1 <= spot.number <= len(disks) for spot in _spots(answer)):
        raise AnswerUnreadable("it speaks of a disk that was not asked for")
    return tuple(_tree(answer, number, head, disks[number - 1]) for number, head in answer.heads)


def read_answer(output: str | bytes, parameter: str) -> Answer:
    """The answer to that parameter, taken apart and checked line by line; raises AnswerUnreadable."""
    return _Reader(_body(output, parameter)).answer()


def _spots(answer: Answer) -> Iterator[Spot]:
    yield from (spot for spot, _ in answer.missed)
    yield from (Spot(number, file.path) for number, file in answer.boot)
    yield from (Spot(number, node.path) for number, node in answer.nodes)
    yield from (*answer.gone, *answer.later, *answer.big)


def _body(output: str | bytes, parameter: str) -> list[str]:
    """The lines between the first and the last, which are checked."""
    data = output.encode("utf-8", "surrogatepass") if isinstance(output, str) else output
    if len(data) > MOST_OUTPUT:
        raise AnswerUnreadable("it is longer than Cloud Assistant lets through")
    text = data.decode("latin-1").rstrip("\n")
    if not all(char in _PRINTABLE or char == "\n" for char in text):
        raise AnswerUnreadable("it holds something else than printable ASCII")
    first, *rest = text.split("\n")
    if first != f"ferry-digest 1 {hashlib.sha256(parameter.encode()).hexdigest()[:16]}":
        raise AnswerUnreadable("it is not the answer to this question")
    if rest and rest[0].startswith("failed "):
        raise AnswerUnreadable(f"the guest could not do it: {rest[0][7:300]}")
    if not rest or not rest[-1].startswith("end "):
        raise AnswerUnreadable("it is cut short")
    if rest[-1][4:] != digest_of([first, *rest[:-1]]):
        raise AnswerUnreadable("it was changed on its way")
    return rest[:-1]


class _Reader:
    """Takes the lines of an answer apart, strictly; what doesn't fit the form raises AnswerUnreadable."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._next = 0
        self._heads: dict[int, DiskHead] = {}
        self._missed: list[tuple[Spot, str]] = []
        self._boot: list[tuple[int, BootFile]] = []
        self._nodes: dict[Spot, Node] = {}
        self._not_told: dict[str, set[Spot]] = {"gone": set(), "later": set(), "big": set()}

    def answer(self) -> Answer:
        while self._next < len(self._lines):
            word, *parts = self._take().split(" ")
            self._line(word, parts)
        return Answer(
            heads=tuple(self._heads.items()),
            missed=tuple(self._missed),
            boot=tuple(self._boot),
            nodes=tuple((spot.number, node) for spot, node in self._nodes.items()),
            gone=frozenset(self._not_told["gone"]),
            later=frozenset(self._not_told["later"]),
            big=frozenset(self._not_told["big"]),
        )

    def _take(self) -> str:
        if self._next == len(self._lines):
            raise AnswerUnreadable("a listing is cut short")
        self._next += 1
        return self._lines[self._next - 1]

    def _line(self, word: str, parts: list[str]) -> None:
        match word, parts:
            case "disk", [number, files, size, digest, missed]:
                self._head(_number(number), DiskHead(_number(files), _number(size), _root(digest), _number(missed)))
            case "unread", [where, _, *_]:
                self._missed.append((_spot(where), " ".join(parts[1:])[:100]))
            case "boot", [where, mode, digest]:
                self._boot_file(_spot(where), mode, digest)
            case "dir", [where, split, count]:
                self._node(_spot(where), _number(split), _number(count))
            case "gone" | "later" | "big", [where]:
                self._not_told[word].add(_spot(where))
            case _:
                raise AnswerUnreadable("a line has no known form")

    def _head(self, number: int, head: DiskHead) -> None:
        if number in self._heads:
            raise AnswerUnreadable("it tells a disk twice")
        self._heads[number] = head

    def _boot_file(self, spot: Spot, mode: str, digest: str) -> None:
        if on_file_system(spot.path) not in BOOT_PATHS or any(
            spot == Spot(number, known.path) for number, known in self._boot
        ):
            raise AnswerUnreadable("it sets a file apart that is not the boot's")
        if not (_mode(mode) and (digest == "!" or _hex(digest, 32))):
            raise AnswerUnreadable("a line has no known form")
        self._boot.append((spot.number, BootFile(path=spot.path, mode=mode, digest=digest)))

    def _node(self, spot: Spot, split: int, count: int) -> None:
        if spot in self._nodes or split > 3:
            raise AnswerUnreadable("a listing has no known form")
        lines = tuple(self._take() for _ in range(count))
        names = [_checked(line).name for line in lines]
        if names != sorted(set(names)):
            raise AnswerUnreadable("a listing is not in order")
        if split and not all(map(is_bucket, names)):
            raise AnswerUnreadable("a listing is not split as it says")
        self._nodes[spot] = Node(path=spot.path, split=split, lines=lines)


def _tree(answer: Answer, number: int, head: DiskHead, disk: DiskRef) -> DiskTree:
    boot = tuple(file for at, file in answer.boot if at == number)
    if boot and disk.kind is not DiskKind.SYSTEM:
        raise AnswerUnreadable("it sets files apart on a data disk")
    nodes = tuple(node for at, node in answer.nodes if at == number)
    _check_chain(nodes, head.digest)
    unread = any(line_of(text).what == "!" for node in nodes for text in node.lines)
    if not head.missed and (unread or any(file.digest == "!" for file in boot)):
        raise AnswerUnreadable("it tells of what could not be read, and counts none")
    return DiskTree(
        disk=disk,
        files=head.files,
        bytes=head.bytes,
        digest=head.digest,
        missed_count=head.missed,
        missed=tuple(Missed(path=spot.path, why=why) for spot, why in answer.missed if spot.number == number),
        boot=boot,
        nodes=nodes,
    )


def _check_chain(nodes: tuple[Node, ...], root: str) -> None:
    """Each listing has the digest that the one above it says, up to the root."""
    expected = {"": root or digest_of(())}
    for node in nodes:
        if node.path not in expected or not is_listing_of(node, expected[node.path]):
            raise AnswerUnreadable("a listing is not of its directory's digest")
        for line in map(line_of, node.lines):
            if line.type in "d%":
                expected[below(node.path, line.name)] = line.what
    if root and "" not in {node.path for node in nodes}:
        raise AnswerUnreadable("the listing of a disk is missing")


def is_listing_of(node: Node, digest: str) -> bool:
    """Is this the listing that has the digest, whole or shortened?"""
    return digest_of(node.lines)[: len(digest)] == digest


def _checked(text: str) -> Line:
    parts = text.split(" ")
    if len(parts) != 4:
        raise AnswerUnreadable("a line of a listing has no known form")
    line = Line(*parts)
    good = (
        (is_bucket(line.name) and line.mode == "-" and _hex(line.what, 32))
        if line.type == "%"
        else (_name(line.name) and line.type in _TYPES and _mode(line.mode) and _what(line.type, line.what))
    )
    if not good:
        raise AnswerUnreadable("a line of a listing has no known form")
    return line


def _what(type_: str, what: str) -> bool:
    if what == "!":
        return True
    match type_:
        case "f" | "d":
            return _hex(what, 32)
        case "l":
            return (what[:1] == ">" and _escapes(what[1:])) or (what[:1] == "=" and _hex(what[1:], 32))
        case "c" | "b":
            major, _, minor = what.partition(":")
            return _hex(major, len(major) or 1) and _hex(minor, len(minor) or 1)
        case _:
            return what == "-"


def _spot(text: str) -> Spot:
    number, _, path = text.partition("/")
    parts = path.split("/") if path else []
    if not all(_name(part) or is_bucket(part) for part in parts) or (parts and not parts[0].isdigit()):
        raise AnswerUnreadable("a path has no known form")
    return Spot(_number(number), path)


def _name(text: str) -> bool:
    return bool(text) and "/" not in text and text not in {".", ".."} and _escapes(text)


def _escapes(text: str) -> bool:
    """Is every ``%`` the start of an escape that was needed?"""
    return all(len(part) >= 2 and _needed(part[:2]) for part in text.split("%")[1:])


def _needed(digits: str) -> bool:
    if not all(digit in "0123456789ABCDEF" for digit in digits):
        return False
    byte = int(digits, 16)
    return byte != 0 and (byte == 0x25 or not 0x20 < byte < 0x7F)


def _mode(text: str) -> bool:
    return 1 <= len(text) <= 4 and all(digit in "01234567" for digit in text)


def _hex(text: str, digits: int) -> bool:
    return len(text) == digits and all(digit in _HEX for digit in text)


def _number(text: str) -> int:
    if not (1 <= len(text) <= 18 and text.isdigit()):
        raise AnswerUnreadable("a number has no known form")
    return int(text)


def _root(text: str) -> str:
    if text != "-" and not _hex(text, 64):
        raise AnswerUnreadable("a digest has no known form")
    return "" if text == "-" else text
