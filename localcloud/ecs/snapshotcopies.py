"""CopySnapshot: a snapshot's copy in another region."""

from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs.models import Snapshot
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import snapshots as refusals
from localcloud.ecs.snapshots import Snapshots, read_retention
from localcloud.ecs.state import Held, State
from localcloud.ecs.tagging import read_tags
from localcloud.ecs.work import copying_takes

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]


class SnapshotCopies:
    """Copies of snapshots between the regions of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, snapshots: Snapshots) -> None:
        self._cloud = cloud
        self._state = state
        self._snapshots = snapshots

    def copy(self, params: Params) -> Answer:
        """CopySnapshot, called in the source's region; the answer is the new snapshot in the destination.

        The page calls the new name and description mandatory and then gives them a default of nothing.
        """
        source = _source(params, self._state.of(params.region))
        destination = self._destination(params)
        name = params.name("DestinationSnapshotName", refusals.COPY_NAME)
        description = params.description("DestinationSnapshotDescription", refusals.COPY_DESCRIPTION)
        days, tags = read_retention(params, refusals.COPY_RETENTION), read_tags(params)
        encrypted = _encrypted(params, source)
        _refuse_second(source, self._state.of(destination))
        draws = stream(self._cloud.seed, "copying snapshot", source.id, destination, self._cloud.clock.now)
        took = copying_takes(source.size, draws) / self._cloud.world.haste
        copy = self._snapshots.copy(source, destination, took, encrypted=encrypted)
        copy.name, copy.description, copy.tags = name, description, tags
        self._snapshots.keep(copy, days)
        return {"SnapshotId": copy.id}

    def _destination(self, params: Params) -> str:
        destination = params.need("DestinationRegionId")
        if self._state.known(destination) is None:
            raise refusals.COPY_REGION.error()
        if destination == params.region:
            raise refusals.COPY_SAME_REGION.error()
        return destination


def _source(params: Params, held: Held) -> Snapshot:
    source = held.snapshots.get(params.need("SnapshotId"))
    if source is None:
        raise refusals.COPY_NOT_FOUND.error()
    if source.status != "accomplished":
        raise refusals.COPY_NOT_READY.error()
    return source


def _encrypted(params: Params, source: Snapshot) -> bool:
    encrypted = params.flag("Encrypted")
    if params.has("KMSKeyId") and not encrypted:
        raise refusals.COPY_KEY_WITHOUT_ENCRYPTION.error()
    if source.encrypted and not encrypted:
        raise refusals.COPY_DECRYPTION.error()
    return encrypted


def _refuse_second(source: Snapshot, there: Held) -> None:
    """One unfinished copy of a disk's snapshots in each region."""
    under_way = (one for one in there.snapshots.values() if one.kind == "copied" and one.status == "progressing")
    if source.disk_id and any(one.disk_id == source.disk_id for one in under_way):
        raise refusals.COPY_UNFINISHED.error()
