"""The door that every call comes in by, whatever its protocol: turns, keys, faults, and the log of calls."""

import hashlib
import logging
import re
import threading
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from localcloud.chance import stream
from localcloud.clock import Clock
from localcloud.faults import Faults
from localcloud.keys import Key, Keys
from localcloud.scheduler import Invocation, Killed, Scheduler
from localcloud.wire import ApiError, NoAnswer, Response

#: Says of each call, at DEBUG: service, action, status, code, message.
_LOG = logging.getLogger(__name__)
#: How long a client waits before it gives up: the read time-out of Alibaba's SDKs.
CLIENT_PATIENCE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(minutes=1)
_LONGEST_NAME = 253
_REGION = re.compile(
    r"(?:^|[.-])((?:cn|ap|us|na|eu|me)-[a-z0-9-]{1,30}?)(?:-vpc)?(?:-internal)?(?:[.-]vpc)?(?:\.(?:fc|ots|tablestore))?"
    r"\.aliyuncs\.com$"
)


@dataclass
class Call:
    """One API call as the cloud saw it, and how it answered."""

    at: datetime
    service: str
    action: str
    region: str
    params: Mapping[str, str]
    access_key: str
    token: str | None = None
    function: str | None = None
    #: The role that the caller has taken on, or the user that it is; neither: its rights are not looked at.
    role: str = ""
    user: str = ""
    #: The name that the session of a role was given; a function's is its own.
    session: str = ""
    request_id: str = ""
    status: int = 0
    code: str = ""


@dataclass(frozen=True)
class Refusals:
    """How a protocol says what the door itself has to say: status, code and message of each refusal."""

    unknown_key: tuple[int, str, str]
    throttled: tuple[int, str, str]
    broken: tuple[int, str, str]
    #: The account has not activated the service; none: it needs no activation.
    inactive: tuple[int, str, str] | None = None
    #: A temporary key's token is unknown, or not this key's; none: as an unknown key is.
    unknown_token: tuple[int, str, str] | None = None
    other_token: tuple[int, str, str] | None = None


class Door:
    """Lets one call in at a time."""

    def __init__(
        self, clock: Clock, scheduler: Scheduler, faults: Faults, keys: Keys, seed: int, activated: Container[str]
    ) -> None:
        self.calls: list[Call] = []
        self._clock = clock
        self._scheduler = scheduler
        self._faults = faults
        self._keys = keys
        self._activated = activated
        self._seed = seed
        self._lock = threading.RLock()
        self._numbers: dict[str, int] = {}
        self._throttled_until: dict[tuple[str, str, str], datetime] = {}

    def let_in(
        self,
        call: Call,
        refusals: Refusals,
        do: Callable[[Call], Response],
        refuse: Callable[[Call, ApiError], Response],
        prove: Callable[[str], None],
    ) -> Response:
        """Answer *call*: do it, or refuse it; *prove* is given the caller's secret and refuses what that did not sign.

        Raises NoAnswer when the client gets none, and Killed when the invocation that calls has to die.
        """
        caller = self._scheduler.by_token(call.token) if call.token else None
        if caller is not None:
            self._scheduler.give_way(caller)
            call.function, call.role = caller.function, caller.role
            self._hold_up(call, caller)
        with self._lock:
            self._write_down(call)
            try:
                prove(self._secret(call, caller, refusals))
                if refusals.inactive is not None and call.service not in self._activated:
                    raise ApiError(*refusals.inactive)
                self._fail_before(call, caller, refusals)
                response = do(call)
                call.status = response.status
                self._fail_after(call, caller)
                _tell(call)
                return response
            except ApiError as no:
                return _refuse(call, no, refuse)
            except NoAnswer:
                call.code = "NoAnswer"
                raise
            except Killed:
                call.code = "Killed"
                raise
            except BaseException as bug:
                if caller is None:
                    raise
                # A bug of ours is not the function's: the loop raises it, the function sees nothing of it.
                self._scheduler.fail(bug)
                self._scheduler.kill(caller, "a bug in the cloud")
                raise Killed from bug

    def turn_away(self, call: Call, no: ApiError, refuse: Callable[[Call, ApiError], Response]) -> Response:
        """Refuse what is no call that anybody could answer; it is written down all the same."""
        with self._lock:
            self._write_down(call)
            return _refuse(call, no, refuse)

    def secret_of(self, call: Call) -> str | None:
        """The secret of the key that calls; None when there is no such key."""
        known = self._known(call, self._scheduler.by_token(call.token) if call.token else None)
        return known.secret if known is not None and known.id == call.access_key else None

    @contextmanager
    def ajar(self) -> Iterator[None]:
        """Let others in while the call that is inside waits for a function."""
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()

    def _hold_up(self, call: Call, caller: Invocation) -> None:
        if self._faults.strikes("hold_up", **_where(call)):
            draws = stream(self._seed, "held up", len(self._faults.strikes_so_far))
            self._scheduler.hold_up(caller, draws.uniform(0, 1) * _LONGEST_PAUSE)

    def _write_down(self, call: Call) -> None:
        call.at = self._clock.now
        self.calls.append(call)
        # Each service counts for itself: what is asked of one changes nothing in the answers of another.
        number = self._numbers[call.service] = self._numbers.get(call.service, 0) + 1
        call.request_id = request_id(self._seed, call.service, number)

    def _secret(self, call: Call, caller: Invocation | None, refusals: Refusals) -> str:
        """The secret of the key that calls, and whose it is; refused when the key, or its token, is unknown."""
        known = self._known(call, caller)
        if known is None:
            raise ApiError(*((call.token and refusals.unknown_token) or refusals.unknown_key))
        if call.access_key != known.id:
            raise ApiError(*(refusals.other_token or refusals.unknown_key))
        if caller is None:
            call.user, call.role, call.session = known.user, known.role, known.session
        return known.secret

    def _known(self, call: Call, caller: Invocation | None) -> Key | None:
        if caller is not None:
            return Key(caller.access_key, caller.secret)
        return self._keys.lent(call.token) if call.token else self._keys.lasting(call.access_key)

    def _fail_before(self, call: Call, caller: Invocation | None, refusals: Refusals) -> None:
        where = _where(call)
        lane = (call.service, call.action, call.region)
        if self._clock.now < self._throttled_until.get(lane, self._clock.start):
            raise ApiError(*refusals.throttled)
        if self._faults.strikes("throttle", **where):
            minute = self._clock.now.replace(second=0, microsecond=0)
            self._throttled_until[lane] = minute + timedelta(minutes=1)
            raise ApiError(*refusals.throttled)
        if self._faults.strikes("server_error", **where):
            raise ApiError(*refusals.broken)
        if self._faults.strikes("timeout", **where):
            self._clock.spend(CLIENT_PATIENCE)
            raise NoAnswer(call.action)
        if caller is not None and self._faults.strikes("kill_before", **where):
            self._kill(caller)

    def _fail_after(self, call: Call, caller: Invocation | None) -> None:
        where = _where(call)
        if self._faults.strikes("lost_answer", **where):
            self._clock.spend(CLIENT_PATIENCE)
            raise NoAnswer(call.action)
        if caller is not None and self._faults.strikes("kill_after", **where):
            self._kill(caller)

    def _kill(self, caller: Invocation) -> None:
        self._scheduler.kill(caller, "killed")
        raise Killed


def request_id(seed: int, *purpose: object) -> str:
    """A request id (a version-less UUID in capitals) that follows from *seed* and *purpose*."""
    text = ":".join(str(part) for part in (seed, "request", *purpose))
    digits = hashlib.sha256(text.encode()).hexdigest()[:32].upper()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def region_of(host: str) -> str | None:
    """The region that an endpoint's name holds, e.g. ``ecs-cn-hangzhou.aliyuncs.com``; None for a central one."""
    name = host.split(":", maxsplit=1)[0].lower().removesuffix(".")
    found = _REGION.search(name) if len(name) <= _LONGEST_NAME else None
    return found.group(1) if found else None


def _refuse(call: Call, no: ApiError, refuse: Callable[[Call, ApiError], Response]) -> Response:
    call.status, call.code = no.status, no.code
    _tell(call, no.message)
    return refuse(call, no)


def _tell(call: Call, message: str = "") -> None:
    _LOG.debug("%s %s: %s %s %s", call.service, call.action, call.status, call.code, message)


def _where(call: Call) -> dict[str, str]:
    where = {"action": call.action, "region": call.region}
    if call.function is not None:
        where["function"] = call.function
    return where
