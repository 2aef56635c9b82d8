"""Who signed a request to SMQ.

https://alibabacloud.com/help/en/mns/sign-requests (read 2026-11)
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from localcloud.smq import errors
from localcloud.texts import read_date
from localcloud.wire import Request

_AUTHORIZATION = re.compile(r"MNS ([^:\s]+):(\S+)")
_LEEWAY = timedelta(minutes=15)


def key_of(request: Request) -> str:
    """The access key that a request names; refused when it names none."""
    if "authorization" not in request.headers:
        raise errors.missing_authorization()
    said = _AUTHORIZATION.fullmatch(request.headers["authorization"])
    if said is None:
        raise errors.invalid_authorization()
    return said.group(1)


def check(request: Request, secret: str) -> None:
    """Refuse what this secret did not sign, what was changed on its way, and what is too old."""
    said = _AUTHORIZATION.fullmatch(request.headers["authorization"])
    assert said is not None, "a request without a key comes nowhere near"
    _check_date(request.headers.get("x-mns-date") or request.headers.get("date", ""))
    digest = request.headers.get("content-md5")
    if digest and digest not in _digests(request.body):
        raise errors.invalid_digest()
    if not hmac.compare_digest(said.group(2).encode(), _signature(request, secret)):
        raise errors.signature_mismatch()


def _signature(request: Request, secret: str) -> bytes:
    given = request.headers
    own = "".join(f"{name}:{given[name]}\n" for name in sorted(given) if name.startswith("x-mns-"))
    date = given.get("date", "")
    first = (request.method, given.get("content-md5", ""), given.get("content-type", ""), date)
    text = "\n".join((*first, own + request.target))
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("latin-1"), hashlib.sha1))


def _digests(body: bytes) -> tuple[str, str]:
    """The digest as RFC 1864 has it, and as the official SDK sends it: of the hash in hexadecimal."""
    md5 = hashlib.md5(body, usedforsecurity=False)
    return base64.b64encode(md5.digest()).decode(), base64.b64encode(md5.hexdigest().encode()).decode()


def _check_date(text: str) -> None:
    if not text:
        raise errors.missing_date()
    moment = read_date(text)
    if moment is None:
        raise errors.invalid_date()
    if abs(datetime.now(UTC) - moment) > _LEEWAY:
        raise errors.time_expired()
