"""How a command of Cloud Assistant comes to instances: it is delivered, runs, and ends, in time of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.models import Command, Instance, Invocation, Run
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import commands as refusals
from localcloud.ecs.state import State
from localcloud.ecs.tagging import read_tags
from localcloud.ecs.telling import Telling
from localcloud.ecs.work import seconds

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

#: Of a run that has not ended.
UNDER_WAY = ("Pending", "Running")
#: "Aborted: the command fails to be sent. The instance must be in the Running state and the command can be sent within
#: one minute" (help page DescribeInvocationResults, read 2026-11).
_DELIVERY = timedelta(minutes=1)
_ENDED = {
    "InstanceNotRunning": "the instance is not running when create task",
    "InstanceReleased": "the instance has released when create task",
    "ClientNotRunning": "the aliyun service is not running on the instance",
    "DeliveryTimeout": "the command delivery has been timeout",
    "ExecutionTimeout": "the command execution has been timeout",
    "ExecutionInterrupted": "the command execution has been interrupted",
    "ExitCodeNonzero": "the command execution exit code is not zero",
}


class Executions:
    """The executions of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, telling: Telling, lifecycle: Lifecycle) -> None:
        self._cloud = cloud
        self._state = state
        self._telling = telling
        self._lifecycle = lifecycle

    def instances(self, params: Params) -> list[Instance]:
        """The instances that the call names, which must be there."""
        held = self._state.of(params.region)
        ids = params.each("InstanceId")
        if not ids:
            raise errors.PARAMETER_MISSING.error("InstanceId")
        if len(ids) > 100:
            raise errors.COMMAND_INSTANCES_TOO_MANY.error()
        if any(one not in held.instances for one in ids):
            raise errors.COMMAND_INSTANCE.error()
        return [held.instances[one] for one in ids]

    def planned(
        self,
        params: Params,
        command: Command,
        values: dict[str, str],
        instances: list[Instance],
        mismatch: errors.Refusal,
    ) -> Invocation:
        """What the call asks for of *command*, without ids yet; *mismatch* when it is none for these guests."""
        if command.type != "RunShellScript":  # every guest here is a Linux
            raise mismatch.error()
        if params.text("RepeatMode", "Once") not in ("Once", "DryRun") or params.has("Frequency"):
            raise errors.UNSUPPORTED.error("RepeatMode")
        if len(params.text("Username")) > 255:
            raise refusals.USERNAME.error()
        now = self._cloud.clock.now
        invocation = Invocation(
            id="",
            command_id="",
            region=command.region,
            created=now,
            name=command.name,
            description=command.description,
            type=command.type,
            content=command.content,
            parameters=values,
            working_dir=command.working_dir,
            timeout=command.timeout,
            launcher=command.launcher,
            username=params.text("Username"),
            runs={one.id: Run(instance_id=one.id, created=now) for one in instances},
            tags=read_tags(params),
        )
        if params.text("RepeatMode") == "DryRun":
            raise errors.DRY_RUN.error()
        return invocation

    def begin(self, invocation: Invocation, command_id: str, instances: list[Instance]) -> str:
        """Send it to each instance; its id, which is drawn when nothing is refused any more."""
        invocation.id, invocation.command_id = self._cloud.new_id("t-"), command_id
        self._state.of(invocation.region).invocations[invocation.id] = invocation
        for instance in instances:
            instance.last_invoked = self._cloud.clock.now
            instance.invocations += 1
            self._send(invocation, instance)
        return invocation.id

    def stop(self, invocation: Invocation, run: Run) -> None:
        """What is not yet delivered is Cancelled, what runs is Terminated."""
        run.stopped = self._cloud.clock.now
        self._end(invocation, run, "Cancelled" if run.status == "Pending" else "Terminated")

    def _send(self, invocation: Invocation, instance: Instance) -> None:
        run = invocation.runs[instance.id]
        self._telling.run(invocation, run)
        draws = stream(self._cloud.seed, "delivery", invocation.id, instance.id)
        now = self._cloud.clock.now
        if instance.status != "Running":
            self._later(run, now, lambda: self._end(invocation, run, "Aborted", "InstanceNotRunning"))
        elif instance.agent_from is None:
            self._later(run, now + _DELIVERY, lambda: self._end(invocation, run, "Aborted", "ClientNotRunning"))
        else:
            arrives = max(now, instance.agent_from) + seconds(draws, 0.2, 2)
            if arrives > now + _DELIVERY:
                self._later(run, now + _DELIVERY, lambda: self._end(invocation, run, "Aborted", "DeliveryTimeout"))
            else:
                self._later(run, arrives, lambda: self._deliver(invocation, run))

    def _deliver(self, invocation: Invocation, run: Run) -> None:
        instance = self._state.of(invocation.region).instances.get(run.instance_id)
        if instance is None:
            return self._end(invocation, run, "Aborted", "InstanceReleased")
        if instance.status != "Running":
            return self._end(invocation, run, "Aborted", "InstanceNotRunning")
        run.status, run.started = "Running", self._cloud.clock.now
        self._telling.run(invocation, run)
        limit = timedelta(seconds=invocation.timeout)
        guest = self._lifecycle.guest(instance)
        finished = self._cloud.guests.run(guest, invocation.content, invocation.parameters, limit)
        boots = instance.boots
        ends = run.started + min(finished.took, limit)

        def end() -> None:
            if instance.status != "Running" or instance.boots != boots or instance.leaving:
                gone = run.instance_id not in self._state.of(invocation.region).instances
                return self._end(invocation, run, "Error", "InstanceReleased" if gone else "ExecutionInterrupted")
            run.output = finished.output
            if finished.took > limit:
                return self._end(invocation, run, "Timeout", "ExecutionTimeout")
            run.exit_code = finished.exit_code
            if finished.exit_code:
                return self._end(invocation, run, "Failed", "ExitCodeNonzero")
            return self._end(invocation, run, "Success")

        return self._later(run, ends, end)

    def _later(self, run: Run, when: datetime, act: Callable[[], None]) -> None:
        """Plan the run's next step; a run that was stopped takes none."""
        self._cloud.clock.at(when, lambda: act() if run.status in UNDER_WAY else None)

    def _end(self, invocation: Invocation, run: Run, status: str, error: str = "") -> None:
        run.status, run.finished = status, self._cloud.clock.now
        run.error_code, run.error_info = error, _ENDED.get(error, "")
        self._telling.run(invocation, run)
