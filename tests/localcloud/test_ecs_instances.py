"""Instances: launched from images with the image's content, changed, stopped, released, as documented."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from darabonba.exceptions import UnretryableException

from localcloud.faults import Fault
from tests.localcloud.ecs_world import HERE, PUBLIC, THERE, Ground, ground, launch, refused

LOCAL = {
    "instances": [
        {
            "id": "i-local",
            "type": "ecs.i3.xlarge",
            "disks": [
                {"kind": "system", "category": "cloud_essd", "size": 40},
                {"kind": "data", "category": "local_ssd_pro", "size": 447},
            ],
        }
    ]
}
FLEET = {
    "instances": [
        {"id": f"i-{n:02}", "tags": {"fleet": "a"}, "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}]}
        for n in range(25)
    ]
}


@pytest.fixture
def g(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ground]:
    faults, extra = getattr(request, "param", ((), {}))
    with ground(tmp_path, *faults, extra=extra) as made:
        yield made


@pytest.fixture
def image_id(g: Ground) -> str:
    image_id = g.create_image()
    g.image_ready(image_id)
    return image_id


def files(g: Ground, instance_id: str, device: str) -> Path:
    return g.cloud.disks.path(str(g.disks(instance_id)[device]["DiskId"]))


def test_a_launched_instance_runs_within_a_minute(g: Ground, image_id: str) -> None:
    """RunInstances answers the ids; each goes through Pending and Starting to Running in 15 to 60 s."""
    begun = g.cloud.clock.now
    answer = g.ask("RunInstances", **launch(image_id), Amount=3)
    ids = answer["InstanceIdSets"]["InstanceIdSet"]
    assert len(set(ids)) == 3
    assert answer["TradePrice"] > 0
    g.pass_time(seconds=61)
    for one in ids:
        assert g.states(one) == ["Created", "Pending", "Starting", "Running"]
        took = g.cloud.happenings[[h.resource + h.state for h in g.cloud.happenings].index(one + "Running")].at - begun
        assert timedelta(seconds=15) <= took <= timedelta(seconds=60)
    addresses = {g.instance(one)["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0] for one in ids}
    assert addresses == {"10.0.1.2", "10.0.1.3", "10.0.1.4"}


def test_a_replica_has_the_images_disks_and_what_is_on_them(g: Ground, image_id: str) -> None:
    """Every disk of the image is made anew from its snapshot; the first boot changes the system disk only."""
    replica = g.running(image_id)
    disks = g.disks(replica)
    assert {device: (disk["Size"], disk["Type"]) for device, disk in disks.items()} == {
        "/dev/xvda": (40, "system"),
        "/dev/xvdb": (100, "data"),
    }
    assert (files(g, replica, "/dev/xvdb") / "orders").read_text() == "42\n"
    assert (files(g, replica, "/dev/xvda") / "etc" / "motd").read_text() == "welcome\n"
    assert (files(g, replica, "/dev/xvda") / "etc" / "hostname").read_text().strip() == g.instance(replica)["HostName"]
    assert (files(g, "i-web", "/dev/xvda") / "etc" / "hostname").read_text() == "web\n"


def test_a_device_changes_the_images_disk_and_a_snapshot_adds_one(g: Ground, image_id: str) -> None:
    """DataDisk.N.Device overrides category, size and level; DataDisk.N.SnapshotId is an extra disk."""
    taken = g.image(image_id)["DiskDeviceMappings"]["DiskDeviceMapping"][1]["SnapshotId"]
    replica = g.running(
        image_id,
        SystemDisk={"Category": "cloud_essd", "Size": "60", "PerformanceLevel": "PL0"},
        DataDisk=[
            {"Device": "/dev/xvdb", "Category": "cloud_auto", "Size": 120, "DeleteWithInstance": False},
            {"SnapshotId": taken},
        ],
    )
    disks = g.disks(replica)
    assert (disks["/dev/xvda"]["Size"], disks["/dev/xvda"]["PerformanceLevel"]) == (60, "PL0")
    assert (disks["/dev/xvdb"]["Category"], disks["/dev/xvdb"]["Size"]) == ("cloud_auto", 120)
    assert not disks["/dev/xvdb"]["DeleteWithInstance"]
    assert disks["/dev/xvdc"]["SourceSnapshotId"] == taken
    assert (files(g, replica, "/dev/xvdc") / "orders").exists()


def test_tags_of_a_launch_are_on_the_instance_and_its_disks(g: Ground) -> None:
    """RunInstances' Tag.N goes on what it makes."""
    made = g.running(Tag=[{"Key": "ferry:install", "Value": "x"}])
    wanted = {"Tag": [{"TagKey": "ferry:install", "TagValue": "x"}]}
    assert g.instance(made)["Tags"] == wanted
    assert g.disks(made)["/dev/xvda"]["Tags"] == wanted
    found = g.ask("DescribeInstances", RegionId=HERE, Tag=[{"Key": "ferry:install", "Value": "x"}])
    assert [one["InstanceId"] for one in found["Instances"]["Instance"]] == [made]


def test_the_same_token_launches_once(g: Ground) -> None:
    """A repeated RunInstances with its token answers with the same instance."""
    assert g.run(ClientToken="t") == g.run(ClientToken="t")
    g.pass_time(minutes=1)
    assert g.ask("DescribeInstances", RegionId=HERE)["TotalCount"] == 2


@pytest.mark.parametrize("device", [None, "/dev/xvda"])
def test_the_fault_corrupt_changes_one_file_of_a_new_disk(tmp_path: Path, device: str | None) -> None:
    """A corrupted replica differs in one byte from its source, on the disk that the fault names or a data disk."""
    fault = Fault(kind="corrupt", device=device, path="/etc/motd" if device else None, count=1)
    with ground(tmp_path, fault) as g:
        image = g.create_image()
        g.image_ready(image)
        replica = g.running(image)
        data, motd = files(g, replica, "/dev/xvdb") / "orders", files(g, replica, "/dev/xvda") / "etc" / "motd"
        assert (data.read_bytes() == b"42\n") == (device is not None)
        assert (motd.read_bytes() == b"welcome\n") == (device is None)
        assert (files(g, "i-web", "/dev/xvdb") / "orders").read_text() == "42\n"


def test_a_fault_that_finds_nothing_to_corrupt_is_loud(tmp_path: Path) -> None:
    """A corruption that can't be done is an error, never a clean replica."""
    loud = pytest.raises(UnretryableException, match="no disk /dev/xvdz")  # how the SDK passes on a bug
    with ground(tmp_path, Fault(kind="corrupt", device="/dev/xvdz")) as g, loud:
        g.run(PUBLIC)


@pytest.mark.parametrize("g", [((Fault(kind="no_stock", count=1),), {})], indirect=True)
def test_out_of_stock_passes(g: Ground) -> None:
    """The fault no_stock refuses as often as it says."""
    with refused("OperationDenied.NoStock", 403):
        g.run()
    assert g.running()


def test_stop_and_start(g: Ground) -> None:
    """A stopped instance starts again; its agent is away in between, and its files are not those of a first boot."""
    g.ask("StopInstance", InstanceId="i-web", StoppedMode="KeepCharging")
    assert g.instance("i-web")["Status"] == "Stopping"
    with refused("IncorrectInstanceStatus", 403):
        g.ask("StartInstance", InstanceId="i-web")
    g.pass_time(seconds=31)
    stopped = g.instance("i-web")
    assert (stopped["Status"], stopped["StoppedMode"]) == ("Stopped", "KeepCharging")
    assert (
        g.ask("DescribeCloudAssistantStatus", RegionId=HERE, InstanceId=["i-web"])["InstanceCloudAssistantStatusSet"][
            "InstanceCloudAssistantStatus"
        ][0]["CloudAssistantStatus"]
        == "false"
    )
    g.ask("StartInstance", InstanceId="i-web")
    g.pass_time(seconds=60)
    assert g.instance("i-web")["Status"] == "Running"
    assert (files(g, "i-web", "/dev/xvda") / "etc" / "hostname").read_text() == "web\n"


def test_a_released_instance_is_absent_and_takes_its_disks(g: Ground, image_id: str) -> None:
    """DeleteInstance with Force: disks with DeleteWithInstance go, others stay by themselves, snapshots stay."""
    replica = g.running(image_id, DataDisk=[{"Device": "/dev/xvdb", "DeleteWithInstance": False}])
    kept = g.disks(replica)["/dev/xvdb"]["DiskId"]
    with refused("IncorrectInstanceStatus", 403):
        g.ask("DeleteInstance", InstanceId=replica)
    g.ask("DeleteInstance", InstanceId=replica, Force=True)
    g.ask("DeleteInstance", InstanceId=replica, Force=True)
    g.pass_time(seconds=11)
    assert g.instance(replica) == {}
    assert g.disks(replica) == {}
    left = g.ask("DescribeDisks", RegionId=HERE, DiskIds=f'["{kept}"]')["Disks"]["Disk"][0]
    assert (left["Status"], left["InstanceId"]) == ("Available", "")
    assert g.ask("DescribeSnapshots", RegionId=HERE)["TotalCount"] == 2
    with refused("InvalidInstanceId.NotFound", 404):
        g.ask("DescribeInstanceAttribute", InstanceId=replica)
    assert g.states(replica)[-1] == "Deleted"


def test_several_are_released_at_once_or_none(g: Ground) -> None:
    """DeleteInstances checks all before it releases one."""
    first, second = g.running(), g.running(DeletionProtection=True)
    with refused("InvalidOperation.DeletionProtection", 403):
        g.ask("DeleteInstances", RegionId=HERE, InstanceId=[first, second], Force=True)
    g.ask("ModifyInstanceAttribute", InstanceId=second, DeletionProtection=False)
    g.ask("DeleteInstances", RegionId=HERE, InstanceId=[first, second], Force=True, ClientToken="t")
    g.pass_time(seconds=11)
    assert g.ask("DescribeInstances", RegionId=HERE)["TotalCount"] == 1
    g.ask("DeleteInstances", RegionId=HERE, InstanceId=[first, second], Force=True, ClientToken="t")


def test_an_instance_releases_itself_at_its_time(g: Ground) -> None:
    """AutoReleaseTime is kept, even with deletion protection: it guards against calls only."""
    made = g.running(AutoReleaseTime="2026-01-05T03:00:00Z")
    g.pass_time(hours=1)
    assert g.instance(made) == {}


def test_each_status_of_an_instance_is_an_event(g: Ground) -> None:
    """The default bus gets Created once, then every status, and Deleted at the end."""
    take = g.events(HERE)
    made = g.running()
    g.ask("DeleteInstance", InstanceId=made, Force=True)
    g.pass_time(seconds=15)
    sent = [one["data"] for one in take() if one["type"] == "ecs:Instance:StateChange"]
    assert {one["resourceId"] for one in sent} == {made}
    assert {one["state"] for one in sent} == {"Created", "Starting", "Running", "Stopping", "Deleted"}


def test_attributes_are_changed(g: Ground) -> None:
    """ModifyInstanceAttribute changes name and security groups; groups are replaced as a set."""
    g.ask("ModifyInstanceAttribute", InstanceId="i-web", InstanceName="renamed", SecurityGroupIds=["sg-a3"])
    assert g.instance("i-web")["InstanceName"] == "renamed"
    assert g.instance("i-web")["SecurityGroupIds"] == {"SecurityGroupId": ["sg-a3"]}
    flat = g.ask("DescribeInstanceAttribute", InstanceId="i-web")
    assert (flat["Status"], flat["VpcAttributes"]["VSwitchId"]) == ("Running", "vsw-a")


@pytest.mark.parametrize("g", [((), LOCAL)], indirect=True)
def test_local_disks_are_shown_and_cannot_be_imaged(g: Ground) -> None:
    """A precheck can see local disks in DescribeInstances and DescribeDisks, before CreateImage refuses."""
    shown = g.instance("i-local")
    assert (shown["LocalStorageAmount"], shown["LocalStorageCapacity"]) == (1, 447)
    assert g.disks("i-local")["/dev/xvdb"]["Category"] == "local_ssd_pro"
    with refused("InvalidDiskCategory.CreateImage", 400):
        g.create_image(InstanceId="i-local")


@pytest.mark.parametrize(
    "g", [((), LOCAL | {"local_disk_code": "InvalidOperation.DiskCategoryUnsupported"})], indirect=True
)
def test_local_disks_may_be_refused_otherwise(g: Ground) -> None:
    """Nobody knows which of the two codes it is: the world says which is tried."""
    message = "The current category of the disk does not support this operation."
    with refused("InvalidOperation.DiskCategoryUnsupported", 400, message):
        g.create_image(InstanceId="i-local")


@pytest.mark.parametrize("g", [((), FLEET)], indirect=True)
def test_a_fleet_is_read_page_by_page_with_tokens(g: Ground) -> None:
    """NextToken leads through all instances with a tag and ends empty."""
    found: list[str] = []
    token = ""
    while True:
        page = g.ask(
            "DescribeInstances", RegionId=HERE, Tag=[{"Key": "fleet", "Value": "a"}], MaxResults=10, NextToken=token
        )
        found += [one["InstanceId"] for one in page["Instances"]["Instance"]]
        token = page["NextToken"]
        if not token:
            break
    assert found == sorted(found)
    assert 24 <= len(found) <= 25
    statuses = g.ask("DescribeInstanceStatus", RegionId=HERE, PageSize=50)
    assert statuses["TotalCount"] == 26


@pytest.mark.parametrize("g", [((), FLEET | {"page_limit": 5})], indirect=True)
def test_an_accounts_list_is_as_long_as_the_world_says(g: Ground) -> None:
    """What nothing narrows down comes in small pages, as it does where there is much else; the rest does not."""
    whole = g.ask("DescribeInstances", RegionId=HERE, MaxResults=100)
    assert len(whole["Instances"]["Instance"]) in (4, 5)  # one may have moved to another page
    assert whole["NextToken"]
    numbered = g.ask("DescribeInstanceStatus", RegionId=HERE, PageSize=50, PageNumber=2)
    assert (numbered["PageSize"], numbered["TotalCount"]) == (5, 26)
    tagged = g.ask("DescribeInstances", RegionId=HERE, Tag=[{"Key": "fleet", "Value": "a"}], MaxResults=100)
    assert len(tagged["Instances"]["Instance"]) == 25
    assert tagged["NextToken"] == ""


def test_tags_are_put_on_listed_and_taken_off(g: Ground) -> None:
    """TagResources overwrites a key; ListTagResources has a line for each tag; UntagResources takes them off."""
    where: dict[str, Any] = {"RegionId": HERE, "ResourceType": "instance", "ResourceId": ["i-web"]}
    g.ask("TagResources", **where, Tag=[{"Key": "a", "Value": "1"}, {"Key": "app", "Value": "shop"}])
    lines = g.ask("ListTagResources", **where)["TagResources"]["TagResource"]
    assert {(one["TagKey"], one["TagValue"]) for one in lines} == {("a", "1"), ("app", "shop")}
    assert g.ask("ListTagResources", RegionId=HERE, ResourceType="instance", Tag=[{"Key": "a", "Value": "1"}])[
        "TagResources"
    ]["TagResource"] == [{"ResourceId": "i-web", "ResourceType": "instance", "TagKey": "a", "TagValue": "1"}]
    g.ask("UntagResources", **where, TagKey=["a"])
    g.ask("UntagResources", **where, All=True)
    assert g.instance("i-web")["Tags"] == {"Tag": []}


def test_a_region_shows_only_what_is_its_own(g: Ground) -> None:
    """An instance asked for in another region is simply not there."""
    assert g.instance("i-web", THERE) == {}


def test_the_catalogue(g: Ground) -> None:
    """Regions, zones, types and what a zone sells can be looked up before anything is launched."""
    regions = [one["RegionId"] for one in g.ask("DescribeRegions")["Regions"]["Region"]]
    assert {HERE, THERE, "ap-southeast-1"} <= set(regions)
    zones = {one["ZoneId"] for one in g.ask("DescribeZones", RegionId=HERE)["Zones"]["Zone"]}
    assert "cn-hangzhou-h" in zones
    types = {one["InstanceTypeId"]: one for one in g.ask("DescribeInstanceTypes")["InstanceTypes"]["InstanceType"]}
    assert (types["ecs.g7.large"]["CpuCoreCount"], types["ecs.g7.large"]["MemorySize"]) == (2, 8.0)
    assert types["ecs.i3.xlarge"]["LocalStorageAmount"] == 1
    sold = g.ask(
        "DescribeAvailableResource", RegionId=HERE, DestinationResource="InstanceType", InstanceType="ecs.i3.xlarge"
    )["AvailableZones"]["AvailableZone"]
    assert {one["ZoneId"] for one in sold} == {"cn-hangzhou-b", "cn-hangzhou-e"}
    disks = g.ask(
        "DescribeAvailableResource",
        RegionId=HERE,
        ZoneId="cn-hangzhou-h",
        DestinationResource="DataDisk",
        InstanceType="ecs.g7.large",
        SystemDiskCategory="cloud_essd",
    )["AvailableZones"]["AvailableZone"][0]["AvailableResources"]["AvailableResource"][0]
    assert disks["Type"] == "DataDisk"
    values = {one["Value"]: one for one in disks["SupportedResources"]["SupportedResource"]}
    assert (values["cloud_essd"]["Min"], values["cloud_essd"]["StatusCategory"]) == (1, "WithStock")


def test_one_seed_is_one_history(tmp_path: Path) -> None:
    """The same calls with the same seed give the same log, ids and times; another seed another."""

    def history(folder: str, seed: int) -> list[object]:
        with ground(tmp_path / folder, seed=seed) as g:
            image = g.create_image()
            g.image_ready(image)
            g.running(image)
            return list(g.cloud.happenings)

    assert history("a", 7) == history("b", 7)
    assert history("c", 8) != history("d", 7)
