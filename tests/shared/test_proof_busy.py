"""A proof of disks that are being written to: only equal digests are the same."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.replication.proof import Side, Verdict, begin, learn, next_question, verdict
from tests.shared.digesting import SYSTEM, Guest, copy_of

DAMAGED = "srv/117/file c"


@contextmanager
def written_to(file: Path) -> Iterator[None]:
    """*file* grows all the while."""
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.001):
            with file.open("a") as opened:
                opened.write("x")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


@pytest.mark.parametrize("busy", Side)
def test_damage_that_can_not_be_read_again_is_never_the_same(busy: Side, tmp_path: Path) -> None:
    """A difference whose place is being written to when it is asked about is different or not proved."""
    source = Guest(tmp_path / "source")
    for folder in range(130):
        place = source.disk() / f"srv/{folder}"
        place.mkdir(parents=True)
        for name in "abcdefgh":
            (place / f"file {name}").write_text(f"{folder} {name}")
    manifest = source.manifest(SYSTEM)
    replica = copy_of(source, tmp_path / "replica")
    (replica.disk() / DAMAGED).write_text("not what the source held")
    exam = begin(manifest, (SYSTEM,))
    while question := next_question(exam):
        guest = source if question.side is Side.SOURCE else replica
        if question.side is busy and exam.replica is not None:
            with written_to(guest.disk() / DAMAGED):
                output = guest.run(question.parameter).output
        else:
            output = guest.run(question.parameter).output
        exam = learn(exam, question.side, output)
    assert verdict(exam).verdict is not Verdict.SAME
