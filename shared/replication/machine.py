"""The life of a replication.  Everything that changes a phase is in this file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.replication import effects
from shared.replication.commands import (
    CleanUp,
    Command,
    CopyImage,
    CreateImage,
    LaunchInstance,
    LeaveQuarantine,
    Precheck,
    TagSnapshots,
    TakeManifest,
    VerifyReplica,
)
from shared.replication.model import Moment, change
from shared.replication.observations import (
    AssistantOnline,
    CancelAsked,
    Checked,
    CleanAsked,
    CopyRequested,
    DeadlinePassed,
    DisksSeen,
    Gone,
    GuestAnswered,
    GuestAsked,
    GuestSilent,
    ImageFailed,
    ImageReady,
    ImageRequested,
    InstanceRequested,
    InstanceRunning,
    Joined,
    NothingLeft,
    NotRemoved,
    Observation,
    PartsSeen,
    Refused,
    Removed,
    Settled,
    SnapshotsTagged,
    Stray,
)
from shared.replication.phases import Phase
from shared.replication.proof import next_question
from shared.replication.record import Cancel, Line, LineKind, Outcome, Replication
from shared.replication.request import Goal, OnProofFailure, Request
from shared.replication.waits import Wait, wait_of


@dataclass(frozen=True)
class Choice:
    """A cell of the table whose phase depends on the record (as changed by what was seen)."""

    name: str
    ways: Mapping[str, Phase]
    pick: Callable[[Replication], str]

    def phase(self, record: Replication) -> Phase:
        """The phase that *record* goes to."""
        return self.ways[self.pick(record)]


def _verdict(record: Replication) -> str:
    if record.examination is not None and record.proof is None:
        return "asks on" if next_question(record.examination) else "unproved"
    if record.outcome is None:
        return "same"
    if record.outcome is Outcome.DIFFERENT and record.request.on_proof_failure is OnProofFailure.REMOVE:
        return "different, remove"
    return "different or unproved, keep"


BY_GOAL = Choice(
    "by goal",
    {Goal.RECOVERY_POINT: Phase.TIDY_DUE, Goal.REPLICA: Phase.LAUNCH_DUE},
    lambda record: record.request.goal,
)
BY_MANIFEST = Choice(
    "by manifest",
    {"taken": Phase.BOOTING, "none": Phase.SETTLING},
    lambda record: "taken" if record.manifest else "none",
)
BY_VERDICT = Choice(
    "by verdict",
    {
        "asks on": Phase.PROOF_DUE,
        "same": Phase.JOIN_DUE,
        "different, remove": Phase.CLEANUP_DUE,
        "different or unproved, keep": Phase.SETTLING,
    },
    _verdict,
)
BY_OUTCOME = Choice(
    "by outcome",
    {
        Outcome.FAILED: Phase.FAILED,
        Outcome.DIFFERENT: Phase.FAILED,
        Outcome.UNPROVED: Phase.UNPROVED,
        Outcome.CANCELLED: Phase.CANCELLED,
    },
    lambda record: record.outcome or Outcome.FAILED,
)

Cell = Phase | Choice

TABLE: dict[Phase, dict[type[Observation], Cell]] = {
    Phase.ACCEPTED: {
        Checked: Phase.MANIFEST_DUE,
        Refused: Phase.FAILED,
        CancelAsked: Phase.CANCELLED,
        DeadlinePassed: Phase.FAILED,
    },
    Phase.MANIFEST_DUE: {
        GuestAsked: Phase.MEASURING,
        GuestSilent: Phase.IMAGE_DUE,
        CancelAsked: Phase.CANCELLED,
        DeadlinePassed: Phase.IMAGE_DUE,
    },
    Phase.MEASURING: {
        GuestAnswered: Phase.IMAGE_DUE,
        GuestSilent: Phase.IMAGE_DUE,
        CancelAsked: Phase.CANCELLED,
        DeadlinePassed: Phase.IMAGE_DUE,
    },
    Phase.IMAGE_DUE: {
        ImageRequested: Phase.IMAGING,
        Refused: Phase.SETTLING,
        CancelAsked: Phase.SETTLING,
        DeadlinePassed: Phase.SETTLING,
        Stray: Phase.IMAGE_DUE,
    },
    Phase.IMAGING: {
        PartsSeen: Phase.IMAGING,
        ImageReady: Phase.IMAGE_TAG_DUE,
        ImageFailed: Phase.CLEANUP_DUE,
        Gone: Phase.CLEANUP_DUE,
        CancelAsked: Phase.IMAGE_ENDING,
        DeadlinePassed: Phase.IMAGE_ENDING,
        Stray: Phase.IMAGING,
    },
    # An image can't be deleted while it is being made: its end is awaited.
    Phase.IMAGE_ENDING: {
        PartsSeen: Phase.IMAGE_ENDING,
        ImageReady: Phase.CLEANUP_DUE,
        ImageFailed: Phase.CLEANUP_DUE,
        Gone: Phase.CLEANUP_DUE,
        CancelAsked: Phase.IMAGE_ENDING,
        DeadlinePassed: Phase.CLEANUP_DUE,
        Stray: Phase.IMAGE_ENDING,
    },
    Phase.IMAGE_TAG_DUE: {
        SnapshotsTagged: Phase.COPY_DUE,
        Refused: Phase.COPY_DUE,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.COPY_DUE,
        Stray: Phase.IMAGE_TAG_DUE,
    },
    Phase.COPY_DUE: {
        CopyRequested: Phase.COPYING,
        Refused: Phase.CLEANUP_DUE,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.CLEANUP_DUE,
        Stray: Phase.COPY_DUE,
    },
    Phase.COPYING: {
        PartsSeen: Phase.COPYING,
        ImageReady: Phase.COPY_TAG_DUE,
        ImageFailed: Phase.CLEANUP_DUE,
        Gone: Phase.CLEANUP_DUE,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.CLEANUP_DUE,
        Stray: Phase.COPYING,
    },
    Phase.COPY_TAG_DUE: {
        SnapshotsTagged: BY_GOAL,
        Refused: BY_GOAL,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: BY_GOAL,
        Stray: Phase.COPY_TAG_DUE,
    },
    Phase.LAUNCH_DUE: {
        InstanceRequested: Phase.LAUNCHING,
        Refused: Phase.CLEANUP_DUE,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.CLEANUP_DUE,
        Stray: Phase.LAUNCH_DUE,
    },
    Phase.LAUNCHING: {
        InstanceRunning: BY_MANIFEST,
        Gone: Phase.CLEANUP_DUE,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.CLEANUP_DUE,
        Stray: Phase.LAUNCHING,
    },
    Phase.BOOTING: {
        AssistantOnline: Phase.PROOF_DUE,
        Gone: Phase.CLEANUP_DUE,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.SETTLING,
        Stray: Phase.BOOTING,
    },
    Phase.PROOF_DUE: {
        GuestAsked: Phase.PROVING,
        DisksSeen: BY_VERDICT,
        GuestSilent: BY_VERDICT,
        Refused: Phase.CLEANUP_DUE,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.SETTLING,
        Stray: Phase.PROOF_DUE,
    },
    Phase.PROVING: {
        GuestAnswered: BY_VERDICT,
        GuestSilent: BY_VERDICT,
        Gone: Phase.CLEANUP_DUE,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.SETTLING,
        Stray: Phase.PROVING,
    },
    # From here on the replica may have left quarantine: a cancellation comes too late.
    Phase.JOIN_DUE: {
        Joined: Phase.TIDY_DUE,
        Refused: Phase.CLEANUP_DUE,
        CancelAsked: Phase.JOIN_DUE,
        DeadlinePassed: Phase.CLEANUP_DUE,
        Stray: Phase.JOIN_DUE,
    },
    Phase.TIDY_DUE: {
        PartsSeen: Phase.TIDY_DUE,
        Removed: Phase.TIDY_DUE,
        NotRemoved: Phase.TIDY_DUE,
        NothingLeft: Phase.SUCCEEDED,
        CancelAsked: Phase.TIDY_DUE,
        DeadlinePassed: Phase.SUCCEEDED,
        Stray: Phase.TIDY_DUE,
    },
    Phase.CLEANUP_DUE: {
        PartsSeen: Phase.CLEANUP_DUE,
        Removed: Phase.CLEANUP_DUE,
        NotRemoved: Phase.CLEANUP_DUE,
        NothingLeft: Phase.SETTLING,
        CancelAsked: Phase.CLEANUP_DUE,
        DeadlinePassed: Phase.SETTLING,
        Stray: Phase.CLEANUP_DUE,
    },
    Phase.SETTLING: {
        Settled: BY_OUTCOME,
        Stray: Phase.CLEANUP_DUE,
        CancelAsked: Phase.SETTLING,
        DeadlinePassed: BY_OUTCOME,
    },
    Phase.SUCCEEDED: {Stray: Phase.TIDY_DUE},
    Phase.UNPROVED: {Stray: Phase.CLEANUP_DUE, CleanAsked: Phase.CLEANUP_DUE},
    Phase.FAILED: {Stray: Phase.CLEANUP_DUE, CleanAsked: Phase.CLEANUP_DUE},
    Phase.CANCELLED: {Stray: Phase.CLEANUP_DUE, CleanAsked: Phase.CLEANUP_DUE},
}

DUE: dict[Phase, type[Command]] = {
    Phase.ACCEPTED: Precheck,
    Phase.MANIFEST_DUE: TakeManifest,
    Phase.IMAGE_DUE: CreateImage,
    Phase.IMAGE_TAG_DUE: TagSnapshots,
    Phase.COPY_DUE: CopyImage,
    Phase.COPY_TAG_DUE: TagSnapshots,
    Phase.LAUNCH_DUE: LaunchInstance,
    Phase.PROOF_DUE: VerifyReplica,
    Phase.JOIN_DUE: LeaveQuarantine,
    Phase.TIDY_DUE: CleanUp,
    Phase.CLEANUP_DUE: CleanUp,
}


class Unexpected(Exception):  # noqa: N818 - it says what happened
    """In this phase the table knows no such observation."""

    def __init__(self, phase: Phase, seen: type[Observation]) -> None:
        super().__init__(f"{seen.__name__} has no place in phase {phase}")
        self.phase = phase
        self.seen = seen


def begin(request: Request, *, id: str, install: str, at: Moment) -> Replication:
    """The record of a request that was just accepted."""
    asked = Line(at=at, phase=Phase.ACCEPTED, kind=LineKind.ASKED, what=Precheck.__name__)
    return Replication(
        id=id, install=install, request=request, accepted_at=at, entered_at=at, phase=Phase.ACCEPTED, history=(asked,)
    )


def accepts(record: Replication, seen: type[Observation]) -> bool:
    """Whether the table has a cell for *seen* in the record's phase."""
    return seen in TABLE[record.phase]


def ask_to_cancel(record: Replication, *, at: Moment, by: str) -> Replication:
    """The record with its cancellation asked for, one version on; the next step or sweep follows it up."""
    line = Line(at=at, phase=record.phase, kind=LineKind.ASKED, what=f"cancellation{' by ' + by if by else ''}")
    return change(record, version=record.version + 1, cancel=Cancel(at=at, by=by), history=(*record.history, line))


def is_to_be_cancelled(record: Replication) -> bool:
    """Whether a cancellation was asked for, has not been followed up, and does not come too late."""
    return record.cancel is not None and record.outcome is None and not record.ended and not is_past_cancelling(record)


def is_past_cancelling(record: Replication) -> bool:
    """Whether what was asked for is there: the replica may have left quarantine, or only tidying up is left."""
    return record.opened or record.phase is Phase.TIDY_DUE


def advance(record: Replication, seen: Observation) -> Replication:
    """The record after *seen*, one version on; raises Unexpected for a pair that the table does not know."""
    if not accepts(record, type(seen)):
        raise Unexpected(record.phase, type(seen))
    cell = TABLE[record.phase][type(seen)]
    learned = change(record, **effects.absorb(record, seen))
    phase = cell if isinstance(cell, Phase) else cell.phase(learned)
    return _enter(learned, phase, seen, wait_of(record))


def due(record: Replication) -> tuple[Command, ...]:
    """What should be under way now; follows from the record alone, so that it can be asked again."""
    command = DUE.get(record.phase)
    return (command(replication=record.id),) if command else ()


def _enter(record: Replication, phase: Phase, seen: Observation, ended: Wait | None) -> Replication:
    moved = phase is not record.phase
    waited = ended if moved and seen.looks else None
    lines = [
        Line(
            at=seen.at,
            phase=record.phase,
            kind=LineKind.SEEN,
            what=seen.said(),
            request_id=seen.request_id,
            cost=getattr(seen, "cost", ""),
            wait=waited.kind if waited else "",
            resource=waited.resource if waited else "",
            looks=seen.looks,
        )
    ]
    if moved and phase in DUE:
        lines.append(Line(at=seen.at, phase=phase, kind=LineKind.ASKED, what=DUE[phase].__name__))
    return change(
        record,
        version=record.version + 1,
        phase=phase,
        entered_at=seen.at if moved else record.entered_at,
        opened=record.opened or phase is Phase.JOIN_DUE,
        history=record.history + tuple(lines),
        **(effects.close(record) if phase.is_end else {}),
    )
