"""Elastic IP addresses (EIPs): getting one, binding it to an instance, letting it go, looking at them."""

from datetime import datetime
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs.errors import PARAMETER_INVALID, UNSUPPORTED, Refusal
from localcloud.ecs.listing import Listing
from localcloud.ecs.parameters import Params
from localcloud.ecs.tagging import asked_tags, bears
from localcloud.ecs.times import read_minute, second
from localcloud.texts import whole
from localcloud.vpc import errors
from localcloud.vpc.changes import Changes
from localcloud.vpc.models import Address
from localcloud.vpc.parameters import description, listed, name, optional_flag, refuse_unknown_group
from localcloud.vpc.state import State
from localcloud.vpc.tagging import read_tags, shown_tags

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
#: EIPs that an account may have, all regions together (help page "Limits" of EIP, read 2026-11).
_QUOTA = 20
_PAGE = 100
_MOST_VALUES = 50
_MOST_MBITS = {"PayByBandwidth": 500, "PayByTraffic": 200}
#: Regions with BGP (Multi-ISP) Pro lines (AllocateEipAddress, ISP, read 2026-11).
_PRO_REGIONS = frozenset(
    {
        "cn-hongkong",
        "ap-southeast-1",
        "ap-northeast-1",
        "ap-southeast-3",
        "ap-southeast-6",
        "ap-southeast-5",
        "ap-southeast-7",
    }
)
_BOUND_TO = frozenset({"EcsInstance", "SlbInstance", "Nat", "HaVip", "NetworkInterface", "IpAddress"})


class Addresses:
    """The elastic IP addresses of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, changes: Changes) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._changes = changes

    # --- acting ------------------------------------------------------------------------------------------------------

    def allocate(self, params: Params) -> Answer:
        """AllocateEipAddress: it is Available at once."""
        held = self._state.of(params.region)
        _refuse_unsupported(params)
        charge = params.text("InternetChargeType", "PayByBandwidth")
        if charge not in _MOST_MBITS:
            raise errors.EIP_CHARGE_TYPE.error()
        bandwidth = _bandwidth(params, charge, 5, errors.EIP_BANDWIDTH)
        line, tags = _line(params), read_tags(params)
        called, about = name(params, "Name", errors.EIP_LABEL), description(params, errors.EIP_LABEL)
        taken = {one.ip for _, region in self._state.everywhere() for one in region.addresses.values()}
        if len(taken) >= _QUOTA:
            raise errors.EIP_QUOTA.error()
        if params.has("IpAddress") or params.has("InstanceId"):  # one that was released; none is kept
            raise errors.EIP_RESERVED.error()
        now, new_id = self._cloud.clock.now, self._cloud.new_id("eip-")
        address = Address(
            id=new_id,
            region=params.region,
            created=now,
            listed_from=now,
            tags=tags,
            name=called,
            description=about,
            ip=free_ip(self._cloud, new_id, taken),
            bandwidth=bandwidth,
            internet_charge_type=charge,
            isp=line,
        )
        held.addresses[address.id] = address
        return {"AllocationId": address.id, "EipAddress": address.ip, "ResourceGroupId": ""}

    def associate(self, params: Params) -> Answer:
        """AssociateEipAddress, with an instance: Associating for some seconds, then InUse."""
        held = self._state.of(params.region)
        address = held.address(params.need("AllocationId"))
        instance_id = params.need("InstanceId")
        _check_kind(params)
        if params.text("InstanceRegionId", params.region) != params.region:
            raise UNSUPPORTED.error("InstanceRegionId")
        if address.status != "Available":
            raise errors.EIP_STATUS.error()
        instance = self._cloud.ecs.instance(params.region, instance_id)
        if instance is None:
            raise errors.BIND_INSTANCE_NOT_FOUND.error()
        if instance.status not in ("Running", "Stopped") or instance.leaving:
            raise errors.BIND_INSTANCE_STATUS.error()
        if held.addresses_of(instance_id):
            raise errors.BIND_TWICE.error()
        if instance.public_ip:
            raise errors.BIND_PUBLIC_IP.error()
        if params.text("PrivateIpAddress", instance.private_ip) != instance.private_ip:  # it has no other one
            raise UNSUPPORTED.error("PrivateIpAddress")
        address.instance_id = instance_id
        self._changes.begin(address, "Associating", lambda: self._changes.settle(address, "InUse"), 1, 5)
        return {}

    def unassociate(self, params: Params) -> Answer:
        """UnassociateEipAddress: Unassociating for some seconds, then Available."""
        address = self._state.of(params.region).address(params.need("AllocationId"))
        _check_kind(params)
        params.flag("Force")  # it is about NAT gateways, of which there are none
        if address.status != "InUse":
            raise errors.EIP_STATUS.error()
        instance_id = params.text("InstanceId", address.instance_id)
        instance = self._cloud.ecs.instance(params.region, instance_id)
        if instance is None:
            raise errors.UNBIND_INSTANCE_NOT_FOUND.error()
        private_ip = params.text("PrivateIpAddress", instance.private_ip)
        if instance_id != address.instance_id or private_ip != instance.private_ip:
            raise errors.UNBIND_OTHER.error()
        self._changes.begin(address, "Unassociating", lambda: self._free(address), 1, 5)
        return {}

    def release(self, params: Params) -> Answer:
        """ReleaseEipAddress: an Available one; it is Releasing for some seconds."""
        held = self._state.of(params.region)
        address = held.address(params.need("AllocationId"))
        if address.status != "Available":
            raise errors.EIP_STATUS.error()
        self._changes.begin(address, "Releasing", lambda: held.addresses.pop(address.id), 1, 3)
        return {}

    def modify(self, params: Params) -> Answer:
        """ModifyEipAddressAttribute: name, description, bandwidth."""
        address = self._state.of(params.region).address(params.need("AllocationId"))
        called, about = name(params, "Name", errors.EIP_LABEL), description(params, errors.EIP_LABEL)
        bandwidth = _bandwidth(params, address.internet_charge_type, address.bandwidth, errors.EIP_BANDWIDTH_CHANGE)
        if address.status not in ("Available", "InUse"):
            raise errors.EIP_STATUS.error()
        address.name = called or address.name
        address.description = about or address.description
        address.bandwidth = bandwidth
        return {}

    def part(self, region: str, instance_id: str) -> None:
        """An instance is gone: its addresses stay, free for another one."""
        for address in self._state.of(region).addresses_of(instance_id):
            self._free(address)

    def _free(self, address: Address) -> None:
        address.instance_id = ""
        self._changes.settle(address, "Available")

    # --- looking -----------------------------------------------------------------------------------------------------

    def bound_to(self, region: str, instance_id: str) -> Address | None:
        """The address that the instance has, None when it has none."""
        return next((one for one in self._state.of(region).addresses_of(instance_id) if one.bound), None)

    def describe(self, params: Params) -> Answer:
        """DescribeEipAddresses, at most 100 a page."""
        held = self._state.of(params.region)
        ids, ips = listed(params, "AllocationId", _MOST_VALUES), listed(params, "EipAddress", _MOST_VALUES)
        _check_filters(params)
        since, until = _created_between(params)
        wanted, extras = asked_tags(params, errors.TAGS_TOO_MANY), _asks_for_extras(params)
        chosen = [
            one
            for one in self._listing.visible(held.addresses.values(), params)
            if not extras
            and (ids is None or one.id in ids)
            and (ips is None or one.ip in ips)
            and _fits(params, one)
            and (since is None or since <= one.created)
            and (until is None or one.created <= until)
            and bears(one, wanted)
        ]
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE)
        return {**head, "EipAddresses": {"EipAddress": [self._shown(one) for one in page]}}

    def _shown(self, one: Address) -> Answer:
        instance = self._cloud.ecs.instance(one.region, one.instance_id)
        return {
            "AllocationId": one.id,
            "IpAddress": one.ip,
            "Status": one.status,
            "Name": one.name,
            "Description": one.description,
            "RegionId": one.region,
            "InstanceId": one.instance_id,
            "InstanceType": "EcsInstance" if one.instance_id else "",
            "InstanceRegionId": one.region if one.instance_id else "",
            "PrivateIpAddress": instance.private_ip if instance else "",
            "VpcId": instance.vpc_id if instance else "",
            "Bandwidth": str(one.bandwidth),
            "EipBandwidth": str(one.bandwidth),
            "InternetChargeType": one.internet_charge_type,
            "ChargeType": "PostPaid",
            "ISP": one.isp,
            "Netmode": "public",
            "AllocationTime": second(one.created),
            "ExpiredTime": "",
            "BusinessStatus": "Normal",
            "ResourceGroupId": "",
            "BandwidthPackageId": "",
            "BandwidthPackageType": "",
            "BandwidthPackageBandwidth": "",
            "SegmentInstanceId": "",
            "PublicIpAddressPoolId": "",
            "Mode": "NAT" if one.instance_id else "",
            "HDMonitorStatus": "OFF",
            "HasReservationData": "false",
            "DeletionProtection": False,
            "SecondLimited": False,
            "ServiceManaged": 0,
            "OperationLocks": {"LockReason": []},
            "SecurityProtectionTypes": {"SecurityProtectionType": []},
            "Tags": shown_tags(one),
        }


def free_ip(cloud: "Cloud", allocation_id: str, taken: set[str]) -> str:
    """An address that nobody has, of the range that is set aside for benchmarks (RFC 2544)."""
    draws = stream(cloud.id_seed, "eip", allocation_id)
    while (ip := f"198.18.{draws.randint(0, 255)}.{draws.randint(1, 254)}") in taken:
        pass
    return ip


def _bandwidth(params: Params, charge: str, usual: int, refusal: Refusal) -> int:
    bandwidth = whole(params.text("Bandwidth", str(usual)), 1, _MOST_MBITS[charge])
    if bandwidth is None:
        raise refusal.error()
    return bandwidth


def _line(params: Params) -> str:
    line = params.text("ISP", "BGP")
    if line not in ("BGP", "BGP_PRO"):
        raise PARAMETER_INVALID.error("ISP")
    if line == "BGP_PRO" and params.region not in _PRO_REGIONS:
        raise errors.EIP_LINE.error()
    return line


def _refuse_unsupported(params: Params) -> None:
    refuse_unknown_group(params)
    if params.text("Netmode", "public") != "public":
        raise PARAMETER_INVALID.error("Netmode")
    if params.text("InstanceChargeType", "PostPaid") not in ("PostPaid", "PrePaid"):
        raise PARAMETER_INVALID.error("InstanceChargeType")
    if params.text("InstanceChargeType") == "PrePaid":
        raise UNSUPPORTED.error("InstanceChargeType=PrePaid")


def _check_kind(params: Params) -> None:
    """An address is bound to an instance: nothing else that could have one is in this cloud."""
    kind = params.text("InstanceType", "EcsInstance")
    if kind not in _BOUND_TO:
        raise errors.BIND_TYPE.error()
    if kind != "EcsInstance":
        raise errors.BIND_TYPE_ABSENT.error(kind)


def _check_filters(params: Params) -> None:
    refuse_unknown_group(params)
    if params.text("LockReason", "financial") not in ("financial", "security"):
        raise errors.LIST_LOCK_REASON.error()
    if params.text("AssociatedInstanceType", "EcsInstance") not in _BOUND_TO:
        raise errors.LIST_INSTANCE_TYPE.error()
    if params.text("ChargeType", "PostPaid") not in ("PostPaid", "PrePaid"):
        raise errors.LIST_CHARGE_TYPE.error()


def _fits(params: Params, one: Address) -> bool:
    kind = "EcsInstance" if one.instance_id else ""
    shown = {
        "Status": one.status,
        "EipName": one.name,
        "ISP": one.isp,
        "ChargeType": "PostPaid",
        "AssociatedInstanceType": kind,
        "AssociatedInstanceId": one.instance_id,
    }
    return all(params.text(field, value) == value for field, value in shown.items())


def _asks_for_extras(params: Params) -> bool:
    """Whether only addresses are wanted that have what none of this cloud has."""
    flags = [optional_flag(params, name) for name in ("SecurityProtectionEnabled", "ServiceManaged")]
    named = [params.has(name) for name in ("LockReason", "SegmentInstanceId", "PublicIpAddressPoolId")]
    return any(flags) or any(named)


def _created_between(params: Params) -> tuple[datetime | None, datetime | None]:
    """Filter.N: CreationStartTime and CreationEndTime, to the minute."""
    found: dict[str, datetime] = {}
    for one in params.structs("Filter"):
        key, moment = one.text("Key"), read_minute(one.text("Value"))
        if key not in ("CreationStartTime", "CreationEndTime") or moment is None:
            raise PARAMETER_INVALID.error("Filter")
        found[key] = moment
    return found.get("CreationStartTime"), found.get("CreationEndTime")
