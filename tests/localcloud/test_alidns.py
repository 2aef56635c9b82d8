"""Alidns: domains are taken in, their records added, changed, paused, found and deleted."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.alidns import errors
from localcloud.ecs.errors import PARAMETER_INVALID, Refusal
from tests.localcloud.ecs_world import HERE, Ground, ground, refused

RECORDS: list[dict[str, Any]] = [
    {"rr": "@", "type": "MX", "value": "mx1.example.com", "priority": 10},
    {"rr": "www", "type": "A", "value": "203.0.113.7"},
    {"rr": "shop", "type": "CNAME", "value": "www.example.com", "ttl": 60, "status": "Disable", "remark": "soon"},
]
NAME = "example.com"
Act = Callable[[Ground], object]


DOMAINS = {"domains": {NAME: RECORDS, "example.org": []}}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=DOMAINS) as made:
        yield made


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A ground for calls that are refused, which leave everything as it was."""
    with ground(tmp_path_factory.mktemp("still"), extra=DOMAINS) as made:
        before = dns(made, "DescribeDomains"), listed(made)
        yield made
        assert (dns(made, "DescribeDomains"), listed(made)) == before


def dns(g: Ground, action: str, **wire: Any) -> dict[str, Any]:
    return g.ask(action, HERE, "alidns", **wire)


def add(g: Ground, rr: str, kind: str, value: str, **wire: Any) -> str:
    asked = {"DomainName": NAME, "RR": rr, "Type": kind, "Value": value, **wire}
    return str(dns(g, "AddDomainRecord", **asked)["RecordId"])


def listed(g: Ground, **wire: Any) -> list[dict[str, Any]]:
    return list(dns(g, "DescribeDomainRecords", **{"DomainName": NAME, **wire})["DomainRecords"]["Record"])


def hosts(g: Ground, **wire: Any) -> list[str]:
    return [one["RR"] for one in listed(g, **wire)]


def record_of(g: Ground, rr: str) -> dict[str, Any]:
    (one,) = (one for one in listed(g) if one["RR"] == rr)
    return one


def test_a_world_has_domains_with_records(g: Ground) -> None:
    """DescribeDomains and DescribeDomainRecords show what the world file says, in no region."""
    found = dns(g, "DescribeDomains")
    assert (found["TotalCount"], found["PageSize"]) == (2, 20)
    assert [(one["DomainName"], one["RecordCount"]) for one in found["Domains"]["Domain"]] == [
        ("example.org", 0),
        (NAME, 3),
    ]
    shop = record_of(g, "shop")
    assert (shop["Type"], shop["Value"], shop["TTL"]) == ("CNAME", "www.example.com", 60)
    assert (shop["Status"], shop["Remark"], shop["Line"], shop["Locked"]) == ("Disable", "soon", "default", False)
    assert record_of(g, "@")["Priority"] == 10
    assert "Priority" not in shop


def test_a_domain_is_taken_in_and_found(g: Ground) -> None:
    """AddDomain answers its id and name servers; a name that is not of ASCII has a Punycode."""
    made = dns(g, "AddDomain", DomainName="Example.NET")
    assert (made["DomainName"], made["DnsServers"]["DnsServer"][0]) == ("example.net", "ns1.alidns.com")
    chinese = dns(g, "AddDomain", DomainName="中文.com")
    assert (chinese["DomainName"], chinese["PunyCode"]) == ("中文.com", "xn--fiq228c.com")

    def names(**wire: Any) -> list[str]:
        return [one["DomainName"] for one in dns(g, "DescribeDomains", **wire)["Domains"]["Domain"]]

    assert names() == ["中文.com", "example.net", "example.org", NAME]
    assert names(KeyWord="AMPLE.N") == names(KeyWord="example.net", SearchMode="EXACT") == ["example.net"]
    assert names(KeyWord="ample", SearchMode="EXACT") == names(GroupId="7") == []
    assert names(PageSize=1, PageNumber=2) == ["example.net"]
    record = dns(g, "AddDomainRecord", DomainName="中文.com", RR="www", Type="A", Value="203.0.113.1")["RecordId"]
    found = dns(g, "DescribeDomainRecordInfo", RecordId=record)
    assert (found["DomainName"], found["PunyCode"]) == ("中文.com", "xn--fiq228c.com")
    assert found["DomainId"] == chinese["DomainId"]


def test_a_record_lives(g: Ground) -> None:
    """A record is added, changed, paused, remarked on, and deleted."""
    made = add(g, "api", "A", "203.0.113.8")
    assert dns(g, "DescribeDomainRecordInfo", RecordId=made)["Value"] == "203.0.113.8"
    changed = {"RecordId": made, "RR": "api", "Type": "AAAA", "Value": "2001:db8::1", "TTL": 900, "Line": "telecom"}
    assert dns(g, "UpdateDomainRecord", **changed)["RecordId"] == made
    paused = dns(g, "SetDomainRecordStatus", RecordId=made, Status="DISABLE")
    assert (paused["RecordId"], paused["Status"]) == (made, "Disable")
    dns(g, "UpdateDomainRecordRemark", RecordId=made, Remark="new")
    found = record_of(g, "api")
    assert (found["Type"], found["Value"], found["TTL"]) == ("AAAA", "2001:db8::1", 900)
    assert (found["Line"], found["Status"], found["Remark"]) == ("telecom", "Disable", "new")
    assert found["CreateTimestamp"] == found["UpdateTimestamp"] == 1767578400000
    dns(g, "SetDomainRecordStatus", RecordId=made, Status="Enable")
    dns(g, "UpdateDomainRecordRemark", RecordId=made)
    assert (record_of(g, "api")["Status"], record_of(g, "api")["Remark"]) == ("Enable", "")
    assert dns(g, "DeleteDomainRecord", RecordId=made)["RecordId"] == made
    assert "api" not in hosts(g)
    with refused("DomainRecordNotBelongToUser", 400):
        dns(g, "DescribeDomainRecordInfo", RecordId=made)


def test_an_update_may_change_the_ttl_alone(g: Ground) -> None:
    """The same value with another TTL is a change; with the same it is refused."""
    www = record_of(g, "www")
    same = {"RecordId": www["RecordId"], "RR": "www", "Type": "A", "Value": "203.0.113.7"}
    dns(g, "UpdateDomainRecord", **same, TTL=1200)
    assert record_of(g, "www")["TTL"] == 1200
    with refused("DomainRecordDuplicate", 400):
        dns(g, "UpdateDomainRecord", **same, TTL=1200)


def test_records_are_found_in_each_mode(g: Ground) -> None:
    """Newest first; by a keyword, by parts of fields, by whole fields."""
    add(g, "www2", "A", "203.0.113.9", Line="unicom")
    assert hosts(g) == ["www2", "shop", "www", "@"]
    assert hosts(g, Direction="ASC") == ["@", "www", "shop", "www2"]
    assert hosts(g, KeyWord="WWW") == ["www2", "shop", "www"]
    assert hosts(g, KeyWord="www", SearchMode="EXACT") == ["www"]
    assert hosts(g, RRKeyWord="ww", TypeKeyWord="a") == ["www2", "www"]
    assert hosts(g, ValueKeyWord="0.113.9") == hosts(g, Line="unicom") == ["www2"]
    assert hosts(g, RRKeyWord="www", SearchMode="COMBINATION") == ["www"]
    assert hosts(g, Type="MX", SearchMode="ADVANCED") == ["@"]
    assert hosts(g, Status="DISABLE") == ["shop"]
    assert hosts(g, GroupId=-1) == hosts(g, GroupId=-2, OrderBy="default") == hosts(g)
    assert hosts(g, GroupId=0) == hosts(g, GroupId=7, KeyWord="www") == []
    page = dns(g, "DescribeDomainRecords", DomainName=NAME, PageSize=3, PageNumber=2)
    assert (page["TotalCount"], page["PageSize"], page["PageNumber"]) == (4, 3, 2)
    assert [one["RR"] for one in page["DomainRecords"]["Record"]] == ["@"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("A", "203.0.113.1"),
        ("AAAA", "2001:db8::1"),
        ("CNAME", "a-b.example.net."),
        ("MX", "mx.example.net"),
        ("NS", "ns1.example.net"),
        ("TXT", "v=spf1 include:example.net ~all"),
        ("SRV", "0 5 5060 sip.example.net"),
        ("CAA", '0 issue "ca.example.net"'),
    ],
)
def test_each_type_has_its_values(g: Ground, kind: str, value: str) -> None:
    """A value of the right form is taken as it is."""
    add(g, "*.new", kind, value, **({"Priority": 50} if kind == "MX" else {}))
    assert record_of(g, "*.new")["Value"] == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("A", "203.0.113"),
        ("A", "2001:db8::1"),
        ("A", "0203.0.113.1"),
        ("AAAA", "203.0.113.1"),
        ("AAAA", "fe80::1%eth0"),
        ("CNAME", "203.0.113.1:80"),
        ("CNAME", "localhost"),
        ("CNAME", "-x.example.net"),
        ("MX", "http://mx.example.net"),
        ("NS", "ns 1.example.net"),
        ("TXT", "x" * 513),
        ("TXT", "two\nlines"),
        ("SRV", "0 5 70000 sip.example.net"),
        ("SRV", "sip.example.net"),
        ("CAA", "256 issue ca.example.net"),
        ("CAA", "0 trust ca.example.net"),
    ],
)
def test_a_value_of_another_form_is_refused(still: Ground, kind: str, value: str) -> None:
    """Each type refuses what it can't hold, by a code of its own, in a new record and in a changed one."""
    for act in (record, update):
        with refused(f"InvalidRR.{kind}Value", 400, f"The value of the {kind} record is invalid."):
            act(Type=kind, Value=value, Priority=1)(still)


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (("www2", "CNAME"), ("www2", "A"), True),
        (("www2", "TXT"), ("www2", "CNAME"), True),
        (("www2", "MX"), ("www2", "CNAME"), True),
        (("@", "TXT"), ("@", "CNAME"), False),
        (("@", "CNAME"), ("@", "NS"), False),
        (("@", "CNAME"), ("@", "AAAA"), True),
        (("www2", "CNAME"), ("www2", "CNAME"), False),
        (("www2", "A"), ("www2", "AAAA"), False),
        (("www2", "A"), ("www3", "CNAME"), False),
    ],
)
def test_a_cname_stands_alone(g: Ground, first: tuple[str, str], second: tuple[str, str], clash: bool) -> None:
    """A CNAME bears no other record of its host and line but another CNAME, and a few where the host is the domain."""
    values = {"A": "203.0.113.1", "AAAA": "2001:db8::1"}
    add(g, *first, values.get(first[1], "one.example.net"), Priority=1)
    asked = (*second, values.get(second[1], "two.example.net"))
    if clash:
        with refused("DomainRecordConflict", 400):
            add(g, *asked, Priority=1)
        add(g, *asked, Priority=1, Line="telecom")
    else:
        add(g, *asked, Priority=1)


def test_an_update_into_a_conflict_is_refused(g: Ground) -> None:
    """A record can't become what another one does not allow, nor its double."""
    www = record_of(g, "www")["RecordId"]
    add(g, "api", "A", "203.0.113.7")
    with refused("DomainRecordConflict", 400):
        dns(g, "UpdateDomainRecord", RecordId=www, RR="shop", Type="A", Value="203.0.113.7")
    with refused("DomainRecordDuplicate", 400):
        dns(g, "UpdateDomainRecord", RecordId=www, RR="api", Type="A", Value="203.0.113.7")
    assert record_of(g, "www")["Value"] == "203.0.113.7"


def of_host(g: Ground, host: str, **wire: Any) -> list[tuple[str, str]]:
    found = dns(g, "DescribeSubDomainRecords", SubDomain=host, **wire)
    return [(one["RR"], one["Value"]) for one in found["DomainRecords"]["Record"]]


def test_records_are_told_by_host(g: Ground) -> None:
    """Of the domain itself, of a host of it, of a type or a line; the newest first."""
    add(g, "www", "A", "203.0.113.8", Line="telecom")
    add(g, "a.www", "TXT", "deep")
    assert of_host(g, "WWW.example.com.") == [("www", "203.0.113.8"), ("www", "203.0.113.7")]
    assert of_host(g, NAME) == of_host(g, f"@.{NAME}") == [("@", "mx1.example.com")]
    assert of_host(g, "a.www.example.com", DomainName=NAME) == [("a.www", "deep")]
    assert of_host(g, "www.example.com", Type="a", Line="telecom") == [("www", "203.0.113.8")]
    assert of_host(g, "www.example.com", Type="MX") == of_host(g, "none.example.com") == []
    found = dns(g, "DescribeSubDomainRecords", SubDomain="www.example.com", PageSize=1, PageNumber=2)
    assert (found["TotalCount"], found["PageSize"]) == (2, 1)
    assert found["DomainRecords"]["Record"][0]["RecordId"] == listed(g, ValueKeyWord="203.0.113.7")[0]["RecordId"]


def test_a_host_is_of_the_domain_that_is_named(g: Ground) -> None:
    """Of two domains that hold it, the shorter unless the other is named."""
    dns(g, "AddDomain", DomainName="www.example.com")
    dns(g, "AddDomainRecord", DomainName="www.example.com", RR="a", Type="A", Value="203.0.113.9")
    assert of_host(g, "a.www.example.com", DomainName="www.example.com") == [("a", "203.0.113.9")]
    assert of_host(g, "a.www.example.com") == []
    assert of_host(g, "www.example.com") == [("www", "203.0.113.7")]


def test_a_domain_is_told_by_its_name(g: Ground) -> None:
    """As DescribeDomains tells it; its lines only when they are asked for."""
    short = dns(g, "DescribeDomainInfo", DomainName="Example.com")
    (one,) = dns(g, "DescribeDomains", KeyWord=NAME)["Domains"]["Domain"]
    shared = ("DomainId", "DomainName", "CreateTime", "DnsServers", "AliDomain", "VersionCode")
    assert [short[name] for name in shared] == [one[name] for name in shared]
    assert "MinTtl" not in short
    assert "RecordLines" not in short
    whole = dns(g, "DescribeDomainInfo", DomainName=NAME, NeedDetailAttributes=True)
    assert {name: whole[name] for name in short} == short
    assert (whole["MinTtl"], whole["AvailableTtls"]["AvailableTtl"][0]) == (600, "600")
    assert whole["RecordLines"]["RecordLine"][0]["LineCode"] == "default"


@pytest.mark.parametrize(
    ("name", "domain", "host", "level"),
    [
        ("example.com", "example.com", "@", 1),
        ("WWW.Example.com.", "example.com", "www", 2),
        ("_acme-challenge.a.example.com", "example.com", "_acme-challenge.a", 3),
        ("*.example.com.cn", "example.com.cn", "*", 2),
        ("com.cn", "com.cn", "@", 1),
        ("www.com.example", "com.example", "www", 2),
        ("www.中文.com", "中文.com", "www", 2),
        (f"{'x.' * 58}example.com", "example.com", f"{'x.' * 58}"[:-1], 59),
    ],
)
def test_a_name_has_a_main_domain(still: Ground, name: str, domain: str, host: str, level: int) -> None:
    """What is registered of it, at most 128 characters, whoever's it is."""
    told = dns(still, "GetMainDomainName", InputString=name)
    assert (told["DomainName"], told["RR"], told["DomainLevel"]) == (domain, host, level)


def test_an_added_domain_is_deleted_with_its_records(g: Ground) -> None:
    """One that is registered with Alibaba Cloud is not."""
    dns(g, "AddDomain", DomainName="Example.net")
    made = dns(g, "AddDomainRecord", DomainName="example.net", RR="www", Type="A", Value="203.0.113.1")["RecordId"]
    assert not dns(g, "DescribeDomainInfo", DomainName="example.net")["AliDomain"]
    assert dns(g, "DeleteDomain", DomainName="example.net") == {"DomainName": "example.net"}
    with refused("InvalidDomainName.NoExist", 400):
        dns(g, "DescribeDomainInfo", DomainName="example.net")
    with refused("DomainRecordNotBelongToUser", 400):
        dns(g, "DescribeDomainRecordInfo", RecordId=made)
    with refused("Forbidden.DomainType", 400):
        dns(g, "DeleteDomain", DomainName=NAME)
    assert len(listed(g)) == 3


def record(**wire: Any) -> Act:
    asked = {"DomainName": NAME, "RR": "new", "Type": "A", "Value": "203.0.113.1", **wire}
    return lambda g: dns(g, "AddDomainRecord", **asked)


def update(**wire: Any) -> Act:
    return lambda g: dns(
        g,
        "UpdateDomainRecord",
        **{"RecordId": record_of(g, "www")["RecordId"], "RR": "www", "Type": "A", "Value": "203.0.113.1", **wire},
    )


def ask(action: str, **wire: Any) -> Act:
    return lambda g: dns(g, action, **wire)


ROWS: list[tuple[str, Act]] = [
    ("DOMAIN_NOT_FOUND", record(DomainName="example.net")),
    ("DOMAIN_NOT_FOUND", ask("DescribeDomainRecords", DomainName="www.example.com")),
    ("DOMAIN_FORMAT", ask("AddDomain", DomainName="example")),
    ("DOMAIN_FORMAT", ask("AddDomain", DomainName="-a.com")),
    ("DOMAIN_FORMAT", ask("AddDomain", DomainName="中" * 64 + ".com")),
    ("DOMAIN_NOT_FOUND", ask("DescribeDomainInfo", DomainName="example.net")),
    ("DOMAIN_NOT_FOUND", ask("DeleteDomain", DomainName="example.net")),
    ("DOMAIN_FORMAT", ask("DescribeSubDomainRecords", SubDomain="中" * 64 + ".com")),
    ("DOMAIN_FORMAT", ask("DescribeSubDomainRecords", SubDomain="a." * 127 + "example.com")),
    # Punycode leaves soft hyphens out, so of so many only the length is wrong
    *(
        ("DOMAIN_FORMAT", ask(action, DomainName="\u00ad" * 250 + "中文.com"))
        for action in ("AddDomain", "DeleteDomain")
    ),
    ("DOMAIN_OF_OTHERS", ask("DescribeSubDomainRecords", SubDomain="www.example.net")),
    ("DOMAIN_OF_OTHERS", ask("DescribeSubDomainRecords", SubDomain="a.www.example.com", DomainName="www.example.com")),
    ("DOMAIN_FORMAT", ask("DescribeDomainInfo", DomainName="example")),
    ("DOMAIN_FORMAT", ask("DeleteDomain", DomainName="a b.com")),
    ("DOMAIN_FORMAT", ask("GetMainDomainName", InputString="example")),
    ("DOMAIN_FORMAT", ask("GetMainDomainName", InputString="www..example.com")),
    ("DOMAIN_FORMAT", ask("GetMainDomainName", InputString="www.a b.com")),
    ("STRING_LENGTH", ask("GetMainDomainName", InputString=f"{'x.' * 59}example.com")),
    ("DOMAIN_REGISTERED", ask("DeleteDomain", DomainName=NAME)),
    ("DOMAIN_DUPLICATE", ask("AddDomain", DomainName="EXAMPLE.com")),
    ("RECORD_NOT_FOUND", update(RecordId="1")),
    ("RECORD_NOT_FOUND", ask("DeleteDomainRecord", RecordId="1")),
    ("RECORD_NOT_FOUND", ask("SetDomainRecordStatus", RecordId="1", Status="Enable")),
    ("RECORD_NOT_FOUND", ask("UpdateDomainRecordRemark", RecordId="1")),
    ("RECORD_DUPLICATE", record(RR="WWW", Value="203.0.113.7", TTL=900)),
    ("RECORD_CONFLICT", record(RR="shop")),
    ("RECORD_RR", record(RR="a b")),
    ("RECORD_RR", record(RR="www.*")),
    ("RECORD_RR", update(RR="*.*")),
    ("RECORD_RR", record(RR="x" * 64)),
    ("RECORD_TYPE", record(Type="PIGEON")),
    ("RECORD_TYPE", update(Type="PIGEON")),
    ("RECORD_TTL", record(TTL=86401)),
    ("RECORD_TTL", update(TTL=-1)),
    ("RECORD_TTL_LOW", record(TTL=599)),
    ("RECORD_TTL_LOW", update(TTL=599)),
    ("RECORD_LINE", record(Line="Default!")),
    ("RECORD_LINE", update(Line="nowhere")),
    ("RECORD_PRIORITY", record(Type="MX", Value="mx.example.com", Priority=51)),
    ("RECORD_PRIORITY", record(Type="MX", Value="mx.example.com")),
    ("RECORD_PRIORITY", update(Type="MX", Value="mx.example.com", Priority=0)),
]
WRITTEN = {name: one for name, one in vars(errors).items() if isinstance(one, Refusal)}


@pytest.mark.parametrize(("name", "act"), ROWS)
def test_a_refusal_has_its_code_status_and_message(still: Ground, name: str, act: Act) -> None:
    """What Alidns refuses has the documented code."""
    with refused(WRITTEN[name].code, WRITTEN[name].status, WRITTEN[name].message):
        act(still)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert {name for name, _ in ROWS} == set(WRITTEN)


@pytest.mark.parametrize(
    ("action", "missing"),
    [
        ("AddDomain", "DomainName"),
        ("DescribeDomainRecords", "DomainName"),
        ("DescribeDomainInfo", "DomainName"),
        ("DeleteDomain", "DomainName"),
        ("DescribeSubDomainRecords", "SubDomain"),
        ("GetMainDomainName", "InputString"),
        ("AddDomainRecord", "RR"),
        ("AddDomainRecord", "Type"),
        ("AddDomainRecord", "Value"),
        ("UpdateDomainRecord", "RecordId"),
        ("DeleteDomainRecord", "RecordId"),
        ("DescribeDomainRecordInfo", "RecordId"),
        ("SetDomainRecordStatus", "RecordId"),
        ("SetDomainRecordStatus", "Status"),
        ("UpdateDomainRecordRemark", "RecordId"),
    ],
)
def test_what_is_mandatory_is_missed_by_its_name(still: Ground, action: str, missing: str) -> None:
    """The gateway names the parameter that a call lacks."""
    given: dict[str, Any] = {"DomainName": NAME, "RR": "new", "Type": "A", "Value": "203.0.113.1"}
    given = {} if action == "AddDomain" else given
    if "Record" in action and action not in ("AddDomainRecord", "DescribeDomainRecords", "DescribeSubDomainRecords"):
        given = {"RecordId": record_of(still, "www")["RecordId"]}
    given.pop(missing, None)
    with refused(f"Missing{missing}", 400, f"{missing} is mandatory for this action."):
        dns(still, action, **given)


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("GroupId", ask("AddDomain", DomainName="example.net", GroupId="7")),
        ("PageSize", ask("DescribeDomains", PageSize=101)),
        ("SearchMode", ask("DescribeDomains", SearchMode="BLIND")),
        ("PageSize", ask("DescribeDomainRecords", DomainName=NAME, PageSize=501)),
        ("PageSize", ask("DescribeSubDomainRecords", SubDomain=NAME, PageSize=501)),
        ("SubDomain", ask("DescribeSubDomainRecords", SubDomain="www.example.org", DomainName=NAME)),
        ("NeedDetailAttributes", ask("DescribeDomainInfo", DomainName=NAME, NeedDetailAttributes="perhaps")),
        ("SearchMode", ask("DescribeDomainRecords", DomainName="example.org", SearchMode="BLIND")),
        ("Direction", ask("DescribeDomainRecords", DomainName=NAME, Direction="UP")),
        (
            "Status",
            lambda g: dns(g, "SetDomainRecordStatus", RecordId=record_of(g, "www")["RecordId"], Status="Perhaps"),
        ),
    ],
)
def test_a_value_that_nobody_knows_is_refused(still: Ground, name: str, act: Act) -> None:
    """A parameter with a value that is none of the documented ones is refused."""
    with refused(PARAMETER_INVALID.code, PARAMETER_INVALID.status, PARAMETER_INVALID.message % name):
        act(still)


def test_an_action_that_nobody_wrote_fails_by_its_name(g: Ground) -> None:
    """What the embedded Alidns cannot do it says, with the name of what was asked."""
    with refused("InvalidAction.NotFound", 404) as no:
        dns(g, "DescribeDomainLogs")
    assert "DescribeDomainLogs" in no.value.message
