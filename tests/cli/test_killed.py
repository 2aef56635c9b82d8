"""Laptop mode is durable: the cloud lives on, and whatever stops `ferry replicate`, the same words go on to the end."""

import json
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from shared.store.sqlite import SqliteStore
from tests.cli.cloud import CloudProcess, serving
from tests.cli.ferrying import FERRY, Said, begin, data, environment, ferry, instance, request, world, written
from tests.cli.killing import Course, Tally, kill

HERE, THERE = "cn-hangzhou", "cn-beijing"
QUICK = 3000


@contextmanager
def a_cloud(folder: Path, *faults: dict[str, Any], speed: float = QUICK, port: int = 0) -> Iterator[CloudProcess]:
    """A served cloud with one instance of two small disks, and a request for it in the folder."""
    made = world(folder) | {"faults": list(faults)}
    made["regions"][HERE]["instances"] = [instance("i-web", {"dir": "root", "size": 20}, data(size=20))]
    written(folder / "request.yaml", request())
    file = written(folder / "world.yaml", made)
    with serving("--world", file, "--speed", speed, port=port, temporary=folder / "cloud") as cloud:
        yield cloud


def words(folder: Path, cloud: CloudProcess, *more: object) -> tuple[object, ...]:
    """The command that is said again and again."""
    return "replicate", "-f", folder / "request.yaml", "--cloud", cloud.address, "--state", folder / "s", *more


def under_limit(limit: Callable[[], None], *said: object) -> Said:
    """Run `ferry` in a process that *limit* was set for."""
    done = subprocess.run(
        [FERRY, *map(str, said)],
        capture_output=True,
        text=True,
        env=environment(),
        preexec_fn=limit,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def only(said: Said) -> dict[str, Any]:
    (one,) = said.json["replications"]
    assert isinstance(one, dict)
    return one


def is_begun(folder: Path) -> bool:
    """Whether there is a record."""
    file = folder / "s" / "ferry.db"
    if not file.exists():
        return False
    with closing(SqliteStore(file)) as store:
        return bool(store.records())


def until(process: "subprocess.Popen[str]", come: Callable[[], bool]) -> None:
    """Wait until something has come; the process must not have ended before."""
    while not come():
        assert process.poll() is None
        time.sleep(0.01)  # noqa: TID251 - another process is looked at


def living(cloud: CloudProcess) -> set[str]:
    """The account's images and instances in both regions."""
    return {one[f"{kind}Id"] for kind in ("Image", "Instance") for r in (HERE, THERE) for one in cloud.things(kind, r)}


def test_killed_again_and_again_it_ends_and_the_laws_hold(tmp_path: Path) -> None:
    """A few kills here; `python -m tests.cli.killing 300` for hundreds."""
    tally = Tally()
    moments = ("at the start", "after a write", "after a call")
    kill(tmp_path / "it", Course("replica", 600, key=True), 3, 0, tally, 6, moments)
    assert tally.broken == []
    assert tally.kills >= 3
    assert tally.ends.total() == 1
    assert tally.ends.keys() <= {"replica: succeeded, exit 0", "replica: unproved, exit 1"}, "a slow machine boots late"


def test_without_a_key_one_that_is_under_way_is_gone_on_with(tmp_path: Path) -> None:
    """And one whose end nobody was told is told, not begun anew; only then do the same words begin another."""
    with a_cloud(tmp_path) as cloud:
        with begin(*words(tmp_path, cloud), temporary=tmp_path) as process:
            assert process.stdout
            begun = next(line for line in process.stdout if "imaging" in line)
            process.kill()
        assert "asked  CreateImage" in begun
        status = ferry("status", "--state", tmp_path / "s")
        assert f"go on: give its request again, with --cloud {cloud.address}" in status.out
        with (
            Path("/dev/full").open("w") as full,
            subprocess.Popen(
                [FERRY, *map(str, words(tmp_path, cloud, "--json"))],
                stdout=full,
                stderr=subprocess.PIPE,
                env=environment(),
            ) as unheard,
        ):
            assert unheard.wait(60) == 4
        told = ferry(*words(tmp_path, cloud))
        assert (told.code, "ended after its command had; say the same again to begin another" in told.out) == (0, True)
        (first,) = ferry("list", "--state", tmp_path / "s", "--json").json["replications"]
        another = only(ferry(*words(tmp_path, cloud, "--json")))
        assert (another["phase"], another["id"] != first["id"]) == ("succeeded", True)


def test_two_folders_on_one_cloud_share_nothing(tmp_path: Path) -> None:
    """The same request with the same key is two replications, each with its own image, copy and replica."""
    with a_cloud(tmp_path) as cloud:
        first = ferry(*words(tmp_path, cloud, "--key", "k", "--json"))
        other = ferry(*words(tmp_path, cloud, "--key", "k", "--json", "--state", tmp_path / "t"))
        assert (first.code, other.code) == (0, 0)
        kept = [{r["id"] for r in only(said)["resources"] if r["state"] == "kept"} for said in (first, other)]
        assert kept[0].isdisjoint(kept[1])
        assert len(living(cloud)) == 1 + 2 * 2


def test_of_two_on_one_folder_the_second_says_who_has_it(tmp_path: Path) -> None:
    """And leaves; the first goes on."""
    with a_cloud(tmp_path, speed=600) as cloud:
        with begin(*words(tmp_path, cloud, "--json"), temporary=tmp_path) as first:
            until(first, (tmp_path / "s" / "ferry.db").exists)
            second = ferry(*words(tmp_path, cloud, "--json"))
            assert (second.code, second.problems) == (4, {"--state": "in_use"})
            assert f"process {first.pid}" in second.json["problems"][0]["message"]
            out, _ = first.communicate(timeout=60)
        assert (first.returncode, json.loads(out)["replications"][0]["phase"]) == (0, "succeeded")


def test_on_a_full_disk_it_says_so_and_nothing_is_lost(tmp_path: Path) -> None:
    """No file may grow past the limit, reached at once or after some steps.  Then the same words go on to the end."""

    def limit(kilobytes: int) -> Callable[[], None]:
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    with a_cloud(tmp_path) as cloud:
        for kilobytes, records in ((1, 0), (90, 1)):
            full = under_limit(limit(kilobytes), *words(tmp_path, cloud, "--json"))
            assert (full.code, full.problems) == (4, {"store": "store"}), full.err
            before = ferry("list", "--state", tmp_path / "s", "--json").json["replications"]
            assert len(before) == records
        done = ferry(*words(tmp_path, cloud, "--json"))
        assert (done.code, only(done)["phase"]) == (0, "succeeded")
        assert only(done)["id"] == before[0]["id"]
        assert len(living(cloud)) == 1 + 2


def test_with_the_cloud_in_its_own_process_a_full_disk_ends_it_at_once_too(tmp_path: Path) -> None:
    """What its functions can't write nobody mends meanwhile; the record is kept, and clean closes it."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (90 * 1024, 90 * 1024))

    files = written(tmp_path / "request.yaml", request()), written(tmp_path / "world.yaml", world(tmp_path))
    full = under_limit(limit, "replicate", "-f", files[0], "--world", files[1], "--state", tmp_path / "s", "--json")
    (problem,) = full.json["problems"]
    assert (full.code, problem["code"]) == (4, "store")
    assert "the embedded cloud is gone, the record is kept; close it with: ferry clean r-" in problem["fix"]
    (left,) = ferry("list", "--state", tmp_path / "s", "--json").json["replications"]
    assert ferry("clean", left["id"], "--state", tmp_path / "s").code == 0


def test_a_file_that_another_process_holds_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    """It waits for its patience, names the file and how to go on; afterwards the same words go on to the end."""
    with a_cloud(tmp_path, speed=1200) as cloud:
        with begin(*words(tmp_path, cloud, "--json"), temporary=tmp_path) as process:
            until(process, (tmp_path / "s" / "ferry.db").exists)
            with closing(sqlite3.connect(tmp_path / "s" / "ferry.db", timeout=30, isolation_level=None)) as holder:
                holder.execute("BEGIN EXCLUSIVE")
                out, _ = process.communicate(timeout=120)
        (problem,) = json.loads(out)["problems"]
        assert (process.returncode, problem["code"]) == (4, "store")
        assert "ferry.db is held by another process" in problem["message"]
        done = ferry(*words(tmp_path, cloud, "--json"))
        assert (done.code, only(done)["phase"]) == (0, "succeeded")
        assert len(living(cloud)) == 1 + 2


def test_without_its_cloud_it_says_so_and_the_record_is_kept(tmp_path: Path) -> None:
    """Another cloud in its place is not taken for it: its things have gone with it, and clean closes the record."""
    with a_cloud(tmp_path, speed=60) as cloud:
        port = cloud.port
        with begin(*words(tmp_path, cloud, "--json"), temporary=tmp_path) as process:
            until(process, partial(is_begun, tmp_path))
            cloud.process.send_signal(signal.SIGKILL)
            out, _ = process.communicate(timeout=60)
    (problem,) = json.loads(out)["problems"]
    assert (process.returncode, problem["code"]) == (4, "cloud_gone")
    assert "the record is kept; close it with: ferry clean r-" in problem["fix"]
    gone = ferry(*words(tmp_path, cloud, "--json"))
    assert (gone.code, gone.problems) == (4, {"--cloud": "cloud_gone"})
    assert "close it with: ferry clean r-" in gone.json["problems"][0]["fix"]
    with a_cloud(tmp_path, port=port) as new:
        assert new.address == cloud.address
        wrong = ferry(*words(tmp_path, new, "--json"))
        assert (wrong.code, wrong.problems) == (4, {"--state": "another_cloud"})
        here = ferry("replicate", "-f", tmp_path / "request.yaml", "--world", tmp_path / "world.yaml", "--json",
                     "--state", tmp_path / "s")  # fmt: skip
        assert (here.code, here.problems) == (4, {"--state": "another_cloud"})
        (left,) = ferry("list", "--state", tmp_path / "s", "--json").json["replications"]
        cleaned = ferry("clean", left["id"], "--state", tmp_path / "s", "--json")
        assert (cleaned.code, only(cleaned)["phase"]) == (0, "cancelled")
        done = only(ferry(*words(tmp_path, new, "--json")))
        assert (done["phase"], done["id"] != left["id"]) == ("succeeded", True)


def test_what_a_failed_proof_kept_is_removed_on_the_served_cloud(tmp_path: Path) -> None:
    """By `ferry clean`, which finds the cloud by itself."""
    with a_cloud(tmp_path, {"kind": "corrupt", "count": 1}) as cloud:
        different = ferry(*words(tmp_path, cloud, "--json"))
        assert (different.code, len(living(cloud))) == (1, 1 + 3)
        cleaned = ferry("clean", only(different)["id"], "--state", tmp_path / "s")
        assert (cleaned.code, living(cloud)) == (0, {"i-web"})


def test_what_is_the_servers_is_refused_with_all_else_that_is_wrong(tmp_path: Path) -> None:
    """World, seed and speed were said to `ferry cloud serve`."""
    file = written(tmp_path / "request.yaml", request(goal="moon"))
    said = ferry("replicate", "-f", file, "--cloud", "ftp://x", "--world", "w", "--seed", 1, "--speed", 2, "--json")
    refused = dict.fromkeys(("--world", "--seed", "--speed"), "not_with_cloud")
    assert said.code == 2
    assert said.problems == {"goal": said.problems["goal"], "--cloud": "malformed", **refused}
    there = ferry("replicate", "-f", written(file, request()), "--via", "ferry", "--cloud", "http://127.0.0.1:1",
                  "--json")  # fmt: skip
    assert (there.code, there.problems["--cloud"]) == (2, "not_with_via")
    env = ferry("replicate", "-f", file, "--json", "--state", tmp_path / "s", FERRY_CLOUD="http://127.0.0.1:1")
    assert (env.code, env.problems) == (4, {"--cloud": "cloud_gone"})
    assert "ferry cloud serve --port 1 --world" in env.json["problems"][0]["fix"]
