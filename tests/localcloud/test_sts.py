"""STS: roles that are taken on, what their keys may do, and for how long; users and what theirs may do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from alibabacloud_tea_openapi.exceptions import ClientException

from localcloud.runtime import Embedded
from localcloud.world import World
from tests.localcloud.sdk import ACCOUNT, HOME, a_cloud, ram, v1

ARN = f"acs:ram::{ACCOUNT}:role/reader"
LOOK = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"}]}
TAKE = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ARN}]}
USERS: list[dict[str, Any]] = [
    {"name": "ann", "access_key": "ann-key", "secret": "ann-secret", "policies": [TAKE]},
    {"name": "bob", "access_key": "bob-key", "secret": "bob-secret"},
]
DENIED = "User not authorized to operate on the specified resource, or this API doesn't support RAM."


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    """A role that may look, and that ann may take on."""
    from alibabacloud_ram20150501 import models

    with a_cloud(tmp_path, users=USERS) as made:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": [f"acs:ram::{ACCOUNT}:root"]}}
        document = json.dumps({"Version": "1", "Statement": [trust]})
        ram().create_role(models.CreateRoleRequest(role_name="reader", assume_role_policy_document=document))
        ram().create_policy(models.CreatePolicyRequest(policy_name="look", policy_document=json.dumps(LOOK)))
        ram().attach_policy_to_role(
            models.AttachPolicyToRoleRequest(policy_name="look", policy_type="Custom", role_name="reader")
        )
        yield made


def client(product: Any, key: str, secret: str, token: str | None = None) -> Any:
    from alibabacloud_tea_openapi.models import Config

    return product.Client(Config(access_key_id=key, access_key_secret=secret, security_token=token, region_id=HOME))


def assume(who: str = "ann", **wire: Any) -> Any:
    """The answer to AssumeRole, asked by a user (or `test`: the account itself)."""
    from alibabacloud_sts20150401 import client as sts
    from alibabacloud_sts20150401 import models

    key, secret = ("test", "test") if who == "test" else (f"{who}-key", f"{who}-secret")
    asked = {"role_arn": ARN, "role_session_name": "session", **wire}
    return client(sts, key, secret).assume_role(models.AssumeRoleRequest(**asked)).body


def ecs(credentials: Any, secret: str | None = None, token: str | None = None) -> Any:
    from alibabacloud_ecs20140526 import client as product

    return client(
        product,
        credentials.access_key_id,
        secret or credentials.access_key_secret,
        token or credentials.security_token,
    )


def test_a_role_that_is_taken_on_may_do_what_its_policies_say(cloud: Embedded) -> None:
    """Looking is allowed, the rest is not; the key signs as any other, and says whose it is."""
    from alibabacloud_ecs20140526 import models as m
    from alibabacloud_sts20150401 import client as sts

    given = assume()
    assert given.assumed_role_user.arn == f"{ARN}/session"
    lasts = datetime.fromisoformat(given.credentials.expiration) - datetime.now(UTC)
    assert timedelta(minutes=59) < lasts <= timedelta(hours=1)
    there = ecs(given.credentials)
    assert there.describe_regions(m.DescribeRegionsRequest()).body.regions.region
    with pytest.raises(ClientException, match=DENIED) as no:
        there.delete_image(m.DeleteImageRequest(region_id=HOME, image_id="m-1"))
    assert (no.value.status_code, no.value.code) == (403, "Forbidden.RAM")
    keys = given.credentials
    who = client(sts, keys.access_key_id, keys.access_key_secret, keys.security_token).get_caller_identity().body
    assert (who.identity_type, who.arn) == ("AssumedRoleUser", f"acs:ram::{ACCOUNT}:assumed-role/reader/session")
    assert cloud.cloud.calls[-1].role == "reader"


def test_a_lent_key_is_checked_as_any_other(cloud: Embedded) -> None:
    """Another secret, another token, one's own token with another key."""
    from alibabacloud_ecs20140526 import models as m

    assert cloud is not None
    keys, others = assume().credentials, assume().credentials
    for client_, code in (
        (ecs(keys, secret="wrong"), "SignatureDoesNotMatch"),
        (ecs(keys, token="CAISnothing"), "InvalidSecurityToken.Expired"),
        (ecs(keys, token=others.security_token), "InvalidSecurityToken.MismatchWithAccessKey"),
    ):
        with pytest.raises(ClientException) as no:
            client_.describe_regions(m.DescribeRegionsRequest())
        assert (no.value.status_code, no.value.code) == (400, code)


def test_a_user_may_do_what_its_policies_say(cloud: Embedded) -> None:
    """Without any it may do nothing but ask who it is."""
    from alibabacloud_ecs20140526 import client as product
    from alibabacloud_ecs20140526 import models as m
    from alibabacloud_sts20150401 import client as sts

    assert cloud is not None
    with pytest.raises(ClientException, match=DENIED):
        client(product, "bob-key", "bob-secret").describe_regions(m.DescribeRegionsRequest())
    who = client(sts, "bob-key", "bob-secret").get_caller_identity().body
    assert (who.identity_type, who.arn) == ("RAMUser", f"acs:ram::{ACCOUNT}:user/bob")


@pytest.mark.parametrize(
    ("who", "wire", "status", "code", "message"),
    [
        ("test", {}, 403, "NoPermission", "Roles may not be assumed by root accounts."),
        (
            "bob",
            {},
            403,
            "NoPermission",
            "You are not authorized to do this action. You should be authorized by RAM.",
        ),
        ("ann", {"role_arn": "reader"}, 400, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed."),
        ("ann", {"role_arn": ARN + "s"}, 404, "EntityNotExist.Role", "The specified Role not exists ."),
        (
            "ann",
            {"role_arn": ARN.replace(ACCOUNT, "1" * 16)},
            404,
            "EntityNotExist.Role",
            "The specified Role not exists .",
        ),
        (
            "ann",
            {"role_session_name": "a b"},
            400,
            "InvalidParameter.RoleSessionName",
            "The parameter RoleSessionName is wrongly formed.",
        ),
        (
            "ann",
            {"duration_seconds": 60},
            400,
            "InvalidParameter.DurationSeconds",
            "The Min/Max value of DurationSeconds is 15min/MaxSessionDuration.",
        ),
        (
            "ann",
            {"external_id": "a b"},
            400,
            "InvalidParameter.ExternalId",
            "The parameter ExternalId is wrongly formed.",
        ),
        ("ann", {"policy": "{}"}, 400, "UnsupportedParameter", 'The embedded cloud does not do "Policy".'),
        (
            "ann",
            {"source_identity": "ann"},
            400,
            "UnsupportedParameter",
            'The embedded cloud does not do "SourceIdentity".',
        ),
    ],
)
def test_refusals(cloud: Embedded, who: str, wire: dict[str, Any], status: int, code: str, message: str) -> None:
    """As the page of AssumeRole has them."""
    assert cloud is not None
    with pytest.raises(ClientException) as no:
        assume(who, **wire)
    assert (no.value.status_code, no.value.code, no.value.data["Message"]) == (status, code, message)


ROOT = {"RAM": [f"acs:ram::{ACCOUNT}:root"]}
ANN = {"RAM": f"acs:ram::{ACCOUNT}:user/Ann"}


def trusts(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A statement of a trust policy; without a principal it is to be among *more*."""
    named = {"Principal": principal} if principal else {}
    return {"Effect": effect, "Action": "sts:AssumeRole", **named, **more}


def trusting(*statements: dict[str, Any]) -> None:
    """From now on the role's trust policy holds these statements."""
    from alibabacloud_ram20150501 import models

    document = json.dumps({"Version": "1", "Statement": [*statements]})
    ram().update_role(models.UpdateRoleRequest(role_name="reader", new_assume_role_policy_document=document))


@pytest.mark.parametrize(
    "statements",
    [
        [trusts({"Service": ["fc.aliyuncs.com"]})],
        [trusts({"RAM": [f"acs:ram::{ACCOUNT}:user/bob"]})],
        [trusts({"Service": [f"acs:ram::{ACCOUNT}:root"]})],
        [trusts({"RAM": [f"acs:ram::{'1' * 16}:root"]})],
        [trusts(ROOT), trusts(ANN, "Deny")],
        [trusts(ANN), trusts(ROOT, "Deny")],
        [trusts(None, NotPrincipal=ANN)],
        [trusts(ROOT, Action="sts:SetSourceIdentity")],
        [trusts(ROOT, Condition={"StringEquals": {"sts:ExternalId": "other"}})],
        [trusts(ROOT, Condition={"IpAddress": {"acs:SourceIp": "8.8.8.8/32"}})],
        [trusts(ROOT, Condition={"DateLessThan": {"acs:CurrentTime": "2000-01-01T00:00:00Z"}})],
        [trusts(ROOT), trusts(ROOT, "Deny", Condition={"StringEquals": {"sts:ExternalId": "secret"}})],
    ],
)
def test_a_role_trusts_whom_it_names(cloud: Embedded, statements: list[dict[str, Any]]) -> None:
    """What trusts another, or something else, or under a condition that is not met, is not ann's to take on."""
    assert cloud is not None
    trusting(*statements)
    with pytest.raises(ClientException, match="You are not authorized to do this action") as no:
        assume(external_id="secret")
    assert (no.value.status_code, no.value.code) == (403, "NoPermission")


@pytest.mark.parametrize(
    "statements",
    [
        [trusts(ANN)],
        [trusts(None, NotPrincipal={"RAM": [f"acs:ram::{ACCOUNT}:user/bob"]})],
        [trusts(ROOT, Action=["sts:SetSourceIdentity", "sts:AssumeRole"])],
        [trusts(ROOT, Condition={"StringEquals": {"sts:ExternalId": ["other", "secret"]}})],
        [trusts(ROOT, Condition={"IpAddress": {"acs:SourceIp": "127.0.0.1"}})],
        [trusts(ROOT), trusts(ANN, "Deny", Condition={"StringNotEquals": {"sts:ExternalId": "secret"}})],
        [trusts(ROOT), trusts(ROOT, "Deny", Action="sts:SetSourceIdentity")],
    ],
)
def test_a_role_is_taken_on_by_whom_it_trusts(cloud: Embedded, statements: list[dict[str, Any]]) -> None:
    """The same, the other way round."""
    assert cloud is not None
    trusting(*statements)
    assert assume(external_id="secret").credentials.security_token


def test_without_its_external_id_a_role_is_not_taken_on(cloud: Embedded) -> None:
    """A trust that asks for one is not met by none."""
    assert cloud is not None
    trusting(trusts(ROOT, Condition={"StringEquals": {"sts:ExternalId": "secret"}}))
    with pytest.raises(ClientException, match="You are not authorized to do this action"):
        assume()


def test_a_session_ends_with_its_role(cloud: Embedded) -> None:
    """Its key is as one that has expired, and is none of another role with the same name."""
    from alibabacloud_ecs20140526 import models as m
    from alibabacloud_ram20150501 import models

    assert cloud is not None
    there = ecs(assume().credentials)
    policy = {"policy_name": "look", "policy_type": "Custom", "role_name": "reader"}
    ram().detach_policy_from_role(models.DetachPolicyFromRoleRequest(**policy))
    ram().delete_role(models.DeleteRoleRequest(role_name="READER"))
    trust = json.dumps({"Version": "1", "Statement": [trusts(ROOT)]})
    for again in (False, True):
        if again:
            ram().create_role(models.CreateRoleRequest(role_name="reader", assume_role_policy_document=trust))
            ram().attach_policy_to_role(models.AttachPolicyToRoleRequest(**policy))
        with pytest.raises(ClientException) as no:
            there.describe_regions(m.DescribeRegionsRequest())
        assert (no.value.status_code, no.value.code) == (400, "InvalidSecurityToken.Expired")
    assert ecs(assume().credentials).describe_regions(m.DescribeRegionsRequest()).body.regions.region


def test_users_of_a_world_are_checked() -> None:
    """A policy that is none, and a key of two, are told."""
    for users, what in (
        ([{**USERS[1], "policies": [{"Version": "2"}]}], "Statement"),
        ([USERS[1], {**USERS[0], "access_key": "bob-key"}], "each access key is of one"),
        ([{**USERS[1], "access_key": "test"}], "each access key is of one"),
    ):
        with pytest.raises(ValueError, match=what):
            World.model_validate({"users": users})


def test_an_action_that_is_not_there(cloud: Embedded) -> None:
    """It is refused by its name."""
    assert cloud is not None
    sent = v1(Action="GetFederationToken", Version="2015-04-01", Format="JSON")
    answer = requests.get("https://sts.aliyuncs.com/", params=sent, timeout=5)
    assert (answer.status_code, answer.json()["Code"]) == (404, "InvalidAction.NotFound")
    assert "GetFederationToken" in answer.json()["Message"]
