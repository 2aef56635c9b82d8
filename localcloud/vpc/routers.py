"""The routers of networks and their route tables: DescribeVRouters, DescribeRouteTableList.

https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describevrouters and
.../api-vpc-2016-04-28-describeroutetablelist (read 2026-11)
"""

from typing import TYPE_CHECKING

from localcloud.ecs.errors import PARAMETER_INVALID
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params
from localcloud.ecs.tagging import asked_tags
from localcloud.ecs.times import second
from localcloud.vpc import errors
from localcloud.vpc.models import Network
from localcloud.vpc.parameters import refuse_unknown_group
from localcloud.vpc.state import Held, State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_PAGE = 50


class Routers:
    """The routers of one cloud: each network has one, and that one system route table."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    def describe(self, params: Params) -> Answer:
        """DescribeVRouters, at most 50 a page; a router has no name of its own here."""
        held = self._state.of(params.region)
        chosen = [
            one
            for one in self._listing.visible(held.networks.values())
            if params.text("VRouterId", one.router_id) == one.router_id
        ]
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE)
        return {**head, "VRouters": {"VRouter": [_router(one) for one in page]}}

    def tables(self, params: Params) -> Answer:
        """DescribeRouteTableList, at most 50 a page: the system table of each network, which bears no tags here."""
        held = self._state.of(params.region)
        kinds = {"RouterType": ("VRouter", "VBR"), "RouteTableType": ("System", "Custom")}
        for name, known in kinds.items():
            if params.text(name, known[0]) not in known:
                raise PARAMETER_INVALID.error(name)
        refuse_unknown_group(params)
        tagged = asked_tags(params, errors.TAGS_TOO_MANY)
        chosen = [one for one in self._listing.visible(held.networks.values()) if not tagged and _fits(params, one)]
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE)
        return {**head, "RouterTableList": {"RouterTableListType": [self._table(held, one) for one in page]}}

    def _table(self, held: Held, one: Network) -> Answer:
        return {
            "RouteTableId": one.route_table_id,
            "RouteTableName": "",
            "RouteTableType": "System",
            "Description": "",
            "Status": one.status,
            "AssociateType": "VSwitch",
            "RouterId": one.router_id,
            "RouterType": "VRouter",
            "VpcId": one.id,
            "VSwitchIds": {"VSwitchId": [switch.id for switch in held.vswitches_of(one.id)]},
            "GatewayIds": {"GatewayIds": []},
            "RoutePropagationEnable": True,
            "CreationTime": second(one.created),
            "OwnerId": int(self._cloud.account),
            "ResourceGroupId": "",
            "Tags": {"Tag": []},
        }


def _fits(params: Params, one: Network) -> bool:
    """Where a network is named, its router is meant, whatever RouterType says."""
    if params.text("RouterType") == "VBR" and not params.has("VpcId"):
        return False
    if params.text("RouteTableType") == "Custom" or params.has("RouteTableName"):
        return False
    fields = {"RouterId": one.router_id, "VpcId": one.id, "RouteTableId": one.route_table_id}
    return all(params.text(name, value) == value for name, value in fields.items())


def _router(one: Network) -> Answer:
    return {
        "VRouterId": one.router_id,
        "VRouterName": "",
        "Description": "",
        "VpcId": one.id,
        "RegionId": one.region,
        "RouteTableIds": {"RouteTableId": [one.route_table_id]},
        "CreationTime": second(one.created),
    }
