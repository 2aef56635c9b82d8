"""Taking an install down: everything that is its own goes, in an order that can be broken off and begun again."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from shared.cloud.errors import CloudRefused, is_gone
from shared.ports import TryAgain
from shared.provisioning.site import Site
from shared.provisioning.things import Removed, Thing

#: What remembers what the install has made: gone only when all the rest is.
_MEMORY = frozenset({"tables", "tablestore"})
#: How often what can't go yet is tried.
ROUNDS = 8
_WAITS = "kept until the rest is gone: it holds the records of it"


def tear_down(site: Site, things: Sequence[Thing], wait: Callable[[], object]) -> Iterator[Removed]:
    """Remove those of *things* that don't stay; what became of each, as soon as that is settled.

    What can't go yet, because something else is still going, is tried again after a *wait*, and in the end given up.
    """
    remove, whole = _removers(site), True
    going = [thing for thing in things if not thing.stays]
    for outcome in _patiently([thing for thing in going if thing.kind not in _MEMORY], remove, wait):
        whole = whole and not outcome.trouble
        yield outcome
    memory = [thing for thing in going if thing.kind in _MEMORY]
    if whole:
        yield from _patiently(memory, remove, wait)
    else:
        yield from (Removed(thing=thing, trouble=_WAITS, passes=True) for thing in memory)


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
    except TryAgain as lost:
        return Removed(thing=thing, trouble=str(lost), passes=True)
    return Removed(thing=thing)


def _removers(site: Site) -> Mapping[str, Callable[[Thing], object]]:
    """How each kind of thing is removed."""

    def rule(thing: Thing) -> None:
        (site.default_bus if thing.detail == "default" else site.bus).delete_rule(thing.name)

    return {
        "function": lambda thing: site.functions.delete(thing.name),
        "rule": rule,
        "bus": lambda _: site.bus.delete_bus(),
        "topic": lambda thing: site.queues.delete_topic(thing.name),
        "queue": lambda thing: site.queues.delete_queue(thing.name),
        "instance": lambda thing: site.instances.delete(thing.region, thing.name),
        "quarantine group": lambda thing: site.networks.delete_group(thing.region, thing.name),
        "image": lambda thing: site.images.delete(thing.region, thing.name),
        "snapshot": lambda thing: site.snapshots.delete(thing.region, thing.name),
        "layer version": lambda thing: site.layers.delete(site.names.layer, int(thing.detail)),
        "role": lambda thing: site.roles.delete_role(thing.name),
        "policy": lambda thing: site.roles.delete_policy(thing.name),
        "tables": lambda _: site.tables.drop_tables(),
        "tablestore": lambda thing: site.table_instances.delete(thing.name),
    }
