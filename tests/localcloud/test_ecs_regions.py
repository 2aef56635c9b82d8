"""A region that is not there is refused by each action of ECS."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, Ground, ground, refused
from tests.localcloud.needed import ECS_CALLS, MOVED_CALLS

#: Calls that lack nothing that would be refused first.
_WHOLE: dict[str, dict[str, Any]] = {
    "CreateCommand": {"RegionId": HERE, "Name": "x", "Type": "RunShellScript", "CommandContent": "eA=="},
    "CreateSimulatedSystemEvents": {
        "RegionId": HERE,
        "InstanceId": ["i-web"],
        "EventType": "SystemFailure.Stop",
        "NotBefore": "2030-01-01T00:00:00Z",
    },
    "ListTagResources": {"RegionId": HERE, "ResourceType": "instance", "ResourceId": ["i-web"]},
    "ModifyInstanceSpec": {"InstanceId": "i-web", "InstanceType": "ecs.g7.xlarge"},
    "ModifySnapshotAttribute": {"SnapshotId": "s-1", "SnapshotName": "other"},
    "ModifyInstanceVpcAttribute": {"InstanceId": "i-web", "VSwitchId": "vsw-a"},
}
#: These speak of every region; CopyImage has words of its own, test_ecs_refusals.py has them.
_OTHERWISE = {"DescribeRegions", "DescribeInstanceTypes", "CopyImage"}
CALLS = {action: _WHOLE.get(action, wire) for action, (wire, _) in ECS_CALLS.items() if action not in _OTHERWISE}
NAMED = {action: wire for action, (wire, _) in MOVED_CALLS.items()} | CALLS


@pytest.fixture(scope="module")
def g(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground")) as made:
        yield made


@pytest.mark.parametrize("action", [action for action, wire in NAMED.items() if "RegionId" in wire])
def test_a_region_that_is_not_there(g: Ground, action: str) -> None:
    """The documented code, and nothing is done."""
    with refused("InvalidRegionId.NotFound", 404, "The specified RegionId does not exist."):
        g.ask(action, **NAMED[action] | {"RegionId": "xx-nowhere-1"})


@pytest.mark.parametrize("action", [action for action, wire in CALLS.items() if "RegionId" not in wire])
def test_an_endpoint_of_a_region_that_is_not_there(g: Ground, action: str) -> None:
    """A call that names no region is for that of the endpoint."""
    with refused("InvalidRegionId.NotFound", 404, "The specified RegionId does not exist."):
        g.ask(action, "cn-nowhere", **CALLS[action])
