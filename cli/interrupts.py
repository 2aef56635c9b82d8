"""Ctrl-C is answered at once, whatever the main thread is busy with."""

import os
import signal
import threading
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager

#: What tells a process to end.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = "cancelling and cleaning up as soon as the step under way ends; Ctrl-C again leaves at once"


class Terminated(BaseException):
    """The process was told to end: it leaves at once, but tidily."""


def ended_by(trouble: BaseException) -> KeyboardInterrupt | Terminated | None:
    """What told the process to end, if that is what *trouble* came of.

    A function's thread that is left in the middle of its work may fail on what is taken down meanwhile.
    """
    cause: BaseException | None = trouble
    while cause is not None and not isinstance(cause, (KeyboardInterrupt, Terminated)):
        cause = cause.__context__
    return cause


@contextmanager
def told_at_once(tell: Callable[[], None], on: Container[int] = (signal.SIGINT,)) -> Iterator[None]:
    """Call *tell*, in a thread of its own, the moment the first of the signals *on* comes.

    Python runs a signal's handler in the main thread, which holds an interrupt back until a step has ended, or loses
    it when it is just then letting go of something; the number of a signal is written to the wakeup descriptor at
    once.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(reading, tell, on), daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)
        listener.join()
        os.close(reading)


def _listen(reading: int, tell: Callable[[], None], on: Container[int]) -> None:
    """Tell of the first signal; return when the other end is closed."""
    told = False
    while came := os.read(reading, 1):
        if came[0] in on and not told:
            told = True
            tell()
