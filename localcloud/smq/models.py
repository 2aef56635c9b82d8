"""Queues, topics and what is in them."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from localcloud.delivery import Strategy
from localcloud.smq import errors
from localcloud.texts import speakable

#: Least, most and default of each attribute.
#: https://alibabacloud.com/help/en/mns/basic-concepts-queue (read 2026-11)
QUEUE_ATTRIBUTES: Mapping[str, tuple[int, int, int]] = {
    "VisibilityTimeout": (1, 43_200, 30),
    "MaximumMessageSize": (1_024, 65_536, 65_536),
    "MessageRetentionPeriod": (60, 604_800, 345_600),
    "DelaySeconds": (0, 604_800, 0),
    "PollingWaitSeconds": (0, 30, 0),
}
TOPIC_ATTRIBUTES: Mapping[str, tuple[int, int, int]] = {"MaximumMessageSize": (1_024, 65_536, 65_536)}
DEFAULT_PRIORITY = 8


@dataclass
class Message:
    """One message in a queue; its body is the text that was sent, not decoded."""

    id: str
    body: str
    priority: int
    sent_at: datetime
    visible_at: datetime
    receives: int = 0
    first_received_at: datetime | None = None
    handle: str = ""


#: Told the id of a message that has become visible.
Reader = Callable[[str], None]


@dataclass
class Queue:
    """A queue of one region."""

    region: str
    name: str
    attributes: dict[str, int]
    logging: bool
    created: datetime
    modified: datetime
    messages: dict[str, Message] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)

    def fitting(self, body: str) -> str:
        """The body of a message, as XML can hold it (see `speakable`); one that is too long is refused."""
        held, limit = speakable(body), self.attributes["MaximumMessageSize"]
        if not 1 <= len(held.encode()) <= limit:
            raise errors.out_of_range("MessageBody", 1, limit)
        return held

    def visible(self, now: datetime, count: int) -> list[Message]:
        """The next messages to be received, at most *count*."""
        self._forget_old(now)
        ready = [message for message in self.messages.values() if message.visible_at <= now]
        return sorted(ready, key=lambda message: (message.priority, message.visible_at))[:count]

    def receive(self, message: Message, now: datetime) -> None:
        """Hide *message* for the visibility time-out, under a new receipt handle."""
        message.receives += 1
        message.first_received_at = message.first_received_at or now
        self.hide(message, now, self.attributes["VisibilityTimeout"])

    def hide(self, message: Message, now: datetime, seconds: int) -> None:
        """Hide *message* for *seconds* from now; its earlier receipt handles end."""
        message.visible_at = now + timedelta(seconds=seconds)
        message.handle = f"{message.priority}-{message.id}-{message.receives}-{millis(message.visible_at)}"

    def by_handle(self, handle: str, now: datetime) -> Message:
        """The message of a receipt handle that has not expired."""
        message = self.messages.get(handle.split("-")[1] if handle.count("-") == 3 else "")
        if message is None:
            raise errors.message_not_exist() if handle.count("-") == 3 else errors.receipt_handle_error()
        if message.handle != handle:
            raise errors.receipt_handle_error()
        if message.visible_at <= now:
            raise errors.message_not_exist()
        return message

    def _forget_old(self, now: datetime) -> None:
        oldest = now - timedelta(seconds=self.attributes["MessageRetentionPeriod"])
        for message in [message for message in self.messages.values() if message.sent_at < oldest]:
            del self.messages[message.id]


@dataclass(frozen=True)
class Published:
    """One message of a topic."""

    id: str
    body: str
    tag: str
    at: datetime


#: Takes a message for a subscriber; False when it cannot be reached now.
Push = Callable[[Published], bool]


@dataclass
class Subscription:
    """Where a topic's messages go."""

    name: str
    endpoint: str
    strategy: Strategy
    content_format: str
    filter_tag: str
    created: datetime
    #: How a function takes its messages; none: they go to the queue at its endpoint.
    push: Push | None = None
    function: str | None = None


@dataclass
class Topic:
    """A topic of one region."""

    region: str
    name: str
    attributes: dict[str, int]
    logging: bool
    created: datetime
    modified: datetime
    published: int = 0
    subscriptions: dict[str, Subscription] = field(default_factory=dict)


def millis(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def md5(text: str) -> str:
    """The digest that SMQ gives with a body: MD5 in capitals."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
