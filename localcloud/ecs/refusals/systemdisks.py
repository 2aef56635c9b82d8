"""What is refused of another system disk for an instance."""

from localcloud.ecs.errors import Refusal

_PAGE = "ReplaceSystemDisk 2021"

IMAGE_MISSING = Refusal(
    400,
    "MissingParameter",
    'The input parameter "ImageId" that is mandatory for processing this request is not supplied.',
    _PAGE,
)
CREATING = Refusal(403, "OperationDenied.InstanceCreating", "The specified instance is creating.", _PAGE)
INSTANCE_STATUS = Refusal(
    403, "IncorrectInstanceStatus", "The current status of the resource does not support this operation.", _PAGE
)
DISK_STATUS = Refusal(403, "IncorrectDiskStatus", "The current disk status does not support this operation.", _PAGE)
#: The page leaves the message open.
IMAGE_NOT_VALID = Refusal(403, "OperationDenied.ImageNotValid", "The specified image is not available.", _PAGE)
IMAGE_WITH_DATA = Refusal(
    400,
    "OperationDenied",
    "The specified image contains the snapshot of the data disk,does not support this operation.",
    _PAGE,
)
#: UNVERIFIED: that this, and not 400 InvalidParameter.Conflict, is said of an image for another processor.
ARCHITECTURE = Refusal(
    403,
    "ImageNotSupportInstanceType",
    "The specified image don not support the InstanceType instance.",
    _PAGE,
)
SIZE = Refusal(
    400, "InvalidSystemDiskSize.ValueNotSupported", "The specified parameter SystemDisk.Size is invalid.", _PAGE
)
BELOW_IMAGE = Refusal(
    404,
    "InvalidSystemDiskSize.LessThanImageSize",
    "The specified parameter SystemDisk.Size is less than the image size.",
    _PAGE,
)
#: UNVERIFIED: that this is said of a size below that of the disk that goes, which today's page does not allow.
BELOW_LEAST = Refusal(
    404,
    "InvalidSystemDiskSize.LessThanMinSize",
    "The specified parameter SystemDisk.Size is less than the min size.",
    _PAGE,
)
ABOVE_MOST = Refusal(
    404,
    "InvalidSystemDiskSize.MoreThanMaxSize",
    "The specified SystemDisk.Size parameter exceeds the maximum size.",
    _PAGE,
)
KEY_PAIR = Refusal(400, "InvalidKeyPairName.NotFound", "The specified KeyPairName does not exist.", _PAGE)
