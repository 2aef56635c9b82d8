"""What a waiting replication waits for, and in which region to look for it."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from shared.replication.model import Kept, Moment
from shared.replication.phases import Phase
from shared.replication.record import LIMITS, Replication, ResourceKind, Role

#: By how much the clocks of two invocations may differ: each runs on a machine of its own, a minute off at most.
CLOCKS_DIFFER = timedelta(minutes=2)
#: Younger ids are not called gone, whatever a look-up says.  New ids are hidden for half a minute, so that this bears
#: clocks that differ.
YOUNGEST_GONE = timedelta(minutes=5)
#: A step that read the record just before its phase changed begins its last call within 45 s, and the change itself is
#: written within 10 s of its moment.  After that call three minutes pass, in which what it made comes into every list.
SETTLING_TIME = timedelta(seconds=10 + 45 + 180) + CLOCKS_DIFFER


class WaitKind(StrEnum):
    """What is looked at."""

    IMAGE = "image"
    COPY = "copy"
    INSTANCE = "instance"
    ASSISTANT = "assistant"
    COMMAND = "command"
    SETTLING = "settling"


class Wait(Kept):
    """A wait: what is looked at, where, and since when."""

    kind: WaitKind
    region: str
    resource: str
    named: str = Field(description="what the cloud's events name when it ends: the resource, or a command's instance")
    since: Moment
    not_before: Moment
    until: Moment


def wait_of(record: Replication) -> Wait | None:
    """What *record* waits for; None when something is due instead, or it has ended."""
    found = _what(record)
    if found is None:
        return None
    kind, region, resource = found
    pause = SETTLING_TIME if kind is WaitKind.SETTLING else timedelta(0)
    return Wait(
        kind=kind,
        region=region,
        resource=resource,
        named=record.errand.instance if kind is WaitKind.COMMAND and record.errand else resource,
        since=record.entered_at,
        not_before=record.entered_at + pause,
        until=record.entered_at + LIMITS[record.phase],
    )


def region_of(record: Replication) -> str:
    """The region whose look takes care of *record*: its wait's, or the target's while something is due."""
    wait = wait_of(record)
    return wait.region if wait else record.request.target.region


def _what(record: Replication) -> tuple[WaitKind, str, str] | None:
    source, target = record.request.source.region, record.request.target.region
    if record.phase in (Phase.IMAGING, Phase.IMAGE_ENDING):
        return WaitKind.IMAGE, source, _id(record, Role.SOURCE_IMAGE, ResourceKind.IMAGE)
    if record.phase is Phase.COPYING:
        return WaitKind.COPY, target, _id(record, Role.TARGET_IMAGE, ResourceKind.IMAGE)
    if record.phase in (Phase.LAUNCHING, Phase.BOOTING):
        kind = WaitKind.INSTANCE if record.phase is Phase.LAUNCHING else WaitKind.ASSISTANT
        return kind, target, _id(record, Role.REPLICA, ResourceKind.INSTANCE)
    if record.phase in (Phase.MEASURING, Phase.PROVING) and record.errand:
        return WaitKind.COMMAND, record.errand.region, record.errand.invocation
    if record.phase is Phase.SETTLING:
        return WaitKind.SETTLING, target, record.id
    return None


def _id(record: Replication, role: Role, kind: ResourceKind) -> str:
    resource = record.resource(role, kind)
    return resource.id if resource else ""
