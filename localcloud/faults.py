"""Faults on demand: what shall go wrong, where, how often."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from localcloud.chance import stream

FaultKind = Literal[
    "throttle",  # 400 Throttling.User, until the next minute of the virtual clock
    "server_error",  # 503 ServiceUnavailable, nothing was done
    "timeout",  # nothing was done and no answer comes
    "lost_answer",  # it was done and no answer comes
    "kill_before",  # the function dies before the call
    "kill_after",  # the function dies after the call had its effect
    "deliver_twice",
    "deliver_late",
    "deliver_never",
    "fail_image",  # the image ends in CreateFailed
    "stall_copy",  # the copy's progress stands still for ever
    "no_stock",  # RunInstances: OperationDenied.NoStock
    "quota",  # QuotaExceed.Image
    "corrupt",  # one byte of a file on a disk made from a snapshot is changed
]


class Fault(BaseModel):
    """One thing that goes wrong; the fields that are given narrow down where."""

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


class Faults:
    """The faults of one world, in order; each is used up by its count."""

    def __init__(self, seed: int, faults: tuple[Fault, ...] = ()) -> None:
        self._draws = stream(seed, "faults")
        self._left: list[tuple[Fault, int | None]] = [(fault, fault.count) for fault in faults]

    def add(self, fault: Fault) -> None:
        """One more."""
        self._left.append((fault, fault.count))

    def strikes(self, kind: FaultKind, **where: str) -> Fault | None:
        """The fault of this *kind* that strikes here and now, used up once; None when all is well.

        *where* names what is at hand: action, function, region, resource. A fault that names
        something that is not at hand does not strike.
        """
        for place, (fault, left) in enumerate(self._left):
            if fault.kind != kind or left == 0 or not _fits(fault, where):
                continue
            if fault.chance < 1 and self._draws.random() >= fault.chance:
                continue
            self._left[place] = (fault, None if left is None else left - 1)
            return fault
        return None


def _fits(fault: Fault, where: dict[str, str]) -> bool:
    wanted = {name: getattr(fault, name) for name in ("action", "function", "region", "resource")}
    return all(value is None or where.get(name) == value for name, value in wanted.items())
