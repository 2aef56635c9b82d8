"""`ferry cloud serve` as its user sees it: ready, asked from outside, told to end."""

import signal
from pathlib import Path

import pytest

from tests.cli.cloud import serving
from tests.cli.ferrying import begin, ferry, world, written


def test_it_says_that_it_listens_and_serves_the_world(tmp_path: Path) -> None:
    """The first line is for people and scripts alike; what is in the world file is there."""
    with begin(
        "cloud", "serve", "--port", 0, "--world", written(tmp_path / "w.yaml", world(tmp_path)), temporary=tmp_path
    ) as process:
        assert process.stdout
        first = process.stdout.readline()
        assert first.startswith("listening on http://127.0.0.1:")
        rest = [process.stdout.readline() for _ in range(4)]
        assert "an hour or two; with --speed 60" in rest[0]
        process.send_signal(signal.SIGINT)
        assert (process.wait(20), process.stderr and process.stderr.read()) == (0, "")
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("ferry-cloud-")] == []


def test_any_client_finds_its_instances_running(tmp_path: Path) -> None:
    """Through the official SDK; health says how fast time passes."""
    file = written(tmp_path / "w.yaml", world(tmp_path))
    with serving("--world", file, "--speed", 100, "--seed", 7, temporary=tmp_path / "tmp") as cloud:
        (found,) = cloud.things("Instance", "cn-hangzhou")
        assert (found["InstanceId"], found["Status"]) == ("i-web", "Running")
        health = cloud.health()
        assert (health["ok"], health["speed"], health["seed"], health["calls"]) == (True, 100, 7, 1)
        assert cloud.get("/_ferry/reset", "POST", **{"X-Ferry-Token": cloud.token})["calls"] == 0
        cloud.process.terminate()
        assert cloud.process.wait(20) == 0


def test_what_is_wrong_is_told_and_nothing_is_served(tmp_path: Path) -> None:
    """A port that is taken is the machine's trouble; a bad world is told whole."""
    with serving(temporary=tmp_path / "tmp") as cloud:
        taken = ferry("cloud", "serve", "--port", cloud.port, "--json")
        assert (taken.code, taken.problems) == (4, {"--port": "port_taken"})
    broken = {"regions": {"cn-nowhere": {}, "cn-beijing": {"vpcs": [{"id": "vpc-b"}], "trees": []}}}
    bad = ferry("cloud", "serve", "--port", 0, "--world", written(tmp_path / "bad.yaml", broken), "--json")
    assert (bad.code, len(bad.problems)) == (2, 3)


@pytest.mark.parametrize("words", [("--port", "65536"), ("--port", "0", "--speed", "0"), ()])
def test_bad_options_are_told(words: tuple[str, ...]) -> None:
    """As for every command."""
    said = ferry("cloud", "serve", *words, "--json")
    assert (said.code, set(said.problems.values())) == (2, {"usage"})
