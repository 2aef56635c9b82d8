"""What each call needs: refused without that right, in each product's own words, through the official SDKs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.needs import NEEDS as ECS
from localcloud.eventbridge.needs import NEEDS as EVENTBRIDGE
from localcloud.fc.api import _routes
from localcloud.fc.needs import NEEDS as FC
from localcloud.ots_control import OtsControl
from localcloud.ots_control.needs import NEEDS as OTS_CONTROL
from localcloud.ram.needs import NEEDS as RAM
from localcloud.smq.api import _ROUTES
from localcloud.smq.needs import NEEDS as SMQ
from localcloud.tablestore.actions import ACTIONS
from localcloud.vpc.needs import NEEDS as VPC
from tests.localcloud.asker import FORBIDDEN, NO_PERMISSION, NOT_BY_RAM, OWNER, Asker, allow, an_asker
from tests.localcloud.ecs_world import PUBLIC, launch
from tests.localcloud.sdk import ACCOUNT, HOME, tablestore_control


@pytest.fixture
def asker(tmp_path: Path) -> Iterator[Asker]:
    with an_asker(tmp_path) as one:
        yield one


def _ecs(path: str, region: str = HOME) -> str:
    return f"acs:ecs:{region}:{ACCOUNT}:{path}"


_INSTANCE = {"InstanceId": "i-web"}
_GROUP = {"RegionId": HOME, "SecurityGroupId": "sg-a"}
_HERE = {"RegionId": HOME}
_BOTH = {"ResourceType": "instance", "ResourceId": ["i-web"], "RegionId": HOME, "Tag": [{"Key": "a", "Value": "b"}]}
_VSWITCH = f"acs:vpc:{HOME}:{ACCOUNT}:vswitch/*"
#: A call of each action, and the resources on which its right is needed.
ECS_CALLS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "DescribeRegions": ({}, ["*"]),
    "DescribeZones": (_HERE, ["*"]),
    "DescribeInstanceTypes": ({}, ["*"]),
    "DescribeAvailableResource": ({**_HERE, "DestinationResource": "InstanceType"}, ["*"]),
    "DescribeImages": ({**_HERE, "ImageId": "m-1,m-2"}, [_ecs("image/m-1"), _ecs("image/m-2")]),
    "CreateImage": (
        {**_HERE, **_INSTANCE, "SnapshotId": "s-1", "DiskDeviceMapping": [{"SnapshotId": "s-2"}]},
        [_ecs("image/*"), _ecs("instance/i-web"), _ecs("snapshot/s-1"), _ecs("snapshot/s-2")],
    ),
    "DeleteImage": ({**_HERE, "ImageId": "m-1"}, [_ecs("image/m-1")]),
    "CopyImage": (
        {**_HERE, "ImageId": "m-1", "DestinationRegionId": "cn-beijing"},
        [_ecs("image/*"), _ecs("image/m-1"), _ecs("image/*", "cn-beijing")],
    ),
    "CancelCopyImage": ({**_HERE, "ImageId": "m-1"}, [_ecs("image/m-1")]),
    "DescribeSnapshots": ({**_HERE, "SnapshotIds": '["s-1"]'}, [_ecs("snapshot/s-1")]),
    "CreateSnapshot": ({"DiskId": "d-1"}, [_ecs("disk/d-1"), _ecs("snapshot/*")]),
    "DeleteSnapshot": ({"SnapshotId": "s-1"}, [_ecs("snapshot/s-1")]),
    "RunInstances": (
        {
            **launch(PUBLIC),
            "SecurityGroupId": None,
            "SecurityGroupIds": ["sg-a", "sg-a3"],
            "DataDisk": [{"SnapshotId": "s-1"}],
            "KeyPairName": "a:b",
            "RamRoleName": "Guest",
        },
        [
            _ecs("instance/*"),
            _ecs(f"image/{PUBLIC}"),
            _ecs("securitygroup/sg-a"),
            _ecs("securitygroup/sg-a3"),
            _ecs("snapshot/s-1"),
            _ecs("keypair/a:b"),
            f"acs:vpc:{HOME}:{ACCOUNT}:vswitch/vsw-a",
            f"acs:ram:*:{ACCOUNT}:role/guest",
        ],
    ),
    "DescribeInstances": (_HERE, [_ecs("instance/*")]),
    "DescribeInstanceStatus": (_HERE, [_ecs("instance/*")]),
    "DescribeInstanceAttribute": (_INSTANCE, [_ecs("instance/i-web")]),
    "StartInstance": (_INSTANCE, [_ecs("instance/i-web")]),
    "StopInstance": (_INSTANCE, [_ecs("instance/i-web")]),
    "DeleteInstance": (_INSTANCE, [_ecs("instance/i-web")]),
    "DeleteInstances": (
        {**_HERE, "InstanceId": ["i-web", "i-2"]},
        [_ecs("instance/i-web"), _ecs("instance/i-2")],
    ),
    "ModifyInstanceAttribute": (
        {**_INSTANCE, "SecurityGroupIds": ["sg-a3"]},
        [_ecs("instance/i-web"), _ecs("securitygroup/sg-a3")],
    ),
    "DescribeDisks": ({**_HERE, "DiskIds": '["d-1"]'}, [_ecs("disk/d-1")]),
    "DescribeSecurityGroups": (_HERE, [_ecs("securitygroup/*")]),
    "DescribeSecurityGroupAttribute": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "ModifySecurityGroupPolicy": ({**_GROUP, "InnerAccessPolicy": "Drop"}, [_ecs("securitygroup/sg-a")]),
    "CreateSecurityGroup": (
        {**_HERE, "VpcId": "vpc-a"},
        [_ecs("securitygroup/*"), f"acs:vpc:{HOME}:{ACCOUNT}:vpc/vpc-a"],
    ),
    "DeleteSecurityGroup": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "AuthorizeSecurityGroup": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "AuthorizeSecurityGroupEgress": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "RevokeSecurityGroup": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "RevokeSecurityGroupEgress": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "JoinSecurityGroup": (_GROUP | _INSTANCE, [_ecs("instance/i-web"), _ecs("securitygroup/sg-a")]),
    "LeaveSecurityGroup": (_GROUP | _INSTANCE, [_ecs("instance/i-web"), _ecs("securitygroup/sg-a")]),
    "TagResources": (_BOTH, [_ecs("instance/i-web")]),
    "UntagResources": ({**_BOTH, "TagKey": ["a"]}, [_ecs("instance/i-web")]),
    "ListTagResources": ({**_HERE, "ResourceType": "image"}, [_ecs("image/*")]),
    "RunCommand": (
        {**_HERE, "InstanceId": ["i-web", "i-2"], "Type": "RunShellScript", "CommandContent": "x"},
        [_ecs("instance/i-web"), _ecs("instance/i-2")],
    ),
    "DescribeInvocations": (
        {**_HERE, "CommandId": "c-1", **_INSTANCE},
        [_ecs("instance/i-web"), _ecs("command/c-1")],
    ),
    "DescribeInvocationResults": ({**_HERE, "InvokeId": "t-1"}, [_ecs("instance/*")]),
    "StopInvocation": ({**_HERE, "InvokeId": "t-1", "InstanceId": ["i-web"]}, [_ecs("instance/i-web")]),
    "DescribeCloudAssistantStatus": ({**_HERE, "InstanceId": ["i-web"]}, [_ecs("instance/i-web")]),
}


@pytest.mark.parametrize("action", ECS_CALLS)
def test_an_action_of_ecs_needs_all_its_resources(asker: Asker, action: str) -> None:
    """With the right on each resource it is no matter of rights; where one of them is denied it is refused."""
    wire, resources = ECS_CALLS[action]
    wire = {name: value for name, value in wire.items() if value is not None}
    actions = (f"ecs:{action}", "ram:PassRole")
    asker.may(allow(*actions, on=resources))
    assert asker.ask("ecs", action, **wire)[1] != "Forbidden.RAM"
    asker.may(allow(*actions, on=_ecs("nothing/*")))
    assert asker.ask("ecs", action, **wire) == (403, "Forbidden.RAM", FORBIDDEN)
    for missing in resources:
        asker.may(allow(*actions, on=resources), {**allow(*actions, on=missing), "Effect": "Deny"})
        assert asker.ask("ecs", action, **wire) == (403, "Forbidden.RAM", FORBIDDEN), missing


def test_every_action_says_what_it_needs(asker: Asker) -> None:
    """No action is without a row but those of ECS, VPC and Alidns that Ferry does not call: they need everything."""
    cloud = asker.cloud.cloud
    assert set(ECS) == set(ECS_CALLS) <= set(cloud.ecs.actions)
    assert set(VPC) <= set(cloud.vpc.actions)
    assert set(EVENTBRIDGE) == set(cloud.eventbridge.actions)
    assert set(RAM) == set(cloud.ram.actions)
    assert set(FC) == {route.action for route in _routes(cloud)}
    assert set(SMQ) == {action for *_, action in _ROUTES}
    assert set(OTS_CONTROL) == set(OtsControl(cloud).actions)
    tried = {(product, action) for product, action, *_ in CALLS}
    for product, rows in (("vpc", VPC), ("eventbridge", EVENTBRIDGE), ("fc", FC), ("smq", SMQ), ("ram", RAM)):
        on_two = {"AttachPolicyToRole", "DetachPolicyFromRole"}  # of RAM, which have a test of their own
        assert {(product, action) for action in {*rows} - on_two} - tried == set()
    assert {("tablestore", action) for action in ACTIONS} - tried == set()


@pytest.mark.parametrize(("product", "action"), [("ecs", "RebootInstance"), ("vpc", "ReleaseEipAddress")])
def test_an_action_without_a_row_needs_everything(asker: Asker, product: str, action: str) -> None:
    """Nobody who may do it to one thing only is let in by mistake."""
    call = f"{product}:{action}"
    asker.may(allow(call, on="*"))
    assert asker.ask(product, action)[1] != "Forbidden.RAM"
    asker.may(allow(call, on=_ecs("instance/i-a")))
    assert asker.ask(product, action) == (403, "Forbidden.RAM", FORBIDDEN)


_BUS = f"acs:eventbridge:{HOME}:{ACCOUNT}:eventbus/b"
_FUNCTION = f"acs:fc:{HOME}:{ACCOUNT}:functions/f"
_LAYER = f"acs:fc:{HOME}:{ACCOUNT}:layers/l/versions"
_MNS = f"acs:mns:{HOME}:{ACCOUNT}:"
_OTS = f"acs:ots:{HOME}:{ACCOUNT}:instance"
_RULE = {"EventBusName": "b", "RuleName": "r"}
_TABLE = {"instance": "Ferry-store", "tables": ["t1"]}
_NAMED = {"PolicyName": "p", "PolicyType": "Custom", "RoleName": "R"}
_A_POLICY, _A_ROLE = f"acs:ram:*:{ACCOUNT}:policy/p", f"acs:ram:*:{ACCOUNT}:role/r"


def _names(*names: str, **query: str) -> dict[str, Any]:
    return {"names": [*names], "query": query}


#: A call of each action of the other products, and the right that it needs.
CALLS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("vpc", "DescribeVpcs", _HERE, "vpc:DescribeVpcs", f"acs:vpc:{HOME}:{ACCOUNT}:vpc/*"),
    ("vpc", "DescribeVSwitches", {**_HERE, "VSwitchId": "vsw-a"}, "vpc:DescribeVSwitches", _VSWITCH),
    (
        "vpc",
        "DescribeVSwitchAttributes",
        {**_HERE, "VSwitchId": "vsw-a"},
        "vpc:DescribeVSwitchAttributes",
        f"acs:vpc:{HOME}:{ACCOUNT}:vswitch/vsw-a",
    ),
    ("eventbridge", "ListEventBuses", {}, "eventbridge:ListEventBuses", f"acs:eventbridge:{HOME}:{ACCOUNT}:eventbus/*"),
    *(
        ("eventbridge", action, {"EventBusName": "b"}, f"eventbridge:{action}", _BUS)
        for action in ("CreateEventBus", "GetEventBus", "DeleteEventBus", "ListRules", "PutEvents")
    ),
    *(
        ("eventbridge", action, _RULE, f"eventbridge:{action}", f"{_BUS}/rule/r")
        for action in EVENTBRIDGE
        if EVENTBRIDGE[action].endswith("{RuleName}")
    ),
    ("eventbridge", "TestEventPattern", {"Event": "{}", "EventPattern": "{}"}, "eventbridge:TestEventPattern", "*"),
    ("fc", "InvokeFunction", _names("f"), "fc:InvokeFunction", _FUNCTION),
    ("fc", "InvokeFunction", _names("f", qualifier="2"), "fc:InvokeFunction", f"{_FUNCTION}/2"),
    ("fc", "ListFunctions", {}, "fc:ListFunctions", f"acs:fc:{HOME}:{ACCOUNT}:functions/*"),
    ("fc", "GetFunction", _names("f"), "fc:GetFunction", _FUNCTION),
    ("fc", "DeleteFunction", _names("f"), "fc:DeleteFunction", _FUNCTION),
    ("fc", "ListTriggers", _names("f"), "fc:ListTriggers", f"{_FUNCTION}/triggers/*"),
    ("fc", "GetTrigger", _names("f", "t"), "fc:GetTrigger", f"{_FUNCTION}/triggers/t"),
    ("fc", "DeleteTrigger", _names("f", "t"), "fc:DeleteTrigger", f"{_FUNCTION}/triggers/t"),
    (
        "fc",
        "ListAsyncInvokeConfigs",
        {},
        "fc:ListFunctionAsyncInvokeConfigs",
        f"acs:fc:{HOME}:{ACCOUNT}:async-invoke-configs/*",
    ),
    ("fc", "GetAsyncInvokeConfig", _names("f"), "fc:GetFunctionAsyncInvokeConfig", _FUNCTION),
    ("fc", "DeleteAsyncInvokeConfig", _names("f"), "fc:DeleteFunctionAsyncInvokeConfig", _FUNCTION),
    ("fc", "ListLayers", {}, "fc:ListLayers", f"acs:fc:{HOME}:{ACCOUNT}:layers/*"),
    ("fc", "CreateLayerVersion", _names("l"), "fc:CreateLayerVersion", f"{_LAYER}/*"),
    ("fc2", "InvokeFunction", _names("s", "f"), "fc:InvokeFunction", f"acs:fc:{HOME}:{ACCOUNT}:services/s/functions/f"),
    ("fc", "ListLayerVersions", _names("l"), "fc:ListLayerVersions", f"{_LAYER}/*"),
    ("fc", "GetLayerVersion", _names("l", "1"), "fc:GetLayerVersion", f"{_LAYER}/1"),
    ("fc", "DeleteLayerVersion", _names("l", "1"), "fc:DeleteLayerVersion", f"{_LAYER}/1"),
    ("fc", "GetLayerVersionByArn", _names("x"), "fc:GetLayerVersionByArn", f"acs:fc:{HOME}:{ACCOUNT}:layerarn/x"),
    *(
        ("smq", action, {}, f"mns:{action}", _MNS + SMQ[action].format(Name="t", Name1="s"))
        for action in SMQ
        if "topics" in SMQ[action]
    ),
    *(
        ("smq", action, {}, f"mns:{action}", _MNS + SMQ[action].format(Name="q"))
        for action in SMQ
        if "queues" in SMQ[action]
    ),
    ("ots_control", "ListInstances", {}, "ots:ListInstance", f"{_OTS}/*"),
    *(
        ("ots_control", action, {"InstanceName": "Abc", "ClusterType": "SSD"}, f"ots:{action}", f"{_OTS}/abc")
        for action in ("CreateInstance", "GetInstance", "DeleteInstance")
    ),
    ("tablestore", "ListTable", {"instance": "Ferry-store"}, "ots:ListTable", f"{_OTS}/ferry-store/table/*"),
    *(
        ("tablestore", action, _TABLE, f"ots:{action}", f"{_OTS}/ferry-store/table/t1")
        for action in ACTIONS
        if action != "ListTable"
    ),
    ("ram", "ListRoles", {}, "ram:ListRoles", f"acs:ram:*:{ACCOUNT}:role/*"),
    ("ram", "ListPolicies", {}, "ram:ListPolicies", f"acs:ram:*:{ACCOUNT}:policy/*"),
    ("ram", "GetPolicy", {"PolicyName": "P", "PolicyType": "System"}, "ram:GetPolicy", "acs:ram:*:system:policy/P"),
    *(
        ("ram", action, _NAMED, f"ram:{action}", _A_ROLE)
        for action, kinds in RAM.items()
        if kinds == ("role",) and action != "ListRoles"
    ),
    *(
        ("ram", action, _NAMED, f"ram:{action}", _A_POLICY)
        for action, kinds in RAM.items()
        if kinds == ("policy",) and action != "ListPolicies"
    ),
]
_DENIALS = {
    "vpc": (403, "Forbidden.RAM", FORBIDDEN),
    "smq": (403, "AccessDenied", OWNER),
    "tablestore": (403, "OTSNoPermissionAccess", NO_PERMISSION),
    "ots_control": (403, "OTSNoPermissionAccess", NO_PERMISSION),
    "ram": (403, "NoPermission", NOT_BY_RAM),
}


@pytest.mark.parametrize(
    ("product", "action", "wire", "right", "resource"), CALLS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_an_action_needs_its_right(
    asker: Asker, product: str, action: str, wire: dict[str, Any], right: str, resource: str
) -> None:
    """With exactly that right, what is heard is not of rights; without it, the product's own refusal is."""
    if product == "tablestore":
        _make_instance("Ferry-store")
    told = f"the caller is not authorized to perform '{right}' on resource '{resource}'"
    denial = _DENIALS.get(product, (403, "AccessDenied", told))
    other = "acs:ecs:*:*:*" if resource == "*" else f"{resource}x"
    asker.may(allow(right, on=other), allow("ecs:*"))
    assert asker.ask(product, action, **wire) == denial
    asker.may(allow(right, on=resource))
    assert asker.ask(product, action, **wire) != denial


def _make_instance(name: str) -> None:
    from alibabacloud_tablestore20201209 import models

    tablestore_control().create_instance(models.CreateInstanceRequest(instance_name=name, cluster_type="SSD"))


def test_attaching_and_detaching_are_judged(asker: Asker) -> None:
    """Both need the right on the policy and on the role."""
    for action in ("AttachPolicyToRole", "DetachPolicyFromRole"):
        for only in (_A_POLICY, _A_ROLE):
            asker.may(allow("ram:*", on=only))
            assert asker.ask("ram", action, **_NAMED) == (403, "NoPermission", NOT_BY_RAM)
        asker.may(allow("ram:*", on=[_A_POLICY, _A_ROLE]))
        assert asker.ask("ram", action, **_NAMED)[1] == "EntityNotExist.Policy"


def test_a_batch_needs_the_right_on_each_table(asker: Asker) -> None:
    """A batch is refused whole for one table of which the role has no right."""
    _make_instance("ferry-store")
    batch: dict[str, Any] = {"instance": "ferry-store", "tables": ["t1", "t2"]}
    for action in ("BatchGetRow", "BatchWriteRow"):
        asker.may(allow(f"ots:{action}", on=f"{_OTS}/ferry-store/table/t1"))
        assert asker.ask("tablestore", action, **batch) == (403, "OTSNoPermissionAccess", NO_PERMISSION)
        asker.may(allow(f"ots:{action}", on=f"{_OTS}/ferry-store/table/t*"))
        assert asker.ask("tablestore", action, **batch)[1] == "OTSObjectNotExist"
