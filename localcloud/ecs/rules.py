"""The parts of a security group's rule: read of a call, and shown."""

import re
from ipaddress import ip_network

from localcloud.ecs import errors
from localcloud.ecs.models import Rule
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import rules as refusals
from localcloud.texts import whole

Answer = dict[str, object]
#: The protocols that have ports; then all of them.
PORTED = ("tcp", "udp")
PROTOCOLS = (*PORTED, "icmp", "gre", "all")
_PORTS = re.compile(r"([0-9]{1,5})/([0-9]{1,5})")
_ANY_PORT = "-1/-1"


def ports(one: Params, protocol: str) -> str:
    """The rule's PortRange."""
    given = one.text("PortRange", "" if protocol in PORTED else _ANY_PORT)
    if not fits(given, protocol):
        raise errors.RULE_PORTS.error()
    return given


def source_ports(one: Params, protocol: str) -> str:
    """The rule's SourcePortRange, empty when it has none: rules of five parts (quintuple rules) have."""
    given = one.text("SourcePortRange")
    if given and not fits(given, protocol):
        raise refusals.SOURCE_PORTS.error()
    return given


def fits(given: str, protocol: str) -> bool:
    """Whether a range of ports is one of the protocol's."""
    if protocol not in PORTED:
        return given == _ANY_PORT
    match = _PORTS.fullmatch(given)
    return match is not None and 1 <= int(match[1]) <= int(match[2]) <= 65535


def priority(one: Params) -> int:
    """The rule's Priority, 1 to 100."""
    given = whole(one.text("Priority", "1"), 1, 100)
    if given is None:
        raise errors.RULE_PRIORITY.error()
    return given


def cidr(one: Params, name: str) -> str:
    """The IPv4 addresses that the rule names so."""
    block = one.text(name)
    if block and not is_block(block, 4):
        raise (errors.RULE_SOURCE_CIDR if name == "SourceCidrIp" else errors.RULE_DESTINATION_CIDR).error()
    return block


def ipv6_cidr(one: Params, name: str) -> str:
    """The IPv6 addresses that the rule names so."""
    block = one.text(name)
    if block and not is_block(block, 6):
        raise (refusals.SOURCE_IPV6 if name == "Ipv6SourceCidrIp" else refusals.DESTINATION_IPV6).error(name)
    return block


def is_block(block: str, version: int) -> bool:
    """Whether *block* is an address or a block of addresses of IPv4 or IPv6."""
    try:
        return ip_network(block, strict=False).version == version
    except ValueError:
        return False


def refuse_families(rule: Rule, *, inward: bool) -> None:
    """A rule has another side, in IPv4 or in IPv6, and its own side is in the same."""
    if not (rule.peer_cidr or rule.peer_ipv6 or rule.peer_group):
        raise (errors.RULE_NO_SOURCE if inward else errors.RULE_NO_DESTINATION).error("Permissions")
    for four, six, is_source in (
        (rule.peer_cidr, rule.peer_ipv6, inward),
        (rule.own_cidr, rule.own_ipv6, not inward),
    ):
        if four and six:
            raise (refusals.TWO_SOURCES if is_source else refusals.TWO_DESTINATIONS).error("Permissions")
    if (rule.peer_cidr and rule.own_ipv6) or (rule.peer_ipv6 and rule.own_cidr):
        raise refusals.FAMILIES_MIXED.error()


def shown_rule(rule: Rule) -> Answer:
    """The rule as DescribeSecurityGroupAttribute shows it."""
    inward = rule.direction == "ingress"
    source, destination = (rule.peer_cidr, rule.own_cidr) if inward else (rule.own_cidr, rule.peer_cidr)
    source_ipv6, destination_ipv6 = (rule.peer_ipv6, rule.own_ipv6) if inward else (rule.own_ipv6, rule.peer_ipv6)
    return {
        "Direction": rule.direction,
        "IpProtocol": rule.protocol.upper(),
        "PortRange": rule.ports,
        "SourcePortRange": rule.source_ports,
        "Policy": rule.policy.capitalize(),
        "Priority": str(rule.priority),
        "NicType": rule.nic_type,
        "SourceCidrIp": source,
        "Ipv6SourceCidrIp": source_ipv6,
        "SourceGroupId": rule.peer_group if inward else "",
        "DestCidrIp": destination,
        "Ipv6DestCidrIp": destination_ipv6,
        "DestGroupId": "" if inward else rule.peer_group,
    }
