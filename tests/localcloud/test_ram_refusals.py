"""What RAM refuses, action by action: status, code and message."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.runtime import Embedded
from tests.localcloud.asker import TRUST
from tests.localcloud.ecs_world import as_account, refused
from tests.localcloud.sdk import a_cloud, rpc

ROLE, POLICY, VERSION = {"RoleName": "There"}, {"PolicyName": "there"}, {"VersionId": "v1"}
TYPED = {**POLICY, "PolicyType": "Custom"}
RIGHTS = json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}]})
#: A call of each action that names something, with what is mandatory.
CALLS: dict[str, dict[str, Any]] = {
    "CreateRole": {**ROLE, "AssumeRolePolicyDocument": json.dumps(TRUST)},
    "GetRole": ROLE,
    "UpdateRole": ROLE,
    "DeleteRole": ROLE,
    "AttachPolicyToRole": {**TYPED, **ROLE},
    "DetachPolicyFromRole": {**TYPED, **ROLE},
    "ListPoliciesForRole": ROLE,
    "ListEntitiesForPolicy": TYPED,
    "CreatePolicy": {**POLICY, "PolicyDocument": RIGHTS},
    "GetPolicy": TYPED,
    "DeletePolicy": POLICY,
    "CreatePolicyVersion": {**POLICY, "PolicyDocument": RIGHTS},
    "GetPolicyVersion": {**TYPED, **VERSION},
    "ListPolicyVersions": TYPED,
    "DeletePolicyVersion": {**POLICY, **VERSION},
    "SetDefaultPolicyVersion": {**POLICY, **VERSION},
}


def of(name: str, *but: str) -> list[str]:
    """The actions that take a parameter."""
    return [action for action, wire in CALLS.items() if name in wire and action not in but]


@pytest.fixture(scope="module", autouse=True)
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A role that has a policy of five versions: no refusal changes them."""
    with a_cloud(tmp_path_factory.mktemp("cloud")) as made:
        for action in ("CreateRole", "CreatePolicy", *["CreatePolicyVersion"] * 4, "AttachPolicyToRole"):
            ask(action)
        before = about()
        yield made
        assert about() == before


def ask(action: str, **wire: Any) -> dict[str, Any]:
    """The answer to the action of CALLS with these parameters."""
    return as_account(action, product="ram", **CALLS.get(action, {}) | wire)


def about() -> list[dict[str, Any]]:
    """All that is there."""
    return [ask(action) for action in ("ListRoles", "ListPolicies", "ListPolicyVersions", "ListPoliciesForRole")]


@pytest.mark.parametrize(("action", "name"), [(action, name) for action, wire in CALLS.items() for name in wire])
def test_what_is_mandatory(action: str, name: str) -> None:
    """Each parameter without which nothing could be done."""
    wire = {key: value for key, value in CALLS[action].items() if key != name}
    with refused(f"Missing{name}", 400, f"{name} is mandatory for this action."):
        as_account(action, product="ram", **wire)


@pytest.mark.parametrize(
    ("action", "name", "most"),
    [(action, name, most) for name, most in (("RoleName", 64), ("PolicyName", 128)) for action in of(name)],
)
def test_names(action: str, name: str, most: int) -> None:
    """Letters, digits and hyphens, of a length."""
    with refused(f"InvalidParameter.{name}.InvalidChars", 400, f'The parameter - "{name}" contains invalid chars.'):
        ask(action, **{name: "a_b"})
    with refused(f"InvalidParameter.{name}.Length", 400, f'The parameter - "{name}" beyond the length limit.'):
        ask(action, **{name: "a" * (most + 1)})


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("CreateRole", "Description"),
        ("UpdateRole", "NewDescription"),
        ("CreatePolicy", "Description"),
        ("CreatePolicy", "PolicyDocument"),
        ("CreatePolicyVersion", "PolicyDocument"),
    ],
)
def test_lengths(action: str, name: str) -> None:
    """A text beyond its limit."""
    new = {"RoleName": "new", "PolicyName": "new"} if action in ("CreateRole", "CreatePolicy") else {}
    with refused(f"InvalidParameter.{name}.Length", 400, f'The parameter - "{name}" beyond the length limit.'):
        ask(action, **new | {name: "a" * 6_145})


@pytest.mark.parametrize("action", of("RoleName", "CreateRole"))
def test_a_role_that_is_not_there(action: str) -> None:
    """Whatever is done with it."""
    with refused("EntityNotExist.Role", 404, "The role does not exist."):
        ask(action, RoleName="nobody")


@pytest.mark.parametrize("action", of("PolicyName", "CreatePolicy"))
def test_a_policy_that_is_not_there(action: str) -> None:
    """Whatever is done with it; one of the cloud's own is not here."""
    for other in ({"PolicyName": "nobody"}, *([{"PolicyType": "System"}] if "PolicyType" in CALLS[action] else [])):
        with refused("EntityNotExist.Policy", 404, "The policy does not exist."):
            ask(action, **other)


@pytest.mark.parametrize("action", of("VersionId"))
def test_a_version_that_is_not_there(action: str) -> None:
    """One of another number, and what is no number of a version."""
    with refused("EntityNotExist.Policy.Version", 404, "The policy version does not exist."):
        ask(action, VersionId="v9")
    message = 'The format of the parameter - "VersionId" is incorrect.'
    with refused("InvalidParameter.VersionId.Format", 400, message):
        ask(action, VersionId="9")


@pytest.mark.parametrize(
    ("action", "name", "value"),
    [
        *[(action, "PolicyType", "Mine") for action in ("ListPolicies", *of("PolicyType"))],
        *[(action, "MaxItems", value) for action in ("ListRoles", "ListPolicies") for value in (0, 1001)],
        *[("CreateRole", "MaxSessionDuration", value) for value in (3_599, 43_201)],
        *[("UpdateRole", "NewMaxSessionDuration", value) for value in (3_599, 43_201)],
        ("DeletePolicy", "CascadingDelete", "maybe"),
        ("CreatePolicyVersion", "SetAsDefault", "maybe"),
        ("CreatePolicyVersion", "RotateStrategy", "x"),
    ],
)
def test_values_that_are_not_known(action: str, name: str, value: object) -> None:
    """None of those that there are."""
    new = {"RoleName": "new"} if action == "CreateRole" else {}
    with refused(f"InvalidParameter.{name}", 400, f'The parameter - "{name}" is incorrect.'):
        ask(action, **new | {name: value})


@pytest.mark.parametrize("action", ["CreateRole", "ListRoles", "CreatePolicy", "ListPolicies"])
def test_tags_that_are_none(action: str) -> None:
    """No SDK sends such a list."""
    sent = CALLS.get(action, {}) | {"RoleName": "new", "PolicyName": "new", "Tag": '[{"Value": "x"}]'}
    no = (400, "InvalidParameter.Tag", 'The parameter - "Tag" is incorrect.')
    assert rpc("2015-05-01", action, sent) == no


@pytest.mark.parametrize(
    ("action", "wire", "message"),
    [
        ("CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": "{"}, "The policy document is not JSON"),
        (
            "CreateRole",
            {"RoleName": "r", "AssumeRolePolicyDocument": RIGHTS},
            "Invalid policy element: Resource",
        ),
        ("UpdateRole", {"NewAssumeRolePolicyDocument": "{"}, "The policy document is not JSON"),
        ("CreatePolicy", {"PolicyName": "p", "PolicyDocument": "[]"}, "A policy document has Version and Statement"),
        ("CreatePolicyVersion", {"PolicyDocument": "[]"}, "A policy document has Version and Statement"),
    ],
)
def test_documents_that_are_none(action: str, wire: dict[str, str], message: str) -> None:
    """With what is wrong as the message."""
    with refused("MalformedPolicyDocument", 400, message):
        ask(action, **wire)


@pytest.mark.parametrize(
    ("action", "wire", "status", "code", "message"),
    [
        ("CreateRole", {"RoleName": "THERE"}, 409, "EntityAlreadyExists.Role", "The role does already EXIST."),
        ("CreatePolicy", {}, 409, "EntityAlreadyExists.Policy", "The policy does already EXIST."),
        (
            "AttachPolicyToRole",
            {},
            409,
            "EntityAlreadyExists.Role.Policy",
            "The role has already been attached this policy.",
        ),
        (
            "DeleteRole",
            {},
            409,
            "DeleteConflict.Role.Policy",
            "The role CAN NOT has any attached policy while deleting the role.",
        ),
        (
            "DeletePolicy",
            {"CascadingDelete": True},
            409,
            "DeleteConflict.Policy.Role",
            "The policy cannot be attached to any role when you delete it.",
        ),
        (
            "DeletePolicyVersion",
            {},
            409,
            "DeleteConflict.Policy.Version.Default",
            "The default policy version CAN NOT been deleted directly.",
        ),
        (
            "CreatePolicyVersion",
            {},
            409,
            "LimitExceeded.Policy.Version",
            "The count of policy version beyond the current limits.",
        ),
        (
            "CreateUser",
            {"UserName": "u"},
            404,
            "InvalidAction.NotFound",
            "Specified api is not found: CreateUser of RAM.",
        ),
    ],
)
def test_what_can_not_be(action: str, wire: dict[str, Any], status: int, code: str, message: str) -> None:
    """Names that are taken, what is in use, what there is enough of, and what nobody wrote."""
    with refused(code, status, message):
        ask(action, **wire)


def test_what_is_not_attached(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A policy with other versions is not deleted without them, and one that a role lacks is not taken from it."""
    with a_cloud(tmp_path_factory.mktemp("other")):
        for action in ("CreateRole", "CreatePolicy", "CreatePolicyVersion"):
            ask(action)
        message = "The policy CAN NOT has any version except the default version."
        with refused("DeleteConflict.Policy.Version", 409, message):
            ask("DeletePolicy")
        message = "The indicate policy attached to the role does not exist."
        with refused("EntityNotExist.Role.Policy", 404, message):
            ask("DetachPolicyFromRole")


def test_what_is_refused_uses_up_no_id(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A role is named alike whether others were refused before it or not."""
    ids = set()
    for wrong in ({}, {"MaxSessionDuration": "1"}, {"Tag": '[{"Value": "x"}]'}, {"Description": "x" * 1_025}):
        with a_cloud(tmp_path_factory.mktemp("cloud")):
            if wrong:
                assert rpc("2015-05-01", "CreateRole", CALLS["CreateRole"] | wrong)[0] == 400
            ids.add(ask("CreateRole")["Role"]["RoleId"])
    assert len(ids) == 1
