"""What is refused of a change of a security group's rule."""

from localcloud.ecs.errors import Refusal

_PAGE = "ModifySecurityGroupRule"

RULE_NOT_FOUND = Refusal(
    404, "InvalidSecurityGroupRuleId.NotFound", "The specified SecurityGroupRuleId is not exists.", _PAGE
)
NO_SUCH_RULE = Refusal(404, "SecurityGroupRule.NotFound", "The target security group rule not exist.", _PAGE)
#: UNVERIFIED: that a call is refused so that names a rule by its id and nothing to change.
NOTHING = Refusal(400, "InvalidParam.InvalidModifyRuleRequest", "The request parameters are illegal.", _PAGE)
PROTOCOL = Refusal(
    400,
    "InvalidIpProtocol.ValueNotSupported",
    "The parameter IpProtocol must be specified with case insensitive TCP, UDP, ICMP, GRE or All.",
    _PAGE,
)
PORTS = Refusal(
    400,
    "InvalidParam.PortRange",
    "The specified parameter %s is not valid. It should be two integers less than 65535 in ?/? format.",
    _PAGE,
)
POLICY = Refusal(400, "InvalidPolicy.Malformed", "The specified parameter Policy is not valid.", _PAGE)
PRIORITY = Refusal(400, "InvalidPriority.ValueNotSupported", "The parameter Priority is invalid.", _PAGE)
NIC_TYPE_STAYS = Refusal(400, "InvalidOperation.ModifyNicType", "NicType is not allowed to modify.", _PAGE)
SOURCE_CIDR = Refusal(400, "InvalidSourceCidrIp.Malformed", "The specified parameter SourceCidrIp is not valid.", _PAGE)
DESTINATION_CIDR = Refusal(400, "InvalidParam.DestCidrIp", "The specified param DestCidrIp is not valid.", _PAGE)
SOURCE_KIND = Refusal(
    400,
    "InvalidOperation.ModifySgRuleEntityType",
    "The source or destination type of the rules cannot be modified.",
    _PAGE,
)
NO_SOURCE = Refusal(
    400,
    "MissingParameter.Source",
    "One of the parameters SourceCidrIp, SourceGroupId or SourcePrefixListId must be specified.",
    _PAGE,
)
DUPLICATE = Refusal(400, "InvalidOperation.RuleDuplicate", "%s.", _PAGE)
