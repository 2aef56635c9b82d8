"""Functions: how they are deployed and invoked, what they are given, and what becomes of their failures."""

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.door import request_id
from localcloud.environ import basics
from localcloud.fc import errors, events
from localcloud.fc.context import Context, FunctionMeta, logger
from localcloud.fc.layers import Layers
from localcloud.fc.loading import Handler, load
from localcloud.fc.manifest import FunctionSpec, read_manifest
from localcloud.fc.models import AsyncInvokeConfig, Props, Trigger
from localcloud.fc.references import check
from localcloud.fc.triggers import connect, disconnect
from localcloud.ram.evaluation import Need
from localcloud.scheduler import Invocation

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class Function:
    """A deployed function; `alive` until it is deployed again or deleted.

    `role` is the name of its role, empty when the account had none such when it was deployed: nothing bounds its calls
    then, as on a laptop nobody makes roles.
    """

    props: Props
    handler: Handler
    base: Path
    created: datetime
    modified: datetime
    async_config: AsyncInvokeConfig | None
    triggers: dict[str, Trigger]
    role: str = ""
    alive: bool = True

    @classmethod
    def of(cls, spec: FunctionSpec, base: Path, now: datetime, role: str) -> "Function":
        """What *spec* describes, made now."""
        config = spec.props.async_invoke_config if "async_invoke_config" in spec.props.model_fields_set else None
        triggers = {trigger.trigger_name: trigger for trigger in spec.props.triggers}
        return cls(spec.props, load(spec), base, now, now, config, triggers, role)

    @property
    def name(self) -> str:
        """Its name."""
        return self.props.function_name

    @property
    def invoked_async(self) -> AsyncInvokeConfig:
        """How it is invoked asynchronously; FC's defaults when nothing says so."""
        return self.async_config or AsyncInvokeConfig()

    def listens(self, trigger: Trigger) -> bool:
        """Whether *trigger* still makes it run."""
        return self.alive and trigger.trigger_name in self.triggers


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
    payload: bytes = b""
    #: So many calls had come in to the cloud when it ended.
    calls: int = 0


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
        self._basics = basics()
        self._tasks: set[tuple[str, str, str]] = set()
        self.layers = Layers(cloud)
        #: Every invocation that has ended, in order.
        self.runs: list[Run] = []

    def deploy(self, s_yaml: Path, env: Mapping[str, str], *, strict: bool = False) -> None:
        """Deploy the functions of *s_yaml* with their triggers; raises ManifestProblems with all that is wrong.

        *strict*: roles and layers that it names have to be there, as the cloud wants it.
        """
        specs = read_manifest(s_yaml, env, self._cloud.account)
        if strict:
            check(self._cloud, specs)
        base, now = s_yaml.parent.resolve(), self._cloud.clock.now
        functions = [Function.of(spec, base, now, self._cloud.ram.role_at(spec.props.role)) for spec in specs]
        connect(self._cloud, list(zip((spec.path for spec in specs), functions, strict=True)))
        for function in functions:
            self._put(function)

    def find(self, name: str) -> Function:
        """The function of that name, whatever its region; raises LookupError when there is none."""
        for (_, known), function in self._functions.items():
            if known == name:
                return function
        raise LookupError(f"no function named {name} is deployed")

    def role_of(self, name: str) -> str:
        """The role that s.yaml gives a function; empty when it gives none, or the function is gone."""
        return next((one.props.role for one in self._functions.values() if one.name == name), "")

    def get(self, region: str, name: str) -> Function:
        """The function of a region; refused as FC's API does when there is none."""
        found = self._functions.get((region, name))
        if found is None:
            raise errors.function_not_found(name)
        return found

    def named(self, region: str, prefix: str) -> list[Function]:
        """The region's functions whose names begin so, by name."""
        return [
            one
            for (where, name), one in sorted(self._functions.items())
            if (where, name[: len(prefix)]) == (region, prefix)
        ]

    def take_task(self, function: Function, task: str) -> bool:
        """Remember the id of an asynchronous task; whether it is new.  It is remembered when deployed again."""
        key = (function.props.region, function.name, task)
        new = key not in self._tasks
        self._tasks.add(key)
        return new

    def run_now(self, function: Function, payload: bytes, request: str) -> Run:
        """Invoke from outside of all functions, and give the outcome.

        All that is runnable runs meanwhile; time moves only by what the calls of those invocations take, and on to
        what is planned while one of them is held up.
        """
        outcome: list[Run] = []
        self._start(self._order(function, payload, lambda _, run: outcome.append(run), request))
        with self._cloud.door.ajar():
            self._cloud.scheduler.run_ready()
            while not outcome:
                self._cloud.clock.step()
                self._cloud.scheduler.run_ready()
        (run,) = outcome
        return run

    def invoke_async(self, function: Function, payload: bytes, request: str | None = None) -> None:
        """Invoke once *payload* is queued; failures are tried again, then sent to the function's destination.

        *request* is the id of the call that asked for it (none: nobody called).
        """
        self._start(self._order(function, payload, self._ended, request))

    def invoke(self, function: Function, payload: bytes, done: Callable[[Run], None]) -> None:
        """Invoke and tell *done* the outcome; never tried again."""

        def told(_: "_Order", run: Run) -> None:
            done(run)

        self._start(self._order(function, payload, told))

    def arn(self, function: Function) -> str:
        """The function's resource name."""
        return f"acs:fc:{function.props.region}:{self._cloud.account}:functions/{function.name}"

    def delete(self, function: Function) -> None:
        """Delete a function: what is queued for it is not run."""
        function.alive = False
        del self._functions[function.props.region, function.name]

    def drop_trigger(self, function: Function, name: str) -> None:
        """Delete a trigger, with what it made at its source."""
        disconnect(self._cloud, function, function.triggers.pop(name))

    def _put(self, function: Function) -> None:
        key = (function.props.region, function.name)
        if key in self._functions:
            function.created = self._functions[key].created
            self._functions[key].alive = False
        self._functions[key] = function

    def _again(self, order: _Order) -> None:
        if (order.function.props.region, order.function.name) in self._functions:
            self._start(order)

    def _order(
        self, function: Function, payload: bytes, done: Callable[[_Order, Run], None], asked: str | None = None
    ) -> _Order:
        self._asked += 1
        request = asked or request_id(self._cloud.seed, "invocation", self._asked).lower()
        order = _Order(function, payload, request, self._cloud.clock.now, done=lambda run: done(order, run))
        return order

    def _start(self, order: _Order) -> None:
        order.attempts += 1
        props = order.function.props
        keys = self._mint()
        environ = {**self._basics, **props.environment_variables, **keys}
        token = keys["ALIBABA_CLOUD_SECURITY_TOKEN"]
        name, role = order.function.name, order.function.role
        invocation = Invocation(name, token, environ, lambda: self._live(order, invocation), role)
        self._cloud.scheduler.admit(invocation)

    def _live(self, order: _Order, invocation: Invocation) -> None:
        """All that an invocation's thread does."""
        clock = self._cloud.clock
        started, lines = clock.now, list[str]()
        invocation.latest = started + timedelta(seconds=order.function.props.timeout)
        outcome = _outcome(order, invocation, self._context(order, lines))
        if invocation.killed != "closed":
            name, attempt = order.function.name, order.attempts
            run = Run(
                name,
                order.request_id,
                attempt,
                started,
                clock.now,
                tuple(lines),
                *outcome,
                payload=order.payload,
                calls=len(self._cloud.calls),
            )
            self.runs.append(run)
            order.done(run)

    def _context(self, order: _Order, lines: list[str]) -> Context:
        skew = self._skew(order)

        def now() -> datetime:
            return self._cloud.clock.now + skew

        props = order.function.props
        return Context(
            request_id=order.request_id,
            function=FunctionMeta(props.function_name, props.handler, props.memory_size, props.timeout),
            region=props.region,
            account_id=self._cloud.account,
            logger=logger(props.function_name, lines, now),
            clock=now,
        )

    def _skew(self, order: _Order) -> timedelta:
        """By how much this attempt's clock is off: two invocations run on two machines."""
        most = self._cloud.world.clock_skew
        if not most:
            return timedelta()
        return timedelta(
            seconds=stream(self._cloud.seed, "skew", order.request_id, order.attempts).uniform(-most, most)
        )

    def _ended(self, order: _Order, run: Run) -> None:
        config = order.function.invoked_async
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
            self._cloud.clock.after(wait, lambda: self._again(order))
        elif targets.on_failure is not None:
            self._tell(targets.on_failure.destination, order, run)

    def _backoff(self, attempts: int) -> timedelta:
        """1, 2, 4, ... seconds and up to half as much again; how long FC really waits is not documented."""
        seconds = 2 ** (attempts - 1)
        return timedelta(seconds=seconds, milliseconds=self._draws.randrange(500 * seconds))

    def _tell(self, arn: str, order: _Order, run: Run) -> None:
        """Send to a destination, in the function's role: without the right to, nothing comes there.

        https://www.alibabacloud.com/help/en/fc/user-guide/result-callback, "Required permission" (read 2026-11)
        """
        failed = events.UNHANDLED if run.error is not None else None
        text = events.destination_payload(
            run.ended, self.arn(order.function), run.request_id, run.attempt, order.payload, run.body, failed
        )
        need = Need("mns:SendMessage", arn)
        if not order.function.role or self._cloud.ram.permits.allows(order.function.role, need):
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
        if invocation.killed is None:
            text = f"{type(failure).__name__}: {failure}"
            return events.error_body(failure, order.function.base), text, _trace(failure)
    else:
        if invocation.killed is None:
            return body, None, ""
    return _end(invocation, order.function.props)


def _trace(failure: BaseException) -> str:
    """Where it was raised, without the marks below each line: to find their places takes longer than all the rest."""
    lines = traceback.StackSummary.extract(traceback.walk_tb(failure.__traceback__)).format()
    return "".join((*lines, *traceback.format_exception_only(failure)))


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
