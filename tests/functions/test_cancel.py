"""Giving up, at any moment: nothing of ours remains, unless it is too late."""

from datetime import timedelta
from pathlib import Path

import pytest

from localcloud.faults import Fault
from shared.acceptance import NotFound, TooLate, cancel
from shared.replication.phases import Phase
from tests.functions.account import HERE, THERE
from tests.functions.ferry import Ferry, ferry
from tests.functions.laws import broken_laws

CANCELLABLE = (
    Phase.ACCEPTED,
    Phase.MANIFEST_DUE,
    Phase.MEASURING,
    Phase.IMAGE_DUE,
    Phase.IMAGING,
    Phase.IMAGE_TAG_DUE,
    Phase.COPY_DUE,
    Phase.COPYING,
    Phase.COPY_TAG_DUE,
    Phase.LAUNCH_DUE,
    Phase.LAUNCHING,
    Phase.BOOTING,
    Phase.PROOF_DUE,
    Phase.PROVING,
)


def cancel_now(it: Ferry, id_: str) -> None:
    cancel(id_, "test", it.app.store, it.app.clock())


def assert_nothing_remains(it: Ferry, id_: str) -> None:
    """It ended cancelled, and the account is as it was."""
    record = it.until_ended(id_)
    assert record.phase is Phase.CANCELLED
    assert record.problems == ()
    assert broken_laws(it, id_) == []
    assert not [r for r in record.resources if r.lives]
    assert it.holdings(HERE).ids | it.holdings(THERE).ids == frozenset()


@pytest.mark.parametrize("phase", CANCELLABLE)
def test_cancel_in(tmp_path: Path, phase: Phase) -> None:
    """Cancelled in this phase, it ends cancelled, and nothing of ours remains at the cloud."""
    with ferry(tmp_path, seed=3) as it:
        id_ = it.replicate()
        it.until(id_, phase)
        cancel_now(it, id_)
        assert_nothing_remains(it, id_)


@pytest.mark.parametrize("phase", [Phase.IMAGING, Phase.COPYING])
def test_cancel_in_the_midst_of(tmp_path: Path, phase: Phase) -> None:
    """A thing that is half made is removed too, its snapshots with it."""
    with ferry(tmp_path, seed=4) as it:
        id_ = it.replicate()
        it.until(id_, phase)
        it.pass_time(timedelta(minutes=3))
        cancel_now(it, id_)
        assert_nothing_remains(it, id_)


def test_giving_up_cancels_the_copy(tmp_path: Path) -> None:
    """A copy that is under way is cancelled at the cloud at once: its end, which may never come, is not awaited."""
    with ferry(tmp_path, Fault(kind="stall_copy")) as it:
        id_ = it.replicate()
        it.until(id_, Phase.COPYING)
        it.pass_time(timedelta(minutes=3))
        asked = it.cloud.clock.now
        cancel_now(it, id_)
        assert_nothing_remains(it, id_)
        assert [call.code for call in it.calls("clean_up", "CancelCopyImage")] == [""]
        assert it.record(id_).entered_at - asked < timedelta(minutes=10)


@pytest.mark.parametrize(
    ("phase", "function", "action"),
    [
        (Phase.IMAGE_DUE, "ferry-create_image", "CreateImage"),
        (Phase.COPY_DUE, "ferry-copy_image", "CopyImage"),
        (Phase.LAUNCH_DUE, "ferry-launch_instance", "RunInstances"),
    ],
)
def test_cancel_when_the_record_does_not_know_yet(tmp_path: Path, phase: Phase, function: str, action: str) -> None:
    """What was made by a function that died before it could write is found by its tags, and removed."""
    with ferry(tmp_path, Fault(kind="kill_after", function=function, action=action, count=2)) as it:
        id_ = it.replicate()
        it.until(id_, phase)
        it.pass_time(timedelta(seconds=20))
        assert it.record(id_).phase is phase
        cancel_now(it, id_)
        record = it.until_ended(id_)
        assert [line.what for line in record.history if "strays" in line.what]
        assert_nothing_remains(it, id_)


@pytest.mark.parametrize("phase", [Phase.JOIN_DUE, Phase.TIDY_DUE])
def test_cancel_comes_too_late(tmp_path: Path, phase: Phase) -> None:
    """A replica that may have left quarantine is never deleted: the cancellation is refused, and it succeeds."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        it.until(id_, phase)
        with pytest.raises(TooLate, match="left quarantine"):
            cancel_now(it, id_)
        assert it.until_ended(id_).phase is Phase.SUCCEEDED
        assert broken_laws(it, id_) == []


def test_cancel_of_a_recovery_point_comes_too_late(tmp_path: Path) -> None:
    """A recovery point that is there already, and only tidies up, is not given up: the cancellation is refused."""
    with ferry(tmp_path) as it:
        id_ = it.replicate(goal="recovery_point")
        it.until(id_, Phase.TIDY_DUE)
        with pytest.raises(TooLate):
            cancel_now(it, id_)
        assert it.until_ended(id_).phase is Phase.SUCCEEDED
        assert broken_laws(it, id_) == []


def test_cancel_of_an_ended_one(tmp_path: Path) -> None:
    """What has ended can't be cancelled, and how it ended is told; what never was is not found."""
    with ferry(tmp_path) as it:
        id_ = it.replicate(instance="i-no")
        it.until_ended(id_)
        with pytest.raises(TooLate, match="failed"):
            cancel_now(it, id_)
        with pytest.raises(NotFound):
            cancel_now(it, "r-no")


def test_cancel_in_the_clean_up_after_a_failure(tmp_path: Path) -> None:
    """A failure that cleans up already stays a failure, whoever cancels it."""
    with ferry(tmp_path, Fault(kind="no_stock")) as it:
        id_ = it.replicate()
        it.until(id_, Phase.CLEANUP_DUE)
        cancel_now(it, id_)
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert broken_laws(it, id_) == []
        assert not [r for r in record.resources if r.lives]


def test_cancel_twice(tmp_path: Path) -> None:
    """A second cancellation changes nothing."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        it.until(id_, Phase.IMAGING)
        cancel_now(it, id_)
        version = it.record(id_).version
        cancel_now(it, id_)
        assert it.record(id_).version == version
        assert_nothing_remains(it, id_)
