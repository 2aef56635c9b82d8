"""What EventBridge refuses: with HTTP 200, as its own; a parameter that is missing is the gateway's, with 400."""

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.runtime import Embedded
from tests.localcloud.ecs_world import as_account, refused
from tests.localcloud.sdk import ACCOUNT, HOME, a_cloud, rpc

BUS = {"EventBusName": "ferry"}
RULE = {**BUS, "RuleName": "r"}
TARGET = {"Id": "q", "Type": "acs.mns.queue", "Endpoint": f"acs:mns:{HOME}:{ACCOUNT}:queues/q"}
#: A call of each action that names something, with what is mandatory.
CALLS: dict[str, dict[str, Any]] = {
    "CreateEventBus": BUS,
    "GetEventBus": BUS,
    "DeleteEventBus": BUS,
    "CreateRule": {**RULE, "FilterPattern": "{}"},
    "GetRule": RULE,
    "UpdateRule": RULE,
    "EnableRule": RULE,
    "DisableRule": RULE,
    "ListRules": BUS,
    "DeleteRule": RULE,
    "PutTargets": {**RULE, "Targets": [TARGET]},
    "ListTargets": RULE,
    "DeleteTargets": {**RULE, "TargetIds": ["q"]},
    "PutEvents": {**BUS, "EventList": [{"Id": "a", "Source": "s", "Type": "t"}]},
    "TestEventPattern": {"Event": "{}", "EventPattern": "{}"},
}
OF_A_BUS = [action for action, wire in CALLS.items() if "EventBusName" in wire and not action.endswith("EventBus")]
OF_A_RULE = [action for action, wire in CALLS.items() if "RuleName" in wire and action != "CreateRule"]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A bus with a rule that has a target: no refusal changes them."""
    with a_cloud(tmp_path_factory.mktemp("cloud")) as made:
        for action in ("CreateEventBus", "CreateRule", "PutTargets"):
            assert said(made, action) == (200, True, "Success", "")
        before = about()
        yield made
        assert about() == before


def about() -> list[dict[str, Any]]:
    """All that is there."""
    asked: dict[str, dict[str, Any]] = {"ListEventBuses": {"Limit": 100}, "ListRules": BUS, "ListTargets": RULE}
    return [as_account(action, product="eventbridge", **wire) for action, wire in asked.items()]


def said(cloud: Embedded, action: str, **wire: Any) -> tuple[int, bool, str, str]:
    """Status, Success, Code and Message of what the action of CALLS says with these parameters."""
    body = as_account(action, product="eventbridge", **CALLS.get(action, {}) | wire)
    return cloud.cloud.calls[-1].status, body["Success"], body["Code"], body.get("Message", "")


#: For want of these lists the SDK sends empty ones.
SHRUNK = {"PutTargets": "Targets", "PutEvents": "EventList"}


@pytest.mark.parametrize(
    ("action", "name"),
    [(action, name) for action, wire in CALLS.items() for name in wire if SHRUNK.get(action) != name],
)
def test_what_is_mandatory(cloud: Embedded, action: str, name: str) -> None:
    """Each parameter without which nothing could be done."""
    assert cloud is not None
    wire = {key: value for key, value in CALLS[action].items() if key != name}
    with refused(f"Missing{name}", 400, f"{name} is mandatory for this action."):
        as_account(action, product="eventbridge", **wire)


@pytest.mark.parametrize(("action", "name"), SHRUNK.items())
def test_lists_that_are_mandatory(cloud: Embedded, action: str, name: str) -> None:
    """They, too, as another client may send the call."""
    assert cloud is not None
    assert rpc("2020-04-01", action, RULE) == (400, f"Missing{name}", f"{name} is mandatory for this action.")


@pytest.mark.parametrize("action", ["GetEventBus", *OF_A_BUS])
def test_a_bus_that_is_not_there(cloud: Embedded, action: str) -> None:
    """Whatever is asked of it; but to delete it is a success."""
    no = (200, False, "EventBusNotExist", "The event bus [gone] not existed!")
    assert said(cloud, action, EventBusName="gone") == no


@pytest.mark.parametrize("action", OF_A_RULE)
def test_a_rule_that_is_not_there(cloud: Embedded, action: str) -> None:
    """Whatever is asked of it."""
    no = (200, False, "EventRuleNotExisted", "The event rule [gone] of event bus [ferry] not existed!")
    assert said(cloud, action, RuleName="gone") == no


@pytest.mark.parametrize(
    ("action", "wire", "message"),
    [
        *[
            (action, {"Limit": 101}, "Limit is invalid: write 1 to 100")
            for action in ("ListEventBuses", "ListRules", "ListTargets")
        ],
        *[
            (action, {"NextToken": "x"}, "NextToken is invalid: it is not one that was given")
            for action in ("ListEventBuses", "ListRules", "ListTargets")
        ],
        ("CreateRule", {"RuleName": "new", "FilterPattern": "[]"}, "FilterPattern is invalid: a pattern is an object"),
        ("UpdateRule", {"FilterPattern": "[]"}, "FilterPattern is invalid: a pattern is an object"),
        *[
            (action, {**wire, "Status": status}, "Status is invalid: write ENABLE or DISABLE")
            for action, wire in (("CreateRule", {"RuleName": "new"}), ("UpdateRule", {"FilterPattern": '{"a": [1]}'}))
            for status in ("ENABLED", "enable", "off")
        ],
        ("TestEventPattern", {"EventPattern": "[]"}, "EventPattern is invalid: a pattern is an object"),
        ("TestEventPattern", {"Event": "[]"}, "Event is invalid: it is not an object"),
        (
            "CreateRule",
            {"RuleName": "new", "EventTargets": [TARGET | {"Type": "acs.fc.function"}]},
            "EventTargets is invalid: targets of type acs.fc.function are not in the embedded cloud",
        ),
        (
            "CreateRule",
            {"RuleName": "new", "EventTargets": [TARGET | {"ErrorsTolerance": "SOME"}]},
            "EventTargets is invalid: ErrorsTolerance: Input should be 'ALL' or 'NONE'",
        ),
        (
            "PutTargets",
            {"Targets": [TARGET | {"Id": ""}]},
            "Targets is invalid: Id: String should have at least 1 character",
        ),
        (
            "PutEvents",
            {"EventList": CALLS["PutEvents"]["EventList"] * 17},
            "EventList is invalid: send 1 to 16 events, not 17",
        ),
    ],
)
def test_what_is_not_as_it_should_be(cloud: Embedded, action: str, wire: dict[str, Any], message: str) -> None:
    """It is named, with what it should be."""
    assert said(cloud, action, **wire) == (200, False, "InvalidArgument", message)


@pytest.mark.parametrize(
    ("action", "wire", "code", "message"),
    [
        ("CreateEventBus", {}, "EventBusAlreadyExist", "The event bus [ferry] already existed!"),
        *[
            (
                "CreateEventBus",
                {"EventBusName": name},
                "EventBusNameInvalid",
                f"The event bus name [{name}] is invalid!",
            )
            for name in ("a b", "default", "eventbridge-reserved-a", "b" * 128)
        ],
        (
            "DeleteEventBus",
            {},
            "EventBusRuleNotEmptyForDelete",
            "The rules of eventbus [ferry] exist, please delete them before delete event bus.",
        ),
        ("CreateRule", {}, "EventRuleAlreadyExist", "The event rule [r] of event bus [ferry] already existed!"),
        (
            "CreateRule",
            {"RuleName": "new", "EventTargets": [TARGET | {"Id": str(number)} for number in range(6)]},
            "EventTargetCountExceedLimit",
            "The current count of event target is [6], which will exceed the limit quota [5]",
        ),
    ],
)
def test_what_can_not_be(cloud: Embedded, action: str, wire: dict[str, Any], code: str, message: str) -> None:
    """Names that are none or are taken, a bus that is in use, too many targets."""
    assert said(cloud, action, **wire) == (200, False, code, message)


def test_fifty_buses_and_fifty_rules(tmp_path_factory: pytest.TempPathFactory) -> None:
    """So many of one's own has a region, and so many a bus; the default bus is beside them."""
    with a_cloud(tmp_path_factory.mktemp("full")) as full:
        assert said(full, "GetEventBus", EventBusName="default")[1]
        for what, action, name, bus in (
            ("bus", "CreateEventBus", "EventBusName", {}),
            ("rule", "CreateRule", "RuleName", {"EventBusName": "n-0"}),
        ):
            made = [said(full, action, **bus | {name: f"n-{number}"}) for number in range(51)]
            assert made[:50] == [(200, True, "Success", "")] * 50
            text = f"The current count of event {what} is [50], which will exceed the limit quota [50]"
            assert made[50] == (200, False, f"Event{what.capitalize()}CountExceedLimit", text)


def test_an_action_that_nobody_wrote(cloud: Embedded) -> None:
    """The gateway's code."""
    assert cloud is not None
    message = "Specified api is not found: GetEventStreaming of EventBridge."
    with refused("InvalidAction.NotFound", 404, message):
        as_account("GetEventStreaming", product="eventbridge", EventStreamingName="s")
