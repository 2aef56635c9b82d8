"""Crash points: one replication, killed or cancelled at each of its functions' calls in turn, and what comes of it.

python -m tests.crash_points                     runs them all, on either store
python -m tests.crash_points --jobs 2            the same in two processes
python -m tests.crash_points --only tablestore   those whose name begins so; a whole name is the one command that
                                                 runs a case again, and tells its history

A case is named STORE/STORY/WHAT, where WHAT is one of

    kill_before-17                         killed before the 17th call of any function
    kill_after-17                          killed after the 17th call that the cloud obeyed had its effect
    cancel-17                              cancelled before the 17th call
    copy_image:kill_after-2:kill_before-1  copy_image is killed after its 2nd call, and before its first one after that

`replica` is struck at every call.  Another story goes as `replica` does up to some call and is struck only from there
on; and of looks between two steps that ask the same only the first is struck.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from cli.embedded import INSTALL, LONGEST, TABLESTORE, embedded_install
from localcloud.faults import Fault, FaultKind
from shared.acceptance import TooLate, cancel, clean
from shared.replication.phases import Phase
from shared.replication.record import Replication
from tests.functions.account import HERE, THERE
from tests.functions.ferry import Ferry, a_world, told
from tests.functions.laws import broken_laws

Store = Literal["sqlite", "tablestore"]
STORES: tuple[Store, ...] = ("sqlite", "tablestore")
KILLS: tuple[FaultKind, ...] = ("kill_before", "kill_after")
#: The steps that make what costs money.
CREATING = ("create_image", "copy_image", "launch_instance")


@dataclass(frozen=True)
class Story:
    """A replication that goes a certain way to its end."""

    request: dict[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    #: Fields of the source instance.
    source: dict[str, Any] = field(default_factory=dict)
    #: Fields of the world.
    world: dict[str, Any] = field(default_factory=dict)
    #: It is cancelled as soon as it is in this phase.
    cancel_in: Phase | None = None
    #: When it has ended, what it kept is cleaned.
    clean: bool = False


_CORRUPT = Fault(kind="corrupt", device="/dev/xvdb", path="/orders", count=1)
STORIES: dict[str, Story] = {
    "replica": Story(),
    "recovery_point": Story({"goal": "recovery_point"}),
    "source_image_kept": Story({"keep_source_image": True}),
    "different": Story(faults=(_CORRUPT,), clean=True),
    "different_removed": Story({"on_proof_failure": "remove"}, (_CORRUPT,)),
    "unproved": Story(source={"cloud_assistant": False}, clean=True),
    "failed_image": Story(faults=(Fault(kind="fail_image", region=HERE, count=1),)),
    "failed_copy": Story(faults=(Fault(kind="fail_image", region=THERE, count=1),)),
    "no_stock": Story(faults=(Fault(kind="no_stock"),)),
    "refused": Story({"instance": "i-no"}),
    "cancelled_imaging": Story(cancel_in=Phase.IMAGING),
    "cancelled_copying": Story(cancel_in=Phase.COPYING),
    "cancelled_proving": Story(cancel_in=Phase.PROVING),
    # What an earlier try made must be found again by its name and tags.
    "short_tokens": Story(world={"token_life": 60}),
}
#: The stories that are cancelled at each call.
CANCELLED = ("replica", "recovery_point", "different_removed", "failed_copy")

#: The name of a case, not just the beginning of one.
_WHOLE = re.compile(r"\w+/\w+/(unhurt|\w+-\d+|\w+(:\w+-\d+){1,2})")
#: The stories whose creating steps are killed twice.
KILLED_TWICE = ("replica", "short_tokens")
#: A case with more calls than this waits for a call that never comes.
_MOST_CALLS = 20_000


class Ending(NamedTuple):
    """How a replication ended: what a kill must not change."""

    phase: str
    problems: tuple[str, ...]
    verdict: str
    #: Role, kind and state of what is still there.
    living: tuple[tuple[str, str, str], ...]


class Case(NamedTuple):
    """A story on a store, and what is done to it."""

    store: Store
    story: str
    what: str = "unhurt"

    @classmethod
    def named(cls, name: str) -> "Case":
        """The case with that name."""
        store, story, what = name.split("/")
        return cls(cast(Store, store), story, what)

    def __str__(self) -> str:
        return "/".join(self)


class Asked(NamedTuple):
    """A call of a function's."""

    function: str
    action: str
    region: str
    obeyed: bool
    invocation: str


class Outcome(NamedTuple):
    """What came of a case."""

    case: Case
    ending: Ending
    wrong: tuple[str, ...]
    #: What the functions asked, in order.
    calls: tuple[Asked, ...]
    #: How many calls were made before the first kill, or the cancellation, came.
    before: int
    told: str


@contextmanager
def installed(
    folder: Path, *faults: Fault, store: Store, seed: int = 1, world: dict[str, Any] | None = None, **source: Any
) -> Iterator[Ferry]:
    """Ferry as the harness makes it, in a world with other fields than its own."""
    made = a_world(folder, faults=faults, **source).model_copy(update=world or {})
    place = TABLESTORE if store == "tablestore" else folder / "ferry.db"
    with embedded_install(made, home=THERE, seed=seed, store=place, vswitch="vsw-b") as install:
        yield Ferry(install)


class Hurt:
    """What is done to a replication: two kills at most, or a cancellation; *what* is a case's last part."""

    def __init__(self, what: str, it: Ferry) -> None:
        self._it = it
        self._function, *points = what.split(":") if ":" in what else ("", what)
        self._points = [] if what == "unhurt" else [(kind, int(n)) for kind, n in (p.split("-") for p in points)]
        #: How many calls were made before it came; none: it did not come yet.
        self.before: int | None = None
        #: Whether it can't change the ending: a kill never can, a cancellation may come too late.
        self.harmless = True

    def allowed(self, unhurt: Ending) -> Ending:
        """How a replication may end that ends *unhurt* when nothing is done to it."""
        return unhurt if self.harmless else Ending(Phase.CANCELLED.value, (), "", ())

    def begin(self) -> None:
        """Arm the first kill."""
        if self._points and self._points[0][0] != "cancel":
            self._arm(*self._points.pop(0))

    def go_on(self, id_: str) -> None:
        """Let the replication go on until all has been done to it."""
        cloud = self._it.install.cloud
        cloud.run(
            lambda: self._is_done() or len(self._it.calls()) > _MOST_CALLS,
            limit=LONGEST,
            on_turn=partial(self._turn, id_),
        )

    def _is_done(self) -> bool:
        """Whether nothing is left to do; where a second kill can follow, the moment of the first one counts."""
        return not self._points and (self.before is not None or not self._function)

    def look(self) -> None:
        """Note whether the first kill has come."""
        if self.before is None and any(s.fault.kind in KILLS for s in self._it.cloud.faults.strikes_so_far):
            self.before = len(self._it.calls())

    def _turn(self, id_: str) -> None:
        """An invocation is about to make a call, or has ended."""
        self.look()
        if not self._points:
            return
        kind, number = self._points[0]
        if kind == "cancel" and len(self._it.calls()) >= number - 1:
            self._points.clear()
            self.before = number - 1
            self._cancel(id_)
        elif kind != "cancel" and self.before is not None:
            self._arm(*self._points.pop(0))

    def _arm(self, kind: str, nth: int) -> None:
        self._it.strike(
            cast(FaultKind, kind), nth=nth, **({"function": f"{INSTALL}-{self._function}"} if self._function else {})
        )

    def _cancel(self, id_: str) -> None:
        """A cancellation that is taken ends it as cancelled, unless it was ending for another reason already."""
        try:
            cancel(id_, "operator", self._it.app.store, self._it.app.clock())
        except TooLate:
            return
        self.harmless = self._it.record(id_).outcome is not None


def run(case: Case, expected: Ending | None = None) -> Outcome:
    """Run the case; what is wrong is every broken law, and an ending that is not *expected* (None: any is right)."""
    story = STORIES[case.story]
    with (
        tempfile.TemporaryDirectory(prefix="ferry-crash-") as folder,
        installed(Path(folder), *story.faults, store=case.store, world=story.world, **story.source) as it,
    ):
        hurt = Hurt(case.what, it)
        hurt.begin()
        id_ = it.replicate(**story.request)
        wrong = [*_live(story, it, id_, hurt), *broken_laws(it, id_)]
        hurt.look()
        ending = ending_of(it.record(id_))
        if expected and ending != hurt.allowed(expected):
            wrong.append(f"it ended as {ending}, unhurt as {expected}")
        if expected and hurt.before is None:
            wrong.append(f"{case.what} never came")
        calls = tuple(Asked(c.function or "", c.action, c.region, not c.code, c.token or "") for c in it.calls())
        return Outcome(case, ending, tuple(wrong), calls, hurt.before or 0, told(it.record(id_)))


def _live(story: Story, it: Ferry, id_: str, hurt: Hurt) -> Iterator[str]:
    """Let the story go to its end; what did not go as it should."""
    if story.cancel_in:
        it.until(id_, story.cancel_in)
        cancel(id_, "test", it.app.store, it.app.clock())
    hurt.go_on(id_)
    if not it.have_ended(id_):
        yield "1: " + told(it.record(id_))
    if story.clean and it.record(id_).phase is not Phase.CANCELLED:
        clean(id_, "test", it.app.store, it.app.clock())
        hurt.go_on(id_)
        if not it.have_ended(id_):
            yield "1: " + told(it.record(id_))


def ending_of(record: Replication) -> Ending:
    """How the record ended."""
    living = sorted((r.role.value, r.kind.value, r.state.value) for r in record.resources if r.lives)
    problems = tuple(problem.code for problem in record.problems)
    return Ending(record.phase.value, problems, record.proof.verdict.value if record.proof else "", tuple(living))


def points(calls: Sequence[Asked], wanted: Container[int] | None = None) -> Iterator[str]:
    """A kill before each of the *wanted* calls (from 1 on; none: all), and one after each that the cloud obeyed."""
    obeyed = 0
    for number, call in enumerate(calls, 1):
        obeyed += call.obeyed
        if wanted is None or number in wanted:
            yield f"kill_before-{number}"
            if call.obeyed:
                yield f"kill_after-{obeyed}"


def telling(calls: Sequence[Asked], others: Sequence[Asked]) -> list[int]:
    """The calls, counted from 1, from where two stories part; of looks between two steps that ask the same one."""
    pairs = enumerate(zip(calls, others, strict=False))
    parted = next((at for at, (one, other) in pairs if one[:4] != other[:4]), min(len(calls), len(others)))
    found: list[int] = []
    looks: list[list[tuple[str, str, bool]]] = []
    for _, group in groupby(enumerate(calls, 1), lambda numbered: numbered[1].invocation):
        block = list(group)
        if block[0][1].function != f"{INSTALL}-watch":
            looks.clear()
        elif (asked := [call[1:4] for _, call in block]) in looks:
            continue
        else:
            looks.append(asked)
        found += (number for number, _ in block)
    return [number for number in found if number > parted]


def singles(whole: Mapping[str, Outcome]) -> Iterator[Case]:
    """Every kill, and every cancellation, of every story of one store."""
    for story, outcome in whole.items():
        everything = list(range(1, len(outcome.calls) + 1))
        wanted = everything if story == "replica" else telling(outcome.calls, whole["replica"].calls)
        yield from (outcome.case._replace(what=what) for what in points(outcome.calls, wanted))
        if story in CANCELLED:
            yield from (outcome.case._replace(what=f"cancel-{number}") for number in wanted)


def firsts(whole: Mapping[str, Outcome]) -> Iterator[Case]:
    """Every first kill of a step that creates."""
    for story in (name for name in KILLED_TWICE if name in whole):
        for step in CREATING:
            own = [call for call in whole[story].calls if call.function.endswith(f"-{step}")]
            yield from (whole[story].case._replace(what=f"{step}:{what}") for what in points(own))


def seconds(first: Outcome) -> Iterator[Case]:
    """Every second kill of a step that was killed once."""
    step = first.case.what.split(":")[0]
    own = [call for call in first.calls[first.before :] if call.function.endswith(f"-{step}")]
    yield from (first.case._replace(what=f"{first.case.what}:{what}") for what in points(own))


class Tally:
    """Counts what ran, and tells what is wrong as soon as it is known."""

    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self.broken = 0
        self._began = time.monotonic()

    def add(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """Count them as they come; all of them."""
        return [self._add(outcome) for outcome in outcomes]

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.ran.items()))
        return f"{self.ran.total()} cases ({kinds}), {self.broken} wrong, {time.monotonic() - self._began:.0f} s"

    def _add(self, outcome: Outcome) -> Outcome:
        what = outcome.case.what
        self.ran["pair" if what.count(":") == 2 else "first" if ":" in what else what.split("-")[0]] += 1
        if outcome.wrong:
            self.broken += 1
            again = f'python -m tests.crash_points --only "{outcome.case}"'
            _say("\n  ".join((f"{again} is wrong", *outcome.wrong)))
        if self.ran.total() % 100 == 0:
            _say(f"... {self}")
        return outcome


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash_points", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--only", default="", help="cases whose name begins so, or one case")
    asked = parser.parse_args(arguments)
    if _WHOLE.fullmatch(asked.only):
        return _one(Case.named(asked.only))
    tally = Tally()
    with get_context("spawn").Pool(asked.jobs) as pool:
        for store in STORES:
            if _may_begin(store, asked.only):
                _all(pool, tally, store, asked.only)
    _say(str(tally))
    return min(tally.broken, 1)


def _all(pool: Pool, tally: Tally, store: Store, only: str) -> None:
    """Every case of one store whose name begins with *only*: the unhurt stories, then what hurts them."""
    stories = [name for name in STORIES if name == "replica" or _may_begin(f"{store}/{name}", only)]
    whole = {o.case.story: o for o in tally.add(pool.imap(run, [Case(store, story) for story in stories]))}

    def wanted(cases: Iterable[Case]) -> list[tuple[Case, Ending]]:
        return [(case, whole[case.story].ending) for case in cases if str(case).startswith(only)]

    killed_once = tally.add(pool.imap_unordered(_checked, wanted(firsts(whole))))
    tally.add(pool.imap_unordered(_checked, wanted(case for first in killed_once for case in seconds(first))))
    tally.add(pool.imap_unordered(_checked, wanted(singles(whole))))


def _may_begin(name: str, only: str) -> bool:
    """Whether a case whose name begins with *name* can be one whose name begins with *only*."""
    return name.startswith(only) or only.startswith(name)


def _checked(wanted: tuple[Case, Ending]) -> Outcome:
    return run(*wanted)


def _one(case: Case) -> int:
    outcome = run(case, run(case._replace(what="unhurt")).ending)
    _say("\n".join((outcome.told, *(outcome.wrong or ("all is well",)))))
    return min(len(outcome.wrong), 1)


def _say(what: str) -> None:
    print(what, flush=True)  # noqa: T201 - the report itself


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
