"""Snapshots by themselves: copied between regions, changed, kept for a time, and taken of several disks at once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import snapshots as refusals
from tests.localcloud.ecs_world import HERE, THERE, Ground, ground, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written

SYSTEM = {"kind": "system", "category": "cloud_essd", "size": 40}
EXTRA: dict[str, Any] = {
    "instances": [
        {"id": "i-other", "disks": [SYSTEM]},
        {"id": "i-old", "type": "ecs.g6.large", "disks": [{**SYSTEM, "category": "cloud_ssd"}]},
        {
            "id": "i-many",
            "disks": [SYSTEM, *({"kind": "data", "category": "cloud_essd", "size": 20} for _ in range(16))],
        },
        {"id": "i-large", "disks": [SYSTEM, {"kind": "data", "category": "cloud_essd", "size": 32768}]},
        {"id": "i-sealed", "disks": [{**SYSTEM, "encrypted": True}]},
    ],
}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


def snapshot(g: Ground, snapshot_id: str, region: str = HERE) -> dict[str, Any]:
    found = g.ask("DescribeSnapshots", region, RegionId=region, SnapshotIds=json.dumps([snapshot_id]))
    return dict(found["Snapshots"]["Snapshot"][0]) if found["Snapshots"]["Snapshot"] else {}


def disk_of(g: Ground, instance_id: str = "i-web", device: str = "/dev/xvda") -> str:
    return str(g.disks(instance_id)[device]["DiskId"])


def take(g: Ground, instance_id: str = "i-web", device: str = "/dev/xvdb", **wire: Any) -> str:
    return str(g.ask("CreateSnapshot", DiskId=disk_of(g, instance_id, device), **wire)["SnapshotId"])


def taken(g: Ground, instance_id: str = "i-web", device: str = "/dev/xvdb", **wire: Any) -> str:
    """A finished snapshot."""
    snapshot_id = take(g, instance_id, device, **wire)
    g.until(lambda: g.states(snapshot_id)[-1] == "accomplished")
    return snapshot_id


def copy(g: Ground, snapshot_id: str, **wire: Any) -> str:
    sent = {"RegionId": HERE, "SnapshotId": snapshot_id, "DestinationRegionId": THERE, **wire}
    return str(g.ask("CopySnapshot", **sent)["SnapshotId"])


def group(g: Ground, **wire: Any) -> str:
    return str(g.ask("CreateSnapshotGroup", RegionId=HERE, **wire)["SnapshotGroupId"])


def groups(g: Ground, **wire: Any) -> list[dict[str, Any]]:
    found = g.ask("DescribeSnapshotGroups", RegionId=HERE, **wire)
    return list(found["SnapshotGroups"]["SnapshotGroup"])


# --- copies ----------------------------------------------------------------------------------------------------------


def test_a_copy_takes_its_time_says_where_it_comes_from_and_holds_the_content(g: Ground) -> None:
    """CopySnapshot answers at once; the copy makes progress, ends, and a disk made of it has the files."""
    source = taken(g)
    tags = [{"Key": "a", "Value": "1"}]
    copy_id = copy(g, source, DestinationSnapshotName="there", DestinationSnapshotDescription="a copy", Tag=tags)
    g.pass_time(minutes=5)
    shown = snapshot(g, copy_id, THERE)
    assert (shown["Status"], shown["Available"]) == ("progressing", False)
    assert 0 < int(shown["Progress"].removesuffix("%")) < 100 and shown["RemainTime"] > 0
    assert (shown["SourceSnapshotId"], shown["SourceRegionId"]) == (source, HERE)
    assert (shown["SnapshotType"], shown["SnapshotName"], shown["Description"]) == ("copied", "there", "a copy")
    assert shown["Tags"] == {"Tag": [{"TagKey": "a", "TagValue": "1"}]}
    g.until(lambda: g.states(copy_id)[-1] == "accomplished")
    assert (snapshot(g, copy_id, THERE)["Progress"], snapshot(g, copy_id, THERE)["SourceDiskSize"]) == ("100%", "100")
    disk = g.ask(
        "CreateDisk", THERE, RegionId=THERE, ZoneId="cn-beijing-h", DiskCategory="cloud_essd", SnapshotId=copy_id
    )
    assert {one.name for one in g.cloud.disks.reading(disk["DiskId"]).iterdir()} == {"orders"}


def test_a_copy_outlives_its_source_and_makes_an_image(g: Ground) -> None:
    """The way around SizeExceed.Image: copy the snapshots, then put an image together in the other region."""
    copies = [copy(g, taken(g, device=device)) for device in ("/dev/xvda", "/dev/xvdb")]
    g.until(lambda: all(g.states(one)[-1] == "accomplished" for one in copies))
    for one in copies:
        g.ask("DeleteSnapshot", SnapshotId=snapshot(g, one, THERE)["SourceSnapshotId"])
    disks = [{"SnapshotId": copies[0]}, {"SnapshotId": copies[1], "Device": "/dev/xvdb"}]
    image_id = g.ask("CreateImage", THERE, RegionId=THERE, ImageName="joined", DiskDeviceMapping=disks)["ImageId"]
    g.image_ready(image_id, THERE)
    replica = g.disks(g.running(image_id, THERE), THERE)
    assert (g.cloud.disks.reading(replica["/dev/xvda"]["DiskId"]) / "etc" / "motd").read_text() == "welcome\n"
    assert (g.cloud.disks.reading(replica["/dev/xvdb"]["DiskId"]) / "orders").exists()


def test_the_same_token_is_the_same_copy_and_an_encrypted_one_stays_so(g: Ground) -> None:
    """A repeated call with its token makes nothing new; what is encrypted is copied encrypted."""
    source = taken(g, "i-sealed", "/dev/xvda")
    copies = {copy(g, source, Encrypted=True, ClientToken="t") for _ in range(2)}
    assert len(copies) == 1
    g.pass_time(seconds=31)
    assert snapshot(g, copies.pop(), THERE)["Encrypted"]


# --- changes ---------------------------------------------------------------------------------------------------------


def test_a_snapshot_gets_another_name_description_and_retention(g: Ground) -> None:
    """What is not given stays; a retention can be set and become longer."""
    one = taken(g, SnapshotName="first", Description="of the data")
    g.ask("ModifySnapshotAttribute", SnapshotId=one, SnapshotName="second")
    g.ask("ModifySnapshotAttribute", SnapshotId=one, RetentionDays=5)
    g.ask("ModifySnapshotAttribute", SnapshotId=one, RetentionDays=7)
    g.pass_time(seconds=31)
    shown = snapshot(g, one)
    assert (shown["SnapshotName"], shown["Description"], shown["RetentionDays"]) == ("second", "of the data", 7)


def test_a_snapshot_goes_when_its_time_is_over_unless_an_image_needs_it(g: Ground) -> None:
    """A retention counts from the snapshot's making; the longer one counts."""
    short, longer, needed = (
        take(g, "i-web", "/dev/xvdb", RetentionDays=1),
        taken(g, "i-web", "/dev/xvda", RetentionDays=1),
        taken(g, "i-other", "/dev/xvda", RetentionDays=1),
    )
    g.ask("ModifySnapshotAttribute", SnapshotId=longer, RetentionDays=2)
    g.ask("CreateImage", RegionId=HERE, SnapshotId=needed)
    g.pass_time(hours=25)
    assert [bool(snapshot(g, one)) for one in (short, longer, needed)] == [False, True, True]
    g.pass_time(hours=24)
    assert [bool(snapshot(g, one)) for one in (short, longer, needed)] == [False, False, True]


# --- groups ----------------------------------------------------------------------------------------------------------


def test_a_group_holds_a_snapshot_of_each_disk_of_one_moment(g: Ground) -> None:
    """The group is as far as its snapshots; each holds what was there when the group was made."""
    group_id = group(g, InstanceId="i-web", Name="all", Description="of web", Tag=[{"Key": "a", "Value": "1"}])
    (g.cloud.disks.writing(disk_of(g, device="/dev/xvdb")) / "late").write_text("too late\n")
    g.pass_time(seconds=31)
    (shown,) = groups(g)
    assert (shown["SnapshotGroupId"], shown["Status"], shown["InstanceId"]) == (group_id, "progressing", "i-web")
    assert (shown["Name"], shown["Description"]) == ("all", "of web")
    assert shown["Tags"] == {"Tag": [{"Key": "a", "Value": "1"}]}
    members = {one["SourceDiskType"]: one for one in shown["Snapshots"]["Snapshot"]}
    assert set(members) == {"system", "data"}
    assert members["data"]["SourceDiskId"] == disk_of(g, device="/dev/xvdb")
    assert members["data"]["Tags"] == {"Tag": [{"Key": "acs:ecs:createFrom", "Value": "i-web"}]}
    assert not members["data"]["Available"]
    g.until(lambda: groups(g)[0]["Status"] == "accomplished")
    assert {one["Progress"] for one in groups(g)[0]["Snapshots"]["Snapshot"]} == {"100%"}
    disk = g.ask(
        "CreateDisk",
        RegionId=HERE,
        ZoneId="cn-hangzhou-h",
        DiskCategory="cloud_essd",
        SnapshotId=members["data"]["SnapshotId"],
    )
    assert {one.name for one in g.cloud.disks.reading(disk["DiskId"]).iterdir()} == {"orders"}


def test_a_group_is_of_chosen_disks_and_found_by_what_it_is(g: Ground) -> None:
    """ExcludeDiskId leaves disks out, DiskId takes some of several instances; lists narrow by all of it."""
    without = group(g, InstanceId="i-web", ExcludeDiskId=[disk_of(g)], Name="without")
    g.until(lambda: [one["Status"] for one in groups(g)] == ["accomplished"])
    across = group(g, DiskId=[disk_of(g), disk_of(g, "i-other")], Tag=[{"Key": "a", "Value": "1"}])
    g.pass_time(seconds=31)
    found = {one["SnapshotGroupId"]: one for one in groups(g)}
    assert len(found[without]["Snapshots"]["Snapshot"]) == 1
    assert (found[across]["InstanceId"], len(found[across]["Snapshots"]["Snapshot"])) == ("", 2)

    def ids(**wire: Any) -> list[str]:
        return [one["SnapshotGroupId"] for one in groups(g, **wire)]

    assert ids(InstanceId="i-web") == ids(Name="without") == ids(Status=["accomplished", "failed"]) == [without]
    assert ids(Tag=[{"Key": "a"}]) == ids(SnapshotGroupId=[across]) == ids(Status=["progressing"]) == [across]
    first = g.ask("DescribeSnapshotGroups", RegionId=HERE, MaxResults=1)
    assert ids(MaxResults=1, NextToken=first["NextToken"]) == [across]


def test_the_same_token_is_the_same_group(g: Ground) -> None:
    """A repeated call with its token takes no second snapshots."""
    made = {group(g, InstanceId="i-other", ClientToken="t") for _ in range(2)}
    assert len(made) == 1
    with refused("IdempotentParameterMismatch", 403):
        group(g, InstanceId="i-other", Name="other", ClientToken="t")


def test_a_deleted_group_takes_its_snapshots_along_but_not_those_of_images(g: Ground) -> None:
    """DeleteSnapshotGroup tells of each snapshot what became of it."""
    group_id = group(g, InstanceId="i-web")
    g.until(lambda: [one["Status"] for one in groups(g)] == ["accomplished"])
    members = {one["SourceDiskType"]: one["SnapshotId"] for one in groups(g)[0]["Snapshots"]["Snapshot"]}
    g.ask("CreateImage", RegionId=HERE, SnapshotId=members["system"])
    done = g.ask("DeleteSnapshotGroup", RegionId=HERE, SnapshotGroupId=group_id)
    told = {
        one["RelatedItemSet"]["RelatedItem"][0]["Value"]: (one["OperationStatus"], one["ErrorCode"])
        for one in done["OperationProgressSet"]["OperationProgress"]
    }
    assert told == {members["data"]: ("Success", ""), members["system"]: ("Failed", "SnapshotCreatedImage")}
    assert groups(g) == []
    assert (snapshot(g, members["data"]), bool(snapshot(g, members["system"]))) == ({}, True)


# --- refusals --------------------------------------------------------------------------------------------------------


def make_disk(g: Ground, zone: str = "cn-hangzhou-h") -> str:
    sent: dict[str, Any] = {"RegionId": HERE, "ZoneId": zone, "DiskCategory": "cloud_essd", "Size": 50}
    disk_id = str(g.ask("CreateDisk", **sent)["DiskId"])
    g.pass_time(seconds=10)
    return disk_id


def copying(**wire: Any) -> Act:
    return lambda g: copy(g, taken(g), **wire)


def modified(**wire: Any) -> Act:
    return lambda g: g.ask("ModifySnapshotAttribute", SnapshotId=taken(g), **wire)


def shortened(g: Ground) -> None:
    g.ask("ModifySnapshotAttribute", SnapshotId=taken(g, RetentionDays=5), RetentionDays=4)


def grouped(**wire: Any) -> Act:
    return lambda g: group(g, **wire)


def copied_twice(g: Ground) -> None:
    first, second = taken(g), taken(g)
    copy(g, first)
    copy(g, second)


def of_two_zones(g: Ground) -> None:
    group(g, DiskId=[disk_of(g), make_disk(g, "cn-hangzhou-i")])


def without_its_disk(g: Ground) -> None:
    group(g, InstanceId="i-other", ExcludeDiskId=[disk_of(g, "i-other")])


ROWS: dict[str, Act] = {
    "DISK_STATUS": lambda g: after(
        ask("DetachDisk", InstanceId="i-web", DiskId=(disk := disk_of(g, device="/dev/xvdb"))),
        ask("CreateSnapshot", DiskId=disk),
    )(g),
    "NEVER_ATTACHED": lambda g: g.ask("CreateSnapshot", DiskId=make_disk(g)),
    "COPY_NOT_FOUND": lambda g: copy(g, "s-none"),
    "COPY_NOT_READY": lambda g: copy(g, take(g)),
    "COPY_SAME_REGION": copying(DestinationRegionId=HERE),
    "COPY_REGION": copying(DestinationRegionId="cn-atlantis"),
    "COPY_NAME": copying(DestinationSnapshotName="1"),
    "COPY_DESCRIPTION": copying(DestinationSnapshotDescription="http://a"),
    "COPY_RETENTION": copying(RetentionDays=0),
    "COPY_UNFINISHED": copied_twice,
    "COPY_KEY_WITHOUT_ENCRYPTION": copying(KMSKeyId="key-1"),
    "COPY_DECRYPTION": lambda g: copy(g, taken(g, "i-sealed", "/dev/xvda")),
    "NOTHING_TO_MODIFY": modified(),
    "RETENTION_SHORTER": shortened,
    "RETENTION_NOT_READY": lambda g: g.ask("ModifySnapshotAttribute", SnapshotId=take(g), RetentionDays=5),
    "GROUP_NOTHING_NAMED": grouped(),
    "GROUP_BOTH_NAMED": grouped(InstanceId="i-web", DiskId=["d-1"], ExcludeDiskId=["d-2"]),
    "GROUP_NAME": grouped(InstanceId="i-web", Name="1"),
    "GROUP_DESCRIPTION": grouped(InstanceId="i-web", Description="x"),
    "GROUP_ZONES": of_two_zones,
    "GROUP_NO_DISK": without_its_disk,
    "GROUP_TOO_MANY": grouped(InstanceId="i-many"),
    "GROUP_TOO_LARGE": grouped(InstanceId="i-large"),
    "GROUP_STATUS": ask("DescribeSnapshotGroups", RegionId=HERE, Status=["done"]),
    "GROUP_NOT_FOUND": ask("DeleteSnapshotGroup", RegionId=HERE, SnapshotGroupId="ssg-none"),
}
#: What is said in words that other actions have, too.
SHARED: list[tuple[str, int, Act]] = [
    ("InvalidSnapshotName.Malformed", 400, modified(SnapshotName="auto-1")),
    ("InvalidDescription.Malformed", 404, modified(Description="x")),
    ("InvalidRetentionDays.Malformed", 400, modified(RetentionDays=65537)),
    ("InvalidSnapshotId.NotFound", 404, ask("ModifySnapshotAttribute", SnapshotId="s-none", SnapshotName="ab")),
    ("InvalidDiskId.NotFound", 404, lambda g: group(g, InstanceId="i-web", DiskId=[disk_of(g, "i-other")])),
    ("InvalidInstanceId.NotFound", 404, grouped(InstanceId="i-none")),
    ("DiskCategory.OperationNotSupported", 400, grouped(InstanceId="i-old")),
    ("IncorrectInstanceStatus", 400, after(ask("StopInstance", InstanceId="i-web"), grouped(InstanceId="i-web"))),
    ("IncorrectDiskStatus.CreatingSnapshot", 403, after(take, grouped(InstanceId="i-web"))),
    ("IncorrectDiskStatus.NeverAttached", 403, lambda g: group(g, DiskId=[make_disk(g)])),
    (
        "InvalidParameter",
        400,
        ask("DescribeSnapshotGroups", RegionId=HERE, SnapshotGroupId=[f"s{n}" for n in range(11)]),
    ),
]


@pytest.mark.parametrize(("name", "act"), ROWS.items())
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


@pytest.mark.parametrize(("code", "status", "act"), SHARED)
def test_what_any_action_refuses_is_refused_of_snapshots(g: Ground, code: str, status: int, act: Act) -> None:
    """The shared refusals hold here, too."""
    with refused(code, status):
        act(g)


def test_a_refused_group_takes_no_snapshot(g: Ground) -> None:
    """All of the disks or none."""
    take(g)
    with refused("IncorrectDiskStatus.CreatingSnapshot"):
        group(g, InstanceId="i-web")
    g.pass_time(seconds=31)
    assert g.ask("DescribeSnapshots", RegionId=HERE)["TotalCount"] == 1


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
