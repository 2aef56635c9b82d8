"""Ferry on a laptop, killed again and again: `python -m tests.cli.killing COUNT [SEED]`.

The cloud lives in a process of its own.  `ferry replicate` on it is killed with SIGKILL, at moments drawn from the
seed, and begun again with the same words until it has ended by itself.  After each kill and at the end the laws of
docs/laws.md are checked, against the cloud's state as the SDK shows it and against the rows in the SQLite file.

What is killed is a real process: the moments are the seed's, what is hit in them is not the same in every run.
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from localcloud.chance import stream
from shared.replication.record import Replication
from shared.replication.request import Goal
from shared.store.sqlite import SqliteStore
from tests.cli.cloud import CloudProcess, serving
from tests.cli.ferrying import begin, data, ferry, instance, request, world, written

HERE, THERE = "cn-hangzhou", "cn-beijing"
KINDS = ("Image", "Snapshot", "Instance", "Disk")
#: A moment that does not come within so many seconds is taken to have come.
PATIENCE = 6.0
#: Acts that would change a source.
TOUCHING = frozenset({"StopInstance", "StartInstance", "RebootInstance", "DeleteInstance", "ModifyInstanceAttribute"})
#: What the second of two at once leaves with, and who got no answer while it was setting up: say the same again.
LATER = 4
LOOKING = ("Describe", "List", "Get")


@dataclass(frozen=True)
class Course:
    """What is asked for in one world, and how fast its time passes."""

    name: str
    speed: float
    about: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Mapping[str, Any], ...] = ()
    cancelled: bool = False
    #: Without a key the same words begin another replication once the end of one was told.
    key: bool = False


COURSES = (
    Course("replica", 80, key=True),
    Course("recovery point", 120, {"goal": "recovery_point"}),
    Course("replica, cancelled", 80, cancelled=True, key=True),
    Course("replica, different, removed", 80, {"on_proof_failure": "remove"}, ({"kind": "corrupt", "count": 1},)),
    Course("replica, answers lost", 100, {}, ({"kind": "lost_answer", "chance": 0.05},), key=True),
    Course("replica, different, kept", 60, {}, ({"kind": "corrupt", "count": 1},)),
    Course("replica, source image kept", 120, {"keep_source_image": True}),
)


class LawBroken(Exception):  # noqa: N818 - it says what is so
    """Nothing more can be told of this replication."""


@dataclass
class Tally:
    """What was done: kills by the phase that they hit and by the kind of moment, and the ends."""

    phases: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    pairs: int = 0

    @property
    def kills(self) -> int:
        """How many there were."""
        return self.phases.total()


class Laptop:
    """One folder of records on one served cloud, and what was seen of both."""

    def __init__(self, folder: Path, cloud: CloudProcess, course: Course) -> None:
        self.folder, self.cloud, self.course = folder, cloud, course
        self.state = folder / "state"
        self.file = written(folder / "request.yaml", request(**course.about))
        self.before = self._holdings()
        self.source = self._source()
        self.seen: Replication | None = None

    def begin(self) -> "subprocess.Popen[str]":
        """The same words, whenever they are said."""
        words = ("replicate", "-f", self.file, "--cloud", self.cloud.address, "--state", self.state, "--json")
        return begin(*words, *(("--key", "k") if self.course.key else ()), temporary=self.folder / "tmp")

    def record(self) -> Replication | None:
        """The one record; none before there is one."""
        file = self.state / "ferry.db"
        if not file.exists():
            return None
        with closing(SqliteStore(file)) as store:
            rows = store.records()
        if len(rows) > 1:
            raise LawBroken(f"2: one request was begun twice: {[row.record.id for row in rows]}")
        return rows[0].record if rows else None

    def broken(self) -> Iterator[str]:
        """The laws that are broken now, while it is under way."""
        record, before = self.record(), self.seen
        if before is not None and record is not None:
            if record.version < before.version:
                yield f"5: version {before.version} was followed by {record.version}"
            if record.history[: len(before.history)] != before.history:
                yield f"5: the history was rewritten in version {record.version}"
        if before is not None and record is None:
            yield "5: the record has vanished"
        self.seen = record
        holds = self._holdings()
        for kind, region in (("Image", HERE), ("Image", THERE), ("Instance", HERE), ("Instance", THERE)):
            new = holds[kind, region] - self.before[kind, region]
            if len(new) > 1:
                yield f"2: {kind} {sorted(new)} in {region} at once"

    def broken_at_the_end(self) -> Iterator[str]:
        """The laws that are broken when it has ended, and nothing is hidden any more."""
        self._pass(60)
        yield from self.broken()
        record = self.seen
        if record is None or not record.ended:
            yield f"1: it has not ended: {record and record.phase}"
            return
        named = {resource.id for resource in record.resources if resource.lives}
        there = frozenset[str]().union(*(self._holdings()[place] - self.before[place] for place in self.before))
        yield from (f"3: {id_} is there, and the record does not say so" for id_ in sorted(there - named))
        yield from (f"3: {id_} is not there, but the record says that it is" for id_ in sorted(named - there))
        yield from (
            f"3: {one.id} was made, and nothing became of it" for one in record.resources if one.state == "made"
        )
        if self._source() != self.source:
            yield f"4: the source was {self.source}, is {self._source()}"
        for call in self.cloud.calls():
            if call["action"] in TOUCHING and call["params"].get("InstanceId") == "i-web":
                yield f"4: {call['action']} of the source"
        proved = record.proof is not None and record.proof.verdict == "same"
        if record.phase == "succeeded" and record.request.goal is Goal.REPLICA and not proved:
            yield "6: it succeeded without a proof"

    def _holdings(self) -> dict[tuple[str, str], frozenset[str]]:
        return {
            (kind, region): frozenset(str(one[f"{kind}Id"]) for one in self._things(kind, region))
            for kind in KINDS
            for region in (HERE, THERE)
        }

    def _things(self, kind: str, region: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = _asked(lambda: self.cloud.things(kind, region))
        return found

    def _source(self) -> dict[str, Any]:
        (found,) = (one for one in self._things("Instance", HERE) if one["InstanceId"] == "i-web")
        return found

    def _pass(self, virtual: float) -> None:
        time.sleep(virtual / self.course.speed + 0.1)  # noqa: TID251 - as virtual time passes


def _asked(ask: Callable[[], Any]) -> Any:
    """What the SDK says; where a fault swallows an answer the question is put again."""
    from darabonba.exceptions import UnretryableException
    from requests.exceptions import ConnectionError as NoAnswer

    for _ in range(20):
        with suppress(NoAnswer, UnretryableException):
            return ask()
    raise AssertionError("no answer in twenty tries")


Moment = Callable[[Laptop, Random, "subprocess.Popen[str]"], None]


def at_the_start(laptop: Laptop, draws: Random, process: "subprocess.Popen[str]") -> None:  # noqa: ARG001
    """While it imports, opens the store, joins the cloud and provisions."""
    _wait(process, draws.uniform(0, 2.5))


def at_any_time(laptop: Laptop, draws: Random, process: "subprocess.Popen[str]") -> None:  # noqa: ARG001
    """Whatever it does then."""
    _wait(process, draws.uniform(0, 6))


def after_a_write(laptop: Laptop, draws: Random, process: "subprocess.Popen[str]") -> None:
    """As soon as another process can see what was written: before it is published, or just after."""
    nth, late = draws.choice((1, 1, 2, 3)), draws.choice((0.0, 0.0, 0.002, 0.02))
    record = laptop.record()
    wanted = (record.version if record else -1) + nth

    def written_now() -> bool:
        now = laptop.record()
        return now is not None and now.version >= wanted

    _wait_for(process, written_now, 0.001)
    _wait(process, late)


def after_a_call(laptop: Laptop, draws: Random, process: "subprocess.Popen[str]") -> None:
    """As soon as the cloud has done something: before it is written."""
    nth, late = draws.choice((1, 1, 2, 3)), draws.choice((0.0, 0.0, 0.001, 0.01))
    seen, changed = laptop.cloud.health()["calls"], 0

    def changed_now() -> bool:
        nonlocal seen, changed
        new = laptop.cloud.calls(seen)
        seen += len(new)
        changed += sum(1 for call in new if not call["action"].startswith(LOOKING))
        return changed >= nth

    _wait_for(process, changed_now, 0.003)
    _wait(process, late)


MOMENTS: Mapping[str, tuple[Moment, float]] = {
    "at the start": (at_the_start, 1),
    "at any time": (at_any_time, 2),
    "after a write": (after_a_write, 3),
    "after a call": (after_a_call, 3),
}


def _wait(process: "subprocess.Popen[str]", seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _wait_for(process: "subprocess.Popen[str]", come: Callable[[], bool], pause: float) -> None:
    """Wait until something has come, or the process has ended by itself."""
    last = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < last and not come():
        time.sleep(pause)  # noqa: TID251 - another process is looked at


def killed_until_ended(laptop: Laptop, draws: Random, tally: Tally, most: int, moments: Sequence[str]) -> None:
    """Kill it *most* times, at such *moments*, if it does not end before; then let it end."""
    cancel_at = draws.randint(most // 6, most // 2) if laptop.course.cancelled else -1
    code: int | None = None
    for number in range(most):
        if number == cancel_at and (record := laptop.record()) is not None:
            ferry("cancel", record.id, "--state", laptop.state)
        if (code := _killed_once(laptop, draws, tally, moments)) is not None:
            break
    if code is None:
        code = _ended(laptop)
    tally.ends[f"{laptop.course.name}: {laptop.seen.phase.shown if laptop.seen else 'none'}, exit {code}"] += 1
    tally.broken += _named(laptop, laptop.broken_at_the_end())


def _killed_once(laptop: Laptop, draws: Random, tally: Tally, moments: Sequence[str]) -> int | None:
    """One kill, of two at once now and then; the exit code if it has ended by itself meanwhile."""
    name = draws.choices(moments, [MOMENTS[name][1] for name in moments])[0]
    others = [laptop.begin()] if laptop.course.key and draws.random() < 0.2 else []
    process = laptop.begin()
    MOMENTS[name][0](laptop, draws, process)
    ends = [_kill(one) for one in (*others, process)]
    record = laptop.record()
    if process.returncode == -signal.SIGKILL:
        tally.phases[record.phase.value if record else "before the record"] += 1
        tally.moments[name] += 1
        tally.pairs += len(others)
    tally.broken += _named(laptop, laptop.broken())
    return next((code for code in ends if code is not None), None)


def _kill(process: "subprocess.Popen[str]") -> int | None:
    """Its exit code when it has ended the replication by itself, or was killed after it told the end; else None."""
    process.kill()
    out, err = process.communicate()
    assert "Traceback" not in err, err
    if process.returncode == -signal.SIGKILL:
        return 0 if out.endswith("}\n") and "replications" in json.loads(out) else None
    assert process.returncode in (0, 1, 3, LATER), f"exit {process.returncode}: {err}{out}"
    if process.returncode == LATER:
        codes = {problem["code"] for problem in json.loads(out)["problems"]}
        assert codes <= {"in_use", "try_again"}, out
        return None
    return process.returncode


def _ended(laptop: Laptop) -> int:
    """Say it until it has ended; its exit code."""
    code = LATER
    while code == LATER:
        process = laptop.begin()
        out, err = process.communicate(timeout=600)
        assert "Traceback" not in err, err
        code = process.returncode
        assert code in (0, 1, 3) or "try_again" in out, f"exit {code}: {err}{out}"
    laptop.seen = laptop.record()
    return code


def _named(laptop: Laptop, broken: Iterator[str]) -> list[str]:
    where = f"{laptop.course.name}, {laptop.seen.id if laptop.seen else 'no record'}"
    return [f"law {text} ({where})" for text in broken]


def kill(
    folder: Path,
    course: Course,
    seed: int,
    number: int,
    tally: Tally,
    most: int,
    moments: Sequence[str] = tuple(MOMENTS),
) -> None:
    """One world, one replication, *most* kills at such *moments*."""
    folder.mkdir()
    (folder / "tmp").mkdir()
    made = world(folder) | {"faults": [dict(one) for one in course.faults]}
    made["regions"][HERE]["instances"] = [instance("i-web", {"dir": "root", "size": 20}, data(size=20))]
    words = ("--world", written(folder / "world.yaml", made), "--speed", course.speed, "--seed", seed + number)
    with serving(*words, temporary=folder / "cloud") as cloud:
        laptop = Laptop(folder, cloud, course)
        try:
            killed_until_ended(laptop, stream(seed, "kills", number), tally, most, moments)
        except LawBroken as law:
            tally.broken += _named(laptop, iter((str(law),)))


def main(count: int, seed: int) -> int:
    """Kill until it is *count* kills; print what was hit; 1 when a law was broken."""
    tally, began, number = Tally(), time.monotonic(), 0
    while tally.kills < count and not tally.broken:
        course = COURSES[number % len(COURSES)]
        with tempfile.TemporaryDirectory(prefix="ferry-killing-") as folder:
            kill(Path(folder) / "it", course, seed, number, tally, min(45, count - tally.kills))
        number += 1
        print(f"{course.name}: {tally.kills} kills so far, {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
    for title, counter in (("phase", tally.phases), ("moment", tally.moments), ("end", tally.ends)):
        for name, hits in counter.most_common():
            print(f"  {title:7} {hits:5}  {name}")  # noqa: T201
    for line in tally.broken:
        print(line)  # noqa: T201
    print(  # noqa: T201
        f"{tally.kills} kills, of two at once {tally.pairs}, {number} replications, {len(tally.broken)} laws broken, "
        f"{time.monotonic() - began:.0f} s; again: python -m tests.cli.killing {count} {seed}"
    )
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
