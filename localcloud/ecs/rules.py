"""The parts of a security group's rule: read of a call, and shown."""

import re
from collections.abc import Container, Mapping
from dataclasses import replace
from ipaddress import ip_network

from localcloud.ecs import errors
from localcloud.ecs.models import Rule, SecurityGroup
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import rules as refusals
from localcloud.texts import whole

Answer = dict[str, object]
#: The protocols that have ports; then all of them.
PORTED = ("tcp", "udp")
PROTOCOLS = (*PORTED, "icmp", "gre", "all")
_PORTS = re.compile(r"([0-9]{1,5})/([0-9]{1,5})")
_ANY_PORT = "-1/-1"
#: An address and how many of its bits count: no zone of IPv6 and no mask in dots, which `ip_network` takes, too.
_BLOCK = re.compile(r"[0-9A-Fa-f:.]+(/(0|[1-9][0-9]{0,2}))?")
_LONGEST = 512


def inbound(one: Params, groups: Container[str]) -> Rule:
    """The inbound rule that is asked for, of a source; *groups* are those of the region."""
    source, own = _source(one), _destination(one)
    rule = _between(_read(one, "ingress"), source, own)
    group = _group(one, "SourceGroupId", rule.peer_cidr, groups, errors.RULE_SOURCE_GROUP)
    return _complete(checked(replace(rule, peer_group=group)), errors.RULE_NO_SOURCE)


def outbound(one: Params, groups: Container[str]) -> Rule:
    """The outbound rule that is asked for, of a destination; *groups* are those of the region."""
    destination, own = _destination(one), _source(one)
    rule = _between(_read(one, "egress"), destination, own)
    group = _group(one, "DestGroupId", rule.peer_cidr, groups, errors.RULE_DESTINATION_GROUP)
    return _complete(checked(replace(rule, peer_group=group)), errors.RULE_NO_DESTINATION)


def checked(rule: Rule) -> Rule:
    """A whole rule, new or changed: its ports are of its protocol, its sides both of IPv4 or both of IPv6."""
    if not _fits(rule.ports, rule.protocol):
        raise errors.RULE_PORTS.error()
    if rule.source_ports and not _fits(rule.source_ports, rule.protocol):
        raise refusals.SOURCE_PORTS.error()
    if (rule.peer_cidr and rule.own_ipv6) or (rule.peer_ipv6 and rule.own_cidr):
        raise refusals.FAMILIES_MIXED.error()
    return rule


def refuse_source(rule: Rule, group: SecurityGroup, groups: Mapping[str, SecurityGroup]) -> None:
    """The source of a rule of *group*, where it is a group: another one of the same network."""
    source = rule.peer_group
    if source and source not in groups:
        raise errors.RULE_SOURCE_GROUP.error()
    if source == group.id:
        raise refusals.SOURCE_ITSELF.error()
    if source and groups[source].vpc_id != group.vpc_id:
        raise refusals.SOURCE_OTHER_VPC.error()


def refuse_destination(rule: Rule, group: SecurityGroup, groups: Mapping[str, SecurityGroup]) -> None:
    """The destination of a rule of *group*, where it is a group: another one of the same network."""
    if rule.peer_group == group.id:
        raise refusals.DESTINATION_ITSELF.error()
    if rule.peer_group and groups[rule.peer_group].vpc_id != group.vpc_id:
        raise refusals.DESTINATION_OTHER_VPC.error()


def nic_type(params: Params, usual: str = "intranet") -> str:
    """NicType: the network interfaces that a rule is for, which only the classic network told apart."""
    kind = params.text("NicType", usual)
    if kind not in ("internet", "intranet"):
        raise refusals.NIC_TYPE.error()
    return kind


def rule_description(params: Params) -> str:
    """A rule's Description."""
    text = params.text("Description")
    if len(text) > _LONGEST:
        raise refusals.DESCRIPTION.error()
    return text


def _fits(given: str, protocol: str) -> bool:
    """Whether a range of ports is one of the protocol's."""
    if protocol not in PORTED:
        return given == _ANY_PORT
    match = _PORTS.fullmatch(given)
    return match is not None and 1 <= int(match[1]) <= int(match[2]) <= 65535


def is_block(block: str, version: int) -> bool:
    """Whether *block* is an address or a block of addresses of IPv4 or IPv6."""
    try:
        return _BLOCK.fullmatch(block) is not None and ip_network(block, strict=False).version == version
    except ValueError:
        return False


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


def _read(one: Params, direction: str) -> Rule:
    """What a rule of either direction says, without its two sides."""
    protocol = one.need("IpProtocol").lower()
    if protocol not in PROTOCOLS:
        raise errors.RULE_PROTOCOL.error()
    policy = one.text("Policy", "accept").lower()
    if policy not in ("accept", "drop"):
        raise errors.RULE_POLICY.error()
    priority = whole(one.text("Priority", "1"), 1, 100)
    if priority is None:
        raise errors.RULE_PRIORITY.error()
    return Rule(
        direction=direction,
        protocol=protocol,
        ports=one.text("PortRange", "" if protocol in PORTED else _ANY_PORT),
        policy=policy,
        priority=priority,
        source_ports=one.text("SourcePortRange"),  # rules of five parts (quintuple rules) have some
        nic_type=nic_type(one),
    )


def _between(rule: Rule, peer: tuple[str, str], own: tuple[str, str]) -> Rule:
    """The rule with its two sides, each in IPv4 and in IPv6."""
    return replace(rule, peer_cidr=peer[0], peer_ipv6=peer[1], own_cidr=own[0], own_ipv6=own[1])


def _source(one: Params) -> tuple[str, str]:
    """The source's addresses: in IPv4, or in IPv6."""
    four = _block(one, "SourceCidrIp", 4, errors.RULE_SOURCE_CIDR)
    six = _block(one, "Ipv6SourceCidrIp", 6, refusals.SOURCE_IPV6)
    if four and six:
        raise refusals.TWO_SOURCES.error("Permissions")
    return four, six


def _destination(one: Params) -> tuple[str, str]:
    """The destination's addresses: in IPv4, or in IPv6."""
    four = _block(one, "DestCidrIp", 4, errors.RULE_DESTINATION_CIDR)
    six = _block(one, "Ipv6DestCidrIp", 6, refusals.DESTINATION_IPV6)
    if four and six:
        raise refusals.TWO_DESTINATIONS.error("Permissions")
    return four, six


def _block(one: Params, name: str, version: int, refusal: errors.Refusal) -> str:
    block = one.text(name)
    if block and not is_block(block, version):
        raise refusal.error(*([name] if "%s" in refusal.message else []))
    return block


def _group(one: Params, name: str, block: str, groups: Container[str], unknown: errors.Refusal) -> str:
    """The group at the other end; beside a *block* of IPv4 it does not count, but has to be there."""
    group = one.text(name)
    if group and group not in groups:
        raise unknown.error()
    return "" if block else group


def _complete(rule: Rule, no_peer: errors.Refusal) -> Rule:
    """A new rule has another side."""
    if not (rule.peer_cidr or rule.peer_ipv6 or rule.peer_group):
        raise no_peer.error("Permissions")
    return rule
