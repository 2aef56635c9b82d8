"""What an earlier try made is found again, whoever died and whatever got lost; what is foreign is never taken."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.faults import Fault, FaultKind
from shared.replication.phases import Phase
from tests.functions.account import HERE, THERE, ask, holdings
from tests.functions.ferry import Ferry, ferry
from tests.functions.laws import broken_laws

KINDS = ("lost_answer", "kill_before", "kill_after", "throttle", "server_error", "timeout")
MAKING = (("create_image", "CreateImage"), ("copy_image", "CopyImage"), ("launch_instance", "RunInstances"))


def settle(it: Ferry) -> str:
    """Run one replication to its success, with all laws held and nothing left over."""
    id_ = it.replicate()
    record = it.until_ended(id_)
    assert record.phase is Phase.SUCCEEDED, [problem.message for problem in record.problems]
    assert broken_laws(it, id_) == []
    here, there = it.holdings(HERE), it.holdings(THERE)
    assert here.ids == frozenset()
    assert [len(held) for held in (there.images, there.snapshots, there.instances, there.disks)] == [1, 2, 1, 2]
    return id_


@pytest.mark.parametrize("kind", KINDS)
def test_a_creating_call_that_goes_wrong(tmp_path: Path, kind: FaultKind) -> None:
    """However often a creating call fails, dies or is never answered, there is one image, one copy, one replica.

    Four times is more than the function's own retry: the sweep asks again, when the client token may be too old.
    """
    harms = [
        Fault(kind=kind, function=f"ferry-{function}", action=action, count=count)
        for (function, action), count in zip(MAKING, (4, 1, 3), strict=True)
    ]
    with ferry(tmp_path, *harms) as it:
        settle(it)


@pytest.mark.parametrize("kind", KINDS)
def test_a_publishing_call_that_goes_wrong(tmp_path: Path, kind: FaultKind) -> None:
    """What was not published, or published unheard, is asked again; nothing is made twice."""
    faults = [
        Fault(kind=kind, function=f"ferry-{name}", action=action, count=2)
        for name in ("precheck", "create_image", "copy_image", "watch", "clean_up")
        for action in ("PutEvents", "SendMessage")
    ]
    with ferry(tmp_path, *faults) as it:
        id_ = it.replicate(goal="recovery_point")
        assert it.until_ended(id_).phase is Phase.SUCCEEDED
        assert broken_laws(it, id_) == []


def test_accepted_means_written(tmp_path: Path) -> None:
    """A request whose first message gets lost is accepted all the same: the sweep asks again."""
    with ferry(tmp_path, Fault(kind="timeout", action="PutEvents", count=1)) as it:
        id_ = it.replicate(goal="recovery_point")
        assert it.until_ended(id_).phase is Phase.SUCCEEDED


def test_what_an_earlier_try_made_is_adopted(tmp_path: Path) -> None:
    """When the client token is surely too old, the image is found by its name and tags, and the record says so."""
    faults = [Fault(kind="lost_answer", function="ferry-create_image", action="CreateImage", count=2)]
    with ferry(tmp_path, *faults) as it:
        id_ = it.replicate(goal="recovery_point")
        record = it.until_ended(id_)
        assert record.phase is Phase.SUCCEEDED
        assert [line.what for line in record.history if "found again" in line.what]
        assert broken_laws(it, id_) == []


@pytest.mark.parametrize(("region", "field"), [(HERE, "image_name"), (THERE, "copy_name")])
def test_a_foreign_image_of_the_name_refuses(tmp_path: Path, region: str, field: str) -> None:
    """A name that somebody else's image has is refused before anything is made, and that image is named."""
    foreign = {"id": "m-foreign", "name": "golden", "disks": [{"kind": "system", "size": 20}]}
    world: dict[str, Any] = {"here" if region == HERE else "there": {"images": [foreign]}}
    with ferry(tmp_path, **world) as it:
        id_ = it.replicate(**{field: "golden"})
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert [(p.path, p.code) for p in record.problems] == [(field, "InvalidImageName.Duplicated")]
        assert "m-foreign" in record.problems[0].message
        assert it.holdings(HERE).ids | it.holdings(THERE).ids == frozenset()
        assert "m-foreign" in holdings(region).images


def test_an_image_name_that_is_taken_in_between(tmp_path: Path) -> None:
    """A name that is taken after the check is refused by the cloud; whose it is is told, and that stays untouched."""
    with ferry(tmp_path, instances=2) as it:
        id_ = it.replicate(image_name="golden")
        it.until(id_, Phase.IMAGE_DUE)
        foreign = ask("CreateImage", HERE, InstanceId="i-web2", ImageName="golden")["ImageId"]
        _refused_by(it, id_, HERE, foreign)


def test_a_copy_name_that_is_taken_in_between(tmp_path: Path) -> None:
    """A copy's name that is taken while the image is made is refused, and what was made by then is removed."""
    base = {"id": "m-base", "name": "base", "disks": [{"kind": "system", "size": 20}]}
    with ferry(tmp_path, here={"images": [base]}) as it:
        id_ = it.replicate(copy_name="golden")
        it.until(id_, Phase.IMAGING)
        foreign = ask("CopyImage", HERE, ImageId="m-base", DestinationRegionId=THERE, DestinationImageName="golden")
        _refused_by(it, id_, THERE, foreign["ImageId"])
        assert it.holdings(HERE).ids == frozenset()


def _refused_by(it: Ferry, id_: str, region: str, foreign: str) -> None:
    record = it.until_ended(id_)
    assert record.phase is Phase.FAILED
    assert [p.code for p in record.problems] == ["InvalidImageName.Duplicated"]
    assert foreign in record.problems[0].message
    it.pass_time(timedelta(hours=2))
    assert set(it.holdings(region).images) == {foreign}
    assert not [r for r in record.resources if r.lives]


def test_an_image_with_our_name_but_older_tags_is_not_ours(tmp_path: Path) -> None:
    """An image that another replication made under the name is foreign too, though it bears our install's tag."""
    other = {"ferry:install": "ferry", "ferry:replication": "r-other"}
    image = {"id": "m-other", "name": "golden", "tags": other, "disks": [{"kind": "system", "size": 20}]}
    with ferry(tmp_path, here={"images": [image]}) as it:
        record = it.until_ended(it.replicate(image_name="golden"))
        assert record.phase is Phase.FAILED
        assert "m-other" in record.problems[0].message
