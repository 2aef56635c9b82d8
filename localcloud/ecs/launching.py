"""RunInstances and CreateInstance: what is asked for, checked; then instances whose disks hold the image's content."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.addresses import chosen, free, public_address
from localcloud.ecs.catalogue import InstanceType, sold_in, type_of
from localcloud.ecs.credentials import check_password, known_key_pair, refuse_two_passwords
from localcloud.ecs.diskplan import PlannedDisk, planned_disks
from localcloud.ecs.groups import refuse_mixed
from localcloud.ecs.images import newest_of
from localcloud.ecs.instances import host_name, user_data
from localcloud.ecs.interfaces import with_primary_interface
from localcloud.ecs.internet import Internet, asked_internet
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Disk, Image, Instance
from localcloud.ecs.naming import host_names, instance_names
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import images as refusals
from localcloud.ecs.refusals import launches as refusals_of_launches
from localcloud.ecs.state import Held, State
from localcloud.ecs.struck import struck
from localcloud.ecs.tagging import read_tags
from localcloud.ecs.times import read_second
from localcloud.ram.trust import Callers
from localcloud.regions import ZONES
from localcloud.texts import whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.vpc.models import VSwitch

Answer = dict[str, object]
_ECS: Callers = frozenset({("Service", "ecs.aliyuncs.com")})
_LEAST_LIFE = timedelta(minutes=30)
_DISK_PRICE = 0.0001  # USD an hour and GiB, about right


@dataclass(frozen=True)
class _Asked:
    """What a call asks for, every check passed."""

    image: Image
    kind: InstanceType
    vswitch: "VSwitch"
    groups: tuple[str, ...]
    addresses: tuple[str, ...]
    disks: tuple[PlannedDisk, ...]
    tags: dict[str, str]
    description: str
    charge_type: str
    protected: bool
    key_pair: str
    ram_role: str
    user_data: str
    internet: Internet
    metadata_endpoint: str
    metadata_tokens: str
    names: tuple[str, ...] = ("",)
    hosts: tuple[str, ...] = ("",)
    release_at: datetime | None = None

    @property
    def price(self) -> float:
        """USD an hour for each instance."""
        return self.kind.price + _DISK_PRICE * sum(disk.size for disk in self.disks)


class Launches:
    """RunInstances of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, lifecycle: Lifecycle) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._lifecycle = lifecycle

    def run(self, params: Params) -> Answer:
        """RunInstances: they are made, and start by themselves."""
        held = self._state.of(params.region)
        params = with_primary_interface(params)
        amount = _amount(params)
        asked = replace(
            self._read(params, held, _groups(params, held), amount),
            names=instance_names(params, amount),
            hosts=host_names(params, amount),
            release_at=self._release_at(params),
        )
        self._last_checks(params, asked)
        made = []
        for place in range(len(asked.addresses)):
            instance = self._make(params, held, asked, place)
            instance.public_ip = public_address(self._cloud.seed, instance.id) if asked.internet.bandwidth_out else ""
            self._lifecycle.launch(instance)
            made.append(instance.id)
        return {"InstanceIdSets": {"InstanceIdSet": made}, "TradePrice": round(asked.price * len(made), 4)}

    def create(self, params: Params) -> Answer:
        """CreateInstance: one is made, Stopped, without a public address.

        It knows neither names in sequence, nor several groups, nor an hour of release (SDK 7.11.8).
        """
        held = self._state.of(params.region)
        asked = replace(
            self._read(params, held, (params.need("SecurityGroupId"),), amount=1),
            names=(params.name("InstanceName", errors.INSTANCE_NAME),),
            hosts=(host_name(params),),
        )
        self._last_checks(params, asked)
        instance = self._make(params, held, asked, place=0)
        self._lifecycle.place(instance)
        return {"InstanceId": instance.id, "TradePrice": round(asked.price, 4)}

    # --- what is asked for -------------------------------------------------------------------------------------------

    def _last_checks(self, params: Params, asked: _Asked) -> None:
        if struck(self._cloud, params, "no_stock", asked.kind.id, asked.vswitch.zone):
            raise errors.RUN_NO_STOCK.error()
        if params.flag("DryRun"):  # a dry run checks limits and stock, too
            raise errors.DRY_RUN.error()

    def _read(self, params: Params, held: Held, groups: tuple[str, ...], amount: int) -> _Asked:
        image = _image(params, held)
        kind = _type(params)
        vswitch = self._vswitch(params)
        if kind not in sold_in(vswitch.zone, params.region):
            raise errors.RUN_TYPE_NOT_IN_ZONE.error()
        if (kind.architecture == "ARM") != (image.architecture == "arm64"):
            raise errors.RUN_ARCHITECTURE.error()
        if any(held.group(one).vpc_id != vswitch.vpc_id for one in groups):
            raise errors.RUN_GROUP_OTHER_VPC.error()
        charge_type = _charge_type(params)
        protected = params.flag("DeletionProtection")
        if protected and charge_type != "PostPaid":
            raise errors.RUN_PROTECTION.error()
        refuse_two_passwords(params)
        check_password(params)
        return _Asked(
            image=image,
            kind=kind,
            vswitch=vswitch,
            groups=groups,
            addresses=self._addresses(params, vswitch, amount),
            disks=planned_disks(params, held, image, kind),
            tags=read_tags(params),
            description=params.description("Description", errors.INSTANCE_DESCRIPTION),
            charge_type=charge_type,
            protected=protected,
            key_pair=known_key_pair(params, held, errors.KEY_PAIR_NOT_FOUND),
            ram_role=self._known_role(params),
            user_data=user_data(params),
            internet=asked_internet(params),
            metadata_endpoint=_one_of(params, "HttpEndpoint", ("enabled", "disabled")),
            metadata_tokens=_one_of(params, "HttpTokens", ("optional", "required")),
        )

    def _vswitch(self, params: Params) -> "VSwitch":
        vswitch = self._cloud.vpc.vswitch(params.region, params.need("VSwitchId"))
        if vswitch is None:
            raise errors.RUN_VSWITCH_NOT_FOUND.error()
        if vswitch.status != "Available":
            raise errors.RUN_VSWITCH_STATUS.error()
        zone = params.text("ZoneId", vswitch.zone)
        if zone != vswitch.zone:
            known = zone in ZONES.get(params.region, ())
            raise (errors.RUN_VSWITCH_ZONE if known else errors.ZONE_NOT_FOUND).error()
        return vswitch

    def _addresses(self, params: Params, vswitch: "VSwitch", amount: int) -> tuple[str, ...]:
        taken = self._state.of(params.region).addresses_in(vswitch.id)
        wanted = params.text("PrivateIpAddress")
        if not wanted:
            return free(vswitch, taken, amount, errors.IP_NONE_LEFT)
        if amount != 1:
            raise errors.PARAMETER_CONFLICT.error("PrivateIpAddress, Amount")
        return (chosen(wanted, vswitch, taken, errors.IP_OUTSIDE),)

    def _roles(self) -> set[str]:
        """Those that the world's instances have, which RAM need not know of; of all regions, as RAM is one for all."""
        regions = self._cloud.world.regions.values()
        return {one.ram_role or "" for region in regions for one in region.instances}

    def _known_role(self, params: Params) -> str:
        name = params.text("RamRoleName")
        if not name or name in self._roles():
            return name
        role = self._cloud.ram.state.find_role(name)
        if role is None:
            raise errors.RAM_ROLE_NOT_FOUND.error()
        if not self._cloud.ram.permits.trusts(role, _ECS, {}):
            raise errors.RAM_ROLE_NOT_OF_ECS.error()
        return role.name

    def _release_at(self, params: Params) -> datetime | None:
        if not params.has("AutoReleaseTime"):
            return None
        moment = read_second(params.text("AutoReleaseTime"))
        if moment is None or moment < self._cloud.clock.now + _LEAST_LIFE:
            raise errors.RUN_RELEASE_TIME.error()
        return moment

    # --- making them -------------------------------------------------------------------------------------------------

    def _make(self, params: Params, held: Held, asked: _Asked, place: int) -> Instance:
        instance_id = self._cloud.new_id("i-")
        instance = Instance(
            id=instance_id,
            region=params.region,
            created=self._cloud.clock.now,
            listed_from=self._listing.listed_from(instance_id),
            tags=dict(asked.tags),
            name=asked.names[place] or instance_id,
            host_name=asked.hosts[place] or _default_host(instance_id),
            description=asked.description,
            type=asked.kind.id,
            zone=asked.vswitch.zone,
            image_id=asked.image.id,
            vpc_id=asked.vswitch.vpc_id,
            vswitch_id=asked.vswitch.id,
            private_ip=asked.addresses[place],
            groups=list(asked.groups),
            eni_id=self._cloud.new_id("eni-"),
            charge_type=asked.charge_type,
            deletion_protection=asked.protected,
            key_pair=asked.key_pair,
            ram_role=asked.ram_role,
            user_data=asked.user_data,
            bandwidth_in=asked.internet.bandwidth_in,
            bandwidth_out=asked.internet.bandwidth_out,
            internet_charge_type=asked.internet.charge_type,
            metadata_endpoint=asked.metadata_endpoint,
            metadata_tokens=asked.metadata_tokens,
            release_at=asked.release_at,
            has_agent=asked.image.cloud_assistant,
        )
        disks = [self._attach(held, instance, plan) for plan in asked.disks]
        self._damage(params, instance, disks)
        return instance

    def _attach(self, held: Held, instance: Instance, plan: PlannedDisk) -> Disk:
        disk_id = self._cloud.new_id("d-")
        disk = Disk(
            id=disk_id,
            region=instance.region,
            created=self._cloud.clock.now,
            listed_from=self._listing.listed_from(disk_id),
            tags=dict(instance.tags),
            kind=plan.kind,
            category=plan.category,
            size=plan.size,
            device=plan.device,
            zone=instance.zone,
            name=plan.name,
            description=plan.description,
            performance_level=plan.performance_level,
            instance_id=instance.id,
            image_id=instance.image_id if plan.from_image else "",
            source_snapshot=plan.snapshot_id,
            encrypted=plan.encrypted,
            delete_with_instance=plan.delete_with_instance,
            attached=self._cloud.clock.now,
        )
        held.disks[disk_id] = disk
        if plan.snapshot_id:
            self._cloud.disks.restore(plan.snapshot_id, disk_id)
        else:
            self._cloud.disks.load(disk_id, None, "/" if plan.kind == "system" else None)
        return disk

    def _damage(self, params: Params, instance: Instance, disks: list[Disk]) -> None:
        """The fault `corrupt`: one byte on the disk it names, else on a data disk that holds something, else on the
        system disk.  It is raised when there is nothing to damage: a fault that strikes unseen would prove nothing.
        """
        fault = struck(self._cloud, params, "corrupt", instance.id, instance.image_id)
        if fault is None:
            return
        if fault.device is None:
            ordered = sorted(disks, key=lambda disk: disk.kind == "system")
            full = [disk for disk in ordered if self._cloud.disks.bytes_used(disk.id)]
            disk = (full or ordered)[0]
        else:
            device = "/dev/" + fault.device.removeprefix("/dev/")
            found = [disk for disk in disks if disk.device == device]
            if not found:
                raise FileNotFoundError(f"{instance.id} has no disk {device} to corrupt")
            disk = found[0]
        self._cloud.disks.corrupt(disk.id, fault.path, stream(self._cloud.seed, "corrupt", instance.id))


def _image(params: Params, held: Held) -> Image:
    """By id, a deprecated one, too; or the newest of the family, of those that are available."""
    family = params.text("ImageFamily")
    if params.has("ImageId"):
        if family:
            raise errors.PARAMETER_CONFLICT.error("ImageId, ImageFamily")
        image = held.image(params.text("ImageId"))
        if image.status not in ("Available", "Deprecated"):
            raise errors.RUN_IMAGE_NOT_VALID.error()
        return image
    if not family:
        raise errors.RUN_IMAGE_MISSING.error()
    newest = newest_of(held, family)
    if newest is None:
        raise refusals.FAMILY_EMPTY.error()
    return newest


def _type(params: Params) -> InstanceType:
    if not params.has("InstanceType"):
        raise errors.RUN_TYPE_MISSING.error()
    kind = type_of(params.text("InstanceType"))
    if not any(kind in sold_in(zones[0], region) for region, zones in ZONES.items()):
        raise errors.TYPE_UNKNOWN.error()
    return kind


def _groups(params: Params, held: Held) -> tuple[str, ...]:
    """The one or the several that RunInstances is told."""
    one, several = params.text("SecurityGroupId"), params.each("SecurityGroupIds")
    if one and several:
        raise errors.PARAMETER_CONFLICT.error("SecurityGroupId, SecurityGroupIds")
    ids = several or (params.need("SecurityGroupId"),)
    refuse_mixed([held.group(group_id) for group_id in ids])
    return ids


def _amount(params: Params) -> int:
    amount = params.whole("Amount", 1, 1, 100)
    if whole(params.text("MinAmount", "1"), 1, amount) is None:
        raise refusals_of_launches.MIN_AMOUNT.error()
    return amount


def _charge_type(params: Params) -> str:
    charge_type = params.text("InstanceChargeType", "PostPaid")
    if charge_type not in ("PostPaid", "PrePaid"):
        raise errors.PARAMETER_INVALID.error("InstanceChargeType")
    return charge_type


def _one_of(params: Params, name: str, values: tuple[str, ...]) -> str:
    """One of *values*, the first unless told otherwise."""
    value = params.text(name, values[0])
    if value not in values:
        raise errors.PARAMETER_INVALID.error(name)
    return value


def _default_host(instance_id: str) -> str:
    """Without HostName an instance is called iZ and its id's characters, Z at the end."""
    return f"iZ{instance_id.removeprefix('i-')}Z"
