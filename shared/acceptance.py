"""Accepted means written: every way in puts the record first, then publishes what is due."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from shared.app import App
from shared.log import log
from shared.ports import Hints, Row, Store, TryAgain
from shared.replication.machine import advance, ask_to_cancel, begin, is_past_cancelling
from shared.replication.observations import CleanAsked
from shared.replication.record import Replication
from shared.replication.request import Request
from shared.schedule import fresh_hints
from shared.step import publish


class NotFound(Exception):  # noqa: N818 - it says what is so
    """There is no replication with this id."""


class TooLate(Exception):  # noqa: N818 - it says what is so
    """The replication can't do this any more."""


class KeyInUse(Exception):  # noqa: N818 - it says what is so
    """The idempotency key has begun another request."""


class Acceptance(NamedTuple):
    """What is stored under a key, and whether it was written just now."""

    row: Row
    new: bool


def replication_id(install: str, key: str) -> str:
    """The id that an idempotency key has in an install: the same key, the same replication."""
    return "r-" + hashlib.sha256(f"{install}\n{key}".encode()).hexdigest()[:16]


def accept(request: Request, key: str, app: App) -> Row:
    """Write the record of *request* if *key* is new, then publish what is due; what is stored then.

    What can't be published just now does not undo it: the next sweep asks again.

    A key that is known gives the replication that it began; raises KeyInUse when that was another request's.
    """
    return enter(request, key, app).row


def enter(request: Request, key: str, app: App) -> Acceptance:
    """accept(), and whether the replication is new."""
    install = app.settings.install
    now = app.clock()
    record = begin(request, id=replication_id(install, key), install=install, at=now)
    row = app.store.add(record, fresh_hints(record, now))
    check_same(row.record, request)
    log("accepted", replication=row.record.id, phase=row.record.phase)
    wake(row.record, app)
    return Acceptance(row, new=row.record == record)


def wake(record: Replication, app: App) -> None:
    """Publish what is due now, as nobody may have done since it was written; the next sweep would, too."""
    try:
        publish(record, app)
    except TryAgain as lost:  # accepted means written: the next sweep asks again
        log("accepted.unpublished", replication=record.id, why=str(lost))


def check_same(record: Replication, request: Request) -> None:
    """Raises KeyInUse, with what differs, when the record's request is not *request*."""
    before, now = (_fields(one.model_dump(mode="json")) for one in (record.request, request))
    if before != now:
        names = sorted(before.keys() | now.keys())
        other = "; ".join(
            f"{name} was {before.get(name)}, is {now.get(name)}" for name in names if before.get(name) != now.get(name)
        )
        raise KeyInUse(f"{record.id} has this key and another request: {other}")


def _fields(request: Mapping[str, Any], above: str = "") -> dict[str, object]:
    """A request's fields by their paths."""
    found: dict[str, object] = {}
    for name, value in request.items():
        found |= _fields(value, f"{above}{name}.") if isinstance(value, dict) else {above + name: value}
    return found


def cancel(id_: str, by: str, store: Store, now: datetime | None = None) -> Replication:
    """Ask to give up and clean up; raises NotFound, or TooLate when it has ended, or what was asked for is there.

    Only the record's field is written: the next step or sweep, a minute away at most, follows it up.  Without
    *now* the record's own last moment stands for it.
    """
    while True:
        record = _load(id_, store)
        if record.ended:
            raise TooLate(f"{id_} has ended as {record.phase.shown}")
        if record.opened:
            raise TooLate(f"the replica of {id_} has left quarantine: a cancellation would not delete it any more")
        if is_past_cancelling(record):
            raise TooLate(f"what {id_} was asked for is there: it only tidies up")
        if record.cancel:
            return record
        asked = ask_to_cancel(record, at=now or record.history[-1].at, by=by)
        if store.replace(asked, Hints(next_at=record.entered_at), expected=record.version):
            return asked


def clean(id_: str, by: str, store: Store, now: datetime) -> Replication:
    """Ask to remove what an ended replication kept or left behind; raises NotFound or TooLate.

    A replica that may have left quarantine stays, and with it the image that it was made from.
    """
    while True:
        record = _load(id_, store)
        if not record.ended:
            raise TooLate(f"{id_} is still {record.phase.shown}: cancel it instead (ferry cancel {id_})")
        if record.outcome is None:
            raise TooLate(f"{id_} succeeded: what it kept is its recovery point")
        moved = advance(record, CleanAsked(at=now, by=by))
        if store.replace(moved, Hints(next_at=now), expected=record.version):
            return moved


def _load(id_: str, store: Store) -> Replication:
    row = store.load(id_)
    if row is None:
        raise NotFound(f"there is no replication {id_}")
    return row.record
