"""vSwitches and security groups at the cloud."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.cloud.errors import CloudRefused
from shared.cloud.ownership import GROUP, INSTALL, tags_of
from shared.cloud.session import Session
from shared.names import Names
from shared.replication.model import Kept

#: What RevokeSecurityGroup and RevokeSecurityGroupEgress say to the id of a rule that is not there
#: (https://www.alibabacloud.com/help/en/ecs/api-revokesecuritygroup and its neighbour).
_RULE_GONE = frozenset({"InvalidParam.SecurityGroupRuleId", "InvalidSecurityGroupRule.RuleNotExist"})


class VSwitchSeen(Kept):
    """A vSwitch as the cloud describes it."""

    id: str
    vpc: str
    zone: str
    free_addresses: int


class GroupSeen(Kept):
    """A security group as the cloud describes it."""

    id: str
    vpc: str
    name: str
    type: str
    tags: dict[str, str]


class Egress(Kept):
    """An egress rule of a security group."""

    policy: str
    cidr: str
    ports: str
    protocol: str
    priority: int


class GroupRules(Kept):
    """What a security group lets through: its rules by their ids, and whether its members reach each other."""

    egress: dict[str, Egress]
    ingress: tuple[str, ...]
    inner_access: str


class Networks:
    """The network that a replica lives in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def vswitch(self, region: str, vswitch: str) -> VSwitchSeen | None:
        """The vSwitch with this id, or None."""
        from alibabacloud_vpc20160428 import models

        request = models.DescribeVSwitchesRequest(region_id=region, v_switch_id=vswitch, page_size=50)
        body = self._session.ask("vpc", region, "describe_vswitches", request)
        found = body.v_switches.v_switch if body.v_switches else []
        return next((_vswitch(v) for v in found if v.v_switch_id == vswitch), None)

    def groups(self, region: str, ids: Sequence[str]) -> tuple[GroupSeen, ...]:
        """Those of the security groups that exist."""
        return self._groups(region, security_group_ids=json.dumps(list(ids)))

    def tagged_groups(self, region: str, vpc: str, tags: Mapping[str, str]) -> tuple[GroupSeen, ...]:
        """The security groups of a VPC, or of all if it is empty, that bear these tags."""
        from alibabacloud_ecs20140526 import models

        wanted = [models.DescribeSecurityGroupsRequestTag(key=k, value=v) for k, v in tags.items()]
        return self._groups(region, vpc_id=vpc or None, tag=wanted)

    def quarantine_groups(self, region: str, vpc: str, install: str) -> tuple[GroupSeen, ...]:
        """An install's quarantine groups in a VPC, or in all: by tags and name, because people copy tags."""
        tagged = self.tagged_groups(region, vpc, {INSTALL: install, GROUP: "quarantine"})
        return tuple(group for group in tagged if group.name == Names(install=install).quarantine)

    def rules(self, region: str, group: str) -> GroupRules:
        """What a security group lets through."""
        from alibabacloud_ecs20140526 import models

        request = models.DescribeSecurityGroupAttributeRequest(region_id=region, security_group_id=group)
        body = self._session.ask("ecs", region, "describe_security_group_attribute", request)
        found = (body.permissions.permission if body.permissions else None) or []
        return GroupRules(
            egress={rule.security_group_rule_id: _egress(rule) for rule in found if rule.direction == "egress"},
            ingress=tuple(rule.security_group_rule_id for rule in found if rule.direction == "ingress"),
            inner_access=body.inner_access_policy or "",
        )

    def create_group(self, region: str, vpc: str, *, name: str, tags: Mapping[str, str], token: str) -> str:
        """Make a security group in a VPC; its id."""
        from alibabacloud_ecs20140526 import models

        request = models.CreateSecurityGroupRequest(
            region_id=region,
            vpc_id=vpc,
            security_group_name=name,
            description="ECS Ferry: replicas wait here until they are proved",
            client_token=token,
            tag=[models.CreateSecurityGroupRequestTag(key=k, value=v) for k, v in tags.items()],
        )
        return str(self._session.ask("ecs", region, "create_security_group", request).security_group_id)

    def allow_out(self, region: str, group: str, rule: Egress) -> None:
        """Add an egress rule; the same rule again changes nothing."""
        from alibabacloud_ecs20140526 import models

        permission = models.AuthorizeSecurityGroupEgressRequestPermissions(
            policy=rule.policy,
            dest_cidr_ip=rule.cidr,
            port_range=rule.ports,
            ip_protocol=rule.protocol,
            priority=str(rule.priority),
        )
        request = models.AuthorizeSecurityGroupEgressRequest(
            region_id=region, security_group_id=group, permissions=[permission]
        )
        self._session.ask("ecs", region, "authorize_security_group_egress", request)

    def revoke_out(self, region: str, group: str, rule: str) -> None:
        """Remove the egress rule with this id; one that is gone changes nothing."""
        from alibabacloud_ecs20140526 import models

        request = models.RevokeSecurityGroupEgressRequest(
            region_id=region, security_group_id=group, security_group_rule_id=[rule]
        )
        self._revoke(region, "revoke_security_group_egress", request)

    def revoke_in(self, region: str, group: str, rule: str) -> None:
        """Remove the ingress rule with this id; one that is gone changes nothing."""
        from alibabacloud_ecs20140526 import models

        request = models.RevokeSecurityGroupRequest(
            region_id=region, security_group_id=group, security_group_rule_id=[rule]
        )
        self._revoke(region, "revoke_security_group", request)

    def isolate(self, region: str, group: str) -> None:
        """Let the members of a basic group not reach each other either; again changes nothing."""
        from alibabacloud_ecs20140526 import models

        request = models.ModifySecurityGroupPolicyRequest(
            region_id=region, security_group_id=group, inner_access_policy="Drop"
        )
        self._session.ask("ecs", region, "modify_security_group_policy", request)

    def delete_group(self, region: str, group: str) -> None:
        """Delete a security group that nothing is in any more."""
        from alibabacloud_ecs20140526 import models

        request = models.DeleteSecurityGroupRequest(region_id=region, security_group_id=group)
        self._session.ask("ecs", region, "delete_security_group", request)

    def _revoke(self, region: str, action: str, request: object) -> None:
        try:
            self._session.ask("ecs", region, action, request)
        except CloudRefused as no:
            if no.code not in _RULE_GONE:
                raise

    def _groups(self, region: str, **filters: object) -> tuple[GroupSeen, ...]:
        from alibabacloud_ecs20140526 import models

        request = models.DescribeSecurityGroupsRequest(region_id=region, max_results=100, **filters)
        return tuple(
            _group(group)
            for body in self._session.pages("ecs", region, "describe_security_groups", request)
            for group in (body.security_groups.security_group if body.security_groups else [])
        )


def _egress(rule: Any) -> Egress:
    return Egress(
        policy=(rule.policy or "").lower(),
        cidr=rule.dest_cidr_ip or "",
        ports=rule.port_range or "",
        protocol=(rule.ip_protocol or "").lower(),
        priority=int(rule.priority or 1),
    )


def _vswitch(vswitch: Any) -> VSwitchSeen:
    return VSwitchSeen(
        id=vswitch.v_switch_id,
        vpc=vswitch.vpc_id or "",
        zone=vswitch.zone_id or "",
        free_addresses=int(vswitch.available_ip_address_count or 0),
    )


def _group(group: Any) -> GroupSeen:
    return GroupSeen(
        id=group.security_group_id,
        vpc=group.vpc_id or "",
        name=group.security_group_name or "",
        type=group.security_group_type or "",
        tags=tags_of(group.tags.tag if group.tags else None),
    )
