"""What nobody could act on is kept, with a reason that a person understands."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.faults import Fault
from shared.acceptance import replication_id
from shared.ports import DeadLetter
from shared.replication.phases import Phase
from tests.functions.account import put_event
from tests.functions.ferry import MINUTE, Ferry, a_request, ferry


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ferry]:
    """One install for all tests of this file, as each looks at its own letter only."""
    with ferry(tmp_path_factory.mktemp("install")) as it:
        yield it


def letter_after(it: Ferry, type_: str, data: object, **event: str) -> DeadLetter:
    """The one letter that is new after this event was put on the bus."""
    before = {letter.id for letter in it.app.store.dead_letters()}
    put_event(type_, data, **event)
    it.pass_time(2 * MINUTE)
    (new,) = [letter for letter in it.app.store.dead_letters() if letter.id not in before]
    return new


def test_an_event_of_unknown_type(install: Ferry) -> None:
    """An event that no function takes is kept, and its type is named."""
    letter = letter_after(install, "ferry:CreateImgae", {"replication": "r-1"})
    assert (letter.origin, letter.reason) == ("bus", "no function takes an event of type ferry:CreateImgae")
    assert json.loads(letter.body)["data"] == {"replication": "r-1"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "replication"),
        ({"replication": 5}, "replication"),
        ("r-1", "CopyImage"),
        ({"replication": "r-nobody"}, "there is no replication r-nobody"),
    ],
)
def test_a_corrupt_event_of_a_known_type(install: Ferry, data: object, why: str) -> None:
    """A command that makes no sense is kept with the function that got it and what is wrong with it."""
    letter = letter_after(install, "ferry:CopyImage", data)
    assert letter.origin == "ferry-copy_image"
    assert letter.reason.startswith("ferry-copy_image failed for the last time: ")
    assert why in letter.reason


def test_a_function_that_dies_each_time(tmp_path: Path) -> None:
    """A command whose function failed twice is kept; the replication goes on all the same."""
    dies = Fault(kind="kill_before", function="ferry-create_image", count=2)
    with ferry(tmp_path, dies) as it:
        id_ = it.replicate(goal="recovery_point")
        assert it.until_ended(id_).phase is Phase.SUCCEEDED
        (letter,) = it.app.store.dead_letters()
        assert letter.origin == "ferry-create_image"
        assert letter.reason == (
            "ferry-create_image failed for the last time: "
            "ProcessExited: Process exited unexpectedly before completing request"
        )
        assert id_ in letter.body


def test_a_letter_is_kept_once(install: Ferry) -> None:
    """The same letter delivered twice is one row."""
    install.strike("deliver_twice", action="ferry-dead-letters", count=1)
    letter_after(install, "ferry:Twice", {})
    assert len([run for run in install.runs("keep_dead_letter") if not run.error]) >= 2


@pytest.mark.parametrize(
    "junk", [b"", b"\xff\xfe", b"[]", b'{"data": {"messageBody": {"a": 1}}, "id": "1", "source": "s", "type": "t"}']
)
def test_whatever_it_is_it_is_kept(install: Ferry, junk: bytes) -> None:
    """A letter that nobody can read is a letter all the same."""
    before = len(install.app.store.dead_letters())
    install.install.cloud.invoke("ferry-keep_dead_letter", junk)
    assert len(install.app.store.dead_letters()) == before + 1
    assert install.app.store.dead_letters()[0].reason


def test_a_replication_begun_by_an_event(install: Ferry) -> None:
    """An event on the bus begins a replication, once for its key, however often it comes."""
    asked = {"key": "nightly-1", "request": a_request(goal="recovery_point").model_dump(mode="json")}
    put_event("ferry:StartReplication", asked)
    put_event("ferry:StartReplication", asked, id_="e-2")
    id_ = replication_id("ferry", "nightly-1")
    install.pass_time(MINUTE)
    assert install.until_ended(id_).phase is Phase.SUCCEEDED
    assert [row.record.id for row in install.app.store.records()] == [id_]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": {"region": "cn-hangzhou"}}, "request.source.instance"),
        ({"gaol": "replica"}, "request.gaol"),
        ({"goal": "teleport"}, "request.goal"),
        ({"target": {"region": "cn-hangzhou", "vswitch": "vsw-b", "security_groups": ["sg-b"]}}, "target.region"),
    ],
)
def test_a_bad_request_in_an_event(install: Ferry, change: dict[str, object], field: str) -> None:
    """A request that can't be accepted is a dead letter that names the field; nothing is begun."""
    before = [row.record.id for row in install.app.store.records()]
    asked = a_request().model_dump(mode="json", exclude_none=True) | change
    letter = letter_after(install, "ferry:StartReplication", {"key": f"bad-{field}", "request": asked})
    assert letter.origin == "ferry-start_replication"
    assert field in letter.reason
    assert [row.record.id for row in install.app.store.records()] == before


def _failed_call(error: object) -> bytes:
    """What the dead letters' queue hands over after a function's last try."""
    context = {"functionArn": "acs:fc:cn-beijing:1:functions/ferry-watch", "condition": "RetriesExhausted"}
    body = json.dumps({"requestContext": context, "responsePayload": error})
    data = {"requestId": "1", "messageId": "1", "messageBody": body}
    return json.dumps({"id": "1", "source": "acs:mns", "type": "mns:Queue:SendMessage", "data": data}).encode()


@pytest.mark.parametrize(
    "error",
    ["[" * 50_000 + "]" * 50_000, json.dumps({"errorType": "Odd", "errorMessage": "half of a pair: \ud800"})],
    ids=["nested without end", "half of a surrogate pair"],
)
def test_a_letter_of_an_odd_form_is_kept(error: str, install: Ferry) -> None:
    """Whatever a failed function answered, its letter is kept: it has no dead letters of its own."""
    before = {letter.id for letter in install.app.store.dead_letters()}
    install.install.cloud.invoke("ferry-keep_dead_letter", _failed_call(error))
    (new,) = [letter for letter in install.app.store.dead_letters() if letter.id not in before]
    assert new.body
    assert new.reason
