"""DescribeDisks, and the coming and going of disks."""

from typing import TYPE_CHECKING

from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Disk
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State
from localcloud.ecs.tagging import asked_tags, bears, shown_tags
from localcloud.ecs.times import second

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]


class BlockDisks:
    """The disks of one cloud; what is on them is in `Cloud.disks`."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    def describe(self, params: Params) -> Answer:
        """DescribeDisks: cloud disks and local disks, of one instance or by id."""
        held = self._state.of(params.region)
        ids, wanted = params.json_ids("DiskIds"), asked_tags(params)
        chosen = [
            one
            for one in self._listing.visible(held.disks.values())
            if (ids is None or one.id in ids)
            and params.text("InstanceId", one.instance_id) == one.instance_id
            and params.text("Status", "All") in ("All", one.status)
            and params.text("DiskType", "all") in ("all", one.kind)
            and params.text("Category", "all") in ("all", one.category)
            and params.text("ZoneId", one.zone) == one.zone
            and params.text("SnapshotId", one.source_snapshot) == one.source_snapshot
            and bears(one, wanted)
        ]
        page, head = self._listing.page(params, chosen, most=100)
        return {**head, "Disks": {"Disk": [_shown(one) for one in page]}}

    def part(self, instance_id: str, region: str) -> None:
        """The instance is released: its disks go with it, or stay by themselves."""
        for disk in self._state.of(region).disks_of(instance_id):
            if disk.delete_with_instance or disk.local:
                del self._state.of(region).disks[disk.id]
                self._cloud.disks.drop_disk(disk.id)
            else:
                disk.instance_id, disk.device, disk.status = "", "", "Available"


def _shown(one: Disk) -> Answer:
    attachments = [{"InstanceId": one.instance_id, "Device": one.device, "AttachedTime": second(one.created)}]
    shown: Answer = {
        "DiskId": one.id,
        "DiskName": one.name,
        "Description": "",
        "RegionId": one.region,
        "ZoneId": one.zone,
        "Type": one.kind,
        "Category": one.category,
        "Size": one.size,
        "Device": one.device,
        "Status": one.status,
        "InstanceId": one.instance_id,
        "ImageId": one.image_id,
        "SourceSnapshotId": one.source_snapshot,
        "Encrypted": one.encrypted,
        "KMSKeyId": "",
        "DeleteWithInstance": one.delete_with_instance,
        "DeleteAutoSnapshot": True,
        "EnableAutoSnapshot": True,
        "Portable": one.kind == "data" and not one.local,
        "DiskChargeType": "PostPaid",
        "MultiAttach": "Disabled",
        "BurstingEnabled": False,
        "ResourceGroupId": "",
        "ProductCode": "",
        "CreationTime": second(one.created),
        "AttachedTime": second(one.created),
        "Tags": shown_tags(one),
        "OperationLocks": {"OperationLock": []},
        "MountInstances": {"MountInstance": []},
        "Attachments": {"Attachment": attachments if one.instance_id else []},
    }
    if one.performance_level:
        shown["PerformanceLevel"] = one.performance_level
    return shown
