"""`ferry ... --via NAME`: the real command asks a deployed install by signed invocation."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.ports import Hints, Row
from shared.presentation import stored
from shared.replication.machine import begin
from tests.cli.deployed import Deployed, deployed
from tests.cli.ferrying import Said, request, written
from tests.shared.builders import START, a_request

#: They share an install that takes seconds to set up.
pytestmark = pytest.mark.xdist_group("via")

VIA = ("--via", "ferry")
KEY = ("--key", "night")
NOBODY = "r-0123456789abcdef"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Deployed]:
    folder = tmp_path / "there"
    folder.mkdir()
    with deployed(folder) as it:
        yield it


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """One for the tests that begin nothing there."""
    with deployed(tmp_path_factory.mktemp("idle")) as it:
        yield it


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "request.yaml", request())


def only(said: Said) -> Any:
    (one,) = said.json["replications"]
    return one


def test_a_start_leaves_when_it_is_accepted(there: Deployed, file: Path) -> None:
    """The install goes on by itself; the command says how to ask, and that works as it stands."""
    said = there.ferry("replicate", "-f", file, *VIA, *KEY)
    assert said.code == 0
    id_ = said.out.split(":")[0]
    assert "accepted; its key is night" in said.out
    assert f"ferry status {id_} --via ferry\n" in said.out
    assert f"{id_}  accepted  i-web" in there.ferry("status", *VIA).out
    there.pass_time(minutes=10)
    under_way = there.ferry("status", id_, *VIA, "--history")
    assert "TagSnapshots" in under_way.out
    assert "copying since +00:" in under_way.out
    assert "virtual" not in under_way.out
    there.pass_time(hours=3)
    assert f"{id_}  succeeded" in there.ferry("status", id_, *VIA).out
    assert "nothing is under way; what has ended: ferry list --via ferry\n" in there.ferry("status", *VIA).out
    assert "succeeded" in there.ferry("list", *VIA).out


def test_json_is_what_the_api_answers(there: Deployed, file: Path) -> None:
    """One object on stdout and nothing else, in the forms of the same commands on a folder."""
    started = there.ferry("replicate", "-f", file, *VIA, *KEY, "--json")
    assert (started.code, started.err, started.json["key"]) == (0, "", "night")
    one = only(started)
    assert (one["phase"], one["ended_at"], one["source"]["instance"]) == ("accepted", None, "i-web")
    status = there.ferry("status", one["id"], *VIA, "--json").json
    assert status == {"replications": [one], "dead_letters": []}
    listed = only(there.ferry("list", *VIA, "--json"))
    assert (listed["id"], listed["verdict"]) == (one["id"], None)
    asked = there.ferry("cancel", one["id"], *VIA, "--json").json
    assert asked == {"id": one["id"], "phase": "accepted", "cancel": True}


def test_without_a_key_each_start_is_another_replication(there: Deployed, file: Path) -> None:
    """The key that was made is told, and given again it is the same replication."""
    first, second = (there.ferry("replicate", "-f", file, *VIA, "--json") for _ in range(2))
    assert only(first)["id"] != only(second)["id"]
    again = there.ferry("replicate", "-f", file, *VIA, "--key", first.json["key"], "--json")
    assert only(again)["id"] == only(first)["id"]
    assert len(there.ferry("list", *VIA, "--json").json["replications"]) == 2


def test_a_key_is_one_request(there: Deployed, file: Path, tmp_path: Path) -> None:
    """Another request with a known key is refused as it is locally: exit 2, and what differs."""
    there.ferry("replicate", "-f", file, *VIA, *KEY)
    other = written(tmp_path / "other.yaml", request(goal="recovery_point"))
    said = there.ferry("replicate", "-f", other, *VIA, *KEY, "--json")
    assert (said.code, said.problems) == (2, {"--key": "key_in_use"})
    assert "goal was replica, is recovery_point" in said.json["problems"][0]["message"]
    assert "file" not in said.json["problems"][0]
    long = there.ferry("replicate", "-f", other, *VIA, "--key", "k" * 201, "--json")
    assert (long.code, long.problems) == (2, {"--key": "too_long"})


def test_waiting_follows_it_to_its_end(there: Deployed, file: Path) -> None:
    """With --wait every line of the history is told once, then the proof: exit 0."""
    said = there.ferry("replicate", "-f", file, *VIA, *KEY, "--wait")
    assert (said.code, said.err) == (0, "")
    assert "proof: same" in said.out
    one = only(there.ferry("replicate", "-f", file, *VIA, *KEY, "--wait", "--json"))
    told = [line for line in said.out.splitlines() if line.startswith("+")]
    assert [line.split("  ")[-1].split()[-1] for line in told] == [line["what"].split()[-1] for line in one["history"]]
    asked = there.invocations()
    assert asked.count("ferry-api") < 200


def test_a_replica_that_differs_is_exit_1_and_can_be_cleaned(there: Deployed, file: Path) -> None:
    """The exit codes are those of a run in the foreground; what was kept is removed when it is asked."""
    there.strike(kind="corrupt", device="/dev/xvdb", path="/orders")
    said = there.ferry("replicate", "-f", file, *VIA, *KEY, "--wait")
    assert said.code == 1
    assert "/orders: content" in said.out
    id_ = said.out.split(":")[0]
    assert f"ferry clean {id_} --via ferry" in said.out
    early = there.ferry("cancel", id_, *VIA)
    assert (early.code, f"ferry status {id_} --via ferry" in early.err) == (3, True)
    assert "cleaning asked" in there.ferry("clean", id_, *VIA).out
    there.pass_time(hours=1)
    cleaned = only(there.ferry("status", id_, *VIA, "--json"))
    assert {resource["state"] for resource in cleaned["resources"]} == {"removed"}


def test_a_cancellation_is_exit_3(there: Deployed, file: Path) -> None:
    """Whoever waits for a replication that is given up elsewhere sees that it was."""
    id_ = only(there.ferry("replicate", "-f", file, *VIA, *KEY, "--json"))["id"]
    there.pass_time(minutes=10)
    early = there.ferry("clean", id_, *VIA)
    assert (early.code, f"cancel it instead (ferry cancel {id_} --via ferry)" in early.err) == (3, True)
    assert "cancellation asked" in there.ferry("cancel", id_, *VIA).out
    said = there.ferry("replicate", "-f", file, *VIA, *KEY, "--wait", "--json")
    assert (said.code, only(said)["phase"], only(said)["cancel"]["by"]) == (3, "cancelled", "api")


def test_what_precheck_refuses_is_exit_2_with_the_file(there: Deployed, tmp_path: Path) -> None:
    """A request that only the account can refuse is told by the field of its file, as in the foreground."""
    file = written(tmp_path / "r.yaml", request(source={"instance": "i-none"}))
    said = there.ferry("replicate", "-f", file, *VIA, "--wait", "--json")
    assert (said.code, list(said.problems)) == (2, ["source.instance"])
    assert said.json["problems"][0]["file"] == str(file)


def test_ctrl_c_while_waiting_leaves_it_running(there: Deployed, file: Path) -> None:
    """Who stops waiting has cancelled nothing, and is told how to."""
    said = there.ferry("replicate", "-f", file, *VIA, *KEY, "--wait", interrupt=3)
    assert said.code == 3
    id_ = said.out.split(":")[0]
    assert f"{id_} goes on there" in said.err
    assert f"ferry cancel {id_} --via ferry" in said.err
    there.pass_time(hours=3)
    assert only(there.ferry("status", id_, *VIA, "--json"))["phase"] == "succeeded"


def test_ctrl_c_while_starting_tells_the_key(there: Deployed, file: Path) -> None:
    """Whether it was begun is not known then, so the one way to ask safely is told."""
    there.strike(kind="timeout", action="InvokeFunction")
    said = there.ferry("replicate", "-f", file, *VIA, "--key", "two words", interrupt=1)
    assert said.code == 3
    assert "--key 'two words'" in said.err


@pytest.mark.parametrize("kind", ["throttle", "lost_answer", "server_error"])
def test_a_start_without_an_answer_is_sent_again(there: Deployed, file: Path, kind: str) -> None:
    """Its key keeps it from beginning twice."""
    there.strike(kind=kind, action="InvokeFunction", count=1)
    said = there.ferry("replicate", "-f", file, *VIA, *KEY)
    assert said.code == 0
    assert ("there already" in said.out) == (kind == "lost_answer")
    assert len(there.ferry("list", *VIA, "--json").json["replications"]) == 1


def test_a_start_that_gets_no_answer_at_all_tells_the_key(there: Deployed, file: Path) -> None:
    """Exit 4, and what to say to begin it, or to find out that it was begun."""
    there.strike(kind="lost_answer", action="InvokeFunction", count=3)
    said = there.ferry("replicate", "-f", file, *VIA, *KEY, "--json")
    assert (said.code, said.problems) == (4, {"--via": "try_again"})
    assert "--key night" in said.json["problems"][0]["fix"]
    assert there.ferry("replicate", "-f", file, *VIA, *KEY).code == 0
    assert len(there.ferry("list", *VIA, "--json").json["replications"]) == 1


def test_waiting_puts_up_with_lost_answers_for_a_while(there: Deployed, file: Path) -> None:
    """A few lost answers end no wait of hours; minutes of them do, and the replication goes on there."""
    id_ = only(there.ferry("replicate", "-f", file, *VIA, *KEY, "--json"))["id"]
    there.strike(kind="lost_answer", action="InvokeFunction", chance=0.4, count=20)
    assert there.ferry("replicate", "-f", file, *VIA, *KEY, "--wait").code == 0
    there.strike(kind="throttle", action="InvokeFunction")
    said = there.ferry("status", id_, *VIA, "--json")
    assert (said.code, said.problems) == (4, {"cloud": "try_again"})


def test_the_older_api_does_the_same(there: Deployed, file: Path) -> None:
    """SERVICE/NAME is the function NAME-api of a service under 2016-08-15."""
    old = ("--via", "old/ferry", "--region", "cn-beijing")
    said = there.ferry("replicate", "-f", file, *old, *KEY, without="FERRY_HOME_REGION")
    assert said.code == 0
    id_ = said.out.split(":")[0]
    assert f"ferry status {id_} --via old/ferry --region cn-beijing\n" in said.out
    assert only(there.ferry("status", *old, "--json"))["id"] == id_
    assert there.invocations().count("old$ferry-api") == 3
    lost = there.ferry("list", "--via", "older/ferry", "--json")
    assert (lost.code, lost.problems) == (4, {"--via": "ServiceNotFound"})


def test_everything_that_is_wrong_is_told_at_once(idle: Deployed, tmp_path: Path) -> None:
    """The request's fields, the options that don't go together, and each setting that is missing."""
    file = written(tmp_path / "r.yaml", request(goal="fun"))
    env = dict.fromkeys(("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "FERRY_HOME_REGION"), "")
    wrong = {**env, "ALIBABA_CLOUD_ACCOUNT_ID": "me"}
    words = ("replicate", "-f", file, "--via", "Ferry!", "--world", "w", "--seed", "2", "--speed", "3", "--state", "s")
    said = idle.ferry(*words, "--json", env=wrong, without="ALIBABA_CLOUD_ACCESS_KEY_ID")
    assert said.code == 2
    assert said.problems == {
        "goal": "unknown_value",
        "--world": "not_with_via",
        "--seed": "not_with_via",
        "--speed": "not_with_via",
        "--state": "not_with_via",
        "--via": "malformed",
        "--region": "missing_setting",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "missing_setting",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "missing_setting",
        "ALIBABA_CLOUD_ACCOUNT_ID": "malformed",
    }
    host = idle.ferry("list", *VIA, "--region", "x.example/", "--json")
    assert (host.code, host.problems) == (2, {"--region": "malformed"})


@pytest.mark.parametrize("words", [("status",), ("list",), ("cancel", NOBODY), ("clean", NOBODY)])
def test_a_region_is_for_a_deployed_install(idle: Deployed, words: tuple[str, ...]) -> None:
    """What would be ignored is refused."""
    said = idle.ferry(*words, "--region", "cn-beijing", "--json")
    assert (said.code, said.problems) == (2, {"--region": "needs_via"})


@pytest.mark.parametrize("words", [("status",), ("cancel",), ("clean",)])
def test_an_unknown_id(idle: Deployed, words: tuple[str, ...]) -> None:
    """It is bad input, as it is locally, with the way to those that there are; so is what can't be one."""
    for id_ in (NOBODY, "x", "a/../b", f"{NOBODY}/cancel"):
        said = idle.ferry(*words, id_, *VIA, "--json")
        assert (said.code, said.problems) == (2, {"ID": "NotFound"})
        assert said.json["problems"][0]["fix"] == "see which there are: ferry list --via ferry"


def test_an_install_that_can_not_be_asked(idle: Deployed) -> None:
    """Not deployed, a wrong key, a function that fails: exit 4, and what to do about each."""
    nowhere = idle.ferry("list", "--via", "nope", "--json")
    assert (nowhere.code, nowhere.problems) == (4, {"--via": "FunctionNotFound"})
    assert "ferry deploy" in nowhere.json["problems"][0]["fix"]
    stranger = idle.ferry("list", *VIA, "--json", env={"ALIBABA_CLOUD_ACCESS_KEY_ID": "nobody"})
    assert (stranger.code, stranger.problems) == (4, {"--via": "InvalidAccessKeyId.NotFound"})
    idle.deploy("broken-api", "def handler(event, context):\n    raise ValueError('no good')\n")
    broken = idle.ferry("list", "--via", "broken", "--json")
    assert (broken.code, broken.problems) == (4, {"--via": "function_failed"})
    assert "ValueError: no good" in broken.json["problems"][0]["message"]


ANOTHER = {
    "another form": {"statusCode": 200, "body": json.dumps({"replications": [{"record": {"schema": 1}, "hints": {}}]})},
    "no JSON": {"statusCode": 200, "body": "<html>"},
    "no such path": {"statusCode": 404, "body": json.dumps({"problems": []})},
    "nothing": {},
    "text": "hello",
}


@pytest.mark.parametrize("answer", ANOTHER)
def test_an_install_of_another_release_is_told_so(idle: Deployed, answer: str) -> None:
    """What can't be understood is never shown by halves, and is no bug of the command's."""
    name = answer.lower().replace(" ", "-")
    idle.deploy(f"{name}-api", f"def handler(event, context):\n    return {ANOTHER[answer]!r}\n")
    said = idle.ferry("list", "--via", name, "--json")
    assert (said.code, said.problems) == (4, {"--via": "other_release"})


def test_what_a_newer_release_adds_is_no_obstacle(idle: Deployed) -> None:
    """New fields are passed over; a record of a form that this release does not know is told to be one."""
    idle.deploy("newer-api", showing({"colour": "blue"}))
    idle.deploy("newest-api", showing({"schema": 99}))
    assert f"{NOBODY}  accepted" in idle.ferry("status", NOBODY, "--via", "newer").out
    said = idle.ferry("status", NOBODY, "--via", "newest", "--json")
    assert (said.code, said.problems) == (4, {"--via": "other_release"})


def test_a_list_that_is_not_whole_says_so(idle: Deployed) -> None:
    """Nobody takes the newest hundred for all that there are."""
    idle.deploy("many-api", showing({}))
    assert "these are the newest 1" in idle.ferry("list", "--via", "many").out
    assert "these are 1 of them" in idle.ferry("status", "--via", "many").out
    for command in ("list", "status"):
        assert idle.ferry(command, "--via", "many", "--json").json["more"] is True


def showing(more: dict[str, object]) -> str:
    """A function whose every answer is a record with *more* fields, alone and as the first of a list."""
    record = begin(a_request(), id=NOBODY, install="newer", at=START)
    told: Any = stored(Row(record=record, hints=Hints(next_at=START)))
    told["record"] |= more
    text = json.dumps(told | {"replications": [told], "more": True, "dead_letters": [], "news": [1]})
    return f"def handler(event, context):\n    return {{'statusCode': 200, 'body': {text!r}}}\n"
