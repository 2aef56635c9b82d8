"""How far a replication is: its stages (the bars) and its timeline, both from the record alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from shared.ports import Row
from shared.replication.phases import Phase
from shared.replication.record import Line, Replication, ResourceKind, ResourceState, Role

#: What makes something, in order: a bar's name, and the phase that people see while it is under way.
STAGES = {"image": "imaging", "copy": "copying", "boot": "launching", "proof": "verifying"}
_ONWARD = (*STAGES.values(), "associating", "succeeded")
_WHOLE = frozenset({Phase.IMAGE_TAG_DUE, Phase.COPY_TAG_DUE})


@dataclass(frozen=True)
class Stage:
    """One stage: when it began and was done, and the cloud's own percentage where it tells one."""

    name: str
    phase: str
    began: datetime | None
    done: datetime | None
    stopped: bool
    percent: int | None


def stages(row: Row) -> tuple[Stage, ...]:
    """The stages of a replication, as far as each has come."""
    return tuple(_stage(name, phase, row) for name, phase in STAGES.items())


def check_stage(record: Replication) -> Stage:
    """The stage before anything is made."""
    done = next((line.at for line in record.history if _phase(line) != "checking"), None)
    return Stage(
        name="check",
        phase="checking",
        began=record.accepted_at,
        done=done,
        stopped=False,
        percent=None,
    )


def _stage(name: str, phase: str, row: Row) -> Stage:
    record = row.record
    now = record.phase.shown
    began = next((line.at for line in record.history if line.phase.shown == phase), None)
    after = _ONWARD[_ONWARD.index(phase) + 1 :]
    onward = next((line.at for line in record.history if line.phase.shown in after), None)
    if onward is None and (now in after or (name == "proof" and record.proof and began)):
        onward = record.history[-1].at
    percent = 100 if record.phase in _WHOLE else row.hints.progress
    return Stage(
        name=name,
        phase=phase,
        began=began or (record.entered_at if now == phase else None),
        done=onward if began else None,
        stopped=began is not None and onward is None and now != phase,
        percent=percent if now == phase else None,
    )


@dataclass(frozen=True)
class Period:
    """A line of the timeline: a phase that people see, when it began, how long it took, and what came of it."""

    begins: timedelta
    phase: str
    took: timedelta
    what: str


def timeline(record: Replication) -> tuple[Period, ...]:
    """The history, a line a phase; the end is the last."""
    groups = [(phase, list(lines)) for phase, lines in groupby(record.history, _phase)]
    return tuple(_periods(groups, record))


def _phase(line: Line) -> str:
    """Being accepted is the first part of being checked."""
    return "checking" if line.phase is Phase.ACCEPTED else line.phase.shown


def _periods(groups: list[tuple[str, list[Line]]], record: Replication) -> Iterator[Period]:
    start = record.accepted_at
    for place, (phase, lines) in enumerate(groups):
        begins, last = lines[0].at, place + 1 == len(groups)
        ends = lines[-1].at if last else groups[place + 1][1][0].at
        yield Period(begins - start, phase, ends - begins, _what(phase, lines, record, last=last))
    if record.ended:
        yield Period(record.history[-1].at - start, record.phase.shown, timedelta(), "")


def _what(phase: str, lines: list[Line], record: Replication, *, last: bool) -> str:
    tell = _TOLD.get(phase)
    told = tell(record) if tell and not (last and phase in STAGES.values()) else ""
    return told or lines[-1].what


def _made(role: Role, kind: ResourceKind) -> Callable[[Replication], str]:
    def tell(record: Replication) -> str:
        found = next((r for r in record.resources if r.role is role and r.kind is kind), None)
        return f"{kind} {found.id} in {found.region}" if found else ""

    return tell


def _planned(record: Replication) -> str:
    plan = record.plan
    return f"{plan.instance_type} in {plan.zone}, {len(plan.disks)} disks" if plan else ""


def _compared(record: Replication) -> str:
    if record.proof is None:
        return ""
    differences = sum(len(disk.differences) for disk in record.proof.disks)
    return record.proof.verdict.value + (f", {differences} named below" if differences else "")


def _removed(record: Replication) -> str:
    gone = sum(1 for r in record.resources if r.state is ResourceState.REMOVED)
    return f"removed {gone} of {len(record.resources)} resources"


_TOLD: dict[str, Callable[[Replication], str]] = {
    "checking": _planned,
    "imaging": _made(Role.SOURCE_IMAGE, ResourceKind.IMAGE),
    "copying": _made(Role.TARGET_IMAGE, ResourceKind.IMAGE),
    "launching": _made(Role.REPLICA, ResourceKind.INSTANCE),
    "verifying": _compared,
    "cleaning_up": _removed,
}
