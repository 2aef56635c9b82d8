"""SMQ (MNS): delayed looks, and the topics and queues that provisioning makes."""

import warnings
from collections.abc import Callable
from typing import Any

from shared.cloud.errors import CloudRefused
from shared.cloud.session import Credentials
from shared.ports import TryAgain

#: https://www.alibabacloud.com/help/en/mns/developer-reference/error-codes
_PASSING = frozenset({"InternalError", "InternalServerError", "ServiceUnavailable", "QpsLimitExceeded"})


class MessageQueues:
    """SMQ's data plane in one region, by aliyun-mns-sdk."""

    def __init__(self, endpoint: str, credentials: Credentials, looks: str) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._looks = looks

    def look_later(self, region: str, delay_seconds: int) -> None:
        """Put a look at *region* on the looks queue, to appear after the delay (0 to 604,800 s)."""
        from mns.queue import Message

        queue = self._account().get_queue(self._looks)
        message = Message(region, delay_seconds=max(0, min(delay_seconds, 604_800)))
        _ours(lambda: queue.send_message(message))

    def make_queue(self, name: str) -> bool:
        """Make a queue if it is not there; whether it was made."""
        from mns.queue import QueueMeta

        queue = self._account().get_queue(name)
        return _made_if_missing(queue.get_attributes, lambda: queue.create(QueueMeta()), "QueueNotExist")

    def make_topic(self, name: str) -> bool:
        """Make a topic if it is not there; whether it was made."""
        from mns.topic import TopicMeta

        topic = self._account().get_topic(name)
        return _made_if_missing(topic.get_attributes, lambda: topic.create(TopicMeta()), "TopicNotExist")

    def has_queue(self, name: str) -> bool:
        """Whether the queue is there."""
        return _there(self._account().get_queue(name).get_attributes, "QueueNotExist")

    def has_topic(self, name: str) -> bool:
        """Whether the topic is there."""
        return _there(self._account().get_topic(name).get_attributes, "TopicNotExist")

    def topics(self, prefix: str) -> tuple[str, ...]:
        """The names of the topics that begin so."""
        urls, _ = _ours(lambda: self._account().list_topic(prefix=prefix, ret_number=1000))
        return tuple(url.rpartition("/")[2] for url in urls)

    def delete_queue(self, name: str) -> None:
        """Delete a queue with all that is in it; one that is gone is no error."""
        _there(self._account().get_queue(name).delete, "QueueNotExist")

    def delete_topic(self, name: str) -> None:
        """Delete a topic with its subscriptions; one that is gone is no error."""
        _there(self._account().get_topic(name).delete, "TopicNotExist")

    def _account(self) -> Any:
        from mns.account import Account

        keys = self._credentials
        return Account(self._endpoint, keys.access_key, keys.secret, keys.token)


def _made_if_missing(ask: Callable[[], Any], make: Callable[[], Any], missing: str) -> bool:
    if _there(ask, missing):
        return False
    _ours(make)
    return True


def _there(ask: Callable[[], Any], missing: str) -> bool:
    try:
        with warnings.catch_warnings():
            # The SDK warns of attributes that it reads itself.
            warnings.simplefilter("ignore", DeprecationWarning)
            _ours(ask)
    except CloudRefused as no:
        if no.code != missing:
            raise
        return False
    return True


def _ours(call: Callable[[], Any]) -> Any:
    """Call the SDK; raises TryAgain for a passing fault, CloudRefused for a firm no."""
    from mns.mns_exception import MNSClientNetworkException, MNSServerException

    try:
        return call()
    except MNSClientNetworkException as lost:
        raise TryAgain(f"no answer from SMQ: {lost.message}") from lost
    except MNSServerException as error:
        if error.type in _PASSING:
            raise TryAgain(f"{error.type}: {error.message}") from error
        raise CloudRefused(error.type, error.message, error.req_id or "") from error
