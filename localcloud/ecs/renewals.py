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
        _refuse_page(params, "PageSize", _MOST, refusals.PAGE_SIZE)
        _refuse_page(params, "PageNumber", 10**6, refusals.PAGE_NUMBER)
        chosen = [one for one in self._asked(params, held) if status in ("", "Normal")]
        page, head = self._listing.page(params, chosen, most=_MOST, tokens=False)
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


def _refuse_page(params: Params, name: str, most: int, refusal: Refusal) -> None:
    if whole(params.text(name, "1"), 1, most) is None:
        raise refusal.error()


def _shown(one: Instance) -> Answer:
    """UNVERIFIED: the period of a subscription that does not renew by itself, of which the page's example has one."""
    return {
        "InstanceId": one.id,
        "RenewalStatus": "Normal",
        "AutoRenewEnabled": False,
        "Duration": 1,
        "PeriodUnit": "Month",
    }
