"""What a function of a test asks of the cloud, with the keys of its environment, and what it hears."""

import json
import os
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

_REGION = "cn-hangzhou"
#: The SDK of each product that speaks the RPC protocol, or one that its SDK makes look so.
RPC = {
    "ecs": "alibabacloud_ecs20140526",
    "vpc": "alibabacloud_vpc20160428",
    "alidns": "alibabacloud_alidns20150109",
    "eventbridge": "alibabacloud_eventbridge20200401",
    "ram": "alibabacloud_ram20150501",
    "sts": "alibabacloud_sts20150401",
    "ots_control": "alibabacloud_tablestore20201209",
}


def ask(product: str, action: str, **wire: Any) -> tuple[int, str, str]:
    """Status, code and message of the answer; 200 and nothing when it is none of a refusal."""
    try:
        _PRODUCTS[product](product, action, wire)
    except Exception as no:  # noqa: BLE001 - each SDK has exceptions of its own
        return _heard(no)
    return 200, "", ""


def _heard(no: Any) -> tuple[int, str, str]:
    if hasattr(no, "get_error_code"):  # Tablestore
        return no.get_http_status(), no.get_error_code(), no.get_error_message()
    if hasattr(no, "req_id"):  # SMQ
        return 0, no.type, no.message
    if hasattr(no, "err_code"):  # Function Compute 2.0
        return no.status_code, no.err_code, json.loads(no.message)["ErrorMessage"]
    assert getattr(no, "code", None), repr(no)
    message = (getattr(no, "data", None) or {}).get("Message") or no.message
    return no.status_code, no.code, message


def _keys() -> tuple[str, str, str]:
    keys = ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")
    key, secret, token = (os.environ[f"ALIBABA_CLOUD_{name}"] for name in keys)
    return key, secret, token


def _config(**more: str) -> Any:
    from alibabacloud_tea_openapi.models import Config

    key, secret, token = _keys()
    return Config(access_key_id=key, access_key_secret=secret, security_token=token, region_id=_REGION, **more)


def _rpc(product: str, action: str, wire: Mapping[str, Any]) -> None:
    package = RPC[product]
    client = import_module(f"{package}.client").Client(_config())
    method = getattr(
        client,
        re.sub(r"(?<!^)(?=[A-Z])", "_", action.replace("VSwitch", "Vswitch").replace("VRouter", "Vrouter")).lower(),
    )
    kind = getattr(import_module(f"{package}.models"), f"{action}Request", None)
    method(kind().from_map(wire)) if kind else method()


def _fc(_: str, action: str, wire: Mapping[str, Any]) -> None:
    from alibabacloud_fc20230330 import models
    from alibabacloud_fc20230330.client import Client

    client = Client(_config())
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
    kind = getattr(models, f"{action}Request", None)
    names = wire.get("names", [])
    query = [kind().from_map(wire.get("query", {}))] if kind else []
    if action == "CreateLayerVersion":
        query = [
            models.CreateLayerVersionRequest(body=models.CreateLayerVersionInput(compatible_runtime=["python3.12"]))
        ]
    getattr(client, method)(*names, *query)


def _fc2(_: str, action: str, wire: Mapping[str, Any]) -> None:
    import fc2

    assert action == "InvokeFunction"
    key, secret, token = _keys()
    endpoint = f"https://1234567890123456.{_REGION}.fc.aliyuncs.com"
    client = fc2.Client(endpoint=endpoint, accessKeyID=key, accessKeySecret=secret, securityToken=token, Timeout=5)
    client.invoke_function(*wire["names"])


def _smq(_: str, action: str, wire: Mapping[str, Any]) -> None:
    from mns.account import Account

    account = Account(os.environ["SMQ"], *_keys())
    smq_calls(account, wire.get("queue", "q"), wire.get("topic", "t"))[action]()


def smq_calls(account: Any, queue_name: str, topic_name: str) -> Mapping[str, Callable[[], Any]]:
    """A call of each action of SMQ: on a queue, or on a topic and its subscription s."""
    from mns.queue import Message, QueueMeta
    from mns.subscription import SubscriptionMeta
    from mns.topic import TopicMessage, TopicMeta

    queue, topic = account.get_queue(queue_name), account.get_topic(topic_name)
    subscription = account.get_subscription(topic_name, "s")
    return {
        "ListQueue": account.list_queue,
        "CreateQueue": lambda: queue.create(QueueMeta()),
        "SetQueueAttributes": lambda: queue.set_attributes(QueueMeta()),
        "GetQueueAttributes": queue.get_attributes,
        "DeleteQueue": queue.delete,
        "SendMessage": lambda: queue.send_message(Message("hello")),
        "PeekMessage": queue.peek_message,
        "ReceiveMessage": lambda: queue.receive_message(0),
        "DeleteMessage": lambda: queue.delete_message("1-x"),
        "ChangeMessageVisibility": lambda: queue.change_message_visibility("1-x", 30),
        "ListTopic": account.list_topic,
        "CreateTopic": lambda: topic.create(TopicMeta()),
        "SetTopicAttributes": lambda: topic.set_attributes(TopicMeta()),
        "GetTopicAttributes": topic.get_attributes,
        "DeleteTopic": topic.delete,
        "PublishMessage": lambda: topic.publish_message(TopicMessage("hello")),
        "Subscribe": lambda: subscription.subscribe(SubscriptionMeta("http://a.example/b")),
        "GetSubscriptionAttributes": subscription.get_attributes,
        "Unsubscribe": subscription.unsubscribe,
        "ListSubscriptionByTopic": topic.list_subscription,
    }


def _tablestore(_: str, action: str, wire: Mapping[str, Any]) -> None:
    import tablestore as kit

    key, secret, token = _keys()
    client = kit.OTSClient(os.environ["TABLESTORE"], key, secret, wire["instance"], sts_token=token)
    tables = wire.get("tables", [])
    row = [("id", "a")]
    meta = kit.TableMeta(tables[0], [("id", "STRING")]) if tables else None
    calls: Mapping[str, Callable[[], Any]] = {
        "ListTable": client.list_table,
        "CreateTable": lambda: client.create_table(
            meta, kit.TableOptions(), kit.ReservedThroughput(kit.CapacityUnit(0, 0))
        ),
        "DescribeTable": lambda: client.describe_table(*tables),
        "DeleteTable": lambda: client.delete_table(*tables),
        "CreateIndex": lambda: client.create_secondary_index(
            *tables, kit.SecondaryIndexMeta("i", ["n"], []), include_base_data=False
        ),
        "DropIndex": lambda: client.delete_secondary_index(*tables, "i"),
        "GetRow": lambda: client.get_row(*tables, row, max_version=1),
        "PutRow": lambda: client.put_row(*tables, kit.Row(row, [("n", 1)])),
        "UpdateRow": lambda: client.update_row(*tables, kit.Row(row, {"PUT": [("n", 1)]}), None),
        "DeleteRow": lambda: client.delete_row(*tables, kit.Row(row)),
        "GetRange": lambda: client.get_range(
            *tables, kit.Direction.FORWARD, [("id", kit.INF_MIN)], [("id", kit.INF_MAX)], max_version=1
        ),
        "BatchGetRow": lambda: client.batch_get_row(_reads(kit, tables, row)),
        "BatchWriteRow": lambda: client.batch_write_row(_writes(kit, tables, row)),
    }
    calls[action]()


def _reads(kit: Any, tables: list[str], row: list[Any]) -> Any:
    request = kit.BatchGetRowRequest()
    for table in tables:
        request.add(kit.TableInBatchGetRowItem(table, [row], max_version=1))
    return request


def _writes(kit: Any, tables: list[str], row: list[Any]) -> Any:
    request = kit.BatchWriteRowRequest()
    for table in tables:
        request.add(kit.TableInBatchWriteRowItem(table, [kit.PutRowItem(kit.Row(row, [("n", 1)]), None)]))
    return request


_PRODUCTS: Mapping[str, Callable[[str, str, Mapping[str, Any]], None]] = {
    **dict.fromkeys(RPC, _rpc),
    "fc": _fc,
    "fc2": _fc2,
    "smq": _smq,
    "tablestore": _tablestore,
}
