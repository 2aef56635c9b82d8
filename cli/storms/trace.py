"""The whole history of a storm, in the order in which it happened, as a person can read it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from cli.storms.passage import Log, Passage
from cli.storms.storm import CALLS
from cli.storms.witness import Version, clock, who
from localcloud.cloud import Call
from shared.presentation import Json

#: What strikes a call; who is held up makes the call later, if at all.
_ON_CALLS = frozenset(CALLS) - {"hold_up"}
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
    "PrimaryKey",
)
_LONGEST = 80
_THROTTLED = ("Throttling.User", "OTSServerBusy", "QpsLimitExceeded")


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
    start = log.install.cloud.cloud.clock.start
    told = (_calls(log), _strikes(log), _happenings(log), _records(log), _runs(log), _deeds(log))
    return sorted((*chain(*told), *_broken(passage, start)))


def told(line: Line, start: datetime) -> str:
    """A line for a terminal: time since the beginning, who, what."""
    return f"{clock(line.at - start)}  {line.who:<20} {line.what}{f'  <- {line.trouble}' if line.trouble else ''}"


def as_json(line: Line, start: datetime) -> Json:
    """A line for a program."""
    seconds = round((line.at - start).total_seconds(), 3)
    return {"seconds": seconds, "who": line.who, "what": line.what, "trouble": line.trouble}


def _calls(log: Log) -> Iterator[Line]:
    """The functions' calls and the operator's; not those by which the install was set up."""
    cloud = log.install.cloud.cloud
    struck = {
        strike.calls: strike.fault.kind for strike in cloud.faults.strikes_so_far if strike.fault.kind in _ON_CALLS
    }
    for number, call in enumerate(cloud.calls, start=1):
        if number > log.witness.begins:
            trouble = struck.get(number) or ("throttle goes on" if call.code in _THROTTLED else "")
            yield Line(call.at, number, 0, who(call.function), _what(call), trouble)


def _strikes(log: Log) -> Iterator[Line]:
    """The faults that struck no call: messages, images, instances, functions that were held up before one."""
    for strike in log.install.cloud.cloud.faults.strikes_so_far:
        if strike.fault.kind not in _ON_CALLS:
            where, kind = strike.where, strike.fault.kind
            about = " ".join(where[name] for name in ("function", "action", "resource", "region") if where.get(name))
            what = f"a message to {about}" if kind.startswith("deliver") else about
            yield Line(strike.at, strike.calls, 1, "the cloud", what, kind)


def _what(call: Call) -> str:
    about = [call.params[name] for name in _ABOUT if call.params.get(name)]
    said = f"{call.status} {call.code}".strip() if call.status else call.code
    return f"{' '.join((call.action, *about))[:_LONGEST]} ({call.region}): {said}"


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
    problems = record.problems[len(before.record.problems) if before else 0 :]
    told = (*(line.what for line in came), *(f"{one.path}: {one.code}: {one.message}" for one in problems))
    return Line(
        now.at,
        now.calls,
        3,
        record.id,
        f"version {record.version}: " + ": ".join((moved, "; ".join(told)) if told else (moved,)),
    )


def _runs(log: Log) -> Iterator[Line]:
    """The invocations that failed."""
    cloud = log.install.cloud.cloud
    for run in cloud.fc.runs:
        if run.error is not None:
            yield Line(run.ended, run.calls, 2, who(run.function), f"attempt {run.attempt} failed: {run.error}")


def _deeds(log: Log) -> Iterator[Line]:
    for deed in log.operator.deeds:
        yield Line(deed.at, deed.calls, -1, "the operator", deed.what)


def _broken(passage: Passage, start: datetime) -> Iterator[Line]:
    for one in passage.broken:
        yield Line(start + one.after, passage.calls, 9, f"LAW {one.law}", one.what, one.act)
