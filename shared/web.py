"""HTTP without a server: requests as FC's HTTP trigger or API Gateway hands them to a function, and its answers.

https://www.alibabacloud.com/help/en/functioncompute/fc/http-trigger-invoking-function
https://help.aliyun.com/knowledge_detail/85208.html (API Gateway; read 2026-11)

A signed invocation with the trigger's own event needs neither, and no public address.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from shared.presentation import Json, problems
from shared.problem import BadInput, Problem

PROBLEM = "application/problem+json"


class HttpRequest(BaseModel):
    """One request; header names are lower case."""

    model_config = ConfigDict(frozen=True)

    method: str
    path: str
    headers: Mapping[str, str] = Field(default_factory=dict)
    query: Mapping[str, str] = Field(default_factory=dict)
    body: bytes = b""


class HttpAnswer(BaseModel):
    """One answer."""

    model_config = ConfigDict(frozen=True)

    status: int
    body: bytes
    headers: Mapping[str, str] = Field(default_factory=dict)


class _Event(BaseModel):
    """What both kinds of event have; what else they hold is of no use here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict, alias="queryParameters")
    body: str = ""
    #: API Gateway writes a text.
    is_base64: bool = Field(False, alias="isBase64Encoded")

    @field_validator("headers", "query", mode="before")
    @classmethod
    def _none_is_empty(cls, value: object) -> object:
        return {} if value is None else value

    @field_validator("body", mode="before")
    @classmethod
    def _no_body(cls, value: object) -> object:
        return "" if value is None else value


class _Http(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    method: str
    path: str


class _TriggerContext(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    http: _Http


class _TriggerEvent(_Event):
    """The event of FC's HTTP trigger; `path` is decoded, `rawPath` is not."""

    context: _TriggerContext = Field(alias="requestContext")


class _GatewayEvent(_Event):
    """The event of API Gateway."""

    path: str
    method: str = Field(alias="httpMethod")


def read_http(event: bytes) -> HttpRequest:
    """The request in *event*; raises BadInput when there is none."""
    try:
        trigger = _TriggerEvent.model_validate_json(event)
        return _request(trigger, trigger.context.http.method, trigger.context.http.path)
    except ValidationError:
        pass
    try:
        gateway = _GatewayEvent.model_validate_json(event)
    except ValidationError:
        message = "this is no HTTP request: neither as FC's HTTP trigger sends it, nor as API Gateway does"
        fix = 'send {"requestContext": {"http": {"method", "path"}}, "headers", "queryParameters", "body"}'
        raise BadInput((Problem(path="", code="not_http", message=message, fix=fix),)) from None
    return _request(gateway, gateway.method, gateway.path)


def _request(event: _Event, method: str, path: str) -> HttpRequest:
    headers = {name.lower(): value for name, value in event.headers.items()}
    return HttpRequest(method=method, path=path, headers=headers, query=event.query, body=_body(event))


def _body(event: _Event) -> bytes:
    if not event.is_base64:
        return event.body.encode()
    try:
        return base64.b64decode(event.body, validate=True)
    except (binascii.Error, ValueError):
        fix = "send it in base64, or isBase64Encoded as false"
        problem = Problem(path="body", code="not_base64", message="the body is not in base64", fix=fix)
        raise BadInput((problem,)) from None


def http_event(request: HttpRequest) -> bytes:
    """The event that FC's HTTP trigger would make of *request*, whose body is text."""
    event = {
        "version": "v1",
        "rawPath": request.path,
        "headers": dict(request.headers),
        "queryParameters": dict(request.query),
        "body": request.body.decode(),
        "isBase64Encoded": False,
        "requestContext": {"http": {"method": request.method, "path": request.path, "protocol": "HTTP/1.1"}},
    }
    return json.dumps(event).encode()


def json_answer(status: int, body: Json, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    """An answer whose body is JSON."""
    more = {"Content-Type": "application/json", "Cache-Control": "no-store", **(headers or {})}
    return HttpAnswer(status=status, body=json.dumps(body).encode(), headers=more)


def problem_answer(status: int, found: Sequence[Problem], headers: Mapping[str, str] | None = None) -> HttpAnswer:
    """A refusal, with every problem: https://www.rfc-editor.org/rfc/rfc9457 and `problems` beside its members."""
    title = HTTPStatus(status).phrase
    body: Json = {"type": "about:blank", "title": title, "status": status, "problems": problems(found)}
    return json_answer(status, body, {"Content-Type": PROBLEM, **(headers or {})})


def reply(answer: HttpAnswer) -> Json:
    """What a function gives back for *answer*: all four fields, for what FC makes of fewer is not documented."""
    return {
        "statusCode": answer.status,
        "headers": dict(answer.headers),
        "isBase64Encoded": False,
        "body": answer.body.decode(),
    }


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    status: int = Field(alias="statusCode")
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""


def read_reply(reply: bytes) -> HttpAnswer | None:
    """The answer that a function gave, None when it is none."""
    try:
        read = _Reply.model_validate_json(reply)
    except ValidationError:
        return None
    headers = {name.lower(): value for name, value in read.headers.items()}
    return HttpAnswer(status=read.status, body=read.body.encode(), headers=headers)
