"""Nothing that a call asks for is forgotten: it is done, or refused by its name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_alidns20150109 import models as alidns_models
from alibabacloud_vpc20160428 import models as vpc_models

from localcloud.alidns import unmodelled as alidns
from localcloud.coverage.reading import read
from localcloud.ecs import unmodelled as ecs
from localcloud.vpc import unmodelled as vpc
from tests.localcloud.ecs_world import HERE, PUBLIC, Ground, ground, launch, refused
from tests.localcloud.needed import DNS_CALLS, VPC_CALLS

#: What is looked at before an action is come to, in which words an answer comes, and who asks.
_SAID_OF_EACH_CALL = frozenset(
    {
        "Lang",
        "OwnerAccount",
        "OwnerId",
        "RegionId",
        "ResourceOwnerAccount",
        "ResourceOwnerId",
        "UserClientIp",
    }
)
#: How something is paid for that is not paid for by the month; orders that are not yet in force; a network of an
#: address that is no instance's.
_CHANGES_NOTHING = {
    "AllocateEipAddress": frozenset({"ActivityId", "AutoPay", "Period", "PricingCycle"}),
    "AssociateEipAddress": frozenset({"VpcId"}),
    "DescribeEipAddresses": frozenset({"IncludeReservationData"}),
}
#: What is sent where a plain text won't do.
VALUES: dict[str, Any] = {
    "Arn": [{"Rolearn": "acs:ram::1:role/x"}],
    "ClockOptions": {"PtpStatus": "enabled"},
    "CpuArchitectures": ["X86"],
    "CpuOptions": {"Core": 1},
    "EventPublishTime": {"Start": "2026-01-01T00:00:00Z"},
    "Features": {"ImdsSupport": "v2"},
    "GpuSpecs": ["x"],
    "HostNames": ["one"],
    "InstanceCategories": ["x"],
    "Ipv6Address": ["2001:db8::1"],
    "LocalStorageCategories": ["x"],
    "NetworkInterface.N.Ipv6Address": ["2001:db8::1"],
    "NotBefore": {"Start": "2026-01-01T00:00:00Z"},
    "PhysicalProcessorModels": ["x"],
    "PrivateDnsNameOptions": {"HostnameType": "Custom"},
    "PrivatePoolOptions": {"Id": "eap-1"},
    "RemoteConnectionOptions": {"Password": "x"},
    "ResourceTag": [{"Key": "k", "Value": "v"}],
    "SecureBootOptions": {"SecureBootSupport": "x"},
    "SecurityProtectionTypes": ["AntiDDoS_Enhanced"],
    "SecurityOptions": {"TrustedSystemMode": "vTPM"},
    "Tag": [{"Key": "k", "Value": "v"}],
    "TagFilter": [{"TagKey": "k", "TagValues": ["v"]}],
    "Temporary": {"InternetMaxBandwidthOut": 1},
}
NOT_DONE = {"ecs": ecs.NOT_DONE, "vpc": vpc.NOT_DONE, "alidns": alidns.NOT_DONE}
ROWS = [
    (product, action, name)
    for product, not_done in NOT_DONE.items()
    for action, names in not_done.items()
    for name in names
]


@pytest.fixture(scope="module")
def g(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground")) as made:
        yield made


def wire(name: str) -> dict[str, Any]:
    """A call's parameters with nothing in them but this one."""
    value: Any = VALUES.get(name, "x")
    for part in reversed(name.split(".")):
        value = [value] if part == "N" else {part: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(("product", "action", "name"), ROWS, ids=["-".join(row) for row in ROWS])
def test_what_is_not_done_is_refused_by_its_name(g: Ground, product: str, action: str, name: str) -> None:
    """The official SDK sends it, and the answer says what it was."""
    message = f'The embedded cloud does not do "{name}".'
    with refused("UnsupportedParameter", 400, message):
        g.ask(action, HERE, product, **{"RegionId": HERE} | wire(name))


@pytest.mark.parametrize(
    ("product", "action"), [("vpc", one) for one in VPC_CALLS] + [("alidns", one) for one in DNS_CALLS]
)
def test_each_parameter_is_read_or_refused_by_its_name(g: Ground, product: str, action: str) -> None:
    """Of all that the SDK's request of an action has, but for what changes nothing."""
    service = g.cloud.vpc if product == "vpc" else g.cloud.alidns
    act = service.actions[action]
    reads = {name.partition(".")[0] for name in read(act.do).parameters} | set(NOT_DONE[product].get(action, ()))
    reads |= {name for name, is_read in (("ClientToken", act.token), ("DryRun", act.dry_run)) if is_read}
    assert fields(product, action) - _SAID_OF_EACH_CALL - _CHANGES_NOTHING.get(action, frozenset()) <= reads


def fields(product: str, action: str) -> set[str]:
    """The parameters of an action by their names on the wire, as the SDK has them."""
    models = {"vpc": vpc_models, "alidns": alidns_models}[product]
    request = getattr(models, f"{action}Request")()
    for name in vars(request):
        setattr(request, name, [])
    return set(request.to_map())


def test_what_asks_for_nothing_is_taken(tmp_path: Path) -> None:
    """Defaults that are said aloud, and what changes nothing that could be seen."""
    with ground(tmp_path) as g:
        plain: dict[str, Any] = {
            "AutoPay": True,
            "AutoRenew": False,
            "HibernationOptions": {"Configured": False},
            "IoOptimized": "optimized",
            "Ipv6AddressCount": 0,
            "Period": 1,
            "PeriodUnit": "Month",
            "PrivatePoolOptions": {"MatchCriteria": "Open"},
            "SecurityEnhancementStrategy": "Active",
            "SpotStrategy": "NoSpot",
            "Tenancy": "default",
        }
        assert g.running(**plain)
        g.ask("DescribeInstances", RegionId=HERE, AdditionalAttributes=["META_OPTIONS"])
        g.ask("DescribeRegions", RegionId=HERE, AcceptLanguage="en-US")
        assert g.create_image(Architecture="x86_64", DetectionStrategy="Standard")
        g.ask("DescribeVpcAttribute", HERE, "vpc", RegionId=HERE, VpcId="vpc-a", IsDefault=False)
        assert g.ask("DescribeDomains", HERE, "alidns", Starmark=False)["TotalCount"] == 0


def test_a_refused_parameter_leaves_nothing_behind(g: Ground) -> None:
    """It is refused before anything is done."""
    with refused("UnsupportedParameter"):
        g.ask("RunInstances", **launch(PUBLIC), DeploymentSetId="ds-1")
    g.pass_time(minutes=1)
    assert g.ask("DescribeInstances", RegionId=HERE)["TotalCount"] == 1
