"""The cloud over HTTP, for any client in any language that points its endpoint here.

`GET /_ferry/health`, `GET /_ferry/calls` and `GET /_ferry/faults` look; `POST /_ferry/faults` adds a fault and
`POST /_ferry/reset` begins again: both want the token.  Everything else is for a service of the cloud.
"""

import hmac
import os
import socket
import sys
import threading
import traceback
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request as Asked
from werkzeug.wrappers import Response as Answer

from localcloud.cloud import CENTRAL_REGION
from localcloud.faults import Fault
from localcloud.fc.api import FC_PATHS
from localcloud.living import LivingCloud
from localcloud.texts import whole
from localcloud.visitors import refusal
from localcloud.wire import NoAnswer, Request, Response, json_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
#: The header with the token for what changes the server itself, and the one that says which cloud is meant.
TOKEN, CLOUD = "X-Ferry-Token", "X-Ferry-Cloud"
_LONGEST_BODY = 8 * 1024 * 1024
#: A layer of 100 MB in base64, as JSON has it.
_LONGEST_LAYER = 140 * 1024 * 1024
#: How long the end of the server may take to be noticed, in seconds.
_POLL = 0.05


class PortTaken(Exception):  # noqa: N818 - it says what is so
    """The port can't be listened on."""


def listen(port: int) -> socket.socket:
    """A socket that listens on 127.0.0.1, on any free port if *port* is 0; raises PortTaken."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise PortTaken(f"port {port} can't be listened on: {why}") from None


class Server:
    """The cloud, served on a socket that listens; the token is wanted for what changes the server itself.

    Who comes by no name of Alibaba Cloud's, and names no region otherwise, means *region*.
    """

    def __init__(self, cloud: LivingCloud, listener: socket.socket, token: str, region: str = CENTRAL_REGION) -> None:
        self._cloud = cloud
        self._region = region
        self._token = token
        port: int = listener.getsockname()[1]
        # Given no socket of ours, werkzeug would end the process over a taken port.
        self._http = make_server(HOST, port, self._wsgi, threaded=True, request_handler=_Handler, fd=listener.fileno())
        self.address = f"http://{HOST}:{port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(_POLL,), name="server", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more requests; returns when the port is free."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _wsgi(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        try:
            response = self._answer(Asked(environ))
        except NoAnswer:
            raise ConnectionAbortedError from None  # what werkzeug takes for a client that has gone: no answer is sent
        except ClientDisconnected as no:
            return no(environ, start)
        except RequestEntityTooLarge:
            response = _problem(413, "RequestEntityTooLarge", "the body is longer than the embedded cloud takes")
        except Exception:  # noqa: BLE001 - a bug of the cloud's own is told where it runs; the others' calls go on
            traceback.print_exc(file=sys.stderr)
            response = _problem(500, "Bug", "a bug of the embedded cloud: what it said stands where it runs")
        answer = Answer(response.body, response.status, {**response.headers})
        return answer(environ, start)

    def _answer(self, asked: Asked) -> Response:
        target = _target(asked.environ)
        asked.max_content_length = _LONGEST_LAYER if target.startswith(FC_PATHS) else _LONGEST_BODY
        request = Request(
            asked.method,
            asked.headers.get("Host", ""),
            target.partition("?")[0],
            dict(parse_qsl(asked.query_string.decode("latin-1"), keep_blank_values=True)),
            {name.lower(): value for name, value in asked.headers.items()},
            asked.get_data(),
            target,
        )
        return refusal(request) or self._own(request) or self._cloud.serve(self._placed(request))

    def _placed(self, request: Request) -> Request:
        """*request*, and what it means when it names no region."""
        return replace(request, region=self._region)

    def _own(self, request: Request) -> Response | None:
        """The answer to what is asked of the server itself, or of another cloud than this; None for a cloud call."""
        meant = request.headers.get(CLOUD.lower())
        if meant and self._cloud.is_other_than(meant):
            return _problem(409, "AnotherCloud", "this is not the cloud that was meant: it was reset, or begun anew")
        match (request.method, request.path):
            case ("GET", "/_ferry/health"):
                return json_response(200, self._cloud.health())
            case ("GET", "/_ferry/calls"):
                return self._calls(request.query.get("skip", "0"))
            case ("GET", "/_ferry/faults"):
                return json_response(200, {"strikes": self._cloud.faults()})
            case ("POST", "/_ferry/faults" | "/_ferry/reset"):
                return self._change(request)
        if request.path.startswith("/_ferry/"):
            there = "GET /_ferry/health, GET /_ferry/calls, GET and POST /_ferry/faults, POST /_ferry/reset"
            return _problem(404, "NotFound", f"there are {there}")
        return None

    def _calls(self, skip: str) -> Response:
        number = whole(skip, 0, 10**18)
        if number is None:
            return _problem(400, "BadInput", "skip is the number of calls to leave out")
        return json_response(200, {"calls": self._cloud.calls(number)})

    def _change(self, request: Request) -> Response:
        token = request.headers.get(TOKEN.lower(), "")
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return _problem(403, "Forbidden", f"give the token that was printed at the start, in the header {TOKEN}")
        if request.path == "/_ferry/faults":
            return self._add_fault(request.body)
        self._cloud.reset()
        return json_response(200, self._cloud.health())

    def _add_fault(self, body: bytes) -> Response:
        try:
            fault = Fault.model_validate_json(body)
        except ValidationError as wrong:
            problems = [{"path": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in wrong.errors()]
            return json_response(
                400, {"Code": "BadInput", "Message": "see docs/world.md, Faults", "Problems": problems}
            )
        self._cloud.break_with(fault)
        return json_response(200, fault.model_dump(mode="json", exclude_defaults=True))


def _target(environ: "WSGIEnvironment") -> str:
    """Path and query as they were sent, also where a proxy's client sends a whole address."""
    address = urlsplit(environ["RAW_URI"])
    path = address.path or "/"
    return f"{path}?{address.query}" if address.query else path


class _Handler(WSGIRequestHandler):
    """Answers at once, and says nothing of each request; a client that says nothing for a minute is let go."""

    disable_nagle_algorithm = True
    timeout = 60

    def parse_request(self) -> bool:
        """Read the request's head; False when it is none, and the client was told so."""
        if not super().parse_request():
            return False
        try:
            urlsplit(self.path)
        except ValueError:
            self.send_error(400, "Bad request target")
            return False
        return True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def log(self, type: str, message: str, *args: object) -> None:
        pass

    def connection_dropped(
        self,
        error: BaseException,  # noqa: ARG002 - as werkzeug has it
        environ: "WSGIEnvironment | None" = None,  # noqa: ARG002
    ) -> None:
        self.close_connection = True


def _problem(status: int, code: str, message: str) -> Response:
    return json_response(status, {"Code": code, "Message": message})
