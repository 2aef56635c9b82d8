"""Every step: what it spends at the cloud, and what becomes of a command that comes twice or late."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.cloud import Call
from localcloud.faults import Fault
from shared.replication.commands import (
    COMMANDS,
    CleanUp,
    Command,
    CopyImage,
    CreateImage,
    LaunchInstance,
    StartReplication,
)
from shared.replication.phases import Phase
from tests.functions.account import HERE, THERE
from tests.functions.ferry import Ferry, ferry
from tests.functions.laws import broken_laws

STEPS: tuple[type[Command], ...] = tuple(command for command in COMMANDS if command is not StartReplication)
PUBLISHING = frozenset({"PutEvents", "SendMessage"})
#: What each step may change at the cloud, once an invocation.
CHANGES = {
    "precheck": set(),
    "take_manifest": {"RunCommand"},
    "create_image": {"CreateImage"},
    "tag_snapshots": {"TagResources"},
    "copy_image": {"CopyImage"},
    "launch_instance": {"RunInstances"},
    "verify_replica": {"RunCommand"},
    "leave_quarantine": {"ModifyInstanceAttribute"},
    "clean_up": {"DeleteImage", "DeleteSnapshot", "DeleteInstance", "CancelCopyImage"},
}


#: They share replications that take seconds to come so far.
pytestmark = pytest.mark.xdist_group("steps")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ferry, str]]:
    """A replication that went well although every message came twice."""
    twice = Fault(kind="deliver_twice")
    with ferry(tmp_path_factory.mktemp("done"), twice, seed=7) as it:
        id_ = it.replicate()
        it.until_ended(id_)
        yield it, id_


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.function())
def test_a_step_spends_little(done: tuple[Ferry, str], step: type[Command]) -> None:
    """An invocation of a step makes one changing act and two reads at most, then publishes once, last of all."""
    it, _ = done
    worked = [calls for calls in _by_invocation(it, step.function()) if calls]
    assert worked
    for calls in worked:
        actions = [call.action for call in calls]
        reads = [action for action in actions if action.startswith("Describe")]
        published = [action for action in actions if action in PUBLISHING]
        changes = [action for action in actions if action not in (*reads, *published)]
        assert set(changes) <= CHANGES[step.function()]
        assert len(changes) <= 1
        assert len(reads) <= (10 if step.function() == "precheck" else 2)
        assert len(published) <= 1
        assert not published or actions[-1] == published[0]


def test_watch_only_looks(done: tuple[Ferry, str]) -> None:
    """`watch` changes nothing at the cloud: it looks, and sends messages."""
    it, _ = done
    assert {call.action for call in it.calls("watch")} == {
        "DescribeImages",
        "DescribeInstances",
        "DescribeDisks",
        "DescribeCloudAssistantStatus",
        "DescribeInvocationResults",
        "PutEvents",
        "SendMessage",
    }


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.function())
def test_a_step_twice_is_once(done: tuple[Ferry, str], step: type[Command]) -> None:
    """A command that is delivered twice changes the cloud once: one image, one copy, one replica, one proof."""
    it, id_ = done
    record = it.record(id_)
    asked = sum(line.what == step.__name__ for line in record.history if line.kind == "asked")
    assert len(it.runs(step.function())) >= 2 * asked > 0
    assert record.phase is Phase.SUCCEEDED
    assert [run.error for run in it.runs(step.function()) if run.error] == []


def test_twice_leaves_one_of_each(done: tuple[Ferry, str]) -> None:
    """After a replication whose every message came twice there is what there would be anyway."""
    it, id_ = done
    assert broken_laws(it, id_) == []
    here, there = it.holdings(HERE), it.holdings(THERE)
    assert here.ids == frozenset()
    assert [len(held) for held in (there.images, there.snapshots, there.instances, there.disks)] == [1, 2, 1, 2]
    commands = {h.resource for h in it.cloud.happenings if h.kind == "command"}
    assert len(commands) == sum("runs on the" in line.what for line in it.record(id_).history)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.function())
def test_a_late_command_does_nothing(done: tuple[Ferry, str], step: type[Command]) -> None:
    """A command whose record has moved on is dropped: no call, no new version."""
    it, id_ = done
    version, calls = it.record(id_).version, len(it.cloud.calls)
    it.invoke(step(replication=id_))
    assert it.record(id_).version == version
    assert len(it.cloud.calls) == calls


@pytest.mark.parametrize(
    ("phase", "order"),
    [
        (Phase.IMAGE_DUE, CreateImage),
        (Phase.COPY_DUE, CopyImage),
        (Phase.LAUNCH_DUE, LaunchInstance),
        (Phase.CLEANUP_DUE, CleanUp),
    ],
)
def test_steps_that_overlap(tmp_path: Path, phase: Phase, order: type[Command]) -> None:
    """Many invocations in one moment, of which several read the same record, do one thing."""
    faults = [Fault(kind="no_stock")] if order is CleanUp else []
    overlaps = 0
    for seed in range(1, 5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        with ferry(folder, *faults, seed=seed) as it:
            id_ = it.replicate()
            it.until(id_, phase)
            it.invoke_at_once(order(replication=id_), 8)
            it.until_ended(id_)
            overlaps += len({call.token for call in it.calls(order.function())}) > 1
            assert broken_laws(it, id_) == []
    assert overlaps, "no seed let two invocations read the same record"


def _by_invocation(it: Ferry, function: str) -> list[list[Call]]:
    """The calls of each invocation; temporary keys are minted for each."""
    found: dict[str, list[Call]] = {}
    for call in it.calls(function):
        found.setdefault(call.token or "", []).append(call)
    return list(found.values())
