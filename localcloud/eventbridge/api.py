"""EventBridge's API, version 2020-04-01: buses, rules, targets, and the way of an event.

https://www.alibabacloud.com/help/en/eventbridge/developer-reference/ (read 2026-11)
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from localcloud.door import Call, request_id
from localcloud.eventbridge import errors, targets
from localcloud.eventbridge.models import Bus, Entry, Event, Rule, Target
from localcloud.eventbridge.needs import needs
from localcloud.eventbridge.patterns import PatternError, matches, parse
from localcloud.texts import read_items, read_json, whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

#: https://help.aliyun.com/en/eventbridge/product-overview/limits and .../putevents (read 2026-11)
MAX_BUSES, MAX_RULES, MAX_TARGETS = 50, 50, 5
MAX_EVENTS, MAX_EVENT_BYTES, MAX_BYTES = 16, 64 * 1024, 256 * 1024
DEFAULT_BUS = "default"
_BUS_NAME = re.compile(r"[A-Za-z0-9-]{1,127}")
_PUBLISHED_FROM = "172.25.0.1"
Body = dict[str, object]
Model = TypeVar("Model", bound=BaseModel)


class EventBridge:
    """EventBridge of the whole account, region by region."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._buses: dict[tuple[str, str], Bus] = {}
        self._published = 0
        #: Every action that is here, by its name.
        self.actions: Mapping[str, Callable[[Call], Body]] = {
            "CreateEventBus": self._create_bus,
            "GetEventBus": self._get_bus,
            "ListEventBuses": self._list_buses,
            "DeleteEventBus": self._delete_bus,
            "CreateRule": self._create_rule,
            "GetRule": self._get_rule,
            "UpdateRule": self._update_rule,
            "EnableRule": lambda call: self._switch_rule(call, True),
            "DisableRule": lambda call: self._switch_rule(call, False),
            "ListRules": self._list_rules,
            "DeleteRule": self._delete_rule,
            "PutTargets": self._put_targets,
            "ListTargets": self._list_targets,
            "DeleteTargets": self._delete_targets,
            "PutEvents": self._put_events,
            "TestEventPattern": self._test_pattern,
        }

    def handle(self, call: Call) -> Body:
        """Answer *call*; raises ApiError."""
        action = self.actions.get(call.action)
        if action is None:
            raise errors.unknown_action(call.action)
        needed = needs(self._cloud.account, call)
        self._cloud.ram.permits.demand(call, needed, lambda need: errors.forbidden(need.action, need.resource))
        return action(call)

    def publish_system(self, region: str, type_: str, subject: str, data: Mapping[str, object]) -> None:
        """Put an event of ECS's own on the region's default bus."""
        now = self._cloud.clock.now
        self._published += 1
        event: Event = {
            "id": request_id(self._cloud.seed, "event", self._published).lower(),
            "source": "acs.ecs",
            "specversion": "1.0",
            "type": type_,
            "datacontenttype": "application/json;charset=utf-8",
            "subject": subject,
            "time": _iso(now),
            "data": dict(data),
        }
        self._publish(self._default_bus(region), event)

    # buses

    def _create_bus(self, call: Call) -> Body:
        name = _given(call, "EventBusName")
        if not _BUS_NAME.fullmatch(name) or name == DEFAULT_BUS or name.startswith("eventbridge-reserved-"):
            raise errors.bus_name_invalid(name)
        if (call.region, name) in self._buses:
            raise errors.bus_already_exists(name)
        custom = [bus for region, bus in self._buses if region == call.region and bus != DEFAULT_BUS]
        if len(custom) >= MAX_BUSES:
            raise errors.too_many("Bus", len(custom), MAX_BUSES)
        about = call.params.get("Description", "")
        self._buses[call.region, name] = Bus(call.region, name, about, self._cloud.clock.now)
        return _success({"EventBusARN": self._arn(call.region, name)})

    def _get_bus(self, call: Call) -> Body:
        return _success(self._about_bus(self._named_bus(call)))

    def _list_buses(self, call: Call) -> Body:
        self._default_bus(call.region)
        prefix = call.params.get("NamePrefix", "")
        names = sorted(name for region, name in self._buses if region == call.region and name.startswith(prefix))
        page, beside = _page(names, call)
        return _success({"EventBuses": [self._about_bus(self._buses[call.region, name]) for name in page], **beside})

    def _delete_bus(self, call: Call) -> Body:
        """Deleting what is not there is a success too: API reference, DeleteEventBus."""
        name = _given(call, "EventBusName")
        bus = self._buses.get((call.region, name))
        if bus is None:
            return {**_success(None), "Code": "200", "Data": False}
        if bus.rules:
            raise errors.bus_has_rules(name)
        del self._buses[call.region, name]
        return {**_success(None), "Code": "200", "Data": True}

    # rules

    def _create_rule(self, call: Call) -> Body:
        bus, name, text = self._named_bus(call), _given(call, "RuleName"), _given(call, "FilterPattern")
        if name in bus.rules:
            raise errors.rule_already_exists(name, bus.name)
        if len(bus.rules) >= MAX_RULES:
            raise errors.too_many("Rule", len(bus.rules), MAX_RULES)
        pattern = _pattern("FilterPattern", text)
        wanted = _read_targets("EventTargets", call.params.get("EventTargets", "[]"))
        for target in wanted:
            wrong = targets.problem_with(target, bus.region, self._cloud.account)
            if wrong:
                raise errors.invalid("EventTargets", wrong)
        if len(wanted) > MAX_TARGETS:
            raise errors.too_many("Target", len(wanted), MAX_TARGETS)
        about, enabled = call.params.get("Description", ""), _enabled(call, True)
        bus.rules[name] = Rule(name, text, pattern, about, enabled, self._cloud.clock.now)
        bus.rules[name].targets = {target.id: target for target in wanted}
        return _success({"RuleARN": f"{self._arn(bus.region, bus.name)}/rule/{name}"})

    def _get_rule(self, call: Call) -> Body:
        bus, rule = self._named_rule(call)
        return _success(self._about_rule(bus, rule))

    def _update_rule(self, call: Call) -> Body:
        _, rule = self._named_rule(call)
        text, enabled = call.params.get("FilterPattern"), _enabled(call, rule.enabled)
        if text is not None:
            rule.pattern, rule.pattern_text = _pattern("FilterPattern", text), text
        rule.description = call.params.get("Description", rule.description)
        rule.enabled = enabled
        return _success({})

    def _switch_rule(self, call: Call, enabled: bool) -> Body:
        _, rule = self._named_rule(call)
        rule.enabled = enabled
        return _success(None)

    def _list_rules(self, call: Call) -> Body:
        bus = self._named_bus(call)
        prefix = call.params.get("RuleNamePrefix", "")
        page, beside = _page(sorted(name for name in bus.rules if name.startswith(prefix)), call)
        rules = [self._about_rule(bus, bus.rules[name]) for name in page]
        return _success({"Rules": rules, **beside})

    def _delete_rule(self, call: Call) -> Body:
        """With its targets: no page says that they have to go first."""
        bus, rule = self._named_rule(call)
        del bus.rules[rule.name]
        return _success(None)

    # targets

    def _put_targets(self, call: Call) -> Body:
        bus, rule = self._named_rule(call)
        wrong: list[Body] = []
        for target in _read_targets("Targets", _given(call, "Targets")):
            problem = targets.problem_with(target, bus.region, self._cloud.account)
            if problem is None and len({*rule.targets, target.id}) > MAX_TARGETS:
                problem = f"a rule has at most {MAX_TARGETS} targets"
            if problem is None:
                rule.targets[target.id] = target
            else:
                wrong.append({"EntryId": target.id, "ErrorCode": "InvalidArgument", "ErrorMessage": problem})
        return _success({"ErrorEntriesCount": len(wrong), "ErrorEntries": wrong})

    def _list_targets(self, call: Call) -> Body:
        bus, rule = self._named_rule(call)
        page, beside = _page(sorted(rule.targets), call)
        return _success({"Targets": [_about_target(rule.targets[id], bus, rule) for id in page], **beside})

    def _delete_targets(self, call: Call) -> Body:
        """A target that is not there is named: https://help.aliyun.com/en/eventbridge/deletetargets (read 2026-11)."""
        _, rule = self._named_rule(call)
        unknown = [
            id for id in _list("TargetIds", _given(call, "TargetIds")) if rule.targets.pop(str(id), None) is None
        ]
        said = {"ErrorCode": "EventTargetNotExist", "ErrorMessage": "The event target delete has not exist! "}
        return _success(
            {"ErrorEntriesCount": len(unknown), "ErrorEntries": [{**said, "EntryId": id} for id in unknown]}
        )

    # events

    def _put_events(self, call: Call) -> Body:
        """Take at most 16 events and 256 KB; a single event that is wrong is named and the others go on."""
        bus, text = self._named_bus(call), _given(call, "EventList")
        if len(text.encode()) > MAX_BYTES:
            raise errors.invalid("EventList", f"it is longer than {MAX_BYTES} bytes")
        try:
            sent = read_items(text)
        except ValueError as error:
            raise errors.invalid("EventList", f"not JSON: {error}") from error
        if not 1 <= len(sent) <= MAX_EVENTS:
            raise errors.invalid("EventList", f"send 1 to {MAX_EVENTS} events, not {len(sent)}")
        results = [self._put_event(bus, one, f"{call.request_id}-{place}") for place, one in enumerate(sent)]
        failed = sum("ErrorCode" in result for result in results)
        return {**_success({"FailedEntryCount": failed, "EntryList": results}), "Code": "200"}

    def _put_event(self, bus: Bus, sent: object, trace: str) -> Body:
        if isinstance(sent, ValueError):
            return {"EventId": None, "ErrorCode": "InvalidArgument", "ErrorMessage": str(sent)}
        try:
            entry = Entry.model_validate(sent)
        except ValidationError as error:
            id_ = sent.get("Id") if isinstance(sent, Mapping) else None
            return {"EventId": id_, "ErrorCode": "InvalidArgument", "ErrorMessage": _why(error)}
        if len(json.dumps(sent).encode()) > MAX_EVENT_BYTES:
            why = f"the event is longer than {MAX_EVENT_BYTES} bytes"
            return {"EventId": entry.id, "ErrorCode": "InvalidArgument", "ErrorMessage": why}
        self._publish(bus, _event(entry, self._cloud.clock.now))
        return {"EventId": entry.id, "TraceId": trace}

    def _publish(self, bus: Bus, event: Event) -> None:
        whole: Event = {
            **{key: value for key, value in event.items() if key != "data"},
            "aliyunaccountid": self._cloud.account,
            "aliyunpublishtime": _iso(self._cloud.clock.now),
            "aliyuneventbusname": bus.name,
            "aliyunregionid": bus.region,
            "aliyunpublishaddr": _PUBLISHED_FROM,
            "data": event["data"],
        }
        for rule in bus.rules.values():
            if rule.enabled and matches(rule.pattern, whole):
                for target in rule.targets.values():
                    self._send(bus.region, target, whole)

    def _send(self, region: str, target: Target, event: Event) -> None:
        def give_up() -> None:
            if target.dead_letters is not None:
                self._cloud.smq.state.send_to(target.dead_letters.arn, json.dumps(event))

        self._cloud.deliveries.send(
            lambda: targets.deliver(self._cloud.smq, target, region, event),
            to=targets.name_of(target),
            region=region,
            strategy=target.strategy,
            give_up=give_up,
        )

    def _test_pattern(self, call: Call) -> Body:
        event = _json("Event", _given(call, "Event"))
        if not isinstance(event, dict):
            raise errors.invalid("Event", "it is not an object")
        return _success({"Result": matches(_pattern("EventPattern", _given(call, "EventPattern")), event)})

    # what is there

    def _bus(self, region: str, name: str) -> Bus:
        bus = self._default_bus(region) if name == DEFAULT_BUS else self._buses.get((region, name))
        if bus is None:
            raise errors.bus_not_exist(name)
        return bus

    def _default_bus(self, region: str) -> Bus:
        """The bus that every region has."""
        return self._buses.setdefault((region, DEFAULT_BUS), Bus(region, DEFAULT_BUS, "", self._cloud.clock.start))

    def _named_bus(self, call: Call) -> Bus:
        return self._bus(call.region, _given(call, "EventBusName"))

    def _named_rule(self, call: Call) -> tuple[Bus, Rule]:
        bus, name = self._named_bus(call), _given(call, "RuleName")
        if name not in bus.rules:
            raise errors.rule_not_exist(name, bus.name)
        return bus, bus.rules[name]

    def _arn(self, region: str, bus: str) -> str:
        return f"acs:eventbridge:{region}:{self._cloud.account}:eventbus/{bus}"

    def _about_bus(self, bus: Bus) -> Body:
        return {
            "EventBusARN": self._arn(bus.region, bus.name),
            "EventBusName": bus.name,
            "Description": bus.description,
            "CreateTimestamp": int(bus.created.timestamp() * 1000),
        }

    def _about_rule(self, bus: Bus, rule: Rule) -> Body:
        return {
            "EventBusName": bus.name,
            "RuleARN": f"{self._arn(bus.region, bus.name)}/rule/{rule.name}",
            "RuleName": rule.name,
            "Description": rule.description,
            "Status": "ENABLE" if rule.enabled else "DISABLE",
            "FilterPattern": rule.pattern_text,
            "CreatedTimestamp": int(rule.created.timestamp() * 1000),
            "Targets": [_about_target(target, bus, rule) for _, target in sorted(rule.targets.items())],
        }


def _success(data: Body | None) -> Body:
    return {"Code": "Success", "Success": True, "Message": "", **({} if data is None else {"Data": data})}


def _given(call: Call, name: str) -> str:
    value = call.params.get(name, "")
    if not value:
        raise errors.missing(name)
    return value


def _json(name: str, text: str) -> object:
    try:
        return read_json(text)
    except ValueError as error:
        raise errors.invalid(name, f"not JSON: {error}") from error


def _list(name: str, text: str) -> Sequence[object]:
    value = _json(name, text)
    if not isinstance(value, list):
        raise errors.invalid(name, "it is not a list")
    return value


def _enabled(call: Call, default: bool) -> bool:
    """Status, ENABLE or DISABLE.  UNVERIFIED: what is said to any other.

    https://www.alibabacloud.com/help/en/eventbridge/latest/createrule-6 (read 2026-11)
    """
    status = call.params.get("Status") or ("ENABLE" if default else "DISABLE")
    if status not in ("ENABLE", "DISABLE"):
        raise errors.invalid("Status", "write ENABLE or DISABLE")
    return status == "ENABLE"


def _pattern(name: str, text: str) -> Mapping[str, object]:
    try:
        return parse(text)
    except PatternError as error:
        raise errors.invalid(name, str(error)) from error


def _read_targets(name: str, text: str) -> list[Target]:
    try:
        return [Target.model_validate(one) for one in _list(name, text)]
    except ValidationError as error:
        raise errors.invalid(name, _why(error)) from error


def _why(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _page(names: Sequence[str], call: Call) -> tuple[Sequence[str], Body]:
    """A page of *names* by Limit (100 at most) and NextToken, and the fields that say so."""
    limit = whole(call.params.get("Limit", "100"), 1, 100)
    begin = whole(call.params.get("NextToken", "0") or "0", 0, 10**9)
    if limit is None:
        raise errors.invalid("Limit", "write 1 to 100")
    if begin is None:
        raise errors.invalid("NextToken", "it is not one that was given")
    end = begin + limit
    beside: Body = {"Total": len(names), **({"NextToken": str(end)} if end < len(names) else {})}
    return names[begin:end], beside


def _about_target(target: Target, bus: Bus, rule: Rule) -> Body:
    params: Iterable[Body] = (
        {"ResourceKey": one.key, "Form": one.form, "Value": one.value, "Template": one.template}
        for one in target.params
    )
    dead = {"DeadLetterQueue": {"Arn": target.dead_letters.arn}} if target.dead_letters else {}
    return {
        "Id": target.id,
        "Type": target.type,
        "Endpoint": target.endpoint,
        "EventBusName": bus.name,
        "RuleName": rule.name,
        "PushRetryStrategy": target.strategy,
        "ErrorsTolerance": target.tolerance,
        "ParamList": [{key: value for key, value in param.items() if value is not None} for param in params],
        **dead,
    }


def _event(entry: Entry, now: datetime) -> Event:
    return {
        "id": entry.id,
        "source": entry.source,
        "specversion": entry.spec_version,
        "type": entry.type,
        "datacontenttype": entry.data_content_type,
        **({} if entry.data_schema is None else {"dataschema": entry.data_schema}),
        **({} if entry.subject is None else {"subject": entry.subject}),
        "time": entry.time or _iso(now),
        "data": entry.data,
    }


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{moment.microsecond // 1000:03d}Z"
