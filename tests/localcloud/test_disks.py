"""Disks: awkward trees in, the same trees out, and the user's own directory as it was."""

import hashlib
import os
import random
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.disks import CannotCopy, Disks

GB = 1 << 30


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Disks]:
    disks = Disks(tmp_path / "state")
    yield disks
    disks.close()


def an_awkward_tree(top: Path) -> Path:
    """Everything that a disk may hold and a careless copy loses."""
    top.mkdir()
    (top / "empty dir").mkdir()
    (top / "empty").write_bytes(b"")
    (top / "text").write_text("hello\n")
    (top / "big").write_bytes(random.Random(1).randbytes(300_000))
    (top / "mode0").write_text("nobody reads this\n")
    (top / "mode0").chmod(0)
    (top / "setuid").write_text("#!/bin/sh\n")
    (top / "setuid").chmod(0o4755)
    (top / "setgid").write_text("")
    (top / "setgid").chmod(0o2750)
    (top / "sticky").mkdir()
    (top / "sticky").chmod(0o1777)
    (top / "new\nline").write_text("two lines of a name\n")
    (top / os.fsdecode(b"caf\xe9 \xff")).write_text("not UTF-8\n")
    (top / "one").write_text("of two names\n")
    (top / "sub").mkdir()
    os.link(top / "one", top / "sub" / "two")
    (top / "loop").symlink_to(".")
    (top / "loop a").symlink_to("loop b")
    (top / "loop b").symlink_to("loop a")
    (top / "out").symlink_to("/etc/passwd")
    (top / "dangling").symlink_to("../nowhere")
    os.mkfifo(top / "fifo", 0o640)
    with socket.socket(socket.AF_UNIX) as end, contextless_cwd(top):
        end.bind("socket")
    (top / "closed").mkdir()
    (top / "closed" / "in").write_text("in a read-only directory\n")
    (top / "closed").chmod(0o555)
    for number, path in enumerate(sorted(top.rglob("*"), reverse=True)):
        os.utime(path, ns=(1_500_000_000_000_000_000, 1_600_000_000_123_456_789 + number), follow_symlinks=False)
    return top


class contextless_cwd:  # noqa: N801 - reads as a word
    """A socket's path is at most 108 bytes: bind it from inside."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._before = directory, Path.cwd()

    def __enter__(self) -> None:
        os.chdir(self._directory)

    def __exit__(self, *_: object) -> None:
        os.chdir(self._before)


def listing(top: Path, *, times: bool = True, atime: bool = False) -> dict[bytes, tuple[object, ...]]:
    """What `find -printf` would say about each entry, hard links as groups."""
    found: dict[bytes, tuple[object, ...]] = {}
    groups: dict[int, bytes] = {}
    raw = os.fsencode(top)
    paths = [raw]
    for above, directories, files in os.walk(raw):
        paths += [os.path.join(above, name) for name in (*directories, *files)]  # noqa: PTH118 - bytes
    for path in sorted(paths):
        at = os.lstat(path)
        content: bytes = b""
        if stat.S_ISLNK(at.st_mode):
            content = os.readlink(path)  # noqa: PTH115 - bytes
        elif stat.S_ISREG(at.st_mode) and at.st_size < GB and os.access(path, os.R_OK):
            content = hashlib.sha256(Path(os.fsdecode(path)).read_bytes()).digest()
        group = groups.setdefault(at.st_ino, path.removeprefix(raw))
        size = 0 if stat.S_ISDIR(at.st_mode) else at.st_size
        when = (at.st_mtime_ns if times else 0, at.st_atime_ns if atime else 0)
        found[path.removeprefix(raw)] = (at.st_mode, at.st_uid, at.st_gid, size, when, content, group)
    return found


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root reads a file of mode 0")


@needs_root
def test_an_awkward_tree_comes_back_the_same(disks: Disks, tmp_path: Path) -> None:
    """Types, modes, owners, times, raw names, link targets and hard links survive the way through a snapshot."""
    top = an_awkward_tree(tmp_path / "top")
    os.chown(top / "text", 1234, 4321)
    os.lchown(top / "out", 1234, 4321)
    before = listing(top)
    disks.load("d-1", top, "/data")
    disks.capture("d-1", "s-1")
    disks.copy_snapshot("s-1", "s-2")
    disks.restore("s-2", "d-2")
    assert listing(disks.path("d-1")) == before
    assert listing(disks.path("d-2")) == before
    assert disks.mount("d-2") == "/data"
    assert (disks.path("d-2") / "one").stat().st_nlink == 2


@needs_root
def test_the_users_directory_stays_as_it_was(disks: Disks, tmp_path: Path) -> None:
    """Neither loading nor damage nor deletion leaves a trace in the user's directory, access times included."""
    top = an_awkward_tree(tmp_path / "top")
    before = listing(top, atime=False)
    for path in (top, *top.rglob("*")):  # the listing itself read them
        os.utime(path, ns=(1, path.lstat().st_mtime_ns), follow_symlinks=False)
    disks.load("d-1", top, None)
    atimes = {path.lstat().st_atime_ns for path in (top, *top.rglob("*")) if path.is_file() and not path.is_symlink()}
    disks.corrupt("d-1", None, random.Random(3))
    (disks.path("d-1") / "text").write_text("changed")
    disks.drop_disk("d-1")
    assert listing(top) == before
    assert atimes == {1}


@needs_root
def test_device_nodes_are_kept(disks: Disks, tmp_path: Path) -> None:
    """A root disk's device nodes arrive as the nodes they are."""
    (tmp_path / "dev").mkdir()
    os.mknod(tmp_path / "dev" / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    disks.load("d-1", tmp_path / "dev", None)
    found = (disks.path("d-1") / "null").lstat()
    assert stat.S_ISCHR(found.st_mode)
    assert found.st_rdev == os.makedev(1, 3)


def test_a_sparse_file_costs_nothing(disks: Disks, tmp_path: Path) -> None:
    """A 5 GB file with one page of data takes no room when it is copied; its data stays where it was."""
    (tmp_path / "top").mkdir()
    with (tmp_path / "top" / "sparse").open("wb") as file:
        file.truncate(5 * GB)
        file.seek(3 * GB)
        file.write(b"here")
    disks.load("d-1", tmp_path / "top", None)
    disks.path("d-1")
    disks.capture("d-1", "s-1")
    disks.restore("s-1", "d-2")
    copy = disks.path("d-2") / "sparse"
    assert copy.stat().st_size == disks.bytes_used("d-2") == 5 * GB
    assert copy.stat().st_blocks * 512 < 1 << 20
    with copy.open("rb") as file:
        file.seek(3 * GB)
        assert file.read(5) == b"here\0"


def test_a_tree_deeper_than_a_path_may_be_long(disks: Disks, tmp_path: Path) -> None:
    """A thousand levels, beyond PATH_MAX, are copied, damaged and removed like any other."""
    (tmp_path / "top").mkdir()
    here = os.open(tmp_path / "top", os.O_RDONLY)
    for _ in range(1000):
        os.mkdir("a-level", dir_fd=here)
        here, above = os.open("a-level", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    disks.load("d-1", tmp_path / "top", None)
    deep = subprocess.run(
        ["find", disks.path("d-1"), "-name", "file"], capture_output=True, check=True, text=True, timeout=20
    )
    assert deep.stdout.count("/a-level") == 1000
    with pytest.raises(ValueError, match="is empty"):
        disks.corrupt("d-1", "/a-level" * 1000 + "/file", random.Random(1))
    disks.drop_disk("d-1")
    subprocess.run(["rm", "-rf", tmp_path / "top"], check=True)


def test_snapshots_never_change(disks: Disks, tmp_path: Path) -> None:
    """A snapshot holds the moment of its capture, whatever is written to its disk or to one made from it."""
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "file").write_text("first")
    disks.load("d-1", tmp_path / "top", None)
    early = disks.path("d-1")  # known before the capture, written to after it
    disks.capture("d-1", "s-1")
    (early / "file").write_text("second")
    disks.capture("d-1", "s-2")
    for snapshot, text in (("s-1", "first"), ("s-2", "second")):
        disks.restore(snapshot, f"d-of-{snapshot}")
        assert (disks.path(f"d-of-{snapshot}") / "file").read_text() == text
        (disks.path(f"d-of-{snapshot}") / "file").write_text("third")
    disks.restore("s-1", "d-9")
    disks.drop_snapshot("s-1")
    disks.drop_disk("d-of-s-1")
    assert (disks.reading("d-9") / "file").read_text() == "first"
    assert (early / "file").read_text() == "second"


def test_what_nobody_holds_is_removed(disks: Disks, tmp_path: Path) -> None:
    """Content goes with the last disk or snapshot that holds it, and everything goes with the cloud."""
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "closed").mkdir(mode=0o555)
    disks.load("d-1", tmp_path / "top", None)
    disks.capture("d-1", "s-1")
    disks.copy_snapshot("s-1", "s-2")
    root = disks.reading("d-1")
    disks.drop_disk("d-1")
    disks.drop_snapshot("s-1")
    assert root.is_dir()
    disks.drop_snapshot("s-2")
    assert not root.exists()
    disks.load("d-2", None, None)
    assert list(disks.path("d-2").iterdir()) == []
    disks.close()
    assert list((tmp_path / "state").iterdir()) == []


def test_a_link_as_the_top_is_followed(disks: Disks, tmp_path: Path) -> None:
    """A directory may be named through a symbolic link; links below it stay links."""
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "file").write_text("x")
    (tmp_path / "name").symlink_to("top")
    disks.load("d-1", tmp_path / "name", None)
    assert (disks.path("d-1") / "file").read_text() == "x"


def test_the_clouds_own_folder_is_no_disk(disks: Disks, tmp_path: Path) -> None:
    """A directory that holds the cloud's own folder is refused: the copy would never end."""
    with pytest.raises(CannotCopy, match="own folder"):
        disks.load("d-1", tmp_path, None)


@pytest.mark.parametrize(
    ("asked", "struck"),
    [
        ("/sub/file", "/sub/file"),
        ("sub/file", "/sub/file"),
        ("/data/sub/file", "/sub/file"),
        ("//sub/./file", "/sub/file"),
    ],
)
def test_corrupt_changes_one_byte(disks: Disks, tmp_path: Path, asked: str, struck: str) -> None:
    """One byte differs, and neither size, mode nor times say so; a path of the guest's is understood, too."""
    top = tmp_path / "top"
    (top / "sub").mkdir(parents=True)
    (top / "sub" / "file").write_bytes(bytes(5000))
    (top / "sub" / "file").chmod(0o4511)
    disks.load("d-1", top, "/data")
    disks.capture("d-1", "s-1")
    before = (disks.reading("d-1") / "sub" / "file").stat()
    assert disks.corrupt("d-1", asked, random.Random(7)) == struck
    after = disks.reading("d-1") / "sub" / "file"
    assert sum(byte != 0 for byte in after.read_bytes()) == 1
    assert (after.stat().st_mtime_ns, after.stat().st_size) == (before.st_mtime_ns, before.st_size)
    assert after.stat().st_mode == before.st_mode
    disks.restore("s-1", "d-2")
    assert not any((disks.reading("d-2") / "sub" / "file").read_bytes())


def test_a_path_on_the_disk_wins_over_the_mount(disks: Disks, tmp_path: Path) -> None:
    """/data/x is the disk's own data/x where there is one."""
    (tmp_path / "top" / "data").mkdir(parents=True)
    (tmp_path / "top" / "data" / "x").write_text("inner")
    (tmp_path / "top" / "x").write_text("outer")
    disks.load("d-1", tmp_path / "top", "/data")
    assert disks.corrupt("d-1", "/data/x", random.Random(1)) == "/data/x"


@pytest.mark.parametrize("path", ["/nowhere", "/", "", "/sub", "/link", "/out/file", "/sub/../file", "../file", "a\0b"])
def test_corrupt_stays_on_the_disk(disks: Disks, tmp_path: Path, path: str) -> None:
    """What is no regular file of the disk, or is reached only by a link or "..", is refused by its path."""
    top = tmp_path / "top"
    (top / "sub").mkdir(parents=True)
    (top / "file").write_text("safe")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("safe")
    (top / "link").symlink_to("file")
    (top / "out").symlink_to(tmp_path / "outside")
    disks.load("d-1", top, None)
    with pytest.raises(FileNotFoundError) as error:
        disks.corrupt("d-1", path, random.Random(1))
    assert error.value.filename == path
    assert (tmp_path / "outside" / "file").read_text() == "safe"


def test_corrupt_picks_by_its_draws(disks: Disks, tmp_path: Path) -> None:
    """The same draws pick the same file and byte; empty files are never picked."""
    (tmp_path / "top").mkdir()
    for number in range(20):
        (tmp_path / "top" / f"f{number}").write_bytes(bytes(number % 2 * 100))
    struck = []
    for disk in ("d-1", "d-2"):
        disks.load(disk, tmp_path / "top", None)
        path = disks.corrupt(disk, None, random.Random(5))
        struck.append((path, (disks.reading(disk) / path[1:]).read_bytes()))
    assert struck[0] == struck[1]
    disks.load("d-3", None, None)
    with pytest.raises(FileNotFoundError, match="no file with content"):
        disks.corrupt("d-3", None, random.Random(5))


def test_thousands_of_small_files_a_second(disks: Disks, tmp_path: Path) -> None:
    """A disk of thousands of files is loaded in seconds, not minutes."""
    for folder in range(20):
        (tmp_path / "top" / str(folder)).mkdir(parents=True)
        for number in range(100):
            (tmp_path / "top" / str(folder) / f"f{number}").write_text(f"{folder} {number}\n")
    disks.load("d-1", tmp_path / "top", None)


AS_NOBODY = """
import os, random, sys
from pathlib import Path
from localcloud.disks import CannotCopy, Disks
os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.umask(0o22)
top, state = Path(sys.argv[1]), Path(sys.argv[2])
(top / "closed").mkdir(); (top / "closed" / "in").write_text("x"); (top / "closed").chmod(0o555)
(top / "read-only").write_text("yy"); (top / "read-only").chmod(0o4444)
disks = Disks(state)
disks.load("d-1", top, None)
disks.capture("d-1", "s-1")
disks.restore("s-1", "d-2")
print(disks.corrupt("d-2", "closed/in", random.Random(1)), disks.corrupt("d-2", "read-only", random.Random(1)))
print(oct((disks.path("d-2") / "read-only").stat().st_mode), oct((disks.path("d-2") / "closed").stat().st_mode))
(top / "sub").mkdir(); (top / "sub" / "mode0").write_text("z"); (top / "sub" / "mode0").chmod(0)
try:
    disks.load("d-3", top, None)
except CannotCopy as error:
    print(error)
disks.close()
print(list(state.iterdir()))
"""


@needs_root
def test_without_root(tmp_path: Path) -> None:
    """Read-only trees are copied, damaged and removed without root; what can't be read is named, and leaves nothing."""
    top, state = tmp_path / "top", tmp_path / "state"
    for directory in (top, state):
        directory.mkdir()
        os.chown(directory, 65534, 65534)
    for above in (tmp_path, *tmp_path.parents[:3]):
        above.chmod(above.stat().st_mode | 0o011)
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{AS_NOBODY}"
    command = [sys.executable, "-c", code, str(top), str(state)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "/closed/in /read-only",
        "0o104444 0o40555",
        f"{top}/sub/mode0: its mode lets not even its owner read it: allow that, or run as root",
        "[]",
    ]
