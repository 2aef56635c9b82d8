"""Security groups: making and deleting them, their rules, and who is in them."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance, Rule, SecurityGroup
from localcloud.ecs.narrowing import Fields, asked_facts, shows
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import rules as refusals
from localcloud.ecs.rules import inbound, outbound, refuse_destination, refuse_source, rule_description, shown_rule
from localcloud.ecs.state import Held, State
from localcloud.ecs.tagging import asked_tags, bears, read_tags, shown_tags
from localcloud.ecs.times import second

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_Read = Callable[[Params, Container[str]], Rule]
_Refuse = Callable[[Rule, SecurityGroup, Mapping[str, SecurityGroup]], None]
_MOST_RULES = 200
_MOST_AT_ONCE = 100
#: What says of one rule what ``Permissions.N`` says of several.
_ONE_RULE = (
    "Description",
    "DestCidrIp",
    "DestGroupId",
    "IpProtocol",
    "Ipv6DestCidrIp",
    "Ipv6SourceCidrIp",
    "NicType",
    "Policy",
    "PortRange",
    "Priority",
    "SourceCidrIp",
    "SourceGroupId",
    "SourcePortRange",
)
_NARROWS: Fields = {
    "NetworkType": str,
    "SecurityGroupId": str,
    "SecurityGroupName": str,
    "SecurityGroupType": str,
    "ServiceManaged": bool,
    "VpcId": str,
}


def refuse_mixed(groups: Sequence[SecurityGroup]) -> None:
    """An instance is in basic groups or in advanced ones, not in both."""
    if len({group.type for group in groups}) > 1:
        raise errors.GROUP_TYPES_MIXED.error()


class SecurityGroups:
    """The security groups of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    # --- groups ------------------------------------------------------------------------------------------------------

    def create(self, params: Params) -> Answer:
        """CreateSecurityGroup, in a VPC: the classic network is retired."""
        vpc = params.need("VpcId")
        if not self._cloud.vpc.has(params.region, vpc):
            raise errors.GROUP_VPC_NOT_FOUND.error()
        kind = params.text("SecurityGroupType", "normal")
        if kind not in ("normal", "enterprise"):
            raise errors.PARAMETER_INVALID.error("SecurityGroupType")
        tags = read_tags(params)
        name = params.name("SecurityGroupName", errors.GROUP_NAME)
        description = params.description("Description", errors.DESCRIPTION_MALFORMED)
        group = SecurityGroup(
            id=self._cloud.new_id("sg-"),
            region=params.region,
            created=self._cloud.clock.now,
            listed_from=self._cloud.clock.now,
            tags=tags,
            name=name,
            description=description,
            vpc_id=vpc,
            type=kind,
        )
        self._state.of(params.region).groups[group.id] = group
        return {"SecurityGroupId": group.id}

    def describe(self, params: Params) -> Answer:
        """DescribeSecurityGroups, at most 50 a page by number, 100 by token."""
        held = self._state.of(params.region)
        ids, wanted, facts = params.json_ids("SecurityGroupIds"), asked_tags(params), asked_facts(params, _NARROWS)
        chosen = [
            one
            for one in self._listing.visible(held.groups.values())
            if (ids is None or one.id in ids)
            # The classic network is retired.
            and (not facts or shows({**_shown(held, one), "NetworkType": "vpc"}, facts))
            and bears(one, wanted)
        ]
        page, head = self._listing.page(params, chosen, most=50)
        shown = [_shown(held, one) for one in page]
        return {**head, "RegionId": params.region, "SecurityGroups": {"SecurityGroup": shown}}

    def attribute(self, params: Params) -> Answer:
        """DescribeSecurityGroupAttribute: the group's rules, 500 at once unless told otherwise."""
        group = self._group(params)
        direction = params.text("Direction", "all")
        if direction not in ("all", "ingress", "egress"):
            raise errors.PARAMETER_INVALID.error("Direction")
        rules = [
            {**shown_rule(rule), "SecurityGroupRuleId": rule_id, "CreateTime": second(since), "Description": text}
            for rule_id, (rule, since, text) in group.rules.items()
            if direction in ("all", rule.direction)
        ]
        page, after = self._listing.by_token(params, rules, max(10, params.whole("MaxResults", 500, 1, 1000)))
        return {
            "RegionId": params.region,
            "SecurityGroupId": group.id,
            "SecurityGroupName": group.name,
            "Description": group.description,
            "VpcId": group.vpc_id,
            "InnerAccessPolicy": group.inner_access if group.type == "normal" else "Drop",
            "NextToken": after,
            "Permissions": {"Permission": page},
        }

    def set_policy(self, params: Params) -> Answer:
        """ModifySecurityGroupPolicy: whether the members of a basic group reach each other.

        https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifysecuritygrouppolicy
        """
        group = self._group(params)
        policy = params.need("InnerAccessPolicy").capitalize()
        if policy not in ("Accept", "Drop"):
            raise errors.PARAMETER_INVALID.error("InnerAccessPolicy")
        if group.type != "normal":
            raise errors.GROUP_NOT_BASIC.error()
        group.inner_access = policy
        return {}

    def modify(self, params: Params) -> Answer:
        """ModifySecurityGroupAttribute: name and description; what isn't given stays as it is."""
        group = self._group(params)
        name = params.name("SecurityGroupName", errors.GROUP_NAME)
        description = params.description("Description", errors.GROUP_DESCRIPTION)
        group.name, group.description = name or group.name, description or group.description
        return {}

    def delete(self, params: Params) -> Answer:
        """DeleteSecurityGroup: one that nothing uses."""
        held = self._state.of(params.region)
        group = self._group(params)
        if _members(held, group):
            raise errors.GROUP_IN_USE.error()
        others = (one for one in held.groups.values() if one is not group)
        if any(rule.peer_group == group.id for one in others for rule, _, _ in one.rules.values()):
            raise errors.GROUP_REFERRED.error()
        del held.groups[group.id]
        return {}

    # --- members -----------------------------------------------------------------------------------------------------

    def join(self, params: Params) -> Answer:
        """JoinSecurityGroup."""
        held = self._state.of(params.region)
        group = self._group(params)
        instance = held.instance(params.need("InstanceId"))
        if instance.vpc_id != group.vpc_id:
            raise errors.GROUP_OTHER_VPC.error()
        if group.id in instance.groups:
            raise errors.GROUP_ALREADY_JOINED.error()
        refuse_mixed([group, *(held.groups[one] for one in instance.groups)])
        instance.groups.append(group.id)
        return {}

    def leave(self, params: Params) -> Answer:
        """LeaveSecurityGroup: not the last one."""
        held = self._state.of(params.region)
        group = self._group(params)
        instance = held.instance(params.need("InstanceId"))
        if group.id not in instance.groups:
            raise errors.GROUP_NOT_JOINED.error()
        if len(instance.groups) == 1:
            raise errors.GROUP_LAST.error()
        instance.groups.remove(group.id)
        return {}

    # --- rules -------------------------------------------------------------------------------------------------------

    def allow_in(self, params: Params) -> Answer:
        """AuthorizeSecurityGroup."""
        return self._authorize(params, inbound, refuse_source)

    def allow_out(self, params: Params) -> Answer:
        """AuthorizeSecurityGroupEgress."""
        return self._authorize(params, outbound, refuse_destination)

    def revoke_in(self, params: Params) -> Answer:
        """RevokeSecurityGroup."""
        return self._revoke(params, "ingress", inbound, refusals.RULE_ID)

    def revoke_out(self, params: Params) -> Answer:
        """RevokeSecurityGroupEgress."""
        return self._revoke(params, "egress", outbound, refusals.NO_SUCH_RULE_OUT)

    def _authorize(self, params: Params, read: _Read, refuse: _Refuse) -> Answer:
        group = self._group(params)
        groups = self._state.of(params.region).groups
        asked = _asked(params)
        rules = {read(one, groups): rule_description(one) for one in asked}
        if len(rules) < len(asked):
            raise refusals.PERMISSIONS_TWICE.error()
        for rule in rules:
            refuse(rule, group, groups)
        known = {rule for rule, _, _ in group.rules.values()}
        new = {rule: text for rule, text in rules.items() if rule not in known}  # one that is there is no error
        if len(group.rules) + len(new) > _MOST_RULES:
            raise errors.RULES_TOO_MANY.error()
        for rule, text in new.items():
            group.rules[self._cloud.new_id("sgr-")] = (rule, self._cloud.clock.now, text)
        return {}

    def _revoke(self, params: Params, direction: str, read: _Read, unknown: errors.Refusal) -> Answer:
        """Rules by id, or by their facts: of the latter one that isn't there is no error.

        UNVERIFIED: that the page means so, as it also says of all rules that what isn't there is refused since 2024.
        """
        group = self._group(params)
        there = {rule_id: rule for rule_id, (rule, _, _) in group.rules.items() if rule.direction == direction}
        doomed = set(params.each("SecurityGroupRuleId"))
        if not doomed <= there.keys():
            raise unknown.error()
        if not doomed:
            groups = self._state.of(params.region).groups
            facts = {read(one, groups) for one in _asked(params)}
            doomed = {rule_id for rule_id, rule in there.items() if rule in facts}
        for rule_id in doomed:
            del group.rules[rule_id]
        return {}

    def _group(self, params: Params) -> SecurityGroup:
        return self._state.of(params.region).group(params.need("SecurityGroupId"))


def _asked(params: Params) -> Sequence[Params]:
    """Several rules, or one.

    UNVERIFIED: the code for more of them than the page allows; and that what AuthorizeSecurityGroup refuses beside
    Permissions is refused when rules are taken back, of which the page only says that they do not go together.
    """
    several = params.structs("Permissions")
    if several and any(params.has(name) for name in _ONE_RULE):
        raise refusals.PERMISSIONS_WITH_MORE.error()
    if len(several) > _MOST_AT_ONCE:
        raise errors.PARAMETER_INVALID.error("Permissions")
    return several or (params,)


def _members(held: Held, group: SecurityGroup) -> list[Instance]:
    return [one for one in held.instances.values() if group.id in one.groups]


def _shown(held: Held, one: SecurityGroup) -> Answer:
    return {
        "SecurityGroupId": one.id,
        "SecurityGroupName": one.name,
        "Description": one.description,
        "SecurityGroupType": one.type,
        "VpcId": one.vpc_id,
        "CreationTime": second(one.created),
        "EcsCount": len(_members(held, one)),
        "RuleCount": len(one.rules),
        "ResourceGroupId": "",
        "ServiceManaged": False,
        "Tags": shown_tags(one),
    }
