"""What is done when an instance's host needs maintenance: DescribeInstanceMaintenanceAttributes.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstancemaintenanceattributes
(read 2026-11), which lists no errors of its own
"""

from localcloud.ecs import errors
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State

Answer = dict[str, object]
_MOST = 100


class Maintenance:
    """The maintenance of one cloud's instances: each has the default, as nothing here changes it."""

    def __init__(self, state: State, listing: Listing) -> None:
        self._state = state
        self._listing = listing

    def describe(self, params: Params) -> Answer:
        """DescribeInstanceMaintenanceAttributes: of the instances that are named, or of all.

        UNVERIFIED: that one which is not there is left out, and the code for more than 100.
        """
        held, ids = self._state.of(params.region), params.each("InstanceId")
        if len(ids) > _MOST:
            raise errors.PARAMETER_INVALID.error("InstanceId")
        chosen = [one for one in self._listing.visible(held.instances.values()) if not ids or one.id in ids]
        page, head = self._listing.numbered_page(params, chosen, most=_MOST)
        return {**head, "MaintenanceAttributes": {"MaintenanceAttribute": [_shown(one) for one in page]}}


def _shown(one: Instance) -> Answer:
    """UNVERIFIED: that the default holds where nothing was said, and that no window is set."""
    return {
        "InstanceId": one.id,
        "NotifyOnMaintenance": False,
        "MaintenanceWindows": {"MaintenanceWindow": []},
        "ActionOnMaintenance": {
            "DefaultValue": "AutoRecover",
            "Value": "AutoRecover",
            "SupportedValues": {"SupportedValue": ["Stop", "AutoRecover"]},
        },
    }
