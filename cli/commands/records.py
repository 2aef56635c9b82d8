"""The commands on records: status, list, cancel and clean."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cli.hints import DEFAULT_STATE, fit
from cli.options import FAILED, AsJson, Seed, Speed, State, text_of
from cli.outcome import show_history, show_letters, show_list, show_outcome, show_under_way
from cli.present import letter, present, print_json, rows_json
from cli.running import Voyage, deployed, run_to_its_end
from cli.screen import Screen
from cli.state import InUse, StateFolder
from shared.acceptance import TooLate, cancel, clean
from shared.ports import Row

Id = Annotated[
    str, typer.Argument(metavar="ID", help="A replication, such as r-0123456789abcdef.", callback=text_of("ID"))
]


def status(
    id_: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A replication; all that run if none.", callback=text_of("ID")),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="All that was asked and seen, line by line.")] = False,
    state: State = DEFAULT_STATE,
    as_json: AsJson = False,
) -> None:
    """Show a replication, or all that are under way, and the dead letters."""
    folder = StateFolder(state)
    rows = [folder.row(id_)] if id_ else [row for row in folder.rows() if not row.record.ended]
    letters = folder.letters()
    if as_json:
        print_json({"replications": [present(row) for row in rows], "dead_letters": [letter(one) for one in letters]})
        return
    screen = Screen()
    for row in rows:
        _show(row, screen, whole=id_ is not None, history=history)
    if not rows:
        screen.say(fit("nothing is under way; what has ended: ferry list"))
    elif not folder.is_in_use() and any(not row.record.ended for row in rows):
        screen.say(
            fit(f"no ferry runs on {state} now, so this stands still; close it with: ferry clean {_an_id(rows)}")
        )
    show_letters(letters, screen)


def _show(row: Row, screen: Screen, *, whole: bool, history: bool) -> None:
    if history:
        show_history(row.record, screen)
    if row.record.ended or (whole and row.record.proof):
        show_outcome(row, screen, with_timeline=not history)
    else:
        show_under_way(row, screen)


def _an_id(rows: Sequence[Row]) -> str:
    """The id of the only one that is meant, or the place for one."""
    return rows[0].record.id if len(rows) == 1 else "ID"


def list_(state: State = DEFAULT_STATE, as_json: AsJson = False) -> None:
    """List the replications, newest first."""
    rows = StateFolder(state).rows()
    if as_json:
        print_json({"replications": rows_json(rows)})
    else:
        show_list(rows, Screen())


def cancel_(id_: Id, state: State = DEFAULT_STATE, as_json: AsJson = False) -> None:
    """Give a replication up and remove what it made; the source is never touched.

    The ferry that runs it does so, within a virtual minute.
    """
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


def clean_(id_: Id, state: State = DEFAULT_STATE, seed: Seed = 1, speed: Speed = None, as_json: AsJson = False) -> None:
    """Remove what an ended replication kept: a replica whose proof failed, its images and snapshots.

    An embedded cloud ends with the command that ran it, and its resources with it: clean then finds them gone, and
    closes the record; so it does for one that was left under way.  While another ferry runs on the folder, that one
    does the cleaning.
    """
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

    record = folder.row(id_).record
    home = record.request.target.region
    with deployed(default_world(), home, None, voyage) as install:
        store = install.app.store
        if record.ended:
            clean(id_, "operator", store, install.app.clock())
        else:
            cancel(id_, "operator", store)
        run_to_its_end(id_, install, voyage, known=len(record.history))
    return folder.row(id_)


def _leave_it_to_the_other(id_: str, folder: StateFolder, *, as_json: bool) -> None:
    latest = folder.latest()
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
