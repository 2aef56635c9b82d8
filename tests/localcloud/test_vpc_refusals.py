"""VPC says no as documented: every refusal of the embedded one is provoked through the SDK."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.errors import DRY_RUN, PARAMETER_INVALID, PARAMETER_MISSING, REGION_NOT_FOUND, UNSUPPORTED, Refusal
from localcloud.vpc import errors
from tests.localcloud.ecs_world import HERE, THERE, Ground, ground, refused

Act = Callable[[Ground], object]
TAGS = [{"Key": f"k{number}", "Value": "v"} for number in range(21)]
EXTRA: dict[str, Any] = {
    "instances": [
        {"id": "i-other", "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}]},
        {"id": "i-busy", "status": "Stopping", "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}]},
    ],
    "eips": [{"id": "eip-web", "instance": "i-web"}, {"id": "eip-free"}],
}


def ask(action: str, region: str = HERE, **wire: Any) -> Act:
    return lambda g: g.ask(action, region, "vpc", **{"RegionId": region, **wire})


def after(*acts: Act) -> Act:
    """Several calls; the last is the one to be refused."""

    def act(g: Ground) -> None:
        for one in acts:
            one(g)

    return act


def wait(g: Ground) -> None:
    g.pass_time(seconds=10)


def vpc(**wire: Any) -> Act:
    return ask("CreateVpc", **wire)


def vswitch(block: str = "10.0.9.0/24", **wire: Any) -> Act:
    return ask("CreateVSwitch", **{"VpcId": "vpc-a", "ZoneId": "cn-hangzhou-h", "CidrBlock": block, **wire})


def eip(**wire: Any) -> Act:
    return ask("AllocateEipAddress", **wire)


def bind(**wire: Any) -> Act:
    return ask("AssociateEipAddress", **{"AllocationId": "eip-free", "InstanceId": "i-other", **wire})


def unbind(**wire: Any) -> Act:
    return ask("UnassociateEipAddress", **{"AllocationId": "eip-web", **wire})


def listed(**wire: Any) -> Act:
    return ask("DescribeEipAddresses", **wire)


def tag(**wire: Any) -> Act:
    facts = {"ResourceType": "VPC", "ResourceId": ["vpc-a"], "Tag": TAGS[:1]}
    return ask("TagResources", **{**facts, **wire})


def delete_new_vpc(g: Ground) -> None:
    """Delete a network that is Pending."""
    made = g.ask("CreateVpc", HERE, "vpc", RegionId=HERE)["VpcId"]
    g.ask("DeleteVpc", HERE, "vpc", VpcId=made)


def delete_new_vswitch(g: Ground) -> None:
    made = vswitch()(g)
    assert isinstance(made, dict)
    g.ask("DeleteVSwitch", HERE, "vpc", VSwitchId=made["VSwitchId"])


def delete_beside_new_vswitch(g: Ground) -> None:
    """Delete a vSwitch while another one of its network is Pending."""
    made = vswitch("10.0.8.0/24")(g)
    assert isinstance(made, dict)
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
    "VPC_CIDR_EXCLUDED": vpc(CidrBlock="169.254.0.0/17"),
    "VPC_QUOTA": after(*[vpc()] * 9),
    "VPC_STATUS": delete_new_vpc,
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
    "VSWITCH_STATUS": delete_new_vswitch,
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
WRITTEN = {name: one for name, one in vars(errors).items() if isinstance(one, Refusal)}
#: The same refusal where another call, too, brings it about, and the gateway's own.
MORE: list[tuple[Refusal, Act]] = [
    (PARAMETER_MISSING, lambda g: g.ask("DescribeVpcs", HERE, "vpc")),
    (PARAMETER_MISSING, lambda g: g.ask("DescribeVSwitches", HERE, "vpc")),
    (PARAMETER_MISSING, lambda g: g.ask("CreateVpc", HERE, "vpc")),
    (PARAMETER_MISSING, lambda g: g.ask("AllocateEipAddress", HERE, "vpc")),
    (PARAMETER_MISSING, ask("DescribeVpcAttribute")),
    (PARAMETER_MISSING, ask("ModifyVpcAttribute")),
    (PARAMETER_MISSING, ask("DeleteVpc")),
    (PARAMETER_MISSING, vswitch(VpcId="")),
    (PARAMETER_MISSING, vswitch(ZoneId="")),
    (PARAMETER_MISSING, vswitch("")),
    (PARAMETER_MISSING, ask("ModifyVSwitchAttribute")),
    (PARAMETER_MISSING, ask("DeleteVSwitch")),
    (PARAMETER_MISSING, ask("DescribeVSwitchAttributes")),
    (PARAMETER_MISSING, bind(AllocationId="")),
    (PARAMETER_MISSING, bind(InstanceId="")),
    (PARAMETER_MISSING, unbind(AllocationId="")),
    (PARAMETER_MISSING, ask("ReleaseEipAddress")),
    (PARAMETER_MISSING, ask("ModifyEipAddressAttribute")),
    (PARAMETER_MISSING, tag(ResourceType="")),
    (PARAMETER_MISSING, tag(ResourceId=[])),
    (PARAMETER_MISSING, tag(Tag=[])),
    (PARAMETER_MISSING, ask("UnTagResources", ResourceType="VPC", ResourceId=["vpc-a"])),
    (PARAMETER_INVALID, ask("DescribeVpcs", PageSize=51)),
    (PARAMETER_INVALID, ask("DescribeVSwitches", PageSize=51)),
    (PARAMETER_INVALID, ask("DescribeVpcs", VpcId=",".join(f"vpc-{number}" for number in range(21)))),
    (PARAMETER_INVALID, listed(PageNumber=0)),
    (PARAMETER_INVALID, listed(PageSize=101)),
    (PARAMETER_INVALID, listed(Filter=[{"Key": "CreationStartTime", "Value": "yesterday"}])),
    (PARAMETER_INVALID, listed(Filter=[{"Key": "Colour", "Value": "2026-01-05T02:00Z"}])),
    (PARAMETER_INVALID, eip(ISP="Pigeon")),
    (PARAMETER_INVALID, eip(Netmode="private")),
    (PARAMETER_INVALID, eip(InstanceChargeType="Free")),
    (PARAMETER_INVALID, ask("ListTagResources", ResourceType="VPC", Tag=TAGS[:1], MaxResults=51)),
    (PARAMETER_INVALID, ask("ListTagResources", ResourceType="VPC", Tag=TAGS[:1], NextToken="x")),
    (UNSUPPORTED, eip(InstanceChargeType="PrePaid")),
    (UNSUPPORTED, eip(SecurityProtectionTypes=["AntiDDoS_Enhanced"])),
    (REGION_NOT_FOUND, ask("DescribeVSwitches", "cn-atlantis")),
    (DRY_RUN, ask("DescribeVSwitches", DryRun=True)),
    (DRY_RUN, listed(DryRun=True)),
    (errors.VPC_NOT_FOUND, vswitch(VpcId="vpc-b")),
    (errors.VPC_NOT_FOUND, ask("ModifyVpcAttribute", VpcId="vpc-b")),
    (errors.VPC_NOT_FOUND, ask("DeleteVpc", VpcId="vpc-b")),
    (errors.VPC_CIDR, vpc(CidrBlock="ten")),
    (errors.VPC_CIDR_MASK, vpc(CidrBlock="0.0.0.0/0")),
    (errors.CIDR_MALFORMED, vswitch("10.0.9.0")),
    (errors.CIDR_MALFORMED, vswitch("10.0.9.1/24")),
    (errors.NO_IPV6, vswitch(Ipv6CidrBlock=1)),
    (errors.NO_IPAM, vswitch(CidrMask="24")),
    (errors.TAG_TWICE, vpc(Tag=[TAGS[0], TAGS[0]])),
    (errors.TAG_KEY, eip(Tag=[{"Key": "aliyun", "Value": "v"}])),
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
    (errors.TAG_RESOURCE, ask("UnTagResources", ResourceType="EIP", ResourceId=["eip-x"], All=True)),
]


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


def check(g: Ground, refusal: Refusal, act: Act) -> None:
    with refused(refusal.code, refusal.status) as no:
        act(g)
    for part in refusal.message.split("%s"):
        assert part in no.value.message


@pytest.mark.parametrize("name", ROWS)
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str) -> None:
    """What the documentation refuses, the embedded VPC refuses, in the documentation's words."""
    check(g, WRITTEN[name], ROWS[name])


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(WRITTEN)


@pytest.mark.parametrize("row", range(len(MORE)))
def test_a_refusal_is_the_same_wherever_it_is_met(g: Ground, row: int) -> None:
    """Each action refuses for itself what it is told wrongly, or not at all."""
    check(g, *MORE[row])


def test_an_action_that_nobody_wrote_fails_by_its_name(g: Ground) -> None:
    """What the embedded VPC cannot do it says, with the name of what was asked."""
    with refused("InvalidAction.NotFound", 404) as no:
        g.ask("DescribeNatGateways", HERE, "vpc", RegionId=HERE)
    assert "DescribeNatGateways" in no.value.message


@pytest.mark.parametrize(
    ("action", "wire", "other"),
    [
        ("CreateVpc", {"RegionId": HERE}, {"VpcName": "other"}),
        (
            "CreateVSwitch",
            {"VpcId": "vpc-a", "ZoneId": "cn-hangzhou-h", "CidrBlock": "10.0.9.0/24"},
            {"VSwitchName": "other"},
        ),
        ("AllocateEipAddress", {"RegionId": HERE}, {"Bandwidth": "9"}),
        ("AssociateEipAddress", {"AllocationId": "eip-free", "InstanceId": "i-other"}, {"InstanceId": "i-web"}),
        ("UnassociateEipAddress", {"AllocationId": "eip-web"}, {"InstanceId": "i-other"}),
    ],
)
def test_a_token_is_for_one_call(g: Ground, action: str, wire: dict[str, Any], other: dict[str, Any]) -> None:
    """The same token for another call is refused."""
    g.ask(action, HERE, "vpc", ClientToken="t", **wire)
    with refused("IdempotentParameterMismatch", 400):
        g.ask(action, HERE, "vpc", ClientToken="t", **{**wire, **other})


def test_a_token_of_a_deletion_answers_after_it(g: Ground) -> None:
    """DeleteVpc with a token that is known answers as before, though the network is gone."""
    made = g.ask("CreateVpc", HERE, "vpc", RegionId=HERE)["VpcId"]
    wait(g)
    for _ in range(2):
        assert g.ask("DeleteVpc", HERE, "vpc", VpcId=made, ClientToken="t") == {}
        wait(g)
