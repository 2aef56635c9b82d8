"""Functions, triggers and settings looked at and deleted by FC's API."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models as m
from darabonba.runtime import RuntimeOptions
from mns.queue import Message
from mns.topic import TopicMessage

from localcloud.runtime import Embedded
from tests.localcloud.ecs_world import refused
from tests.localcloud.sdk import (
    ACCOUNT,
    Project,
    a_cloud,
    bodies,
    dead_letters,
    fc,
    fc_control,
    make_queue,
    make_topic,
    queue_trigger,
    timer_trigger,
    topic_trigger,
)

MINUTE = timedelta(minutes=1)
ECHO = "def handler(event, context): return event"
FAILS = "def handler(event, context): raise ValueError('no good')"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    with a_cloud(tmp_path) as made:
        yield made


def functions(**asked: Any) -> list[str]:
    return [one.function_name for one in fc_control().list_functions(m.ListFunctionsRequest(**asked)).body.functions]


def triggers(function: str = "f") -> list[str]:
    return [one.trigger_name for one in fc_control().list_triggers(function, m.ListTriggersRequest()).body.triggers]


def wake_and_wait(cloud: Embedded, topic: Any, queue: Any) -> list[str]:
    """Which functions run when a message is published, one is sent, and a few minutes pass."""
    topic.publish_message(TopicMessage("hello"))
    queue.send_message(Message("hello"))
    before = len(cloud.cloud.fc.runs)
    cloud.run(lambda: False, limit=3 * MINUTE)
    return [run.function for run in cloud.cloud.fc.runs[before:]]


def test_functions_are_listed(cloud: Embedded, tmp_path: Path) -> None:
    """By prefix, by version of FC, and in pages."""
    project = Project(tmp_path)
    for name in ("ferry-b", "ferry-a", "other", "s$f"):
        project.function(name, ECHO)
    project.deploy(cloud)
    assert functions() == ["ferry-a", "ferry-b", "other", "s$f"]
    assert functions(prefix="ferry-") == ["ferry-a", "ferry-b"]
    assert functions(fc_version="v2") == ["s$f"]
    first = fc_control().list_functions(m.ListFunctionsRequest(limit=3)).body
    assert functions(limit=3, next_token=first.next_token) == ["s$f"]
    assert fc_control("cn-beijing").list_functions(m.ListFunctionsRequest()).body.functions == []


def test_a_function(cloud: Embedded, tmp_path: Path) -> None:
    """What s.yaml says of a function is what the API says."""
    props = "memorySize: 256\nenvironmentVariables: {A: b}\ndescription: looks"
    Project(tmp_path).function("f", ECHO, props).deploy(cloud)
    one = fc_control().get_function("f", m.GetFunctionRequest()).body
    assert one.function_arn == f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/f"
    assert (one.runtime, one.handler, one.memory_size, one.timeout) == ("python3.12", "handler.handler", 256, 60)
    assert (one.environment_variables, one.description, one.state) == ({"A": "b"}, "looks", "Active")


def test_triggers_are_listed(cloud: Embedded, tmp_path: Path) -> None:
    """Each with its source and its settings, as JSON."""
    make_topic(cloud, "t")
    Project(tmp_path).function("f", ECHO, triggers=topic_trigger("t") + timer_trigger("@every 1m")).deploy(cloud)
    assert triggers() == ["from-t", "timer"]
    one = fc_control().get_trigger("f", "from-t").body
    assert (one.trigger_type, one.source_arn) == ("mns_topic", f"acs:mns:cn-hangzhou:{ACCOUNT}:/topics/t")
    assert json.loads(one.trigger_config)["notifyContentFormat"] == "JSON"
    assert one.target_arn == f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/f"


def test_a_deleted_trigger_does_not_fire(cloud: Embedded, tmp_path: Path) -> None:
    """Timer, subscription and queue reader are gone with their triggers; what comes to the queue stays there."""
    topic, queue = make_topic(cloud, "t"), make_queue(cloud, "q")
    all_three = topic_trigger("t") + timer_trigger("@every 1m") + queue_trigger("q")
    Project(tmp_path).function("f", ECHO, triggers=all_three).deploy(cloud)
    assert wake_and_wait(cloud, topic, queue) == ["f"] * 5
    for name in triggers():
        fc_control().delete_trigger("f", name)
    assert triggers() == []
    assert wake_and_wait(cloud, topic, queue) == []
    assert bodies(queue) == ["hello"]
    assert topic.list_subscription()[0] == []
    assert fc().invoke_function("f", m.InvokeFunctionRequest(body=b"x")).body.read() == b"x"


def test_another_trigger_goes_on(cloud: Embedded, tmp_path: Path) -> None:
    """Only the trigger that was deleted is gone."""
    topic, queue = make_topic(cloud, "t"), make_queue(cloud, "q")
    Project(tmp_path).function("f", ECHO, triggers=topic_trigger("t") + queue_trigger("q")).deploy(cloud)
    fc_control().delete_trigger("f", "from-q")
    assert wake_and_wait(cloud, topic, queue) == ["f"]


def test_a_function_is_deleted_after_its_triggers(cloud: Embedded, tmp_path: Path) -> None:
    """DeleteFunction refuses while there is a trigger; deleted, the function is nowhere any more."""
    make_topic(cloud, "t")
    project = Project(tmp_path).function("f", ECHO, triggers=topic_trigger("t")).deploy(cloud)
    with refused("FunctionNotEmpty", 409):
        fc_control().delete_function("f")
    fc_control().delete_trigger("f", "from-t")
    fc_control().delete_function("f")
    assert functions() == []
    with refused("FunctionNotFound", 404):
        fc().invoke_function("f", m.InvokeFunctionRequest())
    project.deploy(cloud)
    assert (functions(), triggers()) == (["f"], ["from-t"])


def test_what_is_queued_dies_with_its_function(cloud: Embedded, tmp_path: Path) -> None:
    """An invocation that would be tried again is not, when the function has been deleted meanwhile."""
    dead = make_queue(cloud, "dead")
    Project(tmp_path).function("f", FAILS, dead_letters("dead", 5)).deploy(cloud)
    headers = m.InvokeFunctionHeaders(x_fc_invocation_type="Async")
    fc().invoke_function_with_options("f", m.InvokeFunctionRequest(), headers, RuntimeOptions())
    cloud.run(lambda: len(cloud.cloud.fc.runs) == 1, limit=MINUTE)
    fc_control().delete_function("f")
    cloud.run(lambda: False, limit=5 * MINUTE)
    assert len(cloud.cloud.fc.runs) == 1
    assert bodies(dead) == []


def test_settings_of_asynchronous_invocations(cloud: Embedded, tmp_path: Path) -> None:
    """They are listed, got and deleted; then FC's defaults hold: three further attempts, no destination."""
    dead = make_queue(cloud, "dead")
    Project(tmp_path).function("f", FAILS, dead_letters("dead", 0)).function("g", ECHO).deploy(cloud)
    (listed,) = fc_control().list_async_invoke_configs(m.ListAsyncInvokeConfigsRequest()).body.configs
    one = fc_control().get_async_invoke_config("f", m.GetAsyncInvokeConfigRequest()).body
    assert listed.function_arn == one.function_arn == f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/f"
    assert one.max_async_retry_attempts == 0
    assert one.destination_config.on_failure.destination.endswith("/queues/dead/messages")
    fc_control().delete_async_invoke_config("f", m.DeleteAsyncInvokeConfigRequest(qualifier="LATEST"))
    assert fc_control().list_async_invoke_configs(m.ListAsyncInvokeConfigsRequest()).body.configs == []
    headers = m.InvokeFunctionHeaders(x_fc_invocation_type="Async")
    fc().invoke_function_with_options("f", m.InvokeFunctionRequest(), headers, RuntimeOptions())
    cloud.run(lambda: False, limit=5 * MINUTE)
    assert (len(cloud.cloud.fc.runs), bodies(dead)) == (4, [])


GONE = (404, "FunctionNotFound", "function 'nobody' does not exist")
NO_TRIGGER = (404, "TriggerNotFound", "trigger 'nobody' of function 'f' does not exist")
NO_CONFIG = (404, "AsyncConfigNotExists", "AsyncConfig for f:LATEST does not exist.")
NO_LIMIT = (400, "InvalidArgument", "limit is not from 1 to 100")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda fc: fc.get_function("nobody", m.GetFunctionRequest()), GONE),
        (lambda fc: fc.get_function("nobody", m.GetFunctionRequest(qualifier="1")), GONE),
        (lambda fc: fc.delete_function("nobody"), GONE),
        (lambda fc: fc.list_triggers("nobody", m.ListTriggersRequest()), GONE),
        (lambda fc: fc.get_trigger("nobody", "t"), GONE),
        (lambda fc: fc.delete_trigger("nobody", "t"), GONE),
        (lambda fc: fc.get_async_invoke_config("nobody", m.GetAsyncInvokeConfigRequest()), GONE),
        (lambda fc: fc.delete_async_invoke_config("nobody", m.DeleteAsyncInvokeConfigRequest()), GONE),
        (lambda fc: fc.get_trigger("f", "nobody"), NO_TRIGGER),
        (lambda fc: fc.delete_trigger("f", "nobody"), NO_TRIGGER),
        (lambda fc: fc.get_async_invoke_config("f", m.GetAsyncInvokeConfigRequest()), NO_CONFIG),
        (lambda fc: fc.delete_async_invoke_config("f", m.DeleteAsyncInvokeConfigRequest()), NO_CONFIG),
        (lambda fc: fc.list_functions(m.ListFunctionsRequest(limit=101)), NO_LIMIT),
        (lambda fc: fc.list_triggers("f", m.ListTriggersRequest(limit=101)), NO_LIMIT),
        (lambda fc: fc.list_async_invoke_configs(m.ListAsyncInvokeConfigsRequest(limit=101)), NO_LIMIT),
        (
            lambda fc: fc.list_functions(m.ListFunctionsRequest(tags=[m.Tag(key="a", value="b")])),
            (400, "InvalidArgument", "tags: lists by it are not in the embedded cloud"),
        ),
        (
            lambda fc: fc.get_function("f", m.GetFunctionRequest(qualifier="1")),
            (404, "VersionNotFound", "version '1' of 'f' does not exist"),
        ),
        (
            lambda fc: fc.get_function("f", m.GetFunctionRequest(qualifier="prod")),
            (404, "AliasNotFound", "alias 'prod' of 'f' does not exist"),
        ),
        (
            lambda fc: fc.delete_alias("f", "a"),
            (400, "PathNotSupported", "'DeleteAlias' is not supported: it is not in the embedded cloud"),
        ),
    ],
)
def test_it_refuses(cloud: Embedded, tmp_path: Path, what: Any, said: tuple[int, str, str]) -> None:
    """What FC refuses has the documented code and status."""
    Project(tmp_path).function("f", ECHO).deploy(cloud)
    status, code, message = said
    with refused(code, status, message):
        what(fc_control())
    assert functions() == ["f"]
