"""Domains: taking one in, and looking at them."""

import uuid
from typing import TYPE_CHECKING

from localcloud.alidns import errors
from localcloud.alidns.models import Domain
from localcloud.alidns.parameters import domain_name
from localcloud.alidns.state import State
from localcloud.chance import stream
from localcloud.ecs.errors import PARAMETER_INVALID
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params
from localcloud.ecs.times import minute

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_SERVERS = ("ns1.alidns.com", "ns2.alidns.com")
#: The group of domains that are in no other; the account has none but it.
_DEFAULT_GROUP = "defaultGroup"
_PAGE = 100
_USUAL_PAGE = 20


def domain_id(cloud: "Cloud", name: str) -> str:
    """The id of a domain: a UUID that follows from its name."""
    return str(uuid.UUID(int=stream(cloud.id_seed, "domain", name).getrandbits(128)))


class Domains:
    """The domains of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    def add(self, params: Params) -> Answer:
        """AddDomain, to the default group."""
        name = domain_name(params)
        if params.text("GroupId", _DEFAULT_GROUP) != _DEFAULT_GROUP:
            raise PARAMETER_INVALID.error("GroupId")
        if name in self._state.domains:
            raise errors.DOMAIN_DUPLICATE.error()
        shown = params.text("DomainName").lower().removesuffix(".")
        domain = Domain(id=domain_id(self._cloud, name), name=name, shown=shown, created=self._cloud.clock.now)
        self._state.domains[name] = domain
        return {
            "DomainId": domain.id,
            "DomainName": domain.shown,
            "PunyCode": punycode(domain),
            "GroupId": "",
            "GroupName": "",
            "DnsServers": {"DnsServer": list(_SERVERS)},
        }

    def describe(self, params: Params) -> Answer:
        """DescribeDomains: the newest first, at most 100 a page."""
        word, mode = params.text("KeyWord").lower(), params.text("SearchMode", "LIKE")
        if mode not in ("LIKE", "EXACT"):
            raise PARAMETER_INVALID.error("SearchMode")
        chosen = [
            one
            for one in reversed(self._state.domains.values())
            if (not word or word == one.shown or (mode == "LIKE" and word in one.shown))
            and params.text("GroupId", _DEFAULT_GROUP) == _DEFAULT_GROUP
        ]
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE, usual=_USUAL_PAGE)
        return {**head, "Domains": {"Domain": [self._shown(one) for one in page]}}

    def _shown(self, one: Domain) -> Answer:
        return described(one) | {
            "CreateTimestamp": int(one.created.timestamp() * 1000),
            "RecordCount": len(self._state.records_of(one.name)),
            "InstanceEndTime": "",
            "InstanceExpired": False,
            "RegistrantEmail": "",
            "Starmark": False,
            "Tags": {"Tag": []},
        }


def described(one: Domain) -> Answer:
    """What both DescribeDomains and DescribeDomainInfo tell."""
    return {
        "DomainId": one.id,
        "DomainName": one.shown,
        "PunyCode": punycode(one),
        "AliDomain": one.registered,
        "CreateTime": minute(one.created),
        "DnsServers": {"DnsServer": list(_SERVERS)},
        "GroupId": "",
        "GroupName": "",
        "InstanceId": "",
        "VersionCode": "mianfei",
        "VersionName": "Free Edition",
        "Remark": "",
        "ResourceGroupId": "",
    }


def punycode(one: Domain) -> str:
    """The name's Punycode, as it is answered for a name that is not of ASCII; empty for the others."""
    return "" if one.shown == one.name else one.name
