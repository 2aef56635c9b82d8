"""Every refusal of the embedded VPC, once: HTTP status, code and message as documented, misspellings included.

`page` names the help page, https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-<page in
lower case> (read 2026-11).  UNVERIFIED: that the cloud chooses this code here is stated nowhere.
"""

from localcloud.ecs.errors import Refusal

# --- networks --------------------------------------------------------------------------------------------------------

VPC_NOT_FOUND = Refusal(404, "InvalidVpcId.NotFound", "Specified VPC does not exist.", "DeleteVpc")
VPC_NAME = Refusal(400, "InvalidVpcName.Malformed", "Specified VPC name is not valid.", "CreateVpc")
VPC_DESCRIPTION = Refusal(
    400, "InvalidVpcDiscription.Malformed", "Specified VPC description is not valid.", "CreateVpc"
)
VPC_CIDR = Refusal(400, "InvalidParameter", "Specified CIDR block is not valid", "CreateVpc")
VPC_CIDR_MASK = Refusal(400, "IllegalParam.CidrBlockMask", "The param of CidrBlock Mask [%s] is illegal.", "CreateVpc")
VPC_CIDR_EXCLUDED = Refusal(
    400,
    "OperationDenied.CidrInExcludeCidrs",
    "The operation is not allowed because the input CIDR is within the illegal CIDRs.",
    "CreateVpc",
)
VPC_QUOTA = Refusal(400, "QuotaExceeded.Vpc", "VPC quota exceeded.", "CreateVpc")
VPC_STATUS = Refusal(
    400, "IncorrectVpcStatus", "Current VPC status does not support this operation.", "ModifyVpcAttribute"
)
VPC_HAS_VSWITCHES = Refusal(400, "DependencyViolation.VSwitch", "Specified object has dependent resources", "DeleteVpc")
VPC_HAS_GROUPS = Refusal(
    400,
    "DependencyViolation.SecurityGroup",
    "Specified object has dependent resources SecurityGroup.",
    "DeleteVpc",
)
CIDR_MALFORMED = Refusal(400, "InvalidCidrBlock.Malformed", "Specified CIDR block is not valid.", "CreateVSwitch")
# UNVERIFIED: the page says that a block which leaves out addresses in use can't be chosen, not by which code.
VPC_CIDR_IN_USE = Refusal(400, "InvalidParameter", "Specified CIDR block is not valid in VPC.", "ModifyVpcAttribute")
USER_CIDR_FORMAT = Refusal(400, "InvalidParameter", "Specified UserCidr invalid format.", "CreateVpc")
USER_CIDR_QUOTA = Refusal(400, "InvalidUserCidr.Quota", "Specified UserCidr number is greater than 3.", "CreateVpc")
USER_CIDR_RESERVED = Refusal(
    400, "InvalidUserCidr.Malformed", "Specified UserCidr overlapping in of 100.64.0.0/10.", "CreateVpc"
)
NO_IPV6 = Refusal(
    400, "OperationUnsupported.Ipv6Feature", "The IPv6 feature is not supported in the region.", "CreateVpc"
)
NO_IPAM = Refusal(400, "UnsupportedFeature.Ipam", "IPAM is not supported in this region.", "CreateVpc")
NO_DNS_HOSTNAME = Refusal(
    400, "UnsupportedFeature.VpcDnsHostname", "The feature of vpc dns hostname is unsupported.", "CreateVpc"
)
RESOURCE_GROUP = Refusal(
    400, "InvalidResourceGroupId", "The specified ResourceGroupId does not exist.", "AllocateEipAddress"
)

# --- vSwitches -------------------------------------------------------------------------------------------------------

# UNVERIFIED: today's page of DescribeVSwitchAttributes lists no code.
VSWITCH_NOT_FOUND = Refusal(
    404,
    "InvalidVSwitchId.NotFound",
    "Specified virtual switch does not exist.",
    "DescribeVSwitchAttributes",
)
VSWITCH_GONE = Refusal(404, "InvalidVSwitchId.NotFound", "VSwitch not exist.", "DeleteVSwitch")
VSWITCH_UNKNOWN = Refusal(
    404, "InvalidVSwitchId.NotFound", "The specified virtual switch does not exists.", "ModifyVSwitchAttribute"
)
VSWITCH_ZONE = Refusal(404, "InvalidZoneId.NotFound", "Specified zone does not exist.", "CreateVSwitch")
VSWITCH_NAME = Refusal(
    400, "InvalidVSwitchName.Malformed", "Specified virtual switch name is not valid.", "CreateVSwitch"
)
VSWITCH_DESCRIPTION = Refusal(
    400, "InvalidVSwitchDiscription.Malformed", "Specified virtual switch description is not valid.", "CreateVSwitch"
)
VSWITCH_MASK = Refusal(400, "InvalidCirdrBlock.MaskLength", "Specified CIDR block is not valid .", "CreateVSwitch")
VSWITCH_OUTSIDE = Refusal(400, "InvalidParameter", "Specified CIDR block is not valid in VPC.", "CreateVSwitch")
VSWITCH_OVERLAPS = Refusal(
    400, "InvalidCidrBlock.Overlapped", "Specified CIDR block overlapped with other subnets.", "CreateVSwitch"
)
VSWITCH_QUOTA = Refusal(400, "QuotaExceeded.VSwitch", "Virtual switch quota exceeded.", "CreateVSwitch")
VSWITCH_AT_ONCE = Refusal(
    400, "IncorrectVSwitchStatus", "VSwitch Creation simultaneously is not supported.", "CreateVSwitch"
)
VSWITCH_STATUS = Refusal(
    400,
    "IncorrectVSwitchStatus",
    "The current virtual switch status does not support this operation.",
    "DeleteVSwitch",
)
VSWITCH_OTHER = Refusal(400, "OperationDenied.OtherSubnetProcessing", "other subnet is processing.", "DeleteVSwitch")
VSWITCH_IN_USE = Refusal(400, "DependencyViolation", "Specified object has dependent resources.", "DeleteVSwitch")

# --- elastic IP addresses --------------------------------------------------------------------------------------------

EIP_NOT_FOUND = Refusal(
    404, "InvalidAllocationId.NotFound", "Specified allocation ID is not found", "AssociateEipAddress"
)
EIP_STATUS = Refusal(
    400, "IncorrectEipStatus", "Current elastic IP status does not support this operation.", "ReleaseEipAddress"
)
EIP_QUOTA = Refusal(400, "QuotaExceeded.Eip", "Elastic IP address quota exceeded.", "AllocateEipAddress")
EIP_CHARGE_TYPE = Refusal(
    400, "InvalidParameter", 'Specified value of "InternetChargeType" is not valid', "AllocateEipAddress"
)
EIP_BANDWIDTH = Refusal(400, "InvalidParameter", 'Specified value of "Bandwidth" is not valid.', "AllocateEipAddress")
EIP_BANDWIDTH_CHANGE = Refusal(
    400, "InvalidParameter", 'Specified value of "Bandwidth" is not supported.', "ModifyEipAddressAttribute"
)
EIP_LABEL = Refusal(400, "InvalidParameter", "The parameter is invalid.", "ModifyEipAddressAttribute")
EIP_RESERVED = Refusal(400, "ReserveIpFail", "Reserve eip failed.", "AllocateEipAddress")
EIP_LINE = Refusal(400, "InvalidRegion.NotSupport", "The specified region does not support.", "AllocateEipAddress")
BIND_TYPE = Refusal(
    400,
    "InvalidInstanceType.ValueNotSupported",
    "The specified value of InstanceType is not supported.",
    "AssociateEipAddress",
)
BIND_TYPE_ABSENT = Refusal(
    400, "BindInstance.NotSupported", "bind instance type %s is not supported.", "AssociateEipAddress"
)
BIND_INSTANCE_NOT_FOUND = Refusal(
    404, "InvalidInstanId.NotFound", "Specified instance does not exist.", "AssociateEipAddress"
)
BIND_INSTANCE_STATUS = Refusal(
    400,
    "IncorrectInstanceStatus",
    "Current instance status does not support this operation.",
    "AssociateEipAddress",
)
BIND_TWICE = Refusal(
    400, "InvalidAssociation.Duplicated", "Specified instance already is associated.", "AssociateEipAddress"
)
BIND_PUBLIC_IP = Refusal(
    400,
    "EIP_CAN_NOT_ASSOCIATE_WITH_PUBLIC_IP",
    "instance already bind natpublicip,cannot bind eip.",
    "AssociateEipAddress",
)
UNBIND_INSTANCE_NOT_FOUND = Refusal(
    400, "InvalidInstanceId.NotFound", "Specified instance does not exist.", "UnassociateEipAddress"
)
# UNVERIFIED: the code of an instance that is there but has another address, or none.
UNBIND_OTHER = Refusal(400, "InvalidBindingStatus", "The eip binding status invalid.", "UnassociateEipAddress")
LIST_LOCK_REASON = Refusal(
    404, "InvalidLockReason.NotFound", "The specified LockReason is not found", "DescribeEipAddresses"
)
LIST_INSTANCE_TYPE = Refusal(
    400,
    "InvalidIAssociatedInstanceType.ValueNotSupported",
    "The specified value of AssociatedInstanceType is not supported.",
    "DescribeEipAddresses",
)
LIST_CHARGE_TYPE = Refusal(
    400,
    "InvalidChargeType.ValueNotSupported",
    "The specified ChargeType is not supported.",
    "DescribeEipAddresses",
)

# --- tags ------------------------------------------------------------------------------------------------------------

# The codes of VPC's tag actions are listed with TagResourcesForExpressConnect and its like.  UNVERIFIED: that creating
# actions say the same of a tag.
TAG_KEY = Refusal(400, "InvalidTagKey", "The tag keys are not valid.", "TagResourcesForExpressConnect")
TAG_VALUE = Refusal(400, "InvalidTagValue", "The tag values are not valid.", "TagResourcesForExpressConnect")
TAG_TWICE = Refusal(
    400,
    "Forbidden.TagKey.Duplicated",
    "The specified tag key already exists.",
    "TagResourcesForExpressConnect",
)
TAGS_TOO_MANY = Refusal(
    400,
    "SizeLimitExceeded.TagNum",
    "The maximum number of tags is exceeded.",
    "TagResourcesForExpressConnect",
)
TAG_QUOTA = Refusal(400, "QuotaExceeded.TagNum", "Custom Tags quota exceeded", "TagResourcesForExpressConnect")
TAG_RESOURCES_TOO_MANY = Refusal(
    400,
    "SizeLimitExceeded.ResourceId",
    "The maximum number of resource IDs is exceeded.",
    "TagResourcesForExpressConnect",
)
TAG_TYPE = Refusal(
    400,
    "InvalidInstanceType.NotFound",
    "The instance type is not found",
    "TagResourcesForExpressConnect",
)
TAG_RESOURCE = Refusal(
    400, "InvalidInstanceIds.NotFound", "The instanceIds are not found", "TagResourcesForExpressConnect"
)
TAG_NOTHING_ASKED = Refusal(
    403,
    "BothEmpty.TagsAndResources",
    "The specified Tags and ResourcesIds are not allow to both empty.",
    "ListTagResourcesForExpressConnect",
)
