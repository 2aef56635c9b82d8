"""SMQ (MNS): delayed looks, and the topics and queues that provisioning makes."""

from typing import Any

from shared.cloud.errors import CloudRefused
from shared.cloud.session import Credentials
from shared.ports import TryAgain


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
        _ours(queue.send_message, message)

    def make_queue(self, name: str) -> None:
        """Make a queue; one that is there with the same attributes is left alone."""
        from mns.queue import QueueMeta

        _ours(self._account().get_queue(name).create, QueueMeta())

    def make_topic(self, name: str) -> None:
        """Make a topic; one that is there with the same attributes is left alone."""
        from mns.topic import TopicMeta

        _ours(self._account().get_topic(name).create, TopicMeta())

    def _account(self) -> Any:
        from mns.account import Account

        keys = self._credentials
        return Account(self._endpoint, keys.access_key, keys.secret, keys.token)


def _ours(method: Any, argument: object) -> Any:
    """Call the SDK; raises TryAgain for a passing fault, CloudRefused for a firm no."""
    from mns.mns_exception import MNSClientNetworkException, MNSServerException

    try:
        return method(argument)
    except MNSClientNetworkException as lost:
        raise TryAgain(f"no answer from SMQ: {lost.message}") from lost
    except MNSServerException as error:
        if error.type in ("InternalServerError", "ServiceUnavailable") or error.type.startswith("Throttl"):
            raise TryAgain(f"{error.type}: {error.message}") from error
        raise CloudRefused(error.type, error.message, error.req_id or "") from error
