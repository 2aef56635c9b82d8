"""Put our ownership tags on the snapshots of an image: the cloud tags only the image itself."""

from shared.acts import tags
from shared.app import App, Context
from shared.replication.commands import TagSnapshots
from shared.replication.observations import Observation, SnapshotsTagged
from shared.replication.phases import Phase
from shared.replication.record import Replication, Role
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Tag the snapshots of the replication that *event* names."""
    run_step(read(event, TagSnapshots), tag_snapshots, app=App.from_context(context))


def tag_snapshots(record: Replication, app: App) -> Observation:
    """SnapshotsTagged; the same tags again change nothing."""
    copied = record.phase is Phase.COPY_TAG_DUE
    region = record.request.target.region if copied else record.request.source.region
    snapshots = tuple(s.id for s in record.snapshots(Role.TARGET_IMAGE if copied else Role.SOURCE_IMAGE))
    request_id = app.snapshots.tag(region, snapshots, tags(record)) if snapshots else ""
    return SnapshotsTagged(at=app.clock(), request_id=request_id, snapshots=snapshots)
