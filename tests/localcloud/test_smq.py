"""SMQ, through aliyun-mns-sdk."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from mns.mns_exception import MNSServerException
from mns.queue import Message, QueueMeta
from mns.subscription import SubscriptionMeta
from mns.topic import TopicMessage, TopicMeta

from localcloud.faults import Fault
from localcloud.runtime import Embedded
from tests.localcloud.sdk import ACCOUNT, a_cloud, bodies, make_queue, make_topic, mns_headers, smq

SECOND = timedelta(seconds=1)


def pass_time(cloud: Embedded, seconds: float) -> None:
    cloud.run(lambda: False, limit=seconds * SECOND)


def refusal(act: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(MNSServerException) as refused:
        act(*arguments)
    return str(refused.value.type)


def test_make_the_same_again(tmp_path: Path) -> None:
    """A queue or topic made again with the same attributes is fine; with others it is refused."""
    with a_cloud(tmp_path) as cloud:
        queue, topic = make_queue(cloud, "q"), make_topic(cloud, "t")
        assert queue.create(QueueMeta()).endswith(f"{ACCOUNT}.mns.cn-hangzhou.aliyuncs.com/queues/q")
        assert refusal(queue.create, QueueMeta(delay_sec=9)) == "QueueAlreadyExist"
        topic.create(TopicMeta())
        assert refusal(topic.create, TopicMeta(maximum_message_size=2048)) == "TopicAlreadyExist"


@pytest.mark.filterwarnings("ignore:Call to deprecated")  # the SDK's own: it sets counts that it deprecates
def test_attributes(tmp_path: Path) -> None:
    """Attributes can be read and changed, within their limits."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.set_attributes(QueueMeta(vis_timeout=60))
        meta = queue.get_attributes()
        assert (meta.queue_name, meta.visibility_timeout, meta.delay_seconds) == ("q", 60, 0)
        assert refusal(queue.set_attributes, QueueMeta(vis_timeout=43_201)) == "InvalidArgument"
        make_topic(cloud, "t").set_attributes(TopicMeta(maximum_message_size=2048))
        assert make_attributes(cloud).maximum_message_size == 2048


def make_attributes(cloud: Embedded) -> Any:
    return smq(cloud).get_topic("t").get_attributes()


def test_what_is_not_there(tmp_path: Path) -> None:
    """Queues, topics and subscriptions that are not there have codes of their own; an empty queue too."""
    with a_cloud(tmp_path) as cloud:
        queue, topic = smq(cloud).get_queue("q"), smq(cloud).get_topic("t")
        assert refusal(queue.send_message, Message("x")) == "QueueNotExist"
        assert refusal(queue.delete) == "QueueNotExist"
        assert refusal(topic.publish_message, TopicMessage("x")) == "TopicNotExist"
        make_topic(cloud, "t")
        assert refusal(topic.get_subscription("s").get_attributes) == "SubscriptionNotExist"
        assert refusal(make_queue(cloud, "q").receive_message, 30) == "MessageNotExist"


def test_foreign_key(tmp_path: Path) -> None:
    """A key that the account does not have is refused in SMQ's words."""
    with a_cloud(tmp_path) as cloud:
        assert refusal(smq(cloud, key="else").get_queue("q").create, QueueMeta()) == "InvalidAccessKeyId"


def test_regions_are_apart(tmp_path: Path) -> None:
    """Each region has its own endpoint and its own queues."""
    with a_cloud(tmp_path) as cloud:
        make_queue(cloud, "q", "cn-beijing")
        assert smq(cloud, "cn-beijing").list_queue()[0][0].endswith("mns.cn-beijing.aliyuncs.com/queues/q")
        assert smq(cloud).list_queue()[0] == []


def test_delay(tmp_path: Path) -> None:
    """A delayed message appears when its seconds of virtual time have passed, not before."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.send_message(Message("later", delay_seconds=30))
        pass_time(cloud, 29)
        assert bodies(queue) == []
        pass_time(cloud, 1)
        assert bodies(queue) == ["later"]


def test_visibility(tmp_path: Path) -> None:
    """A received message is hidden, comes back under a new handle unless deleted, and counts its receptions."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.send_message(Message("x"))
        first = queue.receive_message(0)
        assert refusal(queue.receive_message, 0) == "MessageNotExist"
        pass_time(cloud, 30)
        second = queue.receive_message(0)
        assert (first.dequeue_count, second.dequeue_count) == (1, 2)
        assert refusal(queue.delete_message, first.receipt_handle) == "ReceiptHandleError"
        longer = queue.change_message_visibility(second.receipt_handle, 600)
        pass_time(cloud, 599)
        assert refusal(queue.receive_message, 0) == "MessageNotExist"
        queue.delete_message(longer.receipt_handle)
        pass_time(cloud, 601)
        assert bodies(queue) == []


def test_peek_leaves_the_message(tmp_path: Path) -> None:
    """A look at a message does not hide it."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.send_message(Message("x"))
        assert queue.peek_message().message_body == "x"
        assert bodies(queue) == ["x"]


def test_batches(tmp_path: Path) -> None:
    """Up to 16 messages, of 64 KB in all, are sent, received and deleted at once; more urgent ones come first."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.batch_send_message([Message("calm", priority=16), Message("urgent", priority=1)])
        found = queue.batch_receive_message(16, 0)
        assert [message.message_body for message in found] == ["urgent", "calm"]
        queue.batch_delete_message([message.receipt_handle for message in found])
        pass_time(cloud, 60)
        assert bodies(queue) == []
        queue.batch_send_message([Message("x" * 4_096)] * 16)
        found = queue.batch_receive_message(16, 0)
        queue.batch_delete_message([message.receipt_handle for message in found])
        assert len(found) == 16


def test_longest_body(tmp_path: Path) -> None:
    """64 KB go through, a byte more is refused."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.send_message(Message("x" * 65_536))
        assert refusal(queue.send_message, Message("x" * 65_537)) == "InvalidArgument"
        assert refusal(make_topic(cloud, "t").publish_message, TopicMessage("x" * 65_537)) == "InvalidArgument"


def test_old_messages_go(tmp_path: Path) -> None:
    """A message older than the queue's retention is no longer there."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.send_message(Message("x"))
        pass_time(cloud, 345_601)
        assert bodies(queue) == []


def subscribe(cloud: Embedded, topic: str, queue: str, **meta: str) -> None:
    endpoint = f"acs:mns:cn-hangzhou:{ACCOUNT}:queues/{queue}"
    smq(cloud).get_topic(topic).get_subscription(f"to-{queue}").subscribe(SubscriptionMeta(endpoint, **meta))


def test_topic_to_queue(tmp_path: Path) -> None:
    """What is published reaches every subscribed queue in its format, by its filter."""
    with a_cloud(tmp_path) as cloud:
        plain, full, other = (make_queue(cloud, name) for name in ("plain", "full", "other"))
        topic = make_topic(cloud, "t")
        subscribe(cloud, "t", "plain", notify_content_format="SIMPLIFIED")
        subscribe(cloud, "t", "full", notify_content_format="JSON")
        subscribe(cloud, "t", "other", notify_content_format="SIMPLIFIED", filter_tag="blue")
        assert len(topic.list_subscription()[0]) == 3
        topic.publish_message(TopicMessage("hello", "red"))
        pass_time(cloud, 2)
        assert bodies(plain) == ["hello"]
        assert '"Message": "hello"' in bodies(full)[0]
        assert bodies(other) == []


@pytest.mark.parametrize("format_", ["SIMPLIFIED", "JSON"])
def test_a_subscription_is_got(tmp_path: Path, format_: str) -> None:
    """As it was made."""
    with a_cloud(tmp_path) as cloud:
        topic = make_topic(cloud, "t")
        about = {"notify_content_format": format_, "notify_strategy": "EXPONENTIAL_DECAY_RETRY", "filter_tag": "blue"}
        subscribe(cloud, "t", "q", **about)
        got = topic.get_subscription("to-q").get_attributes()
        assert {name: getattr(got, name) for name in about} == about
        assert (got.subscription_name, got.topic_name, got.topic_owner) == ("to-q", "t", ACCOUNT)
        assert got.endpoint == f"acs:mns:cn-hangzhou:{ACCOUNT}:queues/q"
        assert int(got.create_time) == int(got.last_modify_time) == 1_767_578_400


def test_a_notification_that_is_too_long_for_its_queue(tmp_path: Path) -> None:
    """A message that is as long as it may be is longer with what stands around it: nobody gets it, and all goes on."""
    with a_cloud(tmp_path) as cloud:
        queue, topic = make_queue(cloud, "q"), make_topic(cloud, "t")
        subscribe(cloud, "t", "q", notify_content_format="JSON")
        for length in (65_536, 5):
            topic.publish_message(TopicMessage("x" * length))
            pass_time(cloud, 120)
        assert [json.loads(body)["Message"] for body in bodies(queue)] == ["xxxxx"]


def test_subscription_goes(tmp_path: Path) -> None:
    """After unsubscribe nothing comes."""
    with a_cloud(tmp_path) as cloud:
        queue, topic = make_queue(cloud, "q"), make_topic(cloud, "t")
        subscribe(cloud, "t", "q")
        topic.get_subscription("to-q").unsubscribe()
        topic.publish_message(TopicMessage("hello"))
        pass_time(cloud, 2)
        assert bodies(queue) == []


def test_a_queue_goes_with_its_messages(tmp_path: Path) -> None:
    """A queue that is made again under its name is empty."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        queue.send_message(Message("hello"))
        queue.delete()
        assert refusal(queue.send_message, Message("x")) == "QueueNotExist"
        assert bodies(make_queue(cloud, "q")) == []


def test_a_topic_goes_with_its_subscriptions(tmp_path: Path) -> None:
    """A topic that is made again under its name has no subscribers."""
    with a_cloud(tmp_path) as cloud:
        queue, topic = make_queue(cloud, "q"), make_topic(cloud, "t")
        subscribe(cloud, "t", "q")
        topic.delete()
        assert refusal(topic.get_subscription("to-q").get_attributes) == "TopicNotExist"
        assert make_topic(cloud, "t").list_subscription()[0] == []
        topic.publish_message(TopicMessage("hello"))
        pass_time(cloud, 2)
        assert bodies(queue) == []


def test_lists_come_in_pages(tmp_path: Path) -> None:
    """Queues, topics and subscriptions are listed by prefix, in pages that a marker joins."""
    with a_cloud(tmp_path) as cloud:
        account, topic = smq(cloud), make_topic(cloud, "ferry-0")
        for name in ("ferry-c", "ferry-a", "ferry-b"):
            make_queue(cloud, name)
            make_topic(cloud, name)
            subscribe(cloud, "ferry-0", name)
        make_queue(cloud, "other")
        for ask, wanted in (
            (account.list_queue, ["ferry-a", "ferry-b", "ferry-c"]),
            (account.list_topic, ["ferry-0", "ferry-a", "ferry-b", "ferry-c"]),
        ):
            first, marker = ask("ferry-", 2)
            rest, last = ask("ferry-", 2, marker)
            assert [url.rpartition("/")[2] for url in first + rest] == wanted
            assert (len(first), last) == (2, "")
        first, marker = topic.list_subscription("to-", 2)
        rest, last = topic.list_subscription("to-", 2, marker)
        assert [url.rpartition("/")[2] for url in first + rest] == ["to-ferry-a", "to-ferry-b", "to-ferry-c"]


def test_push_is_tried_again(tmp_path: Path) -> None:
    """A queue that is made a little late still gets the message, by BACKOFF_RETRY."""
    with a_cloud(tmp_path) as cloud:
        topic = make_topic(cloud, "t")
        subscribe(cloud, "t", "q", notify_content_format="SIMPLIFIED")
        topic.publish_message(TopicMessage("hello"))
        pass_time(cloud, 5)
        queue = make_queue(cloud, "q")
        pass_time(cloud, 20)
        assert bodies(queue) == ["hello"]


@pytest.mark.parametrize(("kind", "soon", "in_the_end"), [
    ("deliver_twice", 2, 2), ("deliver_late", 0, 1), ("deliver_never", 0, 0),
])  # fmt: skip
def test_delivery_faults(tmp_path: Path, kind: Any, soon: int, in_the_end: int) -> None:
    """Delivery can be doubled, late or lost, on demand."""
    with a_cloud(tmp_path, Fault(kind=kind, action="t", count=1)) as cloud:
        queue, topic = make_queue(cloud, "q"), make_topic(cloud, "t")
        subscribe(cloud, "t", "q")
        topic.publish_message(TopicMessage("hello"))
        pass_time(cloud, 5)
        assert len(queue_peek(queue)) == soon
        pass_time(cloud, 1000)
        assert len(bodies(queue)) == in_the_end


def queue_peek(queue: Any) -> list[Any]:
    try:
        return list(queue.batch_peek_message(16))
    except MNSServerException:
        return []


def test_digits_that_are_no_number_are_refused(tmp_path: Path) -> None:
    """A superscript is a digit to Unicode and no number: it is refused, and the cloud goes on."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        host = urlsplit(cloud.smq_endpoint).hostname
        for number in ("%C2%B2", "--5"):
            with closing(HTTPConnection(str(host), timeout=5)) as line:
                target = f"/queues/q/messages?numOfMessages={number}"
                line.request("GET", target, headers=mns_headers("GET", target))
                answer = line.getresponse()
                assert (answer.status, b"numOfMessages" in answer.read()) == (400, True)
        queue.send_message(Message("hello"))
        assert cloud.run(lambda: True, limit=SECOND)
