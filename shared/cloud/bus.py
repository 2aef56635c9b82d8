"""The custom EventBridge bus that carries commands, and what provisioning makes of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.cloud.errors import CloudRefused
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

    def make_bus(self) -> bool:
        """Make the bus if it is not there; whether it was made."""
        from alibabacloud_eventbridge20200401 import models

        request = models.ListEventBusesRequest(name_prefix=self._bus, limit=100)
        body = self._call("list_event_buses", request)
        found = body.data.event_buses if body.data else []
        if any(bus.event_bus_name == self._bus for bus in found or []):
            return False
        self._call("create_event_bus", models.CreateEventBusRequest(event_bus_name=self._bus))
        return True

    def make_rule(self, name: str, pattern: Mapping[str, object], target: Target, dead_letters: str) -> bool:
        """Make a rule on this bus, or put it right; whether anything was changed."""
        from alibabacloud_eventbridge20200401 import models

        wanted = json.dumps(pattern, sort_keys=True)
        there = self._rule(name)
        if there is None:
            self._call(
                "create_rule",
                models.CreateRuleRequest(
                    event_bus_name=self._bus,
                    rule_name=name,
                    filter_pattern=wanted,
                    status="ENABLE",
                    event_targets=[_target(models.CreateRuleRequestEventTargets, models, target, dead_letters)],
                ),
            )
            return True
        if json.dumps(json.loads(there.filter_pattern or "{}"), sort_keys=True) == wanted:
            return False
        self._call(
            "update_rule",
            models.UpdateRuleRequest(event_bus_name=self._bus, rule_name=name, filter_pattern=wanted, status="ENABLE"),
        )
        return True

    def _rule(self, name: str) -> Any | None:
        from alibabacloud_eventbridge20200401 import models

        request = models.ListRulesRequest(event_bus_name=self._bus, rule_name_prefix=name, limit=100)
        body = self._call("list_rules", request)
        found = body.data.rules if body.data else []
        return next((rule for rule in found or [] if rule.rule_name == name), None)

    def _call(self, method: str, request: object) -> Any:
        body = self._session.ask("eventbridge", self._region, method, request)
        # EventBridge says no with HTTP 200 and a code in the body.
        if body.success is False:
            raise CloudRefused(body.code, body.message or "", body.request_id or "")
        return body


def _target(make: Any, models: Any, target: Target, dead_letters: str) -> Any:
    """A target that gets the whole event as text.

    https://www.alibabacloud.com/help/en/doc-detail/185887.htm
    """
    params = models.CreateRuleRequestEventTargetsParamList
    return make(
        id="1",
        type=f"acs.mns.{target.kind}",
        endpoint=target.endpoint,
        push_retry_strategy="EXPONENTIAL_DECAY_RETRY",
        errors_tolerance="ALL",
        dead_letter_queue=models.CreateRuleRequestEventTargetsDeadLetterQueue(arn=dead_letters),
        param_list=[
            params(resource_key=target.kind, form="CONSTANT", value=target.name),
            params(resource_key="Body", form="ORIGINAL"),
            *([params(resource_key="IsBase64Encode", form="CONSTANT", value="true")] if target.kind == "queue" else []),
        ],
    )
