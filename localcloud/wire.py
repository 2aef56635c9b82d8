"""What goes over the wire to and from the embedded cloud, whichever way it came in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names are lower case, `path` is as it was sent, `query` holds decoded parameters."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    #: Path and query as they were sent, where what was signed are those; none: as `path` has it.
    target: str = ""
    #: What a call means that names no region in any way; none: where the cloud's central endpoints are.
    region: str = ""


@dataclass(frozen=True)
class Response:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """A refusal with the cloud's own code, HTTP status and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class NoAnswer(Exception):  # noqa: N818 - it is not an error of the cloud's: the client's time-out
    """The answer never arrives: the client sees its own time-out."""


def json_response(status: int, body: Mapping[str, object]) -> Response:
    """*body* as a JSON answer."""
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json;charset=utf-8"})
