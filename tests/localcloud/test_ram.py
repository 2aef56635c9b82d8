"""RAM: roles and custom policies through the SDK, and everything that is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as m
from alibabacloud_tea_openapi.exceptions import ClientException

from tests.localcloud.ecs_world import refused
from tests.localcloud.sdk import ACCOUNT, CALLS, Project, a_cloud, ram, sts

TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["fc.aliyuncs.com"]}}],
    }
)
OTHER_TRUST = TRUST.replace("fc.aliyuncs.com", "ecs.aliyuncs.com")


def rights(*actions: str, **statement: Any) -> str:
    """A policy's document."""
    whole = {"Effect": "Allow", "Action": [*actions], "Resource": "*", **statement}
    return json.dumps({"Version": "1", "Statement": [whole]})


READ = rights("ecs:DescribeImages")
WRITE = rights("ecs:CreateImage", Condition={"StringEquals": {"acs:ResourceTag/app": "x"}})


@pytest.fixture(autouse=True)
def _cloud(tmp_path: Path) -> Iterator[None]:
    with a_cloud(tmp_path):
        yield


def ask(action: str, **params: Any) -> Any:
    """The answer's body to *action*, such as ``create_role``."""
    kind = "".join(word.capitalize() for word in action.split("_")) + "Request"
    return getattr(ram(), action)(getattr(m, kind)(**params)).body


def a_role(name: str = "ferry-watch", **more: Any) -> Any:
    return ask("create_role", role_name=name, assume_role_policy_document=TRUST, **more).role


def a_policy(name: str = "ferry-watch", document: str = READ, **more: Any) -> Any:
    return ask("create_policy", policy_name=name, policy_document=document, **more).policy


def attach(policy: str = "ferry-watch", role: str = "ferry-watch") -> None:
    ask("attach_policy_to_role", policy_name=policy, policy_type="Custom", role_name=role)


def get(policy: str = "ferry-watch") -> Any:
    return ask("get_policy", policy_name=policy, policy_type="Custom")


def version(document: str, **more: Any) -> Any:
    return ask("create_policy_version", policy_name="ferry-watch", policy_document=document, **more).policy_version


def versions() -> list[str]:
    listed = ask("list_policy_versions", policy_name="ferry-watch", policy_type="Custom")
    return [one.version_id for one in listed.policy_versions.policy_version]


# roles


def test_a_role() -> None:
    """A role can be made, got, listed, given another trust policy, and deleted; its ARN is in small letters."""
    made = a_role("Ferry-Watch", description="looks")
    assert (made.role_name, made.arn) == ("Ferry-Watch", f"acs:ram::{ACCOUNT}:role/ferry-watch")
    assert json.loads(made.assume_role_policy_document) == json.loads(TRUST)
    updated = ask("update_role", role_name="ferry-watch", new_assume_role_policy_document=OTHER_TRUST).role
    assert (updated.role_id, updated.description) == (made.role_id, "looks")
    got = ask("get_role", role_name="ferry-watch").role
    assert json.loads(got.assume_role_policy_document) == json.loads(OTHER_TRUST)
    (listed,) = ask("list_roles").roles.role
    assert (listed.role_id, listed.max_session_duration) == (made.role_id, 3600)
    ask("delete_role", role_name="ferry-watch")
    assert ask("list_roles").roles.role == []
    assert a_role("Ferry-Watch").role_id != made.role_id


def test_roles_by_tag_and_page() -> None:
    """Roles come in pages with a marker, and can be asked for by tag."""
    for name in ("c", "a", "b"):
        a_role(name, tag=[m.CreateRoleRequestTag(key="install", value=name)])
    first = ask("list_roles", max_items=2)
    assert ([one.role_name for one in first.roles.role], first.is_truncated) == (["a", "b"], True)
    rest = ask("list_roles", max_items=2, marker=first.marker)
    assert ([one.role_name for one in rest.roles.role], rest.is_truncated, rest.marker) == (["c"], False, None)
    (found,) = ask("list_roles", tag=[m.ListRolesRequestTag(key="install", value="b")]).roles.role
    assert (found.role_name, found.tags.tag[0].tag_key, found.tags.tag[0].tag_value) == ("b", "install", "b")


# policies


def test_a_policy() -> None:
    """A custom policy begins with version v1, can be listed and got with its document, and deleted."""
    made = a_policy(description="what watch may")
    assert (made.policy_name, made.policy_type, made.default_version) == ("ferry-watch", "Custom", "v1")
    got = get()
    assert json.loads(got.default_policy_version.policy_document) == json.loads(READ)
    assert (got.policy.attachment_count, got.policy.description) == (0, "what watch may")
    assert [one.policy_name for one in ask("list_policies", policy_type="Custom").policies.policy] == ["ferry-watch"]
    ask("delete_policy", policy_name="ferry-watch")
    assert ask("list_policies").policies.policy == []


def test_policies_in_pages() -> None:
    """Policies come in pages with a marker."""
    for name in ("b", "a"):
        a_policy(name)
    first = ask("list_policies", max_items=1)
    assert (first.policies.policy[0].policy_name, first.is_truncated, first.marker) == ("a", True, "a")
    assert ask("list_policies", max_items=1, marker="a").policies.policy[0].policy_name == "b"


def test_versions() -> None:
    """A new version is the default one when asked for; a number is not given twice."""
    a_policy()
    assert not version(WRITE).is_default_version
    assert get().policy.default_version == "v1"
    assert version(WRITE, set_as_default=True).is_default_version
    assert get().policy.default_version == "v3"
    ask("delete_policy_version", policy_name="ferry-watch", version_id="v1")
    assert version(READ).version_id == "v4"
    assert versions() == ["v2", "v3", "v4"]
    ask("set_default_policy_version", policy_name="ferry-watch", version_id="v4")
    got = ask("get_policy_version", policy_name="ferry-watch", policy_type="Custom", version_id="v4").policy_version
    assert got.is_default_version
    assert json.loads(got.policy_document) == json.loads(READ)


def test_five_versions_at_most() -> None:
    """A sixth version is refused, unless the oldest that isn't the default may go for it."""
    a_policy()
    for _ in range(4):
        version(WRITE)
    with refused("LimitExceeded.Policy.Version", 409):
        version(WRITE)
    version(WRITE, rotate_strategy="DeleteOldestNonDefaultVersionWhenLimitExceeded", set_as_default=True)
    assert versions() == ["v1", "v3", "v4", "v5", "v6"]
    version(WRITE, rotate_strategy="DeleteOldestNonDefaultVersionWhenLimitExceeded")
    assert versions() == ["v3", "v4", "v5", "v6", "v7"]


def test_deleted_with_its_versions() -> None:
    """A policy with other versions is deleted when it is said so."""
    a_policy()
    version(WRITE)
    with refused("DeleteConflict.Policy.Version", 409):
        ask("delete_policy", policy_name="ferry-watch")
    ask("delete_policy", policy_name="ferry-watch", cascading_delete=True)
    with refused("EntityNotExist.Policy", 404):
        get()


def test_attached() -> None:
    """What is attached is listed from both sides, and has to be detached before either is deleted."""
    role = a_role()
    a_policy()
    attach()
    (policy,) = ask("list_policies_for_role", role_name="ferry-watch").policies.policy
    assert (policy.policy_name, policy.policy_type, policy.default_version) == ("ferry-watch", "Custom", "v1")
    (holder,) = ask("list_entities_for_policy", policy_name="ferry-watch", policy_type="Custom").roles.role
    assert (holder.role_name, holder.arn) == ("ferry-watch", role.arn)
    assert get().policy.attachment_count == 1
    with refused("EntityAlreadyExists.Role.Policy", 409):
        attach()
    with refused("DeleteConflict.Role.Policy", 409):
        ask("delete_role", role_name="ferry-watch")
    with refused("DeleteConflict.Policy.Role", 409):
        ask("delete_policy", policy_name="ferry-watch", cascading_delete=True)
    detach = {"policy_name": "ferry-watch", "policy_type": "Custom", "role_name": "ferry-watch"}
    ask("detach_policy_from_role", **detach)
    with refused("EntityNotExist.Role.Policy", 404):
        ask("detach_policy_from_role", **detach)
    ask("delete_policy", policy_name="ferry-watch")
    ask("delete_role", role_name="ferry-watch")


# documents


@pytest.mark.parametrize(
    "document",
    [
        "no JSON",
        json.dumps({"Version": "1"}),
        json.dumps({"Version": "2", "Statement": json.loads(READ)["Statement"]}),
        json.dumps({"Version": "1", "Statement": []}),
        rights("ecs:DescribeImages", Effect="Maybe"),
        rights("ecs:DescribeImages", Sid="one"),
        rights("ecs:DescribeImages", Resource="arn:aws:s3:::b"),
        rights("ecs:DescribeImages", Condition={"StringSame": {"a": "b"}}),
        rights("ecs:DescribeImages", NotAction="ecs:*"),
        rights(),
        rights("DescribeImages"),
        TRUST,
    ],
)
def test_malformed_documents(document: str) -> None:
    """A document that is no policy is refused."""
    with refused("MalformedPolicyDocument", 400):
        a_policy(document=document)


def test_long_documents() -> None:
    """6,144 characters are the most that a document may have."""
    longest = 6_144 - len(rights("ecs:"))
    a_policy("a", rights("ecs:" + "A" * longest))
    with refused("InvalidParameter.PolicyDocument.Length", 400):
        a_policy("b", rights("ecs:" + "A" * (longest + 1)))


@pytest.mark.parametrize(
    "change",
    [
        ("sts:AssumeRole", "ecs:CreateImage"),
        ("Service", "Somebody"),
        ('["fc.aliyuncs.com"]', "[]"),
        ('"Principal"', '"Resource"'),
    ],
)
def test_malformed_trust(change: tuple[str, str]) -> None:
    """A trust policy says who may take the role on."""
    with refused("MalformedPolicyDocument", 400):
        ask("create_role", role_name="r", assume_role_policy_document=TRUST.replace(*change))


# STS


def test_caller_identity() -> None:
    """The key of the world is the account's own."""
    body = sts().get_caller_identity().body
    assert (body.account_id, body.identity_type, body.arn) == (ACCOUNT, "Account", f"acs:ram::{ACCOUNT}:root")
    with pytest.raises(ClientException) as no:
        sts(key="someone").get_caller_identity()
    assert no.value.code == "InvalidAccessKeyId.NotFound"


def test_caller_identity_of_a_function(tmp_path: Path) -> None:
    """A function calls under the role that s.yaml gives it."""
    source = (
        CALLS
        + """
    def handler(event, context):
        from alibabacloud_sts20150401.client import Client as Sts
        keys = os.environ
        return Sts(Config(
            access_key_id=keys["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=keys["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            security_token=keys["ALIBABA_CLOUD_SECURITY_TOKEN"],
            region_id="cn-hangzhou",
        )).get_caller_identity().body.arn
    """
    )
    role = f"role: acs:ram::{ACCOUNT}:role/ferry-f"
    with a_cloud(tmp_path / "other") as cloud:
        Project(tmp_path).function("f", source, role).deploy(cloud)
        assert cloud.invoke("f", b"").decode() == f"acs:ram::{ACCOUNT}:assumed-role/ferry-f/f"
