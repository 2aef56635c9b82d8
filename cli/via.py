"""A deployed Ferry, asked by signed invocation of its function `api`: what --via names, and what can be asked of it."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from cli.hints import remember_via
from cli.options import text_of
from shared.acceptance import NotFound, TooLate
from shared.names import RESERVED
from shared.ports import DeadLetter, Row, TryAgain
from shared.problem import BadInput, Problem
from shared.replication.model import change
from shared.replication.record import SCHEMA

if TYPE_CHECKING:
    from shared.cloud.invoker import Invoker
    from shared.cloud.session import Session
    from shared.replication.request import Request
    from shared.web import HttpAnswer

Via = Annotated[
    str | None,
    typer.Option(
        "--via",
        metavar="NAME",
        help="Ask the deployed install of this name; SERVICE/NAME: one under the API of 2016-08-15.",
        callback=text_of("--via"),
    ),
]
HomeRegion = Annotated[
    str | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="With --via: the install's home region; FERRY_HOME_REGION unless given.",
        callback=text_of("--region"),
    ),
]
_NAME = re.compile(r"(?:([A-Za-z_][A-Za-z0-9_-]{0,127})/)?([a-z][a-z0-9-]{0,39})")
_REGION = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]+)+")
_ACCOUNT = re.compile(r"[0-9]{5,20}")
_ID = re.compile(r"r-[0-9a-f]{16}")
_KEY, _SECRET, _TOKEN, _OWNER = (
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALIBABA_CLOUD_ACCOUNT_ID",
)
#: Options that are the embedded cloud's, and options that are a deployed install's.
_HERE = {"--world", "--cloud", "--seed", "--speed", "--state"}
_THERE = {"--region", "--wait"}
#: What the API calls otherwise than the command does.
_AS_OPTION = {"Idempotency-Key": "--key"}
#: Pauses before a start that got no answer is sent again: its key keeps it from beginning twice.
_PAUSES = (2, 5)


class Unreached(Exception):  # noqa: N818 - it says what is so
    """The deployed install can't be asked, or its answer can't be understood."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Refusal(BaseModel):
    """What the API says no with, read tolerantly: it may be of another release."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    problems: tuple[Problem, ...] = ()


class _Rows(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    replications: tuple[Row, ...]
    more: bool = False


class _Letters(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    dead_letters: tuple[DeadLetter, ...]


Form = TypeVar("Form", bound=BaseModel)


@dataclass(frozen=True)
class Deployed:
    """A deployed install; each method raises Unreached, or TryAgain when asking again may help."""

    invoker: Invoker
    function: str

    def start(self, request: Request, key: str) -> tuple[Row, bool]:
        """Begin a replication, once for its key: its row, and whether it is new; raises BadInput."""
        body = request.model_dump_json().encode()
        for pause in (*_PAUSES, None):
            try:
                answer = self._ask("POST", "/v1/replications", {"form": "record"}, {"Idempotency-Key": key}, body)
                return self._row(answer), answer.status == 201
            except TryAgain as lost:
                if pause is None:
                    raise Unreached(_unknown(str(lost), key)) from None
                time.sleep(pause)  # noqa: TID251 - a person waits here, no function
        raise AssertionError  # the last pause is None

    def row(self, id_: str) -> Row:
        """One replication; raises NotFound."""
        return self._row(self._ask("GET", _path(id_), {"form": "record"}))

    def rows(self, *, under_way: bool) -> tuple[Sequence[Row], bool]:
        """The newest replications, or those under way, newest first; and whether there are more."""
        query = {"form": "record", "under_way": "true" if under_way else "false"}
        found = self._read(_Rows, self._ask("GET", "/v1/replications", query).body)
        for row in found.replications:
            self._check_schema(row)
        return found.replications, found.more

    def letters(self) -> Sequence[DeadLetter]:
        """The newest dead letters."""
        return self._read(_Letters, self._ask("GET", "/v1/dead-letters", {}).body).dead_letters

    def cancel(self, id_: str) -> Row:
        """Ask to give up; raises NotFound or TooLate."""
        return self._row(self._ask("POST", f"{_path(id_)}/cancel", {"form": "record"}))

    def clean(self, id_: str) -> Row:
        """Ask to remove what was kept; raises NotFound or TooLate."""
        return self._row(self._ask("POST", f"{_path(id_)}/clean", {"form": "record"}))

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpAnswer:
        from shared.cloud.errors import CloudRefused
        from shared.cloud.invoker import FunctionFailed
        from shared.web import HttpRequest, http_event, read_reply

        asked = HttpRequest(method=method, path=path, query=query, headers=headers or {}, body=body)
        try:
            answer = read_reply(self.invoker.invoke(self.function, http_event(asked)))
        except (FunctionFailed, CloudRefused) as no:
            raise Unreached(no.problem("--via")) from no
        if answer is None:
            raise self._strange("its answer is not one of a Ferry's API")
        if answer.status >= 400:
            raise self._trouble(answer)
        return answer

    def _trouble(self, answer: HttpAnswer) -> Exception:
        found = self._read(_Refusal, answer.body).problems
        message = "; ".join(problem.message for problem in found)
        codes = {problem.code for problem in found}
        if answer.status == 503:
            return TryAgain(message)
        if "NotFound" in codes:
            return NotFound(message)
        if "TooLate" in codes:
            return TooLate(message)
        if "key_in_use" in codes:
            fix = "give another --key, or the same request again"
            return BadInput((Problem(path="--key", code="key_in_use", message=message, fix=fix),))
        if answer.status in (400, 413) and found:
            return BadInput(tuple(change(p, path=_AS_OPTION.get(p.path, p.path)) for p in found))
        if codes & {"no_such_path", "no_such_method"} or not found:
            return self._strange(message or f"it answered with {answer.status}")
        return Unreached(found[0])

    def _row(self, answer: HttpAnswer) -> Row:
        row = self._read(Row, answer.body)
        self._check_schema(row)
        return row

    def _check_schema(self, row: Row) -> None:
        if row.record.schema_ > SCHEMA:
            raise self._strange(f"{row.record.id} is a record of a newer form: {row.record.schema_}")

    def _read(self, form: type[Form], text: bytes) -> Form:
        try:
            return form.model_validate_json(text)
        except ValidationError as error:
            what = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in what["loc"])
            raise self._strange(f"its answer can't be understood: {where}: {what['msg']}") from None

    def _strange(self, what: str) -> Unreached:
        message = f"{self.function} is of another release than this command: {what}"
        fix = "see ferry --version, and use the release that is deployed; or deploy this one: ferry deploy"
        return Unreached(Problem(path="--via", code="other_release", message=message, fix=fix))


def _path(id_: str) -> str:
    if not _ID.fullmatch(id_):
        raise NotFound(f"there is no replication {id_}")
    return f"/v1/replications/{id_}"


def _unknown(why: str, key: str) -> Problem:
    message = f"whether it was begun is not known: {why}"
    fix = f"say the same again with --key {shlex.quote(key)}: it can't begin twice"
    return Problem(path="--via", code="try_again", message=message, fix=fix)


def deployed_by(context: typer.Context, via: str | None, region: str | None) -> Deployed | None:
    """The install that --via names, None without one; raises BadInput with all that is missing or does not fit."""
    words = given(context)
    if via is None:
        found = [_alone(name) for name in sorted(words & _THERE)]
        if found:
            raise BadInput(tuple(found))
        return None
    environ = dict(os.environ)
    home = region or environ.get("FERRY_HOME_REGION", "")
    found = [_of_the_embedded(name) for name in sorted(words & _HERE)]
    found += [*_of_name(via), *_of_region(home), *_of_environment(environ)]
    if found:
        raise BadInput(tuple(found))
    remember_via(f"--via {via}" + (f" --region {region}" if region else ""))
    return _install(via, home, environ)


def given(context: typer.Context) -> set[str]:
    """The options that were given by word."""
    return {
        option
        for param in context.command.params
        if (source := context.get_parameter_source(param.name or "")) and source.name == "COMMANDLINE"
        for option in param.opts
    }


def _alone(name: str) -> Problem:
    message, fix = f"{name} is for a deployed install", f"give --via NAME, too, or leave {name} out"
    return Problem(path=name, code="needs_via", message=message, fix=fix)


def _of_the_embedded(name: str) -> Problem:
    message = f"{name} is for the embedded cloud, --via for a deployed install"
    return Problem(path=name, code="not_with_via", message=message, fix=f"leave out one of {name} and --via")


def _of_name(via: str) -> Iterator[Problem]:
    found = _NAME.fullmatch(via)
    if not found or found[2] in RESERVED:
        message = f"{via!r} is not the name of an install"
        fix = (
            "give the name that it was deployed under, such as ferry; SERVICE/NAME where that was the API of 2016-08-15"
        )
        yield Problem(path="--via", code="malformed", message=message, fix=fix)


def _of_region(region: str) -> Iterator[Problem]:
    fix = "give the region that the install is deployed in, such as cn-beijing, or set FERRY_HOME_REGION"
    if not region:
        yield Problem(path="--region", code="missing_setting", message="no home region is given", fix=fix)
    elif not _REGION.fullmatch(region):
        yield Problem(path="--region", code="malformed", message=f"{region!r} is not a region's id", fix=fix)


def _of_environment(environ: Mapping[str, str]) -> Iterator[Problem]:
    for name in (_KEY, _SECRET):
        if not environ.get(name):
            fix = "set it to a key that may invoke the function"
            yield Problem(path=name, code="missing_setting", message=f"{name} is not set", fix=fix)
    owner = environ.get(_OWNER)
    if owner and not _ACCOUNT.fullmatch(owner):
        fix = "set it to the account's number, as the console shows it"
        yield Problem(path=_OWNER, code="malformed", message=f"{owner!r} is not an account's number", fix=fix)


def _install(via: str, region: str, environ: Mapping[str, str]) -> Deployed:
    from shared.cloud.invoker import FunctionInvoker, ServiceInvoker
    from shared.cloud.session import Credentials, Session

    keys = Credentials(access_key=environ[_KEY], secret=environ[_SECRET], token=environ.get(_TOKEN, ""))
    session = Session(keys, lambda: datetime.now(UTC), lasts=None)
    account = environ.get(_OWNER) or _account(session, region)
    service, _, name = via.rpartition("/")
    if service:
        return Deployed(ServiceInvoker(keys, account, region, service), f"{name}-api")
    return Deployed(FunctionInvoker(session, account, region), f"{name}-api")


def _account(session: Session, region: str) -> str:
    """The account that the key belongs to; raises Unreached for a key that is not taken."""
    from shared.cloud.errors import CloudRefused
    from shared.cloud.identity import caller

    try:
        return caller(session, region).account
    except CloudRefused as no:
        raise Unreached(no.problem("--via")) from no
