"""DescribeDisks, CreateDisk, DeleteDisk, and what becomes of the disks of an instance that is released."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.catalogue import DATA_SIZES, LEVEL_SIZES, NOT_SOLD
from localcloud.ecs.diskplan import MOST_DATA_DISKS, encrypted, free_devices
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Disk, Instance, Snapshot
from localcloud.ecs.narrowing import Fields, asked_facts, asks_for_locked, made_within, shows
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import disks as refusals
from localcloud.ecs.state import Held, State
from localcloud.ecs.tagging import asked_tags, bears, read_tags, shown_tags
from localcloud.ecs.times import second
from localcloud.ecs.work import seconds
from localcloud.regions import ZONES

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_MOST_IOPS = 50_000
_NARROWS: Fields = {
    "DeleteAutoSnapshot": bool,
    "DeleteWithInstance": bool,
    "DiskChargeType": str,
    "DiskName": str,
    "EnableAutoSnapshot": bool,
    "MultiAttach": str,
    "PerformanceLevel": str,
    "Portable": bool,
    "ZoneId": str,
}


class BlockDisks:
    """The disks of one cloud; what is on them is in `Cloud.disks`."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    # --- actions -----------------------------------------------------------------------------------------------------

    def describe(self, params: Params) -> Answer:
        """DescribeDisks: cloud disks and local disks, of one instance or by id."""
        held = self._state.of(params.region)
        ids, wanted, span = params.json_ids("DiskIds"), asked_tags(params), made_within(params)
        facts, sealed = asked_facts(params, _NARROWS), params.flag("Encrypted")
        # No disk here is locked, shared block storage, or under an automatic snapshot policy.
        others = [params.flag("EnableShared"), params.flag("EnableAutomatedSnapshotPolicy"), asks_for_locked(params)]
        chosen = [
            one
            for one in self._listing.visible(held.disks.values())
            if (ids is None or one.id in ids)
            and params.text("InstanceId", one.instance_id) == one.instance_id
            and params.text("Status", "All") in ("All", one.status)
            and params.text("DiskType", "all") in ("all", one.kind)
            and params.text("Category", "all") in ("all", one.category)
            and params.text("SnapshotId", one.source_snapshot) == one.source_snapshot
            and (one.encrypted or not sealed)
            and not any(others)
            and (not facts or shows({"PerformanceLevel": "", **_shown(one)}, facts))
            and span.holds(one.created)
            and bears(one, wanted)
        ]
        page, head = self._listing.page(params, chosen, most=100)
        return {**head, "Disks": {"Disk": [_shown(one) for one in page]}}

    def create(self, params: Params) -> Answer:
        """CreateDisk: a pay-as-you-go disk in a zone, or a subscription disk at a subscription instance.

        It is empty, or holds a snapshot's content, and then it is at least as large as the snapshot.
        """
        held = self._state.of(params.region)
        instance = _subscribed(params, held)
        if instance is not None:
            refuse_full(held, instance)
        snapshot = _snapshot(params, held)
        disk = self._asked(params, instance, snapshot)
        if instance is not None:
            taken = {one.device for one in held.disks_of(instance.id)}
            disk.instance_id, disk.device = instance.id, next(free_devices(taken))
            disk.charge_type = instance.charge_type
        held.disks[disk.id] = disk
        if snapshot is not None:
            self._cloud.disks.restore(snapshot.id, disk.id)
        else:
            self._cloud.disks.load(disk.id, None, None)
        self.after_a_while(disk, 2, 10, lambda: self._made(disk))
        return {"DiskId": disk.id}

    def delete(self, params: Params) -> Answer:
        """DeleteDisk: one that is attached to nothing; its snapshots stay.

        The page says that an unknown id is ignored and lists InvalidDiskId.NotFound; here it is refused.
        """
        held = self._state.of(params.region)
        disk = held.disk(params.need("DiskId"))
        if disk.local:
            raise refusals.NOT_PORTABLE.error()
        if disk.kind == "system" and disk.instance_id:
            raise refusals.IS_SYSTEM.error()
        if disk.status != "Available":
            raise refusals.STATUS.error()
        refuse_captured(held, disk)
        self._drop(disk)
        return {}

    # --- for other parts of ECS --------------------------------------------------------------------------------------

    def part(self, instance_id: str, region: str) -> None:
        """The instance is released: its disks go with it, or stay by themselves."""
        for disk in self._state.of(region).disks_of(instance_id):
            if disk.delete_with_instance or disk.local:
                self._drop(disk)
            else:
                self.free(disk)

    def free(self, disk: Disk) -> None:
        """It belongs to no instance any more."""
        disk.instance_id, disk.device, disk.status = "", "", "Available"
        disk.detached = self._cloud.clock.now

    def after_a_while(self, disk: Disk, low: float, high: float, act: Callable[[], None]) -> None:
        """Do something with a disk some seconds from now, if its status and its instance are then as they are now."""
        was = (disk.status, disk.instance_id)

        def change() -> None:
            there = self._state.of(disk.region).disks.get(disk.id) is disk
            if there and (disk.status, disk.instance_id) == was:
                act()

        draws = stream(self._cloud.seed, "disk", disk.status, disk.id, self._cloud.clock.now)
        self._cloud.clock.after(seconds(draws, low, high), change)

    # --- within ------------------------------------------------------------------------------------------------------

    def _asked(self, params: Params, instance: Instance | None, snapshot: Snapshot | None) -> Disk:
        _check_multi_attach(params)
        category = _category(params)
        size = _size(params, category, snapshot)
        iops, bursting = _performance(params, category, size)
        tags, zone = read_tags(params), instance.zone if instance else _zone(params)
        name = params.name("DiskName", refusals.NAME)
        description = params.description("Description", errors.DESCRIPTION_MALFORMED)
        level, sealed = _level(params, category, size), _encrypted(params, snapshot)
        disk_id = self._cloud.new_id("d-")
        return Disk(
            id=disk_id,
            region=params.region,
            created=self._cloud.clock.now,
            listed_from=self._listing.listed_from(disk_id),
            tags=tags,
            kind="data",
            category=category,
            size=size,
            device="",
            zone=zone,
            name=name,
            description=description,
            performance_level=level,
            source_snapshot=snapshot.id if snapshot else "",
            encrypted=sealed,
            delete_with_instance=False,
            status="Creating",
            iops=iops,
            bursting=bursting,
        )

    def _made(self, disk: Disk) -> None:
        disk.status = "In_use" if disk.instance_id else "Available"
        disk.attached = self._cloud.clock.now if disk.instance_id else None

    def _drop(self, disk: Disk) -> None:
        del self._state.of(disk.region).disks[disk.id]
        self._cloud.disks.drop_disk(disk.id)


def refuse_full(held: Held, instance: Instance) -> None:
    """An instance has at most 16 data disks, those of its host not counted."""
    if sum(one.kind == "data" and not one.local for one in held.disks_of(instance.id)) >= MOST_DATA_DISKS:
        raise refusals.TOO_MANY.error()


def refuse_captured(held: Held, disk: Disk) -> None:
    """DiskCreatingSnapshot, while a snapshot is taken of the disk."""
    if any(one.disk_id == disk.id and one.status == "progressing" for one in held.snapshots.values()):
        raise refusals.BEING_CAPTURED.error()


def refuse_bursting(params: Params, category: str, size: int) -> None:
    """Only an AutoPL disk of more than 3 GiB bursts."""
    if params.flag("BurstingEnabled") and category != "cloud_auto":
        raise refusals.BURSTING.error()
    if params.flag("BurstingEnabled") and size <= 3:
        raise refusals.BURSTING_SIZE.error()


def _subscribed(params: Params, held: Held) -> Instance | None:
    if not params.has("InstanceId"):
        return None
    if params.has("ZoneId"):
        raise refusals.ZONE_AND_INSTANCE.error()
    instance = held.instance(params.text("InstanceId"))
    if instance.charge_type != "PrePaid":
        raise refusals.INSTANCE_CHARGE_TYPE.error()
    return instance


def _zone(params: Params) -> str:
    if not params.has("ZoneId"):
        raise refusals.ZONE_MISSING.error()
    if params.text("ZoneId") not in ZONES.get(params.region, ()):
        raise refusals.ZONE.error()
    return params.text("ZoneId")


def _snapshot(params: Params, held: Held) -> Snapshot | None:
    if not params.has("SnapshotId"):
        return None
    snapshot = held.snapshots.get(params.text("SnapshotId"))
    if snapshot is None:
        raise errors.SNAPSHOT_NOT_FOUND.error()
    if snapshot.status != "accomplished":
        raise errors.DATA_SNAPSHOT_NOT_READY.error()
    if snapshot.disk_kind == "system":
        raise errors.DATA_SNAPSHOT_OF_SYSTEM.error()
    return snapshot


def _category(params: Params) -> str:
    category = params.text("DiskCategory", "cloud")
    if category in NOT_SOLD:
        raise refusals.CATEGORY_NOT_SOLD.error()
    if category not in DATA_SIZES:
        raise refusals.CATEGORY.error()
    return category


def _size(params: Params, category: str, snapshot: Snapshot | None) -> int:
    if snapshot is None and not params.has("Size"):
        raise refusals.SIZE_MISSING.error()
    size = max(params.whole("Size", 0, 0, 10**6), snapshot.size if snapshot else 0)
    smallest, largest = DATA_SIZES[category]
    if not smallest <= size <= largest:
        raise refusals.SIZE.error()
    return size


def _level(params: Params, category: str, size: int) -> str:
    level = params.text("PerformanceLevel", "PL1")
    if level not in LEVEL_SIZES:
        raise refusals.LEVEL.error()
    if category != "cloud_essd":
        return ""
    if size < LEVEL_SIZES[level]:
        raise refusals.LEVEL_SIZE.error()
    return level


def _encrypted(params: Params, snapshot: Snapshot | None) -> bool:
    if params.has("KMSKeyId") and not params.flag("Encrypted"):
        raise errors.COPY_KEY_WITHOUT_ENCRYPTION.error()
    return encrypted(params, forced=snapshot is not None and snapshot.encrypted)


def _performance(params: Params, category: str, size: int) -> tuple[int | None, bool]:
    refuse_bursting(params, category, size)
    bursting = params.flag("BurstingEnabled")
    if not params.has("ProvisionedIops"):
        return None, bursting
    if category != "cloud_auto":
        raise refusals.IOPS.error()
    iops = params.whole("ProvisionedIops", 0, 0, 10**9)
    if iops > _most_iops(size):
        raise refusals.IOPS_BEYOND.error()
    return iops, bursting


def _most_iops(size: int) -> int:
    """What can be provisioned on top of an AutoPL disk's baseline (help page CreateDisk, ProvisionedIops)."""
    if size <= 3:
        return 0
    baseline = max(min(1800 + 50 * size, _MOST_IOPS), 3000)
    return min(1000 * size - baseline, _MOST_IOPS)


def _check_multi_attach(params: Params) -> None:
    value = params.text("MultiAttach", "Disabled")
    if value not in ("Disabled", "Enabled"):
        raise refusals.MULTI_ATTACH.error()
    if value == "Enabled":
        raise errors.UNSUPPORTED.error("MultiAttach=Enabled")


def _shown(one: Disk) -> Answer:
    attachment = {"InstanceId": one.instance_id, "Device": one.device, "AttachedTime": second(one.attached)}
    shown: Answer = {
        "DiskId": one.id,
        "DiskName": one.name,
        "Description": one.description,
        "RegionId": one.region,
        "ZoneId": one.zone,
        "Type": one.kind,
        "Category": one.category,
        "Size": one.size,
        "Device": one.device,
        "Status": one.status,
        "InstanceId": one.instance_id,
        "ImageId": one.image_id,
        "SourceSnapshotId": one.source_snapshot,
        "Encrypted": one.encrypted,
        "KMSKeyId": "",
        "DeleteWithInstance": one.delete_with_instance,
        "DeleteAutoSnapshot": one.delete_auto_snapshot,
        "EnableAutoSnapshot": one.auto_snapshot,
        "Portable": one.kind == "data" and not one.local,
        "DiskChargeType": one.charge_type,
        "MultiAttach": "Disabled",
        "BurstingEnabled": one.bursting,
        "ResourceGroupId": "",
        "ProductCode": "",
        "CreationTime": second(one.created),
        "AttachedTime": second(one.attached),
        "DetachedTime": second(one.detached),
        "Tags": shown_tags(one),
        "OperationLocks": {"OperationLock": []},
        "MountInstances": {"MountInstance": []},
        "Attachments": {"Attachment": [attachment] if one.instance_id else []},
    }
    if one.performance_level:
        shown["PerformanceLevel"] = one.performance_level
    if one.iops is not None:
        shown["ProvisionedIops"] = one.iops
    return shown
