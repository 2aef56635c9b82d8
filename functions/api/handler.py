"""The front door of an install: start, show, list, cancel and clean replications.

It is asked by signed invocation (`ferry ... --via NAME`) with the event that FC's HTTP trigger gives, so it needs no
public address.  Whoever wants one adds a trigger or a gateway, and with it a way to tell who may ask.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared import operation
from shared.acceptance import KeyInUse, NotFound, TooLate
from shared.app import App, Context
from shared.cloud.errors import CloudRefused
from shared.log import log
from shared.ports import NotYet, Row, TryAgain
from shared.presentation import Json, letter, present, stored, summarise
from shared.problem import BadInput, Problem, problems_of
from shared.replication.request import Request
from shared.web import HttpAnswer, HttpRequest, json_answer, problem_answer, read_http, reply
from shared.wire import read_request

#: What a record names as the one who asked.
_BY = "api"
_LARGEST_BODY = 64 * 1024
_LONGEST_KEY = 200
_RETRY_SECONDS = 5
_ID = re.compile(r"r-[0-9a-f]{16}")
_LONGEST_SHOWN, _LONGEST_LOGGED = 40, 200

Flag = Literal["true", "false"]


class _Query(BaseModel):
    """Parameters of a query: one that nobody knows is a problem."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Shown(_Query):
    """How a replication is told: as people see it, or the record itself, for a client that shows it."""

    form: Literal["shown", "record"] = "shown"


class _Start(_Shown):
    dry_run: Flag = "false"


class _List(_Shown):
    limit: int = Field(operation.MOST_LISTED, ge=1, le=operation.MOST_LISTED)
    under_way: Flag = "false"


class _Letters(_Query):
    limit: int = Field(operation.MOST_LISTED, ge=1, le=operation.MOST_LISTED)


Query = TypeVar("Query", bound=_Query)
Read = TypeVar("Read")


def handler(event: bytes, context: Context) -> Json:
    """Answer the HTTP request in *event*: what is wrong with it is an answer, a bug goes up."""
    try:
        answer = _answered(event, App.from_context(context))
    except TryAgain as passing:
        answer = _later(passing)
    log("api.answered", status=answer.status)
    return reply(answer)


def _answered(event: bytes, app: App) -> HttpAnswer:
    try:
        return _act(read_http(event), app)
    except BadInput as bad:
        return problem_answer(400, bad.problems)
    except NotFound as unknown:
        return _refused(404, "id", "NotFound", unknown, "see which there are: GET /v1/replications")
    except KeyInUse as other:
        return _refused(409, "Idempotency-Key", "key_in_use", other, "give another key, or the same request again")
    except TooLate as late:
        return _refused(409, "id", "TooLate", late, "see how it stands: GET /v1/replications/ID")
    except CloudRefused as no:
        return problem_answer(502, (no.problem("cloud"),))


def _later(passing: TryAgain) -> HttpAnswer:
    pause = round(passing.pause.total_seconds()) if isinstance(passing, NotYet) else _RETRY_SECONDS
    fix = f"send the same again after {pause} s: with the same Idempotency-Key it can't begin twice"
    problem = Problem(path="", code="try_again", message=str(passing), fix=fix)
    return problem_answer(503, (problem,), {"Retry-After": str(pause)})


def _refused(status: int, path: str, code: str, why: Exception | str, fix: str) -> HttpAnswer:
    return problem_answer(status, (Problem(path=path, code=code, message=str(why), fix=fix),))


def _start(asked: HttpRequest, app: App) -> HttpAnswer:
    if len(asked.body) > _LARGEST_BODY:
        what = f"the body has {len(asked.body):,} bytes"
        return _refused(
            413, "body", "too_large", what, f"send {_LARGEST_BODY:,} at most: a request needs less than 2,000"
        )
    dry = asked.query.get("dry_run") == "true"
    found: list[Problem] = []
    query = _noted(lambda: _query(asked, _Start), found)
    key = _noted(lambda: "" if dry else _key(asked), found)
    request = _noted(lambda: _request(asked), found)
    if query is None or key is None or request is None:
        raise BadInput(tuple(found))
    if dry:
        return json_answer(200, {"dry_run": True, "request": request.model_dump(mode="json")})
    row, new = operation.start(request, key, app)
    return json_answer(201 if new else 200, _told(row, query), {"Location": f"/v1/replications/{row.record.id}"})


def _list(asked: HttpRequest, app: App) -> HttpAnswer:
    query = _query(asked, _List)
    find = operation.under_way if query.under_way == "true" else operation.newest
    page = find(query.limit, app)
    tell = stored if query.form == "record" else summarise
    return json_answer(200, {"replications": [tell(row) for row in page.rows], "more": page.more})


def _show(asked: HttpRequest, app: App) -> HttpAnswer:
    query = _query(asked, _Shown)
    return json_answer(200, _told(operation.show(_id(asked), app), query))


def _cancel(asked: HttpRequest, app: App) -> HttpAnswer:
    query = _query(asked, _Shown)
    return json_answer(202, _told(operation.cancel(_id(asked), _BY, app), query))


def _clean(asked: HttpRequest, app: App) -> HttpAnswer:
    query = _query(asked, _Shown)
    return json_answer(202, _told(operation.clean(_id(asked), _BY, app), query))


def _dead_letters(asked: HttpRequest, app: App) -> HttpAnswer:
    page = operation.dead_letters(_query(asked, _Letters).limit, app)
    return json_answer(200, {"dead_letters": [letter(one) for one in page.letters], "more": page.more})


@dataclass(frozen=True)
class _Route:
    """What answers a method on a path."""

    method: str
    path: str
    answer: Callable[[HttpRequest, App], HttpAnswer]

    def leads_to(self, path: str) -> bool:
        return re.fullmatch(self.path.replace("ID", "[^/]+"), path) is not None


_ROUTES = (
    _Route("POST", "/v1/replications", _start),
    _Route("GET", "/v1/replications", _list),
    _Route("GET", "/v1/replications/ID", _show),
    _Route("POST", "/v1/replications/ID/cancel", _cancel),
    _Route("POST", "/v1/replications/ID/clean", _clean),
    _Route("GET", "/v1/dead-letters", _dead_letters),
)


def _act(asked: HttpRequest, app: App) -> HttpAnswer:
    log("api.asked", method=asked.method, path=asked.path[:_LONGEST_LOGGED])
    there = {route.method: route for route in _ROUTES if route.leads_to(asked.path)}
    if not there:
        fix = f"there are {', '.join(f'{route.method} {route.path}' for route in _ROUTES)}"
        return _refused(404, "path", "no_such_path", f"there is no {asked.path}", fix)
    if asked.method not in there:
        allowed = ", ".join(sorted(there))
        problem = Problem(
            path="method", code="no_such_method", message=f"{asked.path} takes no {asked.method}", fix=f"use {allowed}"
        )
        return problem_answer(405, (problem,), {"Allow": allowed})
    return there[asked.method].answer(asked, app)


def _told(row: Row, query: _Shown) -> Json:
    return stored(row) if query.form == "record" else present(row)


def _id(asked: HttpRequest) -> str:
    """The id in the path; raises NotFound for what can't be one."""
    id_ = asked.path.split("/")[3]
    if not _ID.fullmatch(id_):
        raise NotFound(f"there is no replication {id_[:_LONGEST_SHOWN]}")
    return id_


def _query(asked: HttpRequest, form: type[Query]) -> Query:
    try:
        return form.model_validate(dict(asked.query))
    except ValidationError as error:
        raise BadInput(problems_of(error, "query.", form=form)) from None


def _key(asked: HttpRequest) -> str:
    key = asked.headers.get("idempotency-key", "").strip()
    if 0 < len(key) <= _LONGEST_KEY:
        return key
    code, message = ("too_long", f"it has {len(key)} characters") if key else ("missing_key", "there is none")
    fix = f"give one of 1 to {_LONGEST_KEY} characters, the same when the same is sent again: it can't begin twice then"
    raise BadInput((Problem(path="Idempotency-Key", code=code, message=message, fix=fix),))


def _request(asked: HttpRequest) -> Request:
    try:
        return read_request(asked.body)
    except BadInput as bad:
        raise BadInput(tuple(_of_body(problem) for problem in bad.problems)) from None


def _of_body(problem: Problem) -> Problem:
    """A problem of the body as a whole names it."""
    if problem.path:
        return problem
    fix = "send the request as a JSON object with source and target"
    return Problem(path="body", code="not_a_request", message=problem.message, fix=fix)


def _noted(read: Callable[[], Read], found: list[Problem]) -> Read | None:
    """What *read* gives; None when it has problems, which join those *found*."""
    try:
        return read()
    except BadInput as bad:
        found += bad.problems
        return None
