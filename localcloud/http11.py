"""HTTP/1.1 as bytes: a request is read, an answer written; each answer ends its connection."""

from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import parse_qsl, urlsplit

from localcloud.wire import Request, Response

_LONGEST_LINE = 65_536
_LONGEST_BODY = 8 * 1024 * 1024


def read_request(stream: BinaryIO) -> Request | None:
    """The request in *stream*; None when there is none.  Raises ValueError for what is not HTTP, or is too long."""
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
    target = f"{address.path}?{address.query}" if address.query else address.path
    return Request(method, headers.get("host", ""), address.path, query, headers, stream.read(length), target)


def response_bytes(response: Response) -> bytes:
    """*response* as it goes over the wire."""
    reason = HTTPStatus(response.status).phrase
    lines = [f"HTTP/1.1 {response.status} {reason}", f"Content-Length: {len(response.body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + response.body
