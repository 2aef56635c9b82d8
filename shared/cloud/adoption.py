"""Finding again what an earlier try made: client tokens live for an undocumented time, and some acts take none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from shared.cloud.errors import CloudRefused
from shared.cloud.images import Images, ImageSeen
from shared.cloud.instances import Instances, InstanceSeen
from shared.cloud.ownership import bears, ownership
from shared.ports import TryAgain
from shared.replication.model import Moment
from shared.replication.record import Replication
from shared.replication.waits import CLOCKS_DIFFER

#: A try as young as this is covered by its client token; a look-up might not see what it made yet.
#: By clocks that differ it may be older: then the name is refused, and what has it is found.
TOKEN_SURELY_LIVES = timedelta(minutes=2)
_SAME_MINUTE = timedelta(minutes=1)
#: Codes that say: this name or this token was used before.
USED_BEFORE = frozenset(
    {
        "InvalidImageName.Duplicated",
        "IdempotentParameterMismatch",
        "IdempotenceParamNotMatch",
        "InvalidParamter.Conflict",
        "InvalidIdempotenceParameter.Mismatch",
        "Idempotence.SignatureMismatch",
    }
)


def may_be_a_repeat(record: Replication, now: Moment) -> bool:
    """Whether an earlier try of this phase's act may be too old for its client token."""
    return now - record.entered_at > TOKEN_SURELY_LIVES


@dataclass(frozen=True)
class MadeImage:
    """An image that was made now, or that an earlier try made and that was found again."""

    id: str
    request_id: str
    adopted: bool


def make_image(
    make: Callable[[], tuple[str, str]], images: Images, *, region: str, name: str, record: Replication, now: Moment
) -> MadeImage:
    """Make the image *name* of *region* once: what an earlier try made is adopted instead.

    *make* gives the image's id and the request's.  Raises CloudRefused, for a foreign image of that name too, and
    TryAgain.
    """
    if may_be_a_repeat(record, now) and (found := own_image(images, region, name, record)):
        return MadeImage(found.id, found.request_id, adopted=True)
    try:
        return MadeImage(*make(), adopted=False)
    except CloudRefused as no:
        if no.code not in USED_BEFORE:
            raise
        found = own_image_or_refuse(images, region, name, record, no)
        return MadeImage(found.id, found.request_id, adopted=True)


def own_image(images: Images, region: str, name: str, record: Replication) -> ImageSeen | None:
    """The image of that name which this replication made: the older one, if two agree."""
    return _older(image for image in images.named(region, name) if _ours(image, record))


def own_image_or_refuse(
    images: Images, region: str, name: str, record: Replication, refusal: CloudRefused
) -> ImageSeen:
    """The image that made the cloud say "used before"; raises CloudRefused naming a foreign one, TryAgain if unseen."""
    found = images.named(region, name)
    if ours := _older(image for image in found if _ours(image, record)):
        return ours
    if found:
        foreign = ", ".join(image.id for image in found)
        raise CloudRefused(
            refusal.code,
            f"the image name {name} is in use in {region} by {foreign}, which is not this replication's",
            refusal.request_id,
        ) from refusal
    raise TryAgain(f"{refusal.code} for {name}, but no such image is listed yet") from refusal


def own_instance(instances: Instances, region: str, record: Replication) -> InstanceSeen | None:
    """The instance that bears this replication's tags and came after its record: the older one, if two agree."""
    found = instances.tagged(region, ownership(record.install, record.id))
    ours = (instance for instance in found if may_be_ours(instance.id, instance.created_at, record))
    return min(ours, key=lambda instance: (instance.created_at, instance.id), default=None)


def may_be_ours(id_: str, created_at: Moment, record: Replication) -> bool:
    """Whether what bears our tags came after the record, and is not its source: tags alone prove nothing.

    CreationTime has whole seconds or minutes, and the record has another machine's clock: what seems a little older
    did not come before.
    """
    return id_ != record.request.source.instance and created_at >= record.accepted_at - _SAME_MINUTE - CLOCKS_DIFFER


def _ours(image: ImageSeen, record: Replication) -> bool:
    tagged = bears(image.tags, ownership(record.install, record.id))
    return tagged and may_be_ours(image.id, image.created_at, record)


def _older(found: Iterable[ImageSeen]) -> ImageSeen | None:
    return min(found, key=lambda image: (image.created_at, image.id), default=None)
