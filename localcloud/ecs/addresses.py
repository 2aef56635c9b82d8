"""The addresses that instances get: private ones of their vSwitch, public ones of nobody's."""

from collections.abc import Container, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from itertools import islice
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors

if TYPE_CHECKING:
    from localcloud.vpc.models import VSwitch


def usable(cidr: str) -> Iterator[str]:
    """The addresses that a vSwitch gives out: its first and its last three are reserved."""
    block = IPv4Network(cidr)
    first, last = int(block.network_address), int(block.broadcast_address)
    return (str(IPv4Address(number)) for number in range(first + 1, last - 2))


def free(vswitch: "VSwitch", taken: Container[str], amount: int, none_left: errors.Refusal) -> tuple[str, ...]:
    """So many addresses of the vSwitch that are not *taken*; *none_left* when there are fewer."""
    found = tuple(islice((one for one in usable(vswitch.cidr) if one not in taken), amount))
    if len(found) < amount:
        raise none_left.error()
    return found


def chosen(wanted: str, vswitch: "VSwitch", taken: Container[str], outside: errors.Refusal) -> str:
    """The address that a call wants, checked; *outside* is what is said when it is not the vSwitch's."""
    try:
        address = IPv4Address(wanted)
    except AddressValueError:
        raise errors.IP_MALFORMED.error() from None
    if address not in IPv4Network(vswitch.cidr):
        raise outside.error()
    if wanted not in usable(vswitch.cidr):
        raise errors.IP_RESERVED.error()
    if wanted in taken:
        raise errors.IP_TAKEN.error()
    return wanted


def public_address(seed: int, instance_id: str) -> str:
    """A public address for the instance, of the range that is set aside for documentation."""
    return f"203.0.113.{stream(seed, 'public ip', instance_id).randint(1, 254)}"
