"""Invoking by both APIs: the real SDKs against the embedded cloud, and against what it can't be: odd answers."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import responses
from requests.exceptions import ConnectionError as NoConnection

from localcloud.faults import Fault
from localcloud.runtime import Embedded
from shared.cloud.errors import CloudRefused
from shared.cloud.invoker import FunctionFailed, FunctionInvoker, Invoker, ServiceInvoker
from shared.cloud.session import Credentials, Session
from shared.ports import TryAgain
from tests.localcloud.sdk import ACCOUNT, HOME, Project, a_cloud

ECHO = """
    def handler(event, context):
        return event[::-1]
    """
FAILS = """
    def handler(event, context):
        raise ValueError("no good")
    """
ENDS = """
    def handler(event, context):
        raise SystemExit(3)
    """
BYTES = bytes(range(256)) * 5


def new(key: str, token: str = "") -> Invoker:
    """Of FC 3.0."""
    session = Session(Credentials(access_key=key, secret="s3cret", token=token), lambda: datetime.now(UTC), lasts=None)
    return FunctionInvoker(session, ACCOUNT, HOME)


def old(key: str, token: str = "") -> Invoker:
    """Of 2016-08-15."""
    return ServiceInvoker(Credentials(access_key=key, secret="s3cret", token=token), ACCOUNT, HOME, "svc")


#: How an invoker is made, and what a function is called in 3.0 so that its API finds it as `f`.
KINDS: dict[str, tuple[Callable[..., Invoker], str]] = {"new": (new, ""), "old": (old, "svc$")}
BOTH = pytest.mark.parametrize("kind", KINDS)


@contextmanager
def deployed(folder: Path, kind: str, source: str, *faults: Fault) -> Iterator[Embedded]:
    """A cloud with one function, which the API of that kind finds as `f`."""
    with a_cloud(folder, *faults, secret="s3cret") as cloud:
        Project(folder).function(f"{KINDS[kind][1]}f", source).deploy(cloud)
        yield cloud


def invoker(kind: str, key: str = "test", token: str = "") -> Invoker:
    return KINDS[kind][0](key, token)


@BOTH
def test_bytes_go_in_and_bytes_come_back(kind: str, tmp_path: Path) -> None:
    """What is sent reaches the function to the byte, and so does its answer whoever asked."""
    with deployed(tmp_path, kind, ECHO) as cloud:
        assert invoker(kind).invoke("f", BYTES) == BYTES[::-1]
        assert invoker(kind).invoke("f", b"") == b""
        assert [(call.action, call.region) for call in cloud.cloud.calls] == [("InvokeFunction", HOME)] * 2


@BOTH
@pytest.mark.parametrize(("source", "said"), [(FAILS, "ValueError: no good"), (ENDS, "f failed: ")])
def test_a_function_that_fails_says_how(kind: str, source: str, said: str, tmp_path: Path) -> None:
    """A failure comes with HTTP 200: it is never taken for an answer, and its log can be found by the request."""
    with deployed(tmp_path, kind, source) as cloud, pytest.raises(FunctionFailed, match=said) as caught:
        invoker(kind).invoke("f", b"")
    (run,) = cloud.cloud.fc.runs
    assert caught.value.request_id == run.request_id
    assert run.request_id in caught.value.problem("--via").fix


@BOTH
def test_a_function_that_is_not_there_is_refused_with_what_to_do(kind: str, tmp_path: Path) -> None:
    """Whoever names another install, or another region, is told how to deploy."""
    with deployed(tmp_path, kind, ECHO), pytest.raises(CloudRefused) as caught:
        invoker(kind).invoke("g", b"")
    problem = caught.value.problem("--via")
    assert (problem.code, "'" in problem.message, "ferry deploy" in problem.fix) == ("FunctionNotFound", True, True)


def test_a_service_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The API of 2016-08-15 has services: one that is not there is as good as a function that is not."""
    with deployed(tmp_path, "new", ECHO), pytest.raises(CloudRefused, match="ServiceNotFound") as caught:
        invoker("old").invoke("f", b"")
    assert "ferry deploy" in caught.value.problem().fix


@BOTH
def test_a_wrong_key_is_refused_with_the_variables_to_set(kind: str, tmp_path: Path) -> None:
    """A key that the account does not have is a firm no, and the function does not run."""
    with deployed(tmp_path, kind, ECHO) as cloud, pytest.raises(CloudRefused, match="nobody") as caught:
        invoker(kind, key="nobody").invoke("f", b"")
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in caught.value.problem().fix
    assert cloud.cloud.fc.runs == []


PASSING = {kind: Fault(kind=kind, count=1) for kind in ("throttle", "server_error", "timeout", "lost_answer")}


@BOTH
@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_said_to(kind: str, fault: str, tmp_path: Path) -> None:
    """Throttled, broken, or without an answer: asked again, it may work; and it was asked once only."""
    with deployed(tmp_path, kind, ECHO, PASSING[fault]) as cloud:
        with pytest.raises(TryAgain):
            invoker(kind).invoke("f", b"")
        assert len(cloud.cloud.calls) == 1


@BOTH
def test_a_temporary_key_sends_its_token(kind: str) -> None:
    """With a token of STS the request bears it, and the signature covers it."""
    with responses.RequestsMock() as net:
        net.add("POST", url_of(kind), body=b"done")
        assert invoker(kind, key="STS.k", token="t0ken").invoke("f", b"") == b"done"
        headers = {name.lower(): value for name, value in net.calls[0].request.headers.items()}
    name = {"new": "x-acs-security-token", "old": "x-fc-security-token"}[kind]
    assert headers[name] == "t0ken"
    assert "STS.k" in headers["authorization"]


@BOTH
@pytest.mark.parametrize("body", [b"<html>bad gateway</html>", b"", b"[1]"])
def test_an_error_that_nobody_can_read_passes(kind: str, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A proxy's page instead of FC's JSON is a passing fault, no bug, and no key or token gets into the log."""
    with responses.RequestsMock() as net, caplog.at_level(logging.INFO):
        net.add("POST", url_of(kind), body=body, status=502)
        with pytest.raises(TryAgain):
            invoker(kind, token="t0ken").invoke("f", b"")
    assert "t0ken" not in caplog.text


@BOTH
def test_too_much_at_once_passes_whatever_its_code(kind: str) -> None:
    """FC has several codes for it, and the status tells them all."""
    with responses.RequestsMock() as net:
        net.add("POST", url_of(kind), json={"Code": "Another", "ErrorCode": "Another"}, status=429)
        with pytest.raises(TryAgain):
            invoker(kind).invoke("f", b"")


@BOTH
def test_who_may_not_invoke_is_told_the_right_that_is_missing(kind: str) -> None:
    """A denial names the action and the resource to grant, whichever way FC spells its error."""
    said = {
        "new": {"RequestId": "R", "Code": "AccessDenied", "Message": "no right"},
        "old": {"ErrorCode": "AccessDenied", "ErrorMessage": "no right"},
    }
    with responses.RequestsMock() as net:
        net.add("POST", url_of(kind), json=said[kind], status=403)
        with pytest.raises(CloudRefused, match="AccessDenied: no right") as caught:
            invoker(kind).invoke("f", b"")
    assert f"fc:InvokeFunction on acs:fc:{HOME}:{ACCOUNT}:" in caught.value.problem().fix


@BOTH
def test_where_nobody_listens_it_is_asked_once(kind: str) -> None:
    """A refused connection is told at once: fc2 by itself would go on for half a minute."""
    with responses.RequestsMock() as net:
        net.add("POST", url_of(kind), body=NoConnection("refused"))
        with pytest.raises(TryAgain, match="no answer"):
            invoker(kind).invoke("f", b"")
        assert len(net.calls) == 1


def url_of(kind: str) -> str:
    path = {"new": "2023-03-30/functions/f", "old": "2016-08-15/services/svc/functions/f"}[kind]
    return f"https://{ACCOUNT}.{HOME}.fc.aliyuncs.com/{path}/invocations"
