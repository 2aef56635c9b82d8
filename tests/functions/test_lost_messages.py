"""Messages are an accelerator: without them the timer alone brings a replication home."""

from datetime import timedelta
from pathlib import Path

from localcloud.faults import Fault
from shared.replication.commands import COMMANDS
from shared.replication.phases import Phase
from tests.functions.account import HERE, THERE
from tests.functions.ferry import ferry
from tests.functions.laws import broken_laws

NO_HINTS = (
    Fault(kind="deliver_never", action="ferry-looks"),
    Fault(kind="deliver_never", action="ferry-cloud-events"),
)


def test_the_timer_alone_brings_it_home(tmp_path: Path) -> None:
    """No delayed look arrives, no event of the cloud's, and the first message of each command is lost."""
    topics = [f"ferry-{command.function().replace('_', '-')}" for command in COMMANDS]
    lost = [Fault(kind="deliver_never", action=topic, count=1) for topic in topics]
    with ferry(tmp_path, *NO_HINTS, *lost) as it:
        id_ = it.replicate()
        record = it.until_ended(id_)
        assert record.phase is Phase.SUCCEEDED
        assert broken_laws(it, id_) == []


def test_messages_that_come_late_and_twice(tmp_path: Path) -> None:
    """Messages in any order, minutes late, many of them twice, change nothing but the time that it takes."""
    with ferry(tmp_path, Fault(kind="deliver_twice", chance=0.5), Fault(kind="deliver_late", chance=0.5)) as it:
        id_ = it.replicate()
        record = it.until_ended(id_)
        assert record.phase is Phase.SUCCEEDED
        assert broken_laws(it, id_) == []


def test_a_copy_that_stands_still_ends_by_its_deadline(tmp_path: Path) -> None:
    """A copy that makes no progress is given up at its deadline and cancelled at the cloud; nothing remains."""
    with ferry(tmp_path, Fault(kind="stall_copy")) as it:
        id_ = it.replicate()
        copying = it.until(id_, Phase.COPYING)
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert [p.code for p in record.problems] == ["deadline_passed"]
        assert [call.code for call in it.calls("clean_up", "CancelCopyImage")] == [""]
        given_up = next(line.at for line in record.history if "has passed" in line.what)
        assert timedelta(hours=72) <= given_up - copying.entered_at <= timedelta(hours=72, minutes=2)
        assert broken_laws(it, id_) == []
        assert it.holdings(HERE).ids | it.holdings(THERE).ids == frozenset()
