"""A replication on a deployed Ferry: begin it, and follow it to its end."""

from __future__ import annotations

import secrets
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from cli.bars import say_line
from cli.hints import fit
from cli.inputs import in_file
from cli.options import REFUSED
from cli.outcome import show_outcome, show_problems
from cli.present import exit_code, is_bad_input, present, print_json, problems
from cli.screen import Screen
from cli.via import Deployed, Unreached
from shared.ports import Row, TryAgain
from shared.presentation import Json
from shared.problem import BadInput, Problem
from shared.replication.record import Replication
from shared.replication.request import Request

#: Pauses between two questions, in seconds: longer while nothing changes.
_FIRST, _LONGEST, _GROWTH = 3.0, 30.0, 1.2
#: So often in a row no answer is put up with: some minutes.
_MOST_LOST = 10


@dataclass(frozen=True)
class Errand:
    """What `replicate --via` is told."""

    request: Request
    file: Path
    key: str | None
    wait: bool
    as_json: bool

    def told(self, found: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """Problems of the request, with the file that it stands in; an option's stay as they are."""
        return tuple(p if p.path.startswith("--") else in_file(p, self.file, "--file") for p in found)


def replicate_there(deployed: Deployed, errand: Errand) -> int:
    """Begin the replication there, follow it if it is to be waited for, and show it; the exit code."""
    key = errand.key or secrets.token_hex(8)
    row, new = _started(deployed, errand, key)
    screen, id_ = Screen(), row.record.id
    if not errand.as_json:
        screen.say(f"{id_}: {'accepted' if new else 'there already'}; its key is {key}")
    if errand.wait:
        row = followed(row, deployed, None if errand.as_json else screen)
    if errand.as_json:
        refused: Json = {"problems": problems(errand.told(row.record.problems))} if is_bad_input(row.record) else {}
        print_json({**refused, "replications": [present(row)], "key": key})
    elif row.record.ended:
        _show(row, errand, screen)
    else:
        screen.say(fit(f"it goes on without this command; follow it with: ferry status {id_}"))
    return exit_code(row.record) if row.record.ended else 0


def _started(deployed: Deployed, errand: Errand, key: str) -> tuple[Row, bool]:
    try:
        return deployed.start(errand.request, key)
    except BadInput as bad:
        raise BadInput(errand.told(bad.problems)) from None
    except KeyboardInterrupt:
        again = f"say the same again with --key {shlex.quote(key)}: it can't begin twice"
        Screen(stderr=True).say(f"interrupted; whether it was begun is not known; {again}")
        raise typer.Exit(REFUSED) from None


def _show(row: Row, errand: Errand, screen: Screen) -> None:
    if is_bad_input(row.record):
        show_problems(errand.told(row.record.problems), Screen(stderr=True))
        return
    show_outcome(row, screen, with_timeline=screen.is_live)


def followed(row: Row, deployed: Deployed, screen: Screen | None) -> Row:
    """The row when it has ended, told on *screen* as it goes; Ctrl-C leaves it running there."""
    id_ = row.record.id
    try:
        with _telling(screen) as tell:
            return _until_ended(row, deployed, tell)
    except KeyboardInterrupt:
        goes_on = fit(f"follow it with: ferry status {id_}; give it up with: ferry cancel {id_}")
        Screen(stderr=True).say(f"left; {id_} goes on there; {goes_on}")
        raise typer.Exit(REFUSED) from None


def _until_ended(row: Row, deployed: Deployed, tell: Callable[[Row, int], None]) -> Row:
    known, pause = 0, _FIRST
    while True:
        tell(row, known)
        if row.record.ended:
            return row
        moved = len(row.record.history) > known
        known, pause = len(row.record.history), _FIRST if moved else min(pause * _GROWTH, _LONGEST)
        row = _asked(row.record, deployed, pause)


def _asked(record: Replication, deployed: Deployed, pause: float) -> Row:
    """The row after a pause; no answer is put up with for some minutes."""
    for _ in range(_MOST_LOST):
        time.sleep(pause)  # noqa: TID251 - a person waits here, no function
        try:
            return deployed.row(record.id)
        except TryAgain as lost:
            why, pause = str(lost), _LONGEST
    fix = fit(f"it goes on there; follow it with: ferry status {record.id}")
    raise Unreached(Problem(path="--via", code="try_again", message=why, fix=fix))


@contextmanager
def _telling(screen: Screen | None) -> Iterator[Callable[[Row, int], None]]:
    """What tells the lines of a history from one on; on a terminal where it is, too, for as long as it is there."""
    if screen is None:
        yield lambda _row, _known: None
        return
    with screen.standing() as stand:

        def tell(row: Row, known: int) -> None:
            for line in row.record.history[known:]:
                say_line(line, row.record.accepted_at, screen)
            progress = "" if row.hints.progress is None else f" {row.hints.progress} %"
            stand(f"{row.record.phase.shown}{progress}")

        yield tell
