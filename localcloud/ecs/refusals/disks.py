"""What is refused of disks: CreateDisk, AttachDisk, DetachDisk, DeleteDisk, Modify, ResizeDisk, ReInitDisk."""

from localcloud.ecs.errors import Refusal

NOT_FOUND = Refusal(404, "InvalidDiskId.NotFound", "The specified disk does not exist.", "AttachDisk")
NAME = Refusal(400, "InvalidDiskName.Malformed", "The specified disk name is wrongly formed.", "CreateDisk")
BURSTING = Refusal(
    400,
    "BurstingEnabledForDiskCategoryUnsupported",
    "The specified disk category does not support bursting enabled.",
    "ModifyDiskAttribute",
)
BURSTING_SIZE = Refusal(
    400,
    "InvalidBurstingEnabled.DiskSizeTooSmall",
    "The disk size must be greater than 3 GiB to enable burst.",
    "ModifyDiskAttribute",
)
#: What DeleteDisk, DetachDisk, ResizeDisk and ReInitDisk say of a disk's status.
STATUS = Refusal(403, "IncorrectDiskStatus", "The current disk status does not support this operation.", "DetachDisk")
BEING_CAPTURED = Refusal(
    403,
    "DiskCreatingSnapshot",
    "The operation is denied due to a snapshot of the specified disk is not completed yet.",
    "DeleteDisk",
)
NOT_PORTABLE = Refusal(403, "DiskNotPortable", "The specified disk is not a portable disk.", "DetachDisk")
IS_SYSTEM = Refusal(
    403, "DiskTypeViolation", "The specified disk is a system disk and cannot support the operation.", "DeleteDisk"
)
INSTANCE_STATUS = Refusal(
    403, "IncorrectInstanceStatus", "The current status of the resource does not support this operation.", "DetachDisk"
)

# --- CreateDisk ------------------------------------------------------------------------------------------------------

SIZE_MISSING = Refusal(
    400,
    "MissingParameter",
    'The input parameter either "SnapshotId" or "Size" should be specified.',
    "CreateDisk",
)
SIZE = Refusal(400, "InvalidSize.ValueNotSupported", "The specified parameter Size is not valid.", "CreateDisk")
CATEGORY = Refusal(
    400,
    "InvalidDiskCategory.ValueNotSupported",
    'The specified parameter "DiskCategory" is not valid.',
    "CreateDisk",
)
CATEGORY_NOT_SOLD = Refusal(
    403, "InvalidDiskCategory.NotSupported", "The specified disk category is not supported.", "CreateDisk"
)
LEVEL = Refusal(
    400,
    "InvalidPerformanceLevel.Malformed",
    "The specified parameter PerformanceLevel is not valid.",
    "CreateDisk",
)
LEVEL_SIZE = Refusal(
    403,
    "OperationDenied.PerformanceLevelNotMatch",
    "The specified PerformanceLevel and Size do not match.",
    "CreateDisk",
)
ZONE_MISSING = Refusal(
    400,
    "MissingParameter",
    "The input parameter ZoneId that is mandatory for processing this request is not supplied.",
    "CreateDisk",
)
ZONE = Refusal(404, "InvalidZoneId.NotFound", "The specified zone does not exist.", "CreateDisk")
ZONE_AND_INSTANCE = Refusal(
    403,
    "InvalidParam.ZoneIdAndInstanceId.Conflict",
    "The specified parameter 'ZoneId' and 'InstanceId' are not blank at the same time.",
    "CreateDisk",
)
INSTANCE_CHARGE_TYPE = Refusal(
    403,
    "InvalidInstanceChargeType.ValueNotSupported",
    "The InstanceChargeType does not support this action.",
    "CreateDisk",
)
IOPS = Refusal(
    400,
    "ProvisionedIopsForDiskCategoryUnsupported",
    "The specified disk category does not support provisioned iops.",
    "CreateDisk",
)
IOPS_BEYOND = Refusal(
    400, "InvalidProvisionedIops.LimitExceed", "The provisioned iops exceeds the limit.", "CreateDisk"
)
MULTI_ATTACH = Refusal(
    403, "InvalidParameter.MultiAttach", "The specified param MultiAttach is not valid.", "CreateDisk"
)

# --- AttachDisk ------------------------------------------------------------------------------------------------------

#: The page lists 404 InvalidDisk.InUse, too.  UNVERIFIED: which of the two a disk that is in use gets.
NOT_AVAILABLE = Refusal(
    403,
    "IncorrectDiskStatus",
    "The current status of the disk does not support this operation. The expected disk status is Available.",
    "AttachDisk",
)
OTHER_ZONE = Refusal(
    403, "ResourcesNotInSameZone", "The specified instance and disk are not in the same zone.", "AttachDisk"
)
ATTACH_INSTANCE_STATUS = Refusal(
    400,
    "IncorrectInstanceStatus",
    "The current status of the resource does not support this operation.",
    "AttachDisk",
)
CATEGORY_OF_TYPE = Refusal(
    403,
    "InvalidInstanceType.NotSupportDiskCategory",
    "The instanceType of the specified instance does not support this disk category.",
    "AttachDisk",
)
TOO_MANY = Refusal(
    403,
    "InstanceDiskLimitExceeded",
    "The amount of the disk on instance in question reach its limits.",
    "AttachDisk",
)
DEVICE = Refusal(400, "InvalidDevice.Malformed", "The specified device is not valid.", "AttachDisk")
DEVICE_IN_USE = Refusal(403, "InvalidDevice.InUse", "The specified device has been occupied.", "AttachDisk")

# --- DetachDisk ------------------------------------------------------------------------------------------------------

OF_ANOTHER_INSTANCE = Refusal(
    403,
    "DependencyViolation",
    "The specified disk has not been attached on the specified instance.",
    "DetachDisk",
)
ALREADY_DETACHED = Refusal(404, "InvalidDisk.AlreadyDetached", "The specified disk has been detached.", "DetachDisk")
DETACHING = Refusal(
    403,
    "InvalidOperation.DiskDetachingFromThisEcs",
    "The specified disk is detaching from this ecs.",
    "DetachDisk",
)

# --- ModifyDiskAttribute ---------------------------------------------------------------------------------------------

NONE_NAMED = Refusal(
    400,
    "MissingParameter.DiskIdOrDiskIds",
    "Specified parameter DiskId or DiskIds is missing.",
    "ModifyDiskAttribute",
)
NAMED_TWICE = Refusal(
    400,
    "ParameterConflict.DiskIdAndDiskIds",
    "Specified parameter DiskId and DiskIds conflict, only one can be chosen.",
    "ModifyDiskAttribute",
)
NOTHING_TO_MODIFY = Refusal(
    400, "NoAttributeToModify", "No attribute to be modified in this request.", "ModifyDiskAttribute"
)
MODIFY_DESCRIPTION = Refusal(
    404, "InvalidDescription.Malformed", "The specified description is wrongly formed.", "ModifyDiskAttribute"
)

# --- ResizeDisk ------------------------------------------------------------------------------------------------------

RESIZE_TYPE = Refusal(400, "InvalidParam.Type", "The specified type is not supported.", "ResizeDisk")
RESIZE_CATEGORY = Refusal(403, "OperationDenied", "The type of the disk does not support the operation.", "ResizeDisk")
SMALLER = Refusal(
    403,
    "InvalidDiskSize.TooSmall",
    "Specified new disk size is less than the original disk size.",
    "ResizeDisk",
)
NOT_LARGER = Refusal(
    403,
    "InvalidDiskSize",
    "Specified new disk size is less than or equal the original disk size.",
    "ResizeDisk",
)
TOO_LARGE = Refusal(
    403, "InvalidDiskSize.TooLarge", "Specified new disk size is beyond the permitted range.", "ResizeDisk"
)
ONLINE_CATEGORY = Refusal(
    403,
    "InvalidDiskCategory.NotSupported",
    "The specified disk category does not support resize online.",
    "ResizeDisk",
)
ONLINE_NOT_RUNNING = Refusal(
    403,
    "InvalidInstanceStatus.NotRunning",
    "The status of instance to which the disk attachs must be running when resizing online.",
    "ResizeDisk",
)
ONLINE_STATUS = Refusal(
    403,
    "IncorrectDiskStatus",
    "The current status of the resource does not support resize online.",
    "ResizeDisk",
)

# --- ReInitDisk ------------------------------------------------------------------------------------------------------

REINIT_LOCAL = Refusal(
    400,
    "DiskCategory.OperationNotSupported",
    "The operation is not supported to the specified disk due to its disk category.",
    "ReInitDisk",
)
REINIT_IMAGE_GONE = Refusal(
    404,
    "InvalidDiskId.OperationNotSupported",
    "The operation is not supported due to image not exist.",
    "ReInitDisk",
)
REINIT_SNAPSHOT_GONE = Refusal(
    403,
    "InvalidSourceSnapshot",
    "The source snapshot of the disk has been deleted and cannot support the current operation.",
    "ReInitDisk",
)
REINIT_KEY_PAIR = Refusal(400, "InvalidKeyPairName.NotFound", "The specified KeyPairName does not exist.", "ReInitDisk")
