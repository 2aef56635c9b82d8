"""Who signed a call of the RPC protocol: versions 1 and 3 of the signature.

Version 1: https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism; version 3:
https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature (read 2026-11).
Moments are the wall clock's, as the SDKs insist on it.
"""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from localcloud.gateway import errors
from localcloud.texts import read_moment
from localcloud.wire import Request

ALGORITHM = "ACS3-HMAC-SHA256"
#: "more than 15 minutes": the page of the gateway's error codes.
_LEEWAY = timedelta(minutes=15)
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
#: "ISO 8601": a fraction of a second is in it as well, and sent by Alibaba's own older SDKs (aliyun-sdk and
#: @alicloud/sts-sdk of npm).  UNVERIFIED by any page.
_FRACTION = re.compile(r"(?<=:\d\d)\.\d{1,9}Z$", re.ASCII)
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<key>[^,\s]+), ?SignedHeaders=(?P<headers>[^,\s]+), ?"
    r"Signature=(?P<signature>[0-9a-f]+)"
)


class Nonces:
    """The nonces that were used; each is remembered as long as a repeated call would not be too old."""

    def __init__(self) -> None:
        self._used: dict[bytes, float] = {}

    def use(self, nonce: str) -> None:
        """Use up a nonce; refused when it was used before."""
        now = time.monotonic()
        self._forget(now - 2 * _LEEWAY.total_seconds())
        known = hashlib.sha256(nonce.encode("utf-8", "surrogatepass")).digest()  # a nonce may be of any length
        if known in self._used:
            raise errors.nonce_used()
        self._used[known] = now

    def _forget(self, before: float) -> None:
        while self._used:
            oldest = next(iter(self._used))
            if self._used[oldest] > before:
                return
            del self._used[oldest]


@dataclass(frozen=True)
class Signature:
    """What a call says of who signed it, and how; *check* refuses it when another secret did."""

    access_key: str
    token: str | None
    nonce: str
    moment: str

    def check(self, request: Request, secret: str, nonces: Nonces) -> None:
        """Refuse what this key did not sign, or not now, or what it signed for an earlier call."""
        _check_moment(self.moment)
        self._compare(request, secret)
        nonces.use(f"{self.access_key}:{self.nonce}")

    def _compare(self, request: Request, secret: str) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Version1(Signature):
    """HMAC-SHA1 over the sorted parameters, which it is one of."""

    sent: Mapping[str, str]

    @classmethod
    def of(cls, request: Request, sent: Mapping[str, str]) -> "Version1":
        """The signature among the parameters of a call."""
        if "authorization" in request.headers:
            raise errors.incomplete_signature()
        for name in ("AccessKeyId", "Signature", "Timestamp", "SignatureNonce"):
            if not sent.get(name):
                raise errors.missing(name)
        if sent.get("SignatureMethod", "HMAC-SHA1") != "HMAC-SHA1":
            raise errors.bad_signature_method()
        if sent.get("SignatureVersion", "1.0") != "1.0":
            raise errors.invalid("SignatureVersion")
        token = sent.get("SecurityToken") or None
        return cls(sent["AccessKeyId"], token, sent["SignatureNonce"], sent["Timestamp"], sent)

    def _compare(self, request: Request, secret: str) -> None:
        text = string_to_sign_v1(request.method, self.sent)
        if not _same(self.sent["Signature"], sign_v1(text, secret)):
            raise errors.mismatch_v1(text)


@dataclass(frozen=True)
class Version3(Signature):
    """HMAC-SHA256 over method, path, query, named headers and the hash of the body."""

    headers: tuple[str, ...]
    signature: str

    @classmethod
    def of(cls, request: Request) -> "Version3":
        """The signature in the headers of a call."""
        said = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if said is None:
            raise errors.incomplete_signature()
        key = request.headers.get("x-acs-accesskey-id") or said["key"]
        token = request.headers.get("x-acs-security-token") or None
        for name in ("x-acs-date", "x-acs-signature-nonce"):
            if not request.headers.get(name):
                raise errors.missing(name)
        nonce, moment = request.headers["x-acs-signature-nonce"], request.headers["x-acs-date"]
        return cls(key, token, nonce, moment, tuple(said["headers"].lower().split(";")), said["signature"])

    def _compare(self, request: Request, secret: str) -> None:
        # "All common headers except Authorization have to be signed."
        named = frozenset(self.headers)
        if any(name.startswith("x-acs-") and name not in named for name in request.headers) or "host" not in named:
            raise errors.incomplete_signature()
        content = hashlib.sha256(request.body).hexdigest()
        if request.headers.get("x-acs-content-sha256", content) != content:
            raise errors.other_content()
        canonical = canonical_request(request, self.headers, content)
        text = string_to_sign_v3(canonical)
        if not _same(self.signature, sign_v3(text, secret)):
            raise errors.mismatch_v3(text, canonical)


def is_version3(request: Request) -> bool:
    """Whether a call bears its signature in a header."""
    return request.headers.get("authorization", "").startswith("ACS3-")


def string_to_sign_v1(method: str, sent: Mapping[str, str]) -> str:
    """What version 1 signs."""
    pairs = sorted((name, value) for name, value in sent.items() if name != "Signature")
    return f"{method}&%2F&{_encoded('&'.join(f'{_encoded(name)}={_encoded(value)}' for name, value in pairs))}"


def sign_v1(text: str, secret: str) -> str:
    """The signature of a text by version 1."""
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), text.encode(), hashlib.sha1)).decode()


def canonical_request(request: Request, headers: tuple[str, ...], content: str) -> str:
    """A request as version 3 signs it; *content* is the hash of its body."""
    query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(request.query.items()))
    lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in sorted(headers))
    return "\n".join((request.method, request.path or "/", query, lines, ";".join(sorted(headers)), content))


def string_to_sign_v3(canonical: str) -> str:
    """What version 3 signs."""
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def sign_v3(text: str, secret: str) -> str:
    """The signature of a text by version 3."""
    return hmac.digest(secret.encode(), text.encode(), hashlib.sha256).hex()


def authorization(request: Request, access_key: str, secret: str) -> str:
    """The header Authorization of version 3, over all headers that have to be signed."""
    headers = tuple(sorted(name for name in request.headers if name == "host" or name.startswith("x-acs-")))
    canonical = canonical_request(request, headers, hashlib.sha256(request.body).hexdigest())
    signature = sign_v3(string_to_sign_v3(canonical), secret)
    return f"{ALGORITHM} Credential={access_key},SignedHeaders={';'.join(headers)},Signature={signature}"


def _check_moment(text: str) -> None:
    signed = read_moment(_FRACTION.sub("Z", text), _FORMAT)
    if signed is None:
        raise errors.bad_time()
    if abs(datetime.now(UTC) - signed) > _LEEWAY:
        raise errors.expired()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())


def _encoded(text: str) -> str:
    return quote(text, safe="~")
