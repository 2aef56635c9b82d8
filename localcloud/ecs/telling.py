"""How a change of state is told: a line in the cloud's log, and an event on the region's default bus."""

from typing import TYPE_CHECKING

from localcloud.ecs.models import Image, Instance, Invocation, Run, Snapshot
from localcloud.ecs.times import second

if TYPE_CHECKING:
    from localcloud.cloud import Cloud


class Telling:
    """Notes and events.

    Types and fields: https://www.alibabacloud.com/help/en/eventbridge/user-guide/ecs-events and the ECS pages that it
    refers to (read 2026-11).  ``ecs:Image:StateChange`` is in ECS's own list of events but not in EventBridge's.
    """

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud

    def image(self, image: Image, state: str = "") -> None:
        """The image's status, or *state* when it is no more."""
        state = state or image.status
        self._cloud.note(image.region, "image", image.id, state)
        if (type_ := self._cloud.world.image_event) is not None:
            self._emit(image.region, type_, f"image/{image.id}", {"imageId": image.id, "currentState": state})

    def snapshot(self, snapshot: Snapshot, state: str = "") -> None:
        """The snapshot's status; its end is an event."""
        state = state or snapshot.status
        self._cloud.note(snapshot.region, "snapshot", snapshot.id, state)
        if state in ("accomplished", "failed"):
            self._emit(
                snapshot.region,
                "ecs:Snapshot:CreateSnapshotCompleted",
                f"snapshot/{snapshot.id}",
                {
                    "result": state,
                    "snapshotId": snapshot.id,
                    "snapshotName": snapshot.name,
                    "snapshotType": snapshot.kind,
                    "diskId": snapshot.disk_id,
                    "startTime": second(snapshot.created),
                    "endTime": second(snapshot.finished or self._cloud.clock.now),
                },
            )

    def instance(self, instance: Instance, state: str = "") -> None:
        """The instance's status, or *state*: Created once, Deleted at the end."""
        state = state or instance.status
        self._cloud.note(instance.region, "instance", instance.id, state)
        if state != "Pending":
            self._emit(
                instance.region,
                "ecs:Instance:StateChange",
                f"instance/{instance.id}",
                {"resourceId": instance.id, "resourceType": "ALIYUN::ECS::Instance", "state": state},
            )

    def run(self, invocation: Invocation, run: Run) -> None:
        """The state of a command on an instance; its end is an event."""
        self._cloud.note(invocation.region, "command", invocation.id, run.status, instance=run.instance_id)
        if run.status not in ("Pending", "Running"):
            self._emit(
                invocation.region,
                "ecs:CloudAssistant:TaskCompleted",
                f"instance/{run.instance_id}",
                {
                    "commandId": invocation.command_id,
                    "commandName": invocation.name,
                    "exitCode": "" if run.exit_code is None else str(run.exit_code),
                    "finishTime": second(run.finished or self._cloud.clock.now),
                    "instanceId": run.instance_id,
                    "invocationStatus": run.status,
                },
            )

    def system_event(self, region: str, instance_id: str, type_: str, data: dict[str, object]) -> None:
        """A system event of an instance, in one of its states."""
        self._cloud.note(region, "event", str(data["eventId"]), str(data["eventStatus"]))
        self._emit(region, f"ecs:Instance:{type_}", f"instance/{instance_id}", data)

    def _emit(self, region: str, type_: str, resource: str, data: dict[str, object]) -> None:
        self._cloud.emit(region, type_, f"acs:ecs:{region}:{self._cloud.account}:{resource}", data)
