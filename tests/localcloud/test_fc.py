"""Functions of an s.yaml: what they are given, what makes them run, and what becomes of their failures."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mns.queue import Message
from mns.topic import TopicMessage

from localcloud.faults import Fault
from localcloud.fc import FunctionFailed, ManifestProblems
from localcloud.fc.cron import Schedule
from localcloud.fc.manifest import read_manifest
from localcloud.runtime import Embedded
from tests.localcloud.sdk import (
    ACCOUNT,
    Project,
    a_cloud,
    bodies,
    dead_letters,
    make_queue,
    make_topic,
    queue_trigger,
    smq,
    timer_trigger,
    topic_trigger,
)

MINUTE = timedelta(minutes=1)
ECHO = """
    def handler(event, context):
        context.logger.info(event.decode())
        return event
    """
FAILS = """
    def handler(event, context):
        context.logger.info("%s", context.request_id)
        raise ValueError("no good")
    """


def events(cloud: Embedded, limit: timedelta = MINUTE) -> list[Any]:
    """The events that ECHO was given while *limit* passed."""
    cloud.run(lambda: False, limit=limit)
    return [json.loads(run.body) for run in cloud.cloud.fc.runs]


# invoking


def test_invoke(tmp_path: Path) -> None:
    """A synchronous invocation gives what the handler returns: bytes as they are, text and JSON as text."""
    source = """
    def handler(event, context):
        return {b"bytes": event, b"text": "hello", b"json": {"a": 1}, b"none": None}[event]
    """
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", source).deploy(cloud)
        answers = [cloud.invoke("f", asked) for asked in (b"bytes", b"text", b"json", b"none")]
        assert answers == [b"bytes", b"hello", b'{"a": 1}', b""]


def test_invoke_fails(tmp_path: Path) -> None:
    """A function that raises gives FC's error body, with the paths that code has in the cloud; it is not retried."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", FAILS).deploy(cloud)
        with pytest.raises(FunctionFailed) as failed:
            cloud.invoke("f", b"{}")
        body = json.loads(failed.value.body)
        assert (body["errorType"], body["errorMessage"]) == ("ValueError", "no good")
        assert body["stackTrace"][-1][0] == 'File "/code/functions/f/handler.py"'
        assert str(tmp_path) not in failed.value.body.decode()
        cloud.run(lambda: False, limit=MINUTE)
        assert len(cloud.cloud.fc.runs) == 1


def test_unknown_function(tmp_path: Path) -> None:
    """A function that is not deployed is named."""
    with a_cloud(tmp_path) as cloud, pytest.raises(LookupError, match="nobody"):
        cloud.invoke("nobody", b"")


def test_context(tmp_path: Path) -> None:
    """The context is python3.12's: no credentials in it, and the runtime's clock beside it."""
    source = """
    def handler(event, context):
        f = context.function
        return [context.region, context.account_id, f.name, f.handler, f.memory, f.timeout, f.qualifier,
                hasattr(context, "credentials"), context.clock().isoformat(), context.request_id]
    """
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", source, "memorySize: 256").deploy(cloud)
        *told, clock, request = json.loads(cloud.invoke("f", b""))
        assert told == ["cn-hangzhou", ACCOUNT, "f", "handler.handler", 256, 60, "LATEST", False]
        assert clock == "2026-01-05T02:00:00+00:00"
        assert request == cloud.cloud.fc.runs[0].request_id


def test_functions_are_modules_of_their_own(tmp_path: Path) -> None:
    """Every function's handler.py is another module, named after the function."""
    source = "def handler(event, context): return __name__"
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("create_image", source).function("copy-image", source).deploy(cloud)
        assert cloud.invoke("create_image", b"") == b"ferry_function_create_image"
        assert cloud.invoke("copy-image", b"") == b"ferry_function_copy_image"


# failing


def test_retries_then_dead_letter(tmp_path: Path) -> None:
    """An asynchronous invocation that fails is tried again, under its request id, then told to the destination."""
    with a_cloud(tmp_path) as cloud:
        dead = make_queue(cloud, "dead")
        Project(tmp_path).function("f", FAILS, dead_letters("dead", 2), timer_trigger("@every 1m", "hi")).deploy(cloud)
        cloud.run(lambda: len(cloud.cloud.fc.runs) == 3, limit=2 * MINUTE)
        first, second, third = cloud.cloud.fc.runs
        assert {first.request_id, second.request_id, third.request_id} == {first.request_id}
        assert timedelta(seconds=1) <= second.started - first.ended < timedelta(seconds=1.5)
        assert timedelta(seconds=2) <= third.started - second.ended < timedelta(seconds=3)
        (text,) = bodies(dead)
        letter = json.loads(text)
        assert letter["requestContext"]["approximateInvokeCount"] == 3
        assert letter["requestContext"]["functionArn"] == f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/f"
        assert json.loads(letter["requestPayload"])["payload"] == "hi"
        assert letter["responseContext"]["functionError"] == "UnhandledInvocationError"
        assert json.loads(letter["responsePayload"])["errorMessage"] == "no good"


def test_log_of_a_function(tmp_path: Path) -> None:
    """What a function logs is kept with its run, with the error and the trace of one that failed."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", FAILS).deploy(cloud)
        with pytest.raises(FunctionFailed):
            cloud.invoke("f", b"")
        (run,) = cloud.cloud.fc.runs
        assert run.lines == (f"2026-01-05T02:00:00.000Z [INFO] {run.request_id}",)
        assert run.error == "ValueError: no good"
        assert 'raise ValueError("no good")' in run.trace


# triggers


def test_timer(tmp_path: Path) -> None:
    """A timer fires every so many minutes with FC's event, and not before the first have passed."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", ECHO, triggers=timer_trigger("@every 2m", "hi")).deploy(cloud)
        assert events(cloud, timedelta(minutes=5)) == [
            {"triggerTime": f"2026-01-05T02:0{minute}:00Z", "triggerName": "timer", "payload": "hi"}
            for minute in (2, 4)
        ]


def test_deployed_again(tmp_path: Path) -> None:
    """A function that is deployed again replaces itself: one timer, one subscription."""
    with a_cloud(tmp_path) as cloud:
        topic = make_topic(cloud, "t")
        project = Project(tmp_path).function("f", ECHO, triggers=topic_trigger("t") + timer_trigger("@every 1m"))
        project.deploy(cloud)
        project.deploy(cloud)
        topic.publish_message(TopicMessage("hello"))
        assert len(events(cloud)) == 2
        assert len(topic.list_subscription()[0]) == 1


def test_topic(tmp_path: Path) -> None:
    """A topic's message comes in SMQ's JSON form, by a subscription that the trigger made itself."""
    with a_cloud(tmp_path) as cloud:
        topic = make_topic(cloud, "t")
        Project(tmp_path).function("f", ECHO, triggers=topic_trigger("t")).deploy(cloud)
        assert len(topic.list_subscription()[0]) == 1
        sent = topic.publish_message(TopicMessage('{"a": 1}'))
        (event,) = events(cloud)
        assert event["Message"] == '{"a": 1}'
        assert (event["MessageId"], event["MessageMD5"]) == (sent.message_id, sent.message_body_md5)
        assert (event["TopicName"], event["TopicOwner"]) == ("t", ACCOUNT)
        assert event["PublishTime"] == 1_767_578_400_000


def test_doubled_delivery(tmp_path: Path) -> None:
    """A doubled delivery runs the function twice with the same message."""
    with a_cloud(tmp_path, Fault(kind="deliver_twice", function="f")) as cloud:
        topic = make_topic(cloud, "t")
        Project(tmp_path).function("f", ECHO, triggers=topic_trigger("t")).deploy(cloud)
        topic.publish_message(TopicMessage("x"))
        first, second = events(cloud)
        assert first == second


@pytest.mark.parametrize("decode", [True, False])
def test_queue(tmp_path: Path, decode: bool) -> None:
    """A delayed message of a queue comes as one CloudEvent when its time has come, and leaves the queue."""
    with a_cloud(tmp_path) as cloud:
        make_queue(cloud, "looks")
        queue = smq(cloud).get_queue("looks")
        Project(tmp_path).function("f", ECHO, triggers=queue_trigger("looks", decode=decode)).deploy(cloud)
        queue.send_message(Message("cn-beijing", delay_seconds=30))
        assert events(cloud, timedelta(seconds=29)) == []
        (event,) = events(cloud, timedelta(seconds=4))
        assert (event["source"], event["type"]) == ("acs:mns", "mns:Queue:SendMessage")
        assert event["subject"] == f"acs:mns:cn-hangzhou:{ACCOUNT}:queues/looks"
        body = "cn-beijing" if decode else base64.b64encode(b"cn-beijing").decode()
        assert event["data"]["messageBody"] == body
        assert event["data"].keys() == {"requestId", "messageId", "messageBody"}
        cloud.run(lambda: False, limit=MINUTE)
        assert bodies(queue) == []


def test_what_was_in_the_queue_before(tmp_path: Path) -> None:
    """Messages that waited before the trigger was there come as well."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.send_message(Message("waited"))
        Project(tmp_path).function("f", ECHO, triggers=queue_trigger("q")).deploy(cloud)
        assert [event["data"]["messageBody"] for event in events(cloud)] == ["waited"]


# schedules


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("@every 90m", "2026-01-05 03:30:00"),
        ("@every 153722867m", "2318-04-17 01:47:00"),
        ("0 0 3 * * *", "2026-01-05 03:00:00"),
        ("0 0 1 * * *", "2026-01-06 01:00:00"),
        ("30 */20 * * * *", "2026-01-05 02:00:30"),
        ("0 0 4 * * SAT,SUN", "2026-01-10 04:00:00"),
        ("0 15 10 15 FEB ?", "2026-02-15 10:15:00"),
        ("0 0 0 29 2 *", "2028-02-29 00:00:00"),
        ("0 0 9-17/4 ? * MON-FRI", "2026-01-05 09:00:00"),
    ],
)
def test_schedules(text: str, fires: str) -> None:
    """@every and six fields with seconds first, in UTC."""
    begin = datetime(2026, 1, 5, 2, 0, 0, tzinfo=UTC)
    assert Schedule.read(text).after(begin) == datetime.fromisoformat(fires).replace(tzinfo=UTC)


def test_schedule_that_never_fires() -> None:
    """The 30th of February has no moment."""
    assert Schedule.read("0 0 0 30 2 *").after(datetime(2026, 1, 5, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "text",
    [
        "@every 0m",
        "@every 153722868m",
        "@every 999999999m",
        f"@every {'9' * 5000}m",
        "@every 5s",
        "@daily",
        "0 0 * * *",
        "0 60 * * * *",
        "0 0 0 * * 1",
        "CRON_TZ=Asia/Shanghai 0 0 0 * * *",
    ],
)
def test_bad_schedules(text: str) -> None:
    """What is no schedule, or would mean two things, is refused."""
    with pytest.raises(ValueError, match=r"\w"):
        Schedule.read(text)


@pytest.mark.parametrize("minutes", ["0", "999999999", "9" * 30])
def test_an_interval_that_is_none_is_not_deployed(tmp_path: Path, minutes: str) -> None:
    """It is told with its place when the function is deployed, not when its timer would fire."""
    with a_cloud(tmp_path) as cloud:
        project = Project(tmp_path).function("f", ECHO, triggers=timer_trigger(f"@every {minutes}m"))
        with pytest.raises(ManifestProblems, match="an interval is from @every 1m to @every 153722867m") as found:
            project.deploy(cloud)
        (problem,) = found.value.problems
        assert problem.path.endswith("triggers.0.timer.triggerConfig.cronExpression")
        assert events(cloud) == []


# s.yaml


def written(folder: Path, text: str) -> Path:
    (folder / "f").mkdir()
    (folder / "f" / "handler.py").write_text("def handler(event, context): ...")
    (folder / "s.yaml").write_text(text)
    return folder / "s.yaml"


PROPS = "region: cn-hangzhou, functionName: f, runtime: python3.12, handler: handler.handler, code: ./f"


def problems(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(ManifestProblems) as found:
        read_manifest(written(folder, text), {}, ACCOUNT)
    return {problem.path: problem.message for problem in found.value.problems}


def test_variables_are_rendered(tmp_path: Path) -> None:
    """vars, env with its default and the account's id are put in; a whole value keeps its type."""
    text = f"""
edition: 3.0.0
name: t
access: default
vars: {{seconds: 45, deep: {{er: "${{env('NAME','none')}}"}}}}
resources:
  f:
    component: fc3
    props:
      {{{PROPS}, timeout: '${{vars.seconds}}', environmentVariables: {{
        A: "${{vars.deep.er}}", B: "${{env('UNSET','')}}", C: "acs:${{config('AccountID')}}:x"}}}}
"""
    (spec,) = read_manifest(written(tmp_path, text), {"NAME": "me"}, ACCOUNT)
    assert spec.props.timeout == 45
    assert spec.props.environment_variables == {"A": "me", "B": "", "C": f"acs:{ACCOUNT}:x"}


def test_all_problems_at_once(tmp_path: Path) -> None:
    """Everything that is wrong is told, each by its path."""
    text = f"""
edition: 3.0.0
name: t
access: default
flow: {{}}
resources:
  a:
    component: fc3
    props: {{{PROPS}, timeout: 0, memorysize: 128, role: "${{this.role}}"}}
  b:
    component: fc3
    props:
      {{{PROPS}, timeout: 60, triggers: [
        {{triggerName: t, triggerType: timer, triggerConfig: {{cronExpression: 'x', enable: true}}}},
        {{triggerName: t, triggerType: oss, triggerConfig: {{}}}},
        {{triggerName: t, triggerType: mns_topic, triggerConfig: {{notifyContentFormat: XML,
          notifyStrategy: BACKOFF_RETRY}}, sourceArn: t}}]}}
  c:
    component: fc3
    props: {{{PROPS.replace("./f", "./gone")}, timeout: 60, environmentVariables: {{A: "${{env('UNSET')}}"}}}}
  d: {{component: oss, props: {{}}}}
"""
    found = problems(tmp_path, text)
    assert found.keys() == {
        "flow",
        "resources.a.props.timeout",
        "resources.a.props.memorysize",
        "resources.a.props.role",
        "resources.b.props.triggers.0.timer.triggerConfig.cronExpression",
        "resources.b.props.triggers.1",
        "resources.b.props.triggers.2.mns_topic.triggerConfig.notifyContentFormat",
        "resources.b.props.triggers.2.mns_topic.sourceArn",
        "resources.c.props.environmentVariables.A",
        "resources.c.props.code",
        "resources.d.component",
    }
    assert "this.role" in found["resources.a.props.role"]
    assert "oss" in found["resources.b.props.triggers.1"]


def test_triggers_of_what_is_not_there(tmp_path: Path) -> None:
    """A trigger's topic and queue are made before: what is missing is named."""
    with a_cloud(tmp_path) as cloud:
        project = Project(tmp_path).function("f", ECHO, triggers=topic_trigger("t") + queue_trigger("q"))
        with pytest.raises(ManifestProblems) as found:
            project.deploy(cloud)
        assert [problem.code for problem in found.value.problems] == ["missing", "missing"]
        assert "topics/t" in str(found.value)
