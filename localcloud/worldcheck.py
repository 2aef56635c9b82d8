"""What can be wrong with a world file beyond its shape, every problem at once, each with its remedy.

The checks read the file's raw data and pass over what has the wrong shape, so that one problem hides no other.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from pathlib import Path

from localcloud.regions import ZONES
from localcloud.worldfile import Problem, at

SYSTEM_DEVICE = "/dev/xvda"
#: At most 16 data disks (help page RunInstances, DataDisk.N, read 2026-11).
_MOST_DATA_DISKS = 16
#: A vSwitch's mask is /16 to /29 (help page CreateVSwitch, read 2026-11).
_VSWITCH_MASKS = range(16, 30)


@dataclass(frozen=True)
class _Item:
    """A mapping of the raw data, with its path; what has the wrong shape reads as not there."""

    path: str
    data: Mapping[object, object]

    def at(self, name: str) -> str:
        return at(self.path, name)

    def text(self, name: str) -> str | None:
        value = self.data.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> Iterator[tuple[str, str]]:
        value = self.data.get(name)
        for number, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, str):
                yield f"{self.at(name)}[{number}]", item

    def items(self, name: str) -> Iterator["_Item"]:
        value = self.data.get(name)
        for number, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, Mapping):
                yield _Item(f"{self.at(name)}[{number}]", item)

    def all(self, name: str) -> "tuple[_Item, ...]":
        return tuple(self.items(name))


def check(data: object, *, base: Path, state: Path | None) -> tuple[Problem, ...]:
    """What does not make sense in a world's raw data, as far as it has the right shape."""
    regions = tuple(_regions(data))
    return (
        *(problem for region in regions for problem in _check_region(region)),
        *_check_ids(regions),
        *_check_directories(regions, base, state),
        *_check_first_boot(data),
    )


def _regions(data: object) -> Iterator[_Item]:
    regions = data.get("regions") if isinstance(data, Mapping) else None
    for name, region in regions.items() if isinstance(regions, Mapping) else ():
        yield _Item(f"regions.{name}", region if isinstance(region, Mapping) else {})


def _check_region(region: _Item) -> Iterator[Problem]:
    name = region.path.removeprefix("regions.")
    if name not in ZONES:
        fix = f"give a public region: {', '.join(ZONES)}"
        yield Problem(region.path, "unknown_region", f"there is no public region {name}", fix)
    yield from _check_networks(region, name)
    for instance in region.items("instances"):
        yield from _check_instance(instance, region, name)
        yield from _check_disks(instance, needs_system=True)
    for image in region.items("images"):
        yield from _check_disks(image, needs_system=False)
    yield from _check_addresses(region)
    yield from _check_eips(region)
    yield from _check_image_names(region)


def _check_zone(item: _Item, region: str) -> Iterator[Problem]:
    zone = item.text("zone")
    if zone is not None and region in ZONES and zone not in ZONES[region]:
        fix = f"give a zone of {region}: {', '.join(ZONES[region])}"
        yield Problem(item.at("zone"), "unknown_zone", f"{region} has no zone {zone}", fix)


def _known(item: _Item, field: str, what: str, known: Mapping[str, object]) -> Iterator[Problem]:
    value = item.text(field)
    if value is not None and value not in known:
        yield _unknown(item.at(field), what, value, known)


def _unknown(path: str, what: str, value: str, known: Mapping[str, object]) -> Problem:
    fix = f"give one of {', '.join(sorted(known))}, or add it to the region" if known else "add it to the region"
    return Problem(path, f"unknown_{what.lower().replace(' ', '_')}", f"this region has no {what} {value}", fix)


def _by_id(region: _Item, name: str) -> dict[str, _Item]:
    return {ident: item for item in region.items(name) if (ident := item.text("id")) is not None}


# --- networks


def _check_networks(region: _Item, name: str) -> Iterator[Problem]:
    vpcs = _by_id(region, "vpcs")
    for group in region.items("security_groups"):
        yield from _known(group, "vpc", "VPC", vpcs)
    for vswitch in region.items("vswitches"):
        yield from _known(vswitch, "vpc", "VPC", vpcs)
        yield from _check_zone(vswitch, name)
        yield from _check_inside(vswitch, vpcs)
    for item in (*region.items("vpcs"), *region.items("vswitches")):
        yield from _check_cidr(item)
    yield from _check_overlaps(region.all("vpcs"))
    for vpc in vpcs:
        yield from _check_overlaps(tuple(item for item in region.items("vswitches") if item.text("vpc") == vpc))


def _network(item: _Item | None) -> IPv4Network | None:
    text = item.text("cidr") if item else None
    try:
        return None if text is None else IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def _check_cidr(item: _Item) -> Iterator[Problem]:
    text = item.text("cidr")
    if text is None:
        return
    if "/" not in text or _network(item) is None:
        fix = "give an IPv4 block without host bits, such as 10.0.1.0/24"
        yield Problem(item.at("cidr"), "malformed_cidr", f"{text!r} is not an IPv4 block", fix)


def _check_inside(vswitch: _Item, vpcs: Mapping[str, _Item]) -> Iterator[Problem]:
    ours, vpc = _network(vswitch), vpcs.get(vswitch.text("vpc") or "")
    theirs = _network(vpc)
    if ours is None:
        return
    if ours.prefixlen not in _VSWITCH_MASKS:
        yield Problem(
            vswitch.at("cidr"), "malformed_cidr", f"{ours} is too wide or too narrow", "give a mask of /16 to /29"
        )
    if theirs is not None and not ours.subnet_of(theirs):
        message = f"{ours} is not inside its VPC's {theirs}"
        yield Problem(vswitch.at("cidr"), "outside_vpc", message, f"give a block inside {theirs}")


def _check_overlaps(items: tuple[_Item, ...]) -> Iterator[Problem]:
    networks = [(item, network) for item in items if (network := _network(item)) is not None]
    for number, (item, network) in enumerate(networks):
        for other, theirs in networks[:number]:
            if network.overlaps(theirs):
                message = f"{network} overlaps {theirs} of {other.text('id') or other.path}"
                yield Problem(item.at("cidr"), "overlapping_cidr", message, "give each a block of its own")


# --- instances


def _check_instance(instance: _Item, region: _Item, name: str) -> Iterator[Problem]:
    vswitches, groups = _by_id(region, "vswitches"), _by_id(region, "security_groups")
    yield from _check_zone(instance, name)
    yield from _known(instance, "vswitch", "vSwitch", vswitches)
    for path, group in instance.texts("security_groups"):
        if group not in groups:
            yield _unknown(path, "security group", group, groups)
    vswitch = vswitches.get(instance.text("vswitch") or "")
    if vswitch is None:
        return
    yield from _check_groups_vpc(instance, vswitch, groups, _by_id(region, "vpcs"))
    zone, there = instance.text("zone"), vswitch.text("zone")
    if zone in ZONES.get(name, ()) and there is not None and zone != there:
        message = f"the vSwitch {vswitch.text('id')} is in {there}"
        yield Problem(instance.at("zone"), "another_zone", message, "give the vSwitch's zone, or another vSwitch")
    yield from _check_private_ip(instance, _network(vswitch))


def _check_groups_vpc(
    instance: _Item, vswitch: _Item, groups: Mapping[str, _Item], vpcs: Mapping[str, object]
) -> Iterator[Problem]:
    vpc = vswitch.text("vpc")
    for path, group in instance.texts("security_groups"):
        other = groups[group].text("vpc") if group in groups else None
        if vpc in vpcs and other in vpcs and vpc != other:
            message = f"{group} is of {other}, the vSwitch of {vpc}"
            yield Problem(path, "another_vpc", message, "give a security group of the vSwitch's VPC")


def _check_private_ip(instance: _Item, network: IPv4Network | None) -> Iterator[Problem]:
    address = instance.text("private_ip")
    if address is None:
        return
    try:
        inside = network is None or IPv4Address(address) in network
    except AddressValueError:
        inside = False
    if not inside:
        message = f"{address} is not an address of the vSwitch"
        yield Problem(
            instance.at("private_ip"), "outside_vswitch", message, f"give an address in {network}, or leave it out"
        )


def _check_addresses(region: _Item) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for instance in region.items("instances"):
        address, vswitch = instance.text("private_ip"), instance.text("vswitch")
        if address is None or vswitch is None:
            continue
        other = seen.setdefault((vswitch, address), instance.path)
        if other != instance.path:
            message = f"{address} is the address of {other}, too"
            yield Problem(instance.at("private_ip"), "twice", message, "give each an address of its own")


def _check_eips(region: _Item) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for eip in region.items("eips"):
        yield from _known(eip, "instance", "instance", _by_id(region, "instances"))
        instance = eip.text("instance")
        if instance is not None and seen.setdefault(instance, eip.path) != eip.path:
            message = f"{instance} has {seen[instance]} already"
            yield Problem(eip.at("instance"), "twice", message, "give each instance one EIP at most")


def _check_image_names(region: _Item) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for image in region.items("images"):
        name = image.text("name")
        if name is None or image.data.get("owner", "self") != "self":
            continue
        other = seen.setdefault(name, image.path)
        if other != image.path:
            message = f"{name} is the name of {other}, too"
            yield Problem(image.at("name"), "twice", message, "give each of the account's images a name of its own")


def _check_ids(regions: tuple[_Item, ...]) -> Iterator[Problem]:
    for kind in ("vpcs", "vswitches", "security_groups", "instances", "images", "eips"):
        seen: dict[str, str] = {}
        for item in (item for region in regions for item in region.items(kind)):
            ident = item.text("id")
            other = seen.setdefault(ident, item.path) if ident is not None else item.path
            if other != item.path:
                message = f"{ident} is the id of {other}, too"
                yield Problem(item.at("id"), "twice", message, "give each an id of its own")


# --- disks


def _check_disks(owner: _Item, *, needs_system: bool) -> Iterator[Problem]:
    disks = owner.all("disks")
    kinds = [disk.text("kind") for disk in disks]
    path = owner.at("disks")
    if kinds.count("system") > 1 or (needs_system and disks and "system" not in kinds):
        message = f"there are {kinds.count('system')} system disks"
        yield Problem(path, "system_disks", message, "give exactly one disk of kind system")
    if kinds.count("data") > _MOST_DATA_DISKS:
        message = f"there are {kinds.count('data')} data disks"
        yield Problem(path, "too_many_disks", message, f"give at most {_MOST_DATA_DISKS}")
    yield from _check_devices(disks)


def _check_devices(disks: tuple[_Item, ...]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for disk in disks:
        system, device = disk.text("kind") == "system", disk.text("device")
        if system and device not in (None, SYSTEM_DEVICE):
            yield Problem(disk.at("device"), "system_device", f"the system disk is {SYSTEM_DEVICE}", "leave it out")
        if not system and device == SYSTEM_DEVICE:
            message = f"{SYSTEM_DEVICE} is the system disk's"
            yield Problem(disk.at("device"), "system_device", message, "give /dev/xvdb or a later one")
        elif device is not None and seen.setdefault(device, disk.path) != disk.path:
            message = f"{device} is the device of {seen[device]}, too"
            yield Problem(disk.at("device"), "twice", message, "give each disk a device of its own")


def _check_directories(regions: tuple[_Item, ...], base: Path, state: Path | None) -> Iterator[Problem]:
    taken: list[tuple[Path, str]] = [] if state is None else [(state.resolve(), "")]
    for disk in _disks(regions):
        text = disk.text("dir")
        if text is None:
            continue
        trouble = _directory_trouble(base, text)
        if trouble is not None:
            yield Problem(disk.at("dir"), *trouble)
            continue
        directory = (base / text).resolve()
        for other, where in taken:
            if directory == other or directory in other.parents or other in directory.parents:
                yield _overlap(disk.at("dir"), directory, other, where)
        taken.append((directory, disk.path))


def _overlap(path: str, directory: Path, other: Path, where: str) -> Problem:
    if where:
        message = f"{directory} is, holds or lies in {other}, the directory of {where}"
        return Problem(path, "overlapping_dir", message, "give each disk a directory of its own")
    message = f"{directory} is, holds or lies in {other}, where the cloud keeps its own files"
    return Problem(path, "dir_in_state", message, "name another directory, or keep the state elsewhere")


def _disks(regions: tuple[_Item, ...]) -> Iterator[_Item]:
    for region in regions:
        for owner in (*region.items("instances"), *region.items("images")):
            yield from owner.items("disks")


def _directory_trouble(base: Path, text: str) -> tuple[str, str, str] | None:
    try:
        directory = (base / text).resolve()
        exists, is_directory = directory.exists(), directory.is_dir()
    except (OSError, ValueError, RuntimeError):  # a loop of symlinks, a NUL in the name, ...
        return "malformed_path", f"{text!r} is not a path that can be read", "name a directory"
    if not exists:
        return (
            "no_directory",
            f"there is no {directory}",
            "name a directory that exists; it is relative to the world file",
        )
    if not is_directory:
        return "not_a_directory", f"{directory} is not a directory", "name a directory"
    if not os.access(directory, os.R_OK | os.X_OK):
        return "unreadable_directory", f"{directory} can't be read", "allow reading it, or name another"
    return None


def _check_first_boot(data: object) -> Iterator[Problem]:
    files = data.get("first_boot") if isinstance(data, Mapping) else None
    for path in files if isinstance(files, Mapping) else ():
        parts = path.split("/") if isinstance(path, str) else []
        if not parts or parts[0] or len(parts) == 1 or {"", ".", ".."} & set(parts[1:]):
            fix = "give an absolute path to a file, without '.' and '..'"
            yield Problem(f"first_boot.{path}", "malformed_path", f"{path!r} is not a path from the disk's root", fix)
