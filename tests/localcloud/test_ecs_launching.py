"""What a launch is told beyond image, type and place: names in sequence, bandwidth, metadata, disks by their level."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs import errors
from localcloud.ecs.errors import Refusal
from localcloud.ecs.refusals import launches as refusals
from localcloud.ecs.refusals.images import FAMILY_EMPTY
from tests.localcloud.ecs_world import HERE, PUBLIC, Ground, Single, ground, launch, refused
from tests.localcloud.refusing import Act, check_refusal, written

SMALL = {"id": "m-small", "name": "small", "disks": [{"kind": "system", "size": 10}]}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra={"images": [SMALL]}) as made:
        yield made


def names(g: Ground, amount: int, **wire: Any) -> list[tuple[str, str]]:
    """The names and host names of so many instances."""
    ids = g.ask("RunInstances", **launch(PUBLIC) | {"Amount": amount} | wire)["InstanceIdSets"]["InstanceIdSet"]
    found = [g.ask("DescribeInstanceAttribute", InstanceId=one) for one in ids]
    return [(one["InstanceName"], one["HostName"]) for one in found]


@pytest.mark.parametrize(
    ("name", "unique", "called"),
    [
        ("app", False, ["app", "app"]),
        ("app-[1,3]", False, ["app-001", "app-002"]),
        ("app-[9,2]-x", False, ["app-09-x", "app-10-x"]),
        ("app-[7]", False, ["app-000007", "app-000008"]),
        ("app-[]", False, ["app-000000", "app-000001"]),
        ("app-[,]", False, ["app-000000", "app-000001"]),
        ("app-[1234,2]", False, ["app-001234", "app-001235"]),
        ("app", True, ["app001", "app002"]),
        ("app-[1,3]", True, ["app-001", "app-002"]),
        ("app-[1,3]-x", True, ["app-001-x001", "app-002-x002"]),
    ],
)
def test_instances_of_one_call_are_numbered(g: Ground, name: str, unique: bool, called: list[str]) -> None:
    """By the sequence in the name; UniqueSuffix counts from 001, unless the sequence ends the name."""
    expected = [(one, one) for one in called]
    assert names(g, 2, InstanceName=name, HostName=name, UniqueSuffix=unique) == expected


def test_one_instance_gets_no_suffix(g: Ground) -> None:
    """UniqueSuffix is for several; without a name, each instance is called as its id."""
    assert names(g, 1, InstanceName="app", HostName="app", UniqueSuffix=True) == [("app", "app")]
    assert all(name.startswith("i-") for name, _ in names(g, 2, UniqueSuffix=True))


@pytest.mark.parametrize("name", ["app-[1, 3]", "app-[1,7]", "app-[1234567,2]", "[1,3]", "app-[1,3]-[1,3]"])
def test_what_is_no_sequence_is_no_name(g: Ground, name: str) -> None:
    """Brackets are for sequences only."""
    with refused("InvalidInstanceName.Malformed"):
        g.run(InstanceName=name)
    with refused("InvalidHostName.Malformed"):
        g.run(HostName=name)


def test_bandwidth_and_metadata_are_kept(g: Ground) -> None:
    """What was asked for is shown."""
    one = g.instance(g.running(InternetMaxBandwidthOut=5, HttpTokens="required", HttpEndpoint="disabled"))
    assert (one["InternetMaxBandwidthIn"], one["InternetMaxBandwidthOut"]) == (10, 5)
    assert one["InternetChargeType"] == "PayByTraffic"
    assert one["MetadataOptions"] == {"HttpEndpoint": "disabled", "HttpTokens": "required"}
    fast = g.instance(g.running(InternetMaxBandwidthOut=50, InternetChargeType="PayByBandwidth"))
    assert (fast["InternetMaxBandwidthIn"], fast["InternetChargeType"]) == (50, "PayByBandwidth")
    slow = g.instance(g.running(InternetMaxBandwidthOut=50, InternetMaxBandwidthIn=3))
    assert slow["InternetMaxBandwidthIn"] == 3
    none = g.instance(g.running())
    assert none["InternetMaxBandwidthIn"] == 0
    assert none["MetadataOptions"] == {"HttpEndpoint": "enabled", "HttpTokens": "optional"}


@pytest.mark.parametrize("name", ["HttpTokens", "HttpEndpoint"])
def test_metadata_options_are_one_of_two(g: Ground, name: str) -> None:
    """Anything else is refused."""
    with refused("InvalidParameter", 400, f'The specified parameter "{name}" is not valid.'):
        g.run(**{name: "maybe"})


def test_disks_are_as_large_as_their_level_asks_for(g: Ground) -> None:
    """An ESSD of PL1, the usual level, has 20 GiB at least; PL0 has one, and so may a system disk."""

    def disk(**about: Any) -> dict[str, Any]:
        instance_id = g.running(DataDisk=[{"Category": "cloud_essd", "Description": "of mine", **about}])
        return g.disks(instance_id)["/dev/xvdb"]

    assert (disk(Size=20)["PerformanceLevel"], disk(Size=1, PerformanceLevel="PL0")["Size"]) == ("PL1", 1)
    assert disk(Size=20)["Description"] == "of mine"
    with refused("InvalidDataDiskSize.ValueNotSupported", 400):
        disk(Size=19)
    for level, size in (("PL1", 19), ("PL2", 460), ("PL3", 1260)):
        with refused("OperationDenied.PerformanceLevelNotMatch", 403):
            disk(Size=size, PerformanceLevel=level)
    small = {"Category": "cloud_essd", "PerformanceLevel": "PL0", "Size": "10"}
    assert g.disks(g.running("m-small", SystemDisk=small))["/dev/xvda"]["Size"] == 10
    assert g.disks(g.running("m-small", SystemDisk={"Category": "cloud_auto", "Size": "10"}))["/dev/xvda"]["Size"] == 10


def without(*gone: str, **wire: Any) -> dict[str, Any]:
    """A plain RunInstances with some parameters less and some more."""
    return {name: value for name, value in launch(PUBLIC).items() if name not in gone} | wire


def test_the_primary_interface_says_where(g: Ground) -> None:
    """NetworkInterface.1 as Primary stands for VSwitchId, SecurityGroupId and PrivateIpAddress."""
    primary = {"InstanceType": "Primary", "VSwitchId": "vsw-a", "PrimaryIpAddress": "10.0.1.77"}
    for groups in ({"SecurityGroupId": "sg-a3"}, {"SecurityGroupIds": ["sg-a3"], "PrimaryIpAddress": "10.0.1.78"}):
        asked = without("VSwitchId", "SecurityGroupId", NetworkInterface=[primary | groups])
        instance_id = g.ask("RunInstances", **asked)["InstanceIdSets"]["InstanceIdSet"][0]
        found = g.ask("DescribeInstanceAttribute", InstanceId=instance_id)
        assert found["SecurityGroupIds"]["SecurityGroupId"] == ["sg-a3"]
        assert found["VpcAttributes"]["VSwitchId"] == "vsw-a"
        assert found["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0] in ("10.0.1.77", "10.0.1.78")
    with refused("InvalidParameter.Conflict", 400):
        g.ask("RunInstances", **without("SecurityGroupId", NetworkInterface=[primary | {"SecurityGroupId": "sg-a"}]))


@pytest.mark.parametrize("second", [{"InstanceType": "Secondary"}, {"VSwitchId": "vsw-a"}])
def test_a_secondary_interface_is_not_done(g: Ground, second: dict[str, Any]) -> None:
    """Alone or beside a primary one, said or not said."""
    message = 'The embedded cloud does not do "NetworkInterface.N.InstanceType=Secondary".'
    for interfaces in ([second], [{"InstanceType": "Primary", "VSwitchId": "vsw-a"}, second]):
        with refused("UnsupportedParameter", 400, message):
            g.ask("RunInstances", **without("VSwitchId", "SecurityGroupId", NetworkInterface=interfaces))


def run(**wire: Any) -> Act:
    return lambda g: g.ask("RunInstances", **launch(PUBLIC) | wire)


ROWS: dict[str, Act] = {
    "MIN_AMOUNT": run(Amount=2, MinAmount=3),
    "NAME_TOO_LONG": run(Amount=2, InstanceName="n" * 126, UniqueSuffix=True),
    "HOST_TOO_LONG": run(Amount=2, HostName="h" * 62, UniqueSuffix=True),
    "CHARGE_TYPE": run(InternetChargeType="PayByWeight"),
    "BANDWIDTH_IN": run(InternetMaxBandwidthOut=5, InternetMaxBandwidthIn=11),
    "DISK_DESCRIPTION": run(SystemDisk={"Category": "cloud_essd", "Description": "x"}),
}
#: More ways to the same refusals.
MORE: list[tuple[str, Act]] = [
    ("MIN_AMOUNT", run(MinAmount="few")),
    ("MIN_AMOUNT", run(MinAmount=0)),
    ("BANDWIDTH_IN", run(InternetMaxBandwidthIn=0)),
]


@pytest.mark.parametrize(("name", "act"), [*ROWS.items(), *MORE])
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


@pytest.mark.parametrize(
    ("refusal", "act"),
    [
        *((written(refusals)[name], ROWS[name]) for name in ("CHARGE_TYPE", "BANDWIDTH_IN", "DISK_DESCRIPTION")),
        (FAMILY_EMPTY, run(ImageId="", ImageFamily="none")),
        (errors.INSTANCE_NAME, run(InstanceName="app-[1,3]")),
        (errors.HOST_NAME, run(HostName="app-[1,3]")),
    ],
)
def test_one_instance_is_created_as_several_are_run(g: Ground, refusal: Refusal, act: Act) -> None:
    """CreateInstance refuses the same; names in sequence, too, as it makes one only."""
    with refused(refusal.code, refusal.status, refusal.message):
        act(Single(g.cloud, g.mount))
    assert g.ask("DescribeInstances", RegionId=HERE)["TotalCount"] == 1


def test_a_least_amount_is_taken(g: Ground) -> None:
    """As many as are asked for, when there are as many."""
    assert len(names(g, 3, MinAmount=2)) == 3


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))


def test_a_disk_is_changed_without_its_region(g: Ground) -> None:
    """ModifyDiskAttribute's RegionId is optional: the endpoint says which it is.  A repeated ResizeDisk is one."""
    disk_id = g.disks("i-web")["/dev/xvdb"]["DiskId"]
    g.ask("ModifyDiskAttribute", DiskId=disk_id, DiskName="renamed")
    for _ in range(2):
        g.ask("ResizeDisk", DiskId=disk_id, NewSize=120, ClientToken="t")
    found = g.ask("DescribeDisks", RegionId=HERE, DiskIds=f'["{disk_id}"]')["Disks"]["Disk"][0]
    assert (found["DiskName"], found["Size"]) == ("renamed", 120)


def test_a_changed_password_is_one(g: Ground) -> None:
    """ModifyInstanceAttribute checks a password as a launch does; nobody logs on here, so nothing else comes of it."""
    g.ask("ModifyInstanceAttribute", InstanceId="i-web", Password="LongEnough1")
    with refused("InvalidPassword.Malformed", 400):
        g.ask("ModifyInstanceAttribute", InstanceId="i-web", Password="short")
