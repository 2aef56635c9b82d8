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

#: The kind of resource of an action, and the parameter that names it (none: all are needed); others need everything.
NEEDS = {
    "DescribeVpcs": ("vpc", None),
    "DescribeVSwitches": ("vswitch", None),
    "DescribeVSwitchAttributes": ("vswitch", "VSwitchId"),
}


def needs(account: str, call: "Call") -> Iterator[Need]:
    """What *call* needs; nothing when it does not name what it is about, and so is refused for that."""
    kind, name = NEEDS.get(call.action, ("*", None))
    id_ = "*" if name is None else call.params.get(name, "")
    if id_:
        resource = "*" if kind == "*" else f"{kind}/{id_}"
        yield Need(f"vpc:{call.action}", f"acs:vpc:{call.region}:{account}:{resource}")
