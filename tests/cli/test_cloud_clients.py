"""Clients that nobody here wrote, on a served cloud: each SDK by its own public methods, over HTTP."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.cloud.table_client import sdk
from tests.cli.cloud import CloudProcess, serving

HANDLER = """
def handler(event, context):
    if event == b"bad":
        raise ValueError("no")
    return event + b" by " + context.function.name.encode()
"""
FUNCTIONS = """
edition: 3.0.0
name: t
access: default
resources:
  new:
    component: fc3
    props: {region: cn-beijing, functionName: hello, runtime: python3.12, handler: handler.handler, code: ./code,
            timeout: 10, asyncInvokeConfig: {asyncTask: true, maxAsyncRetryAttempts: 0}}
  old:
    component: fc3
    props: {region: cn-beijing, functionName: service$hello, runtime: python3.12, handler: handler.handler,
            code: ./code, timeout: 10}
"""
WORLD = """
regions:
  cn-beijing:
    vpcs: [{id: vpc-b, cidr: 10.1.0.0/16}]
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    """A served cloud with two functions; what names no region means Beijing."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "code").mkdir()
    (folder / "code" / "handler.py").write_text(HANDLER)
    (folder / "s.yaml").write_text(FUNCTIONS)
    (folder / "world.yaml").write_text(WORLD)
    words = ("--world", folder / "world.yaml", "--functions", folder / "s.yaml", "--region", "cn-beijing")
    with serving(*words, "--speed", 60, temporary=folder / "tmp") as served:
        yield served


def config(cloud: CloudProcess, **more: Any) -> Any:
    """What the official SDKs are made with."""
    from alibabacloud_tea_openapi.models import Config

    here = {"endpoint": f"127.0.0.1:{cloud.port}", "protocol": "http", "region_id": "cn-beijing"}
    return Config(**{"access_key_id": "test", "access_key_secret": "test", **here, **more})


@pytest.mark.parametrize("algorithm", ["ACS3-HMAC-SHA256", "v2"])
def test_ecs_at_once_and_in_time(cloud: CloudProcess, algorithm: str) -> None:
    """The synchronous and the asynchronous methods, by either signature; a wrong secret is told."""
    from alibabacloud_ecs20140526 import models
    from alibabacloud_ecs20140526.client import Client
    from darabonba.exceptions import DaraException

    client = Client(config(cloud, signature_algorithm=algorithm))
    regions = client.describe_regions(models.DescribeRegionsRequest()).body.regions.region
    later = asyncio.run(client.describe_regions_async(models.DescribeRegionsRequest())).body.regions.region
    assert {one.region_id for one in regions} == {one.region_id for one in later} > {"cn-beijing", "cn-hangzhou"}
    with pytest.raises(DaraException) as no:
        wrong = Client(config(cloud, signature_algorithm=algorithm, access_key_secret="wrong"))
        wrong.describe_regions(models.DescribeRegionsRequest())
    assert (no.value.code, no.value.status_code) == ("SignatureDoesNotMatch", 400)


def test_eventbridge_to_smq(cloud: CloudProcess) -> None:
    """An event that a rule sends to a queue is received there; SMQ's SDK waits for it."""
    from alibabacloud_eventbridge20200401 import models
    from alibabacloud_eventbridge20200401.client import Client
    from mns.account import Account
    from mns.mns_exception import MNSServerException

    queue = Account(cloud.address, "test", "test").get_queue("events")
    queue.set_encoding(False)
    queue.create(_queue_meta())
    bus = Client(config(cloud))
    assert bus.create_event_bus(models.CreateEventBusRequest(event_bus_name="b")).body.success
    target = models.CreateRuleRequestEventTargets(
        id="q",
        type="acs.mns.queue",
        endpoint="acs:mns:cn-beijing:1234567890123456:queues/events",
        param_list=[
            models.CreateRuleRequestEventTargetsParamList(resource_key="queue", form="CONSTANT", value="events"),
            models.CreateRuleRequestEventTargetsParamList(resource_key="Body", form="ORIGINAL"),
            models.CreateRuleRequestEventTargetsParamList(
                resource_key="IsBase64Encode", form="CONSTANT", value="false"
            ),
        ],
    )
    made = bus.create_rule(
        models.CreateRuleRequest(
            event_bus_name="b", rule_name="r", filter_pattern='{"source":["me"]}', event_targets=[target]
        )
    ).body
    assert made.success, made.message
    event = models.PutEventsRequestEventList(
        id="1", source="me", type="t", data="{}", spec_version="1.0", subject="s", time="2026-01-05T02:00:00Z"
    )
    assert bus.put_events(models.PutEventsRequest(event_bus_name="b", event_list=[event])).body.success
    for _ in range(50):
        try:
            got = queue.receive_message()
        except MNSServerException as none:
            assert none.type == "MessageNotExist"
            time.sleep(0.1)  # noqa: TID251 - another process's time passes
        else:
            break
    assert json.loads(got.message_body)["source"] == "me"
    queue.delete_message(got.receipt_handle)
    with pytest.raises(MNSServerException) as no:
        Account(cloud.address, "test", "wrong").get_queue("events").receive_message()
    assert no.value.type == "SignatureDoesNotMatch"


def test_a_long_poll_waits_for_its_message(cloud: CloudProcess) -> None:
    """As long as it says, in the cloud's own time, or until a message is there."""
    from mns.account import Account
    from mns.mns_exception import MNSServerException
    from mns.queue import Message

    queue = Account(cloud.address, "test", "test").get_queue("polled")
    queue.set_encoding(False)
    queue.create(_queue_meta())
    begun = time.monotonic()
    with pytest.raises(MNSServerException, match="MessageNotExist"):
        queue.receive_message(30)
    assert time.monotonic() - begun > 0.4  # half a minute there
    queue.send_message(Message("late", delay_seconds=10))
    assert queue.receive_message(30).message_body == "late"


def _queue_meta() -> Any:
    from mns.queue import QueueMeta

    return QueueMeta()


def test_functions_by_both_apis(cloud: CloudProcess) -> None:
    """What is invoked runs; what it raises is in the headers; a repeated id of an asynchronous task is refused."""
    import fc2
    from alibabacloud_fc20230330 import models
    from alibabacloud_fc20230330.client import Client
    from darabonba.exceptions import DaraException
    from darabonba.runtime import RuntimeOptions

    new = Client(config(cloud))
    assert new.invoke_function("hello", models.InvokeFunctionRequest(body=b"x")).body.read() == b"x by hello"
    failed = new.invoke_function("hello", models.InvokeFunctionRequest(body=b"bad"))
    assert failed.headers["x-fc-error-type"] == "UnhandledInvocationError"
    headers = models.InvokeFunctionHeaders(x_fc_invocation_type="Async", x_fc_async_task_id="task-1")
    done = new.invoke_function_with_options("hello", models.InvokeFunctionRequest(), headers, RuntimeOptions())
    assert done.status_code == 202
    with pytest.raises(DaraException) as no:
        new.invoke_function_with_options("hello", models.InvokeFunctionRequest(), headers, RuntimeOptions())
    assert no.value.status_code == 409
    old = fc2.Client(endpoint=cloud.address, accessKeyID="test", accessKeySecret="test", Timeout=5)
    assert old.invoke_function("service", "hello", b"y").data == b"y by service$hello"
    with pytest.raises(fc2.FcError) as wrong:
        fc2.Client(endpoint=cloud.address, accessKeyID="test", accessKeySecret="wrong").invoke_function(
            "service", "hello"
        )
    assert (wrong.value.status_code, wrong.value.err_code) == (403, "SignatureNotMatch")


def test_tablestore(cloud: CloudProcess) -> None:
    """An instance is made by the control plane, a row written and read by the data plane."""
    from alibabacloud_tablestore20201209 import models
    from alibabacloud_tablestore20201209.client import Client

    tablestore = sdk()  # which warns when it is imported, unless it is told not to
    Client(config(cloud)).create_instance(models.CreateInstanceRequest(instance_name="store", cluster_type="SSD"))
    there = tablestore.OTSClient(cloud.address, "test", "test", "store", enable_native=False)
    meta = tablestore.TableMeta("t", [("id", "STRING")])
    there.create_table(meta, tablestore.TableOptions(), tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)))
    there.put_row("t", tablestore.Row([("id", "a")], [("x", 1)]))
    assert [(name, value) for name, value, _ in there.get_row("t", [("id", "a")])[1].attribute_columns] == [("x", 1)]
    with pytest.raises(tablestore.OTSServiceError) as no:
        tablestore.OTSClient(cloud.address, "test", "wrong", "store", enable_native=False).list_table()
    assert no.value.code == "OTSAuthFailed"


def test_faults_on_demand(cloud: CloudProcess) -> None:
    """One is added with the token, strikes, and is told; one that makes no sense is refused, field by field."""
    with cloud.connection() as line:
        for token, body, status in (
            ("", '{"kind": "throttle"}', 403),
            (cloud.token, '{"kind": "rain", "count": 0}', 400),
            (cloud.token, "{", 400),
            (cloud.token, '{"kind": "throttle", "action": "DescribeZones", "count": 1}', 200),
        ):
            line.request("POST", "/_ferry/faults", body, {"X-Ferry-Token": token})
            answer = line.getresponse()
            said = json.loads(answer.read())
            assert answer.status == status, said
            assert [one["path"] for one in said.get("Problems", [])] in ([], ["kind", "count"], [""])
    from darabonba.exceptions import DaraException

    with pytest.raises(DaraException) as no:
        cloud.ask("DescribeZones", "cn-beijing")
    assert no.value.code == "Throttling.User"
    (strike,) = cloud.get("/_ferry/faults")["strikes"]
    assert (strike["kind"], strike["action"], strike["region"]) == ("throttle", "DescribeZones", "cn-beijing")


def test_an_action_that_is_not_there(cloud: CloudProcess) -> None:
    """It is refused by its name, and in the log."""
    from alibabacloud_ecs20140526 import models
    from alibabacloud_ecs20140526.client import Client
    from darabonba.exceptions import DaraException

    before = cloud.health()["calls"]
    with pytest.raises(DaraException) as no:
        Client(config(cloud)).describe_hpc_clusters(models.DescribeHpcClustersRequest(region_id="cn-beijing"))
    assert (no.value.code, no.value.status_code) == ("InvalidAction.NotFound", 404)
    assert "DescribeHpcClusters" in no.value.message
    (call,) = cloud.calls(before)
    assert (call["action"], call["code"]) == ("DescribeHpcClusters", "InvalidAction.NotFound")


def test_the_request_line_of_a_proxys_client(cloud: CloudProcess) -> None:
    """A whole address in it, as a client sends it that takes the cloud for its HTTP proxy."""
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=10) as line:
        line.sendall(b"GET http://ecs.cn-beijing.aliyuncs.com/?Action=DescribeRegions HTTP/1.0\r\n\r\n")
        said = b"".join(iter(lambda: line.recv(65_536), b""))
    assert b"<HostId>ecs.cn-beijing.aliyuncs.com</HostId><Code>MissingAccessKeyId</Code>" in said
