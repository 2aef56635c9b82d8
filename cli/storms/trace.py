"""The whole history of a storm, in the order in which it happened, as a person can read it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from cli.storms.passage import Log, Passage
from cli.storms.witness import Version
from localcloud.cloud import Call
from shared.presentation import Json

#: What a call tells of its parameters: the things that it is about.
_ABOUT = (
    "ImageId",
    "InstanceId",
    "InstanceIds",
    "SnapshotId",
    "SnapshotIds",
    "ImageName",
    "DestinationImageName",
    "InvokeId",
    "TableName",
)
_ABOUT_LENGTH = 60


class Line(NamedTuple):
    """One thing that happened; `calls` had come in by then."""

    at: datetime
    calls: int
    rank: int
    who: str
    what: str
    trouble: str = ""


def lines(passage: Passage, log: Log) -> list[Line]:
    """Every line of the trace, in order."""
    return sorted((*_calls(log), *_happenings(log), *_records(log), *_runs(log), *_deeds(log), *_broken(passage)))


def told(line: Line, start: datetime) -> str:
    """A line for a terminal: time since the beginning, who, what."""
    return f"{_clock(line.at - start)}  {line.who:<20} {line.what}{f'  <- {line.trouble}' if line.trouble else ''}"


def as_json(line: Line, start: datetime) -> Json:
    """A line for a program."""
    seconds = round((line.at - start).total_seconds(), 3)
    return {"seconds": seconds, "who": line.who, "what": line.what, "trouble": line.trouble}


def _calls(log: Log) -> Iterator[Line]:
    """The functions' calls and the operator's; not those by which the install was set up."""
    cloud = log.install.cloud.cloud
    struck = {(strike.at, strike.where.get("action"), strike.fault.kind) for strike in cloud.faults.strikes_so_far}
    for number, call in enumerate(cloud.calls):
        if number < log.witness.begins:
            continue
        kinds = sorted(kind for at, action, kind in struck if (at, action) == (call.at, call.action))
        trouble = ", ".join(kinds) if call.code and kinds else ""
        yield Line(call.at, number + 1, 0, _who(call.function), _what(call), trouble)


def _what(call: Call) -> str:
    about = " ".join(call.params[name] for name in _ABOUT if call.params.get(name))[:_ABOUT_LENGTH]
    said = f"{call.status} {call.code}".strip() if call.status else call.code
    return f"{call.action} {about} ({call.region}): {said}"


def _happenings(log: Log) -> Iterator[Line]:
    for one in log.install.cloud.cloud.happenings:
        yield Line(one.at, one.calls, 1, "the cloud", f"{one.kind} {one.resource} ({one.region}) is {one.state}")


def _records(log: Log) -> Iterator[Line]:
    for versions in log.witness.versions.values():
        for before, now in zip((None, *versions), versions, strict=False):
            yield _record(before, now)


def _record(before: Version | None, now: Version) -> Line:
    record = now.record
    came = record.history[len(before.record.history) if before else 0 :]
    moved = f"{before.record.phase.value} -> {record.phase.value}" if before else record.phase.value
    what = "; ".join(line.what for line in came)
    return Line(now.at, now.calls, 3, record.id, f"version {record.version}: {moved}: {what}")


def _runs(log: Log) -> Iterator[Line]:
    """The invocations that failed."""
    cloud = log.install.cloud.cloud
    for run in cloud.fc.runs:
        if run.error is not None:
            yield Line(run.ended, run.calls, 2, _who(run.function), f"attempt {run.attempt} failed: {run.error}")


def _deeds(log: Log) -> Iterator[Line]:
    for deed in log.operator.deeds:
        yield Line(deed.at, deed.calls, -1, "the operator", deed.what)


def _broken(passage: Passage) -> Iterator[Line]:
    for one in passage.broken:
        yield Line(one.at, passage.calls, 9, f"LAW {one.law}", one.what, one.act)


def _who(function: str | None) -> str:
    return function.partition("-")[2] if function else "the operator"


def _clock(past: timedelta) -> str:
    seconds = past.total_seconds()
    return f"{int(seconds // 3600):02}:{int(seconds % 3600 // 60):02}:{seconds % 60:06.3f}"
