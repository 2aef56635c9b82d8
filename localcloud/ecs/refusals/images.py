"""What is refused of images beyond ``localcloud.ecs.errors``: their families, their changes, and sharing them."""

from localcloud.ecs.errors import Refusal

DISK_STATUS = Refusal(
    403, "IncorrectDiskStatus", "The current disk status does not support this operation.", "CreateImage"
)
NEEDS_RESTART = Refusal(
    403,
    "IncorrectInstanceStatus.NeedRestart",
    "The instance needs to be restarted after adding a disk in a shutdown status.",
    "CreateImage",
)
