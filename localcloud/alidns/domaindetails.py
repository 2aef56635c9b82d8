"""One domain: DescribeDomainInfo, DeleteDomain.

https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describedomaininfo and .../-deletedomain (read 2026-11)
"""

import json

from localcloud.alidns import errors
from localcloud.alidns.domains import described
from localcloud.alidns.parameters import LEAST_TTL, domain_name
from localcloud.alidns.state import State
from localcloud.ecs.parameters import Params

Answer = dict[str, object]
#: UNVERIFIED: which lines and seconds the free edition has; the page's examples have these and more.
_LINES = ("default", "telecom", "unicom", "mobile", "oversea", "edu")
_TTLS = (LEAST_TTL, 1800, 3600, 43200, 86400)


class DomainDetails:
    """The domains of one cloud, one by one."""

    def __init__(self, state: State) -> None:
        self._state = state

    def info(self, params: Params) -> Answer:
        """DescribeDomainInfo; lines and what may be set as TTL only with NeedDetailAttributes."""
        domain = self._state.domain(domain_name(params))
        return {
            **described(domain),
            "InBlackHole": False,
            "InClean": False,
            "SubDomain": False,
            **(_details() if params.flag("NeedDetailAttributes") else {}),
        }

    def delete(self, params: Params) -> Answer:
        """DeleteDomain, with its records: one that was added, and not one that is registered with Alibaba Cloud.

        UNVERIFIED: which of the two codes an unknown domain gets, this or IncorrectDomainUser.
        """
        domain = self._state.domain(domain_name(params))
        if domain.registered:
            raise errors.DOMAIN_REGISTERED.error()
        for record in self._state.records_of(domain.name):
            del self._state.records[record.id]
        del self._state.domains[domain.name]
        return {"DomainName": domain.shown}


def _details() -> Answer:
    lines = [{"FatherCode": "", "LineCode": one, "LineName": one, "LineDisplayName": one} for one in _LINES]
    return {
        "LineType": "region_province",
        "RegionLines": False,
        "SlaveDns": False,
        "MinTtl": LEAST_TTL,
        "AvailableTtls": {"AvailableTtl": [str(one) for one in _TTLS]},
        "RecordLines": {"RecordLine": lines},
        "RecordLineTreeJson": json.dumps({one: {} for one in _LINES}),
    }
