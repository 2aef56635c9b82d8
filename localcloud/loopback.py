"""A service on a loopback port: what speaks HTTP past everything that can be put under it, as SMQ's SDK does."""

import contextlib
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from io import BufferedReader
from urllib.parse import parse_qsl, unquote, urlsplit

from localcloud.visitors import refusal
from localcloud.wire import Request, Response

#: Answers a request; None means that the client gets no whole answer.
Answer = Callable[[Request], Response | None]

_LONGEST_LINE = 65_536
_LONGEST_BODY = 8 * 1024 * 1024
#: An answer that breaks off: an error for the client, where no bytes at all would make the SDK send again.
_CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\nConnection: close\r\n\r\n"


class Loopback:
    """An HTTP server on 127.0.0.1; a thread waits for each open connection, and none of them acts on its own.

    Every answer closes its connection: the SDK's clients are made for one invocation and nobody closes them, so a
    connection that is kept alive would be a socket and a thread that nobody ends.
    """

    def __init__(self, answer: Answer, name: str) -> None:
        self._answer = answer
        self._name = name
        self._lock = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name=f"{name} on port {self.port}", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Close the port and every connection; returns when no thread is left."""
        self._closing = True
        # A connection of our own wakes accept() on every system.
        with socket.create_connection(("127.0.0.1", self.port)):
            self._accepting.join()
        self._listener.close()
        with self._lock:
            left = dict(self._open)
        for connection in left:
            _shut(connection)
        for thread in left.values():
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._closing:
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(
                target=self._serve, args=(connection,), name=f"{self._name} connection", daemon=True
            )
            with self._lock:
                self._open[connection] = thread
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                self._one(connection, stream)
        except (OSError, ValueError):
            pass  # the client is gone, or does not speak HTTP
        finally:
            with self._lock:
                del self._open[connection]

    def _one(self, connection: socket.socket, stream: BufferedReader) -> None:
        request = _read(stream)
        if request is not None:
            response = refusal(request) or self._answer(request)
            connection.sendall(_CUT if response is None else _bytes(response))


def _read(stream: BufferedReader) -> Request | None:
    first = stream.readline(_LONGEST_LINE)
    if not first:
        return None
    method, target, _ = first.decode("latin-1").split()
    headers: dict[str, str] = {}
    while line := stream.readline(_LONGEST_LINE).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= _LONGEST_BODY:
        raise ValueError("the body is too long")
    address = urlsplit(target)
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    return Request(method, headers.get("host", ""), unquote(address.path), query, headers, stream.read(length))


def _bytes(response: Response) -> bytes:
    reason = HTTPStatus(response.status).phrase
    lines = [f"HTTP/1.1 {response.status} {reason}", f"Content-Length: {len(response.body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + response.body


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was closed meanwhile
        connection.shutdown(socket.SHUT_RDWR)
