"""What the cloud was seen to say.  Each bears the moment, and the API request's id where there is one."""

from shared.problem import Problem
from shared.replication.model import Kept, Moment
from shared.replication.proof import Side
from shared.replication.record import LaunchPlan, Resource, SourceDisk


class Observation(Kept):
    """Something that was seen."""

    at: Moment
    request_id: str = ""
    looks: int = 0

    def said(self) -> str:
        """One line for the history."""
        return type(self).__name__


class Checked(Observation):
    """Everything is there; this is what follows from it."""

    plan: LaunchPlan

    def said(self) -> str:
        return f"checked: {self.plan.instance_type} in {self.plan.zone}, {len(self.plan.disks)} disks"


class Refused(Observation):
    """The cloud's (or precheck's) firm no, every problem at once."""

    problems: tuple[Problem, ...]

    def said(self) -> str:
        return "refused: " + "; ".join(f"{p.code} {p.message}" for p in self.problems)


class GuestAsked(Observation):
    """A command was sent to a guest."""

    side: Side
    region: str
    instance: str
    invocation: str
    disks: tuple[SourceDisk, ...] = ()

    def said(self) -> str:
        return f"command {self.invocation} runs on the {self.side} {self.instance}"


class GuestAnswered(Observation):
    """The command in the guest ended well; this is its output."""

    output: str

    def said(self) -> str:
        return f"the guest answered, {len(self.output)} bytes"


class DisksSeen(Observation):
    """The replica's disks were seen, and no question to its guest is needed to tell that they differ."""

    disks: tuple[SourceDisk, ...]

    def said(self) -> str:
        return f"the replica has {len(self.disks)} disks"


class GuestSilent(Observation):
    """The guest can't be asked, or gave no answer."""

    reason: str

    def said(self) -> str:
        return f"the guest gave no answer: {self.reason}"


class Made(Observation):
    """A creating act was answered with the id of what it makes (or what an earlier try made was found)."""

    resource: Resource
    adopted: bool = False
    cost: str = ""

    def said(self) -> str:
        how = "found again" if self.adopted else "is being made"
        return f"{self.resource.kind} {self.resource.id} {how} in {self.resource.region}"


class ImageRequested(Made):
    """CreateImage was answered."""


class CopyRequested(Made):
    """CopyImage was answered."""


class InstanceRequested(Made):
    """RunInstances was answered."""


class PartsSeen(Observation):
    """Snapshots of an image, or disks of an instance, were seen for the first time."""

    parts: tuple[Resource, ...]

    def said(self) -> str:
        return "seen: " + ", ".join(f"{part.kind} {part.id}" for part in self.parts)


class ImageReady(Observation):
    """The image waited for is Available; the parts that were not seen before come with it."""

    image: str
    parts: tuple[Resource, ...] = ()

    def said(self) -> str:
        return f"image {self.image} is Available"


class ImageFailed(Observation):
    """The image waited for has failed."""

    image: str
    status: str
    reason: str = ""

    def said(self) -> str:
        return f"image {self.image} is {self.status}: {self.reason or 'the cloud gives no reason'}"


class Gone(Observation):
    """What was waited for is no longer there: two look-ups by id say so."""

    resource: str

    def said(self) -> str:
        return f"{self.resource} is gone"


class InstanceRunning(Observation):
    """The replica is Running; the parts that were not seen before come with it."""

    instance: str
    parts: tuple[Resource, ...] = ()

    def said(self) -> str:
        return f"instance {self.instance} is Running"


class AssistantOnline(Observation):
    """Cloud Assistant answers in the replica."""

    instance: str

    def said(self) -> str:
        return f"Cloud Assistant is online on {self.instance}"


class SnapshotsTagged(Observation):
    """The image's snapshots bear our tags."""

    snapshots: tuple[str, ...]

    def said(self) -> str:
        return f"tagged {len(self.snapshots)} snapshots"


class Joined(Observation):
    """The replica is in the security groups that the request names."""

    groups: tuple[str, ...]

    def said(self) -> str:
        return f"the replica left quarantine for {', '.join(self.groups)}"


class Removed(Observation):
    """A thing that shall not stay is gone."""

    resource: str

    def said(self) -> str:
        return f"removed {self.resource}"


class NotRemoved(Observation):
    """The cloud firmly refuses to remove a thing: it is left behind, and named."""

    resource: str
    reason: str

    def said(self) -> str:
        return f"could not remove {self.resource}: {self.reason}"


class NothingLeft(Observation):
    """Everything that shall not stay is gone or known to be left behind."""

    def said(self) -> str:
        return "nothing is left to remove"


class Settled(Observation):
    """A look by ownership tags shows nothing that the record doesn't name."""

    def said(self) -> str:
        return "a look by ownership tags shows nothing more"


class Stray(Observation):
    """Something bears our tags that the record didn't name, or a late act made it."""

    resources: tuple[Resource, ...]

    def said(self) -> str:
        return "found strays: " + ", ".join(f"{r.kind} {r.id}" for r in self.resources)


class CancelAsked(Observation):
    """The record's cancellation is followed up."""

    def said(self) -> str:
        return "giving up, as was asked"


class CleanAsked(Observation):
    """Somebody asks to remove what an ended replication kept."""

    by: str = ""

    def said(self) -> str:
        return f"clean-up asked{' by ' + self.by if self.by else ''}"


class DeadlinePassed(Observation):
    """The phase has lasted longer than it may; `trouble` is the passing fault that came last, if there was one."""

    trouble: str = ""

    def said(self) -> str:
        return "the time for this phase has passed" + (f"; last trouble: {self.trouble}" if self.trouble else "")


OBSERVATIONS: tuple[type[Observation], ...] = (
    Checked,
    Refused,
    GuestAsked,
    GuestAnswered,
    DisksSeen,
    GuestSilent,
    ImageRequested,
    CopyRequested,
    InstanceRequested,
    PartsSeen,
    ImageReady,
    ImageFailed,
    Gone,
    InstanceRunning,
    AssistantOnline,
    SnapshotsTagged,
    Joined,
    Removed,
    NotRemoved,
    NothingLeft,
    Settled,
    Stray,
    CancelAsked,
    CleanAsked,
    DeadlinePassed,
)
