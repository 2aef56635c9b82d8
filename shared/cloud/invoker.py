"""Invoking a function and waiting for what it gives back, by either API of Function Compute.

https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-invokefunction
https://www.alibabacloud.com/help/en/functioncompute/error-codes (read 2026-11)

Whether the API of 2016-08-15 reaches a function that was made with 3.0 is not documented: each adapter is for its own.
"""

from datetime import timedelta
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.cloud.errors import CloudRefused, passes
from shared.cloud.lost import why_lost
from shared.cloud.session import Credentials, Session
from shared.ports import TryAgain
from shared.problem import Problem

#: A function has 60 s: whoever waits for it waits longer than that.
_PATIENCE = timedelta(seconds=70)
_CONNECT = timedelta(seconds=5)
_NOT_THERE = ("FunctionNotFound", "ServiceNotFound")
_WRONG_KEY = ("InvalidAccessKeyID", "SignatureNotMatch")


class FunctionFailed(Exception):  # noqa: N818 - it says what happened
    """The function raised, or was ended before it was done."""

    def __init__(self, function: str, kind: str, message: str, request_id: str) -> None:
        super().__init__(f"{function} failed: {kind}: {message}")
        self.function = function
        self.kind = kind
        self.request_id = request_id

    def problem(self, path: str) -> Problem:
        """The failure as a problem of whoever asked."""
        fix = f"see the function's log of the request {self.request_id}; it may be a bug of ECS Ferry: please report it"
        return Problem(path=path, code="function_failed", message=str(self), fix=fix)


class InvocationRefused(CloudRefused):
    """Function Compute does not invoke the function; says what to do."""

    def __init__(self, code: str, message: str, request_id: str, fix: str) -> None:
        super().__init__(code, message, request_id)
        self._fix = fix

    def problem(self, path: str = "") -> Problem:
        return Problem(path=path, code=self.code, message=self.message, fix=self._fix)


class Invoker(Protocol):
    """Invokes functions."""

    def invoke(self, function: str, payload: bytes) -> bytes:
        """What *function* gives back for *payload*; raises FunctionFailed, TryAgain or CloudRefused."""


class FunctionInvoker:
    """Functions of FC 3.0, by alibabacloud-fc20230330."""

    def __init__(self, session: Session, account: str, region: str) -> None:
        self._session = session
        self._account = account
        self._region = region

    def invoke(self, function: str, payload: bytes) -> bytes:
        """What *function* gives back for *payload*; raises FunctionFailed, TryAgain or CloudRefused."""
        from alibabacloud_fc20230330 import models

        client, headers = self._client(), models.InvokeFunctionHeaders(x_fc_invocation_type="Sync")

        def ask(request: Any, options: Any) -> Any:
            return client.invoke_function_with_options(function, request, headers, options)

        arn = f"acs:fc:{self._region}:{self._account}:functions/{function}"
        try:
            answer = self._session.call(ask, models.InvokeFunctionRequest(body=payload), _PATIENCE)
        except CloudRefused as no:
            raise _refused(no.code, no.message, no.request_id, arn) from no
        return _outcome(function, answer.headers or {}, answer.body.read() if answer.body else b"")

    def _client(self) -> Any:
        from alibabacloud_fc20230330.client import Client
        from alibabacloud_tea_openapi.models import Config

        keys = self._session.credentials
        config = Config(
            access_key_id=keys.access_key,
            access_key_secret=keys.secret,
            security_token=keys.token or None,
            region_id=self._region,
            protocol="https",
            endpoint=_address(self._account, self._region),
        )
        return Client(config)


class ServiceInvoker:
    """Functions of a service of FC 2.0, under the API of 2016-08-15, by aliyun-fc2."""

    def __init__(self, credentials: Credentials, account: str, region: str, service: str) -> None:
        self._credentials = credentials
        self._account = account
        self._region = region
        self._service = service

    def invoke(self, function: str, payload: bytes) -> bytes:
        """What *function* gives back for *payload*; raises FunctionFailed, TryAgain or CloudRefused."""
        answer = self._client(function).invoke_function(self._service, function, payload=payload)
        return _outcome(function, answer.headers, answer.data)

    def _client(self, function: str) -> Any:
        """fc2's client, which builds and signs the request; how it is sent is ours.

        fc2 itself sends up to six times, over half a minute, where nobody listens, breaks on an error that is not
        JSON, and writes signature and token to the log when it is refused (2.5.2, read 2026-11).
        """
        import fc2
        import requests

        arn = f"acs:fc:{self._region}:{self._account}:services/{self._service}/functions/{function}"

        class SentOnce(fc2.Client):  # type: ignore[misc]  # fc2 ships no types
            def _do_request(self, method: str, path: str, headers: Any, params: Any = None, body: Any = None) -> Any:
                patience = (_CONNECT.total_seconds(), _PATIENCE.total_seconds())
                try:
                    answer = requests.request(
                        method, self.endpoint + path, headers=headers, params=params, data=body, timeout=patience
                    )
                except requests.RequestException as lost:
                    raise TryAgain(f"no answer from the cloud: {why_lost(lost)}") from lost
                if answer.status_code >= 400:
                    raise _told(answer, arn)
                _outcome(function, answer.headers, answer.content)
                return answer

        keys = self._credentials
        return SentOnce(
            endpoint=f"https://{_address(self._account, self._region)}",
            accessKeyID=keys.access_key,
            accessKeySecret=keys.secret,
            securityToken=keys.token,
        )


def _address(account: str, region: str) -> str:
    return f"{account}.{region}.fc.aliyuncs.com"


class _Failure(BaseModel):
    """https://www.alibabacloud.com/help/en/functioncompute/fc/error-handling-1-1."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str = Field("Error", alias="errorType")
    message: str = Field("it says nothing of why", alias="errorMessage")


def _outcome(function: str, headers: Any, body: bytes) -> bytes:
    """The body of an invocation that went well; raises FunctionFailed for one that did not: both come with 200."""
    lower = {str(name).lower(): str(value) for name, value in headers.items()}
    kind = lower.get("x-fc-error-type")
    if not kind:
        return body
    try:
        failure = _Failure.model_validate_json(body)
    except ValidationError:
        failure = _Failure(errorType=kind)
    raise FunctionFailed(function, failure.kind, failure.message, lower.get("x-fc-request-id", ""))


class _Refusal(BaseModel):
    """https://www.alibabacloud.com/help/en/functioncompute/error-codes writes the first letter small."""

    model_config = ConfigDict(frozen=True, extra="allow")

    ErrorCode: str = ""
    ErrorMessage: str = ""
    errorCode: str = ""  # noqa: N815 - as it is sent
    errorMessage: str = ""  # noqa: N815


def _told(answer: Any, arn: str) -> Exception:
    """An answer with an error's status, in our words."""
    try:
        said = _Refusal.model_validate_json(answer.content)
    except ValidationError:
        said = _Refusal()
    code = said.ErrorCode or said.errorCode or f"HTTP {answer.status_code}"
    message = said.ErrorMessage or said.errorMessage or "the answer can't be read"
    if passes(code, answer.status_code):
        return TryAgain(f"{code}: {message}")
    return _refused(code, message, answer.headers.get("x-fc-request-id", ""), arn)


def _refused(code: str, message: str, request_id: str, arn: str) -> InvocationRefused:
    if code in _NOT_THERE:
        fix = "see that the install's name and region are right, and that it is deployed: ferry deploy"
    elif code in _WRONG_KEY:
        fix = "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to a key of the account"
    elif code == "AccessDenied":
        fix = f"grant this key's owner fc:InvokeFunction on {arn}"
    else:
        fix = "see the message; then ask again"
    return InvocationRefused(code, message, request_id, fix)
