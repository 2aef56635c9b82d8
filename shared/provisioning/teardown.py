"""Taking an install down: everything that is its own goes, in an order that can be broken off and begun again."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

from shared.cloud.errors import CloudRefused, is_gone
from shared.ports import TryAgain
from shared.provisioning.inventory import Inventory
from shared.provisioning.site import Site
from shared.provisioning.things import Removed, Thing
from shared.replication.record import Replication

#: What acts by itself: as long as any of it is there, what is there changes.
_ACTING = frozenset({"function", "rule", "bus"})
#: What remembers what the install has made: gone only when all the rest is.
_MEMORY = frozenset({"tables", "tablestore"})
#: How often what can't go yet is tried.
ROUNDS = 8
_WAITS = "kept until the rest is gone: it holds the records of it"
_ACTS = "kept until functions, rules and bus are gone: they still act"


class Stale(Exception):  # noqa: N818 - it says what is so
    """What is there is no longer what was shown: nothing more is removed."""

    def __init__(self, open_: Sequence[Replication], new: Sequence[Thing]) -> None:
        super().__init__(f"{len(open_)} replications under way, {len(new)} things that were not shown")
        self.open = tuple(open_)
        self.new = tuple(new)


class _Stays(Exception):  # noqa: N818 - it says what is so
    """What was to go is its user's by now."""


def tear_down(site: Site, shown: Sequence[Thing], wait: Callable[[], object], *, keep: bool) -> Iterator[Removed]:
    """Remove those of the things that were *shown* that don't stay; what became of each, as soon as that is settled.

    What can't go yet, because something else is still going, is tried again after a *wait*, and in the end given up.
    Everything is looked at again before the first thing goes, when nothing acts any more, and before the records go:
    raises Stale when a replication is under way by then, or when there is what was not shown.
    """
    remove = _removers(site, keep=keep)
    acting, rest, memory = _sorted(_look_again(site, shown, keep=keep))
    still = yield from _settling(acting, remove, wait)
    if not still:
        _, rest, memory = _sorted(_look_again(site, shown, keep=keep))
        still = yield from _settling(rest, remove, wait)
    else:
        yield from (Removed(thing=thing, trouble=_ACTS, passes=True) for thing in rest)
    if not still:
        *_, memory = _sorted(_look_again(site, shown, keep=keep))
        yield from _patiently(memory, remove, wait)
    else:
        yield from (Removed(thing=thing, trouble=_WAITS, passes=True) for thing in memory)


def _look_again(site: Site, shown: Sequence[Thing], *, keep: bool) -> list[Thing]:
    """What is to go by now; raises Stale unless all of it was shown as going and nothing is under way."""
    inventory = Inventory(site, keep)
    if inventory.open:
        raise Stale(inventory.open, ())
    known = {_place(thing) for thing in shown if not thing.stays}
    going = [thing for thing in inventory.things() if not thing.stays]
    if new := [thing for thing in going if _place(thing) not in known]:
        raise Stale((), new)
    return going


def _place(thing: Thing) -> tuple[str, str, str, str]:
    return thing.kind, thing.name, thing.region, thing.detail


def _sorted(going: Sequence[Thing]) -> tuple[list[Thing], list[Thing], list[Thing]]:
    """What acts, what remembers, and between them the rest."""
    acting = [thing for thing in going if thing.kind in _ACTING]
    memory = [thing for thing in going if thing.kind in _MEMORY]
    return acting, [thing for thing in going if thing.kind not in _ACTING | _MEMORY], memory


def _settling(
    things: Sequence[Thing], remove: Mapping[str, Callable[[Thing], object]], wait: Callable[[], object]
) -> Generator[Removed, None, bool]:
    """Remove *things*; in the end, whether one of them is still there."""
    still = False
    for outcome in _patiently(things, remove, wait):
        still = still or bool(outcome.trouble)
        yield outcome
    return still


def _patiently(
    things: Sequence[Thing], remove: Mapping[str, Callable[[Thing], object]], wait: Callable[[], object]
) -> Iterator[Removed]:
    unsettled: list[Removed] = []
    for number in range(ROUNDS):
        if number:
            wait()
        outcomes, unsettled = (_removed(thing, remove[thing.kind]) for thing in things), []
        for outcome in outcomes:
            if outcome.passes:
                unsettled.append(outcome)
            else:
                yield outcome
        things = [outcome.thing for outcome in unsettled]
        if not things:
            return
    yield from unsettled


def _removed(thing: Thing, remove: Callable[[Thing], object]) -> Removed:
    try:
        remove(thing)
    except CloudRefused as no:
        return Removed(thing=thing, trouble="" if is_gone(no.code) else str(no))
    except _Stays as why:
        return Removed(thing=thing, trouble=f"it stays: {why}")
    except TryAgain as lost:
        return Removed(thing=thing, trouble=str(lost), passes=True)
    return Removed(thing=thing)


def _removers(site: Site, *, keep: bool) -> Mapping[str, Callable[[Thing], object]]:
    """How each kind of thing is removed."""

    def rule(thing: Thing) -> None:
        (site.default_bus if thing.detail == "default" else site.bus).delete_rule(thing.name)

    def instance(thing: Thing) -> None:
        if why := Inventory(site, keep).why_stays(thing.region, thing.name):
            raise _Stays(why)
        site.instances.delete(thing.region, thing.name)

    return {
        "function": lambda thing: site.functions.delete(thing.name),
        "rule": rule,
        "bus": lambda _: site.bus.delete_bus(),
        "topic": lambda thing: site.queues.delete_topic(thing.name),
        "queue": lambda thing: site.queues.delete_queue(thing.name),
        "instance": instance,
        "quarantine group": lambda thing: site.networks.delete_group(thing.region, thing.name),
        "image": lambda thing: site.images.delete(thing.region, thing.name),
        "snapshot": lambda thing: site.snapshots.delete(thing.region, thing.name),
        "layer version": lambda thing: site.layers.delete(site.names.layer, int(thing.detail)),
        "role": lambda thing: site.roles.delete_role(thing.name),
        "policy": lambda thing: site.roles.delete_policy(thing.name),
        "tables": lambda _: site.tables.drop_tables(),
        "tablestore": lambda thing: site.table_instances.delete(thing.name),
    }
