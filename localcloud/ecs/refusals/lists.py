"""What is refused of what narrows a list."""

from localcloud.ecs.errors import Refusal

FILTER_KEY = Refusal(404, "InvalidFilterKey.NotFound", "The specified FilterKey is not found.", "DescribeSnapshots")
FILTER_VALUE = Refusal(
    404, "InvalidFilterValue", "The specified FilterValue exceeds the limit.", "DescribeSnapshots"
)  # UNVERIFIED: that this is the code of a time that is none
SNAPSHOT_CATEGORY = Refusal(
    403, "InvalidSnapshotCategory.Malformed", "The specified Category is not valid.", "DescribeSnapshots"
)
SNAPSHOT_TYPE = Refusal(
    404, "InvalidSnapshotType.NotFound", "The specfied SnapshotType is not found.", "DescribeSnapshots"
)
SNAPSHOT_DISK_TYPE = Refusal(
    404, "InvalidSourceDiskType", "The specifed SourceDiskType is not valid.", "DescribeSnapshots"
)
LOCK_REASON = Refusal(
    404, "InvalidLockReason.NotFound", "The specified LockReason is not found", "DescribeInstances 2021"
)
NETWORK_TYPE = Refusal(
    404, "InvalidNetworkType.NotFound", "The specified InstanceNetworkType is not found", "DescribeInstances 2021"
)
