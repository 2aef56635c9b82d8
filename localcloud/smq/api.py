"""SMQ's protocol: which request is which action, and its answer in XML.

https://www.alibabacloud.com/help/en/mns/developer-reference/ (read 2026-11), as aliyun-mns-sdk speaks it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from localcloud.door import Call
from localcloud.smq import documents, errors, signing
from localcloud.smq.models import DEFAULT_PRIORITY, Message, Queue, Subscription, Topic, md5, millis
from localcloud.smq.needs import needs
from localcloud.smq.service import State, number
from localcloud.wire import ApiError, Request, Response

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

_XML = {"Content-Type": "text/xml;charset=utf-8", "x-mns-version": "2015-06-06"}
_QUEUE = re.compile(r"/queues/([^/]+)")
_QUEUES = re.compile(r"/queues/?")
_MESSAGES = re.compile(r"/queues/([^/]+)/messages/?")
_TOPIC = re.compile(r"/topics/([^/]+)")
_TOPICS = re.compile(r"/topics/?")
_PUBLISH = re.compile(r"/topics/([^/]+)/messages/?")
_SUBSCRIPTION = re.compile(r"/topics/([^/]+)/subscriptions/([^/]+)")
_SUBSCRIPTIONS = re.compile(r"/topics/([^/]+)/subscriptions/?")
#: https://www.alibabacloud.com/help/en/mns/developer-reference/batchsendmessage and batchdeletemessage (read 2026-11)
_BATCH, _BATCH_BYTES = 16, 64 * 1024


@dataclass(frozen=True)
class Asked:
    """A request, and what its path names."""

    region: str
    names: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """The queue or topic."""
        return self.names[0]

    def fields(self) -> dict[str, str]:
        """The body's one record."""
        return documents.read(self.body)[1][0] if self.body else {}


class Smq:
    """SMQ of the whole account: one state, one data plane a region."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self.state = State(cloud)

    @property
    def actions(self) -> Mapping[str, Callable[[Asked], Response]]:
        """Every action that is here, by its name."""
        return {action: getattr(self, _snake(action)) for _, _, _, action in _ROUTES}

    @staticmethod
    def speaks(request: Request) -> bool:
        """Whether *request* is one of SMQ's."""
        signed = request.headers.get("authorization", "").startswith("MNS ")
        return signed or request.path.startswith(("/queues", "/topics"))

    def serve(self, region: str, request: Request) -> Response:
        """Answer one request; raises NoAnswer and Killed as the door does."""
        route, asked = _route(self, region, request)
        call = Call(
            at=self._cloud.clock.now,
            service="smq",
            action=route.action,
            region=region,
            params={**request.query, **{f"Name{n or ''}": name for n, name in enumerate(asked.names)}},
            access_key="",
            token=request.headers.get("security-token"),
        )
        try:
            call.access_key = signing.key_of(request)
        except ApiError as no:
            return self._cloud.door.turn_away(call, no, _refuse)
        return self._cloud.door.let_in(
            call,
            errors.REFUSALS,
            lambda call: self._do(call, route, asked),
            _refuse,
            lambda secret: signing.check(request, secret),
        )

    def _do(self, call: Call, route: "Route", asked: Asked) -> Response:
        needed = needs(self._cloud.account, call)
        self._cloud.ram.permits.demand(call, needed, lambda _: errors.forbidden())
        return _done(call, route, asked)

    # queues

    def create_queue(self, asked: Asked) -> Response:
        new = self.state.create_queue(asked.region, asked.name, asked.fields())
        return _made(new, self._url(asked.region, f"queues/{asked.name}"))

    def set_queue_attributes(self, asked: Asked) -> Response:
        self.state.change_queue(asked.region, asked.name, asked.fields())
        return Response(204, b"")

    def get_queue_attributes(self, asked: Asked) -> Response:
        queue = self.state.queue(asked.region, asked.name)
        return _document("Queue", _about_queue(queue, self.state.now))

    def delete_queue(self, asked: Asked) -> Response:
        self.state.delete_queue(asked.region, asked.name)
        return Response(204, b"")

    def list_queue(self, asked: Asked) -> Response:
        urls = {
            queue.name: self._url(asked.region, f"queues/{queue.name}") for queue in self.state.queues(asked.region)
        }
        return _listed("Queues", "Queue", "QueueURL", urls, asked.headers)

    def send_message(self, asked: Asked) -> Response:
        """Send one message, or several: all, or none when one is wrong (UNVERIFIED: that the others are not sent)."""
        queue = self.state.queue(asked.region, asked.name)
        root, records = documents.read(asked.body)
        if len(records) > _BATCH:
            raise errors.out_of_range("Messages", 1, _BATCH)
        wanted = [_wanted(queue, record) for record in records]
        if sum(len(one.body.encode()) for one in wanted) > _BATCH_BYTES:
            raise errors.out_of_range("Messages", 1, _BATCH_BYTES)
        sent = [self.state.send(queue, one.body, delay=one.delay, priority=one.priority) for one in wanted]
        about = [{"MessageId": message.id, "MessageBodyMD5": md5(message.body)} for message in sent]
        if root == "Messages":
            return Response(201, documents.many("Messages", "Message", about), _XML)
        return Response(201, documents.one("Message", about[0]), _XML)

    def receive_message(self, asked: Asked) -> Response:
        """Give what is visible now: a long poll waits before it is asked, where time passes (see `patience`)."""
        queue = self.state.queue(asked.region, asked.name)
        found = queue.visible(self.state.now, _count(asked))
        for message in found:
            queue.receive(message, self.state.now)
        return _messages(asked, [_received(message) for message in found])

    def patience(self, region: str, request: Request) -> timedelta:
        """How long a request waits for a message: a long poll of a queue in which there is none; else not at all."""
        route, asked = _route(self, region, request)
        queue = self.state.find_queue(region, asked.name) if route.action == "ReceiveMessage" else None
        if queue is None or queue.visible(self.state.now, 1):
            return timedelta()
        text = asked.query.get("waitseconds", str(queue.attributes["PollingWaitSeconds"]))
        return timedelta(seconds=int(text)) if re.fullmatch(r"[0-9]|[12][0-9]|30", text) else timedelta()

    def peek_message(self, asked: Asked) -> Response:
        queue = self.state.queue(asked.region, asked.name)
        return _messages(asked, [_peeked(message) for message in queue.visible(self.state.now, _count(asked))])

    def delete_message(self, asked: Asked) -> Response:
        queue = self.state.queue(asked.region, asked.name)
        handles = documents.read_list(asked.body) if asked.body else [asked.query.get("ReceiptHandle", "")]
        if not 1 <= len(handles) <= _BATCH:
            raise errors.out_of_range("ReceiptHandles", 1, _BATCH)
        wrong: list[dict[str, object]] = []
        for handle in handles:
            try:
                del queue.messages[queue.by_handle(handle, self.state.now).id]
            except ApiError as no:
                if not asked.body:
                    raise
                wrong.append({"ErrorCode": no.code, "ErrorMessage": no.message, "ReceiptHandle": handle})
        return Response(404, documents.many("Errors", "Error", wrong), _XML) if wrong else Response(204, b"")

    def change_message_visibility(self, asked: Asked) -> Response:
        queue = self.state.queue(asked.region, asked.name)
        message = queue.by_handle(asked.query.get("ReceiptHandle", ""), self.state.now)
        seconds = number("VisibilityTimeout", asked.query.get("VisibilityTimeout", ""), 1, 43_200)
        queue.hide(message, self.state.now, seconds)
        about = {"ReceiptHandle": message.handle, "NextVisibleTime": millis(message.visible_at)}
        return _document("ChangeVisibility", about)

    # topics

    def create_topic(self, asked: Asked) -> Response:
        new = self.state.create_topic(asked.region, asked.name, asked.fields())
        return _made(new, self._url(asked.region, f"topics/{asked.name}"))

    def set_topic_attributes(self, asked: Asked) -> Response:
        self.state.change_topic(asked.region, asked.name, asked.fields())
        return Response(204, b"")

    def get_topic_attributes(self, asked: Asked) -> Response:
        return _document("Topic", _about_topic(self.state.topic(asked.region, asked.name)))

    def delete_topic(self, asked: Asked) -> Response:
        self.state.delete_topic(asked.region, asked.name)
        return Response(204, b"")

    def list_topic(self, asked: Asked) -> Response:
        urls = {
            topic.name: self._url(asked.region, f"topics/{topic.name}") for topic in self.state.topics(asked.region)
        }
        return _listed("Topics", "Topic", "TopicURL", urls, asked.headers)

    def publish_message(self, asked: Asked) -> Response:
        topic = self.state.topic(asked.region, asked.name)
        fields = asked.fields()
        if not fields.get("MessageBody"):
            raise errors.not_understood("MessageBody")
        message = self.state.publish(topic, fields["MessageBody"], fields.get("MessageTag", ""))
        about = {"MessageId": message.id, "MessageBodyMD5": md5(message.body)}
        return Response(201, documents.one("Message", about), _XML)

    def subscribe(self, asked: Asked) -> Response:
        new = self.state.subscribe(self.state.topic(asked.region, asked.name), asked.names[1], asked.fields())
        return _made(new, self._url(asked.region, f"topics/{asked.name}/subscriptions/{asked.names[1]}"))

    def get_subscription_attributes(self, asked: Asked) -> Response:
        topic, subscription = self._subscription(asked)
        return _document("Subscription", _about_subscription(topic, subscription, self._cloud.account))

    def unsubscribe(self, asked: Asked) -> Response:
        topic, subscription = self._subscription(asked)
        del topic.subscriptions[subscription.name]
        return Response(204, b"")

    def list_subscription_by_topic(self, asked: Asked) -> Response:
        topic = self.state.topic(asked.region, asked.name)
        urls = {
            name: self._url(asked.region, f"topics/{asked.name}/subscriptions/{name}")
            for name in sorted(topic.subscriptions)
        }
        return _listed("Subscriptions", "Subscription", "SubscriptionURL", urls, asked.headers)

    def _subscription(self, asked: Asked) -> tuple[Topic, Subscription]:
        topic = self.state.topic(asked.region, asked.name)
        subscription = topic.subscriptions.get(asked.names[1])
        if subscription is None:
            raise errors.subscription_not_exist()
        return topic, subscription

    def _url(self, region: str, path: str) -> str:
        return f"http://{self._cloud.account}.mns.{region}.aliyuncs.com/{path}"


@dataclass(frozen=True)
class Route:
    """An action, and how it is answered."""

    action: str
    answer: Callable[[Asked], Response]


#: Method, path, a query key that must be there (or None), and the action; the first that fits counts.
_ROUTES: tuple[tuple[str, re.Pattern[str], str | None, str], ...] = (
    ("PUT", _QUEUE, "metaoverride", "SetQueueAttributes"),
    ("PUT", _QUEUE, None, "CreateQueue"),
    ("GET", _QUEUE, None, "GetQueueAttributes"),
    ("DELETE", _QUEUE, None, "DeleteQueue"),
    ("GET", _QUEUES, None, "ListQueue"),
    ("POST", _MESSAGES, None, "SendMessage"),
    ("GET", _MESSAGES, "peekonly", "PeekMessage"),
    ("GET", _MESSAGES, None, "ReceiveMessage"),
    ("DELETE", _MESSAGES, None, "DeleteMessage"),
    ("PUT", _MESSAGES, None, "ChangeMessageVisibility"),
    ("PUT", _TOPIC, "metaoverride", "SetTopicAttributes"),
    ("PUT", _TOPIC, None, "CreateTopic"),
    ("GET", _TOPIC, None, "GetTopicAttributes"),
    ("DELETE", _TOPIC, None, "DeleteTopic"),
    ("GET", _TOPICS, None, "ListTopic"),
    ("POST", _PUBLISH, None, "PublishMessage"),
    ("PUT", _SUBSCRIPTION, None, "Subscribe"),
    ("GET", _SUBSCRIPTION, None, "GetSubscriptionAttributes"),
    ("DELETE", _SUBSCRIPTION, None, "Unsubscribe"),
    ("GET", _SUBSCRIPTIONS, None, "ListSubscriptionByTopic"),
)


@dataclass(frozen=True)
class Wanted:
    """A message that is to be sent."""

    body: str
    delay: int | None
    priority: int


def _wanted(queue: Queue, record: Mapping[str, str]) -> Wanted:
    if not record.get("MessageBody"):
        raise errors.not_understood("MessageBody")
    delay, priority = record.get("DelaySeconds"), record.get("Priority")
    return Wanted(
        queue.fitting(record["MessageBody"]),
        None if delay is None else number("DelaySeconds", delay, 0, 604_800),
        DEFAULT_PRIORITY if priority is None else number("Priority", priority, 1, 16),
    )


def _route(smq: Smq, region: str, request: Request) -> tuple[Route, Asked]:
    for method, path, key, action in _ROUTES:
        found = path.fullmatch(request.path) if method == request.method else None
        if found and (key is None or key in request.query):
            asked = Asked(region, tuple(found.groups()), request.query, request.headers, request.body)
            return Route(action, getattr(smq, _snake(action))), asked
    what = f"{request.method} {request.path}"
    return Route(what, _unknown(what)), Asked(region, (), request.query, request.headers, request.body)


def _snake(action: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", action).lower()


def _unknown(what: str) -> Callable[[Asked], Response]:
    def answer(_: Asked) -> Response:
        raise errors.bad_url(what)

    return answer


def _done(call: Call, route: Route, asked: Asked) -> Response:
    response = route.answer(asked)
    return Response(response.status, response.body, {**response.headers, "x-mns-request-id": call.request_id})


def _refuse(call: Call, no: ApiError) -> Response:
    host = f"mns.{call.region}.aliyuncs.com"
    fields = {"Code": no.code, "Message": no.message, "RequestId": call.request_id, "HostId": f"http://{host}"}
    return Response(no.status, documents.one("Error", fields), {**_XML, "x-mns-request-id": call.request_id})


def _made(new: bool, url: str) -> Response:
    return Response(201 if new else 204, b"", {"Location": url})


def _document(name: str, fields: documents.Fields) -> Response:
    return Response(200, documents.one(name, fields), _XML)


def _listed(name: str, item: str, key: str, urls: Mapping[str, str], headers: Mapping[str, str]) -> Response:
    prefix, after = headers.get("x-mns-prefix", ""), headers.get("x-mns-marker", "")
    wanted = [one for one in urls if one.startswith(prefix) and one > after]
    page = wanted[: number("x-mns-ret-number", headers.get("x-mns-ret-number", "1000"), 1, 1000)]
    beside = {"NextMarker": page[-1]} if len(page) < len(wanted) else {}
    return Response(200, documents.many(name, item, [{key: urls[one]} for one in page], **beside), _XML)


def _count(asked: Asked) -> int:
    return number("numOfMessages", asked.query.get("numOfMessages", "1"), 1, _BATCH)


def _messages(asked: Asked, found: list[dict[str, object]]) -> Response:
    if not found:
        raise errors.message_not_exist()
    if "numOfMessages" in asked.query:
        return Response(200, documents.many("Messages", "Message", found), _XML)
    return _document("Message", found[0])


def _peeked(message: Message) -> dict[str, object]:
    first = message.first_received_at or message.sent_at
    return {
        "MessageId": message.id,
        "MessageBodyMD5": md5(message.body),
        "MessageBody": message.body,
        "EnqueueTime": millis(message.sent_at),
        "FirstDequeueTime": millis(first),
        "DequeueCount": message.receives,
        "Priority": message.priority,
    }


def _received(message: Message) -> dict[str, object]:
    return {
        **_peeked(message),
        "ReceiptHandle": message.handle,
        "NextVisibleTime": millis(message.visible_at),
    }


def _about_queue(queue: Queue, now: datetime) -> dict[str, object]:
    hidden = [message for message in queue.messages.values() if message.visible_at > now]
    delayed = sum(message.receives == 0 for message in hidden)
    return {
        "QueueName": queue.name,
        "CreateTime": int(queue.created.timestamp()),
        "LastModifyTime": int(queue.modified.timestamp()),
        **queue.attributes,
        "ActiveMessages": len(queue.messages) - len(hidden),
        "InactiveMessages": len(hidden) - delayed,
        "DelayMessages": delayed,
        "LoggingEnabled": queue.logging,
    }


def _about_topic(topic: Topic) -> dict[str, object]:
    return {
        "TopicName": topic.name,
        "CreateTime": int(topic.created.timestamp()),
        "LastModifyTime": int(topic.modified.timestamp()),
        **topic.attributes,
        "MessageRetentionPeriod": 86_400,
        "MessageCount": topic.published,
        "LoggingEnabled": topic.logging,
    }


def _about_subscription(topic: Topic, subscription: Subscription, account: str) -> dict[str, object]:
    return {
        "SubscriptionName": subscription.name,
        "Subscriber": account,
        "TopicOwner": account,
        "TopicName": topic.name,
        "Endpoint": subscription.endpoint,
        "FilterTag": subscription.filter_tag,
        "NotifyStrategy": subscription.strategy,
        "NotifyContentFormat": subscription.content_format,
        "CreateTime": int(subscription.created.timestamp()),
        "LastModifyTime": int(subscription.created.timestamp()),
    }
