"""A replication in the foreground: the embedded cloud, the watcher, and what signals do."""

from __future__ import annotations

import os
import secrets
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
from cli.served import Clouds, account_key, check_open
from cli.state import StateFolder
from cli.via import Unreached
from localcloud.elsewhere import Gone, Silent
from shared.acceptance import KeyInUse, NotFound, TooLate, accept, cancel, check_same, replication_id, wake
from shared.ports import StoreUnavailable
from shared.presentation import Json, letter
from shared.problem import BadInput, Problem
from shared.replication.model import change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cli.embedded import Install
    from cli.served import ServedCloud
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
    #: The address of a served cloud; none: the embedded cloud is in this process.
    cloud: str | None = None

    def refusals(self, record: Replication) -> tuple[Problem, ...]:
        """What was wrong with the request, with the file that it stands in."""
        return tuple(in_file(problem, self.request_file, "--file") for problem in record.problems)


def replicate_here(world: World, request: Request, voyage: Voyage) -> int:
    """Replicate on the embedded cloud until it has ended, and show how; the exit code."""
    state, target, began = voyage.state, request.target, time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(state.alone())
        served = _joined(voyage)
        name = _install_on(served)
        check_open(state.rows(), Clouds(state.path), name, voyage.cloud)
        before = _asked_before(request, voyage, name)
        if before is not None and before.record.ended:
            return _show_earlier(before, voyage)
        install = stack.enter_context(deployed(world, target.region, target.vswitch, voyage, served))
        id_ = _begun(request, voyage, install, before)
        if voyage.corrupt_event:
            _send_corrupt_event(id_, install)
        record = run_to_its_end(id_, install, voyage, known=len(before.record.history) if before and served else 0)
        facts = install.facts((record,))
        row, letters = _row(id_, install), install.app.store.dead_letters()
        _show(row, letters, facts, time.monotonic() - began, voyage)
        state.end_told(id_)
    return exit_code(record)


def _joined(voyage: Voyage) -> ServedCloud | None:
    """The served cloud that --cloud names; raises Unreached, with what is under way there."""
    if voyage.cloud is None:
        return None
    clouds = Clouds(voyage.state.path)
    try:
        return clouds.join(voyage.cloud, account_key(os.environ))
    except Unreached as lost:
        there = {known.install for known in clouds.known() if known.address == voyage.cloud}
        left = [row.record.id for row in voyage.state.rows() if not row.record.ended and row.record.install in there]
        if not left:
            raise
        fix = f"if its process has ended, what {left[0]} made is gone: {fit(f'close it with: ferry clean {left[0]}')}"
        raise Unreached(change(lost.problem, fix=f"{fix}; else say the same again")) from None


def _install_on(served: ServedCloud | None) -> str:
    from cli.embedded import INSTALL

    return served.known.install if served else INSTALL


def _asked_before(request: Request, voyage: Voyage, install: str) -> Row | None:
    """The replication that is meant, if it was begun before; raises BadInput when the key is another request's.

    Without a key, on a served cloud: one that is under way with this request, or one whose end nobody was told, as a
    command that was killed could not.
    """
    if voyage.key is not None:
        return _with_key(voyage.key, request, voyage, install)
    if voyage.cloud is None:
        return None
    same = [row for row in voyage.state.rows_of(install) if row.record.request == request]
    under_way = [row for row in same if not row.record.ended]
    untold = [row for row in same if voyage.state.is_awaited(row.record.id)]
    return next(reversed(under_way or untold), None)


def _with_key(key: str, request: Request, voyage: Voyage, install: str) -> Row | None:
    try:
        row = voyage.state.row(replication_id(install, key))
    except NotFound:
        return None
    try:
        check_same(row.record, request)
    except KeyInUse as other:
        fix = "give another --key, or the same request again"
        raise BadInput((Problem(path="--key", code="key_in_use", message=str(other), fix=fix),)) from None
    return row


def _begun(request: Request, voyage: Voyage, install: Install, before: Row | None) -> str:
    """The id of the replication, which is begun, or gone on with where it was left."""
    if before is not None:
        if install.served and not voyage.as_json:
            where = f"{before.record.id} is under way already, as {before.record.phase.shown}"
            Screen().say(f"{where}: it goes on from there")
        wake(before.record, install.app)
        return before.record.id
    name = install.app.settings.install
    key = voyage.key or voyage.state.next_key(request, name)
    if voyage.cloud is not None:
        voyage.state.await_end(replication_id(name, key))
    return accept(request, key, install.app).record.id


def _show_earlier(row: Row, voyage: Voyage) -> int:
    """What came of a replication that is asked for again."""
    if voyage.as_json:
        told: Json = {"problems": problems(voyage.refusals(row.record))} if is_bad_input(row.record) else {}
        print_json(told | {"replications": [present(row)], "cloud": {"seconds": 0.0, "calls": {}, "lags": []}})
    else:
        screen = Screen()
        show_outcome(row, screen, with_timeline=screen.is_live)
        screen.say(
            f"already done: {row.record.id} has this key and this request; another --key begins another"
            if voyage.key
            else f"already done: {row.record.id} ended after its command had; say the same again to begin another"
        )
    voyage.state.end_told(row.record.id)
    return exit_code(row.record)


@contextmanager
def deployed(
    world: World, home: str, vswitch: str | None, voyage: Voyage, served: ServedCloud | None = None
) -> Iterator[Install]:
    """Ferry on an embedded cloud, with the records of the voyage's folder, or in the cloud's Tablestore.

    With *served* ECS and VPC are there, in place of *world*.
    """
    state, screen = voyage.state, Screen()
    with ExitStack() as stack:
        with screen.waiting(
            "setting up Ferry here" if served else "setting up the embedded cloud", quiet=voyage.as_json
        ):
            from cli.embedded import TABLESTORE, embedded_install

            start = state.latest(_install_on(served))
            store = TABLESTORE if voyage.in_tablestore else state.file
            if served:
                # Two runs on one record must not give their messages the same ids, and no seed repeats this one.
                seed, now = secrets.randbits(32), served.now()
                start, world = max(start or now, now), world.model_copy(update={"account": served.account})
            else:
                seed = state.cloud_seed(voyage.seed)
            install = stack.enter_context(
                embedded_install(
                    world,
                    home=_home(home),
                    seed=seed,
                    store=store,
                    vswitch=vswitch,
                    start=start,
                    served=served,
                )
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
                return _run(id_, install, watcher, voyage)
            except KeyboardInterrupt:
                if interrupted:
                    break
                interrupted = True
                _cancel(id_, install, watcher)
    Screen(stderr=True).say(f"left; {_what_is_kept(id_, install)}")
    raise typer.Exit(REFUSED)


def _run(id_: str, install: Install, watcher: Watcher, voyage: Voyage) -> Replication:
    """Let time pass until it has ended; raises Unreached when the store or the served cloud can't be used."""
    try:
        return install.run_until_ended(id_, watcher.on_step, voyage.speed)
    except StoreUnavailable as trouble:
        fix = f"mend it; {_what_is_kept(id_, install)}"
        raise Unreached(Problem(path="store", code="store", message=str(trouble), fix=fix)) from None
    except Silent as silent:
        fix = f"see that its process runs; {_what_is_kept(id_, install)}"
        raise Unreached(Problem(path="cloud", code="cloud_silent", message=str(silent), fix=fix)) from None
    except Gone as gone:
        fix = f"what {id_} made is gone with it, the record is kept; {fit(f'close it with: ferry clean {id_}')}"
        raise Unreached(Problem(path="cloud", code="cloud_gone", message=str(gone), fix=fix)) from None


def _what_is_kept(id_: str, install: Install) -> str:
    """How to go on after this command has left."""
    close = fit(f"close it with: ferry clean {id_}")
    if install.served:
        return f"the record is kept, and so is the cloud: say the same again and it goes on where it was, or {close}"
    return f"the embedded cloud is gone, the record is kept; {close}"


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
