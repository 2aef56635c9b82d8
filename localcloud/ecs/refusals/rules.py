"""What is refused of a security group's rule, beyond what errors.py has."""

from localcloud.ecs.errors import Refusal

SOURCE_PORTS = Refusal(
    400,
    "InvalidSourcePortRange.Malformed",
    "The specified parameter SourcePortRange is not valid.",
    "AuthorizeSecurityGroup",
)
SOURCE_IPV6 = Refusal(
    400, "InvalidParam.Ipv6SourceCidrIp", "The specified parameter %s is not valid.", "AuthorizeSecurityGroup"
)
DESTINATION_IPV6 = Refusal(
    400, "InvalidParam.Ipv6DestCidrIp", "The specified parameter %s is not valid.", "AuthorizeSecurityGroup"
)
TWO_SOURCES = Refusal(
    400,
    "InvalidParam.SourceIp",
    "The Parameters SourceCidrIp and Ipv6SourceCidrIp in %s cannot be set at the same time.",
    "AuthorizeSecurityGroup",
)
TWO_DESTINATIONS = Refusal(
    400,
    "InvalidParam.DestIp",
    "The Parameters DestCidrIp and Ipv6DestCidrIp in %s cannot be set at the same time.",
    "AuthorizeSecurityGroup",
)
FAMILIES_MIXED = Refusal(
    400,
    "InvalidParameter.Conflict",
    "IPv6 and IPv4 addresses cannot exist at the same time.",
    "AuthorizeSecurityGroup",
)
RULE_ID = Refusal(
    400,
    "InvalidParam.SecurityGroupRuleId",
    "The specified parameter SecurityGroupRuleId is not valid.",
    "RevokeSecurityGroup",
)
NO_SUCH_RULE_OUT = Refusal(
    400, "InvalidSecurityGroupRule.RuleNotExist", "The specified rule does not exist.", "RevokeSecurityGroupEgress"
)
DESCRIPTION = Refusal(
    400,
    "InvalidSecurityGroupDiscription.Malformed",
    "The specified security group rule description is not valid.",
    "AuthorizeSecurityGroup",
)
NIC_TYPE = Refusal(
    400, "InvalidNicType.ValueNotSupported", "The specified NicType does not exist.", "AuthorizeSecurityGroup"
)
PERMISSIONS_WITH_MORE = Refusal(
    400,
    "InvalidParam.Permissions",
    "The specified parameter Permissions cannot coexist with other parameters.",
    "AuthorizeSecurityGroup",
)
PERMISSIONS_TWICE = Refusal(
    400,
    "InvalidParam.DuplicatePermissions",
    "There are duplicate permissions in the specified parameter Permissions.",
    "AuthorizeSecurityGroup",
)
SOURCE_OTHER_VPC = Refusal(
    400,
    "InvalidSourceGroupId.Mismatch",
    "Specified security group and source group are not in the same VPC.",
    "AuthorizeSecurityGroup",
)
DESTINATION_OTHER_VPC = Refusal(
    400,
    "InvalidDestGroupId.Mismatch",
    "Specified security group and destination group are not in the same VPC.",
    "AuthorizeSecurityGroupEgress",
)
SOURCE_ITSELF = Refusal(
    403,
    "InvalidParamter.Conflict",
    "The specified SecurityGroupId should be different from the SourceGroupId.",
    "AuthorizeSecurityGroup",
)
DESTINATION_ITSELF = Refusal(
    403,
    "InvalidSecurityGroup.IsSame",
    "The authorized SecurityGroupId should be different from the DestGroupId.",
    "AuthorizeSecurityGroupEgress",
)
