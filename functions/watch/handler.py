"""Look at what is waited for, and ask again what is due.

Woken by a timer, a delayed message or an event of the cloud's own.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.app import App, Context
from shared.log import log
from shared.lookout import Sight, sight, survey
from shared.ports import Entry, Hints, Row, StoreUnavailable, TryAgain
from shared.replication.machine import due, is_to_be_cancelled
from shared.replication.model import change
from shared.replication.observations import CancelAsked, DeadlinePassed
from shared.replication.record import deadline
from shared.replication.waits import Wait, wait_of
from shared.schedule import LAST_ASK, asked_again, looked
from shared.step import publish, whole_seconds, write
from shared.wire import CloudEvent, QueueData, TimerEvent, Unreadable, is_form, parse, unwrap


class Wake(BaseModel):
    """Why `watch` was woken: no region means all of them, a resource means that one and nothing else."""

    model_config = ConfigDict(frozen=True)

    region: str | None = None
    resource: str | None = None


def handler(event: bytes, context: Context) -> None:
    """Take care of what is due for a look, and on the timer of what was asked too long ago."""
    watch(read_wake(event), App.from_context(context))


def read_wake(event: bytes) -> Wake:
    """The reason in *event*: a timer's, a look's from the queue, or an event of ECS's; raises Unreadable."""
    if is_form(TimerEvent, event):
        return Wake()
    cloud_event = parse(CloudEvent, unwrap(event))
    return _hint(cloud_event) if cloud_event.source == "acs.ecs" else _look(cloud_event)


def _look(event: CloudEvent) -> Wake:
    try:
        body = QueueData.model_validate(event.data).body
    except ValidationError:
        raise Unreadable(f"{event.type} is no reason to look") from None
    if not isinstance(body, str) or not body:
        raise Unreadable("a look names no region")
    return Wake(region=body)


def _hint(event: CloudEvent) -> Wake:
    """ECS's events name what they are about in one of these fields.

    https://help.aliyun.com/zh/ecs/user-guide/image-event-notification and its neighbours
    """
    data = event.data if isinstance(event.data, dict) else {}
    named = (data.get(key) for key in ("imageId", "instanceId", "resourceId", "invokeId", "snapshotId"))
    return Wake(resource=next((value for value in named if isinstance(value, str)), ""))


def watch(wake: Wake, app: App) -> None:
    """Look at the waits that are due, region by region, and ask again what was asked too long ago.

    Trouble with one replication or region keeps no other waiting: it is put off, and what is no passing fault is
    raised when all the rest is done, so that it comes to the dead letters where people see it.
    """
    now = app.clock()
    waiting: dict[str, list[tuple[Row, Wait]]] = {}
    troubles: list[Exception] = []
    for id_, entry in _due(wake, app, now):
        row = None
        with _apart(partial(_park, entry, app), troubles):
            row = app.store.load(id_)
        if row is None or row.record.ended or (wake.resource is None and row.hints.next_at > now):
            continue
        wait = wait_of(row.record)
        if wait and not is_to_be_cancelled(row.record) and not _is_past_looking(row, now):
            waiting.setdefault(wait.region, []).append((row, wait))
            continue
        with _apart(partial(_put_off, [row], app), troubles):
            _take_up(row, app, now)
    for region, waits in sorted(waiting.items()):
        with _apart(partial(_put_off, [row for row, _ in waits], app), troubles):
            _look_at(region, waits, app, troubles)
    if troubles:
        raise troubles[0]


@contextmanager
def _apart(put_off: Callable[[str], None], troubles: list[Exception]) -> Iterator[None]:
    """Keep trouble from the others: *put_off* is called, and what is no passing fault is kept in *troubles*."""
    try:
        yield
    except StoreUnavailable:
        raise  # nothing can be put off either
    except Exception as trouble:  # noqa: BLE001 - a bug too: it is raised when the others have had their turn
        put_off(str(trouble))
        log("watch.trouble", what=str(trouble))
        if not isinstance(trouble, TryAgain):
            troubles.append(trouble)


def _put_off(rows: Sequence[Row], app: App, trouble: str) -> None:
    """Have *rows* taken up later, as if they had been asked again."""
    for row in rows:
        hints = change(asked_again(row.record, row.hints, app.clock()), trouble=trouble[:500])
        app.store.hint(row.record.id, row.record.version, hints)


def _park(entry: Entry | None, app: App, trouble: str) -> None:
    """Have a row that can't be read (damaged, or a newer release's) tried again in half an hour."""
    if entry:
        app.store.hint(
            entry.id, entry.version, change(entry.hints, next_at=app.clock() + LAST_ASK, trouble=trouble[:500])
        )


def _is_past_looking(row: Row, now: datetime) -> bool:
    """Whether its time is up and the last look at it failed: else a look that always fails would last for ever."""
    limit = deadline(row.record)
    return limit is not None and now >= limit and row.hints.asks > 0


def _due(wake: Wake, app: App, now: datetime) -> Sequence[tuple[str, Entry | None]]:
    """The ids of the rows that may be due; the list may lag behind, so each row is read."""
    if wake.resource is None:
        return [(entry.id, entry) for entry in app.store.open_entries(region=wake.region, before=now)]
    return [(id_, None) for id_ in app.store.waiting_for(wake.resource)] if wake.resource else ()


def _take_up(row: Row, app: App, now: datetime) -> None:
    """Follow a cancellation up, give up what has lasted too long, or ask again what is due."""
    record, limit = row.record, deadline(row.record)
    if is_to_be_cancelled(record):
        write(record, CancelAsked(at=app.clock()), app)
        return
    if limit and now >= limit:
        write(record, DeadlinePassed(at=app.clock(), trouble=row.hints.trouble), app)
        return
    if due(record):
        # Hints first: an invocation that dies on the publishing must not ask at each sweep for ever.
        app.store.hint(record.id, record.version, asked_again(record, row.hints, now))
        publish(record, app)
        log("asked_again", replication=record.id, phase=record.phase, asks=row.hints.asks + 1)


def _look_at(region: str, waits: list[tuple[Row, Wait]], app: App, troubles: list[Exception]) -> None:
    """Look at one region for all *waits*, and have the next look sent."""
    surveyed = survey(region, [wait for _, wait in waits], app)
    next_looks: list[datetime] = []
    for row, wait in waits:
        with _apart(partial(_put_off, [row], app), troubles):
            next_looks += _take(row, wait, sight(row, surveyed, app), app)
    if next_looks:
        app.looks.look_later(region, whole_seconds(min(next_looks) - app.clock()))


def _take(row: Row, wait: Wait, found: Sight, app: App) -> list[datetime]:
    """Write what was seen; without news only hints, and the moment of the next look is given back."""
    record, now, limit = row.record, app.clock(), deadline(row.record)
    if found.seen:
        write(record, found.seen, app)
        return []
    if limit and now >= limit:
        write(record, DeadlinePassed(at=now, trouble=row.hints.trouble), app)
        return []
    hints: Hints = change(looked(record, wait, row.hints, now, found.progress), missed_at=found.missed_at)
    app.store.hint(record.id, record.version, hints)
    return [hints.next_at]
