"""A cloud whose virtual time passes with the wall clock, for whoever calls it from outside of this process."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta

from localcloud.cloud import CENTRAL_REGION, Cloud
from localcloud.door import Call, region_of
from localcloud.faults import Fault
from localcloud.wire import Request, Response

#: The thread that lets time pass looks at the wall clock again after so many seconds at the latest.
_LONGEST_REST = 3600.0
#: How often a long poll looks for a message, in wall seconds.
_LOOK = 0.02
#: So many of the last calls can be asked for at least: a call takes about a kilobyte, and 40 at most.
_CALLS_KEPT = 50_000
#: So many characters of a text, and so many of all parameters of a call, each of which counts for so many at least.
_KEPT, _KEPT_IN_ALL, _LEAST = 500, 8_000, 100
#: What is in the name of a parameter that is told to nobody, in small letters.
_SECRETS = ("password", "securitytoken", "security-token", "signature")


class LivingCloud:
    """A cloud and the thread that lets its time pass; one lock keeps that apart from the calls.

    *make* makes the cloud, again for each reset; *speed* is virtual seconds a wall second.  A bug of the cloud's own
    that comes up while time passes ends it, and *on_end* is told.
    """

    def __init__(
        self, make: Callable[[], AbstractContextManager[Cloud]], speed: float, on_end: Callable[[], None] = lambda: None
    ) -> None:
        self.speed = speed
        #: What ended it from within.
        self.bug: BaseException | None = None
        self._make = make
        self._on_end = on_end
        self._turn = threading.Condition()
        self._ended = False
        self._begin()
        self._thread = threading.Thread(target=self._live, name="virtual time", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; returns when time stands still."""
        with self._turn:
            self._ended = True
            self._turn.notify()
        self._thread.join()
        self._made.close()

    def serve(self, request: Request) -> Response:
        """Answer one call: now, or, for a long poll of SMQ's, when a message is there; raises NoAnswer."""
        self._wait_for_message(request)
        with self.alone() as cloud:
            return cloud.serve(request)

    def health(self) -> dict[str, object]:
        """How it is: its virtual moment, its pace, and which cloud it is (another one after each reset)."""
        with self.alone() as cloud:
            return {
                "ok": True,
                "now": cloud.clock.now.isoformat(),
                "speed": self.speed,
                "seed": cloud.seed,
                "cloud": self._id,
                "account": cloud.account,
                "calls": self._forgotten + len(cloud.calls),
            }

    def calls(self, skip: int) -> list[dict[str, object]]:
        """Every call that came in but the first *skip*, in order; of very many only the last are there."""
        with self.alone() as cloud:
            return [_told(call) for call in cloud.calls[max(0, skip - self._forgotten) :]]

    def faults(self) -> list[dict[str, object]]:
        """Every fault that struck, in order, and where."""
        with self.alone() as cloud:
            return [
                {"at": strike.at.isoformat(), "kind": strike.fault.kind, **strike.where}
                for strike in cloud.faults.strikes_so_far
            ]

    def break_with(self, fault: Fault) -> None:
        """From now on this goes wrong, too."""
        with self.alone() as cloud:
            cloud.faults.add(fault)

    def is_other_than(self, id_: str) -> bool:
        """Whether it is not, or no longer, the cloud of this id."""
        with self._turn:
            return self._id != id_

    def reset(self) -> None:
        """Begin again: the world as it was at first, and time, too."""
        with self._turn:
            before = self._made
            self._begin()  # what can't be made leaves what was there
            before.close()
            self._turn.notify()

    def _begin(self) -> None:
        made = ExitStack()
        self._cloud = made.enter_context(self._make())
        self._made = made
        self._forgotten = self._short = 0
        self._id = secrets.token_hex(8)
        self._virtual, self._wall = self._cloud.clock.now, time.monotonic()

    @contextmanager
    def alone(self) -> Iterator[Cloud]:
        """The cloud, alone, with all done that was planned until now."""
        with self._turn:
            self._catch_up()
            yield self._cloud
            self._run()
            self._shorten()
            self._forget()
            self._turn.notify()

    def _wait_for_message(self, request: Request) -> None:
        if not self._cloud.smq.speaks(request):
            return
        region = region_of(request.host) or request.region or CENTRAL_REGION
        with self._turn:
            begun = self._due()
            while not self._ended:
                self._catch_up()
                left = begun + self._cloud.smq.patience(region, request) - self._due()
                if left <= timedelta():
                    return
                self._turn.wait(min(left.total_seconds() / self.speed, _LOOK))

    def _live(self) -> None:
        with self._turn:
            while not self._ended:
                try:
                    self._catch_up()
                except BaseException as bug:  # noqa: BLE001 - whoever made it is told, and raises it
                    self.bug = bug
                    self._on_end()
                    return
                self._turn.wait(self._rest())

    def _catch_up(self) -> None:
        clock = self._cloud.clock
        while (coming := clock.next_at()) is not None and coming <= self._due():
            clock.step()
            self._run()
        clock.spend(max(self._due() - clock.now, timedelta()))

    def _run(self) -> None:
        """Run the functions that something has woken."""
        self._cloud.scheduler.run_ready()
        self._cloud.scheduler.check()

    def _shorten(self) -> None:
        """Keep of long parameters only how they begin: a log of whole bodies would grow without bound."""
        calls = self._cloud.calls
        for call in calls[self._short :]:
            call.params = _shortened(call.params)
            call.action, call.access_key = call.action[:_KEPT], call.access_key[:_KEPT]
            call.token = call.token and call.token[:_KEPT]
        self._short = len(calls)

    def _forget(self) -> None:
        """Let go of the oldest calls when there are twice as many as are kept."""
        calls = self._cloud.calls
        if len(calls) >= 2 * _CALLS_KEPT:
            self._forgotten += len(calls) - _CALLS_KEPT
            del calls[:-_CALLS_KEPT]
            self._short = len(calls)

    def _due(self) -> datetime:
        """The virtual moment that the wall clock stands at."""
        return self._virtual + timedelta(seconds=(time.monotonic() - self._wall) * self.speed)

    def _rest(self) -> float:
        """Wall seconds until something is planned."""
        coming = self._cloud.clock.next_at()
        if coming is None:
            return _LONGEST_REST
        return min(max((coming - self._due()).total_seconds() / self.speed, 0.0), _LONGEST_REST)


def _shortened(params: Mapping[str, str]) -> dict[str, str]:
    """Parameters as far as a log of many calls has room for them: what a call is about before its lists."""
    kept, left = dict[str, str](), _KEPT_IN_ALL
    for name, value in sorted(params.items(), key=lambda one: "." in one[0]):
        left -= _LEAST + len(name[:_KEPT]) + len(value[:_KEPT])
        if left >= 0:
            kept[name[:_KEPT]] = value[:_KEPT]
    if len(kept) < len(params):
        kept["..."] = f"{len(params) - len(kept)} more"
    return kept


def _told(call: Call) -> dict[str, object]:
    """A call as JSON has it, without what is a secret."""
    params = {name: "***" if _is_secret(name, value) else value for name, value in call.params.items()}
    token = None if call.token is None else f"{call.token[:4]}***"
    return asdict(call) | {"at": call.at.isoformat(), "params": params, "token": token}


def _is_secret(name: str, value: str) -> bool:
    """Whether a parameter is one, or may hold one: a command's own Parameters have names that people choose."""
    return any(word in name.lower() for word in _SECRETS) or (name == "Parameters" and "password" in value.lower())
