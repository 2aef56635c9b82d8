"""AttachDisk and DetachDisk: how a disk comes to an instance and leaves it."""

from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.catalogue import type_of
from localcloud.ecs.diskplan import DATA_DEVICE, free_devices
from localcloud.ecs.disks import BlockDisks, refuse_full
from localcloud.ecs.models import Disk, Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import disks as refusals
from localcloud.ecs.state import Held, State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_STEADY = ("Running", "Stopped")


class Attachments:
    """Which disk is at which instance.  Only data disks come and go here; Bootable and Force are not done."""

    def __init__(self, cloud: "Cloud", state: State, disks: BlockDisks) -> None:
        self._cloud = cloud
        self._state = state
        self._disks = disks

    def attach(self, params: Params) -> Answer:
        """AttachDisk: Attaching for some seconds, then In_use."""
        held = self._state.of(params.region)
        instance = held.instance(params.need("InstanceId"))
        disk = held.disk(params.need("DiskId"))
        for name in ("Bootable", "Force"):
            if params.flag(name):
                raise errors.UNSUPPORTED.error(f"{name}=true")
        goes = params.flag("DeleteWithInstance")
        _refuse_attaching(held, instance, disk)
        disk.device = _device(params, held, instance)
        disk.instance_id, disk.status, disk.kind = instance.id, "Attaching", "data"
        disk.delete_with_instance = goes
        disk.needs_restart = instance.status == "Stopped"
        self._disks.after_a_while(disk, 2, 10, lambda: self._attached(disk))
        return {}

    def detach(self, params: Params) -> Answer:
        """DetachDisk: Detaching for about a minute, then Available."""
        held = self._state.of(params.region)
        instance = held.instance(params.need("InstanceId"))
        disk = held.disk(params.need("DiskId"))
        goes = params.flag("DeleteWithInstance")
        _refuse_detaching(instance, disk)
        disk.status = "Detaching"
        disk.delete_with_instance = goes
        # "the disk is detached in approximately 1 minute" (help page DetachDisk, read 2026-11)
        self._disks.after_a_while(disk, 30, 70, lambda: self._disks.free(disk))
        return {}

    def _attached(self, disk: Disk) -> None:
        disk.status, disk.attached, disk.detached = "In_use", self._cloud.clock.now, None


def _refuse_attaching(held: Held, instance: Instance, disk: Disk) -> None:
    if disk.status != "Available":
        raise refusals.NOT_AVAILABLE.error()
    if disk.zone != instance.zone:
        raise refusals.OTHER_ZONE.error()
    if instance.status not in _STEADY or instance.leaving:
        raise refusals.ATTACH_INSTANCE_STATUS.error()
    if disk.category not in type_of(instance.type).categories:
        raise refusals.CATEGORY_OF_TYPE.error()
    refuse_full(held, instance)


def _refuse_detaching(instance: Instance, disk: Disk) -> None:
    if not disk.instance_id:
        raise refusals.ALREADY_DETACHED.error()
    if disk.instance_id != instance.id:
        raise refusals.OF_ANOTHER_INSTANCE.error()
    if disk.local:
        raise refusals.NOT_PORTABLE.error()
    if disk.kind == "system":
        raise errors.UNSUPPORTED.error("DetachDisk of a system disk")
    if disk.status == "Detaching":
        raise refusals.DETACHING.error()
    if disk.status != "In_use":
        raise refusals.STATUS.error()
    if instance.status not in _STEADY or instance.leaving:
        raise refusals.INSTANCE_STATUS.error()


def _device(params: Params, held: Held, instance: Instance) -> str:
    taken = {one.device for one in held.disks_of(instance.id)}
    device = params.text("Device")
    if not device:
        return next(free_devices(taken))
    if not DATA_DEVICE.fullmatch(device):
        raise refusals.DEVICE.error()
    if device in taken:
        raise refusals.DEVICE_IN_USE.error()
    return device
