"""Give the proved replica the security groups that the request names."""

from shared.acts import made
from shared.app import App, Context
from shared.replication.commands import LeaveQuarantine
from shared.replication.observations import Joined, Observation
from shared.replication.record import Replication, ResourceKind, Role
from shared.step import run_step
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Let the replica of the replication that *event* names out of quarantine."""
    run_step(read(event, LeaveQuarantine), leave_quarantine, app=App.from_context(context))


def leave_quarantine(record: Replication, app: App) -> Observation:
    """Joined; the same groups again change nothing."""
    replica = made(record, Role.REPLICA, ResourceKind.INSTANCE)
    groups = record.request.target.security_groups
    request_id = app.instances.set_groups(replica.region, replica.id, groups)
    return Joined(at=app.clock(), request_id=request_id, groups=groups)
