"""A region that is not there is refused by each action of ECS that is told one."""

from collections.abc import Iterator

import pytest

from tests.localcloud.ecs_world import Ground, ground, refused
from tests.localcloud.needed import ECS_CALLS, MOVED_CALLS

#: What these calls lack, or CopyImage says in words of its own, is refused first.
_SOONER = {"CopyImage", "CreateCommand", "CreateSimulatedSystemEvents", "ListTagResources", "ModifyInstanceSpec"}
#: These take no region: what they name is found wherever it is.
_NAMED = {"ModifySnapshotAttribute", "ModifyInstanceVpcAttribute"}
CALLS = {
    action: wire
    for action, (wire, _) in (ECS_CALLS | MOVED_CALLS).items()
    if "RegionId" in wire and action not in _SOONER | _NAMED
}


@pytest.fixture(scope="module")
def g(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground")) as made:
        yield made


@pytest.mark.parametrize("action", CALLS)
def test_a_region_that_is_not_there(g: Ground, action: str) -> None:
    """The documented code, and nothing is done."""
    with refused("InvalidRegionId.NotFound", 404, "The specified RegionId does not exist."):
        g.ask(action, **CALLS[action] | {"RegionId": "xx-nowhere-1"})
