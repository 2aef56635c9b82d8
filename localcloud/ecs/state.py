"""The state of ECS: what the account holds in each region."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from localcloud.ecs import errors
from localcloud.ecs.models import (
    Command,
    Disk,
    Image,
    Instance,
    Invocation,
    KeyPair,
    Resource,
    SecurityGroup,
    Snapshot,
    SnapshotGroup,
)
from localcloud.ecs.refusals import disks as refusals
from localcloud.regions import ZONES


@dataclass
class Held:
    """What one region holds, by id."""

    images: dict[str, Image] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    snapshot_groups: dict[str, SnapshotGroup] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    groups: dict[str, SecurityGroup] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    invocations: dict[str, Invocation] = field(default_factory=dict)
    key_pairs: dict[str, KeyPair] = field(default_factory=dict)

    def own_images(self) -> dict[str, Image]:
        """The account's own images."""
        return {one.id: one for one in self.images.values() if one.owner == "self"}

    def image(self, image_id: str) -> Image:
        """The image, or InvalidImageId.NotFound."""
        if image_id not in self.images:
            raise errors.IMAGE_NOT_FOUND.error()
        return self.images[image_id]

    def own_image(self, image_id: str) -> Image:
        """The account's own image, or InvalidImageId.NotFound."""
        image = self.image(image_id)
        if image.owner != "self":
            raise errors.IMAGE_NOT_FOUND.error()
        return image

    def instance(self, instance_id: str) -> Instance:
        """The instance, or InvalidInstanceId.NotFound."""
        if instance_id not in self.instances:
            raise errors.INSTANCE_NOT_FOUND.error()
        return self.instances[instance_id]

    def group(self, group_id: str) -> SecurityGroup:
        """The security group, or InvalidSecurityGroupId.NotFound."""
        if group_id not in self.groups:
            raise errors.GROUP_NOT_FOUND.error()
        return self.groups[group_id]

    def disk(self, disk_id: str) -> Disk:
        """The disk, or InvalidDiskId.NotFound."""
        if disk_id not in self.disks:
            raise refusals.NOT_FOUND.error()
        return self.disks[disk_id]

    def disks_of(self, instance_id: str) -> list[Disk]:
        """The instance's disks, by device."""
        found = [disk for disk in self.disks.values() if disk.instance_id == instance_id]
        return sorted(found, key=lambda disk: disk.device)

    def disks_from(self, snapshot_id: str) -> list[Disk]:
        """The disks that were made from the snapshot."""
        return [disk for disk in self.disks.values() if disk.source_snapshot == snapshot_id]

    def images_with(self, snapshot_id: str) -> list[Image]:
        """The images that hold the snapshot."""
        return [one for one in self.images.values() if any(disk.snapshot_id == snapshot_id for disk in one.disks)]

    def users_of(self, image_id: str) -> list[Instance]:
        """The instances that were made from the image."""
        return [one for one in self.instances.values() if one.image_id == image_id]

    def invocations_of(self, command_id: str) -> list[Invocation]:
        """How often the command was sent, and what came of it."""
        return [one for one in self.invocations.values() if one.command_id == command_id]

    def addresses_in(self, vswitch_id: str) -> frozenset[str]:
        """The private addresses that instances have in the vSwitch."""
        return frozenset(one.private_ip for one in self.instances.values() if one.vswitch_id == vswitch_id)


class State:
    """All regions."""

    def region_of(self, id_: str) -> str:
        """The region that holds the instance, disk, snapshot, security group or own image; empty when none does."""
        for region, held in self._regions.items():
            kinds = (held.instances, held.disks, held.snapshots, held.groups, held.own_images())
            if any(id_ in kind for kind in kinds):
                return region
        return ""

    def __init__(self) -> None:
        self._regions = {region: Held() for region in ZONES}

    def known(self, region: str) -> Held | None:
        """What the region holds, None when there is no such region: for calls that say so in words of their own."""
        return self._regions.get(region)

    def of(self, region: str) -> Held:
        """What the region holds, or InvalidRegionId.NotFound."""
        if region not in self._regions:
            raise errors.REGION_NOT_FOUND.error()
        return self._regions[region]

    def around(self, thing: Resource) -> Held:
        """What the region of a thing that was made holds."""
        return self._regions[thing.region]

    def find(self, region: str, kind: str, id_: str) -> Resource | None:
        """What bears tags, by its region, its kind as resource names have it, and its id; None: there is no such."""
        if region not in self._regions:
            return None
        held = self._regions[region]
        kinds: Mapping[str, Mapping[str, Resource]] = {
            "command": held.commands,
            "disk": held.disks,
            "image": held.images,
            "instance": held.instances,
            "keypair": held.key_pairs,
            "securitygroup": held.groups,
            "snapshot": held.snapshots,
            "snapshotgroup": held.snapshot_groups,
        }
        return kinds.get(kind, {}).get(id_)

    def add(self, region: str) -> None:
        """A region that is not public: a world may have its own."""
        self._regions.setdefault(region, Held())

    def everywhere(self, pick: Callable[[Held], dict[str, Image]]) -> Iterator[Image]:
        """The picked things of all regions."""
        for held in self._regions.values():
            yield from pick(held).values()
