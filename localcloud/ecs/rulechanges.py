"""What changes a rule of a security group: ModifySecurityGroupRule.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifysecuritygrouprule (read 2026-11)
"""

import re
from dataclasses import replace

from localcloud.ecs.errors import Refusal
from localcloud.ecs.models import Rule, SecurityGroup
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import rulechanges as refusals
from localcloud.ecs.rules import PORTED, PROTOCOLS, checked, is_block, nic_type, refuse_source, rule_description
from localcloud.ecs.state import Held, State
from localcloud.texts import whole

Answer = dict[str, object]
_PORTS = re.compile(r"(-?[0-9]{1,5})/(-?[0-9]{1,5})")
_FACTS = ("Policy", "Priority", "IpProtocol", "SourceCidrIp", "SourceGroupId", "PortRange", "DestCidrIp")


class RuleChanges:
    """Changes to the inbound rules of one cloud's security groups."""

    def __init__(self, state: State) -> None:
        self._state = state

    def modify(self, params: Params) -> Answer:
        """ModifySecurityGroupRule: any facts of an inbound rule named by its id, else the description only.

        UNVERIFIED: which of the two codes for a rule that is not there is said when.
        """
        held = self._state.of(params.region)
        group = held.group(params.need("SecurityGroupId"))
        text = rule_description(params)
        if params.has("SecurityGroupRuleId"):
            _change(params, held, group, text)
        else:
            _describe(params, group, text)
        return {}


def _change(params: Params, held: Held, group: SecurityGroup, text: str) -> None:
    """What isn't given stays as it is; the source remains what it is, a block or a group."""
    rule_id = params.text("SecurityGroupRuleId")
    if rule_id not in group.rules or group.rules[rule_id][0].direction != "ingress":
        raise refusals.RULE_NOT_FOUND.error()
    rule, since, known = group.rules[rule_id]
    if not text and not any(params.has(name) for name in _FACTS):
        raise refusals.NOTHING.error()
    if nic_type(params, rule.nic_type) != rule.nic_type:
        raise refusals.NIC_TYPE_STAYS.error()
    changed = _asked(params, rule)
    if (bool(changed.peer_cidr), bool(changed.peer_group)) != (bool(rule.peer_cidr), bool(rule.peer_group)):
        raise refusals.SOURCE_KIND.error()
    refuse_source(changed, group, held.groups)
    if any(one == changed for other, (one, _, _) in group.rules.items() if other != rule_id):
        raise refusals.DUPLICATE.error("The rule being modified will be duplicated with an existing rule")
    group.rules[rule_id] = (changed, since, text or known)


def _describe(params: Params, group: SecurityGroup, text: str) -> None:
    """Of the rule with these facts."""
    params.need("IpProtocol")
    if not params.has("SourceCidrIp") and not params.has("SourceGroupId"):
        raise refusals.NO_SOURCE.error()
    ports = "" if params.text("IpProtocol").lower() in PORTED else "-1/-1"
    wanted = _asked(params, Rule(direction="ingress", protocol="", ports=ports))
    wanted = replace(wanted, nic_type=nic_type(params))
    found = [rule_id for rule_id, (rule, _, _) in group.rules.items() if rule == wanted]
    if not found:
        raise refusals.NO_SUCH_RULE.error()
    rule, since, known = group.rules[found[0]]
    group.rules[found[0]] = (rule, since, text or known)


def _asked(params: Params, rule: Rule) -> Rule:
    """*rule* with what the call says of it; where both a block and a group are given, the block counts."""
    block, group = params.text("SourceCidrIp"), params.text("SourceGroupId")
    source = (block, "") if block else ("", group) if group else (rule.peer_cidr, rule.peer_group)
    _refuse_block(block, refusals.SOURCE_CIDR)
    _refuse_block(params.text("DestCidrIp"), refusals.DESTINATION_CIDR)
    protocol = params.text("IpProtocol", rule.protocol).lower()
    if protocol not in PROTOCOLS:
        raise refusals.PROTOCOL.error()
    changed = replace(
        rule,
        protocol=protocol,
        ports=_ports(params.text("PortRange", rule.ports)),
        policy=_policy(params.text("Policy", rule.policy)),
        priority=_priority(params.text("Priority", str(rule.priority))),
        peer_cidr=source[0],
        peer_group=source[1],
        own_cidr=params.text("DestCidrIp", rule.own_cidr),
    )
    return checked(changed)


def _ports(text: str) -> str:
    match = _PORTS.fullmatch(text)
    if match is None or int(match[2]) > 65535:
        raise refusals.PORTS.error("PortRange")
    return text


def _policy(text: str) -> str:
    if text.lower() not in ("accept", "drop"):
        raise refusals.POLICY.error()
    return text.lower()


def _priority(text: str) -> int:
    priority = whole(text, 1, 100)
    if priority is None:
        raise refusals.PRIORITY.error()
    return priority


def _refuse_block(block: str, refusal: Refusal) -> None:
    if block and not is_block(block, 4):
        raise refusal.error()
