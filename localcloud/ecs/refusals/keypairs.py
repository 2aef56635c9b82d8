"""What is refused of SSH key pairs."""

from localcloud.ecs.errors import Refusal

NAME = Refusal(400, "InvalidKeyPairName.Malformed", "Specified Key Pair name is not valid.", "CreateKeyPair")
ALREADY_THERE = Refusal(400, "KeyPair.AlreadyExist", "The key pair already exist.", "CreateKeyPair")
BODY = Refusal(
    400, "InvalidPublicKeyBody.Malformed", "The PublicKeyBody format is not supported.", "ImportKeyPair 2021"
)
#: "500 key pairs a region" (user guide "Limits", 2021).
QUOTA = Refusal(403, "QuotaExceed.KeyPair", "The key pair quota exceeds.", "CreateKeyPair")
NAMES = Refusal(
    400,
    "InvalidKeyPairNames.ValueNotSupported",
    'The specified parameter "KeyPairNames" is not valid.',
    "DeleteKeyPairs",
)
NAMES_TOO_MANY = Refusal(
    403,
    "InstanceKeyPairLimitExceeded",
    "Exceeding the allowed amount of instance which will be deleted.",
    "DeleteKeyPairs",
)
IN_USE = Refusal(
    400,
    "InvalidParameter.KeypairAlreadyAttachedInstance",
    'The specified parameter "KeyPairNames" attached to instances can not be deleted.',
    "DeleteKeyPairs",
)
UNKNOWN = Refusal(
    400,
    "InvalidKeyPairName.NotFound",
    "The specified KeyPairName does not exist in our records.",
    "AttachKeyPair",
)
INSTANCES = Refusal(
    400,
    "InvalidInstanceIds.ValueNotSupported",
    "The specified parameter InstanceIds is not valid.",
    "AttachKeyPair",
)
INSTANCES_TOO_MANY = Refusal(
    403,
    "InstanceKeyPairLimitExceeded",
    "The specified instances are beyond the permitted range.",
    "AttachKeyPair",
)
