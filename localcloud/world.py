"""A world: what the account holds before anything happens, and what shall go wrong in it."""

import json
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from localcloud.alidns.values import RecordType, fits
from localcloud.faults import Fault
from localcloud.ram.documents import check_rights
from localcloud.regions import ZONES
from localcloud.wire import ApiError
from localcloud.worldcheck import SYSTEM_DEVICE, check
from localcloud.worldfile import Problem, WorldProblems, problems_of, read_yaml

__all__ = [
    "Disk",
    "DnsRecord",
    "Eip",
    "Image",
    "ImageDisk",
    "Instance",
    "Problem",
    "Region",
    "SecurityGroup",
    "VSwitch",
    "Vpc",
    "World",
    "WorldProblems",
    "default_world",
    "load_world",
]

#: The categories that DescribeDisks knows (help page DescribeDisks, read 2026-11).
Category = Literal[
    "cloud",
    "cloud_efficiency",
    "cloud_ssd",
    "cloud_essd",
    "cloud_essd_entry",
    "cloud_auto",
    "cloud_regional_disk_auto",
    "elastic_ephemeral_disk_standard",
    "elastic_ephemeral_disk_premium",
    "local_ssd_pro",
    "local_hdd_pro",
    "ephemeral",
    "ephemeral_ssd",
]
#: What an account has to activate before it can be used.
Activatable = Literal["fc", "eventbridge", "smq", "tablestore"]
#: Promises of the cloud on which its users build.
Promise = Literal[
    "client_tokens",  # the same call with the same ClientToken is done once
    "conditions",  # a conditional write to Tablestore is refused when its condition does not hold
    "timers",  # a timer trigger fires
    "delays",  # a delayed message arrives
    "lookups",  # a look-up by name or tag finds what is there
]
_LETTERS = "bcdefghijklmnopqrstuvwxyz"


def _beside_file(path: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("base")
    return path if base is None else base / path


def _address(text: str) -> str:
    """An IPv4 address; pydantic tells a ValueError as the field's problem."""
    return str(IPv4Address(text))


Directory = Annotated[Path, AfterValidator(_beside_file)]
Id = Annotated[str, Field(pattern=r"^[a-z]+-[a-zA-Z0-9_-]{1,60}$")]
KeyPairName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9:_.-]{1,127}$")]
Tags = Mapping[str, str]
DomainName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}(\.[a-z0-9][a-z0-9-]{0,62})+$")]


class Part(BaseModel):
    """A piece of a world: it never changes and takes no key that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Vpc(Part):
    """A virtual network."""

    id: Id
    cidr: str
    name: str = ""
    default: StrictBool = False
    tags: Tags = Field(default_factory=dict)


class VSwitch(Part):
    """A subnet in one zone of its VPC's region."""

    id: Id
    vpc: str
    zone: str
    cidr: str
    name: str = ""
    default: StrictBool = False
    tags: Tags = Field(default_factory=dict)


class SecurityGroup(Part):
    """A security group of a VPC."""

    id: Id
    vpc: str
    name: str = ""
    type: Literal["normal", "enterprise"] = "normal"
    tags: Tags = Field(default_factory=dict)


class Eip(Part):
    """An elastic IP address, bound to an instance of its region or free."""

    id: Id
    ip: Annotated[str, AfterValidator(_address)] | None = None
    instance: str | None = None
    name: str = ""
    bandwidth: StrictInt = Field(5, ge=1, le=500, description="Mbit/s")
    internet_charge_type: Literal["PayByBandwidth", "PayByTraffic"] = "PayByTraffic"
    tags: Tags = Field(default_factory=dict)


class DnsRecord(Part):
    """A record of a domain; a domain has no two that say the same."""

    rr: str = Field(min_length=1, max_length=253)
    type: RecordType
    value: str = Field(min_length=1)
    line: str = "default"
    ttl: StrictInt = Field(600, ge=1, le=86400, description="seconds")
    priority: StrictInt | None = Field(None, ge=1, le=50, description="of an MX record")
    status: Literal["Enable", "Disable"] = "Enable"
    remark: str = ""

    @model_validator(mode="after")
    def _of_its_type(self) -> "DnsRecord":
        if not fits(self.type, self.value):
            raise ValueError(f"{self.value!r} is no value of a record of type {self.type}")
        if (self.type == "MX") != (self.priority is not None):
            raise ValueError("an MX record, and no other, has a priority")
        return self


def _different(records: tuple[DnsRecord, ...]) -> tuple[DnsRecord, ...]:
    essences = {(one.rr, one.type, one.value, one.line) for one in records}
    if len(essences) < len(records):
        raise ValueError("two records say the same")
    return records


class DiskContent(Part):
    """What a disk is and holds: its content is a copy of `dir`, or nothing."""

    kind: Literal["system", "data"]
    device: str = Field("", pattern=r"^(/dev/xvd[a-z])?$", description="none: /dev/xvda, then the next free letter")
    size: StrictInt = Field(ge=1, le=65536, description="GiB")
    dir: Directory | None = None
    mount: str | None = Field(None, pattern=r"^/", description="not given: /, or /mnt/xvdb where data has a dir")
    encrypted: StrictBool = False


class Disk(DiskContent):
    """A disk of an instance."""

    category: Category
    performance_level: Literal["PL0", "PL1", "PL2", "PL3"] | None = None
    delete_with_instance: StrictBool = True


class ImageDisk(DiskContent):
    """A disk that an image holds."""


_Placed = TypeVar("_Placed", bound=DiskContent)


def _placed(disks: tuple[_Placed, ...]) -> tuple[_Placed, ...]:
    """The disks with every device and the system disk's mount filled in."""
    taken = {disk.device for disk in disks}
    free = iter(device for device in (f"/dev/xvd{letter}" for letter in _LETTERS) if device not in taken)
    return tuple(_place(disk, free) for disk in disks)


def _place(disk: _Placed, free: Iterator[str]) -> _Placed:
    if disk.kind == "system":
        return disk.model_copy(update={"device": disk.device or SYSTEM_DEVICE, "mount": disk.mount or "/"})
    device = disk.device or next(free, "")
    named = disk.dir is None or "mount" in disk.model_fields_set
    return disk.model_copy(update={"device": device, "mount": disk.mount if named else f"/mnt/{device[5:]}"})


class Instance(Part):
    """An instance that is there from the beginning."""

    id: Id
    name: str
    type: str
    zone: str
    vswitch: str
    security_groups: tuple[str, ...] = Field(min_length=1)
    status: Literal["Pending", "Starting", "Running", "Stopping", "Stopped"] = "Running"
    tags: Tags = Field(default_factory=dict)
    private_ip: str | None = None
    host_name: str | None = None
    cloud_assistant: StrictBool = True
    key_pair: str | None = None
    ram_role: str | None = None
    charge_type: Literal["PostPaid", "PrePaid"] = "PostPaid"
    deletion_protection: StrictBool = False
    disks: Annotated[tuple[Disk, ...], AfterValidator(_placed)] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_id(cls, data: object) -> object:
        # RunInstances, InstanceName: "The default value of this parameter is the InstanceId value" (read 2026-11).
        if isinstance(data, Mapping) and "name" not in data and isinstance(data.get("id"), str):
            return {**data, "name": data["id"]}
        return data


class Image(Part):
    """An image that is there from the beginning: the account's own, or somebody else's."""

    id: Id
    name: str
    status: Literal["Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated"] = "Available"
    owner: Literal["self", "system", "others", "marketplace"] = "self"
    description: str = ""
    tags: Tags = Field(default_factory=dict)
    size: StrictInt = Field(40, ge=1, le=65536, description="GiB")
    disks: Annotated[tuple[ImageDisk, ...], AfterValidator(_placed)] = ()


class Region(Part):
    """What a region holds."""

    vpcs: tuple[Vpc, ...] = ()
    vswitches: tuple[VSwitch, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    instances: tuple[Instance, ...] = ()
    images: tuple[Image, ...] = ()
    eips: tuple[Eip, ...] = ()
    key_pairs: tuple[KeyPairName, ...] = Field((), description="names, beside those that the instances have")


def _is_policy(document: Mapping[str, object]) -> Mapping[str, object]:
    """A policy's document; pydantic tells a ValueError as the field's problem."""
    try:
        check_rights(json.dumps(dict(document)))
    except ApiError as no:
        raise ValueError(no.message) from None
    return document


class User(Part):
    """A RAM user: its key, and what its policies allow."""

    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    access_key: str = Field(min_length=1)
    secret: str = Field(min_length=1)
    policies: tuple[Annotated[Mapping[str, object], AfterValidator(_is_policy)], ...] = ()


class World(Part):
    """The account before anything happens.  Every public region is there, most of them empty."""

    account: str = Field("1234567890123456", pattern=r"^[0-9]{16}$")
    access_key: str = Field("test", min_length=1)
    secret: str = Field("test", min_length=1)
    users: tuple[User, ...] = Field((), description="RAM users; their keys may do what their policies allow")
    activated: tuple[Activatable, ...] = Field(get_args(Activatable), description="services; the others need none")
    regions: Annotated[Mapping[str, Region], Field(validate_default=True)] = Field(default_factory=dict)
    domains: Mapping[DomainName, Annotated[tuple[DnsRecord, ...], AfterValidator(_different)]] = Field(
        default_factory=dict, description="the account's domains in DNS, of no region, each with its records"
    )
    faults: tuple[Fault, ...] = ()
    index_lag: float = Field(
        0, ge=0, le=600, strict=True, description="seconds at most by which a Tablestore index lags behind"
    )
    list_lag: float = Field(
        30,
        ge=0,
        le=600,
        description="seconds at most that a new id is in no list; unless 0, items may slip from one page to the next",
    )
    haste: float = Field(1, ge=0.1, le=100, description="so many times faster than usual are images made and copied")
    token_life: float | None = Field(
        None, gt=0, strict=True, description="seconds that a client token lives; none: by seed, 10 minutes to 24 hours"
    )
    clock_skew: float = Field(
        0, ge=0, le=600, strict=True, description="seconds at most by which an invocation's clock is off, either way"
    )
    image_copy_limit: int | None = Field(
        None,
        ge=1,
        strict=True,
        description="GiB of all its disks above which CopyImage refuses an image; none: no limit",
    )
    image_event: str | None = Field(
        "ecs:Image:StateChange",
        pattern=r"^[A-Za-z]+(:[A-Za-z.]+)+$",
        description="type of an image's event on the default bus; null: none is sent",
    )
    local_disk_code: Literal["InvalidDiskCategory.CreateImage", "InvalidOperation.DiskCategoryUnsupported"] = Field(
        "InvalidDiskCategory.CreateImage", description="how CreateImage refuses an instance with local disks"
    )
    page_limit: int | None = Field(
        None,
        ge=1,
        le=5000,
        strict=True,
        description="items at most on a page of a list that nothing narrows down, whatever is asked for",
    )
    breaks: tuple[Promise, ...] = Field(
        (), description="promises that this cloud does not keep: for tests that they are missed when they are broken"
    )
    first_boot: Mapping[str, str] | None = Field(
        None, description="path to template of what a first boot rewrites; none: what cloud-init rewrites"
    )

    @model_validator(mode="after")
    def _has_keys_apart(self) -> "World":
        keys = [self.access_key, *(user.access_key for user in self.users)]
        if len(set(keys)) < len(keys):
            raise ValueError("each access key is of one: the account, or a user")
        return self

    @field_validator("regions")
    @classmethod
    def _all_regions(cls, regions: Mapping[str, Region]) -> Mapping[str, Region]:
        return {**{region: Region() for region in ZONES}, **regions}


def default_world() -> World:
    """The public regions, and nothing in them."""
    return World()


def load_world(path: Path, *, state: Path | None = None) -> World:
    """The world that a file describes; directories in it are relative to the file.

    Raises WorldProblems with everything that is wrong, at once. No disk may lie inside or around *state*, the
    folder that the cloud writes its own files to.
    """
    data, problems = read_yaml(path)
    problems += check(data, base=path.absolute().parent, state=state)
    try:
        world = World.model_validate(data, context={"base": path.absolute().parent})
    except ValidationError as error:
        raise WorldProblems((*problems_of(error, World), *problems)) from None
    if problems:
        raise WorldProblems(problems)
    return world
