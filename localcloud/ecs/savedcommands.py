"""Commands that Cloud Assistant keeps: they are made, listed, changed, invoked by their ids, and deleted."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.commandreading import (
    TYPES,
    encoded,
    parameters_of,
    read_content,
    read_description,
    read_launcher,
    read_name,
    read_page,
    read_timeout,
    read_working_dir,
    too_long,
)
from localcloud.ecs.executions import UNDER_WAY, Executions
from localcloud.ecs.listing import Listing, place_of
from localcloud.ecs.models import Command
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import commands as refusals
from localcloud.ecs.state import State
from localcloud.ecs.tagging import Wanted, asked_tags, bears, read_tags, shown_tags
from localcloud.ecs.times import second
from localcloud.globs import glob
from localcloud.texts import read_json, whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
#: What every account may keep in a region; more is asked for (help page CreateCommand, read 2026-11).
_MOST_COMMANDS = 500
#: What an invocation may pass in (help page InvokeCommand, Parameters, read 2026-11).
_MOST_PASSED = 10
_REPEAT_MODES = ("Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun")
_TERMINATION_MODES = ("Process", "ProcessTree")


class SavedCommands:
    """The kept commands of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, executions: Executions) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._executions = executions

    def create(self, params: Params) -> Answer:
        """CreateCommand: what is not PlainText is base64."""
        params.need("Name")
        content = read_content(params, encoded=params.text("ContentEncoding") != "PlainText")
        command = self.keep(self.read(params, content, refusals.TYPE, refusals.TIMEOUT))
        return {"CommandId": command.id}

    def describe(self, params: Params) -> Answer:
        """DescribeCommands: one's own; of a Provider there are none here."""
        held = self._state.of(params.region)
        _check_sought(params)
        wanted = _wanted_tags(params)
        names = glob(params.text("Name", "*"), single=False)
        descriptions = glob(params.text("Description", "*"), single=False)
        chosen = [
            one
            for one in self._listing.visible(held.commands.values())
            if not params.has("Provider")
            and params.text("CommandId", one.id) == one.id
            and params.text("Type", one.type) == one.type
            and names.fullmatch(one.name)
            and descriptions.fullmatch(one.description)
            and bears(one, wanted)
        ]
        page, head = self._page(params, chosen)
        encode = params.text("ContentEncoding", "Base64") != "PlainText"
        return {**head, "Commands": {"Command": [self._shown(one, encode=encode) for one in page]}}

    def modify(self, params: Params) -> Answer:
        """ModifyCommand: for invocations from now on; CommandContent "does not take effect"."""
        command = self._named(params)
        changed = replace(
            command,
            name=read_name(params, command.name),
            description=read_description(params, refusals.CHANGED_DESCRIPTION, command.description),
            working_dir=read_working_dir(params, command.working_dir),
            timeout=read_timeout(params, command.timeout, refusals.TIMEOUT),
            launcher=read_launcher(params, command.launcher),
        )
        self._state.of(command.region).commands[command.id] = changed
        return {}

    def delete(self, params: Params) -> Answer:
        """DeleteCommand: not while it runs anywhere."""
        command = self._named(params)
        held = self._state.of(command.region)
        runs = (run for one in held.invocations_of(command.id) for run in one.runs.values())
        if any(run.status in UNDER_WAY for run in runs):
            raise refusals.IN_USE.error()
        del held.commands[command.id]
        return {}

    def invoke(self, params: Params) -> Answer:
        """InvokeCommand: a kept command on instances, with limits of this once."""
        command = self._named(params)
        if not params.each("InstanceId"):
            raise refusals.INSTANCE_MISSING.error()
        instances = self._executions.instances(params)
        _check_modes(params)
        this_once = replace(
            command,
            working_dir=read_working_dir(params, command.working_dir),
            timeout=read_timeout(params, command.timeout),
            launcher=read_launcher(params, command.launcher),
        )
        values = _passed(params, command)
        invocation = self._executions.planned(params, this_once, values, instances, refusals.NOT_FOR_GUEST)
        return {"InvokeId": self._executions.begin(invocation, command.id, instances)}

    # --- what RunCommand needs, too ----------------------------------------------------------------------------------

    def read(
        self, params: Params, content: str, unknown: errors.Refusal, beyond: errors.Refusal | None = None
    ) -> Command:
        """The command that a call tells of, without an id yet; *unknown*: its type, *beyond*: its Timeout."""
        kind = params.need("Type")
        if kind not in TYPES:
            raise unknown.error()
        enabled = params.flag("EnableParameter")
        return Command(
            id="",
            region=params.region,
            created=self._cloud.clock.now,
            listed_from=self._cloud.clock.now,
            tags=read_tags(params),
            name=read_name(params),
            description=read_description(params, errors.COMMAND_DESCRIPTION),
            type=kind,
            content=content,
            working_dir=read_working_dir(params),
            timeout=read_timeout(params, beyond=beyond),
            launcher=read_launcher(params),
            enable_parameter=enabled,
            parameters=parameters_of(content) if enabled else (),
        )

    def keep(self, command: Command) -> Command:
        """From now on it can be invoked by its id."""
        held = self._state.of(command.region)
        if len(held.commands) >= _MOST_COMMANDS:
            raise refusals.QUOTA.error()
        kept = self.identified(command)
        held.commands[kept.id] = kept
        return kept

    def identified(self, command: Command) -> Command:
        """With an id, which is drawn when nothing is refused any more."""
        command_id = self._cloud.new_id("c-")
        return replace(command, id=command_id, listed_from=self._listing.listed_from(command_id))

    # -----------------------------------------------------------------------------------------------------------------

    def _named(self, params: Params) -> Command:
        command = self._state.of(params.region).commands.get(params.need("CommandId"))
        if command is None:
            raise refusals.UNKNOWN.error()
        return command

    def _page(self, params: Params, chosen: Sequence[Command]) -> tuple[list[Command], Answer]:
        """As other lists come in pages; what is refused of them has codes of its own here."""
        number, size = read_page(params, refusals.PAGE, refusals.PAGE_SIZE)
        most, begin = whole(params.text("MaxResults", "10"), 1, 50), place_of(params.text("NextToken"))
        if most is None:
            raise refusals.MAX_RESULTS.error()
        if begin is None:
            raise refusals.NEXT_TOKEN.error()
        if params.has("NextToken") or params.has("MaxResults"):
            return self._listing.by_place(params, chosen, begin, most)
        page, head = self._listing.by_number(params, chosen, number, size)
        return page, {**head, "NextToken": ""}

    def _shown(self, one: Command, *, encode: bool) -> Answer:
        """Without Category, Provider, Version and Latest, which only commands of Alibaba Cloud's own have."""
        return {
            "CommandId": one.id,
            "Name": one.name,
            "Description": one.description,
            "Type": one.type,
            "CommandContent": encoded(one.content.encode(), encode=encode),
            "WorkingDir": one.working_dir,
            "Timeout": one.timeout,
            "Launcher": one.launcher,
            "EnableParameter": one.enable_parameter,
            "ParameterNames": {"ParameterName": list(one.parameters)},
            "ParameterDefinitions": {"ParameterDefinition": []},
            "InvokeTimes": len(self._state.of(one.region).invocations_of(one.id)),
            "CreationTime": second(one.created),
            "Tags": shown_tags(one),
        }


def _check_sought(params: Params) -> None:
    """What DescribeCommands refuses with codes of its own."""
    if params.text("Type", TYPES[0]) not in TYPES:
        raise refusals.SOUGHT_TYPE.error()
    if len(params.text("Name")) > 128:
        raise refusals.SOUGHT_NAME.error()
    if len(params.text("Description")) > 512:
        raise refusals.SOUGHT_DESCRIPTION.error()


def _wanted_tags(params: Params) -> Wanted:
    if not all(one.has("Key") for one in params.structs("Tag")):
        raise refusals.TAG_KEY_MISSING.error()
    read_tags(params, refusals.TAGS_TOO_MANY)
    return asked_tags(params, refusals.TAGS_TOO_MANY)


def _check_modes(params: Params) -> None:
    mode = params.text("RepeatMode", "Once")
    if mode not in _REPEAT_MODES:
        raise refusals.REPEAT_MODE.error()
    if mode == "Period" and not params.has("Frequency"):
        raise refusals.FREQUENCY_MISSING.error()
    if params.text("TerminationMode", "Process") not in _TERMINATION_MODES:
        raise refusals.TERMINATION_MODE.error()


def _passed(params: Params, command: Command) -> dict[str, str]:
    """The values of the command's parameters: names are the same in small letters and in capitals."""
    given = _pairs(params.text("Parameters", "{}"))
    if given and not command.enable_parameter:
        raise refusals.PARAMETERS_DISABLED.error()
    if command.parameters and not given:
        raise refusals.PARAMETERS_MISSING.error()
    if len(given) > _MOST_PASSED:
        raise refusals.PASSED_TOO_MANY.error()
    values: dict[str, str] = {}
    for name, value in given:
        if len(name) > 64:
            raise refusals.PASSED_NAME_TOO_LONG.error()
        if name.lower() in values:
            raise refusals.PASSED_TWICE.error()
        if not isinstance(value, (str, int, float)):
            raise refusals.PASSED_TYPE.error()
        values[name.lower()] = value if isinstance(value, str) else json.dumps(value)
    if not values.keys() <= {name.lower() for name in command.parameters}:
        raise refusals.PASSED_UNKNOWN.error()
    if too_long(command.content.encode(), params.text("Parameters")):
        raise refusals.FILLED_IN_TOO_LONG.error()
    return {name: values.get(name.lower(), "") for name in command.parameters}


def _pairs(text: str) -> tuple[tuple[str, object], ...]:
    """What a JSON object holds, a name that stands there twice twice."""
    try:
        read_json(text)
        found = json.loads(text, object_pairs_hook=tuple)
    except ValueError:
        found = None
    if not isinstance(found, tuple):
        raise refusals.PARAMETERS.error()
    return found
