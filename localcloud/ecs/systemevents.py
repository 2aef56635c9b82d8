"""System events of instances, on demand: scheduled, executed, called off, or avoided by a reboot in time.

https://www.alibabacloud.com/help/en/ecs/api-createsimulatedsystemevents and its neighbours; what EventBridge gets:
https://www.alibabacloud.com/help/en/eventbridge/user-guide/ecs-events (read 2026-11).  TriggerRealOps is refused: no
event does anything to its instance here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State
from localcloud.ecs.telling import Telling
from localcloud.ecs.times import read_second, second

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
#: Each type with its number.  UNVERIFIED: the numbers other than those in the samples of
#: DescribeInstancesFullStatus, 65 of SystemFailure.Reboot, and DescribeInstanceHistoryEvents.
_TYPES = {
    "SystemMaintenance.Reboot": 1,
    "SystemMaintenance.Redeploy": 2,
    "SystemMaintenance.Stop": 3,
    "SystemFailure.Reboot": 65,
    "SystemFailure.Redeploy": 66,
    "SystemFailure.Stop": 67,
    "InstanceFailure.Reboot": 97,
}
#: Each state with its number; Scheduled and Avoided are in the samples, the others UNVERIFIED.
_STATES = {"Scheduled": 24, "Executing": 32, "Executed": 0, "Avoided": 8, "Canceled": 16}
_MOST = 100


@dataclass
class SystemEvent:
    """One event of one instance."""

    id: str
    region: str
    instance_id: str
    type: str
    not_before: datetime
    published: datetime
    state: str
    finished: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.finished is not None


class SystemEvents:
    """The system events of an account."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, telling: Telling) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._telling = telling
        self._events: dict[str, SystemEvent] = {}

    def create(self, params: Params) -> Answer:
        """CreateSimulatedSystemEvents: maintenance is scheduled, a failure is under way at once."""
        type_, not_before = self._type(params), read_second(_need(params, "NotBefore"))
        if not_before is None or not_before <= self._cloud.clock.now:
            raise errors.EVENT_PARAMETER.error("NotBefore")
        if params.flag("TriggerRealOps"):
            raise errors.UNSUPPORTED.error("TriggerRealOps")
        ids = _ids(params, "InstanceId", errors.EVENT_INSTANCES_TOO_MANY)
        held = self._state.of(params.region)
        instances = [held.instance(one) for one in ids]
        made = [self._add(params.region, instance.id, type_, not_before) for instance in instances]
        return {"EventIdSet": {"EventId": made}}

    def cancel(self, params: Params) -> Answer:
        """CancelSimulatedSystemEvents: all of them or none; what is over can't be called off."""
        self._state.of(params.region)
        ids = _ids(params, "EventId", errors.EVENTS_TOO_MANY)
        found = [event for one in ids if (event := self._events.get(one)) and event.region == params.region]
        if len(found) < len(ids) or any(event.is_over for event in found):
            raise errors.EVENT_PARAMETER.error("EventId")
        for event in found:
            self._to(event, "Canceled")
        return {}

    def describe(self, params: Params) -> Answer:
        """DescribeInstanceHistoryEvents: newest first."""
        self._state.of(params.region)
        ids, instances = params.each("EventId"), params.each("ResourceId") or (params.text("InstanceId"),)
        types = params.each("InstanceEventType") or (params.text("EventType"),)
        states = params.each("InstanceEventCycleStatus") or (params.text("EventCycleStatus"),)
        if len(ids) > _MOST:
            raise errors.EVENTS_TOO_MANY.error("EventId")
        if params.text("ResourceType", "instance") != "instance":
            raise errors.EVENT_PARAMETER.error("ResourceType")
        chosen = [
            event
            for event in reversed(self._events.values())
            if event.region == params.region
            and (not ids or event.id in ids)
            and (instances == ("",) or event.instance_id in instances)
            and (types == ("",) or event.type in types)
            and (states == ("",) or event.state in states)
        ]
        page, head = self._listing.page(params, chosen, most=_MOST)
        return {**head, "InstanceSystemEventSet": {"InstanceSystemEventType": [_shown(event) for event in page]}}

    def rebooted(self, region: str, instance_id: str) -> None:
        """An instance was restarted by its owner: the maintenance that would have done so is avoided."""
        for event in self._events.values():
            mine = (event.region, event.instance_id) == (region, instance_id)
            if mine and event.type == "SystemMaintenance.Reboot" and event.state == "Scheduled":
                self._to(event, "Avoided")

    def _type(self, params: Params) -> str:
        type_ = _need(params, "EventType")
        if type_ not in _TYPES:
            raise errors.EVENT_PARAMETER.error("EventType")
        return type_

    def _add(self, region: str, instance_id: str, type_: str, not_before: datetime) -> str:
        now, id_ = self._cloud.clock.now, self._cloud.new_id("e-")
        state = "Scheduled" if type_.startswith("SystemMaintenance") else "Executing"
        event = self._events[id_] = SystemEvent(id_, region, instance_id, type_, not_before, now, state)
        self._tell(event)
        self._cloud.clock.at(not_before, lambda: self._execute(event))
        return id_

    def _execute(self, event: SystemEvent) -> None:
        if not event.is_over:
            self._to(event, "Executed")

    def _to(self, event: SystemEvent, state: str) -> None:
        event.state, event.finished = state, self._cloud.clock.now
        self._tell(event)

    def _tell(self, event: SystemEvent) -> None:
        begun = event.published if event.state != "Scheduled" and not event.type.startswith("SystemM") else None
        self._telling.system_event(
            event.region,
            event.instance_id,
            event.type,
            {
                "eventId": event.id,
                "eventType": event.type,
                "eventStatus": event.state,
                "instanceId": event.instance_id,
                "publishTime": second(event.published),
                **({"notBefore": second(event.not_before)} if event.type.startswith("SystemMaintenance") else {}),
                **({"executeStartTime": second(begun)} if begun else {}),
                **({"executeFinishTime": second(event.finished)} if event.state == "Executed" else {}),
            },
        )


def _shown(event: SystemEvent) -> Answer:
    return {
        "EventId": event.id,
        "InstanceId": event.instance_id,
        "ResourceType": "instance",
        "EventType": {"Code": _TYPES[event.type], "Name": event.type},
        "EventCycleStatus": {"Code": _STATES[event.state], "Name": event.state},
        "EventPublishTime": second(event.published),
        "NotBefore": second(event.not_before),
        "EventFinishTime": second(event.finished),
        "Reason": "A simulated event.",
    }


def _need(params: Params, name: str) -> str:
    value = params.text(name)
    if not value:
        raise errors.EVENT_PARAMETER_MISSING.error(name)
    return value


def _ids(params: Params, name: str, too_many: errors.Refusal) -> tuple[str, ...]:
    ids = params.each(name)
    if not ids:
        raise errors.EVENT_PARAMETER_MISSING.error(name)
    if len(ids) > _MOST:
        raise too_many.error(name)
    return ids
