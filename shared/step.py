"""What every step does, in this order: read, act once, write if the version is unchanged, publish what is due."""

from collections.abc import Callable
from datetime import timedelta
from math import ceil

from shared.app import App
from shared.cloud.errors import CloudRefused
from shared.log import log
from shared.ports import NotYet, Row, TryAgain
from shared.replication.commands import Command
from shared.replication.machine import accepts, advance, due, is_to_be_cancelled
from shared.replication.model import change
from shared.replication.observations import CancelAsked, Made, Observation, Refused, Stray
from shared.replication.record import Replication
from shared.replication.waits import region_of, wait_of
from shared.schedule import fresh_hints, put_off

Act = Callable[[Replication, App], Observation]


def run_step(command: Command, act: Act, *, app: App) -> None:
    """Obey *command* once; a late or repeated one is dropped without touching the cloud."""
    row = app.store.load(command.replication)
    if row is None:
        raise TryAgain(f"there is no replication {command.replication}")
    record = row.record
    if type(command) not in {type(wanted) for wanted in due(record)}:
        log("step.dropped", replication=record.id, phase=record.phase, command=type(command).__name__)
        return
    if is_to_be_cancelled(record):
        write(record, CancelAsked(at=app.clock()), app)
        return
    log("step.started", replication=record.id, phase=record.phase, command=type(command).__name__)
    try:
        moved = write(record, _seen(record, act, app), app)
    except NotYet as early:
        _put_off(row, early, app)
        return
    except TryAgain as passing:
        app.store.hint(record.id, record.version, change(row.hints, trouble=str(passing)[:500]))
        raise
    log("step.ended", replication=record.id, phase_before=record.phase, phase_after=moved.phase)


def _put_off(row: Row, early: NotYet, app: App) -> None:
    """Have the same asked again after a pause: by a delayed look, and should that get lost, by the next sweep."""
    record, now = row.record, app.clock()
    hints = put_off(record, row.hints, now, early)
    app.store.hint(record.id, record.version, hints)
    app.looks.look_later(region_of(record), whole_seconds(hints.next_at - now))
    log("step.put_off", replication=record.id, phase=record.phase, why=str(early))


def write(record: Replication, seen: Observation, app: App) -> Replication:
    """Write the record after *seen* and publish what is due; what is stored in the end.

    When somebody else has written first, a late creating act must not be forgotten: what it made goes
    into the record, if need be as a stray that is cleaned up, even if the replication has ended.
    """
    moved = advance(record, seen)
    if app.store.replace(moved, fresh_hints(moved, app.clock()), expected=record.version):
        publish(moved, app)
        return moved
    row = app.store.load(record.id)
    if row is None:
        raise TryAgain(f"the record of {record.id} has vanished")
    if row.record == moved:  # the write was ours, its answer was lost
        publish(moved, app)
        return moved
    return _write_late(row.record, seen, app)


def publish(record: Replication, app: App) -> None:
    """Send what follows from the record: the commands that are due, or the first look of a wait."""
    commands = due(record)
    if commands:
        app.bus.publish(record, commands)
        return
    wait = wait_of(record)
    if wait:
        now = app.clock()
        app.looks.look_later(wait.region, whole_seconds(fresh_hints(record, now).next_at - now))


def whole_seconds(delay: timedelta) -> int:
    """The delay of a message: whole seconds, rounded up, one at least."""
    return max(1, ceil(delay.total_seconds()))


def _seen(record: Replication, act: Act, app: App) -> Observation:
    try:
        return act(record, app)
    except CloudRefused as no:
        return Refused(at=app.clock(), request_id=no.request_id, problems=(no.problem(),))


def _write_late(stored: Replication, seen: Observation, app: App) -> Replication:
    if not isinstance(seen, Made) or stored.knows(seen.resource.id):
        return stored
    if accepts(stored, type(seen)):
        return write(stored, seen, app)
    return write(stored, Stray(at=app.clock(), resources=(seen.resource,)), app)
