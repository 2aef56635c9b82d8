"""A world with one of each thing of ECS, and calls that name them by ids of a test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, LISTING, Ground, ground

_DISK = {"kind": "system", "category": "cloud_essd", "size": 40}
_EXTRA = {
    "instances": [
        {"id": "i-idle", "status": "Stopped", "disks": [_DISK, {"kind": "data", "category": "cloud_essd", "size": 100}]}
    ],
    "images": [{"id": "m-own", "name": "own", "disks": [{"kind": "system", "size": 40}]}],
    "key_pairs": ["mine"],
    "vswitches": [{"id": "vsw-free", "vpc": "vpc-a", "zone": "cn-hangzhou-h", "cidr": "10.0.5.0/24"}],
    "eips": [{"id": "eip-own", "instance": "i-idle"}],
}
_RULE = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}
_GROUP = {"RegionId": HERE, "SecurityGroupId": "sg-a3"}


@dataclass
class Stock:
    """A ground, and by the ids that tests use those that its things have."""

    ground: Ground
    ids: dict[str, str]

    def ask(self, action: str, region: str = HERE, product: str = "ecs", **wire: Any) -> dict[str, Any]:
        """Call *action* as the account."""
        return self.ground.ask(action, region, product, **{name: self._meant(value) for name, value in wire.items()})

    def _meant(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._meant(one) for one in value]
        return self.ids.get(value, value) if isinstance(value, str) else value


@contextmanager
def stock(folder: Path) -> Iterator[Stock]:
    """Beside what `ground` has: a stopped instance and its address, an image, a free vSwitch, a rule, a command."""
    with ground(folder, extra=_EXTRA) as g:
        idle, image = g.disks("i-idle"), g.image("m-own")
        g.ask("AuthorizeSecurityGroup", **_GROUP, Permissions=[_RULE])
        rules = g.ask("DescribeSecurityGroupAttribute", **_GROUP)["Permissions"]["Permission"]
        command = {"RegionId": HERE, "Name": "list", "Type": "RunShellScript", "CommandContent": LISTING}
        ids = {
            "d-system": idle["/dev/xvda"]["DiskId"],
            "d-data": idle["/dev/xvdb"]["DiskId"],
            "s-own": image["DiskDeviceMappings"]["DiskDeviceMapping"][0]["SnapshotId"],
            "sgr-own": rules[0]["SecurityGroupRuleId"],
            "c-own": g.ask("CreateCommand", **command, ContentEncoding="PlainText")["CommandId"],
        }
        yield Stock(g, ids)


@contextmanager
def lasting_stock(factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """One for all tests of a module, each of which is refused: nothing happens in it meanwhile."""
    with stock(factory.mktemp("stock")) as made:
        before = len(made.ground.cloud.happenings)
        yield made
        assert made.ground.cloud.happenings[before:] == [], "a refused call did something"
