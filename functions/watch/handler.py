"""Look at what is waited for, and ask again what is due.

Woken by a timer, a delayed message or an event of the cloud's own.
"""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.app import App, Context
from shared.log import log
from shared.lookout import Sight, sight, survey
from shared.ports import Hints, Row
from shared.replication.machine import due, is_to_be_cancelled
from shared.replication.model import change
from shared.replication.observations import CancelAsked, DeadlinePassed
from shared.replication.record import deadline
from shared.replication.waits import Wait, wait_of
from shared.schedule import asked_again, looked
from shared.step import publish, whole_seconds, write
from shared.wire import CloudEvent, QueueData, TimerEvent, Unreadable, parse, unwrap


class Wake(BaseModel):
    """Why `watch` was woken: no region means all of them, a resource means that one in particular."""

    model_config = ConfigDict(frozen=True)

    region: str | None = None
    resource: str = ""
    asks: bool = False


def handler(event: bytes, context: Context) -> None:
    """Take care of what is due for a look, and on the timer of what was asked too long ago."""
    watch(read_wake(event), App.from_context(context))


def read_wake(event: bytes) -> Wake:
    """The reason in *event*: a timer's, a look's from the queue, or an event of ECS's; raises Unreadable."""
    try:
        parse(TimerEvent, event)
    except Unreadable:
        cloud_event = parse(CloudEvent, unwrap(event))
        return _hint(cloud_event) if cloud_event.source == "acs.ecs" else _look(cloud_event)
    return Wake(asks=True)


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
    """Look at the waits that are due, region by region; on the timer also ask again what is due."""
    now = app.clock()
    rows = list(_rows(wake, app, now))
    waiting: dict[str, list[tuple[Row, Wait]]] = {}
    for row in rows:
        wait = wait_of(row.record)
        if is_to_be_cancelled(row.record):
            write(row.record, CancelAsked(at=now), app)
        elif wait:
            waiting.setdefault(wait.region, []).append((row, wait))
        elif wake.asks:
            _ask_again(row, app, now)
    for region, waits in sorted(waiting.items()):
        _look_at(region, waits, app)


def _rows(wake: Wake, app: App, now: datetime) -> Iterable[Row]:
    """The rows that are due; the list may lag behind, so each row is read."""
    if wake.resource:
        ids = app.store.waiting_for(wake.resource)
    else:
        ids = [entry.id for entry in app.store.open_entries(region=wake.region, before=now)]
    for id_ in ids:
        row = app.store.load(id_)
        if row and not row.record.ended and (wake.resource or row.hints.next_at <= now):
            yield row


def _ask_again(row: Row, app: App, now: datetime) -> None:
    record, limit = row.record, deadline(row.record)
    if limit and now >= limit:
        write(record, DeadlinePassed(at=now), app)
        return
    if due(record):
        publish(record, app)
        app.store.hint(record.id, record.version, asked_again(record, row.hints, now))
        log("asked_again", replication=record.id, phase=record.phase, asks=row.hints.asks + 1)


def _look_at(region: str, waits: list[tuple[Row, Wait]], app: App) -> None:
    surveyed = survey(region, [wait for _, wait in waits], app)
    next_looks = [_take(row, wait, sight(row, surveyed, app), app) for row, wait in waits]
    soonest = min((moment for moment in next_looks if moment), default=None)
    if soonest:
        app.looks.look_later(region, whole_seconds(soonest - app.clock()))


def _take(row: Row, wait: Wait, found: Sight, app: App) -> datetime | None:
    """Write what was seen; without news only hints, and when to look next is given back."""
    record, now, limit = row.record, app.clock(), deadline(row.record)
    if found.seen:
        write(record, found.seen, app)
        return None
    if limit and now >= limit:
        write(record, DeadlinePassed(at=now), app)
        return None
    hints: Hints = change(looked(record, wait, row.hints, now, found.progress), missed_at=found.missed_at)
    app.store.hint(record.id, record.version, hints)
    return hints.next_at
