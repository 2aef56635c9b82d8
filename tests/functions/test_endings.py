"""Every way in which a replication can end, checked against what is at the cloud then."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.faults import Fault
from shared.acceptance import TooLate, clean
from shared.presentation import present
from shared.replication.phases import Phase
from shared.replication.record import Replication, ResourceKind, ResourceState, Role
from tests.functions.account import HERE, THERE, ask, instance
from tests.functions.ferry import Ferry, ferry
from tests.functions.laws import broken_laws

CORRUPT = Fault(kind="corrupt", device="/dev/xvdb", path="/orders", count=1)


def in_state(record: Replication, state: ResourceState) -> set[tuple[str, str]]:
    """Role and kind of the resources in that state."""
    return {(r.role.value, r.kind.value) for r in record.resources if r.state is state}


def whole(it: Ferry, region: str) -> list[int]:
    """How many images, snapshots, instances and disks came into a region."""
    held = it.holdings(region)
    return [len(held.images), len(held.snapshots), len(held.instances), len(held.disks)]


def told_of(it: Ferry, id_: str, phase: str) -> set[tuple[str, str]]:
    """Role and kind of all that people are told is left at its end; with its cost a month, and that is all there is."""
    shown: Any = present(it.row(id_))
    assert shown["phase"] == phase
    left = [found for found in shown["resources"] if found["state"] != "removed"]
    assert all(found["monthly_cost"] for found in left)
    assert all(found["reason"] for found in left if found["state"] != "kept")
    assert {found["id"] for found in left} == it.holdings(HERE).ids | it.holdings(THERE).ids
    return {(found["role"], found["kind"]) for found in left}


NOTHING: set[tuple[str, str]] = set()
TARGET = {("target_image", "image"), ("target_image", "snapshot")}
SOURCE = {("source_image", "image"), ("source_image", "snapshot")}
REPLICA = {("replica", "instance"), ("replica", "disk")}


def test_a_replica_succeeds(tmp_path: Path) -> None:
    """Success keeps the replica and the recovery point, names each with its cost, and removes the source image."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        record = it.until_ended(id_)
        assert record.phase is Phase.SUCCEEDED
        assert record.proof is not None and record.proof.verdict == "same"
        assert broken_laws(it, id_) == []
        assert told_of(it, id_, "succeeded") == TARGET | REPLICA
        assert in_state(record, ResourceState.REMOVED) == SOURCE
        assert whole(it, HERE) == [0, 0, 0, 0]
        assert whole(it, THERE) == [1, 2, 1, 2]
        replica = record.resource(Role.REPLICA, ResourceKind.INSTANCE)
        assert replica is not None
        shown = instance(THERE, replica.id)
        assert shown["SecurityGroupIds"]["SecurityGroupId"] == ["sg-b"]
        assert shown["PublicIpAddress"]["IpAddress"] == []
        assert {"app": "web", "ferry:replication": id_}.items() <= it.holdings(THERE).instances[replica.id].items()


def test_a_replica_keeps_the_source_image_when_asked(tmp_path: Path) -> None:
    """With keep_source_image a success keeps three things, each with its snapshots or disks."""
    with ferry(tmp_path) as it:
        id_ = it.replicate(keep_source_image=True)
        it.until_ended(id_)
        assert broken_laws(it, id_) == []
        assert told_of(it, id_, "succeeded") == TARGET | REPLICA | SOURCE


def test_every_snapshot_bears_our_tags(tmp_path: Path) -> None:
    """The snapshots that an image brings are not tagged by the cloud: Ferry does it."""
    with ferry(tmp_path) as it:
        id_ = it.replicate(goal="recovery_point", keep_source_image=True)
        it.until_ended(id_)
        tags = [tags for region in (HERE, THERE) for tags in it.holdings(region).snapshots.values()]
        assert [t.get("ferry:replication") for t in tags] == [id_] * 4


@pytest.mark.parametrize(("keep", "left"), [(False, [0, 0, 0, 0]), (True, [1, 2, 0, 0])])
def test_a_recovery_point_succeeds(tmp_path: Path, keep: bool, left: list[int]) -> None:
    """A recovery point is a copied image with its manifest; the source image stays only when that was asked."""
    with ferry(tmp_path) as it:
        id_ = it.replicate(goal="recovery_point", keep_source_image=keep)
        record = it.until_ended(id_)
        assert (record.phase, record.proof) == (Phase.SUCCEEDED, None)
        assert record.manifest is not None
        assert broken_laws(it, id_) == []
        assert told_of(it, id_, "succeeded") == TARGET | (SOURCE if keep else NOTHING)
        assert whole(it, HERE) == left
        assert whole(it, THERE) == [1, 2, 0, 0]


def test_a_replica_that_differs_is_kept_in_quarantine(tmp_path: Path) -> None:
    """A failed proof names the file, removes nothing, and leaves the replica where it can't reach anything."""
    with ferry(tmp_path, CORRUPT) as it:
        id_ = it.replicate()
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert record.proof is not None and record.proof.verdict == "different"
        assert [d.path for disk in record.proof.disks for d in disk.differences] == ["/orders"]
        assert broken_laws(it, id_) == []
        assert told_of(it, id_, "failed") == TARGET | REPLICA | SOURCE
        assert _groups(record) == [record.plan.quarantine_group if record.plan else ""]
        clean(id_, "test", it.app.store, it.app.clock())
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert broken_laws(it, id_) == []
        assert told_of(it, id_, "failed") == NOTHING


def test_a_replica_that_differs_is_removed_when_asked(tmp_path: Path) -> None:
    """With on_proof_failure: remove a failed proof leaves nothing; its differences stay in the record."""
    with ferry(tmp_path, CORRUPT) as it:
        id_ = it.replicate(on_proof_failure="remove")
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert record.proof is not None and record.proof.verdict == "different"
        assert broken_laws(it, id_) == []
        assert in_state(record, ResourceState.REMOVED) == TARGET | REPLICA | SOURCE
        assert told_of(it, id_, "failed") == NOTHING


@pytest.mark.parametrize(
    ("source", "why"),
    [({"status": "Stopped"}, "i-web is Stopped"), ({"cloud_assistant": False}, "Cloud Assistant does not answer")],
)
def test_without_a_manifest_it_is_unproved(tmp_path: Path, source: dict[str, Any], why: str) -> None:
    """What can't be read can't be proved: the replica is kept in quarantine, and why is told."""
    with ferry(tmp_path, **source) as it:
        id_ = it.replicate()
        record = it.until_ended(id_)
        assert record.phase is Phase.UNPROVED
        assert record.plan is not None
        assert [notice for notice in record.plan.notices if why in notice]
        assert [p.code for p in record.problems] == ["not_proved"]
        assert broken_laws(it, id_) == []
        assert told_of(it, id_, "unproved") == TARGET | REPLICA | SOURCE
        assert _groups(record) == [record.plan.quarantine_group]


@pytest.mark.parametrize("region", [HERE, THERE])
def test_an_image_or_copy_that_fails(tmp_path: Path, region: str) -> None:
    """An image that ends in CreateFailed fails the replication; nothing of it remains."""
    with ferry(tmp_path, Fault(kind="fail_image", region=region, count=1)) as it:
        _fails(it, "image_createfailed")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(kind="no_stock"), "OperationDenied.NoStock"),
        (Fault(kind="quota", region=HERE), "QuotaExceed.Image"),
        (Fault(kind="quota", region=THERE), "QuotaExceed.Image"),
    ],
    ids=["no stock", "image quota", "copy quota"],
)
def test_the_cloud_says_no(tmp_path: Path, fault: Fault, code: str) -> None:
    """A firm no ends it, with the cloud's code and what a person can do; nothing of it remains."""
    with ferry(tmp_path, fault) as it:
        record = _fails(it, code)
        assert record.problems[0].fix


def test_the_source_is_not_there(tmp_path: Path) -> None:
    """What is wrong with a request is told at once, all of it, before anything is made."""
    with ferry(tmp_path) as it:
        target = {"region": THERE, "vswitch": "vsw-no", "security_groups": ["sg-no"]}
        id_ = it.replicate(instance="i-no", target=target)
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert {p.path for p in record.problems} == {"source.instance", "target.vswitch", "target.security_groups[0]"}
        assert broken_laws(it, id_) == []
        assert not [c for c in it.calls() if not c.action.startswith(("Describe", "PutEvents", "SendMessage"))]


@pytest.mark.parametrize("phase", [Phase.LAUNCHING, Phase.BOOTING])
def test_the_replica_is_gone(tmp_path: Path, phase: Phase) -> None:
    """A replica that somebody deletes while it boots is noticed, and the rest is removed."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        record = it.until(id_, phase)
        replica = record.resource(Role.REPLICA, ResourceKind.INSTANCE)
        assert replica is not None
        _delete_instance(it, replica.id)
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert [p.code for p in record.problems] == ["gone"]
        assert replica.id in record.problems[0].message
        assert broken_laws(it, id_) == []
        assert whole(it, HERE) == whole(it, THERE) == [0, 0, 0, 0]


def test_the_replica_goes_while_it_is_proved(tmp_path: Path) -> None:
    """A replica that somebody deletes under the proof can't be proved: it is not called the same."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        record = it.until(id_, Phase.PROVING)
        replica = record.resource(Role.REPLICA, ResourceKind.INSTANCE)
        assert replica is not None
        _delete_instance(it, replica.id)
        record = it.until_ended(id_)
        assert record.phase is Phase.UNPROVED


@pytest.mark.parametrize(("phase", "role"), [(Phase.COPYING, Role.TARGET_IMAGE), (Phase.IMAGING, Role.SOURCE_IMAGE)])
def test_the_image_is_gone(tmp_path: Path, phase: Phase, role: Role) -> None:
    """An image that somebody removes is noticed, by two look-ups; what is left is removed, its snapshots too."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        it.until(id_, phase)
        it.pass_time(timedelta(minutes=1))
        image = it.record(id_).resource(role, ResourceKind.IMAGE)
        assert image is not None
        if phase is Phase.COPYING:
            ask("CancelCopyImage", THERE, ImageId=image.id)
        else:
            it.until(id_, Phase.IMAGE_TAG_DUE)
            ask("DeleteImage", HERE, ImageId=image.id, Force=True)
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert record.problems
        assert broken_laws(it, id_) == []
        assert whole(it, HERE) == whole(it, THERE) == [0, 0, 0, 0]


def test_clean_after_a_failure_that_left_something(tmp_path: Path) -> None:
    """What could not be removed is left behind with the reason; clean removes it when the reason is gone."""
    with ferry(tmp_path, CORRUPT) as it:
        id_ = it.replicate(on_proof_failure="remove")
        record = it.until(id_, Phase.PROVING)
        replica = record.resource(Role.REPLICA, ResourceKind.INSTANCE)
        assert replica is not None
        ask("ModifyInstanceAttribute", THERE, InstanceId=replica.id, DeletionProtection=True)
        record = it.until_ended(id_)
        assert in_state(record, ResourceState.LEFT_BEHIND) == REPLICA
        assert told_of(it, id_, "failed") == REPLICA
        left = next(r for r in record.resources if r.id == replica.id)
        assert "protect" in left.reason.lower()
        assert broken_laws(it, id_) == []
        ask("ModifyInstanceAttribute", THERE, InstanceId=replica.id, DeletionProtection=False)
        clean(id_, "test", it.app.store, it.app.clock())
        it.until_ended(id_)
        assert broken_laws(it, id_) == []
        assert whole(it, THERE) == [0, 0, 0, 0]


def test_clean_takes_nothing_from_a_success(tmp_path: Path) -> None:
    """What a success kept is its recovery point: clean refuses."""
    with ferry(tmp_path) as it:
        id_ = it.replicate(goal="recovery_point")
        it.until_ended(id_)
        with pytest.raises(TooLate, match="recovery point"):
            clean(id_, "test", it.app.store, it.app.clock())


def _fails(it: Ferry, code: str) -> Replication:
    id_ = it.replicate()
    record = it.until_ended(id_)
    assert record.phase is Phase.FAILED
    assert [p.code for p in record.problems] == [code]
    assert broken_laws(it, id_) == []
    assert told_of(it, id_, "failed") == NOTHING
    return record


def _delete_instance(it: Ferry, id_: str) -> None:
    """Delete it as soon as the cloud lets it go."""
    while instance(THERE, id_).get("Status") != "Running":
        it.pass_time(timedelta(seconds=1))
    ask("DeleteInstance", THERE, InstanceId=id_, Force=True)


def _groups(record: Replication) -> list[str]:
    replica = record.resource(Role.REPLICA, ResourceKind.INSTANCE)
    assert replica is not None
    return list(instance(THERE, replica.id)["SecurityGroupIds"]["SecurityGroupId"])


def test_a_replica_that_can_not_leave_quarantine_is_left_behind(tmp_path: Path) -> None:
    """When joining is refused the proved replica is left behind, with its reason; clean never removes it either."""
    with ferry(tmp_path) as it:
        id_ = it.replicate()
        it.until(id_, Phase.PROVING)
        ask("DeleteSecurityGroup", THERE, SecurityGroupId="sg-b")
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert broken_laws(it, id_) == []
        for end in (record, clean(id_, "me", it.install.app.store, it.install.app.clock())):
            ended = record if end is record else it.until_ended(id_)
            assert in_state(ended, ResourceState.REMOVED) == SOURCE
            assert in_state(ended, ResourceState.LEFT_BEHIND) == TARGET | REPLICA
            assert {r.reason for r in ended.resources if r.lives} == {
                "the replica may have left quarantine and be in use: delete it yourself if it is not"
            }
        assert broken_laws(it, id_) == []
        assert whole(it, THERE) == [1, 2, 1, 2]


def test_a_throttle_without_end_is_given_up_and_named(tmp_path: Path) -> None:
    """A copy that is always throttled is asked for ever more rarely; in the end its failure names the throttle."""
    with ferry(tmp_path, Fault(kind="throttle", action="CopyImage")) as it:
        id_ = it.replicate()
        record = it.until_ended(id_)
        assert record.phase is Phase.FAILED
        assert "Throttling" in record.problems[0].message
        assert len(it.calls(action="CopyImage")) < 150, "once in a quarter of an hour, for a day"
        assert broken_laws(it, id_) == []


def test_a_full_vswitch_is_told_before_anything_is_made(tmp_path: Path) -> None:
    """A vSwitch without a free address is found by precheck, not after a copy of hours."""
    place = {"type": "ecs.g7.large", "zone": "cn-beijing-h", "vswitch": "vsw-b", "security_groups": ["sg-b"]}
    disk = {"kind": "system", "category": "cloud_essd", "size": 20}
    full: dict[str, Any] = {
        "vswitches": [{"id": "vsw-b", "vpc": "vpc-b", "zone": "cn-beijing-h", "cidr": "10.1.1.0/29"}],
        "instances": [{"id": f"i-{n}", "name": "n", **place, "disks": [disk]} for n in range(4)],
    }
    with ferry(tmp_path, there=full) as it:
        record = it.until_ended(it.replicate())
        assert [(p.path, p.code) for p in record.problems] == [("target.vswitch", "QuotaExceeded.PrivateIpAddress")]
        assert not record.resources
