"""What each action of Tablestore's data plane needs: the RAM action of its name, on each table that it is about.

https://www.alibabacloud.com/help/en/tablestore/user-guide/use-a-ram-policy-to-grant-permissions-to-a-ram-user (read
2026-11): a batch is refused whole unless each of its tables is allowed, and an instance's name is in small letters.
UNVERIFIED: that an index is judged as a table of its own name when it is read.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.door import Call


def needs(account: str, call: "Call", asked: Any) -> Iterator[Need]:
    """What *call* needs, whose body is the message *asked*."""
    place = f"acs:ots:{call.region}:{account}:instance/{call.params['InstanceName'].lower()}/table"
    for table in tables(asked):
        yield Need(f"ots:{call.action}", f"{place}/{table}")


def tables(asked: Any) -> tuple[str, ...]:
    """The tables that a message is about; ``*`` when it is about all of an instance's."""
    if many := getattr(asked, "tables", None):
        return tuple(one.table_name for one in many)
    if meta := getattr(asked, "table_meta", None):
        return (meta.table_name,)
    name = getattr(asked, "table_name", "") or getattr(asked, "main_table_name", "")
    return (name or "*",)
