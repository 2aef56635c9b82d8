"""Worlds: what a file describes is what is there, and everything that is wrong with it is said at once."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud.world import Problem, World, WorldProblems, default_world, load_world

Change = Callable[[dict[str, Any]], None]

WORLD = """
regions:
  cn-hangzhou:
    vpcs: [{id: vpc-a, cidr: 10.0.0.0/16}, {id: vpc-z, cidr: 10.9.0.0/16}]
    vswitches:
      - {id: vsw-a, vpc: vpc-a, zone: cn-hangzhou-h, cidr: 10.0.1.0/24}
      - {id: vsw-i, vpc: vpc-a, zone: cn-hangzhou-i, cidr: 10.0.2.0/24}
    security_groups: [{id: sg-a, vpc: vpc-a}, {id: sg-z, vpc: vpc-z}]
    instances:
      - id: i-web
        name: web
        type: ecs.g7.large
        zone: cn-hangzhou-h
        vswitch: vsw-a
        security_groups: [sg-a]
        tags: {app: web}
        disks:
          - {kind: system, category: cloud_essd, size: 40, dir: ./root}
          - {kind: data, device: /dev/xvdc, category: cloud_essd, size: 100, dir: ./data, mount: /data}
          - {kind: data, category: local_ssd_pro, size: 894}
    images: [{id: m-own, name: golden}]
  cn-beijing:
    vpcs: [{id: vpc-b, cidr: 10.0.0.0/16}]
faults: [{kind: throttle, action: CopyImage, count: 2}]
"""

A_DISK = {"kind": "system", "category": "cloud_essd", "size": 40}


def a_world(tmp_path: Path, *changes: Change) -> Path:
    """A world file, as above but for *changes*, with its directories beside it."""
    for name in ("root", "data", "root/inner"):
        (tmp_path / name).mkdir(exist_ok=True)
    data = copy.deepcopy(yaml.safe_load(WORLD))
    for change in changes:
        change(data)
    path = tmp_path / "world.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


def problems(path: Path, state: Path | None = None) -> dict[str, Problem]:
    """The problems of a world file, by the path of the field."""
    with pytest.raises(WorldProblems) as error:
        load_world(path, state=state)
    assert all(problem.message and problem.fix for problem in error.value.problems)
    return {problem.path: problem for problem in error.value.problems}


def hangzhou(data: dict[str, Any]) -> Any:
    return data["regions"]["cn-hangzhou"]


def instance(data: dict[str, Any]) -> Any:
    return hangzhou(data)["instances"][0]


def test_a_world_is_read_as_written(tmp_path: Path) -> None:
    """Directories are relative to the file, devices and mounts are filled in, every public region is there."""
    world = load_world(a_world(tmp_path))
    web = world.regions["cn-hangzhou"].instances[0]
    assert [(disk.device, disk.mount) for disk in web.disks] == [
        ("/dev/xvda", "/"),
        ("/dev/xvdc", "/data"),
        ("/dev/xvdb", None),
    ]
    assert web.disks[0].dir == tmp_path / "root"
    assert (web.status, web.tags, web.cloud_assistant) == ("Running", {"app": "web"}, True)
    assert world.faults[0].action == "CopyImage"
    assert world.regions["eu-central-1"].instances == ()


def test_a_data_disk_with_content_is_mounted(tmp_path: Path) -> None:
    """A directory that nobody gave a mount is mounted somewhere, unless the file says that it is not."""

    def unmount(data: dict[str, Any]) -> None:
        instance(data)["disks"][1].pop("mount")
        instance(data)["disks"][0]["mount"] = None

    disks = load_world(a_world(tmp_path, unmount)).regions["cn-hangzhou"].instances[0].disks
    assert disks[1].mount == "/mnt/xvdc"
    explicit = load_world(a_world(tmp_path, lambda data: instance(data)["disks"][1].update(mount=None)))
    assert explicit.regions["cn-hangzhou"].instances[0].disks[1].mount is None


def test_a_world_has_names_addresses_and_domains(tmp_path: Path) -> None:
    """Networks have names and tags, EIPs are bound or free, a domain has records."""

    def add(data: dict[str, Any]) -> None:
        hangzhou(data)["vpcs"][0].update(name="core", default=True, tags={"app": "web"})
        hangzhou(data)["eips"] = [{"id": "eip-a", "ip": "203.0.113.7", "instance": "i-web"}]
        data["domains"] = {"example.com": [{"rr": "www", "type": "A", "value": "203.0.113.7"}]}

    world = load_world(a_world(tmp_path, add))
    here = world.regions["cn-hangzhou"]
    assert (here.vpcs[0].name, here.vpcs[0].default, here.vpcs[0].tags) == ("core", True, {"app": "web"})
    assert (here.eips[0].instance, here.eips[0].bandwidth) == ("i-web", 5)
    (record,) = world.domains["example.com"]
    assert (record.ttl, record.line, record.status) == (600, "default", "Enable")


def test_the_default_world_is_empty() -> None:
    """With no file there are the public regions, the public keys, and nothing else."""
    world = default_world()
    assert (world.account, world.access_key, world.secret) == ("1234567890123456", "test", "test")
    assert {"cn-hangzhou", "cn-beijing", "ap-southeast-1"} <= set(world.regions)
    assert all(region.instances == () for region in world.regions.values())
    assert World() == world


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        (lambda d: d.update(regoins={}), "regoins", "unknown_field"),
        (lambda d: d["regions"].update({"cn-atlantis": {}}), "regions.cn-atlantis", "unknown_region"),
        (lambda d: instance(d).update(typ="x"), "regions.cn-hangzhou.instances[0].typ", "unknown_field"),
        (lambda d: instance(d).pop("type"), "regions.cn-hangzhou.instances[0].type", "missing_field"),
        (lambda d: instance(d).update(name=5), "regions.cn-hangzhou.instances[0].name", "wrong_type"),
        (lambda d: instance(d).update(disks=[]), "regions.cn-hangzhou.instances[0].disks", "too_short"),
        (lambda d: instance(d).update(disks="x"), "regions.cn-hangzhou.instances[0].disks", "wrong_type"),
        (lambda d: instance(d).update(status="Up"), "regions.cn-hangzhou.instances[0].status", "unknown_value"),
        (lambda d: instance(d).update(zone="cn-hangzhou-z"), "regions.cn-hangzhou.instances[0].zone", "unknown_zone"),
        (lambda d: instance(d).update(zone="cn-hangzhou-i"), "regions.cn-hangzhou.instances[0].zone", "another_zone"),
        (lambda d: instance(d).update(vswitch="vsw-x"), "regions.cn-hangzhou.instances[0].vswitch", "unknown_vswitch"),
        (
            lambda d: hangzhou(d).update(eips=[{"id": "eip-a", "instance": "i-x"}]),
            "regions.cn-hangzhou.eips[0].instance",
            "unknown_instance",
        ),
        (
            lambda d: hangzhou(d).update(eips=[{"id": f"eip-{one}", "instance": "i-web"} for one in "ab"]),
            "regions.cn-hangzhou.eips[1].instance",
            "twice",
        ),
        (lambda d: hangzhou(d).update(eips=[{"id": "eip-a"}] * 2), "regions.cn-hangzhou.eips[1].id", "twice"),
        (
            lambda d: hangzhou(d).update(eips=[{"id": "eip-a", "ip": "one"}]),
            "regions.cn-hangzhou.eips[0].ip",
            "malformed",
        ),
        (lambda d: d.update(domains={"Example": []}), "domains.Example", "malformed"),
        (
            lambda d: d.update(domains={"example.com": [{"rr": "www", "type": "A", "value": "www"}]}),
            "domains.example.com[0]",
            "malformed",
        ),
        (
            lambda d: d.update(domains={"example.com": [{"rr": "@", "type": "MX", "value": "mx.example.com"}]}),
            "domains.example.com[0]",
            "malformed",
        ),
        (
            lambda d: d.update(domains={"example.com": [{"rr": "www", "type": "A", "value": "203.0.113.7"}] * 2}),
            "domains.example.com",
            "malformed",
        ),
        (
            lambda d: instance(d).update(security_groups=["sg-x"]),
            "regions.cn-hangzhou.instances[0].security_groups[0]",
            "unknown_security_group",
        ),
        (
            lambda d: instance(d).update(security_groups=["sg-a", "sg-z"]),
            "regions.cn-hangzhou.instances[0].security_groups[1]",
            "another_vpc",
        ),
        (
            lambda d: instance(d).update(private_ip="10.0.2.7"),
            "regions.cn-hangzhou.instances[0].private_ip",
            "outside_vswitch",
        ),
        (
            lambda d: hangzhou(d)["instances"].append({**instance(d), "disks": [A_DISK]}),
            "regions.cn-hangzhou.instances[1].id",
            "twice",
        ),
        (
            lambda d: hangzhou(d)["vpcs"][0].update(cidr="10.0.0.1/16"),
            "regions.cn-hangzhou.vpcs[0].cidr",
            "malformed_cidr",
        ),
        (
            lambda d: hangzhou(d)["vpcs"][1].update(cidr="10.0.8.0/24"),
            "regions.cn-hangzhou.vpcs[1].cidr",
            "overlapping_cidr",
        ),
        (
            lambda d: hangzhou(d)["vswitches"][1].update(cidr="10.0.1.128/25"),
            "regions.cn-hangzhou.vswitches[1].cidr",
            "overlapping_cidr",
        ),
        (
            lambda d: hangzhou(d)["vswitches"][1].update(cidr="10.1.0.0/24"),
            "regions.cn-hangzhou.vswitches[1].cidr",
            "outside_vpc",
        ),
        (
            lambda d: hangzhou(d)["vswitches"][0].update(vpc="vpc-x"),
            "regions.cn-hangzhou.vswitches[0].vpc",
            "unknown_vpc",
        ),
        (
            lambda d: hangzhou(d)["images"].append({"id": "m-2", "name": "golden"}),
            "regions.cn-hangzhou.images[1].name",
            "twice",
        ),
        (
            lambda d: instance(d)["disks"][1].update(dir="./nowhere"),
            "regions.cn-hangzhou.instances[0].disks[1].dir",
            "no_directory",
        ),
        (
            lambda d: instance(d)["disks"][1].update(dir="./world.yaml"),
            "regions.cn-hangzhou.instances[0].disks[1].dir",
            "not_a_directory",
        ),
        (
            lambda d: instance(d)["disks"][1].update(dir="./root/../root"),
            "regions.cn-hangzhou.instances[0].disks[1].dir",
            "overlapping_dir",
        ),
        (
            lambda d: instance(d)["disks"][1].update(dir="root/inner"),
            "regions.cn-hangzhou.instances[0].disks[1].dir",
            "overlapping_dir",
        ),
        (
            lambda d: instance(d)["disks"][1].update(dir="a\0b"),
            "regions.cn-hangzhou.instances[0].disks[1].dir",
            "malformed_path",
        ),
        (
            lambda d: instance(d)["disks"][1].update(size="big"),
            "regions.cn-hangzhou.instances[0].disks[1].size",
            "wrong_type",
        ),
        (
            lambda d: instance(d)["disks"][2].update(device="/dev/xvdc"),
            "regions.cn-hangzhou.instances[0].disks[2].device",
            "twice",
        ),
        (
            lambda d: instance(d)["disks"][2].update(device="/dev/xvda"),
            "regions.cn-hangzhou.instances[0].disks[2].device",
            "system_device",
        ),
        (lambda d: instance(d)["disks"].pop(0), "regions.cn-hangzhou.instances[0].disks", "system_disks"),
        (lambda d: d.update(first_boot={"/etc/../x": ""}), "first_boot./etc/../x", "malformed_path"),
        (lambda d: d["faults"].append({"kind": "rain"}), "faults[1].kind", "unknown_value"),
        (lambda d: d.update(activated=["fc", "oss"]), "activated[1]", "unknown_value"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: Change, path: str, code: str) -> None:
    """One mistake is one problem: the field's path, a code, and what to do; nothing else is blamed."""
    found = problems(a_world(tmp_path, change))
    assert {at: problem.code for at, problem in found.items()} == {path: code}


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """A mistake of shape hides none of sense, and the other way round."""

    def spoil(data: dict[str, Any]) -> None:
        instance(data).update(vswitch="vsw-x", typo=1)
        instance(data)["disks"][0]["dir"] = "nowhere"
        instance(data)["disks"][1]["size"] = "much"
        hangzhou(data)["vswitches"][0]["cidr"] = "ten"

    assert set(problems(a_world(tmp_path, spoil))) == {
        "regions.cn-hangzhou.instances[0].vswitch",
        "regions.cn-hangzhou.instances[0].typo",
        "regions.cn-hangzhou.instances[0].disks[0].dir",
        "regions.cn-hangzhou.instances[0].disks[1].size",
        "regions.cn-hangzhou.vswitches[0].cidr",
    }


def test_no_disk_lies_where_the_cloud_writes(tmp_path: Path) -> None:
    """A disk's directory inside or around the state folder is a problem; one beside it is none."""
    path = a_world(tmp_path)
    for state in (tmp_path / "data" / "state", tmp_path / "data", tmp_path):
        assert problems(path, state)["regions.cn-hangzhou.instances[0].disks[1].dir"].code == "dir_in_state"
    assert load_world(path, state=tmp_path / "state")


def test_a_link_to_anothers_directory_is_an_overlap(tmp_path: Path) -> None:
    """Two names of one directory are one directory."""
    (tmp_path / "name").symlink_to("root")
    path = a_world(tmp_path, lambda data: instance(data)["disks"][1].update(dir="name"))
    assert list(problems(path)) == ["regions.cn-hangzhou.instances[0].disks[1].dir"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "not_a_mapping"),
        (b"- 1\n- 2\n", "not_a_mapping"),
        (b"just words", "not_a_mapping"),
        (b"regions: [", "malformed_yaml"),
        (b"regions: {a: b: c}", "malformed_yaml"),
        (b"\xff\xfe\xff", "malformed_yaml"),
        (b"a: \x07", "malformed_yaml"),
        (b"a: 2026-13-45", "malformed_yaml"),
        (b"{[1]: 2}", "malformed_yaml"),
        (b"a: *nobody", "malformed_yaml"),
        (b"a: 1\n---\nb: 2\n", "malformed_yaml"),
        (b"!!python/object:os.system {}", "malformed_yaml"),
        (b"[" * 5000, "malformed_yaml"),
        (b"faults: []\nfaults: []\n", "twice"),
        (b"regions: &a {cn-hangzhou: *a}", "unknown_field"),
        (b"1: 2", "wrong_type"),
        (b"regions: {1: {}}", "wrong_type"),
    ],
)
def test_what_is_no_world_is_a_problem_too(tmp_path: Path, text: bytes, code: str) -> None:
    """Whatever bytes the file holds, the answer is a problem with a remedy, never a traceback."""
    (tmp_path / "world.yaml").write_bytes(text)
    assert code in {problem.code for problem in problems(tmp_path / "world.yaml").values()}


def test_a_key_given_twice_is_a_problem(tmp_path: Path) -> None:
    """YAML would keep the last in silence; the path says where it is."""
    path = a_world(tmp_path)
    path.write_text(path.read_text().replace("    name: web\n", "    name: web\n      name: other\n"))
    assert problems(path)["regions.cn-hangzhou.instances[0].name"].code == "twice"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file, or a directory in its place, is named."""
    for path in (tmp_path / "nowhere.yaml", tmp_path):
        (problem,) = problems(path).values()
        assert problem.code == "no_world_file"
        assert str(path) in problem.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_directory_is_a_problem(tmp_path: Path) -> None:
    """A directory that can't be read is found before anything begins."""
    path = a_world(tmp_path)
    (tmp_path / "data").chmod(0)
    assert problems(path)["regions.cn-hangzhou.instances[0].disks[1].dir"].code == "unreadable_directory"
    (tmp_path / "data").chmod(0o700)
