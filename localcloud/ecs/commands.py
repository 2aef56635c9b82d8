"""Cloud Assistant: RunCommand and what came of it."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.commandreading import PARAMETER, encoded, read_content, read_page
from localcloud.ecs.executions import UNDER_WAY, Executions
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance, Invocation, Run
from localcloud.ecs.narrowing import Fields, asked_facts, shows
from localcloud.ecs.parameters import Params
from localcloud.ecs.savedcommands import SavedCommands
from localcloud.ecs.state import State
from localcloud.ecs.tagging import asked_tags, bears
from localcloud.ecs.times import second
from localcloud.texts import read_json

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
#: What an output keeps; the rest is counted in Dropped (help page DescribeInvocationResults, read 2026-11).
_MOST_OUTPUT = 24 * 1024
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

    def __init__(
        self, cloud: "Cloud", state: State, listing: Listing, executions: Executions, saved: SavedCommands
    ) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._executions = executions
        self._saved = saved

    def run(self, params: Params) -> Answer:
        """RunCommand: on each instance the script is delivered, runs, and ends, in time of its own.

        With KeepCommand the command stays, as if CreateCommand had made it.
        """
        instances = self._executions.instances(params)
        parameters = params.text("Parameters") if params.flag("EnableParameter") else ""
        in_base64 = params.text("ContentEncoding", "PlainText").lower() == "base64"
        content = read_content(params, parameters, encoded=in_base64)
        command = self._saved.read(params, content, errors.COMMAND_TYPE)
        values = _values(params)
        invocation = self._executions.planned(params, command, values, instances, errors.COMMAND_NOT_FOR_GUEST)
        command = self._saved.keep(command) if params.flag("KeepCommand") else self._saved.identified(command)
        return {"CommandId": command.id, "InvokeId": self._executions.begin(invocation, command.id, instances)}

    def results(self, params: Params) -> Answer:
        """DescribeInvocationResults; output is base64 unless told otherwise."""
        encode = params.text("ContentEncoding", "Base64") != "PlainText"
        chosen = [
            _shown_run(invocation, run, encode=encode)
            for invocation in self._asked(params)
            for run in _runs(params, invocation)
            if params.text("InvokeRecordStatus", _record_status(run)) == _record_status(run)
        ]
        _check_pages(params)
        page, head = self._listing.page(params, chosen, most=50)
        return {"Invocation": {**head, "InvocationResults": {"InvocationResult": page}}}

    def invocations(self, params: Params) -> Answer:
        """DescribeInvocations; output only with IncludeOutput.

        UNVERIFIED: that of an invocation on several instances the one that is asked for stands there alone; to know of
        the others takes a right on them.
        """
        facts, encode = asked_facts(params, _NARROWS), params.text("ContentEncoding", "Base64") != "PlainText"
        output = params.flag("IncludeOutput")
        chosen = [
            shown
            for one in self._asked(params)
            if (runs := _runs(params, one))
            and shows(shown := self._shown(one, runs, encode=encode, output=output), facts)
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
            if (not chosen or run.instance_id in chosen) and run.status in UNDER_WAY:
                self._executions.stop(invocation, run)
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

    # --- showing -----------------------------------------------------------------------------------------------------

    def _asked(self, params: Params) -> list[Invocation]:
        """Those of the region that a call names, by their ids, commands and tags."""
        wanted = asked_tags(params)
        return [
            one
            for one in self._state.of(params.region).invocations.values()
            if params.text("InvokeId", one.id) == one.id
            and params.text("CommandId", one.command_id) == one.command_id
            and bears(one, wanted)
        ]

    def _shown(self, one: Invocation, runs: Sequence[Run], *, encode: bool, output: bool) -> Answer:
        instances = [
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
            for run in runs
        ]
        return {
            "InvokeId": one.id,
            "CommandId": one.command_id,
            "CommandName": one.name,
            "CommandDescription": one.description,
            "CommandType": one.type,
            "CommandContent": encoded(one.content.encode(), encode=encode),
            "Parameters": json.dumps(one.parameters),
            "InvocationStatus": _invocation_status(one),
            "InvokeStatus": _invoke_status(one),
            "CreationTime": second(one.created),
            "RepeatMode": "Once",
            "Frequency": "",
            "Timed": False,
            "WorkingDir": one.working_dir,
            "Timeout": one.timeout,
            "Launcher": one.launcher,
            "Username": one.username,
            "InvokeInstances": {"InvokeInstance": instances},
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
        if not PARAMETER.fullmatch(name):
            raise errors.COMMAND_PARAMETER_NAME.error()
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _check_pages(params: Params) -> None:
    read_page(params, errors.RESULTS_PAGE, errors.RESULTS_PAGE_SIZE)


def _runs(params: Params, one: Invocation) -> list[Run]:
    """Those of an invocation on the instance that a call names, or on all."""
    return [run for run in one.runs.values() if params.text("InstanceId", run.instance_id) == run.instance_id]


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


def _output(run: Run, *, encode: bool) -> str:
    return encoded(run.output[:_MOST_OUTPUT], encode=encode)


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
