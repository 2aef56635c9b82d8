"""The laws of docs/laws.md, over what a witness sees: after each step where they can be checked so, and at the end."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from cli.storms.causes import Causes, asked
from cli.storms.storm import HERE
from cli.storms.witness import News, Version, Witness, act_of, clock, who
from localcloud.cloud import Call, Happening
from localcloud.fc import Run
from localcloud.guests import FIRST_BOOT
from shared.cloud.ownership import GROUP
from shared.replication.phases import Phase
from shared.replication.record import Outcome, Replication, ResourceKind, ResourceState, Role
from shared.replication.request import Goal, OnProofFailure

#: Acts on a source that change nothing of it.
_HARMLESS = frozenset({"CreateImage", "RunCommand"})
#: How the error of an invocation begins that nobody has to mend.
_PASSING = ("TryAgain:", "NotYet:", "StoreUnavailable:", "Unanswered:", "Process exited", "Function timed out")
_READING = ("Describe", "List", "Get")
_INSTANCE_FIELDS = ("InstanceId", "InstanceIds", "ResourceId.1", "InstanceId.1")
_IDS = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Broken:
    """A law that was broken: which, how, by which act, and how long after the beginning that was seen."""

    law: int
    what: str
    act: str
    after: timedelta

    def __str__(self) -> str:
        return f"law {self.law}: {self.what}; act: {self.act}; seen at {clock(self.after)}"


class Laws:
    """The laws of one storm; *alone*: nobody but Ferry acts in the account, so bad ends come from faults only."""

    def __init__(self, witness: Witness, *, alone: bool = True) -> None:
        self._witness = witness
        self._alone = alone
        self._causes = Causes(witness)
        self._living: dict[tuple[str, str, str], set[str]] = {}
        self._opened: set[str] = set()

    def after_step(self, news: News) -> list[Broken]:
        """What the news of a step break."""
        found = [
            *(broken for version in news.versions for broken in self._only_grows(version)),
            *(broken for call in news.calls for broken in self._leaves_the_source(call)),
            *(broken for happened in news.happenings for broken in self._one_of_each(happened)),
            *(broken for run in news.runs for broken in self._passes(run)),
        ]
        return [*found, *self._see_opened()]

    def at_the_end(self, asked: Iterable[str] = ()) -> list[Broken]:
        """What is broken when all have ended and nothing is under way any more; *asked*: ids that have to be there."""
        records = self._witness.records()
        return [
            *(self._broken(1, f"{id_} was asked for and is not there", "accept") for id_ in asked if self._lacks(id_)),
            *(broken for record in records for broken in self._ended(record)),
            *(broken for record in records for broken in self._for_a_cause(record)),
            *self._letters_kept(),
            *self._named(records),
            *self._sources_untouched(),
            *(broken for record in records for broken in self._proved(record)),
            *(broken for record in records for broken in self._in_its_groups(record)),
        ]

    # --- 0 -----------------------------------------------------------------------------------------------------------

    def _passes(self, run: Run) -> Iterator[Broken]:
        """A function fails for what passes, or because it was ended; anything else is a bug."""
        if run.error is not None and not run.error.startswith(_PASSING):
            yield self._broken(0, f"a bug: {run.error}", who(run.function))

    # --- 1 -----------------------------------------------------------------------------------------------------------

    def _ended(self, record: Replication) -> Iterator[Broken]:
        if not record.ended:
            yield self._broken(1, f"{record.id} has not ended: it is in {record.phase.value}", asked(record))
        if record.cancel is not None and record.phase is Phase.SUCCEEDED:
            yield self._broken(1, f"{record.id} was given up, and has succeeded", "whoever follows a cancellation up")

    def _for_a_cause(self, record: Replication) -> Iterator[Broken]:
        """It fails, leaves a thing behind, or deletes a copy that is under way uncancelled only when it must."""
        for what, act in self._causes.missing(record) if self._alone and record.ended else ():
            yield self._broken(1, what, act)
        for copy, call in self._causes.uncancelled(record):
            yield self._broken(6, f"the copy {copy} was given up, and not cancelled", act_of(call))

    def _lacks(self, id_: str) -> bool:
        return self._witness.record(id_) is None

    # --- 2 -----------------------------------------------------------------------------------------------------------

    def _one_of_each(self, happened: Happening) -> Iterator[Broken]:
        """The cloud's log tells when each thing came and went, its tags whose it is."""
        id_ = happened.resource
        if happened.kind not in ("image", "instance") or id_ in self._witness.at_first:
            return
        if happened.state == "Deleted":
            for there in self._living.values():
                there.discard(id_)
            if id_ in self._opened:
                yield self._broken(
                    4, f"the replica {id_} was deleted after it had left quarantine", self._act(happened)
                )
            return
        owner = self._witness.owner(happened.region, id_)
        there = self._living.setdefault((owner, happened.region, happened.kind), set())
        yield from self._of_the_source(happened, owner)
        if owner and id_ not in there:
            there.add(id_)
            if len(there) > 1:
                several = " and ".join(sorted(there))
                yield self._broken(2, f"{owner} has the {happened.kind}s {several} at once", self._act(happened))

    def _of_the_source(self, happened: Happening, owner: str) -> Iterator[Broken]:
        """An image is made of the instance that its replication is about."""
        record, image = self._witness.record(owner), self._witness.image(happened.region, happened.resource)
        if record is None or image is None or not image.source_instance:
            return
        if image.source_instance != record.request.source.instance:
            what = f"{image.id} of {owner} is an image of {image.source_instance}"
            yield self._broken(6, f"{what}, not of {record.request.source.instance}", self._act(happened))

    def _act(self, happened: Happening) -> str:
        return act_of(self._witness.cloud.calls[happened.calls - 1]) if happened.calls else "nobody"

    # --- 3 -----------------------------------------------------------------------------------------------------------

    def _named(self, records: Iterable[Replication]) -> Iterator[Broken]:
        living = {(one.region, one.id) for record in records for one in record.resources if one.lives}
        made = self._witness.made()
        for _, id_ in sorted(made - living):
            yield self._broken(3, f"{id_} is there, and no record says so", self._witness.maker(id_))
        for _, id_ in sorted(living - made):
            yield self._broken(3, f"{id_} is not there, but a record says that it is", self._witness.maker(id_))
        for record in records:
            for what in _open_ends(record) if record.ended else ():
                yield self._broken(3, f"{record.id}, {record.phase.value}: {what}", "clean_up")

    def _letters_kept(self) -> Iterator[Broken]:
        """A message that nobody could act on is kept once keep_dead_letter says that it is: an id for each text."""
        runs = [run for run in self._witness.cloud.fc.runs if who(run.function) == "keep_dead_letter"]
        texts = {json.loads(run.payload)["data"]["messageBody"] for run in runs if run.error is None}
        if len(kept := self._witness.letters()) < len(texts):
            yield self._broken(3, f"{len(kept)} of {len(texts)} dead letters were kept", "keep_dead_letter")

    # --- 4 -----------------------------------------------------------------------------------------------------------

    def _leaves_the_source(self, call: Call) -> Iterator[Broken]:
        if call.service != "ecs" or call.action.startswith(_READING) or call.action in _HARMLESS:
            return
        named = {id_ for field in _INSTANCE_FIELDS for id_ in _IDS.findall(call.params.get(field, ""))}
        for source in named & self._witness.sources.keys():
            yield self._broken(4, f"the source {source} was touched", act_of(call))

    def _sources_untouched(self) -> Iterator[Broken]:
        for id_, was in self._witness.sources.items():
            now = self._witness.source(id_) or {}
            for key, value in was.items():
                if now.get(key) != value:
                    yield self._broken(4, f"{key} of the source {id_} was {value}, is {now.get(key)}", "unknown")

    def _see_opened(self) -> Iterator[Broken]:
        """Remember the replicas that have a way in or out; none has one before its record says that it may have."""
        for region in {region for _, region, kind in self._living if kind == "instance"}:
            for one in self._witness.cloud.ecs.state.of(region).instances.values():
                if one.id in self._witness.at_first or one.id in self._opened or self._is_closed(region, one.groups):
                    continue
                self._opened.add(one.id)
                record = self._witness.record(self._witness.owner(region, one.id))
                if record is not None and not record.opened:
                    yield self._broken(4, f"the replica {one.id} is out of quarantine unproved", "unknown")

    def _is_closed(self, region: str, groups: Iterable[str]) -> bool:
        """Whether each of the groups is a quarantine group."""
        held = self._witness.cloud.ecs.state.of(region).groups
        return all(group in held and held[group].tags.get(GROUP) for group in groups)

    def _in_its_groups(self, record: Replication) -> Iterator[Broken]:
        """A replica that succeeded has the groups that were asked for."""
        replica = record.resource(Role.REPLICA, ResourceKind.INSTANCE)
        there = self._witness.cloud.ecs.state.of(replica.region).instances.get(replica.id) if replica else None
        wanted = list(record.request.target.security_groups)
        if record.phase is Phase.SUCCEEDED and there is not None and there.groups != wanted:
            yield self._broken(4, f"the replica {there.id} is in {there.groups}, not in {wanted}", "leave_quarantine")

    # --- 5 -----------------------------------------------------------------------------------------------------------

    def _only_grows(self, now: Version) -> Iterator[Broken]:
        record = now.record
        seen = self._witness.versions[record.id]
        before = next((one.record for one in reversed(seen) if one is not now), None)
        if before is None:
            return
        act = self._writer(now)
        if record.version <= before.version:
            yield self._broken(5, f"{record.id} went from version {before.version} to {record.version}", act)
        if record.history[: len(before.history)] != before.history:
            yield self._broken(5, f"the history of {record.id} was rewritten", act)

    def _writer(self, now: Version) -> str:
        """The function whose write the version is, as far as the cloud's log tells: SQLite's it does not."""
        calls = self._witness.cloud.calls
        wrote = next((call for call in reversed(calls[: now.calls]) if call.action == "PutRow"), None)
        return act_of(wrote) if wrote else f"a step that left it in {now.record.phase.value}"

    # --- 6 -----------------------------------------------------------------------------------------------------------

    def _proved(self, record: Replication) -> Iterator[Broken]:
        same = record.proof is not None and record.proof.verdict == "same"
        if record.request.goal is Goal.REPLICA and record.phase is Phase.SUCCEEDED and not same:
            yield self._broken(6, f"{record.id} succeeded without a proof", "verify_replica")
        if record.outcome is Outcome.UNPROVED and same:
            yield self._broken(6, f"{record.id} is unproved with a proof", "verify_replica")
        replica = record.resource(Role.REPLICA, ResourceKind.INSTANCE)
        if same and replica is not None:
            for path in self._damaged(record.request.source.instance, replica.id, replica.region):
                yield self._broken(6, f"{record.id} is proved the same, and {path} differs", "verify_replica")

    def _damaged(self, source: str, replica: str, region: str) -> list[str]:
        """The source's files that the replica does not have alike; no storm writes to a source, or to a replica."""
        there, here = self._witness.files(replica, region), self._witness.files(source, HERE)
        return [path for path in here if path.partition(":")[2] not in FIRST_BOOT and there.get(path) != here[path]]

    def _broken(self, law: int, what: str, act: str) -> Broken:
        past = self._witness.cloud.clock.now - self._witness.cloud.clock.start
        return Broken(law, what, act, past)


def _open_ends(record: Replication) -> Iterator[str]:
    """What an ended record leaves unsaid of what it made: design, the table of ends."""
    unwanted = record.remove_all or (
        record.outcome is Outcome.DIFFERENT and record.request.on_proof_failure is OnProofFailure.REMOVE
    )
    for one in record.resources:
        if one.state is ResourceState.KEPT and unwanted:
            yield f"{one.id} is kept, though it was to be removed"
        if one.state is ResourceState.MADE:
            yield f"{one.id} is neither kept, left behind nor removed"
        if one.state is ResourceState.LEFT_BEHIND and not one.reason:
            yield f"{one.id} is left behind for no reason"
        asked_for = one.role is Role.SOURCE_IMAGE and record.request.keep_source_image
        given_up = record.outcome in (Outcome.FAILED, Outcome.CANCELLED)
        if one.state is ResourceState.KEPT and given_up and not asked_for:
            yield f"{one.id} is kept"
        tidied = record.phase is Phase.SUCCEEDED and one.role in (Role.SOURCE_IMAGE, Role.STRAY)
        if one.state is ResourceState.KEPT and tidied and not asked_for:
            yield f"{one.id} is kept, which nobody asked for"
