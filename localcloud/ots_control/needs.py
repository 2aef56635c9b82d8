"""What each action on Tablestore's instances needs: a RAM action, on which resource.

https://www.alibabacloud.com/help/en/tablestore/user-guide/use-a-ram-policy-to-grant-permissions-to-a-ram-user (read
2026-11)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.door import Call

#: RAM's name of each action.
NEEDS = {
    "CreateInstance": "CreateInstance",
    "GetInstance": "GetInstance",
    "ListInstances": "ListInstance",
    "DeleteInstance": "DeleteInstance",
}


def needs(account: str, call: "Call") -> Iterator[Need]:
    """What *call* needs; nothing for an action that nobody wrote."""
    if call.action in NEEDS:
        named = "*" if call.action == "ListInstances" else call.params.get("InstanceName", "").lower()
        yield Need(f"ots:{NEEDS[call.action]}", f"acs:ots:{call.region}:{account}:instance/{named}")
