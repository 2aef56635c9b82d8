"""A service on a loopback port, for other processes than the one in which the cloud is mounted."""

import contextlib
import socket
import threading
from collections.abc import Callable
from io import BufferedReader

from localcloud.http11 import read_request, response_bytes
from localcloud.visitors import refusal
from localcloud.wire import Request, Response

#: Answers a request; None means that the client gets no whole answer.
Answer = Callable[[Request], Response | None]

#: An answer that breaks off: an error for the client, where no bytes at all would make SMQ's SDK send again.
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
        request = read_request(stream)
        if request is not None:
            response = refusal(request) or self._answer(request)
            connection.sendall(_CUT if response is None else response_bytes(response))


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was closed meanwhile
        connection.shutdown(socket.SHUT_RDWR)
