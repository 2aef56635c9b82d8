"""The state of DNS: the account's domains and their records; a domain is of no region."""

from dataclasses import dataclass, field

from localcloud.alidns import errors
from localcloud.alidns.models import Domain, Record


@dataclass
class State:
    """Domains by name, records by id, each in the order of its making."""

    domains: dict[str, Domain] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)

    def domain(self, name: str) -> Domain:
        """The domain, or InvalidDomainName.NoExist."""
        if name not in self.domains:
            raise errors.DOMAIN_NOT_FOUND.error()
        return self.domains[name]

    def record(self, record_id: str) -> Record:
        """The record, or DomainRecordNotBelongToUser."""
        if record_id not in self.records:
            raise errors.RECORD_NOT_FOUND.error()
        return self.records[record_id]

    def records_of(self, domain: str) -> list[Record]:
        """The domain's records, the oldest first."""
        return [one for one in self.records.values() if one.domain == domain]
