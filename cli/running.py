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
from cli.present import Json, exit_code, is_bad_input, letter, present, print_json, problems
from cli.screen import Screen
from cli.state import StateFolder
from shared.acceptance import NotFound, TooLate, accept, cancel, replication_id
from shared.problem import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cli.embedded import Install
    from localcloud.world import World
    from shared.ports import Row
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
            _send_corrupt_event(id_, state, install)
        record = run_to_its_end(id_, install, voyage)
        facts = install.facts((record,))
    _show(id_, facts, time.monotonic() - began, voyage)
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
    before, now = _fields(row.record.request.model_dump(mode="json")), _fields(request.model_dump(mode="json"))
    if before != now:
        other = "; ".join(f"{name} was {before[name]}, is {now[name]}" for name in now if before[name] != now[name])
        message = f"{row.record.id} has this key and another request: {other}"
        fix = "give another --key, or the same request again"
        raise BadInput((Problem(path="--key", code="key_in_use", message=message, fix=fix),))
    return row if row.record.ended else None


def _fields(request: Mapping[str, Any], above: str = "") -> dict[str, object]:
    """A request's fields by their paths."""
    found: dict[str, object] = {}
    for name, value in request.items():
        found |= _fields(value, f"{above}{name}.") if isinstance(value, dict) else {above + name: value}
    return found


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
    """Ferry on an embedded cloud, with the records of the voyage's folder."""
    state, screen = voyage.state, Screen()
    with ExitStack() as stack:
        with screen.waiting("setting up the embedded cloud", quiet=voyage.as_json):
            from cli.embedded import embedded_install

            seed, start = state.cloud_seed(voyage.seed), state.latest()
            install = stack.enter_context(
                embedded_install(world, home=home, seed=seed, store=state.file, vswitch=vswitch, start=start)
            )
        yield install


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


def _send_corrupt_event(id_: str, state: StateFolder, install: Install) -> None:
    """Put an event on the bus that names no replication, as a broken producer would."""
    from shared.replication.commands import CreateImage

    nothing: dict[str, Any] = {}
    install.app.bus.publish(state.row(id_).record, (CreateImage.model_construct(**nothing),))


def _show(id_: str, facts: Json, wall: float, voyage: Voyage) -> None:
    row, letters = voyage.state.row(id_), voyage.state.letters()
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
