"""Days on end, tokens that die early, clocks that differ; a month of days: python -m tests.long_time."""

from datetime import timedelta
from pathlib import Path

import pytest

from localcloud.faults import Fault
from shared.acceptance import cancel
from shared.cloud.session import LATEST_CALL
from shared.replication.commands import LaunchInstance
from shared.replication.phases import Phase
from tests import hard_times
from tests.crash_points import Store, installed
from tests.functions.account import HERE, ask
from tests.functions.laws import broken_laws
from tests.long_time import days, grown


@pytest.mark.parametrize(("store", "count"), [("sqlite", 4), ("tablestore", 4)])
def test_days(tmp_path: Path, store: Store, count: int) -> None:
    """A replication a day: each ends, the laws hold, and nothing grows but what was to stay."""
    lived, broken = days(tmp_path, store, count, timers=False)
    assert broken == []
    assert grown(lived) == []


def test_a_launch_that_is_asked_again_when_its_token_is_dead(tmp_path: Path) -> None:
    """The cloud takes a second RunInstances then: the replica of an earlier try is found by its tags before that."""
    killed = Fault(kind="kill_after", function="ferry-launch_instance", action="RunInstances", count=2)
    with installed(tmp_path, killed, store="sqlite", world={"token_life": 60}) as it:
        id_ = it.replicate()
        it.until(id_, Phase.LAUNCH_DUE)
        it.pass_time(timedelta(seconds=100))
        it.invoke(LaunchInstance(replication=id_))
        assert it.until_ended(id_).phase is Phase.SUCCEEDED
        assert broken_laws(it, id_) == []


@pytest.mark.parametrize("seed", range(3))
def test_what_a_late_step_made_is_found_though_clocks_differ(tmp_path: Path, seed: int) -> None:
    """An image that a step asks for as late as it may, and dies, is removed; three minutes after it at the earliest."""
    with installed(tmp_path, store="sqlite", seed=seed, world={"clock_skew": 60}) as it:
        id_ = it.replicate()
        record = it.until(id_, Phase.IMAGE_DUE)
        cancel(id_, "test", it.app.store, it.app.clock())
        it.until(id_, Phase.SETTLING)
        it.pass_time(LATEST_CALL)
        late = it.cloud.clock.now
        tags = [{"Key": "ferry:install", "Value": record.install}, {"Key": "ferry:replication", "Value": id_}]
        ask("CreateImage", HERE, InstanceId="i-web", ImageName="late", Tag=tags)
        it.until(id_, Phase.CLEANUP_DUE)
        assert it.cloud.clock.now - late >= timedelta(minutes=3)
        assert it.until_ended(id_).phase is Phase.CANCELLED
        assert broken_laws(it, id_) == []


@pytest.mark.parametrize("seed", range(4))
def test_hard_times(tmp_path: Path, seed: int) -> None:
    """Steps die and are asked again late, tokens are dead by then, clocks differ: it succeeds, once."""
    assert hard_times.run(seed, tmp_path) == [], f"again with: python -m tests.hard_times {seed}"
