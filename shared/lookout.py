"""Looks at what replications wait for in one region, and turns what the cloud says into observations.

Not being listed means nothing: an id may be new, a page may have shifted.  Gone needs two look-ups by id.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.acts import planned, snapshot, tags
from shared.app import App
from shared.cloud.adoption import may_be_ours
from shared.cloud.images import ImageSeen
from shared.cloud.instances import InstanceSeen
from shared.ports import Row
from shared.replication.model import change
from shared.replication.observations import (
    AssistantOnline,
    Gone,
    GuestAnswered,
    GuestSilent,
    ImageFailed,
    ImageReady,
    InstanceRunning,
    Observation,
    PartsSeen,
    Settled,
    Stray,
)
from shared.replication.proof import Side
from shared.replication.record import Replication, Resource, ResourceKind, Role, SourceDisk
from shared.replication.waits import CLOCKS_DIFFER, YOUNGEST_GONE, Wait, WaitKind, wait_of

#: Between the two look-ups that make something gone, which two invocations may make.
GONE_GAP = timedelta(seconds=60) + CLOCKS_DIFFER
_FAILED = frozenset({"CreateFailed", "UnAvailable"})


@dataclass(frozen=True)
class Sight:
    """What a look at one wait showed: an observation, or just how far it is."""

    seen: Observation | None = None
    progress: int | None = None
    missed_at: datetime | None = None


@dataclass(frozen=True)
class Region:
    """What was listed of a region, once for all its waits."""

    images: dict[str, ImageSeen] = field(default_factory=dict)
    instances: dict[str, InstanceSeen] = field(default_factory=dict)


def survey(region: str, waits: Sequence[Wait], app: App) -> Region:
    """List what *waits* are for: images a hundred a call, instances too; nothing else is asked here."""
    kinds = {wait.kind for wait in waits}
    wanted = [wait.named for wait in waits if wait.kind in (WaitKind.INSTANCE, WaitKind.ASSISTANT, WaitKind.COMMAND)]
    return Region(
        images={i.id: i for i in app.images.own(region)} if kinds & {WaitKind.IMAGE, WaitKind.COPY} else {},
        instances={
            i.id: i
            for start in range(0, len(wanted), 100)
            for i in app.instances.by_id(region, wanted[start : start + 100])
        },
    )


def sight(row: Row, region: Region, app: App) -> Sight:
    """What the survey (and for some kinds one more question) shows for this row's wait."""
    wait = wait_of(row.record)
    assert wait is not None, "only waits are looked at"
    found = _KINDS[wait.kind](row, wait, region, app)
    if found.seen is None:
        return found
    return replace(found, seen=change(found.seen, looks=row.hints.looks + 1))


def _image(row: Row, wait: Wait, region: Region, app: App) -> Sight:
    image = region.images.get(wait.resource)
    if image is None:
        return _missing(row, wait, app, lambda: app.images.by_id(wait.region, wait.resource) is not None)
    parts = _new_parts(row.record, image, wait, app.clock())
    if image.status == "Available":
        return Sight(ImageReady(at=app.clock(), request_id=image.request_id, image=image.id, parts=parts))
    if image.status in _FAILED:
        return Sight(
            ImageFailed(
                at=app.clock(),
                request_id=image.request_id,
                image=image.id,
                status=image.status,
                reason=image.description if image.status == "UnAvailable" else "",
            )
        )
    if parts:
        return Sight(PartsSeen(at=app.clock(), request_id=image.request_id, parts=parts), image.progress)
    return Sight(progress=image.progress)


def _new_parts(record: Replication, image: ImageSeen, wait: Wait, now: datetime) -> tuple[Resource, ...]:
    role = Role.TARGET_IMAGE if wait.kind is WaitKind.COPY else Role.SOURCE_IMAGE
    return tuple(
        snapshot(part, role=role, region=wait.region, image=image.id, at=now)
        for part in image.parts
        if not record.knows(part.snapshot)
    )


def _instance(row: Row, wait: Wait, region: Region, app: App) -> Sight:
    instance = region.instances.get(wait.resource)
    if instance is None:
        return _missing(row, wait, app, lambda: bool(app.instances.by_id(wait.region, [wait.resource])))
    if instance.status != "Running":
        return Sight()
    disks = app.instances.disks(wait.region, instance.id)
    if _hides_some(disks, row.record, wait, app.clock()):
        return Sight()
    parts = tuple(
        Resource(
            kind=ResourceKind.DISK,
            role=Role.REPLICA,
            region=wait.region,
            id=disk.id,
            name=disk.device,
            made_at=app.clock(),
            size_gib=disk.size,
            of=instance.id,
        )
        for disk in disks
        if not row.record.knows(disk.id)
    )
    seen = InstanceRunning(at=app.clock(), request_id=instance.request_id, instance=instance.id, parts=parts)
    return Sight(seen)


def _hides_some(disks: Sequence[SourceDisk], record: Replication, wait: Wait, now: datetime) -> bool:
    """Whether new disks may not be listed yet; later, what is not listed is missing."""
    return len(disks) < len(planned(record).disks) and now - wait.since < YOUNGEST_GONE


def _assistant(row: Row, wait: Wait, region: Region, app: App) -> Sight:
    if wait.resource not in region.instances:
        return _missing(row, wait, app, lambda: bool(app.instances.by_id(wait.region, [wait.resource])))
    if app.guests.online(wait.region, wait.resource):
        return Sight(AssistantOnline(at=app.clock(), instance=wait.resource))
    return Sight()


def _command(row: Row, wait: Wait, region: Region, app: App) -> Sight:
    errand = row.record.errand
    assert errand is not None, "a command is waited for"
    if errand.side is Side.REPLICA and errand.instance not in region.instances:
        return _missing(row, wait, app, lambda: bool(app.instances.by_id(wait.region, [errand.instance])))
    result = app.guests.result(errand.region, errand.instance, errand.invocation)
    if result is None or result.under_way:
        return Sight()
    if result.ok:
        return Sight(GuestAnswered(at=app.clock(), output=result.output))
    if result.status == "Success":
        reason = f"{result.dropped} bytes of its output were cut off"
    else:
        reason = (
            f"its command ended as {result.status}, exit code {result.exit_code}: {result.error or result.output[:200]}"
        )
    return Sight(GuestSilent(at=app.clock(), reason=reason))


def _settling(row: Row, wait: Wait, region: Region, app: App) -> Sight:  # noqa: ARG001
    record = row.record
    if app.clock() < wait.not_before:
        return Sight()
    found = tuple(_owned(record, app))
    strays = tuple(resource for resource in found if not record.knows(resource.id))
    if strays:
        return Sight(Stray(at=app.clock(), resources=strays))
    removed = {resource.id for resource in record.resources if not resource.lives}
    if any(resource.id in removed for resource in found):
        return Sight()
    return Sight(Settled(at=app.clock()))


def _owned(record: Replication, app: App) -> Iterator[Resource]:
    """Everything that bears the replication's tags and came after it, in either region and every status."""
    for region in (record.request.source.region, record.request.target.region):
        for image in app.images.tagged(region, tags(record)):
            if may_be_ours(image.id, image.created_at, record):
                yield _stray(ResourceKind.IMAGE, region, image.id, app)
                for part in image.parts:
                    yield snapshot(part, role=Role.STRAY, region=region, image=image.id, at=app.clock())
        for found in app.snapshots.tagged(region, tags(record)):
            if may_be_ours(found.part.snapshot, found.created_at, record):
                yield snapshot(found.part, role=Role.STRAY, region=region, image="", at=app.clock())
        for instance in app.instances.tagged(region, tags(record)):
            if may_be_ours(instance.id, instance.created_at, record):
                yield _stray(ResourceKind.INSTANCE, region, instance.id, app)


def _stray(kind: ResourceKind, region: str, id_: str, app: App) -> Resource:
    return Resource(kind=kind, role=Role.STRAY, region=region, id=id_, made_at=app.clock())


def _missing(row: Row, wait: Wait, app: App, is_there: Callable[[], bool]) -> Sight:
    now, missed_at = app.clock(), row.hints.missed_at
    resource = next((r for r in row.record.resources if r.id == wait.named), None)
    made_at = resource.made_at if resource else wait.since
    if now - made_at < YOUNGEST_GONE or is_there():
        return Sight()
    if missed_at is None or now - missed_at < GONE_GAP:
        return Sight(missed_at=missed_at or now)
    return Sight(Gone(at=now, resource=wait.named))


_KINDS: dict[WaitKind, Callable[[Row, Wait, Region, App], Sight]] = {
    WaitKind.IMAGE: _image,
    WaitKind.COPY: _image,
    WaitKind.INSTANCE: _instance,
    WaitKind.ASSISTANT: _assistant,
    WaitKind.COMMAND: _command,
    WaitKind.SETTLING: _settling,
}
