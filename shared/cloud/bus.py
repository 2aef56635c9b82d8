"""The custom EventBridge bus that carries commands, and what provisioning makes of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.cloud.errors import CloudRefused
from shared.cloud.ownership import check_owner
from shared.cloud.session import Session
from shared.ports import TryAgain
from shared.replication.commands import Command
from shared.replication.model import Kept
from shared.replication.record import Replication

SOURCE = "ferry"


class Target(Kept):
    """Where a rule delivers: an SMQ topic or queue."""

    kind: str
    name: str
    endpoint: str


class EventBus:
    """EventBridge, by the one SDK that can also put events (alibabacloud-eventbridge20200401 >= 8.5)."""

    def __init__(self, session: Session, region: str, bus: str) -> None:
        self._session = session
        self._region = region
        self._bus = bus

    def publish(self, record: Replication, commands: Sequence[Command]) -> None:
        """Send the commands that are due, 16 at most; raises TryAgain if one was not taken.

        https://help.aliyun.com/en/eventbridge/putevents
        """
        from alibabacloud_eventbridge20200401 import models

        events = [
            models.PutEventsRequestEventList(
                id=f"{record.id}:{record.version}:{type(command).__name__}",
                source=SOURCE,
                type=command.event_type(),
                spec_version="1.0",
                data_content_type="application/json",
                subject=record.id,
                time=self._session.clock().isoformat(),
                data=command.model_dump(mode="json", by_alias=True),
            )
            for command in commands
        ]
        request = models.PutEventsRequest(event_bus_name=self._bus, event_list=events)
        body = self._call("put_events", request)
        if body.data and body.data.failed_entry_count:
            raise TryAgain(f"{body.data.failed_entry_count} of {len(events)} events were not taken by the bus")

    def make_bus(self, about: str) -> bool:
        """Make the bus if it is not there; whether it was made.

        Raises CloudRefused when there is a bus of this name that *about* does not tell of.
        """
        from alibabacloud_eventbridge20200401 import models

        said = self.about()
        if said is None:
            wanted = models.CreateEventBusRequest(event_bus_name=self._bus, description=about)
            if self._made("create_event_bus", wanted):
                return True
            said = self.about()
        check_owner("bus", self._bus, said, about)
        return False

    def make_rule(self, name: str, pattern: Mapping[str, object], target: Target, dead_letters: str) -> bool:
        """Make a rule on this bus, or put it right; whether anything was changed."""
        from alibabacloud_eventbridge20200401 import models

        wanted = json.dumps(pattern, sort_keys=True)
        there = self._rule(name)
        if there is None:
            new = models.CreateRuleRequest(
                event_bus_name=self._bus,
                rule_name=name,
                filter_pattern=wanted,
                status="ENABLE",
                event_targets=[_target(models, models.CreateRuleRequestEventTargets, target, dead_letters)],
            )
            if self._made("create_rule", new):
                return True
            there = self._rule(name)
        changed = self._put_targets_right(name, target, dead_letters)
        if (
            there
            and there.status == "ENABLE"
            and json.dumps(json.loads(there.filter_pattern or "{}"), sort_keys=True) == wanted
        ):
            return changed
        self._call(
            "update_rule",
            models.UpdateRuleRequest(event_bus_name=self._bus, rule_name=name, filter_pattern=wanted, status="ENABLE"),
        )
        return True

    def about(self) -> str | None:
        """The bus's description; None when there is no such bus."""
        return self._listed(self._bus).get(self._bus)

    def all_buses(self) -> tuple[str, ...]:
        """The names of the region's custom buses."""
        return tuple(name for name in self._listed() if name != "default")

    def _listed(self, prefix: str | None = None) -> dict[str, str]:
        """The descriptions of the buses whose names begin so."""
        from alibabacloud_eventbridge20200401 import models

        found: dict[str, str] = {}
        token = None
        while True:
            request = models.ListEventBusesRequest(name_prefix=prefix, limit=100, next_token=token)
            body = self._call("list_event_buses", request)
            for bus in (body.data.event_buses if body.data else None) or []:
                found[bus.event_bus_name] = bus.description or ""
            token = body.data.next_token if body.data else None
            if not token:
                return found

    def rules(self, prefix: str = "") -> tuple[str, ...]:
        """The names of this bus's rules that begin so."""
        from alibabacloud_eventbridge20200401 import models

        names: list[str] = []
        token = None
        while True:
            request = models.ListRulesRequest(
                event_bus_name=self._bus, rule_name_prefix=prefix or None, limit=100, next_token=token
            )
            body = self._call("list_rules", request)
            names += [rule.rule_name for rule in (body.data.rules if body.data else None) or []]
            token = body.data.next_token if body.data else None
            if not token:
                return tuple(names)

    def delete_rule(self, name: str) -> None:
        """Delete a rule with its targets."""
        from alibabacloud_eventbridge20200401 import models

        self._call("delete_rule", models.DeleteRuleRequest(event_bus_name=self._bus, rule_name=name))

    def delete_bus(self) -> None:
        """Delete the bus, which has no rule any more."""
        from alibabacloud_eventbridge20200401 import models

        self._call("delete_event_bus", models.DeleteEventBusRequest(event_bus_name=self._bus))

    def _put_targets_right(self, rule: str, target: Target, dead_letters: str) -> bool:
        """Make *target* the rule's only one; whether anything was changed."""
        from alibabacloud_eventbridge20200401 import models

        wanted = _target(models, models.PutTargetsRequestTargets, target, dead_letters)
        body = self._call("list_targets", models.ListTargetsRequest(event_bus_name=self._bus, rule_name=rule))
        there = (body.data.targets if body.data else None) or []
        others = [one.id for one in there if one.id != wanted.id]
        if others:
            doomed = models.DeleteTargetsRequest(event_bus_name=self._bus, rule_name=rule, target_ids=others)
            self._call("delete_targets", doomed)
        if any(_facts(one) == _facts(wanted) for one in there):
            return bool(others)
        put = models.PutTargetsRequest(event_bus_name=self._bus, rule_name=rule, targets=[wanted])
        refused = self._call("put_targets", put).data
        for no in (refused.error_entries if refused else None) or []:
            raise CloudRefused(no.error_code, no.error_message or "", "")
        return True

    def _rule(self, name: str) -> Any | None:
        from alibabacloud_eventbridge20200401 import models

        request = models.ListRulesRequest(event_bus_name=self._bus, rule_name_prefix=name, limit=100)
        body = self._call("list_rules", request)
        found = body.data.rules if body.data else []
        return next((rule for rule in found or [] if rule.rule_name == name), None)

    def _made(self, method: str, request: object) -> bool:
        """Make something; false when somebody else has made it meanwhile."""
        try:
            self._call(method, request)
        except CloudRefused as no:
            if not no.code.endswith("AlreadyExist"):
                raise
            return False
        return True

    def _call(self, method: str, request: object) -> Any:
        body = self._session.ask("eventbridge", self._region, method, request)
        # EventBridge says no with HTTP 200 and a code in the body.
        if body.success is False:
            raise CloudRefused(body.code, body.message or "", body.request_id or "")
        return body


def _target(models: Any, make: Any, target: Target, dead_letters: str) -> Any:
    """A target that gets the whole event as text.

    https://www.alibabacloud.com/help/en/doc-detail/185887.htm
    """
    name = make.__name__
    param, queue = getattr(models, f"{name}ParamList"), getattr(models, f"{name}DeadLetterQueue")
    return make(
        id="1",
        type=f"acs.mns.{target.kind}",
        endpoint=target.endpoint,
        push_retry_strategy="EXPONENTIAL_DECAY_RETRY",
        errors_tolerance="ALL",
        dead_letter_queue=queue(arn=dead_letters),
        param_list=[
            param(resource_key=target.kind, form="CONSTANT", value=target.name),
            param(resource_key="Body", form="ORIGINAL"),
            *([param(resource_key="IsBase64Encode", form="CONSTANT", value="true")] if target.kind == "queue" else []),
        ],
    )


def _facts(target: Any) -> tuple[object, ...]:
    """What of a target both a listed and a wanted one tell."""
    params = sorted((one.resource_key, one.form, one.value or "") for one in target.param_list or [])
    return (target.id, target.type, target.endpoint, target.errors_tolerance, params)
