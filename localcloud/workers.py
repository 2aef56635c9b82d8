"""Threads that are used again: a new one for each invocation would cost more than most invocations do."""

import contextvars
import threading
from collections.abc import Callable


class Worker:
    """A thread that does one job after another, and is parked in between."""

    def __init__(self) -> None:
        self._job: Callable[[], None] | None = None
        self._wake = threading.Lock()
        self._wake.acquire()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def begin(self, name: str, job: Callable[[], None]) -> None:
        """Have *job* done in the worker's thread, which bears its *name* and has a context of its own for it."""
        self._job = job
        self.thread.name = name
        self._wake.release()
        if self.thread.ident is None:
            self.thread.start()

    def end(self) -> None:
        """End the thread, at once when it is parked, else after its job; who asks may be the thread itself."""
        self._wake.release()

    def _work(self) -> None:
        while True:
            self._wake.acquire()
            job, self._job = self._job, None
            if job is None:
                return
            contextvars.Context().run(job)
            del job  # what it holds must not wait for the next one
