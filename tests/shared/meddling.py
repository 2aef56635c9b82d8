"""Changes that somebody makes by hand to what provisioning has made, with the official SDKs."""

import json
from typing import Any

from shared.cloud.bus import Target
from tests.functions.account import THERE, ask
from tests.shared.installs import Operator

_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}
_ALL = {"Effect": "Allow", "Action": ["ecs:*"], "Resource": "*"}
#: What a run of provisioning has to put right then.
MEDDLED = {
    ("rule", "ferry-copy-image"),
    ("rule", "ferry-create-image"),
    ("rule", "ferry-precheck"),
    ("role", "ferry-watch"),
    ("policy", "ferry-watch"),
    ("policy", "ferry-clean-up"),
}


def meddle(operator: Operator) -> None:
    """Change rules, a role, policies and the quarantine group."""
    _change_rules(operator)
    _change_roles(operator)
    (group,) = groups(operator)
    anybody = {"IpProtocol": "tcp", "PortRange": "22/22"}
    ask("AuthorizeSecurityGroup", THERE, SecurityGroupId=group, Permissions=[anybody | {"SourceCidrIp": "0.0.0.0/0"}])
    out = [anybody | {"DestCidrIp": "10.0.0.0/8", "Policy": "accept"}]
    ask("AuthorizeSecurityGroupEgress", THERE, SecurityGroupId=group, Permissions=out)
    ask("ModifySecurityGroupPolicy", THERE, SecurityGroupId=group, InnerAccessPolicy="Accept")


def groups(operator: Operator) -> list[str]:
    """The install's quarantine groups."""
    site = operator.place.site
    return [one.id for one in site.networks.quarantine_groups(THERE, "", site.names.install)]


def a_stranger(group: str, **more: object) -> str:
    """Somebody's instance in a group; its id."""
    made = ask(
        "RunInstances",
        THERE,
        ImageId="aliyun_3_x64_20G_alibase_20251030.vhd",
        InstanceType="ecs.g7.large",
        VSwitchId="vsw-b",
        SecurityGroupId=group,
        SystemDisk={"Category": "cloud_essd"},
        **more,
    )
    return str(made["InstanceIdSets"]["InstanceIdSet"][0])


def strangers(operator: Operator) -> set[str]:
    """Somebody's queue, topics and default bus's rule under the install's names; those names."""
    site = operator.place.site
    names = site.names
    site.queues.make_queue(names.dead_letters)
    for topic in (names.topic("watch"), names.topic("copy_image"), "theirs"):
        site.queues.make_topic(topic)
    place = f"acs:mns:{THERE}:{site.account}"
    target = Target(kind="topic", name="theirs", endpoint=f"{place}:topics/theirs")
    site.default_bus.make_rule(names.cloud_events, {"source": ["acs.oss"]}, target, f"{place}:/queues/theirs")
    return {names.dead_letters, names.topic("copy_image"), names.cloud_events}


def _change_rules(operator: Operator) -> None:
    """Another pattern, a rule that is off and has a second target, a rule whose target is another."""
    from alibabacloud_eventbridge20200401 import models

    def do(action: str, rule: str, request: Any, **more: object) -> None:
        asked = request(event_bus_name="ferry", rule_name=rule, **more)
        operator.place.site.session.ask("eventbridge", THERE, action, asked)

    def target(id_: str) -> Any:
        return models.PutTargetsRequestTargets(
            id=id_,
            type="acs.mns.queue",
            endpoint=f"acs:mns:{THERE}:{operator.place.site.account}:queues/ferry-looks",
            param_list=[models.PutTargetsRequestTargetsParamList(resource_key="Body", form="ORIGINAL")],
        )

    do("update_rule", "ferry-copy-image", models.UpdateRuleRequest, filter_pattern='{"source": ["x"]}')
    do("disable_rule", "ferry-create-image", models.DisableRuleRequest)
    do("put_targets", "ferry-create-image", models.PutTargetsRequest, targets=[target("2")])
    do("put_targets", "ferry-precheck", models.PutTargetsRequest, targets=[target("1")])


def _change_roles(operator: Operator) -> None:
    """A role that another service may take on, one without its policy, and a policy that allows everything."""
    from alibabacloud_ram20150501 import models

    def do(action: str, request: object) -> None:
        operator.place.site.session.ask("ram", THERE, action, request)

    trust, rights = (json.dumps({"Version": "1", "Statement": [one]}) for one in (_TRUST, _ALL))
    do("update_role", models.UpdateRoleRequest(role_name="ferry-watch", new_assume_role_policy_document=trust))
    detach = models.DetachPolicyFromRoleRequest
    do("detach_policy_from_role", detach(policy_type="Custom", policy_name="ferry-watch", role_name="ferry-watch"))
    new = models.CreatePolicyVersionRequest
    do("create_policy_version", new(policy_name="ferry-clean-up", policy_document=rights, set_as_default=True))
