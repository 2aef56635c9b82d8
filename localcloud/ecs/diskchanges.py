"""What changes a disk that is there: ModifyDiskAttribute, ResizeDisk, ReInitDisk."""

from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.catalogue import DATA_SIZES, SYSTEM_SIZES
from localcloud.ecs.credentials import check_password, known_key_pair
from localcloud.ecs.disks import BlockDisks, refuse_bursting, refuse_captured
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.models import Disk, Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import disks as refusals
from localcloud.ecs.state import Held, State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]


class DiskChanges:
    """Changes to the disks of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, disks: BlockDisks, lifecycle: Lifecycle) -> None:
        self._cloud = cloud
        self._state = state
        self._disks = disks
        self._lifecycle = lifecycle

    def modify(self, params: Params) -> Answer:
        """ModifyDiskAttribute, of one disk or of several; what isn't given stays as it is."""
        disks = _named(params, self._state.of(params.region))
        if not _has_any(params):
            raise refusals.NOTHING_TO_MODIFY.error()
        name = params.name("DiskName", refusals.NAME)
        description = params.description("Description", refusals.MODIFY_DESCRIPTION)
        for disk in disks:
            refuse_bursting(params, disk.category, disk.size)
            if disk.local and not params.flag("DeleteWithInstance", default=True):
                raise refusals.NOT_PORTABLE.error()
        for disk in disks:
            disk.name = name or disk.name
            disk.description = description or disk.description
            disk.delete_with_instance = params.flag("DeleteWithInstance", default=disk.delete_with_instance)
            disk.delete_auto_snapshot = params.flag("DeleteAutoSnapshot", default=disk.delete_auto_snapshot)
            disk.auto_snapshot = params.flag("EnableAutoSnapshot", default=disk.auto_snapshot)
            disk.bursting = params.flag("BurstingEnabled", default=disk.bursting)
        return {}

    def resize(self, params: Params) -> Answer:
        """ResizeDisk: larger only; what is on the disk stays, and the guest has to make use of the room."""
        held = self._state.of(params.region)
        disk_id = params.need("DiskId")
        params.need("NewSize")
        size = params.whole("NewSize", 0, 1, 10**6)
        kind = params.text("Type", "offline")
        if kind not in ("offline", "online"):
            raise refusals.RESIZE_TYPE.error()
        disk = held.disk(disk_id)
        if disk.local:
            raise refusals.RESIZE_CATEGORY.error()
        _refuse_size(disk, size)
        instance = held.instances.get(disk.instance_id)
        if kind == "online":
            _refuse_online(disk, instance)
        else:
            _refuse_offline(disk, instance)
        refuse_captured(held, disk)
        disk.size = size
        return {}

    def reinitialise(self, params: Params) -> Answer:
        """ReInitDisk: what the disk held when it was made, of its image or snapshot, or nothing."""
        held = self._state.of(params.region)
        disk = held.disk(params.need("DiskId"))
        instance = _stopped(held, disk)
        refuse_captured(held, disk)
        check_password(params)
        key_pair = known_key_pair(params, held, refusals.REINIT_KEY_PAIR)
        starts = params.flag("AutoStartInstance")
        source = _origin(held, disk)
        mount = self._cloud.disks.mount(disk.id) if disk.kind == "system" else None
        self._cloud.disks.drop_disk(disk.id)
        if source:
            self._cloud.disks.restore(source, disk.id)
        else:
            self._cloud.disks.load(disk.id, None, mount)
        if disk.kind == "system":
            instance.booted = False
            instance.key_pair = key_pair or instance.key_pair
        disk.status = "ReIniting"
        self._disks.after_a_while(disk, 10, 40, lambda: self._renewed(disk, instance, starts=starts))
        return {}

    def _renewed(self, disk: Disk, instance: Instance, *, starts: bool) -> None:
        disk.status = "In_use"
        if starts and instance.status == "Stopped" and not instance.leaving:
            self._lifecycle.start(instance)


def _has_any(params: Params) -> bool:
    names = ("DiskName", "Description", "DeleteWithInstance", "DeleteAutoSnapshot", "EnableAutoSnapshot")
    return params.has("BurstingEnabled") or any(params.has(name) for name in names)


def _named(params: Params, held: Held) -> tuple[Disk, ...]:
    one, several = params.text("DiskId"), params.each("DiskIds")
    if one and several:
        raise refusals.NAMED_TWICE.error()
    if not one and not several:
        raise refusals.NONE_NAMED.error()
    if len(several) > 100:
        raise errors.PARAMETER_INVALID.error("DiskIds")
    return tuple(held.disk(disk_id) for disk_id in several or (one,))


def _refuse_size(disk: Disk, size: int) -> None:
    """The page has two codes for a size that is no larger.  UNVERIFIED: which is which."""
    if size < disk.size:
        raise refusals.SMALLER.error()
    if size == disk.size:
        raise refusals.NOT_LARGER.error()
    _, most = SYSTEM_SIZES if disk.kind == "system" else DATA_SIZES.get(disk.category, SYSTEM_SIZES)
    if size > most:
        raise refusals.TOO_LARGE.error()


def _refuse_offline(disk: Disk, instance: Instance | None) -> None:
    if disk.status not in ("In_use", "Available"):
        raise refusals.STATUS.error()
    if instance is not None and instance.status not in ("Running", "Stopped"):
        raise refusals.INSTANCE_STATUS.error()


def _refuse_online(disk: Disk, instance: Instance | None) -> None:
    if disk.category == "cloud":
        raise refusals.ONLINE_CATEGORY.error()
    if disk.status != "In_use" or instance is None:
        raise refusals.ONLINE_STATUS.error()
    if instance.status != "Running":
        raise refusals.ONLINE_NOT_RUNNING.error()


def _stopped(held: Held, disk: Disk) -> Instance:
    """The disk's instance: Stopped, and it has run before."""
    if disk.local:
        raise refusals.REINIT_LOCAL.error()
    if disk.status != "In_use":
        raise refusals.STATUS.error()
    instance = held.instances[disk.instance_id]
    if instance.status != "Stopped" or instance.leaving or instance.boots == 0:
        raise refusals.INSTANCE_STATUS.error()
    return instance


def _origin(held: Held, disk: Disk) -> str:
    """The snapshot that the disk is to hold again; empty: it held nothing."""
    if disk.kind == "system" and disk.image_id not in held.images:
        raise refusals.REINIT_IMAGE_GONE.error()
    if disk.source_snapshot and disk.source_snapshot not in held.snapshots:
        raise refusals.REINIT_SNAPSHOT_GONE.error()
    return disk.source_snapshot
