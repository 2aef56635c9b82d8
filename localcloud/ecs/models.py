"""What an account holds in ECS: images, snapshots, disks, instances, security groups, commands that were run."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from localcloud.ecs.work import Work


@dataclass(kw_only=True)
class Resource:
    """A thing with an id in one region; Describe lists show it from `listed_from` on."""

    id: str
    region: str
    created: datetime
    listed_from: datetime
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Snapshot(Resource):
    """A disk's content of one moment."""

    name: str = ""
    description: str = ""
    status: str = "progressing"  # progressing, accomplished, failed
    kind: Literal["user", "copied"] = "user"
    owner: str = "self"  # whose it is: of an image that the account only sees, its owner's
    disk_id: str = ""
    disk_kind: Literal["system", "data"] = "system"
    size: int = 0  # GiB
    encrypted: bool = False
    retention_days: int | None = None
    source_region: str = ""
    source_snapshot: str = ""
    work: Work | None = None
    image_link_until: datetime | None = None  # an image that used it is gone, the link not yet
    finished: datetime | None = None


@dataclass(kw_only=True)
class SnapshotGroup(Resource):
    """Snapshots of several disks, all of one moment; `instance_id` when they are all of one instance."""

    name: str
    description: str
    instance_id: str
    snapshots: dict[str, str]  # id to the id of the instance that had the disk


@dataclass(kw_only=True)
class ImageDisk:
    """A disk that an image holds; without a snapshot it is empty."""

    kind: Literal["system", "data"]
    device: str
    size: int
    snapshot_id: str = ""
    encrypted: bool = False
    work: Work | None = None  # of its copy


@dataclass(kw_only=True)
class Image(Resource):
    """An image; `size` is the system disk's."""

    name: str
    owner: str = "self"
    description: str = ""
    family: str = ""
    status: str = "Creating"  # Creating, Waiting, Available, UnAvailable, CreateFailed, Deprecated
    size: int = 40
    disks: list[ImageDisk] = field(default_factory=list)
    disks_from: datetime | None = None  # DiskDeviceMappings are shown from here on; None: not yet known
    work: Work | None = None
    stuck_at: int = 0  # percent, when it failed
    source_instance: str = ""
    shared_with: dict[str, datetime] = field(default_factory=dict)  # account to since when
    copy_of: tuple[str, str] | None = None  # region and id of the image that it is a copy of
    architecture: str = "x86_64"
    os_name: str = "Alibaba Cloud Linux 3.2104 LTS 64-bit"
    platform: str = "Aliyun"
    cloud_assistant: bool = True

    @property
    def being_made(self) -> bool:
        """Whether it may still become Available."""
        return self.status in ("Creating", "Waiting")


@dataclass(kw_only=True)
class Disk(Resource):
    """A disk, attached or not."""

    kind: Literal["system", "data"]
    category: str
    size: int
    device: str
    zone: str
    name: str = ""
    performance_level: str = ""
    instance_id: str = ""
    image_id: str = ""
    source_snapshot: str = ""
    encrypted: bool = False
    delete_with_instance: bool = True
    status: str = "In_use"  # Creating, Available, Attaching, In_use, Detaching, ReIniting
    description: str = ""
    charge_type: str = "PostPaid"
    attached: datetime | None = None  # when it was last attached; None: never
    detached: datetime | None = None
    needs_restart: bool = False  # attached while its instance was Stopped, which has not been started since
    auto_snapshot: bool = True
    delete_auto_snapshot: bool = True
    bursting: bool = False
    iops: int | None = None

    @property
    def local(self) -> bool:
        """Whether it is a disk of the host, of which no snapshot can be taken."""
        # Categories of local disks and of elastic ephemeral disks: help page DescribeDisks, Category (read 2026-11).
        return self.category.startswith(("local_", "ephemeral", "elastic_ephemeral_disk"))


@dataclass(kw_only=True)
class Instance(Resource):
    """A virtual machine."""

    name: str
    host_name: str
    type: str
    zone: str
    image_id: str
    vpc_id: str
    vswitch_id: str
    private_ip: str
    groups: list[str]
    eni_id: str
    status: str = "Pending"
    description: str = ""
    started: datetime | None = None
    charge_type: str = "PostPaid"
    deletion_protection: bool = False
    stopped_mode: str = "Not-applicable"
    key_pair: str = ""
    ram_role: str = ""
    user_data: str = ""
    public_ip: str = ""
    bandwidth_in: int = 0
    bandwidth_out: int = 0
    internet_charge_type: str = "PayByTraffic"
    metadata_endpoint: str = "enabled"
    metadata_tokens: str = "optional"
    release_at: datetime | None = None
    has_agent: bool = True
    agent_from: datetime | None = None  # Cloud Assistant answers from here on; None: it does not
    booted: bool = False
    boots: int = 0
    leaving: bool = False
    moved: bool = False  # it got another private address and has not run since
    last_invoked: datetime | None = None
    invocations: int = 0


@dataclass(frozen=True)
class Rule:
    """A rule of a security group; two with the same facts are one."""

    direction: str
    protocol: str
    ports: str
    policy: str = "accept"
    priority: int = 1
    peer_cidr: str = ""
    peer_group: str = ""
    own_cidr: str = ""
    peer_ipv6: str = ""
    own_ipv6: str = ""
    source_ports: str = ""
    nic_type: str = "intranet"


@dataclass(kw_only=True)
class SecurityGroup(Resource):
    """A security group of a VPC."""

    name: str
    vpc_id: str
    type: str = "normal"
    description: str = ""
    inner_access: str = "Accept"  # basic groups only: whether members reach each other
    rules: dict[str, tuple[Rule, datetime, str]] = field(default_factory=dict)  # id to rule, since when, description


@dataclass(kw_only=True)
class KeyPair(Resource):
    """The public half of an SSH key pair; its id is its name, as ECS keeps them by name."""

    fingerprint: str
    public_key: str


@dataclass(kw_only=True)
class Command(Resource):
    """A Cloud Assistant command; one that is kept can be invoked by its id."""

    name: str
    description: str
    type: str
    content: str
    working_dir: str
    timeout: int
    launcher: str
    enable_parameter: bool
    parameters: tuple[str, ...]  # the names that its content has in double braces, when it may have any


@dataclass(kw_only=True)
class Run:
    """One command on one instance."""

    instance_id: str
    status: str = "Pending"
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    stopped: datetime | None = None
    exit_code: int | None = None
    output: bytes = b""
    error_code: str = ""
    error_info: str = ""


@dataclass(kw_only=True)
class Invocation:
    """A command that was sent to instances."""

    id: str
    command_id: str
    region: str
    created: datetime
    name: str
    description: str
    type: str
    content: str
    parameters: dict[str, str]
    working_dir: str
    timeout: int
    launcher: str
    username: str
    runs: dict[str, Run]
    tags: dict[str, str] = field(default_factory=dict)
