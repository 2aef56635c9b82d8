"""VSwitches, the subnets of a network: making, changing, deleting and looking at them."""

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from localcloud.ecs.errors import DRY_RUN
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params
from localcloud.ecs.tagging import asked_tags, bears
from localcloud.ecs.times import second
from localcloud.regions import ZONES
from localcloud.vpc import errors
from localcloud.vpc.changes import Changes
from localcloud.vpc.cidrs import vswitch_block
from localcloud.vpc.models import VSwitch
from localcloud.vpc.parameters import (
    description,
    listed,
    name,
    optional_flag,
    refuse_ipv6,
    refuse_unknown_group,
)
from localcloud.vpc.state import Held, State
from localcloud.vpc.tagging import read_tags, shown_tags

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
#: VSwitches that a VPC may have (help page CreateVSwitch, read 2026-11).
_QUOTA = 150
_PAGE = 50
_MOST_IDS = 20
#: The first address of a vSwitch and its last three are reserved.
_RESERVED = 4


class VSwitches:
    """The vSwitches of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, changes: Changes) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._changes = changes

    # --- acting ------------------------------------------------------------------------------------------------------

    def create(self, params: Params) -> Answer:
        """CreateVSwitch: Pending at first; a network makes one at a time."""
        held = self._state.of(params.region)
        network = held.network(params.need("VpcId"))
        refuse_ipv6(params)
        if params.need("ZoneId") not in ZONES.get(params.region, ()):
            raise errors.VSWITCH_ZONE.error()
        if params.has("CidrMask"):
            raise errors.NO_IPAM.error()
        called, about = (
            name(params, "VSwitchName", errors.VSWITCH_NAME),
            description(params, errors.VSWITCH_DESCRIPTION),
        )
        block, tags = vswitch_block(params, IPv4Network(network.cidr)), read_tags(params)
        if network.status != "Available":
            raise errors.VPC_STATUS.error()
        _refuse_beside(held, network.id, block)
        now = self._cloud.clock.now
        vswitch = VSwitch(
            id=self._cloud.new_id("vsw-"),
            region=params.region,
            created=now,
            listed_from=now,
            tags=tags,
            name=called,
            description=about,
            vpc_id=network.id,
            zone=params.text("ZoneId"),
            cidr=str(block),
        )
        held.vswitches[vswitch.id] = vswitch
        self._changes.begin(vswitch, "Pending", lambda: self._changes.settle(vswitch, "Available"))
        return {"VSwitchId": vswitch.id}

    def modify(self, params: Params) -> Answer:
        """ModifyVSwitchAttribute: name and description."""
        vswitch = self._state.of(params.region).vswitch(params.need("VSwitchId"), errors.VSWITCH_UNKNOWN)
        refuse_ipv6(params)
        called, about = (
            name(params, "VSwitchName", errors.VSWITCH_NAME),
            description(params, errors.VSWITCH_DESCRIPTION),
        )
        if vswitch.status != "Available":
            raise errors.VSWITCH_STATUS.error()
        vswitch.name = called or vswitch.name
        vswitch.description = about or vswitch.description
        return {}

    def delete(self, params: Params) -> Answer:
        """DeleteVSwitch: one that nothing is in; it is Pending until it is gone."""
        held = self._state.of(params.region)
        vswitch = held.vswitch(params.need("VSwitchId"), errors.VSWITCH_GONE)
        if vswitch.status != "Available":
            raise errors.VSWITCH_STATUS.error()
        if any(one.status != "Available" for one in held.vswitches_of(vswitch.vpc_id)):
            raise errors.VSWITCH_OTHER.error()
        if self._cloud.ecs.addresses_in(vswitch.region, vswitch.id):
            raise errors.VSWITCH_IN_USE.error()
        if params.flag("DryRun"):
            raise DRY_RUN.error()
        self._changes.begin(vswitch, "Pending", lambda: held.vswitches.pop(vswitch.id))
        return {}

    # --- looking -----------------------------------------------------------------------------------------------------

    def describe(self, params: Params) -> Answer:
        """DescribeVSwitches, at most 50 a page, by RegionId or by VpcId: one of the two is mandatory."""
        if not params.has("VpcId"):
            params.need("RegionId")
        held = self._state.of(params.region)
        ids, default = listed(params, "VSwitchId", _MOST_IDS), optional_flag(params, "IsDefault")
        wanted, ipv6 = asked_tags(params, errors.TAGS_TOO_MANY), optional_flag(params, "EnableIpv6")
        refuse_unknown_group(params)
        chosen = [
            one
            for one in self._listing.visible(held.vswitches.values(), params)
            if (ids is None or one.id in ids)
            and default in (None, one.default)
            and params.text("VpcId", one.vpc_id) == one.vpc_id
            and params.text("ZoneId", one.zone) == one.zone
            and params.text("VSwitchName", one.name) == one.name
            and params.text("VSwitchOwnerId", self._cloud.account) == self._cloud.account
            and params.text("RouteTableId", _route_table(held, one)) == _route_table(held, one)
            and not ipv6
            and bears(one, wanted)
        ]
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE)
        return {**head, "VSwitches": {"VSwitch": [self._shown(held, one) for one in page]}}

    def attributes(self, params: Params) -> Answer:
        """DescribeVSwitchAttributes: one vSwitch, flat."""
        held = self._state.of(params.region)
        return self._shown(held, held.vswitch(params.need("VSwitchId"), errors.VSWITCH_NOT_FOUND))

    def _shown(self, held: Held, one: VSwitch) -> Answer:
        used = len(self._cloud.ecs.addresses_in(one.region, one.id))
        return {
            "VSwitchId": one.id,
            "VSwitchName": one.name,
            "Description": one.description,
            "VpcId": one.vpc_id,
            "ZoneId": one.zone,
            "CidrBlock": one.cidr,
            "Status": one.status,
            "IsDefault": one.default,
            "AvailableIpAddressCount": IPv4Network(one.cidr).num_addresses - _RESERVED - used,
            "CreationTime": second(one.created),
            "OwnerId": int(self._cloud.account),
            "ResourceGroupId": "",
            "EnabledIpv6": False,
            "Ipv6CidrBlock": "",
            "NetworkAclId": "",
            "ShareType": "",
            "RouteTable": {"RouteTableId": _route_table(held, one), "RouteTableType": "System"},
            "Tags": shown_tags(one),
        }


def _route_table(held: Held, one: VSwitch) -> str:
    return held.networks[one.vpc_id].route_table_id


def _refuse_beside(held: Held, vpc_id: str, block: IPv4Network) -> None:
    """What the network's other vSwitches do not allow."""
    others = held.vswitches_of(vpc_id)
    if any(block.overlaps(IPv4Network(one.cidr)) for one in others):
        raise errors.VSWITCH_OVERLAPS.error()
    if len(others) >= _QUOTA:
        raise errors.VSWITCH_QUOTA.error()
    if any(one.status == "Pending" for one in others):
        raise errors.VSWITCH_AT_ONCE.error()
