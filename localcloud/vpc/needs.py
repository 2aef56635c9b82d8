"""What each action of VPC needs: the RAM action of its name, on which resources.

Resources: the pages of the actions, such as
https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describevswitches; for CreateVSwitch and
what changes or deletes a network or a vSwitch, the list of all actions in "RAM authentication" (VPC help, 2018).  Both
read 2026-11.  UNVERIFIED: the resources of ModifyEipAddressAttribute and of the tags.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from localcloud.ecs.parameters import Params
from localcloud.ecs.resources import Needs, Table, comma_list, each, every, of_type, one, shown, within
from localcloud.ram.evaluation import Need
from localcloud.vpc.models import Address

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call


class VpcNeeds:
    """What the calls to VPC need, and those to ECS for what moved from there."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._own = Needs(cloud, "vpc", NEEDS, TAGGING)

    def of(self, call: "Call") -> Iterator[Need]:
        """What *call* needs; an address is parted from its instance whether the call names that or not."""
        yield from self._own.of(call)
        params = Params.of(call)
        address = self._cloud.vpc.find(params.region, "eip", params.text("AllocationId"))
        if call.action == "UnassociateEipAddress" and isinstance(address, Address) and address.instance_id:
            yield self._own.on(f"instance/{address.instance_id}", params, product="ecs")


_ADDRESS = one("eip", "AllocationId")
_INSTANCE = one("instance", "InstanceId")
_NETWORK = one("vpc", "VpcId")
_VSWITCH = one("vswitch", "VSwitchId")
NEEDS: Table = {
    "CreateVpc": (every("vpc"),),
    "ModifyVpcAttribute": (_NETWORK,),
    "DeleteVpc": (_NETWORK,),
    "DescribeVpcs": (shown("vpc", comma_list("vpc", "VpcId")),),
    "DescribeVpcAttribute": (_NETWORK,),
    "CreateVSwitch": (every("vswitch"), _NETWORK),
    "ModifyVSwitchAttribute": (_VSWITCH,),
    "DeleteVSwitch": (_VSWITCH,),
    "DescribeVSwitches": (every("vswitch"),),
    "DescribeVSwitchAttributes": (_VSWITCH,),
    "AllocateEipAddress": (every("eip"),),
    # UNVERIFIED: whose the instance is, VPC's as on the page or ECS's as in the older list; so both are needed
    "AssociateEipAddress": (_ADDRESS, _INSTANCE, within("ecs", _INSTANCE)),
    "UnassociateEipAddress": (_ADDRESS, within("ecs", _INSTANCE)),
    "ReleaseEipAddress": (_ADDRESS,),
    "ModifyEipAddressAttribute": (_ADDRESS,),
    "DescribeEipAddresses": (every("eip"),),
    "DescribeVRouters": (every("vrouter"),),
    "DescribeRouteTableList": (every("routetable"),),
    "TagResources": (of_type(each),),
    "UnTagResources": (of_type(each),),
    "ListTagResources": (of_type(each),),
}
#: The actions that read ``Tag.N``.
TAGGING = frozenset(
    {
        "CreateVpc",
        "DescribeVpcs",
        "CreateVSwitch",
        "DescribeVSwitches",
        "AllocateEipAddress",
        "DescribeEipAddresses",
        "DescribeRouteTableList",
        "TagResources",
        "ListTagResources",
    }
)
