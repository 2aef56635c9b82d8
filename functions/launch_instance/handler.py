"""Launch the replica from the copy, in quarantine: no way in, no way out but to Cloud Assistant and the metadata."""

from shared.acts import made, planned, tags, token
from shared.app import App, Context
from shared.cloud.adoption import own_instance
from shared.cloud.instances import Launch
from shared.replication.commands import LaunchInstance
from shared.replication.observations import InstanceRequested, Observation
from shared.replication.record import Replication, Resource, ResourceKind, Role
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Launch the replica of the replication that *event* names."""
    run_step(read(event, LaunchInstance), launch_instance, app=App.from_context(context))


def launch_instance(record: Replication, app: App) -> Observation:
    """InstanceRequested: of a new replica, or of the one that an earlier try made.

    It is looked for each time: unlike an image, an instance has no name that the cloud would refuse to give twice.
    """
    region = record.request.target.region
    if found := own_instance(app.instances, region, record):
        return _requested(record, app, found.id, found.request_id, adopted=True)
    launched = app.instances.launch(_launch(record))
    return _requested(record, app, launched.instance, launched.request_id, cost=launched.price)


def _launch(record: Replication) -> Launch:
    plan = planned(record)
    return Launch(
        region=record.request.target.region,
        zone=plan.zone,
        image=made(record, Role.TARGET_IMAGE, ResourceKind.IMAGE).id,
        instance_type=plan.instance_type,
        vswitch=record.request.target.vswitch,
        group=plan.quarantine_group,
        name=plan.instance_name,
        host_name=plan.host_name,
        disks=plan.disks,
        tags={tag.key: tag.value for tag in plan.tags} | tags(record),
        token=token(record, "launch_instance"),
    )


def _requested(
    record: Replication, app: App, instance: str, request_id: str, *, adopted: bool = False, cost: str = ""
) -> Observation:
    resource = Resource(
        kind=ResourceKind.INSTANCE,
        role=Role.REPLICA,
        region=record.request.target.region,
        id=instance,
        name=planned(record).instance_name,
        made_at=app.clock(),
    )
    return InstanceRequested(at=app.clock(), request_id=request_id, resource=resource, adopted=adopted, cost=cost)
