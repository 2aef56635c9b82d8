"""Invoking a function from outside, by the SDK of 3.0 and by that of 2.0."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import fc2 as fc2_sdk
import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException
from darabonba.exceptions import DaraException, UnretryableException
from darabonba.runtime import RuntimeOptions

from localcloud.faults import Fault
from tests.localcloud.sdk import CALLS, HOME, Project, a_cloud, bodies, dead_letters, fc, fc2, make_queue, timer_trigger

MINUTE = timedelta(minutes=1)
ECHO = """
    def handler(event, context):
        context.logger.info("asked " + context.request_id)
        return event
    """
FAILS = """
    def handler(event, context):
        raise ValueError("no good")
    """
TASKS = "asyncInvokeConfig: {asyncTask: true, maxAsyncRetryAttempts: 0}"


def invoke(name: str, payload: bytes = b"", client: Any = None, qualifier: str | None = None, **headers: str) -> Any:
    """The answer of 3.0's SDK."""
    asked = models.InvokeFunctionRequest(body=payload, qualifier=qualifier)
    about = models.InvokeFunctionHeaders(**{f"x_fc_{key}": value for key, value in headers.items()})
    return (client or fc()).invoke_function_with_options(name, asked, about, RuntimeOptions())


def headers_of(answer: Any) -> Mapping[str, str]:
    return {key.lower(): value for key, value in answer.headers.items()}


# 3.0


def test_invoke_synchronously(tmp_path: Path) -> None:
    """The function runs to its end before the answer, which is what it returned; time stands still."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", ECHO).deploy(cloud)
        answer = invoke("f", b"\x00\xff")
        assert (answer.status_code, answer.body.read()) == (200, b"\x00\xff")
        (run,) = cloud.cloud.fc.runs
        (call,) = cloud.cloud.calls
        assert headers_of(answer)["x-fc-request-id"] == run.request_id == call.request_id.lower()
        assert "x-fc-error-type" not in headers_of(answer)
        assert cloud.cloud.clock.now == cloud.cloud.clock.start


def test_function_error(tmp_path: Path) -> None:
    """What a function raises comes with status 200, the error's type in a header, and FC's error body."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", FAILS).deploy(cloud)
        answer = invoke("f")
        assert answer.status_code == 200
        assert headers_of(answer)["x-fc-error-type"] == "UnhandledInvocationError"
        assert json.loads(answer.body.read())["errorMessage"] == "no good"


def test_log_tail(tmp_path: Path) -> None:
    """The end of the invocation's log comes along when it is asked for."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", ECHO).deploy(cloud)
        answer = headers_of(invoke("f", log_type="Tail"))
        assert answer["x-fc-request-id"] in base64.b64decode(answer["x-fc-log-result"]).decode()
        assert "x-fc-log-result" not in headers_of(invoke("f"))


def test_the_function_may_call_the_cloud(tmp_path: Path) -> None:
    """What the function does at the cloud is done when the answer comes, with keys of its own."""
    source = (
        CALLS
        + """
    def handler(event, context):
        make("b")
        return str(buses())
    """
    )
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", source).deploy(cloud)
        assert invoke("f").body.read() == b"2"
        asked, *inside = cloud.cloud.calls
        assert (asked.service, asked.action, asked.region, asked.function) == ("fc", "InvokeFunction", HOME, None)
        assert (asked.status, dict(asked.params)) == (200, {"Name": "f"})
        assert [(call.action, call.function) for call in inside] == [("CreateEventBus", "f"), ("ListEventBuses", "f")]


def test_invoke_between_steps(tmp_path: Path) -> None:
    """An operator invokes while other functions run by their timers."""
    answers: list[bytes] = []
    with a_cloud(tmp_path) as cloud:
        project = Project(tmp_path).function("f", ECHO)
        project.function("tick", ECHO, triggers=timer_trigger("@every 1m")).deploy(cloud)
        cloud.run(lambda: False, limit=2 * MINUTE, on_step=lambda: answers.append(invoke("f", b"x").body.read()))
        assert answers == [b"x"] * 3
        assert [run.function for run in cloud.cloud.fc.runs] == ["f", "tick", "f", "tick", "f"]


def test_invoke_asynchronously(tmp_path: Path) -> None:
    """202 at once; the function runs later under the same request id, is tried again, then told of."""
    with a_cloud(tmp_path) as cloud:
        dead = make_queue(cloud, "dead")
        Project(tmp_path).function("f", FAILS, dead_letters("dead", 1)).deploy(cloud)
        answer = invoke("f", b"payload", invocation_type="Async")
        assert (answer.status_code, answer.body.read(), cloud.cloud.fc.runs) == (202, b"", [])
        cloud.run(lambda: False, limit=MINUTE)
        assert [run.request_id for run in cloud.cloud.fc.runs] == [headers_of(answer)["x-fc-request-id"]] * 2
        (letter,) = bodies(dead)
        assert json.loads(letter)["requestPayload"] == "payload"


def test_a_task_is_taken_once(tmp_path: Path) -> None:
    """With asyncTask a task id that came before is refused, also after the function was deployed again."""
    with a_cloud(tmp_path) as cloud:
        project = Project(tmp_path).function("f", ECHO, TASKS).function("g", ECHO).deploy(cloud)
        answer = invoke("f", invocation_type="Async", async_task_id="t-1")
        assert headers_of(answer)["x-fc-async-task-id"] == "t-1"
        project.deploy(cloud)
        with pytest.raises(ClientException) as refused:
            invoke("f", invocation_type="Async", async_task_id="t-1")
        assert (refused.value.status_code, refused.value.code) == (409, "StatefulAsyncInvocationAlreadyExists")
        assert invoke("f", invocation_type="Async").status_code == 202  # its id is the request's
        for _ in range(2):  # not a task function: the id means nothing
            assert invoke("g", invocation_type="Async", async_task_id="t-1").status_code == 202
        cloud.run(lambda: False, limit=MINUTE)
        assert sorted(run.function for run in cloud.cloud.fc.runs) == ["f", "f", "g", "g"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"name": "nobody"}, 404, "FunctionNotFound"),
        ({"name": "f", "client": fc("cn-beijing")}, 404, "FunctionNotFound"),
        ({"name": "f", "client": fc(key="someone")}, 403, "InvalidAccessKeyID"),
        ({"name": "f", "qualifier": "1"}, 404, "VersionNotFound"),
        ({"name": "f", "qualifier": "prod"}, 404, "AliasNotFound"),
        ({"name": "f", "invocation_type": "Later"}, 400, "InvalidArgument"),
        ({"name": "f", "invocation_type": "Async", "async_task_id": "1"}, 400, "InvalidArgument"),
        ({"name": "f", "payload": bytes(32 * 1024 * 1024 + 1)}, 400, "EntityTooLarge"),
        ({"name": "f", "payload": bytes(128 * 1024 + 1), "invocation_type": "Async"}, 400, "EntityTooLarge"),
    ],
)
def test_it_refuses(tmp_path: Path, asked: dict[str, Any], status: int, code: str) -> None:
    """What FC refuses has the documented code and status, and nothing runs."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", ECHO, TASKS).deploy(cloud)
        with pytest.raises(ClientException) as refused:
            invoke(**asked)
        assert (refused.value.status_code, refused.value.code) == (status, code)
        assert refused.value.request_id == cloud.cloud.calls[-1].request_id.lower()
        cloud.run(lambda: False, limit=MINUTE)
        assert cloud.cloud.fc.runs == []


@pytest.mark.parametrize(("kind", "runs"), [("timeout", 0), ("lost_answer", 1)])
def test_no_answer(tmp_path: Path, kind: Any, runs: int) -> None:
    """An invocation without an answer was made or not: the client cannot tell."""
    with a_cloud(tmp_path, Fault(kind=kind, action="InvokeFunction", count=1)) as cloud:
        Project(tmp_path).function("f", ECHO).deploy(cloud)
        with pytest.raises((DaraException, UnretryableException), match="timed out"):
            invoke("f")
        assert len(cloud.cloud.fc.runs) == runs


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [("throttle", ClientException, "ResourceExhausted"), ("server_error", ServerException, "InternalServerError")],
)
def test_faults(tmp_path: Path, kind: Any, error: Any, code: str) -> None:
    """Faults strike invocations too, with FC's own codes."""
    with a_cloud(tmp_path, Fault(kind=kind, action="InvokeFunction", count=1)) as cloud:
        Project(tmp_path).function("f", ECHO).deploy(cloud)
        with pytest.raises(error) as refused:
            invoke("f")
        assert refused.value.code == code
        assert cloud.cloud.fc.runs == []


def test_a_function_does_not_wait_for_another(tmp_path: Path) -> None:
    """A function that invokes another one synchronously is refused by name; asynchronously it is free to."""
    source = """
    import os
    import fc2

    def handler(event, context):
        keys = os.environ
        client = fc2.Client(
            endpoint=f"https://{context.account_id}.{context.region}.fc.aliyuncs.com",
            accessKeyID=keys["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            accessKeySecret=keys["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            securityToken=keys["ALIBABA_CLOUD_SECURITY_TOKEN"],
        )
        client.invoke_function("s", "g", b"", {"x-fc-invocation-type": "Async"})
        try:
            client.invoke_function("s", "g", b"")
        except fc2.FcError as no:
            return no.err_code
    """
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", source).function("s$g", ECHO).deploy(cloud)
        assert cloud.invoke("f", b"") == b"NotImplemented"
        assert [run.function for run in cloud.cloud.fc.runs] == ["s$g", "f"]


def test_unknown_action_fails_by_its_name(tmp_path: Path) -> None:
    """An action that nobody wrote says so."""
    with a_cloud(tmp_path), pytest.raises(ClientException, match="ListAliases") as refused:
        fc().list_aliases("f", models.ListAliasesRequest())
    assert (refused.value.status_code, refused.value.code) == (400, "PathNotSupported")


# 2.0


def test_2_0_invokes_a_function_of_a_service(tmp_path: Path) -> None:
    """The SDK of 2.0 reaches function F of service S, which is called S$F in 3.0, and no function of 3.0."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("s$f", ECHO).function("f", ECHO).deploy(cloud)
        answer = fc2().invoke_function("s", "f", b"hello", qualifier="LATEST")
        assert answer.data == b"hello"
        assert answer.headers["X-Fc-Request-Id"] == cloud.cloud.fc.runs[0].request_id
        assert [run.function for run in cloud.cloud.fc.runs] == ["s$f"]
        (call,) = cloud.cloud.calls
        assert (call.service, call.action, dict(call.params)) == (
            "fc",
            "InvokeFunction",
            {"Name": "s.LATEST", "Name1": "f"},
        )


def test_2_0_function_error(tmp_path: Path) -> None:
    """The SDK of 2.0 raises on a function's error, which has FC's body."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("s$f", FAILS).deploy(cloud)
        with pytest.raises(fc2_sdk.FcError) as failed:
            fc2().invoke_function("s", "f", b"")
        assert failed.value.status_code == 200
        assert json.loads(failed.value.message)["errorMessage"] == "no good"


def test_2_0_task_is_taken_once(tmp_path: Path) -> None:
    """The header of 2.0 bears the task's id."""
    asked = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": "t-1"}
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("s$f", ECHO, TASKS).deploy(cloud)
        answer = fc2().invoke_function("s", "f", b"", dict(asked))
        assert answer.headers["X-Fc-Stateful-Async-Invocation-Id"] == "t-1"
        with pytest.raises(fc2_sdk.FcError) as refused:
            fc2().invoke_function("s", "f", b"", dict(asked))
        assert (refused.value.status_code, refused.value.err_code) == (409, "StatefulAsyncInvocationAlreadyExists")


@pytest.mark.parametrize(
    ("service", "function", "key", "status", "code"),
    [
        ("nobody", "f", "test", 404, "ServiceNotFound"),
        ("s", "nobody", "test", 404, "FunctionNotFound"),
        ("s.1", "f", "test", 404, "VersionNotFound"),
        ("s", "f", "someone", 403, "InvalidAccessKeyID"),
    ],
)
def test_2_0_refuses(tmp_path: Path, service: str, function: str, key: str, status: int, code: str) -> None:
    """The codes are 2.0's, in the form that its SDK reads."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("s$f", ECHO).deploy(cloud)
        with pytest.raises(fc2_sdk.FcError) as refused:
            fc2(key=key).invoke_function(service, function, b"")
        assert (refused.value.status_code, refused.value.err_code) == (status, code)
