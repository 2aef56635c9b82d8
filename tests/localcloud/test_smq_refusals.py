"""What SMQ refuses, action by action, through aliyun-mns-sdk: status, code and message.

What the SDK does not let its caller send goes signed over the wire.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mns.mns_exception import MNSServerException
from mns.queue import Message, QueueMeta
from mns.subscription import SubscriptionMeta
from mns.topic import TopicMessage, TopicMeta

from localcloud.runtime import Embedded
from tests.localcloud.asking import smq_calls
from tests.localcloud.sdk import ACCOUNT, HOME, a_cloud, make_queue, make_topic
from tests.localcloud.sdk import smq as account_of
from tests.localcloud.test_protocol_refusals import smq as signed

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated")  # the SDK's own: it sets what it deprecates
ENDPOINT = f"acs:mns:{HOME}:{ACCOUNT}:queues/q"
NO_QUEUE = (404, "QueueNotExist", "The queue name you provided is not exist.")
NO_TOPIC = (404, "TopicNotExist", "The topic name you provided is not exist.")
NO_SUBSCRIPTION = (404, "SubscriptionNotExist", "The subscription name you provided is not exist.")
NO_MESSAGE = (404, "MessageNotExist", "Message not exist.")
NO_HANDLE = (400, "ReceiptHandleError", "The receipt handle you provide is not valid.")
OF_A_QUEUE = (
    "SetQueueAttributes",
    "GetQueueAttributes",
    "DeleteQueue",
    "SendMessage",
    "PeekMessage",
    "ReceiveMessage",
    "DeleteMessage",
    "ChangeMessageVisibility",
)
OF_A_SUBSCRIPTION = ("GetSubscriptionAttributes", "Unsubscribe")
OF_A_TOPIC = (
    *("SetTopicAttributes", "GetTopicAttributes", "DeleteTopic", "PublishMessage", "Subscribe"),
    *("ListSubscriptionByTopic", *OF_A_SUBSCRIPTION),
)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """An empty queue and a topic without subscriptions: no refusal changes them."""
    with a_cloud(tmp_path_factory.mktemp("cloud")) as made:
        queue, topic = make_queue(made, "q"), make_topic(made, "t")
        before = vars(queue.get_attributes()), vars(topic.get_attributes())
        yield made
        assert (vars(queue.get_attributes()), vars(topic.get_attributes())) == before
        assert topic.list_subscription()[0] == []


def said(cloud: Embedded, act: Callable[[], Any]) -> tuple[int, str, str]:
    """Status, code and message; the SDK does not tell the status, the cloud's log does."""
    with pytest.raises(MNSServerException) as no:
        act()
    return cloud.cloud.calls[-1].status, no.value.type, no.value.message


def beyond(name: str, low: int, high: int) -> tuple[int, str, str]:
    return 400, "InvalidArgument", f"The value of {name} should between {low} and {high} seconds/bytes."


def no_schema(cause: str) -> tuple[int, str, str]:
    text = f"The XML you provided did not validate against our published schema, cause by {cause}."
    return 400, "InvalidArgument", text


def no_name(kind: str) -> tuple[int, str, str]:
    text = f"{kind}Name should start with alpha and contain only alpha, digit or - ."
    return 400, f"Invalid{kind}Name", f"The {kind.lower()} name you provided is invalid. {text}"


@pytest.mark.parametrize(
    ("action", "no"), [*[(one, NO_QUEUE) for one in OF_A_QUEUE], *[(one, NO_TOPIC) for one in OF_A_TOPIC]]
)
def test_a_place_that_is_not_there(cloud: Embedded, action: str, no: tuple[int, str, str]) -> None:
    """A queue or a topic, whatever is asked of it."""
    assert said(cloud, smq_calls(account_of(cloud), "gone", "gone")[action]) == no


@pytest.mark.parametrize("action", OF_A_SUBSCRIPTION)
def test_a_subscription_that_is_not_there(cloud: Embedded, action: str) -> None:
    """Whatever is asked of it."""
    assert said(cloud, smq_calls(account_of(cloud), "q", "t")[action]) == NO_SUBSCRIPTION


Act = Callable[[Any], Any]
#: What is done, and what is said to it.
ACTS: list[tuple[Act, tuple[int, str, str]]] = [
    (lambda smq: smq.get_queue("-q").create(QueueMeta()), no_name("Queue")),
    (lambda smq: smq.get_queue("n").create(QueueMeta(delay_sec=604_801)), beyond("DelaySeconds", 0, 604_800)),
    (
        lambda smq: smq.get_queue("q").create(QueueMeta(delay_sec=1)),
        (409, "QueueAlreadyExist", "The queue you want to create is already exist."),
    ),
    (
        lambda smq: smq.get_queue("q").set_attributes(QueueMeta(vis_timeout=43_201)),
        beyond("VisibilityTimeout", 1, 43_200),
    ),
    (
        lambda smq: smq.get_queue("q").set_attributes(QueueMeta(max_msg_size=1_023)),
        beyond("MaximumMessageSize", 1_024, 65_536),
    ),
    (lambda smq: smq.get_queue("q").set_attributes(QueueMeta(max_msg_size=1_024.5)), no_schema("MaximumMessageSize")),
    (
        lambda smq: smq.get_queue("q").set_attributes(QueueMeta(msg_ttl=59)),
        beyond("MessageRetentionPeriod", 60, 604_800),
    ),
    (
        lambda smq: smq.get_queue("q").set_attributes(QueueMeta(polling_wait_sec=31)),
        beyond("PollingWaitSeconds", 0, 30),
    ),
    (lambda smq: smq.list_queue("", 1_001), beyond("x-mns-ret-number", 1, 1_000)),
    (
        lambda smq: smq.get_queue("q").send_message(Message("x", delay_seconds=604_801)),
        beyond("DelaySeconds", 0, 604_800),
    ),
    (lambda smq: smq.get_queue("q").send_message(Message("x", priority=17)), beyond("Priority", 1, 16)),
    (lambda smq: smq.get_queue("q").send_message(Message("x" * 65_537)), beyond("MessageBody", 1, 65_536)),
    (lambda smq: smq.get_queue("q").receive_message(0), NO_MESSAGE),
    (lambda smq: smq.get_queue("q").peek_message(), NO_MESSAGE),
    (lambda smq: smq.get_queue("q").batch_receive_message(17, 0), beyond("numOfMessages", 1, 16)),
    (lambda smq: smq.get_queue("q").batch_peek_message(17), beyond("numOfMessages", 1, 16)),
    (lambda smq: smq.get_queue("q").delete_message("8-x"), NO_HANDLE),
    (lambda smq: smq.get_queue("q").delete_message("8-x-1-1"), NO_MESSAGE),
    (lambda smq: smq.get_queue("q").change_message_visibility("8-x", 30), NO_HANDLE),
    (lambda smq: smq.get_queue("q").change_message_visibility("8-x-1-1", 30), NO_MESSAGE),
    (lambda smq: smq.get_topic("-t").create(TopicMeta()), no_name("Topic")),
    (lambda smq: smq.get_topic("n").create(TopicMeta(1_023)), beyond("MaximumMessageSize", 1_024, 65_536)),
    (
        lambda smq: smq.get_topic("t").create(TopicMeta(1_024)),
        (409, "TopicAlreadyExist", "The topic you want to create already exist."),
    ),
    (lambda smq: smq.get_topic("t").set_attributes(TopicMeta(65_537)), beyond("MaximumMessageSize", 1_024, 65_536)),
    (lambda smq: smq.list_topic("", 1_001), beyond("x-mns-ret-number", 1, 1_000)),
    (lambda smq: smq.get_topic("t").publish_message(TopicMessage("x" * 65_537)), beyond("MessageBody", 1, 65_536)),
    (lambda smq: smq.get_topic("t").list_subscription("", 1_001), beyond("x-mns-ret-number", 1, 1_000)),
    (
        lambda smq: smq.get_topic("t").get_subscription("-s").subscribe(SubscriptionMeta(ENDPOINT)),
        no_name("Subscription"),
    ),
    (
        lambda smq: smq.get_topic("t").get_subscription("s").subscribe(SubscriptionMeta("http://a.example/b")),
        no_schema("Endpoint 'http://a.example/b': the embedded SMQ pushes to queues only"),
    ),
    (
        lambda smq: smq.get_topic("t").get_subscription("s").subscribe(SubscriptionMeta(ENDPOINT, "SOMETIMES")),
        no_schema("NotifyStrategy"),
    ),
    (
        lambda smq: (
            smq.get_topic("t").get_subscription("s").subscribe(SubscriptionMeta(ENDPOINT, "BACKOFF_RETRY", "YAML"))
        ),
        no_schema("NotifyContentFormat"),
    ),
]


@pytest.mark.parametrize(("act", "no"), ACTS, ids=[f"{place}-{no[1]}" for place, (_, no) in enumerate(ACTS)])
def test_what_can_not_be(cloud: Embedded, act: Act, no: tuple[int, str, str]) -> None:
    """Names that are none or are taken, values beyond their limits, messages and handles that there are not."""
    assert said(cloud, lambda: act(account_of(cloud))) == no


@pytest.mark.parametrize(
    ("method", "target", "body", "headers", "cause"),
    [
        ("PUT", "/queues/n", "<Queue><DelaySeconds>x</DelaySeconds></Queue>", {}, "DelaySeconds"),
        ("PUT", "/queues/q?metaoverride=true", "<Queue><DelaySeconds/></Queue>", {}, "DelaySeconds"),
        ("GET", "/queues", "", {"x_mns_ret_number": "x"}, "x-mns-ret-number"),
        ("POST", "/queues/q/messages", "<Message/>", {}, "MessageBody"),
        ("GET", "/queues/q/messages?numOfMessages=x", "", {}, "numOfMessages"),
        ("GET", "/queues/q/messages?peekonly=true&numOfMessages=x", "", {}, "numOfMessages"),
        ("PUT", "/topics/n", "<Topic><MaximumMessageSize>x</MaximumMessageSize></Topic>", {}, "MaximumMessageSize"),
        ("PUT", "/topics/t?metaoverride=true", "<T><MaximumMessageSize/></T>", {}, "MaximumMessageSize"),
        ("GET", "/topics", "", {"x_mns_ret_number": "x"}, "x-mns-ret-number"),
        ("POST", "/topics/t/messages", "<Message/>", {}, "MessageBody"),
        ("GET", "/topics/t/subscriptions", "", {"x_mns_ret_number": "x"}, "x-mns-ret-number"),
    ],
)
def test_what_no_sdk_sends(
    cloud: Embedded, method: str, target: str, body: str, headers: dict[str, str], cause: str
) -> None:
    """Numbers that are none, and messages without a body."""
    assert cloud is not None
    assert signed(method, target, body.encode(), **headers) == no_schema(cause)


@pytest.mark.parametrize(
    ("messages", "no"),
    [
        ([Message("x")] * 17, beyond("Messages", 1, 16)),
        ([Message("x" * 24_577)] * 2, beyond("Messages", 1, 65_536)),
        ([Message("x"), Message("x" * 65_537)], beyond("MessageBody", 1, 65_536)),
        ([Message("x"), Message("x", priority=17)], beyond("Priority", 1, 16)),
        ([Message("x"), Message("x", delay_seconds=604_801)], beyond("DelaySeconds", 0, 604_800)),
    ],
)
def test_a_batch_that_is_wrong(cloud: Embedded, messages: list[Message], no: tuple[int, str, str]) -> None:
    """More than 16 messages or 64 KB are sent by nobody at once; of a batch with one that is wrong none is sent."""
    queue = account_of(cloud).get_queue("q")
    assert said(cloud, lambda: queue.batch_send_message(messages)) == no
    assert said(cloud, lambda: queue.batch_peek_message(16)) == NO_MESSAGE


def test_what_is_refused_uses_up_no_id(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A message is named alike whether others were refused before it or not."""
    names = set()
    for before in ([], [Message("x" * 65_537)], [Message("x", priority=17)]):
        with a_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
            queue = make_queue(cloud, "q")
            for message in before:
                said(cloud, lambda queue=queue, message=message: queue.send_message(message))  # type: ignore[misc]
            names.add(queue.send_message(Message("x")).message_id)
    assert len(names) == 1


@pytest.mark.parametrize("count", [0, 17, 5_000])
def test_a_batch_of_too_many_handles(cloud: Embedded, count: int) -> None:
    """At least one message and at most 16 are deleted at once."""
    assert cloud is not None
    body = f"<ReceiptHandles>{'<ReceiptHandle>8-x-1-1</ReceiptHandle>' * count}</ReceiptHandles>"
    assert signed("DELETE", "/queues/q/messages", body.encode()) == beyond("ReceiptHandles", 1, 16)


def test_a_message_that_was_received(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Its visibility is changed within limits, and by its last handle."""
    with a_cloud(tmp_path_factory.mktemp("other")) as cloud:
        queue = make_queue(cloud, "q")
        queue.send_message(Message("hello"))
        first = queue.receive_message(0).receipt_handle
        for seconds in (0, 43_201):
            change = f"/queues/q/messages?ReceiptHandle={first}&VisibilityTimeout={seconds}"
            assert signed("PUT", change) == beyond("VisibilityTimeout", 1, 43_200)
        assert signed("PUT", f"/queues/q/messages?ReceiptHandle={first}&VisibilityTimeout=x") == no_schema(
            "VisibilityTimeout"
        )
        last = queue.change_message_visibility(first, 60).receipt_handle
        assert said(cloud, lambda: queue.delete_message(first)) == NO_HANDLE
        assert said(cloud, lambda: queue.change_message_visibility(first, 60)) == NO_HANDLE
        queue.delete_message(last)
        assert said(cloud, lambda: queue.delete_message(last)) == NO_MESSAGE


def test_a_batch_of_handles(cloud: Embedded) -> None:
    """Each that is wrong is named with why."""
    queue = account_of(cloud).get_queue("q")
    with pytest.raises(MNSServerException) as no:
        queue.batch_delete_message(["8-x", "8-x-1-1"])
    assert cloud.cloud.calls[-1].status == 404
    wrong = no.value.sub_errors
    assert [(one["ErrorCode"], one["ErrorMessage"], one["ReceiptHandle"]) for one in wrong] == [
        (*NO_HANDLE[1:], "8-x"),
        (*NO_MESSAGE[1:], "8-x-1-1"),
    ]
