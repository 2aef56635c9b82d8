"""Each kind of call is killed once before and once after its effect; all of them: python -m tests.crash_points."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from localcloud.faults import Fault
from tests.crash_points import KILLS, STORES, Asked, Case, Outcome, Store, ending_of, installed, run
from tests.functions.ferry import told
from tests.functions.laws import broken_laws

#: The kills of one function are spread over so many runs; those of different functions do not meet.
ROUNDS = 4
#: Of each way to hurt a replication a few, chosen by hand: around what is made, and where stories part.
CASES = (
    "sqlite/replica/cancel-14",
    "sqlite/replica/cancel-100",
    "sqlite/different/kill_before-150",
    "sqlite/replica/create_image:kill_after-1:kill_before-1",
    "tablestore/replica/cancel-372",
    "tablestore/replica/copy_image:kill_before-3:kill_after-3",
)


@cache
def unhurt(store: Store, story: str) -> Outcome:
    """How a story goes when nothing is done to it."""
    return run(Case(store, story))


def rounds(calls: Sequence[Asked]) -> list[list[Fault]]:
    """Kills for some runs: before and after each kind of call of each function.

    Of the last three of a step only one can come, as it is not asked again once it has written: they fall apart.
    """
    found: list[list[Fault]] = [[] for _ in range(ROUNDS)]
    for function in dict.fromkeys(call.function for call in calls):
        actions = dict.fromkeys(call.action for call in calls if call.function == function and call.obeyed)
        kills = [Fault(kind=kind, function=function, action=action, nth=1) for action in actions for kind in KILLS]
        for place, kill in enumerate(kills):
            found[place % ROUNDS].append(kill)
    return found


@pytest.mark.parametrize("store", STORES)
def test_every_kind_of_call(store: Store) -> None:
    """Killed before or after any kind of call, it ends as it ends unhurt: a kill never makes a failure of a success."""
    whole = unhurt(store, "replica")
    assert whole.ending.phase == "succeeded"
    missed = [kill for kills in rounds(whole.calls) for kill in missed_of(kills, store, whole)]
    # One kill may keep the place of another from being reached; alone it comes.
    assert [kill for one in missed for kill in missed_of([one], store, whole)] == []


def missed_of(kills: list[Fault], store: Store, whole: Outcome) -> list[Fault]:
    """Run the plain story with *kills*; those that did not come."""
    with TemporaryDirectory() as folder, installed(Path(folder), *kills, store=store) as it:
        id_ = it.replicate()
        assert it.have_ended(id_), told(it.record(id_))
        assert broken_laws(it, id_) == [], kills
        assert ending_of(it.record(id_)) == whole.ending, told(it.record(id_))
        struck = [strike.fault for strike in it.cloud.faults.strikes_so_far]
        return [kill for kill in kills if kill not in struck]


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    """A kill, two kills, or a cancellation: it ends as it may, and every law holds."""
    case = Case.named(name)
    outcome = run(case, unhurt(case.store, case.story).ending)
    assert not outcome.wrong, f"{outcome.told}\nagain with: python -m tests.crash_points --only {name}"
