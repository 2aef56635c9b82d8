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

# --- families --------------------------------------------------------------------------------------------------------

FAMILY = Refusal(
    400, "InvalidImageFamily.Malformed", "The format of the specified image family is invalid.", "CreateImage"
)
FAMILY_EMPTY = Refusal(
    403,
    "InvalidImageFamily.MissingAvailableImage",
    "There is no available image related to the specified image family.",
    "RunInstances",
)

# --- CopyImage, DeleteImage ------------------------------------------------------------------------------------------

COPY_TOO_LARGE = Refusal(
    403,
    "SizeExceed.Image",
    "The image exceeds the maximum size. You can use the CopySnapshot API to copy your snapshots of the image and then "
    "create a new image from them.",
    "CopyImage",
)
DELETE_SHARED = Refusal(
    403,
    "ImageUseShared",
    "The specified image has been shared to others. You can use the DescribeImageSharePermission API to query the "
    "users who have been shared.",
    "DeleteImage",
)

# --- ModifyImageAttribute --------------------------------------------------------------------------------------------

NAME_DUPLICATED = Refusal(
    400, "InvalidImageName.Duplicated", "The specified Image name has already bean used.", "ModifyImageAttribute"
)
MODIFY_FAMILY = Refusal(
    400,
    "InvalidImageFamily.Malformed",
    'The specified parameter "ImageFamily" is malformed.',
    "ModifyImageAttribute",
)
BEING_CREATED = Refusal(
    403,
    "InvalidStatus.ImageIsCreating",
    "The operation cannot be performed because the image is creating. Please wait until the creation is complete and "
    "try again.",
    "ModifyImageAttribute",
)
NOT_AVAILABLE = Refusal(
    403, "ImageStatus.NotAvailable", "The specified image status is not available.", "ModifyImageAttribute"
)
NOT_DEPRECATED = Refusal(
    403, "ImageStatus.NotDeprecated", "The specified image status is not deprecated.", "ModifyImageAttribute"
)
DEPRECATE_SHARED = Refusal(
    403,
    "ImageUseShared",
    "The specified image has been shared to others, please remove shared accounts first.",
    "ModifyImageAttribute",
)

# --- ModifyImageSharePermission --------------------------------------------------------------------------------------

ACCOUNT_UNKNOWN = Refusal(
    404,
    "InvalidAccount.NotFound",
    'The specified account %s in parameter "AddAccount.n" or "RemoveAccount.n" does not exist.',
    "ModifyImageSharePermission",
)
ACCOUNT_OWN = Refusal(
    404,
    "InvalidAccount.Forbbiden",
    "The specified Account does not yourself.",
    "ModifyImageSharePermission",
)
SHARE_TOO_MANY = Refusal(
    403,
    "QuotaExceed.ShareImageUser",
    "The shared Image user Quota exceeds.",
    "ModifyImageSharePermission",
)
SHARE_ENCRYPTED = Refusal(
    403,
    "OperationDeined.EncryptedSnapshot",
    "The image contains encrypted snapshots, which do not support share.",
    "ModifyImageSharePermission",
)
#: Of a deprecated image.  UNVERIFIED: that one in the making or failed is refused in the same words.
SHARE_STATUS = Refusal(
    403,
    "OperationDenied.InvalidImageStatus",
    "The specified image cannot be shared when it is deprecated.",
    "ModifyImageSharePermission",
)
SHARE_NOT_PUBLIC = Refusal(
    403, "Image.NotPublic", "The specified image is not public image.", "ModifyImageSharePermission"
)
