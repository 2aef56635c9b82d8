"""The table: every cell is decided, everything ends, and the diagram is drawn from it."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest

from shared.problem import Problem
from shared.replication import observations as seen
from shared.replication.diagram import document
from shared.replication.machine import (
    DUE,
    TABLE,
    Choice,
    Unexpected,
    accepts,
    advance,
    ask_to_cancel,
    begin,
    due,
    is_to_be_cancelled,
)
from shared.replication.observations import OBSERVATIONS, Observation
from shared.replication.phases import ENDS, Phase
from shared.replication.proof import Side
from shared.replication.record import LIMITS, Outcome, ResourceKind, ResourceState, Role
from shared.replication.removal import unwanted
from shared.replication.waits import wait_of
from tests.shared.builders import a_plan, a_record, a_request, a_resource, minutes

PAIRS = [(phase, kind) for phase in Phase for kind in OBSERVATIONS]


def an_observation(kind: type[Observation]) -> Observation:
    """An observation of that kind."""
    image = a_resource(Role.SOURCE_IMAGE, ResourceKind.IMAGE)
    fields: dict[str, object] = {
        "plan": a_plan(),
        "problems": (Problem(path="", code="No", message="no", fix="ask another"),),
        "side": Side.REPLICA,
        "region": "cn-beijing",
        "instance": "instance-of-replica",
        "invocation": "t-2",
        "output": "",
        "reason": "silence",
        "resource": image if issubclass(kind, seen.Made) else image.id,
        "image": image.id,
        "status": "CreateFailed",
        "snapshots": ("s-1",),
        "groups": ("sg-b",),
        "parts": (),
        "disks": (),
        "resources": (a_resource(Role.STRAY, ResourceKind.IMAGE, id="m-stray"),),
    }
    wanted = {name: value for name, value in fields.items() if name in kind.model_fields}
    return kind.model_validate({"at": minutes(10), **wanted})


@pytest.mark.parametrize(("phase", "kind"), PAIRS)
def test_every_cell_is_decided(phase: Phase, kind: type[Observation]) -> None:
    """Each phase takes each observation to a phase that the table names, or refuses it by name."""
    record = a_record(phase)
    observation = an_observation(kind)
    if not accepts(record, kind):
        with pytest.raises(Unexpected, match=kind.__name__):
            advance(record, observation)
        return
    cell = TABLE[phase][kind]
    moved = advance(record, observation)
    assert moved.phase in (set(cell.ways.values()) if isinstance(cell, Choice) else {cell})
    assert moved.version == record.version + 1
    assert moved.history[: len(record.history)] == record.history
    assert len(moved.history) > len(record.history)


@pytest.mark.parametrize("phase", Phase)
def test_each_phase_has_something_due_or_a_wait_with_a_limit_or_is_an_end(phase: Phase) -> None:
    """Nothing is ever forgotten: a phase that is no end is asked again or looked at, and given up in time."""
    record = a_record(phase)
    if phase in ENDS:
        assert not due(record)
        assert wait_of(record) is None
        return
    assert bool(due(record)) != (wait_of(record) is not None)
    assert phase in LIMITS


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in ENDS])
def test_every_phase_can_reach_an_end(phase: Phase) -> None:
    """Deadlines alone lead from every phase to an end."""
    record = a_record(phase)
    for step in range(20):
        if record.ended:
            return
        record = advance(record, seen.DeadlinePassed(at=minutes(step)))
    pytest.fail(f"deadlines lead from {phase} to {record.phase}")


@pytest.mark.parametrize("phase", list(Phase))
def test_a_cancellation_before_the_quarantine_is_left_ends_cancelled(phase: Phase) -> None:
    """Cancelling leads to an end as cancelled from wherever the replica has not left quarantine."""
    record = ask_to_cancel(a_record(phase, opened=phase in (Phase.JOIN_DUE, Phase.TIDY_DUE)), at=minutes(1), by="me")
    if not is_to_be_cancelled(record):
        settled = phase in ENDS or record.outcome is not None or record.opened
        assert settled
        return
    record = advance(record, seen.CancelAsked(at=minutes(2)))
    assert record.outcome is Outcome.CANCELLED
    for step in range(10):
        if record.ended:
            break
        record = advance(record, seen.DeadlinePassed(at=minutes(3 + step)))
    assert record.phase is Phase.CANCELLED


def test_a_replica_that_has_left_quarantine_is_never_unwanted() -> None:
    """Neither cancellation nor a refusal makes a replica removable once it may have left quarantine."""
    record = a_record(Phase.JOIN_DUE, opened=True, cancel=None)
    failed = advance(record, an_observation(seen.Refused))
    assert failed.phase is Phase.CLEANUP_DUE
    assert not [r for r in unwanted(failed) if r.role in (Role.REPLICA, Role.TARGET_IMAGE)]


def test_a_second_image_becomes_a_stray() -> None:
    """Of two images for one replication the record keeps one and removes the other."""
    record = a_record(Phase.IMAGE_DUE, resources=(a_resource(Role.SOURCE_IMAGE, ResourceKind.IMAGE, id="m-1"),))
    second = a_resource(Role.SOURCE_IMAGE, ResourceKind.IMAGE, id="m-2")
    moved = advance(record, seen.ImageRequested(at=minutes(1), resource=second))
    assert [r.role for r in moved.resources] == [Role.SOURCE_IMAGE, Role.STRAY]


def test_settling_waits_until_nothing_can_come() -> None:
    """A failed replication looks for strays no earlier than three minutes after its last act could have begun.

    That act begins within 45 s of the change of the phase, by a clock that differs from the looking one's by 2 minutes.
    """
    record = a_record(Phase.SETTLING, outcome=Outcome.FAILED)
    wait = wait_of(record)
    assert wait is not None
    assert wait.not_before - record.entered_at >= timedelta(minutes=3 + 2, seconds=45)


def test_a_stray_found_in_the_end_reopens_the_record() -> None:
    """A resource that turns up after the end is still removed."""
    record = a_record(Phase.SUCCEEDED)
    stray = a_resource(Role.STRAY, ResourceKind.IMAGE, id="m-late")
    reopened = advance(record, seen.Stray(at=minutes(1), resources=(stray,)))
    assert reopened.phase is Phase.TIDY_DUE
    assert [r.id for r in unwanted(reopened)] == ["m-late"]


def test_what_is_left_when_the_time_for_cleaning_up_has_passed_is_left_behind() -> None:
    """An end names what could not be removed, each with a reason."""
    record = a_record(Phase.CLEANUP_DUE, outcome=Outcome.FAILED)
    late = advance(record, seen.DeadlinePassed(at=minutes(1)))
    ended = advance(late, seen.Settled(at=minutes(5)))
    assert ended.phase is Phase.FAILED
    assert {r.state for r in ended.resources} == {ResourceState.LEFT_BEHIND}
    assert all(r.reason for r in ended.resources)


def test_a_beginning_asks_for_the_precheck() -> None:
    """An accepted request is one step from its precheck, at version 0."""
    record = begin(a_request(), id="r-9", install="home", at=minutes(0))
    assert [type(command).__name__ for command in due(record)] == ["Precheck"]
    assert record.version == 0


def test_the_diagram_is_the_table() -> None:
    """docs/phases.md is what the table says now."""
    assert Path("docs/phases.md").read_text() == document()


def test_only_the_machine_changes_a_phase() -> None:
    """No other module changes a record's phase: `change(..., phase=...)` stands in the machine alone."""
    writers = {
        path.name
        for folder in ("shared", "functions", "cli")
        for path in Path(folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("change", "Replication")
        and any(word.arg == "phase" for word in call.keywords)
    }
    assert writers == {"machine.py"}


def test_every_due_phase_names_one_command() -> None:
    """A command is due in the phases that bear it and in no end."""
    assert not set(DUE) & ENDS
