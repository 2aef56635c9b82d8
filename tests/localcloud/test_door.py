"""The way in for every call: keys, faults on demand, the log, and what is never let out."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from alibabacloud_eventbridge20200401 import models
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException
from darabonba.exceptions import DaraException, UnretryableException

from localcloud.door import region_of
from localcloud.faults import Fault
from tests.localcloud.sdk import (
    ACCOUNT,
    a_cloud,
    bodies,
    eventbridge,
    fc,
    fc2,
    make_queue,
    smq,
    sts,
    tablestore_control,
)


def create(client: Any, name: str) -> Any:
    return client.create_event_bus(models.CreateEventBusRequest(event_bus_name=name)).body


def names(client: Any) -> list[str]:
    found = client.list_event_buses(models.ListEventBusesRequest(limit=100)).body.data.event_buses
    return [bus.event_bus_name for bus in found]


def test_unknown_key_is_refused(tmp_path: Path) -> None:
    """A key that the account does not have gets the gateway's own code."""
    with a_cloud(tmp_path), pytest.raises(ClientException) as refused:
        create(eventbridge(key="someone-else"), "b")
    assert (refused.value.status_code, refused.value.code) == (404, "InvalidAccessKeyId.NotFound")


def test_services_that_are_not_activated(tmp_path: Path) -> None:
    """A service that the account has not activated refuses each call in its own words; the others go on."""
    import fc2 as fc2_sdk
    from alibabacloud_fc20230330.models import ListFunctionsRequest
    from alibabacloud_tablestore20201209.models import ListInstancesRequest
    from mns.mns_exception import MNSServerException

    with a_cloud(tmp_path, activated=()) as cloud:
        for ask, code, message in (
            (lambda: names(eventbridge()), "ServiceNotEnable", "Service not enable"),
            (lambda: fc().list_functions(ListFunctionsRequest()), "AccessDenied", "FC service is not enabled"),
            (lambda: tablestore_control().list_instances(ListInstancesRequest()), "OTSAuthFailed", "does not exist"),
        ):
            with pytest.raises(ClientException, match=message) as refused:
                ask()
            assert (refused.value.status_code, refused.value.code) == (403, code)
        with pytest.raises(fc2_sdk.FcError, match="not enabled"):
            fc2().invoke_function("s", "f", b"")
        with pytest.raises(MNSServerException) as forbidden:
            smq(cloud).list_queue()
        assert forbidden.value.type == "AccessDenied"
        assert sts().get_caller_identity().body.account_id == ACCOUNT
        with pytest.raises(ClientException) as refused:
            names(eventbridge(key="someone-else"))
        assert refused.value.code == "InvalidAccessKeyId.NotFound"


def test_services_that_are_activated(tmp_path: Path) -> None:
    """Of what the world names, all is there."""
    with a_cloud(tmp_path, activated=("eventbridge",)) as cloud:
        assert names(eventbridge()) == ["default"]
        from mns.mns_exception import MNSServerException

        with pytest.raises(MNSServerException):
            smq(cloud).list_queue()


def test_unknown_action_fails_by_its_name(tmp_path: Path) -> None:
    """An action that nobody wrote says so."""
    with a_cloud(tmp_path), pytest.raises(ClientException, match="ListConnections") as refused:
        eventbridge().list_connections(models.ListConnectionsRequest())
    assert (refused.value.status_code, refused.value.code) == (404, "InvalidAction.NotFound")


def test_throttled_until_the_next_minute(tmp_path: Path) -> None:
    """A throttle lasts until the next minute of the virtual clock, for that action alone."""
    with a_cloud(tmp_path, Fault(kind="throttle", action="CreateEventBus", count=1)) as cloud:
        client = eventbridge()
        for second in (0, 59):
            cloud.cloud.clock.spend(timedelta(seconds=second))
            with pytest.raises(ClientException) as refused:
                create(client, "b")
            assert (refused.value.status_code, refused.value.code) == (400, "Throttling.User")
        assert names(client) == ["default"]
        cloud.cloud.clock.spend(timedelta(seconds=1))
        assert create(client, "b").success


def test_server_error_does_nothing(tmp_path: Path) -> None:
    """A 503 has no effect."""
    with a_cloud(tmp_path, Fault(kind="server_error", action="CreateEventBus", count=1)):
        client = eventbridge()
        with pytest.raises(ServerException) as refused:
            create(client, "b")
        assert (refused.value.status_code, refused.value.code) == (503, "ServiceUnavailable")
        assert names(client) == ["default"]


@pytest.mark.parametrize(("kind", "done"), [("timeout", False), ("lost_answer", True)])
def test_no_answer(tmp_path: Path, kind: Any, done: bool) -> None:
    """A call without an answer is the client's own time-out, costs virtual time, and was done or not."""
    with a_cloud(tmp_path, Fault(kind=kind, action="CreateEventBus", count=1)) as cloud:
        client = eventbridge()
        with pytest.raises((DaraException, UnretryableException), match="timed out"):
            create(client, "b")
        assert cloud.cloud.clock.now - cloud.cloud.clock.start == timedelta(seconds=10)
        assert ("b" in names(client)) is done


def test_lost_answer_of_smq_is_not_sent_again(tmp_path: Path) -> None:
    """An SMQ answer that breaks off is an error for the client, which the SDK does not hide by sending twice."""
    from mns.mns_exception import MNSClientNetworkException
    from mns.queue import Message

    with a_cloud(tmp_path, Fault(kind="lost_answer", action="SendMessage", count=1)) as cloud:
        queue = make_queue(cloud, "q")
        with pytest.raises(MNSClientNetworkException):
            queue.send_message(Message("once"))
        assert bodies(queue) == ["once"]


def test_a_narrow_fault_leaves_the_rest_alone(tmp_path: Path) -> None:
    """A fault that names a region does not strike elsewhere."""
    with a_cloud(tmp_path, Fault(kind="server_error", region="cn-beijing")):
        assert create(eventbridge("cn-hangzhou"), "b").success
        with pytest.raises(ServerException):
            create(eventbridge("cn-beijing"), "b")


def test_every_call_is_written_down(tmp_path: Path) -> None:
    """The log has who called what, where, and how it was answered, under the request id that the client got."""
    with a_cloud(tmp_path) as cloud:
        body = create(eventbridge("cn-beijing"), "b")
        create(eventbridge("cn-beijing"), "b")
        first, second = cloud.cloud.calls
        assert (first.service, first.action, first.region) == ("eventbridge", "CreateEventBus", "cn-beijing")
        assert (first.status, first.code, first.request_id) == (200, "", body.request_id)
        assert dict(first.params) == {"EventBusName": "b"}
        assert second.code == "EventBusAlreadyExist"


def test_nothing_is_let_out(tmp_path: Path) -> None:
    """While the cloud is mounted an address that is not Alibaba's is refused, with a reason."""
    with a_cloud(tmp_path), pytest.raises(requests.exceptions.ConnectionError, match=r"only \*\.aliyuncs\.com"):
        requests.get("https://example.com/x", timeout=1)


def test_browsers_are_refused(tmp_path: Path) -> None:
    """No page in a browser reaches the cloud on this machine by its loopback port."""
    from http.client import HTTPConnection

    with a_cloud(tmp_path) as cloud:
        for headers in ({"Origin": "https://example.com"}, {"Host": "example.com"}):
            connection = HTTPConnection(cloud.open_port("smq", "cn-beijing").removeprefix("http://"))
            connection.request("GET", "/queues", headers=headers)
            assert connection.getresponse().status == 403
            connection.close()
        assert cloud.cloud.calls == []


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("ecs-cn-hangzhou.aliyuncs.com", "cn-hangzhou"),
        ("ecs.cn-beijing.aliyuncs.com", "cn-beijing"),
        ("eventbridge-console.ap-southeast-1.aliyuncs.com", "ap-southeast-1"),
        ("1234567890123456.cn-hangzhou.fc.aliyuncs.com", "cn-hangzhou"),
        ("fcv3.eu-central-1.aliyuncs.com", "eu-central-1"),
        ("1234567890123456.mns.cn-hangzhou-internal.aliyuncs.com", "cn-hangzhou"),
        ("1234567890123456.mns.cn-hangzhou-internal-vpc.aliyuncs.com", "cn-hangzhou"),
        ("vpc.aliyuncs.com", None),
    ],
)
def test_region_of_an_endpoint(host: str, region: str | None) -> None:
    """An endpoint's name says its region, unless it is a central one."""
    assert region_of(host) == region
