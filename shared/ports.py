"""What the functions need from outside, in our words.  Adapters are in shared/store and shared/cloud."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from pydantic import Field

from shared.replication.commands import Command
from shared.replication.model import Kept, Moment
from shared.replication.record import Replication


class TryAgain(Exception):  # noqa: N818 - it says what to do
    """A passing fault: the same will be asked again."""


class NotYet(TryAgain):
    """Something else has to end first, or the cloud is being asked too often: ask again, but after a pause."""

    def __init__(self, what: str, pause: timedelta) -> None:
        super().__init__(what)
        self.pause = pause


class StoreUnavailable(TryAgain):
    """The store can't be used: held, damaged, full, not to be written, or of a newer release; says what to do."""


class Hints(Kept):
    """What helps to look and to ask again; written without the version check, lost without harm."""

    next_at: Moment
    asks: int = 0
    looks: int = 0
    progress: int | None = None
    trail: str = ""
    missed_at: Moment | None = None
    trouble: str = Field("", description="the passing fault that came last")


class Row(Kept):
    """A replication as it is stored."""

    record: Replication
    hints: Hints


class Entry(Kept):
    """One line of the list of open replications: derived columns and hints, which may lag behind the row."""

    id: str
    version: int
    region: str
    phase: str
    hints: Hints


class DeadLetter(Kept):
    """A message that nobody could act on."""

    id: str
    at: Moment
    origin: str
    reason: str
    body: str


class Store(Protocol):
    """One row a replication; a write succeeds only on the version that was read.

    Every method raises StoreUnavailable when the store can't be used.
    """

    def add(self, record: Replication, hints: Hints) -> Row:
        """Put *record* if its id is new; give what is stored then."""

    def load(self, id: str) -> Row | None:
        """The row, or None.  Raises TryAgain when it was written by a newer release."""

    def replace(self, record: Replication, hints: Hints, *, expected: int) -> bool:
        """Write record, derived columns and hints together, if the stored version is *expected*; whether it was."""

    def hint(self, id: str, version: int, hints: Hints) -> None:
        """Write hints only, and only if the row still has *version*; a row that moved on is left alone."""

    def open_entries(self, *, region: str | None = None, before: Moment | None = None) -> Iterator[Entry]:
        """The replications that have not ended, by `next_at`, then id.

        With *region* only that region's; with *before* only those whose `next_at` is not later.
        """

    def waiting_for(self, resource: str) -> Sequence[str]:
        """The ids of the replications that wait for something that this resource's events tell of."""

    def records(self, *, limit: int = 100) -> Sequence[Row]:
        """The replications that were accepted last, newest first."""

    def keep_dead_letter(self, letter: DeadLetter) -> None:
        """Keep *letter*; the same id again changes nothing."""

    def dead_letters(self, *, limit: int = 100) -> Sequence[DeadLetter]:
        """The letters kept last, newest first."""


class Bus(Protocol):
    """Where commands go."""

    def publish(self, record: Replication, commands: Sequence[Command]) -> None:
        """Send the commands that are due; raises TryAgain if one was not taken."""


class Looks(Protocol):
    """Where delayed looks go, and what carries messages."""

    def look_later(self, region: str, delay_seconds: int) -> None:
        """Wake `watch` for *region* after the delay."""

    def make_queue(self, name: str) -> bool:
        """Make a queue if it is not there; whether it was made."""

    def make_topic(self, name: str) -> bool:
        """Make a topic if it is not there; whether it was made."""
