"""The disks that RunInstances makes: the image's, changed as asked, and those asked for beyond it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from localcloud.ecs import errors
from localcloud.ecs.catalogue import DATA_SIZES, LEVEL_SIZES, SYSTEM_SIZES, InstanceType
from localcloud.ecs.models import Image, ImageDisk, Snapshot
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import launches as refusals
from localcloud.ecs.state import Held

DATA_DEVICE = re.compile(r"/dev/xvd[b-z]")
#: (help page RunInstances, DataDisk.N, read 2026-11)
MOST_DATA_DISKS = 16
_LEAST_DEFAULT = 40


@dataclass(frozen=True)
class PlannedDisk:
    """A disk to be made."""

    kind: Literal["system", "data"]
    device: str
    category: str
    size: int
    performance_level: str
    snapshot_id: str = ""
    name: str = ""
    description: str = ""
    encrypted: bool = False
    delete_with_instance: bool = True
    from_image: bool = False


def planned_disks(params: Params, held: Held, image: Image, kind: InstanceType) -> tuple[PlannedDisk, ...]:
    """The disks of each instance.

    ``DataDisk.N.Device`` with the device of a disk of the image changes that disk; ``DataDisk.N.SnapshotId`` always
    adds one (help page RunInstances, read 2026-11).
    """
    asked = params.structs("DataDisk")
    changes, extras = _sorted_out(asked, image)
    data = [disk for disk in image.disks if disk.kind == "data"]
    if len(data) + len(extras) > MOST_DATA_DISKS:
        raise errors.DISKS_TOO_MANY.error()
    free = free_devices({disk.device for disk in image.disks} | {one.text("Device") for one in extras})
    plans = [_system(params.struct("SystemDisk"), image, kind)]
    plans += [_of_image(changes.get(disk.device, Params({})), disk, kind) for disk in data]
    plans += [_extra(one, held, kind, free, {disk.device for disk in image.disks}) for one in extras]
    plans += _local(kind, free)
    return tuple(plans)


def _sorted_out(asked: tuple[Params, ...], image: Image) -> tuple[dict[str, Params], list[Params]]:
    """What changes a disk of the image, by device, and what adds one."""
    of_image = {disk.device for disk in image.disks}
    changes: dict[str, Params] = {}
    extras: list[Params] = []
    taken: set[str] = set()
    for one in asked:
        device = one.text("Device")
        if device and not DATA_DEVICE.fullmatch(device):
            raise errors.DATA_DEVICE.error()
        if device and device in taken:
            raise errors.DATA_DEVICE_IN_USE.error()
        taken.add(device)
        if device in of_image and not one.has("SnapshotId"):
            changes[device] = one
        else:
            extras.append(one)
    return changes, extras


def free_devices(taken: set[str]) -> Iterator[str]:
    """The devices of data disks that are not *taken*, in order."""
    return (device for letter in "bcdefghijklmnopqrstuvwxyz" if (device := f"/dev/xvd{letter}") not in taken)


def _system(asked: Params, image: Image, kind: InstanceType) -> PlannedDisk:
    disk = next((one for one in image.disks if one.kind == "system"), None)
    category = _category(asked, kind, errors.SYSTEM_CATEGORY)
    _, most = SYSTEM_SIZES
    size = asked.whole("Size", max(_LEAST_DEFAULT, image.size), 0, 10**6)
    if size < image.size:
        raise errors.SYSTEM_BELOW_IMAGE.error()
    if size < _least_system(category, asked.text("PerformanceLevel")):
        raise errors.SYSTEM_TOO_SMALL.error()
    if size > most:
        raise errors.SYSTEM_TOO_LARGE.error()
    return PlannedDisk(
        kind="system",
        device="/dev/xvda",
        category=category,
        size=size,
        performance_level=_level(asked, category, size),
        snapshot_id=disk.snapshot_id if disk else "",
        name=asked.text("DiskName"),
        description=asked.description("Description", refusals.DISK_DESCRIPTION),
        encrypted=encrypted(asked, forced=disk is not None and disk.encrypted),
        from_image=True,
    )


def _least_system(category: str, level: str) -> int:
    """The smallest system disk in GiB (help page RunInstances, SystemDisk.Size, read 2026-11)."""
    return 1 if category == "cloud_auto" or (category, level) == ("cloud_essd", "PL0") else SYSTEM_SIZES[0]


def _of_image(asked: Params, disk: ImageDisk, kind: InstanceType) -> PlannedDisk:
    category = _category(asked, kind, errors.DATA_CATEGORY)
    size = _data_size(asked, category, least=disk.size)
    return PlannedDisk(
        kind="data",
        device=disk.device,
        category=category,
        size=size,
        performance_level=_level(asked, category, size),
        snapshot_id=disk.snapshot_id,
        name=asked.text("DiskName"),
        description=asked.description("Description", refusals.DISK_DESCRIPTION),
        encrypted=encrypted(asked, forced=disk.encrypted),
        delete_with_instance=asked.flag("DeleteWithInstance", default=True),
        from_image=True,
    )


def _extra(asked: Params, held: Held, kind: InstanceType, free: Iterator[str], of_image: set[str]) -> PlannedDisk:
    snapshot = _snapshot(asked, held.snapshots)
    category = _category(asked, kind, errors.DATA_CATEGORY)
    size = _data_size(asked, category, least=snapshot.size if snapshot else 0)
    device = asked.text("Device")
    return PlannedDisk(
        kind="data",
        device=device if device and device not in of_image else next(free),
        category=category,
        size=size,
        performance_level=_level(asked, category, size),
        snapshot_id=snapshot.id if snapshot else "",
        name=asked.text("DiskName"),
        description=asked.description("Description", refusals.DISK_DESCRIPTION),
        encrypted=encrypted(asked, forced=snapshot is not None and snapshot.encrypted),
        delete_with_instance=asked.flag("DeleteWithInstance", default=True),
    )


def _local(kind: InstanceType, free: Iterator[str]) -> list[PlannedDisk]:
    return [PlannedDisk("data", next(free), kind.local_category, kind.local_gib, "") for _ in range(kind.local_disks)]


def _snapshot(asked: Params, snapshots: Mapping[str, Snapshot]) -> Snapshot | None:
    if not asked.has("SnapshotId"):
        return None
    snapshot = snapshots.get(asked.text("SnapshotId"))
    if snapshot is None:
        raise errors.DATA_SNAPSHOT_NOT_FOUND.error()
    if snapshot.status != "accomplished":
        raise errors.DATA_SNAPSHOT_NOT_READY.error()
    if snapshot.disk_kind == "system":
        raise errors.DATA_SNAPSHOT_OF_SYSTEM.error()
    return snapshot


def _category(asked: Params, kind: InstanceType, unknown: errors.Refusal) -> str:
    category = asked.text("Category", kind.default_category)
    if category not in DATA_SIZES:
        raise unknown.error()
    if category not in kind.categories:
        raise errors.DISK_CATEGORY_OF_TYPE.error()
    return category


def _data_size(asked: Params, category: str, *, least: int) -> int:
    smallest, largest = DATA_SIZES[category]
    size = asked.whole("Size", least, 0, 10**6)
    if size < least:
        raise errors.DATA_BELOW_SNAPSHOT.error()
    if not smallest <= size <= largest:
        raise errors.DATA_SIZE.error()
    return size


def _level(asked: Params, category: str, size: int) -> str:
    """The level of an ESSD, PL1 unless told otherwise; it must be large enough for it."""
    if category != "cloud_essd":
        return ""
    level = asked.text("PerformanceLevel", "PL1")
    if level not in LEVEL_SIZES:
        raise errors.PARAMETER_INVALID.error("PerformanceLevel")
    if size < LEVEL_SIZES[level]:
        # UNVERIFIED: which of the two documented codes is for a level that was not asked for.
        raise (errors.DISK_LEVEL if asked.has("PerformanceLevel") else errors.DATA_SIZE).error()
    return level


def encrypted(asked: Params, *, forced: bool) -> bool:
    """Whether a disk is to be encrypted: as asked, and always when what it is made of is (*forced*)."""
    wanted = asked.flag("Encrypted", default=forced)
    if forced and not wanted:
        raise errors.DATA_ENCRYPTION.error()
    return wanted
