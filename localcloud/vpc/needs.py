"""What each action of VPC needs: the RAM action of its name, on which resources.

"RAM authorization" of VPC and the pages of the actions, e.g.
https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describevswitches (read 2026-11).
UNVERIFIED: the resources of the other two.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.door import Call

#: The kind of resource of each action, and the parameter that names it (none: all are needed).
NEEDS = {
    "DescribeVpcs": ("vpc", None),
    "DescribeVSwitches": ("vswitch", None),
    "DescribeVSwitchAttributes": ("vswitch", "VSwitchId"),
}


def needs(account: str, call: "Call") -> Iterator[Need]:
    """What *call* needs; nothing for an action that nobody wrote, or that does not name what it is about."""
    if call.action in NEEDS:
        kind, name = NEEDS[call.action]
        id_ = "*" if name is None else call.params.get(name, "")
        if id_:
            yield Need(f"vpc:{call.action}", f"acs:vpc:{call.region}:{account}:{kind}/{id_}")
