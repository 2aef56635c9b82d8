"""The actions of Alidns: which there are, and how a call comes to its answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from localcloud import world as given
from localcloud.alidns.domaindetails import DomainDetails
from localcloud.alidns.domains import Domains, domain_id
from localcloud.alidns.maindomains import main_domain
from localcloud.alidns.models import Domain, Record
from localcloud.alidns.needs import needs
from localcloud.alidns.records import Records, record_id
from localcloud.alidns.state import State
from localcloud.alidns.subdomains import SubDomains
from localcloud.alidns.unmodelled import HARMLESS, NOT_DONE
from localcloud.ecs.api import Action, perform
from localcloud.ecs.errors import FORBIDDEN
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params
from localcloud.ecs.tokens import ClientTokens
from localcloud.ecs.unmodelled import refuse_unmodelled

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]


class Alidns:
    """The DNS of one cloud; a domain is of no region."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._tokens = ClientTokens(cloud)  # which no action takes
        self._state, listing = State(), Listing(cloud)
        domains, records = Domains(cloud, self._state, listing), Records(cloud, self._state, listing)
        details, hosts = DomainDetails(self._state), SubDomains(self._state, listing, records)
        self.actions: Mapping[str, Action] = {
            "AddDomain": Action(domains.add, region=False),
            "DescribeDomains": Action(domains.describe, region=False),
            "DescribeDomainInfo": Action(details.info, region=False),
            "GetMainDomainName": Action(main_domain, region=False),
            "DeleteDomain": Action(details.delete, region=False),
            "AddDomainRecord": Action(records.add, region=False),
            "UpdateDomainRecord": Action(records.update, region=False),
            "DeleteDomainRecord": Action(records.delete, region=False),
            "SetDomainRecordStatus": Action(records.set_status, region=False),
            "UpdateDomainRecordRemark": Action(records.set_remark, region=False),
            "DescribeDomainRecords": Action(records.describe, region=False),
            "DescribeSubDomainRecords": Action(hosts.describe, region=False),
            "DescribeDomainRecordInfo": Action(records.info, region=False),
        }
        for name, holds in cloud.world.domains.items():
            _fill(cloud, self._state, name, holds)

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        return perform(self.actions, self._tokens, call, self._admit)

    def _admit(self, call: "Call") -> None:
        needed = needs(self._cloud.account, self._state, call)
        self._cloud.ram.permits.demand(call, needed, lambda _: FORBIDDEN.error())
        refuse_unmodelled(Params.of(call), NOT_DONE, HARMLESS)


def _fill(cloud: "Cloud", state: State, name: str, holds: tuple[given.DnsRecord, ...]) -> None:
    """Put a domain of the world into *state*."""
    now = cloud.clock.now
    state.domains[name] = Domain(id=domain_id(cloud, name), name=name, shown=name, created=now, registered=True)
    for one in holds:
        # The id follows from what the record says, so that one more changes no other's.
        new_id = record_id(cloud, name, one.rr, one.type, one.value, one.line)
        state.records[new_id] = Record(id=new_id, domain=name, created=now, **one.model_dump())
