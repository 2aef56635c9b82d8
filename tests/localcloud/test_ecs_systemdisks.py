"""A stopped instance gets another system disk, as documented."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import systemdisks as refusals
from tests.localcloud.ecs_world import HERE, PUBLIC, Ground, ground, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written

SYSTEM = {"kind": "system", "category": "cloud_essd", "size": 50}
ARM = "aliyun_3_arm64_20G_alibase_20251030.vhd"
EXTRA = {
    "key_pairs": ["ops"],
    "instances": [{"id": "i-off", "status": "Stopped", "tags": {"app": "off"}, "disks": [SYSTEM]}],
    "images": [
        {"id": "m-own", "name": "own", "disks": [{"kind": "system", "size": 60, "encrypted": True}]},
        {
            "id": "m-data",
            "name": "data",
            "disks": [{"kind": "system", "size": 40}, {"kind": "data", "device": "/dev/xvdb", "size": 100}],
        },
        {"id": "m-making", "name": "making", "status": "Creating"},
    ],
}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


def replace(instance: str = "i-off", image: str = PUBLIC, size: int | str | None = None, **wire: Any) -> Act:
    disk = {} if size is None else {"SystemDisk": {"Size": size}}
    return ask("ReplaceSystemDisk", **{"InstanceId": instance, "ImageId": image, **disk} | wire)


def system(g: Ground, instance: str = "i-off") -> dict[str, Any]:
    return g.disks(instance)["/dev/xvda"]


def test_an_instance_gets_a_new_disk_of_an_image(g: Ground) -> None:
    """With another id, the old one is gone; the instance is of the image, and starts from it."""
    old = system(g)["DiskId"]
    new = g.ask("ReplaceSystemDisk", InstanceId="i-off", ImageId="m-own", KeyPairName="ops")["DiskId"]
    g.until(lambda: g.disks("i-off"))
    shown = system(g)
    assert old != new == shown["DiskId"]
    assert (shown["Size"], shown["Category"], shown["ImageId"]) == (60, "cloud_essd", "m-own")
    assert shown["Encrypted"]
    g.until(lambda: system(g)["Status"] == "In_use")
    assert g.ask("DescribeDisks", RegionId=HERE, DiskIds=f'["{old}"]')["TotalCount"] == 0
    assert [g.instance("i-off")[name] for name in ("ImageId", "KeyPairName")] == ["m-own", "ops"]
    g.ask("StartInstance", InstanceId="i-off")
    g.until(lambda: g.instance("i-off")["Status"] == "Running")


def test_what_was_on_the_disk_is_gone(g: Ground) -> None:
    """And comes back with an image that was made of it; a data disk stays as it is."""
    before = system(g, "i-web")["DiskId"]
    assert "motd" in [one.name for one in (g.cloud.disks.reading(before) / "etc").iterdir()]
    snapshot = g.ask("CreateSnapshot", DiskId=before)["SnapshotId"]
    g.until(lambda: g.states(snapshot)[-1] == "accomplished")
    golden = g.ask("CreateImage", RegionId=HERE, SnapshotId=snapshot, ImageName="golden")["ImageId"]
    g.image_ready(golden)
    g.ask("StopInstance", InstanceId="i-web")
    g.until(lambda: g.instance("i-web")["Status"] == "Stopped")
    for image, names in ((PUBLIC, []), (golden, ["etc"])):
        new = str(replace("i-web", image)(g)["DiskId"])  # type: ignore[index]
        g.until(lambda new=new: g.cloud.ecs.state.of(HERE).disks[new].status == "In_use")  # type: ignore[misc]
        found = [one.name for one in g.cloud.disks.reading(new).iterdir()]
        assert set(names) <= set(found)
        assert ("etc" in found) == bool(names)
    g.until(lambda: len(g.disks("i-web")) == 2)


def test_a_size_may_be_named(g: Ground) -> None:
    """From the old disk's up to 2,048 GiB."""
    replace(size=2048)(g)
    g.until(lambda: g.disks("i-off"))
    assert system(g)["Size"] == 2048


ROWS: dict[str, Act] = {
    "IMAGE_MISSING": ask("ReplaceSystemDisk", InstanceId="i-off"),
    "CREATING": lambda g: replace(g.run())(g),
    "INSTANCE_STATUS": replace("i-web"),
    "DISK_STATUS": after(replace(), replace()),
    "IMAGE_NOT_VALID": replace(image="m-making"),
    "IMAGE_WITH_DATA": replace(image="m-data"),
    "ARCHITECTURE": replace(image=ARM),
    "SIZE": replace(size="-1"),
    "BELOW_IMAGE": replace(image="m-own", size=55),
    "BELOW_LEAST": replace(size=49),
    "ABOVE_MOST": replace(size=2049),
    "KEY_PAIR": replace(KeyPairName="none"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], ROWS[name])


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))


@pytest.mark.parametrize(
    ("code", "status", "act"),
    [
        ("InvalidInstanceId.NotFound", 404, replace("i-none")),
        ("InvalidImageId.NotFound", 404, replace(image="m-none")),
        ("InvalidPassword.Malformed", 400, replace(Password="short")),
        ("IdempotentParameterMismatch", 400, after(replace(ClientToken="t"), replace(size=60, ClientToken="t"))),
        (
            "DiskCreatingSnapshot",
            403,
            after(lambda g: g.ask("CreateSnapshot", DiskId=system(g)["DiskId"]), replace()),
        ),
    ],
)
def test_what_others_refuse_is_refused_here(g: Ground, code: str, status: int, act: Act) -> None:
    """As of instances, images, disks and passwords elsewhere."""
    before = system(g)["DiskId"]
    with refused(code, status):
        act(g)
    if code != "IdempotentParameterMismatch":
        assert system(g)["DiskId"] == before
