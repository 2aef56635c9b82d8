"""Ways round a policy that a caller might try, by calls that no SDK would send: none of them leads past it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from localcloud.ecs.needs import NEEDS, TAGGING
from localcloud.runtime import embedded
from localcloud.vpc.needs import NEEDS as VPC
from localcloud.vpc.needs import TAGGING as VPC_TAGGING
from localcloud.world import World
from tests.localcloud.asker import FORBIDDEN, NOT_BY_RAM, allow
from tests.localcloud.ecs_world import a_world, as_account, launch
from tests.localcloud.sdk import ACCOUNT, HOME, v1

PROTECTED = "acs:ecs:*:*:instance/i-prot"
DENIED = (403, "Forbidden.RAM", FORBIDDEN)
RAM = "2015-05-01"
ANYTHING = json.dumps({"Version": "1", "Statement": [allow("*")]})


def deny(*actions: str, on: str = "*", **more: Any) -> dict[str, Any]:
    """A statement that denies."""
    return {**allow(*actions, on=on, **more), "Effect": "Deny"}


@contextmanager
def eve_may(folder: Path, *statements: dict[str, Any]) -> Iterator[None]:
    """A world in which the user eve may do this much, with two instances, i-web and i-prot, and an image, m-fam."""
    (folder / "root").mkdir(parents=True)
    extra = {
        "instances": [{"id": "i-prot", "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}]}],
        "images": [{"id": "m-fam", "name": "fam", "disks": [{"kind": "system", "size": 40}]}],
        "eips": [{"id": "eip-prot", "instance": "i-prot"}, {"id": "eip-web", "instance": "i-web"}],
        "key_pairs": ["prot"],
    }
    policy = {"Version": "1", "Statement": [*statements]}
    eve = {"name": "eve", "access_key": "eve", "secret": "eve-secret", "policies": [policy]}
    world = World.model_validate({"regions": a_world(folder / "root", folder / "root", extra), "users": [eve]})
    with embedded(world, seed=1, state=folder / "disks", trusted_scripts=frozenset()):
        yield


def ask(action: str, version: str = "2014-05-26", key: str = "eve", **params: str) -> tuple[int, str, str]:
    """Status, code and message of what eve hears, or the account itself (`test`)."""
    secret = "test" if key == "test" else f"{key}-secret"
    sent = v1(secret=secret, AccessKeyId=key, Action=action, Version=version, Format="JSON", RegionId=HOME, **params)
    host = {RAM: "ram.aliyuncs.com", "2016-04-28": f"vpc.{HOME}.aliyuncs.com"}.get(version, f"ecs.{HOME}.aliyuncs.com")
    answer = requests.get(f"https://{host}/", params=sent, timeout=10)
    said = answer.json()
    return answer.status_code, said.get("Code", ""), said.get("Message", "")


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("DeleteInstances", {"InstanceId": "[", "InstanceId.1": "i-prot"}),
        ("DeleteInstances", {"InstanceId": "i-web", "InstanceId.1": "i-prot"}),
        ("DeleteInstances", {"InstanceId": '["i-web"]', "InstanceId.1": "i-prot"}),
        ("RunCommand", {"InstanceId": "[]", "InstanceId.1": "i-prot", "Type": "RunShellScript", "CommandContent": "x"}),
        ("StopInstance", {"InstanceId": "i-prot", "InstanceId.1": "i-web"}),
        ("StopInstance", {"InstanceId.1": "i-web"}),
        ("DescribeInstances", {"InstanceIds": ' ["i-prot"]'}),
        ("DescribeInstances", {"InstanceIds": "i-web"}),
        ("AttachKeyPair", {"InstanceIds": '\t["i-prot"]', "KeyPairName": "a"}),
        ("TagResources", {"ResourceType": "instance", "ResourceId": "[", "ResourceId.1": "i-prot"}),
        ("AddTags", {"ResourceType": "instance", "ResourceId": "i-prot", "ResourceId.1": "i-web"}),
    ],
)
def test_what_an_action_acts_on_is_what_is_asked_about(tmp_path: Path, action: str, wire: dict[str, str]) -> None:
    """A parameter that the action reads otherwise, or not at all, stands in for no right on what it does act on."""
    with eve_may(tmp_path, allow("*", on=["acs:ecs:*:*:instance/i-web", "acs:ecs:*:*:keypair/*"])):
        assert ask(action, **wire) == DENIED


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("DescribeInstances", {"InstanceIds": ' ["i-prot"]'}),
        ("StopInstances", {"InstanceId": "[", "InstanceId.1": "i-prot"}),
        ("AttachKeyPair", {"KeyPairName": "a", "InstanceIds": json.dumps(["i-prot"] * 101)}),
        ("StopInstance", {"InstanceId": "i-prot"}),
        ("UnassociateEipAddress", {"AllocationId": "eip-prot"}),
        ("UnassociateEipAddress", {"AllocationId": "eip-prot", "InstanceId": "i-web"}),
        ("UnassociateEipAddress", {"AllocationId": "eip-web", "InstanceId": "i-prot"}),
    ],
)
def test_a_denial_on_a_resource_is_not_written_away(tmp_path: Path, action: str, wire: dict[str, str]) -> None:
    """However the call spells what it is about, a denial on that one resource is met; the others are free."""
    with eve_may(tmp_path, allow("*"), deny("*", on=PROTECTED)):
        assert ask(action, **wire) == DENIED
        free = {name: value.replace("prot", "web") for name, value in wire.items()}
        assert ask(action, **free) != DENIED


@pytest.mark.parametrize(
    ("denied", "action", "wire"),
    [
        ("vpc:*:*:vswitch/vsw-a", "RunInstances", {"NetworkInterface.1.VSwitchId": "vsw-a"}),
        ("ecs:*:*:securitygroup/sg-a", "RunInstances", {"NetworkInterface.1.SecurityGroupId": "sg-a"}),
        ("ecs:*:*:securitygroup/sg-a", "RunInstances", {"NetworkInterface.1.SecurityGroupIds.1": "sg-a"}),
        ("ecs:*:*:keypair/prot", "ReplaceSystemDisk", {"InstanceId": "i-web", "KeyPairName": "prot"}),
    ],
)
def test_a_denial_holds_wherever_the_resource_is_named(
    tmp_path: Path, denied: str, action: str, wire: dict[str, str]
) -> None:
    """Also where an action takes it that has another place for the same, or is about something else."""
    with eve_may(tmp_path, allow("*"), deny("*", on=f"acs:{denied}")):
        assert ask(action, **wire) == DENIED
        assert ask(action, key="test", **wire) != DENIED


def test_what_ran_on_an_instance_is_shown_without_what_ran_on_others(tmp_path: Path) -> None:
    """Although they ran in the same invocation; to see of all takes a right on all."""
    run: dict[str, Any] = {"Type": "RunShellScript", "CommandContent": "x", "InstanceId": ["i-web", "i-prot"]}
    with eve_may(tmp_path, allow("*", on="acs:ecs:*:*:instance/i-web")):
        as_account("RunCommand", RegionId=HOME, **run)
        for wire in ({}, {"InstanceId": "i-prot"}):
            assert ask("DescribeInvocations", **wire) == ask("DescribeInvocationResults", **wire) == DENIED
        assert ask("DescribeInvocations", InstanceId="i-web") == (200, "", "")
        (shown,) = as_account("DescribeInvocations", RegionId=HOME, InstanceId="i-web")["Invocations"]["Invocation"]
        assert [one["InstanceId"] for one in shown["InvokeInstances"]["InvokeInstance"]] == ["i-web"]


def test_the_kind_of_what_is_tagged_is_read_as_vpc_reads_it(tmp_path: Path) -> None:
    """The old letter for an s in the middle of a word is an S in capitals, which VPC reads."""
    tag = {"ResourceId.1": "vsw-a", "Tag.1.Key": "a", "Tag.1.Value": "b"}
    with eve_may(tmp_path, allow("*"), deny("*", on="acs:vpc:*:*:vswitch/vsw-a")):
        for kind in ("VSWITCH", "vswitch", "v\u017fwitch"):
            assert ask("TagResources", "2016-04-28", ResourceType=kind, **tag) == DENIED


def test_a_call_that_names_nothing_needs_everything(tmp_path: Path) -> None:
    """A right on one resource, or on those of a tag, is none to a call that is about nothing."""
    with eve_may(tmp_path, allow("ecs:StopInstance", on="acs:ecs:*:*:instance/*")):
        assert ask("StopInstance") == DENIED
    with eve_may(tmp_path / "all", allow("ecs:StopInstance")):
        assert ask("StopInstance")[1] == "MissingParameter"


def test_many_asterisks_cost_no_more_time_than_a_few(tmp_path: Path) -> None:
    """Neither in a policy nor in the name that a list is narrowed to: with one way tried after another, years."""
    many = "*a" * 30 + "b"
    with eve_may(tmp_path, allow("ecs:*", on=f"acs:ecs:*:*:instance/{many}"), allow("ecs:DescribeInstances")):
        assert ask("StopInstance", InstanceId="a" * 200) == DENIED
        as_account("ModifyInstanceAttribute", InstanceId="i-web", InstanceName="a" * 120)
        assert ask("DescribeInstances", InstanceName=many) == (200, "", "")
    with eve_may(tmp_path / "keys", allow("ecs:*")):
        as_account("CreateKeyPair", RegionId=HOME, KeyPairName="a" * 120)
        assert ask("DescribeKeyPairs", KeyPairName=many) == (200, "", "")


def test_a_tag_that_the_action_does_not_read_is_no_tag_of_the_request(tmp_path: Path) -> None:
    """A right bound to a tag of the request is not had by adding the tag to any call."""
    tag = {"Tag.1.Key": "o", "Tag.1.Value": "eve"}
    for number, key in enumerate(("acs:RequestTag/o", "ecs:tag/o")):
        with eve_may(tmp_path / str(number), allow("ecs:*", Condition={"StringEquals": {key: "eve"}})):
            assert ask("DeleteSecurityGroup", SecurityGroupId="sg-a3", **tag) == DENIED
            assert ask("StopInstances", **{"InstanceId.1": "i-web"}, **tag) == DENIED
            assert ask("DescribeSecurityGroups") == DENIED
            assert ask("DescribeSecurityGroups", **tag) == (200, "", "")


def test_the_actions_that_read_tags_are_those_of_the_sdk() -> None:
    """Those whose request has tags, but for one that the embedded cloud does not read them of."""
    import alibabacloud_ecs20140526.models as ecs
    import alibabacloud_vpc20160428.models as vpc

    for models, actions, tagging in ((ecs, {*NEEDS}, TAGGING), (vpc, {*VPC}, VPC_TAGGING)):
        taking = {one for one in actions if hasattr(getattr(models, f"{one}Request")(), "tag")}
        assert taking - {"DescribeInstanceHistoryEvents"} == tagging


@pytest.mark.parametrize("action", ["RunInstances", "CreateInstance"])
def test_an_image_by_its_family_is_that_image(tmp_path: Path, action: str) -> None:
    """The right on the image is needed whether its id is given or its family."""
    fresh = {**launch("m-fam"), "DryRun": "true"}
    by_id = {name: str(value) for name, value in fresh.items() if name not in ("RegionId", "SystemDisk")}
    by_family = {"ImageFamily": "family", **{name: value for name, value in by_id.items() if name != "ImageId"}}
    with eve_may(tmp_path, allow("*"), deny("*", on="acs:ecs:*:*:image/m-fam")):
        as_account("ModifyImageAttribute", RegionId=HOME, ImageId="m-fam", ImageFamily="family")
        assert ask(action, **by_id) == DENIED
        assert ask(action, **by_family) == DENIED
        assert ask(action, key="test", **by_family)[1] == "DryRunOperation"


def test_capitals_make_no_difference_in_actions(tmp_path: Path) -> None:
    """In what is denied as in what is allowed; in resources they do."""
    statements = (
        allow("ecs:*"),
        deny("ecs:deleteinstance"),
        deny("ecs:StopInstance", on=PROTECTED.replace("prot", "PROT")),
    )
    with eve_may(tmp_path, *statements):
        assert ask("DeleteInstance", InstanceId="i-web", Force="true") == DENIED
        assert ask("StopInstance", InstanceId="i-prot") == (200, "", "")


def test_capitals_make_no_difference_in_the_name_of_a_role(tmp_path: Path) -> None:
    """It is the same role with any, in the call and in the policy."""
    with eve_may(tmp_path, allow("*"), deny("ram:*", on=f"acs:ram:*:{ACCOUNT}:role/Admin")):
        for name in ("admin", "Admin", "ADMIN"):
            assert ask("GetRole", RAM, RoleName=name) == (403, "NoPermission", NOT_BY_RAM)
        assert ask("GetRole", RAM, RoleName="adm")[1] == "EntityNotExist.Role"


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("CreatePolicyVersion", {"PolicyName": "admin", "PolicyDocument": ANYTHING}),
        ("SetDefaultPolicyVersion", {"PolicyName": "admin", "VersionId": "v1"}),
        ("DeletePolicyVersion", {"PolicyName": "admin", "VersionId": "v1"}),
        ("DeletePolicy", {"PolicyName": "admin"}),
    ],
)
def test_a_policy_is_of_the_cloud_only_where_the_action_says_so(
    tmp_path: Path, action: str, wire: dict[str, str]
) -> None:
    """PolicyType makes no other policy of one that the action takes for a custom one."""
    with eve_may(tmp_path, allow("*"), deny("ram:*", on=f"acs:ram:*:{ACCOUNT}:policy/admin")):
        assert ask("CreatePolicy", RAM, key="test", PolicyName="admin", PolicyDocument=ANYTHING)[0] == 200
        for kind in ("Custom", "System"):
            assert ask(action, RAM, PolicyType=kind, **wire) == (403, "NoPermission", NOT_BY_RAM)


def test_a_list_is_about_all_whatever_the_call_names(tmp_path: Path) -> None:
    """The right on one role or policy is none to list them all by naming that one."""
    with eve_may(tmp_path, allow("ram:*", on=[f"acs:ram:*:{ACCOUNT}:role/r", f"acs:ram:*:{ACCOUNT}:policy/p"])):
        assert ask("ListRoles", RAM, RoleName="r") == (403, "NoPermission", NOT_BY_RAM)
        assert ask("ListPolicies", RAM, PolicyName="p") == (403, "NoPermission", NOT_BY_RAM)
