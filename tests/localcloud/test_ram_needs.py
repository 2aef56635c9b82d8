"""What each call needs: refused without that right, in each product's own words, through the official SDKs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.alidns.needs import NEEDS as ALIDNS
from localcloud.ecs.needs import MOVED
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
from tests.localcloud.ecs_world import as_account
from tests.localcloud.needed import DNS_CALLS, ECS_CALLS, MOVED_CALLS, VPC_CALLS
from tests.localcloud.sdk import ACCOUNT, HOME, tablestore_control


@pytest.fixture
def asker(tmp_path: Path) -> Iterator[Asker]:
    with an_asker(tmp_path) as one:
        yield one


#: Where a call is asked, its name, the product whose right it needs, its parameters and the resources of the right.
NEEDED = [
    *(("ecs", action, "ecs", *call) for action, call in ECS_CALLS.items()),
    *(("ecs", action, "vpc", *call) for action, call in MOVED_CALLS.items()),
    *(("vpc", action, "vpc", *call) for action, call in VPC_CALLS.items()),
    *(("alidns", action, "alidns", *call) for action, call in DNS_CALLS.items()),
]


@pytest.mark.parametrize(
    ("product", "action", "service", "wire", "resources"), NEEDED, ids=lambda one: one if isinstance(one, str) else ""
)
def test_an_action_needs_all_its_resources(
    asker: Asker, product: str, action: str, service: str, wire: dict[str, Any], resources: list[str]
) -> None:
    """With the right on each resource it is no matter of rights; where one of them is denied it is refused."""
    wire = {name: value for name, value in wire.items() if value is not None}
    actions = (f"{service}:{action}", "ram:PassRole")
    asker.may(allow(*actions, on=resources))
    assert asker.ask(product, action, **wire)[1] != "Forbidden.RAM"
    asker.may(allow(*actions, on="acs:ecs:*:*:nothing/*"))
    assert asker.ask(product, action, **wire) == (403, "Forbidden.RAM", FORBIDDEN)
    for missing in resources:
        asker.may(allow(*actions, on=resources), {**allow(*actions, on=missing), "Effect": "Deny"})
        assert asker.ask(product, action, **wire) == (403, "Forbidden.RAM", FORBIDDEN), missing


_OF_A_RECORD = [action for action, (wire, _) in DNS_CALLS.items() if "RecordId" in wire]


@pytest.mark.parametrize("action", _OF_A_RECORD)
def test_a_record_is_one_of_its_domain(asker: Asker, action: str) -> None:
    """The right on the domain is enough for its records, not for another's; to name none is no matter of rights."""
    own, other = (_a_record(name) for name in ("example.com", "example.org"))
    asker.may(allow(f"alidns:{action}", on=f"acs:alidns:*:{ACCOUNT}:domain/example.com"))
    assert asker.ask("alidns", action)[1] == "MissingRecordId"
    assert asker.ask("alidns", action, RecordId=other) == (403, "Forbidden.RAM", FORBIDDEN)
    assert asker.ask("alidns", action, RecordId=own)[1] != "Forbidden.RAM"


def _a_record(domain: str) -> str:
    """The id of a new record of a new domain."""
    as_account("AddDomain", product="alidns", DomainName=domain)
    asked = {"DomainName": domain, "RR": "www", "Type": "A", "Value": "203.0.113.7"}
    return str(as_account("AddDomainRecord", product="alidns", **asked)["RecordId"])


@pytest.mark.parametrize("action", ["AddDomainRecord", "DescribeDomainRecords"])
def test_what_is_no_domain_is_no_matter_of_rights(asker: Asker, action: str) -> None:
    """A call that names no domain, or one that cannot be, hears that, and not that it lacks a right to it."""
    asker.may(allow("alidns:Nothing"))
    assert asker.ask("alidns", action)[1] == "MissingDomainName"
    assert asker.ask("alidns", action, DomainName="a domain")[1] == "InvalidDomainName.Format"


def test_every_action_says_what_it_needs(asker: Asker) -> None:
    """No action is without a row, and no row without an action and a test."""
    cloud = asker.cloud.cloud
    assert set(ECS) == set(ECS_CALLS)
    assert set(MOVED) == set(MOVED_CALLS)
    assert {*ECS, *MOVED} == set(cloud.ecs.actions)
    assert set(VPC) == set(VPC_CALLS) == set(cloud.vpc.actions)
    assert set(ALIDNS) == set(DNS_CALLS) == set(cloud.alidns.actions)
    assert set(EVENTBRIDGE) == set(cloud.eventbridge.actions)
    assert set(RAM) == set(cloud.ram.actions)
    assert set(FC) == {route.action for route in _routes(cloud)}
    assert set(SMQ) == {action for *_, action in _ROUTES}
    assert set(OTS_CONTROL) == set(OtsControl(cloud).actions)
    tried = {(product, action) for product, action, *_ in CALLS}
    for product, rows in (("eventbridge", EVENTBRIDGE), ("fc", FC), ("smq", SMQ), ("ram", RAM)):
        on_two = {"AttachPolicyToRole", "DetachPolicyFromRole"}  # of RAM, which have a test of their own
        assert {(product, action) for action in {*rows} - on_two} - tried == set()
    assert {("tablestore", action) for action in ACTIONS} - tried == set()


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
