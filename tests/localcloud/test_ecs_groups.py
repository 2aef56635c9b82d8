"""Security groups: made, filled with rules, joined, left and deleted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import rules as refusals
from tests.localcloud.ecs_world import HERE, Ground, ground, refused
from tests.localcloud.refusing import Act, ask, check_refusal, written


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def rules(g: Ground, group: str, direction: str = "all") -> list[dict[str, Any]]:
    found = g.ask("DescribeSecurityGroupAttribute", RegionId=HERE, SecurityGroupId=group, Direction=direction)
    return list(found["Permissions"]["Permission"])


def test_a_quarantine_can_be_made(g: Ground) -> None:
    """A new group has no rules; a rule that drops all outgoing traffic shuts it, and one by id opens it again."""
    made = g.ask(
        "CreateSecurityGroup",
        RegionId=HERE,
        VpcId="vpc-a",
        SecurityGroupName="quarantine",
        Tag=[{"Key": "ferry:install", "Value": "x"}],
        ClientToken="t",
    )["SecurityGroupId"]
    assert rules(g, made) == []
    shut = {"IpProtocol": "all", "PortRange": "-1/-1", "DestCidrIp": "0.0.0.0/0", "Policy": "drop", "Priority": "100"}
    agent = {"IpProtocol": "tcp", "PortRange": "443/443", "DestCidrIp": "100.100.0.0/16", "Description": "agent"}
    for _ in range(2):  # a rule that is there already is no error and no second rule
        g.ask("AuthorizeSecurityGroupEgress", RegionId=HERE, SecurityGroupId=made, Permissions=[shut, agent])
    found = rules(g, made, "egress")
    assert [(one["Policy"], one["DestCidrIp"], one["Priority"]) for one in found] == [
        ("Drop", "0.0.0.0/0", "100"),
        ("Accept", "100.100.0.0/16", "1"),
    ]
    assert rules(g, made, "ingress") == []
    g.ask("RevokeSecurityGroupEgress", RegionId=HERE, SecurityGroupId=made, Permissions=[shut])
    g.ask(
        "RevokeSecurityGroupEgress",
        RegionId=HERE,
        SecurityGroupId=made,
        SecurityGroupRuleId=[found[1]["SecurityGroupRuleId"]],
    )
    assert rules(g, made) == []
    listed = g.ask("DescribeSecurityGroups", RegionId=HERE, Tag=[{"Key": "ferry:install", "Value": "x"}])
    assert [one["SecurityGroupId"] for one in listed["SecurityGroups"]["SecurityGroup"]] == [made]


def test_members_of_a_quarantine_can_be_kept_from_one_another(g: Ground) -> None:
    """A basic group lets its members talk to each other until its policy says Drop."""

    def policy() -> str:
        found = g.ask("DescribeSecurityGroupAttribute", RegionId=HERE, SecurityGroupId="sg-a3")
        return str(found["InnerAccessPolicy"])

    assert policy() == "Accept"
    g.ask("ModifySecurityGroupPolicy", RegionId=HERE, SecurityGroupId="sg-a3", InnerAccessPolicy="Drop")
    assert policy() == "Drop"


def test_the_last_member_keeps_a_group_from_being_deleted(g: Ground) -> None:
    """A group goes only when nobody is in it, and an instance is always in one."""
    g.ask("JoinSecurityGroup", InstanceId="i-web", SecurityGroupId="sg-a3")
    with refused("DependencyViolation", 403):
        g.ask("DeleteSecurityGroup", RegionId=HERE, SecurityGroupId="sg-a3")
    g.ask("LeaveSecurityGroup", InstanceId="i-web", SecurityGroupId="sg-a3")
    g.ask("DeleteSecurityGroup", RegionId=HERE, SecurityGroupId="sg-a3")
    with refused("InvalidSecurityGroupId.NotFound", 404):
        g.ask("DeleteSecurityGroup", RegionId=HERE, SecurityGroupId="sg-a3")


def test_groups_are_found_by_network_and_id(g: Ground) -> None:
    """DescribeSecurityGroups narrows by VpcId and SecurityGroupIds."""

    def ids(**wire: Any) -> list[str]:
        found = g.ask("DescribeSecurityGroups", RegionId=HERE, **wire)
        return [one["SecurityGroupId"] for one in found["SecurityGroups"]["SecurityGroup"]]

    assert ids(VpcId="vpc-a2") == ["sg-a2"]
    assert ids(SecurityGroupIds='["sg-a","sg-none"]') == ["sg-a"]
    assert len(ids(MaxResults=50)) == 4


def test_a_group_gets_another_name_and_description(g: Ground) -> None:
    """ModifySecurityGroupAttribute changes what is given and nothing else."""
    change = {"RegionId": HERE, "SecurityGroupId": "sg-a"}
    g.ask("ModifySecurityGroupAttribute", **change, SecurityGroupName="front", Description="for web")
    g.ask("ModifySecurityGroupAttribute", **change, SecurityGroupName="door")
    found = g.ask("DescribeSecurityGroups", RegionId=HERE, SecurityGroupId="sg-a")["SecurityGroups"]["SecurityGroup"]
    assert [(one["SecurityGroupName"], one["Description"]) for one in found] == [("door", "for web")]


def test_a_rule_has_up_to_five_parts(g: Ground) -> None:
    """IPv6 on either side, ports of the source: kept, shown, told apart, and taken back by the same facts."""
    facts = {"IpProtocol": "tcp", "PortRange": "22/22"}
    inward = [
        {**facts, "Ipv6SourceCidrIp": "2001:db8::/64", "Ipv6DestCidrIp": "2001:db8:1::1"},
        {**facts, "SourceCidrIp": "10.0.0.0/8", "SourcePortRange": "1/1023"},
        {**facts, "SourceCidrIp": "10.0.0.0/8"},
    ]
    change = {"RegionId": HERE, "SecurityGroupId": "sg-a3"}
    g.ask("AuthorizeSecurityGroup", **change, Permissions=inward)
    g.ask("AuthorizeSecurityGroupEgress", **change, **facts, Ipv6DestCidrIp="::/0")
    shown = [(one["SourceCidrIp"], one["SourcePortRange"]) for one in rules(g, "sg-a3", "ingress")]
    assert shown == [("", ""), ("10.0.0.0/8", "1/1023"), ("10.0.0.0/8", "")]
    first, out = rules(g, "sg-a3", "ingress")[0], rules(g, "sg-a3", "egress")[0]
    assert (first["Ipv6SourceCidrIp"], first["Ipv6DestCidrIp"]) == ("2001:db8::/64", "2001:db8:1::1")
    assert (out["Ipv6SourceCidrIp"], out["Ipv6DestCidrIp"]) == ("", "::/0")
    g.ask("RevokeSecurityGroup", **change, Permissions=inward[:2])
    assert [one["SourcePortRange"] for one in rules(g, "sg-a3", "ingress")] == [""]


def test_rules_come_in_pages(g: Ground) -> None:
    """DescribeSecurityGroupAttribute: MaxResults, 10 at least, and a token for the rest."""
    ports = [{"IpProtocol": "udp", "PortRange": f"{n}/{n}", "SourceCidrIp": "10.0.0.0/8"} for n in range(1, 13)]
    change = {"RegionId": HERE, "SecurityGroupId": "sg-a3"}
    g.ask("AuthorizeSecurityGroup", **change, Permissions=ports)
    first = g.ask("DescribeSecurityGroupAttribute", **change, MaxResults=10)
    rest = g.ask("DescribeSecurityGroupAttribute", **change, MaxResults=10, NextToken=first["NextToken"])
    assert [len(one["Permissions"]["Permission"]) for one in (first, rest)] == [10, 2]
    assert rest["NextToken"] == ""


def rule(action: str = "AuthorizeSecurityGroup", **wire: Any) -> Act:
    facts = {"RegionId": HERE, "SecurityGroupId": "sg-a", "IpProtocol": "tcp", "PortRange": "22/22"}
    return ask(action, **facts | wire)


OUT = "AuthorizeSecurityGroupEgress"


def revoke(action: str) -> Act:
    """Revoke a rule of the other direction by its id, beside one that is there."""

    def act(g: Ground) -> object:
        rule(SourceCidrIp="10.0.0.0/8")(g)
        rule(OUT, DestCidrIp="10.0.0.0/8")(g)
        ids = [one["SecurityGroupRuleId"] for one in rules(g, "sg-a")]
        try:
            return g.ask(action, RegionId=HERE, SecurityGroupId="sg-a", SecurityGroupRuleId=ids)
        finally:
            assert [one["SecurityGroupRuleId"] for one in rules(g, "sg-a")] == ids

    return act


ROWS: dict[str, Act] = {
    "SOURCE_PORTS": rule(SourceCidrIp="10.0.0.0/8", SourcePortRange="22"),
    "SOURCE_IPV6": rule(Ipv6SourceCidrIp="10.0.0.0/8"),
    "DESTINATION_IPV6": rule(OUT, Ipv6DestCidrIp="2001:db8::/129"),
    "TWO_SOURCES": rule(SourceCidrIp="10.0.0.0/8", Ipv6SourceCidrIp="::/0"),
    "TWO_DESTINATIONS": rule(OUT, DestCidrIp="10.0.0.0/8", Ipv6DestCidrIp="::/0"),
    "FAMILIES_MIXED": rule(Ipv6SourceCidrIp="::/0", DestCidrIp="10.0.0.0/8"),
    "RULE_ID": revoke("RevokeSecurityGroup"),
    "NO_SUCH_RULE_OUT": revoke("RevokeSecurityGroupEgress"),
}
#: The same, at the other side or another way.
MORE: list[tuple[str, Act]] = [
    ("SOURCE_PORTS", rule(IpProtocol="icmp", PortRange="-1/-1", SourceCidrIp="10.0.0.0/8", SourcePortRange="1/2")),
    ("TWO_DESTINATIONS", rule(SourceGroupId="sg-a3", DestCidrIp="10.0.0.0/8", Ipv6DestCidrIp="::/0")),
    ("TWO_SOURCES", rule(OUT, DestGroupId="sg-a3", SourceCidrIp="10.0.0.0/8", Ipv6SourceCidrIp="::/0")),
    ("FAMILIES_MIXED", rule(SourceCidrIp="10.0.0.0/8", Ipv6DestCidrIp="::/0")),
]


@pytest.mark.parametrize(("name", "act"), [*ROWS.items(), *MORE])
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What a rule can't be is refused in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


def test_an_ipv6_block_is_no_ipv4_block(g: Ground) -> None:
    """Each of the two has a parameter of its own."""
    with refused("InvalidSourceCidrIp.Malformed", 400):
        rule(SourceCidrIp="::/0")(g)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
