"""A replication in the foreground: the embedded cloud, the watcher, and what signals do."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import typer

from cli.bars import Watcher
from cli.options import REFUSED
from cli.outcome import show_letters, show_outcome, show_problems, show_run
from cli.present import Json, exit_code, is_bad_input, letter, present, print_json, problems
from cli.screen import Screen
from cli.state import StateFolder
from shared.acceptance import TooLate, accept, cancel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.embedded import Install
    from localcloud.world import World
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


def replicate_here(world: World, request: Request, voyage: Voyage) -> int:
    """Replicate on the embedded cloud until it has ended, and show how; the exit code."""
    state, target, began = voyage.state, request.target, time.monotonic()
    with state.alone(), deployed(world, target.region, target.vswitch, voyage) as install:
        id_ = accept(request, voyage.key or state.next_key(request), install.app).record.id
        if voyage.corrupt_event:
            _send_corrupt_event(id_, state, install)
        record = run_to_its_end(id_, install, voyage)
        facts = install.facts((record,))
    _show(state, id_, facts, time.monotonic() - began, as_json=voyage.as_json)
    return exit_code(record)


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
    with Watcher(install.app.store, id_, screen, clock, quiet=voyage.as_json, known=known) as watcher:
        while True:
            try:
                return install.run_until_ended(id_, watcher.on_step, voyage.speed)
            except KeyboardInterrupt:
                if interrupted:
                    break
                interrupted = True
                watcher.say(_cancelled(id_, install))
    Screen(stderr=True).say(f"left; the embedded cloud is gone, the record is kept: ferry clean {id_} closes it")
    raise typer.Exit(REFUSED)


def _cancelled(id_: str, install: Install) -> str:
    try:
        cancel(id_, "operator", install.app.store)
    except TooLate as no:
        return f"{no}; Ctrl-C again leaves at once"
    return "cancelling and cleaning up; Ctrl-C again leaves at once"


def _send_corrupt_event(id_: str, state: StateFolder, install: Install) -> None:
    """Put an event on the bus that names no replication, as a broken producer would."""
    from shared.replication.commands import CreateImage

    nothing: dict[str, Any] = {}
    install.app.bus.publish(state.row(id_).record, (CreateImage.model_construct(**nothing),))


def _show(state: StateFolder, id_: str, facts: Json, wall: float, *, as_json: bool) -> None:
    row, letters = state.row(id_), state.letters()
    refused = is_bad_input(row.record)
    if as_json:
        told: Json = {"problems": problems(row.record.problems)} if refused else {}
        told |= {"replications": [present(row)], "cloud": facts}
        print_json(told | ({"dead_letters": [letter(one) for one in letters]} if letters else {}))
        return
    if refused:
        show_problems(row.record.problems, Screen(stderr=True))
        return
    screen = Screen()
    show_outcome(row, screen, with_timeline=screen.is_live)
    show_letters(letters, screen)
    calls, seconds = facts["calls"], facts["seconds"]
    assert isinstance(calls, dict) and isinstance(seconds, float)
    show_run(row, timedelta(seconds=seconds), wall, sum(calls.values()), screen)
