"""What an account holds in VPC: networks, their subnets, and elastic IP addresses."""

from dataclasses import dataclass

from localcloud.ecs.models import Resource


@dataclass(kw_only=True)
class Named(Resource):
    """A resource of VPC: it has a name, a description and a status."""

    name: str = ""
    description: str = ""
    status: str = "Available"
    steps: int = 0  # how often its status changed


@dataclass(kw_only=True)
class Network(Named):
    """A virtual network; its router and route table come and go with it."""

    cidr: str
    default: bool = False
    user_cidrs: tuple[str, ...] = ()

    @property
    def router_id(self) -> str:
        """The id of its router."""
        return f"vrt-{self.id.removeprefix('vpc-')}"

    @property
    def route_table_id(self) -> str:
        """The id of its system route table."""
        return f"vtb-{self.id.removeprefix('vpc-')}"


@dataclass(kw_only=True)
class VSwitch(Named):
    """A subnet in one zone."""

    vpc_id: str
    zone: str
    cidr: str
    default: bool = False


@dataclass(kw_only=True)
class Address(Named):
    """An elastic IP address (EIP)."""

    ip: str
    bandwidth: int  # Mbit/s
    internet_charge_type: str
    isp: str = "BGP"
    instance_id: str = ""  # from Associating until it is Available again

    @property
    def bound(self) -> bool:
        """Whether its instance has it."""
        return self.status in ("InUse", "Unassociating")
