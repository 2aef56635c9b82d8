"""The record of a replication: one row, frozen, changed only through the machine."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from shared.problem import Problem
from shared.replication.model import Kept, Moment
from shared.replication.phases import Phase
from shared.replication.proof import DiskRef, Examination, Manifest, Proof, Side
from shared.replication.request import Request

#: The form of the record that this release writes; it reads this one and older ones.
#: Every new field of a request raises it: a stored request is read as strictly as one that is sent.
SCHEMA = 1


class ResourceKind(StrEnum):
    """What a replication makes at the cloud."""

    IMAGE = "image"
    SNAPSHOT = "snapshot"
    INSTANCE = "instance"
    DISK = "disk"


class ResourceState(StrEnum):
    """What has become of a thing that a replication made."""

    MADE = "made"
    KEPT = "kept"
    REMOVED = "removed"
    LEFT_BEHIND = "left_behind"


class Role(StrEnum):
    """What a resource is for; `stray` is one that the record did not ask for: it is removed."""

    SOURCE_IMAGE = "source_image"
    TARGET_IMAGE = "target_image"
    REPLICA = "replica"
    STRAY = "stray"


class Resource(Kept):
    """A thing that this replication made at the cloud, and what has become of it."""

    kind: ResourceKind
    role: Role
    region: str
    id: str
    name: str = ""
    made_at: Moment
    state: ResourceState = ResourceState.MADE
    size_gib: int = 0
    of: str = Field("", description="a snapshot's image, a disk's instance")
    reason: str = Field("", description="why it was left behind")

    @property
    def lives(self) -> bool:
        """Whether it is still there, as far as the record knows."""
        return self.state is not ResourceState.REMOVED

    @property
    def monthly_cost(self) -> str:
        """What keeping it costs a month, in words; an estimate."""
        return monthly_cost(self)


#: USD for a GiB of snapshot and month, pay-as-you-go, cn-hangzhou; "for reference only" by its page.
#: https://www.alibabacloud.com/help/en/ecs/snapshots-1
SNAPSHOT_GIB_MONTH = 0.0173


def monthly_cost(resource: Resource) -> str:
    """The monthly cost of *resource*, in words.

    A snapshot is billed by what it holds, which the API does not tell: its disk's size is the most it
    can be.  An image costs what its snapshots cost.  Instances and disks have no fixed price.
    """
    if resource.kind is ResourceKind.SNAPSHOT:
        return snapshot_cost(resource.size_gib)
    if resource.kind is ResourceKind.IMAGE:
        return "its snapshots' cost"
    return "billed by the hour"


def snapshot_cost(size_gib: int) -> str:
    """The most that snapshots of so many GiB can cost a month, in words."""
    return f"at most {size_gib * SNAPSHOT_GIB_MONTH:.2f} USD"


class LineKind(StrEnum):
    """Whether a line of the history is a thing asked or a thing seen."""

    ASKED = "asked"
    SEEN = "seen"


class Line(Kept):
    """One line of a record's history."""

    at: Moment
    phase: Phase
    kind: LineKind
    what: str
    request_id: str = ""
    cost: str = ""
    wait: str = Field("", description="the kind of wait that this ended")
    resource: str = Field("", description="what was waited for")
    looks: int = Field(0, description="how many looks at the cloud it took to see it")


class SourceDisk(Kept):
    """One disk of the source, as precheck saw it."""

    id: str
    device: str
    kind: str
    category: str
    size: int
    performance_level: str = ""
    name: str = ""
    delete_with_instance: bool = True


class Tag(Kept):
    """A tag."""

    key: str
    value: str


class LaunchPlan(Kept):
    """What precheck found and chose: every parameter of the acts that follow comes from here."""

    zone: str
    instance_type: str
    vpc: str
    quarantine_group: str
    disks: tuple[SourceDisk, ...]
    image_name: str
    copy_name: str
    instance_name: str
    host_name: str = ""
    tags: tuple[Tag, ...] = ()
    source_status: str = "Running"
    assistant: bool = True
    notices: tuple[str, ...] = ()


class Errand(Kept):
    """The command that is running in a guest for this replication."""

    side: Side
    region: str
    instance: str
    invocation: str
    asked_at: Moment


class Outcome(StrEnum):
    """How a replication that did not succeed shall end."""

    FAILED = "failed"
    DIFFERENT = "different"
    UNPROVED = "unproved"
    CANCELLED = "cancelled"


class Cancel(Kept):
    """Who asked for the cancellation, and when."""

    at: Moment
    by: str = ""


class Replication(Kept):
    """A replication: what was asked, where it stands, what it made, and all that was asked and seen."""

    schema_: int = Field(SCHEMA, alias="schema")
    id: str
    install: str
    version: int = 0
    request: Request
    accepted_at: Moment
    phase: Phase = Phase.ACCEPTED
    entered_at: Moment
    cancel: Cancel | None = None
    outcome: Outcome | None = None
    remove_all: bool = Field(False, description="clean was asked for: what a failed proof keeps goes too")
    opened: bool = Field(False, description="the replica may have left quarantine: never delete it")
    problems: tuple[Problem, ...] = ()
    plan: LaunchPlan | None = None
    resources: tuple[Resource, ...] = ()
    errand: Errand | None = None
    manifest: Manifest | None = None
    examination: Examination | None = None
    proof: Proof | None = None
    history: tuple[Line, ...] = ()

    def resource(self, role: Role, kind: ResourceKind) -> Resource | None:
        """The living resource of that role and kind, or None."""
        return next((r for r in self.resources if r.role is role and r.kind is kind and r.lives), None)

    def snapshots(self, role: Role) -> tuple[Resource, ...]:
        """The living snapshots of that role's image."""
        return tuple(r for r in self.resources if r.role is role and r.kind is ResourceKind.SNAPSHOT and r.lives)

    def knows(self, resource_id: str) -> bool:
        """Whether the record names this resource."""
        return any(r.id == resource_id for r in self.resources)

    @property
    def ended(self) -> bool:
        """Whether it has come to an end."""
        return self.phase.is_end


def disk_refs(disks: tuple[SourceDisk, ...]) -> tuple[DiskRef, ...]:
    """The disks as a proof speaks of them; the serial that a guest sees is the id without ``d-``."""
    return tuple(
        DiskRef.model_validate(
            {
                "device": d.device,
                "kind": d.kind,
                "size": d.size,
                "category": d.category,
                "serial": d.id.removeprefix("d-"),
            }
        )
        for d in disks
    )


#: How long each phase may last before it is given up; the clean-up after it has a limit of its own.
LIMITS: dict[Phase, timedelta] = {
    Phase.ACCEPTED: timedelta(hours=2),
    Phase.MANIFEST_DUE: timedelta(minutes=30),
    Phase.MEASURING: timedelta(hours=6),
    Phase.IMAGE_DUE: timedelta(hours=6),
    Phase.IMAGING: timedelta(hours=48),
    Phase.IMAGE_ENDING: timedelta(hours=48),
    Phase.IMAGE_TAG_DUE: timedelta(hours=1),
    Phase.COPY_DUE: timedelta(hours=24),
    Phase.COPYING: timedelta(hours=72),
    Phase.COPY_TAG_DUE: timedelta(hours=1),
    Phase.LAUNCH_DUE: timedelta(hours=2),
    Phase.LAUNCHING: timedelta(hours=1),
    Phase.BOOTING: timedelta(minutes=20),
    Phase.PROOF_DUE: timedelta(hours=1),
    Phase.PROVING: timedelta(hours=12),
    Phase.JOIN_DUE: timedelta(hours=2),
    Phase.TIDY_DUE: timedelta(hours=24),
    Phase.CLEANUP_DUE: timedelta(hours=24),
    Phase.SETTLING: timedelta(hours=24),
}


def deadline(record: Replication) -> Moment | None:
    """When the present phase is given up; None for an end."""
    limit = LIMITS.get(record.phase)
    return record.entered_at + limit if limit else None
