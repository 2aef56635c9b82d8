"""The rights that whoever sets up, looks after and takes down an install must have: those, and no more."""

from collections.abc import Mapping

from shared.cloud.ownership import INSTALL
from shared.names import Names
from shared.replication.model import Kept

#: Characters of a custom policy.  https://www.alibabacloud.com/help/en/ram/product-overview/limits
MOST_CHARACTERS = 6144
#: What `s deploy` makes for all triggers of an account, if it is not there.
_NOTIFIER = "AliyunMNSNotificationRole"
_LINKED = ("sendevent-mns.eventbridge.aliyuncs.com", "sendevent-fc.eventbridge.aliyuncs.com")


class Grant(Kept):
    """Some actions on some resources."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, object]] | None = None


def policy(names: Names, region: str) -> dict[str, object]:
    """The policy to attach, as RAM takes it; the account's own number need not be known for it."""
    return {
        "Version": "1",
        "Statement": [_statement(grant) for grant in (*own(names, region), *of_serverless_devs(names, region))],
    }


def own(names: Names, region: str) -> tuple[Grant, ...]:
    """What Ferry's own commands ask for: provision, deploy, teardown and doctor."""
    return (
        *_unbound(),
        *_of_tagged(names),
        *_of_the_chain(names, region),
        *_of_roles(names),
        *_of_functions(names, region),
        *_of_the_store(names, region),
    )


def _unbound() -> tuple[Grant, ...]:
    """What can be bound to no name and no tag: looks, and what makes or removes things without either."""
    return (
        Grant(
            actions=(
                "ecs:DescribeImages",
                "ecs:DescribeInstances",
                "ecs:DescribeSecurityGroupAttribute",
                "ecs:DescribeSecurityGroups",
                "ecs:DescribeSnapshots",
                "eventbridge:ListEventBuses",
                "fc:ListFunctions",
                "mns:ListTopic",
                "ots:ListInstance",
                "ram:ListPolicies",
                "ram:ListRoles",
                "vpc:DescribeVSwitches",
                "ecs:CreateSecurityGroup",
                # A snapshot of an image that was cancelled bears no tag yet: its id stands in a record.
                "ecs:DeleteSnapshot",
            ),
            resources=("*",),
        ),
    )


def _of_tagged(names: Names) -> tuple[Grant, ...]:
    """Quarantine groups, replicas and images: those with the install's tag."""
    ours = {"StringEquals": {f"acs:ResourceTag/{INSTALL}": names.install}}
    return (
        Grant(
            actions=(
                "ecs:AuthorizeSecurityGroupEgress",
                "ecs:DeleteImage",
                "ecs:DeleteInstance",
                "ecs:DeleteSecurityGroup",
                "ecs:ModifySecurityGroupPolicy",
                "ecs:RevokeSecurityGroup",
                "ecs:RevokeSecurityGroupEgress",
            ),
            resources=("*",),
            condition=ours,
        ),
    )


def _of_the_chain(names: Names, region: str) -> tuple[Grant, ...]:
    """Bus, rules, queues and topics."""
    bus = f"acs:eventbridge:{region}:*:eventbus"
    return (
        Grant(
            actions=("eventbridge:CreateEventBus", "eventbridge:DeleteEventBus", "eventbridge:ListRules"),
            resources=(f"{bus}/{names.bus}", f"{bus}/default"),
        ),
        Grant(
            actions=(
                "eventbridge:CreateRule",
                "eventbridge:DeleteRule",
                "eventbridge:DeleteTargets",
                "eventbridge:ListTargets",
                "eventbridge:PutTargets",
                "eventbridge:UpdateRule",
            ),
            resources=(f"{bus}/{names.bus}/rule/*", f"{bus}/default/rule/{names.cloud_events}"),
        ),
        Grant(
            actions=(
                "mns:CreateQueue",
                "mns:CreateTopic",
                "mns:DeleteQueue",
                "mns:DeleteTopic",
                "mns:GetQueueAttributes",
                "mns:GetTopicAttributes",
            ),
            resources=tuple(f"acs:mns:{region}:*:/{kind}/{names.install}-*" for kind in ("queues", "topics")),
        ),
    )


def _of_roles(names: Names) -> tuple[Grant, ...]:
    """Roles and policies."""
    return (
        Grant(
            actions=(
                "ram:AttachPolicyToRole",
                "ram:CreatePolicy",
                "ram:CreatePolicyVersion",
                "ram:CreateRole",
                "ram:DeletePolicy",
                "ram:DeletePolicyVersion",
                "ram:DeleteRole",
                "ram:DetachPolicyFromRole",
                "ram:GetPolicy",
                "ram:GetRole",
                "ram:ListPoliciesForRole",
                "ram:ListPolicyVersions",
                "ram:UpdateRole",
            ),
            resources=tuple(f"acs:ram:*:*:{kind}/{names.install}-*" for kind in ("role", "policy")),
        ),
    )


def _of_functions(names: Names, region: str) -> tuple[Grant, ...]:
    """Functions, which teardown removes, and their layer."""
    return (
        Grant(
            actions=("fc:DeleteAsyncInvokeConfig", "fc:DeleteFunction", "fc:DeleteTrigger", "fc:ListTriggers"),
            resources=_functions(names, region),
        ),
        Grant(
            actions=("fc:CreateLayerVersion", "fc:DeleteLayerVersion", "fc:ListLayerVersions"),
            resources=(f"acs:fc:{region}:*:layers/{names.layer}", f"acs:fc:{region}:*:layers/{names.layer}/*"),
        ),
    )


def _of_the_store(names: Names, region: str) -> tuple[Grant, ...]:
    """The Tablestore instance, its tables and indexes."""
    table = f"acs:ots:{region}:*:instance/ferry-*"
    return (
        Grant(
            actions=("ots:CreateInstance", "ots:DeleteInstance", "ots:GetInstance", "ots:ListTable"),
            resources=(table, f"{table}/table/*"),
        ),
        Grant(
            actions=(
                "ots:CreateIndex",
                "ots:CreateTable",
                "ots:DeleteTable",
                "ots:DescribeTable",
                "ots:DropIndex",
                "ots:GetRange",
            ),
            resources=(f"{table}/table/{names.tables}_*",),
        ),
    )


def of_serverless_devs(names: Names, region: str) -> tuple[Grant, ...]:
    """What `s deploy` asks for with the component fc3; the embedded cloud plays its part without these calls.

    devsapp/fc3 (read 2026-11): src/resources/fc/index.ts (functions, triggers, the temporary bucket for code),
    src/subCommands/deploy/impl/async_invoke_config.ts, src/base.ts (roles of triggers: those calls are in the package
    @serverless-cd/srm-aliyun-ram20150501).  What it asks besides (VPC bindings, provisioned instances, concurrency) it
    does without when it is refused.  A trigger on a topic subscribes to it; https://help.aliyun.com/zh/mns has the
    actions.  Giving a function its role takes ram:PassRole.
    """
    return (
        Grant(
            actions=(
                "fc:CreateFunction",
                "fc:CreateTrigger",
                "fc:GetAsyncInvokeConfig",
                "fc:GetFunction",
                "fc:GetTrigger",
                "fc:PutAsyncInvokeConfig",
                "fc:UpdateFunction",
                "fc:UpdateTrigger",
            ),
            resources=_functions(names, region),
        ),
        Grant(actions=("fc:GetTempBucketToken",), resources=("*",)),
        Grant(
            actions=("fc:GetLayerVersion",),
            resources=(f"acs:fc:{region}:*:layers/{names.layer}/*",),
        ),
        Grant(
            actions=("mns:Subscribe", "mns:Unsubscribe"),
            resources=(f"acs:mns:{region}:*:/topics/{names.install}-*",),
        ),
        Grant(
            actions=("ram:PassRole",),
            resources=(f"acs:ram:*:*:role/{names.install}-*", f"acs:ram:*:*:role/{_NOTIFIER.lower()}"),
            condition={"StringEquals": {"acs:Service": "fc.aliyuncs.com"}},
        ),
        Grant(
            actions=("ram:AttachPolicyToRole", "ram:CreateRole", "ram:GetRole", "ram:ListPoliciesForRole"),
            resources=(
                f"acs:ram:*:*:role/{_NOTIFIER.lower()}",
                f"acs:ram:*:system:policy/{_NOTIFIER}Policy",
            ),
        ),
        Grant(actions=("ram:CheckServiceLinkedRoleExistence",), resources=("*",)),
        Grant(
            actions=("ram:CreateServiceLinkedRole",),
            resources=("*",),
            condition={"StringEquals": {"ram:ServiceName": list(_LINKED)}},
        ),
    )


def _functions(names: Names, region: str) -> tuple[str, ...]:
    place = f"acs:fc:{region}:*:functions/{names.install}-*"
    return (place, f"{place}/*")


def _statement(grant: Grant) -> dict[str, object]:
    """A statement; one action or resource stands without a list, which saves characters."""
    actions, resources = list(grant.actions), list(grant.resources)
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Action": actions if len(actions) > 1 else actions[0],
        "Resource": resources if len(resources) > 1 else resources[0],
    }
    return statement | ({"Condition": grant.condition} if grant.condition else {})
