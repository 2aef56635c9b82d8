"""VPC: networks and vSwitches can be looked up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, THERE, Ground, ground, refused


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def test_networks_are_listed_by_region(g: Ground) -> None:
    """DescribeVpcs shows the region's networks with their vSwitches."""
    found = g.ask("DescribeVpcs", THERE, "vpc", RegionId=THERE)["Vpcs"]["Vpc"]
    assert [(one["VpcId"], one["VSwitchIds"]["VSwitchId"]) for one in found] == [("vpc-b", ["vsw-b"]), ("vpc-b2", [])]


@pytest.mark.parametrize("where", [{"RegionId": HERE}, {"VpcId": "vpc-a"}])
def test_vswitches_are_listed_by_region_or_network(g: Ground, where: dict[str, Any]) -> None:
    """DescribeVSwitches takes RegionId or VpcId, and counts the addresses that are left."""
    found = g.ask("DescribeVSwitches", HERE, "vpc", **where)
    assert found["TotalCount"] == 1
    one = found["VSwitches"]["VSwitch"][0]
    assert (one["VSwitchId"], one["ZoneId"], one["CidrBlock"]) == ("vsw-a", "cn-hangzhou-h", "10.0.1.0/24")
    assert one["AvailableIpAddressCount"] == 256 - 4 - 1
    g.run()
    assert g.ask("DescribeVSwitchAttributes", HERE, "vpc", VSwitchId="vsw-a")["AvailableIpAddressCount"] == 250


@pytest.mark.parametrize(
    ("action", "wire", "code", "status"),
    [
        ("DescribeVpcs", {}, "MissingParameter", 400),
        ("DescribeVSwitches", {}, "MissingParameter", 400),
        ("DescribeVSwitches", {"RegionId": HERE, "PageSize": 51}, "InvalidParameter", 400),
        ("DescribeVSwitches", {"RegionId": HERE, "DryRun": True}, "DryRunOperation", 400),
        ("DescribeVSwitches", {"RegionId": "cn-atlantis"}, "InvalidRegionId.NotFound", 404),
        ("DescribeVSwitchAttributes", {}, "MissingParameter", 400),
        ("DescribeVSwitchAttributes", {"VSwitchId": "vsw-b"}, "InvalidVSwitchId.NotFound", 404),
        ("DescribeNatGateways", {"RegionId": HERE}, "InvalidAction.NotFound", 404),
    ],
)
def test_it_refuses(g: Ground, action: str, wire: dict[str, Any], code: str, status: int) -> None:
    """What VPC refuses has the documented code and status."""
    with refused(code, status):
        g.ask(action, HERE, "vpc", **wire)
