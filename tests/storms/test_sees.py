"""A storm is known to see: with a promise of the cloud's broken, some law breaks soon, and the right act is named."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.storms.causes import Causes
from cli.storms.passage import Passage, sail, under_way
from cli.storms.shrinking import shrink
from cli.storms.storm import Errand, Meddling, Storm, draw
from cli.storms.trace import lines, told
from localcloud.faults import Fault
from localcloud.guests import Recall
from localcloud.world import Promise
from shared.replication.model import change
from shared.replication.phases import Phase
from shared.replication.record import ResourceKind, ResourceState, Role
from tests.functions.account import THERE, ask, put_event
from tests.functions.ferry import ferry

#: What is broken, and of which laws and acts one has to show it.
BREAKS: tuple[tuple[tuple[Promise, ...], dict[int, tuple[str, ...]]], ...] = (
    (("client_tokens",), {2: ("RunInstances by launch_instance",)}),
    (("conditions",), {5: ("PutRow by",)}),
    (("timers", "delays"), {1: ("watch", "precheck", "take_manifest", "create_image", "copy_image")}),
    (
        ("lookups",),
        {
            1: ("create_image", "copy_image"),
            2: ("RunInstances by launch_instance",),
            3: ("CopyImage by copy_image", "CreateImage by create_image"),
        },
    ),
)
RECALL = Recall()
#: So many seeds from here on see it at the latest.
FIRST = 7
MOST = 12


def first_broken(breaks: tuple[Promise, ...]) -> Passage:
    """The passage of the first seed that breaks a law on such a cloud."""
    for seed in range(FIRST, FIRST + MOST):
        passage = sail(draw(seed, breaks), RECALL)
        if passage.broken:
            return passage
    raise AssertionError(f"{MOST} storms saw nothing on a cloud that breaks {breaks}")


@pytest.mark.parametrize(
    ("breaks", "laws"), BREAKS, ids=lambda value: "+".join(value) if isinstance(value, tuple) else ""
)
def test_a_broken_promise_is_seen(breaks: tuple[Promise, ...], laws: dict[int, tuple[str, ...]]) -> None:
    """The law that breaks is the one that the promise holds up, and the act is the one that built on it."""
    broken = first_broken(breaks).broken
    assert {law.law for law in broken} <= set(laws), [str(law) for law in broken]
    for law in broken:
        assert law.act.startswith(laws[law.law]), str(law)


def test_a_row_that_is_written_past_its_version_is_seen_in_sqlite_too(tmp_path: Path) -> None:
    """Two writers that both go on from one version leave another record under the same number: law 5."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        it.until(id_, Phase.IMAGING)
        row = it.row(id_)
        with closing(sqlite3.connect(tmp_path / "ferry.db")) as db, db:
            other = change(row.record, history=row.record.history[:-1])
            db.execute("UPDATE replications SET doc = ? WHERE id = ?", (other.model_dump_json(by_alias=True), id_))
        it.pass_time(timedelta(seconds=1))
        version = row.record.version
        assert [law.what for law in it.broken] == [
            f"{id_} went from version {version} to {version}",
            f"the history of {id_} was rewritten",
        ]


def test_a_replica_outside_quarantine_is_seen(tmp_path: Path) -> None:
    """Before its proof nobody may give it a way in or out: law 4."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        record = it.until(id_, Phase.BOOTING)
        replica = record.resource(Role.REPLICA, ResourceKind.INSTANCE)
        assert replica is not None
        ask("ModifyInstanceAttribute", THERE, InstanceId=replica.id, SecurityGroupIds=["sg-b"])
        it.pass_time(timedelta(seconds=1))
        assert [(law.law, law.what) for law in it.broken] == [
            (4, f"the replica {replica.id} is out of quarantine unproved")
        ]


def a_storm(*faults: Fault, **fields: Any) -> Storm:
    """One replication on SQLite, soon over."""
    errand = Errand(key="a", instance="i-a", **fields)
    return Storm(seed=3, store="sqlite", errands=(errand,), faults=faults, haste=20)


@pytest.mark.parametrize(
    ("fault", "traces", "act"),
    [
        (Fault(kind="no_stock", count=1), "calls", "launch_instance"),
        (Fault(kind="quota", action="CopyImage", count=1), "calls", "copy_image"),
        (Fault(kind="fail_image", action="CreateImage", count=1), "happenings", "watch"),
        (Fault(kind="corrupt", device="/dev/xvdb", count=1), "strikes", "watch"),
        (Fault(kind="stall_copy", count=1), "strikes", "watch"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else value,
)
def test_a_failure_without_a_cause_is_seen(fault: Fault, traces: str, act: str) -> None:
    """With the cause in the cloud's log all is well; were it not there, it would have failed for nothing: law 1."""
    with under_way(a_storm(fault), RECALL) as (passage, log):
        assert (passage.ends, passage.broken) == (("failed",), ())
        cloud = log.witness.cloud
        causes: dict[str, list[Any]] = {
            "calls": cloud.calls,
            "happenings": cloud.happenings,
            "strikes": cloud.faults.strikes_so_far,
        }
        causes[traces].clear()
        (record,) = log.witness.records()
        (missing,) = Causes(log.witness).missing(record)
        assert missing == (f"{record.id} ended as {record.outcome}, and nothing made it", act)


def test_leaving_a_thing_behind_without_a_cause_is_seen() -> None:
    """What a clean-up gives up has to be one that it may not remove: any reason will not do."""
    with under_way(a_storm(Fault(kind="no_stock", count=1)), RECALL) as (_, log):
        (record,) = log.witness.records()
        one = change(record.resources[0], state=ResourceState.LEFT_BEHIND, reason="tired")
        left = change(record, resources=(one, *record.resources[1:]))
        assert list(Causes(log.witness).missing(left)) == [
            (f"{one.id} of {record.id} was left behind (tired), and nothing made it stay", "clean_up")
        ]


def test_a_copy_that_is_given_up_and_not_cancelled_is_seen() -> None:
    """A copy under way is cancelled; that somebody only tries to delete it is told: law 6."""
    with under_way(a_storm(Fault(kind="stall_copy", count=1)), RECALL) as (passage, log):
        assert passage.broken == ()
        calls = log.witness.cloud.calls
        number = next(number for number, call in enumerate(calls) if call.action == "CancelCopyImage")
        calls[number] = replace(calls[number], action="DeleteImage", status=403, code="OperationDenied.ImageCopying")
        (record,) = log.witness.records()
        assert [copy for copy, _ in Causes(log.witness).uncancelled(record)] == [calls[number].params["ImageId"]]


def test_a_dead_letter_that_is_not_kept_is_seen(tmp_path: Path) -> None:
    """Each text that keep_dead_letter took is there in the end: law 3."""
    with ferry(tmp_path) as it:
        put_event("ferry:CreateImgae", {"replication": "r-1"})
        it.pass_time(timedelta(minutes=2))
        assert it.laws.at_the_end() == []
        with closing(sqlite3.connect(tmp_path / "ferry.db")) as db, db:
            db.execute("DELETE FROM dead_letters")
        assert [(law.law, law.what, law.act) for law in it.laws.at_the_end()] == [
            (3, "0 of 1 dead letters were kept", "keep_dead_letter")
        ]


def test_one_seed_gives_one_history() -> None:
    """The same seed again: every line of the trace is the same, to the byte."""

    def history(seed: int) -> list[str]:
        with under_way(draw(seed), RECALL) as (passage, log):
            start = log.install.cloud.cloud.clock.start
            return [told(line, start) for line in lines(passage, log)]

    for seed in (6, 7):
        once = history(seed)
        assert len(once) > 200
        assert history(seed) == once


def test_the_smallest_storm_is_found() -> None:
    """Of all that goes wrong, what is left breaks the same law; written down and read again, it breaks it again."""
    needed = Fault(kind="kill_after", function="ferry-launch_instance", action="RunInstances", count=1)
    idle = (
        Fault(kind="throttle", function="ferry-copy_image", count=1),
        Fault(kind="deliver_twice", action="ferry-looks", count=5),
        Fault(kind="server_error", function="ferry-clean_up", count=1),
        Fault(kind="lost_answer", function="ferry-tag_snapshots", count=2),
    )
    errands = (Errand(key="a", instance="i-a", goal="recovery_point"), Errand(key="b", instance="i-b", by="event"))
    meddlings = (Meddling(kind="again", key="b", at=60),)
    storm = Storm(seed=1, store="sqlite", errands=errands, meddlings=meddlings, faults=(*idle, needed), haste=20)
    passage = sail(storm.model_copy(update={"breaks": ("client_tokens", "lookups")}), RECALL)
    assert [(law.law, law.act) for law in passage.broken] == [(2, "RunInstances by launch_instance")]
    assert len(passage.strikes) > 5
    found = shrink(passage, lambda _done, _parts: None)
    assert found is not None
    small = found.passage.storm
    assert [errand.key for errand in small.errands] == ["b"]
    assert small.meddlings == ()
    assert [(fault.kind, fault.action, fault.nth) for fault in small.faults] == [("kill_after", "RunInstances", 1)]
    again = Storm.model_validate_json(json.dumps(small.model_dump(mode="json", exclude_defaults=True)))
    assert sail(again, RECALL).broken == found.passage.broken
