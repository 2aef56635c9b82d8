"""Ask a guest for digests: the replica's, or the source's where a difference has to be found below a directory."""

from shared.acts import made, token
from shared.app import App, Context
from shared.cloud.errors import CloudRefused
from shared.guest import DIGEST_DISKS, TIME_LIMIT_SECONDS
from shared.replication.commands import VerifyReplica
from shared.replication.observations import DisksSeen, GuestAsked, GuestSilent, Observation
from shared.replication.proof import Side, begin, next_question
from shared.replication.record import Replication, ResourceKind, Role, SourceDisk, disk_refs
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Go on with the proof of the replication that *event* names."""
    run_step(read(event, VerifyReplica), verify_replica, app=App.from_context(context))


def verify_replica(record: Replication, app: App) -> Observation:
    """GuestAsked with the next question of the proof, or GuestSilent when the guest can't be asked."""
    replica = made(record, Role.REPLICA, ResourceKind.INSTANCE)
    disks: tuple[SourceDisk, ...] = ()
    examination = record.examination
    if examination is None:
        assert record.manifest is not None, "without a manifest there is no proof"
        disks = app.instances.disks(replica.region, replica.id)
        examination = begin(record.manifest, disk_refs(disks))
    question = next_question(examination)
    if question is None:
        return DisksSeen(at=app.clock(), disks=disks)
    side = Side(question.side)
    region, instance = (
        (replica.region, replica.id)
        if side is Side.REPLICA
        else (record.request.source.region, record.request.source.instance)
    )
    try:
        invocation, request_id = app.guests.run(
            region,
            instance,
            script=DIGEST_DISKS.read_text(),
            parameter=question.parameter,
            token=token(record, f"verify_replica:{record.version}"),
            seconds=TIME_LIMIT_SECONDS,
        )
    except CloudRefused as no:
        return GuestSilent(at=app.clock(), request_id=no.request_id, reason=str(no))
    return GuestAsked(
        at=app.clock(),
        request_id=request_id,
        side=side,
        region=region,
        instance=instance,
        invocation=invocation,
        disks=disks,
    )
