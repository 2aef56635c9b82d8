"""Copy the image to the target region."""

from shared.acts import image, made, planned, tags, token
from shared.app import App, Context
from shared.cloud.adoption import make_image
from shared.replication.commands import CopyImage
from shared.replication.observations import CopyRequested, Observation
from shared.replication.record import Replication, ResourceKind, Role
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Copy the image of the replication that *event* names."""
    run_step(read(event, CopyImage), copy_image, app=App.from_context(context))


def copy_image(record: Replication, app: App) -> Observation:
    """CopyRequested: of a new copy, or of the one that an earlier try made."""
    region, name, now = record.request.target.region, planned(record).copy_name, app.clock()
    source = made(record, Role.SOURCE_IMAGE, ResourceKind.IMAGE)

    def make() -> tuple[str, str]:
        key = token(record, "copy_image")
        return app.images.copy(source.region, source.id, to=region, name=name, tags=tags(record), token=key)

    copy = make_image(make, app.images, region=region, name=name, record=record, now=now)
    resource = image(record, Role.TARGET_IMAGE, region=region, name=name, id=copy.id, at=app.clock())
    return CopyRequested(at=app.clock(), request_id=copy.request_id, resource=resource, adopted=copy.adopted)
