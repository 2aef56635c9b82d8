"""A replication as people and scripts see it: the JSON forms of every command, with hints that fit where they run."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from cli.hints import fit
from cli.screen import writing
from shared import presentation
from shared.ports import Row
from shared.presentation import moment
from shared.problem import Problem
from shared.replication.record import Replication
from shared.replication.request import Request
from shared.replication.waits import wait_of

Json = presentation.Json


def present(row: Row) -> Json:
    """One replication, whole."""
    return presentation.present(row, fit)


def problems(found: Iterable[Problem]) -> list[Json]:
    """Problems as scripts read them."""
    return presentation.problems(found, fit)


def print_json(value: Json) -> None:
    """The one object that a command with --json prints."""
    with writing():
        print(json.dumps(value, indent=2), flush=True)  # noqa: T201 - the output itself


def lags(record: Replication, ready: Mapping[tuple[str, str], datetime]) -> list[Json]:
    """How long after the cloud was ready each wait's end was noticed; *ready* is (wait, resource) to moment."""
    return [
        {
            "replication": record.id,
            "wait": line.wait,
            "ready_at": moment(ready[line.wait, line.resource]),
            "noticed_at": moment(line.at),
            "seconds": round((line.at - ready[line.wait, line.resource]).total_seconds(), 3),
            "looks": line.looks,
        }
        for line in record.history
        if (line.wait, line.resource) in ready
    ]


def exit_code(record: Replication) -> int:
    """0 succeeded; 1 failed, different or not proved; 2 refused before anything was made; 3 cancelled."""
    if record.phase == "succeeded":
        return 0
    if record.phase == "cancelled":
        return 3
    return 2 if is_bad_input(record) else 1


def is_bad_input(record: Replication) -> bool:
    """Whether it was refused for what was asked, before anything was made: every problem is a field's."""
    fields = {problem.path.partition(".")[0] for problem in record.problems}
    return record.plan is None and bool(fields) and fields <= set(Request.model_fields)


def seen_next(record: Replication) -> str:
    """What happens at the moment that the hints name."""
    return "looked at next at" if wait_of(record) else "asked again, if need be, at"
