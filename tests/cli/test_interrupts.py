"""A signal that tells to end is noticed, whatever becomes of what its handler raises."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from cli.interrupts import ENDINGS, Terminated, ended_by, told_at_once


@pytest.fixture(params=ENDINGS, ids=lambda one: one.name)
def lost(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal whose handler raises nothing that reaches anybody."""
    number: signal.Signals = request.param
    before = signal.signal(number, lambda *_: None)
    yield number
    signal.signal(number, before)


def test_it_is_told_of(lost: signal.Signals) -> None:
    """Once, though it comes twice; and not of a signal that was not asked for."""
    told, others = [], []
    came = threading.Event()

    def tell() -> None:
        told.append(lost)
        came.set()

    with told_at_once(tell, {lost}):
        os.kill(os.getpid(), lost)
        assert came.wait(30)
        os.kill(os.getpid(), lost)
    with told_at_once(lambda: others.append(lost), set(ENDINGS) - {lost}):
        os.kill(os.getpid(), lost)
    assert (told, others) == ([lost], [])


def test_what_fails_while_a_process_ends_is_no_trouble_of_its_own() -> None:
    """What told it to end is found behind it; behind any other trouble nothing is."""
    with pytest.raises(ValueError, match="closed") as masked:
        try:
            raise Terminated
        finally:
            raise ValueError("closed")
    assert isinstance(ended_by(masked.value), Terminated)
    assert ended_by(ValueError("closed")) is None
