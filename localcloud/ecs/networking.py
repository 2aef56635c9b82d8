"""An instance's place in the network: ModifyInstanceVpcAttribute, AllocatePublicIpAddress."""

from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.addresses import chosen, free, public_address
from localcloud.ecs.models import Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import instances as refusals
from localcloud.ecs.state import Held, State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.vpc.models import VSwitch

Answer = dict[str, object]


class Networking:
    """The networks of one cloud's instances."""

    def __init__(self, cloud: "Cloud", state: State) -> None:
        self._cloud = cloud
        self._state = state

    def move(self, params: Params) -> Answer:
        """ModifyInstanceVpcAttribute: another address, vSwitch or VPC for a stopped instance, in the same zone.

        Once it has moved it has to run before it moves again, and a new one has to run first.
        """
        held = self._state.of(params.region)
        instance = held.instance(params.need("InstanceId"))
        vswitch_id = params.need("VSwitchId")
        if instance.status != "Stopped" or instance.leaving:
            raise refusals.NETWORK_STATUS.error()
        if instance.moved or instance.boots == 0:
            raise refusals.NETWORK_CHANGING.error()
        vswitch = self._vswitch(params, vswitch_id, instance)
        groups = _groups(params, held, vswitch)
        address = _address(params, held, vswitch, instance)
        instance.vpc_id, instance.vswitch_id, instance.private_ip = vswitch.vpc_id, vswitch.id, address
        instance.groups = groups or instance.groups
        instance.moved = True
        return {}

    def _vswitch(self, params: Params, vswitch_id: str, instance: Instance) -> "VSwitch":
        vpc_id = params.text("VpcId")
        if vpc_id == instance.vpc_id:
            raise refusals.VPC_SAME.error()
        vswitch = self._cloud.vpc.vswitch(params.region, vswitch_id)
        if vswitch is None:
            raise refusals.VSWITCH_NOT_FOUND.error()
        if vswitch.vpc_id != (vpc_id or instance.vpc_id):
            raise (refusals.VSWITCH_NOT_OF_VPC if vpc_id else refusals.VSWITCH_OTHER_VPC).error()
        if vswitch.zone != instance.zone:
            raise refusals.VSWITCH_OTHER_ZONE.error()
        return vswitch

    def allocate(self, params: Params) -> Answer:
        """AllocatePublicIpAddress: the instance's static public address; one that it has already is answered again."""
        instance = self._state.of(params.region).instance(params.need("InstanceId"))
        if params.has("IpAddress"):  # "Only users in the whitelist can specify this parameter."
            raise errors.UNSUPPORTED.error("IpAddress")
        if instance.status not in ("Running", "Stopped") or instance.leaving:
            raise errors.INSTANCE_STATUS.error()
        if self._cloud.vpc.addresses.bound_to(instance.region, instance.id) is not None:
            raise refusals.ELASTIC.error()
        if instance.bandwidth_out == 0:
            raise refusals.NO_BANDWIDTH.error()
        instance.public_ip = public_address(self._cloud.seed, instance.id)
        return {"IpAddress": instance.public_ip}


def _address(params: Params, held: Held, vswitch: "VSwitch", instance: Instance) -> str:
    taken = held.addresses_in(vswitch.id)
    wanted = params.text("PrivateIpAddress")
    if not wanted:
        return free(vswitch, taken, 1, refusals.IP_NONE_LEFT)[0]
    if wanted == instance.private_ip and vswitch.id == instance.vswitch_id:
        raise refusals.IP_OWN.error()
    return chosen(wanted, vswitch, taken, refusals.IP_OUTSIDE)


def _groups(params: Params, held: Held, vswitch: "VSwitch") -> list[str]:
    """The security groups in the new VPC; none when the VPC stays."""
    ids = params.each("SecurityGroupId")
    if not params.has("VpcId"):
        if ids:
            raise refusals.GROUPS_WITHOUT_VPC.error()
        return []
    if not ids:
        raise refusals.GROUPS_MISSING.error()
    groups = [held.group(one) for one in ids]
    if any(group.vpc_id != vswitch.vpc_id for group in groups):
        raise refusals.GROUPS_OTHER_VPC.error()
    if len({group.type for group in groups}) > 1:
        raise refusals.GROUPS_MIXED.error()
    return list(ids)
