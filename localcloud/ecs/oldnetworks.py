"""Networks, vSwitches and elastic IP addresses as ECS (2014-05-26) had them before they moved to VPC (2016-04-28).

The pages are marked as deprecated and still describe the actions, such as
https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-createvpc (read 2026-11).  They do what
VPC's do; their lists tell less.
"""

from typing import TYPE_CHECKING, cast

from localcloud.ecs.parameters import Params

if TYPE_CHECKING:
    from localcloud.vpc import Vpc

Answer = dict[str, object]
_OF_NETWORK = (
    "VpcId",
    "VpcName",
    "Description",
    "RegionId",
    "CidrBlock",
    "Status",
    "IsDefault",
    "VRouterId",
    "CreationTime",
    "UserCidrs",
    "VSwitchIds",
)
_OF_VSWITCH = (
    "VSwitchId",
    "VSwitchName",
    "Description",
    "VpcId",
    "ZoneId",
    "CidrBlock",
    "Status",
    "IsDefault",
    "AvailableIpAddressCount",
    "CreationTime",
    "ResourceGroupId",
)
_OF_ADDRESS = (
    "AllocationId",
    "IpAddress",
    "Status",
    "RegionId",
    "InstanceId",
    "InstanceType",
    "Bandwidth",
    "EipBandwidth",
    "InternetChargeType",
    "ChargeType",
    "AllocationTime",
    "ExpiredTime",
    "OperationLocks",
)


class OldNetworks:
    """Asks VPC and tells what ECS told."""

    def __init__(self, vpc: "Vpc") -> None:
        self.vpc = vpc

    def describe_networks(self, params: Params) -> Answer:
        """DescribeVpcs."""
        return _narrowed(self.vpc.networks.describe(params), "Vpcs", "Vpc", _OF_NETWORK)

    def describe_vswitches(self, params: Params) -> Answer:
        """DescribeVSwitches."""
        return _narrowed(self.vpc.vswitches.describe(params), "VSwitches", "VSwitch", _OF_VSWITCH)

    def describe_addresses(self, params: Params) -> Answer:
        """DescribeEipAddresses."""
        return _narrowed(self.vpc.addresses.describe(params), "EipAddresses", "EipAddress", _OF_ADDRESS)

    def allocate_address(self, params: Params) -> Answer:
        """AllocateEipAddress, which knew no resource groups."""
        answer = self.vpc.addresses.allocate(params)
        return {field: answer[field] for field in ("AllocationId", "EipAddress")}

    def unassociate_address(self, params: Params) -> Answer:
        """UnassociateEipAddress, which has to be told the instance, too."""
        params.need("InstanceId")
        return self.vpc.addresses.unassociate(params)


def _narrowed(answer: Answer, outer: str, inner: str, fields: tuple[str, ...]) -> Answer:
    items = cast("dict[str, list[Answer]]", answer[outer])[inner]
    return {**answer, outer: {inner: [{field: one[field] for field in fields} for one in items]}}
