"""Elastic IP addresses: got, bound to an instance, let go, released, found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, THERE, Ground, ground, refused

EIPS = [{"id": "eip-web", "ip": "198.18.0.9", "instance": "i-web", "tags": {"app": "web"}}, {"id": "eip-free"}]


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def ask(g: Ground, action: str, region: str = HERE, **wire: Any) -> dict[str, Any]:
    return g.ask(action, region, "vpc", **{"RegionId": region, **wire})


def address(g: Ground, allocation_id: str) -> dict[str, Any]:
    """The address as DescribeEipAddresses shows it; nothing when it isn't there."""
    found = ask(g, "DescribeEipAddresses", AllocationId=allocation_id)["EipAddresses"]["EipAddress"]
    return dict(found[0]) if found else {}


def ids(g: Ground, **wire: Any) -> list[str]:
    return [one["AllocationId"] for one in ask(g, "DescribeEipAddresses", **wire)["EipAddresses"]["EipAddress"]]


def an_address(g: Ground, **wire: Any) -> str:
    return str(ask(g, "AllocateEipAddress", **wire)["AllocationId"])


def bound(g: Ground, instance_id: str = "i-web") -> str:
    """A new address, once the instance has it."""
    eip = an_address(g)
    ask(g, "AssociateEipAddress", AllocationId=eip, InstanceId=instance_id)
    g.until(lambda: address(g, eip)["Status"] == "InUse")
    return eip


def test_an_address_is_got_as_asked_for(g: Ground) -> None:
    """AllocateEipAddress gives an address that is Available at once."""
    asked: dict[str, Any] = {
        "Bandwidth": "200",
        "InternetChargeType": "PayByTraffic",
        "Name": "door",
        "Description": "x",
        "Tag": [{"Key": "app", "Value": "web"}],
    }
    made = ask(g, "AllocateEipAddress", ClientToken="t", **asked)
    assert ask(g, "AllocateEipAddress", ClientToken="t", **asked) == made
    found = address(g, made["AllocationId"])
    assert (found["Status"], found["IpAddress"], found["InstanceId"]) == ("Available", made["EipAddress"], "")
    assert (found["Bandwidth"], found["InternetChargeType"]) == ("200", "PayByTraffic")
    assert (found["Name"], found["Description"], found["ISP"]) == ("door", "x", "BGP")
    assert found["Tags"]["Tag"] == [{"Key": "app", "Value": "web"}]
    usual = address(g, an_address(g))
    assert (usual["Bandwidth"], usual["InternetChargeType"]) == ("5", "PayByBandwidth")
    assert usual["IpAddress"] != found["IpAddress"]


def test_an_instance_has_its_address_when_it_is_in_use(g: Ground) -> None:
    """AssociateEipAddress: Associating, then InUse, and DescribeInstances shows the address."""
    eip = an_address(g, InternetChargeType="PayByTraffic")
    ask(g, "AssociateEipAddress", AllocationId=eip, InstanceId="i-web", ClientToken="t")
    ask(g, "AssociateEipAddress", AllocationId=eip, InstanceId="i-web", ClientToken="t")
    assert address(g, eip)["Status"] == "Associating"
    assert g.instance("i-web")["EipAddress"]["AllocationId"] == ""
    g.pass_time(seconds=5)
    found = address(g, eip)
    assert (found["Status"], found["InstanceId"], found["InstanceType"]) == ("InUse", "i-web", "EcsInstance")
    assert (found["PrivateIpAddress"], found["VpcId"], found["InstanceRegionId"]) == ("10.0.1.1", "vpc-a", HERE)
    assert g.instance("i-web")["EipAddress"] == {
        "AllocationId": eip,
        "IpAddress": found["IpAddress"],
        "InternetChargeType": "PayByTraffic",
        "Bandwidth": 5,
        "IsSupportUnassociate": True,
    }
    by_address = g.ask("DescribeInstances", RegionId=HERE, EipAddresses=f'["{found["IpAddress"]}"]')
    assert [one["InstanceId"] for one in by_address["Instances"]["Instance"]] == ["i-web"]
    assert g.ask("DescribeInstances", RegionId=HERE, EipAddresses='["198.18.9.9"]')["TotalCount"] == 0


def test_an_address_is_bound_where_the_instance_has_it(g: Ground) -> None:
    """The region, the mode and the private address may be named, as they are."""
    eip = an_address(g)
    place = {"InstanceRegionId": HERE, "PrivateIpAddress": "10.0.1.1", "Mode": "NAT"}
    ask(g, "AssociateEipAddress", AllocationId=eip, InstanceId="i-web", **place)
    g.pass_time(seconds=5)
    ask(g, "UnassociateEipAddress", AllocationId=eip, PrivateIpAddress="10.0.1.1")


@pytest.mark.parametrize("named", [{}, {"InstanceId": "i-web"}])
def test_an_address_is_let_go_and_released(g: Ground, named: dict[str, Any]) -> None:
    """UnassociateEipAddress: Unassociating, then Available; ReleaseEipAddress: Releasing, then gone."""
    eip = bound(g)
    ask(g, "UnassociateEipAddress", AllocationId=eip, **named)
    assert (address(g, eip)["Status"], address(g, eip)["InstanceId"]) == ("Unassociating", "i-web")
    g.pass_time(seconds=5)
    assert (address(g, eip)["Status"], address(g, eip)["InstanceId"]) == ("Available", "")
    assert g.instance("i-web")["EipAddress"]["IpAddress"] == ""
    ask(g, "ReleaseEipAddress", AllocationId=eip)
    assert address(g, eip)["Status"] == "Releasing"
    g.pass_time(seconds=3)
    assert address(g, eip) == {}


@pytest.mark.parametrize("seed", range(8))
def test_an_address_stays_when_its_instance_goes(tmp_path: Path, seed: int) -> None:
    """A released instance leaves its address Available, whether it was bound or still on the way to it."""
    with ground(tmp_path, seed=seed) as g:
        eip = an_address(g)
        ask(g, "AssociateEipAddress", AllocationId=eip, InstanceId="i-web")
        g.ask("DeleteInstance", InstanceId="i-web", Force=True)
        g.pass_time(seconds=15)
        assert (address(g, eip)["Status"], address(g, eip)["InstanceId"]) == ("Available", "")


def test_an_address_changes_name_and_bandwidth(g: Ground) -> None:
    """ModifyEipAddressAttribute changes what it is told and leaves the rest."""
    eip = an_address(g, Name="door")
    ask(g, "ModifyEipAddressAttribute", AllocationId=eip, Bandwidth="500", Description="wide")
    found = address(g, eip)
    assert (found["Name"], found["Bandwidth"], found["Description"]) == ("door", "500", "wide")


def test_addresses_are_found_by_each_field(tmp_path: Path) -> None:
    """DescribeEipAddresses narrows by status, address, name, instance, time, tag and more; a world has its own."""
    with ground(tmp_path, extra={"eips": EIPS}) as g:
        g.pass_time(minutes=5)
        new = an_address(g, Name="door", ISP="BGP")
        assert g.instance("i-web")["EipAddress"]["AllocationId"] == "eip-web"
        assert ids(g) == ["eip-web", "eip-free", new]
        assert ids(g, Status="InUse") == ids(g, EipAddress="198.18.0.9,198.18.0.10") == ["eip-web"]
        assert ids(g, AssociatedInstanceType="EcsInstance", AssociatedInstanceId="i-web") == ["eip-web"]
        assert ids(g, Tag=[{"Key": "app", "Value": "web"}]) == ["eip-web"]
        assert ids(g, EipName="door") == ids(g, AllocationId=f"{new},eip-x") == [new]
        since = [{"Key": "CreationStartTime", "Value": "2026-01-05T02:04Z"}]
        until = [{"Key": "CreationEndTime", "Value": "2026-01-05T02:04Z"}]
        assert (ids(g, Filter=since), ids(g, Filter=until)) == ([new], ["eip-web", "eip-free"])
        assert ids(g, ISP="BGP_PRO") == ids(g, ChargeType="PrePaid") == ids(g, LockReason="financial") == []
        assert ids(g, SegmentInstanceId="eipsg-1") == ids(g, PublicIpAddressPoolId="pippool-1") == []
        for extra in ("SecurityProtectionEnabled", "ServiceManaged"):
            assert (ids(g, **{extra: True}), ids(g, **{extra: False})) == ([], ids(g))
        assert ask(g, "DescribeEipAddresses", THERE)["TotalCount"] == 0
        page = ask(g, "DescribeEipAddresses", PageSize=2, PageNumber=2)
        assert (page["TotalCount"], len(page["EipAddresses"]["EipAddress"])) == (3, 1)


def test_an_address_can_go_to_the_replica_after_the_source_let_go(g: Ground) -> None:
    """The same address serves another instance once it is free; until then it is refused."""
    eip, other = bound(g), g.running()
    with refused("IncorrectEipStatus", 400):
        ask(g, "AssociateEipAddress", AllocationId=eip, InstanceId=other)
    ask(g, "UnassociateEipAddress", AllocationId=eip)
    g.pass_time(seconds=5)
    ask(g, "AssociateEipAddress", AllocationId=eip, InstanceId=other)
    g.pass_time(seconds=5)
    assert g.instance(other)["EipAddress"]["AllocationId"] == eip


def test_every_region_with_pro_lines_has_them(g: Ground) -> None:
    """BGP_PRO is to be had in Hong Kong, not in Hangzhou."""
    assert ask(g, "AllocateEipAddress", "cn-hongkong", ISP="BGP_PRO")["EipAddress"]
