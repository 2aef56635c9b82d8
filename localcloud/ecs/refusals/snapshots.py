"""What is refused of snapshots: CreateSnapshot, CopySnapshot, ModifySnapshotAttribute, and groups of them."""

from localcloud.ecs.errors import Refusal

DISK_STATUS = Refusal(
    403, "IncorrectDiskStatus", "The current disk status does not support this operation.", "CreateSnapshotGroup"
)
NEVER_ATTACHED = Refusal(
    403,
    "IncorrectDiskStatus.NeverAttached",
    "The specified disk has never been attached to any instance.",
    "CreateSnapshotGroup",
)

# --- CopySnapshot ----------------------------------------------------------------------------------------------------

COPY_NOT_FOUND = Refusal(403, "InvalidSnapshotId.NotFound", "The specified snapshot is not exists.", "CopySnapshot")
COPY_NOT_READY = Refusal(
    403, "InvalidSnapshotId.NotReady", "The specified snapshot has not completed yet.", "CopySnapshot"
)
COPY_SAME_REGION = Refusal(
    403,
    "InvalidOperation.NotSupportCopyInSameRegion",
    "Copying snapshot in the same region is not supported.",
    "CopySnapshot",
)
COPY_REGION = Refusal(403, "InvalidRegionId.NotExists", "Region not exists.", "CopySnapshot")
COPY_NAME = Refusal(
    403, "InvalidSnapshotName.Malformed", "The specified SnapshotName is wrongly formed.", "CopySnapshot"
)
COPY_DESCRIPTION = Refusal(
    403, "InvalidDescription.Malformed", "The specified description is wrongly formed.", "CopySnapshot"
)
COPY_RETENTION = Refusal(
    403, "InvalidRetentionDays.Malformed", "The specified RetentionDays is not valid.", "CopySnapshot"
)
COPY_UNFINISHED = Refusal(
    403,
    "InvalidOperation.UnfinishedCrossRegionCopy",
    "This disk has unfinished cross-region copy snapshots in the target region.",
    "CopySnapshot",
)
COPY_KEY_WITHOUT_ENCRYPTION = Refusal(
    403,
    "InvalidEncrypted.NotMatchKmsKeyId",
    "The specified parameter Encrypted must be true when kmsKeyId is not null.",
    "CopySnapshot",
)
COPY_DECRYPTION = Refusal(
    403,
    "InvalidEncrypted.NotSupportDecrypt",
    "Encrypted snapshot not support copy to decrypt snapshot.",
    "CopySnapshot",
)

# --- ModifySnapshotAttribute -----------------------------------------------------------------------------------------

NOTHING_TO_MODIFY = Refusal(
    400, "NoAttributeToModify", "No attribute to be modified in this request.", "ModifySnapshotAttribute"
)
RETENTION_SHORTER = Refusal(
    400,
    "InvalidOperation.DecreaseRetentionDaysUnsupported",
    "The requested operation to decrease retention days for the snapshot is not supported.",
    "ModifySnapshotAttribute",
)
#: UNVERIFIED: that it is the retention alone that an unfinished snapshot does not take.
RETENTION_NOT_READY = Refusal(
    400, "InvalidSnapshotId.NotReady", "The specified snapshot has not completed yet.", "ModifySnapshotAttribute"
)

# --- groups ----------------------------------------------------------------------------------------------------------

GROUP_NOTHING_NAMED = Refusal(
    400, "MissingParamter.InstanceId", "The specified InstanceId should not be null.", "CreateSnapshotGroup"
)
GROUP_BOTH_NAMED = Refusal(
    400,
    "InvalidParam.ExcludeDiskIdsAndDiskIds.Conflict",
    "The use of parameter 'ExcludeDiskIds' and 'DiskIds' at the same time is not supported.",
    "CreateSnapshotGroup",
)
GROUP_NAME = Refusal(400, "InvalidParameter.Name", "The specified Name is invalid.", "CreateSnapshotGroup")
GROUP_DESCRIPTION = Refusal(
    400, "InvalidParameter.Description", "The specified Description is invalid.", "CreateSnapshotGroup"
)
GROUP_ZONES = Refusal(
    400,
    "InvalidDiskIds.NotInSameZone",
    "The specified disks are not in the same availability zone.",
    "CreateSnapshotGroup",
)
GROUP_NO_DISK = Refusal(
    403, "InvalidInstance.NoDisk", "There is no disk mounted on the instance.", "CreateSnapshotGroup"
)
GROUP_TOO_MANY = Refusal(
    403, "NumberExceed.TooManyDisks", "The number of all disks in the request exceeds.", "CreateSnapshotGroup"
)
GROUP_TOO_LARGE = Refusal(
    403, "CapacityExceed.TooManyDisks", "The capacity of all disks in the request exceeds.", "CreateSnapshotGroup"
)
GROUP_STATUS = Refusal(
    403,
    "InvalidStatus.ValueNotSupported",
    "The specified parameter status is not valid. The expected status is progressing, accomplished or failed.",
    "DescribeSnapshotGroups",
)
#: No page lists a code for it.  UNVERIFIED.
GROUP_NOT_FOUND = Refusal(
    404, "InvalidSnapshotGroupId.NotFound", "The specified SnapshotGroupId does not exist.", "DeleteSnapshotGroup"
)
