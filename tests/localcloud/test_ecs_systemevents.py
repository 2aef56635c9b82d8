"""System events: scheduled, executed, called off; each state is told on the region's default bus."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.times import second
from tests.localcloud.ecs_world import HERE, Ground, ground, refused


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def simulate(g: Ground, type_: str = "SystemMaintenance.Reboot", hours: float = 1, **wire: Any) -> str:
    """The id of an event of the world's instance, some hours from now."""
    asked: dict[str, Any] = {
        "RegionId": HERE,
        "InstanceId": ["i-web"],
        "EventType": type_,
        "NotBefore": second(g.cloud.clock.now + timedelta(hours=hours)),
    }
    (id_,) = g.ask("CreateSimulatedSystemEvents", **asked | wire)["EventIdSet"]["EventId"]
    return str(id_)


def state(g: Ground, id_: str) -> str:
    found = g.ask("DescribeInstanceHistoryEvents", RegionId=HERE, EventId=[id_])
    (event,) = found["InstanceSystemEventSet"]["InstanceSystemEventType"]
    return str(event["EventCycleStatus"]["Name"])


def test_maintenance_is_scheduled_and_executed(g: Ground) -> None:
    """At its time, and no sooner; its answer has what the page's sample has."""
    id_ = simulate(g)
    shown = g.ask("DescribeInstanceHistoryEvents", RegionId=HERE, InstanceId="i-web")
    (event,) = shown["InstanceSystemEventSet"]["InstanceSystemEventType"]
    assert (event["EventId"], event["EventType"], event["EventCycleStatus"]) == (
        id_,
        {"Code": 1, "Name": "SystemMaintenance.Reboot"},
        {"Code": 24, "Name": "Scheduled"},
    )
    g.pass_time(minutes=59)
    assert state(g, id_) == "Scheduled"
    g.pass_time(minutes=2)
    assert state(g, id_) == "Executed"
    assert g.states(id_) == ["Scheduled", "Executed"]


def test_a_failure_is_under_way_at_once(g: Ground) -> None:
    """NotBefore is then when it is over."""
    id_ = simulate(g, "SystemFailure.Reboot")
    assert state(g, id_) == "Executing"
    g.pass_time(hours=2)
    assert g.states(id_) == ["Executing", "Executed"]


def test_one_that_is_called_off(g: Ground) -> None:
    """It is not executed; what is over can't be called off, nor what never was, and then none of them is."""
    first, second_ = simulate(g), simulate(g, hours=2)
    g.ask("CancelSimulatedSystemEvents", RegionId=HERE, EventId=[first])
    g.pass_time(hours=3)
    assert (state(g, first), state(g, second_)) == ("Canceled", "Executed")
    third = simulate(g)
    for ids in ([third, first], [third, "e-none"]):
        with refused("InvalidParameter", 403, "EventId is not valid."):
            g.ask("CancelSimulatedSystemEvents", RegionId=HERE, EventId=ids)
    assert state(g, third) == "Scheduled"


def test_lists_are_narrowed(g: Ground) -> None:
    """By id, type and state."""
    ids = [simulate(g), simulate(g, "SystemFailure.Stop")]

    def found(**wire: Any) -> list[str]:
        events = g.ask("DescribeInstanceHistoryEvents", RegionId=HERE, **wire)["InstanceSystemEventSet"]
        return [one["EventId"] for one in events["InstanceSystemEventType"]]

    assert found() == ids[::-1]
    assert found(EventType="SystemFailure.Stop") == found(InstanceEventType=["SystemFailure.Stop"]) == ids[1:]
    assert found(EventCycleStatus="Scheduled") == found(InstanceEventCycleStatus=["Scheduled"]) == ids[:1]
    assert found(ResourceId=["i-other"]) == []
    assert found(InstanceId="i-web", EventId=ids[:1]) == ids[:1]


@pytest.mark.parametrize(
    ("wire", "status", "code", "message"),
    [
        ({"EventType": ""}, 404, "MissingParameter", "EventType is not supplied."),
        ({"NotBefore": ""}, 404, "MissingParameter", "NotBefore is not supplied."),
        ({"InstanceId": []}, 404, "MissingParameter", "InstanceId is not supplied."),
        ({"EventType": "Weather.Rain"}, 403, "InvalidParameter", "EventType is not valid."),
        ({"NotBefore": "tomorrow"}, 403, "InvalidParameter", "NotBefore is not valid."),
        ({"NotBefore": "2020-01-01T00:00:00Z"}, 403, "InvalidParameter", "NotBefore is not valid."),
        (
            {"InstanceId": [f"i-{n}" for n in range(101)]},
            403,
            "InstanceIdLimitExceeded",
            "InstanceId: more than 100 are specified.",
        ),
        ({"InstanceId": ["i-none"]}, 404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist."),
        (
            {"TriggerRealOps": True},
            400,
            "UnsupportedParameter",
            'The embedded cloud does not do "TriggerRealOps".',
        ),
    ],
)
def test_refusals(g: Ground, wire: dict[str, Any], status: int, code: str, message: str) -> None:
    """Each, and nothing is scheduled then."""
    with refused(code, status, message):
        simulate(g, **wire)
    found = g.ask("DescribeInstanceHistoryEvents", RegionId=HERE)
    assert found["InstanceSystemEventSet"]["InstanceSystemEventType"] == []


def test_refusals_of_the_others(g: Ground) -> None:
    """As their pages have them."""
    many = [f"e-{n}" for n in range(101)]
    with refused("EventIdLimitExceeded", 403, "EventId: more than 100 are specified."):
        g.ask("CancelSimulatedSystemEvents", RegionId=HERE, EventId=many)
    with refused("EventIdLimitExceeded", 403, "EventId: more than 100 are specified."):
        g.ask("DescribeInstanceHistoryEvents", RegionId=HERE, EventId=many)
    with refused("MissingParameter", 404, "EventId is not supplied."):
        g.ask("CancelSimulatedSystemEvents", RegionId=HERE)
    with refused("InvalidParameter", 403, "ResourceType is not valid."):
        g.ask("DescribeInstanceHistoryEvents", RegionId=HERE, ResourceType="ddh")


def test_the_bus_is_told(g: Ground) -> None:
    """As an event of the instance, with the fields that the page has for it."""
    g.cloud.smq.state.create_queue(HERE, "told", {})
    arn = f"acs:mns:{HERE}:{g.cloud.account}:queues/told"
    from alibabacloud_eventbridge20200401 import models

    from tests.localcloud.sdk import eventbridge

    param = models.CreateRuleRequestEventTargetsParamList
    target = models.CreateRuleRequestEventTargets(
        id="1",
        type="acs.mns.queue",
        endpoint=arn,
        param_list=[
            param(resource_key="queue", form="CONSTANT", value="told"),
            param(resource_key="Body", form="ORIGINAL"),
            param(resource_key="IsBase64Encode", form="CONSTANT", value="false"),
        ],
    )
    pattern = json.dumps({"source": ["acs.ecs"], "type": [{"prefix": "ecs:Instance:SystemFailure"}]})
    request = models.CreateRuleRequest(
        event_bus_name="default", rule_name="r", filter_pattern=pattern, event_targets=[target]
    )
    assert eventbridge(HERE).create_rule(request).body.success
    id_ = simulate(g, "SystemFailure.Reboot")
    g.pass_time(hours=2)
    told = [json.loads(message.body) for message in g.cloud.smq.state.queue(HERE, "told").messages.values()]
    assert {one["type"] for one in told} == {"ecs:Instance:SystemFailure.Reboot"}
    data = [one["data"] for one in told]
    assert [(one["eventId"], one["eventStatus"]) for one in data] == [(id_, "Executing"), (id_, "Executed")]
    assert set(data[1]) == {
        *("eventId", "eventType", "eventStatus", "instanceId", "publishTime"),
        *("executeStartTime", "executeFinishTime"),
    }
