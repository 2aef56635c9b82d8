"""The commands on records: status, list, cancel and clean."""

import os
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import typer

from cli.hints import DEFAULT_STATE, fit
from cli.options import FAILED, AsJson, Seed, Speed, State, text_of
from cli.outcome import show_history, show_letters, show_list, show_outcome, show_under_way
from cli.present import present, print_json
from cli.running import Voyage, deployed, run_to_its_end
from cli.screen import Screen
from cli.served import Clouds, account_key, check_open, still_served
from cli.state import InUse, StateFolder
from cli.via import Deployed, HomeRegion, Via, deployed_by
from shared.acceptance import TooLate, cancel, clean
from shared.ports import DeadLetter, Row
from shared.presentation import Json, letter, rows_json
from shared.replication.record import Replication

Id = Annotated[
    str, typer.Argument(metavar="ID", help="A replication, such as r-0123456789abcdef.", callback=text_of("ID"))
]


def status(
    context: typer.Context,
    id_: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A replication; all that run if none.", callback=text_of("ID")),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="All that was asked and seen, line by line.")] = False,
    state: State = DEFAULT_STATE,
    via: Via = None,
    region: HomeRegion = None,
    as_json: AsJson = False,
) -> None:
    """Show a replication, or all that are under way, and the dead letters."""
    there = deployed_by(context, via, region)
    found = _found_there(id_, there) if there else _found_here(id_, StateFolder(state))
    if as_json:
        letters = [letter(one) for one in found.letters]
        more: Json = {"more": True} if found.more else {}
        print_json({"replications": [present(row) for row in found.rows], **more, "dead_letters": letters})
        return
    screen = Screen()
    for row in found.rows:
        _show(row, screen, whole=id_ is not None, history=history, virtual=there is None)
    if not found.rows:
        screen.say(fit("nothing is under way; what has ended: ferry list"))
    if found.more:
        screen.say(f"there are more: these are {len(found.rows)} of them")
    if found.note:
        screen.say(fit(found.note))
    show_letters(found.letters, screen)


class _Found(NamedTuple):
    """What status shows, and what there is to say of it."""

    rows: Sequence[Row]
    letters: Sequence[DeadLetter]
    note: str = ""
    more: bool = False


def _found_here(id_: str | None, folder: StateFolder) -> _Found:
    rows = [folder.row(id_)] if id_ else [row for row in folder.rows() if not row.record.ended]
    stands_still = not folder.is_in_use() and any(not row.record.ended for row in rows)
    return _Found(rows, folder.letters(), _left_alone(rows, folder) if stands_still else "")


def _left_alone(rows: Sequence[Row], folder: StateFolder) -> str:
    """What to do about what stands still; where it can go on, the cloud in which it can."""
    known = [Clouds(folder.path).of(row.record.install) for row in rows if not row.record.ended]
    addresses = sorted({cloud.address for cloud in known if cloud})
    go_on = f"go on: give its request again, with --cloud {addresses[0]}; or " if addresses else ""
    close = f"close it with: ferry clean {_an_id(rows)}"
    return f"no ferry runs on {folder.path} now, so this stands still; {go_on}{close}"


def _found_there(id_: str | None, there: Deployed) -> _Found:
    rows, more = ([there.row(id_)], False) if id_ else there.rows(under_way=True)
    return _Found(rows, there.letters(), more=more)


def _show(row: Row, screen: Screen, *, whole: bool, history: bool, virtual: bool) -> None:
    if history:
        show_history(row.record, screen)
    if row.record.ended or (whole and row.record.proof):
        show_outcome(row, screen, with_timeline=not history)
    else:
        show_under_way(row, screen, virtual=virtual)


def _an_id(rows: Sequence[Row]) -> str:
    """The id of the only one that is meant, or the place for one."""
    return rows[0].record.id if len(rows) == 1 else "ID"


def list_(
    context: typer.Context,
    state: State = DEFAULT_STATE,
    via: Via = None,
    region: HomeRegion = None,
    as_json: AsJson = False,
) -> None:
    """List the replications, newest first; of a deployed install's the newest 100."""
    there = deployed_by(context, via, region)
    rows, more = there.rows(under_way=False) if there else (StateFolder(state).rows(), False)
    if as_json:
        print_json({"replications": rows_json(rows), **({"more": True} if more else {})})
        return
    show_list(rows, Screen())
    if more:
        Screen().say(f"there are more: these are the newest {len(rows)}")


def cancel_(
    context: typer.Context,
    id_: Id,
    state: State = DEFAULT_STATE,
    via: Via = None,
    region: HomeRegion = None,
    as_json: AsJson = False,
) -> None:
    """Give a replication up and remove what it made; the source is never touched.

    The ferry that runs it does so, within a virtual minute; a deployed install within a minute.
    """
    if there := deployed_by(context, via, region):
        _say_asked(there.cancel(id_).record, "cancel", "cancellation asked", as_json=as_json)
        return
    folder = StateFolder(state)
    folder.row(id_)
    record = cancel(id_, "operator", folder.store())
    if as_json:
        print_json({"id": record.id, "phase": record.phase.shown, "cancel": True})
        return
    what = (
        "follow it with: ferry status"
        if folder.is_in_use()
        else "no ferry runs here now, so close it with: ferry clean"
    )
    Screen().say(f"{record.id}: cancellation asked; {fit(f'{what} {record.id}')}")


def _say_asked(record: Replication, act: str, said: str, *, as_json: bool) -> None:
    """What was asked of a deployed install, which does it by itself."""
    if as_json:
        print_json({"id": record.id, "phase": record.phase.shown, act: True})
    else:
        Screen().say(f"{record.id}: {said}; {fit(f'follow it with: ferry status {record.id}')}")


def clean_(
    context: typer.Context,
    id_: Id,
    state: State = DEFAULT_STATE,
    seed: Seed = 1,
    speed: Speed = None,
    via: Via = None,
    region: HomeRegion = None,
    as_json: AsJson = False,
) -> None:
    """Remove what an ended replication kept: a replica whose proof failed, its images and snapshots.

    An embedded cloud ends with the command that ran it, and its resources with it: clean then finds them gone, and
    closes the record; so it does for one that was left under way.  On a served cloud that still runs it removes what
    is there.  While another ferry runs on the folder, that one
    does the cleaning; with --via the deployed install does it.
    """
    if there := deployed_by(context, via, region):
        _say_asked(there.clean(id_).record, "clean", "cleaning asked", as_json=as_json)
        return
    folder = StateFolder(state)
    folder.row(id_)
    try:
        with folder.alone():
            row = _clean_here(id_, folder, Voyage(folder, seed, speed, as_json=as_json))
    except InUse:
        _leave_it_to_the_other(id_, folder, as_json=as_json)
        return
    if as_json:
        print_json({"replications": [present(row)]})
    else:
        show_outcome(row, Screen(), with_timeline=False)
    raise typer.Exit(FAILED if any(r.state == "left_behind" for r in row.record.resources) else 0)


def _clean_here(id_: str, folder: StateFolder, voyage: Voyage) -> Row:
    from localcloud.world import default_world

    record, clouds, key = folder.row(id_).record, Clouds(folder.path), account_key(os.environ)
    known = clouds.of(record.install)
    served = still_served(known, key) if known else None
    alive = [row for row in folder.rows() if (there := clouds.of(row.record.install)) and still_served(there, key)]
    check_open(alive, clouds, record.install, None)
    home = record.request.target.region
    with deployed(default_world(), home, None, voyage, served) as install:
        store = install.app.store
        if record.ended:
            clean(id_, "operator", store, install.app.clock())
        else:
            cancel(id_, "operator", store)
        run_to_its_end(id_, install, voyage, known=len(record.history))
    folder.end_told(id_)
    return folder.row(id_)


def _leave_it_to_the_other(id_: str, folder: StateFolder, *, as_json: bool) -> None:
    latest = folder.latest(folder.row(id_).record.install)
    if latest is None:
        raise TooLate(f"{id_} is being begun: try again")
    record = clean(id_, "operator", folder.store(), latest)
    if as_json:
        print_json({"id": record.id, "phase": record.phase.shown, "clean": True})
    else:
        Screen().say(
            f"{record.id}: cleaning asked of the ferry that runs here; "
            + fit(f"follow it with: ferry status {record.id}")
        )
