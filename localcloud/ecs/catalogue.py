"""What ECS sells: instance types, disk categories, and in which zones.

Figures of types: https://www.alibabacloud.com/help/en/ecs/user-guide/overview-of-instance-families (read 2026-11).
Prices are round numbers of about the right size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from localcloud.regions import ZONES

_NEW = ("cloud_essd", "cloud_auto")
_OLD = ("cloud_essd", "cloud_auto", "cloud_efficiency", "cloud_ssd")
_ENTRY = ("cloud_essd_entry", "cloud_essd", "cloud_auto")


@dataclass(frozen=True)
class InstanceType:
    """An instance type; local disks of `local_gib` each."""

    id: str
    family: str
    cores: int
    memory: int  # GiB
    price: float  # USD an hour
    categories: tuple[str, ...] = _NEW
    architecture: str = "X86"
    level: str = "EnterpriseLevel"
    local_disks: int = 0
    local_gib: int = 0
    local_category: str = ""

    @property
    def default_category(self) -> str:
        """The category of a disk for which none is asked."""
        return "cloud_efficiency" if "cloud_efficiency" in self.categories else self.categories[0]


_TYPES = (
    InstanceType("ecs.t6-c1m2.large", "ecs.t6", 2, 4, 0.03, _OLD, level="EntryLevel"),
    InstanceType("ecs.e-c1m2.large", "ecs.e", 2, 4, 0.03, _ENTRY, level="EntryLevel"),
    InstanceType("ecs.c6.large", "ecs.c6", 2, 4, 0.07, _OLD),
    InstanceType("ecs.g6.large", "ecs.g6", 2, 8, 0.08, _OLD),
    InstanceType("ecs.g6.xlarge", "ecs.g6", 4, 16, 0.16, _OLD),
    InstanceType("ecs.r6.large", "ecs.r6", 2, 16, 0.11, _OLD),
    InstanceType("ecs.c7.large", "ecs.c7", 2, 4, 0.08),
    InstanceType("ecs.c7.xlarge", "ecs.c7", 4, 8, 0.15),
    InstanceType("ecs.g7.large", "ecs.g7", 2, 8, 0.1),
    InstanceType("ecs.g7.xlarge", "ecs.g7", 4, 16, 0.19),
    InstanceType("ecs.g7.2xlarge", "ecs.g7", 8, 32, 0.39),
    InstanceType("ecs.r7.large", "ecs.r7", 2, 16, 0.13),
    InstanceType("ecs.r7.xlarge", "ecs.r7", 4, 32, 0.26),
    InstanceType("ecs.c8i.large", "ecs.c8i", 2, 4, 0.09),
    InstanceType("ecs.g8i.large", "ecs.g8i", 2, 8, 0.11),
    InstanceType("ecs.g8y.large", "ecs.g8y", 2, 8, 0.08, architecture="ARM"),
    InstanceType(
        "ecs.i3.xlarge",
        "ecs.i3",
        4,
        32,
        0.45,
        local_disks=1,
        local_gib=447,
        local_category="local_ssd_pro",
    ),
)
INSTANCE_TYPES: Mapping[str, InstanceType] = MappingProxyType({one.id: one for one in _TYPES})
#: Sold in the first two zones of a region only.
_SCARCE = frozenset({"ecs.c8i", "ecs.g8i", "ecs.g8y", "ecs.i3"})

#: Smallest and largest size in GiB (help page RunInstances, DataDisk.N.Size, read 2026-11).
DATA_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "cloud": (5, 2000),
        "cloud_efficiency": (20, 32768),
        "cloud_ssd": (20, 32768),
        "cloud_essd": (1, 65536),
        "cloud_auto": (1, 65536),
        "cloud_essd_entry": (10, 32768),
    }
)
SYSTEM_SIZES = (20, 2048)
#: Categories that CreateDisk knows and that no zone here sells (help page CreateDisk, DiskCategory, read 2026-11).
NOT_SOLD = frozenset({"cloud_regional_disk_auto", "elastic_ephemeral_disk_standard", "elastic_ephemeral_disk_premium"})
#: The least size in GiB of an ESSD of each level (help page RunInstances, PerformanceLevel, read 2026-11).
LEVEL_SIZES: Mapping[str, int] = MappingProxyType({"PL0": 1, "PL1": 20, "PL2": 461, "PL3": 1261})


def type_of(type_id: str) -> InstanceType:
    """The type, or for one that isn't in the catalogue a plain stand-in: a world may name any."""
    family = ".".join(type_id.split(".")[:2])
    return INSTANCE_TYPES.get(type_id, InstanceType(type_id, family, 2, 8, 0.1, _OLD))


def sold_in(zone: str, region: str) -> tuple[InstanceType, ...]:
    """The types that are sold in a zone: all, or without the scarce ones."""
    first = ZONES.get(region, ())[:2]
    return tuple(one for one in _TYPES if zone in first or one.family not in _SCARCE)


@dataclass(frozen=True)
class PublicImage:
    """An image of Alibaba Cloud's own."""

    id: str
    name: str
    platform: str
    size: int
    architecture: str = "x86_64"


PUBLIC_IMAGES = (
    PublicImage("aliyun_3_x64_20G_alibase_20251030.vhd", "Alibaba Cloud Linux 3.2104 LTS 64-bit", "Aliyun", 20),
    PublicImage("ubuntu_24_04_x64_20G_alibase_20251102.vhd", "Ubuntu 24.04 64-bit", "Ubuntu", 20),
    PublicImage("debian_12_11_x64_20G_alibase_20250818.vhd", "Debian 12.11 64-bit", "Debian", 20),
    PublicImage(
        "aliyun_3_arm64_20G_alibase_20251030.vhd",
        "Alibaba Cloud Linux 3.2104 LTS 64-bit ARM Edition",
        "Aliyun",
        20,
        "arm64",
    ),
)
