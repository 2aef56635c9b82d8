"""`watch`: what it takes from a look, from an event, and from nothing at all."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from localcloud.faults import Fault
from localcloud.fc import FunctionFailed
from shared.replication.phases import Phase
from shared.replication.record import ResourceKind, Role
from tests.functions.account import HERE, THERE
from tests.functions.ferry import Ferry, ferry
from tests.functions.laws import broken_laws

WATCH = "ferry-watch"
TIMER = json.dumps({"triggerTime": "2026-01-05T02:00:00Z", "triggerName": "every-minute", "payload": "sweep"}).encode()

LONG_AGO = "2000-01-01T00:00:00.000000+00:00"


def wake(it: Ferry, event: bytes) -> list[tuple[str, str]]:
    """Wake `watch` with *event*; the calls that it makes: action and region."""
    before = len(it.cloud.calls)
    it.install.cloud.invoke(WATCH, event)
    return [(call.action, call.region) for call in it.cloud.calls[before:] if call.function == WATCH]


def look(region: str) -> bytes:
    """A delayed look as the looks queue's trigger hands it over."""
    data = {"requestId": "1", "messageId": "1", "messageBody": region}
    return json.dumps({"id": "1", "source": "acs:mns", "type": "mns:Queue:SendMessage", "data": data}).encode()


def event(type_: str, **data: object) -> bytes:
    """An event of ECS's own as the topic's trigger hands it over."""
    inner = {"id": "1", "source": "acs.ecs", "type": type_, "subject": "acs:ecs", "data": data}
    outer = {"TopicName": "ferry-cloud-events", "Message": json.dumps(inner), "MessageId": "1"}
    return json.dumps(outer).encode()


def test_what_is_on_a_later_page_is_found(tmp_path: Path) -> None:
    """An account with more images than a page holds: each look reads on to the image that it is for."""
    with ferry(tmp_path, about={"page_limit": 1}) as it:
        first, second = it.replicate("a", goal="recovery_point"), it.replicate("b", goal="recovery_point")
        it.until_ended(first)
        assert it.until_ended(second).phase is Phase.SUCCEEDED
        pages = {call.params["PageNumber"] for call in it.calls("watch", "DescribeImages")}
        assert {"1", "2"} <= pages
        assert it.broken == []


@pytest.mark.parametrize("type_", ["ecs:Image:SomethingElse", None])
def test_images_are_noticed_without_their_events(tmp_path: Path, type_: str | None) -> None:
    """Nobody can be sure of the type of an image's event: with another one, or none, looks alone are enough."""
    with ferry(tmp_path, about={"image_event": type_}) as it:
        assert it.until_ended(it.replicate(goal="recovery_point")).phase is Phase.SUCCEEDED
        assert it.broken == []


def test_not_being_listed_means_nothing(tmp_path: Path) -> None:
    """A new id that no list shows yet is not gone: the record says nothing of it, and it goes on."""
    with ferry(tmp_path, seed=2) as it:
        id_ = it.replicate(goal="recovery_point")
        record = it.until(id_, Phase.IMAGING)
        image = record.resource(Role.SOURCE_IMAGE, ResourceKind.IMAGE)
        assert image is not None
        assert image.id not in it.holdings(HERE).images, "this seed hides nothing: choose another"
        calls = wake(it, event("ecs:Image:StateChange", imageId=image.id, currentState="Creating"))
        assert ("DescribeImages", HERE) in calls
        assert it.record(id_) == record
        assert it.until_ended(id_).phase is Phase.SUCCEEDED
        assert broken_laws(it, id_) == []


def test_a_look_without_news_writes_no_version(tmp_path: Path) -> None:
    """A look that changes nothing writes hints: progress and the next look, never the record."""
    with ferry(tmp_path) as it:
        id_ = it.replicate(goal="recovery_point")
        it.until(id_, Phase.COPYING)
        it.pass_time(timedelta(minutes=2))
        row = it.row(id_)
        it.pass_time(timedelta(minutes=5))
        later = it.row(id_)
        assert later.hints.looks > row.hints.looks
        assert (later.hints.progress or 0) > (row.hints.progress or 0)
        assert later.record == row.record


def test_an_event_looks_at_its_resource_alone(tmp_path: Path) -> None:
    """An event of ECS's leads to one look in one region, for what it names; a strange one to none."""
    with ferry(tmp_path, instances=2) as it:
        one, other = (
            it.replicate("one", goal="recovery_point"),
            it.replicate("two", instance="i-web2", goal="recovery_point"),
        )
        it.until(one, Phase.COPYING)
        it.until(other, Phase.COPYING)
        copy = it.record(one).resource(Role.TARGET_IMAGE, ResourceKind.IMAGE)
        assert copy is not None
        looks = {id_: it.row(id_).hints.looks for id_ in (one, other)}
        calls = wake(it, event("ecs:Image:StateChange", imageId=copy.id, currentState="Creating"))
        assert [call for call in calls if call[0].startswith("Describe")] == [("DescribeImages", THERE)]
        assert it.row(one).hints.looks == looks[one] + 1
        assert it.row(other).hints.looks == looks[other]
        assert wake(it, event("ecs:Image:StateChange", imageId="m-strange")) == []
        assert wake(it, event("ecs:Disk:ConvertToPostpaidCompleted")) == []


def test_a_wake_with_nothing_due_asks_the_cloud_nothing(tmp_path: Path) -> None:
    """Timer and delayed looks cost nothing while nothing is due."""
    with ferry(tmp_path) as it:
        assert wake(it, TIMER) == wake(it, look(HERE)) == []
        it.until_ended(it.replicate(goal="recovery_point", instance="i-no"))
        assert wake(it, TIMER) == wake(it, look(HERE)) == []


@pytest.mark.parametrize(
    "wakes",
    [
        b"",
        b"not JSON",
        b"{}",
        b"[1]",
        look(""),
        json.dumps({"id": "1", "source": "x", "type": "y", "data": 3}).encode(),
    ],
)
def test_a_malformed_wake_is_refused(install: Ferry, wakes: bytes) -> None:
    """What can't be understood is no reason to look: it fails, so that it comes to the dead letters."""
    with pytest.raises(FunctionFailed, match="Unreadable"):
        wake(install, wakes)


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ferry]:
    with ferry(tmp_path_factory.mktemp("install")) as it:
        yield it


def test_a_look_that_always_fails_ends_by_its_deadline(tmp_path: Path) -> None:
    """A wait whose look is never answered is given up like any other: law 1 holds without the cloud's help."""
    deaf = Fault(kind="server_error", function=WATCH, action="DescribeCloudAssistantStatus")
    with ferry(tmp_path, deaf) as it:
        id_ = it.replicate()
        booting = it.until(id_, Phase.BOOTING)
        record = it.until_ended(id_)
        assert record.phase is Phase.UNPROVED
        assert it.cloud.clock.now - booting.entered_at < timedelta(hours=1)
        assert broken_laws(it, id_) == []


def test_one_region_in_trouble_keeps_no_other_waiting(tmp_path: Path) -> None:
    """While the source's region answers nothing, what waits in the target's region goes on."""
    with ferry(tmp_path, instances=2) as it:
        one = it.replicate("one", goal="recovery_point", keep_source_image=True)
        it.until(one, Phase.COPYING)
        it.strike("server_error", function=WATCH, action="DescribeImages", region=HERE)
        other = it.replicate("two", instance="i-web2", goal="recovery_point")
        assert it.until_ended(one).phase is Phase.SUCCEEDED
        assert it.record(other).phase is Phase.IMAGING


def test_disks_that_are_not_listed_yet(tmp_path: Path) -> None:
    """A replica that runs before its disks are listed is waited for: each of its disks comes into the record."""
    with ferry(tmp_path, seed=2) as it:
        id_ = it.replicate()
        record = it.until_ended(id_)
        assert record.phase is Phase.SUCCEEDED
        assert sum(r.kind is ResourceKind.DISK for r in record.resources) == 2
        assert broken_laws(it, id_) == []


def test_a_record_that_can_not_be_read_keeps_no_other_waiting(tmp_path: Path) -> None:
    """A row that is damaged, first in every sweep, does not stop the others: they end, and it is told of."""
    with ferry(tmp_path, instances=2) as it:
        spoilt = it.replicate("first", goal="recovery_point")
        other = it.replicate("second", instance="i-web2", goal="recovery_point")
        with closing(sqlite3.connect(it.install.app.settings.store)) as db, db:
            db.execute("UPDATE replications SET doc = '{}', next_at = ? WHERE id = ?", (LONG_AGO, spoilt))
        assert it.install.cloud.run(lambda: it.record(other).ended, limit=timedelta(days=1))
        assert it.record(other).phase is Phase.SUCCEEDED
        letters = [letter for letter in it.install.app.store.dead_letters() if "Replication" in letter.reason]
        hours = (it.cloud.clock.now - it.cloud.clock.start) / timedelta(hours=1)
        assert 1 <= len(letters) <= 2 * hours + 1, "it is tried again twice an hour, not with every sweep"


def test_a_command_that_ended_is_noticed_by_its_event(tmp_path: Path) -> None:
    """Cloud Assistant's event names the instance; the replication that waits for a command there is looked at."""
    with ferry(tmp_path) as it:
        it.until(it.replicate(), Phase.MEASURING)
        calls = wake(it, event("ecs:CloudAssistant:TaskCompleted", instanceId="i-web", invocationStatus="Success"))
        assert ("DescribeInvocationResults", HERE) in calls
