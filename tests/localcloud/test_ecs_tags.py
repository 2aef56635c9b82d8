"""Tags that ECS refuses, wherever they are put on something, and what its actions about tags refuse."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, PUBLIC, SCRIPT, THERE, launch, refused
from tests.localcloud.stock import Stock, lasting_stock
from tests.localcloud.test_ecs_keypairs import KEY

_HERE = {"RegionId": HERE}
_TAGS = [{"Key": f"k{number}", "Value": "v"} for number in range(21)]
_MANY = [f"i-{number}" for number in range(51)]
_COMMAND = {**_HERE, "Type": "RunShellScript", "ContentEncoding": "PlainText", "CommandContent": SCRIPT}
#: Calls of all that put tags on something; with good tags they would be done.
_CALLS: dict[str, dict[str, Any]] = {
    "AddTags": {**_HERE, "ResourceType": "instance", "ResourceId": "i-web"},
    "CopyImage": {**_HERE, "ImageId": "m-own", "DestinationRegionId": THERE},
    "CopySnapshot": {**_HERE, "SnapshotId": "s-own", "DestinationRegionId": THERE},
    "CreateCommand": {**_COMMAND, "Name": "one"},
    "CreateDisk": {**_HERE, "ZoneId": "cn-hangzhou-h", "Size": 40},
    "CreateImage": {**_HERE, "InstanceId": "i-web"},
    "CreateInstance": launch(PUBLIC),
    "CreateKeyPair": {**_HERE, "KeyPairName": "new"},
    "CreateSecurityGroup": {**_HERE, "VpcId": "vpc-a"},
    "CreateSnapshot": {"DiskId": "d-data"},
    "CreateSnapshotGroup": {**_HERE, "InstanceId": "i-web"},
    "ImportKeyPair": {**_HERE, "KeyPairName": "new", "PublicKeyBody": KEY},
    "InvokeCommand": {**_HERE, "CommandId": "c-own", "InstanceId": ["i-web"]},
    "RunCommand": {**_COMMAND, "InstanceId": ["i-web"]},
    "RunInstances": launch(PUBLIC),
    "TagResources": {**_HERE, "ResourceType": "instance", "ResourceId": ["i-web"]},
}
_OLD = {**_HERE, "ResourceType": "instance", "ResourceId": "i-web"}
_SEVERAL = {**_HERE, "ResourceType": "instance", "ResourceId": ["i-web"]}
_NOT_SUPPLIED = 'The input parameter "ResourceType" that is mandatory for processing this request is not supplied.'
_UNKNOWN_TYPE = ("InvalidResourceType.NotFound", 404, "The ResourceType provided does not exist in our records.")
_NO_TYPE = ("MissingParameter.ResourceType", 404, "The parameter - ResourceType should not be null")
_NO_TAGS = ("MissingParameter.Tags", 404, "The parameter - Tags should not be null")
_GONE = ("InvalidResourceId.NotFound", 404, "The specified ResourceIds are not found in our records.")
_TOO_MANY_IDS = ("NumberExceed.ResourceIds", 400, "The ResourceIds parameter's number is exceed , Valid : 50")
_TOO_MANY_TAGS = ("NumberExceed.Tags", 400, "The Tags parameter's number is exceed , Valid : 20")


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    with lasting_stock(tmp_path_factory) as made:
        yield made
        tags = made.ask("DescribeTags", **_HERE, ResourceType="instance")["Tags"]["Tag"]
        assert [one["TagKey"] for one in tags] == ["app"]


@pytest.mark.parametrize(
    ("code", "message", "tags"),
    [
        ("Duplicate.TagKey", "The Tag.N.Key contain duplicate key.", [("a", "1"), ("a", "2")]),
        ("InvalidTagKey.Malformed", "The specified Tag.n.Key is not valid.", [("acs:a", "1")]),
        ("InvalidTagValue.Malformed", "The specified Tag.n.Value is not valid.", [("a", "x" * 129)]),
    ],
)
@pytest.mark.parametrize("action", _CALLS)
def test_tags_that_can_not_be(s: Stock, action: str, code: str, message: str, tags: list[tuple[str, str]]) -> None:
    """Each action that takes tags looks at them before it does anything."""
    with refused(code, 400, message):
        s.ask(action, **_CALLS[action], Tag=[{"Key": key, "Value": value} for key, value in tags])


#: Lists that can be narrowed down by tags.
_LISTS: dict[str, dict[str, Any]] = {
    "DescribeDisks": _HERE,
    "DescribeImages": _HERE,
    "DescribeInstances": _HERE,
    "DescribeInvocationResults": _HERE,
    "DescribeInvocations": _HERE,
    "DescribeKeyPairs": _HERE,
    "DescribeNetworkInterfaces": _HERE,
    "DescribeSecurityGroups": _HERE,
    "DescribeSnapshotGroups": _HERE,
    "DescribeSnapshots": _HERE,
    "DescribeTags": {**_HERE, "ResourceType": "instance"},
    "RemoveTags": {**_HERE, "ResourceType": "instance", "ResourceId": "i-web"},
    "ListTagResources": {**_HERE, "ResourceType": "instance"},
}
#: These say how many in words of their own.
_COUNTED = {"CopyImage", "CreateImage", "TagResources"}


@pytest.mark.parametrize("action", sorted(_CALLS.keys() - _COUNTED | _LISTS.keys()))
def test_more_tags_than_a_call_may_name(s: Stock, action: str) -> None:
    """Twenty, to put on something or to look for."""
    with refused("InvalidTagCount", 400, "The specified tags are beyond the permitted range."):
        s.ask(action, **(_CALLS | _LISTS)[action], Tag=_TAGS)


@pytest.mark.parametrize("action", ["CreateImage", "CopyImage"])
def test_more_tags_than_an_image_may_have(s: Stock, action: str) -> None:
    """Twenty."""
    with refused("QuotaExceed.Tags", 403, "The number of tags exceeds the limit (20)."):
        s.ask(action, **_CALLS[action], Tag=_TAGS)


@pytest.mark.parametrize(
    ("action", "wire", "no"),
    [
        ("TagResources", {**_SEVERAL, "ResourceType": "", "Tag": _TAGS[:1]}, _NO_TYPE),
        ("TagResources", {**_SEVERAL, "ResourceType": "planet", "Tag": _TAGS[:1]}, _UNKNOWN_TYPE),
        ("TagResources", {**_SEVERAL, "ResourceId": ["i-none"], "Tag": _TAGS[:1]}, _GONE),
        ("TagResources", {**_SEVERAL, "ResourceId": _MANY, "Tag": _TAGS[:1]}, _TOO_MANY_IDS),
        ("TagResources", {**_SEVERAL, "Tag": _TAGS}, _TOO_MANY_TAGS),
        ("TagResources", _SEVERAL, _NO_TAGS),
        ("UntagResources", {**_SEVERAL, "ResourceType": "", "All": True}, _NO_TYPE),
        ("UntagResources", {**_SEVERAL, "ResourceType": "planet", "All": True}, _UNKNOWN_TYPE),
        ("UntagResources", {**_SEVERAL, "ResourceId": ["i-none"], "All": True}, _GONE),
        ("UntagResources", {**_SEVERAL, "ResourceId": _MANY, "All": True}, _TOO_MANY_IDS),
        ("UntagResources", {**_SEVERAL, "TagKey": [one["Key"] for one in _TAGS]}, _TOO_MANY_TAGS),
        ("UntagResources", _SEVERAL, _NO_TAGS),
        ("ListTagResources", {**_SEVERAL, "ResourceType": ""}, _NO_TYPE),
        ("ListTagResources", {**_SEVERAL, "ResourceType": "planet"}, _UNKNOWN_TYPE),
        ("ListTagResources", {**_HERE, "ResourceType": "instance"}, _NO_TAGS),
        ("AddTags", {**_OLD, "ResourceType": "", "Tag": _TAGS[:1]}, ("MissingParameter", 400, _NOT_SUPPLIED)),
        ("AddTags", {**_OLD, "ResourceType": "keypair", "Tag": _TAGS[:1]}, _UNKNOWN_TYPE),
        ("RemoveTags", {**_OLD, "ResourceType": ""}, ("MissingParameter", 400, _NOT_SUPPLIED)),
        ("RemoveTags", {**_OLD, "ResourceType": "keypair"}, _UNKNOWN_TYPE),
        ("DescribeTags", {**_HERE, "ResourceType": "keypair"}, _UNKNOWN_TYPE),
    ],
)
def test_resources_that_can_not_bear_them(
    s: Stock, action: str, wire: dict[str, Any], no: tuple[str, int, str]
) -> None:
    """The new actions and the old ones."""
    with refused(*no):
        s.ask(action, **wire)
