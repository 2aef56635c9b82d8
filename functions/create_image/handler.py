"""Image the source; a snapshot of every disk comes with it."""

from shared.acts import image, planned, tags, token
from shared.app import App, Context
from shared.cloud.adoption import make_image
from shared.replication.commands import CreateImage
from shared.replication.observations import ImageRequested, Observation
from shared.replication.record import Replication, Role
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Image the source of the replication that *event* names."""
    run_step(read(event, CreateImage), create_image, app=App.from_context(context))


def create_image(record: Replication, app: App) -> Observation:
    """ImageRequested: of a new image, or of the one that an earlier try made."""
    region, name, now = record.request.source.region, planned(record).image_name, app.clock()
    instance = record.request.source.instance

    def make() -> tuple[str, str]:
        return app.images.create(region, instance, name=name, tags=tags(record), token=token(record, "create_image"))

    made = make_image(make, app.images, region=region, name=name, record=record, now=now)
    resource = image(record, Role.SOURCE_IMAGE, region=region, name=name, id=made.id, at=app.clock())
    return ImageRequested(at=app.clock(), request_id=made.request_id, resource=resource, adopted=made.adopted)
