"""Who signed a call of FC: 2023-03-30 has the gateway's signature of version 3, 2016-08-15 one of its own.

https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/request-signatures (read 2026-11).
UNVERIFIED: that FC refuses signatures of version 3 with the gateway's codes.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from localcloud.fc import errors
from localcloud.gateway import signing
from localcloud.texts import read_date
from localcloud.wire import Request

_OWN = re.compile(r"FC ([^:\s]+):(\S+)")
_VERSION3 = re.compile(r"Credential=([^,\s]+)")
_LEEWAY = timedelta(minutes=15)


def key_of(request: Request) -> str:
    """The access key that a request names; empty when it names none."""
    said = request.headers.get("authorization", "")
    found = _OWN.fullmatch(said) or _VERSION3.search(said)
    return request.headers.get("x-acs-accesskey-id") or (found.group(1) if found else "")


def check(request: Request, secret: str, nonces: signing.Nonces) -> None:
    """Refuse what this secret did not sign, or not now."""
    if signing.is_version3(request):
        signing.Version3.of(request).check(request, secret, nonces)
        return
    said = _OWN.fullmatch(request.headers.get("authorization", ""))
    if said is None or not request.path.startswith("/2016-08-15/"):  # it covers neither query nor body
        raise errors.missing_signature()
    _check_date(request.headers.get("date", ""))
    if not hmac.compare_digest(said.group(2).encode(), _signature(request, secret)):
        raise errors.signature_mismatch()


def _signature(request: Request, secret: str) -> bytes:
    given = request.headers
    own = "".join(f"{name}:{given[name]}\n" for name in sorted(given) if name.startswith("x-fc-"))
    first = (request.method, given.get("content-md5", ""), given.get("content-type", ""), given.get("date", ""))
    text = "\n".join((*first, own + unquote(request.path)))
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))


def _check_date(text: str) -> None:
    moment = read_date(text)
    if moment is None:
        raise errors.missing_date()
    if abs(datetime.now(UTC) - moment) > _LEEWAY:
        raise errors.date_expired()
