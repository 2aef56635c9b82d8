"""EventBridge, through alibabacloud-eventbridge20200401."""

import base64
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_eventbridge20200401 import models

from localcloud.eventbridge.patterns import PatternError, matches, parse
from localcloud.faults import Fault
from localcloud.runtime import Embedded
from tests.localcloud.sdk import ACCOUNT, a_cloud, bodies, eventbridge, make_queue, make_topic

SOON = timedelta(seconds=3)


def pass_time(cloud: Embedded, limit: timedelta = SOON) -> None:
    cloud.run(lambda: False, limit=limit)


def a_target(kind: str, name: str, region: str = "cn-hangzhou", **about: Any) -> Any:
    params = [models.PutTargetsRequestTargetsParamList(resource_key="Body", form="ORIGINAL")]
    return models.PutTargetsRequestTargets(
        id=about.pop("id", name),
        type=f"acs.mns.{kind}",
        endpoint=f"acs:mns:{region}:{ACCOUNT}:{kind}s/{name}",
        param_list=about.pop("params", params),
        **about,
    )


def a_rule(client: Any, pattern: object, *targets: Any, bus: str = "ferry", name: str = "r") -> Any:
    made = client.create_rule(
        models.CreateRuleRequest(event_bus_name=bus, rule_name=name, filter_pattern=json.dumps(pattern))
    ).body
    if made.success and targets:
        return client.put_targets(
            models.PutTargetsRequest(event_bus_name=bus, rule_name=name, targets=list(targets))
        ).body
    return made


def a_bus(region: str = "cn-hangzhou") -> Any:
    client = eventbridge(region)
    client.create_event_bus(models.CreateEventBusRequest(event_bus_name="ferry"))
    return client


def put(client: Any, *types: str, bus: str = "ferry", **about: Any) -> Any:
    events = [
        models.PutEventsRequestEventList(
            id=f"e-{n}", source="ferry", type=type_, data=about.get("data", {"n": n}), subject=about.get("subject")
        )
        for n, type_ in enumerate(types)
    ]
    return client.put_events(models.PutEventsRequest(event_bus_name=bus, event_list=events)).body


def test_event_to_queue(tmp_path: Path) -> None:
    """An event that a rule lets through reaches the queue as one whole CloudEvent; another does not."""
    with a_cloud(tmp_path) as cloud:
        queue, client = make_queue(cloud, "q"), a_bus()
        a_rule(client, {"source": ["ferry"], "type": ["ferry:Go"]}, a_target("queue", "q"))
        body = put(client, "ferry:Go", "ferry:Stay", subject="s-1")
        assert (body.code, body.success, body.data.failed_entry_count) == ("200", True, 0)
        pass_time(cloud)
        (text,) = bodies(queue)
        event = json.loads(text)
        assert (event["id"], event["source"], event["type"]) == ("e-0", "ferry", "ferry:Go")
        assert (event["subject"], event["specversion"], event["data"]) == ("s-1", "1.0", {"n": 0})
        assert (event["aliyunaccountid"], event["aliyuneventbusname"]) == (ACCOUNT, "ferry")
        assert (event["aliyunregionid"], event["aliyunpublishtime"]) == ("cn-hangzhou", "2026-01-05T02:00:00.000Z")


def test_event_to_topic(tmp_path: Path) -> None:
    """A topic as target publishes the event to the topic's own subscribers."""
    from mns.subscription import SubscriptionMeta

    with a_cloud(tmp_path) as cloud:
        queue, topic, client = make_queue(cloud, "q"), make_topic(cloud, "t"), a_bus()
        meta = SubscriptionMeta(f"acs:mns:cn-hangzhou:{ACCOUNT}:queues/q", notify_content_format="SIMPLIFIED")
        topic.get_subscription("s").subscribe(meta)
        a_rule(client, {}, a_target("topic", "t"))
        put(client, "ferry:Go")
        pass_time(cloud)
        assert json.loads(bodies(queue)[0])["type"] == "ferry:Go"


@pytest.mark.parametrize(
    ("param", "expected"),
    [
        ({"form": "CONSTANT", "value": "hello"}, "hello"),
        ({"form": "JSONPATH", "value": "$.data.n"}, "0"),
        ({"form": "TEMPLATE", "value": '{"t": "$.type"}', "template": "it is ${t}"}, "it is ferry:Go"),
    ],
)
def test_forms_of_a_body(tmp_path: Path, param: dict[str, str], expected: str) -> None:
    """A target can be sent a constant, a part of the event, or a text with parts of it."""
    with a_cloud(tmp_path) as cloud:
        queue, client = make_queue(cloud, "q"), a_bus()
        params = [models.PutTargetsRequestTargetsParamList(resource_key="Body", **param)]
        a_rule(client, {}, a_target("queue", "q", params=params))
        put(client, "ferry:Go")
        pass_time(cloud)
        assert bodies(queue) == [expected]


@pytest.mark.parametrize("kind", ["queue", "topic"])
@pytest.mark.parametrize(
    ("text", "comes"), [("a\x00\x01\x1b\ufffeb", "a\ufffd\ufffd\ufffd\ufffdb"), ("a\r\n\tb\u0085\U0001f600", None)]
)
def test_characters_that_a_queue_can_not_hold(tmp_path: Path, kind: str, text: str, comes: str | None) -> None:
    """A part of an event may have some that XML has none for: what comes out can be read, its digest is its own."""
    from mns.subscription import SubscriptionMeta

    with a_cloud(tmp_path) as cloud:
        queue, topic, client = make_queue(cloud, "q"), make_topic(cloud, "t"), a_bus()
        meta = SubscriptionMeta(f"acs:mns:cn-hangzhou:{ACCOUNT}:queues/q", notify_content_format="SIMPLIFIED")
        topic.get_subscription("s").subscribe(meta)
        params = [models.PutTargetsRequestTargetsParamList(resource_key="Body", form="JSONPATH", value="$.data")]
        a_rule(client, {}, a_target(kind, kind[0], params=params))
        put(client, "t", data=text)
        pass_time(cloud)
        message = queue.receive_message(0)
        assert message.message_body == (comes or text)
        digest = hashlib.md5(message.message_body.encode(), usedforsecurity=False).hexdigest()
        assert message.message_body_md5 == digest.upper()


def test_base64_for_queues(tmp_path: Path) -> None:
    """IsBase64Encode makes the queue's body Base64, as the queue SDKs read by default."""
    with a_cloud(tmp_path) as cloud:
        queue, client = make_queue(cloud, "q"), a_bus()
        one = models.PutTargetsRequestTargetsParamList
        params = [
            one(resource_key="Body", form="CONSTANT", value="hello"),
            one(resource_key="IsBase64Encode", form="CONSTANT", value="true"),
        ]
        a_rule(client, {}, a_target("queue", "q", params=params))
        put(client, "ferry:Go")
        pass_time(cloud)
        assert base64.b64decode(bodies(queue)[0]) == b"hello"


def test_unreachable_target_to_dead_letters(tmp_path: Path) -> None:
    """What a target does not take is tried three times, then goes to the target's dead-letter queue."""
    with a_cloud(tmp_path) as cloud:
        dead, client = make_queue(cloud, "dead"), a_bus()
        letters = models.PutTargetsRequestTargetsDeadLetterQueue(arn=f"acs:mns:cn-hangzhou:{ACCOUNT}:/queues/dead")
        a_rule(client, {}, a_target("queue", "gone", dead_letter_queue=letters))
        put(client, "ferry:Go")
        pass_time(cloud, timedelta(seconds=29))
        assert bodies(dead) == []
        pass_time(cloud, timedelta(seconds=40))
        assert json.loads(bodies(dead)[0])["type"] == "ferry:Go"


def test_refusals_come_with_http_200(tmp_path: Path) -> None:
    """The control plane says no in the body: Success false and a code."""
    with a_cloud(tmp_path):
        client = a_bus()
        again = client.create_event_bus(models.CreateEventBusRequest(event_bus_name="ferry")).body
        assert (again.success, again.code) == (False, "EventBusAlreadyExist")
        gone = client.get_event_bus(models.GetEventBusRequest(event_bus_name="gone")).body
        assert (gone.success, gone.code, gone.data) == (False, "EventBusNotExist", None)
        rule = client.get_rule(models.GetRuleRequest(event_bus_name="ferry", rule_name="gone")).body
        assert (rule.success, rule.code) == (False, "EventRuleNotExisted")
        assert put(client, "x", bus="gone").code == "EventBusNotExist"


def test_put_events_limits(tmp_path: Path) -> None:
    """16 events and 256 KB at once; of one wrong event among others only that one fails."""
    with a_cloud(tmp_path):
        client = a_bus()
        assert put(client, *["t"] * 17).success is False
        assert put(client, *["t"] * 5, data={"x": "y" * 60_000}).success is False
        mixed = put(client, "ok", "t" * 65)
        assert mixed.data.failed_entry_count == 1
        assert [entry.error_code for entry in mixed.data.entry_list] == [None, "InvalidArgument"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (float("nan"), "NaN is no number of JSON's"),
        (json.loads("[" * 200 + "]" * 200), "nested too deep"),
        (json.loads("[" * 900 + "]" * 900), "nested too deep"),
        (float("inf"), "Infinity is no number of JSON's"),
        ('"},[{', ""),
    ],
)
def test_each_event_answers_for_itself(tmp_path: Path, data: object, why: str) -> None:
    """One that can't be sent on is named in its place, and those beside it go on."""
    with a_cloud(tmp_path) as cloud:
        queue, client = make_queue(cloud, "q"), a_bus()
        a_rule(client, {}, a_target("queue", "q"))
        sent = [
            models.PutEventsRequestEventList(id=id_, source="s", type="t", data=one)
            for id_, one in (("a", "1"), ("b", data), ("c", "3"))
        ]
        body = client.put_events(models.PutEventsRequest(event_bus_name="ferry", event_list=sent)).body
        assert (body.success, body.data.failed_entry_count) == (True, 1 if why else 0)
        codes = [(entry.error_code, entry.error_message) for entry in body.data.entry_list]
        assert codes == [(None, None), ("InvalidArgument", why) if why else (None, None), (None, None)]
        pass_time(cloud)
        assert sorted(json.loads(text)["id"] for text in bodies(queue)) == ["a", *([] if why else ["b"]), "c"]


def test_rules_and_targets(tmp_path: Path) -> None:
    """Rules and targets can be read, changed and deleted; a target is replaced by its id."""
    with a_cloud(tmp_path) as cloud:
        queue, client = make_queue(cloud, "q"), a_bus()
        a_rule(client, {"type": ["a"]}, a_target("queue", "gone", id="1"))
        names = {"event_bus_name": "ferry", "rule_name": "r"}
        client.put_targets(models.PutTargetsRequest(**names, targets=[a_target("queue", "q", id="1")]))
        client.update_rule(models.UpdateRuleRequest(**names, filter_pattern='{"type": ["b"]}', status="ENABLE"))
        rule = client.get_rule(models.GetRuleRequest(**names)).body.data
        assert (rule.filter_pattern, rule.status) == ('{"type": ["b"]}', "ENABLE")
        assert [target.endpoint for target in rule.targets] == [f"acs:mns:cn-hangzhou:{ACCOUNT}:queues/q"]
        assert client.list_targets(models.ListTargetsRequest(**names)).body.data.total == 1
        put(client, "a", "b")
        pass_time(cloud)
        assert len(bodies(queue)) == 1
        client.delete_targets(models.DeleteTargetsRequest(**names, target_ids=["1"]))
        assert client.delete_event_bus(models.DeleteEventBusRequest(event_bus_name="ferry")).body.success is False
        client.delete_rule(models.DeleteRuleRequest(**names))
        assert client.list_rules(models.ListRulesRequest(event_bus_name="ferry")).body.data.total == 0
        assert client.delete_event_bus(models.DeleteEventBusRequest(event_bus_name="ferry")).body.data is True


def test_a_rule_is_switched_off_and_on(tmp_path: Path) -> None:
    """Off, it lets nothing through; its targets stay."""
    with a_cloud(tmp_path) as cloud:
        queue, client = make_queue(cloud, "q"), a_bus()
        a_rule(client, {}, a_target("queue", "q"))
        names = {"event_bus_name": "ferry", "rule_name": "r"}
        for switch, kind, status, come in (
            (client.disable_rule, models.DisableRuleRequest, "DISABLE", 0),
            (client.enable_rule, models.EnableRuleRequest, "ENABLE", 1),
        ):
            done = switch(kind(**names)).body
            assert (done.success, done.code) == (True, "Success")
            assert client.get_rule(models.GetRuleRequest(**names)).body.data.status == status
            put(client, "t")
            pass_time(cloud)
            assert len(bodies(queue)) == come


def test_a_bus_is_got(tmp_path: Path) -> None:
    """As it was made; a region's default bus is there without."""
    with a_cloud(tmp_path):
        client = eventbridge()
        client.create_event_bus(models.CreateEventBusRequest(event_bus_name="own", description="mine"))
        for name, about in (("own", "mine"), ("default", "")):
            got = client.get_event_bus(models.GetEventBusRequest(event_bus_name=name)).body
            assert (got.success, got.code) == (True, "Success")
            assert (got.data.event_bus_name, got.data.description or "") == (name, about)
            assert got.data.event_bus_arn == f"acs:eventbridge:cn-hangzhou:{ACCOUNT}:eventbus/{name}"


def test_what_was_deleted_can_be_deleted_again(tmp_path: Path) -> None:
    """Of what is not there a bus is no error, a target is named in the answer, a rule is refused."""
    with a_cloud(tmp_path):
        client = a_bus()
        a_rule(client, {}, a_target("queue", "q", id="1"))
        names = {"event_bus_name": "ferry", "rule_name": "r"}
        gone = client.delete_targets(models.DeleteTargetsRequest(**names, target_ids=["1", "2"])).body
        assert (gone.success, gone.data.error_entries_count) == (True, 1)
        assert [(one.entry_id, one.error_code) for one in gone.data.error_entries] == [("2", "EventTargetNotExist")]
        for code in ("Success", "EventRuleNotExisted"):
            assert client.delete_rule(models.DeleteRuleRequest(**names)).body.code == code
        for there in (True, False):
            gone = client.delete_event_bus(models.DeleteEventBusRequest(event_bus_name="ferry")).body
            assert (gone.success, gone.data) == (True, there)
        assert client.delete_rule(models.DeleteRuleRequest(**names)).body.code == "EventBusNotExist"


def test_a_rule_goes_with_its_targets(tmp_path: Path) -> None:
    """Nothing comes by a rule that was deleted, and one of its name begins without targets."""
    with a_cloud(tmp_path) as cloud:
        queue, client = make_queue(cloud, "q"), a_bus()
        names = {"event_bus_name": "ferry", "rule_name": "r"}
        a_rule(client, {}, a_target("queue", "q"))
        client.delete_rule(models.DeleteRuleRequest(**names))
        put(client, "t")
        a_rule(client, {})
        put(client, "t")
        pass_time(cloud)
        assert bodies(queue) == []
        assert client.list_targets(models.ListTargetsRequest(**names)).body.data.targets == []


def test_lists_come_in_pages(tmp_path: Path) -> None:
    """Buses, rules and targets are listed by prefix, in pages that a token joins."""
    with a_cloud(tmp_path):
        client = a_bus()
        for name in ("c", "a", "b"):
            client.create_event_bus(models.CreateEventBusRequest(event_bus_name=f"bus-{name}"))
            a_rule(client, {}, name=f"rule-{name}")
        a_rule(client, {}, *(a_target("queue", name) for name in ("z", "y", "x")), name="rule-d")

        def buses(token: str | None) -> Any:
            asked = models.ListEventBusesRequest(name_prefix="bus-", limit=2, next_token=token)
            data = client.list_event_buses(asked).body.data
            return [one.event_bus_name for one in data.event_buses], data.next_token

        def rules(token: str | None) -> Any:
            asked = models.ListRulesRequest(event_bus_name="ferry", rule_name_prefix="rule-", limit=2, next_token=token)
            data = client.list_rules(asked).body.data
            return [one.rule_name for one in data.rules], data.next_token

        def its_targets(token: str | None) -> Any:
            asked = models.ListTargetsRequest(event_bus_name="ferry", rule_name="rule-d", limit=2, next_token=token)
            data = client.list_targets(asked).body.data
            return [one.id for one in data.targets], data.next_token

        for ask, first, second in (
            (buses, ["bus-a", "bus-b"], ["bus-c"]),
            (rules, ["rule-a", "rule-b"], ["rule-c", "rule-d"]),
            (its_targets, ["x", "y"], ["z"]),
        ):
            found, token = ask(None)
            assert found == first
            assert ask(token) == (second, None)


def test_targets_of_another_place_are_refused(tmp_path: Path) -> None:
    """Bus, rule and target are in one region; a type that is not in the embedded cloud is named."""
    with a_cloud(tmp_path):
        client = a_bus()
        elsewhere = a_rule(client, {}, a_target("queue", "q", region="cn-beijing"))
        assert elsewhere.data.error_entries_count == 1
        function = models.PutTargetsRequestTargets(id="f", type="acs.fc.function", endpoint="acs:fc:x")
        request = models.PutTargetsRequest(event_bus_name="ferry", rule_name="r", targets=[function])
        (wrong,) = client.put_targets(request).body.data.error_entries
        assert "acs.fc.function" in wrong.error_message


def test_buses_are_regional(tmp_path: Path) -> None:
    """A bus is where its endpoint is; the default bus is everywhere."""
    with a_cloud(tmp_path):
        a_bus("cn-beijing")
        for region, count in (("cn-beijing", 2), ("cn-hangzhou", 1)):
            buses = eventbridge(region).list_event_buses(models.ListEventBusesRequest(limit=10)).body
            assert buses.data.total == count


def test_events_of_ecs(tmp_path: Path) -> None:
    """What the cloud itself emits is on the default bus of its region, from acs.ecs."""
    with a_cloud(tmp_path) as cloud:
        queue, client = make_queue(cloud, "q"), eventbridge()
        a_rule(
            client, {"source": ["acs.ecs"], "type": [{"prefix": "ecs:Image:"}]}, a_target("queue", "q"), bus="default"
        )
        cloud.cloud.emit("cn-hangzhou", "ecs:Image:StateChange", "m-1", {"imageId": "m-1"})
        cloud.cloud.emit("cn-beijing", "ecs:Image:StateChange", "m-2", {"imageId": "m-2"})
        pass_time(cloud)
        (text,) = bodies(queue)
        event = json.loads(text)
        assert (event["source"], event["aliyuneventbusname"], event["data"]) == (
            "acs.ecs",
            "default",
            {"imageId": "m-1"},
        )


def test_order_may_shuffle(tmp_path: Path) -> None:
    """Events of one call reach their target within a second or so, in an order that the seed gives."""
    orders = set()
    for seed in range(4):
        (tmp_path / str(seed)).mkdir()
        with a_cloud(tmp_path / str(seed), seed=seed) as cloud:
            queue, client = make_queue(cloud, "q"), a_bus()
            a_rule(client, {}, a_target("queue", "q"))
            put(client, "a", "b", "c", "d")
            pass_time(cloud)
            orders.add(tuple(json.loads(text)["type"] for text in bodies(queue)))
    assert {tuple(sorted(order)) for order in orders} == {("a", "b", "c", "d")}
    assert len(orders) > 1


def test_delivery_can_be_doubled(tmp_path: Path) -> None:
    """A doubled delivery brings the same event, with the same id, twice."""
    with a_cloud(tmp_path, Fault(kind="deliver_twice", action="q", count=1)) as cloud:
        queue, client = make_queue(cloud, "q"), a_bus()
        a_rule(client, {}, a_target("queue", "q"))
        put(client, "a")
        pass_time(cloud)
        first, second = bodies(queue)
        assert first == second


EVENT = {
    "source": "ferry",
    "type": "ferry:Go",
    "subject": "",
    "data": {"n": 5, "size": 2.5, "ip": "10.0.0.7", "none": None, "yes": True, "list": ["a", "b"]},
}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({}, True),
        ({"source": ["ferry", "acs.ecs"]}, True),
        ({"source": ["Ferry"]}, False),
        ({"source": ["ferry"], "type": ["other"]}, False),
        ({"gone": ["x"]}, False),
        ({"type": [{"prefix": "ferry:"}]}, True),
        ({"type": [{"suffix": ":Go"}]}, True),
        ({"type": [{"contains": "ry:G"}]}, True),
        ({"type": [{"prefix": "ecs:"}, {"suffix": "Go"}]}, True),
        ({"type": [{"anything-but": "ferry:Go"}]}, False),
        ({"type": [{"anything-but": ["a", "b"]}]}, True),
        ({"type": [{"anything-but": ["a", "ferry:Go"]}]}, False),
        ({"type": [{"anything-but": {"prefix": "ferry:"}}]}, False),
        ({"gone": [{"anything-but": "x"}]}, False),
        ({"data": {"n": [{"anything-but": 4}]}}, True),
        ({"data": {"n": [{"numeric": [">", 0, "<=", 5]}]}}, True),
        ({"data": {"n": [{"numeric": ["<", 5]}]}}, False),
        ({"data": {"size": [{"numeric": ["=", 2.5]}]}}, True),
        ({"data": {"yes": [{"numeric": ["=", 1]}]}}, False),
        ({"data": {"n": [5]}}, True),
        ({"data": {"n": ["5"]}}, False),
        ({"data": {"yes": [True]}}, True),
        ({"data": {"yes": [1]}}, False),
        ({"data": {"ip": [{"cidr": "10.0.0.0/24"}]}}, True),
        ({"data": {"ip": [{"cidr": "10.0.1.0/24"}]}}, False),
        ({"type": [{"cidr": "10.0.0.0/24"}]}, False),
        ({"data": {"none": [None]}}, True),
        ({"data": {"gone": [None]}}, False),
        ({"subject": [""]}, True),
        ({"data": {"n": [{"exists": True}]}}, True),
        ({"data": {"gone": [{"exists": False}]}}, True),
        ({"data": {"n": [{"exists": False}]}}, False),
        ({"gone": {"deeper": [{"exists": False}]}}, True),
        ({"gone": {"deeper": ["x"]}}, False),
        ({"data": {"list": ["b"]}}, True),
        ({"data": {"list": ["c"]}}, False),
    ],
)
def test_patterns(pattern: dict[str, object], fits: bool) -> None:
    """Every operator that the page documents decides as it says."""
    assert matches(parse(json.dumps(pattern)), EVENT) is fits


@pytest.mark.parametrize(
    ("pattern", "where"),
    [
        ("[", "not JSON"),
        ("[]", "object"),
        ('{"a": "x"}', r"\$\.a"),
        ('{"a": []}', "1 to 5"),
        ('{"a": ["1", "2", "3", "4", "5", "6"]}', "1 to 5"),
        ('{"a": {"b": [{"wildcard": "x*"}]}}', "wildcard"),
        ('{"a": [{"prefix": 5}]}', "prefix"),
        ('{"a": [{"numeric": [">"]}]}', "numeric"),
        ('{"a": [{"cidr": "300.0.0.0/8"}]}', "cidr"),
        ('{"a": [{"exists": "no"}]}', "exists"),
    ],
)
def test_bad_patterns(pattern: str, where: str) -> None:
    """What is no pattern is refused, and says where."""
    with pytest.raises(PatternError, match=where):
        parse(pattern)


def test_pattern_by_the_api(tmp_path: Path) -> None:
    """TestEventPattern answers as a rule would decide; a rule with a bad pattern is refused."""
    with a_cloud(tmp_path):
        client = a_bus()
        request = models.TestEventPatternRequest(event=json.dumps(EVENT), event_pattern='{"source": ["ferry"]}')
        assert client.test_event_pattern(request).body.data.result is True
        assert a_rule(client, {"a": "x"}).success is False
