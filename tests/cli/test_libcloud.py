"""Apache Libcloud's driver for ECS, on a served cloud: XML, signature of version 1, all through its public methods."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.cloud import CloudProcess, serving

#: The driver looks for an image as soon as it has asked for it, and only for one that is Available already.
WORLD = """
haste: 100
regions:
  cn-hangzhou:
    vpcs: [{id: vpc-a, cidr: 10.0.0.0/16}]
    vswitches: [{id: vsw-a, vpc: vpc-a, zone: cn-hangzhou-h, cidr: 10.0.1.0/24}]
    security_groups: [{id: sg-a, vpc: vpc-a}, {id: sg-b, vpc: vpc-a}]
"""
#: Virtual seconds a second: the driver itself looks every three seconds at what it waits for.
SPEED = 86_400


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "world.yaml").write_text(WORLD)
    with serving("--world", folder / "world.yaml", "--speed", SPEED, temporary=folder / "tmp") as served:
        yield served


def driver(cloud: CloudProcess, region: str = "cn-hangzhou", secret: str = "test") -> Any:
    """Libcloud's driver with its endpoint here."""
    from libcloud.compute.drivers.ecs import ECSDriver

    make: Any = ECSDriver
    return make("test", secret, region=region, host="127.0.0.1", port=cloud.port, secure=False)


@pytest.fixture(scope="module")
def here(cloud: CloudProcess) -> Any:
    return driver(cloud)


@pytest.fixture(scope="module")
def node(here: Any) -> Any:
    """A node that the driver made, and saw running."""
    size = next(one for one in here.list_sizes() if one.id == "ecs.g7.large")
    image = next(one for one in here.list_images() if one.id.startswith("aliyun_3"))
    disk = {"category": "cloud_essd", "disk_name": "root", "description": "the first", "size": 40}
    return here.create_node("web", size, image, ex_security_group_id="sg-a", ex_vswitch_id="vsw-a", ex_system_disk=disk)


def wait(done: Any) -> Any:
    """Until *done* gives something, by the wall clock: two virtual hours at most."""
    import time

    for _ in range(120):
        if found := done():
            return found
        time.sleep(0.1)  # noqa: TID251 - another process's time passes
    raise AssertionError("it never comes to that")


def test_what_the_cloud_has(here: Any) -> None:
    """Locations, zones and sizes."""
    assert {"cn-beijing", "cn-hangzhou"} <= {one.id for one in here.list_locations()}
    assert "cn-hangzhou-h" in {one.id for one in here.ex_list_zones()}
    (size,) = [one for one in here.list_sizes() if one.id == "ecs.g7.large"]
    assert (size.ram, size.extra["cpu_core_count"]) == (8.0, 2)


def test_a_nodes_life(cloud: CloudProcess, here: Any, node: Any) -> None:
    """Made, seen running, stopped, started, restarted, given an address, destroyed."""
    from libcloud.compute.types import NodeState

    (seen,) = here.list_nodes(ex_node_ids=[node.id])
    assert (seen.name, seen.state) == ("web", NodeState.RUNNING)
    assert seen.private_ips[0].startswith("10.0.1.")
    assert here.stop_node(node)
    assert here.start_node(node)
    assert here.reboot_node(node)
    other = here.create_node(
        "short",
        next(one for one in here.list_sizes() if one.id == "ecs.g7.large"),
        next(one for one in here.list_images() if one.id == seen.extra["image_id"]),
        ex_security_group_id="sg-a",
        ex_vswitch_id="vsw-a",
        ex_internet_charge_type=here.internet_charge_types.BY_TRAFFIC,
        ex_internet_max_bandwidth_out=1,
    )
    assert here.create_public_ip(other.id)
    assert here.destroy_node(other)
    wait(lambda: [one.id for one in here.list_nodes()] == [node.id])
    assert cloud.things("Instance", "cn-hangzhou")[0]["InstanceId"] == node.id


def test_volumes(here: Any, node: Any) -> None:
    """Made, attached, detached, destroyed."""
    volume = here.create_volume(50, "data", ex_zone_id="cn-hangzhou-h", ex_disk_category="cloud_essd")
    assert (volume.size, volume.name) == (50, "data")
    wait(lambda: here.list_volumes(ex_volume_ids=[volume.id])[0].state == "available")
    assert here.attach_volume(node, volume, device="/dev/xvdb")
    wait(lambda: here.list_volumes(ex_volume_ids=[volume.id])[0].state == "inuse")
    assert here.list_volumes(ex_filters={"InstanceId": node.id})[0].extra["instance_id"] == node.id
    assert here.detach_volume(volume)
    wait(lambda: here.list_volumes(ex_volume_ids=[volume.id])[0].state == "available")
    assert here.destroy_volume(volume)
    wait(lambda: here.list_volumes(ex_volume_ids=[volume.id]) == [])


def test_every_field_that_the_driver_reads_is_answered(here: Any, node: Any) -> None:
    """Nothing that Libcloud looks for in a node, a volume, a snapshot and an image is missing."""
    (seen,) = here.list_nodes(ex_node_ids=[node.id])
    (volume,) = here.list_volumes(ex_filters={"InstanceId": node.id})
    snapshot = here.create_volume_snapshot(volume, name="read")
    (image,) = here.list_images(ex_image_ids=[seen.extra["image_id"]])
    image.extra.pop("disk_device_mappings")  # a public image's disks are not shown
    for thing in (seen, volume, snapshot, image):
        assert None not in thing.extra.values(), thing.extra
    wait(lambda: here.list_volume_snapshots(None, ex_snapshot_ids=[snapshot.id])[0].state == "available")
    assert here.destroy_volume_snapshot(snapshot)


def test_snapshot_to_image_to_another_region(cloud: CloudProcess, here: Any, node: Any) -> None:
    """A snapshot of the system disk, an image of it, a copy in Beijing; all are removed again."""
    (volume,) = [one for one in here.list_volumes(ex_filters={"InstanceId": node.id}) if one.extra["type"] == "system"]
    snapshot = here.create_volume_snapshot(volume, name="first")
    assert snapshot.id in [one.id for one in here.list_volume_snapshots(volume)]
    wait(lambda: here.list_volume_snapshots(None, ex_snapshot_ids=[snapshot.id])[0].state == "available")
    image = here.create_image(node, "own", ex_snapshot_id=snapshot.id)
    there = driver(cloud, "cn-beijing")
    copy = there.copy_image("cn-hangzhou", image, "copied")
    assert there.get_image(copy.id).name == "copied"
    assert there.delete_image(copy)
    assert here.delete_image(image)
    wait(lambda: _removed(here, snapshot))


def _removed(here: Any, snapshot: Any) -> bool:
    """Whether the snapshot goes: the link to its image is cleared with a delay."""
    from libcloud.common.types import LibcloudError

    try:
        return bool(here.destroy_volume_snapshot(snapshot))
    except LibcloudError as no:
        assert "SnapshotCreatedImage" in str(no)
        return False


def test_security_groups(cloud: CloudProcess, here: Any, node: Any) -> None:
    """Listed, joined and left; the driver makes them in the classic network only, which is retired."""
    assert [one.id for one in here.ex_list_security_groups()] == ["sg-a", "sg-b"]
    assert here.ex_list_security_group_attributes(group_id="sg-a") == []
    assert here.ex_join_security_group(node, group_id="sg-b")
    (seen,) = cloud.things("Instance", "cn-hangzhou")
    assert sorted(seen["SecurityGroupIds"]["SecurityGroupId"]) == ["sg-a", "sg-b"]
    assert here.ex_leave_security_group(node, group_id="sg-b")


def test_a_wrong_secret(cloud: CloudProcess) -> None:
    """The driver tells the cloud's own code."""
    from libcloud.common.exceptions import BaseHTTPError

    with pytest.raises(BaseHTTPError, match="SignatureDoesNotMatch"):
        driver(cloud, secret="wrong").list_locations()
