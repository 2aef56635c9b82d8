"""The script that digests a guest's disks: run as it is, by the shells there are, against digests computed apart."""

import os
import shutil
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from shared.replication.manifest import read_disks
from shared.replication.proof import BOOT_PATHS, DiskTree, first_request
from tests.shared.digesting import (
    DATA,
    SCRIPT,
    SYSTEM,
    Guest,
    asking,
    copy_of,
    digest,
    listing,
    path_of,
    root_digest,
    split,
)

SHELLS = [("/bin/sh",), ("dash",), ("bash", "--posix"), ("busybox", "sh")]
NAMES = (
    b"not utf-8 \xff\xfe",
    b"new\nline",
    b"ends in newline\n",
    b"\n",
    b"back\\slash",
    b"\\n",
    b"tab\tand\rreturn",
    b"100%",
    b"%0A",
    b"%~07",
    b"-n",
    b" ",
    b"*",
    b"$(reboot)",
    b"'\"",
    b"a" * 255,
    b"\x80" * 255,
    "grün 中".encode(),
    b"\x01\x7f",
)


def awkward(disk: Path) -> None:
    """Everything that a file system may hold and a script may stumble over."""
    (disk / "empty").touch()
    (disk / "empty directory").mkdir()
    (disk / "deep/er/and/er").mkdir(parents=True)
    (disk / "deep/er/and/er/file").write_bytes(b"\0\n\\ deep")
    for name in NAMES:
        (disk / path_of(name)).write_bytes(b"in " + name)
        (disk / path_of(b"in " + name[:200])).mkdir()
        (disk / path_of(b"in " + name[:200]) / "file").write_bytes(name)
    (disk / "loop").symlink_to("loop")
    (disk / "deep/up").symlink_to("..")
    (disk / "odd target").symlink_to(path_of(b"/etc/\xff\nshadow"))
    (disk / "target !").symlink_to("!")
    (disk / "target ?").symlink_to("?")
    (disk / "long target").symlink_to(path_of(b"x/" * 600 + b"\xff"))
    os.mkfifo(disk / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        directory = os.open(disk, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{directory}/socket")
        os.close(directory)
    (disk / "suid").write_bytes(b"#!")
    (disk / "suid").chmod(0o4755)
    (disk / "sticky").mkdir()
    (disk / "sticky").chmod(0o1777)
    (disk / "shut").write_bytes(b"secret")
    (disk / "shut").chmod(0)
    (disk / "shut too").hardlink_to(disk / "shut")
    (disk / "shut directory").mkdir()
    (disk / "shut directory/inside").write_bytes(b"x")
    with (disk / "sparse").open("wb") as file:
        file.truncate(64 << 20)
    if os.geteuid() == 0:
        (disk / "shut directory").chmod(0)


def many(directory: Path, count: int) -> None:
    directory.mkdir(parents=True)
    for number in range(count):
        (directory / f"file-{number}").write_bytes(b"%d" % number)


def tree_of(guest: Guest, *, disk: str = "xvda") -> DiskTree:
    ref = SYSTEM if disk == "xvda" else DATA
    ran = guest.run(first_request((ref,)))
    assert ran.code == 0, ran.output
    assert len(ran.output) <= 16_000
    assert ran.output.isascii()
    assert list(guest.temporary.iterdir()) == []
    return read_disks(ran.output, (ref,))[0]


def instead_of(guest: Guest, tool: str, before: str) -> None:
    """A stand-in that first does something, then what the real tool does."""
    program = guest.home / "bin" / tool
    program.write_text(f'#!/bin/sh\n{before}\nexec {shutil.which(tool)} "$@"\n')
    program.chmod(0o755)


def state_of(root: Path) -> list[tuple[object, ...]]:
    """All of a tree that a reader must not change."""
    return [
        (path, status.st_mode, status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_nlink)
        for path in sorted((root, *root.rglob("*")))
        for status in [path.lstat()]
    ]


def test_the_script_fits_into_a_command() -> None:
    """Cloud Assistant takes 24 KB of base64; the text stays within 16 KB and has one place for its parameter."""
    text = SCRIPT.read_bytes()
    assert len(text) <= 16 * 1024
    assert text.isascii()
    assert text.count(b"{{") == text.count(b"}}") == text.count(b"'{{request}}'") == 1


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_an_awkward_tree_has_the_digests_computed_apart(tmp_path: Path, shell: tuple[str, ...]) -> None:
    """Path, type, mode, link target and content of all that is awkward are in the digest; nothing is touched."""
    if shutil.which(shell[0]) is None:
        pytest.skip(f"no {shell[0]} here")
    guest = Guest(tmp_path / "a guest", shell=shell)
    awkward(guest.disk())
    before = state_of(guest.disk())
    tree = tree_of(guest)
    assert (tree.digest, tree.missed_count) == (root_digest(guest.disk(), BOOT_PATHS), 0)
    assert state_of(guest.disk()) == before


@pytest.mark.parametrize("awk", ["mawk", "gawk"])
def test_every_awk_gives_the_same_digests(tmp_path: Path, awk: str) -> None:
    """Debian's awk and everybody else's agree, also where listings are split."""
    program = shutil.which(awk)
    if program is None:
        pytest.skip(f"no {awk} here")
    guest = Guest(tmp_path)
    (guest.home / "bin/awk").symlink_to(program)
    awkward(guest.disk())
    many(guest.disk() / "many", 200)
    assert tree_of(guest).digest == root_digest(guest.disk(), BOOT_PATHS)


def test_files_and_bytes_are_counted(tmp_path: Path) -> None:
    """Regular files and their sizes, every name of a hard link for itself, beyond what a small integer holds."""
    guest = Guest(tmp_path)
    (guest.disk() / "one").write_bytes(b"12345")
    (guest.disk() / "two").hardlink_to(guest.disk() / "one")
    (guest.disk() / "link").symlink_to("one")
    tree = tree_of(guest)
    assert (tree.files, tree.bytes) == (2, 10)
    with (guest.disk() / "sparse").open("wb") as file:
        file.truncate((5 << 30) + 7)
    instead_of(
        guest, "sha256sum", 'for file; do case $file in ./sparse) ;; *) set -- "$@" "$file" ;; esac; shift; done'
    )
    tree = tree_of(guest)
    assert (tree.files, tree.bytes) == (3, (5 << 30) + 17)


def test_device_nodes_are_told_by_their_numbers(tmp_path: Path) -> None:
    """A character device is not another one."""
    guest = Guest(tmp_path)
    try:
        os.mknod(guest.disk() / "null", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("no device nodes here")
    os.mknod(guest.disk() / "disk", 0o600 | stat.S_IFBLK, os.makedev(253, 17))
    tree = tree_of(guest)
    assert tree.nodes[1].lines == ("disk b 600 fd:11", "null c 600 1:3")
    assert tree.digest == root_digest(guest.disk())


@pytest.mark.parametrize("count", [100, 168, 169, 3000])
def test_a_large_directory_is_split(tmp_path: Path, count: int) -> None:
    """However many names a directory holds, no listing of it is beyond what an answer holds."""
    guest = Guest(tmp_path)
    many(guest.disk() / "many", count)
    tree = tree_of(guest)
    assert tree.digest == root_digest(guest.disk())
    node = next(node for node in tree.nodes if node.path == "0/many")
    assert list(node.lines) == split(listing(guest.disk() / "many"))
    assert node.split == (1 if count > 168 else 0)


def test_very_large_directories_are_split_twice(tmp_path: Path) -> None:
    """Beyond 256,000 bytes of listing the buckets hold buckets."""
    guest = Guest(tmp_path)
    many(guest.disk() / "many", 5500)
    tree = tree_of(guest)
    assert tree.digest == root_digest(guest.disk())
    assert {node.path: node.split for node in tree.nodes}["0/many"] == 2


def test_a_small_disk_is_told_whole(tmp_path: Path) -> None:
    """What fits into one answer needs no second question; what doesn't is told from the top."""
    guest = Guest(tmp_path)
    for name in ("a/b/c", "a/b/d", "e"):
        (guest.disk() / name).mkdir(parents=True)
        (guest.disk() / name / "file").write_text(name)
    assert {node.path for node in tree_of(guest).nodes} == {"", "0", "0/a", "0/a/b", "0/a/b/c", "0/a/b/d", "0/e"}
    many(guest.disk() / "a/b/z", 3000)
    assert {"", "0", "0/a", "0/a/b", "0/a/b/z"} <= {node.path for node in tree_of(guest).nodes}


def test_boot_files_are_told_apart_on_the_system_disk_only(tmp_path: Path) -> None:
    """A listed path is left out of the digest if a regular file of the system disk, and nothing else is."""
    guest = Guest(tmp_path)
    for disk in ("xvda", "xvdb"):
        (guest.disk(disk) / "etc/ssh/ssh_host_rsa_key").mkdir(parents=True)
        for name in ("hostname", "hostname2", "hosts"):
            (guest.disk(disk) / "etc" / name).write_text(name)
        (guest.disk(disk) / "etc/resolv.conf").symlink_to("hosts")
    system, data = tree_of(guest), tree_of(guest, disk="xvdb")
    assert [(file.path, file.mode) for file in system.boot] == [("0/etc/hostname", "644"), ("0/etc/hosts", "644")]
    assert system.digest == root_digest(guest.disk(), BOOT_PATHS) != root_digest(guest.disk())
    assert (data.boot, data.digest) == ((), root_digest(guest.disk("xvdb")))
    names = [line.split(" ")[0] for node in system.nodes if node.path == "0/etc" for line in node.lines]
    assert names == ["hostname2", "resolv.conf", "ssh"]


def test_a_disk_that_is_not_mounted_is_told(tmp_path: Path) -> None:
    """A disk without a mounted file system is not an empty disk."""
    guest = Guest(tmp_path)
    guest.disk()
    system, data = read_disks(guest.run(first_request((SYSTEM, DATA))).output, (SYSTEM, DATA))
    assert (system.digest, system.missed_count) == (root_digest(guest.disk()), 0)
    assert (data.digest, data.missed_count) == ("", 1)
    assert [(one.path, one.why) for one in data.missed] == [("", "it is not mounted")]


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can stop being root")
def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file or directory that refuses is named, marked in the listing, and everything else is digested."""
    home = tmp_path / "guest"
    guest = Guest(home, become=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    guest.temporary.chmod(0o777)
    disk = guest.disk()
    for name in ("a", "shut\nfile", "z"):
        (disk / name).write_text(name)
    (disk / "shut\nfile").chmod(0o000)
    (disk / "shut").mkdir()
    (disk / "shut/inside").touch()
    (disk / "shut").chmod(0o700)
    tree = tree_of(guest)
    assert [(one.path, one.why) for one in tree.missed] == [
        ("0/shut", "it cannot be read"),
        ("0/shut%0Afile", "it cannot be read"),
    ]
    assert tree.missed_count == 2
    lines = {line.split(" ")[0]: line for line in tree.nodes[1].lines}
    assert (lines["shut"], lines["shut%0Afile"]) == ("shut d 700 !", "shut%0Afile f 0 !")
    assert "!" not in lines["a"] + lines["z"]
    assert tree.missed_count == len(tree.missed)


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        ("echo more >>changing", [("0/changing", "it changed while it was read")]),
        ("chmod 600 changing", [("0/changing", "it changed while it was read")]),
        ("rm changing", [("0/changing", "it went while it was read")]),
        ("touch new", [("0/new", "it came while the others were read")]),
        ("rm changing; ln -s steady changing", [("0/changing", "it changed while it was read")]),
    ],
)
def test_what_changes_meanwhile_is_not_taken_as_read(
    tmp_path: Path, meanwhile: str, told: list[tuple[str, str]]
) -> None:
    """A file that changes, comes or goes between the first look and the last is told, never digested in silence."""
    guest = Guest(tmp_path)
    for name in ("changing", "steady"):
        (guest.disk() / name).write_text(name)
    once = tmp_path / "once"
    instead_of(guest, "sha256sum", f"case $* in *changing*) [ -e {once} ] || {{ touch {once}; {meanwhile}; }} ;; esac")
    tree = tree_of(guest)
    assert [(one.path, one.why) for one in tree.missed] == told
    assert "steady f 644 !" not in tree.nodes[1].lines


@pytest.mark.parametrize("tool", ["sha256sum", "find", "sed", "sort", "xargs", "base64", "comm"])
def test_a_missing_tool_is_named(tmp_path: Path, tool: str) -> None:
    """A guest without a tool says which, and proves nothing."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in reversed(os.environ["PATH"].split(":")):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            if program.name != tool:
                (tools / program.name).unlink(missing_ok=True)
                (tools / program.name).symlink_to(program)
    guest = Guest(tmp_path / "guest", shell=("/bin/sh",), tools=tools)
    guest.disk()
    ran = guest.run(first_request((SYSTEM,)))
    assert (ran.code, ran.output.splitlines()[1]) == (1, f"failed the guest lacks {tool}".encode())


@pytest.mark.parametrize("blocks", [0, 8, 30, 50, 60, 70, 80, 100, 1000])
def test_without_room_for_temporary_files_it_fails(tmp_path: Path, blocks: int) -> None:
    """Where the script has no room to work, it says that it failed instead of digesting half."""
    guest = Guest(tmp_path)
    many(guest.disk() / "many", 400)
    limit = guest.home / "limit.sh"
    limit.write_text(f"trap '' XFSZ\nulimit -f {blocks}\n. \"$1\"\n")
    ran = Guest(tmp_path, shell=("/bin/sh", str(limit))).run(first_request((SYSTEM,)))
    if ran.code:
        assert b"\nfailed " in ran.output
    else:
        assert read_disks(ran.output, (SYSTEM,))[0].digest == root_digest(guest.disk())
    assert list(guest.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("tool", "before"),
    [
        ("sed", 'case $* in *%25*) head -c 300 | sed "$@" ; exit ;; esac'),
        ("xargs", "[ ! -e 0001 ] || : >0001"),
        ("sort", "exit 2"),
        ("tac", "exit 1"),
    ],
)
def test_a_step_that_is_cut_short_is_noticed(tmp_path: Path, tool: str, before: str) -> None:
    """A program that dies, or a file that was not written whole, never becomes a digest."""
    guest = Guest(tmp_path)
    many(guest.disk() / "many", 20)
    instead_of(guest, tool, before.replace(f"| {tool} ", f"| {shutil.which(tool)} "))
    ran = guest.run(first_request((SYSTEM,)))
    assert ran.code == 1
    assert b"\nfailed " in ran.output


def test_a_question_never_leaves_its_disk(tmp_path: Path) -> None:
    """A directory that has become a link since is gone: what it points at is not read."""
    guest = Guest(tmp_path)
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "secret").touch()
    (guest.disk() / "link").symlink_to(outside)
    (guest.disk() / "file").touch()
    wanted = ["0/link", "0/link/inner", "0/none", "0/file", "0/.."]
    ran = guest.run(
        asking(
            "disk 1 /dev/xvda data -", *(f"at - 1/{path}" for path in wanted), *(f"list 1/{path}" for path in wanted)
        )
    )
    told = ran.output.decode().splitlines()
    assert sorted(line for line in told if line.startswith("gone ")) == sorted(f"gone 1/{path}" for path in wanted[:4])
    assert b"secret" not in ran.output


def test_a_directory_can_be_asked_for_by_itself(tmp_path: Path) -> None:
    """A deeper question reads that directory only, split as asked, and lists a bucket of it alone."""
    guest = Guest(tmp_path)
    odd = guest.disk() / "odd\n%"
    many(odd, 30)
    (guest.disk() / "other").write_bytes(b"x" * 100)
    lines = listing(odd)
    ran = guest.run(asking("disk 1 /dev/xvda system -", "at - 1/0/odd%0A%25", "list 1/0/odd%0A%25"))
    assert "dir 1/0/odd%0A%25 0 30\n" + "".join(f"{line}\n" for line in lines) in ran.output.decode()
    assert b"other" not in ran.output
    whole = guest.run(asking("disk 1 /dev/xvda system -", "at 1 1/0/odd%0A%25", "list 1/0/odd%0A%25")).output.decode()
    bucket = next(line for line in whole.splitlines() if line.startswith("%~"))
    asked = f"1/0/odd%0A%25/{bucket.split(' ')[0]}"
    alone = guest.run(asking("disk 1 /dev/xvda system -", "at 1 1/0/odd%0A%25", f"list {asked}")).output.decode()
    inside = alone.splitlines()[3:-1]
    assert alone.splitlines()[2] == f"dir {asked} 0 {len(inside)}"
    assert digest(inside)[:32] == bucket.split(" ")[3]
    assert set(inside) < set(lines)


def test_more_than_fits_is_left_for_later(tmp_path: Path) -> None:
    """Asked for more than one answer holds, the script tells what fits and says of the rest that it is for later."""
    guest = Guest(tmp_path)
    names = [f"d{number}" for number in range(6)]
    for name in names:
        many(guest.disk() / name, 80)
    wanted = [f"1/0/{name}" for name in names]
    ran = guest.run(
        asking("disk 1 /dev/xvda data -", *(f"at 0 {path}" for path in wanted), *(f"list {path}" for path in wanted))
    )
    told = [line.split(" ")[:2] for line in ran.output.decode().splitlines() if line.startswith(("dir ", "later "))]
    assert sorted(path for _, path in told) == wanted
    assert {word for word, _ in told} == {"dir", "later"}
    assert 12_000 < len(ran.output) <= 16_000


def test_more_than_ever_fits_is_said_to_be_too_big(tmp_path: Path) -> None:
    """A listing that no answer can hold is named as such."""
    guest = Guest(tmp_path)
    many(guest.disk() / "d", 400)
    ran = guest.run(asking("disk 1 /dev/xvda data -", "at 0 1/0/d", "list 1/0/d"))
    assert b"\nbig 1/0/d\n" in ran.output


def test_a_copy_has_the_same_answer(tmp_path: Path) -> None:
    """Order on disk, owner and time are not in the digest: a copy gives the same bytes."""
    guest = Guest(tmp_path / "one")
    awkward(guest.disk())
    many(guest.disk() / "many", 500)
    other = copy_of(guest, tmp_path / "other")
    subprocess.run(["find", other.disk(), "-exec", "touch", "-h", "-d", "2001-01-01", "{}", "+"], check=True)
    parameter = first_request((SYSTEM,))
    assert guest.run(parameter).output == other.run(parameter).output
