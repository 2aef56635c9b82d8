"""The domain that is registered of a longer name: GetMainDomainName.

https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-getmaindomainname (read 2026-11); the errors as its page
of 2017 lists them.
"""

from localcloud.alidns import errors
from localcloud.alidns.parameters import check_domain, check_host, need
from localcloud.ecs.parameters import Params

Answer = dict[str, object]
_LONGEST = 128
#: What a country's registry has domains below, as in example.com.cn.  UNVERIFIED: which the cloud knows.
_BELOW_COUNTRIES = frozenset({"ac", "co", "com", "edu", "gov", "mil", "net", "org"})


def main_domain(params: Params) -> Answer:
    """GetMainDomainName, by the name alone: whose it is does not count.

    UNVERIFIED: that the domain itself has the host record @ and the level 1, as www.example.com has the level 2.
    """
    given = need(params, "InputString")
    if len(given) > _LONGEST:
        raise errors.STRING_LENGTH.error()
    labels = given.lower().removesuffix(".").split(".")
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _BELOW_COUNTRIES else 2
    domain, host = ".".join(labels[-count:]), ".".join(labels[:-count]) or "@"
    check_domain(domain)
    check_host(host)
    return {"DomainName": domain, "RR": host, "DomainLevel": len(labels) - count + 1}
