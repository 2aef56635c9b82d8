"""Snapshots: made, listed, changed and deleted, and those that images bring with them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.listing import Listing, gone_after
from localcloud.ecs.models import Disk, Snapshot
from localcloud.ecs.narrowing import choice, made_within
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import lists as refusals_of_lists
from localcloud.ecs.refusals import snapshots as refusals
from localcloud.ecs.state import State
from localcloud.ecs.tagging import asked_tags, bears, read_tags, shown_tags
from localcloud.ecs.telling import Telling
from localcloud.ecs.times import second
from localcloud.ecs.work import Work, snapshot_takes, work
from localcloud.texts import whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.ecs.state import Held

Answer = dict[str, object]
_STATUSES = ("progressing", "accomplished", "failed", "all")
_USAGES = ("image", "disk", "image_disk", "none")


class Snapshots:
    """The snapshots of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, telling: Telling) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._telling = telling

    # --- actions -----------------------------------------------------------------------------------------------------

    def create(self, params: Params) -> Answer:
        """CreateSnapshot: of a cloud disk; it holds the disk's content of this moment."""
        held = self._state.of(params.region)
        disk = held.disks.get(params.need("DiskId"))
        if disk is None:
            raise errors.DISK_NOT_FOUND.error()
        name = params.name("SnapshotName", errors.SNAPSHOT_NAME, reserved=("auto",))
        description = params.description("Description", errors.SNAPSHOT_DESCRIPTION)
        days = read_retention(params, errors.SNAPSHOT_RETENTION)
        tags = read_tags(params)
        self.refuse_capture(disk)
        snapshot = self.capture(disk, took=None)
        snapshot.name, snapshot.description, snapshot.tags = name, description, tags
        self.keep(snapshot, days)
        return {"SnapshotId": snapshot.id}

    def describe(self, params: Params) -> Answer:
        """DescribeSnapshots; every status unless told otherwise."""
        held = self._state.of(params.region)
        ids = params.json_ids("SnapshotIds", errors.SNAPSHOT_IDS)
        status = params.text("Status", "all")
        if status not in _STATUSES:
            raise errors.SNAPSHOT_STATUS.error()
        usage = params.text("Usage")
        if usage and usage not in _USAGES:
            raise errors.SNAPSHOT_USAGE.error()
        wanted, span, kinds = asked_tags(params), made_within(params), _asked_kinds(params)
        sealed = params.flag("Encrypted")
        instance_disks = {disk.id for disk in held.disks_of(params.text("InstanceId"))}
        chosen = [
            one
            for one in self._listing.visible(held.snapshots.values(), params)
            if (ids is None or one.id in ids)
            and one.owner == "self"
            and status in ("all", one.status)
            and usage in ("", self._usage(held, one))
            and one.disk_kind in kinds
            and (one.encrypted or not sealed)
            and span.holds(one.created)
            and params.text("DiskId", one.disk_id) == one.disk_id
            and (not params.has("InstanceId") or one.disk_id in instance_disks)
            and params.text("SnapshotName", one.name) == one.name
            and bears(one, wanted)
        ]
        page, head = self._listing.page(params, chosen, most=100)
        return {**head, "Snapshots": {"Snapshot": [self._shown(held, one) for one in page]}}

    def delete(self, params: Params) -> Answer:
        """DeleteSnapshot; one in progress is cancelled."""
        held = self._state.of(params.region)
        snapshot_id = params.need("SnapshotId")
        snapshot = held.snapshots.get(snapshot_id)
        if snapshot is None:
            raise errors.SNAPSHOT_GONE.error()
        self.remove(snapshot, force=params.flag("Force"))
        return {}

    def modify(self, params: Params) -> Answer:
        """ModifySnapshotAttribute: name, description, and how long it is kept, which can only become longer."""
        held = self._state.of(params.region)
        snapshot_id = params.need("SnapshotId")
        name = params.name("SnapshotName", errors.SNAPSHOT_NAME, reserved=("auto",))
        description = params.description("Description", errors.SNAPSHOT_DESCRIPTION)
        days = read_retention(params, errors.SNAPSHOT_RETENTION)
        if not any(params.has(one) for one in ("SnapshotName", "Description", "RetentionDays", "DisableInstantAccess")):
            raise refusals.NOTHING_TO_MODIFY.error()
        snapshot = held.snapshots.get(snapshot_id)
        if snapshot is None:
            raise errors.SNAPSHOT_NOT_FOUND.error()
        if days is not None and snapshot.status != "accomplished":
            raise refusals.RETENTION_NOT_READY.error()
        if days is not None and snapshot.retention_days is not None and days < snapshot.retention_days:
            raise refusals.RETENTION_SHORTER.error()
        snapshot.name = name or snapshot.name
        snapshot.description = description or snapshot.description
        self.keep(snapshot, days)
        return {}

    # --- for other parts of ECS ---------------------------------------------------------------------------------------

    def refuse_capture(self, disk: Disk) -> None:
        """Whether a snapshot of the disk may be taken by itself, now."""
        if disk.local:
            raise errors.DISK_LOCAL.error()
        refuse_unused(disk)
        held = self._state.of(disk.region)
        if disk.instance_id and held.instances[disk.instance_id].status not in ("Running", "Stopped"):
            raise errors.DISK_INSTANCE_STATUS.error()
        self.refuse_busy(disk)

    def refuse_busy(self, disk: Disk) -> None:
        """A disk of which a snapshot is under way takes no second one."""
        if any(one.disk_id == disk.id and one.status == "progressing" for one in self._of(disk.region)):
            raise errors.DISK_BEING_CAPTURED.error()

    def capture(self, disk: Disk, took: timedelta | None) -> Snapshot:
        """A snapshot of the disk, of this moment, finished after *took* or as long as its size asks for."""
        snapshot = self._new(disk.region, "user", disk.kind, disk.size, encrypted=disk.encrypted)
        snapshot.disk_id = disk.id
        self._cloud.disks.capture(disk.id, snapshot.id)
        self._begin(snapshot, took)
        return snapshot

    def copy(self, source: Snapshot, region: str, took: timedelta, *, encrypted: bool) -> Snapshot:
        """The snapshot that an image's copy has in its own region, finished after *took*."""
        snapshot = self._new(region, "copied", source.disk_kind, source.size, encrypted=encrypted)
        snapshot.source_region, snapshot.source_snapshot = source.region, source.id
        snapshot.disk_id = source.disk_id
        self._cloud.disks.copy_snapshot(source.id, snapshot.id)
        self._begin(snapshot, took)
        return snapshot

    def remove(self, snapshot: Snapshot, *, force: bool) -> None:
        """Delete the snapshot, unless an image needs it, or a disk of which it was made when there is no *force*."""
        held = self._state.of(snapshot.region)
        if self._in_image(held, snapshot):
            raise errors.SNAPSHOT_OF_IMAGE.error()
        if held.disks_from(snapshot.id) and not force:
            raise errors.SNAPSHOT_OF_DISK.error()
        self.drop(snapshot)

    def keep(self, snapshot: Snapshot, days: int | None) -> None:
        """Release the snapshot so many days after it was made, unless an image needs it then; None: no change."""
        if days is None:
            return
        snapshot.retention_days = days
        self._cloud.clock.at(snapshot.created + timedelta(days=days), lambda: self._expire(snapshot, days))

    def percent(self, snapshot: Snapshot) -> int:
        """How far the snapshot is."""
        if snapshot.status == "accomplished" or snapshot.work is None:
            return 100
        return snapshot.work.percent(self._cloud.clock.now)

    def fail(self, snapshot: Snapshot) -> None:
        """End one that is under way as failed."""
        if snapshot.status == "progressing":
            snapshot.status = "failed"
            snapshot.finished = self._cloud.clock.now
            self._telling.snapshot(snapshot)

    def halt(self, snapshot: Snapshot, under_way: Work) -> None:
        """Let it stand still with the work that it is a part of."""
        snapshot.work = under_way

    def loosen(self, snapshot: Snapshot) -> None:
        """The image that held it is gone; the link between the two clears with a delay.

        Terraform's provider tries again on SnapshotCreatedImage for this reason.
        """
        snapshot.image_link_until = self._cloud.clock.now + gone_after(self._cloud, snapshot.id)

    def drop(self, snapshot: Snapshot) -> None:
        """It is no more."""
        del self._state.of(snapshot.region).snapshots[snapshot.id]
        self._cloud.disks.drop_snapshot(snapshot.id)
        self._telling.snapshot(snapshot, "Deleted")

    # --- within ------------------------------------------------------------------------------------------------------

    def _in_image(self, held: "Held", snapshot: Snapshot) -> bool:
        """Whether an image holds it, or held it and the link is not yet cleared."""
        until = snapshot.image_link_until
        return bool(held.images_with(snapshot.id)) or (until is not None and until > self._cloud.clock.now)

    def _usage(self, held: "Held", one: Snapshot) -> str:
        users = {"image": self._in_image(held, one), "disk": bool(held.disks_from(one.id))}
        return "_".join(word for word, uses in users.items() if uses) or "none"

    def _of(self, region: str) -> list[Snapshot]:
        return list(self._state.of(region).snapshots.values())

    def _new(
        self,
        region: str,
        kind: Literal["user", "copied"],
        disk_kind: Literal["system", "data"],
        size: int,
        *,
        encrypted: bool,
    ) -> Snapshot:
        snapshot_id = self._cloud.new_id("s-")
        return Snapshot(
            id=snapshot_id,
            region=region,
            created=self._cloud.clock.now,
            listed_from=self._listing.listed_from(snapshot_id),
            kind=kind,
            disk_kind=disk_kind,
            size=size,
            encrypted=encrypted,
        )

    def _begin(self, snapshot: Snapshot, took: timedelta | None) -> None:
        draws = stream(self._cloud.seed, "snapshot", snapshot.id)
        snapshot.work = work(self._cloud.clock.now, took or snapshot_takes(snapshot.size, draws), draws)
        self._state.around(snapshot).snapshots[snapshot.id] = snapshot
        self._telling.snapshot(snapshot)
        begun = snapshot.work
        self._cloud.clock.at(begun.ends, lambda: self._finish(snapshot, begun))

    def _finish(self, snapshot: Snapshot, begun: Work) -> None:
        known = self._state.around(snapshot).snapshots.get(snapshot.id)
        if known is snapshot and snapshot.status == "progressing" and snapshot.work is begun:
            snapshot.status = "accomplished"
            snapshot.finished = self._cloud.clock.now
            self._telling.snapshot(snapshot)

    def _expire(self, snapshot: Snapshot, days: int) -> None:
        held = self._state.of(snapshot.region)
        known = held.snapshots.get(snapshot.id) is snapshot
        if known and snapshot.retention_days == days and not held.images_with(snapshot.id):
            self.drop(snapshot)

    def _shown(self, held: "Held", one: Snapshot) -> Answer:
        now = self._cloud.clock.now
        done = one.status == "accomplished"
        shown: Answer = {
            "SnapshotId": one.id,
            "SnapshotName": one.name,
            "Description": one.description,
            "Status": one.status,
            "Progress": f"{self.percent(one)}%",
            "Available": done,
            "RemainTime": 0 if done or one.work is None else one.work.remaining(now),
            "Usage": self._usage(held, one),
            "SourceDiskId": one.disk_id,
            "SourceDiskSize": str(one.size),
            "SourceDiskType": one.disk_kind,
            "SourceSnapshotId": one.source_snapshot,
            "SourceRegionId": one.source_region,
            "RegionId": one.region,
            "Encrypted": one.encrypted,
            "SnapshotType": one.kind,
            "Category": "standard",
            "InstantAccess": False,
            "ResourceGroupId": "",
            "ProductCode": "",
            "CreationTime": second(one.created),
            "LastModifiedTime": second(one.finished or one.created),
            "Tags": shown_tags(one),
        }
        if one.retention_days:
            shown["RetentionDays"] = one.retention_days
        return shown


def read_retention(params: Params, refusal: errors.Refusal) -> int | None:
    """The call's RetentionDays, 1 to 65536; None when none are given."""
    days = params.text("RetentionDays")
    if not days:
        return None
    number = whole(days, 1, 65536)
    if number is None:
        raise refusal.error()
    return number


def refuse_unused(disk: Disk) -> None:
    """No snapshot of a disk that comes or goes, or that no instance ever had."""
    if disk.attached is None and disk.status == "Available":
        raise refusals.NEVER_ATTACHED.error()
    if disk.status not in ("In_use", "Available"):
        raise refusals.DISK_STATUS.error()


def _asked_kinds(params: Params) -> tuple[str, ...]:
    """Of which disks snapshots are asked for.  None here is automatic, local or archived."""
    category = choice(params, "Category", ("Standard", "Flash", "archive"), refusals_of_lists.SNAPSHOT_CATEGORY)
    made = choice(params, "SnapshotType", ("auto", "user", "all"), refusals_of_lists.SNAPSHOT_TYPE)
    kind = choice(params, "SourceDiskType", ("system", "data"), refusals_of_lists.SNAPSHOT_DISK_TYPE)
    if category not in ("", "Standard") or made == "auto":
        return ()
    return (kind,) if kind else ("system", "data")
