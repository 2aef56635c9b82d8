"""What proves who speaks: the signature of a request, and that of its answer, which the SDK checks.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/http-messages (read 2026-11).  Dates and
signatures go by the wall clock: the SDK takes no answer that is 15 minutes off.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from localcloud.tablestore import errors
from localcloud.tablestore.sdk import Credentials, RequestContext, SignV2, SignV4
from localcloud.wire import Request

_NEEDED = ("x-ots-date", "x-ots-apiversion", "x-ots-accesskeyid", "x-ots-instancename", "x-ots-contentmd5")
_LEEWAY = timedelta(minutes=15)
_SIGNATURES = ("x-ots-signature", "x-ots-signaturev4")


def check_request(request: Request, secret: str) -> None:
    """Refuse a request that lacks a header, was changed on its way, or was signed with another secret."""
    for name in _NEEDED:
        if name not in request.headers:
            raise errors.missing_header(name)
    _check_date(request.headers["x-ots-date"])
    if request.headers["x-ots-contentmd5"] != _md5(request.body):
        raise errors.md5_mismatch()
    signed = {n: v for n, v in request.headers.items() if n.startswith("x-ots-") and n not in _SIGNATURES}
    context = RequestContext(Credentials(request.headers["x-ots-accesskeyid"], secret))
    _signer(request.headers).make_request_signature_and_add_headers(request.path, signed, context)
    if any(signed.get(name) != request.headers.get(name) for name in _SIGNATURES):
        raise errors.signature_mismatch()


def _check_date(text: str) -> None:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise errors.invalid(f"Invalid date format: {text[:100]}.") from None
    if abs(datetime.now(UTC) - moment.replace(tzinfo=moment.tzinfo or UTC)) > _LEEWAY:
        raise errors.date_mismatch(text)


def headers(request: Request, body: bytes, request_id: str, secret: str | None) -> dict[str, str]:
    """The headers of an answer; signed when the caller's *secret* is known."""
    told = {
        "x-ots-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "x-ots-requestid": request_id,
        "x-ots-contenttype": "protocol buffer",
        "x-ots-contentmd5": _md5(body),
    }
    if secret is None:
        return told
    key = request.headers.get("x-ots-accesskeyid", "")
    context = RequestContext(Credentials(key, secret), request.headers.get("x-ots-signdate"))
    signer = _signer(request.headers)
    signature = signer.make_response_signature(request.path, told, signer.get_signing_key(context))
    return {**told, "Authorization": f"OTS {key}:{signature}"}


def _signer(given: Mapping[str, str]) -> Any:
    if "x-ots-signaturev4" not in given:
        return SignV2("utf8")
    date, region = given.get("x-ots-signdate", ""), given.get("x-ots-signregion", "")
    return SignV4("utf8", region=region, sign_date=date, auto_update_v4_sign=False)


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
