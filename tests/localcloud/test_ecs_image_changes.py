"""Images that are made: renamed, deprecated, shared, found by their family, and too large to be copied."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import images as refusals
from tests.localcloud.ecs_world import ALL, HERE, PUBLIC, Ground, ground, launch, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written

OWN = {"disks": [{"kind": "system", "size": 40}, {"kind": "data", "device": "/dev/xvdb", "size": 100}]}
EXTRA: dict[str, Any] = {
    "images": [
        {"id": "m-own", "name": "own", **OWN},
        {"id": "m-other", "name": "other", **OWN},
        {"id": "m-old", "name": "old", "status": "Deprecated", **OWN},
        {"id": "m-making", "name": "making", "status": "Creating"},
        {"id": "m-sealed", "name": "sealed", "disks": [{"kind": "system", "size": 40, "encrypted": True}]},
        {"id": "m-theirs", "name": "theirs", "owner": "others"},
    ],
}
FRIENDS = [f"{1000 + number}" for number in range(60)]


@pytest.fixture
def g(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ground]:
    with ground(tmp_path, extra={**EXTRA, **getattr(request, "param", {})}) as made:
        yield made


def modify(image_id: str = "m-own", **wire: Any) -> Act:
    return ask("ModifyImageAttribute", RegionId=HERE, ImageId=image_id, **wire)


def share(*accounts: str, image_id: str = "m-own", **wire: Any) -> Act:
    sent = {"RegionId": HERE, "ImageId": image_id, "AddAccount": list(accounts), **wire}
    return lambda g: g.ask("ModifyImageSharePermission", **sent)


def shared(g: Ground, **wire: Any) -> list[str]:
    found = g.ask("DescribeImageSharePermission", RegionId=HERE, ImageId="m-own", **wire)
    return [one["AliyunId"] for one in found["Accounts"]["Account"]]


def run(image_id: str = "", **wire: Any) -> Act:
    sent = {name: value for name, value in launch(image_id).items() if name != "ImageId" or image_id}
    return lambda g: g.ask("RunInstances", **sent, **wire)


def test_an_image_gets_another_name_description_and_family(g: Ground) -> None:
    """What is not given stays; its own name is no other image's."""
    modify(ImageName="mine", Description="my image", ImageFamily="web")(g)
    modify(ImageName="mine")(g)
    image = g.image("m-own")
    assert (image["ImageName"], image["Description"], image["ImageFamily"]) == ("mine", "my image", "web")


def test_a_dry_run_changes_no_image(g: Ground) -> None:
    """DryRun answers DryRunOperation, and the image is what it was."""
    with refused("DryRunOperation", 400):
        modify(ImageName="renamed", DryRun=True)(g)
    assert g.image("m-own")["ImageName"] == "own"


def test_a_deprecated_image_still_makes_instances_and_comes_back(g: Ground) -> None:
    """Deprecated: neither listed by default nor copied nor shared, but launched; Available again if wanted."""
    modify(Status="Deprecated")(g)
    assert g.ask("DescribeImages", RegionId=HERE, ImageId="m-own")["TotalCount"] == 0
    assert g.instance(g.running("m-own"))["ImageId"] == "m-own"
    with refused("IncorrectImageStatus", 400):
        g.copy_image("m-own")
    modify(Status="Available")(g)
    assert g.ask("DescribeImages", RegionId=HERE, ImageId="m-own")["TotalCount"] == 1
    assert g.states("m-own") == ["Deprecated", "Available"]


def test_a_family_stands_for_its_newest_available_image(g: Ground) -> None:
    """DescribeImageFromFamily and RunInstances take the newest; deprecating it rolls back to the one before."""
    first = g.create_image("first", ImageFamily="web")
    g.image_ready(first)
    second = g.create_image("second", ImageFamily="web")

    def newest() -> str:
        found = g.ask("DescribeImageFromFamily", RegionId=HERE, ImageFamily="web")
        return str(found.get("Image", {}).get("ImageId", ""))

    assert newest() == first
    g.image_ready(second)
    assert newest() == second
    launched = run(ImageFamily="web")(g)["InstanceIdSets"]["InstanceIdSet"][0]  # type: ignore[index]
    g.until(lambda: g.instance(launched))
    assert g.instance(launched)["ImageId"] == second
    modify(second, Status="Deprecated")(g)
    assert newest() == first
    modify(first, Status="Deprecated")(g)
    assert newest() == ""


def test_an_image_is_shared_with_accounts_and_taken_back(g: Ground) -> None:
    """Ten accounts at a time, more are passed over; each since when it was added; a shared one says so."""
    share(*FRIENDS[:12])(g)
    assert shared(g) == FRIENDS[:10]
    assert g.image("m-own")["IsSelfShared"] == "true"
    first = g.ask("DescribeImageSharePermission", RegionId=HERE, ImageId="m-own")
    assert (first["TotalCount"], first["PageSize"], first["ImageId"]) == (10, 10, "m-own")
    g.pass_time(minutes=1)
    share(FRIENDS[0], FRIENDS[20], RemoveAccount=FRIENDS[1:10])(g)
    assert set(shared(g)) == {FRIENDS[0], FRIENDS[20]}
    since = {
        one["AliyunId"]: one["SharedTime"]
        for one in g.ask("DescribeImageSharePermission", RegionId=HERE, ImageId="m-own")["Accounts"]["Account"]
    }
    assert since[FRIENDS[0]] < since[FRIENDS[20]]
    assert shared(g, PageSize=1, PageNumber=3) == []
    share(RemoveAccount=[FRIENDS[0], FRIENDS[20]])(g)
    assert shared(g) == []
    assert g.image("m-own")["IsSelfShared"] == ""
    g.ask("DeleteImage", RegionId=HERE, ImageId="m-own")


def test_a_dry_run_shares_nothing(g: Ground) -> None:
    """DryRun answers DryRunOperation, and nothing comes of it."""
    with refused("DryRunOperation", 400):
        share(FRIENDS[0], DryRun=True)(g)
    assert shared(g) == []


@pytest.mark.parametrize("g", [{"image_copy_limit": 140}], indirect=True)
def test_an_image_as_large_as_the_limit_is_copied(g: Ground) -> None:
    """The limit counts all disks, and is itself allowed."""
    assert g.copy_image("m-own")


def test_images_of_snapshots_hold_their_content(g: Ground) -> None:
    """An image made of a system snapshot alone has this one disk, with its files."""
    taken = g.ask("CreateSnapshot", DiskId=g.disks("i-web")["/dev/xvda"]["DiskId"])["SnapshotId"]
    g.until(lambda: g.states(taken)[-1] == "accomplished")
    image_id = g.ask("CreateImage", RegionId=HERE, SnapshotId=taken, ImageFamily="system")["ImageId"]
    image = g.image_ready(image_id)
    assert (image["ImageFamily"], len(image["DiskDeviceMappings"]["DiskDeviceMapping"])) == ("system", 1)
    replica = g.disks(g.running(image_id))["/dev/xvda"]["DiskId"]
    assert (g.cloud.disks.reading(replica) / "etc" / "motd").read_text() == "welcome\n"


# --- refusals --------------------------------------------------------------------------------------------------------


def shared_with_many(g: Ground) -> None:
    for start in range(0, 60, 10):
        share(*FRIENDS[start : start + 10])(g)


def coming(g: Ground) -> None:
    disk = g.ask("CreateDisk", RegionId=HERE, ZoneId="cn-hangzhou-h", DiskCategory="cloud_essd", Size=20)["DiskId"]
    g.pass_time(seconds=10)
    g.ask("AttachDisk", InstanceId="i-web", DiskId=disk)


def come_to_a_stopped_one(g: Ground) -> None:
    g.ask("StopInstance", InstanceId="i-web")
    g.until(lambda: g.instance("i-web")["Status"] == "Stopped")
    coming(g)
    g.pass_time(seconds=10)


def image(**wire: Any) -> Act:
    return lambda g: g.create_image(**wire)


ROWS: dict[str, Act] = {
    "DISK_STATUS": after(coming, image()),
    "NEEDS_RESTART": after(come_to_a_stopped_one, image()),
    "FAMILY": image(ImageFamily="acs:web"),
    "FAMILY_EMPTY": run(ImageFamily="none"),
    "COPY_TOO_LARGE": lambda g: g.copy_image("m-own"),
    "DELETE_SHARED": after(share(FRIENDS[0]), ask("DeleteImage", RegionId=HERE, ImageId="m-own", Force=True)),
    "NAME_DUPLICATED": modify(ImageName="other"),
    "MODIFY_FAMILY": modify(ImageFamily="1"),
    "BEING_CREATED": modify("m-making", ImageName="made"),
    "NOT_AVAILABLE": modify("m-old", Status="Deprecated"),
    "NOT_DEPRECATED": modify(Status="Available"),
    "DEPRECATE_SHARED": after(share(FRIENDS[0]), modify(Status="Deprecated")),
    "ACCOUNT_UNKNOWN": share("somebody"),
    "ACCOUNT_OWN": share("1234567890123456"),
    "SHARE_TOO_MANY": shared_with_many,
    "SHARE_ENCRYPTED": share(FRIENDS[0], image_id="m-sealed"),
    "SHARE_STATUS": share(FRIENDS[0], image_id="m-old"),
    "SHARE_NOT_PUBLIC": share(IsPublic=False),
}
WORLDS: dict[str, dict[str, Any]] = {"COPY_TOO_LARGE": {"image_copy_limit": 139}}
#: What is said in words that other actions have, too.
SHARED: list[tuple[str, int, Act]] = [
    ("InvalidImageId.NotFound", 404, modify("m-theirs", ImageName="mine")),
    ("InvalidImageId.NotFound", 404, modify("m-none", ImageName="mine")),
    ("InvalidImageId.NotFound", 404, share(FRIENDS[0], image_id=PUBLIC)),
    ("InvalidImageId.NotFound", 404, ask("DescribeImageSharePermission", RegionId=HERE, ImageId="m-none")),
    ("InvalidImageName.Malformed", 400, modify(ImageName="aliyun-1")),
    ("InvalidDescription.Malformed", 400, modify(Description="x")),
    ("InvalidParameter", 400, modify(Status="Waiting")),
    ("UnsupportedParameter", 400, modify(BootMode="UEFI")),
    ("UnsupportedParameter", 400, share(FRIENDS[0], IsPublic=True)),
    ("InvalidParameter.Conflict", 400, run("m-own", ImageFamily="web")),
    ("MissingParameter", 400, ask("DescribeImageFromFamily", RegionId=HERE)),
]


@pytest.mark.parametrize(("g", "name"), [(WORLDS.get(name, {}), name) for name in ROWS], indirect=["g"], ids=list(ROWS))
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], ROWS[name])


@pytest.mark.parametrize(("code", "status", "act"), SHARED)
def test_what_any_action_refuses_is_refused_of_images(g: Ground, code: str, status: int, act: Act) -> None:
    """The shared refusals hold here, too."""
    with refused(code, status):
        act(g)


def test_a_refused_change_changes_nothing(g: Ground) -> None:
    """A name that is taken leaves the description and the status alone."""
    with refused("InvalidImageName.Duplicated"):
        modify(ImageName="other", Description="changed", Status="Deprecated")(g)
    assert (g.image("m-own")["Description"], g.image("m-own")["Status"]) == ("", "Available")
    assert g.ask("DescribeImages", RegionId=HERE, ImageOwnerAlias="self", Status=ALL)["TotalCount"] == 5


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
