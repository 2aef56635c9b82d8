"""The gateway before every RPC service: reads a call, asks who signed it, and gives the answer the form it wants."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import parse_qsl

from localcloud.door import Call, region_of
from localcloud.gateway import errors, formats, signing
from localcloud.texts import read_json
from localcloud.wire import ApiError, Request, Response

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

#: Where a central endpoint such as vpc.aliyuncs.com is when a call names no region.
CENTRAL_REGION = "cn-hangzhou"
#: More parameters than any call has, and a longer name than any of theirs.
_MOST_PARAMETERS, _LONGEST_NAME = 50_000, 256
#: A longer one is no region's.
_LONGEST_REGION = 128
_NOT_PARAMETERS = frozenset(
    {
        "AccessKeyId",
        "Action",
        "Format",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "Timestamp",
        "Version",
    }
)
#: Answers a request; raises NoAnswer when the client gets no answer.
Answering = Callable[[Request], Response]


class Service(Protocol):
    """A product's API: takes a call, gives the answer's body or raises ApiError."""

    def handle(self, call: Call) -> dict[str, object]: ...


@runtime_checkable
class Placing(Protocol):
    """A product's API whose calls may name a thing, and no region."""

    def region_of(self, sent: Mapping[str, str]) -> str:
        """The region of the thing that the parameters name; empty when there is none such."""
        ...


@dataclass(frozen=True)
class Product:
    """A product that speaks the RPC protocol."""

    name: str
    service: Service


class Gateway:
    """Lets the calls of every RPC product in, told apart by the version of its API."""

    def __init__(self, cloud: "Cloud", products: Mapping[str, Product], elsewhere: Mapping[str, Answering]) -> None:
        """*elsewhere* says, by version, what answers the calls that are only let in here."""
        self._cloud = cloud
        self._products = products
        self._elsewhere = elsewhere
        self._nonces = signing.Nonces()

    def serve(self, request: Request) -> Response:
        """Answer one request; raises NoAnswer and Killed as the door does."""
        try:
            asked = _Asked.of(request)
        except ApiError as no:
            asked = _Asked.unread(request)
            return self._cloud.door.turn_away(self._call(asked), no, asked.refusal)
        call = self._call(asked)
        refusals = replace(errors.REFUSALS, inactive=errors.INACTIVE.get(call.service))
        return self._cloud.door.let_in(
            call,
            refusals,
            lambda call: self._do(call, asked),
            asked.refusal,
            lambda secret: asked.check(secret, self._nonces),
        )

    def _call(self, asked: "_Asked") -> Call:
        request, sent, product = asked.request, asked.sent, self._products.get(asked.version)
        return Call(
            at=self._cloud.clock.now,
            service=product.name if product else "",
            action=asked.action or f"{request.method} {request.path}",
            region=sent.get("RegionId", "")[:_LONGEST_REGION]
            or region_of(request.host)
            or self._elsewhere_named(asked),
            params={name: value for name, value in sent.items() if name not in _NOT_PARAMETERS},
            access_key=asked.signature.access_key if asked.signature else "",
            token=asked.signature.token if asked.signature else None,
        )

    def _elsewhere_named(self, asked: "_Asked") -> str:
        """The region of a call that names none, nor comes to a host of one: that of the thing that it is about."""
        product = self._products.get(asked.version)
        found = product.service.region_of(asked.sent) if product and isinstance(product.service, Placing) else ""
        return found or asked.request.region or CENTRAL_REGION

    def _do(self, call: Call, asked: "_Asked") -> Response:
        there, product = self._elsewhere.get(asked.version), self._products.get(asked.version)
        if there is not None:
            return there(asked.request)
        if product is None:
            raise errors.not_here(asked.version, asked.action)
        return asked.answer({"RequestId": call.request_id, **product.service.handle(call)})


@dataclass(frozen=True)
class _Asked:
    """A request as the gateway reads it; *signature* is None when it can't be read."""

    request: Request
    sent: Mapping[str, str]
    signature: signing.Signature | None
    xml: bool

    @classmethod
    def of(cls, request: Request) -> "_Asked":
        """What *request* asks for; raises ApiError when nobody could tell."""
        version3 = signing.is_version3(request)
        if not version3:  # which names the action in a header, whatever the path, as ROA services have it
            if request.path not in ("", "/"):
                raise errors.no_such_path()
            if request.method not in ("GET", "POST"):
                raise errors.unsupported_method()
        sent = _sent(request)
        if len(sent) > _MOST_PARAMETERS or any(len(name) > _LONGEST_NAME for name in sent):
            raise errors.unreadable_body()
        signature = signing.Version3.of(request) if version3 else signing.Version1.of(request, sent)
        return cls(
            request, sent, signature, formats.wants_xml(sent, request.headers.get("accept", ""), version3=version3)
        )

    @classmethod
    def unread(cls, request: Request) -> "_Asked":
        """A request that nobody could answer, in the form that it may want all the same."""
        try:
            sent = _sent(request)
        except ApiError:
            sent = dict(request.query)
        try:
            xml = formats.wants_xml(sent, request.headers.get("accept", ""), version3=False)
        except ApiError:
            xml = True
        return cls(request, sent, None, xml)

    @property
    def version(self) -> str:
        """The version of the API, by which products are told apart."""
        return self._said("x-acs-version", "Version")

    @property
    def action(self) -> str:
        """The action's name."""
        return self._said("x-acs-action", "Action")

    def _said(self, header: str, parameter: str) -> str:
        """What a header says that was signed, or a parameter."""
        in_header = isinstance(self.signature, signing.Version3)
        return (self.request.headers.get(header, "") if in_header else "") or self.sent.get(parameter, "")

    def check(self, secret: str, nonces: signing.Nonces) -> None:
        """Refuse what another secret signed, and what names no action or version."""
        assert self.signature is not None, "only what is signed comes this far"
        self.signature.check(self.request, secret, nonces)
        for name, value in (("Action", self.action), ("Version", self.version)):
            if not value:
                raise errors.missing(name)

    def answer(self, body: Mapping[str, object]) -> Response:
        """*body* as the call wants it."""
        return formats.response(200, body, root=f"{self.action}Response", xml=self.xml)

    def refusal(self, call: Call, no: ApiError) -> Response:
        """A refusal as the call wants it."""
        body: dict[str, object] = {
            "RequestId": call.request_id,
            "HostId": self.request.host,
            "Code": no.code,
            "Message": no.message,
        }
        if no.status == 200:
            # EventBridge's own refusals come with HTTP 200 and Success false (see localcloud/eventbridge/errors.py).
            body["Success"] = False
        return formats.response(no.status, body, root="Error", xml=self.xml)


def _sent(request: Request) -> dict[str, str]:
    sent = dict(request.query)
    kind = request.headers.get("content-type", "").lower()
    try:
        if kind.startswith("application/x-www-form-urlencoded"):
            form = request.body.decode()
            sent.update(parse_qsl(form, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS))
        elif kind.startswith("application/json") and request.body:
            sent.update(_flat(read_json(request.body)))
    except ValueError:
        raise errors.unreadable_body() from None
    return sent


def _flat(document: object) -> dict[str, str]:
    """The fields of a JSON body; one that is no text stays JSON."""
    fields = document.items() if isinstance(document, Mapping) else ()
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields}
