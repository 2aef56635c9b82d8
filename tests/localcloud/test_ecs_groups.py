"""Security groups: made, filled with rules, joined, left and deleted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, Ground, ground, refused


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
