"""An upgrade strands nothing: what each release wrote and sent is carried to its end by the code of today.

A record names things of the cloud in which it was written.  So that cloud is there again: tests/records/stage.py makes
the release's own calls once more on a fresh embedded cloud of the same seed, puts the release's store in its place with
the row in it, and only then do today's functions take over.  No phase that today's code might not have any more is
needed for that, no id has to be guessed, and what was made and never written down is there, too.

When a test fails here, the code reads what a release wrote otherwise than the release meant it.  Never edit the
record: mend the reading.  tests/records/README.md says more.
"""

import json
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from cli.embedded import INSTALL, LONGEST
from localcloud.fc import FunctionFailed
from shared.acceptance import clean, replication_id
from shared.replication.commands import COMMANDS
from shared.replication.commands import SCHEMA as NEWEST_MESSAGE
from shared.replication.phases import Phase
from shared.replication.record import SCHEMA, Outcome, Replication, ResourceKind, ResourceState, Role
from shared.store.sqlite import SqliteStore
from shared.wire import read
from tests.functions.ferry import MINUTE, Ferry
from tests.functions.laws import broken_laws
from tests.records.forms import Case, End, Message, Release, Setting, releases
from tests.records.stage import KEY, STORE, Stage, lay_down, scene, stage

ROOT = Path(__file__).resolve().parent.parent
RELEASES = {release.name: release for release in releases()}
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
CASES = [(release, case) for release in RELEASES.values() for case in release.cases]
EVERY_RELEASE = pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES)
LATER = "of_a_later_release"
#: What goes on takes less; what is stranded ends by a deadline, most of which are later.
SOON = timedelta(hours=2)


@contextmanager
def told_of(release: Release, file: str, phase: str = "") -> Iterator[None]:
    """Have a failure name the release, the file and the phase."""
    try:
        yield
    except BaseException as trouble:
        trouble.add_note(f"release {release.name}, tests/records/{release.name}/{file}.json, phase {phase or 'any'}")
        raise


# --- records


@pytest.mark.parametrize(("release", "name"), CASES, ids=[f"{release.name}/{case}" for release, case in CASES])
def test_a_record_is_carried_to_its_end(tmp_path: Path, release: Release, name: str) -> None:
    """Whatever phase it was in: it comes to the end that it had, every law holds, and nothing fails on the way."""
    case, story = release.case(name), release.story_of(name)
    with told_of(release, name, case.row["phase"]), stage(tmp_path, release, name) as it:
        if case.message:
            hand_over(it, release.message(case.message))
        assert ended(it) == (story.cleaned if case.cleaned else story.end)
        if story.cleaned and not case.cleaned and case.row["ended"]:
            clean(it.id, "operator", it.ferry.app.store, it.ferry.app.clock())
            assert ended(it) == story.cleaned
        assert [run.error for run in it.ferry.cloud.fc.runs if run.error] == []


def ended(it: Stage, *others: str) -> End:
    """The end that it comes to, with every law held for it and for the *others* there."""
    began = it.ferry.cloud.clock.now
    end = End.of(it.ferry.until_ended(it.id))
    assert it.ferry.cloud.clock.now - began < SOON, "it has come to its end by a deadline"
    assert broken_laws(it.ferry, it.id, *others) == []
    return end


def hand_over(it: Stage, message: Message) -> None:
    """Deliver what was on its way when the row was written, and see it obeyed; a look comes when it is time."""
    before = it.ferry.row(it.id)
    if before.hints.next_at > it.ferry.cloud.clock.now and message.function == "watch":
        it.ferry.pass_time(before.hints.next_at - it.ferry.cloud.clock.now)
    deliver(it.ferry, message)
    after = it.ferry.row(it.id)
    assert (after.record.version, after.hints.looks) > (before.record.version, before.hints.looks), (
        f"{message.function} took what was due for something that is not"
    )


def deliver(ferry: Ferry, message: Message) -> None:
    """Wake the function with it; raises what the function raises."""
    ferry.install.cloud.invoke(f"{INSTALL}-{message.function}", message.payload)


@EVERY_RELEASE
def test_nothing_that_a_release_wrote_is_unknown(tmp_path: Path, release: Release) -> None:
    """Today's code opens the release's store, reads every row, and has a place of its own for every field in it."""
    cases = {f"r-{number:016}": name for number, name in enumerate(release.cases)}
    lay_down(tmp_path / STORE, release, [as_(release.case(name), id_) for id_, name in cases.items()])
    with SqliteStore(tmp_path / STORE) as store:
        for id_, name in cases.items():
            case = release.case(name)
            with told_of(release, name, case.row["phase"]):
                row = store.load(id_)
                assert row is not None
                assert sorted(unknown(row.record)) == []
                assert row.record.ended == bool(case.row["ended"])
        waiting = [id_ for id_, name in cases.items() if not release.case(name).row["ended"]]
        assert sorted(entry.id for entry in store.open_entries()) == waiting
        assert len(store.records(limit=1000)) == len(cases)
        assert {letter.id for letter in store.dead_letters()} == {row["id"] for row in release.letters}


def as_(case: Case, id_: str) -> Case:
    """The case as that of another replication."""
    return Case.model_validate_json(case.model_dump_json().replace(case.row["id"], id_))


def unknown(model: BaseModel, path: str = "record") -> Iterator[str]:
    """The fields below *model* that its class does not know."""
    yield from (f"{path}.{name}" for name in model.model_extra or {})
    for name, value in model:
        for place, one in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(one, BaseModel):
                yield from unknown(one, f"{path}.{name}[{place}]" if isinstance(value, tuple) else f"{path}.{name}")


@pytest.mark.parametrize("name", ["died/03-launch_due", "went_well/14-proving"])
def test_the_stage_holds_on_another_cloud(tmp_path: Path, name: str) -> None:
    """An embedded cloud that draws other ids and other delays than the recorded one serves as well."""
    release = RELEASES["0.1.0"]
    with stage(tmp_path, release, name, seed=1000) as it:
        assert len(it.names) > 5
        assert ended(it) == release.story_of(name).end


# --- messages


@EVERY_RELEASE
def test_nothing_that_a_release_sent_is_unknown(release: Release) -> None:
    """Every command that a release sent is read, and there is a place of its own for every field in it."""
    for command in COMMANDS:
        with told_of(release, f"messages/{command.function()}"):
            sent = read(release.message(command.function()).payload, command)
            assert sorted(unknown(sent, command.__name__)) == []


@EVERY_RELEASE
@pytest.mark.parametrize("place", ["copying", "succeeded"])
def test_a_message_that_is_not_due_changes_nothing(tmp_path: Path, release: Release, place: str) -> None:
    """Whatever a release sent is understood, and dropped when its replication waits, or has ended."""
    with stage(tmp_path, release, in_phase(release, place)) as it:
        before, letters = it.ferry.record(it.id), len(it.ferry.app.store.dead_letters())
        for name in set(release.messages) - {"start_replication"}:
            calls = len(it.ferry.cloud.calls)
            with told_of(release, f"messages/{name}", place):
                deliver(it.ferry, release.message(name))
                assert it.ferry.record(it.id) == before
                asked = {call.action for call in it.ferry.cloud.calls[calls:]}
                assert asked == set() or (release.message(name).function == "watch" and asked <= LOOKING)
        assert len(it.ferry.app.store.dead_letters()) == letters, "these letters were in the store already"


LOOKING = {"DescribeImages", "SendMessage"}


def in_phase(release: Release, phase: str) -> str:
    """The case of the replication that went well in that phase."""
    return next(name for name in release.cases if name.startswith("went_well/") and name.endswith(f"-{phase}"))


@EVERY_RELEASE
@pytest.mark.parametrize(
    ("name", "phase"),
    [
        ("ecs-image-statechange", "copying"),
        ("ecs-instance-statechange", "launching"),
        ("ecs-cloudassistant-taskcompleted", "proving"),
    ],
)
def test_an_event_of_the_clouds_leads_to_what_waits_for_it(
    tmp_path: Path, release: Release, name: str, phase: str
) -> None:
    """An event that came with an earlier release still finds the row that waits for what it names."""
    with stage(tmp_path, release, in_phase(release, phase)) as it, told_of(release, f"messages/{name}", phase):
        hand_over(it, release.message(name))


@EVERY_RELEASE
def test_a_key_is_known_again(release: Release) -> None:
    """A key that a release has seen still means the replication that it began: asked again, nothing is made twice."""
    assert {release.case(name).row["id"] for name in release.cases} == {replication_id(INSTALL, KEY)}


@EVERY_RELEASE
def test_a_request_on_its_way_is_accepted(tmp_path: Path, release: Release) -> None:
    """A StartReplication with all that a request can say begins the replication that was asked for, once."""
    story, message = release.story("recovery_point"), release.message("start_replication")
    key = json.loads(message.event["Message"])["data"]["key"]
    with scene(tmp_path, story.setting, release.script) as ferry, told_of(release, "messages/start_replication"):
        deliver(ferry, message)
        deliver(ferry, message)
        (row,) = ferry.app.store.records()
        assert row.record.id == replication_id(INSTALL, key)
        assert End.of(ferry.until_ended(row.record.id)) == story.end
        assert broken_laws(ferry, row.record.id) == []


# --- what a later release writes, while this one still runs


def test_a_newer_record_is_parked_and_keeps_no_other_waiting(tmp_path: Path) -> None:
    """It is tried again twice an hour, untouched; the others end; and when it can be read it goes on to its end."""
    release = RELEASES[VERSION]
    name = in_phase(release, "imaging")
    now = release.case(name)
    record = now.record | {"schema": SCHEMA + 1, "phase": "teleporting", "request": {"by": "magic"}}
    newer = now.model_copy(update={"record": record, "row": now.row | {"schema": SCHEMA + 1, "phase": "teleporting"}})
    with stage(tmp_path, release, name, case=newer) as it:
        other = it.ferry.replicate("other", instance="i-web2")
        assert it.ferry.install.cloud.run(lambda: it.ferry.record(other).ended, limit=LONGEST)
        assert it.ferry.record(other).phase is Phase.SUCCEEDED
        (entry,) = it.ferry.app.store.open_entries()
        assert (entry.id, entry.phase) == (it.id, "teleporting")
        assert entry.hints.next_at - it.ferry.cloud.clock.now <= timedelta(minutes=30)
        assert "newer release" in entry.hints.trouble
        assert stored(tmp_path, it.id) == newer.record
        with pytest.raises(FunctionFailed, match=r"newer release.*TryAgain"):
            deliver(it.ferry, release.message("create_image"))
        assert [run.error for run in it.ferry.runs("watch") if run.error] == []
        put(tmp_path, now)
        assert ended(it, other) == release.story("went_well").end


def stored(folder: Path, id_: str) -> Any:
    """The record of the row as it stands in the file."""
    with closing(sqlite3.connect(folder / STORE)) as db:
        ((doc,),) = db.execute("SELECT doc FROM replications WHERE id = ?", (id_,))
    return json.loads(doc)


def put(folder: Path, case: Case) -> None:
    """Write the case's record into its row, as an upgrade that can read it would find it."""
    values = (json.dumps(case.record), case.row["schema"], case.row["phase"], case.row["id"])
    with closing(sqlite3.connect(folder / STORE)) as db, db:
        db.execute("UPDATE replications SET doc = ?, schema = ?, phase = ? WHERE id = ?", values)


@pytest.mark.parametrize("name", ["create_image", "start_replication"])
def test_a_newer_message_is_delivered_again(tmp_path: Path, name: str) -> None:
    """A message of a form that is not known yet is no nonsense: it is tried again, and nothing is done meanwhile."""
    release = RELEASES[VERSION]
    message = release.message(name)
    newer = with_data(message, {"schema": NEWEST_MESSAGE + 1, "replications": ["r-1", "r-2"]})
    with scene(tmp_path, Setting(), release.script) as ferry:
        with pytest.raises(FunctionFailed, match=f"schema of its message is {NEWEST_MESSAGE + 1}.*TryAgain"):
            deliver(ferry, newer)
        ferry.cloud.fc.invoke_async(ferry.cloud.fc.find(f"{INSTALL}-{name}"), newer.payload)
        ferry.pass_time(MINUTE)
        assert len(ferry.runs(name)) == 3, "the platform has tried it again"
        (letter,) = ferry.app.store.dead_letters()
        assert "newer release" in letter.reason
        assert "r-2" in letter.body
        assert list(ferry.app.store.records()) == []


def with_data(message: Message, data: dict[str, Any]) -> Message:
    """The message with other data in its CloudEvent."""
    event = json.loads(message.event["Message"]) | {"data": data}
    return message.model_copy(update={"event": message.event | {"Message": json.dumps(event)}})


@pytest.mark.parametrize(
    "name",
    ["went_well/13-proof_due", "asks_on/01-proving", "cancelled_late/01-booting-cancel", "differs/03-cleanup_due"],
)
def test_unknown_fields_are_kept_to_the_end(tmp_path: Path, name: str) -> None:
    """What a later release added on any level of a record of this schema is there still when it has ended."""
    release = RELEASES[VERSION]
    case = release.case(name)
    marked = case.model_copy(update={"record": {f: mark(v, f) for f, v in case.record.items()} | {LATER: "record"}})
    there = set(marks(marked.record))
    with told_of(release, name, case.row["phase"]), stage(tmp_path, release, name, case=marked) as it:
        if case.message:
            hand_over(it, with_unknown_fields(release.message(case.message)))
        ended(it)
        passing = ("errand", "examination")
        assert {path for path in there if not path.startswith(passing)} - set(marks(stored(tmp_path, it.id))) == set()
        for version in it.ferry.versions[it.id]:
            if version.examination:
                kept = set(marks(version.model_dump(by_alias=True)))
                lasting = ("examination.learned", "examination.silent", "errand")
                assert {path for path in there if not path.startswith(lasting)} - kept == set()


def mark(value: Any, path: str) -> Any:
    """The value with one more field in each object; a request is read as strictly as one that is sent."""
    if isinstance(value, list):
        return [mark(one, f"{path}.{place}") for place, one in enumerate(value)]
    if not isinstance(value, dict) or path == "request":
        return value
    return {name: mark(one, f"{path}.{name}") for name, one in value.items()} | {LATER: path}


def marks(value: Any) -> Iterator[str]:
    """The marks anywhere in the value."""
    if isinstance(value, dict):
        yield from ([value[LATER]] if LATER in value else ())
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from marks(one)


def with_unknown_fields(message: Message) -> Message:
    """The message with one more field in its trigger's form, its CloudEvent, and its command."""
    event = json.loads(message.event["Message"])
    event |= {LATER: 1, "data": event["data"] | {LATER: 1}}
    return message.model_copy(update={"event": message.event | {LATER: 1, "Message": json.dumps(event)}})


# --- what is recorded


def test_this_release_has_its_records() -> None:
    """Every phase, command and kind of thing of the release in pyproject.toml is recorded."""
    assert VERSION in RELEASES, f"record it: python -m tests.records {VERSION}"
    release = RELEASES[VERSION]
    records = [Replication.model_validate(release.case(name).record) for name in release.cases]
    assert {record.phase for record in records} == set(Phase)
    assert {command.function() for command in COMMANDS} <= set(release.messages)
    assert {record.outcome for record in records} == {None, *Outcome}
    resources = [resource for record in records for resource in record.resources]
    assert {resource.state for resource in resources} == set(ResourceState)
    assert {resource.kind for resource in resources} == set(ResourceKind)
    assert {resource.role for resource in resources} == set(Role)
