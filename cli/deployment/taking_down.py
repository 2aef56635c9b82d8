"""Teardown, as its user sees it: everything is shown before anything goes."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from cli.deployment.place import Place, place
from cli.deployment.provisioning import Provisioning
from cli.deployment.running import S_YAML
from cli.options import FAILED, REFUSED, UNREACHABLE
from cli.present import print_json
from cli.screen import Screen, count
from localcloud.world import World
from shared.presentation import Json
from shared.provisioning.inventory import Inventory
from shared.provisioning.teardown import Stale, tear_down
from shared.provisioning.things import Removed, Thing
from shared.replication.record import Replication, snapshot_cost

_PAUSE = timedelta(seconds=15)


def tear_down_here(
    install: str, region: str, world: World | None, seed: int, *, keep: bool, yes: bool, as_json: bool
) -> int:
    """Show what an install has, ask, remove it, and look again; the exit code."""
    screen = Screen(stderr=as_json)
    with _standing(install, region, world, seed) as where:
        before = Inventory(where.site, keep)
        if before.open:
            return _under_way(before.open, screen, as_json=as_json)
        things = before.things()
        _show(install, things, screen)
        going = [thing for thing in things if not thing.stays]
        if going and not _agreed(install, screen, yes=yes or world is not None):
            _print(as_json, things, removed=(), left=going)
            return REFUSED
        removed: list[Removed] = []
        try:
            for outcome in _removing(where, things, screen, keep=keep):
                removed.append(outcome)
        except Stale as stale:
            return _stopped(stale, things, removed, screen, as_json=as_json)
        after = Inventory(where.site, keep).things()
    left = [thing for thing in after if not thing.stays]
    _print(as_json, things, removed=removed, left=left)
    return _told(install, removed, left, [thing for thing in things if thing.stays], screen)


@contextmanager
def _standing(install: str, region: str, world: World | None, seed: int) -> Iterator[Place]:
    """The install's place; on a fresh embedded cloud, where nothing would be, one is made first."""
    with place(install, region, world, seed) as where:
        if where.cloud is not None:
            for _ in Provisioning(where.site).run():
                pass
            where.cloud.deploy(S_YAML, {n: v for n, v in where.environ.items() if n.startswith("FERRY_")})
        yield where


def _under_way(records: Sequence[Replication], screen: Screen, *, as_json: bool) -> int:
    """Refuse: what is under way would be left without its functions."""
    if as_json:
        print_json({"removed": [], "stays": [], "left": [], "under_way": _told_under_way(records)})
    screen.say(f"refused: {count(len(records), 'replication')} under way; cancel first, or wait until the end")
    for record in records:
        screen.say(f"  {record.id}  {record.phase.shown}: ferry cancel {record.id} --via {record.install}")
    return REFUSED


def _stopped(
    stale: Stale, things: Sequence[Thing], removed: Sequence[Removed], screen: Screen, *, as_json: bool
) -> int:
    """Refuse to go on: what is there is not what was shown."""
    _print(as_json, things, removed=removed, left=stale.new, under_way=stale.open)
    for record in stale.open:
        screen.say(f"stopped: {record.id} is under way, {record.phase.shown}", style="red")
    if stale.open:
        gone = any(outcome.thing.kind == "function" for outcome in removed)
        back = "bring the functions back with ferry provision and ferry deploy, then " if gone else ""
        screen.say(f"recovery points and records stay; {back}cancel it, or wait until its end")
    if stale.new:
        screen.say((f"stopped: {count(len(stale.new), 'thing')} to be removed had not been shown", "red"))
        screen.table([(t.kind, t.name, t.region, t.monthly_cost) for t in stale.new], indent="  ")
        screen.say("run ferry teardown again: it shows everything first")
    return REFUSED


def _show(install: str, things: Sequence[Thing], screen: Screen) -> None:
    """What goes, with what it costs a month, and what stays, with the reason."""
    going = [thing for thing in things if not thing.stays]
    staying = [thing for thing in things if thing.stays]
    if not things:
        screen.say(f"there is nothing of {install}")
    if going:
        screen.say((f"{count(len(going), 'thing')} of {install} will be removed", "bold"))
        screen.table([(t.kind, t.name, t.region, t.monthly_cost) for t in going], indent="  ")
    if staying:
        screen.say((f"{count(len(staying), 'thing')} will stay", "bold"), f"; a month: {_cost(staying)}")
        screen.table([(t.kind, t.name, t.region, _why(t)) for t in staying], indent="  ")


def _why(thing: Thing) -> str:
    return f"{thing.monthly_cost}; {thing.stays}" if thing.monthly_cost else thing.stays


def _cost(things: Sequence[Thing]) -> str:
    """What things cost a month together."""
    parts = [snapshot_cost(sum(thing.size_gib for thing in things)) + " for snapshots"]
    running = sum(thing.kind == "instance" for thing in things)
    return ", ".join([*parts, *([f"{count(running, 'instance')} billed by the hour"] if running else [])])


def _agreed(install: str, screen: Screen, *, yes: bool) -> bool:
    """Whether the user wants it: said so, or has typed the install's name."""
    if yes:
        return True
    if not (sys.stdin.isatty() and screen.console.is_terminal):
        screen.say("nothing is removed: say --yes, or run it on a terminal")
        return False
    screen.say(f"type {install} to remove what is shown: ")
    if sys.stdin.readline().strip() == install:
        return True
    screen.say("nothing is removed")
    return False


def _removing(where: Place, things: Sequence[Thing], screen: Screen, *, keep: bool) -> Iterator[Removed]:
    for outcome in tear_down(where.site, things, lambda: _wait(where, screen), keep=keep):
        thing = outcome.thing
        state, style = ("still there", "red") if outcome.trouble else ("removed", "")
        line = f"{state:<11}  {thing.kind:<16}  {thing.name}"
        screen.say(f"{line}: {outcome.trouble}" if outcome.trouble else line, style=style)
        yield outcome


def _wait(where: Place, screen: Screen) -> None:
    """Let the cloud end what it is at."""
    screen.say(f"waiting {_PAUSE.seconds} s for what is still going")
    if where.cloud is not None:
        where.cloud.run(lambda: False, limit=_PAUSE)
    else:
        time.sleep(_PAUSE.total_seconds())  # noqa: TID251 - a person waits here, no function


def _print(
    as_json: bool,
    things: Sequence[Thing],
    *,
    removed: Sequence[Removed],
    left: Sequence[Thing],
    under_way: Sequence[Replication] = (),
) -> None:
    if not as_json:
        return
    gone = [outcome.thing for outcome in removed if not outcome.trouble]
    trouble = {(o.thing.kind, o.thing.name): o.trouble for o in removed if o.trouble}
    print_json(
        {
            "removed": [_told_of(thing) for thing in gone],
            "stays": [_told_of(thing) for thing in things if thing.stays],
            "left": [_told_of(t) | {"trouble": trouble.get((t.kind, t.name), "")} for t in left],
            **({"under_way": _told_under_way(under_way)} if under_way else {}),
        }
    )


def _told_under_way(records: Sequence[Replication]) -> list[Json]:
    return [{"id": record.id, "phase": record.phase.shown} for record in records]


def _told_of(thing: Thing) -> Json:
    return {
        "kind": thing.kind,
        "name": thing.name,
        "region": thing.region,
        "monthly_cost": thing.monthly_cost or None,
        "stays": thing.stays or None,
    }


def _told(
    install: str, removed: Sequence[Removed], left: Sequence[Thing], staying: Sequence[Thing], screen: Screen
) -> int:
    """What a second look has shown, and the exit code that follows from it."""
    if not left:
        rest = f" but {count(len(staying), 'thing')} that stayed, a month: {_cost(staying)}" if staying else ""
        screen.say((f"looked again by name and tag: nothing is left of {install}", "bold"), rest)
        return 0
    screen.say((f"still there of {install}: {count(len(left), 'thing')}; run ferry teardown again", "red"))
    passing = all(outcome.passes for outcome in removed if outcome.trouble)
    return UNREACHABLE if passing else FAILED
