"""The state of VPC: what the account holds in each region."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from localcloud.ecs.errors import REGION_NOT_FOUND, Refusal
from localcloud.regions import ZONES
from localcloud.vpc import errors
from localcloud.vpc.models import Address, Network, VSwitch


@dataclass
class Held:
    """What one region holds, by id."""

    networks: dict[str, Network] = field(default_factory=dict)
    vswitches: dict[str, VSwitch] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)

    def network(self, vpc_id: str) -> Network:
        """The network, or InvalidVpcId.NotFound."""
        if vpc_id not in self.networks:
            raise errors.VPC_NOT_FOUND.error()
        return self.networks[vpc_id]

    def vswitch(self, vswitch_id: str, refusal: Refusal) -> VSwitch:
        """The vSwitch, or *refusal*: each action has words of its own."""
        if vswitch_id not in self.vswitches:
            raise refusal.error()
        return self.vswitches[vswitch_id]

    def address(self, allocation_id: str) -> Address:
        """The elastic IP address, or InvalidAllocationId.NotFound."""
        if allocation_id not in self.addresses:
            raise errors.EIP_NOT_FOUND.error()
        return self.addresses[allocation_id]

    def vswitches_of(self, vpc_id: str) -> list[VSwitch]:
        """The vSwitches of a network."""
        return [one for one in self.vswitches.values() if one.vpc_id == vpc_id]

    def addresses_of(self, instance_id: str) -> list[Address]:
        """The elastic IP addresses that an instance has, gets or gives away."""
        return [one for one in self.addresses.values() if one.instance_id == instance_id]


class State:
    """All regions."""

    def __init__(self) -> None:
        self._regions = {region: Held() for region in ZONES}

    def of(self, region: str) -> Held:
        """What the region holds, or InvalidRegionId.NotFound."""
        if region not in self._regions:
            raise REGION_NOT_FOUND.error()
        return self._regions[region]

    def add(self, region: str) -> Held:
        """The region, which need not be public: a world may have its own."""
        return self._regions.setdefault(region, Held())

    def everywhere(self) -> Iterator[tuple[str, Held]]:
        """Each region with what it holds."""
        yield from self._regions.items()

    def find(self, region: str, kind: str, id_: str) -> Network | VSwitch | Address | None:
        """What bears tags, by its region, its kind as resource names have it, and its id; None: there is no such."""
        if region not in self._regions:
            return None
        return self.kinds(region).get(kind.upper(), {}).get(id_)

    def kinds(self, region: str) -> Mapping[str, Mapping[str, Network | VSwitch | Address]]:
        """What can bear tags in the region, by the name of its kind."""
        held = self.of(region)
        return {"VPC": held.networks, "VSWITCH": held.vswitches, "EIP": held.addresses}
