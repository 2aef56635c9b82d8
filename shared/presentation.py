"""A replication as people and scripts see it: the JSON forms that the API answers and every command prints."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from shared.ports import DeadLetter, Row
from shared.problem import Problem
from shared.replication.model import change
from shared.replication.proof import Proof
from shared.replication.record import Line, Replication, Resource, ResourceKind, ResourceState, Role

Json = dict[str, object]
#: Makes a hint fit where it is read: the command in it gets the options that it needs there.
Fit = Callable[[str], str]
_NO_REASON = "ask again; if it fails again, ask the cloud's support with the request id (ferry status ID --history)"


def as_it_is(hint: str) -> str:
    """The hint as it is."""
    return hint


def present(row: Row, fit: Fit = as_it_is) -> Json:
    """One replication, whole."""
    record = row.record
    return {
        "id": record.id,
        "phase": record.phase.shown,
        "goal": record.request.goal.value,
        "source": record.request.source.model_dump(),
        "target": record.request.target.model_dump(mode="json"),
        "accepted_at": moment(record.accepted_at),
        "ended_at": moment(record.history[-1].at) if record.ended else None,
        "progress": None if record.ended else row.hints.progress,
        "next_look_at": None if record.ended else moment(row.hints.next_at),
        "cancel": {"at": moment(record.cancel.at), "by": record.cancel.by} if record.cancel else None,
        "problems": problems(told(record), fit),
        "notices": list(record.plan.notices) if record.plan else [],
        "resources": [_resource(resource, record) for resource in record.resources],
        "history": [_line(line) for line in record.history],
        "proof": _proof(record.proof) if record.proof else None,
    }


def summarise(row: Row) -> Json:
    """One replication in a list."""
    record = row.record
    return {
        "id": record.id,
        "phase": record.phase.shown,
        "goal": record.request.goal.value,
        "source": record.request.source.model_dump(),
        "target": {"region": record.request.target.region},
        "accepted_at": moment(record.accepted_at),
        "progress": None if record.ended else row.hints.progress,
        "verdict": record.proof.verdict.value if record.proof else None,
        "left_behind": number(record, ResourceState.LEFT_BEHIND),
        "kept": number(record, ResourceState.KEPT),
    }


def rows_json(rows: Sequence[Row]) -> list[Json]:
    """A list of replications."""
    return [summarise(row) for row in rows]


def stored(row: Row) -> Json:
    """A row as Ferry writes it to itself, without what no view of it shows: the manifest and a proof under way."""
    record = change(row.record, manifest=None, examination=None)
    return {
        "record": record.model_dump(mode="json", by_alias=True),
        "hints": row.hints.model_dump(mode="json"),
    }


def letter(found: DeadLetter) -> Json:
    """A dead letter."""
    return {"id": found.id, "at": moment(found.at), "origin": found.origin, "reason": found.reason, "body": found.body}


def problems(found: Iterable[Problem], fit: Fit = as_it_is) -> list[Json]:
    """Problems as scripts read them."""
    return [_problem(problem, fit) for problem in found]


def told(record: Replication) -> tuple[Problem, ...]:
    """The problems of a replication as they stand now: what it kept may have been cleaned since."""
    found = tuple(change(p, fix=_NO_REASON) if p.message.endswith("gives no reason") else p for p in record.problems)
    if not record.ended or not record.resources or any(resource.lives for resource in record.resources):
        return found
    at = since(record.history[-1].at - record.accepted_at)
    return tuple(_cleaned(problem, at) if "ferry clean" in problem.fix else problem for problem in found)


def number(record: Replication, state: ResourceState) -> int:
    """How many of its resources are in that state."""
    return sum(1 for resource in record.resources if resource.state is state)


def shares_quarantine(record: Replication) -> bool:
    """Whether the replica lives, in the quarantine group alone."""
    return record.resource(Role.REPLICA, ResourceKind.INSTANCE) is not None and not record.opened


def moment(at: datetime) -> str:
    """A moment, to the second, UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def since(time: timedelta) -> str:
    """A time since the start."""
    seconds = max(int(time.total_seconds()), 0)  # the clocks of two invocations differ
    return f"+{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def _problem(problem: Problem, fit: Fit) -> Json:
    made: Json = {"path": problem.path, "code": problem.code, "message": problem.message, "fix": fit(problem.fix)}
    file = getattr(problem, "file", None)
    return made | {"file": file} if file else made


def _cleaned(problem: Problem, at: str) -> Problem:
    message = problem.message.removesuffix("; it stays in quarantine")
    return change(problem, message=message, fix=f"nothing of it is there any more: cleaned up at {at}")


def _resource(resource: Resource, record: Replication) -> Json:
    in_quarantine = resource.kind is ResourceKind.INSTANCE and shares_quarantine(record)
    return {
        "kind": resource.kind.value,
        "role": resource.role.value,
        "region": resource.region,
        "id": resource.id,
        "name": resource.name,
        "state": resource.state.value,
        "size_gib": resource.size_gib,
        "monthly_cost": resource.monthly_cost if resource.lives else None,
        "reason": resource.reason,
        "quarantine": record.plan.quarantine_group if in_quarantine and record.plan else None,
    }


def _line(line: Line) -> Json:
    return {
        "at": moment(line.at),
        "phase": line.phase.shown,
        "kind": line.kind.value,
        "what": line.what,
        "request_id": line.request_id,
        "cost": line.cost,
    }


def _proof(proof: Proof) -> Json:
    shown = proof.model_dump(mode="json")
    return {key: shown[key] for key in ("verdict", "disks", "digest", "reasons")}
