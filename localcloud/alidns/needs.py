"""What each action of Alidns needs: the RAM action of its name, on a domain or on all.

https://www.alibabacloud.com/help/en/dns/ram-authorization and .../permission-management, which has a domain by its
name in the policies, and another resource only for a domain of a paid edition (read 2026-11).  UNVERIFIED: which
actions are about one domain; that the name is in Punycode where it is not of ASCII; and that a record which is not
there is one of any domain, and so is a host of a domain which is not there.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from localcloud.alidns.parameters import ascii_name, domain_name, need
from localcloud.alidns.state import State
from localcloud.alidns.subdomains import parent
from localcloud.ecs.parameters import Params
from localcloud.ram.evaluation import Need
from localcloud.wire import ApiError

if TYPE_CHECKING:
    from localcloud.door import Call

#: The parameter that tells the domain of an action; none: all domains are needed.
NEEDS: Mapping[str, str] = {
    "AddDomain": "",
    "DescribeDomains": "",
    # "All Resource" on its page
    "DescribeDomainInfo": "",
    "GetMainDomainName": "",
    "DeleteDomain": "DomainName",
    "AddDomainRecord": "DomainName",
    "UpdateDomainRecord": "RecordId",
    "DeleteDomainRecord": "RecordId",
    "SetDomainRecordStatus": "RecordId",
    "UpdateDomainRecordRemark": "RecordId",
    "DescribeDomainRecords": "DomainName",
    "DescribeSubDomainRecords": "SubDomain",
    "DescribeDomainRecordInfo": "RecordId",
}


def needs(account: str, state: State, call: "Call") -> Iterator[Need]:
    """What *call* needs; nothing when it does not name what it is about, and so is refused for that."""
    named = _domain(state, NEEDS.get(call.action, ""), Params.of(call))
    if named:
        # The service is of no region: a policy may have an asterisk there, or nothing.
        yield Need(f"alidns:{call.action}", f"acs:alidns::{account}:domain/{named}")


def _domain(state: State, by: str, params: Params) -> str:
    """The domain that the call is about, ``*`` for any; empty when it names none, or one that cannot be."""
    if not by:
        return "*"
    if by == "RecordId":
        record = state.records.get(params.text(by))
        unknown = "*" if params.has(by) else ""
        return record.domain if record else unknown
    try:
        if by == "SubDomain" and not params.has("DomainName"):
            return parent(state, ascii_name(need(params, by))) or "*"
        return domain_name(params)
    except ApiError:
        return ""
