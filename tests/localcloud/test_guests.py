"""Guests: trusted scripts on real files, foreign ones never, and a first boot that rewrites only what it should."""

import base64
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from localcloud.disks import Disks
from localcloud.guests import FIRST_BOOT, Finished, Guest, Guests, Recall

MINUTE = timedelta(minutes=1)
GUEST = Guest("i-web", "web", "10.0.1.5", (("/dev/xvda", "d-root"), ("/dev/xvdb", "d-data"), ("/dev/xvdc", "d-bare")))


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Disks]:
    for name in ("etc", "var/lib/cloud/data", "var/log"):
        (tmp_path / "root" / name).mkdir(parents=True)
    (tmp_path / "root" / "etc" / "hostname").write_text("source\n")
    (tmp_path / "root" / "etc" / "hosts").write_text("127.0.0.1 source\n")
    (tmp_path / "root" / "etc" / "hosts").chmod(0o4640)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "order").write_text("42\n")
    disks = Disks(tmp_path / "state")
    disks.load("d-root", tmp_path / "root", "/")
    disks.load("d-data", tmp_path / "data", "/data")
    disks.load("d-bare", None, None)
    yield disks
    disks.close()


def run(disks: Disks, script: str, *, guest: Guest = GUEST, seed: int = 1, **parameters: str) -> Finished:
    """Run a script that the guests trust."""
    trusted = frozenset({hashlib.sha256(script.encode()).hexdigest()})
    return Guests(disks, seed, trusted).run(guest, script, parameters, MINUTE)


def test_a_script_reads_the_disks_where_findmnt_says(disks: Disks) -> None:
    """A script finds each mounted disk's files below FERRY_ROOT; a disk that is not mounted has no target."""
    script = """
        for device in /dev/xvda /dev/xvdb /dev/xvdc /dev/xvdz; do
            target=$(findmnt -rn -o TARGET -S "$device") || { echo "$device: none"; continue; }
            echo "$device: $target"
            ls "$FERRY_ROOT$target/"
        done
        echo oops >&2
        exit 3
    """
    done = run(disks, script)
    expected = "/dev/xvda: /xvda\netc\nvar\n/dev/xvdb: /xvdb\norder\n/dev/xvdc: none\n/dev/xvdz: none\noops\n"
    assert (done.exit_code, done.output.decode()) == (3, expected)


def test_parameters_are_put_in(disks: Disks) -> None:
    """{{request}} becomes the value; the hash is of the text before that."""
    done = run(disks, "echo {{request}} | base64 -d", request=base64.b64encode(b"what is where").decode())
    assert done.output == b"what is where"


@pytest.mark.parametrize("value", ["$(id)", "a b", "a;b", "a\nb", "\u00e9"])
def test_parameters_hold_nothing_that_a_shell_reads(disks: Disks, value: str) -> None:
    """A value outside base64's letters is refused before anything runs."""
    done = run(disks, "echo {{request}}", request=value)
    assert done.exit_code == 126
    assert b"parameter request" in done.output


def test_foreign_code_never_runs(disks: Disks, tmp_path: Path) -> None:
    """A script whose hash is unknown is refused in words, with exit code 126, and leaves no trace."""
    done = Guests(disks, 1, frozenset()).run(GUEST, f"touch {tmp_path}/trace", {}, MINUTE)
    assert done.exit_code == 126
    assert b"trusts" in done.output
    assert not (tmp_path / "trace").exists()


def test_the_guest_sees_nothing_of_the_users_environment(disks: Disks) -> None:
    """Of the environment there is only what the guest is given; its temporary directory is private and goes."""
    done = run(disks, 'touch "$TMPDIR/x"; pwd; env')
    cwd, *lines = done.output.decode().splitlines()
    environment = dict(line.split("=", 1) for line in lines if "=" in line)
    assert set(environment) - {"PWD", "_", "SHLVL", "OLDPWD"} == {"FERRY_ROOT", "PATH", "TMPDIR", "HOME"}
    assert cwd == environment["TMPDIR"]
    assert not Path(cwd).exists()


def test_output_is_bounded(disks: Disks) -> None:
    """A script that never stops talking fills no memory, and still ends with its own exit code."""
    done = run(disks, "head -c 5000000 /dev/zero; exit 4")
    assert (done.exit_code, len(done.output)) == (4, 1 << 20)


def test_a_script_that_hangs_is_killed(disks: Disks) -> None:
    """Patience is on the wall clock; on the virtual one the command has then run past its time-out."""
    script = "echo begun; sleep 60 & sleep 60"
    trusted = frozenset({hashlib.sha256(script.encode()).hexdigest()})
    began = time.monotonic()
    done = Guests(disks, 1, trusted, patience=timedelta(seconds=0.3)).run(GUEST, script, {}, MINUTE)
    assert time.monotonic() - began < 10
    assert done.exit_code == 137
    assert done.output == b"begun\n"
    assert done.took > MINUTE


def test_time_follows_the_bytes_and_the_seed(disks: Disks) -> None:
    """The same seed gives the same time; a disk with much to read takes longer, at 150 to 400 MB/s."""
    assert run(disks, "true", seed=5).took == run(disks, "true", seed=5).took
    assert timedelta(seconds=1) <= run(disks, "true").took <= timedelta(seconds=3.1)
    with (disks.path("d-data") / "sparse").open("wb") as file:
        file.truncate(4_000_000_000)
    assert timedelta(seconds=11) <= run(disks, "true").took <= timedelta(seconds=30)


def test_a_first_boot_rewrites_its_files_only(disks: Disks) -> None:
    """Listed files are rewritten with their mode kept, or made where their directory is; no directory is made."""
    Guests(disks, 1, frozenset()).first_boot(GUEST)
    root = disks.path("d-root")
    found = {f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file()}
    assert found == {path for path in FIRST_BOOT if "/ssh/" not in path}
    assert (root / "etc" / "hostname").read_text() == "web\n"
    assert "10.0.1.5\tweb" in (root / "etc" / "hosts").read_text()
    assert (root / "etc" / "hosts").stat().st_mode & 0o7777 == 0o4640
    assert (disks.path("d-data") / "order").read_text() == "42\n"


def test_a_first_boot_is_the_instances_own(disks: Disks) -> None:
    """Each instance gets a machine-id of its own, the same one in every run of a seed."""
    ids = []
    for seed, instance in ((1, "i-a"), (1, "i-b"), (2, "i-a"), (1, "i-a")):
        Guests(disks, seed, frozenset()).first_boot(Guest(instance, "h", "10.0.1.5", GUEST.disks))
        ids.append((disks.reading("d-root") / "etc" / "machine-id").read_text())
    assert len(set(ids)) == 3
    assert ids[0] == ids[3]


def test_a_first_boot_follows_no_link(disks: Disks, tmp_path: Path) -> None:
    """A link among the listed paths, or on the way to one, leads nowhere: not off the disk, not about on it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "hostname").write_text("mine\n")
    root = disks.path("d-root")
    (root / "etc").rename(root / "real-etc")
    (root / "etc").symlink_to(outside)
    (root / "var" / "log" / "cloud-init.log").symlink_to(outside / "hostname")
    os.mkfifo(root / "var" / "log" / "cloud-init-output.log")
    Guests(disks, 1, frozenset()).first_boot(GUEST)
    assert (outside / "hostname").read_text() == "mine\n"
    assert (root / "real-etc" / "hostname").read_text() == "source\n"
    assert sorted(path.name for path in outside.iterdir()) == ["hostname"]


def test_a_first_boot_leaves_another_name_of_a_file(disks: Disks) -> None:
    """A hard link elsewhere keeps the content that it had."""
    root = disks.path("d-root")
    os.link(root / "etc" / "hostname", root / "backup")
    Guests(disks, 1, frozenset()).first_boot(GUEST)
    assert (root / "backup").read_text() == "source\n"


def test_a_disk_that_is_no_root_is_left_alone(disks: Disks, tmp_path: Path) -> None:
    """Only a system disk that is mounted as / is a root file system; another is not touched."""
    disks.load("d-other", tmp_path / "root", "/srv")
    Guests(disks, 1, frozenset()).first_boot(Guest("i-x", "x", "10.0.1.6", (("/dev/xvda", "d-other"),)))
    assert (disks.reading("d-other") / "etc" / "hostname").read_text() == "source\n"


def test_a_snapshot_is_not_booted(disks: Disks) -> None:
    """The first boot writes to the instance's disk, never to the snapshot that it was made from."""
    disks.capture("d-root", "s-1")
    disks.restore("s-1", "d-new")
    Guests(disks, 1, frozenset()).first_boot(Guest("i-new", "new", "10.0.1.7", (("/dev/xvda", "d-new"),)))
    assert (disks.reading("d-new") / "etc" / "hostname").read_text() == "new\n"
    assert (disks.reading("d-root") / "etc" / "hostname").read_text() == "source\n"


def test_a_worlds_own_first_boot(disks: Disks) -> None:
    """A world may name its own files and what they become."""
    guests = Guests(disks, 1, frozenset(), first_boot={"/etc/motd": "I am ${hostname}, ${instance_id}: $unknown\n"})
    guests.first_boot(GUEST)
    assert (disks.reading("d-root") / "etc" / "motd").read_text() == "I am web, i-web: $unknown\n"
    assert (disks.reading("d-root") / "etc" / "hostname").read_text() == "source\n"


def test_what_was_said_before_is_recalled(disks: Disks, tmp_path: Path) -> None:
    """With a recall a script is run once for the same disks, in other guests and clouds too; a change is seen."""
    script = 'echo ran >> "' + str(tmp_path / "trace") + '"; ls -l "$FERRY_ROOT/xvdb/" | cut -c 1-10; echo {{request}}'
    trusted, recall = frozenset({hashlib.sha256(script.encode()).hexdigest()}), Recall()

    def said(seed: int, request: str = "a") -> str:
        guest = Guest(f"i-{seed}", "h", "10.0.1.5", GUEST.disks)
        done = Guests(disks, seed, trusted, recall=recall).run(guest, script, {"request": request}, MINUTE)
        return done.output.decode()

    first = said(1)
    assert said(2) == first
    assert (tmp_path / "trace").read_text() == "ran\n"
    assert said(1, "b") != first
    order = disks.writing("d-data") / "order"
    changes: tuple[Callable[[], object], ...] = (
        lambda: order.chmod(0o600),
        lambda: order.write_text("43\n"),
        lambda: order.rename(order.parent / "o"),
    )
    for number, change in enumerate(changes):
        change()
        said(1)
        assert (tmp_path / "trace").read_text() == "ran\n" * (number + 3)


def test_a_killed_run_is_not_recalled(disks: Disks) -> None:
    """What came of a run that took too long says nothing about the next."""
    script = "sleep 5"
    trusted, recall = frozenset({hashlib.sha256(script.encode()).hexdigest()}), Recall()
    for seconds in (0.2, 0.3):
        guests = Guests(disks, 1, trusted, patience=timedelta(seconds=seconds), recall=recall)
        began = time.monotonic()
        assert guests.run(GUEST, script, {}, MINUTE).took > MINUTE
        assert time.monotonic() - began >= seconds
