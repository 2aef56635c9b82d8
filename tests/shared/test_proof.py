"""The proof: two trees of real files, the real script on both sides, and what is said about them in the end."""

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.replication.proof import (
    BOOT_PATHS,
    Difference,
    DiskProof,
    DiskRef,
    Manifest,
    Side,
    Verdict,
    begin,
    first_request,
    learn,
    next_question,
    shown,
    unanswered,
    verdict,
)
from tests.shared.digesting import (
    DATA,
    NOON,
    SYSTEM,
    Guest,
    Told,
    a_fleet_of_folders,
    a_guest,
    copy_of,
    examine,
    flip,
    path_of,
    root_digest,
)


@pytest.fixture
def source(tmp_path: Path) -> Guest:
    return a_guest(tmp_path / "source")


@pytest.fixture
def replica(tmp_path: Path, source: Guest) -> Guest:
    return copy_of(source, tmp_path / "replica")


def proved(source: Guest | None, replica: Guest, manifest: Manifest) -> Told:
    return examine(manifest, source, replica, SYSTEM, DATA)


def parts(told: Told) -> tuple[DiskProof, DiskProof]:
    system, data = told.proof.disks
    return system, data


def differences(part: DiskProof) -> list[tuple[str, str]]:
    return [(one.path, one.what) for one in part.differences]


def test_equal_disks_are_the_same_after_one_question(source: Guest, replica: Guest) -> None:
    """When all that was read is equal, the roots alone prove it; the proof names the manifest that it is of."""
    manifest = source.manifest(SYSTEM, DATA)
    told = proved(None, replica, manifest)
    assert [side for side, _ in told.asked] == [Side.REPLICA]
    assert told.proof.verdict is Verdict.SAME
    assert told.proof.reasons == ()
    roots = f"/dev/xvda {manifest.disks[0].digest}\n/dev/xvdb {manifest.disks[1].digest}\n"
    assert told.proof.digest == hashlib.sha256(roots.encode()).hexdigest()
    for part in parts(told):
        assert (part.files, part.bytes) == (256, manifest.disks[0].bytes)
        assert (part.differences, part.changed_by_boot, part.in_flux, part.unread, part.more) == ((), (), (), (), "")


def test_a_manifest_holds_through_json(source: Guest) -> None:
    """What is kept with the record comes back the same."""
    manifest = source.manifest(SYSTEM, DATA)
    assert Manifest.model_validate_json(manifest.model_dump_json()) == manifest
    assert len(manifest.model_dump_json()) < 24_000


def become_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def relink(path: Path) -> None:
    path.unlink()
    path.symlink_to("etc/shadow")


def to_link(path: Path) -> None:
    if path.is_dir():
        path.rmdir()
    path.symlink_to("etc")


CHANGES: list[tuple[str, Callable[[Path], object], str]] = [
    ("etc/passwd", flip, "content"),
    ("var/lib/app/deep/er/and/deeper/leaf", flip, "content"),
    ("many/file 211", flip, "content"),
    ("many/file 211", Path.unlink, "missing"),
    ("many/file 250", Path.touch, "extra"),
    ("many/file 0", lambda path: path.chmod(0o4755), "mode"),
    ("none", Path.unlink, "missing"),
    ("none", lambda path: path.write_text("x"), "content"),
    ("none", lambda path: path.chmod(0), "mode"),
    ("none", become_fifo, "type"),
    ("empty", Path.rmdir, "missing"),
    ("empty", lambda path: path.chmod(0o700), "mode"),
    ("empty", to_link, "type"),
    ("empty/new", Path.touch, "extra"),
    ("empty/new", Path.mkdir, "extra"),
    ("etc/ssh/new", lambda path: path.symlink_to("/"), "extra"),
    ("link", relink, "link target"),
    ("etc/hostname2", Path.touch, "extra"),
    (path_of(b"odd \xff\n%"), flip, "content"),
    (path_of(b"\xc3\x28 new\t"), Path.touch, "extra"),
    ("neu grün", Path.mkdir, "extra"),
]


@pytest.mark.parametrize(
    ("path", "change", "what"), CHANGES, ids=[f"{shown(os.fsencode(path))} {what}" for path, _, what in CHANGES]
)
def test_each_single_change_is_found_and_named(
    source: Guest, replica: Guest, path: str, change: Callable[[Path], object], what: str
) -> None:
    """One change on each disk: that path, that change, nothing else, in few questions and small answers."""
    manifest = source.manifest(SYSTEM, DATA)
    for disk in ("xvda", "xvdb"):
        change(replica.disk(disk) / path)
    told = proved(source, replica, manifest)
    assert told.proof.verdict is Verdict.DIFFERENT
    for part in parts(told):
        assert differences(part) == [(shown(b"/" + os.fsencode(path)), what)]
        assert (part.changed_by_boot, part.in_flux, part.unread, part.more) == ((), (), (), "")
    assert len(told.asked) <= 4
    assert told.longest <= 16_000


@pytest.mark.parametrize("disk", ["xvda", "xvdb"])
def test_a_change_of_one_disk_is_not_of_the_other(source: Guest, replica: Guest, disk: str) -> None:
    """Differences are named on their own disk."""
    manifest = source.manifest(SYSTEM, DATA)
    flip(replica.disk(disk) / "many/file 211")
    told = proved(source, replica, manifest)
    changed, other = parts(told) if disk == "xvda" else parts(told)[::-1]
    assert differences(changed) == [("/many/file 211", "content")]
    assert (other.differences, other.in_flux) == ((), ())


def test_several_changes_are_all_named(source: Guest, replica: Guest) -> None:
    """Changes in many places, on both disks, come out together and in order."""
    manifest = source.manifest(SYSTEM, DATA)
    for number in range(0, 250, 40):
        flip(replica.disk("xvdb") / f"many/file {number}")
    (replica.disk("xvdb") / "etc/passwd").chmod(0o600)
    flip(replica.disk("xvdb") / "etc/passwd")
    flip(replica.disk() / "var/lib/app/state")
    system, data = parts(proved(source, replica, manifest))
    assert differences(system) == [("/var/lib/app/state", "content")]
    expected = [("/etc/passwd", "content"), ("/etc/passwd", "mode")]
    expected += [(f"/many/file {number}", "content") for number in range(0, 250, 40)]
    assert differences(data) == sorted(expected)


def test_a_listing_that_is_split_on_one_side_only_is_compared(source: Guest, replica: Guest) -> None:
    """The replica's listings are split as the manifest's are: what came or went is named whatever it does to them."""
    for one, other, what in ((source, replica, "missing"), (replica, source, "extra")):
        for number in range(150, 250):
            (other.disk() / f"many/file {number}").unlink()
        ours, theirs = (one, other) if what == "missing" else (other, one)
        told = proved(ours, theirs, ours.manifest(SYSTEM, DATA))
        expected = [(f"/many/file {number}", what) for number in range(150, 250)]
        assert differences(parts(told)[0]) == sorted(expected)
        for number in range(150, 250):
            (other.disk() / f"many/file {number}").write_text(str(number))


def test_a_whole_directory_that_went_or_came_is_named_once(source: Guest, replica: Guest) -> None:
    """What is in a missing or extra directory went or came with it; one that was emptied is named by its files."""
    manifest = source.manifest(SYSTEM, DATA)
    (replica.disk() / "many").rename(replica.disk() / "moved")
    assert differences(parts(proved(source, replica, manifest))[0]) == [("/many", "missing"), ("/moved", "extra")]
    (replica.disk() / "many").mkdir()
    told = proved(source, replica, manifest)
    assert len(differences(parts(told)[0])) == 200
    assert {what for _, what in differences(parts(told)[0])} <= {"missing", "extra", "something below it"}
    assert parts(told)[0].more.startswith("at least ")


def test_thousands_of_differences_are_named_in_part(source: Guest, replica: Guest) -> None:
    """At most 200 paths are named, the rest is counted as far as it is known, and the questions end."""
    for guest in (source, replica):
        a_fleet_of_folders(guest, "fleet")
    manifest = source.manifest(SYSTEM, DATA)
    for file in (replica.disk() / "fleet").glob("*/*"):
        flip(file)
    told = proved(source, replica, manifest)
    part = parts(told)[0]
    assert len(part.differences) == 200
    assert part.more.startswith("at least ")
    assert len(told.asked) <= 12


def test_a_change_among_very_many_takes_few_questions(tmp_path: Path) -> None:
    """Among 6,000 names of one directory a changed one is found in a few small answers."""
    source = Guest(tmp_path / "source")
    (source.disk() / "spool").mkdir()
    for number in range(6000):
        (source.disk() / f"spool/message {number}").write_text(str(number))
    manifest = source.manifest(SYSTEM)
    replica = copy_of(source, tmp_path / "replica")
    flip(replica.disk() / "spool/message 4711")
    told = examine(manifest, source, replica, SYSTEM)
    assert differences(told.proof.disks[0]) == [("/spool/message 4711", "content")]
    assert len(told.asked) <= 5


def test_a_change_far_down_takes_few_questions(tmp_path: Path) -> None:
    """A long way down, each answer goes as many steps as have room."""
    source = Guest(tmp_path / "source")
    deep = source.disk()
    for number in range(60):
        deep = deep / f"step {number}"
        deep.mkdir()
        for name in ("a", "b", "c"):
            (deep / name).write_text(f"{number} {name}")
    manifest = source.manifest(SYSTEM)
    replica = copy_of(source, tmp_path / "replica")
    flip(replica.disk() / deep.relative_to(source.disk()) / "b")
    told = examine(manifest, source, replica, SYSTEM)
    assert differences(told.proof.disks[0]) == [(f"/{deep.relative_to(source.disk())}/b", "content")]
    assert len(told.asked) <= 9


# --- the first boot


def test_what_the_boot_rewrites_is_named_and_covers_nothing(source: Guest, replica: Guest) -> None:
    """A listed file with other content is no difference, on the system disk; on a data disk it is one."""
    for guest in (source, replica):
        for disk in ("xvda", "xvdb"):
            (guest.disk(disk) / "etc/machine-id").write_text("one")
    manifest = source.manifest(SYSTEM, DATA)
    for disk in ("xvda", "xvdb"):
        (replica.disk(disk) / "etc/machine-id").write_text("other")
        (replica.disk(disk) / "etc/ssh/ssh_host_rsa_key").write_text("new")
        (replica.disk(disk) / "etc/hostname").unlink()
    told = proved(source, replica, manifest)
    system, data = parts(told)
    assert (system.differences, told.proof.verdict) == ((), Verdict.DIFFERENT)
    assert system.changed_by_boot == ("/etc/hostname", "/etc/machine-id", "/etc/ssh/ssh_host_rsa_key")
    assert differences(data) == [
        ("/etc/hostname", "missing"),
        ("/etc/machine-id", "content"),
        ("/etc/ssh/ssh_host_rsa_key", "extra"),
    ]
    assert data.changed_by_boot == ()


def test_a_boot_alone_is_the_same(source: Guest, replica: Guest) -> None:
    """Every listed path rewritten, and nothing else: the same."""
    for guest, text in ((source, "one"), (replica, "other")):
        for path in BOOT_PATHS:
            file = guest.disk() / path[1:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    told = proved(None, replica, source.manifest(SYSTEM, DATA))
    assert told.proof.verdict is Verdict.SAME
    assert parts(told)[0].changed_by_boot == tuple(sorted(BOOT_PATHS))
    assert len(told.asked) == 1


def test_a_boot_path_that_is_no_file_is_a_difference(source: Guest, replica: Guest) -> None:
    """A link, a directory or a pipe in a listed file's place is no work of the boot, on whichever side it is."""
    manifest = source.manifest(SYSTEM, DATA)
    name = replica.disk() / "etc/hostname"
    name.unlink()
    for make in (to_link, Path.mkdir, os.mkfifo):
        make(name)
        told = proved(source, replica, manifest)
        assert differences(parts(told)[0]) == [("/etc/hostname", "type")]
        assert parts(told)[0].changed_by_boot == ()
        back = examine(replica.manifest(SYSTEM, DATA), replica, source, SYSTEM, DATA)
        assert differences(parts(back)[0]) == [("/etc/hostname", "type")]
        name.rmdir() if name.is_dir() and not name.is_symlink() else name.unlink()
    assert parts(proved(source, replica, manifest))[0].changed_by_boot == ("/etc/hostname",)


def test_a_boot_path_as_a_link_on_both_sides_is_compared_as_any_link(source: Guest, replica: Guest) -> None:
    """Where resolv.conf is a link it is part of the digest, target and all; and so is one that only one side has."""
    (source.disk() / "etc/resolv.conf").symlink_to("../run/resolv.conf")
    manifest = source.manifest(SYSTEM, DATA)
    link = replica.disk() / "etc/resolv.conf"
    assert differences(parts(proved(source, replica, manifest))[0]) == [("/etc/resolv.conf", "missing")]
    link.symlink_to("../run/resolv.conf")
    assert proved(source, replica, manifest).proof.verdict is Verdict.SAME
    link.unlink()
    link.symlink_to("/tmp/resolv.conf")
    assert differences(parts(proved(source, replica, manifest))[0]) == [("/etc/resolv.conf", "link target")]


def test_another_mode_of_a_boot_file_is_a_difference(source: Guest, replica: Guest) -> None:
    """The boot writes content: a listed file that became setuid is a difference, besides what the boot changed."""
    manifest = source.manifest(SYSTEM, DATA)
    (replica.disk() / "etc/hostname").write_text("other")
    (replica.disk() / "etc/hostname").chmod(0o4755)
    system, _ = parts(proved(source, replica, manifest))
    assert differences(system) == [("/etc/hostname", "mode")]
    assert system.changed_by_boot == ("/etc/hostname",)


def test_damage_beside_a_boot_file_is_found(source: Guest, replica: Guest) -> None:
    """What the boot rewrites hides nothing in the same directory."""
    manifest = source.manifest(SYSTEM, DATA)
    (replica.disk() / "etc/hostname").write_text("other")
    flip(replica.disk() / "etc/passwd")
    system, _ = parts(proved(source, replica, manifest))
    assert differences(system) == [("/etc/passwd", "content")]
    assert system.changed_by_boot == ("/etc/hostname",)


# --- what can't be proved


def test_a_source_that_has_changed_leaves_what_differs_in_flux(source: Guest, replica: Guest) -> None:
    """Where the source changed since the manifest, what differs there proves nothing: not same, and not different."""
    for guest in (source, replica):
        a_fleet_of_folders(guest, "fleet")
    manifest = source.manifest(SYSTEM, DATA)
    flip(source.disk() / "fleet/77/file b")
    flip(replica.disk() / "fleet/77/file e")
    told = proved(source, replica, manifest)
    system, data = parts(told)
    assert told.proof.verdict is Verdict.UNPROVED
    assert system.differences == ()
    assert system.in_flux == ("/fleet/77/file b", "/fleet/77/file e")
    assert (data.differences, data.in_flux) == ((), ())
    assert told.proof.reasons == ("/dev/xvda: 2 paths changed since the manifest was taken",)


def test_a_write_that_reached_both_since_the_manifest_is_in_flux(source: Guest, replica: Guest) -> None:
    """Source and replica agree, but not with the manifest: not proved."""
    for guest in (source, replica):
        a_fleet_of_folders(guest, "fleet")
    manifest = source.manifest(SYSTEM, DATA)
    for guest in (source, replica):
        flip(guest.disk() / "fleet/77/file b")
    told = proved(source, replica, manifest)
    assert (told.proof.verdict, parts(told)[0].in_flux) == (Verdict.UNPROVED, ("/fleet/77",))


def test_damage_elsewhere_is_still_damage(source: Guest, replica: Guest) -> None:
    """A change of the source in one directory is no cover for damage in another."""
    for guest in (source, replica):
        a_fleet_of_folders(guest, "fleet")
    manifest = source.manifest(SYSTEM, DATA)
    for guest in (source, replica):
        flip(guest.disk() / "fleet/77/file b")
    flip(replica.disk() / "fleet/77/file e")
    flip(replica.disk() / "fleet/78/file e")
    told = proved(source, replica, manifest)
    system, _ = parts(told)
    assert told.proof.verdict is Verdict.DIFFERENT
    assert differences(system) == [("/fleet/78/file e", "content")]
    assert system.in_flux == ("/fleet/77/file e",)


def test_a_source_that_changed_where_the_replica_is_right_changes_nothing(source: Guest, replica: Guest) -> None:
    """What the source writes after the manifest is no matter where the replica has what the manifest says."""
    manifest = source.manifest(SYSTEM, DATA)
    flip(source.disk() / "etc/passwd")
    assert proved(source, replica, manifest).proof.verdict is Verdict.SAME


def test_a_directory_that_the_source_lost_is_in_flux(source: Guest, replica: Guest) -> None:
    """A directory that can't be listed on the source any more is named itself."""
    for guest in (source, replica):
        a_fleet_of_folders(guest, "fleet")
    manifest = source.manifest(SYSTEM, DATA)
    flip(replica.disk() / "fleet/77/file e")
    (source.disk() / "fleet/77").rename(source.disk() / "elsewhere")
    told = proved(source, replica, manifest)
    assert told.proof.verdict is Verdict.UNPROVED
    assert parts(told)[0].in_flux == ("/fleet/77",)


def test_without_the_source_a_difference_is_named_where_it_was_seen(source: Guest, replica: Guest) -> None:
    """A source that is gone leaves a difference; it is named at the last directory that the manifest tells of."""
    for guest in (source, replica):
        a_fleet_of_folders(guest, "fleet")
    manifest = source.manifest(SYSTEM, DATA)
    flip(replica.disk() / "fleet/77/file e")
    told = proved(None, replica, manifest)
    assert told.proof.verdict is Verdict.DIFFERENT
    assert differences(parts(told)[0]) == [("/fleet/77", "something below it")]
    assert told.asked[-1][0] is Side.SOURCE


def test_a_replica_that_cannot_be_asked_is_unproved(source: Guest) -> None:
    """No answer proves nothing, and says why."""
    exam = unanswered(begin(source.manifest(SYSTEM, DATA), (SYSTEM, DATA)), Side.REPLICA, "no Cloud Assistant")
    assert next_question(exam) is None
    proof = verdict(exam)
    assert proof.verdict is Verdict.UNPROVED
    assert proof.reasons == ("the replica could not be asked: no Cloud Assistant",)


def test_what_was_not_asked_is_unproved(source: Guest) -> None:
    """Before the first answer nothing is proved."""
    proof = verdict(begin(source.manifest(SYSTEM, DATA), (SYSTEM, DATA)))
    assert (proof.verdict, proof.reasons) == (Verdict.UNPROVED, ("the replica has not been asked",))


def test_a_disk_that_is_not_mounted_is_unproved(source: Guest, replica: Guest) -> None:
    """A disk that no side could read is not the same on both."""
    for guest in (source, replica):
        guest.disk("xvdb").rename(guest.home / "elsewhere")
    told = proved(source, replica, source.manifest(SYSTEM, DATA))
    assert told.proof.verdict is Verdict.UNPROVED
    assert [(one.path, one.side, one.why) for one in parts(told)[1].unread] == [
        ("/", Side.SOURCE, "it is not mounted"),
        ("/", Side.REPLICA, "it is not mounted"),
    ]
    assert told.proof.reasons == (
        "/dev/xvdb: 1 path could not be read on the source",
        "/dev/xvdb: 1 path could not be read on the replica",
    )


def unreadable(guest: Guest, name: str) -> None:
    """From now on the guest fails to read files of that name."""
    program = guest.home / "bin/sha256sum"
    program.write_text(
        f'#!/bin/sh\nfor file; do shift; case $file in */{name}) ;; *) set -- "$@" "$file" ;; esac; done\n'
        f'exec {os.environ.get("SHA256SUM", "/usr/bin/sha256sum")} "$@"\n'
    )
    program.chmod(0o755)


def test_what_neither_side_could_read_is_not_the_same(source: Guest, replica: Guest) -> None:
    """Equal marks for unread are no evidence."""
    for guest in (source, replica):
        unreadable(guest, "state")
    told = proved(source, replica, source.manifest(SYSTEM, DATA))
    assert told.proof.verdict is Verdict.UNPROVED
    assert [(one.path, one.side) for one in parts(told)[0].unread] == [
        ("/var/lib/app/state", Side.SOURCE),
        ("/var/lib/app/state", Side.REPLICA),
    ]


def test_what_one_side_could_not_read_is_no_difference(source: Guest, replica: Guest) -> None:
    """An unread file is unproved, even where it makes the digests differ; real damage beside it is still found."""
    manifest = source.manifest(SYSTEM, DATA)
    unreadable(replica, "state")
    told = proved(source, replica, manifest)
    assert told.proof.verdict is Verdict.UNPROVED
    assert parts(told)[0].differences == ()
    assert [(one.path, one.side) for one in parts(told)[0].unread] == [("/var/lib/app/state", Side.REPLICA)]
    flip(replica.disk() / "etc/passwd")
    told = proved(source, replica, manifest)
    assert told.proof.verdict is Verdict.DIFFERENT
    assert differences(parts(told)[0]) == [("/etc/passwd", "content")]


def test_an_unread_file_is_not_taken_for_a_difference_without_the_source(source: Guest, replica: Guest) -> None:
    """Where only a directory's digest is known and something in it was not read, nothing is claimed."""
    for guest in (source, replica):
        a_fleet_of_folders(guest, "fleet")
    manifest = source.manifest(SYSTEM, DATA)
    unreadable(replica, "77/file*e")
    told = proved(None, replica, manifest)
    assert told.proof.verdict is Verdict.UNPROVED
    assert parts(told)[0].differences == ()


def test_a_replica_that_changes_while_it_is_asked_is_not_the_same(source: Guest, replica: Guest) -> None:
    """What was different and is equal a moment later is in flux."""
    for guest in (source, replica):
        a_fleet_of_folders(guest, "fleet")
    manifest = source.manifest(SYSTEM, DATA)
    flip(replica.disk() / "fleet/77/file e")
    exam = learn(begin(manifest, (SYSTEM, DATA)), Side.REPLICA, replica.run(first_request((SYSTEM, DATA))).output)
    flip(replica.disk() / "fleet/77/file e")
    told = examine(manifest, source, replica, first=exam)
    assert (told.proof.verdict, parts(told)[0].in_flux) == (Verdict.UNPROVED, ("/fleet/77",))


# --- the disks themselves


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"size": 50}, "the disk's size: 50 GiB instead of 100 GiB"),
        ({"category": "cloud_ssd"}, "the disk's category: cloud_ssd instead of cloud_essd"),
        ({"kind": "system"}, "the disk's kind: system instead of data"),
    ],
)
def test_disks_are_compared(source: Guest, replica: Guest, change: dict[str, object], what: str) -> None:
    """Another size, category or kind of a disk is a difference, whatever is on it."""
    other = DiskRef.model_validate({**DATA.model_dump(), **change})
    told = examine(source.manifest(SYSTEM, DATA), source, replica, SYSTEM, other)
    assert told.proof.verdict is Verdict.DIFFERENT
    assert Difference(path="/", what=what) in parts(told)[1].differences


def test_a_disk_too_many_or_too_few_is_a_difference(source: Guest, replica: Guest) -> None:
    """The same disks in number."""
    few = examine(source.manifest(SYSTEM, DATA), source, replica, SYSTEM)
    many = examine(source.manifest(SYSTEM), source, replica, SYSTEM, DATA)
    assert (few.proof.verdict, differences(parts(few)[1])) == (Verdict.DIFFERENT, [("/", "the disk is missing")])
    assert (many.proof.verdict, differences(parts(many)[1])) == (Verdict.DIFFERENT, [("/", "the disk is extra")])


def test_a_manifest_of_nothing_proves_nothing() -> None:
    """No disks on either side are not the same disks."""
    assert verdict(begin(Manifest(taken_at=NOON, disks=()), ())).verdict is Verdict.UNPROVED


# --- any two trees


NAMES = st.sampled_from([b"a", b"b", b"\xff", b"a\nb", b"%0A", b"etc"])
CONTENT = st.one_of(
    st.tuples(st.just("f"), st.binary(max_size=2), st.sampled_from([0o644, 0o4711, 0])),
    st.tuples(st.just("l"), st.sampled_from([b"a", b"../b", b"\xff"]), st.just(0o777)),
    st.tuples(st.just("p"), st.just(b""), st.just(0o600)),
)
Tree = dict[bytes, object]
TREES = st.recursive(
    st.dictionaries(NAMES, CONTENT, max_size=3),
    lambda inner: st.dictionaries(NAMES, st.one_of(CONTENT, inner), max_size=4),
)


def plant(directory: Path, tree: object) -> None:
    assert isinstance(tree, dict)
    for name, what in tree.items():
        path = directory / path_of(name)
        match what:
            case dict():
                path.mkdir()
                plant(path, what)
            case ("f", data, mode):
                path.write_bytes(data)
                path.chmod(mode)
            case ("l", target, _):
                path.symlink_to(path_of(target))
            case _:
                os.mkfifo(path, 0o600)


def facts(directory: Path) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    for path in directory.rglob("*"):
        status = path.lstat()
        content: object = path.readlink() if path.is_symlink() else None
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else content
        found.add((path.relative_to(directory), status.st_mode, content))
    return found


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(one=TREES, other=TREES, same=st.booleans())
def test_the_same_if_and_only_if_equal(
    tmp_path_factory: pytest.TempPathFactory, one: object, other: object, same: bool
) -> None:
    """Of any two trees the verdict is same exactly when they are equal, and the paths named are those that differ."""
    home = tmp_path_factory.mktemp("pair")
    source, replica = Guest(home / "source"), Guest(home / "replica")
    plant(source.disk(), one)
    plant(replica.disk(), one if same else other)
    told = examine(source.manifest(DATA_A), source, replica, DATA_A)
    ours, theirs = facts(source.disk()), facts(replica.disk())
    assert (told.proof.verdict is Verdict.SAME) == (ours == theirs)
    assert (told.proof.verdict is Verdict.SAME) == (root_digest(source.disk()) == root_digest(replica.disk()))
    differing = {shown(b"/" + os.fsencode(str(path))) for path, *_ in ours ^ theirs}
    assert {one.path for one in told.proof.disks[0].differences} <= differing


DATA_A = DiskRef.model_validate({**DATA.model_dump(), "device": "/dev/xvda"})
