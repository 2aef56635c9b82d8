"""A signal that tells to end is noticed, whatever becomes of what its handler raises."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from cli.interrupts import ENDINGS, told_at_once


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
