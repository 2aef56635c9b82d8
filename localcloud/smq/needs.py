"""What each action of SMQ needs: the RAM action of its name, on which resource.

https://www.alibabacloud.com/help/en/mns/security-and-compliance/message-service-custom-permission-policy-reference
(read 2026-11)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.door import Call

_QUEUE, _TOPIC = "/queues/{Name}", "/topics/{Name}"
_MESSAGES, _SUBSCRIPTION = f"{_QUEUE}/messages", f"{_TOPIC}/subscriptions/{{Name1}}"
#: The resource of each action, with what its path names.
NEEDS = {
    "ListQueue": "/queues",
    "CreateQueue": _QUEUE,
    "SetQueueAttributes": _QUEUE,
    "GetQueueAttributes": _QUEUE,
    "DeleteQueue": _QUEUE,
    "SendMessage": _MESSAGES,
    "PeekMessage": _MESSAGES,
    "ReceiveMessage": _MESSAGES,
    "DeleteMessage": _MESSAGES,
    "ChangeMessageVisibility": _MESSAGES,
    "ListTopic": "/topics",
    "CreateTopic": _TOPIC,
    "SetTopicAttributes": _TOPIC,
    "GetTopicAttributes": _TOPIC,
    "DeleteTopic": _TOPIC,
    "PublishMessage": f"{_TOPIC}/messages",
    "Subscribe": _SUBSCRIPTION,
    "GetSubscriptionAttributes": _SUBSCRIPTION,
    "Unsubscribe": _SUBSCRIPTION,
    "ListSubscriptionByTopic": f"{_TOPIC}/subscriptions",
}


def needs(account: str, call: "Call") -> Iterator[Need]:
    """What *call* needs; nothing for an action that nobody wrote."""
    path = NEEDS.get(call.action)
    if path is None:
        return
    for name in ("Name", "Name1"):
        path = path.replace(f"{{{name}}}", call.params.get(name, ""))
    yield Need(f"mns:{call.action}", f"acs:mns:{call.region}:{account}:{path}")
