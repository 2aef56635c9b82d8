"""Records of domains: adding, changing, pausing and deleting them, and looking at them."""

from typing import TYPE_CHECKING

from localcloud.alidns import errors
from localcloud.alidns.domains import punycode
from localcloud.alidns.models import Record
from localcloud.alidns.parameters import domain_name, host_record, kind_and_value, line, need, priority, ttl
from localcloud.alidns.search import found
from localcloud.alidns.state import State
from localcloud.chance import stream
from localcloud.ecs.errors import PARAMETER_INVALID
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_PAGE = 500
_USUAL_PAGE = 20
#: What may stand beside a CNAME where the host record is the domain itself; elsewhere nothing may.
#: https://www.alibabacloud.com/help/en/dns/dns-record-conflict-rules (read 2026-11)
_BESIDE_CNAME = frozenset({"CNAME", "NS", "MX", "TXT"})


def record_id(cloud: "Cloud", *purpose: object) -> str:
    """The id of a record: 18 digits that follow from *purpose*."""
    return str(stream(cloud.id_seed, "dns record", *purpose).randint(10**17, 10**18 - 1))


class Records:
    """The records of one cloud's domains."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._made = 0

    # --- acting ------------------------------------------------------------------------------------------------------

    def add(self, params: Params) -> Answer:
        """AddDomainRecord: it is in use at once."""
        domain = self._state.domain(domain_name(params))
        asked = self._asked(params, domain.name)
        self._refuse_beside(asked)
        self._made += 1
        asked.id = record_id(self._cloud, self._made)
        self._state.records[asked.id] = asked
        return {"RecordId": asked.id}

    def update(self, params: Params) -> Answer:
        """UpdateDomainRecord: all of it anew; one that is so already is refused."""
        record = self._state.record(need(params, "RecordId"))
        asked = self._asked(params, record.domain)
        if _essence(asked) == _essence(record) and (asked.ttl, asked.priority) == (record.ttl, record.priority):
            raise errors.RECORD_DUPLICATE.error()
        self._refuse_beside(asked, record)
        record.rr, record.type, record.value = asked.rr, asked.type, asked.value
        record.line, record.ttl, record.priority = asked.line, asked.ttl, asked.priority
        record.updated = self._cloud.clock.now
        return {"RecordId": record.id}

    def delete(self, params: Params) -> Answer:
        """DeleteDomainRecord."""
        record = self._state.record(need(params, "RecordId"))
        del self._state.records[record.id]
        return {"RecordId": record.id}

    def set_status(self, params: Params) -> Answer:
        """SetDomainRecordStatus: Enable, or Disable, which leaves the record but does not answer by it."""
        record = self._state.record(need(params, "RecordId"))
        status = need(params, "Status").capitalize()
        if status not in ("Enable", "Disable"):
            raise PARAMETER_INVALID.error("Status")
        record.status = status
        record.updated = self._cloud.clock.now
        return {"RecordId": record.id, "Status": record.status}

    def set_remark(self, params: Params) -> Answer:
        """UpdateDomainRecordRemark: none deletes what was there."""
        record = self._state.record(need(params, "RecordId"))
        record.remark = params.text("Remark")
        return {}

    def _asked(self, params: Params, domain: str) -> Record:
        """The record that a call describes; it has no id yet."""
        rr = host_record(params)
        kind, value = kind_and_value(params)
        return Record(
            id="",
            domain=domain,
            rr=rr,
            type=kind,
            value=value,
            line=line(params),
            ttl=ttl(params),
            priority=priority(params, kind),
            created=self._cloud.clock.now,
        )

    def _refuse_beside(self, asked: Record, instead_of: Record | None = None) -> None:
        """What the domain's other records do not allow."""
        others = [one for one in self._state.records_of(asked.domain) if one is not instead_of]
        if any(_essence(one) == _essence(asked) for one in others):
            raise errors.RECORD_DUPLICATE.error()
        if any(_conflict(one, asked) for one in others):
            raise errors.RECORD_CONFLICT.error()

    # --- looking -----------------------------------------------------------------------------------------------------

    def describe(self, params: Params) -> Answer:
        """DescribeDomainRecords: the newest first unless told otherwise, at most 500 a page."""
        domain = self._state.domain(domain_name(params))
        direction = params.text("Direction", "DESC")
        if direction not in ("DESC", "ASC"):
            raise PARAMETER_INVALID.error("Direction")
        records = self._state.records_of(domain.name)
        chosen = found(params, records if direction == "ASC" else reversed(records))
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE, usual=_USUAL_PAGE)
        return {**head, "DomainRecords": {"Record": [self._shown(one) for one in page]}}

    def info(self, params: Params) -> Answer:
        """DescribeDomainRecordInfo: one record, with its domain."""
        record = self._state.record(need(params, "RecordId"))
        domain = self._state.domains[record.domain]
        about = {"DomainId": domain.id, "PunyCode": punycode(domain), "GroupId": "", "GroupName": ""}
        return self.common(record) | about

    def _shown(self, one: Record) -> Answer:
        moments = {"CreateTimestamp": int(one.created.timestamp() * 1000)}
        if one.updated is not None:
            moments["UpdateTimestamp"] = int(one.updated.timestamp() * 1000)
        return self.common(one) | moments

    def common(self, one: Record) -> Answer:
        """What every action tells of a record; a priority is told of MX records only."""
        only_mx = {} if one.priority is None else {"Priority": one.priority}
        return {
            "RecordId": one.id,
            "DomainName": self._state.domains[one.domain].shown,
            "RR": one.rr,
            "Type": one.type,
            "Value": one.value,
            "Line": one.line,
            "TTL": one.ttl,
            "Status": one.status,
            "Locked": False,
            "Remark": one.remark,
            **only_mx,
        }


def _essence(one: Record) -> tuple[str, str, str, str]:
    return one.rr, one.type, one.value, one.line


def _conflict(one: Record, other: Record) -> bool:
    """Whether a CNAME stands beside what it may not stand beside."""
    kinds = {one.type, other.type}
    if (one.rr, one.line) != (other.rr, other.line) or "CNAME" not in kinds or kinds == {"CNAME"}:
        return False
    return one.rr != "@" or not kinds <= _BESIDE_CNAME
