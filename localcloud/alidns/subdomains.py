"""The records of one host: DescribeSubDomainRecords.

https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describesubdomainrecords (read 2026-11)
"""

from localcloud.alidns import errors
from localcloud.alidns.models import Record
from localcloud.alidns.parameters import ascii_name, domain_name, need
from localcloud.alidns.records import Records
from localcloud.alidns.state import State
from localcloud.ecs.errors import PARAMETER_INVALID
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params

Answer = dict[str, object]
#: The help page; the SDK of 2026 says 100.
_PAGE = 500
_USUAL_PAGE = 20


class SubDomains:
    """The hosts of one cloud's domains."""

    def __init__(self, state: State, listing: Listing, records: Records) -> None:
        self._state = state
        self._listing = listing
        self._records = records

    def describe(self, params: Params) -> Answer:
        """DescribeSubDomainRecords: those of a host, the newest first, at most 500 a page.

        Which part of the name is the domain says DomainName, or else what the account has: the shortest that fits.
        UNVERIFIED: the order, and what is said of a host outside of the named domain.
        """
        name = ascii_name(need(params, "SubDomain"))
        domain = domain_name(params) if params.has("DomainName") else parent(self._state, name)
        if domain not in self._state.domains:
            raise errors.DOMAIN_OF_OTHERS.error()
        if name != domain and not name.endswith(f".{domain}"):
            raise PARAMETER_INVALID.error("SubDomain")
        host = name.removesuffix(domain).removesuffix(".") or "@"
        records = reversed(self._state.records_of(domain))
        chosen = [one for one in records if one.rr == host and _fits(params, one)]
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE, usual=_USUAL_PAGE)
        return {**head, "DomainRecords": {"Record": [self._records.common(one) for one in page]}}


def parent(state: State, name: str) -> str:
    """The account's domain that a host is in; the shortest, as it is the one that is registered.  Empty: none."""
    return min((one for one in state.domains if f".{name}".endswith(f".{one}")), key=len, default="")


def _fits(params: Params, one: Record) -> bool:
    return all(
        params.text(field, value).lower() == value.lower()
        for field, value in {"Type": one.type, "Line": one.line}.items()
    )
