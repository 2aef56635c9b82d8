"""The routers of networks and their route tables are told, as documented."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.vpc import errors
from tests.localcloud.ecs_world import HERE, THERE, Ground, ground, refused
from tests.localcloud.refusing import check_refusal


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def ask(g: Ground, action: str, **wire: Any) -> dict[str, Any]:
    return g.ask(action, HERE, "vpc", **{"RegionId": HERE, **wire})


def tables(g: Ground, **wire: Any) -> list[str]:
    found = ask(g, "DescribeRouteTableList", **wire)["RouterTableList"]["RouterTableListType"]
    return [one["VpcId"] for one in found]


def test_a_network_has_a_router(g: Ground) -> None:
    """The one that DescribeVpcs names, with the table that it names."""
    network = ask(g, "DescribeVpcs", VpcId="vpc-a")["Vpcs"]["Vpc"][0]
    (router,) = ask(g, "DescribeVRouters", VRouterId=network["VRouterId"])["VRouters"]["VRouter"]
    assert (router["VpcId"], router["RegionId"]) == ("vpc-a", HERE)
    assert router["RouteTableIds"]["RouteTableId"] == network["RouterTableIds"]["RouterTableIds"]
    found = ask(g, "DescribeVRouters", PageSize=1, PageNumber=2)
    assert (found["TotalCount"], found["VRouters"]["VRouter"][0]["VpcId"]) == (2, "vpc-a2")
    assert ask(g, "DescribeVRouters", VRouterId="vrt-none")["TotalCount"] == 0


def test_a_network_has_a_system_route_table(g: Ground) -> None:
    """Which its vSwitches use."""
    network = ask(g, "DescribeVpcs", VpcId="vpc-a")["Vpcs"]["Vpc"][0]
    (table,) = ask(g, "DescribeRouteTableList", VpcId="vpc-a")["RouterTableList"]["RouterTableListType"]
    assert [table["RouteTableId"]] == network["RouterTableIds"]["RouterTableIds"]
    assert (table["RouterId"], table["RouterType"]) == (network["VRouterId"], "VRouter")
    assert (table["RouteTableType"], table["Status"]) == ("System", "Available")
    assert table["VSwitchIds"] == {"VSwitchId": ["vsw-a"]}


def test_route_tables_are_found_by_what_they_are(g: Ground) -> None:
    """By network, router, id and kind; a named network makes the kind of router no matter."""
    assert tables(g) == tables(g, RouterType="VRouter", RouteTableType="System") == ["vpc-a", "vpc-a2"]
    assert tables(g, RouterId="vrt-a") == tables(g, RouteTableId="vtb-a") == ["vpc-a"]
    assert tables(g, RouterType="VBR", VpcId="vpc-a") == ["vpc-a"]
    nothing: list[dict[str, Any]] = [
        {"RouterType": "VBR"},
        {"RouteTableType": "Custom"},
        {"RouteTableName": "mine"},
        {"VpcId": "vpc-none"},
        {"Tag": [{"Key": "a", "Value": "b"}]},
    ]
    assert [tables(g, **wire) for wire in nothing] == [[]] * len(nothing)


def test_a_new_network_has_a_table_at_once(g: Ground) -> None:
    """Pending as the network is."""
    made = ask(g, "CreateVpc")
    found = ask(g, "DescribeRouteTableList", RouteTableId=made["RouteTableId"])
    assert found["RouterTableList"]["RouterTableListType"][0]["Status"] == "Pending"


@pytest.mark.parametrize("wire", [{"RouterType": "Bridge"}, {"RouteTableType": "Round"}, {"PageSize": 51}])
def test_a_value_that_is_none_is_refused(g: Ground, wire: dict[str, Any]) -> None:
    """By the name of its parameter."""
    with refused("InvalidParameter", 400, f'The specified parameter "{next(iter(wire))}" is not valid.'):
        tables(g, **wire)


def test_there_is_no_resource_group(g: Ground) -> None:
    """And a region is needed, which is there."""
    check_refusal(g, errors.RESOURCE_GROUP, lambda g: tables(g, ResourceGroupId="rg-1"))
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(21)]
    check_refusal(g, errors.TAGS_TOO_MANY, lambda g: tables(g, Tag=tags))
    for action in ("DescribeVRouters", "DescribeRouteTableList"):
        with refused("MissingParameter", 400):
            g.ask(action, THERE, "vpc")
        with refused("InvalidRegionId.NotFound", 404):
            g.ask(action, HERE, "vpc", RegionId="cn-nowhere")
