"""What can be asked of an install, one function a question: the API, and any other way in, calls these."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from shared import acceptance
from shared.acceptance import Acceptance, NotFound
from shared.app import App
from shared.ports import DeadLetter, Row
from shared.replication.request import Request

#: A list holds this many at most: whole rows of so many fit into one answer of a function.
MOST_LISTED = 100


class Page(NamedTuple):
    """The first of a list, and whether there are more."""

    rows: Sequence[Row]
    more: bool


class Letters(NamedTuple):
    """The newest dead letters, and whether there are more."""

    letters: Sequence[DeadLetter]
    more: bool


def start(request: Request, key: str, app: App) -> Acceptance:
    """Begin the replication, or give the one that the key began; raises KeyInUse."""
    return acceptance.enter(request, key, app)


def show(id_: str, app: App) -> Row:
    """One replication; raises NotFound."""
    row = app.store.load(id_)
    if row is None:
        raise NotFound(f"there is no replication {id_}")
    return row


def newest(limit: int, app: App) -> Page:
    """The replications that were accepted last, newest first."""
    found = app.store.records(limit=limit + 1)
    return Page(found[:limit], more=len(found) > limit)


def under_way(limit: int, app: App) -> Page:
    """Replications that have not ended, newest first; when there are more, those that want attention first."""
    entries = list(islice(app.store.open_entries(), limit + 1))
    rows = [row for entry in entries[:limit] if (row := app.store.load(entry.id))]
    return Page(sorted(rows, key=lambda row: row.record.accepted_at, reverse=True), more=len(entries) > limit)


def dead_letters(limit: int, app: App) -> Letters:
    """The dead letters, newest first."""
    found = app.store.dead_letters(limit=limit + 1)
    return Letters(found[:limit], more=len(found) > limit)


def cancel(id_: str, by: str, app: App) -> Row:
    """Ask to give up and clean up; raises NotFound or TooLate."""
    acceptance.cancel(id_, by, app.store, app.clock())
    return show(id_, app)


def clean(id_: str, by: str, app: App) -> Row:
    """Ask to remove what an ended replication kept; raises NotFound or TooLate."""
    acceptance.clean(id_, by, app.store, app.clock())
    return show(id_, app)
