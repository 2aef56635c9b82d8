"""Mounts a cloud under the real SDKs: what goes through ``requests`` by `responses`, SMQ on loopback."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import responses
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ReadTimeout

from localcloud.cloud import Cloud
from localcloud.loopback import Loopback
from localcloud.scheduler import Killed
from localcloud.wire import NoAnswer, Request, Response

_METHODS = ("POST", "GET", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")
_ANYTHING = re.compile(r"")
_OURS = ".aliyuncs.com"


class Mount:
    """A mounted cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._ports: dict[str, Loopback] = {}

    def smq_endpoint(self, region: str) -> str:
        """Where SMQ of *region* listens; its port is opened when it is first asked for."""
        if region not in self._ports:
            self._ports[region] = Loopback(lambda request: self._serve_smq(region, request))
        return f"http://127.0.0.1:{self._ports[region].port}"

    def close(self) -> None:
        """Close every port."""
        for port in self._ports.values():
            port.close()
        self._ports.clear()

    def _serve_smq(self, region: str, request: Request) -> Response | None:
        try:
            return self._cloud.serve_smq(region, request)
        except NoAnswer:
            return None
        except Killed:
            self._cloud.scheduler.strike(request.headers.get("security-token", ""))
            return None
        except Exception as bug:  # noqa: BLE001 - this thread belongs to nobody: the loop raises it
            self._cloud.scheduler.fail(bug)
            return None


@contextmanager
def mounted(cloud: Cloud) -> Iterator[Mount]:
    """Put *cloud* under the SDKs of this process: nothing that goes through `requests` reaches the network."""
    mount = Mount(cloud)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as net:

        def answer(sent: Any) -> tuple[int, dict[str, str], bytes]:
            net.calls.reset()  # `responses` would keep every call for ever
            for one in net.registered():
                one.calls.reset()
            return _answer(cloud, sent)

        for method in _METHODS:
            net.add_callback(method, _ANYTHING, callback=answer, content_type=None)
        try:
            yield mount
        finally:
            cloud.scheduler.close()
            mount.close()


def _answer(cloud: Cloud, sent: Any) -> tuple[int, dict[str, str], bytes]:
    address = urlsplit(sent.url)
    host = address.hostname or ""
    if not host.endswith(_OURS):
        raise NoConnection(
            f"{sent.method} {address.scheme}://{address.netloc}{address.path}: "
            f"while the embedded cloud is mounted only *{_OURS} can be reached",
            request=sent,
        )
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    headers = {name.lower(): value for name, value in sent.headers.items()}
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    try:
        response = cloud.serve(Request(sent.method, host, address.path or "/", query, headers, body))
    except NoAnswer:
        raise ReadTimeout(f"HTTPSConnectionPool(host='{host}'): Read timed out.", request=sent) from None
    return response.status, dict(response.headers), response.body
