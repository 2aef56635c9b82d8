"""VPC: networks and vSwitches are made, changed, found, tagged and deleted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, THERE, Ground, ground, refused


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def ask(g: Ground, action: str, region: str = HERE, **wire: Any) -> dict[str, Any]:
    return g.ask(action, region, "vpc", **{"RegionId": region, **wire})


def network(g: Ground, vpc_id: str) -> dict[str, Any]:
    return ask(g, "DescribeVpcAttribute", VpcId=vpc_id)


def vswitch(g: Ground, vswitch_id: str) -> dict[str, Any]:
    return ask(g, "DescribeVSwitchAttributes", VSwitchId=vswitch_id)


def a_network(g: Ground, **wire: Any) -> str:
    """A new network, once it is Available."""
    vpc_id = str(ask(g, "CreateVpc", **wire)["VpcId"])
    g.until(lambda: network(g, vpc_id)["Status"] == "Available")
    return vpc_id


def a_vswitch(g: Ground, vpc_id: str, block: str, **wire: Any) -> str:
    """A new vSwitch, once it is Available."""
    made = ask(g, "CreateVSwitch", VpcId=vpc_id, ZoneId="cn-hangzhou-h", CidrBlock=block, **wire)
    g.until(lambda: vswitch(g, made["VSwitchId"])["Status"] == "Available")
    return str(made["VSwitchId"])


def vpc_ids(g: Ground, **wire: Any) -> list[str]:
    return [one["VpcId"] for one in ask(g, "DescribeVpcs", **wire)["Vpcs"]["Vpc"]]


def vswitch_ids(g: Ground, **wire: Any) -> list[str]:
    return [one["VSwitchId"] for one in ask(g, "DescribeVSwitches", **wire)["VSwitches"]["VSwitch"]]


def test_networks_are_listed_by_region(g: Ground) -> None:
    """DescribeVpcs shows the region's networks with their vSwitches."""
    found = ask(g, "DescribeVpcs", THERE)["Vpcs"]["Vpc"]
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
    assert vswitch(g, "vsw-a")["AvailableIpAddressCount"] == 250


def test_a_network_is_made_with_router_and_route_table(g: Ground) -> None:
    """CreateVpc answers a network that is Pending, then Available, with all that it was told."""
    asked: dict[str, Any] = {
        "CidrBlock": "10.8.0.0/16",
        "VpcName": "1 net",
        "Description": "x",
        "UserCidr": "11.0.0.0/8, 12.0.0.0/8",
        "Tag": [{"Key": "app", "Value": "web"}],
    }
    made = ask(g, "CreateVpc", **asked)
    found = network(g, made["VpcId"])
    assert (found["Status"], found["CidrBlock"], found["VpcName"]) == ("Pending", "10.8.0.0/16", "1 net")
    assert (found["VRouterId"], found["UserCidrs"]["UserCidr"]) == (made["VRouterId"], ["11.0.0.0/8", "12.0.0.0/8"])
    assert found["Tags"]["Tag"] == [{"Key": "app", "Value": "web"}]
    g.pass_time(seconds=8)
    (listed,) = ask(g, "DescribeVpcs", VpcId=made["VpcId"])["Vpcs"]["Vpc"]
    assert (listed["Status"], listed["IsDefault"], listed["Description"]) == ("Available", False, "x")
    assert listed["RouterTableIds"]["RouterTableIds"] == [made["RouteTableId"]]
    assert listed["CreationTime"] == "2026-01-05T02:00:00Z"


def test_a_network_has_the_default_block_unless_told_otherwise(g: Ground) -> None:
    """CreateVpc without CidrBlock takes 172.16.0.0/12."""
    assert network(g, a_network(g))["CidrBlock"] == "172.16.0.0/12"


def test_the_same_token_makes_one_network(g: Ground) -> None:
    """CreateVpc and CreateVSwitch with a token that is known answer what they made before."""
    first = ask(g, "CreateVpc", ClientToken="t")
    assert ask(g, "CreateVpc", ClientToken="t") == first
    assert len(vpc_ids(g)) == 3


def test_a_network_changes_its_name_and_block(g: Ground) -> None:
    """ModifyVpcAttribute changes what it is told and leaves the rest."""
    ask(g, "ModifyVpcAttribute", VpcId="vpc-a", VpcName="core", CidrBlock="10.0.0.0/20")
    ask(g, "ModifyVpcAttribute", VpcId="vpc-a", Description="of all")
    found = network(g, "vpc-a")
    assert (found["VpcName"], found["CidrBlock"], found["Description"]) == ("core", "10.0.0.0/20", "of all")


def test_networks_are_found_by_name_tag_default_and_id(g: Ground) -> None:
    """DescribeVpcs narrows by each of its fields."""
    vpc_id = a_network(g, VpcName="core", Tag=[{"Key": "app", "Value": "web"}])
    assert vpc_ids(g, VpcName="core") == vpc_ids(g, Tag=[{"Key": "app"}]) == vpc_ids(g, VpcId=f"{vpc_id},vpc-x")
    assert vpc_ids(g, VpcName="core") == [vpc_id]
    assert vpc_ids(g, Tag=[{"Key": "app", "Value": "db"}]) == vpc_ids(g, VpcName="cor") == []
    assert vpc_ids(g, IsDefault=True) == vpc_ids(g, EnableIpv6=True) == vpc_ids(g, VpcOwnerId=1) == []
    assert len(vpc_ids(g, IsDefault=False)) == 3
    page = ask(g, "DescribeVpcs", PageNumber=2, PageSize=2)
    assert (page["PageNumber"], page["PageSize"], page["TotalCount"]) == (2, 2, 3)
    assert [one["VpcId"] for one in page["Vpcs"]["Vpc"]] == [vpc_id]


def test_a_vswitch_is_made_and_takes_an_instance(g: Ground) -> None:
    """CreateVSwitch: Pending, then Available, and then an instance can be launched in it."""
    made = ask(
        g,
        "CreateVSwitch",
        VpcId="vpc-a",
        ZoneId="cn-hangzhou-h",
        CidrBlock="10.0.9.0/28",
        VSwitchName="edge",
        Description="small",
        Tag=[{"Key": "app", "Value": "web"}],
    )["VSwitchId"]
    assert vswitch(g, made)["Status"] == "Pending"
    g.pass_time(seconds=8)
    found = vswitch(g, made)
    assert (found["Status"], found["VSwitchName"], found["Description"]) == ("Available", "edge", "small")
    assert found["RouteTable"] == {"RouteTableId": "vtb-a", "RouteTableType": "System"}
    assert network(g, "vpc-a")["VSwitchIds"]["VSwitchId"] == ["vsw-a", made]
    resources = network(g, "vpc-a")["CloudResources"]["CloudResourceSetType"]
    assert {"ResourceType": "VSwitch", "ResourceCount": 2} in resources
    assert g.instance(g.running(VSwitchId=made))["VpcAttributes"]["PrivateIpAddress"]["IpAddress"] == ["10.0.9.1"]


def test_vswitches_are_found_by_their_fields(g: Ground) -> None:
    """DescribeVSwitches narrows by name, zone, tag, id and route table."""
    made = a_vswitch(g, "vpc-a", "10.0.9.0/24", VSwitchName="edge", Tag=[{"Key": "app", "Value": "web"}])
    assert vswitch_ids(g, VSwitchName="edge") == vswitch_ids(g, Tag=[{"Key": "app", "Value": "web"}]) == [made]
    assert vswitch_ids(g, VSwitchId=f"{made},vsw-x") == [made]
    assert vswitch_ids(g, ZoneId="cn-hangzhou-h") == vswitch_ids(g, RouteTableId="vtb-a") == ["vsw-a", made]
    assert vswitch_ids(g, ZoneId="cn-hangzhou-i") == vswitch_ids(g, IsDefault=True) == []


def test_a_vswitch_changes_its_name(g: Ground) -> None:
    """ModifyVSwitchAttribute changes name and description."""
    ask(g, "ModifyVSwitchAttribute", VSwitchId="vsw-a", VSwitchName="edge", Description="x")
    assert (vswitch(g, "vsw-a")["VSwitchName"], vswitch(g, "vsw-a")["Description"]) == ("edge", "x")


def test_an_empty_network_goes_after_its_vswitches(g: Ground) -> None:
    """DeleteVSwitch and DeleteVpc take some seconds; then nothing of them is found."""
    vpc_id = a_network(g)
    vswitch_id = a_vswitch(g, vpc_id, "172.16.1.0/24")
    ask(g, "DeleteVSwitch", VSwitchId=vswitch_id)
    assert vswitch(g, vswitch_id)["Status"] == "Pending"
    with refused("DependencyViolation.VSwitch", 400):
        ask(g, "DeleteVpc", VpcId=vpc_id)
    g.pass_time(seconds=8)
    assert vswitch_ids(g, VpcId=vpc_id) == []
    ask(g, "DeleteVpc", VpcId=vpc_id)
    assert network(g, vpc_id)["Status"] == "Deleting"
    with refused("InvalidVpcId.NotFound", 404):  # nothing new comes into what is going
        g.ask("CreateSecurityGroup", RegionId=HERE, VpcId=vpc_id)
    g.pass_time(seconds=8)
    with refused("InvalidVpcId.NotFound", 404):
        network(g, vpc_id)
    assert vpc_id not in vpc_ids(g)


def test_a_vswitch_is_free_when_its_last_instance_is_gone(g: Ground) -> None:
    """An instance keeps its vSwitch until it has gone."""
    made = a_vswitch(g, "vpc-a", "10.0.9.0/24")
    instance_id = g.running(VSwitchId=made)
    with refused("DependencyViolation", 400):
        ask(g, "DeleteVSwitch", VSwitchId=made)
    g.ask("DeleteInstance", InstanceId=instance_id, Force=True)
    g.pass_time(seconds=30)
    ask(g, "DeleteVSwitch", VSwitchId=made)


def test_a_dry_run_makes_and_deletes_nothing(g: Ground) -> None:
    """What passes a dry run is refused as DryRunOperation and has no effect."""
    for action, wire in (
        ("CreateVpc", {}),
        ("DeleteVpc", {"VpcId": a_network(g)}),
        ("DeleteVSwitch", {"VSwitchId": a_vswitch(g, "vpc-a", "10.0.9.0/24")}),
    ):
        with refused("DryRunOperation", 400):
            ask(g, action, DryRun=True, **wire)
    g.pass_time(seconds=30)
    assert (len(vpc_ids(g)), len(vswitch_ids(g))) == (3, 2)


def test_tags_come_and_go(g: Ground) -> None:
    """VPC's own tag actions work on networks, vSwitches and addresses."""
    eip = ask(g, "AllocateEipAddress")["AllocationId"]
    for kind, one in (("VPC", "vpc-a"), ("VSWITCH", "vsw-a"), ("EIP", eip), ("vpc", "vpc-a2")):
        pair = [{"Key": "app", "Value": "web"}, {"Key": "env", "Value": "test"}]
        ask(g, "TagResources", ResourceType=kind, ResourceId=[one], Tag=pair)
        ask(g, "UnTagResources", ResourceType=kind, ResourceId=[one], TagKey=["env"])
        found = ask(g, "ListTagResources", ResourceType=kind, ResourceId=[one])
        line = {"ResourceId": one, "ResourceType": kind.upper(), "TagKey": "app", "TagValue": "web"}
        assert (found["TagResources"]["TagResource"], found["NextToken"]) == ([line], "")
    asked: dict[str, Any] = {"ResourceType": "VPC", "Tag": [{"Key": "app", "Value": "web"}]}
    first = ask(g, "ListTagResources", MaxResults=1, **asked)
    second = ask(g, "ListTagResources", MaxResults=1, NextToken=first["NextToken"], **asked)
    lines = first["TagResources"]["TagResource"] + second["TagResources"]["TagResource"]
    assert [line["ResourceId"] for line in lines] == ["vpc-a", "vpc-a2"]
    ask(g, "UnTagResources", ResourceType="VPC", ResourceId=["vpc-a", "vpc-a2"], All=True)
    assert ask(g, "ListTagResources", **asked)["TagResources"]["TagResource"] == []


def test_a_long_list_comes_in_pages(tmp_path: Path) -> None:
    """A world's page_limit holds for networks, too, and the answer says so."""
    with ground(tmp_path, extra={"page_limit": 1}) as g:
        found = ask(g, "DescribeVpcs", PageSize=50)
    assert (found["PageSize"], found["TotalCount"], len(found["Vpcs"]["Vpc"])) == (1, 2, 1)
