"""What an observation teaches a record, whatever phase follows: fields only, never the phase."""

from functools import singledispatch

from shared.problem import Problem
from shared.replication.model import change
from shared.replication.observations import (
    CancelAsked,
    Checked,
    CleanAsked,
    DeadlinePassed,
    DisksSeen,
    Gone,
    GuestAnswered,
    GuestAsked,
    GuestSilent,
    ImageFailed,
    ImageReady,
    InstanceRunning,
    Made,
    NotRemoved,
    Observation,
    PartsSeen,
    Refused,
    Removed,
    Stray,
)
from shared.replication.phases import Phase
from shared.replication.proof import (
    AnswerUnreadable,
    Examination,
    Proof,
    Verdict,
    learn,
    next_question,
    read_manifest,
    unanswered,
    verdict,
)
from shared.replication.proof import begin as begin_examination
from shared.replication.record import (
    Errand,
    Outcome,
    Replication,
    Resource,
    ResourceKind,
    ResourceState,
    Role,
    disk_refs,
)
from shared.replication.removal import unwanted
from shared.replication.request import OnProofFailure

Fields = dict[str, object]

#: Phases whose step may be refused, or run out of time, without harm to the whole.
_SHRUGGED = frozenset({Phase.IMAGE_TAG_DUE, Phase.COPY_TAG_DUE, Phase.MANIFEST_DUE, Phase.MEASURING})
#: Phases that already lead to an end: their deadline adds no reason of its own.
_ENDING = frozenset({Phase.TIDY_DUE, Phase.CLEANUP_DUE, Phase.SETTLING, Phase.IMAGE_ENDING})
#: Phases in which a proof is under way: what fails in them leaves the replica unproved, and kept.
_PROVING = frozenset({Phase.BOOTING, Phase.PROOF_DUE, Phase.PROVING})
#: From here a cancellation comes too late, or changes nothing.
_PAST_CANCELLING = frozenset({Phase.JOIN_DUE, Phase.TIDY_DUE})


def absorb(record: Replication, seen: Observation) -> Fields:
    """The fields of *record* that *seen* changes."""
    return _learn(seen, record)


def close(record: Replication) -> Fields:
    """The fields that an end sets: every resource is named as kept, left behind or removed."""
    overdue = {resource.id for resource in unwanted(record)}
    given_up = record.opened and record.outcome in (Outcome.FAILED, Outcome.CANCELLED)
    return {
        "resources": tuple(
            _final(resource, resource.id in overdue, given_up and resource.role is not Role.SOURCE_IMAGE)
            for resource in record.resources
        )
    }


def _final(resource: Resource, overdue: bool, in_use: bool) -> Resource:
    """*resource* at the end; *in_use*: nobody asked to keep it, but it may be at work already."""
    if resource.state is not ResourceState.MADE:
        return resource
    if overdue:
        return change(resource, state=ResourceState.LEFT_BEHIND, reason="the time for its removal has passed")
    if in_use:
        reason = "the replica may have left quarantine and be in use: delete it yourself if it is not"
        return change(resource, state=ResourceState.LEFT_BEHIND, reason=reason)
    return change(resource, state=ResourceState.KEPT)


@singledispatch
def _learn(seen: Observation, record: Replication) -> Fields:  # noqa: ARG001 - the dispatcher's default
    return {}


@_learn.register
def _checked(seen: Checked, record: Replication) -> Fields:  # noqa: ARG001
    return {"plan": seen.plan}


@_learn.register
def _refused(seen: Refused, record: Replication) -> Fields:
    if record.phase in _SHRUGGED:
        return {}
    return {"problems": record.problems + seen.problems, "outcome": record.outcome or Outcome.FAILED}


@_learn.register
def _guest_asked(seen: GuestAsked, record: Replication) -> Fields:
    errand = Errand(
        side=seen.side, region=seen.region, instance=seen.instance, invocation=seen.invocation, asked_at=seen.at
    )
    if record.examination or not (record.manifest and seen.disks):
        return {"errand": errand}
    return {"errand": errand, "examination": begin_examination(record.manifest, disk_refs(seen.disks))}


@_learn.register
def _guest_answered(seen: GuestAnswered, record: Replication) -> Fields:
    if record.phase is Phase.MEASURING:
        return {"errand": None} | _measured(seen, record)
    if record.examination is None or record.errand is None:
        return {"errand": None} | _unproved("the proof was not begun", record)
    side = record.errand.side
    try:
        examination = learn(record.examination, side, seen.output)
    except AnswerUnreadable as unreadable:
        examination = unanswered(record.examination, side, f"its answer can't be read: {unreadable}")
    return {"errand": None} | _examined(examination, record)


def _examined(examination: Examination, record: Replication) -> Fields:
    """Ask on, or, when nothing more can be learned, the verdict."""
    if next_question(examination):
        return {"examination": examination}
    return _proved(verdict(examination), record)


@_learn.register
def _disks_seen(seen: DisksSeen, record: Replication) -> Fields:
    if record.manifest is None:
        return _unproved("there is no manifest of the source to compare it with", record)
    return _proved(verdict(begin_examination(record.manifest, disk_refs(seen.disks))), record)


def _measured(seen: GuestAnswered, record: Replication) -> Fields:
    plan = record.plan
    if plan is None:
        return {}
    try:
        return {"manifest": read_manifest(seen.output, disk_refs(plan.disks), seen.at)}
    except AnswerUnreadable as unreadable:
        notice = f"no manifest: the source's answer can't be read: {unreadable}"
        return {"plan": change(plan, notices=(*plan.notices, notice))}


def _proved(proof: Proof, record: Replication) -> Fields:
    fields: Fields = {"proof": proof, "examination": None}
    if proof.verdict is Verdict.SAME:
        return fields
    if proof.verdict is Verdict.DIFFERENT:
        return fields | {"outcome": Outcome.DIFFERENT, "problems": (*record.problems, _differs(record))}
    return fields | _unproved("; ".join(proof.reasons) or "not everything was read", record, proof)


def _differs(record: Replication) -> Problem:
    removed = record.request.on_proof_failure is OnProofFailure.REMOVE
    return Problem(
        path="proof",
        code="replica_differs",
        message=f"the replica is not the same as its source; it {'is removed' if removed else 'stays in quarantine'}",
        fix="look at the differences, then ask again"
        if removed
        else f"look at the differences; then remove it all with: ferry clean {record.id}",
    )


def _unproved(reason: str, record: Replication, proof: Proof | None = None) -> Fields:
    problem = Problem(
        path="proof",
        code="not_proved",
        message=f"the replica is not proved: {reason}; it stays in quarantine",
        fix=f"check it by hand, or remove it all with: ferry clean {record.id}",
    )
    return {
        "outcome": Outcome.UNPROVED,
        "proof": proof or Proof(verdict=Verdict.UNPROVED, disks=(), digest="", reasons=(reason,)),
        "examination": None,
        "problems": (*record.problems, problem),
    }


@_learn.register
def _guest_silent(seen: GuestSilent, record: Replication) -> Fields:
    if record.phase in _PROVING:
        return {"errand": None} | _unanswered(seen, record)
    plan = record.plan
    if plan is None:
        return {"errand": None}
    return {"errand": None, "plan": change(plan, notices=(*plan.notices, f"no manifest: {seen.reason}"))}


def _unanswered(seen: GuestSilent, record: Replication) -> Fields:
    examination = record.examination
    question = next_question(examination) if examination else None
    if examination is None or question is None:
        return _unproved(seen.reason, record)
    return _examined(unanswered(examination, question.side, seen.reason), record)


@_learn.register
def _made(seen: Made, record: Replication) -> Fields:
    if record.knows(seen.resource.id):
        return {}
    taken = record.resource(seen.resource.role, seen.resource.kind)
    made = change(seen.resource, role=Role.STRAY) if taken else seen.resource
    return {"resources": (*record.resources, made)}


@_learn.register
def _parts_seen(seen: PartsSeen, record: Replication) -> Fields:
    return _with_parts(record, seen.parts)


@_learn.register
def _image_ready(seen: ImageReady, record: Replication) -> Fields:
    return _with_parts(record, seen.parts)


@_learn.register
def _instance_running(seen: InstanceRunning, record: Replication) -> Fields:
    fields = _with_parts(record, seen.parts)
    if record.manifest:
        return fields
    return fields | _unproved("there is no manifest of the source to compare it with", record)


def _with_parts(record: Replication, parts: tuple[Resource, ...]) -> Fields:
    return {"resources": record.resources + tuple(part for part in parts if not record.knows(part.id))}


@_learn.register
def _image_failed(seen: ImageFailed, record: Replication) -> Fields:
    return _failed(record, "image", f"image_{seen.status.lower()}", seen.said(), "look at its reason, then ask again")


@_learn.register
def _gone(seen: Gone, record: Replication) -> Fields:
    fields = _failed(record, "resources", "gone", seen.said(), "somebody else removed it: find out who, then ask again")
    return fields | {"resources": _with_state(record, seen.resource, ResourceState.REMOVED)}


def _failed(record: Replication, path: str, code: str, message: str, fix: str) -> Fields:
    problem = Problem(path=path, code=code, message=message, fix=fix)
    return {"outcome": record.outcome or Outcome.FAILED, "problems": (*record.problems, problem)}


@_learn.register
def _removed(seen: Removed, record: Replication) -> Fields:
    return {"resources": _with_state(record, seen.resource, ResourceState.REMOVED)}


@_learn.register
def _not_removed(seen: NotRemoved, record: Replication) -> Fields:
    return {"resources": _with_state(record, seen.resource, ResourceState.LEFT_BEHIND, seen.reason)}


def _with_state(record: Replication, id_: str, state: ResourceState, reason: str = "") -> tuple[Resource, ...]:
    """The resources with this one's state changed, and that of what shares its lot."""
    return tuple(
        change(r, state=state, reason=reason)
        if r.id == id_ or (r.of == id_ and r.lives and _shares_the_lot(r, state))
        else r
        for r in record.resources
    )


def _shares_the_lot(part: Resource, state: ResourceState) -> bool:
    """A disk goes and stays with its instance; a snapshot can't go before its image, but stays when that goes."""
    return part.kind is ResourceKind.DISK or state is ResourceState.LEFT_BEHIND


@_learn.register
def _stray(seen: Stray, record: Replication) -> Fields:
    strays = tuple(change(r, role=Role.STRAY) for r in seen.resources if not record.knows(r.id))
    return {"resources": record.resources + strays}


@_learn.register
def _cancel_asked(seen: CancelAsked, record: Replication) -> Fields:  # noqa: ARG001
    if record.phase in _PAST_CANCELLING:
        return {}
    return {"outcome": record.outcome or Outcome.CANCELLED}


@_learn.register
def _clean_asked(seen: CleanAsked, record: Replication) -> Fields:  # noqa: ARG001
    again = tuple(
        change(r, state=ResourceState.MADE, reason="") if r.state is ResourceState.LEFT_BEHIND else r
        for r in record.resources
    )
    return {"remove_all": True, "resources": again}


@_learn.register
def _deadline_passed(seen: DeadlinePassed, record: Replication) -> Fields:
    if record.phase in _SHRUGGED or record.phase in _ENDING:
        return {"errand": None} | (
            {"outcome": record.outcome or Outcome.FAILED} if record.phase is Phase.IMAGE_ENDING else {}
        )
    if record.phase in _PROVING:
        return {"errand": None} | _unproved("the time for its proof has passed", record)
    return _failed(
        record,
        "phase",
        "deadline_passed",
        f"the time for {record.phase.shown} has passed"
        + (f"; the last trouble was {seen.trouble}" if seen.trouble else ""),
        "mend what the trouble names, then ask again" if seen.trouble else "look at the history, then ask again",
    )
