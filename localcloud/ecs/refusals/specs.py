"""What is refused of a change of an instance's type or bandwidth."""

from localcloud.ecs.errors import Refusal

_PAGE = "ModifyInstanceSpec"

TOKEN_REUSED = Refusal(
    400,
    "IdempotenceParamNotMatch",
    "There is a idempotence signature mismatch between this and last request.",
    _PAGE,
)
TOO_MUCH = Refusal(400, "InvalidParameter.Mismatch", "Too many parameters in one request.", _PAGE)
#: UNVERIFIED: that a call that changes nothing is refused, and in these words.
NOTHING = Refusal(
    400,
    "MissingParameter",
    'The input parameter "InstanceType" that is mandatory for processing this request is not supplied.',
    "common error codes",
)
CHARGE_TYPE = Refusal(
    403, "ChargeTypeViolation", "The operation is not permitted due to charge type of the instance.", _PAGE
)
NOT_STOPPED = Refusal(400, "InvalidInstanceStatus.NotStopped", "The specified Instance status is not stopped.", _PAGE)
STATUS = Refusal(
    403,
    "InvalidStatus.ValueNotSupported",
    "The current status of the resource does not support this operation.",
    _PAGE,
)
TYPE_UNKNOWN = Refusal(
    400,
    "InvalidInstanceType.ValueNotSupported",
    "The specified InstanceType does not exist or beyond the permitted range.",
    f"{_PAGE} 2021",
)
TYPE_NOT_IN_ZONE = Refusal(
    403,
    "InvalidInstanceType.ValueNotSupported",
    "The specified zone does not offer the specified instancetype.",
    _PAGE,
)
LOCAL_DISK = Refusal(
    403,
    "CategoryViolation",
    "The specified instance does not support this operation because of its disk category.",
    _PAGE,
)
#: UNVERIFIED: that this is said of a type with local disks, which no instance without them can come to.
TYPE_UNREACHABLE = Refusal(
    400,
    "DependencyViolation.InstanceType",
    "The current InstanceType cannot be changed to the specified InstanceType.",
    _PAGE,
)
ARCHITECTURE = Refusal(
    403,
    "ImageNotSupportInstanceType",
    "The specified image do not support the InstanceType instance.",
    _PAGE,
)
DISK_CATEGORY = Refusal(
    403,
    "InvalidInstanceType.NotSupportDiskCategory",
    "The instanceType of the specified instance does not support this disk category.",
    _PAGE,
)
NO_STOCK = Refusal(403, "OperationDenied.NoStock", "The resource is out of usage.", _PAGE)
