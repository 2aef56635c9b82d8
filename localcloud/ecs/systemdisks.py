"""Another system disk for an instance: ReplaceSystemDisk.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-replacesystemdisk (read 2026-11)
"""

import re
from typing import TYPE_CHECKING

from localcloud.ecs.catalogue import SYSTEM_SIZES, type_of
from localcloud.ecs.credentials import check_password, known_key_pair, refuse_two_passwords
from localcloud.ecs.disks import BlockDisks, refuse_captured
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Disk, Image, ImageDisk, Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import systemdisks as refusals
from localcloud.ecs.state import Held, State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_LEAST_DEFAULT = 40
#: The largest "basic disk"; those of other categories are as large as SYSTEM_SIZES says.
_MOST_BASIC = 500


class SystemDisks:
    """The system disks of one cloud's instances."""

    def __init__(self, cloud: "Cloud", state: State, disks: BlockDisks, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._disks = disks
        self._listing = listing

    def replace(self, params: Params) -> Answer:
        """ReplaceSystemDisk: a stopped instance gets a new disk of its old category, with an image's content.

        The old disk is gone at once, its snapshots stay; the next start is a first boot.
        """
        held = self._state.of(params.region)
        instance = held.instance(params.need("InstanceId"))
        _refuse_status(instance)
        image = _image(params, held, instance)
        old = next(one for one in held.disks_of(instance.id) if one.kind == "system")
        if old.status != "In_use":
            raise refusals.DISK_STATUS.error()
        refuse_captured(held, old)
        refuse_two_passwords(params)
        check_password(params)
        key_pair = known_key_pair(params, held, refusals.KEY_PAIR)
        new = self._made(params, old, image, _size(params, old, image))
        del held.disks[old.id]
        self._cloud.disks.drop_disk(old.id)
        held.disks[new.id] = new
        instance.image_id, instance.booted, instance.has_agent = image.id, False, image.cloud_assistant
        instance.key_pair = key_pair or instance.key_pair
        return {"DiskId": new.id}

    def _made(self, params: Params, old: Disk, image: Image, size: int) -> Disk:
        """The new disk; it is in use a few seconds later, sooner than its instance can start."""
        source = _system_disk(image)
        encrypted = params.flag("Encrypted") or (source is not None and source.encrypted)
        disk_id, now = self._cloud.new_id("d-"), self._cloud.clock.now
        disk = Disk(
            id=disk_id,
            region=old.region,
            created=now,
            listed_from=self._listing.listed_from(disk_id),
            tags=dict(old.tags),
            kind="system",
            category=old.category,
            size=size,
            device=old.device,
            zone=old.zone,
            performance_level=old.performance_level,
            instance_id=old.instance_id,
            image_id=image.id,
            source_snapshot=source.snapshot_id if source else "",
            encrypted=encrypted,
            delete_with_instance=old.delete_with_instance,
            charge_type=old.charge_type,
            status="Creating",
            attached=now,
        )
        if disk.source_snapshot:
            self._cloud.disks.restore(disk.source_snapshot, disk_id)
        else:
            self._cloud.disks.load(disk_id, None, "/")
        self._disks.after_a_while(disk, 2, 8, lambda: _in_use(disk))
        return disk


def _in_use(disk: Disk) -> None:
    disk.status = "In_use"


def _refuse_status(instance: Instance) -> None:
    if instance.boots == 0 and instance.status in ("Pending", "Starting"):
        raise refusals.CREATING.error()
    if instance.status != "Stopped" or instance.leaving:
        raise refusals.INSTANCE_STATUS.error()


def _image(params: Params, held: Held, instance: Instance) -> Image:
    """The call's image, which the instance can start from."""
    if not params.has("ImageId"):
        raise refusals.IMAGE_MISSING.error()
    image = held.image(params.text("ImageId"))
    if image.status not in ("Available", "Deprecated"):
        raise refusals.IMAGE_NOT_VALID.error()
    if any(disk.kind == "data" for disk in image.disks):
        raise refusals.IMAGE_WITH_DATA.error()
    if (type_of(instance.type).architecture == "ARM") != (image.architecture == "arm64"):
        raise refusals.ARCHITECTURE.error()
    return image


def _size(params: Params, old: Disk, image: Image) -> int:
    """The new size in GiB; without one it is 40, the image's or the old disk's, whichever is the largest.

    UNVERIFIED: that the last counts, which the page says of a size that is given.
    """
    text = params.struct("SystemDisk").text("Size", str(max(_LEAST_DEFAULT, image.size, old.size)))
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise refusals.SIZE.error()
    if int(text) < image.size:
        raise refusals.BELOW_IMAGE.error()
    if int(text) < old.size:
        raise refusals.BELOW_LEAST.error()
    if int(text) > (_MOST_BASIC if old.category == "cloud" else SYSTEM_SIZES[1]):
        raise refusals.ABOVE_MOST.error()
    return int(text)


def _system_disk(image: Image) -> ImageDisk | None:
    """The image's disk that has a snapshot; the cloud's own images show none."""
    return next((one for one in image.disks if one.kind == "system"), None)
