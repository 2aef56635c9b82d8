"""What is refused of the RAM roles of instances."""

from localcloud.ecs.errors import Refusal

_PAGE = "AttachInstanceRamRole"

INSTANCES = Refusal(400, "InvalidInstanceIds.Malformed", "The specified instanceIds are not valid.", _PAGE)
INSTANCE_NOT_FOUND = Refusal(404, "InvalidInstanceId.NotFound", "The specified instanceId does not exist.", _PAGE)
UNKNOWN = Refusal(404, "InvalidRamRole.NotFound", "The specified RAMRoleName does not exist.", _PAGE)
NOT_OF_ECS = Refusal(
    404,
    "InvalidRamRole.NotEcsRole",
    "The specified ram role is not authorized for ecs, please check your role policy.",
    _PAGE,
)
#: The page leaves the message open.
NOTHING_ASKED = Refusal(
    403,
    "InvalidParameter.AllEmpty",
    "The parameters InstanceIds and RamRoleName cannot both be empty.",
    "DescribeInstanceRamRole",
)
