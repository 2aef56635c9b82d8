"""Instances and their disks at the cloud."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.cloud.ownership import tags_of
from shared.cloud.session import Session, moment
from shared.replication.model import Kept
from shared.replication.record import SourceDisk


class InstanceSeen(Kept):
    """An instance as the cloud describes it."""

    id: str
    name: str
    host_name: str
    status: str
    instance_type: str
    zone: str
    local_storage: int
    groups: tuple[str, ...]
    tags: dict[str, str]
    created_at: datetime
    request_id: str = ""


class TypeSeen(Kept):
    """An instance type as the cloud describes it."""

    id: str
    local_storage: int


class Launch(Kept):
    """The parameters of RunInstances for a replica; all of them follow from the record."""

    region: str
    zone: str
    image: str
    instance_type: str
    vswitch: str
    group: str
    name: str
    host_name: str
    disks: tuple[SourceDisk, ...]
    tags: dict[str, str]
    token: str


class Launched(Kept):
    """What RunInstances answered."""

    instance: str
    request_id: str
    price: str


class Instances:
    """RunInstances and what belongs to it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_id(self, region: str, instances: Sequence[str]) -> tuple[InstanceSeen, ...]:
        """The instances with these ids, 100 at most; one that is not listed is not among them."""
        from alibabacloud_ecs20140526 import models

        request = models.DescribeInstancesRequest(
            region_id=region, instance_ids=json.dumps(list(instances)), max_results=100
        )
        return self._instances(region, request)

    def tagged(self, region: str, tags: Mapping[str, str]) -> tuple[InstanceSeen, ...]:
        """The instances that bear these tags."""
        from alibabacloud_ecs20140526 import models

        wanted = [models.DescribeInstancesRequestTag(key=k, value=v) for k, v in tags.items()]
        return self._instances(region, models.DescribeInstancesRequest(region_id=region, tag=wanted, max_results=100))

    def disks(self, region: str, instance: str) -> tuple[SourceDisk, ...]:
        """The disks of an instance, system disk first, then by device."""
        from alibabacloud_ecs20140526 import models

        request = models.DescribeDisksRequest(region_id=region, instance_id=instance, max_results=100)
        pages = self._session.pages("ecs", region, "describe_disks", request)
        found = tuple(_disk(disk) for body in pages for disk in (body.disks.disk if body.disks else []))
        return tuple(sorted(found, key=lambda disk: (disk.kind != "system", disk.device)))

    def types(self, region: str, names: Sequence[str]) -> tuple[TypeSeen, ...]:
        """Those of the instance types that the region knows."""
        from alibabacloud_ecs20140526 import models

        request = models.DescribeInstanceTypesRequest(instance_types=list(names))
        return tuple(
            TypeSeen(id=t.instance_type_id, local_storage=int(t.local_storage_amount or 0))
            for body in self._session.pages("ecs", region, "describe_instance_types", request)
            for t in (body.instance_types.instance_type if body.instance_types else [])
            if t.instance_type_id in names
        )

    def sold(self, region: str, zone: str, instance_type: str) -> bool:
        """Whether the type can be bought in the zone (low stock is still buyable)."""
        from alibabacloud_ecs20140526 import models

        request = models.DescribeAvailableResourceRequest(
            region_id=region,
            zone_id=zone,
            destination_resource="InstanceType",
            instance_type=instance_type,
            instance_charge_type="PostPaid",
        )
        body = self._session.ask("ecs", region, "describe_available_resource", request)
        zones = body.available_zones.available_zone if body.available_zones else []
        return any(
            supported.value == instance_type and supported.status == "Available"
            for seen in zones
            for resource in (seen.available_resources.available_resource if seen.available_resources else [])
            for supported in (resource.supported_resources.supported_resource if resource.supported_resources else [])
        )

    def launch(self, launch: Launch) -> Launched:
        """Make one instance from an image: no public address, no user data, each disk as the source's."""
        from alibabacloud_ecs20140526 import models

        system = next(disk for disk in launch.disks if disk.kind == "system")
        request = models.RunInstancesRequest(
            region_id=launch.region,
            zone_id=launch.zone,
            image_id=launch.image,
            instance_type=launch.instance_type,
            v_switch_id=launch.vswitch,
            security_group_id=launch.group,
            instance_name=launch.name,
            host_name=launch.host_name or None,
            instance_charge_type="PostPaid",
            internet_max_bandwidth_out=0,
            amount=1,
            client_token=launch.token,
            password_inherit=True,
            system_disk=models.RunInstancesRequestSystemDisk(
                category=system.category, size=str(system.size), performance_level=system.performance_level or None
            ),
            data_disk=[
                # By Device: a SnapshotId would add a disk instead of describing the image's own.
                models.RunInstancesRequestDataDisk(
                    device=disk.device,
                    category=disk.category,
                    size=disk.size,
                    performance_level=disk.performance_level or None,
                    delete_with_instance=True,
                )
                for disk in launch.disks
                if disk.kind == "data"
            ],
            tag=[models.RunInstancesRequestTag(key=k, value=v) for k, v in launch.tags.items()],
        )
        body = self._session.ask("ecs", launch.region, "run_instances", request)
        price = f"{body.trade_price} an hour" if body.trade_price else ""
        return Launched(instance=body.instance_id_sets.instance_id_set[0], request_id=body.request_id, price=price)

    def set_groups(self, region: str, instance: str, groups: Sequence[str]) -> str:
        """Put an instance into exactly these security groups; the request's id."""
        from alibabacloud_ecs20140526 import models

        request = models.ModifyInstanceAttributeRequest(instance_id=instance, security_group_ids=list(groups))
        return str(self._session.ask("ecs", region, "modify_instance_attribute", request).request_id)

    def delete(self, region: str, instance: str) -> str:
        """Release an instance, running or not, with the disks that go with it; the request's id."""
        from alibabacloud_ecs20140526 import models

        request = models.DeleteInstanceRequest(instance_id=instance, force=True)
        return str(self._session.ask("ecs", region, "delete_instance", request).request_id)

    def _instances(self, region: str, request: object) -> tuple[InstanceSeen, ...]:
        return tuple(
            _instance(instance, body.request_id)
            for body in self._session.pages("ecs", region, "describe_instances", request)
            for instance in (body.instances.instance if body.instances else [])
        )


def _instance(instance: Any, request_id: str) -> InstanceSeen:
    return InstanceSeen(
        id=instance.instance_id,
        name=instance.instance_name or "",
        host_name=instance.host_name or "",
        status=instance.status or "",
        instance_type=instance.instance_type or "",
        zone=instance.zone_id or "",
        local_storage=int(instance.local_storage_amount or 0),
        groups=tuple(instance.security_group_ids.security_group_id or ()) if instance.security_group_ids else (),
        tags=tags_of(instance.tags.tag if instance.tags else None),
        created_at=moment(instance.creation_time),
        request_id=request_id,
    )


def _disk(disk: Any) -> SourceDisk:
    return SourceDisk(
        id=disk.disk_id,
        device=disk.device or "",
        kind=disk.type or "",
        category=disk.category or "",
        size=int(disk.size or 0),
        performance_level=disk.performance_level or "",
        name=disk.disk_name or "",
        delete_with_instance=bool(disk.delete_with_instance),
    )
