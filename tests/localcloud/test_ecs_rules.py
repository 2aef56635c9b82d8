"""A security group's rule is changed, as documented."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs import errors
from localcloud.ecs.errors import Refusal
from localcloud.ecs.refusals import rulechanges as refusals
from localcloud.ecs.refusals import rules as of_any_rule
from tests.localcloud.ecs_world import HERE, Ground, ground, refused
from tests.localcloud.refusing import Act, check_refusal, written

GROUP = {"RegionId": HERE, "SecurityGroupId": "sg-a"}
SSH = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}
WEB = {"IpProtocol": "tcp", "PortRange": "80/80", "SourceCidrIp": "10.0.0.0/8"}
SIX = {"IpProtocol": "tcp", "PortRange": "22/22", "Ipv6SourceCidrIp": "2001:db8::/32"}
FIVE = {"IpProtocol": "tcp", "PortRange": "23/23", "SourcePortRange": "5/5", "SourceCidrIp": "10.0.0.0/8"}
FRIEND = {"IpProtocol": "all", "PortRange": "-1/-1", "SourceGroupId": "sg-a3"}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        for facts in (SSH, WEB, FRIEND, SIX, FIVE):
            made.ask("AuthorizeSecurityGroup", **GROUP, Permissions=[{**facts, "Description": "old"}])
        out = {"IpProtocol": "tcp", "PortRange": "22/22", "DestCidrIp": "10.0.0.0/8"}
        made.ask("AuthorizeSecurityGroupEgress", **GROUP, Permissions=[out])
        yield made


def rules(g: Ground, direction: str = "ingress") -> list[dict[str, Any]]:
    found = g.ask("DescribeSecurityGroupAttribute", **GROUP, Direction=direction)
    return list(found["Permissions"]["Permission"])


def by_id(place: int = 0, direction: str = "ingress", **wire: Any) -> Act:
    """A change of the group's rule at this place."""

    def act(g: Ground) -> object:
        rule_id = rules(g, direction)[place]["SecurityGroupRuleId"]
        return g.ask("ModifySecurityGroupRule", **GROUP, SecurityGroupRuleId=rule_id, **wire)

    return act


def by_facts(facts: dict[str, Any], **wire: Any) -> Act:
    return lambda g: g.ask("ModifySecurityGroupRule", **GROUP, **{**facts, **wire})


def test_a_rule_is_changed_by_its_id(g: Ground) -> None:
    """What isn't given stays; the rule keeps its id and its time."""
    before = rules(g)[0]
    by_id(PortRange="2222/2222", Policy="Drop", Priority="5", SourceCidrIp="10.1.0.0/16", DestCidrIp="10.0.1.0/24")(g)
    changed = {"PortRange": "2222/2222", "Policy": "Drop", "Priority": "5"}
    assert rules(g)[0] == {**before, **changed, "SourceCidrIp": "10.1.0.0/16", "DestCidrIp": "10.0.1.0/24"}
    by_id(IpProtocol="ICMP", PortRange="-1/-1", Description="new")(g)
    assert [rules(g)[0][name] for name in ("IpProtocol", "PortRange", "Description")] == ["ICMP", "-1/-1", "new"]


def test_a_group_as_a_source_gives_way_to_another(g: Ground) -> None:
    """Of the same network."""
    by_id(2, SourceGroupId="sg-a4")(g)
    assert rules(g)[2]["SourceGroupId"] == "sg-a4"


def test_a_rule_is_described_by_its_facts(g: Ground) -> None:
    """Without an id only the description changes."""
    for facts in (WEB, FRIEND):
        by_facts(facts, Description="new")(g)
    assert [one["Description"] for one in rules(g)] == ["old", "new", "new", "old", "old"]


ROWS: dict[str, Act] = {
    "RULE_NOT_FOUND": by_id(direction="egress", Description="new"),
    "NO_SUCH_RULE": by_facts(SSH, Priority="7"),
    "NOTHING": by_id(),
    "PROTOCOL": by_id(IpProtocol="smoke"),
    "PORTS": by_id(PortRange="22"),
    "POLICY": by_id(Policy="perhaps"),
    "PRIORITY": by_id(Priority="101"),
    "NIC_TYPE_STAYS": by_id(NicType="internet", Description="new"),
    "SOURCE_CIDR": by_id(SourceCidrIp="10.0.0.0/33"),
    "DESTINATION_CIDR": by_id(DestCidrIp="here"),
    "SOURCE_KIND": by_id(SourceGroupId="sg-a3"),
    "NO_SOURCE": by_facts({"IpProtocol": "tcp", "PortRange": "22/22"}),
    "DUPLICATE": by_id(PortRange="80/80"),
}
#: What is refused of a new rule, too.
SHARED: list[tuple[Refusal, Act]] = [
    (of_any_rule.DESCRIPTION, by_id(Description="x" * 513)),
    (errors.RULE_PORTS, by_id(PortRange="23/22")),
    (errors.RULE_PORTS, by_id(IpProtocol="icmp")),
    (of_any_rule.SOURCE_PORTS, by_id(4, IpProtocol="icmp", PortRange="-1/-1")),
    (of_any_rule.FAMILIES_MIXED, by_id(3, DestCidrIp="10.0.0.0/8")),
    (of_any_rule.NIC_TYPE, by_id(NicType="wire", Description="new")),
    (errors.RULE_SOURCE_GROUP, by_id(2, SourceGroupId="sg-none")),
    (of_any_rule.SOURCE_OTHER_VPC, by_id(2, SourceGroupId="sg-a2")),
    (of_any_rule.SOURCE_ITSELF, by_id(2, SourceGroupId="sg-a")),
]
MORE: list[tuple[str, Act]] = [
    ("RULE_NOT_FOUND", by_facts({"SecurityGroupRuleId": "sgr-none", "Description": "new"})),
    ("NO_SUCH_RULE", by_facts(SSH, NicType="internet")),
    ("PORTS", by_facts({"IpProtocol": "tcp", "SourceCidrIp": "10.0.0.0/8"})),
    ("PORTS", by_id(PortRange="1/65536")),
    ("SOURCE_KIND", by_id(2, SourceCidrIp="10.0.0.0/8")),
    ("SOURCE_KIND", by_id(3, SourceGroupId="sg-a3")),
    ("SOURCE_CIDR", by_id(SourceCidrIp="2001:db8::/32")),
    ("SOURCE_CIDR", by_id(SourceCidrIp="10.0.0.0/255.0.0.0")),
    ("DESTINATION_CIDR", by_id(DestCidrIp="10.0.0.0/08")),
]
CASES = [*((written(refusals)[name], act) for name, act in [*ROWS.items(), *MORE]), *SHARED]


@pytest.mark.parametrize(("refusal", "act"), CASES)
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, refusal: Refusal, act: Act) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    before = rules(g, "all")
    check_refusal(g, refusal, act)
    assert rules(g, "all") == before


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))


def test_a_rule_is_of_a_group_that_is_there(g: Ground) -> None:
    """And a rule without an id is known by its protocol."""
    with refused("InvalidSecurityGroupId.NotFound", 404):
        g.ask("ModifySecurityGroupRule", RegionId=HERE, SecurityGroupId="sg-none", **SSH)
    with refused("MissingParameter", 400):
        g.ask("ModifySecurityGroupRule", **GROUP, Description="new")
