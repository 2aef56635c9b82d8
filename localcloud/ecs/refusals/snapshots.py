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
