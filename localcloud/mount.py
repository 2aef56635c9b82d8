"""Mounts a cloud under the real SDKs: what goes through ``requests`` by `responses`, SMQ and Tablestore on loopback."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
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
#: Answers a request to a service in a region; raises NoAnswer and Killed as the door does.
Serve = Callable[[str, Request], Response]


class Mount:
    """A mounted cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._ports: dict[tuple[str, str], Loopback] = {}

    def smq_endpoint(self, region: str) -> str:
        """Where SMQ of *region* listens; its port is opened when it is first asked for."""
        return self._endpoint("SMQ", region, self._cloud.smq.serve, "security-token")

    def tablestore_endpoint(self, region: str) -> str:
        """Where Tablestore of *region* listens, whatever the instance; opened as SMQ's is."""
        return self._endpoint("Tablestore", region, self._cloud.tablestore.serve, "x-ots-ststoken")

    def close(self) -> None:
        """Close every port."""
        for port in self._ports.values():
            port.close()
        self._ports.clear()

    def _endpoint(self, name: str, region: str, serve: Serve, token: str) -> str:
        """The address of a service; *token* is the header that says which invocation calls."""
        if (name, region) not in self._ports:
            self._ports[name, region] = Loopback(
                lambda request: self._answered(partial(serve, region, request), request.headers.get(token, "")), name
            )
        return f"http://127.0.0.1:{self._ports[name, region].port}"

    def _answered(self, serve: Callable[[], Response], token: str) -> Response | None:
        try:
            return serve()
        except NoAnswer:
            return None
        except Killed:
            self._cloud.scheduler.strike(token)
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
