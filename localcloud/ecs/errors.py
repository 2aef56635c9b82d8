"""Every refusal of the embedded ECS, once: HTTP status, code and message as documented.

`page` names the help page, https://www.alibabacloud.com/help/en/ecs/api-<page in lower case> (read 2026-11); a page
with a year is the docs repository's of that year, https://github.com/AlibabaCloudDocs/ecs.  UNVERIFIED: that the cloud
chooses this code here is stated nowhere.
"""

from dataclasses import dataclass

from localcloud.wire import ApiError


@dataclass(frozen=True)
class Refusal:
    """One way of saying no."""

    status: int
    code: str
    message: str
    page: str

    def error(self, *facts: object) -> ApiError:
        """The refusal to raise; *facts* fill the message's gaps."""
        return ApiError(self.status, self.code, self.message % facts if facts else self.message)


_COMMON = "common error codes"

# --- any action ------------------------------------------------------------------------------------------------------

ACTION_NOT_FOUND = Refusal(404, "InvalidAction.NotFound", "Specified api is not found: %s.", _COMMON)
REGION_NOT_FOUND = Refusal(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist.", _COMMON)
PARAMETER_MISSING = Refusal(
    400,
    "MissingParameter",
    'The input parameter "%s" that is mandatory for processing this request is not supplied.',
    _COMMON,
)
PARAMETER_INVALID = Refusal(400, "InvalidParameter", 'The specified parameter "%s" is not valid.', _COMMON)
PARAMETER_CONFLICT = Refusal(400, "InvalidParameter.Conflict", 'The parameters "%s" conflict.', "RunInstances 2021")
UNSUPPORTED = Refusal(400, "UnsupportedParameter", 'The embedded cloud does not do "%s".', _COMMON)
DRY_RUN = Refusal(
    400, "DryRunOperation", "Request validation has been passed with DryRun flag set.", _COMMON
)  # UNVERIFIED: the status
FORBIDDEN = Refusal(
    403,
    "Forbidden.RAM",
    "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
    _COMMON,
)
TOKEN_INVALID = Refusal(400, "InvalidClientToken.ValueNotSupported", "clienttoken is not valid.", "RunInstances 2021")
_REUSED = "Request uses a client token in a previous request but is not identical to that request."
TOKEN_REUSED = Refusal(400, "IdempotentParameterMismatch", _REUSED, _COMMON)
TAG_KEY_DUPLICATE = Refusal(400, "Duplicate.TagKey", "The Tag.N.Key contain duplicate key.", "TagResources")
TAG_KEY_MALFORMED = Refusal(400, "InvalidTagKey.Malformed", "The specified Tag.n.Key is not valid.", "TagResources")
TAG_VALUE_MALFORMED = Refusal(
    400, "InvalidTagValue.Malformed", "The specified Tag.n.Value is not valid.", "TagResources"
)
TAGS_TOO_MANY = Refusal(400, "InvalidTagCount", "The specified tags are beyond the permitted range.", "RunInstances")

# --- images ----------------------------------------------------------------------------------------------------------

IMAGE_NOT_FOUND = Refusal(404, "InvalidImageId.NotFound", "The specified ImageId does not exist.", "DeleteImage")
IMAGE_NAME_MALFORMED = Refusal(
    400,
    "InvalidImageName.Malformed",
    "Image names must be between 2 and 128 characters long, using either English or Chinese characters. The name must "
    "start with a letter or a Chinese character, and can include numbers, colons, underscores and hyphens.",
    "CreateImage",
)
IMAGE_NAME_DUPLICATED = Refusal(
    400, "InvalidImageName.Duplicated", "The specified image name is already in use.", "CreateImage"
)
DESCRIPTION_MALFORMED = Refusal(
    400, "InvalidDescription.Malformed", "The specified description is wrongly formed.", "CreateImage"
)
IMAGE_SOURCE_MISSING = Refusal(
    400,
    "MissingParameter",
    "The input parameter SnapshotId or InstanceId or DiskDeviceMapping that is mandatory for processing this request "
    "is not supplied.",
    "CreateImage",
)
IMAGE_INSTANCE_STATUS = Refusal(
    400,
    "IncorrectInstanceStatus",
    "The current status of the instance does not support this operation.",
    "CreateImage",
)
# UNVERIFIED: which of the two documented disk category codes CreateImage answers for an instance with local disks.
IMAGE_LOCAL_DISK = Refusal(
    400, "InvalidDiskCategory.CreateImage", "The specified diskCategory is not allowed to create image.", "CreateImage"
)
IMAGE_DISK_UNSUPPORTED = Refusal(
    400,
    "InvalidOperation.DiskCategoryUnsupported",
    "The current category of the disk does not support this operation.",
    "CreateImage",
)
IMAGE_TOKEN_REUSED = Refusal(400, "IdempotenceParamNotMatch", _REUSED, "CreateImage")
IMAGE_QUOTA = Refusal(403, "QuotaExceed.Image", "The Image Quota exceeds.", "CreateImage")
IMAGE_TAGS_TOO_MANY = Refusal(403, "QuotaExceed.Tags", "The number of tags exceeds the limit (20).", "CreateImage")
IMAGE_SNAPSHOT_NOT_READY = Refusal(
    403,
    "InvalidSnapshotId.NotReady",
    "The current status of the DiskDeviceMapping.n.SnapshotId or SnapshotId does not support this operation.",
    "CreateImage",
)
IMAGE_SNAPSHOT_NOT_SYSTEM = Refusal(
    403, "OperationDenied", "The specified snapshot is not from system disk.", "CreateImage"
)
IMAGE_NO_SYSTEM_SNAPSHOT = Refusal(
    400,
    "OperationDenied",
    "The specified parameter DiskDeviceMapping.n.SnapshotId does not contain system disk snapshot.",
    "CreateImage",
)
IMAGE_TWO_SYSTEM_SNAPSHOTS = Refusal(
    400,
    "OperationDenied",
    "The specified parameter DiskDeviceMapping.n.SnapshotId contains two or more system disk snapshots.",
    "CreateImage",
)
IMAGE_DEVICE_MALFORMED = Refusal(
    400,
    "InvalidDevice.Malformed",
    "The specified parameter DiskDeviceMapping.n.Device is not valid.",
    "CreateImage",
)
IMAGE_DEVICE_IN_USE = Refusal(
    400,
    "InvalidDevice.InUse",
    "The specified parameter DiskDeviceMapping.n.Device has been occupied.",
    "CreateImage",
)
IMAGE_SIZE_BEYOND = Refusal(
    400,
    "InvalidSize.ValueNotSupported",
    "The specified parameter DiskDeviceMapping.n.Size beyond the permitted range.",
    "CreateImage",
)
IMAGE_OWNER_UNKNOWN = Refusal(
    400,
    "InvalidImageOwnerAlias.ValueNotSupported",
    "The specified ImageOwnerAlias value is not supported.",
    "DescribeImages",
)
IMAGES_PARAMETER = Refusal(400, "InvalidParamter", "Invalid Parameter", "DescribeImages")
IMAGES_USAGE = Refusal(404, "InvalidUsage", "The specifed Usage is not valid", "DescribeImages")
IMAGES_FILTER_KEY = Refusal(
    404, "InvalidFilterKey.NotFound", "The specified filter key is not found.", "DescribeImages"
)
IMAGE_USED = Refusal(
    403,
    "ImageUsingByInstance",
    "The specified image has been used to create instances. You can use the DescribeInstances API to query these "
    "instances, or you can use the force parameter to proceed.",
    "DeleteImage",
)
IMAGE_BEING_COPIED = Refusal(
    403,
    "OperationDenied.ImageCopying",
    "The image is being copied. Please use the CancelCopyImage API.",
    "DeleteImage",
)
# In the pages until 2021; today's page lists no code for an image in Creating.  UNVERIFIED.
IMAGE_BEING_CREATED = Refusal(403, "ImageIsCreating", "The specified image is being created.", "DeleteImage 2019")

# --- copies ----------------------------------------------------------------------------------------------------------

COPY_NAME_MALFORMED = Refusal(
    400, "InvalidImageName.Malformed", "The specified destination image name is wrongly formed.", "CopyImage"
)
COPY_NAME_DUPLICATED = Refusal(
    400,
    "InvalidImageName.Duplicated",
    "The specified image name is already in use in the target region. Please try a different one.",
    "CopyImage",
)
COPY_DESCRIPTION = Refusal(
    400, "InvalidDescription.Malformed", "The specified destination description is wrongly formed.", "CopyImage"
)
COPY_SOURCE_REGION = Refusal(400, "SourceRegion.NotFound", "The source region not found.", "CopyImage")
COPY_DESTINATION = Refusal(400, "DestinationRegion.NotFound", "The destination region not found.", "CopyImage")
COPY_SAME_REGION = Refusal(
    403,
    "IncorrectDestinationRegion",
    "The destination region is not equal the target region.",
    "CopyImage",
)
COPY_IMAGE_STATUS = Refusal(400, "IncorrectImageStatus", "The image not available.", "CopyImage")
COPY_SHARED = Refusal(
    403,
    "OperationDenied.SameRegionOnly",
    "The image shared from others can not be copied to another region directly.",
    "CopyImage",
)
COPY_CONFLICT = Refusal(
    400,
    "OperationDenied.ImageCopyConflict",
    "The same image cannot be copied concurrently. Please wait until the last copy is completed before performing the "
    "next operation.",
    "CopyImage",
)
COPY_QUOTA = Refusal(403, "QuotaExceed.Image", "The number of images exceeds the limit (%s).", "CopyImage")
COPY_ENCRYPTED = Refusal(
    403,
    "OperationDeined.EncryptedSnapshot",
    "The image contains encrypted snapshots, which do not support copying to non-encrypted ones.",
    "CopyImage",
)
COPY_KEY_WITHOUT_ENCRYPTION = Refusal(
    400,
    "InvalidParameter.EncryptedIllegal",
    "The specified parameter Encrypted must be true when kmsKeyId is not empty.",
    "CopyImage",
)
CANCEL_NOT_A_COPY = Refusal(
    400,
    "ImageCreatedNotFromCopy",
    "The specified image is not the target image of a copy action.",
    "CancelCopyImage",
)
CANCEL_FINISHED = Refusal(400, "IncorrectImageStatus", "The image is copied finished.", "CancelCopyImage")
CANCEL_FAILED = Refusal(400, "IncorrectImageStatus", "The Image copy has been failed.", "CancelCopyImage")

# --- snapshots and disks ---------------------------------------------------------------------------------------------

SNAPSHOT_NOT_FOUND = Refusal(
    404, "InvalidSnapshotId.NotFound", "The specified SnapshotId does not exist.", "CreateImage"
)
SNAPSHOT_GONE = Refusal(404, "InvalidSnapshotId.NotFound", "The specified snapshot is not found.", "DeleteSnapshot")
SNAPSHOT_OF_IMAGE = Refusal(
    403, "SnapshotCreatedImage", "The snapshot has been used to create user defined image(s).", "DeleteSnapshot"
)
SNAPSHOT_OF_DISK = Refusal(
    403, "SnapshotCreatedDisk", "The snapshot has been used to create disk(s).", "DeleteSnapshot"
)
SNAPSHOT_IDS = Refusal(
    403, "InvalidSnapshotIds.Malformed", "The amount of specified SnapshotIds exceeds the limit.", "DescribeSnapshots"
)
SNAPSHOT_STATUS = Refusal(404, "InvalidStatus.NotFound", "The specified Status is not found.", "DescribeSnapshots")
SNAPSHOT_USAGE = Refusal(400, "InvalidUsage", "The specified Usage is not valid.", "DescribeSnapshots")
SNAPSHOT_NAME = Refusal(
    400, "InvalidSnapshotName.Malformed", "The specified SnapshotName is wrongly formed.", "CreateSnapshot"
)
SNAPSHOT_DESCRIPTION = Refusal(
    404, "InvalidDescription.Malformed", "The specified description is wrongly formed.", "CreateSnapshot"
)
SNAPSHOT_TOKEN_REUSED = Refusal(
    403, "IdempotentParameterMismatch", "The specified clientToken is used.", "CreateSnapshot"
)
SNAPSHOT_RETENTION = Refusal(
    400, "InvalidRetentionDays.Malformed", "The specified RetentionDays is not valid.", "CreateSnapshot"
)
DISK_NOT_FOUND = Refusal(404, "InvalidDiskId.NotFound", "The specified DiskId does not exist.", "CreateSnapshot")
DISK_LOCAL = Refusal(
    400,
    "DiskCategory.OperationNotSupported",
    "The operation is not supported to the specified disk due to its disk category.",
    "CreateSnapshot",
)
DISK_BEING_CAPTURED = Refusal(
    403, "IncorrectDiskStatus.CreatingSnapshot", "A previous snapshot creation is in process.", "CreateSnapshot"
)
DISK_INSTANCE_STATUS = Refusal(
    400,
    "IncorrectInstanceStatus",
    "The current status of the resource does not support this operation.",
    "CreateSnapshot",
)

# --- instances -------------------------------------------------------------------------------------------------------

INSTANCE_NOT_FOUND = Refusal(
    404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist.", "DeleteInstance"
)
INSTANCES_NOT_FOUND = Refusal(
    404, "InvalidInstanceIds.NotFound", "The specified InstanceIds do not exist.", "DeleteInstances"
)
INSTANCES_TOO_MANY = Refusal(
    403, "InvalidParameter.TooManyInstanceIds", "The number of instance ids exceeds 100.", "DeleteInstances"
)
INSTANCE_STATUS = Refusal(
    403,
    "IncorrectInstanceStatus",
    "The current status of the resource does not support this operation.",
    "DeleteInstance",
)
INSTANCE_INITIALIZING = Refusal(
    403,
    "IncorrectInstanceStatus.Initializing",
    "The specified instance status does not support this operation.",
    "DeleteInstance",
)
INSTANCE_PROTECTED = Refusal(
    403,
    "InvalidOperation.DeletionProtection",
    "The operation is not allowed due to deletion protection.",
    "DeleteInstance",
)
INSTANCE_CHARGE_TYPE = Refusal(
    403,
    "ChargeTypeViolation",
    "The operation is not permitted due to charge type of the instance.",
    "DeleteInstance",
)
DELETE_DRY_RUN = Refusal(
    400, "DRYRUN.SUCCESS", "Request validation has been passed with DryRun flag set.", "DeleteInstances"
)
INSTANCE_NAME = Refusal(
    400,
    "InvalidInstanceName.Malformed",
    'The specified parameter "InstanceName" is not valid.',
    "RunInstances",
)
INSTANCE_DESCRIPTION = Refusal(
    400, "InvalidDescription.Malformed", 'The specified parameter "Description" is not valid.', "RunInstances"
)
HOST_NAME = Refusal(
    400, "InvalidHostName.Malformed", 'The specified parameter "HostName" is not valid.', "RunInstances"
)
PASSWORD = Refusal(400, "InvalidPassword.Malformed", 'The specified parameter "Password" is not valid.', "RunInstances")
PASSWORD_INHERITED = Refusal(
    400,
    "InvalidPasswordParam.Mismatch",
    "The input password should be null when passwdInherit is true.",
    "RunInstances",
)
USER_DATA_SIZE = Refusal(
    400, "InvalidUserData.SizeExceeded", 'The specified parameter "UserData" exceeds the size.', "RunInstances"
)
USER_DATA_ENCODING = Refusal(
    403, "InvalidUserData.Base64FormatInvalid", "The specified UserData is not valid.", "RunInstances"
)

# --- RunInstances ----------------------------------------------------------------------------------------------------

RUN_IMAGE_MISSING = Refusal(
    400,
    "MissingParameter",
    "The input parameter ImageId that is mandatory for processing this request is not supplied.",
    "RunInstances",
)
RUN_TYPE_MISSING = Refusal(
    400,
    "MissingParameter",
    "The input parameter InstanceType that is mandatory for processing this request is not supplied.",
    "RunInstances",
)
RUN_IMAGE_NOT_VALID = Refusal(
    403,
    "OperationDenied.ImageNotValid",
    "The specified image is not available, please check the status of the image.",
    "RunInstances",
)
TYPE_UNKNOWN = Refusal(
    400,
    "InvalidInstanceType.ValueNotSupported",
    "The specified InstanceType does not exist or beyond the permitted range.",
    "RunInstances",
)
RUN_TYPE_NOT_IN_ZONE = Refusal(
    403,
    "InvalidInstanceType.ZoneNotSupported",
    "The specified zone does not support this instancetype.",
    "RunInstances",
)
RUN_ARCHITECTURE = Refusal(
    403,
    "ImageNotSupportInstanceType",
    "The specified image don't support the InstanceType instance.",
    "RunInstances",
)
RUN_NO_STOCK = Refusal(
    403,
    "OperationDenied.NoStock",
    "The requested resource is sold out in the specified zone; try other types of resources or other regions and "
    "zones.",
    "RunInstances",
)
ZONE_NOT_FOUND = Refusal(404, "InvalidZoneId.NotFound", "The specified ZoneId does not exist.", "RunInstances")
RUN_VSWITCH_NOT_FOUND = Refusal(
    404, "InvalidVSwitchId.NotFound", "Specified virtual switch does not exist.", "RunInstances"
)
RUN_VSWITCH_ZONE = Refusal(
    400, "InvalidParameter.Mismatch", "Specified virtual switch is not in the specified zone.", "RunInstances"
)
RUN_VSWITCH_STATUS = Refusal(
    400,
    "IncorrectVSwitchStatus",
    "The current status of virtual switch does not support this operation.",
    "RunInstances 2021",
)
RUN_GROUP_OTHER_VPC = Refusal(
    403,
    "OperationDenied.InconsistentNetwork",
    "The specified security group and vswitch are not in the same vpc.",
    "RunInstances",
)
GROUP_TYPES_MIXED = Refusal(
    403,
    "EnterpriseGroupLimited.MutliGroupType",
    "The specified instance can not join multi SecurityGroup types.",
    "RunInstances",
)
IP_MALFORMED = Refusal(
    400, "InvalidPrivateIpAddress.Malformed", "Specified private IP address is malformed.", "RunInstances"
)
IP_OUTSIDE = Refusal(
    400,
    "InvalidPrivateIpAddress",
    "Specified private IP address is not in the CIDR block of virtual switch.",
    "RunInstances",
)
IP_RESERVED = Refusal(
    403, "InvalidVSwitchId.IpInvalid", "The specified private IP address is reserved.", "RunInstances"
)
IP_TAKEN = Refusal(
    400, "InvalidPrivateIpAddress.Duplicated", "Specified private IP address is duplicated.", "RunInstances"
)
IP_NONE_LEFT = Refusal(
    403, "QuotaExceeded.PrivateIpAddress", "Don't have enough private IPs in this switch.", "RunInstances"
)
KEY_PAIR_NOT_FOUND = Refusal(
    404,
    "InvalidKeyPairName.NotFound",
    "The specified parameter KeyPairName does not exist in our records.",
    "RunInstances",
)
RAM_ROLE_NOT_FOUND = Refusal(
    404, "InvalidRamRole.NotFound", "The specified RAMRoleName does not exist.", "RunInstances"
)
RAM_ROLE_NOT_OF_ECS = Refusal(
    401,
    "InvalidRamRole.NotEcsRole",
    "The specified ram role is not authorized for ecs, please check your role policy.",
    "RunInstances",
)
RUN_PROTECTION = Refusal(
    403,
    "InvalidChargeType.ValueNotSupported",
    "Deletion protection is only valid for postPaid instance, not for prePaid or spot instance.",
    "RunInstances",
)
RUN_RELEASE_TIME = Refusal(
    400,
    "InvalidAutoReleaseTime.Malformed",
    "The specified parameter AutoReleaseTime is not valid.",
    "RunInstances",
)
RUN_BANDWIDTH = Refusal(
    400,
    "InvalidInternetMaxBandwidthOut.Malformed",
    "The specified parameter internetMaxBandwidthOut is not valid.",
    "RunInstances",
)
SYSTEM_CATEGORY = Refusal(
    400,
    "InvalidSystemDiskCategory.ValueNotSupported",
    'The specified parameter "SystemDisk.Category" is not valid.',
    "RunInstances",
)
SYSTEM_BELOW_IMAGE = Refusal(
    404,
    "InvalidSystemDiskSize.LessThanImageSize",
    "The specified parameter SystemDisk.Size is less than the image size.",
    "RunInstances",
)
SYSTEM_TOO_SMALL = Refusal(
    404,
    "InvalidSystemDiskSize.LessThanMinSize",
    "The specified parameter SystemDisk.Size is less than the min size.",
    "RunInstances",
)
SYSTEM_TOO_LARGE = Refusal(
    404,
    "InvalidSystemDiskSize.MoreThanMaxSize",
    "The specified SystemDisk.Size parameter exceeds the maximum size.",
    "RunInstances",
)
DATA_CATEGORY = Refusal(
    400,
    "InvalidDataDiskCategory.ValueNotSupported",
    'The specified parameter "DataDisk.n.Category" is not valid.',
    "RunInstances",
)
DATA_SIZE = Refusal(
    400,
    "InvalidDataDiskSize.ValueNotSupported",
    "The specified DataDisk.n.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of "
    "the specified disk category.",
    "RunInstances",
)
DATA_DEVICE = Refusal(
    400,
    "InvalidDataDevice.Malformed",
    'The specified parameter "DataDisk.n.Device" is not valid.',
    "RunInstances",
)
DATA_DEVICE_IN_USE = Refusal(403, "InvalidDevice.InUse", "The specified device has been occupied.", "RunInstances")
DATA_BELOW_SNAPSHOT = Refusal(
    403, "InvalidDiskSize.TooSmall", "Specified disk size is less than the size of snapshot.", "RunInstances"
)
DATA_SNAPSHOT_NOT_FOUND = Refusal(
    404,
    "InvalidDataDiskSnapshotId.NotFound",
    'The specified parameter "DataDisk.n.SnapshotId" is not valid.',
    "RunInstances",
)
DATA_SNAPSHOT_NOT_READY = Refusal(
    403, "InvalidSnapshotId.NotReady", "The specified snapshot has not completed yet.", "RunInstances"
)
DATA_SNAPSHOT_OF_SYSTEM = Refusal(
    403,
    "InvalidSnapshotId.NotDataDiskSnapshot",
    "The specified snapshot is system disk snapshot.",
    "RunInstances",
)
DATA_ENCRYPTION = Refusal(
    403,
    "InvalidEncrypted.NotMatchSnapshot",
    "The specified parameter Encrypted must be set to true when creating disks with encrypted snapshots.",
    "RunInstances",
)
DISK_CATEGORY_OF_TYPE = Refusal(
    403,
    "InvalidDiskCategory.NotSupported",
    "The specified disk category is not support the specified instance type.",
    "RunInstances",
)
DISK_LEVEL = Refusal(
    403,
    "OperationDenied.PerformanceLevelNotMatch",
    "The specified DataDisk.n.PerformanceLevel and DataDisk.n.Size do not match.",
    "RunInstances",
)
DISKS_TOO_MANY = Refusal(
    400,
    "InstanceDiskNumber.LimitExceed",
    "The total number of specified disk in an instance exceeds.",
    "RunInstances",
)

# --- security groups -------------------------------------------------------------------------------------------------

GROUP_NOT_FOUND = Refusal(
    404,
    "InvalidSecurityGroupId.NotFound",
    "The specified SecurityGroupId does not exist.",
    "JoinSecurityGroup",
)
GROUP_VPC_NOT_FOUND = Refusal(404, "InvalidVpcId.NotFound", "Specified VPC does not exist.", "CreateSecurityGroup")
GROUP_NAME = Refusal(
    400,
    "InvalidSecurityGroupName.Malformed",
    "Specified security group name is not valid.",
    "CreateSecurityGroup",
)
GROUP_DESCRIPTION = Refusal(
    400,
    "InvalidSecurityGroupDiscription.Malformed",
    "Specified security group description is not valid.",
    "ModifySecurityGroupAttribute",
)
GROUP_IN_USE = Refusal(
    403,
    "DependencyViolation",
    "There is still instance(s) in the specified security group.",
    "DeleteSecurityGroup",
)
GROUP_REFERRED = Refusal(
    403,
    "DependencyViolation",
    "The specified security group has been authorized in another one.",
    "DeleteSecurityGroup",
)
GROUP_OTHER_VPC = Refusal(
    400,
    "InvalidInstanceId.Mismatch",
    "Specified instance and security group are not in the same VPC.",
    "JoinSecurityGroup",
)
GROUP_ALREADY_JOINED = Refusal(
    403,
    "InvalidInstanceId.AlreadyExists",
    "The specified instance already exists in the specified security group.",
    "JoinSecurityGroup",
)
GROUP_LAST = Refusal(
    403,
    "InstanceLastSecurityGroup",
    "The specified security group is the last security group for the instance.",
    "LeaveSecurityGroup",
)
GROUP_NOT_BASIC = Refusal(
    403,
    "InvalidOperation.InvalidSecurityGroupType",
    "The specified operation is not supported by the type of the security group.",
    "ModifySecurityGroupPolicy",
)  # UNVERIFIED: the message
GROUP_NOT_JOINED = Refusal(403, "InstanceNotInSecurityGroup", "The instance not in the group.", "LeaveSecurityGroup")
RULE_PROTOCOL = Refusal(
    400,
    "InvalidIpProtocol.ValueNotSupported",
    "The parameter IpProtocol must be specified with case insensitive TCP, UDP, ICMP, GRE or All.",
    "AuthorizeSecurityGroup",
)
RULE_PORTS = Refusal(
    400,
    "OperationDenied",
    "The specified IpProtocol does not exist or IpProtocol and PortRange do not match.",
    "AuthorizeSecurityGroup",
)
RULE_POLICY = Refusal(
    400, "InvalidPolicy.Malformed", 'The specified parameter "Policy" is not valid.', "AuthorizeSecurityGroup"
)
RULE_PRIORITY = Refusal(
    400, "InvalidPriority.ValueNotSupported", "The parameter Priority is invalid.", "AuthorizeSecurityGroup"
)
RULE_NO_SOURCE = Refusal(
    400,
    "MissingParameter.Source",
    "One of the parameters SourceCidrIp, Ipv6SourceCidrIp, SourceGroupId or SourcePrefixListId in %s must be "
    "specified.",
    "AuthorizeSecurityGroup",
)
RULE_NO_DESTINATION = Refusal(
    400,
    "MissingParameter.Dest",
    "One of the parameters DestCidrIp, Ipv6DestCidrIp, DestGroupId or DestPrefixListId in %s must be specified.",
    "AuthorizeSecurityGroupEgress",
)
RULE_SOURCE_CIDR = Refusal(
    400,
    "InvalidSourceCidrIp.Malformed",
    'The specified parameter "SourceCidrIp" is not valid.',
    "AuthorizeSecurityGroup",
)
RULE_DESTINATION_CIDR = Refusal(
    400,
    "InvalidDestCidrIp.Malformed",
    'The specified parameter "DestCidrIp" is not valid.',
    "AuthorizeSecurityGroupEgress",
)
RULE_SOURCE_GROUP = Refusal(
    404,
    "InvalidSourceGroupId.NotFound",
    "The SourceGroupId provided does not exist in our records.",
    "AuthorizeSecurityGroup",
)
RULE_DESTINATION_GROUP = Refusal(
    404,
    "InvalidDestGroupId.NotFound",
    "The DestGroupId provided does not exist in our records.",
    "AuthorizeSecurityGroupEgress",
)
RULES_TOO_MANY = Refusal(
    403,
    "AuthorizationLimitExceed",
    "The limit of authorization records in the security group reaches.",
    "AuthorizeSecurityGroup",
)

# --- tags ------------------------------------------------------------------------------------------------------------

TAG_TYPE_MISSING = Refusal(
    404, "MissingParameter.ResourceType", "The parameter - ResourceType should not be null", "TagResources"
)
TAG_TAGS_MISSING = Refusal(404, "MissingParameter.Tags", "The parameter - Tags should not be null", "TagResources")
TAG_TYPE_UNKNOWN = Refusal(
    404,
    "InvalidResourceType.NotFound",
    "The ResourceType provided does not exist in our records.",
    "TagResources",
)
TAG_RESOURCE_UNKNOWN = Refusal(
    404,
    "InvalidResourceId.NotFound",
    "The specified ResourceIds are not found in our records.",
    "TagResources",
)
TAG_RESOURCES_TOO_MANY = Refusal(
    400, "NumberExceed.ResourceIds", "The ResourceIds parameter's number is exceed , Valid : 50", "TagResources"
)
TAG_CALL_TOO_MANY = Refusal(
    400, "NumberExceed.Tags", "The Tags parameter's number is exceed , Valid : 20", "TagResources"
)
TAG_QUOTA = Refusal(403, "QuotaExceed.Tags", "The quota of tags on resource is beyond permitted range.", "TagResources")

# --- tags, as AddTags and RemoveTags have them ------------------------------------------------------------------------

OLD_TAG_RESOURCE = Refusal(
    404,
    "InvalidResourceId.NotFound",
    "The specified ResourceId is not found in our records.",
    "RemoveTags 2019",
)

# --- Cloud Assistant -------------------------------------------------------------------------------------------------

COMMAND_TYPE = Refusal(403, "InvalidCmdType.NotFound", "The specified command type does not exist.", "RunCommand 2021")
COMMAND_INSTANCE = Refusal(404, "InvalidInstance.NotFound", "The specified instance does not exist.", "RunCommand 2021")
COMMAND_INSTANCES_TOO_MANY = Refusal(
    403, "InstanceIds.ExceedLimit", "The number of instance IDs exceeds the upper limit.", "RunCommand 2021"
)
COMMAND_NOT_FOR_GUEST = Refusal(
    403, "InvalidInstance.NotMatch", "The specified instance type does not match the command.", "RunCommand 2021"
)
COMMAND_CONTENT = Refusal(400, "CmdContent.DecodeError", "The CommandContent can not be base64 decoded.", "RunCommand")
COMMAND_TOO_LONG = Refusal(
    403, "CmdContent.ExceedLimit", "The length of the command content exceeds the upper limit.", "RunCommand"
)
COMMAND_NAME = Refusal(
    403, "CmdName.ExceedLimit", "The length of the command name exceeds the upper limit.", "RunCommand 2021"
)
COMMAND_DESCRIPTION = Refusal(
    403, "CmdDesc.ExceedLimit", "The length of the command description exceeds the upper limit.", "RunCommand 2021"
)
COMMAND_PARAMETER_KEY = Refusal(400, "CmdParam.EmptyKey", "You must specify the parameter names.", "RunCommand")
COMMAND_PARAMETER_NAME = Refusal(
    400,
    "CmdParam.InvalidParamName",
    "Invalid parameter name. The name can contain only lowercase letters (a to z), uppercase letters (A to Z), numbers "
    "(0 to 9), hyphens (-), and underscores (_).",
    "RunCommand",
)
COMMAND_TOKEN_REUSED = Refusal(
    403,
    "IdempotentParameterMismatch",
    "The specified parameter has changed while using an already used clientToken.",
    "InvokeCommand",
)
INVOCATION_NOT_FOUND = Refusal(
    404, "InvalidInvokeId.NotFound", "The specified invoke ID does not exist.", "StopInvocation 2021"
)
RESULTS_PAGE = Refusal(
    403, "InvalidParam.PageNumber", "The specified parameter is invalid.", "DescribeInvocationResults 2021"
)
RESULTS_PAGE_SIZE = Refusal(
    403, "InvalidParam.PageSize", "The specified parameter is invalid.", "DescribeInvocationResults 2021"
)

# --- system events ---------------------------------------------------------------------------------------------------
# The pages give each message as "%s".

EVENT_PARAMETER_MISSING = Refusal(404, "MissingParameter", "%s is not supplied.", "CreateSimulatedSystemEvents")
EVENT_PARAMETER = Refusal(403, "InvalidParameter", "%s is not valid.", "CreateSimulatedSystemEvents")
EVENT_INSTANCES_TOO_MANY = Refusal(
    403, "InstanceIdLimitExceeded", "%s: more than 100 are specified.", "DescribeInstancesFullStatus"
)
EVENTS_TOO_MANY = Refusal(
    403, "EventIdLimitExceeded", "%s: more than 100 are specified.", "DescribeInstanceHistoryEvents"
)
