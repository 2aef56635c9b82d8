"""The demo's world: the same files in every run, all kinds of them, few enough to be quick."""

import hashlib
import os
import stat
from pathlib import Path

from cli.demo_world import build_demo_world
from localcloud.guests import FIRST_BOOT
from localcloud.world import load_world
from shared.replication.manifest import BOOT_PATHS


def entries(top: Path) -> dict[str, tuple[int, int, int, str]]:
    """Mode, size, time and content of all that is below *top*."""
    found = {}
    for path in (top, *top.rglob("*")):
        at = path.lstat()
        content = os.fspath(path.readlink()) if path.is_symlink() else ""
        if stat.S_ISREG(at.st_mode):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        size = 0 if stat.S_ISDIR(at.st_mode) else at.st_size
        found[os.fspath(path.relative_to(top))] = (at.st_mode, size, at.st_mtime_ns, content)
    return found


def test_the_demo_world_is_the_same_in_every_run(tmp_path: Path) -> None:
    """Content, modes and times are fixed, whatever the umask says."""
    build_demo_world(tmp_path / "a")
    before = os.umask(0o077)
    try:
        build_demo_world(tmp_path / "b")
    finally:
        os.umask(before)
    for disk in ("web-root", "web-data"):
        assert entries(tmp_path / "a" / disk) == entries(tmp_path / "b" / disk)


def test_the_demo_world_is_a_world(tmp_path: Path) -> None:
    """Its file is read without a problem, and both disks have their content."""
    world = load_world(build_demo_world(tmp_path / "demo"))
    (web,) = world.regions["cn-hangzhou"].instances
    assert [(disk.device, disk.mount) for disk in web.disks] == [("/dev/xvda", "/"), ("/dev/xvdb", "/data")]
    assert (tmp_path / "demo" / "request.yaml").is_file()


def test_the_demo_world_holds_all_kinds_of_files(tmp_path: Path) -> None:
    """There is something for every branch of a copy and a proof, in some 150 files and 3 MB."""
    demo = build_demo_world(tmp_path / "demo").parent
    found = {**entries(demo / "web-root"), **{f"data/{at}": what for at, what in entries(demo / "web-data").items()}}
    modes = [mode for mode, *_ in found.values()]
    assert any(stat.S_ISFIFO(mode) for mode in modes)
    assert any(stat.S_ISLNK(mode) for mode in modes)
    assert any(mode & stat.S_ISUID for mode in modes)
    assert (demo / "web-data" / "orders" / "2025-12.csv").stat().st_nlink == 2
    assert not any((demo / "web-data" / "uploads" / "rejected").iterdir())
    assert 120 <= len([mode for mode in modes if stat.S_ISREG(mode)]) <= 200
    assert 2_000_000 <= sum(size for _, size, *_ in found.values()) <= 4_000_000


def test_a_proof_knows_what_a_first_boot_rewrites() -> None:
    """The embedded guest rewrites exactly the paths that a proof tells apart from damage."""
    assert set(FIRST_BOOT) == set(BOOT_PATHS)
