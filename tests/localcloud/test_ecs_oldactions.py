"""The actions that ECS had before VPC and TagResources: older clients ask them, and the state is the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.localcloud.ecs_world import HERE, Ground, ground, refused
from tests.localcloud.sdk import v1

TAGS = [{"Key": f"k{number}", "Value": "v"} for number in range(21)]


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def ask(g: Ground, action: str, **wire: Any) -> dict[str, Any]:
    return g.ask(action, **{"RegionId": HERE, **wire})


def raw(action: str) -> dict[str, Any]:
    """The answer's body, as it comes over the wire: the SDK drops fields that it does not know."""
    call = v1(Action=action, RegionId=HERE, Format="JSON")
    body: dict[str, Any] = requests.get("https://ecs-cn-hangzhou.aliyuncs.com/", params=call, timeout=9).json()
    return body


def tags(g: Ground, **wire: Any) -> dict[tuple[str, str], dict[str, int]]:
    """Each tag with the counts that are not zero."""
    found = ask(g, "DescribeTags", **wire)["Tags"]["Tag"]
    return {
        (one["TagKey"], one["TagValue"]): {kind: count for kind, count in one["ResourceTypeCount"].items() if count}
        for one in found
    }


def test_a_network_lives_through_ecs_and_is_seen_by_vpc(g: Ground) -> None:
    """CreateVpc, ModifyVpcAttribute, DescribeVpcs and DeleteVpc of ECS work on VPC's networks."""
    made = ask(g, "CreateVpc", CidrBlock="10.8.0.0/16", VpcName="old", ClientToken="t")
    assert ask(g, "CreateVpc", CidrBlock="10.8.0.0/16", VpcName="old", ClientToken="t") == made
    g.pass_time(seconds=8)
    ask(g, "ModifyVpcAttribute", VpcId=made["VpcId"], Description="x", UserCidr="11.0.0.0/8")
    (one,) = ask(g, "DescribeVpcs", VpcId=made["VpcId"])["Vpcs"]["Vpc"]
    assert (one["VpcName"], one["Status"], one["Description"]) == ("old", "Available", "x")
    assert (one["VRouterId"], one["UserCidrs"]["UserCidr"]) == (made["VRouterId"], ["11.0.0.0/8"])
    (new,) = g.ask("DescribeVpcs", HERE, "vpc", RegionId=HERE, VpcName="old")["Vpcs"]["Vpc"]
    assert new["VpcId"] == made["VpcId"]
    ask(g, "DeleteVpc", VpcId=made["VpcId"])
    g.pass_time(seconds=8)
    assert ask(g, "DescribeVpcs", VpcId=made["VpcId"])["TotalCount"] == 0


def test_a_vswitch_lives_through_ecs(g: Ground) -> None:
    """CreateVSwitch, ModifyVSwitchAttribute, DescribeVSwitches and DeleteVSwitch of ECS."""
    made = ask(g, "CreateVSwitch", VpcId="vpc-a", ZoneId="cn-hangzhou-h", CidrBlock="10.0.9.0/24")["VSwitchId"]
    g.pass_time(seconds=8)
    ask(g, "ModifyVSwitchAttribute", VSwitchId=made, VSwitchName="old")
    (one,) = ask(g, "DescribeVSwitches", VSwitchId=made)["VSwitches"]["VSwitch"]
    assert (one["VSwitchName"], one["Status"], one["AvailableIpAddressCount"]) == ("old", "Available", 252)
    ask(g, "DeleteVSwitch", VSwitchId=made)
    g.pass_time(seconds=8)
    assert [one["VSwitchId"] for one in ask(g, "DescribeVSwitches")["VSwitches"]["VSwitch"]] == ["vsw-a"]


def test_an_address_lives_through_ecs(g: Ground) -> None:
    """An elastic IP address is got, bound, seen, changed, let go and released by ECS's actions."""
    made = ask(g, "AllocateEipAddress", Bandwidth="9", InternetChargeType="PayByTraffic", ClientToken="t")
    named = {"AllocationId": made["AllocationId"], "InstanceId": "i-web"}
    ask(g, "AssociateEipAddress", **named)
    g.pass_time(seconds=5)
    (one,) = ask(g, "DescribeEipAddresses", Status="InUse")["EipAddresses"]["EipAddress"]
    assert (one["IpAddress"], one["InstanceId"], one["Bandwidth"]) == (made["EipAddress"], "i-web", "9")
    assert g.instance("i-web")["EipAddress"]["IpAddress"] == made["EipAddress"]
    ask(g, "ModifyEipAddressAttribute", AllocationId=made["AllocationId"], Bandwidth="10")
    ask(g, "UnassociateEipAddress", **named)
    g.pass_time(seconds=5)
    ask(g, "ReleaseEipAddress", AllocationId=made["AllocationId"])
    g.pass_time(seconds=3)
    assert ask(g, "DescribeEipAddresses")["TotalCount"] == 0


@pytest.mark.usefixtures("g")
def test_the_older_lists_tell_what_they_told() -> None:
    """ECS's lists have no field that came only with VPC."""
    bodies: list[Any] = []
    for action, outer, inner in (("DescribeVpcs", "Vpcs", "Vpc"), ("DescribeVSwitches", "VSwitches", "VSwitch")):
        bodies += raw(action)[outer][inner]
    assert bodies
    assert not any({"Tags", "OwnerId", "Ipv6CidrBlock"} & set(one) for one in bodies)
    assert set(raw("AllocateEipAddress")) == {"RequestId", "AllocationId", "EipAddress"}


def test_tags_come_and_go_one_resource_at_a_time(g: Ground) -> None:
    """AddTags overwrites, RemoveTags takes off by key, by key and value, or all; TagResources sees the same."""
    named = {"ResourceType": "instance", "ResourceId": "i-web"}
    ask(g, "AddTags", **named, Tag=[{"Key": "app", "Value": "db"}, {"Key": "env", "Value": "test"}, {"Key": "x"}])
    ask(g, "RemoveTags", **named, Tag=[{"Key": "env", "Value": "live"}, {"Key": "x"}])
    assert tags(g, **named) == {("app", "db"): {"Instance": 1}, ("env", "test"): {"Instance": 1}}
    found = ask(g, "ListTagResources", ResourceType="instance", ResourceId=["i-web"])["TagResources"]["TagResource"]
    assert {one["TagKey"]: one["TagValue"] for one in found} == {"app": "db", "env": "test"}
    ask(g, "RemoveTags", **named, Tag=[{"Key": "env", "Value": "test"}])
    assert tags(g, **named) == {("app", "db"): {"Instance": 1}}
    ask(g, "RemoveTags", **named)
    assert tags(g, **named) == {}


def test_tags_are_counted_by_kind(g: Ground) -> None:
    """DescribeTags tells each tag once, narrowed by kind, resource, key and value, 50 a page."""
    group = {"ResourceType": "securitygroup", "ResourceId": "sg-a"}
    ask(g, "AddTags", **group, Tag=[{"Key": "app", "Value": "web"}, {"Key": "env", "Value": "test"}])
    both = {("app", "web"): {"Instance": 1, "Securitygroup": 1}}
    assert tags(g) == both | {("env", "test"): {"Securitygroup": 1}}
    assert tags(g, Tag=[{"Key": "app"}]) == tags(g, Tag=[{"Key": "app", "Value": "web"}]) == both
    assert tags(g, Tag=[{"Key": "app", "Value": "db"}]) == tags(g, ResourceType="disk") == {}
    assert tags(g, ResourceType="instance") == {("app", "web"): {"Instance": 1}}
    page = ask(g, "DescribeTags")
    assert (page["PageNumber"], page["PageSize"], page["TotalCount"]) == (1, 50, 2)


@pytest.mark.parametrize(
    ("action", "wire", "code", "status"),
    [
        ("AddTags", {"ResourceType": "planet", "ResourceId": "x"}, "InvalidResourceType.NotFound", 404),
        ("AddTags", {"ResourceType": "disk", "ResourceId": "d-none"}, "InvalidResourceId.NotFound", 404),
        ("AddTags", {"ResourceType": "", "ResourceId": "i-web"}, "MissingParameter", 400),
        ("AddTags", {"ResourceId": ""}, "MissingParameter", 400),
        ("AddTags", {"Tag": []}, "MissingParameter.Tags", 404),
        ("AddTags", {"Tag": TAGS}, "InvalidTagCount", 400),
        ("AddTags", {"Tag": TAGS[:20]}, "QuotaExceed.Tags", 403),
        ("AddTags", {"Tag": [{"Key": "acs:x", "Value": "v"}]}, "InvalidTagKey.Malformed", 400),
        ("RemoveTags", {"ResourceId": "i-none"}, "InvalidResourceId.NotFound", 404),
        ("RemoveTags", {"Tag": [{"Value": "v"}]}, "InvalidTagKey.Malformed", 400),
        ("RemoveTags", {"Tag": TAGS}, "InvalidTagCount", 400),
        ("DescribeTags", {"ResourceType": "planet"}, "InvalidResourceType.NotFound", 404),
        ("DescribeTags", {"PageSize": 101}, "InvalidParameter", 400),
    ],
)
def test_they_refuse(g: Ground, action: str, wire: dict[str, Any], code: str, status: int) -> None:
    """What the older actions refuse has the documented code and status."""
    facts = {"ResourceType": "instance", "ResourceId": "i-web", "Tag": TAGS[:1]} if action.endswith("dTags") else {}
    facts = {"ResourceType": "instance", "ResourceId": "i-web"} if action == "RemoveTags" else facts
    with refused(code, status):
        ask(g, action, **{**facts, **wire})
