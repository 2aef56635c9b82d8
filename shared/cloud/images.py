"""Images and snapshots at the cloud."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.cloud.ownership import tags_of
from shared.cloud.session import Session, moment
from shared.replication.model import Kept

#: DescribeImages hides all but Available unless every status is named.
#: https://www.alibabacloud.com/help/en/ecs/api-describeimages
EVERY_STATUS = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"
_PAGE = 100


class Part(Kept):
    """A snapshot under an image."""

    snapshot: str
    device: str
    size_gib: int


class SnapshotSeen(Kept):
    """A snapshot as the cloud describes it."""

    part: Part
    created_at: datetime


class ImageSeen(Kept):
    """An image as the cloud describes it."""

    id: str
    name: str
    status: str
    progress: int | None
    description: str
    created_at: datetime
    parts: tuple[Part, ...]
    tags: dict[str, str]
    request_id: str = ""


class Images:
    """CreateImage, CopyImage and what belongs to them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(self, region: str, instance: str, *, name: str, tags: Mapping[str, str], token: str) -> tuple[str, str]:
        """Image an instance; the image's id and the request's."""
        from alibabacloud_ecs20140526 import models

        request = models.CreateImageRequest(
            region_id=region,
            instance_id=instance,
            image_name=name,
            description="made by ECS Ferry",
            client_token=token,
            tag=[models.CreateImageRequestTag(key=k, value=v) for k, v in tags.items()],
        )
        body = self._session.ask("ecs", region, "create_image", request)
        return body.image_id, body.request_id

    def copy(
        self, region: str, image: str, *, to: str, name: str, tags: Mapping[str, str], token: str
    ) -> tuple[str, str]:
        """Copy an image from *region* to region *to*; the copy's id and the request's."""
        from alibabacloud_ecs20140526 import models

        request = models.CopyImageRequest(
            region_id=region,
            image_id=image,
            destination_region_id=to,
            destination_image_name=name,
            destination_description=f"copied by ECS Ferry from {region}",
            client_token=token,
            tag=[models.CopyImageRequestTag(key=k, value=v) for k, v in tags.items()],
        )
        body = self._session.ask("ecs", region, "copy_image", request)
        return body.image_id, body.request_id

    def own(self, region: str) -> Iterator[ImageSeen]:
        """The account's own images of a region, in every status."""
        return self._list(region, image_owner_alias="self")

    def by_id(self, region: str, image: str) -> ImageSeen | None:
        """The image with this id, in any status; None when it is not listed (which a new one may not be)."""
        return next(self._list(region, image_id=image), None)

    def named(self, region: str, name: str) -> tuple[ImageSeen, ...]:
        """The own images that have exactly this name, in any status."""
        found = self._list(region, image_name=name, image_owner_alias="self")
        return tuple(image for image in found if image.name == name)

    def tagged(self, region: str, tags: Mapping[str, str]) -> tuple[ImageSeen, ...]:
        """The own images that bear these tags, in any status."""
        from alibabacloud_ecs20140526 import models

        wanted = [models.DescribeImagesRequestTag(key=k, value=v) for k, v in tags.items()]
        return tuple(self._list(region, tag=wanted, image_owner_alias="self"))

    def cancel_copy(self, region: str, image: str) -> str:
        """Stop a copy that is under way; *region* is the copy's."""
        from alibabacloud_ecs20140526 import models

        request = models.CancelCopyImageRequest(region_id=region, image_id=image)
        return str(self._session.ask("ecs", region, "cancel_copy_image", request).request_id)

    def delete(self, region: str, image: str) -> str:
        """Delete an image, also one that instances were made from; its snapshots stay."""
        from alibabacloud_ecs20140526 import models

        request = models.DeleteImageRequest(region_id=region, image_id=image, force=True)
        return str(self._session.ask("ecs", region, "delete_image", request).request_id)

    def _list(self, region: str, **filters: object) -> Iterator[ImageSeen]:
        from alibabacloud_ecs20140526 import models

        page = 1
        while True:
            request = models.DescribeImagesRequest(
                region_id=region, status=EVERY_STATUS, page_size=_PAGE, page_number=page, **filters
            )
            body = self._session.ask("ecs", region, "describe_images", request)
            found = body.images.image if body.images else []
            yield from (_image(image, body.request_id) for image in found)
            if page * (body.page_size or _PAGE) >= (body.total_count or 0):
                return
            page += 1


class Snapshots:
    """What is left when an image goes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def tag(self, region: str, snapshots: Sequence[str], tags: Mapping[str, str]) -> str:
        """Tag snapshots, 50 at most; the request's id."""
        from alibabacloud_ecs20140526 import models

        request = models.TagResourcesRequest(
            region_id=region,
            resource_type="snapshot",
            resource_id=list(snapshots),
            tag=[models.TagResourcesRequestTag(key=k, value=v) for k, v in tags.items()],
        )
        return str(self._session.ask("ecs", region, "tag_resources", request).request_id)

    def tagged(self, region: str, tags: Mapping[str, str]) -> tuple[SnapshotSeen, ...]:
        """The snapshots that bear these tags."""
        from alibabacloud_ecs20140526 import models

        wanted = [models.DescribeSnapshotsRequestTag(key=k, value=v) for k, v in tags.items()]
        return self._list(models.DescribeSnapshotsRequest(region_id=region, tag=wanted, max_results=100))

    def by_id(self, region: str, snapshots: Sequence[str]) -> tuple[SnapshotSeen, ...]:
        """Those of the snapshots, 100 at most, that are listed."""
        from alibabacloud_ecs20140526 import models

        ids = json.dumps(list(snapshots))
        return self._list(models.DescribeSnapshotsRequest(region_id=region, snapshot_ids=ids, max_results=100))

    def _list(self, request: Any) -> tuple[SnapshotSeen, ...]:
        return tuple(
            SnapshotSeen(
                part=Part(snapshot=s.snapshot_id, device="", size_gib=int(s.source_disk_size or 0)),
                created_at=moment(s.creation_time),
            )
            for body in self._session.pages("ecs", request.region_id, "describe_snapshots", request)
            for s in (body.snapshots.snapshot if body.snapshots else [])
        )

    def delete(self, region: str, snapshot: str) -> str:
        """Delete a snapshot, also one that disks were made from."""
        from alibabacloud_ecs20140526 import models

        request = models.DeleteSnapshotRequest(snapshot_id=snapshot, force=True)
        return str(self._session.ask("ecs", region, "delete_snapshot", request).request_id)


def _image(image: Any, request_id: str) -> ImageSeen:
    mappings = image.disk_device_mappings.disk_device_mapping if image.disk_device_mappings else []
    return ImageSeen(
        id=image.image_id,
        name=image.image_name or "",
        status=image.status or "",
        progress=_percent(image, mappings),
        description=image.description or "",
        created_at=moment(image.creation_time),
        parts=tuple(
            Part(snapshot=m.snapshot_id, device=m.device or "", size_gib=int(m.size or 0))
            for m in mappings
            if m.snapshot_id
        ),
        tags=tags_of(image.tags.tag if image.tags else None),
        request_id=request_id,
    )


def _percent(image: Any, mappings: Sequence[Any]) -> int | None:
    """How far it is: a copy tells its progress disk by disk, an image being made as a whole."""
    shown = [m.progress for m in mappings if m.progress] if image.is_copied else []
    numbers = [int(text.rstrip("%")) for text in shown or [image.progress or ""] if text.rstrip("%").isdecimal()]
    return sum(numbers) // len(numbers) if numbers else None
