"""The embedded runtime: a mounted cloud, the functions of an s.yaml on it, and the loop that runs them."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from localcloud.clock import BEGINNING
from localcloud.cloud import CENTRAL_REGION, Answering, Cloud
from localcloud.fc import FunctionFailed, Run
from localcloud.guests import Recall
from localcloud.mount import Mount, Wired, mounted
from localcloud.world import World


class Embedded:
    """A mounted cloud and its runtime."""

    def __init__(self, cloud: Cloud, mount: Mount, home: str) -> None:
        self.cloud = cloud
        self._mount = mount
        self.smq_endpoint = mount.endpoint("smq", home)

    def smq_endpoint_for(self, region: str) -> str:
        """Where SMQ of *region* is, for this process while the cloud is mounted."""
        return self._mount.endpoint("smq", region)

    def tablestore_endpoint_for(self, region: str) -> str:
        """Where Tablestore of *region* is, whatever the instance, for this process while the cloud is mounted."""
        return self._mount.endpoint("tablestore", region)

    def open_port(self, service: Wired, region: str) -> str:
        """Where a service of *region* is for other processes on this machine, by a port that is open until the end."""
        return self._mount.open_port(service, region)

    def client_environ(self) -> dict[str, str]:
        """What an operator's process needs to reach this cloud."""
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.cloud.world.access_key,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.cloud.world.secret,
            "FERRY_SMQ_ENDPOINT": self.smq_endpoint,
        }

    def deploy(self, s_yaml: Path, env: Mapping[str, str], *, strict: bool = False) -> None:
        """Deploy the functions of *s_yaml*, each in its own region, with their triggers.

        Deployed again, a function replaces the one of its name.  *strict*: its role and layers have to be there.
        Raises ManifestProblems with all that is wrong.
        """
        self.cloud.fc.deploy(s_yaml, env, strict=strict)

    def run(
        self,
        until: Callable[[], bool],
        *,
        limit: timedelta,
        on_step: Callable[[], None] | None = None,
        on_turn: Callable[[], None] | None = None,
        speed: float | None = None,
    ) -> bool:
        """Run invocations and move time until *until* says so (True), or for *limit* of virtual time (False).

        *until* is asked whenever nothing is runnable; *on_step* is called between steps; *on_turn* whenever an
        invocation has given way, so before each of its calls; *speed* is virtual seconds a wall second (none: as fast
        as it can).  A KeyboardInterrupt comes between two turns, and run() can be
        called again.
        """
        clock, last = self.cloud.clock, self.cloud.clock.now + limit
        with _Interrupts() as interrupts:

            def between() -> None:
                interrupts.check()
                if on_turn is not None:
                    on_turn()

            pace = _Pace(clock.now.timestamp(), speed, interrupts)
            while True:
                self.cloud.scheduler.run_ready(between)
                self.cloud.scheduler.check()
                if on_step is not None:
                    on_step()
                if until():
                    return True
                coming = clock.next_at()
                if coming is None or coming > last:
                    clock.spend(max(last - clock.now, timedelta()))
                    return False
                pace.wait_for(coming.timestamp())
                interrupts.check()
                self._step()

    def invoke(self, function: str, payload: bytes) -> bytes:
        """Invoke synchronously and give what it returns; raises FunctionFailed with FC's error body."""
        outcome: list[Run] = []
        self.cloud.fc.invoke(self.cloud.fc.find(function), payload, outcome.append)
        self.run(lambda: bool(outcome), limit=timedelta())
        (run,) = outcome
        if run.error is not None:
            raise FunctionFailed(function, run.body)
        return run.body

    def _step(self) -> None:
        """Do all that is planned for the next moment: what happens in one moment overlaps."""
        clock = self.cloud.clock
        clock.step()
        while (coming := clock.next_at()) is not None and coming <= clock.now:
            clock.step()


@contextmanager
def embedded(
    world: World,
    *,
    seed: int,
    state: Path,
    trusted_scripts: frozenset[str],
    home: str = CENTRAL_REGION,
    start: datetime | None = None,
    elsewhere: Mapping[str, Answering] | None = None,
    recall: Recall | None = None,
    id_seed: int | None = None,
) -> Iterator[Embedded]:
    """A cloud of *world*, mounted under the SDKs of this process until the end.

    *state* is the folder for its disks, *home* the region whose SMQ `smq_endpoint` is, *start* the moment in which
    its virtual time begins (none: always the same one), *elsewhere* what answers the calls of which API version in
    its place, *recall* what guests' scripts said in other clouds (none: each is really run), *id_seed* the seed of
    ids and guests, where it shall be another than everything else's.
    """
    cloud = Cloud(
        world,
        seed=seed,
        state=state,
        trusted_scripts=trusted_scripts,
        start=start or BEGINNING,
        elsewhere=elsewhere,
        recall=recall,
        id_seed=id_seed,
    )
    with mounted(cloud) as mount:
        yield Embedded(cloud, mount, home)


class _Interrupts:
    """Holds a KeyboardInterrupt back until check() is called; a second one comes at once."""

    def __init__(self) -> None:
        self._came = False
        self._before: Any = None
        self._bell = threading.Lock()
        self._bell.acquire()

    def __enter__(self) -> "_Interrupts":
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
        if self._before is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._hold)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._before is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._before)
        if kind is None:  # there is no other turn before which it could come
            self.check()

    def check(self) -> None:
        """Raise the KeyboardInterrupt that came."""
        if self._came:
            raise KeyboardInterrupt

    def rest(self, wall: float) -> None:
        """Let *wall* seconds pass, or less when a KeyboardInterrupt comes."""
        self._bell.acquire(timeout=wall)

    def _hold(self, number: int, frame: FrameType | None) -> None:
        if self._came:
            signal.default_int_handler(number, frame)
        self._came = True
        self._bell.release()


class _Pace:
    """Keeps virtual time to the wall clock's, at a speed."""

    def __init__(self, virtual: float, speed: float | None, interrupts: _Interrupts) -> None:
        self._virtual = virtual
        self._wall = time.monotonic()
        self._speed = speed
        self._interrupts = interrupts

    def wait_for(self, virtual: float) -> None:
        """Return when the wall clock has come to the virtual moment."""
        if self._speed is not None:
            due = self._wall + (virtual - self._virtual) / self._speed
            self._interrupts.rest(max(0.0, due - time.monotonic()))
