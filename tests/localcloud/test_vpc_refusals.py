"""VPC says no as documented, by its own name and by ECS's, which had most of it first: each refusal is provoked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.errors import (
    DRY_RUN,
    PARAMETER_INVALID,
    PARAMETER_MISSING,
    REGION_NOT_FOUND,
    TOKEN_INVALID,
    TOKEN_REUSED,
    UNSUPPORTED,
    Refusal,
)
from localcloud.vpc import errors
from tests.localcloud.ecs_world import HERE, THERE, Ground, by_name, ground, refused
from tests.localcloud.needed import MOVED_CALLS, VPC_CALLS

Act = Callable[[Ground], object]
#: A refusal, what brings it about, and what is filled into its message.
Row = tuple[Refusal, Act] | tuple[Refusal, Act, object]
TAGS = [{"Key": f"k{number}", "Value": "v"} for number in range(21)]
EXTRA: dict[str, Any] = {
    "instances": [
        {"id": "i-other", "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}]},
        {"id": "i-busy", "status": "Stopping", "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}]},
    ],
    "eips": [{"id": "eip-web", "instance": "i-web"}, {"id": "eip-free"}],
}


class Older(Ground):
    """The same ground as older clients see it: what moved to VPC is asked of ECS, whatever it is told."""

    def ask(self, action: str, region: str = HERE, product: str = "ecs", **wire: Any) -> dict[str, Any]:
        moved = product == "vpc" and action in MOVED_CALLS
        return by_name(action, region, **wire) if moved else super().ask(action, region, product, **wire)


@dataclass(frozen=True)
class Ask:
    """One call, which is refused and so changes nothing."""

    action: str
    region: str
    wire: dict[str, Any]

    def __call__(self, g: Ground) -> dict[str, Any]:
        return g.ask(self.action, self.region, "vpc", **{"RegionId": self.region, **self.wire})


@dataclass(frozen=True)
class After:
    """Several acts; the last is the one to be refused."""

    acts: Sequence[Act]

    def __call__(self, g: Ground) -> None:
        for one in self.acts:
            one(g)


def ask(action: str, region: str = HERE, **wire: Any) -> Ask:
    return Ask(action, region, wire)


def after(*acts: Act) -> After:
    return After(acts)


def moved(act: Act) -> bool:
    """Whether ECS, too, has what is refused in the end."""
    last = act.acts[-1] if isinstance(act, After) else act
    return not isinstance(last, Ask) or last.action in MOVED_CALLS


def wait(g: Ground) -> None:
    g.pass_time(seconds=10)


def vpc(**wire: Any) -> Ask:
    return ask("CreateVpc", **wire)


def vswitch(block: str = "10.0.9.0/24", **wire: Any) -> Ask:
    return ask("CreateVSwitch", **{"VpcId": "vpc-a", "ZoneId": "cn-hangzhou-h", "CidrBlock": block, **wire})


def change(**wire: Any) -> Ask:
    return ask("ModifyVpcAttribute", **{"VpcId": "vpc-a", **wire})


def change_vswitch(**wire: Any) -> Act:
    return ask("ModifyVSwitchAttribute", **{"VSwitchId": "vsw-a", **wire})


def eip(**wire: Any) -> Act:
    return ask("AllocateEipAddress", **wire)


def bind(**wire: Any) -> Act:
    return ask("AssociateEipAddress", **{"AllocationId": "eip-free", "InstanceId": "i-other", **wire})


def unbind(**wire: Any) -> Act:
    return ask("UnassociateEipAddress", **{"AllocationId": "eip-web", "InstanceId": "i-web", **wire})


def listed(**wire: Any) -> Act:
    return ask("DescribeEipAddresses", **wire)


def tag(**wire: Any) -> Act:
    facts = {"ResourceType": "VPC", "ResourceId": ["vpc-a"], "Tag": TAGS[:1]}
    return ask("TagResources", **{**facts, **wire})


def nothing(_: Ground) -> None:
    pass


def with_new_vpc(action: str, meanwhile: Act = nothing, **wire: Any) -> Act:
    """Ask something of a network that is Pending, unless one waits *meanwhile*."""

    def act(g: Ground) -> None:
        made = vpc()(g)["VpcId"]
        after(meanwhile, ask(action, VpcId=made, **wire))(g)

    return act


def with_new_vswitch(action: str, meanwhile: Act = nothing, **wire: Any) -> Act:
    """Ask something of a vSwitch that is Pending, unless one waits *meanwhile*."""

    def act(g: Ground) -> None:
        made = vswitch()(g)["VSwitchId"]
        after(meanwhile, ask(action, VSwitchId=made, **wire))(g)

    return act


def untag(**wire: Any) -> Act:
    return ask("UnTagResources", **{"ResourceType": "VPC", "ResourceId": ["vpc-a"], "TagKey": ["k"], **wire})


def tagged(**wire: Any) -> Act:
    return ask("ListTagResources", **{"ResourceType": "VPC", "Tag": TAGS[:1], **wire})


def delete_beside_new_vswitch(g: Ground) -> None:
    """Delete a vSwitch while another one of its network is Pending."""
    made = vswitch("10.0.8.0/24")(g)
    wait(g)
    vswitch("10.0.9.0/24")(g)
    g.ask("DeleteVSwitch", HERE, "vpc", VSwitchId=made["VSwitchId"])


def vswitches_beyond(g: Ground) -> None:
    """The 151st vSwitch of a network."""
    for number in range(150):
        vswitch(f"10.0.{number + 2}.0/24")(g)
        wait(g)


def bind_public(g: Ground) -> None:
    """An instance that was launched with a public address gets another one."""
    instance_id = g.running(InternetMaxBandwidthOut=5)
    bind(InstanceId=instance_id)(g)


ROWS: dict[str, Act] = {
    "VPC_NOT_FOUND": ask("DescribeVpcAttribute", VpcId="vpc-b"),
    "VPC_NAME": vpc(VpcName="http://x"),
    "VPC_DESCRIPTION": vpc(Description="x" * 257),
    "VPC_CIDR": vpc(CidrBlock="10.0.0.1/16"),
    "VPC_CIDR_MASK": vpc(CidrBlock="10.0.0.0/29"),
    "VPC_CIDR_EXCLUDED": change(CidrBlock="169.254.0.0/17"),
    "VPC_QUOTA": after(*[vpc()] * 9),
    "VPC_STATUS": with_new_vpc("DeleteVpc"),
    "VPC_HAS_VSWITCHES": ask("DeleteVpc", VpcId="vpc-a"),
    "VPC_HAS_GROUPS": ask("DeleteVpc", VpcId="vpc-a2"),
    "VPC_CIDR_IN_USE": ask("ModifyVpcAttribute", VpcId="vpc-a", CidrBlock="10.0.0.0/24"),
    "CIDR_MALFORMED": ask("ModifyVpcAttribute", VpcId="vpc-a", CidrBlock="10.0.0.0"),
    "USER_CIDR_FORMAT": vpc(UserCidr="11.0.0"),
    "USER_CIDR_QUOTA": vpc(UserCidr="11.0.0.0/8,12.0.0.0/8,13.0.0.0/8,14.0.0.0/8"),
    "USER_CIDR_RESERVED": vpc(UserCidr="100.96.0.0/16"),
    "NO_IPV6": vpc(EnableIpv6=True),
    "NO_IPAM": vpc(Ipv4IpamPoolId="ipam-pool-x"),
    "NO_DNS_HOSTNAME": vpc(EnableDnsHostname=True),
    "RESOURCE_GROUP": eip(ResourceGroupId="rg-x"),
    "VSWITCH_NOT_FOUND": ask("DescribeVSwitchAttributes", VSwitchId="vsw-b"),
    "VSWITCH_GONE": ask("DeleteVSwitch", VSwitchId="vsw-b"),
    "VSWITCH_UNKNOWN": ask("ModifyVSwitchAttribute", VSwitchId="vsw-b"),
    "VSWITCH_ZONE": vswitch(ZoneId="cn-hangzhou-z"),
    "VSWITCH_NAME": vswitch(VSwitchName="x" * 129),
    "VSWITCH_DESCRIPTION": vswitch(Description="https://x"),
    "VSWITCH_MASK": vswitch("10.0.9.0/30"),
    "VSWITCH_OUTSIDE": vswitch("10.1.9.0/24"),
    "VSWITCH_OVERLAPS": vswitch("10.0.0.0/20"),
    "VSWITCH_QUOTA": vswitches_beyond,
    "VSWITCH_AT_ONCE": after(vswitch("10.0.8.0/24"), vswitch("10.0.9.0/24")),
    "VSWITCH_STATUS": with_new_vswitch("DeleteVSwitch"),
    "VSWITCH_OTHER": delete_beside_new_vswitch,
    "VSWITCH_IN_USE": ask("DeleteVSwitch", VSwitchId="vsw-a"),
    "EIP_NOT_FOUND": ask("ReleaseEipAddress", AllocationId="eip-x"),
    "EIP_STATUS": ask("ReleaseEipAddress", AllocationId="eip-web"),
    "EIP_QUOTA": after(*[eip()] * 19),
    "EIP_CHARGE_TYPE": eip(InternetChargeType="PayNothing"),
    "EIP_BANDWIDTH": eip(InternetChargeType="PayByTraffic", Bandwidth="201"),
    "EIP_BANDWIDTH_CHANGE": ask("ModifyEipAddressAttribute", AllocationId="eip-free", Bandwidth="0"),
    "EIP_LABEL": ask("ModifyEipAddressAttribute", AllocationId="eip-free", Name="http://x"),
    "EIP_RESERVED": eip(IpAddress="198.18.0.1"),
    "EIP_LINE": eip(ISP="BGP_PRO"),
    "BIND_TYPE": bind(InstanceType="Laptop"),
    "BIND_TYPE_ABSENT": bind(InstanceType="Nat", InstanceId="ngw-x"),
    "BIND_INSTANCE_NOT_FOUND": bind(InstanceId="i-none"),
    "BIND_INSTANCE_STATUS": bind(InstanceId="i-busy"),
    "BIND_TWICE": bind(InstanceId="i-web"),
    "BIND_PUBLIC_IP": bind_public,
    "UNBIND_INSTANCE_NOT_FOUND": unbind(InstanceId="i-none"),
    "UNBIND_OTHER": unbind(InstanceId="i-other"),
    "LIST_LOCK_REASON": listed(LockReason="mood"),
    "LIST_INSTANCE_TYPE": listed(AssociatedInstanceType="Laptop"),
    "LIST_CHARGE_TYPE": listed(ChargeType="Free"),
    "TAG_KEY": tag(Tag=[{"Key": "acs:x", "Value": "v"}]),
    "TAG_VALUE": tag(Tag=[{"Key": "k", "Value": "http://x"}]),
    "TAG_TWICE": tag(Tag=[TAGS[0], TAGS[0]]),
    "TAGS_TOO_MANY": tag(Tag=TAGS),
    "TAG_QUOTA": after(tag(Tag=TAGS[:20]), tag(Tag=TAGS[20:])),
    "TAG_RESOURCES_TOO_MANY": tag(ResourceId=[f"vpc-{number}" for number in range(51)]),
    "TAG_TYPE": tag(ResourceType="planet"),
    "TAG_RESOURCE": tag(ResourceType="NATGATEWAY", ResourceId=["ngw-x"]),
    "TAG_NOTHING_ASKED": ask("ListTagResources", ResourceType="VPC"),
}
#: What is filled into the messages of these.
FILLED: dict[str, object] = {"VPC_CIDR_MASK": 29, "BIND_TYPE_ABSENT": "Nat"}
WRITTEN = {name: one for name, one in vars(errors).items() if isinstance(one, Refusal)}
#: What a call that puts tags on something may say wrongly.
WRONG_TAGS: list[tuple[Refusal, list[dict[str, str]]]] = [
    (errors.TAG_KEY, [{"Key": "aliyun", "Value": "v"}]),
    (errors.TAG_VALUE, [{"Key": "k", "Value": "https://x"}]),
    (errors.TAG_TWICE, [TAGS[0], TAGS[0]]),
    (errors.TAGS_TOO_MANY, TAGS),
]
#: What a network may be told wrongly, whether it is new or changed.
WRONG_NETWORKS: list[tuple[Refusal, dict[str, Any]]] = [
    (errors.VPC_NAME, {"VpcName": "x" * 129}),
    (errors.VPC_DESCRIPTION, {"Description": "x" * 257}),
    (errors.VPC_CIDR_EXCLUDED, {"CidrBlock": "224.0.0.0/8"}),
    (errors.NO_DNS_HOSTNAME, {"EnableDnsHostname": True}),
    (errors.NO_IPV6, {"Ipv6CidrBlock": "2001:db8::/56"}),
]
MANY = ",".join(f"x-{number}" for number in range(51))
_BY_REGION = ("CreateVpc", "DescribeVpcs", "DescribeVSwitches", "AllocateEipAddress", "DescribeEipAddresses")
_LISTS = ("DescribeVpcs", "DescribeVSwitches", "DescribeEipAddresses")
#: The same refusal where another call, too, brings it about, and the gateway's own.
MORE: list[Row] = [
    *((PARAMETER_MISSING, ask(action, RegionId=""), "RegionId") for action in _BY_REGION),
    *((errors.RESOURCE_GROUP, ask(action, ResourceGroupId="rg-x")) for action in (*_LISTS, "CreateVpc")),
    *((errors.TAGS_TOO_MANY, ask(action, Tag=TAGS)) for action in _LISTS),
    *((refusal, make(Tag=tags)) for make in (vpc, vswitch, eip) for refusal, tags in WRONG_TAGS),
    *((refusal, make(**wire)) for make in (vpc, change) for refusal, wire in WRONG_NETWORKS),
    *((TOKEN_INVALID, make(ClientToken=token)) for make in (vpc, vswitch, eip) for token in ("x" * 65, "\u00e9")),
    (PARAMETER_MISSING, ask("ModifyVpcAttribute"), "VpcId"),
    (PARAMETER_MISSING, ask("DeleteVpc"), "VpcId"),
    (PARAMETER_MISSING, vswitch(VpcId=""), "VpcId"),
    (PARAMETER_MISSING, vswitch(ZoneId=""), "ZoneId"),
    (PARAMETER_MISSING, vswitch(""), "CidrBlock"),
    (PARAMETER_MISSING, ask("ModifyVSwitchAttribute"), "VSwitchId"),
    (PARAMETER_MISSING, ask("DeleteVSwitch"), "VSwitchId"),
    (PARAMETER_MISSING, bind(AllocationId=""), "AllocationId"),
    (PARAMETER_MISSING, bind(InstanceId=""), "InstanceId"),
    (PARAMETER_MISSING, unbind(AllocationId=""), "AllocationId"),
    (PARAMETER_MISSING, ask("ReleaseEipAddress"), "AllocationId"),
    (PARAMETER_MISSING, ask("ModifyEipAddressAttribute"), "AllocationId"),
    (PARAMETER_INVALID, ask("DescribeVpcs", PageSize=51), "PageSize"),
    (PARAMETER_INVALID, ask("DescribeVSwitches", PageSize=51), "PageSize"),
    (PARAMETER_INVALID, ask("DescribeVpcs", VpcId=MANY), "VpcId"),
    (PARAMETER_INVALID, ask("DescribeVSwitches", VSwitchId=MANY), "VSwitchId"),
    (PARAMETER_INVALID, ask("DeleteVpc", VpcId="vpc-a", ForceDelete="perhaps"), "ForceDelete"),
    (PARAMETER_INVALID, change(EnableIPv6="perhaps"), "EnableIPv6"),
    (PARAMETER_INVALID, unbind(Force="perhaps"), "Force"),
    (PARAMETER_INVALID, listed(AllocationId=MANY), "AllocationId"),
    (PARAMETER_INVALID, listed(EipAddress=MANY), "EipAddress"),
    (PARAMETER_INVALID, listed(ServiceManaged="perhaps"), "ServiceManaged"),
    (PARAMETER_INVALID, listed(PageNumber=0), "PageNumber"),
    (PARAMETER_INVALID, listed(PageSize=101), "PageSize"),
    (PARAMETER_INVALID, listed(Filter=[{"Key": "CreationStartTime", "Value": "yesterday"}]), "Filter"),
    (PARAMETER_INVALID, listed(Filter=[{"Key": "Colour", "Value": "2026-01-05T02:00Z"}]), "Filter"),
    (PARAMETER_INVALID, eip(ISP="Pigeon"), "ISP"),
    (PARAMETER_INVALID, eip(Netmode="private"), "Netmode"),
    (PARAMETER_INVALID, eip(InstanceChargeType="Free"), "InstanceChargeType"),
    (UNSUPPORTED, eip(InstanceChargeType="PrePaid"), "InstanceChargeType=PrePaid"),
    (UNSUPPORTED, bind(InstanceRegionId=THERE), "InstanceRegionId"),
    (UNSUPPORTED, bind(PrivateIpAddress="10.0.1.99"), "PrivateIpAddress"),
    (PARAMETER_INVALID, vpc(DryRun="perhaps"), "DryRun"),
    (PARAMETER_INVALID, change_vswitch(EnableIPv6="perhaps"), "EnableIPv6"),
    (PARAMETER_INVALID, with_new_vswitch("DeleteVSwitch", wait, DryRun="perhaps"), "DryRun"),
    (DRY_RUN, vpc(DryRun=True)),
    (DRY_RUN, with_new_vpc("DeleteVpc", wait, DryRun=True)),
    (DRY_RUN, with_new_vswitch("DeleteVSwitch", wait, DryRun=True)),
    (errors.VPC_NOT_FOUND, vswitch(VpcId="vpc-b")),
    (errors.VPC_NOT_FOUND, change(VpcId="vpc-b")),
    (errors.VPC_NOT_FOUND, ask("DeleteVpc", VpcId="vpc-b")),
    (errors.VPC_STATUS, with_new_vpc("ModifyVpcAttribute", VpcName="x")),
    (errors.VPC_STATUS, with_new_vpc("CreateVSwitch", ZoneId="cn-hangzhou-h", CidrBlock="172.16.1.0/24")),
    (errors.VPC_CIDR, vpc(CidrBlock="ten")),
    (errors.VPC_CIDR_MASK, vpc(CidrBlock="0.0.0.0/0"), 0),
    (errors.VPC_CIDR_MASK, change(CidrBlock="10.0.0.0/29"), 29),
    (errors.CIDR_MALFORMED, vswitch("10.0.9.0")),
    (errors.CIDR_MALFORMED, vswitch("10.0.9.1/24")),
    (errors.NO_IPV6, vswitch(Ipv6CidrBlock=1)),
    (errors.NO_IPV6, change(EnableIPv6=True)),
    (errors.NO_IPV6, change_vswitch(EnableIPv6=True)),
    (errors.NO_IPAM, vswitch(CidrMask="24")),
    (errors.VSWITCH_STATUS, with_new_vswitch("ModifyVSwitchAttribute")),
    (errors.VSWITCH_NAME, change_vswitch(VSwitchName="http://x")),
    (errors.VSWITCH_DESCRIPTION, change_vswitch(Description="x" * 257)),
    (errors.EIP_LABEL, eip(Name="x" * 129)),
    (errors.EIP_LABEL, eip(Description="http://x")),
    (errors.EIP_BANDWIDTH, eip(Bandwidth="9" * 5000)),
    (errors.EIP_BANDWIDTH, eip(Bandwidth="5.5")),
    (errors.EIP_NOT_FOUND, ask("ReleaseEipAddress", THERE, AllocationId="eip-free")),
    (errors.EIP_NOT_FOUND, bind(AllocationId="eip-x")),
    (errors.EIP_NOT_FOUND, unbind(AllocationId="eip-x")),
    (errors.EIP_NOT_FOUND, ask("ModifyEipAddressAttribute", AllocationId="eip-x")),
    (errors.EIP_STATUS, bind(AllocationId="eip-web")),
    (errors.EIP_STATUS, unbind(AllocationId="eip-free")),
    (errors.EIP_STATUS, after(bind(), ask("ModifyEipAddressAttribute", AllocationId="eip-free", Name="x"))),
    (errors.BIND_TYPE, unbind(InstanceType="Laptop")),
    (errors.BIND_TYPE_ABSENT, unbind(InstanceType="Nat"), "Nat"),
    (errors.UNBIND_OTHER, unbind(PrivateIpAddress="10.0.1.99")),
]
_NEWER_BY_REGION = ("DescribeVpcAttribute", "TagResources", "UnTagResources", "ListTagResources")
#: Those of VPC alone.
NEWER: list[Row] = [
    *((PARAMETER_MISSING, ask(action, RegionId=""), "RegionId") for action in _NEWER_BY_REGION),
    *(
        (REGION_NOT_FOUND, Ask(action, HERE, wire | {"RegionId": "cn-atlantis"}))
        for action, (wire, _) in VPC_CALLS.items()
    ),
    *((DRY_RUN, ask(action, DryRun=True)) for action in _LISTS),
    (DRY_RUN, ask("DescribeVpcAttribute", VpcId="vpc-a", DryRun=True)),
    (DRY_RUN, ask("DescribeVSwitchAttributes", VSwitchId="vsw-a", DryRun=True)),
    (TOKEN_INVALID, ask("DeleteVpc", VpcId="vpc-a", ClientToken="x" * 65)),
    (TOKEN_INVALID, bind(ClientToken="x" * 65)),
    (TOKEN_INVALID, unbind(ClientToken="x" * 65)),
    (PARAMETER_MISSING, ask("DescribeVpcAttribute"), "VpcId"),
    (PARAMETER_MISSING, ask("DescribeVSwitchAttributes"), "VSwitchId"),
    (PARAMETER_MISSING, tag(ResourceType=""), "ResourceType"),
    (PARAMETER_MISSING, tag(ResourceId=[]), "ResourceId"),
    (PARAMETER_MISSING, tag(Tag=[]), "Tag"),
    (PARAMETER_MISSING, untag(ResourceType=""), "ResourceType"),
    (PARAMETER_MISSING, untag(ResourceId=[]), "ResourceId"),
    (PARAMETER_MISSING, untag(TagKey=[]), "TagKey"),
    (PARAMETER_MISSING, tagged(ResourceType=""), "ResourceType"),
    (PARAMETER_INVALID, untag(TagKey=[], All="perhaps"), "All"),
    (PARAMETER_INVALID, tagged(MaxResults=51), "MaxResults"),
    (PARAMETER_INVALID, tagged(NextToken="x"), "NextToken"),
    (PARAMETER_INVALID, ask("DescribeVRouters", PageSize=51), "PageSize"),
    (errors.TAGS_TOO_MANY, untag(TagKey=[one["Key"] for one in TAGS])),
    (errors.TAGS_TOO_MANY, tagged(Tag=TAGS)),
    (errors.TAG_TYPE, untag(ResourceType="planet")),
    (errors.TAG_TYPE, tagged(ResourceType="planet")),
    (errors.TAG_RESOURCES_TOO_MANY, untag(ResourceId=MANY.split(","))),
    (errors.TAG_RESOURCES_TOO_MANY, tagged(ResourceId=MANY.split(","))),
    (errors.TAG_RESOURCE, untag(ResourceType="EIP", ResourceId=["eip-x"])),
]
#: Those of ECS alone.
OLDER: list[Row] = [
    (PARAMETER_MISSING, unbind(InstanceId=""), "InstanceId"),
]


KINDS: dict[str, type[Ground]] = {"vpc": Ground, "ecs": Older}
FIRST = [("vpc", name) for name in ROWS] + [("ecs", name) for name, act in ROWS.items() if moved(act)]
AGAIN: list[tuple[str, Row]] = [("vpc", row) for row in MORE + NEWER] + [("ecs", row) for row in MORE + OLDER]


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A ground for calls that are refused, which leave everything as it was."""
    with ground(tmp_path_factory.mktemp("still"), extra=EXTRA) as made:
        before = holdings(made)
        yield made
        assert holdings(made) == before


def holdings(g: Ground) -> list[dict[str, Any]]:
    """All that is there, with names, tags and statuses."""
    return [ask(action)(g) for action in _LISTS]


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Brings an act about that is refused so; on a ground of its own when it does more than that."""

    def provoke(product: str, refusal: Refusal, act: Act, *filled: object) -> None:
        made: Ground = request.getfixturevalue("still" if isinstance(act, Ask) else "g")
        message = refusal.message % filled if filled else refusal.message
        with refused(refusal.code, refusal.status, message):
            act(KINDS[product](made.cloud, made.mount))

    return provoke


@pytest.mark.parametrize(("product", "name"), FIRST)
def test_a_refusal_has_the_documented_code_status_and_message(
    check: Callable[..., None], product: str, name: str
) -> None:
    """What the documentation refuses, the embedded VPC refuses, in the documentation's words."""
    check(product, WRITTEN[name], ROWS[name], *([FILLED[name]] if name in FILLED else []))


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(WRITTEN)


@pytest.mark.parametrize(("product", "row"), AGAIN, ids=[f"{product}-{row[0].code}" for product, row in AGAIN])
def test_a_refusal_is_the_same_wherever_it_is_met(check: Callable[..., None], product: str, row: Row) -> None:
    """Each action refuses for itself what it is told wrongly, or not at all."""
    check(product, *row)


@pytest.mark.parametrize("product", KINDS)
@pytest.mark.parametrize(
    ("refusal", "act", "filled"),
    [
        (errors.USER_CIDR_FORMAT, change(UserCidr="11.0.0"), ()),
        (errors.USER_CIDR_QUOTA, change(UserCidr="11.0.0.0/8,12.0.0.0/8,13.0.0.0/8,14.0.0.0/8"), ()),
        (errors.USER_CIDR_RESERVED, change(UserCidr="100.96.0.0/16"), ()),
        (PARAMETER_INVALID, vswitch(DryRun="perhaps"), ("DryRun",)),
    ],
)
def test_what_a_request_of_the_sdk_does_not_have_is_looked_at(
    still: Ground, product: str, refusal: Refusal, act: Ask, filled: tuple[str, ...]
) -> None:
    """UserCidr of a change is in ECS's request alone, DryRun of a new vSwitch in none."""
    before = holdings(still)
    with refused(refusal.code, refusal.status, refusal.message % filled):
        by_name(act.action, HERE, product, RegionId=HERE, **act.wire)
    assert holdings(still) == before


def test_an_action_that_nobody_wrote_fails_by_its_name(g: Ground) -> None:
    """What the embedded VPC cannot do it says, with the name of what was asked."""
    with refused("InvalidAction.NotFound", 404) as no:
        g.ask("DescribeNatGateways", HERE, "vpc", RegionId=HERE)
    assert "DescribeNatGateways" in no.value.message


TWICE: list[tuple[Callable[..., Act], dict[str, Any]]] = [
    (vpc, {"VpcName": "other"}),
    (vswitch, {"VSwitchName": "other"}),
    (eip, {"Bandwidth": "9"}),
    (bind, {"InstanceId": "i-web"}),
    (unbind, {"InstanceId": "i-other"}),
]


@pytest.mark.parametrize(
    ("product", "act", "other"), [("vpc", *row) for row in TWICE] + [("ecs", *row) for row in TWICE[:3]]
)
def test_a_token_is_for_one_call(
    check: Callable[..., None], product: str, act: Callable[..., Act], other: dict[str, Any]
) -> None:
    """The same token for another call is refused."""
    check(product, TOKEN_REUSED, after(act(ClientToken="t"), act(ClientToken="t", **other)))


def test_a_token_of_a_deletion_answers_after_it(g: Ground) -> None:
    """DeleteVpc with a token that is known answers as before, though the network is gone."""
    made = g.ask("CreateVpc", HERE, "vpc", RegionId=HERE)["VpcId"]
    wait(g)
    for _ in range(2):
        assert g.ask("DeleteVpc", HERE, "vpc", VpcId=made, ClientToken="t") == {}
        wait(g)
    with refused(TOKEN_REUSED.code, TOKEN_REUSED.status, TOKEN_REUSED.message):
        g.ask("DeleteVpc", HERE, "vpc", VpcId=made, ClientToken="t", ForceDelete=True)
