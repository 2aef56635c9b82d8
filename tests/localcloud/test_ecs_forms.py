"""A parameter of ECS that is written as it cannot be is refused by its name: a flag, a number, a kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, LISTING, PUBLIC, Ground, ground, refused
from tests.localcloud.needed import ECS_CALLS

_SYSTEM = {"kind": "system", "category": "cloud_essd", "size": 40}
_DATA = {"kind": "data", "category": "cloud_essd", "size": 100}
EXTRA: dict[str, Any] = {
    "instances": [{"id": "i-idle", "status": "Stopped", "disks": [_SYSTEM, _DATA]}],
    "images": [{"id": "m-own", "name": "own", "disks": [{"kind": "system", "size": 40}]}],
}
_IMAGE, _SNAPSHOT = {"RegionId": HERE, "ImageId": "m-own"}, {"RegionId": HERE, "SnapshotId": "the snapshot"}
_ATTACHMENT = {"InstanceId": "i-idle", "DiskId": "the disk"}
_EVENT = ECS_CALLS["CreateSimulatedSystemEvents"][0] | {
    "EventType": "SystemFailure.Stop",
    "NotBefore": "2030-01-01T00:00:00Z",
}
#: By action: what is written wrongly, and the call; the one of needed.py where that comes so far.
ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "AttachDisk": ("DeleteWithInstance", _ATTACHMENT),
    "CopyImage": ("DryRun", ECS_CALLS["CopyImage"][0]),
    "CopySnapshot": ("Encrypted", {**_SNAPSHOT, "DestinationRegionId": "cn-beijing"}),
    "CreateImage": ("DryRun", ECS_CALLS["CreateImage"][0]),
    "CreateSimulatedSystemEvents": ("TriggerRealOps", _EVENT),
    "DeleteImage": ("DryRun", _IMAGE),
    "DeleteInstance": ("Force", ECS_CALLS["DeleteInstance"][0]),
    "DeleteInstances": ("DryRun", ECS_CALLS["DeleteInstances"][0]),
    "DeleteSnapshot": ("Force", _SNAPSHOT),
    "DescribeImageSharePermission": ("PageSize", _IMAGE),
    "DescribeInstanceRamRole": ("PageSize", ECS_CALLS["DescribeInstanceRamRole"][0]),
    "DescribeInstanceStatus": ("PageNumber", ECS_CALLS["DescribeInstanceStatus"][0]),
    "DescribeKeyPairs": ("IncludePublicKey", ECS_CALLS["DescribeKeyPairs"][0]),
    "DetachDisk": ("DeleteWithInstance", _ATTACHMENT),
    "ModifyCommand": ("Timeout", {"RegionId": HERE, "CommandId": "the command"}),
    "ModifyImageSharePermission": ("DryRun", {**_IMAGE, "AddAccount": ["1234567890123457"]}),
    "ModifyInstanceAttribute": ("DeletionProtection", ECS_CALLS["ModifyInstanceAttribute"][0]),
    "ReInitDisk": ("AutoStartInstance", {"DiskId": "the disk"}),
    "RebootInstance": ("ForceStop", ECS_CALLS["RebootInstance"][0]),
    "ReplaceSystemDisk": ("Encrypted", {"InstanceId": "i-idle", "ImageId": PUBLIC, "SystemDisk": {"Size": 40}}),
    "ResizeDisk": ("NewSize", {"DiskId": "the disk"}),
    "StartInstance": ("DryRun", {"InstanceId": "i-idle"}),
    "UntagResources": ("All", {"RegionId": HERE, "ResourceType": "instance", "ResourceId": ["i-web"]}),
}


@dataclass
class Stock:
    """A ground, and the ids of what the calls are about."""

    ground: Ground
    ids: dict[str, str]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    with ground(tmp_path_factory.mktemp("ground"), extra=EXTRA) as g:
        command = {"RegionId": HERE, "Name": "list", "Type": "RunShellScript", "CommandContent": LISTING}
        ids = {
            "the command": g.ask("CreateCommand", **command, ContentEncoding="PlainText")["CommandId"],
            "the disk": g.disks("i-idle")["/dev/xvdb"]["DiskId"],
            "the snapshot": g.image("m-own")["DiskDeviceMappings"]["DiskDeviceMapping"][0]["SnapshotId"],
        }
        before = len(g.cloud.happenings), g.disks("i-idle")
        yield Stock(g, ids)
        assert (len(g.cloud.happenings), g.disks("i-idle")) == before, "a refused call did something"


@pytest.mark.parametrize("action", ROWS)
def test_what_is_written_wrongly(stock: Stock, action: str) -> None:
    """The documented code, with the parameter's name."""
    name, call = ROWS[action]
    wire = {key: stock.ids.get(value, value) if isinstance(value, str) else value for key, value in call.items()}
    with refused("InvalidParameter", 400, f'The specified parameter "{name}" is not valid.'):
        stock.ground.ask(action, **wire | {name: "perhaps"})
