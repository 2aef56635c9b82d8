"""What an instance is made of: ModifyInstanceSpec.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifyinstancespec (read 2026-11)
"""

from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.catalogue import INSTANCE_TYPES, InstanceType, sold_in, type_of
from localcloud.ecs.models import Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import specs as refusals
from localcloud.ecs.state import Held, State
from localcloud.ecs.struck import struck

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_MOST_BANDWIDTH = 100


class Specs:
    """The types and bandwidths of one cloud's instances."""

    def __init__(self, cloud: "Cloud", state: State) -> None:
        self._cloud = cloud
        self._state = state

    def modify(self, params: Params) -> Answer:
        """ModifyInstanceSpec: another type for a stopped pay-as-you-go instance, or another bandwidth; not both.

        The page allows one of them a call.  What only matters to retired types and to clusters is not read.
        """
        held = self._state.of(params.region)
        instance = held.instance(params.need("InstanceId"))
        if params.has("InstanceType") and params.has("InternetMaxBandwidthOut"):
            raise refusals.TOO_MUCH.error()
        if instance.charge_type != "PostPaid":
            raise refusals.CHARGE_TYPE.error()
        kind = self._type(params, held, instance) if params.has("InstanceType") else type_of(instance.type)
        bandwidth = instance.bandwidth_out if params.has("InstanceType") else _bandwidth(params, instance)
        if params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        instance.type, instance.bandwidth_out = kind.id, bandwidth
        return {}

    def _type(self, params: Params, held: Held, instance: Instance) -> InstanceType:
        """The type that the call asks for, which the instance can have and the zone has in stock."""
        kind = INSTANCE_TYPES.get(params.text("InstanceType"))
        if kind is None:
            raise refusals.TYPE_UNKNOWN.error()
        if instance.status != "Stopped" or instance.leaving:
            raise refusals.NOT_STOPPED.error()
        if kind not in sold_in(instance.zone, instance.region):
            raise refusals.TYPE_NOT_IN_ZONE.error()
        _refuse_unfit(held, instance, kind)
        if struck(self._cloud, params, "no_stock", kind.id, instance.zone):
            raise refusals.NO_STOCK.error()
        return kind


def _refuse_unfit(held: Held, instance: Instance, kind: InstanceType) -> None:
    """What an instance's disks and processor do not allow."""
    disks = held.disks_of(instance.id)
    if any(disk.local for disk in disks):
        raise refusals.LOCAL_DISK.error()
    if kind.local_disks:
        raise refusals.TYPE_UNREACHABLE.error()
    if kind.architecture != type_of(instance.type).architecture:
        raise refusals.ARCHITECTURE.error()
    if any(disk.category not in kind.categories for disk in disks):
        raise refusals.DISK_CATEGORY.error()


def _bandwidth(params: Params, instance: Instance) -> int:
    """The outbound bandwidth that the call asks for; the inbound one, which goes with it, is shown nowhere."""
    if not params.has("InternetMaxBandwidthOut"):
        raise refusals.NOTHING.error()
    bandwidth = params.whole("InternetMaxBandwidthOut", 0, 0, _MOST_BANDWIDTH)
    if instance.status not in ("Running", "Stopped") or instance.leaving:
        raise refusals.STATUS.error()
    return bandwidth
