"""How subscriptions are renewed: DescribeInstanceAutoRenewAttribute.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstanceautorenewattribute (read
2026-11)
"""

from collections.abc import Sequence

from localcloud.ecs.errors import Refusal
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import renewal as refusals
from localcloud.ecs.state import Held, State
from localcloud.texts import whole

Answer = dict[str, object]
_MOST = 100
_STATUSES = ("AutoRenewal", "Normal", "NotRenewal")


class Renewals:
    """The renewals of one cloud's instances."""

    def __init__(self, state: State, listing: Listing) -> None:
        self._state = state
        self._listing = listing

    def describe(self, params: Params) -> Answer:
        """DescribeInstanceAutoRenewAttribute: of subscriptions, none of which renews by itself here.

        A named instance that is paid as one goes is refused; those of a status are subscriptions only.
        """
        held = self._state.of(params.region)
        status = params.text("RenewalStatus")
        if not status and not params.has("InstanceId"):
            raise refusals.NOTHING_ASKED.error()
        if status and status not in _STATUSES:
            raise refusals.STATUS.error()
        size = _whole(params, "PageSize", 10, _MOST, refusals.PAGE_SIZE)
        number = _whole(params, "PageNumber", 1, 10**6, refusals.PAGE_NUMBER)
        chosen = [one for one in self._asked(params, held) if status in ("", "Normal")]
        page, head = self._listing.by_number(params, chosen, number, size)
        return {**head, "InstanceRenewAttributes": {"InstanceRenewAttribute": [_shown(one) for one in page]}}

    def _asked(self, params: Params, held: Held) -> Sequence[Instance]:
        """The subscriptions that the call names, or all of them."""
        ids = params.comma_list("InstanceId")
        if ids is None:
            known = self._listing.visible(held.instances.values())
            return [one for one in known if one.charge_type == "PrePaid"]
        if len(ids) > _MOST:
            raise refusals.TOO_MANY.error()
        if not ids <= set(held.instances):
            raise refusals.NOT_FOUND.error()
        named = [one for one in held.instances.values() if one.id in ids]
        if any(one.charge_type != "PrePaid" for one in named):
            raise refusals.PAY_AS_YOU_GO.error()
        return named


def _whole(params: Params, name: str, default: int, most: int, refusal: Refusal) -> int:
    number = whole(params.text(name, str(default)), 1, most)
    if number is None:
        raise refusal.error()
    return number


def _shown(one: Instance) -> Answer:
    """UNVERIFIED: the period of a subscription that does not renew by itself, of which the page's example has one."""
    return {
        "InstanceId": one.id,
        "RenewalStatus": "Normal",
        "AutoRenewEnabled": False,
        "Duration": 1,
        "PeriodUnit": "Month",
    }
