"""The command `ferry storm`, as a process."""

import fcntl
import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.cli.ferrying import begin, ferry

SMALL = {
    "seed": 3,
    "store": "sqlite",
    "errands": [{"key": "a", "instance": "i-a", "goal": "recovery_point"}],
    "faults": [{"kind": "kill_after", "function": "ferry-create_image", "action": "CreateImage", "nth": 1}],
    "haste": 20,
}


def written(folder: Path, **changes: object) -> Path:
    file = folder / "storm.json"
    file.write_text(json.dumps(SMALL | changes))
    return file


def test_a_small_storm_and_its_trace(tmp_path: Path) -> None:
    """Every fault that struck is in the trace, and what it struck; the end is told."""
    said = ferry("storm", "--file", written(tmp_path), "--trace")
    assert said.code == 0
    struck = [line for line in said.out.splitlines() if "<- kill_after" in line]
    assert len(struck) == 1
    assert "create_image         CreateImage" in struck[0]
    assert "sqlite: 1 faults struck" in said.out
    told = ferry("storm", "--file", written(tmp_path), "--trace", "--json").json
    assert (told["ends"], told["broken"], told["strikes"]) == (["succeeded"], [], 1)
    assert [line["what"] for line in told["trace"] if line["trouble"] == "kill_after"]


def test_a_broken_law_is_told_with_what_to_do_next(tmp_path: Path) -> None:
    """The law, the act, the command that shows it, the command that makes it small; exit code 1."""
    errands = [{"key": "a", "instance": "i-a"}]
    faults = [
        {"kind": "kill_after", "function": "ferry-launch_instance", "action": "RunInstances", "count": 1},
        {"kind": "deliver_twice", "action": "ferry-looks", "count": 3},
    ]
    file = written(tmp_path, errands=errands, faults=faults, breaks=["client_tokens", "lookups"])
    said = ferry("storm", "--file", file)
    assert said.code == 1
    assert "law 2: " in said.out
    assert "act: RunInstances by launch_instance; seen at 00:" in said.out
    assert f"ferry storm --file {file} --trace" in said.out.replace("\n  ", " ")
    small = tmp_path / "small.json"
    assert ferry("storm", "--file", file, "--shrink", "--out", small).code == 1
    assert [fault["kind"] for fault in json.loads(small.read_text())["faults"]] == ["kill_after"]
    again = ferry("storm", "--file", small, "--json")
    assert (again.code, again.json["broken"][0]["law"]) == (1, 2)


def test_many_storms_are_counted() -> None:
    """By store, end and kind of fault; in processes of their own."""
    told = ferry("storm", "--first", 6, "--seeds", 3, "--jobs", 2, "--json")
    assert told.code == 0
    assert (told.json["storms"], told.json["stores"]) == (3, {"sqlite": 2, "tablestore": 1})
    assert sum(told.json["ends"].values()) == told.json["replications"] >= 9
    assert told.json["broken"] == []


def test_what_can_not_go_together_is_told_at_once(tmp_path: Path) -> None:
    """Every problem, each with its option; nothing is run."""
    said = ferry("storm", "--seed", 1, "--seeds", 2, "--first", 1, "--breaks", "moon", "--json")
    assert said.code == 2
    assert ferry("storm", "--first", 2, "--trace", "--out", "x", "--json").problems.keys() == {
        "--first",
        "--trace",
        "--out",
    }
    bad: tuple[dict[str, object], ...] = (
        {"errands": []},
        {"errands": [{"key": "a", "instance": "web 1"}]},
        {"errands": SMALL["errands"] * 2},  # type: ignore[operator]
        {"errands": [{"key": "a", "instance": "i-a", "at": 1e15}]},
        {"haste": 0},
        {"index_lag": -5},
        {"faults": [{"kind": "moon"}]},
        {"meddlings": [{"kind": "cancel", "key": "b", "at": 1}]},
    )
    for changes in bad:
        said = ferry("storm", "--file", written(tmp_path, **changes), "--json")
        assert said.code == 2, changes
        assert all(path.startswith("--file ") for path in said.problems)
    assert ferry("storm", "--file", tmp_path / "none.json", "--json").problems == {"--file": "options"}


def test_what_killed_storms_left_is_removed() -> None:
    """A folder that nobody holds and that is old; one that somebody holds stays."""
    memory = Path("/dev/shm")
    left, held = (tempfile.mkdtemp(prefix="ferry-storm-", dir=memory if memory.is_dir() else None) for _ in range(2))
    Path(left, "ferry.db").touch()
    handle = os.open(held, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for folder in (left, held):
            os.utime(folder, (0, 0))
        assert ferry("storm", "--seeds", 1, "--jobs", 1).code == 0
        assert (Path(left).exists(), Path(held).exists()) == (False, True)
    finally:
        os.close(handle)
        Path(held).rmdir()


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_told_to_end_it_tells_what_it_knows(tmp_path: Path, told: signal.Signals) -> None:
    """What was gone through is counted, and how to go on is said."""
    with begin("storm", "--seeds", 5000, "--jobs", 1, temporary=tmp_path) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=8)
        process.send_signal(told)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 3
    assert "0 broke a law" in out
    assert "interrupted; go on with: ferry storm --first" in err
