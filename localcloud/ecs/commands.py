"""Cloud Assistant: RunCommand and what came of it."""

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance, Invocation, Run
from localcloud.ecs.narrowing import Fields, asked_facts, shows
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State
from localcloud.ecs.tagging import asked_tags, read_tags
from localcloud.ecs.telling import Telling
from localcloud.ecs.times import second
from localcloud.ecs.work import seconds
from localcloud.texts import read_json, whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_TYPES = ("RunShellScript", "RunPowerShellScript", "RunBatScript")
_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Content and parameters together, as base64 (SDK 7.11.8, RunCommand, CommandContent).
_MOST_CONTENT = 24 * 1024
#: What an output keeps; the rest is counted in Dropped (help page DescribeInvocationResults, read 2026-11).
_MOST_OUTPUT = 24 * 1024
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
_NARROWS: Fields = {"CommandName": str, "CommandType": str, "InvokeStatus": str, "RepeatMode": str, "Timed": bool}
_RECORD_STATUS = {
    "Pending": "Running",
    "Running": "Running",
    "Stopping": "Running",
    "Success": "Finished",
    "Failed": "Finished",
    "Cancelled": "Stopped",
    "Terminated": "Stopped",
}


class Commands:
    """The commands of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, telling: Telling, lifecycle: Lifecycle) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._telling = telling
        self._lifecycle = lifecycle

    # --- actions -----------------------------------------------------------------------------------------------------

    def run(self, params: Params) -> Answer:
        """RunCommand: on each instance the script is delivered, runs, and ends, in time of its own."""
        instances = self._instances(params)
        invocation = self._invocation(params, instances)
        if params.text("RepeatMode") == "DryRun":
            raise errors.DRY_RUN.error()
        self._state.of(params.region).invocations[invocation.id] = invocation
        for instance in instances:
            instance.last_invoked = self._cloud.clock.now
            instance.invocations += 1
            self._send(invocation, instance)
        return {"CommandId": invocation.command_id, "InvokeId": invocation.id}

    def results(self, params: Params) -> Answer:
        """DescribeInvocationResults; output is base64 unless told otherwise."""
        held = self._state.of(params.region)
        encode = params.text("ContentEncoding", "Base64") != "PlainText"
        chosen = [
            _shown_run(invocation, run, encode=encode)
            for invocation in held.invocations.values()
            for run in invocation.runs.values()
            if self._matches(params, invocation)
            and params.text("InstanceId", run.instance_id) == run.instance_id
            and params.text("InvokeRecordStatus", _record_status(run)) == _record_status(run)
        ]
        _check_pages(params)
        page, head = self._listing.page(params, chosen, most=50)
        return {"Invocation": {**head, "InvocationResults": {"InvocationResult": page}}}

    def invocations(self, params: Params) -> Answer:
        """DescribeInvocations; output only with IncludeOutput."""
        held, facts = self._state.of(params.region), asked_facts(params, _NARROWS)
        chosen = [
            shown
            for one in held.invocations.values()
            if self._matches(params, one)
            and shows(shown := self._shown(params, one), facts)
            and (not params.has("InstanceId") or params.text("InstanceId") in one.runs)
        ]
        _check_pages(params)
        page, head = self._listing.page(params, chosen, most=50)
        return {**head, "Invocations": {"Invocation": page}}

    def stop(self, params: Params) -> Answer:
        """StopInvocation: what is not yet delivered is Cancelled, what runs is Terminated."""
        invocation = self._state.of(params.region).invocations.get(params.need("InvokeId"))
        if invocation is None:
            raise errors.INVOCATION_NOT_FOUND.error()
        chosen = params.each("InstanceId")
        for run in invocation.runs.values():
            if (not chosen or run.instance_id in chosen) and run.status in ("Pending", "Running"):
                run.stopped = self._cloud.clock.now
                self._end(invocation, run, "Cancelled" if run.status == "Pending" else "Terminated")
        return {}

    def agents(self, params: Params) -> Answer:
        """DescribeCloudAssistantStatus: on which instances a command can be run."""
        held = self._state.of(params.region)
        ids = params.each("InstanceId")
        if len(ids) > 100:
            raise errors.COMMAND_INSTANCES_TOO_MANY.error()
        if any(one not in held.instances for one in ids):
            raise errors.COMMAND_INSTANCE.error()
        system = params.text("OSType", "Linux")  # of every guest here
        chosen = [
            one
            for one in self._listing.visible(held.instances.values())
            if (not ids or one.id in ids) and system == "Linux"
        ]
        page, head = self._listing.page(params, chosen, most=50)
        shown = [self._shown_agent(one) for one in page]
        return {**head, "InstanceCloudAssistantStatusSet": {"InstanceCloudAssistantStatus": shown}}

    # --- what is asked for -------------------------------------------------------------------------------------------

    def _instances(self, params: Params) -> list[Instance]:
        held = self._state.of(params.region)
        ids = params.each("InstanceId")
        if not ids:
            raise errors.PARAMETER_MISSING.error("InstanceId")
        if len(ids) > 100:
            raise errors.COMMAND_INSTANCES_TOO_MANY.error()
        if any(one not in held.instances for one in ids):
            raise errors.COMMAND_INSTANCE.error()
        return [held.instances[one] for one in ids]

    def _invocation(self, params: Params, instances: list[Instance]) -> Invocation:
        kind = params.need("Type")
        if kind not in _TYPES:
            raise errors.COMMAND_TYPE.error()
        if kind != "RunShellScript":  # every guest here is a Linux
            raise errors.COMMAND_NOT_FOR_GUEST.error()
        if params.text("RepeatMode", "Once") not in ("Once", "DryRun") or params.has("Frequency"):
            raise errors.UNSUPPORTED.error("RepeatMode")
        if len(params.text("Name")) > 128:
            raise errors.COMMAND_NAME.error()
        if len(params.text("Description")) > 512:
            raise errors.COMMAND_DESCRIPTION.error()
        content, values = _content(params), _values(params)
        now = self._cloud.clock.now
        return Invocation(
            id=self._cloud.new_id("t-"),
            command_id=self._cloud.new_id("c-"),
            region=params.region,
            created=now,
            name=params.text("Name"),
            type=kind,
            content=content,
            parameters=values,
            timeout=params.whole("Timeout", 60, 10, 86400),
            username=params.text("Username"),
            runs={one.id: Run(instance_id=one.id, created=now) for one in instances},
            tags=read_tags(params),
        )

    # --- delivery, execution, end ------------------------------------------------------------------------------------

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
        self._cloud.clock.at(when, lambda: act() if run.status in ("Pending", "Running") else None)

    def _end(self, invocation: Invocation, run: Run, status: str, error: str = "") -> None:
        run.status, run.finished = status, self._cloud.clock.now
        run.error_code, run.error_info = error, _ENDED.get(error, "")
        self._telling.run(invocation, run)

    # --- showing -----------------------------------------------------------------------------------------------------

    def _matches(self, params: Params, one: Invocation) -> bool:
        wanted = asked_tags(params)
        return (
            params.text("InvokeId", one.id) == one.id
            and params.text("CommandId", one.command_id) == one.command_id
            and all(key in one.tags and value in (None, one.tags[key]) for key, value in wanted)
        )

    def _shown(self, params: Params, one: Invocation) -> Answer:
        encode = params.text("ContentEncoding", "Base64") != "PlainText"
        output = params.flag("IncludeOutput")
        runs = [
            {
                "InstanceId": run.instance_id,
                "InvocationStatus": run.status,
                "InstanceInvokeStatus": _record_status(run),
                "CreationTime": second(run.created),
                "StartTime": second(run.started),
                "FinishTime": second(run.finished),
                "UpdateTime": second(run.finished or run.started or run.created),
                "StopTime": second(run.stopped),
                "ExitCode": run.exit_code,
                "ErrorCode": run.error_code,
                "ErrorInfo": run.error_info,
                "Dropped": _dropped(run),
                "Output": _output(run, encode=encode) if output else "",
                "Repeats": int(run.started is not None),
                "Timed": False,
            }
            for run in one.runs.values()
        ]
        return {
            "InvokeId": one.id,
            "CommandId": one.command_id,
            "CommandName": one.name,
            "CommandType": one.type,
            "CommandContent": _encoded(one.content.encode(), encode=encode),
            "Parameters": json.dumps(one.parameters),
            "InvocationStatus": _invocation_status(one),
            "InvokeStatus": _invoke_status(one),
            "CreationTime": second(one.created),
            "RepeatMode": "Once",
            "Frequency": "",
            "Timed": False,
            "Timeout": one.timeout,
            "Username": one.username,
            "InvokeInstances": {"InvokeInstance": runs},
            "Tags": {"Tag": [{"TagKey": key, "TagValue": value} for key, value in one.tags.items()]},
        }

    def _shown_agent(self, one: Instance) -> Answer:
        now = self._cloud.clock.now
        online = one.status == "Running" and one.agent_from is not None and one.agent_from <= now
        active = [
            run
            for invocation in self._state.of(one.region).invocations.values()
            for run in invocation.runs.values()
            if run.instance_id == one.id and run.status == "Running"
        ]
        return {
            "InstanceId": one.id,
            "CloudAssistantStatus": str(online).lower(),
            "CloudAssistantVersion": "2.2.4.892" if one.has_agent else "",
            "LastHeartbeatTime": second(now) if online else "",
            "LastInvokedTime": second(one.last_invoked),
            "ActiveTaskCount": len(active),
            "InvocationCount": one.invocations,
            "OSType": "Linux",
            "SupportSessionManager": online,
        }


def _content(params: Params) -> str:
    content = params.need("CommandContent")
    raw = content.encode()
    if params.text("ContentEncoding", "PlainText").lower() == "base64":
        try:
            raw = base64.b64decode(content, validate=True)
            content = raw.decode()
        except ValueError:
            raise errors.COMMAND_CONTENT.error() from None
    extra = params.text("Parameters") if params.flag("EnableParameter") else ""
    if len(base64.b64encode(raw + extra.encode())) > _MOST_CONTENT:
        raise errors.COMMAND_TOO_LONG.error()
    return content


def _values(params: Params) -> dict[str, str]:
    """The custom parameters; without EnableParameter there are none."""
    if not params.flag("EnableParameter") or not params.has("Parameters"):
        return {}
    try:
        values = read_json(params.text("Parameters"))
    except ValueError:
        values = None
    if not isinstance(values, dict) or len(values) > 10:
        raise errors.PARAMETER_INVALID.error("Parameters")
    for name in values:
        if not name:
            raise errors.COMMAND_PARAMETER_KEY.error()
        if not _PARAMETER.fullmatch(name):
            raise errors.COMMAND_PARAMETER_NAME.error()
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _check_pages(params: Params) -> None:
    """Pages that Cloud Assistant refuses with codes of its own."""
    for name, refusal in (("PageNumber", errors.RESULTS_PAGE), ("PageSize", errors.RESULTS_PAGE_SIZE)):
        if whole(params.text(name, "1"), 1, 50 if name == "PageSize" else 10**6) is None:
            raise refusal.error()


def _record_status(run: Run) -> str:
    return _RECORD_STATUS.get(run.status, "Failed")


def _invocation_status(one: Invocation) -> str:
    statuses = {run.status for run in one.runs.values()}
    for status in ("Pending", "Running"):
        if status in statuses:
            return status
    if len(statuses) == 1:
        return statuses.pop()
    return "PartialFailed" if "Success" in statuses else "Failed"


def _invoke_status(one: Invocation) -> str:
    return _RECORD_STATUS.get(_invocation_status(one), "Failed")


def _encoded(content: bytes, *, encode: bool) -> str:
    return base64.b64encode(content).decode() if encode else content.decode(errors="replace")


def _output(run: Run, *, encode: bool) -> str:
    return _encoded(run.output[:_MOST_OUTPUT], encode=encode)


def _dropped(run: Run) -> int:
    return max(0, len(run.output) - _MOST_OUTPUT)


def _shown_run(invocation: Invocation, run: Run, *, encode: bool) -> Answer:
    return {
        "InvokeId": invocation.id,
        "CommandId": invocation.command_id,
        "InstanceId": run.instance_id,
        "InvocationStatus": run.status,
        "InvokeRecordStatus": _record_status(run),
        "ExitCode": run.exit_code,
        "Output": _output(run, encode=encode),
        "Dropped": _dropped(run),
        "ErrorCode": run.error_code,
        "ErrorInfo": run.error_info,
        "StartTime": second(run.started),
        "FinishedTime": second(run.finished),
        "StopTime": second(run.stopped),
        "Repeats": int(run.started is not None),
        "Username": invocation.username,
        "Tags": {"Tag": [{"TagKey": key, "TagValue": value} for key, value in invocation.tags.items()]},
    }
