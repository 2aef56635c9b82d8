"""Mounts a cloud under the real SDKs: what goes through ``requests`` by `responses`, SMQ and Tablestore in memory."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import responses
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ReadTimeout

from localcloud.cloud import Cloud
from localcloud.loopback import Loopback
from localcloud.memory import DOMAIN, Answer, wired
from localcloud.wire import NoAnswer, Request, Response

_METHODS = ("POST", "GET", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")
_ANYTHING = re.compile(r"")
_OURS = ".aliyuncs.com"
#: Services whose SDKs do not go through `requests`.
Wired = Literal["smq", "tablestore"]
#: Answers a request to a service in a region; raises NoAnswer and Killed as the door does.
Serve = Callable[[str, Request], Response]


class Mount:
    """A mounted cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._ports: dict[tuple[str, str], Loopback] = {}

    def endpoint(self, service: Wired, region: str) -> str:
        """The address of a service in a region, for this process and while the cloud is mounted."""
        return f"http://{service}.{region}{DOMAIN}"

    def open_port(self, service: Wired, region: str) -> str:
        """The address of a service in a region for every process on this machine; its port is open until the end.

        No function of this cloud may call by it: its calls have to come from its own thread.
        """
        if (service, region) not in self._ports:
            serve = partial(self._serves(service), region)
            self._ports[service, region] = Loopback(partial(self._by_port, serve), f"{service} of {region}")
        return f"http://127.0.0.1:{self._ports[service, region].port}"

    def find(self, host: str) -> Answer:
        """What answers at a host of DOMAIN; raises ConnectionRefusedError when nothing does."""
        service, _, region = host.removesuffix(DOMAIN).partition(".")
        if service not in ("smq", "tablestore") or not region:
            raise ConnectionRefusedError(f"{host}: nothing in the embedded cloud has this address")
        return partial(self._in_memory, partial(self._serves(service), region))

    def close(self) -> None:
        """Close every port."""
        for port in self._ports.values():
            port.close()
        self._ports.clear()

    def _serves(self, service: str) -> Serve:
        return self._cloud.smq.serve if service == "smq" else self._cloud.tablestore.serve

    def _in_memory(self, serve: Answer, request: Request) -> Response:
        try:
            return serve(request)
        except NoAnswer:
            raise
        except Exception as bug:
            # SMQ's SDK takes whatever goes wrong for trouble with the network: the loop raises it.
            self._cloud.scheduler.fail(bug)
            raise

    def _by_port(self, serve: Answer, request: Request) -> Response | None:
        try:
            return serve(request)
        except NoAnswer:
            return None
        except Exception as bug:  # noqa: BLE001 - this thread belongs to nobody: the loop raises it
            self._cloud.scheduler.fail(bug)
            return None


@contextmanager
def mounted(cloud: Cloud) -> Iterator[Mount]:
    """Put *cloud* under the SDKs of this process: nothing that goes through `requests` reaches the network."""
    mount = Mount(cloud)
    with ExitStack() as under:
        net = under.enter_context(responses.RequestsMock(assert_all_requests_are_fired=False))
        under.enter_context(wired(mount.find))

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
    headers = {"host": address.netloc} | {name.lower(): _text(value) for name, value in sent.headers.items()}
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    try:
        response = cloud.serve(Request(sent.method, host, address.path or "/", query, headers, body, sent.path_url))
    except NoAnswer:
        raise ReadTimeout(f"HTTPSConnectionPool(host='{host}'): Read timed out.", request=sent) from None
    return response.status, dict(response.headers), b"" if sent.method == "HEAD" else response.body


def _text(value: str | bytes) -> str:
    """A header's value; `requests` takes bytes, too."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
