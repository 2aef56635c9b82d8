"""The disks that CreateImage puts an image together of, when it is told snapshots."""

import re
from collections.abc import Sequence

from localcloud.ecs import errors
from localcloud.ecs.models import ImageDisk, Snapshot
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import Held

_SYSTEM_DEVICE = "/dev/xvda"
_DEVICE = re.compile(r"/dev/xvd[a-z]")


def disks_of_snapshots(params: Params, held: Held) -> list[ImageDisk]:
    """The disks of the call's DiskDeviceMapping, or the one of its SnapshotId."""
    mappings = params.structs("DiskDeviceMapping")
    if mappings:
        return _mapped_disks(mappings, held)
    if not params.has("SnapshotId"):
        raise errors.IMAGE_SOURCE_MISSING.error()
    snapshot = _ready(held, params.text("SnapshotId"))
    if snapshot.disk_kind != "system":
        raise errors.IMAGE_SNAPSHOT_NOT_SYSTEM.error()
    return [_image_disk(snapshot, _SYSTEM_DEVICE, snapshot.size)]


def _mapped_disks(mappings: Sequence[Params], held: Held) -> list[ImageDisk]:
    disks: list[ImageDisk] = []
    letters = iter("bcdefghijklmnopqrstuvwxyz")
    for one in mappings:
        snapshot = _ready(held, one.need("SnapshotId"))
        if one.text("DiskType", snapshot.disk_kind) != snapshot.disk_kind:
            raise errors.UNSUPPORTED.error("DiskDeviceMapping.N.DiskType")
        device = one.text("Device") or (
            _SYSTEM_DEVICE if snapshot.disk_kind == "system" else f"/dev/xvd{next(letters)}"
        )
        if not _DEVICE.fullmatch(device):
            raise errors.IMAGE_DEVICE_MALFORMED.error()
        if device in {disk.device for disk in disks}:
            raise errors.IMAGE_DEVICE_IN_USE.error()
        size = one.whole("Size", snapshot.size, 1, 65536)
        if size < snapshot.size:
            raise errors.IMAGE_SIZE_BEYOND.error()
        disks.append(_image_disk(snapshot, device, size))
    systems = sum(disk.kind == "system" for disk in disks)
    if systems != 1:
        raise (errors.IMAGE_TWO_SYSTEM_SNAPSHOTS if systems else errors.IMAGE_NO_SYSTEM_SNAPSHOT).error()
    return disks


def _ready(held: Held, snapshot_id: str) -> Snapshot:
    if snapshot_id not in held.snapshots:
        raise errors.SNAPSHOT_NOT_FOUND.error()
    if held.snapshots[snapshot_id].status != "accomplished":
        raise errors.IMAGE_SNAPSHOT_NOT_READY.error()
    return held.snapshots[snapshot_id]


def _image_disk(snapshot: Snapshot, device: str, size: int) -> ImageDisk:
    return ImageDisk(
        kind=snapshot.disk_kind, device=device, size=size, snapshot_id=snapshot.id, encrypted=snapshot.encrypted
    )
