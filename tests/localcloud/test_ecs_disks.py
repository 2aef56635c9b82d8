"""Disks of one's own: made, attached, detached, enlarged, renewed and deleted as documented."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import disks as refusals
from tests.localcloud.ecs_world import HERE, LISTING, Ground, ground, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written

ZONE = "cn-hangzhou-h"
SYSTEM = {"kind": "system", "category": "cloud_essd", "size": 40}
EXTRA: dict[str, Any] = {
    "instances": [
        {"id": "i-other", "status": "Stopped", "disks": [SYSTEM]},
        {"id": "i-starting", "status": "Pending", "disks": [SYSTEM]},
        {"id": "i-paid", "charge_type": "PrePaid", "disks": [SYSTEM]},
        {
            "id": "i-local",
            "type": "ecs.i3.xlarge",
            "status": "Stopped",
            "disks": [SYSTEM, {"kind": "data", "category": "local_ssd_pro", "size": 447}],
        },
    ],
    "images": [
        {
            "id": "m-own",
            "name": "own",
            "disks": [{"kind": "system", "size": 40}, {"kind": "data", "device": "/dev/xvdb", "size": 100}],
        }
    ],
}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA | {"list_lag": 0}) as made:
        yield made


def disk(g: Ground, disk_id: str) -> dict[str, Any]:
    """The disk as DescribeDisks shows it; nothing when it is no more."""
    found = g.ask("DescribeDisks", RegionId=HERE, DiskIds=f'["{disk_id}"]')["Disks"]["Disk"]
    return dict(found[0]) if found else {}


def make(g: Ground, **wire: Any) -> str:
    sent: dict[str, Any] = {"RegionId": HERE, "ZoneId": ZONE, "DiskCategory": "cloud_essd", "Size": 50, **wire}
    return str(g.ask("CreateDisk", **sent)["DiskId"])


def made(g: Ground, **wire: Any) -> str:
    """A disk that is Available."""
    disk_id = make(g, **wire)
    g.until(lambda: disk(g, disk_id)["Status"] == "Available")
    return disk_id


def attach(g: Ground, disk_id: str, instance_id: str = "i-web", **wire: Any) -> None:
    g.ask("AttachDisk", InstanceId=instance_id, DiskId=disk_id, **wire)


def attached(g: Ground, disk_id: str, instance_id: str = "i-web", **wire: Any) -> dict[str, Any]:
    attach(g, disk_id, instance_id, **wire)
    g.until(lambda: disk(g, disk_id)["Status"] == "In_use")
    return disk(g, disk_id)


def detached(g: Ground, disk_id: str, instance_id: str = "i-web") -> dict[str, Any]:
    g.ask("DetachDisk", InstanceId=instance_id, DiskId=disk_id)
    g.until(lambda: disk(g, disk_id)["Status"] == "Available")
    return disk(g, disk_id)


def captured(g: Ground, device: str = "/dev/xvdb") -> str:
    """A finished snapshot of a disk of i-web's."""
    taken = str(g.ask("CreateSnapshot", DiskId=of_web(g, device))["SnapshotId"])
    g.pass_time(hours=2)
    return taken


def of_web(g: Ground, device: str = "/dev/xvdb") -> str:
    return str(g.disks("i-web")[device]["DiskId"])


def files(g: Ground, disk_id: str) -> set[str]:
    return {one.name for one in g.cloud.disks.reading(disk_id).iterdir()}


# --- making ----------------------------------------------------------------------------------------------------------


def test_a_new_disk_is_creating_then_available_and_belongs_to_nobody(g: Ground) -> None:
    """CreateDisk answers at once; the disk is listed at once, and can be used some seconds later."""
    disk_id = make(g, DiskName="spare", Description="for later", Tag=[{"Key": "a", "Value": "1"}])
    shown = disk(g, disk_id)
    assert (shown["Status"], shown["Type"], shown["Size"], shown["ZoneId"]) == ("Creating", "data", 50, ZONE)
    assert (shown["DiskName"], shown["Description"], shown["PerformanceLevel"]) == ("spare", "for later", "PL1")
    assert shown["Tags"] == {"Tag": [{"TagKey": "a", "TagValue": "1"}]}
    g.pass_time(seconds=10)
    shown = disk(g, disk_id)
    assert (shown["Status"], shown["InstanceId"], shown["Device"]) == ("Available", "", "")
    assert shown["Portable"] and not shown["DeleteWithInstance"] and not shown["Encrypted"]
    assert files(g, disk_id) == set()


def test_a_disk_made_of_a_snapshot_holds_its_content_and_is_no_smaller(g: Ground) -> None:
    """The content is the snapshot's; a Size below the snapshot's becomes the snapshot's."""
    taken = captured(g)
    small, large = made(g, SnapshotId=taken, Size=20), made(g, SnapshotId=taken, Size=300)
    assert (disk(g, small)["Size"], disk(g, large)["Size"]) == (100, 300)
    assert disk(g, small)["SourceSnapshotId"] == taken
    assert files(g, small) == files(g, large) == {"orders"}


def test_the_same_token_makes_one_disk(g: Ground) -> None:
    """A repeated CreateDisk with its token makes nothing new; with another question it is refused."""
    assert make(g, ClientToken="t") == make(g, ClientToken="t")
    with refused("IdempotentParameterMismatch", 400):
        make(g, ClientToken="t", Size=51)


def test_a_disk_for_a_subscription_instance_comes_attached(g: Ground) -> None:
    """With InstanceId the disk is the instance's, and is paid as the instance is."""
    disk_id = make(g, ZoneId="", InstanceId="i-paid")
    g.until(lambda: disk(g, disk_id)["Status"] == "In_use")
    shown = disk(g, disk_id)
    assert (shown["InstanceId"], shown["Device"], shown["DiskChargeType"]) == ("i-paid", "/dev/xvdb", "PrePaid")


def test_an_autopl_disk_may_burst_and_have_iops_of_its_own(g: Ground) -> None:
    """ProvisionedIops and BurstingEnabled are kept and shown."""
    shown = disk(g, make(g, DiskCategory="cloud_auto", Size=100, BurstingEnabled=True, ProvisionedIops=5000))
    assert (shown["BurstingEnabled"], shown["ProvisionedIops"]) == (True, 5000)


# --- coming and going ------------------------------------------------------------------------------------------------


def test_a_disk_is_attached_used_and_detached_with_what_is_on_it(g: Ground) -> None:
    """Attaching, In_use, Detaching, Available: each takes its time, and the content stays on the disk."""
    disk_id = made(g)
    attach(g, disk_id)
    shown = disk(g, disk_id)
    assert (shown["Status"], shown["InstanceId"], shown["Device"]) == ("Attaching", "i-web", "/dev/xvdc")
    g.pass_time(seconds=10)
    shown = disk(g, disk_id)
    assert (shown["Status"], shown["DeleteWithInstance"]) == ("In_use", False)
    assert shown["AttachedTime"] > shown["CreationTime"]
    (g.cloud.disks.writing(disk_id) / "note").write_text("kept\n")
    g.ask("DetachDisk", InstanceId="i-web", DiskId=disk_id)
    g.pass_time(seconds=29)
    assert disk(g, disk_id)["Status"] == "Detaching"
    g.pass_time(seconds=41)
    shown = disk(g, disk_id)
    assert (shown["Status"], shown["InstanceId"], shown["Device"]) == ("Available", "", "")
    assert shown["DetachedTime"]
    assert attached(g, disk_id, "i-other", Device="/dev/xvdz")["Device"] == "/dev/xvdz"
    assert files(g, disk_id) == {"note"}


def test_a_data_disk_of_the_world_can_move_to_another_instance(g: Ground) -> None:
    """Any data disk may be detached; the other instance has it then, with its files."""
    disk_id = of_web(g)
    detached(g, disk_id)
    assert set(g.disks("i-web")) == {"/dev/xvda"}
    attached(g, disk_id, "i-other")
    assert files(g, g.disks("i-other")["/dev/xvdb"]["DiskId"]) == {"orders"}


def test_a_disk_stays_or_goes_with_its_instance_as_it_was_attached(g: Ground) -> None:
    """DeleteWithInstance decides what a release leaves behind."""
    stays, goes = made(g), made(g)
    attached(g, stays, "i-other")
    attached(g, goes, "i-other", DeleteWithInstance=True)
    g.ask("DeleteInstance", InstanceId="i-other")
    g.pass_time(seconds=11)
    assert (disk(g, stays)["Status"], disk(g, stays)["InstanceId"]) == ("Available", "")
    assert disk(g, goes) == {}


def test_a_release_while_disks_are_being_attached_leaves_them_available(g: Ground) -> None:
    """What was planned for a disk does not happen when its instance is gone."""
    disks = [made(g) for _ in range(8)]
    g.ask("DeleteInstance", InstanceId="i-other")
    with refused("IncorrectInstanceStatus", 400):
        attach(g, disks[0], "i-other")
    for one in disks:
        attach(g, one, "i-web")
    g.ask("DeleteInstance", InstanceId="i-web", Force=True)
    g.pass_time(minutes=1)
    assert {disk(g, one)["Status"] for one in disks} == {"Available"}


def seen(g: Ground) -> str:
    """The disks that the guest of i-web mounts."""
    sent: dict[str, Any] = {
        "RegionId": HERE,
        "Type": "RunShellScript",
        "CommandContent": LISTING,
        "InstanceId": ["i-web"],
    }
    run = g.ask("RunCommand", **sent)["InvokeId"]

    def results() -> dict[str, Any]:
        found = g.ask("DescribeInvocationResults", RegionId=HERE, InvokeId=run, ContentEncoding="PlainText")
        return dict(found["Invocation"]["InvocationResults"]["InvocationResult"][0])

    g.until(lambda: results()["InvocationStatus"] == "Success")
    return str(results()["Output"])


def test_a_guest_sees_a_disk_while_it_is_in_use(g: Ground) -> None:
    """Neither one that comes nor one that goes is mounted."""
    disk_id = made(g, SnapshotId=captured(g))
    assert seen(g).split() == ["xvda", "xvdb"]
    attached(g, disk_id)
    assert seen(g).split() == ["xvda", "xvdb", "xvdc"]
    g.ask("DetachDisk", InstanceId="i-web", DiskId=disk_id)
    assert seen(g).split() == ["xvda", "xvdb"]


def test_an_instance_needs_a_start_after_a_disk_came_while_it_was_stopped(g: Ground) -> None:
    """CreateImage of a stopped instance with a new disk is refused until it has been started once."""
    attached(g, made(g), "i-other")
    with refused("IncorrectInstanceStatus.NeedRestart", 403):
        g.create_image(InstanceId="i-other")
    g.ask("StartInstance", InstanceId="i-other")
    g.until(lambda: g.instance("i-other")["Status"] == "Running")
    image = g.image_ready(g.create_image(InstanceId="i-other"))
    assert len(image["DiskDeviceMappings"]["DiskDeviceMapping"]) == 2


def test_no_image_is_made_while_a_disk_comes_or_goes(g: Ground) -> None:
    """A disk in Attaching can't be imaged."""
    attach(g, made(g))
    with refused("IncorrectDiskStatus", 403):
        g.create_image()


def test_a_detached_disk_can_be_captured_but_not_one_that_was_never_attached(g: Ground) -> None:
    """CreateSnapshot needs a disk that was at an instance once, and is neither coming nor going."""
    disk_id = made(g)
    with refused("IncorrectDiskStatus.NeverAttached", 403):
        g.ask("CreateSnapshot", DiskId=disk_id)
    attach(g, disk_id)
    with refused("IncorrectDiskStatus", 403):
        g.ask("CreateSnapshot", DiskId=disk_id)
    g.pass_time(seconds=10)
    detached(g, disk_id)
    assert g.ask("CreateSnapshot", DiskId=disk_id)["SnapshotId"]


# --- deleting --------------------------------------------------------------------------------------------------------


def test_a_deleted_disk_leaves_its_snapshots(g: Ground) -> None:
    """DeleteDisk removes the disk alone."""
    taken = captured(g)
    disk_id = of_web(g)
    detached(g, disk_id)
    g.ask("DeleteDisk", DiskId=disk_id)
    assert disk(g, disk_id) == {}
    assert g.ask("DescribeSnapshots", RegionId=HERE, SnapshotIds=f'["{taken}"]')["TotalCount"] == 1
    assert files(g, made(g, SnapshotId=taken)) == {"orders"}


# --- changing --------------------------------------------------------------------------------------------------------


def test_attributes_change_alone_and_for_several_disks(g: Ground) -> None:
    """What is not given stays; DiskIds changes several."""
    one, two = made(g, DiskName="one"), made(g, DiskName="two")
    g.ask("ModifyDiskAttribute", RegionId=HERE, DiskId=one, DiskName="first", Description="my first")
    g.ask(
        "ModifyDiskAttribute",
        RegionId=HERE,
        DiskIds=[one, two],
        DeleteWithInstance=True,
        DeleteAutoSnapshot=False,
        EnableAutoSnapshot=False,
    )
    shown = [disk(g, disk_id) for disk_id in (one, two)]
    assert [(each["DiskName"], each["Description"]) for each in shown] == [("first", "my first"), ("two", "")]
    for each in shown:
        assert each["DeleteWithInstance"]
        assert not each["DeleteAutoSnapshot"] and not each["EnableAutoSnapshot"]


def test_a_disk_grows_offline_and_online(g: Ground) -> None:
    """ResizeDisk takes more GiB, of a system disk too, and leaves the content."""
    g.ask("ResizeDisk", DiskId=of_web(g), NewSize=150, Type="online")
    g.ask("ResizeDisk", DiskId=of_web(g, "/dev/xvda"), NewSize=60)
    g.ask("ResizeDisk", DiskId=(spare := made(g)), NewSize=70)
    assert {device: one["Size"] for device, one in g.disks("i-web").items()} == {"/dev/xvda": 60, "/dev/xvdb": 150}
    assert disk(g, spare)["Size"] == 70
    assert files(g, of_web(g)) == {"orders"}


def stop(g: Ground, instance_id: str = "i-web") -> None:
    g.ask("StopInstance", InstanceId=instance_id)
    g.until(lambda: g.instance(instance_id)["Status"] == "Stopped")


def test_a_disk_is_made_as_it_was_at_first(g: Ground) -> None:
    """ReInitDisk restores the snapshot that the disk was made of, or leaves it empty, and can start the instance."""
    disk_id = made(g, SnapshotId=captured(g))
    attached(g, disk_id)
    (g.cloud.disks.writing(disk_id) / "late").write_text("too late\n")
    stop(g)
    g.ask("ReInitDisk", DiskId=disk_id)
    assert disk(g, disk_id)["Status"] == "ReIniting"
    g.until(lambda: disk(g, disk_id)["Status"] == "In_use")
    assert files(g, disk_id) == {"orders"}
    g.ask("ReInitDisk", DiskId=of_web(g), AutoStartInstance=True)
    g.until(lambda: g.instance("i-web")["Status"] == "Running")
    assert files(g, of_web(g)) == set()


def test_a_system_disk_becomes_its_image_again_and_boots_for_the_first_time(g: Ground) -> None:
    """ReInitDisk of a system disk restores the image; the next start is a first boot, with the key pair given."""
    image_id = g.create_image()
    g.image_ready(image_id)
    replica = g.running(image_id, HostName="second")
    system = g.disks(replica)["/dev/xvda"]["DiskId"]
    (g.cloud.disks.writing(system) / "etc" / "motd").write_text("changed\n")
    (g.cloud.disks.writing(system) / "etc" / "hostname").write_text("changed\n")
    stop(g, replica)
    g.ask("CreateKeyPair", RegionId=HERE, KeyPairName="mine")
    g.ask("ReInitDisk", DiskId=system, KeyPairName="mine", AutoStartInstance=True)
    g.until(lambda: g.instance(replica)["Status"] == "Running")
    root = g.cloud.disks.reading(system)
    assert (root / "etc" / "motd").read_text() == "welcome\n"
    assert (root / "etc" / "hostname").read_text() == "second\n"
    assert g.instance(replica)["KeyPairName"] == "mine"


# --- refusals --------------------------------------------------------------------------------------------------------


def create(**wire: Any) -> Act:
    return lambda g: make(g, **wire)


def attaching(instance_id: str = "i-web", of: dict[str, Any] | None = None, **wire: Any) -> Act:
    return lambda g: attach(g, made(g, **(of or {})), instance_id, **wire)


def many(g: Ground) -> None:
    """i-other gets seventeen."""
    for _ in range(17):
        attach(g, made(g), "i-other")


def detach(instance_id: str = "i-web", device: str = "/dev/xvdb", of: str = "i-web") -> Act:
    return lambda g: g.ask("DetachDisk", InstanceId=instance_id, DiskId=g.disks(of)[device]["DiskId"])


def delete(device: str, of: str = "i-web") -> Act:
    return lambda g: g.ask("DeleteDisk", DiskId=g.disks(of)[device]["DiskId"])


def captured_while_detached(g: Ground) -> None:
    disk_id = of_web(g)
    detached(g, disk_id)
    g.ask("CreateSnapshot", DiskId=disk_id)
    g.ask("DeleteDisk", DiskId=disk_id)


def modify(device: str = "/dev/xvdb", of: str = "i-web", **wire: Any) -> Act:
    return lambda g: g.ask("ModifyDiskAttribute", RegionId=HERE, DiskId=g.disks(of)[device]["DiskId"], **wire)


def resize(size: int, device: str = "/dev/xvdb", of: str = "i-web", **wire: Any) -> Act:
    return lambda g: g.ask("ResizeDisk", DiskId=g.disks(of)[device]["DiskId"], NewSize=size, **wire)


def renew(device: str = "/dev/xvda", of: str = "i-other", **wire: Any) -> Act:
    return lambda g: g.ask("ReInitDisk", DiskId=g.disks(of)[device]["DiskId"], **wire)


def renewed_without_image(g: Ground) -> None:
    replica = g.running("m-own")
    stop(g, replica)
    g.ask("DeleteImage", RegionId=HERE, ImageId="m-own", Force=True)
    renew(of=replica)(g)


def renewed_without_snapshot(g: Ground) -> None:
    taken = captured(g)
    attached(g, disk_id := made(g, SnapshotId=taken), "i-other")
    g.ask("DeleteSnapshot", SnapshotId=taken, Force=True)
    g.ask("ReInitDisk", DiskId=disk_id)


ROWS: dict[str, Act] = {
    "NOT_FOUND": ask("AttachDisk", InstanceId="i-web", DiskId="d-none"),
    "NAME": create(DiskName="1"),
    "BURSTING": create(BurstingEnabled=True),
    "BURSTING_SIZE": create(DiskCategory="cloud_auto", Size=3, BurstingEnabled=True),
    "STATUS": delete("/dev/xvdb"),
    "BEING_CAPTURED": captured_while_detached,
    "NOT_PORTABLE": delete("/dev/xvdb", "i-local"),
    "IS_SYSTEM": delete("/dev/xvda"),
    "INSTANCE_STATUS": after(ask("StopInstance", InstanceId="i-web"), detach()),
    "SIZE_MISSING": create(Size=""),
    "SIZE": create(Size=65537),
    "CATEGORY": create(DiskCategory="floppy"),
    "CATEGORY_NOT_SOLD": create(DiskCategory="cloud_regional_disk_auto"),
    "LEVEL": create(PerformanceLevel="PL9"),
    "LEVEL_SIZE": create(PerformanceLevel="PL2"),
    "ZONE_MISSING": create(ZoneId=""),
    "ZONE": create(ZoneId="cn-hangzhou-z"),
    "ZONE_AND_INSTANCE": create(InstanceId="i-paid"),
    "INSTANCE_CHARGE_TYPE": create(ZoneId="", InstanceId="i-web"),
    "IOPS": create(ProvisionedIops=1),
    "IOPS_BEYOND": create(DiskCategory="cloud_auto", ProvisionedIops=50001),
    "MULTI_ATTACH": create(MultiAttach="Perhaps"),
    "NOT_AVAILABLE": lambda g: attach(g, make(g)),
    "OTHER_ZONE": attaching(of={"ZoneId": "cn-hangzhou-i"}),
    "ATTACH_INSTANCE_STATUS": attaching("i-starting"),
    "CATEGORY_OF_TYPE": attaching(of={"DiskCategory": "cloud_ssd"}),
    "TOO_MANY": many,
    "DEVICE": attaching(Device="/dev/xvda"),
    "DEVICE_IN_USE": attaching(Device="/dev/xvdb"),
    "OF_ANOTHER_INSTANCE": detach("i-other"),
    "ALREADY_DETACHED": lambda g: g.ask("DetachDisk", InstanceId="i-web", DiskId=made(g)),
    "DETACHING": after(detach(), detach()),
    "NONE_NAMED": ask("ModifyDiskAttribute", RegionId=HERE, DiskName="none"),
    "NAMED_TWICE": modify(DiskIds=["d-1"], DiskName="twice"),
    "NOTHING_TO_MODIFY": modify(),
    "MODIFY_DESCRIPTION": modify(Description="x"),
    "RESIZE_TYPE": resize(200, Type="magic"),
    "RESIZE_CATEGORY": resize(1000, of="i-local"),
    "SMALLER": resize(99),
    "NOT_LARGER": resize(100),
    "TOO_LARGE": resize(2049, "/dev/xvda"),
    "ONLINE_CATEGORY": lambda g: g.ask("ResizeDisk", DiskId=made(g, DiskCategory="cloud"), NewSize=60, Type="online"),
    "ONLINE_NOT_RUNNING": resize(60, "/dev/xvda", "i-other", Type="online"),
    "ONLINE_STATUS": lambda g: g.ask("ResizeDisk", DiskId=made(g), NewSize=60, Type="online"),
    "REINIT_LOCAL": renew("/dev/xvdb", "i-local"),
    "REINIT_IMAGE_GONE": renewed_without_image,
    "REINIT_SNAPSHOT_GONE": renewed_without_snapshot,
    "REINIT_KEY_PAIR": renew(KeyPairName="none"),
}
#: More ways to the same refusals, each with a rule of its own behind it.
MORE: list[tuple[str, Act]] = [
    ("NOT_PORTABLE", detach("i-local", of="i-local")),
    ("NOT_PORTABLE", modify(of="i-local", DeleteWithInstance=False)),
    ("STATUS", lambda g: g.ask("ResizeDisk", DiskId=make(g), NewSize=60)),
    ("STATUS", lambda g: g.ask("ReInitDisk", DiskId=made(g))),
    ("INSTANCE_STATUS", renew(of="i-web")),
    ("INSTANCE_STATUS", after(ask("StopInstance", InstanceId="i-web"), resize(200))),
    ("BEING_CAPTURED", lambda g: after(lambda _: g.ask("CreateSnapshot", DiskId=of_web(g)), resize(200))(g)),
    ("BURSTING", modify(BurstingEnabled=True)),
    ("NAME", modify(DiskName="1")),
    ("TOO_MANY", lambda g: [make(g, ZoneId="", InstanceId="i-paid") for _ in range(17)]),
]
#: What CreateDisk says in words that other actions have, too.
SHARED: list[tuple[str, int, Act]] = [
    ("InvalidSnapshotId.NotFound", 404, create(SnapshotId="s-none")),
    (
        "InvalidSnapshotId.NotReady",
        403,
        lambda g: make(g, SnapshotId=g.ask("CreateSnapshot", DiskId=of_web(g))["SnapshotId"]),
    ),
    ("InvalidSnapshotId.NotDataDiskSnapshot", 403, lambda g: make(g, SnapshotId=captured(g, "/dev/xvda"))),
    ("InvalidParameter.EncryptedIllegal", 400, create(KMSKeyId="key-1")),
    ("InvalidDescription.Malformed", 400, create(Description="x")),
    ("InvalidInstanceId.NotFound", 404, create(ZoneId="", InstanceId="i-none")),
    ("InvalidParameter", 400, create(Size="much")),
    ("UnsupportedParameter", 400, create(MultiAttach="Enabled")),
    ("UnsupportedParameter", 400, create(StorageSetId="ss-1")),
    ("UnsupportedParameter", 400, attaching(Bootable=True)),
    ("UnsupportedParameter", 400, detach(device="/dev/xvda")),
    ("MissingParameter", 400, ask("ResizeDisk", DiskId="d-1")),
]


@pytest.mark.parametrize(("name", "act"), [*ROWS.items(), *MORE])
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


@pytest.mark.parametrize(("code", "status", "act"), SHARED)
def test_what_any_action_refuses_is_refused_of_disks(g: Ground, code: str, status: int, act: Act) -> None:
    """The shared refusals hold here, too."""
    with refused(code, status):
        act(g)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
