"""Virtual networks (VPCs): making, changing, deleting and looking at them."""

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from localcloud.ecs.errors import DRY_RUN
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params
from localcloud.ecs.tagging import asked_tags, bears
from localcloud.ecs.times import second
from localcloud.vpc import errors
from localcloud.vpc.changes import Changes
from localcloud.vpc.cidrs import changed_block, network_block, user_blocks
from localcloud.vpc.models import Network
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
#: VPCs that an account may have in a region, unless it asks for more (help page "Limits and quotas", read 2026-11).
_QUOTA = 10
_PAGE = 50
_MOST_IDS = 20


class Networks:
    """The networks of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, changes: Changes) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._changes = changes

    # --- acting ------------------------------------------------------------------------------------------------------

    def create(self, params: Params) -> Answer:
        """CreateVpc: Pending at first, with a router and a route table."""
        held = self._state.of(params.region)
        _refuse_unsupported(params)
        refuse_unknown_group(params)
        if params.has("Ipv4IpamPoolId") or params.has("Ipv4CidrMask"):
            raise errors.NO_IPAM.error()
        block, tags, users = network_block(params), read_tags(params), user_blocks(params)
        called, about = name(params, "VpcName", errors.VPC_NAME), description(params, errors.VPC_DESCRIPTION)
        if len(held.networks) >= _QUOTA:
            raise errors.VPC_QUOTA.error()
        if params.flag("DryRun"):
            raise DRY_RUN.error()
        now = self._cloud.clock.now
        network = Network(
            id=self._cloud.new_id("vpc-"),
            region=params.region,
            created=now,
            listed_from=now,
            tags=tags,
            name=called,
            description=about,
            cidr=str(block),
            user_cidrs=users,
        )
        held.networks[network.id] = network
        self._changes.begin(network, "Pending", lambda: self._changes.settle(network, "Available"))
        return {
            "VpcId": network.id,
            "VRouterId": network.router_id,
            "RouteTableId": network.route_table_id,
            "ResourceGroupId": "",
        }

    def modify(self, params: Params) -> Answer:
        """ModifyVpcAttribute: name, description, and a block that still holds every vSwitch."""
        held = self._state.of(params.region)
        network = held.network(params.need("VpcId"))
        _refuse_unsupported(params)
        users = user_blocks(params)
        called, about = name(params, "VpcName", errors.VPC_NAME), description(params, errors.VPC_DESCRIPTION)
        if network.status != "Available":
            raise errors.VPC_STATUS.error()
        network.cidr = _changed_cidr(params, held, network)
        network.name = called or network.name
        network.description = about or network.description
        network.user_cidrs = users or network.user_cidrs
        return {}

    def delete(self, params: Params) -> Answer:
        """DeleteVpc: one that nothing is in; it is Deleting for some seconds."""
        held = self._state.of(params.region)
        network = held.network(params.need("VpcId"))
        params.flag("ForceDelete")  # it is about gateways, which no network of this cloud has
        if network.status != "Available":
            raise errors.VPC_STATUS.error()
        if held.vswitches_of(network.id):
            raise errors.VPC_HAS_VSWITCHES.error()
        if self._cloud.ecs.has_groups_in(network.region, network.id):
            raise errors.VPC_HAS_GROUPS.error()
        if params.flag("DryRun"):
            raise DRY_RUN.error()
        self._changes.begin(network, "Deleting", lambda: held.networks.pop(network.id))
        return {}

    # --- looking -----------------------------------------------------------------------------------------------------

    def describe(self, params: Params) -> Answer:
        """DescribeVpcs, at most 50 a page."""
        held = self._state.of(params.region)
        ids, default = listed(params, "VpcId", _MOST_IDS), optional_flag(params, "IsDefault")
        wanted, ipv6 = asked_tags(params, errors.TAGS_TOO_MANY), optional_flag(params, "EnableIpv6")
        refuse_unknown_group(params)
        chosen = [
            one
            for one in self._listing.visible(held.networks.values(), params)
            if (ids is None or one.id in ids)
            and default in (None, one.default)
            and params.text("VpcName", one.name) == one.name
            and params.text("VpcOwnerId", self._cloud.account) == self._cloud.account
            and not params.has("DhcpOptionsSetId")
            and not ipv6
            and bears(one, wanted)
        ]
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE)
        return {**head, "Vpcs": {"Vpc": [self._shown(held, one) for one in page]}}

    def attribute(self, params: Params) -> Answer:
        """DescribeVpcAttribute: one network, flat."""
        held = self._state.of(params.region)
        network = held.network(params.need("VpcId"))
        inside = len(held.vswitches_of(network.id))
        counts = {"VRouter": 1, "RouteTable": 1, "VSwitch": inside}
        return self._attributes(held, network) | {
            "ClassicLinkEnabled": False,
            "SupportIpv4Gateway": False,
            "Ipv4GatewayId": "",
            "AssociatedCens": {"AssociatedCen": []},
            "AssociatedPropagationSources": {"AssociatedPropagationSources": []},
            "CloudResources": {
                "CloudResourceSetType": [
                    {"ResourceType": kind, "ResourceCount": count} for kind, count in counts.items() if count
                ]
            },
        }

    def _shown(self, held: Held, one: Network) -> Answer:
        return self._attributes(held, one) | {
            "CenStatus": "Detached",
            "RouterTableIds": {"RouterTableIds": [one.route_table_id]},
            "NatGatewayIds": {"NatGatewayIds": []},
        }

    def _attributes(self, held: Held, one: Network) -> Answer:
        """What both DescribeVpcs and DescribeVpcAttribute tell."""
        return {
            "VpcId": one.id,
            "VpcName": one.name,
            "Description": one.description,
            "RegionId": one.region,
            "CidrBlock": one.cidr,
            "Status": one.status,
            "IsDefault": one.default,
            "VRouterId": one.router_id,
            "CreationTime": second(one.created),
            "OwnerId": int(self._cloud.account),
            "ResourceGroupId": "",
            "EnabledIpv6": False,
            "Ipv6CidrBlock": "",
            "Ipv6CidrBlocks": {"Ipv6CidrBlock": []},
            "DnsHostnameStatus": "DISABLED",
            "DhcpOptionsSetId": "",
            "DhcpOptionsSetStatus": "",
            "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
            "UserCidrs": {"UserCidr": list(one.user_cidrs)},
            "VSwitchIds": {"VSwitchId": [switch.id for switch in held.vswitches_of(one.id)]},
            "Tags": shown_tags(one),
        }


def _refuse_unsupported(params: Params) -> None:
    """What neither a new network nor a changed one can have."""
    refuse_ipv6(params)
    if params.flag("EnableDnsHostname"):
        raise errors.NO_DNS_HOSTNAME.error()


def _changed_cidr(params: Params, held: Held, network: Network) -> str:
    if not params.has("CidrBlock"):
        return network.cidr
    block = changed_block(params)
    if not all(IPv4Network(one.cidr).subnet_of(block) for one in held.vswitches_of(network.id)):
        raise errors.VPC_CIDR_IN_USE.error()
    return str(block)
