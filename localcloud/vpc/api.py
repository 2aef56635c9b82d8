"""The actions of VPC: looking at networks and vSwitches."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from localcloud.regions import ZONES
from localcloud.vpc import errors
from localcloud.vpc.models import Network, VSwitch
from localcloud.vpc.needs import needs

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]
#: "Maximum value: 50. Default value: 10" (help page DescribeVSwitches, PageSize, read 2026-11).
_MOST = 50
#: The first address of a vSwitch and its last three are reserved.
_RESERVED = 4


class Vpc:
    """VPC of one cloud, all regions.  Its networks are the world's; they do not change."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        now = cloud.clock.now
        regions = cloud.world.regions.items()
        self._networks = {
            (region, one.id): Network(one.id, region, one.cidr, now) for region, holds in regions for one in holds.vpcs
        }
        self._vswitches = {
            (region, one.id): VSwitch(one.id, region, one.vpc, one.zone, one.cidr, now)
            for region, holds in regions
            for one in holds.vswitches
        }
        self._actions: Mapping[str, Callable[[Call], Answer]] = {
            "DescribeVpcs": self._describe_vpcs,
            "DescribeVSwitches": self._describe_vswitches,
            "DescribeVSwitchAttributes": self._describe_vswitch,
        }

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        action = self._actions.get(call.action)
        if action is None:
            raise errors.action_not_found(call.action)
        self._cloud.ram.permits.demand(call, needs(self._cloud.account, call), lambda _: errors.forbidden())
        if call.region not in ZONES and call.region not in self._cloud.world.regions:
            raise errors.region_not_found()
        answer = action(call)
        if call.params.get("DryRun", "").lower() == "true":
            raise errors.dry_run()
        return answer

    def has(self, region: str, vpc_id: str) -> bool:
        """Whether the region has this network."""
        return (region, vpc_id) in self._networks

    def vswitch(self, region: str, vswitch_id: str) -> VSwitch | None:
        """The vSwitch, None when the region has none of this id."""
        return self._vswitches.get((region, vswitch_id))

    def _describe_vpcs(self, call: "Call") -> Answer:
        if not call.params.get("RegionId"):
            raise errors.missing("RegionId")
        ids = call.params.get("VpcId", "")
        chosen = [
            one
            for one in self._networks.values()
            if one.region == call.region and (not ids or one.id in ids.split(","))
        ]
        page, head = _page(call, [self._shown_network(one) for one in chosen])
        return {**head, "Vpcs": {"Vpc": page}}

    def _describe_vswitches(self, call: "Call") -> Answer:
        """By RegionId or by VpcId: one of the two is mandatory."""
        if not call.params.get("RegionId") and not call.params.get("VpcId"):
            raise errors.missing("RegionId")
        wanted = {name: call.params.get(name, "") for name in ("VpcId", "VSwitchId", "ZoneId")}
        chosen = [
            one
            for one in self._vswitches.values()
            if one.region == call.region
            and wanted["VpcId"] in ("", one.vpc_id)
            and (not wanted["VSwitchId"] or one.id in wanted["VSwitchId"].split(","))
            and wanted["ZoneId"] in ("", one.zone)
        ]
        page, head = _page(call, [self._shown_vswitch(one) for one in chosen])
        return {**head, "VSwitches": {"VSwitch": page}}

    def _describe_vswitch(self, call: "Call") -> Answer:
        if not call.params.get("VSwitchId"):
            raise errors.missing("VSwitchId")
        vswitch = self.vswitch(call.region, call.params["VSwitchId"])
        if vswitch is None:
            raise errors.vswitch_not_found()
        return self._shown_vswitch(vswitch)

    def _shown_network(self, one: Network) -> Answer:
        inside = [switch.id for switch in self._vswitches.values() if switch.vpc_id == one.id]
        return {
            "VpcId": one.id,
            "VpcName": one.id,
            "RegionId": one.region,
            "CidrBlock": one.cidr,
            "Status": "Available",
            "IsDefault": False,
            "Description": "",
            "VRouterId": f"vrt-{one.id}",
            "CreationTime": one.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "OwnerId": int(self._cloud.account),
            "VSwitchIds": {"VSwitchId": inside},
            "Tags": {"Tag": []},
        }

    def _shown_vswitch(self, one: VSwitch) -> Answer:
        used = len(self._cloud.ecs.addresses_in(one.region, one.id))
        return {
            "VSwitchId": one.id,
            "VSwitchName": one.id,
            "VpcId": one.vpc_id,
            "ZoneId": one.zone,
            "CidrBlock": one.cidr,
            "Status": "Available",
            "IsDefault": False,
            "Description": "",
            "AvailableIpAddressCount": IPv4Network(one.cidr).num_addresses - _RESERVED - used,
            "CreationTime": one.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "OwnerId": int(self._cloud.account),
            "Tags": {"Tag": []},
        }


def _page(call: "Call", items: list[Answer]) -> tuple[list[Answer], Answer]:
    number, size = _whole(call, "PageNumber", 1, 10**6), _whole(call, "PageSize", 10, _MOST)
    head: Answer = {"PageNumber": number, "PageSize": size, "TotalCount": len(items)}
    return items[(number - 1) * size : number * size], head


def _whole(call: "Call", name: str, default: int, most: int) -> int:
    text = call.params.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise errors.invalid(name)
    return int(text)
