"""Address blocks: which a network may have, which a vSwitch, and what networks call the users' own.

https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-createvpc and its neighbour
-createvswitch (read 2026-11)
"""

from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from localcloud.ecs.errors import Refusal
from localcloud.ecs.parameters import Params
from localcloud.vpc import errors

#: Blocks that a network may neither be nor lie in.
_EXCLUDED = tuple(IPv4Network(block) for block in ("100.64.0.0/10", "224.0.0.0/4", "127.0.0.0/8", "169.254.0.0/16"))
_DEFAULT = "172.16.0.0/12"  # the block of a network that is told none (CreateVpc's page of 2021)
#: 16 to 28 is recommended today; earlier pages, and the default block, allow wider ones.
_VPC_MASKS = range(8, 29)
_VSWITCH_MASKS = range(16, 30)
_MOST_USER_CIDRS = 3


def network_block(params: Params) -> IPv4Network:
    """The CidrBlock of CreateVpc."""
    return _of_network(params.text("CidrBlock", _DEFAULT), errors.VPC_CIDR)


def changed_block(params: Params) -> IPv4Network:
    """The CidrBlock of ModifyVpcAttribute."""
    return _of_network(params.need("CidrBlock"), errors.CIDR_MALFORMED)


def vswitch_block(params: Params, network: IPv4Network) -> IPv4Network:
    """The CidrBlock of CreateVSwitch, inside its network's."""
    block = _read(params.need("CidrBlock"), errors.CIDR_MALFORMED)
    if block.prefixlen not in _VSWITCH_MASKS:
        raise errors.VSWITCH_MASK.error()
    if not block.subnet_of(network):
        raise errors.VSWITCH_OUTSIDE.error()
    return block


def user_blocks(params: Params) -> tuple[str, ...]:
    """UserCidr: at most three blocks, with commas between them."""
    texts = [text.strip() for text in params.text("UserCidr").split(",")] if params.has("UserCidr") else []
    if len(texts) > _MOST_USER_CIDRS:
        raise errors.USER_CIDR_QUOTA.error()
    for text in texts:
        if _read(text, errors.USER_CIDR_FORMAT).overlaps(_EXCLUDED[0]):
            raise errors.USER_CIDR_RESERVED.error()
    return tuple(texts)


def _of_network(text: str, malformed: Refusal) -> IPv4Network:
    block = _read(text, malformed)
    if block.prefixlen not in _VPC_MASKS:
        raise errors.VPC_CIDR_MASK.error(block.prefixlen)
    if any(block.subnet_of(excluded) for excluded in _EXCLUDED):
        raise errors.VPC_CIDR_EXCLUDED.error()
    return block


def _read(text: str, malformed: Refusal) -> IPv4Network:
    """An IPv4 block, written with its mask and without host bits."""
    try:
        block = IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        raise malformed.error() from None
    if str(block) != text:
        raise malformed.error()
    return block
