"""One embedded cloud: the state that its services share, and the way in for RPC calls."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl

from localcloud.chance import new_id
from localcloud.clock import BEGINNING, Clock
from localcloud.delivery import Deliveries
from localcloud.disks import Disks
from localcloud.door import Call, Door, Refusals, region_of
from localcloud.ecs import Ecs
from localcloud.eventbridge import EventBridge
from localcloud.faults import Faults
from localcloud.fc import FcApi, Functions
from localcloud.guests import FIRST_BOOT, Guests, Recall
from localcloud.ots_control import OtsControl
from localcloud.ram import Ram
from localcloud.scheduler import Scheduler
from localcloud.smq import Smq
from localcloud.sts import Sts
from localcloud.vpc import Vpc
from localcloud.wire import ApiError, Request, Response, json_response
from localcloud.world import World

if TYPE_CHECKING:
    from localcloud.tablestore import Tablestore

__all__ = ["Answering", "Call", "Cloud", "Happening", "Service"]

#: Where a central endpoint such as vpc.aliyuncs.com is when a call names no region.
CENTRAL_REGION = "cn-hangzhou"
#: Codes of the gateway before every RPC service; a throttle's status differs from page to page, its code does not.
#: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-error-codes (read 2026-11)
_REFUSALS = Refusals(
    unknown_key=(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    throttled=(400, "Throttling.User", "Request was denied due to user flow control."),
    broken=(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
)
#: What is said when the account has not activated a service.  EventBridge's is documented (error codes of EnableRule
#: and its neighbours, read 2026-11), Tablestore's is not: it is what its data plane says of an unknown user.
_INACTIVE = {
    "eventbridge": (403, "ServiceNotEnable", "Service not enable"),
    "tablestore": (403, "OTSAuthFailed", "The user does not exist."),
}
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
_CREDENTIAL = re.compile(r"Credential=([^,/\s]+)")
#: Answers a request; raises NoAnswer when the client gets no answer.
Answering = Callable[[Request], Response]


@dataclass(frozen=True)
class Happening:
    """A change of state in the cloud, at the virtual moment when it happened."""

    at: datetime
    region: str
    kind: str  # image, snapshot, instance, command
    resource: str
    state: str
    about: Mapping[str, str] = field(default_factory=dict)
    #: So many calls had come in by then.
    calls: int = 0


class Service(Protocol):
    """A product's API: takes a call, gives the answer's body or raises ApiError."""

    def handle(self, call: Call) -> dict[str, object]: ...


class Cloud:
    """The account's whole cloud: regions, services, faults, log.  One seed, one history."""

    def __init__(
        self,
        world: World,
        *,
        seed: int,
        state: Path,
        trusted_scripts: frozenset[str] = frozenset(),
        start: datetime | None = None,
        elsewhere: Mapping[str, Answering] | None = None,
        recall: Recall | None = None,
        id_seed: int | None = None,
    ) -> None:
        """A fresh cloud.  *elsewhere* says, by API version, what answers the calls that this cloud only lets in."""
        self.world = world
        self.seed = seed
        #: Of ids, and of what guests write and how long they take.
        self.id_seed = seed if id_seed is None else id_seed
        self.account = world.account
        self.clock = Clock(start or BEGINNING)
        self.faults = Faults(seed, world.faults, self.clock, lambda: len(self.calls))
        self.scheduler = Scheduler(self.clock, seed)
        self.door = Door(self.clock, self.scheduler, self.faults, world.access_key, seed, world.activated)
        self.deliveries = Deliveries(self.clock, self.faults, seed)
        self.happenings: list[Happening] = []
        self._ids: dict[str, int] = {}
        self._elsewhere = elsewhere or {}
        self.disks = Disks(state)
        self.guests = Guests(self.disks, self.id_seed, trusted_scripts, world.first_boot or FIRST_BOOT, recall=recall)
        self.ram = Ram(self)
        self.vpc = Vpc(self)
        self.ecs = Ecs(self)
        self.smq = Smq(self)
        self.eventbridge = EventBridge(self)
        self.fc = Functions(self)
        self._fc_api = FcApi(self)
        self._by_version: dict[str, tuple[str, Service]] = {
            "2014-05-26": ("ecs", self.ecs),
            "2016-04-28": ("vpc", self.vpc),
            "2020-04-01": ("eventbridge", self.eventbridge),
            "2015-05-01": ("ram", self.ram),
            "2015-04-01": ("sts", Sts(self)),
            "2020-12-09": ("tablestore", OtsControl(self)),
        }

    @cached_property
    def tablestore(self) -> "Tablestore":
        """Tablestore, when it is first asked for: its SDK takes longer to import than all the rest."""
        from localcloud.tablestore import Tablestore

        return Tablestore(self)

    def close(self) -> None:
        """Let go of the disks' contents."""
        self.disks.close()

    @property
    def calls(self) -> list[Call]:
        """Every call that came in, in order, with its answer's status and code."""
        return self.door.calls

    def serve(self, request: Request) -> Response:
        """Answer one call of the gateway's protocol, or of FC's own.

        Raises NoAnswer when the client gets no answer, and Killed when the invocation that calls has to die.
        """
        if self._fc_api.speaks(request):
            return self._fc_api.serve(region_of(request.host) or CENTRAL_REGION, request)
        sent = _sent(request)
        call = Call(
            at=self.clock.now,
            service="",
            action=request.headers.get("x-acs-action") or sent.get("Action", ""),
            region=sent.get("RegionId") or region_of(request.host) or CENTRAL_REGION,
            params={name: value for name, value in sent.items() if name not in _NOT_PARAMETERS},
            access_key=_access_key(request, sent),
            token=request.headers.get("x-acs-security-token") or sent.get("SecurityToken"),
        )
        version = request.headers.get("x-acs-version") or sent.get("Version", "")
        call.service, service = self._by_version.get(version, ("", _UnknownVersion(version)))
        refusals = replace(_REFUSALS, inactive=_INACTIVE.get(call.service))
        there = self._elsewhere.get(version)

        def do(call: Call) -> Response:
            return there(request) if there is not None else _answer(service, call)

        return self.door.let_in(call, refusals, do, _refusing(request.host))

    def new_id(self, prefix: str) -> str:
        """A fresh id such as ``i-...``; the nth of its prefix is the same in every run of a seed."""
        number = self._ids[prefix] = self._ids.get(prefix, 0) + 1
        return new_id(self.id_seed, prefix, number)

    def note(self, region: str, kind: str, resource: str, state: str, **about: str) -> None:
        """Write down that a resource changed its state."""
        self.happenings.append(Happening(self.clock.now, region, kind, resource, state, about, len(self.door.calls)))

    def emit(self, region: str, type_: str, subject: str, data: Mapping[str, object]) -> None:
        """Send a product's own event (source ``acs.ecs``) to the region's default bus."""
        self.eventbridge.publish_system(region, type_, subject, data)


class _UnknownVersion:
    """Stands for a product that is not in the embedded cloud."""

    def __init__(self, version: str) -> None:
        self._version = version

    def handle(self, call: Call) -> dict[str, object]:
        raise ApiError(
            400,
            "InvalidVersion",
            f"Specified parameter Version is not valid: {self._version} ({call.action}) is not in the embedded cloud.",
        )


def _sent(request: Request) -> dict[str, str]:
    sent = dict(request.query)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        sent.update(parse_qsl(request.body.decode(), keep_blank_values=True))
    elif kind.startswith("application/json"):
        sent.update(_flat(json.loads(request.body)))
    return sent


def _flat(document: object) -> dict[str, str]:
    """The fields of a JSON body; one that is no text stays JSON."""
    fields = document.items() if isinstance(document, Mapping) else ()
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields}


def _access_key(request: Request, sent: Mapping[str, str]) -> str:
    signed = _CREDENTIAL.search(request.headers.get("authorization", ""))
    return request.headers.get("x-acs-accesskey-id") or (signed.group(1) if signed else sent.get("AccessKeyId", ""))


def _answer(service: Service, call: Call) -> Response:
    return json_response(200, {"RequestId": call.request_id, **service.handle(call)})


def _refusing(host: str) -> Callable[[Call, ApiError], Response]:
    def refuse(call: Call, no: ApiError) -> Response:
        body = {"RequestId": call.request_id, "HostId": host, "Code": no.code, "Message": no.message}
        if no.status == 200:
            # EventBridge's own refusals come with HTTP 200 and Success false (see localcloud/eventbridge/errors.py).
            return json_response(200, {**body, "Success": False})
        return json_response(no.status, body)

    return refuse
