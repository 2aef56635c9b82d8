"""What can be had: DescribeRegions, DescribeZones, DescribeInstanceTypes, DescribeAvailableResource."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.catalogue import (
    DATA_SIZES,
    INSTANCE_TYPES,
    SYSTEM_SIZES,
    InstanceType,
    sold_in,
    type_of,
)
from localcloud.ecs.listing import Listing
from localcloud.ecs.narrowing import Fields, asked_facts, shows
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State
from localcloud.regions import ZONES

if TYPE_CHECKING:
    from localcloud.ecs.state import Held

Answer = dict[str, object]
_NARROWS: Fields = {"InstanceFamilyLevel": str, "LocalStorageCategory": str, "NvmeSupport": str}


def endpoint(region: str) -> str:
    """The region's ECS endpoint, as the SDK chooses it."""
    return "ecs-cn-hangzhou.aliyuncs.com" if region == "cn-hangzhou" else f"ecs.{region}.aliyuncs.com"


class Offers:
    """The catalogue's actions."""

    def __init__(self, state: State, listing: Listing) -> None:
        self._state = state
        self._listing = listing

    def regions(self, params: Params) -> Answer:  # noqa: ARG002 - every action takes its parameters
        """The public regions."""
        shown = [
            {"RegionId": region, "LocalName": region, "RegionEndpoint": endpoint(region), "Status": "available"}
            for region in ZONES
        ]
        return {"Regions": {"Region": shown}}

    def zones(self, params: Params) -> Answer:
        """The region's zones, with what each sells."""
        self._state.of(params.region)
        return {"Zones": {"Zone": [_zone(zone, params.region) for zone in ZONES.get(params.region, ())]}}

    def types(self, params: Params) -> Answer:
        """The instance types that fit what is asked for."""
        ids = params.each("InstanceTypes")
        families = {*params.each("InstanceTypeFamilies"), params.text("InstanceTypeFamily")} - {""}
        low, high = (
            params.whole("MinimumCpuCoreCount", 0, 0, 10**6),
            params.whole("MaximumCpuCoreCount", 10**6, 0, 10**6),
        )
        least, most = _gib(params, "MinimumMemorySize", 0), _gib(params, "MaximumMemorySize", 10**6)
        facts = asked_facts(params, _NARROWS)
        chosen = [
            one
            for one in INSTANCE_TYPES.values()
            if (not ids or one.id in ids)
            and (not families or one.family in families)
            and low <= one.cores <= high
            and least <= one.memory <= most
            and shows({"LocalStorageCategory": "", **_type(one)}, facts)
            and params.text("CpuArchitecture", one.architecture).upper() == one.architecture
        ]
        size = params.whole("MaxResults", 100, 1, 100)
        page, after = self._listing.by_token(params, [_type(one) for one in chosen], size)
        return {"InstanceTypes": {"InstanceType": page}, "NextToken": after}

    def available(self, params: Params) -> Answer:
        """What each zone of the region sells of the kind that is asked for."""
        self._state.of(params.region)
        wanted = params.need("DestinationResource")
        zones = ZONES.get(params.region, ())
        if params.has("ZoneId") and params.text("ZoneId") not in zones:
            raise errors.ZONE_NOT_FOUND.error()
        offers = _OFFERS.get(wanted)
        if offers is None:
            raise errors.PARAMETER_INVALID.error("DestinationResource")
        shown = []
        for zone in zones:
            values = offers(params, sold_in(zone, params.region))
            if values and params.text("ZoneId", zone) == zone:
                shown.append(_available(params.region, zone, wanted, values))
        return {"AvailableZones": {"AvailableZone": shown}}


def _values(values: list[str]) -> list[Answer]:
    return [{"Value": one, "Status": "Available", "StatusCategory": "WithStock"} for one in values]


def _with_sizes(categories: tuple[str, ...], sizes: Callable[[str], tuple[int, int]]) -> list[Answer]:
    shown = []
    for line, category in zip(_values(list(categories)), categories, strict=True):
        low, high = sizes(category)
        shown.append(line | {"Min": low, "Max": high, "Unit": "GiB"})
    return shown


def _asked(params: Params, sold: tuple[InstanceType, ...]) -> tuple[InstanceType, ...]:
    wanted = params.text("InstanceType")
    if wanted and wanted not in INSTANCE_TYPES:
        raise errors.TYPE_UNKNOWN.error()
    return tuple(one for one in sold if wanted in ("", one.id))


def _gib(params: Params, name: str, default: float) -> float:
    text = params.text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,4})?", text):
        raise errors.PARAMETER_INVALID.error(name)
    return float(text)


def _types_offered(params: Params, sold: tuple[InstanceType, ...]) -> list[Answer]:
    cores, memory = params.whole("Cores", 0, 0, 10**6), _gib(params, "Memory", 0)
    fits = (one for one in _asked(params, sold) if cores in (0, one.cores) and memory in (0, one.memory))
    return _values([one.id for one in fits])


def _system_disks(params: Params, sold: tuple[InstanceType, ...]) -> list[Answer]:
    params.need("InstanceType")
    found = _asked(params, sold)
    return _with_sizes(found[0].categories, lambda _: SYSTEM_SIZES) if found else []


def _data_disks(params: Params, sold: tuple[InstanceType, ...]) -> list[Answer]:
    params.need("InstanceType")
    params.need("SystemDiskCategory")
    found = _asked(params, sold)
    return _with_sizes(found[0].categories, DATA_SIZES.__getitem__) if found else []


_OFFERS: dict[str, Callable[[Params, tuple[InstanceType, ...]], list[Answer]]] = {
    "InstanceType": _types_offered,
    "SystemDisk": _system_disks,
    "DataDisk": _data_disks,
    "Zone": lambda _, sold: _values(["available"]) if sold else [],
    "IoOptimized": lambda _, sold: _values(["optimized"]) if sold else [],
    "Network": lambda _, sold: _values(["vpc"]) if sold else [],
}


def _available(region: str, zone: str, kind: str, values: list[Answer]) -> Answer:
    resource = {"Type": kind, "SupportedResources": {"SupportedResource": values}}
    return {
        "RegionId": region,
        "ZoneId": zone,
        "Status": "Available",
        "StatusCategory": "WithStock",
        "AvailableResources": {"AvailableResource": [resource]},
    }


def _zone(zone: str, region: str) -> Answer:
    sold = sold_in(zone, region)
    categories = sorted({category for one in sold for category in one.categories})
    return {
        "ZoneId": zone,
        "LocalName": zone,
        "ZoneType": "AvailabilityZone",
        "AvailableInstanceTypes": {"InstanceTypes": [one.id for one in sold]},
        "AvailableDiskCategories": {"DiskCategories": categories},
        "AvailableResourceCreation": {"ResourceTypes": ["VSwitch", "IoOptimized", "Instance", "Disk"]},
    }


def _type(one: InstanceType) -> Answer:
    shown: Answer = {
        "InstanceTypeId": one.id,
        "InstanceTypeFamily": one.family,
        "InstanceFamilyLevel": one.level,
        "CpuCoreCount": one.cores,
        "MemorySize": float(one.memory),
        "CpuArchitecture": one.architecture,
        "DiskQuantity": 17,
        "EniQuantity": 3,
        "GPUAmount": 0,
        "GPUSpec": "",
        "NvmeSupport": "unsupported",
    }
    if one.local_disks:
        shown |= {
            "LocalStorageAmount": one.local_disks,
            "LocalStorageCapacity": one.local_gib,
            "LocalStorageCategory": one.local_category,
        }
    return shown


def local_storage(held: "Held", instance_id: str, type_id: str) -> tuple[int, int]:
    """How many local disks an instance has, and their size together in GiB."""
    local = [disk.size for disk in held.disks_of(instance_id) if disk.local]
    one = type_of(type_id)
    return (len(local), sum(local)) if local else (one.local_disks, one.local_disks * one.local_gib)
