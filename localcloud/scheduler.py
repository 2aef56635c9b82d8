"""Who runs: each invocation has a thread, exactly one runs at a time, and one seed gives one order.

An invocation runs until it makes a cloud call or ends; at a call it gives way, and a seeded draw picks who goes
on.  Whoever gives the turn up draws and hands it over, by a lock: no thread wakes that does not go on, and one that
draws itself goes on at once.  Nothing polls, nothing sleeps.
"""

import ctypes
import threading
from collections.abc import Callable, MutableMapping
from datetime import datetime, timedelta

from localcloud.chance import stream
from localcloud.clock import Clock
from localcloud.environ import Environ
from localcloud.workers import Worker

#: Wall time after which an invocation that neither calls the cloud nor ends is given up.
PATIENCE = timedelta(minutes=5)
_INSTANT = timedelta(milliseconds=1)


def _nothing() -> None:
    """Nothing to do between two turns."""


class Killed(BaseException):
    """The invocation was killed: nothing that it does has any effect any more."""


class Stuck(Exception):  # noqa: N818 - it says what the function is
    """A function neither calls the cloud nor ends."""


class Invocation:
    """One run of a function; *body* is all that its thread does, *token* is how its calls are known.

    *role* is the name of the role that it has taken on, empty for none.
    """

    def __init__(
        self, function: str, token: str, environ: MutableMapping[str, str], body: Callable[[], None], role: str = ""
    ) -> None:
        self.function = function
        self.role = role
        self.token = token
        self.environ = environ
        #: The temporary key that it was given, whatever it makes of its environment.
        self.access_key = environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID", "")
        self.secret = environ.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "")
        self.body = body
        self.latest: datetime | None = None
        self.killed: str | None = None
        self.thread: threading.Thread | None = None
        self.turn = threading.Lock()
        self.turn.acquire()


class Scheduler:
    """Hands the turn to one invocation after another, in an order that follows from the seed."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._draws = stream(seed, "turns")
        self._environ = Environ()
        self._ready: list[Invocation] = []
        self._by_token: dict[str, Invocation] = {}
        self._holder: Invocation | None = None
        #: Those that wait for a moment, not for their turn.
        self._held: list[Invocation] = []
        self._bugs: list[BaseException] = []
        #: Workers that have nothing to do.
        self._parked: list[Worker] = []
        self._closed = False
        self._between: Callable[[], None] = _nothing
        #: Why the loop has the turn back though some are ready.
        self._stop: BaseException | None = None
        #: How often the turn was given, by which the loop sees that somebody still runs.
        self._turns = 0
        self._back = threading.Lock()
        self._back.acquire()

    @property
    def busy(self) -> bool:
        """Whether an invocation has the turn."""
        return self._holder is not None

    def by_token(self, token: str) -> Invocation | None:
        """The invocation that makes its calls with *token*, if it has not ended."""
        return self._by_token.get(token)

    def admit(self, invocation: Invocation) -> None:
        """Make *invocation* runnable; its thread begins when it is first picked."""
        self._by_token[invocation.token] = invocation
        self._ready.append(invocation)

    def run_ready(self, between: Callable[[], None] = _nothing) -> None:
        """Run until nothing is runnable; *between* is called whenever no invocation has the turn and may raise.

        Raises what went wrong inside the cloud itself while an invocation had the turn.
        """
        self._between = between
        try:
            if self._ready:
                self._give(self._drawn())
                self._await()
        finally:
            self._between = _nothing
            self._environ.take_back()

    def give_way(self, invocation: Invocation) -> None:
        """Let the others go first, for the invocation that has the turn; raises Killed if it may not go on."""
        self._stop_if_killed(invocation)
        if self._holder is not invocation or threading.current_thread() is not invocation.thread:
            bug = RuntimeError(f"{invocation.function} calls the cloud out of turn: from a thread that it started?")
            self.fail(bug)
            raise bug
        self._ready.append(invocation)
        self._rest(invocation)

    def hold_up(self, invocation: Invocation, pause: timedelta) -> None:
        """Let *pause* go by for the invocation that has the turn, and others run; raises Killed as give_way does."""
        until = self._clock.now + pause
        if invocation.latest is not None:
            until = min(until, invocation.latest + _INSTANT)
        self._held.append(invocation)
        self._clock.at(until, lambda: self._release(invocation))
        self._rest(invocation)

    def kill(self, invocation: Invocation, why: str) -> None:
        """From now on nothing that *invocation* does has any effect; whoever acts for it has to raise Killed."""
        invocation.killed = invocation.killed or why

    def strike(self, token: str) -> None:
        """Raise Killed in the thread of a killed invocation that waits for bytes, as soon as it wakes."""
        invocation = self._by_token.get(token)
        thread = invocation.thread if invocation is not None else None
        if thread is not None and thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Killed))

    def fail(self, bug: BaseException) -> None:
        """Remember a bug of the cloud's own, so that the loop raises it."""
        self._bugs.append(bug)

    def check(self) -> None:
        """Raise the first bug that was remembered."""
        if self._bugs:
            bug = self._bugs[0]
            self._bugs.clear()
            raise bug

    def close(self) -> None:
        """End every invocation without any further effect."""
        self._closed = True
        if self._holder is not None:  # it is stuck: the loop was left while it had the turn
            self.kill(self._holder, "closed")
            self.strike(self._holder.token)
        waiting, self._ready, self._held = [*self._ready, *self._held], [], []
        for invocation in waiting:
            invocation.killed = "closed"
            if invocation.thread is not None:
                self._give(invocation)
                self._await()
        for worker in self._parked:
            worker.end()
            worker.thread.join()
        self._parked.clear()
        self._by_token.clear()
        self._environ.take_back()

    def _rest(self, invocation: Invocation) -> None:
        """Pass the turn on and wait for the next one; raises Killed if *invocation* may not go on then."""
        self._pass_on()
        invocation.turn.acquire()
        self._stop_if_killed(invocation)
        if invocation.latest is not None and self._clock.now > invocation.latest:
            self.kill(invocation, "timeout")
            raise Killed

    def _release(self, invocation: Invocation) -> None:
        if invocation in self._held:  # else the scheduler was closed meanwhile
            self._held.remove(invocation)
            self._ready.append(invocation)

    def _drawn(self) -> Invocation:
        return self._ready.pop(self._draws.randrange(len(self._ready)))

    def _give(self, invocation: Invocation) -> None:
        """Give the turn to *invocation*; who had it does nothing more until it is given back."""
        self._turns += 1
        self._holder = invocation
        self._environ.lend(invocation.environ)
        if invocation.thread is not None:
            invocation.turn.release()
            return
        worker = self._parked.pop() if self._parked else Worker()
        invocation.thread = worker.thread
        worker.begin(f"invocation of {invocation.function}", lambda: self._live(invocation, worker))

    def _pass_on(self) -> None:
        """Give the turn to whom the draw picks, or back to the loop: nobody is ready, or something is to be raised."""
        self._holder = None
        try:
            self.check()
            self._between()
        except BaseException as stop:  # noqa: BLE001 - the loop raises it
            self._stop = stop
        if self._ready and self._stop is None and not self._closed:
            self._give(self._drawn())
        else:
            self._back.release()

    def _await(self) -> None:
        """Wait until the loop has the turn again; raises why it was given back early."""
        seen = -1
        while not self._back.acquire(timeout=PATIENCE.total_seconds()):
            if self._turns == seen and self._holder is not None:
                self._closed = True  # should it go on some day, it goes on alone
                raise Stuck(f"{self._holder.function} neither called the cloud nor ended in {PATIENCE}")
            seen = self._turns
        stop, self._stop = self._stop, None
        if stop is not None:
            raise stop

    def _live(self, invocation: Invocation, worker: Worker) -> None:
        try:
            invocation.body()
        except Killed:
            pass
        except BaseException as bug:  # noqa: BLE001 - the loop raises it: a thread that dies must not be silent
            self.fail(bug)
        finally:
            self._by_token.pop(invocation.token, None)
            if self._closed:  # it was stuck until now
                worker.end()
            else:
                self._parked.append(worker)
            self._pass_on()

    @staticmethod
    def _stop_if_killed(invocation: Invocation) -> None:
        if invocation.killed is not None:
            raise Killed
