"""Remove one thing that shall not stay; asked again until nothing is left."""

from datetime import timedelta

from shared.acts import made, snapshot
from shared.app import App, Context
from shared.cloud.errors import CloudRefused
from shared.cloud.images import ImageSeen
from shared.ports import NotYet
from shared.replication.commands import CleanUp
from shared.replication.observations import NothingLeft, NotRemoved, Observation, PartsSeen, Removed
from shared.replication.phases import Phase
from shared.replication.record import Replication, Resource, ResourceKind, Role
from shared.replication.removal import unwanted
from shared.replication.waits import YOUNGEST_GONE
from shared.step import run_step
from shared.wire import read

#: RAM's no.  https://www.alibabacloud.com/help/en/ecs/developer-reference/api-error-codes
_FORBIDDEN = "Forbidden.RAM"
_PAUSE = timedelta(minutes=1)


def handler(event: bytes, context: Context) -> None:
    """Remove the next thing of the replication that *event* names."""
    run_step(read(event, CleanUp), clean_up, app=App.from_context(context))


def clean_up(record: Replication, app: App) -> Observation:
    """Removed, NotRemoved for a firm no, PartsSeen for snapshots found under an image, or NothingLeft."""
    resource = next(iter(unwanted(record)), None)
    if resource is None:
        return NothingLeft(at=app.clock())
    try:
        if resource.kind is ResourceKind.IMAGE:
            return _remove_image(record, resource, app)
        return Removed(at=app.clock(), resource=resource.id, request_id=_remove(resource, app))
    except CloudRefused as no:
        if no.code.endswith(".NotFound") or (no.code == _FORBIDDEN and _is_gone(resource, no, app)):
            return Removed(at=app.clock(), resource=resource.id, request_id=no.request_id)
        return NotRemoved(at=app.clock(), resource=resource.id, request_id=no.request_id, reason=str(no))


def _is_gone(resource: Resource, no: CloudRefused, app: App) -> bool:
    """Whether a resource that the role may not remove is not there any more; raises NotYet while it may be hidden.

    The right to remove is bound to a tag, and what is gone has none.
    """
    if resource.kind is ResourceKind.IMAGE:
        is_listed = app.images.by_id(resource.region, resource.id) is not None
    else:
        is_listed = bool(app.instances.by_id(resource.region, [resource.id]))
    if not is_listed and app.clock() - resource.made_at < YOUNGEST_GONE:
        raise NotYet(str(no), _PAUSE)
    return not is_listed


def _remove(resource: Resource, app: App) -> str:
    if resource.kind is ResourceKind.INSTANCE:
        return app.instances.delete(resource.region, resource.id)
    if resource.kind is ResourceKind.SNAPSHOT:
        return app.snapshots.delete(resource.region, resource.id)
    raise CloudRefused("not_removed_alone", "a disk is removed with its instance", "")


def _remove_image(record: Replication, resource: Resource, app: App) -> Observation:
    """The snapshots under an image go into the record before the image goes: nothing else would name them."""
    if resource.role is Role.SOURCE_IMAGE and record.phase is Phase.TIDY_DUE and not _copy_is_there(record, app):
        reason = "the copied image is not there: this one is the only recovery point"
        return NotRemoved(at=app.clock(), resource=resource.id, reason=reason)
    seen = app.images.by_id(resource.region, resource.id)
    if seen is None:
        return Removed(at=app.clock(), resource=resource.id, request_id=app.images.delete(resource.region, resource.id))
    new = tuple(
        snapshot(part, role=resource.role, region=resource.region, image=resource.id, at=app.clock())
        for part in seen.parts
        if not record.knows(part.snapshot)
    )
    if new:
        return PartsSeen(at=app.clock(), parts=new)
    return Removed(at=app.clock(), resource=resource.id, request_id=_end_image(seen, resource, app))


def _copy_is_there(record: Replication, app: App) -> bool:
    copy = made(record, Role.TARGET_IMAGE, ResourceKind.IMAGE)
    seen = app.images.by_id(copy.region, copy.id)
    return seen is not None and seen.status == "Available"


def _end_image(seen: ImageSeen, resource: Resource, app: App) -> str:
    """Cancel a copy that is under way, delete an image that is done.

    A copy may end between the look and the act: the cancellation is refused then, and the image is deleted.
    https://www.alibabacloud.com/help/en/ecs/api-cancelcopyimage
    """
    if seen.status in ("Creating", "Waiting"):
        try:
            return app.images.cancel_copy(resource.region, resource.id)
        except CloudRefused as no:
            if no.code not in ("IncorrectImageStatus", "ImageCreatedNotFromCopy"):
                raise
    return app.images.delete(resource.region, resource.id)
