"""One embedded cloud: the state that its services share, and the door that every call comes in by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl

from localcloud.chance import new_id
from localcloud.clock import Clock
from localcloud.disks import Disks
from localcloud.ecs import Ecs
from localcloud.eventbridge import EventBridge
from localcloud.faults import Faults
from localcloud.guests import Guests
from localcloud.smq import Smq
from localcloud.vpc import Vpc
from localcloud.wire import ApiError, NoAnswer, Request, Response, json_response
from localcloud.world import World


@dataclass
class Call:
    """One API call as the cloud saw it, and how it answered."""

    at: datetime
    service: str
    action: str
    region: str
    params: Mapping[str, str]
    access_key: str
    token: str | None = None
    function: str | None = None
    request_id: str = ""
    status: int = 0
    code: str = ""


@dataclass(frozen=True)
class Happening:
    """A change of state in the cloud, at the virtual moment when it happened."""

    at: datetime
    region: str
    kind: str  # image, snapshot, instance, command
    resource: str
    state: str
    about: Mapping[str, str] = field(default_factory=dict)


class Service(Protocol):
    """A product's API: takes a call, gives the answer's body or raises ApiError."""

    def handle(self, call: Call) -> dict[str, object]: ...


class Cloud:
    """The account's whole cloud: regions, services, faults, log.  One seed, one history."""

    def __init__(self, world: World, *, seed: int, state: Path, trusted_scripts: frozenset[str] = frozenset()) -> None:
        self.world = world
        self.seed = seed
        self.account = world.account
        self.clock = Clock()
        self.faults = Faults(seed, world.faults)
        self.calls: list[Call] = []
        self.happenings: list[Happening] = []
        self._ids: dict[str, int] = {}
        self.disks = Disks(state)
        self.guests = Guests(self.disks, seed, trusted_scripts)
        self.vpc = Vpc(self)
        self.ecs = Ecs(self)
        self.smq = Smq(self)
        self.eventbridge = EventBridge(self)
        self._by_version: dict[str, tuple[str, Service]] = {
            "2014-05-26": ("ecs", self.ecs),
            "2016-04-28": ("vpc", self.vpc),
            "2020-04-01": ("eventbridge", self.eventbridge),
        }

    def new_id(self, prefix: str) -> str:
        """A fresh id such as ``i-...``; the nth of its prefix is the same in every run of a seed."""
        number = self._ids[prefix] = self._ids.get(prefix, 0) + 1
        return new_id(self.seed, prefix, number)

    def note(self, region: str, kind: str, resource: str, state: str, **about: str) -> None:
        """Write down that a resource changed its state."""
        self.happenings.append(Happening(self.clock.now, region, kind, resource, state, about))

    def emit(self, region: str, type_: str, subject: str, data: Mapping[str, object]) -> None:
        """Send a product's own event (source ``acs.ecs``) to the region's default bus."""
        self.eventbridge.publish_system(region, type_, subject, data)
