"""What every adapter of the port Store must hold: a test class of each adapter inherits these tests."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.ports import DeadLetter, Entry, Hints, Row, Store, TryAgain
from shared.replication.phases import Phase
from shared.replication.record import SCHEMA, Replication
from shared.replication.waits import region_of
from tests.shared.builders import START, a_dead_letter, a_record, a_request, later, minutes, some_hints


def listed(store: Store, *, region: str | None = None, before: datetime | None = None) -> list[str]:
    """The ids of the open replications, in the store's order."""
    return [entry.id for entry in store.open_entries(region=region, before=before)]


class StoreContract:
    """Inherit, name the class `Test...`, and give a fixture `store`: an empty one."""

    def test_add_gives_back_what_was_written(self, store: Store) -> None:
        """A record and its hints are stored whole: nothing is lost or altered on the way."""
        record = a_record(Phase.LAUNCHING)
        hints = some_hints(asks=2, looks=7, progress=31, trail="[[0, 0]]", missed_at=minutes(3), trouble="busy")
        assert store.add(record, hints) == Row(record=record, hints=hints)
        assert store.load(record.id) == Row(record=record, hints=hints)

    def test_an_unknown_id_is_none(self, store: Store) -> None:
        """What was never added is not there."""
        assert store.load("r-none") is None

    def test_add_is_put_if_absent(self, store: Store) -> None:
        """The same id again writes nothing and gives what was stored first."""
        first = store.add(a_record(), some_hints())
        again = store.add(a_record(request=a_request(instance="i-other")), some_hints(asks=9))
        assert again == first == store.load("r-1")

    def test_add_of_a_row_that_moved_on_gives_the_present_one(self, store: Store) -> None:
        """An acceptance that is repeated late finds the replication where it stands now."""
        record = a_record()
        store.add(record, some_hints())
        moved = later(record, phase=Phase.MANIFEST_DUE)
        assert store.replace(moved, some_hints(looks=1), expected=0)
        assert store.add(record, some_hints()) == Row(record=moved, hints=some_hints(looks=1))

    def test_replace_needs_the_expected_version(self, store: Store) -> None:
        """A write on a version that is not the stored one leaves the row untouched, hints included."""
        record = a_record()
        store.add(record, some_hints())
        moved = later(record, phase=Phase.MANIFEST_DUE)
        assert store.replace(moved, some_hints(), expected=0)
        late = later(record, phase=Phase.CANCELLED)
        assert not store.replace(late, some_hints(asks=5), expected=0)
        assert not store.replace(later(moved, version=9), some_hints(asks=5), expected=8)
        assert store.load("r-1") == Row(record=moved, hints=some_hints())

    def test_replace_of_an_unknown_id_writes_nothing(self, store: Store) -> None:
        """A replace never makes a row."""
        assert not store.replace(later(a_record()), some_hints(), expected=0)
        assert store.load("r-1") is None

    def test_a_version_that_does_not_grow_is_a_bug(self, store: Store) -> None:
        """A record's version only grows: a replace that would not let it grow is refused loudly."""
        record = a_record(version=4)
        store.add(record, some_hints())
        with pytest.raises(ValueError, match="version 4 can't follow version 4"):
            store.replace(record, some_hints(), expected=4)

    def test_two_threads_race_and_one_wins_each_version(self, store: Store) -> None:
        """Of two writes on the same version exactly one succeeds, and it is the one that is read."""
        store.add(a_record(), some_hints())
        together = Barrier(2)

        def race(name: str) -> list[bool]:
            won = []
            for version in range(50):
                mine = a_record(install=name, version=version + 1)
                together.wait()
                won.append(store.replace(mine, some_hints(), expected=version))
                together.wait()
                row = store.load("r-1")
                assert row is not None
                assert (row.record.install == name) == won[-1]
            return won

        with ThreadPoolExecutor() as threads:
            ours, theirs = threads.map(race, ["ours", "theirs"])
        assert [one + other for one, other in zip(ours, theirs, strict=True)] == [1] * 50

    def test_hint_changes_hints_only(self, store: Store) -> None:
        """A hint touches neither the record nor its version."""
        record = a_record(Phase.COPYING)
        store.add(record, some_hints())
        hints = some_hints(next_at=minutes(5), looks=1, progress=12, trail="x", missed_at=minutes(1), trouble="busy")
        store.hint("r-1", 0, hints)
        assert store.load("r-1") == Row(record=record, hints=hints)
        assert store.replace(later(record), hints, expected=0)

    def test_hint_on_a_row_that_moved_on_does_nothing(self, store: Store) -> None:
        """A late hint is lost without harm; one for an unknown id as well."""
        record = a_record()
        store.add(record, some_hints())
        moved = later(record)
        store.replace(moved, some_hints(), expected=0)
        store.hint("r-1", 0, some_hints(asks=5))
        store.hint("r-none", 0, some_hints(asks=5))
        assert store.load("r-1") == Row(record=moved, hints=some_hints())
        assert store.load("r-none") is None

    def test_open_entries_are_in_order(self, store: Store) -> None:
        """What is due first comes first, ties by id, whatever the time zone the moments were written in."""
        elsewhere = timezone(timedelta(hours=8))
        store.add(a_record(id="r-c"), some_hints(next_at=minutes(2).astimezone(elsewhere)))
        store.add(a_record(id="r-b"), some_hints(next_at=minutes(3)))
        store.add(a_record(id="r-a"), some_hints(next_at=minutes(3)))
        store.add(a_record(id="r-d"), some_hints(next_at=minutes(2) + timedelta(microseconds=1)))
        assert listed(store) == ["r-c", "r-d", "r-a", "r-b"]

    def test_an_entry_tells_what_the_row_tells(self, store: Store) -> None:
        """An entry bears version, phase, hints and the region where the replication is looked after."""
        hints = some_hints(asks=1, looks=2, progress=3, trail="t", missed_at=minutes(4), trouble="busy")
        store.add(a_record(Phase.IMAGING), hints)
        (entry,) = store.open_entries()
        assert entry == Entry(id="r-1", version=0, region="cn-hangzhou", phase="imaging", hints=hints)

    def test_open_entries_of_a_region(self, store: Store) -> None:
        """A replication is listed in the region of its wait, and moves to the next region with its phase."""
        imaging = a_record(Phase.IMAGING)
        store.add(imaging, some_hints())
        store.add(a_record(id="r-2", request=a_request(target="cn-shanghai")), some_hints())
        assert listed(store, region="cn-hangzhou") == ["r-1"]
        assert listed(store, region="cn-shanghai") == ["r-2"]
        assert listed(store, region="cn-beijing") == []
        store.replace(a_record(Phase.COPYING, version=1), some_hints(), expected=0)
        assert listed(store, region="cn-hangzhou") == []
        assert listed(store, region="cn-beijing") == ["r-1"]

    def test_waits_are_found_by_what_they_wait_for(self, store: Store) -> None:
        """An event about a resource leads to the replications that wait for it, and to no others."""
        imaging = a_record(Phase.IMAGING, id="r-1")
        store.add(imaging, some_hints())
        store.add(a_record(Phase.IMAGE_TAG_DUE, id="r-2"), some_hints())
        assert list(store.waiting_for(imaging.resources[0].id)) == ["r-1"]
        assert list(store.waiting_for("m-other")) == []

    def test_open_entries_before_a_moment(self, store: Store) -> None:
        """Only what is due by then is listed, the moment itself included; a hint puts it off."""
        for number in range(4):
            store.add(a_record(id=f"r-{number}"), some_hints(next_at=minutes(number)))
        assert listed(store, before=minutes(2)) == ["r-0", "r-1", "r-2"]
        assert listed(store, before=minutes(2), region="cn-beijing") == ["r-0", "r-1", "r-2"]
        assert listed(store, before=START - timedelta(microseconds=1)) == []
        store.hint("r-0", 0, some_hints(next_at=minutes(9)))
        assert listed(store, before=minutes(2)) == ["r-1", "r-2"]

    @pytest.mark.parametrize("end", [phase for phase in Phase if phase.is_end])
    def test_what_has_ended_leaves_the_list(self, store: Store, end: Phase) -> None:
        """An ended replication is not listed as open, and is listed again if it is taken up again."""
        store.add(a_record(Phase.TIDY_DUE), some_hints())
        store.replace(a_record(end, version=1), some_hints(), expected=0)
        assert listed(store) == listed(store, region="cn-beijing") == []
        store.replace(a_record(Phase.CLEANUP_DUE, version=2), some_hints(), expected=1)
        assert listed(store) == ["r-1"]

    def test_hints_and_writes_under_way_do_not_disturb_a_list(self, store: Store) -> None:
        """A sweep that puts off each entry as it goes sees each once, and ends."""
        for number in range(5):
            store.add(a_record(id=f"r-{number}"), some_hints(next_at=minutes(number)))
        seen = []
        for entry in store.open_entries():
            seen.append(entry.id)
            store.hint(entry.id, entry.version, some_hints(next_at=minutes(60 + len(seen))))
        assert seen == ["r-0", "r-1", "r-2", "r-3", "r-4"]

    def test_records_newest_first(self, store: Store) -> None:
        """Records come by acceptance, the last first, ended ones too, and not more than the limit."""
        for number, phase in enumerate([Phase.ACCEPTED, Phase.FAILED, Phase.COPYING]):
            store.add(a_record(phase, id=f"r-{number}", accepted_at=minutes(number)), some_hints())
        assert [row.record.id for row in store.records()] == ["r-2", "r-1", "r-0"]
        assert [row.record.id for row in store.records(limit=2)] == ["r-2", "r-1"]

    def test_unknown_fields_are_kept_and_passed_on(self, store: Store) -> None:
        """What a newer release added to a record of this schema survives a load and a replace by this one."""
        text = a_record(Phase.IMAGING).model_dump_json(by_alias=True)
        newer = text.replace('"region":"cn-hangzhou","id":', '"dear":{"to":[1]},"region":"cn-hangzhou","id":')
        record = Replication.model_validate_json(newer[:-1] + ',"weather":"fair"}')
        store.add(record, some_hints())
        loaded = store.load("r-1")
        assert loaded is not None
        store.replace(later(loaded.record), some_hints(), expected=0)
        passed_on = store.load("r-1")
        assert passed_on is not None
        assert passed_on.record.model_extra == {"weather": "fair"}
        assert passed_on.record.resources[0].model_extra == {"dear": {"to": [1]}}

    def test_a_newer_schema_is_parked(self, store: Store) -> None:
        """A record of a newer release is not read: it is tried again, both numbers named; it stays on the list."""
        store.add(a_record(), some_hints())
        assert store.replace(a_record(version=1, schema=SCHEMA + 1), some_hints(), expected=0)
        said = f"schema of its record is {SCHEMA + 1}, this release reads up to {SCHEMA}"
        with pytest.raises(TryAgain, match=said):
            store.load("r-1")
        with pytest.raises(TryAgain, match=said):
            store.records()
        with pytest.raises(TryAgain, match=said):
            store.add(a_record(), some_hints())
        store.hint("r-1", 1, some_hints(asks=3))
        assert [(entry.id, entry.hints.asks) for entry in store.open_entries()] == [("r-1", 3)]

    def test_dead_letters_are_kept_once(self, store: Store) -> None:
        """A letter is kept whole; the same id again changes nothing."""
        letter = a_dead_letter(body='\x00{"a": "ü\\u2028"} \U0001f6a2')
        store.keep_dead_letter(letter)
        store.keep_dead_letter(a_dead_letter(reason="another", at=minutes(5)))
        assert store.dead_letters() == (letter,)

    def test_dead_letters_newest_first(self, store: Store) -> None:
        """Letters come by time, the last first, and not more than the limit."""
        for number in (1, 3, 2):
            store.keep_dead_letter(a_dead_letter(id=f"m-{number}", at=minutes(number)))
        assert [letter.id for letter in store.dead_letters()] == ["m-3", "m-2", "m-1"]
        assert [letter.id for letter in store.dead_letters(limit=1)] == ["m-3"]


IDS = st.sampled_from(["r-1", "r-2", "r-3"])
PHASES = st.sampled_from(list(Phase))
HINTS = st.builds(
    lambda at, asks, progress: some_hints(next_at=minutes(at), asks=asks, progress=progress),
    st.integers(0, 4),
    st.integers(0, 2),
    st.none() | st.integers(0, 100),
)
LETTERS = st.builds(lambda n, at: a_dead_letter(id=f"m-{n}", at=minutes(at)), st.integers(0, 2), st.integers(0, 4))


class AgainstADict(RuleBasedStateMachine):
    """Any order of calls leaves what it would leave in a dict."""

    make: Callable[[Path], Store]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = type(self).make(Path(self.folder.name))
        self.rows: dict[str, Row] = {}
        self.letters: dict[str, DeadLetter] = {}

    @rule(id=IDS, phase=PHASES, hints=HINTS, day=st.integers(0, 2))
    def add(self, id: str, phase: Phase, hints: Hints, day: int) -> None:
        record = a_record(phase, id=id, accepted_at=START + timedelta(days=day))
        assert self.store.add(record, hints) == self.rows.setdefault(id, Row(record=record, hints=hints))

    @precondition(lambda self: self.rows)
    @rule(id=IDS, phase=PHASES, hints=HINTS, behind=st.integers(-1, 1), step=st.integers(1, 2))
    def replace(self, id: str, phase: Phase, hints: Hints, behind: int, step: int) -> None:
        row = self.rows.get(id)
        stored = row.record.version if row else 0
        expected = stored - behind
        record = a_record(phase, id=id, version=expected + step)
        written = self.store.replace(record, hints, expected=expected)
        assert written == (row is not None and behind == 0)
        if written:
            self.rows[id] = Row(record=record, hints=hints)

    @precondition(lambda self: self.rows)
    @rule(id=IDS, hints=HINTS, behind=st.integers(0, 1))
    def hint(self, id: str, hints: Hints, behind: int) -> None:
        row = self.rows.get(id)
        self.store.hint(id, (row.record.version if row else 0) - behind, hints)
        if row and behind == 0:
            self.rows[id] = Row(record=row.record, hints=hints)

    @rule(letter=LETTERS)
    def keep_dead_letter(self, letter: DeadLetter) -> None:
        self.store.keep_dead_letter(letter)
        self.letters.setdefault(letter.id, letter)

    @rule(region=st.sampled_from([None, "cn-hangzhou", "cn-beijing"]), at=st.none() | st.integers(0, 4))
    def open_entries(self, region: str | None, at: int | None) -> None:
        before = None if at is None else minutes(at)
        due = [
            row
            for row in self.rows.values()
            if not row.record.ended
            and (region is None or region_of(row.record) == region)
            and (before is None or row.hints.next_at <= before)
        ]
        due.sort(key=lambda row: (row.hints.next_at, row.record.id))
        assert list(self.store.open_entries(region=region, before=before)) == [
            Entry(
                id=row.record.id,
                version=row.record.version,
                region=region_of(row.record),
                phase=row.record.phase,
                hints=row.hints,
            )
            for row in due
        ]

    @invariant()
    def same_rows(self) -> None:
        assert {row.record.id: row for row in self.store.records()} == self.rows
        newest = sorted(self.letters.values(), key=lambda letter: letter.at, reverse=True)
        assert [letter.at for letter in self.store.dead_letters()] == [letter.at for letter in newest]

    def teardown(self) -> None:
        del self.store
        self.folder.cleanup()


def check_against_a_dict(make: Callable[[Path], Store]) -> None:
    """Run `AgainstADict` on stores that *make* makes, each in an empty folder of its own."""
    machine = type("AgainstADictMade", (AgainstADict,), {"make": staticmethod(make)})
    quick = settings(max_examples=40, stateful_step_count=25, deadline=None, derandomize=True, database=None)
    run_state_machine_as_test(machine, settings=quick)
