"""Connections in memory: HTTP of the standard library's kind, answered in the caller's own thread.

SMQ's SDK speaks by `http.client`, Tablestore's by `urllib3`, which is built on it.  Under both is put what `responses`
is under `requests`: for hosts that are ours, an object in the place of the socket.  The SDK writes the bytes of its
request and reads those of an answer; there is no port, no thread, and nothing on the machine can come between.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from unittest.mock import patch

from localcloud.http11 import read_request, response_bytes
from localcloud.wire import NoAnswer, Request, Response

#: Every host that is ours ends so.  `invalid` is reserved (RFC 6761): no such name is ever known to a network.
DOMAIN = ".localcloud.invalid"
#: Answers a request to one host; raises NoAnswer when the client gets none.
Answer = Callable[[Request], Response]


@contextmanager
def wired(find: Callable[[str], Answer]) -> Iterator[None]:
    """Answer every HTTP connection to a host of DOMAIN by what *find* gives for the host; it may raise OSError.

    NoAnswer becomes the time-out of the caller's read.  What else is raised comes out of the SDK's read as it is.
    """
    send = HTTPConnection.send

    def send_or_connect(self: HTTPConnection, data: Any) -> None:
        if getattr(self, "sock", None) is None and self.host.endswith(DOMAIN):
            self.sock = _Line(find(self.host))
        send(self, data)

    with patch.object(HTTPConnection, "send", send_or_connect):
        yield


class _Line:
    """Stands where `http.client` expects a connected socket."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._sent = bytearray()

    def sendall(self, data: bytes) -> None:
        self._sent += data

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - a socket's
        return io.BufferedReader(_Reply(self._answer, bytes(self._sent)))

    def setsockopt(self, *option: object) -> None:
        """There is nothing to set."""

    def settimeout(self, seconds: float | None) -> None:
        """An answer is there at once, or never."""

    def close(self) -> None:
        """There is nothing to close."""


class _Reply(io.RawIOBase):
    """The answer's bytes; whoever reads the first of them has the request answered."""

    def __init__(self, answer: Answer, sent: bytes) -> None:
        self._answer = answer
        self._sent = sent
        self._bytes: io.BytesIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._bytes is None:
            self._bytes = io.BytesIO(self._answered())
        return self._bytes.readinto(buffer)

    def _answered(self) -> bytes:
        request = read_request(io.BytesIO(self._sent))
        assert request is not None, "an answer is read before anything was asked"
        try:
            return response_bytes(self._answer(request))
        except NoAnswer:
            raise TimeoutError("timed out") from None
