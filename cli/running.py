"""A replication in the foreground: the embedded cloud, the watcher, and what signals do."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import typer

from cli.bars import Watcher
from cli.hints import fit
from cli.inputs import in_file
from cli.interrupts import INTERRUPTED, told_at_once
from cli.options import REFUSED
from cli.outcome import show_letters, show_outcome, show_problems, show_run
from cli.present import exit_code, is_bad_input, present, print_json, problems
from cli.screen import Screen
from cli.state import StateFolder
from shared.acceptance import KeyInUse, NotFound, TooLate, accept, cancel, check_same, replication_id
from shared.presentation import Json, letter
from shared.problem import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cli.embedded import Install
    from localcloud.world import World
    from shared.ports import DeadLetter, Row
    from shared.replication.record import Replication
    from shared.replication.request import Request


@dataclass(frozen=True)
class Voyage:
    """What a run on the embedded cloud is told."""

    state: StateFolder
    seed: int
    speed: float | None = None
    key: str | None = None
    corrupt_event: bool = False
    as_json: bool = False
    request_file: Path | None = None
    in_tablestore: bool = False

    def refusals(self, record: Replication) -> tuple[Problem, ...]:
        """What was wrong with the request, with the file that it stands in."""
        return tuple(in_file(problem, self.request_file, "--file") for problem in record.problems)


def replicate_here(world: World, request: Request, voyage: Voyage) -> int:
    """Replicate on the embedded cloud until it has ended, and show how; the exit code."""
    state, target, began = voyage.state, request.target, time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(state.alone())
        if (earlier := _earlier(request, voyage)) is not None:
            return _show_earlier(earlier, voyage)
        install = stack.enter_context(deployed(world, target.region, target.vswitch, voyage))
        id_ = accept(request, voyage.key or state.next_key(request), install.app).record.id
        if voyage.corrupt_event:
            _send_corrupt_event(id_, install)
        record = run_to_its_end(id_, install, voyage)
        facts = install.facts((record,))
        row, letters = _row(id_, install), install.app.store.dead_letters()
    _show(row, letters, facts, time.monotonic() - began, voyage)
    return exit_code(record)


def _earlier(request: Request, voyage: Voyage) -> Row | None:
    """The replication that has ended under the voyage's key; raises BadInput when the key is another request's."""
    from cli.embedded import INSTALL

    if voyage.key is None:
        return None
    try:
        row = voyage.state.row(replication_id(INSTALL, voyage.key))
    except NotFound:
        return None
    try:
        check_same(row.record, request)
    except KeyInUse as other:
        fix = "give another --key, or the same request again"
        raise BadInput((Problem(path="--key", code="key_in_use", message=str(other), fix=fix),)) from None
    return row if row.record.ended else None


def _show_earlier(row: Row, voyage: Voyage) -> int:
    """What came of a replication that is asked for again."""
    if voyage.as_json:
        told: Json = {"problems": problems(voyage.refusals(row.record))} if is_bad_input(row.record) else {}
        print_json(told | {"replications": [present(row)], "cloud": {"seconds": 0.0, "calls": {}, "lags": []}})
    else:
        screen = Screen()
        show_outcome(row, screen, with_timeline=screen.is_live)
        screen.say(f"already done: {row.record.id} has this key and this request; another --key begins another")
    return exit_code(row.record)


@contextmanager
def deployed(world: World, home: str, vswitch: str | None, voyage: Voyage) -> Iterator[Install]:
    """Ferry on an embedded cloud, with the records of the voyage's folder, or in the cloud's Tablestore."""
    state, screen = voyage.state, Screen()
    with ExitStack() as stack:
        with screen.waiting("setting up the embedded cloud", quiet=voyage.as_json):
            from cli.embedded import TABLESTORE, embedded_install

            seed, start = state.cloud_seed(voyage.seed), state.latest()
            store = TABLESTORE if voyage.in_tablestore else state.file
            install = stack.enter_context(
                embedded_install(world, home=_home(home), seed=seed, store=store, vswitch=vswitch, start=start)
            )
        yield install


def _home(target: str) -> str:
    """Where the functions run: in the target's region, or where there is none such, in one in which they can say so."""
    from localcloud.cloud import CENTRAL_REGION
    from localcloud.regions import ZONES

    return target if target in ZONES else CENTRAL_REGION


def run_to_its_end(id_: str, install: Install, voyage: Voyage, *, known: int = 0) -> Replication:
    """Let time pass until the replication has ended; Ctrl-C once cancels it, twice leaves.

    The first *known* lines of its history are not told again.
    """
    screen = Screen(stderr=voyage.as_json)
    clock = install.app.clock
    interrupted = False
    with (
        Watcher(install.app.store, id_, screen, clock, quiet=voyage.as_json, known=known) as watcher,
        told_at_once(lambda: watcher.say(INTERRUPTED)),
    ):
        while True:
            try:
                return install.run_until_ended(id_, watcher.on_step, voyage.speed)
            except KeyboardInterrupt:
                if interrupted:
                    break
                interrupted = True
                _cancel(id_, install, watcher)
    kept = fit(f"the embedded cloud is gone, the record is kept; close it with: ferry clean {id_}")
    Screen(stderr=True).say(f"left; {kept}")
    raise typer.Exit(REFUSED)


def _cancel(id_: str, install: Install, watcher: Watcher) -> None:
    try:
        cancel(id_, "operator", install.app.store)
    except TooLate as no:
        watcher.say(f"not cancelled: {no}; Ctrl-C again leaves at once")


def _row(id_: str, install: Install) -> Row:
    row = install.app.store.load(id_)
    assert row is not None, "rows are never deleted"
    return row


def _send_corrupt_event(id_: str, install: Install) -> None:
    """Put an event on the bus that names no replication, as a broken producer would."""
    from shared.replication.commands import CreateImage

    nothing: dict[str, Any] = {}
    install.app.bus.publish(_row(id_, install).record, (CreateImage.model_construct(**nothing),))


def _show(row: Row, letters: Sequence[DeadLetter], facts: Json, wall: float, voyage: Voyage) -> None:
    refused = is_bad_input(row.record)
    if voyage.as_json:
        told: Json = {"problems": problems(voyage.refusals(row.record))} if refused else {}
        told |= {"replications": [present(row)], "cloud": facts}
        print_json(told | ({"dead_letters": [letter(one) for one in letters]} if letters else {}))
        return
    if refused:
        show_problems(voyage.refusals(row.record), Screen(stderr=True))
        return
    screen = Screen()
    show_outcome(row, screen, with_timeline=screen.is_live)
    show_letters(letters, screen)
    calls, seconds = facts["calls"], facts["seconds"]
    assert isinstance(calls, dict) and isinstance(seconds, float)
    show_run(row, timedelta(seconds=seconds), wall, sum(calls.values()), screen)
