"""Images: CreateImage, DescribeImages, DeleteImage.  Copies between regions are in copying.py."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.catalogue import type_of
from localcloud.ecs.imageplan import disks_of_snapshots
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Image, ImageDisk, Instance, Snapshot
from localcloud.ecs.narrowing import Fields, asked_facts, made_within, shows
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import images as refusals
from localcloud.ecs.snapshots import Snapshots
from localcloud.ecs.state import State
from localcloud.ecs.struck import struck
from localcloud.ecs.tagging import asked_tags, bears, read_tags, shown_tags
from localcloud.ecs.telling import Telling
from localcloud.ecs.times import second
from localcloud.ecs.work import imaging_takes, seconds, work

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.ecs.state import Held

Answer = dict[str, object]
#: What the name of an image or of a family may not begin with.
RESERVED = ("aliyun", "acs:")
_STATUSES = frozenset({"Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated"})
_OWNERS = frozenset({"self", "system", "others", "marketplace"})
_NARROWS: Fields = {
    "Architecture": str,
    "ImageFamily": str,
    "IsPublic": bool,
    "IsSupportCloudinit": bool,
    "IsSupportIoOptimized": bool,
    "OSType": str,
}


class Images:
    """The images of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, telling: Telling, snapshots: Snapshots) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._telling = telling
        self._snapshots = snapshots

    # --- actions -----------------------------------------------------------------------------------------------------

    def create(self, params: Params) -> Answer:
        """CreateImage: from an instance, from snapshots, or from one snapshot, in this order of precedence."""
        held = self._state.of(params.region)
        name = params.name("ImageName", errors.IMAGE_NAME_MALFORMED, reserved=RESERVED)
        description = params.description("Description", errors.DESCRIPTION_MALFORMED)
        family = params.name("ImageFamily", refusals.FAMILY, reserved=RESERVED)
        tags = read_tags(params, errors.IMAGE_TAGS_TOO_MANY)
        instance = self._imaged_instance(params, held)
        disks = [] if instance else disks_of_snapshots(params, held)
        refuse_name(held, name, errors.IMAGE_NAME_DUPLICATED)
        if struck(self._cloud, params, "quota", params.text("InstanceId")):
            raise errors.IMAGE_QUOTA.error()
        if params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        image = self.new(params.region, name, description, tags)
        image.family = family
        if instance is None:
            self._from_snapshots(image, disks)
        else:
            self._from_instance(image, held, instance)
        self._begin(image, params)
        return {"ImageId": image.id}

    def describe(self, params: Params) -> Answer:
        """DescribeImages: only those that are Available, unless told otherwise."""
        held = self._state.of(params.region)
        statuses = _asked_statuses(params)
        owner = params.text("ImageOwnerAlias")
        if owner and owner not in _OWNERS:
            raise errors.IMAGE_OWNER_UNKNOWN.error()
        # An empty ImageOwnerAlias leaves out what the marketplace sells (SDK 7.11.8, DescribeImages).
        owners = {owner} if owner else _OWNERS - {"marketplace"}
        usage = params.text("Usage")
        if usage not in ("", "instance", "none"):
            raise errors.IMAGES_USAGE.error()
        ids, wanted, facts = params.comma_list("ImageId"), asked_tags(params), asked_facts(params, _NARROWS)
        span = made_within(params, errors.IMAGES_FILTER_KEY)
        chosen = [
            one
            for one in self._listing.visible(held.images.values(), params)
            if one.status in statuses
            and one.owner in owners
            and (ids is None or one.id in ids)
            and _named(one, params.text("ImageName"))
            and (not params.has("SnapshotId") or params.text("SnapshotId") in {disk.snapshot_id for disk in one.disks})
            and usage in ("", _usage(held, one))
            and span.holds(one.created)
            and (not facts or shows(self.shown(held, one), facts))
            and _fits_type(params, one)
            and bears(one, wanted)
        ]
        page, head = self._listing.numbered_page(params, chosen, most=100)
        shown = [self.shown(held, one) for one in page]
        return {**head, "RegionId": params.region, "Images": {"Image": shown}}

    def delete(self, params: Params) -> Answer:
        """DeleteImage: the image goes, its snapshots stay."""
        held = self._state.of(params.region)
        image = held.own_image(params.need("ImageId"))
        if (image.copy_of and image.being_made) or self.copies_under_way(image):
            raise errors.IMAGE_BEING_COPIED.error()
        if image.being_made:
            raise errors.IMAGE_BEING_CREATED.error()
        if image.shared_with:
            raise refusals.DELETE_SHARED.error()
        if not params.flag("Force") and held.users_of(image.id):
            raise errors.IMAGE_USED.error()
        if params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        for snapshot in snapshots_of(held, image):
            self._snapshots.loosen(snapshot)
        self.drop(image)
        return {}

    # --- for other parts of ECS --------------------------------------------------------------------------------------

    def new(self, region: str, name: str, description: str, tags: dict[str, str]) -> Image:
        """A new image of the account's, not yet held or told."""
        image_id = self._cloud.new_id("m-")
        return Image(
            id=image_id,
            region=region,
            created=self._cloud.clock.now,
            listed_from=self._listing.listed_from(image_id),
            tags=tags,
            name=name or image_id,
            description=description,
        )

    def copies_under_way(self, image: Image) -> list[Image]:
        """The unfinished copies of the image, in any region."""
        source = (image.region, image.id)
        return [
            one for one in self._state.everywhere(lambda held: held.images) if one.copy_of == source and one.being_made
        ]

    def finish(self, image: Image, status: str) -> None:
        """End the making of an image, if it is still under way."""
        if self._state.around(image).images.get(image.id) is not image or not image.being_made:
            return
        if status == "CreateFailed":
            image.stuck_at = image.work.percent(self._cloud.clock.now) if image.work else 0
            for snapshot in snapshots_of(self._state.around(image), image):
                self._snapshots.fail(snapshot)
        image.status = status
        image.disks_from = image.disks_from and min(image.disks_from, self._cloud.clock.now)
        self._telling.image(image)

    def fail_those_of(self, instance: Instance) -> None:
        """An instance that is started, stopped or released while it is imaged loses the image.

        User guide "Create a custom image from an instance" (2021): do not start, stop or restart it.
        """
        for image in list(self._state.of(instance.region).images.values()):
            if image.source_instance == instance.id and image.being_made and not image.copy_of:
                self.finish(image, "CreateFailed")

    def drop(self, image: Image) -> None:
        """It is no more."""
        del self._state.of(image.region).images[image.id]
        self._telling.image(image, "Deleted")

    # --- making one --------------------------------------------------------------------------------------------------

    def _imaged_instance(self, params: Params, held: "Held") -> Instance | None:
        if not params.has("InstanceId"):
            return None
        instance = held.instance(params.text("InstanceId"))
        if instance.status not in ("Running", "Stopped") or instance.leaving:
            raise errors.IMAGE_INSTANCE_STATUS.error()
        disks = held.disks_of(instance.id)
        if any(disk.local for disk in disks):
            other = self._cloud.world.local_disk_code == errors.IMAGE_DISK_UNSUPPORTED.code
            raise (errors.IMAGE_DISK_UNSUPPORTED if other else errors.IMAGE_LOCAL_DISK).error()
        if any(disk.status != "In_use" for disk in disks):
            raise refusals.DISK_STATUS.error()
        if any(disk.needs_restart for disk in disks):
            raise refusals.NEEDS_RESTART.error()
        for disk in disks:
            self._snapshots.refuse_busy(disk)
        return instance

    def _from_instance(self, image: Image, held: "Held", instance: Instance) -> None:
        image.source_instance = instance.id
        image.cloud_assistant = instance.has_agent
        self._inherit(image, held.images.get(instance.image_id))
        disks = held.disks_of(instance.id)
        took = self._takes(image, sum(disk.size for disk in disks))
        draws = stream(self._cloud.seed, "snapshots of image", image.id)
        for disk in disks:
            # Each snapshot is finished before the image is.
            snapshot = self._snapshots.capture(disk, took * draws.uniform(0.6, 0.98))
            image.disks.append(
                ImageDisk(
                    kind=disk.kind,
                    device=disk.device,
                    size=disk.size,
                    snapshot_id=snapshot.id,
                    encrypted=disk.encrypted,
                )
            )
        # The mapping is not there from the first moment on; how soon is documented nowhere.
        image.disks_from = self._cloud.clock.now + seconds(draws, 0, 20)

    def _from_snapshots(self, image: Image, disks: Sequence[ImageDisk]) -> None:
        image.disks.extend(disks)
        image.disks_from = self._cloud.clock.now

    def _inherit(self, image: Image, base: Image | None) -> None:
        if base is not None:
            image.architecture, image.os_name, image.platform = base.architecture, base.os_name, base.platform

    def _takes(self, image: Image, gib: int) -> timedelta:
        return imaging_takes(gib, stream(self._cloud.seed, "imaging takes", image.id)) / self._cloud.world.haste

    def _begin(self, image: Image, params: Params) -> None:
        image.size = next(disk.size for disk in image.disks if disk.kind == "system")
        draws = stream(self._cloud.seed, "imaging", image.id)
        gib = sum(disk.size for disk in image.disks) if image.source_instance else 0
        image.work = work(self._cloud.clock.now, self._takes(image, gib), draws)
        self._state.of(image.region).images[image.id] = image
        self._telling.image(image)
        fails = struck(self._cloud, params, "fail_image", image.id, image.source_instance)
        status, part = ("CreateFailed", draws.uniform(0.2, 0.9)) if fails else ("Available", 1.0)
        self._cloud.clock.after(image.work.took * part, lambda: self.finish(image, status))

    # --- showing one -------------------------------------------------------------------------------------------------

    def shown(self, held: "Held", one: Image) -> Answer:
        """The image as DescribeImages shows it."""
        return {
            "ImageId": one.id,
            "ImageName": one.name,
            "Status": one.status,
            "Progress": f"{self._percent(one)}%",
            "IsCopied": one.copy_of is not None,
            "ImageOwnerAlias": one.owner,
            "ImageOwnerId": int(self._cloud.account) if one.owner == "self" else 0,
            "Usage": _usage(held, one),
            "IsSelfShared": "true" if one.shared_with else "",
            "Description": one.description,
            "Size": one.size,
            "CreationTime": second(one.created),
            "Platform": one.platform,
            "OSName": one.os_name,
            "OSNameEn": one.os_name,
            "OSType": "linux",
            "Architecture": one.architecture,
            "BootMode": "UEFI" if one.architecture == "arm64" else "BIOS",
            "ImageFamily": one.family,
            "ImageVersion": "",
            "ProductCode": "",
            "IsSubscribed": False,
            "IsPublic": False,
            "IsSupportIoOptimized": True,
            "IsSupportCloudinit": True,
            "ResourceGroupId": "",
            "DiskDeviceMappings": {"DiskDeviceMapping": self._mappings(one)},
            "Tags": shown_tags(one),
        }

    def _percent(self, one: Image) -> int:
        if one.status in ("Available", "UnAvailable", "Deprecated"):
            return 100
        if one.status == "CreateFailed":
            return one.stuck_at
        return one.work.percent(self._cloud.clock.now) if one.work else 0

    def _mappings(self, one: Image) -> list[Answer]:
        now = self._cloud.clock.now
        if one.disks_from is None or one.disks_from > now:
            return []
        return [_mapping(disk, now, copied=one.copy_of is not None, done=not one.being_made) for disk in one.disks]


def _mapping(disk: ImageDisk, now: datetime, *, copied: bool, done: bool) -> Answer:
    """A disk of an image; Progress and RemainTime are those of its copy, empty for what is no copy."""
    under_way = disk.work if copied and not done else None
    return {
        "Type": disk.kind,
        "Device": disk.device,
        "Size": str(disk.size),
        "SnapshotId": disk.snapshot_id,
        "Format": "",
        "Progress": f"{under_way.percent(now)}%" if under_way else "100%" if copied else "",
        "RemainTime": under_way.remaining(now) if under_way else 0,
        "ImportOSSBucket": "",
        "ImportOSSObject": "",
        "Encrypted": str(disk.encrypted).lower(),
    }


def snapshots_of(held: "Held", image: Image) -> list[Snapshot]:
    """The snapshots that the image holds."""
    return [held.snapshots[disk.snapshot_id] for disk in image.disks if disk.snapshot_id in held.snapshots]


def newest_of(held: "Held", family: str) -> Image | None:
    """The account's newest image of a family that is Available."""
    of_family = [one for one in held.own_images().values() if one.family == family and one.status == "Available"]
    return max(of_family, key=lambda one: one.created, default=None)


def refuse_name(held: "Held", name: str, refusal: errors.Refusal) -> None:
    """Two images of the account in one region can't have one name, whatever their status."""
    if name and any(one.name == name for one in held.own_images().values()):
        raise refusal.error()


def _asked_statuses(params: Params) -> frozenset[str]:
    asked = params.comma_list("Status") or frozenset({"Available"})
    if asked == {"ALL"}:
        return _STATUSES
    if not asked <= _STATUSES:
        raise errors.IMAGES_PARAMETER.error()
    return asked


def _named(one: Image, pattern: str) -> bool:
    """Whether the name fits; ``*`` stands for any characters, and nothing else is special."""
    return not pattern or fnmatchcase(one.name, re.sub(r"([\[?])", r"[\1]", pattern))


def _fits_type(params: Params, one: Image) -> bool:
    """Whether the image can run on the call's InstanceType."""
    wanted = params.text("InstanceType")
    return not wanted or (type_of(wanted).architecture == "ARM") == (one.architecture == "arm64")


def _usage(held: "Held", one: Image) -> str:
    return "instance" if held.users_of(one.id) else "none"
