"""The state of SMQ: queues and topics of every region, and what happens to messages in them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from localcloud.delivery import Strategy
from localcloud.smq import documents, errors
from localcloud.smq.models import (
    DEFAULT_PRIORITY,
    QUEUE_ATTRIBUTES,
    TOPIC_ATTRIBUTES,
    Message,
    Published,
    Queue,
    Reader,
    Subscription,
    Topic,
    md5,
    millis,
)
from localcloud.texts import speakable, whole
from localcloud.wire import ApiError

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,254}")
_QUEUE_ENDPOINT = re.compile(r"acs:mns:([^:]+):([^:]+):/?queues/([^/]+)(?:/messages)?")
_STRATEGIES = ("BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY")
_FORMATS = ("XML", "JSON", "SIMPLIFIED")
Place = TypeVar("Place", Queue, Topic)


class State:
    """Queues and topics by region and name."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._queues: dict[tuple[str, str], Queue] = {}
        self._topics: dict[tuple[str, str], Topic] = {}
        self._subscribers: dict[tuple[str, str, str], Subscription] = {}
        self._numbers = 0

    @property
    def now(self) -> datetime:
        """The virtual moment."""
        return self._cloud.clock.now

    # queues

    def find_queue(self, region: str, name: str) -> Queue | None:
        """The queue, or None."""
        return self._queues.get((region, name))

    def queue(self, region: str, name: str) -> Queue:
        """The queue; refused when there is none."""
        found = self.find_queue(region, name)
        if found is None:
            raise errors.queue_not_exist()
        return found

    def queues(self, region: str) -> list[Queue]:
        """The region's queues by name."""
        return _in_region(self._queues, region)

    def create_queue(self, region: str, name: str, sent: Mapping[str, str]) -> bool:
        """Make a queue; whether it is new.  The same again is fine, other attributes are refused."""
        _check_name("Queue", name)
        attributes, logging = _attributes(QUEUE_ATTRIBUTES, {}, sent), _logging(sent, False)
        there = self.find_queue(region, name)
        if there is not None:
            if (there.attributes, there.logging) != (attributes, logging):
                raise errors.queue_already_exist()
            return False
        self._queues[region, name] = Queue(region, name, attributes, logging, self.now, self.now)
        return True

    def change_queue(self, region: str, name: str, sent: Mapping[str, str]) -> None:
        """Change the attributes that are given."""
        queue = self.queue(region, name)
        queue.attributes = _attributes(QUEUE_ATTRIBUTES, queue.attributes, sent)
        queue.logging = _logging(sent, queue.logging)
        queue.modified = self.now

    def delete_queue(self, region: str, name: str) -> None:
        """Delete the queue and all that is in it."""
        self.queue(region, name)
        del self._queues[region, name]

    def send(self, queue: Queue, body: str, *, delay: int | None = None, priority: int = DEFAULT_PRIORITY) -> Message:
        """Put a message in; it becomes visible after *delay* seconds (none: the queue's own).

        Its body comes out in XML, so it is what XML can hold of it (see `speakable`).  UNVERIFIED: what becomes of the
        rest, which no client can send, but EventBridge may have of an event.
        """
        wait = queue.attributes["DelaySeconds"] if delay is None else delay
        held = queue.fitting(body)
        message = Message(self._new_id(), held, priority, self.now, self.now + timedelta(seconds=wait))
        if wait and "delays" in self._cloud.world.breaks:
            return message
        queue.messages[message.id] = message
        for reader in list(queue.readers.values()):
            self._tell(reader, message)
        return message

    def attach(self, queue: Queue, name: str, reader: Reader) -> None:
        """Tell *reader* of every message when it becomes visible, those that are there included."""
        queue.readers[name] = reader
        for message in list(queue.messages.values()):
            self._tell(reader, message)

    def send_to(self, arn: str, body: str) -> bool:
        """Put *body* into the queue that an endpoint names; False when there is none, or it is too long for it."""
        found = _QUEUE_ENDPOINT.fullmatch(arn)
        queue = self.find_queue(found.group(1), found.group(3)) if found else None
        if queue is None:
            return False
        try:
            self.send(queue, body)
        except ApiError:
            return False
        return True

    def _tell(self, reader: Reader, message: Message) -> None:
        self._cloud.clock.at(max(message.visible_at, self.now), lambda: reader(message.id))

    # topics

    def find_topic(self, region: str, name: str) -> Topic | None:
        """The topic, or None."""
        return self._topics.get((region, name))

    def topic(self, region: str, name: str) -> Topic:
        """The topic; refused when there is none."""
        found = self.find_topic(region, name)
        if found is None:
            raise errors.topic_not_exist()
        return found

    def topics(self, region: str) -> list[Topic]:
        """The region's topics by name."""
        return _in_region(self._topics, region)

    def create_topic(self, region: str, name: str, sent: Mapping[str, str]) -> bool:
        """Make a topic; whether it is new.  The same again is fine, other attributes are refused."""
        _check_name("Topic", name)
        attributes, logging = _attributes(TOPIC_ATTRIBUTES, {}, sent), _logging(sent, False)
        there = self.find_topic(region, name)
        if there is not None:
            if (there.attributes, there.logging) != (attributes, logging):
                raise errors.topic_already_exist()
            return False
        self._topics[region, name] = Topic(region, name, attributes, logging, self.now, self.now)
        return True

    def change_topic(self, region: str, name: str, sent: Mapping[str, str]) -> None:
        """Change the attributes that are given."""
        topic = self.topic(region, name)
        topic.attributes = _attributes(TOPIC_ATTRIBUTES, topic.attributes, sent)
        topic.logging = _logging(sent, topic.logging)
        topic.modified = self.now

    def delete_topic(self, region: str, name: str) -> None:
        """Delete the topic with its subscriptions."""
        self.topic(region, name)
        del self._topics[region, name]

    def publish(self, topic: Topic, body: str, tag: str = "") -> Published:
        """Send a message to every subscription whose filter lets it through; its body as in `send`."""
        body = speakable(body)
        limit = topic.attributes["MaximumMessageSize"]
        if not 1 <= len(body.encode()) <= limit:
            raise errors.out_of_range("MessageBody", 1, limit)
        topic.published += 1
        message = Published(self._new_id(), body, tag, self.now)
        for subscription in topic.subscriptions.values():
            if subscription.filter_tag in ("", tag):
                self._push(topic, subscription, message)
        return message

    def subscribe(self, topic: Topic, name: str, sent: Mapping[str, str]) -> bool:
        """Make a subscription of a queue; whether it is new."""
        _check_name("Subscription", name)
        endpoint = sent.get("Endpoint", "")
        found = _QUEUE_ENDPOINT.fullmatch(endpoint)
        if found is None:
            raise errors.not_understood(f"Endpoint {endpoint!r}: the embedded SMQ pushes to queues only")
        format_ = sent.get("NotifyContentFormat", "XML")
        strategy = sent.get("NotifyStrategy", "BACKOFF_RETRY")
        if format_ not in _FORMATS:
            raise errors.not_understood("NotifyContentFormat")
        tag = sent.get("FilterTag", "")
        return self.add(topic, Subscription(name, endpoint, _strategy(strategy), format_, tag, self.now))

    def add(self, topic: Topic, wanted: Subscription) -> bool:
        """Add a subscription; whether it is new.  The same again is fine, another endpoint is refused."""
        there = topic.subscriptions.get(wanted.name)
        if there is not None and _what(there) != _what(wanted):
            raise errors.subscription_already_exist()
        topic.subscriptions[wanted.name] = wanted
        return there is None

    def _push(self, topic: Topic, subscription: Subscription, message: Published) -> None:
        self._cloud.deliveries.send(
            lambda: self._pushed(topic, subscription, message),
            to=topic.name,
            region=topic.region,
            function=subscription.function,
            strategy=subscription.strategy,
        )

    def _pushed(self, topic: Topic, subscription: Subscription, message: Published) -> bool:
        if subscription.push is not None:
            return subscription.push(message)
        return self.send_to(subscription.endpoint, self.notification(topic, subscription, message))

    def notification(self, topic: Topic, subscription: Subscription, message: Published) -> str:
        """What a subscriber gets.

        https://www.alibabacloud.com/help/en/mns/developer-reference/notifycontentformat (read 2026-11)
        """
        if subscription.content_format == "SIMPLIFIED":
            return message.body
        fields: dict[str, object] = {
            "TopicOwner": self._cloud.account,
            "Message": message.body,
            "Subscriber": self._cloud.account,
            "PublishTime": millis(message.at),
            "SubscriptionName": subscription.name,
            "MessageMD5": md5(message.body),
            "TopicName": topic.name,
            "MessageId": message.id,
            **({"MessageTag": message.tag} if message.tag else {}),
        }
        if subscription.content_format == "JSON":
            return json.dumps(fields)
        return documents.one("Notification", fields).decode()

    def _new_id(self) -> str:
        self._numbers += 1
        return md5(f"{self._cloud.seed}:message:{self._numbers}")


def _in_region(places: Mapping[tuple[str, str], Place], region: str) -> list[Place]:
    return [place for (where, _), place in sorted(places.items(), key=lambda item: item[0]) if where == region]


def _what(subscription: Subscription) -> tuple[str, str, str, str]:
    return subscription.endpoint, subscription.strategy, subscription.content_format, subscription.filter_tag


def _check_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise errors.bad_name(kind)


def _attributes(
    known: Mapping[str, tuple[int, int, int]], now: Mapping[str, int], sent: Mapping[str, str]
) -> dict[str, int]:
    wanted = {}
    for name, (low, high, default) in known.items():
        value = sent.get(name)
        wanted[name] = now.get(name, default) if value is None else number(name, value, low, high)
    return wanted


def number(name: str, value: str, low: int, high: int) -> int:
    """*value* as a number from *low* to *high*, or SMQ's refusal."""
    if not re.fullmatch(r"-?[0-9]+", value):
        raise errors.not_understood(name)
    found = whole(value, low, high)
    if found is None:
        raise errors.out_of_range(name, low, high)
    return found


def _logging(sent: Mapping[str, str], default: bool) -> bool:
    return sent["LoggingEnabled"].lower() == "true" if "LoggingEnabled" in sent else default


def _strategy(name: str) -> Strategy:
    if name not in _STRATEGIES:
        raise errors.not_understood("NotifyStrategy")
    return cast(Strategy, name)
