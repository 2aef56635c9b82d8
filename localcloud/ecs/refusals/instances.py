"""What is refused of instances beyond ``localcloud.ecs.errors``: several at once, their network, public addresses."""

from localcloud.ecs.errors import Refusal

# --- StartInstances, StopInstances, RebootInstances ------------------------------------------------------------------

NONE_NAMED = Refusal(403, "InvalidInstanceId.NotFound", "InstanceId should not be null.", "StartInstances")
TOO_MANY = Refusal(
    403, "InvalidParameter.TooManyInstanceIds", "Instance ids cannot be more than 100.", "StartInstances"
)
NOT_FOUND = Refusal(404, "InvalidInstanceIds.NotFound", "The specified InstanceIds does not exist.", "StartInstances")
DRY_RUN = Refusal(400, "DRYRUN.SUCCESS", "This request is a dryrun request with successful result.", "StartInstances")

# --- ModifyInstanceVpcAttribute --------------------------------------------------------------------------------------

NETWORK_STATUS = Refusal(
    400,
    "IncorrectInstanceStatus",
    "The current status of instance does not support this operation.",
    "ModifyInstanceVpcAttribute",
)
NETWORK_CHANGING = Refusal(
    400, "InvalidPrivateIp.Changing", "Previous action is not finished yet.", "ModifyInstanceVpcAttribute"
)
VSWITCH_NOT_FOUND = Refusal(
    404, "InvalidVSwitchId.NotFound", "Specified virtual switch does not exist.", "ModifyInstanceVpcAttribute"
)
VSWITCH_OTHER_VPC = Refusal(
    404,
    "InvalidVSwitchId.NotFound",
    "Specified virtual switch is not found in current VPC.",
    "ModifyInstanceVpcAttribute",
)
VSWITCH_OTHER_ZONE = Refusal(
    400,
    "InvalidVSwitchId.Mismatch",
    "Specified instance and virtual switch are not in the same zone.",
    "ModifyInstanceVpcAttribute",
)
IP_OUTSIDE = Refusal(
    400,
    "InvalidPrivateIpAddress.Mismatch",
    "Specified private IP address is not in the CIDR block of virtual switch.",
    "ModifyInstanceVpcAttribute",
)
IP_OWN = Refusal(
    400,
    "InvalidPrivateIpAddress.Duplicated",
    "The specified IP address already exists on current ENI.",
    "ModifyInstanceVpcAttribute",
)
IP_NONE_LEFT = Refusal(
    404,
    "InvalidParameter.NotEnoughIpInVSwitch",
    "The specified virtual switch has not enough available ip.",
    "ModifyInstanceVpcAttribute",
)
VPC_SAME = Refusal(
    404,
    "InvalidParameter.AlreadyInTargetVpc",
    "The specified instance is already in the destination VPC.",
    "ModifyInstanceVpcAttribute",
)
#: The page leaves the message open.
VSWITCH_NOT_OF_VPC = Refusal(
    404,
    "InvalidVSwitch.NotBelongToVpc",
    "The specified virtual switch does not belong to the specified VPC.",
    "ModifyInstanceVpcAttribute",
)
#: UNVERIFIED: that groups without a VPC are refused, and in these words.
GROUPS_WITHOUT_VPC = Refusal(
    404,
    "InvalidParameter.MustBeEmpty",
    "The specified parameter SecurityGroupId.N and VpcId need be empty.",
    "ModifyInstanceVpcAttribute",
)
GROUPS_MISSING = Refusal(
    400, "InvalidParameter.SecurityGroupId", "Security group ids are invalid.", "ModifyInstanceVpcAttribute"
)
GROUPS_OTHER_VPC = Refusal(
    404,
    "InvalidSecurityGroupVpc.NotBelongToOneVpc",
    "The specified SecurityGroupIds are belong to different vpc.",
    "ModifyInstanceVpcAttribute",
)
GROUPS_MIXED = Refusal(
    404,
    "EnterpriseGroupLimited.MutliGroupType",
    "The specified instance can not join multi SecurityGroup types.",
    "ModifyInstanceVpcAttribute",
)

# --- AllocatePublicIpAddress -----------------------------------------------------------------------------------------

NO_BANDWIDTH = Refusal(
    400,
    "AllocateIpInvalidInstanceBandwidth",
    "OperationDenied The InternetMaxBandwidthOut of the specified instance cannot be less than 0.",
    "AllocatePublicIpAddress",
)
ELASTIC = Refusal(
    403, "AllocatedAlready", "An IpAddress has been assigned to the specified instance.", "AllocatePublicIpAddress"
)
