"""The proof that a replica's disks hold the files of its source's manifest, as far as it goes and no further.

The disks' digests decide. Where they differ, questions go down the tree of digests, to the source and the replica in
turn, until the paths are found. The source's listing of today stands for the manifest as long as it has the digest that
the manifest says; where the source has changed since, nothing there is proved, and what differs is *in flux*.

What the first boot rewrites: on the system disk, a path of BOOT_PATHS at which there is a regular file is left out of
its directory's digest and told by itself.

- A regular file on both sides: another content is named in ``changed_by_boot``; another mode is a difference.
- A regular file on one side and nothing on the other: named in ``changed_by_boot``.
- A link, a directory or anything else in its place, on either side, is in the digest as anything is, and a difference
  unless the other side has the same.
- On a data disk nothing is left out.
"""

import hashlib
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from shared.replication.manifest import (
    BOOT_PATHS,
    EMPTY,
    AnswerUnreadable,
    BootFile,
    DiskKind,
    DiskRef,
    DiskTree,
    Frozen,
    Line,
    Manifest,
    Missed,
    Node,
    Spot,
    Wanted,
    below,
    first_request,
    is_listing_of,
    line_of,
    read_answer,
    read_disks,
    read_manifest,
    request,
    shown,
    shown_path,
    without_buckets,
)

__all__ = [
    "BOOT_PATHS",
    "AnswerUnreadable",
    "Difference",
    "DiskKind",
    "DiskProof",
    "DiskRef",
    "DiskTree",
    "Examination",
    "Manifest",
    "Proof",
    "Question",
    "Side",
    "Unread",
    "Verdict",
    "begin",
    "first_request",
    "learn",
    "next_question",
    "read_manifest",
    "shown",
    "unanswered",
    "verdict",
]

#: Questions of one examination; each answer is 16,000 bytes at most.
MOST_QUESTIONS: Final = 40
#: Paths that a proof names; the rest is counted.
MOST_NAMED: Final = 200
#: Characters of one question's parameter.
MOST_PARAMETER: Final = 3_000


class Side(StrEnum):
    """Whose disks."""

    SOURCE = "source"
    REPLICA = "replica"


class Verdict(StrEnum):
    """What the evidence amounts to."""

    SAME = "same"
    DIFFERENT = "different"
    UNPROVED = "unproved"


class Difference(Frozen):
    """What is not as it was on the source: missing, extra, content, mode, type, link target, device number, ..."""

    path: str
    what: str


class Unread(Frozen):
    """What could not be read, on which side and why."""

    path: str
    side: Side
    why: str


class DiskProof(Frozen):
    """One disk's part; ``more`` says in words how much is not named, files and bytes are those of the manifest."""

    device: str
    files: int
    bytes: int
    differences: tuple[Difference, ...]
    changed_by_boot: tuple[str, ...]
    in_flux: tuple[str, ...]
    unread: tuple[Unread, ...]
    more: str


class Proof(Frozen):
    """The verdict, its evidence, and the digest of the manifest that it speaks of; ``reasons`` why it is unproved."""

    verdict: Verdict
    disks: tuple[DiskProof, ...]
    digest: str
    reasons: tuple[str, ...]


class Question(Frozen):
    """What to run next: the script, on this side, with this parameter."""

    side: Side
    parameter: str


class Learned(Frozen):
    """A listing that a side told after its first answer; without a node: it had none to tell, and why."""

    side: Side
    device: str
    path: str
    node: Node | None
    why: str


class Silence(Frozen):
    """A side that can't be asked, and why."""

    side: Side
    why: str


class Examination(Frozen):
    """All that is known between two questions."""

    manifest: Manifest
    disks: tuple[DiskRef, ...]
    replica: tuple[DiskTree, ...] | None = None
    learned: tuple[Learned, ...] = ()
    silent: tuple[Silence, ...] = ()
    asked: int = 0


def begin(manifest: Manifest, disks_of_replica: tuple[DiskRef, ...]) -> Examination:
    """An examination of a replica with these disks, before the first question."""
    return Examination(manifest=manifest, disks=disks_of_replica)


def next_question(exam: Examination) -> Question | None:
    """What to ask next; None when nothing more can be learned, or enough has been."""
    plan = _plan(exam)
    return None if plan is None else Question(side=plan.side, parameter=plan.parameter)


def learn(exam: Examination, side: Side, output: str | bytes) -> Examination:
    """The examination after the answer to its next question; raises AnswerUnreadable, then nothing was learned."""
    plan = _plan(exam)
    if plan is None or plan.side != side:
        raise AnswerUnreadable("it is not the answer to this question")
    if not plan.wanted:
        return _with(exam, replica=read_disks(output, exam.disks), asked=exam.asked + 1)
    learned = _learned(plan, side, output)
    return _pruned(_with(exam, learned=(*exam.learned, *learned), asked=exam.asked + 1))


def unanswered(exam: Examination, side: Side, why: str) -> Examination:
    """The examination when that side can't be asked any more."""
    return _with(exam, silent=(*exam.silent, Silence(side=side, why=why)))


def verdict(exam: Examination) -> Proof:
    """What is proved by what is known; it may be asked for at any time."""
    disks = tuple(_disk_proof(exam, device) for device in _devices(exam))
    reasons = tuple(_reasons(exam, disks))
    different = any(disk.differences for disk in disks)
    return Proof(
        verdict=Verdict.DIFFERENT if different else Verdict.UNPROVED if reasons else Verdict.SAME,
        disks=disks,
        digest=_digest(exam.manifest),
        reasons=reasons,
    )


# --- what to ask


class _Plan(NamedTuple):
    side: Side
    wanted: tuple[Wanted, ...]
    devices: tuple[str, ...]
    parameter: str


def _plan(exam: Examination) -> _Plan | None:
    silent = _silent(exam)
    if Side.REPLICA in silent or exam.asked >= MOST_QUESTIONS or not exam.disks:
        return None
    if exam.replica is None:
        return _Plan(Side.REPLICA, (), (), first_request(exam.disks))
    walks = _walks(exam)
    if sum(walk.named for walk in walks.values()) >= MOST_NAMED:
        return None
    for side in (Side.SOURCE, Side.REPLICA):
        disks = tuple(tree.disk for tree in exam.manifest.disks) if side is Side.SOURCE else exam.disks
        wanted = [
            Wanted(_number(disks, device), spot.at, split, spot.path)
            for device, walk in walks.items()
            for of, spot, split in walk.open
            if of is side and side not in silent
        ]
        if chosen := _that_fit(disks, wanted):
            return _Plan(side, chosen, tuple(disk.device for disk in disks), request(disks, chosen))
    return None


def _that_fit(disks: tuple[DiskRef, ...], wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """As many as a parameter holds, in their order; one whose path is too long is passed over."""
    chosen: tuple[Wanted, ...] = ()
    for one in wanted:
        if len(request(disks, (*chosen, one))) <= MOST_PARAMETER:
            chosen = (*chosen, one)
    return chosen


def _number(disks: tuple[DiskRef, ...], device: str) -> int:
    return 1 + [disk.device for disk in disks].index(device)


def _silent(exam: Examination) -> frozenset[Side]:
    return frozenset(silence.side for silence in exam.silent)


# --- what an answer teaches


def _learned(plan: _Plan, side: Side, output: str | bytes) -> Iterator[Learned]:
    answer = read_answer(output, plan.parameter)
    asked = {Spot(one.number, one.path) for one in plan.wanted}
    nodes = {Spot(number, node.path): node for number, node in answer.nodes}
    if (answer.gone | answer.later | answer.big) - asked or not asked <= (
        nodes.keys() | answer.gone | answer.later | answer.big
    ):
        raise AnswerUnreadable("it does not tell what was asked")
    if asked <= answer.later:
        raise AnswerUnreadable("it tells nothing")
    _check_below(nodes, asked)
    for spot, node in nodes.items():
        yield Learned(side=side, device=plan.devices[spot.number - 1], path=spot.path, node=node, why="")
    for spots, why in ((answer.gone, "gone"), (answer.big, "big")):
        for spot in sorted(spots):
            yield Learned(side=side, device=plan.devices[spot.number - 1], path=spot.path, node=None, why=why)


def _check_below(nodes: dict[Spot, Node], asked: set[Spot]) -> None:
    """What was told without being asked for has the digest that a listing above it says."""
    expected: dict[Spot, str] = {}
    for spot, node in nodes.items():
        if spot not in asked and not (spot in expected and is_listing_of(node, expected[spot])):
            raise AnswerUnreadable("a listing is not of its directory's digest")
        for line in map(line_of, node.lines):
            if line.type in "d%":
                expected[Spot(spot.number, below(spot.path, line.name))] = line.what


def _pruned(exam: Examination) -> Examination:
    """Without the listings that no walk comes to, nor could."""
    walks = _walks(exam)
    return _with(exam, learned=tuple(one for one in exam.learned if walks[one.device].may_use(one)))


def _with(exam: Examination, **changes: object) -> Examination:
    return Examination.model_validate({**dict(exam), **changes})


# --- the walk down two trees


class _At(NamedTuple):
    """A pair of listings to compare.

    ``at`` is the directory that it is, or is a bucket of; ``split`` how often that one is split, None while unknown.
    ``flux``: what is expected is what the source says now, not what the manifest says.
    """

    path: str
    at: str
    split: int | None
    expected: str
    found: str
    flux: bool


class _Walk:
    """Goes down the manifest's tree and the replica's as far as both are known."""

    def __init__(self, exam: Examination, source: DiskTree, replica: DiskTree) -> None:
        self.source = source
        self.replica = replica
        self.differences: list[Difference] = []
        self.by_boot: list[str] = []
        self.in_flux: list[str] = []
        self.unread: list[Unread] = []
        self.open: list[tuple[Side, _At, int | None]] = []
        self._silent = _silent(exam)
        self._used: set[tuple[Side, str]] = set()
        self._told = {Side.SOURCE: _nodes(source), Side.REPLICA: _nodes(replica)}
        self._now: dict[str, Node] = {}
        self._none: dict[tuple[Side, str], str] = {}
        for one in exam.learned:
            if one.device == source.disk.device:
                if one.node is None:
                    self._none[one.side, one.path] = one.why
                else:
                    self._told[one.side].setdefault(one.path, []).append(one.node)
                    if one.side is Side.SOURCE:
                        self._now[one.path] = one.node
        self._boot = {side: {file.path: file for file in tree.boot} for side, tree in self._trees()}
        self._go()

    @property
    def named(self) -> int:
        """How many paths it names."""
        return len(self.differences) + len(self.in_flux)

    def may_use(self, one: Learned) -> bool:
        """Is it of use to this walk, or could it be when more is known?"""
        return (one.side, one.path) in self._used or any(
            one.path == spot.path or one.path.startswith(spot.path + "/") for _, spot, _ in self.open
        )

    def finish(self) -> None:
        """Names what can't be looked into any further where it was seen last."""
        for _, spot, _ in self.open:
            self._opaque(spot)
        self.open = []

    def _trees(self) -> tuple[tuple[Side, DiskTree], ...]:
        return ((Side.SOURCE, self.source), (Side.REPLICA, self.replica))

    def _go(self) -> None:
        for side, tree in self._trees():
            self.unread += [Unread(path=shown_path(one.path), side=side, why=one.why) for one in tree.missed]
        if self.source.digest and self.replica.digest:
            spots = [_At("", "", 0, self.source.digest, self.replica.digest, flux=False)]
            while spots and spots[0].expected != spots[0].found:
                spots = [child for spot in spots for child in self._step(spot)]
            self._compare_boot_files()

    def _step(self, spot: _At) -> list[_At]:
        """Compares a pair of listings whose digests differ, if both are known; the pairs below it that differ."""
        source = self._listing_of_source(spot)
        if source is None:
            return []
        flux = spot.flux or not is_listing_of(source, spot.expected)
        found = self._listing_of_replica(spot, source)
        if found is None:
            return []
        before = self.named + len(self.unread)
        children = list(self._compare(spot._replace(flux=flux), source, found))
        if flux != spot.flux and not children and self.named + len(self.unread) == before:
            self._name(spot.path, "", flux=True)
        elif not flux and is_listing_of(found, spot.expected):
            self._name(spot.path, "", flux=True)  # the replica has become the same while it was asked
        return children

    def _listing_of_source(self, spot: _At) -> Node | None:
        """The listing that has the expected digest, else what the source says now; None: it is not known."""
        if spot.expected == EMPTY:
            return Node(path=spot.path, split=0, lines=())
        self._used.add((Side.SOURCE, spot.path))
        for node in self._told[Side.SOURCE].get(spot.path, []):
            if is_listing_of(node, spot.expected):
                return node
        if spot.path in self._now:
            return self._now[spot.path]
        why = self._none.get((Side.SOURCE, spot.path))
        if why == "gone":
            self._name(spot.path, "", flux=True)
        elif why or Side.SOURCE in self._silent:
            self._opaque(spot)
        else:
            self.open.append((Side.SOURCE, spot, spot.split))
        return None

    def _listing_of_replica(self, spot: _At, source: Node) -> Node | None:
        """The replica's listing, split like the source's; None: it is not known."""
        if spot.found == EMPTY:
            return Node(path=spot.path, split=source.split, lines=())
        self._used.add((Side.REPLICA, spot.path))
        for node in reversed(self._told[Side.REPLICA].get(spot.path, [])):
            if node.split == source.split or not node.lines or not source.lines:
                return node
        why = self._none.get((Side.REPLICA, spot.path))
        if why == "gone":
            self._name(spot.path, "", flux=True)
        elif why:
            self._opaque(spot)
        else:
            natural = source.split if source.lines else None
            self.open.append((Side.REPLICA, spot, natural if spot.split is None else spot.split))
        return None

    def _compare(self, spot: _At, source: Node, found: Node) -> Iterator[_At]:
        ours = {line.name: line for line in map(line_of, source.lines)}
        theirs = {line.name: line for line in map(line_of, found.lines)}
        for name in sorted(ours.keys() | theirs.keys()):
            path = below(spot.path, name)
            one, other = ours.get(name), theirs.get(name)
            if (one or other or _NOTHING).type == "%":
                if _what(one) != _what(other):
                    split = source.split or found.split or spot.split
                    yield _At(path, spot.at, split, _what(one), _what(other), spot.flux)
            elif one and other:
                yield from self._compare_lines(path, one, other, flux=spot.flux)
            elif one:
                self._name(path, "type" if self._boot_file(Side.REPLICA, path) else "missing", flux=spot.flux)
            elif other:
                self._name(path, "type" if self._boot_file(Side.SOURCE, path) else "extra", flux=spot.flux)

    def _compare_lines(self, path: str, one: Line, other: Line, *, flux: bool) -> Iterator[_At]:
        if one.type != other.type:
            self._name(path, "type", flux=flux)
            return
        if one.mode != other.mode:
            self._name(path, "mode", flux=flux)
        if "!" in (one.what, other.what):
            self._not_read(path, one.what, other.what)
        elif one.what != other.what:
            if one.type == "d":
                yield _At(path, path, None, one.what, other.what, flux)
            else:
                self._name(path, _DIFFERS[one.type], flux=flux)

    def _boot_file(self, side: Side, path: str) -> BootFile | None:
        return self._boot[side].get(without_buckets(path))

    def _compare_boot_files(self) -> None:
        told = {one.path for one in self.differences} | set(self.in_flux)
        ours, theirs = self._boot[Side.SOURCE], self._boot[Side.REPLICA]
        for path in sorted(ours.keys() | theirs.keys()):
            one, other = ours.get(path), theirs.get(path)
            if one and other and one.mode != other.mode:
                self._name(path, "mode", flux=False)
            if "!" in (one.digest if one else "", other.digest if other else ""):
                self._not_read(path, one.digest if one else "", other.digest if other else "")
            elif (one and one.digest) != (other and other.digest) and shown_path(path) not in told:
                self.by_boot.append(shown_path(path))

    def _name(self, path: str, what: str, *, flux: bool) -> None:
        if flux:
            self.in_flux.append(shown_path(path))
        else:
            self.differences.append(Difference(path=shown_path(path), what=what))

    def _not_read(self, path: str, one: str, other: str) -> None:
        for side, what in ((Side.SOURCE, one), (Side.REPLICA, other)):
            if what == "!":
                self.unread.append(Unread(path=shown_path(path), side=side, why=self._why(side, path)))

    def _why(self, side: Side, path: str) -> str:
        missed = dict(self._trees())[side].missed
        return next((one.why for one in missed if one.path == without_buckets(path)), "it cannot be read")

    def _opaque(self, spot: _At) -> None:
        """Names a directory of which only the digest is known."""
        for side, tree in self._trees():
            if tree.missed_count > len(tree.missed) or any(_covers(spot.path, one.path) for one in tree.missed):
                why = "what differs in it can't be told from what could not be read"
                self.unread.append(Unread(path=shown_path(spot.path), side=side, why=why))
                return
        self._name(spot.path, "something below it", flux=spot.flux)


_NOTHING: Final = Line("", "", "", EMPTY)
_DIFFERS: Final = {"f": "content", "l": "link target", "c": "device number", "b": "device number", "p": "", "s": ""}


def _what(bucket: Line | None) -> str:
    return bucket.what if bucket else EMPTY


def _covers(path: str, other: str) -> bool:
    real = without_buckets(path)
    return not real or other == real or other.startswith(real + "/")


def _nodes(tree: DiskTree) -> dict[str, list[Node]]:
    return {node.path: [node] for node in tree.nodes}


def _walks(exam: Examination) -> dict[str, _Walk]:
    """A walk for each disk that both sides have told."""
    replica = {tree.disk.device: tree for tree in exam.replica or ()}
    return {
        tree.disk.device: _Walk(exam, tree, replica[tree.disk.device])
        for tree in exam.manifest.disks
        if tree.disk.device in replica
    }


# --- the verdict


def _devices(exam: Examination) -> list[str]:
    return sorted({tree.disk.device for tree in exam.manifest.disks} | {disk.device for disk in exam.disks})


def _disk_proof(exam: Examination, device: str) -> DiskProof:
    source = next((tree for tree in exam.manifest.disks if tree.disk.device == device), None)
    told = next((tree for tree in exam.replica or () if tree.disk.device == device), None)
    walk = _Walk(exam, source, told) if source and told else None
    if walk:
        walk.finish()
    counted = source or told
    differences = [*_hardware(exam, device), *(sorted(walk.differences, key=_by_path) if walk else ())]
    in_flux = sorted(set(walk.in_flux)) if walk else []
    return DiskProof(
        device=device,
        files=counted.files if counted else 0,
        bytes=counted.bytes if counted else 0,
        differences=tuple(differences[:MOST_NAMED]),
        changed_by_boot=tuple(sorted(set(walk.by_boot))) if walk else (),
        in_flux=tuple(in_flux[:MOST_NAMED]),
        unread=_unread(walk, source)[:MOST_NAMED],
        more=_more(len(differences), len(in_flux)),
    )


def _by_path(difference: Difference) -> tuple[str, str]:
    return difference.path, difference.what


def _hardware(exam: Examination, device: str) -> Iterator[Difference]:
    ours = next((tree.disk for tree in exam.manifest.disks if tree.disk.device == device), None)
    theirs = next((disk for disk in exam.disks if disk.device == device), None)
    if ours is None or theirs is None:
        yield Difference(path="/", what="the disk is missing" if ours else "the disk is extra")
        return
    for field, one, other in (
        ("kind", ours.kind, theirs.kind),
        ("size", f"{ours.size} GiB", f"{theirs.size} GiB"),
        ("category", ours.category, theirs.category),
    ):
        if one != other:
            yield Difference(path="/", what=f"the disk's {field}: {other} instead of {one}")


def _unread(walk: _Walk | None, source: DiskTree | None) -> tuple[Unread, ...]:
    if walk:
        return tuple(dict.fromkeys(walk.unread))
    missed: tuple[Missed, ...] = source.missed if source else ()
    return tuple(Unread(path=shown_path(one.path), side=Side.SOURCE, why=one.why) for one in missed)


def _more(*counts: int) -> str:
    rest = sum(max(0, count - MOST_NAMED) for count in counts)
    if rest:
        return f"at least {rest} more"
    return "there may be more" if sum(counts) >= MOST_NAMED else ""


def _reasons(exam: Examination, disks: Sequence[DiskProof]) -> Iterator[str]:
    for silence in exam.silent:
        if silence.side is Side.REPLICA:
            yield f"the replica could not be asked: {silence.why}"
    if exam.replica is None and Side.REPLICA not in _silent(exam):
        yield "the replica has not been asked"
    if not exam.manifest.disks:
        yield "the manifest holds no disk"
    for side, trees in ((Side.SOURCE, exam.manifest.disks), (Side.REPLICA, exam.replica or ())):
        for tree in trees:
            if tree.missed_count:
                yield f"{tree.disk.device}: {_things(tree.missed_count)} could not be read on the {side}"
            elif not tree.digest:
                yield f"{tree.disk.device}: it could not be read on the {side}"
    for disk in disks:
        if disk.in_flux:
            yield f"{disk.device}: {_things(len(disk.in_flux))} changed since the manifest was taken"
        elif not disk.differences and _digests_differ(exam, disk.device):
            yield f"{disk.device}: its digests differ, and what differs could not be read when it was asked for"


def _digests_differ(exam: Examination, device: str) -> bool:
    """Only equal digests are *same*, whatever the walk has found, or has not."""
    told = {tree.digest for tree in (*exam.manifest.disks, *(exam.replica or ())) if tree.disk.device == device}
    return len(told) > 1


def _things(count: int) -> str:
    return "1 path" if count == 1 else f"{count} paths"


def _digest(manifest: Manifest) -> str:
    lines = (f"{tree.disk.device} {tree.digest or '-'}\n" for tree in manifest.disks)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
