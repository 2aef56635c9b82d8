"""Images and snapshots: they take time, can be copied, fail, stall and be deleted as documented."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from localcloud.faults import Fault
from tests.localcloud.ecs_world import ALL, HERE, PUBLIC, THERE, Ground, ground, refused

TWO_DISKS = {"disks": [{"kind": "system", "size": 40}, {"kind": "data", "device": "/dev/xvdb", "size": 100}]}
MANY = {"images": [{"id": f"m-{n}", "name": f"golden-{n}", **TWO_DISKS} for n in range(7)]}
MONTH_OF_IMAGES = {"images": [{"id": f"m-{n:03}", "name": f"n{n:03}"} for n in range(60)]}


@pytest.fixture
def g(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ground]:
    faults, extra = getattr(request, "param", ((), {}))
    with ground(tmp_path, *faults, extra=extra) as made:
        yield made


def mappings(image: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {disk["Device"]: disk for disk in image["DiskDeviceMappings"]["DiskDeviceMapping"]}


def snapshot(g: Ground, snapshot_id: str, region: str = HERE) -> dict[str, Any]:
    found = g.ask("DescribeSnapshots", region, RegionId=region, SnapshotIds=f'["{snapshot_id}"]')
    return dict(found["Snapshots"]["Snapshot"][0]) if found["Snapshots"]["Snapshot"] else {}


def test_an_image_becomes_available_with_a_snapshot_of_every_disk(g: Ground) -> None:
    """CreateImage answers at once; the image is Creating, then Available, and each disk has its snapshot."""
    image_id = g.create_image(Tag=[{"Key": "by", "Value": "us"}])
    g.pass_time(seconds=31)
    assert g.image(image_id)["Status"] == "Creating"
    image = g.image_ready(image_id)
    assert (image["Progress"], image["IsCopied"], image["Size"]) == ("100%", False, 40)
    assert {device: disk["Size"] for device, disk in mappings(image).items()} == {"/dev/xvda": "40", "/dev/xvdb": "100"}
    for disk in mappings(image).values():
        taken = snapshot(g, disk["SnapshotId"])
        assert (taken["Status"], taken["Progress"], taken["Usage"]) == ("accomplished", "100%", "image")
        assert taken["Tags"] == {"Tag": []}  # the image's tags are not its snapshots'


def test_an_image_in_the_making_is_hidden_unless_its_status_is_asked_for(g: Ground) -> None:
    """DescribeImages shows Available images only, when no Status is given."""
    image_id = g.create_image()
    g.pass_time(seconds=31)
    assert g.ask("DescribeImages", RegionId=HERE, ImageId=image_id)["Images"]["Image"] == []
    assert g.ask("DescribeImages", RegionId=HERE, ImageId=image_id, Status="ALL")["TotalCount"] == 1


@pytest.mark.parametrize("seed", range(5))
def test_forty_gib_take_three_to_eight_minutes_and_tens_of_minutes_to_copy(tmp_path: Path, seed: int) -> None:
    """Durations are the model's, by seed and size."""
    one = {"instances": [{"id": "i-1", "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}]}]}
    with ground(tmp_path, seed=seed, extra=one) as g:
        begun = g.cloud.clock.now
        image_id = g.create_image(InstanceId="i-1")
        g.image_ready(image_id)
        assert timedelta(minutes=3) <= g.cloud.clock.now - begun <= timedelta(minutes=8, seconds=1)
        begun = g.cloud.clock.now
        g.image_ready(g.copy_image(image_id), THERE)
        assert timedelta(minutes=10) <= g.cloud.clock.now - begun <= timedelta(minutes=40)


def test_progress_grows_in_whole_percent_and_ends_at_a_hundred(g: Ground) -> None:
    """Progress never falls, and 100% means Available."""
    image_id = g.create_image()
    seen: list[int] = []
    while not seen or seen[-1] < 100:
        g.pass_time(seconds=20)
        image = g.image(image_id)
        if image:
            seen.append(int(image["Progress"].removesuffix("%")))
            assert (seen[-1] == 100) == (image["Status"] == "Available")
    assert seen == sorted(seen)
    assert len(set(seen)) > 20


def test_an_image_holds_the_disks_content_of_the_moment_of_the_call(g: Ground) -> None:
    """What is written after CreateImage is not in the image."""
    source = g.disks("i-web")["/dev/xvdb"]["DiskId"]
    image_id = g.create_image()
    (g.cloud.disks.path(source) / "late").write_text("too late\n")
    g.image_ready(image_id)
    replica = g.running(image_id)
    files = g.cloud.disks.path(g.disks(replica)["/dev/xvdb"]["DiskId"])
    assert {one.name for one in files.iterdir()} == {"orders"}
    assert (files / "orders").read_text() == "42\n"


def test_a_new_id_is_hidden_from_lists_for_up_to_half_a_minute(tmp_path: Path) -> None:
    """Not being listed means nothing: an id that was just given may not be in the lists yet."""
    waits = []
    for seed in range(12):
        with ground(tmp_path / str(seed), seed=seed) as g:
            image_id, begun = g.create_image(), g.cloud.clock.now
            g.until(partial(g.image, image_id))
            waits.append((g.cloud.clock.now - begun).total_seconds())
    assert max(waits) <= 31
    assert len(set(waits)) > 6


@pytest.mark.parametrize("g", [((Fault(kind="fail_image", resource="i-web", count=1),), {})], indirect=True)
def test_an_image_that_fails_ends_in_create_failed(g: Ground) -> None:
    """A failed image says so, keeps its progress, and its name stays taken."""
    image_id = g.create_image()
    g.until(lambda: g.image(image_id).get("Status") == "CreateFailed")
    assert 0 < int(g.image(image_id)["Progress"].removesuffix("%")) < 100
    with refused("InvalidImageName.Duplicated"):
        g.create_image()
    g.ask("DeleteImage", RegionId=HERE, ImageId=image_id)
    assert g.image_ready(g.create_image())["Status"] == "Available"


def test_stopping_an_instance_loses_the_image_that_is_made_of_it(g: Ground) -> None:
    """Do not start, stop or restart an instance while it is imaged."""
    image_id = g.create_image()
    g.ask("StopInstance", InstanceId="i-web")
    g.pass_time(seconds=31)
    assert g.image(image_id)["Status"] == "CreateFailed"


def test_a_copy_is_an_image_of_its_own_in_the_other_region(g: Ground) -> None:
    """The copy has its own id, snapshots and tags, tells its progress per disk, and outlives its source."""
    source_id = g.create_image(Tag=[{"Key": "of", "Value": "source"}])
    source = g.image_ready(source_id)
    copy_id = g.copy_image(source_id, Tag=[{"Key": "of", "Value": "copy"}])
    g.pass_time(minutes=5)
    under_way = g.image(copy_id, THERE)
    assert (under_way["Status"], under_way["IsCopied"]) == ("Creating", True)
    assert all(disk["RemainTime"] > 0 and disk["Progress"] != "100%" for disk in mappings(under_way).values())
    copy = g.image_ready(copy_id, THERE)
    assert copy["Tags"] == {"Tag": [{"TagKey": "of", "TagValue": "copy"}]}
    for device, disk in mappings(copy).items():
        taken = snapshot(g, disk["SnapshotId"], THERE)
        assert (taken["SnapshotType"], taken["Status"]) == ("copied", "accomplished")
        assert taken["SourceSnapshotId"] == mappings(source)[device]["SnapshotId"]
        assert taken["SourceRegionId"] == HERE
    g.ask("DeleteImage", RegionId=HERE, ImageId=source_id)
    g.pass_time(seconds=21)
    for disk in mappings(source).values():
        g.ask("DeleteSnapshot", SnapshotId=disk["SnapshotId"])
    replica = g.running(copy_id, THERE)
    files = g.cloud.disks.path(g.disks(replica, THERE)["/dev/xvdb"]["DiskId"])
    assert (files / "orders").read_text() == "42\n"


@pytest.mark.parametrize("g", [((), MANY)], indirect=True)
def test_a_region_runs_five_copies_and_queues_the_rest(g: Ground) -> None:
    """The sixth copy waits until a lane is free, and has no snapshots until then."""
    copies = [g.copy_image(f"m-{number}", f"copy-{number}") for number in range(7)]
    g.pass_time(seconds=55)
    states = [g.image(one, THERE)["Status"] for one in copies]
    assert states == ["Creating"] * 5 + ["Waiting"] * 2
    assert mappings(g.image(copies[5], THERE)) == {}
    assert g.image(copies[5], THERE)["Progress"] == "0%"
    g.ask("CancelCopyImage", THERE, RegionId=THERE, ImageId=copies[0])
    assert g.image(copies[5], THERE)["Status"] == "Creating"
    g.until(lambda: all(g.states(one)[-1] == "Available" for one in copies[1:]))


@pytest.mark.parametrize("g", [((Fault(kind="stall_copy", region=THERE, count=1),), MANY)], indirect=True)
def test_a_stalled_copy_stands_still_until_it_is_cancelled(g: Ground) -> None:
    """A stalled copy keeps its progress, its status and its lane for ever."""
    copy_id = g.copy_image("m-0")
    g.pass_time(hours=3)
    before = g.image(copy_id, THERE)
    g.pass_time(hours=24)
    assert g.image(copy_id, THERE) == before
    assert before["Status"] == "Creating"
    taken = [disk["SnapshotId"] for disk in mappings(before).values()]
    g.ask("CancelCopyImage", THERE, RegionId=THERE, ImageId=copy_id)
    assert g.image(copy_id, THERE) == {}
    assert [snapshot(g, one, THERE) for one in taken] == [{}, {}]
    assert g.image_ready(g.copy_image("m-0"), THERE)["Status"] == "Available"


def test_a_deleted_image_leaves_its_snapshots_whose_link_clears_with_a_delay(g: Ground) -> None:
    """DeleteImage keeps the snapshots; DeleteSnapshot may be refused for some seconds more."""
    image_id = g.create_image()
    taken = [disk["SnapshotId"] for disk in mappings(g.image_ready(image_id)).values()]
    g.ask("DeleteImage", RegionId=HERE, ImageId=image_id)
    with refused("SnapshotCreatedImage", 403):
        g.ask("DeleteSnapshot", SnapshotId=taken[0], Force=True)
    g.pass_time(seconds=21)
    for one in taken:
        g.ask("DeleteSnapshot", SnapshotId=one)
    assert g.ask("DescribeSnapshots", RegionId=HERE)["TotalCount"] == 0


def test_a_snapshot_that_made_a_disk_is_deleted_with_force_only(g: Ground) -> None:
    """Force deletes what a disk was made from; the disk stays as it is."""
    image_id = g.create_image()
    taken = mappings(g.image_ready(image_id))["/dev/xvdb"]["SnapshotId"]
    replica = g.running(image_id)
    g.ask("DeleteImage", RegionId=HERE, ImageId=image_id, Force=True)
    g.pass_time(seconds=21)
    with refused("SnapshotCreatedDisk", 403):
        g.ask("DeleteSnapshot", SnapshotId=taken)
    g.ask("DeleteSnapshot", SnapshotId=taken, Force=True)
    files = g.cloud.disks.path(g.disks(replica)["/dev/xvdb"]["DiskId"])
    assert (files / "orders").exists()


def test_a_snapshot_in_progress_can_be_deleted(g: Ground) -> None:
    """Deleting a snapshot in progress cancels it."""
    taken = g.ask("CreateSnapshot", DiskId=g.disks("i-web")["/dev/xvda"]["DiskId"], SnapshotName="before")["SnapshotId"]
    g.until(lambda: snapshot(g, taken))
    assert snapshot(g, taken)["Status"] == "progressing"
    g.ask("DeleteSnapshot", SnapshotId=taken)
    g.pass_time(hours=1)
    assert g.states(taken) == ["progressing", "Deleted"]


def test_an_image_can_be_made_of_snapshots(g: Ground) -> None:
    """DiskDeviceMapping puts an image together from snapshots, with sizes that may be larger."""
    source = g.disks("i-web")
    system, data = (g.ask("CreateSnapshot", DiskId=source[one]["DiskId"])["SnapshotId"] for one in sorted(source))
    g.pass_time(hours=2)
    with refused("UnsupportedParameter", 400, 'The embedded cloud does not do "DiskDeviceMapping.N.DiskType".'):
        g.ask("CreateImage", RegionId=HERE, DiskDeviceMapping=[{"SnapshotId": system, "DiskType": "data"}])
    disks = [{"SnapshotId": system, "DiskType": "system"}, {"SnapshotId": data, "Size": 200}]
    image_id = g.ask("CreateImage", RegionId=HERE, ImageName="joined", DiskDeviceMapping=disks)["ImageId"]
    image = g.image_ready(image_id)
    assert {one: disk["Size"] for one, disk in mappings(image).items()} == {"/dev/xvda": "40", "/dev/xvdb": "200"}


def test_the_same_token_is_the_same_image(g: Ground) -> None:
    """A repeated CreateImage or CopyImage with its token makes nothing new."""
    first = g.create_image(ClientToken="t-1")
    g.pass_time(minutes=9)
    assert g.create_image(ClientToken="t-1") == first
    g.image_ready(first)
    copies = {g.copy_image(first, ClientToken="t-2") for _ in range(2)}
    assert len(copies) == 1


def test_a_token_lives_ten_minutes_to_a_day(g: Ground) -> None:
    """Once a token is forgotten the same call is a new one, and runs into the name."""
    g.create_image(ClientToken="t")
    g.pass_time(hours=24, seconds=1)
    with refused("InvalidImageName.Duplicated"):
        g.create_image(ClientToken="t")


def test_a_dry_run_makes_nothing(g: Ground) -> None:
    """DryRun answers DryRunOperation, and nothing comes of it."""
    with refused("DryRunOperation", 400):
        g.create_image(DryRun=True, ClientToken="t")
    with refused("DryRunOperation", 400):
        g.ask("DescribeImages", RegionId=HERE, DryRun=True)
    assert g.create_image(ClientToken="t") in [one.resource for one in g.cloud.happenings]


@pytest.mark.parametrize("g", [((), MANY)], indirect=True)
def test_images_are_found_by_name_owner_tag_snapshot_and_id(g: Ground) -> None:
    """DescribeImages narrows by everything that Ferry asks for."""

    def names(**wire: Any) -> list[str]:
        found = g.ask("DescribeImages", RegionId=HERE, Status=ALL, **wire)
        return [image["ImageName"] for image in found["Images"]["Image"]]

    assert names(ImageName="golden-3") == ["golden-3"]
    assert len(names(ImageName="golden-*")) == 7
    assert names(ImageName="golden-?") == []
    assert len(names(ImageOwnerAlias="self")) == 7
    assert names(ImageId="m-1,m-2,m-none") == ["golden-1", "golden-2"]
    assert PUBLIC in names(ImageOwnerAlias="system")
    g.ask("TagResources", RegionId=HERE, ResourceType="image", ResourceId=["m-1"], Tag=[{"Key": "a", "Value": "1"}])
    assert names(Tag=[{"Key": "a"}]) == names(Tag=[{"Key": "a", "Value": "1"}]) == ["golden-1"]
    assert names(Tag=[{"Key": "a", "Value": "2"}]) == []
    taken = mappings(g.image("m-4"))["/dev/xvdb"]["SnapshotId"]
    assert names(SnapshotId=taken) == ["golden-4"]


@pytest.mark.parametrize("g", [((), MONTH_OF_IMAGES)], indirect=True)
def test_a_page_of_many_may_lack_an_item_but_a_single_page_never_does(g: Ground) -> None:
    """Pages shift, rarely; a list that fits on one page is whole."""

    def read(size: int) -> int:
        pages = [
            g.ask("DescribeImages", RegionId=HERE, ImageOwnerAlias="self", PageSize=size, PageNumber=number)
            for number in range(1, -(-60 // size) + 1)
        ]
        assert {page["TotalCount"] for page in pages} == {60}
        return sum(len(page["Images"]["Image"]) for page in pages)

    assert {read(100) for _ in range(30)} == {60}
    counts = [read(20) for _ in range(60)]
    assert min(counts) < 60
    assert counts.count(60) > 40


def test_the_end_of_an_image_and_of_a_snapshot_is_an_event(g: Ground) -> None:
    """The default bus gets image states with imageId and currentState, and a snapshot's end."""
    take = g.events(HERE)
    image_id = g.create_image()
    g.image_ready(image_id)
    g.pass_time(seconds=5)
    sent = take()
    states = [one for one in sent if one["type"] == "ecs:Image:StateChange"]
    assert {one["data"]["currentState"] for one in states} == {"Creating", "Available"}
    assert {one["data"]["imageId"] for one in states} == {image_id}
    assert {one["subject"] for one in states} == {f"acs:ecs:cn-hangzhou:1234567890123456:image/{image_id}"}
    ends = [one["data"] for one in sent if one["type"] == "ecs:Snapshot:CreateSnapshotCompleted"]
    assert [(one["result"], one["snapshotType"]) for one in ends] == [("accomplished", "user")] * 2
    assert g.states(image_id) == ["Creating", "Available"]
