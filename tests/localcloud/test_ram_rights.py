"""Who may do what: conditions, and the roles that functions have taken on, through the official SDKs."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as m

from tests.localcloud.asker import FORBIDDEN, HANDLER, OK, Asker, allow, an_asker, attach, detach, give
from tests.localcloud.ecs_world import PUBLIC, as_account, launch
from tests.localcloud.sdk import ACCOUNT, HOME, Project, bodies, dead_letters, make_queue, ram


@pytest.fixture
def asker(tmp_path: Path) -> Iterator[Asker]:
    with an_asker(tmp_path) as one:
        yield one


# conditions


_OURS = {"StringEquals": {"acs:ResourceTag/app": "web"}}


def test_the_tags_of_the_resource_count(asker: Asker) -> None:
    """A right bound to a tag reaches what bears it: not what bears another one, and not what is not there."""
    asker.may(allow("ecs:StopInstance", Condition=_OURS))
    assert asker.ask("ecs", "StopInstance", InstanceId="i-web") == OK
    assert asker.ask("ecs", "StopInstance", InstanceId="i-none")[1] == "Forbidden.RAM"
    asker.may(allow("ecs:StopInstance", Condition={"StringEquals": {"acs:ResourceTag/app": "db"}}))
    assert asker.ask("ecs", "StopInstance", InstanceId="i-web") == (403, "Forbidden.RAM", FORBIDDEN)


def test_a_tag_is_asked_of_every_resource(asker: Asker) -> None:
    """The instance bears the tag and the group does not: a right bound to the tag is not enough for both."""
    both: dict[str, Any] = {"InstanceId": "i-web", "SecurityGroupIds": ["sg-a3"]}
    asker.may(allow("ecs:ModifyInstanceAttribute", Condition=_OURS))
    assert asker.ask("ecs", "ModifyInstanceAttribute", **both)[1] == "Forbidden.RAM"
    free = allow("ecs:ModifyInstanceAttribute", on=f"acs:ecs:{HOME}:{ACCOUNT}:securitygroup/*")
    asker.may(allow("ecs:ModifyInstanceAttribute", on=f"acs:ecs:{HOME}:{ACCOUNT}:instance/*", Condition=_OURS), free)
    assert asker.ask("ecs", "ModifyInstanceAttribute", **both) == OK


#: What makes something in each product, with a tag: the call, the answer's id of it, and a call about it.
_TAGGED: list[tuple[str, str, dict[str, Any], str, str, str]] = [
    ("ecs", "CreateKeyPair", {"KeyPairName": "key"}, "KeyPairName", "DescribeKeyPairs", "KeyPairName"),
    ("ecs", "CreateDisk", {"ZoneId": f"{HOME}-h", "Size": 20}, "DiskId", "DeleteDisk", "DiskId"),
    ("vpc", "CreateVpc", {}, "VpcId", "DescribeVpcAttribute", "VpcId"),
    ("vpc", "AllocateEipAddress", {}, "AllocationId", "ModifyEipAddressAttribute", "AllocationId"),
]


@pytest.mark.parametrize(("product", "make", "wire", "id_", "action", "named"), _TAGGED)
@pytest.mark.parametrize("key", ["acs:ResourceTag/app", "{product}:tag/app"])
def test_what_bears_tags_is_judged_by_them(
    asker: Asker, product: str, make: str, wire: dict[str, Any], id_: str, action: str, named: str, key: str
) -> None:
    """A right bound to a tag reaches what bears it, of each kind, by the older name of the condition, too."""
    made = as_account(make, HOME, product, **wire, RegionId=HOME, Tag=[{"Key": "app", "Value": "web"}])[id_]
    for value, forbidden in (("db", True), ("web", False)):
        asker.may(allow(f"{product}:{action}", Condition={"StringEquals": {key.format(product=product): value}}))
        heard = asker.ask(product, action, **{"RegionId": HOME, named: made})
        assert (heard == (403, "Forbidden.RAM", FORBIDDEN)) == forbidden


@pytest.mark.parametrize("key", ["acs:RequestTag/app", "ecs:tag/app"])
def test_the_tags_of_the_call_count(asker: Asker, key: str) -> None:
    """A right bound to a tag of the request lets nothing be made without it."""
    on_it = allow("ecs:RunInstances", Condition={"StringEquals": {key: "web"}})
    asker.may(on_it, allow("ecs:RunInstances", on=f"acs:vpc:{HOME}:{ACCOUNT}:*"))
    assert asker.ask("ecs", "RunInstances", **launch(PUBLIC))[1] == "Forbidden.RAM"
    tagged = {**launch(PUBLIC), "Tag": [{"Key": "other", "Value": "x"}, {"Key": "app", "Value": "web"}]}
    assert asker.ask("ecs", "RunInstances", **tagged) == OK


def test_the_tags_of_a_call_to_ecs_are_not_those_of_the_network(asker: Asker) -> None:
    """A right bound to the vSwitch's tag is none for a vSwitch without it, whatever the instance is to bear."""
    tag = {"Key": "app", "Value": "web"}
    of_ecs, of_vpc = ({"StringEquals": {f"{product}:tag/app": "web"}} for product in ("ecs", "vpc"))
    asker.may(allow("ecs:RunInstances", Condition=of_ecs), allow("ecs:RunInstances", Condition=of_vpc))
    assert asker.ask("ecs", "RunInstances", **launch(PUBLIC), Tag=[tag]) == (403, "Forbidden.RAM", FORBIDDEN)
    as_account("TagResources", HOME, "vpc", RegionId=HOME, ResourceType="VSWITCH", ResourceId=["vsw-a"], Tag=[tag])
    assert asker.ask("ecs", "RunInstances", **launch(PUBLIC), Tag=[tag]) == OK


def test_a_role_is_passed_to_the_service_that_is_named(asker: Asker) -> None:
    """ram:PassRole may be bound to the service that gets the role: for an instance, ECS."""
    run = {**launch(PUBLIC), "RamRoleName": "nobody"}
    for service, code in (("fc.aliyuncs.com", "Forbidden.RAM"), ("ecs.aliyuncs.com", "InvalidRamRole.NotFound")):
        passing = allow("ram:PassRole", Condition={"StringEquals": {"acs:Service": service}})
        asker.may(allow("ecs:RunInstances"), passing)
        assert asker.ask("ecs", "RunInstances", **run)[1] == code


NOT_OF_ECS = "The specified ram role is not authorized for ecs, please check your role policy."


def test_an_instance_gets_a_role_of_ram_that_trusts_ecs(asker: Asker) -> None:
    """One that RAM made is known; it has to trust ECS, whose name it may be with any capitals."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}
    document = json.dumps({"Version": "1", "Statement": [trust]})
    ram().create_role(m.CreateRoleRequest(role_name="Guest", assume_role_policy_document=document))
    asker.may(allow("ecs:*"), allow("ram:PassRole"))
    for action in ("RunInstances", "CreateInstance"):
        run = launch(PUBLIC)
        refused = asker.ask("ecs", action, **run, RamRoleName="asker")
        assert refused == (401, "InvalidRamRole.NotEcsRole", NOT_OF_ECS)
        assert asker.ask("ecs", action, **run, RamRoleName="guest") == OK


def test_time_and_address_count(asker: Asker) -> None:
    """The time is the cloud's, and whoever calls is on this machine."""
    for condition, code in (
        ({"DateLessThan": {"acs:CurrentTime": "2999-01-01T00:00:00Z"}}, ""),
        ({"DateGreaterThan": {"acs:CurrentTime": "2999-01-01T00:00:00Z"}}, "Forbidden.RAM"),
        ({"IpAddress": {"acs:SourceIp": "127.0.0.0/8"}}, ""),
        ({"NotIpAddress": {"acs:SourceIp": "127.0.0.0/8"}}, "Forbidden.RAM"),
    ):
        asker.may(allow("ecs:DescribeRegions", Condition=condition))
        assert asker.ask("ecs", "DescribeRegions")[1] == code


# who calls


def test_a_denial_wins(asker: Asker) -> None:
    """What one statement allows and another denies is denied."""
    asker.may(allow("*"), {**allow("ecs:Describe*"), "Effect": "Deny"})
    assert asker.ask("ecs", "DescribeRegions") == (403, "Forbidden.RAM", FORBIDDEN)
    assert asker.ask("eventbridge", "ListEventBuses") == OK


def test_a_role_has_all_its_policies(asker: Asker) -> None:
    """Policies add up; one that is detached counts no more, and a role that is gone may do nothing."""
    asker.may(allow("ecs:DescribeRegions"))
    give("second", allow("ecs:DescribeZones"))
    attach("asker", "second")
    assert [asker.ask("ecs", one, RegionId=HOME) for one in ("DescribeRegions", "DescribeZones")] == [OK, OK]
    detach("asker", "asker")
    assert asker.ask("ecs", "DescribeRegions")[1] == "Forbidden.RAM"
    detach("asker", "second")
    ram().delete_role(m.DeleteRoleRequest(role_name="asker"))
    assert asker.ask("ecs", "DescribeZones", RegionId=HOME)[1] == "Forbidden.RAM"


def test_everybody_may_ask_who_they_are(asker: Asker) -> None:
    """GetCallerIdentity needs no right."""
    asker.may({**allow("*"), "Effect": "Deny"})
    assert asker.ask("sts", "GetCallerIdentity") == OK


def test_the_accounts_own_key_may_do_everything(asker: Asker) -> None:
    """No policy bounds it."""
    asker.may({**allow("*"), "Effect": "Deny"})
    assert ram().list_roles(m.ListRolesRequest()).body.roles.role[0].role_name == "asker"


def test_without_a_role_nothing_bounds_a_function(asker: Asker, tmp_path: Path) -> None:
    """A role that the account has not when the function is deployed bounds it as little as none."""
    missing = f"role: acs:ram::{ACCOUNT}:role/missing"
    project = Project(tmp_path / "more").function("free", HANDLER).function("lost", HANDLER, missing)
    project.deploy(asker.cloud)
    for function in ("free", "lost"):
        assert asker.ask("ecs", "DescribeRegions", function=function) == OK


FAILS = """
    def handler(event, context):
        raise RuntimeError("no")
    """


def test_a_failure_goes_where_the_role_may_send_it(asker: Asker, tmp_path: Path) -> None:
    """Function Compute sends to a destination with the function's role: without the right nothing comes there."""
    letters = make_queue(asker.cloud, "letters")
    give("fails", allow("ecs:*"))
    about = dedent(dead_letters("letters", 0)) + f"role: acs:ram::{ACCOUNT}:role/fails"
    Project(tmp_path / "more").function("fails", FAILS, about).deploy(asker.cloud)
    assert _letters(asker, letters) == 0
    give("sends", allow("mns:SendMessage", on=f"acs:mns:{HOME}:{ACCOUNT}:/queues/letters/messages"))
    attach("fails", "sends")
    assert _letters(asker, letters) == 1


def _letters(asker: Asker, queue: Any) -> int:
    inner = asker.cloud.cloud.fc
    inner.invoke_async(inner.find("fails"), b"{}")
    asker.cloud.run(lambda: False, limit=timedelta(minutes=1))
    return len(bodies(queue))
