"""What becomes of an image that is made: ModifyImageAttribute, and the newest of a family."""

from localcloud.ecs import errors
from localcloud.ecs.images import RESERVED, Images, newest_of, refuse_name
from localcloud.ecs.models import Image
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import images as refusals
from localcloud.ecs.state import State
from localcloud.ecs.telling import Telling

Answer = dict[str, object]


class ImageChanges:
    """Changes to the images of one cloud."""

    def __init__(self, state: State, images: Images, telling: Telling) -> None:
        self._state = state
        self._images = images
        self._telling = telling

    def modify(self, params: Params) -> Answer:
        """ModifyImageAttribute; what isn't given stays as it is."""
        held = self._state.of(params.region)
        image_id = params.need("ImageId")
        name = params.name("ImageName", errors.IMAGE_NAME_MALFORMED, reserved=RESERVED)
        description = params.description("Description", errors.DESCRIPTION_MALFORMED)
        family = params.name("ImageFamily", refusals.MODIFY_FAMILY, reserved=RESERVED)
        for one in ("BootMode", "LicenseType", "Features"):
            if params.has(one):
                raise errors.UNSUPPORTED.error(one)
        image = held.own_image(image_id)
        if image.being_made:
            raise refusals.BEING_CREATED.error()
        if name != image.name:
            refuse_name(held, name, refusals.NAME_DUPLICATED)
        status = _status(params, image)
        if params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        image.name, image.description = name or image.name, description or image.description
        image.family = family or image.family
        if status != image.status:
            image.status = status
            self._telling.image(image)
        return {}

    def newest(self, params: Params) -> Answer:
        """DescribeImageFromFamily: the newest available image; no image is an empty answer."""
        held = self._state.of(params.region)
        image = newest_of(held, params.need("ImageFamily"))
        return {"Image": self._images.shown(held, image)} if image else {}


def _status(params: Params, image: Image) -> str:
    """The status that the image is to have: a deprecated one can be brought back."""
    status = params.text("Status")
    if status not in ("", "Available", "Deprecated"):
        raise errors.PARAMETER_INVALID.error("Status")
    if status == "Available" and image.status != "Deprecated":
        raise refusals.NOT_DEPRECATED.error()
    if status == "Deprecated" and image.status != "Available":
        raise refusals.NOT_AVAILABLE.error()
    if status == "Deprecated" and image.shared_with:
        raise refusals.DEPRECATE_SHARED.error()
    return status or image.status
