"""Image the source; a snapshot of every disk comes with it."""

from shared.acts import planned, tags, token
from shared.app import App, Context
from shared.cloud.adoption import USED_BEFORE, may_be_a_repeat, own_image, own_image_or_refuse
from shared.cloud.errors import CloudRefused
from shared.replication.commands import CreateImage
from shared.replication.observations import ImageRequested, Observation
from shared.replication.record import Replication, Resource, ResourceKind, Role
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Image the source of the replication that *event* names."""
    run_step(read(event, CreateImage), create_image, app=App.from_context(context))


def create_image(record: Replication, app: App) -> Observation:
    """ImageRequested: of a new image, or of the one that an earlier try made."""
    region, name = record.request.source.region, planned(record).image_name
    if may_be_a_repeat(record, app.clock()) and (found := own_image(app.images, region, name, record)):
        return _requested(record, app, found.id, found.request_id, adopted=True)
    try:
        image, request_id = app.images.create(
            region, record.request.source.instance, name=name, tags=tags(record), token=token(record, "create_image")
        )
    except CloudRefused as no:
        if no.code not in USED_BEFORE:
            raise
        found = own_image_or_refuse(app.images, region, name, record, no)
        return _requested(record, app, found.id, found.request_id, adopted=True)
    return _requested(record, app, image, request_id)


def _requested(record: Replication, app: App, image: str, request_id: str, *, adopted: bool = False) -> Observation:
    resource = Resource(
        kind=ResourceKind.IMAGE,
        role=Role.SOURCE_IMAGE,
        region=record.request.source.region,
        id=image,
        name=planned(record).image_name,
        made_at=app.clock(),
        size_gib=sum(disk.size for disk in planned(record).disks),
    )
    return ImageRequested(at=app.clock(), request_id=request_id, resource=resource, adopted=adopted)
