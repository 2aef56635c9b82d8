"""Security groups: made, filled with rules, joined, left and deleted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs import errors
from localcloud.ecs.errors import Refusal
from localcloud.ecs.refusals import rules as refusals
from tests.localcloud.ecs_world import HERE, Ground, ground, refused
from tests.localcloud.refusing import written

GROUP = {"RegionId": HERE, "SecurityGroupId": "sg-a"}


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


def test_a_block_counts_before_a_group(g: Ground) -> None:
    """Where a rule is given both, at either end."""
    facts = {"RegionId": HERE, "SecurityGroupId": "sg-a3", "IpProtocol": "tcp", "PortRange": "22/22"}
    g.ask("AuthorizeSecurityGroup", **facts, SourceCidrIp="10.0.0.0/8", SourceGroupId="sg-a2")
    g.ask("AuthorizeSecurityGroupEgress", **facts, DestCidrIp="10.0.0.0/8", DestGroupId="sg-a3")
    inward, outward = rules(g, "sg-a3", "ingress")[0], rules(g, "sg-a3", "egress")[0]
    assert (inward["SourceCidrIp"], inward["SourceGroupId"]) == ("10.0.0.0/8", "")
    assert (outward["DestCidrIp"], outward["DestGroupId"]) == ("10.0.0.0/8", "")


def test_rules_come_in_pages(g: Ground) -> None:
    """DescribeSecurityGroupAttribute: MaxResults, 10 at least, and a token for the rest."""
    change = {"RegionId": HERE, "SecurityGroupId": "sg-a3"}
    g.ask("AuthorizeSecurityGroup", **change, Permissions=ports("SourceCidrIp", *range(1, 13)))
    first = g.ask("DescribeSecurityGroupAttribute", **change, MaxResults=10)
    rest = g.ask("DescribeSecurityGroupAttribute", **change, MaxResults=10, NextToken=first["NextToken"])
    assert [len(one["Permissions"]["Permission"]) for one in (first, rest)] == [10, 2]
    assert rest["NextToken"] == ""


IN = ("AuthorizeSecurityGroup", "RevokeSecurityGroup")
OUT = ("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress")
FACTS = {"IpProtocol": "tcp", "PortRange": "22/22"}
#: What is refused of a rule, what it lacks or says too much, and what the message is filled with.
Row = tuple[Refusal, dict[str, str], str]
BOTH: list[Row] = [
    (errors.RULE_PROTOCOL, {"IpProtocol": "ipx"}, ""),
    (errors.RULE_PORTS, {"PortRange": "-1/-1"}, ""),
    (errors.RULE_POLICY, {"Policy": "maybe"}, ""),
    (errors.RULE_PRIORITY, {"Priority": "101"}, ""),
    (refusals.SOURCE_PORTS, {"SourcePortRange": "22"}, ""),
    (refusals.SOURCE_PORTS, {"IpProtocol": "icmp", "PortRange": "-1/-1", "SourcePortRange": "1/2"}, ""),
    (errors.RULE_SOURCE_CIDR, {"SourceCidrIp": "10.0.0.0/33"}, ""),
    (errors.RULE_SOURCE_CIDR, {"SourceCidrIp": "::/0"}, ""),
    (errors.RULE_DESTINATION_CIDR, {"DestCidrIp": "10.0.0"}, ""),
    (refusals.SOURCE_IPV6, {"Ipv6SourceCidrIp": "10.0.0.0/8"}, "Ipv6SourceCidrIp"),
    (refusals.DESTINATION_IPV6, {"Ipv6DestCidrIp": "2001:db8::/129"}, "Ipv6DestCidrIp"),
    *(
        (errors.RULE_SOURCE_CIDR, {"SourceCidrIp": f"1.2.3.4/{bits}"}, "")
        for bits in ("255.255.0.0", "0.0.0.255", "024")
    ),
    *(
        (refusals.DESTINATION_IPV6, {"Ipv6DestCidrIp": block}, "Ipv6DestCidrIp")
        for block in ("::1%eth0", "fe80::1%1/64", "::/064")
    ),
    (refusals.NIC_TYPE, {"NicType": "wire"}, ""),
    (refusals.NIC_TYPE, {"NicType": "x" * 1000}, ""),
    (refusals.TWO_SOURCES, {"SourceCidrIp": "10.0.0.0/8", "Ipv6SourceCidrIp": "::/0"}, "Permissions"),
    (refusals.TWO_DESTINATIONS, {"DestCidrIp": "10.0.0.0/8", "Ipv6DestCidrIp": "::/0"}, "Permissions"),
    (refusals.FAMILIES_MIXED, {"Ipv6SourceCidrIp": "::/0", "DestCidrIp": "10.0.0.0/8"}, ""),
    (refusals.FAMILIES_MIXED, {"SourceCidrIp": "10.0.0.0/8", "Ipv6DestCidrIp": "::/0"}, ""),
]
#: A rule's own side alone is no rule.
INWARD: list[Row] = [
    (errors.RULE_NO_SOURCE, {"DestCidrIp": "10.0.0.0/8"}, "Permissions"),
    (errors.RULE_SOURCE_GROUP, {"SourceGroupId": "sg-none"}, ""),
]
OUTWARD: list[Row] = [
    (errors.RULE_NO_DESTINATION, {"SourceCidrIp": "10.0.0.0/8"}, "Permissions"),
    (errors.RULE_DESTINATION_GROUP, {"DestGroupId": "sg-none"}, ""),
]
#: What is refused of a new rule only.
NEW: list[tuple[str, dict[str, str], Refusal]] = [
    (IN[0], {"SourceGroupId": "sg-a"}, refusals.SOURCE_ITSELF),
    (IN[0], {"SourceGroupId": "sg-a2"}, refusals.SOURCE_OTHER_VPC),
    (IN[0], {"SourceCidrIp": "10.0.0.0/8", "Description": "x" * 513}, refusals.DESCRIPTION),
    (OUT[0], {"DestGroupId": "sg-a"}, refusals.DESTINATION_ITSELF),
    (OUT[0], {"DestGroupId": "sg-a2"}, refusals.DESTINATION_OTHER_VPC),
    (OUT[0], {"DestCidrIp": "10.0.0.0/8", "Description": "x" * 513}, refusals.DESCRIPTION),
]
CASES = [
    (action, *row)
    for actions, rows in ((IN, BOTH + INWARD), (OUT, BOTH + OUTWARD))
    for action in actions
    for row in rows
]
PEERS = {IN: "SourceCidrIp", OUT: "DestCidrIp"}


def ports(peer: str, *numbers: int) -> list[dict[str, str]]:
    return [{"IpProtocol": "udp", "PortRange": f"{port}/{port}", peer: "10.0.0.0/8"} for port in numbers]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A ground for what is refused: its groups have no rules, and remain so."""
    with ground(tmp_path_factory.mktemp("ground")) as made:
        yield made


@pytest.mark.parametrize(("action", "refusal", "facts", "filled"), CASES)
def test_a_rule_is_refused_as_documented(
    bare: Ground, action: str, refusal: Refusal, facts: dict[str, str], filled: str
) -> None:
    """One alone and one of several, to make it or to take it back; nothing comes of it."""
    message = refusal.message % filled if filled else refusal.message
    for wire in (FACTS | facts, {"Permissions": [FACTS | facts]}):
        with refused(refusal.code, refusal.status, message):
            bare.ask(action, **GROUP, **wire)
    assert rules(bare, "sg-a") == []


@pytest.mark.parametrize(("action", "peer"), [(IN[0], "SourceCidrIp"), (OUT[0], "DestCidrIp")])
def test_a_group_has_so_many_rules(g: Ground, action: str, peer: str) -> None:
    """All that are asked for, or none."""
    for start in (1, 101):
        g.ask(action, **GROUP, Permissions=ports(peer, *range(start, start + 99)))
    refusal = errors.RULES_TOO_MANY
    with refused(refusal.code, refusal.status, refusal.message):
        g.ask(action, **GROUP, Permissions=ports(peer, 301, 302, 303))
    assert len(rules(g, "sg-a")) == 198
    g.ask(action, **GROUP, Permissions=ports(peer, 301, 302))
    assert len(rules(g, "sg-a")) == 200


@pytest.mark.parametrize(("action", "peer"), [(action, peer) for actions, peer in PEERS.items() for action in actions])
def test_a_call_is_about_so_many_different_rules(bare: Ground, action: str, peer: str) -> None:
    """A hundred of them; or about one, which says so in another way."""
    one = ports(peer, 22)
    for wire, refusal, message in (
        ({"Permissions": ports(peer, *range(1, 102))}, errors.PARAMETER_INVALID, "Permissions"),
        ({"Permissions": one, "Priority": "1"}, refusals.PERMISSIONS_WITH_MORE, ""),
        ({"Permissions": one, peer.replace("CidrIp", "GroupId"): "sg-a3"}, refusals.PERMISSIONS_WITH_MORE, ""),
    ):
        with refused(refusal.code, refusal.status, refusal.message % message if message else refusal.message):
            bare.ask(action, **GROUP, **wire)
    assert rules(bare, "sg-a") == []


@pytest.mark.parametrize(("actions", "peer"), [(IN, "SourceCidrIp"), (OUT, "DestCidrIp")])
def test_a_rule_is_made_once_in_a_call(g: Ground, actions: tuple[str, str], peer: str) -> None:
    """Twice in one call it is refused, whatever is said about it; taken back twice it is gone."""
    (one,) = ports(peer, 22)
    twice, refusal = [one, {**one, "Description": "again"}], refusals.PERMISSIONS_TWICE
    with refused(refusal.code, refusal.status, refusal.message):
        g.ask(actions[0], **GROUP, Permissions=twice)
    assert rules(g, "sg-a") == []
    g.ask(actions[0], **GROUP, Permissions=[one])
    g.ask(actions[1], **GROUP, Permissions=twice)
    assert rules(g, "sg-a") == []


@pytest.mark.parametrize(("action", "facts", "refusal"), NEW)
def test_a_new_rule_is_refused_as_documented(
    bare: Ground, action: str, facts: dict[str, str], refusal: Refusal
) -> None:
    """For what can be no matter of one that is taken back."""
    with refused(refusal.code, refusal.status, refusal.message):
        bare.ask(action, **GROUP, Permissions=[FACTS | facts])
    assert rules(bare, "sg-a") == []


@pytest.mark.parametrize(("action", "refusal"), [(IN[1], refusals.RULE_ID), (OUT[1], refusals.NO_SUCH_RULE_OUT)])
def test_a_rule_of_the_other_direction_is_not_there(g: Ground, action: str, refusal: Refusal) -> None:
    """Its id is refused, and the one beside it stays."""
    g.ask(IN[0], **GROUP, **FACTS, SourceCidrIp="10.0.0.0/8")
    g.ask(OUT[0], **GROUP, **FACTS, DestCidrIp="10.0.0.0/8")
    ids = [one["SecurityGroupRuleId"] for one in rules(g, "sg-a")]
    with refused(refusal.code, refusal.status, refusal.message):
        g.ask(action, **GROUP, SecurityGroupRuleId=ids)
    assert [one["SecurityGroupRuleId"] for one in rules(g, "sg-a")] == ids


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    provoked = [refusal for refusal, _, _ in BOTH] + [refusal for _, _, refusal in NEW]
    provoked += [
        refusals.RULE_ID,
        refusals.NO_SUCH_RULE_OUT,
        refusals.PERMISSIONS_TWICE,
        refusals.PERMISSIONS_WITH_MORE,
    ]
    assert all(one in provoked for one in written(refusals).values())
