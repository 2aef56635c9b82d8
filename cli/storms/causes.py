"""Bad ends have causes: what of a storm explains that a replication failed, or that a thing was left behind.

Faults are few and cease, so a replication that fails in a storm was refused, or its image failed, or its copy stood
still, or something went wrong until its time was over.  The cloud's own state and log tell which.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.storms.storm import THERE
from cli.storms.witness import Version, Witness
from localcloud.cloud import Call
from localcloud.faults import Strike
from shared.replication.machine import due
from shared.replication.record import Outcome, Replication, Resource, ResourceState, Role

#: The refusals that storms draw and that nobody can mend by asking again: no_stock and quota.
_FIRM = frozenset({"OperationDenied.NoStock", "QuotaExceed.Image"})
#: No phase that can fail is given up sooner; clocks may be two minutes apart.
_SHORTEST = timedelta(minutes=20) - timedelta(minutes=2)
#: What is asked for again and again meets a fault that outlasts it: a quarter of an hour of delay for each leg.
_LATELY = timedelta(minutes=45)
#: An id that is new may not be listed, and is deleted unseen.
_HIDDEN = timedelta(minutes=1)


class Causes:
    """The causes that one storm had."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def missing(self, record: Replication) -> Iterator[tuple[str, str]]:
        """What of an ended record has no cause, and the function that did it."""
        if record.outcome not in (None, Outcome.CANCELLED) and not self._has_cause(record):
            before, _ = self._turn(record)
            yield f"{record.id} ended as {record.outcome}, and nothing made it", asked(before)
        for one in record.resources:
            if one.state is ResourceState.LEFT_BEHIND and not self._in_use(one, record):
                yield f"{one.id} of {record.id} was left behind ({one.reason}), and nothing made it stay", "clean_up"

    def uncancelled(self, record: Replication) -> Iterator[tuple[str, Call]]:
        """Copies that were to be deleted while they were under way, with no cancellation before: id and deletion."""
        for copy in (one.id for one in record.resources if one.role is Role.TARGET_IMAGE):
            calls = [call for call in self._witness.cloud.calls if call.params.get("ImageId") == copy]
            for number, call in enumerate(calls):
                young = call.at - self._born(copy) < _HIDDEN
                if call.action != "DeleteImage" or call.code != "OperationDenied.ImageCopying" or young:
                    continue
                if not any(before.action == "CancelCopyImage" for before in calls[:number]):
                    yield copy, call

    def _has_cause(self, record: Replication) -> bool:
        before, after = self._turn(record)
        if record.outcome is Outcome.DIFFERENT:
            return any(strike.fault.kind == "corrupt" and strike.at <= after.at for strike in self._strikes())
        if record.outcome is Outcome.UNPROVED:
            return self._struck_between(record.accepted_at, after.at)
        return self._refused(record, after.at) or self._image_failed(record) or self._was_too_late(before, after)

    def _turn(self, record: Replication) -> tuple[Replication, Version]:
        """The record before it was to end so, and the version from which on it was."""
        versions = self._witness.versions[record.id]
        number = next(number for number, one in enumerate(versions) if one.record.outcome is not None)
        return versions[max(0, number - 1)].record, versions[number]

    def _refused(self, record: Replication, until: datetime) -> bool:
        return any(
            call.code in _FIRM and any(record.id in value for value in call.params.values())
            for call in self._witness.cloud.calls
            if call.at <= until
        )

    def _image_failed(self, record: Replication) -> bool:
        return any(
            happened.kind == "image" and happened.state == "CreateFailed" and record.knows(happened.resource)
            for happened in self._witness.cloud.happenings
        )

    def _was_too_late(self, before: Replication, after: Version) -> bool:
        if after.at - before.entered_at < _SHORTEST:
            return False
        stalled = any(strike.fault.kind == "stall_copy" for strike in self._strikes())
        return stalled or self._struck_between(after.at - _LATELY, after.at)

    def _struck_between(self, begin: datetime, end: datetime) -> bool:
        return any(begin <= strike.at <= end for strike in self._strikes())

    def _in_use(self, one: Resource, record: Replication) -> bool:
        """Whether nobody may remove it: it may be at work, or what is at work was made from it."""
        return record.opened and one.region == THERE

    def _born(self, id_: str) -> datetime:
        return next(one.at for one in self._witness.cloud.happenings if one.resource == id_)

    def _strikes(self) -> list[Strike]:
        return self._witness.cloud.faults.strikes_so_far


def asked(record: Replication) -> str:
    """The functions that are asked to go on with a record; `watch` where it waits."""
    return ", ".join(command.function() for command in due(record)) or "watch"
