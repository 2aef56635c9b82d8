"""The network interfaces of instances: DescribeNetworkInterfaces.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describenetworkinterfaces (read 2026-11)
"""

from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.instances import mac
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State
from localcloud.ecs.tagging import asked_tags, bears, shown_tags
from localcloud.ecs.times import second

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_PAGE = 1000
#: What only an interface beside the primary one can have: the page sends who looks for a primary one by its group to
#: DescribeInstances, and calls the addresses secondary ones.
_SECONDARY = ("SecurityGroupId", "PrivateIpAddress", "Ipv6Address", "NetworkInterfaceName")
_FIELDS = {
    "VSwitchId": "vswitch_id",
    "VpcId": "vpc_id",
    "PrimaryIpAddress": "private_ip",
    "InstanceId": "id",
}


class Interfaces:
    """The interfaces of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    def describe(self, params: Params) -> Answer:
        """DescribeNetworkInterfaces: the primary interface of each instance, to look at only; there are no others.

        UNVERIFIED: that its tags are those of its instance, also of what was put on or taken off afterwards.
        """
        held = self._state.of(params.region)
        ids, wanted, kind = params.each("NetworkInterfaceId"), asked_tags(params), params.text("Type", "Primary")
        if kind not in ("Primary", "Secondary"):
            raise errors.PARAMETER_INVALID.error("Type")
        chosen = [
            one
            for one in self._listing.visible(held.instances.values(), params)
            if (not ids or one.eni_id in ids) and kind == "Primary" and _fits(params, one) and bears(one, wanted)
        ]
        page, head = self._listing.page(params, chosen, most=_PAGE)
        return {**head, "NetworkInterfaceSets": {"NetworkInterfaceSet": [self._shown(one) for one in page]}}

    def _shown(self, one: Instance) -> Answer:
        public = self._public(one)
        address = {"PrivateIpAddress": one.private_ip, "Primary": True, "AssociatedPublicIp": public}
        return {
            "NetworkInterfaceId": one.eni_id,
            "NetworkInterfaceName": "",
            "Description": "",
            "Type": "Primary",
            "Status": "InUse",
            "InstanceId": one.id,
            "VpcId": one.vpc_id,
            "VSwitchId": one.vswitch_id,
            "ZoneId": one.zone,
            "PrivateIpAddress": one.private_ip,
            "PrivateIpSets": {"PrivateIpSet": [address]},
            "AssociatedPublicIp": public,
            "MacAddress": mac(one.eni_id),
            "SecurityGroupIds": {"SecurityGroupId": list(one.groups)},
            "NetworkInterfaceTrafficMode": "Standard",
            "CreationTime": second(one.created),
            "OwnerId": self._cloud.account,
            "ResourceGroupId": "",
            "ServiceManaged": False,
            "SourceDestCheck": False,
            "DeleteOnRelease": True,
            "Ipv6Sets": {"Ipv6Set": []},
            "Tags": shown_tags(one),
        }

    def _public(self, one: Instance) -> Answer:
        """The elastic IP address of the instance; nothing when it has none."""
        address = self._cloud.vpc.addresses.bound_to(one.region, one.id)
        return {} if address is None else {"AllocationId": address.id, "PublicIpAddress": address.ip}


def _fits(params: Params, one: Instance) -> bool:
    if any(params.has(name) for name in _SECONDARY) or params.flag("ServiceManaged"):
        return False
    if params.text("Status", "InUse") != "InUse":
        return False
    return all(params.text(name, getattr(one, field)) == getattr(one, field) for name, field in _FIELDS.items())
