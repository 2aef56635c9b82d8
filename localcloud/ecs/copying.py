"""Copies of images between regions: CopyImage, CancelCopyImage, and the lanes of a region."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.images import Images, refuse_name, snapshots_of
from localcloud.ecs.models import Image, ImageDisk
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import images as refusals
from localcloud.ecs.snapshots import Snapshots
from localcloud.ecs.state import State
from localcloud.ecs.struck import struck
from localcloud.ecs.tagging import read_tags
from localcloud.ecs.telling import Telling
from localcloud.ecs.work import copying_takes, seconds, work

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
#: "A maximum of five concurrent image copy tasks are allowed in a region" (help page CopyImage, read 2026-11).
#: Whether it is the source's or the destination's is not said; here it is the destination's.  UNVERIFIED.
LANES = 5
#: What an account may have; the figure is only in the Quota Center.
_IMAGE_QUOTA = 100


@dataclass(frozen=True)
class _Order:
    """A copy that was asked for, and what shall go wrong with it."""

    image: Image
    source: Image
    encrypted: bool
    fails: bool
    stalls: bool


class Copies:
    """The copies that are under way; a region runs five at once, the others wait in the order of their calls."""

    def __init__(self, cloud: "Cloud", state: State, telling: Telling, images: Images, snapshots: Snapshots) -> None:
        self._cloud = cloud
        self._state = state
        self._telling = telling
        self._images = images
        self._snapshots = snapshots
        self._waiting: dict[str, list[_Order]] = {}

    def copy(self, params: Params) -> Answer:
        """CopyImage, called in the source's region; the answer is the new image in the destination."""
        image = self._source(params)
        destination = params.need("DestinationRegionId")
        there = self._state.known(destination)
        if there is None:
            raise errors.COPY_DESTINATION.error()
        if destination == params.region:
            raise errors.COPY_SAME_REGION.error()
        name = params.name("DestinationImageName", errors.COPY_NAME_MALFORMED, reserved=("aliyun", "acs:"))
        description = params.description("DestinationDescription", errors.COPY_DESCRIPTION)
        tags = read_tags(params, errors.IMAGE_TAGS_TOO_MANY)
        encrypted = self._encrypted(params, image)
        refuse_name(there, name, errors.COPY_NAME_DUPLICATED)
        if self._images.copies_under_way(image):
            raise errors.COPY_CONFLICT.error()
        limit = self._cloud.world.image_copy_limit
        if limit is not None and sum(disk.size for disk in image.disks) > limit:
            raise refusals.COPY_TOO_LARGE.error()
        if struck(self._cloud, params, "quota", image.id, region=destination):
            raise errors.COPY_QUOTA.error(_IMAGE_QUOTA)
        if params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        new = self._images.new(destination, name, description, tags)
        self._describe(new, image)
        stalls = struck(self._cloud, params, "stall_copy", new.id, image.id, region=destination) is not None
        fails = (
            not stalls and struck(self._cloud, params, "fail_image", new.id, image.id, region=destination) is not None
        )
        there.images[new.id] = new
        self._queue(destination).append(_Order(new, image, encrypted, fails, stalls))
        self._fill_lanes(destination)
        if new.status == "Waiting":
            self._telling.image(new)
        return {"ImageId": new.id}

    def cancel(self, params: Params) -> Answer:
        """CancelCopyImage, called in the copy's region: the copy goes, with its snapshots."""
        held = self._state.of(params.region)
        image = held.image(params.need("ImageId"))
        if image.copy_of is None:
            raise errors.CANCEL_NOT_A_COPY.error()
        if image.status == "CreateFailed":
            raise errors.CANCEL_FAILED.error()
        if not image.being_made:
            raise errors.CANCEL_FINISHED.error()
        waiting = self._queue(params.region)
        waiting[:] = [order for order in waiting if order.image is not image]
        snapshots = snapshots_of(held, image)
        self._images.drop(image)
        for snapshot in snapshots:
            self._snapshots.drop(snapshot)
        self._fill_lanes(params.region)
        return {}

    # --- checks ------------------------------------------------------------------------------------------------------

    def _source(self, params: Params) -> Image:
        here = self._state.known(params.region)
        if here is None:
            raise errors.COPY_SOURCE_REGION.error()
        image = here.image(params.need("ImageId"))
        if image.owner == "others":
            raise errors.COPY_SHARED.error()
        if image.owner != "self":
            raise errors.IMAGE_NOT_FOUND.error()
        if image.status != "Available":
            raise errors.COPY_IMAGE_STATUS.error()
        return image

    def _encrypted(self, params: Params, image: Image) -> bool:
        encrypted = params.flag("Encrypted")
        if params.has("KMSKeyId") and not encrypted:
            raise errors.COPY_KEY_WITHOUT_ENCRYPTION.error()
        if not encrypted and any(disk.encrypted for disk in image.disks):
            raise errors.COPY_ENCRYPTED.error()
        return encrypted

    # --- lanes -------------------------------------------------------------------------------------------------------

    def _queue(self, region: str) -> list[_Order]:
        return self._waiting.setdefault(region, [])

    def _running_beside(self, image: Image) -> int:
        images = self._state.around(image).images.values()
        return sum(one.copy_of is not None and one.status == "Creating" for one in images)

    def _fill_lanes(self, region: str) -> None:
        waiting = self._queue(region)
        while waiting and self._running_beside(waiting[0].image) < LANES:
            self._begin(waiting.pop(0))

    def _describe(self, new: Image, source: Image) -> None:
        new.status = "Waiting"
        new.copy_of = (source.region, source.id)
        new.size, new.architecture, new.os_name = source.size, source.architecture, source.os_name
        new.platform, new.cloud_assistant = source.platform, source.cloud_assistant

    def _begin(self, order: _Order) -> None:
        image, source = order.image, order.source
        draws = stream(self._cloud.seed, "copying", image.id)
        took = copying_takes(sum(disk.size for disk in source.disks), draws) / self._cloud.world.haste
        halts_at = draws.uniform(0.0, 0.99) if order.stalls else 1.0
        image.status = "Creating"
        image.work = work(self._cloud.clock.now, took, draws, halts_at=halts_at)
        image.disks_from = self._cloud.clock.now + seconds(draws, 0, 20)
        self._telling.image(image)
        for disk in source.disks:
            image.disks.append(self._disk(image, source, disk, encrypted=order.encrypted))
        if not order.stalls:
            part = draws.uniform(0.2, 0.9) if order.fails else 1.0
            status = "CreateFailed" if order.fails else "Available"
            self._cloud.clock.after(took * part, lambda: self._end(image, status))

    def _disk(self, image: Image, source: Image, disk: ImageDisk, *, encrypted: bool) -> ImageDisk:
        """A disk of the copy: it has its own snapshot, and its own progress."""
        assert image.work is not None
        draws = stream(self._cloud.seed, "copying disk", image.id, disk.device)
        part = draws.uniform(0.6, 0.98)
        new = ImageDisk(kind=disk.kind, device=disk.device, size=disk.size, encrypted=encrypted)
        new.work = work(image.work.begun, image.work.took * part, draws, halts_at=image.work.halts_at)
        held = self._state.around(source)
        if disk.snapshot_id in held.snapshots:
            snapshot = self._snapshots.copy(
                held.snapshots[disk.snapshot_id], image.region, new.work.took, encrypted=encrypted
            )
            if new.work.halts_at < 1.0:
                self._snapshots.halt(snapshot, new.work)
            new.snapshot_id = snapshot.id
        return new

    def _end(self, image: Image, status: str) -> None:
        self._images.finish(image, status)
        self._fill_lanes(image.region)
