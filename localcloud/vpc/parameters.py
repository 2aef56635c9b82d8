"""What the calls to VPC have in common: names, descriptions, lists of ids, what this VPC does not do."""

from localcloud.ecs.errors import PARAMETER_INVALID, Refusal
from localcloud.ecs.parameters import Params
from localcloud.vpc import errors

_HTTP = ("http://", "https://")


def name(params: Params, field: str, refusal: Refusal) -> str:
    """A name: 1 to 128 characters, no address at its beginning (help page CreateVpc, VpcName, read 2026-11)."""
    return _label(params, field, 128, refusal)


def description(params: Params, refusal: Refusal) -> str:
    """A description: 1 to 256 characters, no address at its beginning."""
    return _label(params, "Description", 256, refusal)


def _label(params: Params, field: str, most: int, refusal: Refusal) -> str:
    text = params.text(field)
    if len(text) > most or text.startswith(_HTTP):
        raise refusal.error()
    return text


def listed(params: Params, field: str, most: int) -> frozenset[str] | None:
    """The values of a list with commas, of which there are at most so many; None when it isn't given."""
    values = params.comma_list(field)
    if values is not None and len(values) > most:
        raise PARAMETER_INVALID.error(field)
    return values


def optional_flag(params: Params, field: str) -> bool | None:
    """A boolean that narrows a list down; None when it isn't given."""
    return params.flag(field) if params.has(field) else None


def refuse_unknown_group(params: Params) -> None:
    """The account has no resource group but the default one, which need not be named."""
    if params.has("ResourceGroupId"):
        raise errors.RESOURCE_GROUP.error()


def refuse_ipv6(params: Params) -> None:
    """No network of this cloud has IPv6; what is created and what is modified write its flag differently."""
    asked = ("Ipv6CidrBlock", "Ipv6CidrMask", "Ipv6IpamPoolId", "Ipv6Isp", "VpcIpv6CidrBlock")
    if any(params.flag(name) for name in ("EnableIpv6", "EnableIPv6")) or any(params.has(name) for name in asked):
        raise errors.NO_IPV6.error()
