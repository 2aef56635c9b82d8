"""When to look next: what holds whatever the looks have shown.  The figures of the worlds are asserted by the bench."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.replication.looks import LATEST, SETTLED, SOONEST, Trail, WaitKind, glance, next_look

STARTED = datetime(2026, 1, 5, 2, 0, 0, 250_000, tzinfo=UTC)
#: A look: seconds after the one before, and what was shown; in any order, as a meter may do anything.
LOOKS = st.lists(
    st.tuples(st.floats(-5, 4 * 3600, allow_nan=False), st.none() | st.integers(-3, 104)), min_size=1, max_size=40
)
KINDS = st.sampled_from(list(WaitKind))
RUNNING = st.sampled_from([WaitKind.IMAGE, WaitKind.COPY])


def after(looks: list[tuple[float, int | None]]) -> tuple[Trail, datetime]:
    """The trail of these looks, and the moment of the last one."""
    trail, now = glance(None, STARTED, None, started=STARTED), STARTED
    for later, shown in looks:
        now += timedelta(seconds=later)
        trail = glance(trail, now, shown, started=STARTED)
    return trail, now


def steady(duration: float, *, lose_at: int | None = None) -> tuple[float, int]:
    """Lag and looks of a wait at a steady rate, looked at as told; the trail is lost at look *lose_at*."""
    trail, at, looks = glance(None, STARTED, None, started=STARTED), 0.0, 0
    while at < duration:
        now = STARTED + timedelta(seconds=at)
        at += (next_look(trail, now, WaitKind.COPY) - now).total_seconds()
        looks += 1
        kept = None if looks == lose_at else trail
        trail = glance(kept, STARTED + timedelta(seconds=at), int(100 * at / duration), started=STARTED)
    return at - duration, looks


@settings(max_examples=150, deadline=None)
@given(LOOKS, KINDS)
def test_next_look_is_soon_enough_and_never_in_the_past(looks: list[tuple[float, int | None]], kind: WaitKind) -> None:
    """Whatever was shown, the next look is at a whole second, at least one second and at most an hour away."""
    trail, now = after(looks)
    then = next_look(trail, now, kind)
    assert now + SOONEST <= then <= now + LATEST + SOONEST
    assert then.microsecond == 0


@settings(max_examples=100, deadline=None)
@given(LOOKS, KINDS)
def test_same_trail_same_look(looks: list[tuple[float, int | None]], kind: WaitKind) -> None:
    """The next look follows from the trail, the moment and the kind alone, also when the trail was written and read."""
    trail, now = after(looks)
    read = Trail.read(trail.model_dump_json())
    assert read == trail
    assert next_look(trail, now, kind) == next_look(read, now, kind)


@settings(max_examples=100, deadline=None)
@given(LOOKS)
def test_trail_stays_small(looks: list[tuple[float, int | None]]) -> None:
    """A trail never outgrows its column: at most 400 bytes as JSON."""
    trail, _ = after(looks)
    assert len(trail.model_dump_json()) <= 400


def test_longest_trail_is_small() -> None:
    """Even a trail full of marks, of a wait of years, is within 400 bytes."""
    trail, _ = after([(86_400.0 * 100, percent) for percent in range(93, 101)])
    assert len(trail.marks) == 7
    assert len(trail.model_dump_json()) <= 400


@settings(max_examples=100, deadline=None)
@given(LOOKS, KINDS, st.integers(-600, 7200))
def test_not_before_is_kept(looks: list[tuple[float, int | None]], kind: WaitKind, later: int) -> None:
    """No look is due before the moment that its wait names."""
    trail, now = after(looks)
    not_before = now + timedelta(seconds=later)
    assert next_look(trail, now, kind, not_before=not_before) >= max(not_before, now + SOONEST)


@pytest.mark.parametrize("lose_at", range(1, 12))
def test_lost_trail_costs_looks_and_no_more(lose_at: int) -> None:
    """A trail can be lost at any look: the end is noticed as soon, with few looks more."""
    lag, looks = steady(45 * 60, lose_at=lose_at)
    assert lag <= 15
    assert looks <= 40


@pytest.mark.parametrize("minutes", [3, 10, 45, 120])
def test_steady_progress_is_noticed_soon_with_few_looks(minutes: int) -> None:
    """The end of a steady wait is noticed within 15 s, with at most 40 looks, however long it is."""
    lag, looks = steady(minutes * 60)
    assert lag <= 15
    assert looks <= 40


@given(st.text())
def test_what_is_not_a_trail_is_no_trail(text: str) -> None:
    """A hint that can't be read is as good as lost, never an error."""
    assert Trail.read(text) is None


def test_trail_of_another_wait_is_not_used() -> None:
    """A trail that began at another moment belongs to another wait: it is begun anew."""
    old, now = after([(60.0, 50)])
    restarted = STARTED + timedelta(minutes=5)
    assert glance(old, now, None, started=restarted) == glance(None, now, None, started=restarted)


def test_progress_that_goes_back_begins_anew() -> None:
    """When the percent falls, what was learned of the rate is forgotten."""
    trail, _ = after([(60.0, 40), (60.0, 80), (60.0, 3)])
    assert [mark.percent for mark in trail.marks] == [3]


def test_late_look_changes_no_mark() -> None:
    """A look that is delivered late teaches nothing that a newer one has not."""
    trail, now = after([(60.0, 40), (60.0, 80)])
    assert glance(trail, now - timedelta(seconds=30), 60, started=STARTED).marks == trail.marks


def test_settling_is_looked_at_when_its_time_has_passed() -> None:
    """A settling replication is left alone until its three minutes are over, then looked at at once."""
    trail, now = after([(20.0, None)])
    assert SETTLED <= next_look(trail, now, WaitKind.SETTLING) - STARTED < SETTLED + SOONEST


@settings(max_examples=50, deadline=None)
@given(st.integers(40, 80), RUNNING, st.floats(0, 5), st.floats(0, 5))
def test_far_looks_fall_together(percent: int, kind: WaitKind, one: float, other: float) -> None:
    """Two waits, looked at within seconds of each other and far from ready, are looked at again nearly together."""
    moments = set()
    for offset in (one, other):
        trail, now = after([(1800.0, percent // 2), (1800.0 + offset, percent)])
        moments.add(next_look(trail, now, kind))
    assert max(moments) - min(moments) <= timedelta(seconds=60)
    assert all(moment.second % 15 == 0 for moment in moments)
