"""The cloud over HTTP: the real SDK gets what it gets in process, time passes, and browsers get nothing."""

import http.client
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from localcloud.cloud import Cloud
from localcloud.elsewhere import Elsewhere, Gone, health
from localcloud.faults import Fault
from localcloud.keys import Key
from localcloud.living import LivingCloud
from localcloud.server import PortTaken, Server, listen
from localcloud.wire import NoAnswer, Request
from localcloud.world import World

TOKEN = "t0ken"
NETWORK = {
    "cn-beijing": {
        "vpcs": [{"id": "vpc-b", "cidr": "10.1.0.0/16"}],
        "security_groups": [{"id": "sg-b", "vpc": "vpc-b"}],
    }
}


class Served:
    """A served cloud, as its clients see it."""

    def __init__(self, port: int, living: LivingCloud) -> None:
        self.port, self.living = port, living
        self.address = f"http://127.0.0.1:{port}"

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, Any]:
        """Status and JSON of the server's own answer; the body as it is when it is no JSON."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, headers={name.replace("_", "-"): v for name, v in headers.items()})
            answer = connection.getresponse()
            body = answer.read()
        return answer.status, json.loads(body) if body.startswith(b"{") else body

    def now(self) -> datetime:
        """The virtual moment."""
        return datetime.fromisoformat(self.get("/_ferry/health")[1]["now"])

    def ecs(self, key: str = "test") -> Any:
        """The official client, with its endpoint here."""
        from alibabacloud_ecs20140526.client import Client

        return Client(_config(self.port, key))

    def vpc(self) -> Any:
        """VPC's official client."""
        from alibabacloud_vpc20160428.client import Client

        return Client(_config(self.port, "test"))


def _config(port: int, key: str) -> Any:
    from alibabacloud_tea_openapi.models import Config

    endpoint = f"127.0.0.1:{port}"
    return Config(
        access_key_id=key, access_key_secret="test", region_id="cn-beijing", endpoint=endpoint, protocol="http"
    )


@contextmanager
def served(folder: Path, *faults: Fault, speed: float = 60.0, **about: Any) -> Iterator[Served]:
    """A served cloud with a VPC in Beijing."""
    world = World.model_validate({"regions": NETWORK, "faults": faults, **about})

    def make() -> AbstractContextManager[Cloud]:
        return closing(Cloud(world, seed=1, state=folder))

    with (
        closing(LivingCloud(make, speed)) as living,
        listen(0) as listener,
        closing(Server(living, listener, TOKEN)),
    ):
        yield Served(listener.getsockname()[1], living)


def test_the_real_sdk_is_answered_over_http(tmp_path: Path) -> None:
    """ECS and VPC take the calls of their own SDKs, and refuse with the cloud's own code."""
    from alibabacloud_ecs20140526 import models as ecs
    from alibabacloud_vpc20160428 import models as vpc
    from darabonba.exceptions import DaraException

    with served(tmp_path) as cloud:
        made = cloud.ecs().create_security_group(ecs.CreateSecurityGroupRequest(region_id="cn-beijing", vpc_id="vpc-b"))
        assert made.body.security_group_id.startswith("sg-")
        found = cloud.vpc().describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-beijing")).body.vpcs.vpc
        assert [one.vpc_id for one in found] == ["vpc-b"]
        with pytest.raises(DaraException) as no:
            cloud.ecs().stop_instance(ecs.StopInstanceRequest(instance_id="i-none"))
        assert no.value.code == "InvalidInstanceId.NotFound"
        with pytest.raises(DaraException) as no:
            cloud.ecs("nobody").describe_regions(ecs.DescribeRegionsRequest())
        assert no.value.code == "InvalidAccessKeyId.NotFound"
        calls = cloud.get("/_ferry/calls?skip=1")[1]["calls"]
        assert [(one["service"], one["action"], one["code"]) for one in calls] == [
            ("vpc", "DescribeVpcs", ""),
            ("ecs", "StopInstance", "InvalidInstanceId.NotFound"),
            ("ecs", "DescribeRegions", "InvalidAccessKeyId.NotFound"),
        ]
        assert cloud.get("/_ferry/calls?skip=-1")[0] == 400
        assert cloud.get(f"/_ferry/calls?skip={'9' * 6000}")[0] == 400


def test_no_browser_is_answered(tmp_path: Path) -> None:
    """Whatever a page asks for, and whatever name it has found for this machine."""
    with served(tmp_path) as cloud:
        for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "same-origin"}):
            assert cloud.get("/_ferry/health", **headers)[0] == 403
            assert cloud.get("/?Action=DescribeRegions&Version=2014-05-26&AccessKeyId=test", **headers)[0] == 403
        evil = ("evil.example", "evil.com/.aliyuncs.com", "evil.com#.aliyuncs.com", "evil.com,x.aliyuncs.com")
        for host in (*evil, "cn-" * 21_000 + "_.aliyuncs.com"):
            assert cloud.get("/_ferry/health", Host=host)[0] == 403
        for host in ("localhost", "LOCALHOST", "127.0.0.1:1", "ecs.cn-beijing.aliyuncs.com", "ECS.aliyuncs.com."):
            assert cloud.get("/_ferry/health", Host=host)[0] == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\nabc", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /\xff?\xff=\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"CONNECT ecs.aliyuncs.com:443 HTTP/1.1\r\nHost: ecs.aliyuncs.com\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: \r\n\r\n", 403),
        (b"GET /queues/q HTTP/1.1\r\nHost: localhost\r\nAuthorization: MNS a:b\r\nDate: x\r\n\r\n", 403),
        (b"POST /GetRow HTTP/1.1\r\nHost: localhost\r\nx-ots-apiversion: 1\r\nContent-Length: 2\r\n\r\nab", 403),
    ],
)
def test_malformed_requests(tmp_path: Path, capfd: pytest.CaptureFixture[str], sent: bytes, status: int) -> None:
    """Each is answered at once, by its status; the server says nothing of it, and goes on."""
    with served(tmp_path) as cloud:
        with socket.create_connection(("127.0.0.1", cloud.port), timeout=5) as line:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: line.recv(65_536), b""))
        assert answer.split()[1] == str(status).encode()
        assert cloud.get("/_ferry/health")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_reset_needs_the_token_and_begins_again(tmp_path: Path) -> None:
    """Afterwards nothing is there that was made, it is another cloud, and its time begins anew."""
    from alibabacloud_ecs20140526 import models as ecs

    with served(tmp_path, speed=1000) as cloud:
        request = ecs.CreateSecurityGroupRequest(region_id="cn-beijing", vpc_id="vpc-b")
        cloud.ecs().create_security_group(request)
        before = cloud.get("/_ferry/health")[1]
        time.sleep(0.1)  # noqa: TID251 - so that its time is past its beginning
        assert cloud.get("/_ferry/reset", "POST")[0] == 403
        assert cloud.get("/_ferry/reset", "POST", X_Ferry_Token="wr\u00f6ng")[0] == 403
        assert cloud.get("/_ferry/reset", X_Ferry_Token=TOKEN)[0] == 404
        assert cloud.get("/_ferry/health")[1]["cloud"] == before["cloud"]
        status, after = cloud.get("/_ferry/reset", "POST", X_Ferry_Token=TOKEN)
        assert (status, after["calls"]) == (200, 0)
        assert (after["cloud"] != before["cloud"], after["now"] < cloud.get("/_ferry/health")[1]["now"]) == (True, True)
        groups = cloud.ecs().describe_security_groups(ecs.DescribeSecurityGroupsRequest(region_id="cn-beijing")).body
        assert [one.security_group_id for one in groups.security_groups.security_group] == ["sg-b"]


def test_a_fault_of_no_time_is_refused(tmp_path: Path) -> None:
    """A moment that no clock comes to would make every call fail."""
    with served(tmp_path) as cloud, closing(http.client.HTTPConnection("127.0.0.1", cloud.port)) as line:
        for when in ("1e300", "Infinity", "NaN", "-1"):
            body = f'{{"kind": "throttle", "since": {when}}}'
            line.request("POST", "/_ferry/faults", body, {"X-Ferry-Token": TOKEN})
            answer = line.getresponse()
            assert (answer.status, json.loads(answer.read())["Problems"][0]["path"]) == (400, "since")
        assert cloud.ecs().describe_regions(_regions()).body.regions.region


def test_the_log_of_calls_holds_no_secret_and_no_body(tmp_path: Path) -> None:
    """Passwords and tokens are not told; of a long parameter only how it begins."""
    from alibabacloud_ecs20140526 import models as ecs
    from darabonba.exceptions import DaraException

    with served(tmp_path) as cloud:
        asked = {"region_id": "cn-beijing", "password": "S3cret!!", "user_data": "x" * 5000}
        with pytest.raises(DaraException):
            cloud.ecs().run_instances(ecs.RunInstancesRequest(**asked))
        cloud.get("/?SecurityToken=CAIS-a-long-token&AccessKeyId=x&Signature=x&Timestamp=x&SignatureNonce=x")
        cloud.get("/queues?SecurityToken=CAIS-a-long-token&x-mns=1", Authorization="MNS x:x")
        with pytest.raises(DaraException):
            cloud.ecs().run_command(
                ecs.RunCommandRequest(region_id="cn-beijing", parameters={"dbPassword": "S3cret!!"})
            )
        first, second, third, fourth = cloud.get("/_ferry/calls")[1]["calls"]
        assert (first["params"]["Password"], len(first["params"]["UserData"])) == ("***", 500)
        assert second["token"] == "CAIS***"
        assert third["params"]["SecurityToken"] == "***"
        assert fourth["params"]["Parameters"] == "***"


def test_the_log_of_calls_has_room_for_many(tmp_path: Path) -> None:
    """Whatever a call brings, and whoever sends it, little of it is kept."""
    long = "a" * 60_000
    with served(tmp_path) as cloud:
        form = "&".join(f"p.{number}={'v' * 500}" for number in range(100))
        short = "&".join(f"{chr(0x4E00 + number)}=" for number in range(5_000))
        ids = (f"AccessKeyId={long}", f"RegionId={long}&AccessKeyId=x", f"Action={long}&AccessKeyId=x")
        for sent in (*ids, quote(short, safe="=&"), f"{form}&InstanceId=i-1"):
            assert cloud.get(f"/?{sent}&Signature=x&Timestamp=x&SignatureNonce=x")[0] in (400, 404)
        calls = cloud.get("/_ferry/calls")[1]["calls"]
        assert len(calls) == 5
        assert max(len(json.dumps(call)) for call in calls) < 10_000
        told = calls[-1]["params"]
        assert (told["InstanceId"], told["..."]) == ("i-1", f"{101 - len(told) + 1} more")


def test_a_thing_is_found_where_it_is(tmp_path: Path) -> None:
    """A call that names no region, at an address that names none, is about the thing whose id it bears."""
    from alibabacloud_ecs20140526 import models as ecs
    from darabonba.exceptions import DaraException

    with served(tmp_path) as cloud:
        with pytest.raises(DaraException) as no:
            cloud.ecs().delete_disk(ecs.DeleteDiskRequest(disk_id="d-none"))
        assert no.value.code == "InvalidDiskId.NotFound"
        zone = {"zone_id": "cn-beijing-h", "size": 20, "disk_category": "cloud_essd"}
        made = cloud.ecs().create_disk(ecs.CreateDiskRequest(region_id="cn-beijing", **zone)).body.disk_id
        with cloud.living.alone() as inner:
            while inner.ecs.state.of("cn-beijing").disks[made].status != "Available":
                inner.clock.step()
        cloud.ecs().delete_disk(ecs.DeleteDiskRequest(disk_id=made))
        assert cloud.get("/_ferry/calls")[1]["calls"][-1]["region"] == "cn-beijing"


def _regions() -> Any:
    from alibabacloud_ecs20140526 import models

    return models.DescribeRegionsRequest()


def test_time_passes_at_its_speed_and_what_was_planned_happens_by_itself(tmp_path: Path) -> None:
    """A virtual hour a second: nobody has to call for it to pass."""
    happened = threading.Event()
    with served(tmp_path, speed=3600) as cloud:
        began, wall = cloud.now(), time.monotonic()
        with cloud.living.alone() as inner:
            inner.clock.at(inner.clock.now.replace(minute=30), happened.set)
        assert happened.wait(5)
        passed = (cloud.now() - began).total_seconds() / (time.monotonic() - wall)
        assert passed == pytest.approx(3600, rel=0.2)


def test_a_bug_of_the_clouds_own_that_time_brings_up_is_told_to_whoever_made_it(tmp_path: Path) -> None:
    """Not swallowed in a thread."""
    ended = threading.Event()
    living = LivingCloud(lambda: closing(Cloud(World(), seed=1, state=tmp_path)), 1.0, ended.set)
    with closing(living):
        with living.alone() as cloud:
            cloud.clock.at(cloud.clock.now, _break)
        assert ended.wait(5)
    assert isinstance(living.bug, ZeroDivisionError)


def _break() -> None:
    raise ZeroDivisionError


def test_a_port_that_is_taken_is_told() -> None:
    """By its number and the system's words."""
    with listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} .*in use"):
            listen(port)


REQUEST = Request(
    "POST",
    "ecs.cn-beijing.aliyuncs.com",
    "/",
    {},
    {
        "x-acs-action": "DescribeRegions",
        "x-acs-version": "2014-05-26",
        "x-acs-security-token": "of another process",
        "authorization": "ACS3-HMAC-SHA256 Credential=STS.abc,SignedHeaders=host,Signature=0",
    },
)


def request() -> Request:
    """A call of an invocation in another process, of now."""
    headers = {"x-acs-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "x-acs-signature-nonce": secrets.token_hex()}
    return replace(REQUEST, headers={**REQUEST.headers, **headers})


def test_another_process_passes_its_calls_on_with_the_accounts_key(tmp_path: Path) -> None:
    """The temporary key of an invocation there means nothing here."""
    with served(tmp_path, access_key="ours") as cloud:
        id_ = health(cloud.address).cloud
        assert Elsewhere(cloud.address, id_, Key("ours", "test"))(request()).status == 200
        assert Elsewhere(cloud.address, id_, Key("theirs", "test"))(request()).status == 404
        assert Elsewhere(cloud.address, id_, Key("ours", "wrong"))(request()).status == 400
        (first, *_) = cloud.get("/_ferry/calls")[1]["calls"]
        assert (first["access_key"], first["token"], first["region"]) == ("ours", None, "cn-beijing")


def test_no_answer_and_no_cloud_are_told_apart(tmp_path: Path) -> None:
    """An answer that a fault withholds may have had its effect; a cloud that was reset or has ended has gone."""
    lost = Fault(kind="lost_answer", action="DescribeRegions", count=1)
    with served(tmp_path, lost) as cloud:
        there = Elsewhere(cloud.address, health(cloud.address).cloud, Key("test", "test"))
        with pytest.raises(NoAnswer):
            there(request())
        assert there(request()).status == 200
        cloud.living.reset()
        with pytest.raises(Gone, match="another cloud"):
            there(request())
    with pytest.raises(Gone, match="no cloud is at"):
        there(request())


def test_what_is_no_cloud_is_none() -> None:
    """Some other server on the port."""
    from http.server import BaseHTTPRequestHandler, HTTPServer

    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        with pytest.raises(Gone, match="is not a cloud"):
            health(f"http://127.0.0.1:{other.server_port}")
        thread.join()
