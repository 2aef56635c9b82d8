"""Digest the source's disks in its own guest, just before it is imaged."""

from shared.acts import planned, token
from shared.app import App, Context
from shared.cloud.errors import CloudRefused
from shared.guest import DIGEST_DISKS, TIME_LIMIT_SECONDS
from shared.replication.commands import TakeManifest
from shared.replication.observations import GuestAsked, GuestSilent, Observation
from shared.replication.proof import Side, first_request
from shared.replication.record import Replication, disk_refs
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Take the manifest of the replication that *event* names."""
    run_step(read(event, TakeManifest), take_manifest, app=App.from_context(context))


def take_manifest(record: Replication, app: App) -> Observation:
    """GuestAsked, or GuestSilent when the source can't be asked: then the replica can't be proved."""
    plan, source = planned(record), record.request.source
    if plan.source_status != "Running":
        return GuestSilent(at=app.clock(), reason=f"{source.instance} is {plan.source_status}: its disks can't be read")
    if not plan.assistant:
        return GuestSilent(at=app.clock(), reason=f"Cloud Assistant does not answer on {source.instance}")
    try:
        invocation, request_id = app.guests.run(
            source.region,
            source.instance,
            script=DIGEST_DISKS.read_text(),
            parameter=first_request(disk_refs(plan.disks)),
            token=token(record, "take_manifest"),
            seconds=TIME_LIMIT_SECONDS,
        )
    except CloudRefused as no:
        return GuestSilent(at=app.clock(), request_id=no.request_id, reason=str(no))
    return GuestAsked(
        at=app.clock(),
        request_id=request_id,
        side=Side.SOURCE,
        region=source.region,
        instance=source.instance,
        invocation=invocation,
    )
