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
