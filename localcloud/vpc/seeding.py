"""What is there from the beginning: the world's networks, vSwitches and elastic IP addresses."""

from typing import TYPE_CHECKING

from localcloud import world as given
from localcloud.vpc.addresses import free_ip
from localcloud.vpc.models import Address, Network, VSwitch
from localcloud.vpc.state import Held, State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud


def fill(cloud: "Cloud", state: State) -> None:
    """Put everything that the world names into *state*."""
    for region, holds in cloud.world.regions.items():
        held = state.add(region)
        for vpc in holds.vpcs:
            held.networks[vpc.id] = _network(cloud, region, vpc)
        for vswitch in holds.vswitches:
            held.vswitches[vswitch.id] = _vswitch(cloud, region, vswitch)
        _fill_addresses(cloud, state, held, region, holds)


def _network(cloud: "Cloud", region: str, one: given.Vpc) -> Network:
    now = cloud.clock.now
    return Network(
        id=one.id,
        region=region,
        created=now,
        listed_from=now,
        tags=dict(one.tags),
        name=one.name or one.id,
        cidr=one.cidr,
        default=one.default,
    )


def _vswitch(cloud: "Cloud", region: str, one: given.VSwitch) -> VSwitch:
    now = cloud.clock.now
    return VSwitch(
        id=one.id,
        region=region,
        created=now,
        listed_from=now,
        tags=dict(one.tags),
        name=one.name or one.id,
        vpc_id=one.vpc,
        zone=one.zone,
        cidr=one.cidr,
        default=one.default,
    )


def _fill_addresses(cloud: "Cloud", state: State, held: Held, region: str, holds: given.Region) -> None:
    now = cloud.clock.now
    for one in holds.eips:
        taken = {known.ip for _, there in state.everywhere() for known in there.addresses.values()}
        held.addresses[one.id] = Address(
            id=one.id,
            region=region,
            created=now,
            listed_from=now,
            tags=dict(one.tags),
            name=one.name,
            status="InUse" if one.instance else "Available",
            ip=one.ip or free_ip(cloud, one.id, taken),
            bandwidth=one.bandwidth,
            internet_charge_type=one.internet_charge_type,
            instance_id=one.instance or "",
        )
