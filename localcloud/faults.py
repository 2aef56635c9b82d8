"""Faults on demand: what shall go wrong, where, how often; and what did, so that it can be had again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from localcloud.chance import stream
from localcloud.clock import Clock

FaultKind = Literal[
    "throttle",  # 400 Throttling.User, until the next minute of the virtual clock
    "server_error",  # 503 ServiceUnavailable, nothing was done
    "timeout",  # nothing was done and no answer comes
    "lost_answer",  # it was done and no answer comes
    "kill_before",  # the function dies before the call
    "kill_after",  # the function dies after the call had its effect
    "hold_up",  # the function is held up before the call, by up to a minute
    "deliver_twice",
    "deliver_late",
    "deliver_never",
    "fail_image",  # the image ends in CreateFailed
    "stall_copy",  # the copy's progress stands still for ever
    "no_stock",  # RunInstances: OperationDenied.NoStock
    "quota",  # QuotaExceed.Image
    "corrupt",  # one byte of a file on a disk made from a snapshot is changed
]

#: Thirty years.
_LATEST = 1e9
_NARROWING = ("action", "function", "region", "resource")


class Fault(BaseModel):
    """One thing that goes wrong; the fields that are given narrow down where and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    action: str | None = Field(None, description="API action; for a delivery the topic or queue")
    function: str | None = Field(None, description="function of s.yaml that makes the call or gets the message")
    region: str | None = None
    resource: str | None = Field(None, description="id of the image, instance, ... that it strikes")
    device: str | None = Field(None, description="corrupt: the disk's device name")
    path: str | None = Field(None, description="corrupt: the file, from the disk's root; none: picked by the seed")
    count: int | None = Field(None, ge=1, description="how many times; none: always")
    chance: float = Field(1.0, gt=0, le=1)
    nth: int | None = Field(None, ge=1, description="only the nth time that it could strike, from 1 on")
    since: float = Field(0, ge=0, le=_LATEST, description="seconds of virtual time from the world's beginning")
    until: float | None = Field(
        None, gt=0, le=_LATEST, description="seconds of virtual time from the world's beginning; none: ever"
    )

    def fits(self, where: dict[str, str]) -> bool:
        """Whether it may strike at a place; what it narrows down has to be at hand there."""
        return all((wanted := getattr(self, name)) is None or where.get(name, "") == wanted for name in _NARROWING)


@dataclass(frozen=True)
class Strike:
    """A fault that struck: where, and the how manieth time it was that this could go wrong there."""

    at: datetime
    fault: Fault
    where: dict[str, str]
    nth: int
    #: So many calls had come in to the cloud by then.
    calls: int

    def again(self) -> Fault:
        """The fault that strikes here and nowhere else.  A resource's id is left out: another history has others."""
        place = {name: self.where.get(name, "") for name in ("action", "function", "region")}
        return Fault.model_validate(
            {"kind": self.fault.kind, "device": self.fault.device, "path": self.fault.path, "nth": self.nth, **place}
        )


@dataclass
class _Armed:
    """A fault that may still strike: how often it can, and how often it could have."""

    fault: Fault
    left: int | None
    chances: int = 0


class Faults:
    """The faults of one world, in order; each is used up by its count."""

    def __init__(self, seed: int, faults: tuple[Fault, ...], clock: Clock, calls: Callable[[], int]) -> None:
        self._draws = stream(seed, "faults")
        self._clock = clock
        self._calls = calls
        self._armed: dict[str, list[_Armed]] = {}
        self._places: Counter[tuple[str, ...]] = Counter()
        #: Every fault that struck, in order.
        self.strikes_so_far: list[Strike] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """One more."""
        self._armed.setdefault(fault.kind, []).append(_Armed(fault, fault.count))

    def strikes(self, kind: FaultKind, **where: str) -> Fault | None:
        """The fault of this *kind* that strikes here and now, used up once; None when all is well.

        *where* names what is at hand: action, function, region, resource. A fault that names
        something that is not at hand does not strike.
        """
        armed = self._armed.get(kind)
        if armed is None:
            return None
        place = (kind, where.get("action", ""), where.get("function", ""), where.get("region", ""))
        self._places[place] += 1
        struck: Fault | None = None
        for one in armed:
            if one.left == 0 or not one.fault.fits(where) or not self._is_time(one.fault):
                continue
            one.chances += 1  # for each that could strike here, whichever does
            if struck is None and self._strikes(one):
                struck = one.fault
                self.strikes_so_far.append(Strike(self._clock.now, struck, where, self._places[place], self._calls()))
        return struck

    def _strikes(self, one: _Armed) -> bool:
        """Whether it strikes, now that it could."""
        fault = one.fault
        if fault.nth is not None and fault.nth != one.chances:
            return False
        if fault.chance < 1 and self._draws.random() >= fault.chance:
            return False
        if one.left is not None:
            one.left -= 1
        return True

    def _is_time(self, fault: Fault) -> bool:
        if not fault.since and fault.until is None:
            return True
        past = self._clock.now - self._clock.start
        return timedelta(seconds=fault.since) <= past and (fault.until is None or past < timedelta(seconds=fault.until))
