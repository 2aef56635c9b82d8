"""What no client means to send: each service refuses it as it refuses what is wrong, and goes on."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as some

from localcloud.runtime import Embedded
from localcloud.texts import read_items, read_json
from tests.localcloud.ecs_world import Ground, ground
from tests.localcloud.sdk import ACCOUNT, HOME, a_cloud, bodies, make_queue, rpc, v1

ECS, RAM, STS, EVENTBRIDGE, OTS = "2014-05-26", "2015-05-01", "2015-04-01", "2020-04-01", "2020-12-09"
ADDRESS = f"https://ecs.{HOME}.aliyuncs.com/"
SMQ = f"https://{ACCOUNT}.mns.{HOME}.aliyuncs.com"
#: Nested deeper than Python can read; as deep as it can, but not walk; more digits than it takes; not ASCII.
DEEP, STEEP, LONG, ARABIC = "[" * 5000, "[" * 400 + "]" * 400, "9" * 5000, "٣"
HALF = '"\\ud800"'
NO_NUMBERS = [
    pytest.param(text, id=id)
    for id, text in {"long": LONG, "arabic": ARABIC, "squared": "²", "negative": "-1", "real": "1e1"}.items()
]
NO_JSON = [
    pytest.param(text, id=id)
    for id, text in {
        "deep": DEEP,
        "steep": STEEP,
        "long number": f"[{LONG}]",
        "half a pair": f"[{HALF}]",
        "NaN": "[NaN]",
        "infinite": "[1e999]",
    }.items()
]
BOB = {
    "name": "bob",
    "access_key": "bob",
    "secret": "test",
    "policies": [{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}],
}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        made.until(lambda: made.instance("i-web").get("Status") == "Running")
        yield made


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    with a_cloud(tmp_path, users=[BOB]) as made:
        yield made


# ECS

RUN = {"InstanceId.1": "i-web", "Type": "RunShellScript", "CommandContent": "true"}
RULE = {"SecurityGroupId": "sg-a", "IpProtocol": "tcp", "PortRange": "1/2", "SourceCidrIp": "0.0.0.0/0"}
LAUNCH = {
    "ImageId": "aliyun_3_x64_20G_alibase_20251030.vhd",
    "InstanceType": "ecs.g7.large",
    "VSwitchId": "vsw-a",
    "SecurityGroupId": "sg-a",
    "SystemDisk.Category": "cloud_essd",
}


def invalid(name: str) -> tuple[int, str, str]:
    return 400, "InvalidParameter", f'The specified parameter "{name}" is not valid.'


@pytest.mark.parametrize(
    ("action", "name", "beside", "said"),
    [
        ("DescribeInstances", "InstanceIds", {}, invalid("InstanceIds")),
        ("RunCommand", "Parameters", {**RUN, "EnableParameter": "true"}, invalid("Parameters")),
        (
            "DeleteKeyPairs",
            "KeyPairNames",
            {},
            (
                400,
                "InvalidKeyPairNames.ValueNotSupported",
                'The specified parameter "KeyPairNames" is not valid.',
            ),
        ),
    ],
)
@pytest.mark.parametrize("text", NO_JSON)
def test_ecs_reads_json(
    there: Ground, action: str, name: str, beside: dict[str, str], said: tuple[int, str, str], text: str
) -> None:
    """Lists of ids and the values of a command."""
    assert there is not None
    assert rpc(ECS, action, {**beside, name: text}) == said


@pytest.mark.parametrize(
    ("action", "name", "beside", "code"),
    [
        ("DescribeInstances", "PageSize", {}, "InvalidParameter"),
        ("DescribeInvocations", "PageSize", {}, "InvalidParam.PageSize"),
        ("DescribeInvocations", "PageNumber", {}, "InvalidParam.PageNumber"),
        ("AuthorizeSecurityGroup", "Priority", RULE, "InvalidPriority.ValueNotSupported"),
        ("CreateSnapshot", "RetentionDays", {}, "InvalidRetentionDays.Malformed"),
        ("RunInstances", "InternetMaxBandwidthOut", LAUNCH, "InvalidInternetMaxBandwidthOut.Malformed"),
    ],
)
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_ecs_reads_numbers(there: Ground, action: str, name: str, beside: dict[str, str], code: str, text: str) -> None:
    """A number is written in ASCII digits, and not in thousands of them."""
    if action == "CreateSnapshot":
        beside = {"DiskId": there.ask("DescribeDisks", RegionId=HOME)["Disks"]["Disk"][0]["DiskId"]}
    assert rpc(ECS, action, {**beside, name: text})[1] == code


@pytest.mark.parametrize("text", ["٢٠٢٦-01-05T12:00:00Z", "2026-1-5T12:00:00Z", "2026-01-05T12:00Z"])
def test_ecs_reads_moments(there: Ground, text: str) -> None:
    """In ASCII digits, and as many of them as are documented."""
    assert there is not None
    said = rpc(ECS, "RunInstances", {**LAUNCH, "AutoReleaseTime": text, "DryRun": "true"})
    assert said[:2] == (400, "InvalidAutoReleaseTime.Malformed")
    assert rpc(ECS, "RunInstances", {**LAUNCH, "AutoReleaseTime": "2026-01-05T12:00:00Z"})[0] == 200


def test_ecs_reads_ports_tags_and_tokens(there: Ground) -> None:
    """The digits of a port, of a tag's number, and of what says where a list goes on."""
    assert there is not None
    assert rpc(ECS, "AuthorizeSecurityGroup", {**RULE, "PortRange": "٣/٤"})[1] == "OperationDenied"
    strange = {"InstanceId.1٣": "i-web", "Type": "RunShellScript", "CommandContent": "true"}
    assert rpc(ECS, "RunCommand", strange)[1] == "MissingParameter"
    for place in (LONG, ARABIC):
        token = base64.urlsafe_b64encode(f"after:{place}".encode()).decode()
        assert rpc(ECS, "DescribeInstances", {"NextToken": token, "MaxResults": "10"}) == invalid("NextToken")


@pytest.mark.parametrize(
    ("action", "sent", "code"),
    [
        ("RunCommand", {**RUN, "CommandContent": "é!!", "ContentEncoding": "Base64"}, "CmdContent.DecodeError"),
        ("ImportKeyPair", {"KeyPairName": "abc", "PublicKeyBody": "ssh-rsa é"}, "InvalidPublicKeyBody.Malformed"),
        ("RunInstances", {**LAUNCH, "UserData": "é!"}, "InvalidUserData.Base64FormatInvalid"),
    ],
)
def test_ecs_reads_base64(there: Ground, action: str, sent: dict[str, str], code: str) -> None:
    """What is not even ASCII is no Base64."""
    assert there is not None
    assert rpc(ECS, action, sent)[1] == code


# the gateway


@pytest.mark.parametrize("text", [*NO_JSON, '{"CommandContent": "\\ud800"}', '{"\\udfff": ""}', '"\xff'])
def test_the_gateway_reads_bodies(cloud: Embedded, text: str) -> None:
    """A body in JSON that can't be read, or holds what can't be written, is refused whoever signed it."""
    assert cloud is not None
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = requests.post(ADDRESS, data=text.encode("latin-1"), headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidRequestBody")
    assert answer.json()["Message"] == "Specified request body can not be parsed."


# RAM, STS and Tablestore's control plane

TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": [f"acs:ram::{ACCOUNT}:root"]}}
        ],
    }
)
RIGHTS = '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}]}'


@pytest.mark.parametrize("text", [*NO_JSON, pytest.param(RIGHTS.replace('"*"}', HALF + "}"), id="resource")])
def test_ram_reads_documents_and_tags(cloud: Embedded, text: str) -> None:
    """Policies of both kinds, and the tags of one."""
    assert cloud is not None
    malformed = (400, "MalformedPolicyDocument", "The policy document is not JSON")
    assert rpc(RAM, "CreatePolicy", {"PolicyName": "p", "PolicyDocument": text}) == malformed
    assert rpc(RAM, "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": text}) == malformed
    tagged = {"PolicyName": "p", "PolicyDocument": RIGHTS, "Tag": text}
    assert rpc(RAM, "CreatePolicy", tagged)[1] == "InvalidParameter.Tag"
    instance = {"InstanceName": "abc", "ClusterType": "SSD", "Tags": text}
    said = (400, "InvalidParameter", "Tags is invalid: write a list of Key and Value")
    assert rpc(OTS, "CreateInstance", instance) == said


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_ram_sts_and_tablestore_read_numbers(cloud: Embedded, text: str) -> None:
    """Pages and durations."""
    assert cloud is not None
    assert rpc(RAM, "ListRoles", {"MaxItems": text})[1] == "InvalidParameter.MaxItems"
    role = {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}
    assert rpc(RAM, "CreateRole", {**role, "MaxSessionDuration": text})[1] == "InvalidParameter.MaxSessionDuration"
    assert rpc(RAM, "CreateRole", role)[0] == 200
    taken = {"RoleArn": f"acs:ram::{ACCOUNT}:role/r", "RoleSessionName": "me", "DurationSeconds": text}
    assert rpc(STS, "AssumeRole", taken | {"AccessKeyId": "bob"})[1] == "InvalidParameter.DurationSeconds"
    assert rpc(OTS, "ListInstances", {"MaxResults": text})[2].endswith("write 0 to 200")


# EventBridge


def eventbridge(action: str, **params: str) -> str:
    """Why EventBridge refuses a call about the rule r."""
    said = rpc(EVENTBRIDGE, action, {"EventBusName": "default", "RuleName": "r", **params})
    assert said[:2] == (200, "InvalidArgument")
    return said[2]


@pytest.mark.parametrize("text", NO_JSON)
def test_eventbridge_reads_json(cloud: Embedded, text: str) -> None:
    """Patterns, targets, and which of them to delete."""
    assert cloud is not None
    assert eventbridge("CreateRule", FilterPattern=text).startswith("FilterPattern is invalid: not JSON: ")
    targets = {"FilterPattern": "{}", "EventTargets": text}
    assert eventbridge("CreateRule", **targets).startswith("EventTargets is invalid: not JSON: ")
    test = {"EventPattern": "{}", "Event": text}
    assert eventbridge("TestEventPattern", **test).startswith("Event is invalid: not JSON: ")
    test = {"EventPattern": text, "Event": "{}"}
    assert eventbridge("TestEventPattern", **test).startswith("EventPattern is invalid: not JSON: ")
    assert rpc(EVENTBRIDGE, "CreateRule", rule())[1] == "Success"
    assert eventbridge("DeleteTargets", TargetIds=text).startswith("TargetIds is invalid: not JSON: ")


@pytest.mark.parametrize(
    "text",
    [
        *(DEEP, DEEP + "]" * 5000, "[", "{}", "1", "[1}", "[]]", "[][]", '["', "[1,]", "[,1]", "[1 2]", "\u00a0[]"),
        *("[1}1]", '[1}1"]', '[{"Id": "a", "Source": "s", "Type": "t", "Data": 1}}2"]', "[1, 1e999 x]", "[1]\u00a0"),
    ],
)
def test_events_are_a_list(cloud: Embedded, text: str) -> None:
    """What is no list of JSON has no events that could answer for themselves."""
    assert cloud is not None
    assert eventbridge("PutEvents", EventList=text).startswith("EventList is invalid: not JSON: ")


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)


VALID = some.builds(json.dumps, some.lists(VALUES), ensure_ascii=some.booleans(), indent=some.sampled_from([None, 1]))
#: Of these a list is made that is one, or looks like one.
PARTS = some.sampled_from([*'[]{},:" \\\t\n\u00a0', "1", "x", '"a"', "{}", "1e999", "-0", "NaN", "null", HALF])


@settings(max_examples=200, deadline=None)
@given(text=VALID | some.lists(PARTS, max_size=5).map(lambda parts: f"[{''.join(parts)}]") | VALUES.map(json.dumps))
def test_items_are_those_of_the_list(text: str) -> None:
    """What is a list of JSON, and nothing else, has items: each is its own value, or why it can't be sent on."""
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if not isinstance(whole, list):
        with pytest.raises(ValueError):
            read_items(text)
        return
    items = read_items(text)
    assert len(items) == len(whole)
    for item, value in zip(items, whole, strict=True):
        assert isinstance(item, ValueError) or item == value
    try:
        assert items == read_json(text)
    except ValueError:
        assert any(isinstance(item, ValueError) for item in items)


@pytest.mark.parametrize("text", [HALF, LONG, "1e999"])
def test_an_event_that_can_not_be_sent_on(cloud: Embedded, text: str) -> None:
    """It alone is refused: no SDK sends such a thing, and it may come between others."""
    assert cloud is not None
    events = ",".join(f'{{"Id": "a", "Source": "s", "Type": "t", "Data": {data}}}' for data in ("1", text, "2"))
    sent = {"EventBusName": "default", "EventList": f"[{events}]"}
    signed = v1("POST", Format="JSON", Version=EVENTBRIDGE, Action="PutEvents", **sent)
    data = requests.post(ADDRESS, data=signed, timeout=20).json()["Data"]
    assert data["FailedEntryCount"] == 1
    assert [entry.get("ErrorCode") for entry in data["EntryList"]] == [None, "InvalidArgument", None]


@pytest.mark.parametrize("text", ["1", "null", "[]", '"x"'])
def test_an_event_is_an_object(cloud: Embedded, text: str) -> None:
    """Anything else fits no pattern, and is none."""
    assert cloud is not None
    test = {"EventPattern": '{"a": [1]}', "Event": text}
    assert eventbridge("TestEventPattern", **test) == "Event is invalid: it is not an object"


@pytest.mark.parametrize("text", ["1", "null", "{}", '"x"'])
def test_targets_are_a_list(cloud: Embedded, text: str) -> None:
    """Anything else holds none."""
    assert cloud is not None
    said = eventbridge("CreateRule", FilterPattern="{}", EventTargets=text)
    assert said == "EventTargets is invalid: it is not a list"


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_eventbridge_reads_pages(cloud: Embedded, text: str) -> None:
    """How many, and from where on."""
    assert cloud is not None
    assert eventbridge("ListEventBuses", Limit=text) == "Limit is invalid: write 1 to 100"
    said = "NextToken is invalid: it is not one that was given"
    assert eventbridge("ListEventBuses", NextToken=text) == said


def rule(*params: Mapping[str, str], **about: object) -> dict[str, str]:
    """The parameters of a CreateRule that sends all to the queue q."""
    target = {"Id": "q", "Type": "acs.mns.queue", "Endpoint": f"acs:mns:{HOME}:{ACCOUNT}:queues/q", **about}
    listed = json.dumps([{**target, "ParamList": params}])
    return {"EventBusName": "default", "RuleName": "r", "FilterPattern": "{}", "EventTargets": listed}


@pytest.mark.parametrize("value", ["x", "[]", '{"a": 1}', DEEP, "{", '{"a": "\\ud800"}'])
def test_a_template_says_what_its_variables_are(cloud: Embedded, value: str) -> None:
    """Else its target could not be served later: it is refused when it is made."""
    assert cloud is not None
    body = {"ResourceKey": "Body", "Form": "TEMPLATE", "Template": "${a}", "Value": value}
    said = "the Value of Body is not a JSON object of texts, as a TEMPLATE's is"
    made = rule(body)
    assert eventbridge("CreateRule", **made) == f"EventTargets is invalid: {said}"
    assert rpc(EVENTBRIDGE, "CreateRule", rule())[1] == "Success"
    targets = {**made, "Targets": made["EventTargets"]}
    signed = v1("POST", Format="JSON", Version=EVENTBRIDGE, Action="PutTargets", **targets)
    assert requests.post(ADDRESS, data=signed, timeout=20).json()["Data"]["ErrorEntries"][0]["ErrorMessage"] == said


@pytest.mark.parametrize(("encode", "come", "are_dead"), [("true", [], [{"x": "\ud800"}]), ("false", ["\ufffd"], [])])
def test_text_that_can_not_be_written(
    cloud: Embedded, encode: str, come: list[str], are_dead: list[dict[str, str]]
) -> None:
    """What is no UTF-8 (here out of a world's file) ends nothing: it is replaced, or a dead letter if it is encoded."""
    queue, dead = make_queue(cloud, "q"), make_queue(cloud, "dead")
    body = {"ResourceKey": "Body", "Form": "JSONPATH", "Value": "$.data.x"}
    base64_too = {"ResourceKey": "IsBase64Encode", "Form": "CONSTANT", "Value": encode}
    letters = {"Arn": f"acs:mns:{HOME}:{ACCOUNT}:queues/dead"}
    assert rpc(EVENTBRIDGE, "CreateRule", rule(body, base64_too, DeadLetterQueue=letters))[1] == "Success"
    cloud.cloud.eventbridge.publish_system(HOME, "t", "s", {"x": "\ud800"})
    cloud.run(lambda: False, limit=timedelta(minutes=2))
    assert bodies(queue) == come
    assert [json.loads(one)["data"] for one in bodies(dead)] == are_dead
