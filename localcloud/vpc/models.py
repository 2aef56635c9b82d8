"""What an account holds in VPC: networks and their subnets."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Network:
    """A virtual network."""

    id: str
    region: str
    cidr: str
    created: datetime


@dataclass(frozen=True)
class VSwitch:
    """A subnet in one zone."""

    id: str
    region: str
    vpc_id: str
    zone: str
    cidr: str
    created: datetime
