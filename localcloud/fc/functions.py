"""Functions: how they are deployed and invoked, what they are given, and what becomes of their failures."""

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.door import request_id
from localcloud.environ import basics
from localcloud.fc import events
from localcloud.fc.context import Context, FunctionMeta, logger
from localcloud.fc.loading import Handler, load
from localcloud.fc.manifest import read_manifest
from localcloud.fc.models import Props
from localcloud.fc.triggers import connect
from localcloud.scheduler import Invocation

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class Function:
    """A deployed function; `alive` until it is deployed again."""

    props: Props
    handler: Handler
    base: Path
    alive: bool = True

    @property
    def name(self) -> str:
        """Its name."""
        return self.props.function_name


@dataclass(frozen=True)
class Run:
    """One invocation that has ended."""

    function: str
    request_id: str
    attempt: int
    started: datetime
    ended: datetime
    lines: tuple[str, ...]
    body: bytes
    error: str | None = None
    trace: str = ""


@dataclass
class _Order:
    """An invocation that was asked for, with all its attempts."""

    function: Function
    payload: bytes
    request_id: str
    asked_at: datetime
    done: Callable[[Run], None]
    attempts: int = 0


class Functions:
    """Function Compute of the whole account."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._draws = stream(cloud.seed, "functions")
        self._functions: dict[tuple[str, str], Function] = {}
        self._asked = 0
        self._minted = 0
        #: Every invocation that has ended, in order.
        self.runs: list[Run] = []

    def deploy(self, s_yaml: Path, env: Mapping[str, str]) -> None:
        """Deploy the functions of *s_yaml* with their triggers; raises ManifestProblems with all that is wrong."""
        specs = read_manifest(s_yaml, env, self._cloud.account)
        handlers = [load(spec) for spec in specs]
        functions = [
            Function(spec.props, handler, s_yaml.parent.resolve())
            for spec, handler in zip(specs, handlers, strict=True)
        ]
        connect(self._cloud, list(zip((spec.path for spec in specs), functions, strict=True)))
        for function in functions:
            self._put(function)

    def find(self, name: str) -> Function:
        """The function of that name, whatever its region; raises LookupError when there is none."""
        for (_, known), function in self._functions.items():
            if known == name:
                return function
        raise LookupError(f"no function named {name} is deployed")

    def invoke_async(self, function: Function, payload: bytes) -> None:
        """Invoke once *payload* is queued; failures are tried again, then sent to the function's destination."""
        self._start(self._order(function, payload, self._ended))

    def invoke(self, function: Function, payload: bytes, done: Callable[[Run], None]) -> None:
        """Invoke and tell *done* the outcome; never tried again."""

        def told(_: "_Order", run: Run) -> None:
            done(run)

        self._start(self._order(function, payload, told))

    def arn(self, function: Function) -> str:
        """The function's resource name."""
        return f"acs:fc:{function.props.region}:{self._cloud.account}:functions/{function.name}"

    def _put(self, function: Function) -> None:
        key = (function.props.region, function.name)
        if key in self._functions:
            self._functions[key].alive = False
        self._functions[key] = function

    def _order(self, function: Function, payload: bytes, done: Callable[[_Order, Run], None]) -> _Order:
        self._asked += 1
        request = request_id(self._cloud.seed, "invocation", self._asked).lower()
        order = _Order(function, payload, request, self._cloud.clock.now, done=lambda run: done(order, run))
        return order

    def _start(self, order: _Order) -> None:
        order.attempts += 1
        props = order.function.props
        keys = self._mint()
        environ = {**basics(), **props.environment_variables, **keys}
        token = keys["ALIBABA_CLOUD_SECURITY_TOKEN"]
        invocation = Invocation(order.function.name, token, environ, lambda: self._live(order, invocation))
        self._cloud.scheduler.admit(invocation)

    def _live(self, order: _Order, invocation: Invocation) -> None:
        """All that an invocation's thread does."""
        clock = self._cloud.clock
        started, lines = clock.now, list[str]()
        invocation.latest = started + timedelta(seconds=order.function.props.timeout)
        outcome = _outcome(order, invocation, self._context(order, lines))
        if invocation.killed != "closed":
            name, attempt = order.function.name, order.attempts
            run = Run(name, order.request_id, attempt, started, clock.now, tuple(lines), *outcome)
            self.runs.append(run)
            order.done(run)

    def _context(self, order: _Order, lines: list[str]) -> Context:
        def now() -> datetime:
            return self._cloud.clock.now

        props = order.function.props
        return Context(
            request_id=order.request_id,
            function=FunctionMeta(props.function_name, props.handler, props.memory_size, props.timeout),
            region=props.region,
            account_id=self._cloud.account,
            logger=logger(props.function_name, lines, now),
            clock=now,
        )

    def _ended(self, order: _Order, run: Run) -> None:
        config = order.function.props.async_invoke_config
        targets = config.destination_config
        if run.error is None:
            if targets.on_success is not None:
                self._tell(targets.on_success.destination, order, run)
            return
        wait = self._backoff(order.attempts)
        age = self._cloud.clock.now + wait - order.asked_at
        if order.attempts <= config.max_async_retry_attempts and age.total_seconds() <= (
            config.max_async_event_age_in_seconds
        ):
            self._cloud.clock.after(wait, lambda: self._start(order))
        elif targets.on_failure is not None:
            self._tell(targets.on_failure.destination, order, run)

    def _backoff(self, attempts: int) -> timedelta:
        """1, 2, 4, ... seconds and up to half as much again; how long FC really waits is not documented."""
        seconds = 2 ** (attempts - 1)
        return timedelta(seconds=seconds, milliseconds=self._draws.randrange(500 * seconds))

    def _tell(self, arn: str, order: _Order, run: Run) -> None:
        failed = events.UNHANDLED if run.error is not None else None
        text = events.destination_payload(
            run.ended, self.arn(order.function), run.request_id, run.attempt, order.payload, run.body, failed
        )
        self._cloud.smq.state.send_to(arn, text)

    def _mint(self) -> dict[str, str]:
        """Temporary keys as STS gives them, known to the cloud until the invocation ends."""
        self._minted += 1
        draws = stream(self._cloud.seed, "sts", self._minted)
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "STS." + "".join(draws.choices(_LETTERS, k=24)),
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "".join(draws.choices(_LETTERS, k=44)),
            "ALIBABA_CLOUD_SECURITY_TOKEN": "CAIS" + "".join(draws.choices(_LETTERS, k=60)),
        }


def _outcome(order: _Order, invocation: Invocation, context: Context) -> tuple[bytes, str | None, str]:
    """Call the handler: what it gives back, or the error's body, its text and its trace."""
    try:
        body = _bytes(order.function.handler(order.payload, context))
    except BaseException as failure:  # noqa: BLE001 - whatever a function raises is its outcome, never ours
        if invocation.killed is not None:
            _hang_up(failure)
        else:
            text = f"{type(failure).__name__}: {failure}"
            return events.error_body(failure, order.function.base), text, traceback.format_exc()
    else:
        if invocation.killed is None:
            return body, None, ""
    return _end(invocation, order.function.props)


def _hang_up(failure: BaseException | None) -> None:
    """Close the connections that a killed invocation was reading from, as the system does when a process dies."""
    while failure is not None:
        for frame, _ in traceback.walk_tb(failure.__traceback__):
            for held in list(frame.f_locals.values()):
                if isinstance(held, HTTPConnection):
                    held.close()
        failure = failure.__context__


def _bytes(result: object) -> bytes:
    if isinstance(result, bytes):
        return result
    if result is None:
        return b""
    return result.encode() if isinstance(result, str) else json.dumps(result).encode()


def _end(invocation: Invocation, props: Props) -> tuple[bytes, str, str]:
    """What is said of an invocation that was ended from outside, whatever it made of that."""
    if invocation.killed == "timeout":
        message, kind = f"Function timed out after {props.timeout} seconds", "FunctionTimedOut"
    else:
        message, kind = "Process exited unexpectedly before completing request", "ProcessExited"
    return events.end_body(message, kind), message, ""
