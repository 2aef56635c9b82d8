"""Builders: each gives a valid thing; a test names only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.ports import DeadLetter, Hints
from shared.replication.model import change
from shared.replication.phases import Phase
from shared.replication.proof import Side
from shared.replication.record import (
    Errand,
    LaunchPlan,
    Outcome,
    Replication,
    Resource,
    ResourceKind,
    ResourceState,
    Role,
    SourceDisk,
)
from shared.replication.request import Request

#: When everything begins.
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minutes(number: float) -> datetime:
    """So many minutes after the beginning."""
    return START + timedelta(minutes=number)


def a_request(
    *, source: str = "cn-hangzhou", target: str = "cn-beijing", instance: str = "i-web", **fields: object
) -> Request:
    """A request for a replica of *instance* from region *source* in region *target*; *fields* are the request's."""
    asked: dict[str, object] = {
        "source": {"region": source, "instance": instance},
        "target": {"region": target, "vswitch": "vsw-b", "security_groups": ["sg-b"]},
    }
    return Request.model_validate(asked | fields)


def a_plan(**fields: object) -> LaunchPlan:
    """What precheck chose for `a_request()`: a system disk and a data disk."""
    plan = LaunchPlan(
        zone="cn-beijing-h",
        instance_type="ecs.g7.large",
        vpc="vpc-b",
        quarantine_group="sg-quarantine",
        disks=(
            SourceDisk(id="d-system", device="/dev/xvda", kind="system", category="cloud_essd", size=40),
            SourceDisk(id="d-data", device="/dev/xvdb", kind="data", category="cloud_essd", size=100),
        ),
        image_name="ferry-r-1-source",
        copy_name="ferry-r-1-copy",
        instance_name="web",
    )
    return change(plan, **fields)


def a_resource(role: Role, kind: ResourceKind, **fields: object) -> Resource:
    """A thing of that kind that was made, in the region where its role puts it."""
    region = "cn-hangzhou" if role is Role.SOURCE_IMAGE else "cn-beijing"
    made = {"kind": kind, "role": role, "region": region, "id": f"{kind}-of-{role}", "made_at": START, "size_gib": 40}
    return Resource.model_validate(made | fields)


def a_record(phase: Phase = Phase.ACCEPTED, *, id: str = "r-1", **fields: object) -> Replication:
    """A record in *phase* that holds what a replication without a manifest has by then; *fields* are the record's.

    Version 0 and an empty history unless given; a proof too is the test's to name.
    """
    request = fields.pop("request", None) or a_request()
    assert isinstance(request, Request)
    held = {
        "id": id,
        "install": "home",
        "request": request,
        "accepted_at": START,
        "entered_at": START,
        "phase": phase,
        "plan": a_plan() if _reached(phase, Phase.MANIFEST_DUE) else None,
        "resources": _made_by(phase, request),
        "errand": _errand(phase, request),
        "outcome": _OUTCOMES.get(phase),
    }
    return Replication.model_validate(held | fields)


def later(record: Replication, **fields: object) -> Replication:
    """The record one version on, with *fields* changed."""
    return change(record, **{"version": record.version + 1, **fields})


def some_hints(**fields: object) -> Hints:
    """Hints of a row whose next look is at the beginning."""
    return Hints.model_validate({"next_at": START} | fields)


def a_dead_letter(**fields: object) -> DeadLetter:
    """A message that nobody could act on."""
    kept: dict[str, Any] = {"id": "m-1", "at": START, "origin": "ferry-create-image", "reason": "no JSON", "body": "{"}
    return DeadLetter.model_validate(kept | fields)


_ORDER = list(Phase)
_OUTCOMES = {
    Phase.UNPROVED: Outcome.UNPROVED,
    Phase.FAILED: Outcome.FAILED,
    Phase.CANCELLED: Outcome.CANCELLED,
}


def _reached(phase: Phase, other: Phase) -> bool:
    """Whether a replication that goes well has been in *other* when it is in *phase*."""
    return _ORDER.index(phase) >= _ORDER.index(other)


def _made_by(phase: Phase, request: Request) -> tuple[Resource, ...]:
    made = (
        (Phase.IMAGING, Role.SOURCE_IMAGE, ResourceKind.IMAGE),
        (Phase.IMAGE_TAG_DUE, Role.SOURCE_IMAGE, ResourceKind.SNAPSHOT),
        (Phase.COPYING, Role.TARGET_IMAGE, ResourceKind.IMAGE),
        (Phase.COPY_TAG_DUE, Role.TARGET_IMAGE, ResourceKind.SNAPSHOT),
        (Phase.LAUNCHING, Role.REPLICA, ResourceKind.INSTANCE),
    )
    source, target = request.source.region, request.target.region
    return tuple(
        a_resource(role, kind, region=source if role is Role.SOURCE_IMAGE else target, state=_state(phase, role))
        for since, role, kind in made
        if _reached(phase, since) and phase not in (Phase.FAILED, Phase.CANCELLED)
    )


def _state(phase: Phase, role: Role) -> ResourceState:
    if phase is Phase.SUCCEEDED and role is Role.SOURCE_IMAGE:
        return ResourceState.REMOVED
    return ResourceState.KEPT if phase.is_end else ResourceState.MADE


def _errand(phase: Phase, request: Request) -> Errand | None:
    if phase is Phase.MEASURING:
        side, region, instance = Side.SOURCE, request.source.region, request.source.instance
    elif phase is Phase.PROVING:
        side, region, instance = Side.REPLICA, request.target.region, "instance-of-replica"
    else:
        return None
    return Errand(side=side, region=region, instance=instance, invocation="t-1", asked_at=START)
