"""One embedded cloud: the state that its services share, and the way in for their calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.alidns.api import Alidns
from localcloud.chance import new_id
from localcloud.clock import BEGINNING, Clock
from localcloud.delivery import Deliveries
from localcloud.disks import Disks
from localcloud.door import Call, Door, region_of
from localcloud.ecs import Ecs
from localcloud.eventbridge import EventBridge
from localcloud.faults import Faults
from localcloud.fc import FcApi, Functions
from localcloud.gateway import CENTRAL_REGION, Answering, Gateway, Product, Service
from localcloud.guests import FIRST_BOOT, Guests, Recall
from localcloud.keys import Key, Keys
from localcloud.location import Location
from localcloud.ots_control import OtsControl
from localcloud.ram import Ram
from localcloud.scheduler import Scheduler
from localcloud.smq import Smq
from localcloud.sts import Sts
from localcloud.vpc import Vpc
from localcloud.wire import Request, Response
from localcloud.world import World

if TYPE_CHECKING:
    from localcloud.tablestore import Tablestore

__all__ = ["CENTRAL_REGION", "Answering", "Call", "Cloud", "Happening", "Service"]


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
        own = Key(world.access_key, world.secret)
        self.keys = Keys((own, *(Key(one.access_key, one.secret, user=one.name) for one in world.users)))
        self.door = Door(self.clock, self.scheduler, self.faults, self.keys, seed, world.activated)
        self.deliveries = Deliveries(self.clock, self.faults, seed)
        self.happenings: list[Happening] = []
        self._ids: dict[str, int] = {}
        self.disks = Disks(state)
        self.guests = Guests(self.disks, self.id_seed, trusted_scripts, world.first_boot or FIRST_BOOT, recall=recall)
        self.ram = Ram(self)
        self.vpc = Vpc(self)
        self.ecs = Ecs(self)
        self.smq = Smq(self)
        self.eventbridge = EventBridge(self)
        self.fc = Functions(self)
        self.fc_api = FcApi(self)
        self.alidns = Alidns(self)
        self.sts = Sts(self)
        self.location = Location(self)
        self.ots_control = OtsControl(self)
        products = {
            "2014-05-26": Product("ecs", self.ecs),
            "2016-04-28": Product("vpc", self.vpc),
            "2020-04-01": Product("eventbridge", self.eventbridge),
            "2015-05-01": Product("ram", self.ram),
            "2015-04-01": Product("sts", self.sts),
            "2020-12-09": Product("tablestore", self.ots_control),
            "2015-01-09": Product("alidns", self.alidns),
            "2015-06-12": Product("location", self.location),
        }
        self._gateway = Gateway(self, products, elsewhere or {})

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
        """Answer one call, of the gateway's protocol or of a service's own, told apart by path and headers.

        Raises NoAnswer when the client gets no answer, and Killed when the invocation that calls has to die.
        """
        region = region_of(request.host) or request.region or CENTRAL_REGION
        if self.fc_api.speaks(request):
            return self.fc_api.serve(region, request)
        if "x-ots-apiversion" in request.headers:
            return self.tablestore.serve(region, request)
        if self.smq.speaks(request):
            return self.smq.serve(region, request)
        return self._gateway.serve(request)

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
