"""The actions of VPC: which there are, what each needs, and how a call comes to its answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from localcloud.ecs.api import Action, perform
from localcloud.ecs.errors import FORBIDDEN, TOKEN_REUSED
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Resource
from localcloud.ecs.parameters import Params
from localcloud.ecs.tokens import ClientTokens
from localcloud.ecs.unmodelled import refuse_unmodelled
from localcloud.vpc.addresses import Addresses
from localcloud.vpc.changes import Changes
from localcloud.vpc.models import VSwitch
from localcloud.vpc.needs import VpcNeeds
from localcloud.vpc.networks import Networks
from localcloud.vpc.routers import Routers
from localcloud.vpc.seeding import fill
from localcloud.vpc.state import State
from localcloud.vpc.tagging import Tags
from localcloud.vpc.unmodelled import HARMLESS, NOT_DONE
from localcloud.vpc.vswitches import VSwitches

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]


class Vpc:
    """VPC of one cloud, all regions."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._state = State()
        self._tokens = ClientTokens(cloud)
        #: What each call needs of RAM, a call to ECS for what moved from there included.
        self.needs = VpcNeeds(cloud)
        listing, changes = Listing(cloud), Changes(cloud)
        self.networks = Networks(cloud, self._state, listing, changes)
        self.vswitches = VSwitches(cloud, self._state, listing, changes)
        self.addresses = Addresses(cloud, self._state, listing, changes)
        #: Every action that is here, by its name.
        self.actions: Mapping[str, Action] = {
            **_networks(self.networks, self.vswitches),
            **_addresses(self.addresses),
            **_routers(Routers(cloud, self._state, listing)),
            **_tags(Tags(self._state, listing)),
        }
        fill(cloud, self._state)

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        return perform(self.actions, self._tokens, call, self._admit)

    def _admit(self, call: "Call") -> None:
        self._cloud.ram.permits.demand(call, self.needs.of(call), lambda _: FORBIDDEN.error())
        refuse_unmodelled(Params.of(call), NOT_DONE, HARMLESS)

    def find(self, region: str, kind: str, id_: str) -> Resource | None:
        """What bears tags, by its region, the name of its kind and its id; None when there is no such thing."""
        return self._state.find(region, kind, id_)

    def has(self, region: str, vpc_id: str) -> bool:
        """Whether the region has this network, not counting one that is being deleted."""
        network = self._state.of(region).networks.get(vpc_id)
        return network is not None and network.status != "Deleting"

    def vswitch(self, region: str, vswitch_id: str) -> VSwitch | None:
        """The vSwitch, None when the region has none of this id."""
        return self._state.of(region).vswitches.get(vswitch_id)


def _networks(networks: Networks, vswitches: VSwitches) -> dict[str, Action]:
    return {
        "CreateVpc": Action(networks.create, token=TOKEN_REUSED),
        "ModifyVpcAttribute": Action(networks.modify, region=False),
        "DeleteVpc": Action(networks.delete, region=False, token=TOKEN_REUSED),
        "DescribeVpcs": Action(networks.describe, dry_run=True),
        "DescribeVpcAttribute": Action(networks.attribute, dry_run=True),
        "CreateVSwitch": Action(vswitches.create, region=False, token=TOKEN_REUSED),
        "ModifyVSwitchAttribute": Action(vswitches.modify, region=False),
        "DeleteVSwitch": Action(vswitches.delete, region=False),
        "DescribeVSwitches": Action(vswitches.describe, region=False, dry_run=True),
        "DescribeVSwitchAttributes": Action(vswitches.attributes, region=False, dry_run=True),
    }


def _addresses(addresses: Addresses) -> dict[str, Action]:
    return {
        "AllocateEipAddress": Action(addresses.allocate, token=TOKEN_REUSED),
        "AssociateEipAddress": Action(addresses.associate, region=False, token=TOKEN_REUSED),
        "UnassociateEipAddress": Action(addresses.unassociate, region=False, token=TOKEN_REUSED),
        "ReleaseEipAddress": Action(addresses.release, region=False),
        "ModifyEipAddressAttribute": Action(addresses.modify, region=False),
        "DescribeEipAddresses": Action(addresses.describe, dry_run=True),
    }


def _routers(routers: Routers) -> dict[str, Action]:
    return {
        "DescribeVRouters": Action(routers.describe),
        "DescribeRouteTableList": Action(routers.tables),
    }


def _tags(tags: Tags) -> dict[str, Action]:
    return {
        "TagResources": Action(tags.tag),
        "UnTagResources": Action(tags.untag),
        "ListTagResources": Action(tags.list),
    }
