"""Lists narrow by what they show: each filter lets through what is so, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import lists as refusals
from tests.localcloud.ecs_world import HERE, PUBLIC, Ground, ground, refused
from tests.localcloud.refusing import Act, ask, check_refusal, written

EXTRA: dict[str, Any] = {
    "images": [
        {"id": "m-own", "name": "own", "disks": [{"kind": "system", "size": 40}]},
        {"id": "m-house", "name": "house", "owner": "system", "disks": [{"kind": "system", "size": 40}]},
    ],
    "key_pairs": ["ops"],
}
ARM = "aliyun_3_arm64_20G_alibase_20251030.vhd"


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


def instances(g: Ground, **wire: Any) -> set[str]:
    found = g.ask("DescribeInstances", RegionId=HERE, **wire)
    return {one["InstanceId"] for one in found["Instances"]["Instance"]}


def disks(g: Ground, **wire: Any) -> set[str]:
    found = g.ask("DescribeDisks", RegionId=HERE, **wire)
    return {one["DiskId"] for one in found["Disks"]["Disk"]}


def snapshots(g: Ground, **wire: Any) -> set[str]:
    found = g.ask("DescribeSnapshots", RegionId=HERE, **wire)
    return {one["SnapshotId"] for one in found["Snapshots"]["Snapshot"]}


def images(g: Ground, **wire: Any) -> set[str]:
    found = g.ask("DescribeImages", RegionId=HERE, PageSize=100, **wire)
    return {one["ImageId"] for one in found["Images"]["Image"]}


def test_instances(g: Ground) -> None:
    """DescribeInstances: of two instances one differs from the world's in all that it was asked for."""
    other = g.running(
        PUBLIC,
        InstanceType="ecs.r7.large",
        InternetMaxBandwidthOut=5,
        InternetChargeType="PayByBandwidth",
        HttpTokens="required",
        HttpEndpoint="disabled",
        KeyPairName="ops",
    )
    address = g.instance(other)["PublicIpAddress"]["IpAddress"][0]
    both = {"i-web", other}
    for only in (
        {"PublicIpAddresses": f'["{address}"]'},
        {"InternetChargeType": "PayByBandwidth"},
        {"HttpTokens": "required"},
        {"HttpEndpoint": "disabled"},
        {"InstanceTypeFamily": "ecs.r7"},
        {"InstanceType": "ecs.r7.large"},
        {"KeyPairName": "ops"},
        {"Filter": [{"Key": "CreationStartTime", "Value": "2026-01-05T02:00Z"}]},
    ):
        assert instances(g, **only) == {other}, only
    for all_ in (
        {"InstanceNetworkType": "vpc"},
        {"DeviceAvailable": True},
        {"IoOptimized": True},
        {"Status": "Running"},
        {"VpcId": "vpc-a"},
        {"VSwitchId": "vsw-a"},
        {"ZoneId": "cn-hangzhou-h"},
        {"ImageId": PUBLIC},
        {"InstanceChargeType": "PostPaid"},
    ):
        assert instances(g, **all_) == both, all_
    for none in (
        {"InstanceNetworkType": "classic"},
        {"DeviceAvailable": False},
        {"IoOptimized": False},
        {"InnerIpAddresses": '["10.0.0.1"]'},
        {"LockReason": "financial"},
        {"VpcId": "vpc-a2"},
        {"Filter": [{"Key": "CreationEndTime", "Value": "2020-01-01T00:00Z"}]},
    ):
        assert instances(g, **none) == set(), none


def test_disks(g: Ground) -> None:
    """DescribeDisks: of three disks one is encrypted, small and by itself."""
    made = g.ask(
        "CreateDisk",
        RegionId=HERE,
        ZoneId="cn-hangzhou-h",
        DiskCategory="cloud_essd",
        PerformanceLevel="PL0",
        Size=5,
        DiskName="own",
        Encrypted=True,
    )["DiskId"]
    g.pass_time(minutes=2)
    system, data = (str(g.disks("i-web")[f"/dev/xvd{letter}"]["DiskId"]) for letter in "ab")
    everything = {system, data, made}
    assert disks(g, Encrypted=True) == {made}
    assert disks(g, Encrypted=False) == everything  # "only encrypted disks": no, all
    assert disks(g, DeleteWithInstance=False) == {made}
    assert disks(g, PerformanceLevel="PL0") == {made}
    assert disks(g, DiskName="own") == {made}
    assert disks(g, Portable=True) == {data, made}
    assert disks(g, Portable=False) == {system}
    assert disks(g, DiskChargeType="PostPaid", EnableAutoSnapshot=True, MultiAttach="Disabled") == everything
    assert disks(g, DeleteAutoSnapshot=True, ZoneId="cn-hangzhou-h", EnableShared=False) == everything
    assert disks(g, Filter=[{"Key": "CreationStartTime", "Value": "2026-01-05T02:00Z"}]) == {made}
    for none in (
        {"DiskChargeType": "PrePaid"},
        {"EnableAutoSnapshot": False},
        {"DeleteAutoSnapshot": False},
        {"EnableAutomatedSnapshotPolicy": True},
        {"EnableShared": True},
        {"MultiAttach": "Enabled"},
        {"LockReason": "security"},
        {"ZoneId": "cn-hangzhou-i"},
    ):
        assert disks(g, **none) == set(), none


def test_snapshots(g: Ground) -> None:
    """DescribeSnapshots: those of the account, by the disk that they are of."""
    of_image = snapshots(g)
    assert len(of_image) == 1, "what an image of the house stands on is not the account's"
    taken = g.ask("CreateSnapshot", DiskId=g.disks("i-web")["/dev/xvdb"]["DiskId"])["SnapshotId"]
    g.pass_time(minutes=1)
    assert snapshots(g, SourceDiskType="Data") == {taken}
    assert snapshots(g, SourceDiskType="system") == of_image
    assert snapshots(g, SnapshotType="user", Category="standard", Encrypted=False) == {taken, *of_image}
    assert snapshots(g, SnapshotType="all") == {taken, *of_image}
    assert snapshots(g, Filter=[{"Key": "CreationStartTime", "Value": "2026-01-05T02:00Z"}]) == {taken}
    assert (
        snapshots(g, Encrypted=True) == snapshots(g, SnapshotType="auto") == snapshots(g, Category="archive") == set()
    )


def test_a_snapshot_is_used_until_its_image_lets_go(g: Ground) -> None:
    """Right after DeleteImage, Usage still says image, for as long as DeleteSnapshot says SnapshotCreatedImage."""
    (of_image,) = snapshots(g)
    g.ask("DeleteImage", RegionId=HERE, ImageId="m-own")
    assert snapshots(g, Usage="image") == {of_image}
    assert snapshots(g, Usage="none") == set()
    g.pass_time(minutes=1)
    assert snapshots(g, Usage="none") == {of_image}
    g.ask("DeleteSnapshot", SnapshotId=of_image)


def test_images(g: Ground) -> None:
    """DescribeImages: by what runs on a type, and by what an image can."""
    everything = images(g)
    assert ARM in everything
    assert images(g, InstanceType="ecs.g8y.large") == images(g, Architecture="arm64") == {ARM}
    assert images(g, InstanceType="ecs.g7.large") == everything - {ARM}
    assert images(g, IsPublic=False, IsSupportCloudinit=True, IsSupportIoOptimized=True, OSType="linux") == everything
    for none in ({"IsPublic": True}, {"IsSupportCloudinit": False}, {"IsSupportIoOptimized": False}):
        assert images(g, **none) == set(), none
    assert images(g, OSType="windows") == images(g, ImageFamily="none") == set()


def test_commands_and_agents(g: Ground) -> None:
    """DescribeInvocations and DescribeCloudAssistantStatus: every command runs once, every guest is a Linux."""
    g.ask("RunCommand", RegionId=HERE, Type="RunShellScript", Name="hi", CommandContent="true", InstanceId=["i-web"])

    def count(**wire: Any) -> int:
        return int(g.ask("DescribeInvocations", RegionId=HERE, **wire)["TotalCount"])

    for one in ({"CommandName": "hi"}, {"CommandType": "RunShellScript"}, {"RepeatMode": "Once"}, {"Timed": False}):
        assert count(**one) == 1, one
    for none in ({"CommandName": "ho"}, {"CommandType": "RunBatScript"}, {"RepeatMode": "Period"}, {"Timed": True}):
        assert count(**none) == 0, none
    agents = "DescribeCloudAssistantStatus"
    assert g.ask(agents, RegionId=HERE, OSType="Linux")["TotalCount"] == 1
    assert g.ask(agents, RegionId=HERE, OSType="Windows")["TotalCount"] == 0


def test_groups(g: Ground) -> None:
    """DescribeSecurityGroups: all are in a VPC, none is a service's own."""

    def count(**wire: Any) -> int:
        return int(g.ask("DescribeSecurityGroups", RegionId=HERE, **wire)["TotalCount"])

    assert count(NetworkType="vpc") == count(ServiceManaged=False) == count(FuzzyQuery=False) == 4
    assert count(NetworkType="classic") == count(ServiceManaged=True) == 0
    assert count(SecurityGroupType="enterprise") == count(SecurityGroupName="sg-a3") == 1


def test_instance_types(g: Ground) -> None:
    """DescribeInstanceTypes by memory and kind; DescribeAvailableResource by cores and memory."""

    def types(**wire: Any) -> set[str]:
        return {
            one["InstanceTypeId"] for one in g.ask("DescribeInstanceTypes", **wire)["InstanceTypes"]["InstanceType"]
        }

    assert types(InstanceTypeFamily="ecs.g7", MinimumMemorySize=16.0, MaximumMemorySize=16) == {"ecs.g7.xlarge"}
    assert types(LocalStorageCategory="local_ssd_pro") == {"ecs.i3.xlarge"}
    assert types(InstanceFamilyLevel="EntryLevel") == {"ecs.t6-c1m2.large", "ecs.e-c1m2.large"}
    assert types(NvmeSupport="required") == set()
    found = g.ask(
        "DescribeAvailableResource",
        RegionId=HERE,
        DestinationResource="InstanceType",
        ZoneId="cn-hangzhou-h",
        Cores=8,
        Memory=32.0,
    )
    (resource,) = found["AvailableZones"]["AvailableZone"][0]["AvailableResources"]["AvailableResource"]
    assert [one["Value"] for one in resource["SupportedResources"]["SupportedResource"]] == ["ecs.g7.2xlarge"]


def filtered(action: str, key: str, value: str) -> Act:
    return ask(action, RegionId=HERE, Filter=[{"Key": key, "Value": value}])


ROWS: dict[str, Act] = {
    "FILTER_KEY": filtered("DescribeInstances", "Colour", "red"),
    "FILTER_VALUE": filtered("DescribeDisks", "CreationStartTime", "yesterday"),
    "SNAPSHOT_CATEGORY": ask("DescribeSnapshots", RegionId=HERE, Category="x"),
    "SNAPSHOT_TYPE": ask("DescribeSnapshots", RegionId=HERE, SnapshotType="x"),
    "SNAPSHOT_DISK_TYPE": ask("DescribeSnapshots", RegionId=HERE, SourceDiskType="x"),
    "LOCK_REASON": ask("DescribeInstances", RegionId=HERE, LockReason="x"),
    "NETWORK_TYPE": ask("DescribeInstances", RegionId=HERE, InstanceNetworkType="x"),
}


@pytest.mark.parametrize(("name", "act"), ROWS.items(), ids=list(ROWS))
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What can't narrow a list is refused in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("DescribeDisks", {"Encrypted": "perhaps"}),
        ("DescribeInstances", {"DeviceAvailable": "perhaps"}),
        ("DescribeInstanceTypes", {"MinimumMemorySize": "much"}),
    ],
)
def test_a_malformed_filter_is_refused(g: Ground, action: str, wire: dict[str, Any]) -> None:
    """InvalidParameter names it."""
    with refused("InvalidParameter", 400, f'The specified parameter "{next(iter(wire))}" is not valid.'):
        g.ask(action, **{"RegionId": HERE} | wire)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
