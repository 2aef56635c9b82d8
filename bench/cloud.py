"""How fast the embedded cloud answers: bytes in to bytes out, over HTTP, and what a large world takes in memory."""

import hashlib
import http.client
import secrets
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localcloud.cloud import Cloud
from localcloud.gateway import signing
from localcloud.http11 import response_bytes
from localcloud.living import LivingCloud
from localcloud.server import Server, listen
from localcloud.wire import Request
from localcloud.world import World

_REGION = "cn-beijing"
_CALLS = 2_000
#: DescribeImages of ten images, a second of one core's processor time.
_LEAST = 1_000
#: MiB that a world of a thousand instances may take.
_MOST = 25


def main() -> int:
    """Measure; 1 when a figure does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        within, over = _within(Path(folder) / "a"), _over_http(Path(folder) / "b")
        taken = _memory(Path(folder) / "c")
    good = within >= _LEAST
    _say(f"DescribeImages of ten images, bytes to bytes: {within:.0f} a second of processor, at least {_LEAST}", good)
    _say(f"the same over HTTP, one connection: {over:.0f} a second of wall time, {over / within:.0%} of that")
    small = taken <= _MOST
    _say(f"a world of 1,000 instances: {taken:.0f} MiB, at most {_MOST}", small)
    return int(not (good and small))


def _within(folder: Path) -> float:
    cloud = Cloud(_world(), seed=1, state=folder)
    _pass_time(cloud)
    requests = [_request() for _ in range(_CALLS)]
    begun = time.process_time()
    for request in requests:
        body = response_bytes(cloud.serve(request))
    spent = time.process_time() - begun
    assert body.count(b'"ImageId"') == 10, "ten images are listed"
    return _CALLS / spent


def _over_http(folder: Path) -> float:
    def make() -> Any:
        cloud = Cloud(_world(), seed=1, state=folder)
        _pass_time(cloud)
        return closing(cloud)

    with closing(LivingCloud(make, 1.0)) as living, listen(0) as listener, closing(Server(living, listener, "t")):
        port = listener.getsockname()[1]
        requests = [_request() for _ in range(_CALLS // 4)]
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
            return _rate(len(requests), lambda number: _ask(line, requests[number]))


def _rate(times: int, act: Callable[[int], None]) -> float:
    begun = time.perf_counter()
    for number in range(times):
        act(number)
    return times / (time.perf_counter() - begun)


def _ask(line: http.client.HTTPConnection, request: Request) -> None:
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    line.request("POST", f"/?{query}", headers=dict(request.headers))
    answer = line.getresponse()
    assert answer.read().count(b'"ImageId"') == 10, answer.status


def _memory(folder: Path) -> float:
    """MiB that the objects of a cloud take whose world has a thousand instances, without the modules' own."""
    Cloud(World(), seed=1, state=folder / "warm").close()
    place = {"zone": "cn-beijing-h", "vswitch": "vsw-b", "security_groups": ["sg-b"], "type": "ecs.g7.large"}
    disks = [{"kind": "system", "category": "cloud_essd", "size": 40}]
    region = {
        "vpcs": [{"id": "vpc-b", "cidr": "10.0.0.0/16"}],
        "vswitches": [{"id": "vsw-b", "vpc": "vpc-b", "zone": "cn-beijing-h", "cidr": "10.0.0.0/16"}],
        "security_groups": [{"id": "sg-b", "vpc": "vpc-b"}],
        "instances": [{"id": f"i-{number}", **place, "disks": disks} for number in range(1000)],
    }
    tracemalloc.start()
    cloud = Cloud(World.model_validate({"regions": {_REGION: region}}), seed=1, state=folder / "full")
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    cloud.close()
    return taken / 2**20


def _world() -> World:
    images = [{"id": f"m-{number}", "name": f"image-{number}"} for number in range(10)]
    return World.model_validate({"regions": {_REGION: {"images": images}}})


def _pass_time(cloud: Cloud) -> None:
    """Until new ids are listed."""
    while cloud.clock.next_at() is not None:
        cloud.clock.step()


def _request() -> Request:
    headers = {
        "host": f"ecs.{_REGION}.aliyuncs.com",
        "accept": "application/json",
        "x-acs-action": "DescribeImages",
        "x-acs-version": "2014-05-26",
        "x-acs-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": secrets.token_hex(8),
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }
    query = {"RegionId": _REGION, "ImageOwnerAlias": "self", "PageSize": "50"}
    request = Request("POST", headers["host"], "/", query, headers)
    return Request(
        "POST",
        headers["host"],
        "/",
        query,
        {**headers, "authorization": signing.authorization(request, "test", "test")},
    )


def _say(text: str, good: bool | None = None) -> None:
    sys.stdout.write(f"{text}{'' if good is None else ': ok' if good else ': NOT HELD'}\n")


if __name__ == "__main__":
    sys.exit(main())
