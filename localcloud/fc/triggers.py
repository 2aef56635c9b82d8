"""Triggers: what makes a function run."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from localcloud.eventbridge.patterns import matches, parse
from localcloud.fc import events
from localcloud.fc.cron import Schedule
from localcloud.fc.errors import ManifestProblem, ManifestProblems
from localcloud.fc.models import EventBridgeTrigger, MnsEventSource, MnsTopicTrigger, TimerTrigger, Trigger
from localcloud.smq.models import Published, Queue, Subscription

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.fc.functions import Function


def connect(cloud: "Cloud", functions: Sequence[tuple[str, "Function"]]) -> None:
    """Connect every trigger of *functions*; raises ManifestProblems when what one names is not there."""
    places = [
        (f"{path}.props.triggers.{place}", function, trigger)
        for path, function in functions
        for place, trigger in enumerate(function.props.triggers)
    ]
    problems = [problem for path, _, trigger in places if (problem := _problem(cloud, path, trigger))]
    if problems:
        raise ManifestProblems(tuple(problems))
    for _, function, trigger in places:
        if isinstance(trigger, TimerTrigger):
            _connect_timer(cloud, function, trigger)
        elif isinstance(trigger, MnsTopicTrigger):
            _connect_topic(cloud, function, trigger)
        elif isinstance(trigger, EventBridgeTrigger):
            _connect_queue(cloud, function, trigger)


def disconnect(cloud: "Cloud", function: "Function", trigger: Trigger) -> None:
    """Take away what a trigger made at its source: a topic's subscription, or a queue's reader."""
    name = _name_at_source(function, trigger)
    if isinstance(trigger, MnsTopicTrigger):
        topic = cloud.smq.state.find_topic(*trigger.topic)
        if topic is not None:
            topic.subscriptions.pop(name, None)
    elif isinstance(trigger, EventBridgeTrigger):
        config = trigger.trigger_config.event_source_config
        assert isinstance(config, MnsEventSource)
        source = config.event_source_parameters.source_mns
        queue = cloud.smq.state.find_queue(source.region_id, source.queue_name)
        if queue is not None:
            queue.readers.pop(name, None)


def _name_at_source(function: "Function", trigger: Trigger) -> str:
    return f"{function.name}-{trigger.trigger_name}"


def _problem(cloud: "Cloud", path: str, trigger: Trigger) -> ManifestProblem | None:
    if isinstance(trigger, MnsTopicTrigger) and cloud.smq.state.find_topic(*trigger.topic) is None:
        message = f"there is no topic {trigger.source_arn}"
        return ManifestProblem(f"{path}.sourceArn", "missing", message, "make the topic first")
    if isinstance(trigger, EventBridgeTrigger):
        return _queue_problem(cloud, f"{path}.triggerConfig.eventSourceConfig", trigger)
    return None


def _queue_problem(cloud: "Cloud", path: str, trigger: EventBridgeTrigger) -> ManifestProblem | None:
    source = trigger.trigger_config.event_source_config
    if not isinstance(source, MnsEventSource):
        message = "a trigger of the cloud's own events is not in the embedded cloud"
        return ManifestProblem(f"{path}.eventSourceType", "unknown", message, "make a rule that sends them to a topic")
    queue = source.event_source_parameters.source_mns
    if cloud.smq.state.find_queue(queue.region_id, queue.queue_name) is None:
        where = f"{path}.eventSourceParameters.sourceMNSParameters.QueueName"
        message = f"there is no queue {queue.queue_name} in {queue.region_id}"
        return ManifestProblem(where, "missing", message, "make the queue first")
    return None


def _connect_timer(cloud: "Cloud", function: "Function", trigger: TimerTrigger) -> None:
    schedule = Schedule.read(trigger.trigger_config.cron_expression)

    def plan(moment: datetime) -> None:
        fires = schedule.after(moment)
        if fires is not None:
            cloud.clock.at(fires, lambda: fire(fires))

    def fire(moment: datetime) -> None:
        if function.listens(trigger):
            payload = events.timer_event(moment, trigger.trigger_name, trigger.trigger_config.payload)
            cloud.fc.invoke_async(function, payload)
            plan(moment)

    if trigger.trigger_config.enable and "timers" not in cloud.world.breaks:
        plan(cloud.clock.now)


def _connect_topic(cloud: "Cloud", function: "Function", trigger: MnsTopicTrigger) -> None:
    topic = cloud.smq.state.topic(*trigger.topic)
    config = trigger.trigger_config

    def push(message: Published) -> bool:
        if function.listens(trigger):
            text = message.body
            if config.notify_content_format == "JSON":
                text = cloud.smq.state.notification(topic, subscription, message)
            cloud.fc.invoke_async(function, text.encode())
        return True

    subscription = Subscription(
        name=_name_at_source(function, trigger),
        endpoint=cloud.fc.arn(function),
        strategy=config.notify_strategy,
        content_format=config.notify_content_format,
        filter_tag=config.filter_tag,
        created=cloud.clock.now,
        push=push,
        function=function.name,
    )
    topic.subscriptions[subscription.name] = subscription


def _connect_queue(cloud: "Cloud", function: "Function", trigger: EventBridgeTrigger) -> None:
    """EventBridge reads the queue and hands each message to the function as one event.

    What asyncInvocationType means is documented in two opposite ways, so nothing here hangs on it: either way the
    message leaves the queue when the invocation was taken, and FC tries again what fails.
    """
    config = trigger.trigger_config
    assert isinstance(config.event_source_config, MnsEventSource)
    source = config.event_source_config.event_source_parameters.source_mns
    queue = cloud.smq.state.queue(source.region_id, source.queue_name)
    pattern = parse(config.event_rule_filter_pattern)
    raw = config.event_sink_config is not None and config.event_sink_config.delivery_option.event_schema == "RawData"
    arn = f"acs:mns:{queue.region}:{cloud.account}:queues/{queue.name}"

    def read(message_id: str) -> None:
        body = _take(queue, message_id, cloud.clock.now) if function.listens(trigger) else None
        if body is None:
            return
        text = _decoded(body) if source.is_base64_decode else body
        event = json.loads(events.queue_event(cloud.seed, cloud.clock.now, arn, message_id, text))
        if matches(pattern, event):
            payload = json.dumps(event["data"] if raw else event).encode()
            cloud.deliveries.send(
                lambda: _invoked(cloud, function, payload),
                to=queue.name,
                region=queue.region,
                function=function.name,
            )

    if config.trigger_enable:
        cloud.smq.state.attach(queue, _name_at_source(function, trigger), read)


def _take(queue: Queue, message_id: str, now: datetime) -> str | None:
    """The body of a message that can be received now; it leaves the queue."""
    message = queue.messages.get(message_id)
    if message is None or message.visible_at > now:
        return None
    del queue.messages[message_id]
    return message.body


def _invoked(cloud: "Cloud", function: "Function", payload: bytes) -> bool:
    cloud.fc.invoke_async(function, payload)
    return True


def _decoded(body: str) -> str:
    """*body* from Base64; what is no Base64 of text goes through as it is."""
    try:
        return base64.b64decode(body, validate=True).decode()
    except ValueError:
        return body
