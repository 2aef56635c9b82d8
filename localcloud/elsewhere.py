"""A cloud that is served by another process, as this one's clients see it."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from localcloud.gateway import signing
from localcloud.keys import Key
from localcloud.wire import NoAnswer, Request, Response

#: How long an answer may take, in seconds: the other process may be copying disks.
PATIENCE = 120.0
#: What is not passed on: the token is of this process' own making, the others are of this connection.
_OURS = frozenset(
    {
        "x-acs-security-token",
        "x-acs-accesskey-id",
        "authorization",
        "host",
        "connection",
        "content-length",
        "accept-encoding",
    }
)


class Gone(Exception):  # noqa: N818 - it says what is so
    """The served cloud can't be reached, or another one is in its place."""


class Silent(Gone):
    """The served cloud does not answer, but it may still be there."""


@dataclass(frozen=True)
class Elsewhere:
    """A served cloud: where it is, which one it is, and the account's key that signs what is passed on."""

    address: str
    cloud: str
    key: Key

    def __call__(self, request: Request) -> Response:
        """Have *request* answered there; raises NoAnswer as that cloud does, and Gone."""
        headers = {name: value for name, value in request.headers.items() if name not in _OURS}
        headers |= {"x-ferry-cloud": self.cloud, "host": request.host}
        headers["authorization"] = signing.authorization(
            replace(request, headers=headers), self.key.id, self.key.secret
        )
        target = f"{request.path}?{urlencode(request.query)}" if request.query else request.path
        try:
            response = ask(self.address, request.method, target, headers, request.body)
        except NoAnswer:
            health(self.address)  # no answer of a cloud that is there is the cloud's own doing
            raise
        if response.status == 409 and b'"AnotherCloud"' in response.body:
            raise Gone(f"another cloud is at {self.address} now: the one before was ended or reset")
        return response


@dataclass(frozen=True)
class Health:
    """What a served cloud says of itself."""

    now: datetime
    speed: float
    cloud: str
    account: str


def health(address: str) -> Health:
    """How the cloud at *address* is; raises Gone when none is there."""
    try:
        said = json.loads(ask(address, "GET", "/_ferry/health", {}).body)
        now, speed = datetime.fromisoformat(said["now"]), float(said["speed"])
        return Health(now, speed, str(said["cloud"]), str(said["account"]))
    except NoAnswer:
        raise Silent(f"the cloud at {address} gives no answer") from None
    except (ValueError, KeyError, TypeError):
        raise Gone(f"what is at {address} is not a cloud that `ferry cloud serve` serves") from None


def ask(address: str, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
    """One request; raises NoAnswer when the connection is lost before the answer is whole, and Gone."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=PATIENCE)
    try:
        try:
            connection.connect()
        except TimeoutError:
            raise Silent(f"the cloud at {address} can't be reached") from None
        except OSError as error:
            raise Gone(f"no cloud is at {address}: {error.strerror or error}") from None
        try:
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            return Response(answer.status, answer.read(), dict(answer.getheaders()))
        except TimeoutError:
            raise Silent(f"the cloud at {address} has not answered for {PATIENCE:.0f} s") from None
        except (OSError, http.client.HTTPException):
            raise NoAnswer(target) from None
    finally:
        connection.close()
