"""Copy the image to the target region."""

from shared.acts import made, planned, tags, token
from shared.app import App, Context
from shared.cloud.adoption import USED_BEFORE, may_be_a_repeat, own_image, own_image_or_refuse
from shared.cloud.errors import CloudRefused
from shared.replication.commands import CopyImage
from shared.replication.observations import CopyRequested, Observation
from shared.replication.record import Replication, Resource, ResourceKind, Role
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Copy the image of the replication that *event* names."""
    run_step(read(event, CopyImage), copy_image, app=App.from_context(context))


def copy_image(record: Replication, app: App) -> Observation:
    """CopyRequested: of a new copy, or of the one that an earlier try made."""
    target, name = record.request.target.region, planned(record).copy_name
    if may_be_a_repeat(record, app.clock()) and (found := own_image(app.images, target, name, record)):
        return _requested(record, app, found.id, found.request_id, adopted=True)
    image = made(record, Role.SOURCE_IMAGE, ResourceKind.IMAGE)
    try:
        copy, request_id = app.images.copy(
            image.region, image.id, to=target, name=name, tags=tags(record), token=token(record, "copy_image")
        )
    except CloudRefused as no:
        if no.code not in USED_BEFORE:
            raise
        found = own_image_or_refuse(app.images, target, name, record, no)
        return _requested(record, app, found.id, found.request_id, adopted=True)
    return _requested(record, app, copy, request_id)


def _requested(record: Replication, app: App, copy: str, request_id: str, *, adopted: bool = False) -> Observation:
    resource = Resource(
        kind=ResourceKind.IMAGE,
        role=Role.TARGET_IMAGE,
        region=record.request.target.region,
        id=copy,
        name=planned(record).copy_name,
        made_at=app.clock(),
        size_gib=sum(disk.size for disk in planned(record).disks),
    )
    return CopyRequested(at=app.clock(), request_id=request_id, resource=resource, adopted=adopted)
