"""The primary network interfaces of instances are told, as documented."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, Ground, ground, refused

DISKS = [{"kind": "system", "category": "cloud_essd", "size": 40}]
EXTRA = {
    "instances": [{"id": "i-other", "tags": {"app": "other"}, "disks": DISKS}],
    "eips": [{"id": "eip-1", "ip": "203.0.113.9", "instance": "i-web"}],
}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


def interfaces(g: Ground, **wire: Any) -> list[dict[str, Any]]:
    found = g.ask("DescribeNetworkInterfaces", RegionId=HERE, **wire)
    return list(found["NetworkInterfaceSets"]["NetworkInterfaceSet"])


def owners(g: Ground, **wire: Any) -> list[str]:
    return [one["InstanceId"] for one in interfaces(g, **wire)]


def test_an_instance_has_its_primary_interface(g: Ground) -> None:
    """The same one that DescribeInstances shows."""
    (one,) = interfaces(g, InstanceId="i-web")
    instance = g.instance("i-web")
    (shown,) = instance["NetworkInterfaces"]["NetworkInterface"]
    assert (one["Type"], one["Status"], one["OwnerId"]) == ("Primary", "InUse", g.cloud.account)
    assert [one[name] for name in ("NetworkInterfaceId", "MacAddress")] == [
        shown[name] for name in ("NetworkInterfaceId", "MacAddress")
    ]
    (address,) = one["PrivateIpSets"]["PrivateIpSet"]
    assert address["PrivateIpAddress"] == one["PrivateIpAddress"] == shown["PrimaryIpAddress"]
    assert one["AssociatedPublicIp"] == {"AllocationId": "eip-1", "PublicIpAddress": "203.0.113.9"}
    assert (one["VpcId"], one["VSwitchId"], one["ZoneId"]) == ("vpc-a", "vsw-a", "cn-hangzhou-h")
    assert one["SecurityGroupIds"] == {"SecurityGroupId": ["sg-a"]}
    assert interfaces(g, InstanceId="i-other")[0]["AssociatedPublicIp"] == {}


def test_interfaces_are_found_by_what_they_are(g: Ground) -> None:
    """By id, address, network, tag, type and status; what only a secondary one can have finds none."""
    other = interfaces(g, InstanceId="i-other")[0]
    assert (
        owners(g) == owners(g, VpcId="vpc-a", VSwitchId="vsw-a", Type="Primary", Status="InUse") == ["i-web", "i-other"]
    )
    assert owners(g, NetworkInterfaceId=[other["NetworkInterfaceId"]]) == ["i-other"]
    assert owners(g, PrimaryIpAddress=other["PrivateIpAddress"]) == ["i-other"]
    assert owners(g, Tag=[{"Key": "app", "Value": "other"}]) == ["i-other"]
    nothing: list[dict[str, Any]] = [
        {"VpcId": "vpc-a2"},
        {"Type": "Secondary"},
        {"Status": "Available"},
        {"ServiceManaged": True},
        {"SecurityGroupId": "sg-a"},
        {"NetworkInterfaceId": ["eni-none"]},
    ]
    assert [owners(g, **wire) for wire in nothing] == [[]] * len(nothing)


def test_interfaces_come_in_pages(g: Ground) -> None:
    """By number; of a call that asks by token, at least 10."""
    found = g.ask("DescribeNetworkInterfaces", RegionId=HERE, PageSize=1, PageNumber=2)
    assert (found["TotalCount"], found["PageSize"], found["PageNumber"]) == (2, 1, 2)
    assert [one["InstanceId"] for one in found["NetworkInterfaceSets"]["NetworkInterfaceSet"]] == ["i-other"]
    assert g.ask("DescribeNetworkInterfaces", RegionId=HERE, MaxResults=1)["PageSize"] == 10


def test_a_type_is_primary_or_secondary(g: Ground) -> None:
    """Anything else is no type, and a region is needed."""
    with refused("InvalidParameter", 400):
        interfaces(g, Type="Tertiary")
    with refused("MissingParameter", 400):
        g.ask("DescribeNetworkInterfaces")
