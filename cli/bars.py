"""A replication under way: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.screen import Screen, span
from cli.stages import Stage, check_stage, stages
from shared.ports import Row, Store
from shared.presentation import since
from shared.replication.phases import Phase
from shared.replication.record import Line, Replication

_LOOK_EVERY = 0.04
_BAR = 16
#: What a guest is at, for as long as one of its scripts runs: the longest steps of all.
_DOING = {
    Phase.MANIFEST_DUE: "reading the source's disks",
    Phase.MEASURING: "reading the source's disks",
    Phase.PROOF_DUE: "reading the replica's disks",
    Phase.PROVING: "reading the replica's disks",
}


class Watcher:
    """Shows one replication while it runs; says nothing when it is to be quiet."""

    def __init__(
        self, store: Store, id_: str, screen: Screen, now: Callable[[], datetime], *, quiet: bool, known: int = 0
    ) -> None:
        self._store, self._id, self._screen, self._now, self._quiet = store, id_, screen, now, quiet
        self._lines = known
        self._looked = 0.0
        #: The most that each stage's wait has shown: what the record forgets at a change, the eye does not.
        self._percent: dict[str, int] = {}
        #: Refreshed in a thread of its own, so that a pulse moves on while a long step is under way.
        self._live = Live(console=screen.console, refresh_per_second=8, transient=True) if screen.is_live else None

    def __enter__(self) -> "Watcher":
        if self._live and not self._quiet:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._update()
        if self._live:
            self._live.stop()

    def on_step(self) -> None:
        """Show what has changed, at most 25 times a second."""
        if self._quiet or time.monotonic() - self._looked < _LOOK_EVERY:
            return
        self._looked = time.monotonic()
        self._update()

    def say(self, text: str) -> None:
        """A line for a person, above the bars."""
        self._screen.say(text)

    def _update(self) -> None:
        row = None if self._quiet else self._store.load(self._id)
        if row is None:
            return
        if self._live:
            self._live.update(self._drawn(row), refresh=True)
        else:
            self._print_new_lines(row)

    def _drawn(self, row: Row) -> Table:
        record, now = row.record, self._now()
        drawn = Table.grid(padding=(0, 2))
        drawn.add_row("", Text(f"{since(now - record.accepted_at)} virtual", "dim"), _where(record))
        check = check_stage(record)
        drawn.add_row(f"  {check.name:<5}", _bar(check, None), _said(check, None, record, now))
        for stage in stages(row):
            if stage.percent is not None:
                self._percent[stage.name] = max(stage.percent, self._percent.get(stage.name, 0))
            percent = self._percent.get(stage.name)
            drawn.add_row(f"  {stage.name:<5}", _bar(stage, percent), _said(stage, percent, record, now))
        return drawn

    def _print_new_lines(self, row: Row) -> None:
        record = row.record
        for line in record.history[self._lines :]:
            say_line(line, record.accepted_at, self._screen)
        self._lines = len(record.history)


def say_line(line: Line, start: datetime, screen: Screen) -> None:
    """One line of a history."""
    screen.say(f"{since(line.at - start)}  {line.phase.shown:<11}  {line.kind.value:<5}  {line.what}")


def _where(record: Replication) -> str:
    """The phase, and until the end that a cancellation was asked for, here or in another terminal."""
    by = f" by {record.cancel.by}" if record.cancel and record.cancel.by else ""
    return record.phase.shown + (f"; cancellation{by} asked for" if record.cancel and not record.ended else "")


def _bar(stage: Stage, percent: int | None) -> ProgressBar:
    if stage.done:
        return ProgressBar(total=100, completed=100, width=_BAR)
    if stage.began is None or stage.stopped or percent is not None:
        return ProgressBar(total=100, completed=percent or 0, width=_BAR)
    # The cloud tells no percentage here: the bar moves, and claims nothing.
    return ProgressBar(total=None, width=_BAR, pulse=True)


def _said(stage: Stage, percent: int | None, record: Replication, now: datetime) -> str:
    if stage.began is None:
        return ""
    if stage.done:
        return f"done in {span(stage.done - stage.began)}"
    if stage.stopped:
        return "stopped" if percent is None else f"stopped at {percent} %"
    taken = now - stage.began
    if percent is None:
        return f"{_DOING.get(record.phase, stage.phase)}, {span(taken)}"
    return f"{percent:>3} %  {_rate(percent, taken)}"


def _rate(percent: int, taken: timedelta) -> str:
    """The rate since the stage began, as the cloud's own percentage tells it, and what is left at that rate."""
    minutes = taken.total_seconds() / 60
    if not percent or minutes < 1:
        return f"{span(taken)} so far"
    left = "" if percent == 100 else f", about {_left(taken, taken * (100 - percent) / percent)} left"
    return f"{percent / minutes:.1f} %/min, {span(taken)} so far{left}"


def _left(taken: timedelta, left: timedelta) -> str:
    """A span, without its unit where that is the same as the other's."""
    told, unit = span(left), " min"
    return told.removesuffix(unit) if span(taken).endswith(unit) and " h " not in told + span(taken) else told
