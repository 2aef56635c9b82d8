"""What each action of EventBridge needs: the RAM action of its name, on which resources.

"RAM authorization" (https://www.alibabacloud.com/help/en/eventbridge/developer-reference/api-eventbridge-2020-04-01-ram)
and https://www.alibabacloud.com/help/en/eventbridge/policies (read 2026-11).  UNVERIFIED: the resources of the two
lists, and of TestEventPattern.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.door import Call

_BUS = "eventbus/{EventBusName}"
_RULE = "eventbus/{EventBusName}/rule/{RuleName}"
#: The resource of each action, with the parameters that name it.
NEEDS = {
    "CreateEventBus": _BUS,
    "GetEventBus": _BUS,
    "ListEventBuses": "eventbus/*",
    "DeleteEventBus": _BUS,
    "CreateRule": _RULE,
    "GetRule": _RULE,
    "UpdateRule": _RULE,
    "EnableRule": _RULE,
    "DisableRule": _RULE,
    "ListRules": _BUS,
    "DeleteRule": _RULE,
    "PutTargets": _RULE,
    "ListTargets": _RULE,
    "DeleteTargets": _RULE,
    "PutEvents": _BUS,
    "TestEventPattern": "*",
}


def needs(account: str, call: "Call") -> Iterator[Need]:
    """What *call* needs; nothing for an action that nobody wrote."""
    path = NEEDS.get(call.action)
    if path is None:
        return
    for name in ("EventBusName", "RuleName"):
        path = path.replace(f"{{{name}}}", call.params.get(name, ""))
    yield Need(
        f"eventbridge:{call.action}",
        path if path == "*" else f"acs:eventbridge:{call.region}:{account}:{path}",
    )
