"""What is there from the beginning: the world's resources, and the images of Alibaba Cloud's own."""

from datetime import timedelta
from typing import TYPE_CHECKING

from localcloud import world as given
from localcloud.chance import stream
from localcloud.ecs.addresses import usable
from localcloud.ecs.catalogue import PUBLIC_IMAGES, PublicImage
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.models import Disk, Image, ImageDisk, Instance, KeyPair, SecurityGroup, Snapshot
from localcloud.ecs.sshkeys import fingerprint, somebodys_key
from localcloud.ecs.state import State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud


#: What a world holds at first is not new: it was made this long before the world begins.
AGE = timedelta(days=1)


class Seeding:
    """Fills the state of a new cloud."""

    def __init__(self, cloud: "Cloud", state: State, lifecycle: Lifecycle) -> None:
        self._cloud = cloud
        self._state = state
        self._lifecycle = lifecycle

    def fill(self) -> None:
        """Everything that the world names, and public images in every region."""
        for region, holds in self._cloud.world.regions.items():
            self._state.add(region)
            for public in PUBLIC_IMAGES:
                self._public_image(region, public)
            for image in holds.images:
                self._image(region, image)
            for group in holds.security_groups:
                self._group(region, group)
            for name in sorted({*holds.key_pairs, *(one.key_pair for one in holds.instances if one.key_pair)}):
                self._key_pair(region, name)
            for instance in sorted(holds.instances, key=lambda one: one.private_ip is None):
                self._instance(region, instance)

    def _public_image(self, region: str, public: PublicImage) -> None:
        now = self._cloud.clock.now - AGE
        self._state.of(region).images[public.id] = Image(
            id=public.id,
            region=region,
            created=now,
            listed_from=now,
            name=public.id,
            owner="system",
            status="Available",
            size=public.size,
            architecture=public.architecture,
            os_name=public.name,
            platform=public.platform,
        )

    def _image(self, region: str, one: given.Image) -> None:
        now = self._cloud.clock.now - AGE
        disks = [self._image_disk(region, disk, one.owner) for disk in one.disks]
        system = next((disk.size for disk in disks if disk.kind == "system"), one.size)
        self._state.of(region).images[one.id] = Image(
            id=one.id,
            region=region,
            created=now,
            listed_from=now,
            tags=dict(one.tags),
            name=one.name,
            owner=one.owner,
            description=one.description,
            status=one.status,
            size=system,
            disks=disks,
            disks_from=now,
        )

    def _image_disk(self, region: str, one: given.ImageDisk, owner: str) -> ImageDisk:
        """A disk of an image, with a snapshot that holds its content."""
        now = self._cloud.clock.now - AGE
        snapshot = Snapshot(
            id=self._cloud.new_id("s-"),
            region=region,
            created=now,
            listed_from=now,
            status="accomplished",
            owner=owner,
            disk_kind=one.kind,
            size=one.size,
            encrypted=one.encrypted,
            finished=now,
        )
        lent = f"lent-{snapshot.id}"
        self._cloud.disks.load(lent, one.dir, one.mount)
        self._cloud.disks.capture(lent, snapshot.id)
        self._cloud.disks.drop_disk(lent)
        self._state.of(region).snapshots[snapshot.id] = snapshot
        return ImageDisk(
            kind=one.kind, device=one.device, size=one.size, snapshot_id=snapshot.id, encrypted=one.encrypted
        )

    def _group(self, region: str, one: given.SecurityGroup) -> None:
        now = self._cloud.clock.now - AGE
        self._state.of(region).groups[one.id] = SecurityGroup(
            id=one.id,
            region=region,
            created=now,
            listed_from=now,
            tags=dict(one.tags),
            name=one.name or one.id,
            vpc_id=one.vpc,
            type=one.type,
        )

    def _key_pair(self, region: str, name: str) -> None:
        now = self._cloud.clock.now - AGE
        public = somebodys_key(stream(self._cloud.id_seed, "world key pair", region, name))
        self._state.of(region).key_pairs[name] = KeyPair(
            id=name,
            region=region,
            created=now,
            listed_from=now,
            fingerprint=fingerprint(public) or "",
            public_key=public,
        )

    def _instance(self, region: str, one: given.Instance) -> None:
        now = self._cloud.clock.now - AGE
        vswitch = self._cloud.vpc.vswitch(region, one.vswitch)
        assert vswitch is not None, f"{one.id}: the world's check lets no unknown vSwitch pass"
        taken = {known.private_ip for known in self._state.of(region).instances.values()}
        instance = Instance(
            id=one.id,
            region=region,
            created=now,
            listed_from=now,
            tags=dict(one.tags),
            name=one.name,
            host_name=one.host_name or one.id,
            type=one.type,
            zone=one.zone,
            image_id=PUBLIC_IMAGES[0].id,
            vpc_id=vswitch.vpc_id,
            vswitch_id=vswitch.id,
            private_ip=one.private_ip or next(ip for ip in usable(vswitch.cidr) if ip not in taken),
            groups=list(one.security_groups),
            eni_id=self._cloud.new_id("eni-"),
            status=one.status,
            started=now if one.status == "Running" else None,
            charge_type=one.charge_type,
            deletion_protection=one.deletion_protection,
            stopped_mode="KeepCharging" if one.status == "Stopped" else "Not-applicable",
            key_pair=one.key_pair or "",
            ram_role=one.ram_role or "",
            has_agent=one.cloud_assistant,
        )
        instance.boots = 1
        self._state.of(region).instances[one.id] = instance
        for disk in one.disks:
            self._disk(instance, disk)
        self._lifecycle.resume(instance)

    def _disk(self, instance: Instance, one: given.Disk) -> None:
        disk_id = self._disk_id(instance.id, one.device)
        self._state.of(instance.region).disks[disk_id] = Disk(
            id=disk_id,
            region=instance.region,
            created=instance.created,
            listed_from=instance.created,
            kind=one.kind,
            category=one.category,
            size=one.size,
            device=one.device,
            zone=instance.zone,
            performance_level=_level(one),
            instance_id=instance.id,
            image_id=instance.image_id if one.kind == "system" else "",
            encrypted=one.encrypted,
            delete_with_instance=one.delete_with_instance,
            attached=instance.created,
        )
        self._cloud.disks.load(disk_id, one.dir, one.mount)

    def _disk_id(self, instance_id: str, device: str) -> str:
        """The id of a world's disk follows from its place, so that one disk more changes no other's id."""
        draws = stream(self._cloud.id_seed, "world disk", instance_id, device)
        return "d-" + "".join(draws.choices("0123456789abcdefghijklmnopqrstuvwxyz", k=20))


def _level(one: given.Disk) -> str:
    return (one.performance_level or "PL1") if one.category == "cloud_essd" else ""
