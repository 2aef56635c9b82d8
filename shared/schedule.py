"""When a replication wants attention next: a look while it waits, to be asked again while something is due."""

from datetime import datetime, timedelta

from shared.ports import Hints, NotYet
from shared.replication import looks
from shared.replication.model import change
from shared.replication.record import Replication, deadline
from shared.replication.waits import Wait, WaitKind, wait_of

#: A command that nobody obeyed is asked again after 2 min x 2^asks, 30 min at most.
FIRST_ASK = timedelta(minutes=2)
LAST_ASK = timedelta(minutes=30)

_LOOKS: dict[WaitKind, looks.WaitKind] = {
    WaitKind.IMAGE: looks.WaitKind.IMAGE,
    WaitKind.COPY: looks.WaitKind.COPY,
    WaitKind.INSTANCE: looks.WaitKind.INSTANCE,
    WaitKind.ASSISTANT: looks.WaitKind.INSTANCE,
    WaitKind.COMMAND: looks.WaitKind.COMMAND,
    WaitKind.SETTLING: looks.WaitKind.SETTLING,
}


def fresh_hints(record: Replication, now: datetime) -> Hints:
    """The hints of a record that was just written."""
    wait = wait_of(record)
    if wait is None:
        return Hints(next_at=_by_deadline(record, now + FIRST_ASK))
    trail = looks.glance(None, now, None, started=wait.since)
    return Hints(next_at=_by_deadline(record, _next(trail, now, wait)), trail=trail.model_dump_json())


def looked(record: Replication, wait: Wait, hints: Hints, now: datetime, progress: int | None) -> Hints:
    """The hints after a look that changed nothing."""
    trail = looks.glance(looks.Trail.read(hints.trail), now, progress, started=wait.since)
    return Hints(
        next_at=_by_deadline(record, _next(trail, now, wait)),
        looks=hints.looks + 1,
        progress=hints.progress if progress is None else progress,
        trail=trail.model_dump_json(),
        missed_at=hints.missed_at,
        trouble=hints.trouble,
    )


def asked_again(record: Replication, hints: Hints, now: datetime) -> Hints:
    """The hints after what is due was asked again."""
    pause = min(FIRST_ASK * 2 ** min(hints.asks + 1, 10), LAST_ASK)
    return change(hints, next_at=_by_deadline(record, now + pause), asks=hints.asks + 1)


def put_off(record: Replication, hints: Hints, now: datetime, early: NotYet) -> Hints:
    """The hints when something else has to end first: after its pause, longer each time, 16 times at most."""
    pause = early.pause * 2 ** min(hints.asks, 4)
    return change(hints, next_at=_by_deadline(record, now + pause), asks=hints.asks + 1, trouble=str(early)[:500])


def _next(trail: looks.Trail, now: datetime, wait: Wait) -> datetime:
    return looks.next_look(trail, now, _LOOKS[wait.kind], not_before=max(wait.not_before, now + timedelta(seconds=1)))


def _by_deadline(record: Replication, moment: datetime) -> datetime:
    limit = deadline(record)
    return min(moment, limit) if limit else moment
