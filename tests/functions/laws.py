"""The laws of docs/laws.md, checked against the cloud's own state and log."""

from collections.abc import Iterator
from itertools import pairwise

from localcloud.cloud import Happening
from shared.replication.record import Outcome, Replication, ResourceState
from shared.replication.request import Goal
from tests.functions.account import HERE, THERE, instance
from tests.functions.ferry import MINUTE, Ferry

#: Kinds of which a replication has one living thing at most in each region.
_ONE = ("image", "instance")
#: Acts that would change a source.
_TOUCHING = frozenset({"StopInstance", "StartInstance", "RebootInstance", "DeleteInstance", "ModifyInstanceAttribute"})


def broken_laws(ferry: Ferry, *ids: str) -> list[str]:
    """Every law that is broken after these replications have ended; a minute later nothing is hidden any more."""
    ferry.pass_time(MINUTE)
    records = [ferry.record(id_) for id_ in ids]
    return [
        *_ended(records),
        *_one_of_each(ferry, records),
        *_named(ferry, records),
        *_source_untouched(ferry),
        *_only_growing(ferry),
        *_proved(records),
    ]


def _ended(records: list[Replication]) -> Iterator[str]:
    yield from (f"1: {r.id} has not ended: {r.phase}" for r in records if not r.ended)


def _one_of_each(ferry: Ferry, records: list[Replication]) -> Iterator[str]:
    """The cloud's log tells when each thing came and went; the records tell whose it was."""
    owner = {r.id: record.id for record in records for r in record.resources}
    living: dict[tuple[str, str, str], set[str]] = {}
    for happened in ferry.cloud.happenings:
        if happened.kind not in _ONE or happened.resource in ferry.before[happened.region].ids:
            continue
        if happened.resource not in owner:
            if _is_new(happened):
                yield f"3: no record names the {happened.kind} {happened.resource} in {happened.region}"
            continue
        there = living.setdefault((owner[happened.resource], happened.region, happened.kind), set())
        if happened.state == "Deleted":
            there.discard(happened.resource)
        else:
            there.add(happened.resource)
        if len(there) > 1:
            yield f"2: at {happened.at} {owner[happened.resource]} has {sorted(there)} at once"


def _is_new(happened: Happening) -> bool:
    return happened.state in ("Creating", "Waiting", "Created")


def _named(ferry: Ferry, records: list[Replication]) -> Iterator[str]:
    living = {resource.id for record in records for resource in record.resources if resource.lives}
    open_ends = {
        f"{resource.id} of {record.id} is neither kept, left behind nor removed"
        for record in records
        for resource in record.resources
        if record.ended and resource.state is ResourceState.MADE
    }
    yield from (f"3: {text}" for text in sorted(open_ends))
    there = ferry.holdings(HERE).ids | ferry.holdings(THERE).ids
    yield from (f"3: {id_} is there, and no record says so" for id_ in sorted(there - living))
    yield from (f"3: {id_} is not there, but a record says that it is" for id_ in sorted(living - there))


def _source_untouched(ferry: Ferry) -> Iterator[str]:
    for id_, was in ferry.sources.items():
        now = dict(sorted(instance(HERE, id_).items()))
        yield from (
            f"4: {key} of {id_} was {was.get(key)}, is {now.get(key)}" for key in was if was[key] != now.get(key)
        )
    for call in ferry.calls():
        if call.action in _TOUCHING and call.params.get("InstanceId") in ferry.sources:
            yield f"4: {call.action} of {call.params['InstanceId']}"


def _only_growing(ferry: Ferry) -> Iterator[str]:
    for id_, versions in ferry.versions.items():
        for one, other in pairwise(versions):
            if other.version <= one.version:
                yield f"5: {id_} went from version {one.version} to {other.version}"
            if other.history[: len(one.history)] != one.history:
                yield f"5: the history of {id_} was rewritten in version {other.version}"


def _proved(records: list[Replication]) -> Iterator[str]:
    for record in records:
        proved = record.proof is not None and record.proof.verdict == "same"
        if record.request.goal is Goal.REPLICA and record.phase == "succeeded" and not proved:
            yield f"6: {record.id} succeeded without a proof"
        if record.outcome is Outcome.UNPROVED and proved:
            yield f"6: {record.id} is unproved with a proof"
