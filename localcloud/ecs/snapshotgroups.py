"""Snapshot-consistent groups: snapshots of several disks of one moment."""

from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Disk, Resource, Snapshot, SnapshotGroup
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import snapshots as refusals
from localcloud.ecs.snapshots import Snapshots
from localcloud.ecs.state import Held, State
from localcloud.ecs.tagging import asked_tags, bears, read_tags
from localcloud.ecs.times import second
from localcloud.wire import ApiError

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_STATUSES = frozenset({"progressing", "accomplished", "failed"})
#: "only for Enterprise SSDs (ESSDs), ESSD AutoPL disks, and ESSD Entry disks", "up to 16 disks [...] 32 TiB" (help page
#: CreateSnapshotGroup, read 2026-11).
_CATEGORIES = ("cloud_essd", "cloud_auto", "cloud_essd_entry")
_MOST_DISKS = 16
_MOST_GIB = 32 * 1024


class SnapshotGroups:
    """The groups of one cloud.  A group is as far as its snapshots are."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, snapshots: Snapshots) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._snapshots = snapshots

    def create(self, params: Params) -> Answer:
        """CreateSnapshotGroup: of an instance's disks, or of disks of one zone."""
        held = self._state.of(params.region)
        name = params.name("Name", refusals.GROUP_NAME)
        description = params.description("Description", refusals.GROUP_DESCRIPTION)
        tags = read_tags(params)
        disks = _asked_disks(params, held)
        for disk in disks:
            self._snapshots.refuse_capture(disk)
        taken = {self._snapshots.capture(disk, took=None).id: disk.instance_id for disk in disks}
        group_id = self._cloud.new_id("ssg-")
        owners = set(taken.values())
        held.snapshot_groups[group_id] = SnapshotGroup(
            id=group_id,
            region=params.region,
            created=self._cloud.clock.now,
            listed_from=self._listing.listed_from(group_id),
            tags=tags,
            name=name,
            description=description,
            instance_id=owners.pop() if len(owners) == 1 else "",
            snapshots=taken,
        )
        return {"SnapshotGroupId": group_id}

    def describe(self, params: Params) -> Answer:
        """DescribeSnapshotGroups, by token, at most 100 at once."""
        held = self._state.of(params.region)
        ids, statuses, wanted = params.each("SnapshotGroupId"), set(params.each("Status")), asked_tags(params)
        if not statuses <= _STATUSES:
            raise refusals.GROUP_STATUS.error()
        if len(ids) > 10:
            raise errors.PARAMETER_INVALID.error("SnapshotGroupId")
        chosen = [
            one
            for one in self._listing.visible(held.snapshot_groups.values())
            if (not ids or one.id in ids)
            and (not statuses or _status(held, one) in statuses)
            and params.text("InstanceId", one.instance_id) == one.instance_id
            and params.text("Name", one.name) == one.name
            and bears(one, wanted)
        ]
        page, after = self._listing.by_token(params, chosen, params.whole("MaxResults", 10, 1, 100))
        shown = [self._shown(held, one) for one in page]
        return {"NextToken": after, "SnapshotGroups": {"SnapshotGroup": shown}}

    def delete(self, params: Params) -> Answer:
        """DeleteSnapshotGroup: the group goes, with those of its snapshots that no image needs."""
        held = self._state.of(params.region)
        group = held.snapshot_groups.get(params.need("SnapshotGroupId"))
        if group is None:
            raise refusals.GROUP_NOT_FOUND.error()
        done = [self._removed(one) for one in _members(held, group)]
        del held.snapshot_groups[group.id]
        return {"OperationProgressSet": {"OperationProgress": done}}

    def _removed(self, snapshot: Snapshot) -> Answer:
        error: ApiError | None = None
        try:
            self._snapshots.remove(snapshot, force=True)
        except ApiError as no:
            error = no
        return {
            "OperationStatus": "Failed" if error else "Success",
            "ErrorCode": error.code if error else "",
            "ErrorMsg": error.message if error else "",
            "RelatedItemSet": {"RelatedItem": [{"Name": "SnapshotId", "Value": snapshot.id}]},
        }

    def _shown(self, held: Held, one: SnapshotGroup) -> Answer:
        return {
            "SnapshotGroupId": one.id,
            "Name": one.name,
            "Description": one.description,
            "Status": _status(held, one),
            "InstanceId": one.instance_id,
            "CreationTime": second(one.created),
            "ResourceGroupId": "",
            "Tags": _tags(one),
            "Snapshots": {"Snapshot": [self._shown_member(one, snapshot) for snapshot in _members(held, one)]},
        }

    def _shown_member(self, group: SnapshotGroup, one: Snapshot) -> Answer:
        origin = {"Key": "acs:ecs:createFrom", "Value": group.snapshots[one.id]}
        return {
            "SnapshotId": one.id,
            "SourceDiskId": one.disk_id,
            "SourceDiskType": one.disk_kind,
            "Progress": f"{self._snapshots.percent(one)}%",
            "Available": one.status == "accomplished",
            "InstantAccess": False,
            "Tags": {"Tag": [origin]},
        }


def _asked_disks(params: Params, held: Held) -> tuple[Disk, ...]:
    """The disks of an instance but those excluded, or those named; a named one must be of the named instance."""
    named, left_out = params.each("DiskId"), params.each("ExcludeDiskId")
    if named and left_out:
        raise refusals.GROUP_BOTH_NAMED.error()
    if not named and not params.has("InstanceId"):
        raise refusals.GROUP_NOTHING_NAMED.error()
    there = held.disks
    if params.has("InstanceId"):
        instance = held.instance(params.text("InstanceId"))
        there = {disk.id: disk for disk in held.disks_of(instance.id)}
    if any(one not in there for one in named):
        raise errors.DISK_NOT_FOUND.error()
    disks = tuple(there[one] for one in named or there if one not in left_out)
    _refuse_together(disks)
    return disks


def _refuse_together(disks: tuple[Disk, ...]) -> None:
    if not disks:
        raise refusals.GROUP_NO_DISK.error()
    if len(disks) > _MOST_DISKS:
        raise refusals.GROUP_TOO_MANY.error()
    if sum(disk.size for disk in disks) > _MOST_GIB:
        raise refusals.GROUP_TOO_LARGE.error()
    if len({disk.zone for disk in disks}) > 1:
        raise refusals.GROUP_ZONES.error()
    if any(disk.category not in _CATEGORIES for disk in disks):
        raise errors.DISK_LOCAL.error()


def _members(held: Held, group: SnapshotGroup) -> list[Snapshot]:
    return [held.snapshots[one] for one in group.snapshots if one in held.snapshots]


def _status(held: Held, group: SnapshotGroup) -> str:
    states = {one.status for one in _members(held, group)}
    return next((status for status in ("failed", "progressing") if status in states), "accomplished")


def _tags(one: Resource) -> Answer:
    """A group's tags have names of their own for key and value."""
    return {"Tag": [{"Key": key, "Value": value} for key, value in one.tags.items()]}
