"""The demo: a small shop's web server, carried from cn-hangzhou to cn-beijing."""

from pathlib import Path

import yaml

from cli.demo_world import build_demo_world
from localcloud.faults import Fault
from localcloud.world import World, load_world
from shared.problem import BadInput, Problem
from shared.replication.proof import BOOT_PATHS
from shared.replication.request import Request
from shared.wire import read_request_value


def demo_world_and_request(folder: Path, corrupt: str | None) -> tuple[World, Request]:
    """The demo's world, built in *folder*, and its request; raises BadInput for what can't be corrupted."""
    world_file = build_demo_world(folder / "world")
    world = load_world(world_file)
    request = read_request_value(yaml.safe_load((world_file.parent / "request.yaml").read_text()))
    if corrupt is None:
        return world, request
    return world.model_copy(update={"faults": (*world.faults, corruption(corrupt, world))}), request


def corruption(text: str, world: World) -> Fault:
    """The fault that `--corrupt` asks for: `any`, or DISK:PATH."""
    if text == "any":
        return Fault(kind="corrupt", count=1)
    device, colon, path = text.partition(":")
    if not colon or not path:
        raise _bad(f"{text} is not DISK:PATH", "say for example --corrupt /dev/xvdb:/orders/2026-01.csv, or any")
    device = device if device.startswith("/dev/") else f"/dev/{device}"
    disks = [disk for region in world.regions.values() for i in region.instances for disk in i.disks]
    disk = next((disk for disk in disks if disk.device == device), None)
    if disk is None or disk.dir is None:
        there = ", ".join(sorted(str(disk.device) for disk in disks))
        raise _bad(f"the demo's instance has no disk {device}", f"give one of {there}")
    inside = "/" + path.lstrip("/")
    mount = disk.mount or "/"
    if mount != "/" and inside.startswith(f"{mount}/") and not (disk.dir / inside[1:]).exists():
        inside = inside.removeprefix(mount)
    if not _has_a_byte(disk.dir, inside):
        raise _bad(f"{device} has no file {inside} with a byte to change", "give a file that is not empty, or any")
    if disk.kind == "system" and inside in BOOT_PATHS:
        raise _bad(
            f"{inside} is rewritten by a first boot, so a change in it can't be told from that", "give another file"
        )
    return Fault(kind="corrupt", device=device, path=inside, count=1)


def _has_a_byte(directory: Path, inside: str) -> bool:
    """Whether *inside* is itself, by no link and no detour, a regular file of the disk that is not empty."""
    file = directory / inside[1:]
    try:
        straight = ".." not in file.parts and file.resolve() == directory.resolve() / inside[1:]
        return straight and file.is_file() and file.stat().st_size > 0
    except OSError:
        return False


def _bad(message: str, fix: str) -> BadInput:
    return BadInput((Problem(path="--corrupt", code="corrupt", message=message, fix=fix),))
