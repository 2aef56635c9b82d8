"""Whose is it: tags alone prove nothing, and what was there before is never ours."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.faults import Fault
from shared.acceptance import cancel, replication_id
from shared.replication.phases import Phase
from shared.replication.record import ResourceKind, Role
from tests.functions.account import HERE, THERE, instance
from tests.functions.ferry import Ferry, ferry

TAGS = {"ferry:install": "ferry", "ferry:replication": replication_id("ferry", "k")}
PRODUCTION: dict[str, Any] = {
    "id": "i-prod",
    "name": "prod",
    "type": "ecs.g7.large",
    "zone": "cn-beijing-h",
    "vswitch": "vsw-b",
    "security_groups": ["sg-b"],
    "tags": TAGS,
    "disks": [{"kind": "system", "category": "cloud_essd", "size": 20}],
}


def test_a_source_that_bears_our_tags_is_never_removed(tmp_path: Path) -> None:
    """A source may bear a former replication's tags: a cancellation leaves it alone all the same."""
    with ferry(tmp_path, tags=TAGS) as it:
        id_ = it.replicate()
        it.until(id_, Phase.IMAGING)
        cancel(id_, "me", it.app.store)
        assert it.until_ended(id_).phase is Phase.CANCELLED
        assert instance(HERE, "i-web")["Status"] == "Running"


LAUNCHES = {"refused": Fault(kind="no_stock"), "asked again": Fault(kind="timeout", action="RunInstances", count=3)}


@pytest.mark.parametrize("launch", LAUNCHES)
def test_an_instance_that_was_there_before_is_neither_adopted_nor_removed(launch: str, tmp_path: Path) -> None:
    """An older instance with our tags, another run's replica in production, is no stray and no replica of this run."""
    with ferry(tmp_path, LAUNCHES[launch], there={"instances": [PRODUCTION]}) as it:
        id_ = it.replicate()
        record = it.until_ended(id_)
        assert not record.knows("i-prod")
        assert instance(THERE, "i-prod")["SecurityGroupIds"] == {"SecurityGroupId": ["sg-b"]}


def test_each_function_has_the_rights_that_it_uses(tmp_path: Path) -> None:
    """Whatever goes wrong, no function makes a call that its policy does not name."""
    faults = [Fault(kind="throttle", chance=0.05), Fault(kind="lost_answer", chance=0.03)]
    struck = [fault.model_copy(update={"function": f"ferry-{name}"}) for fault in faults for name in _functions()]
    used: dict[str, set[str]] = {}
    with ferry(tmp_path, *struck) as it:
        kept, given_up = it.replicate("a"), it.replicate("b", goal="recovery_point")
        it.until(given_up, Phase.COPYING, Phase.COPY_TAG_DUE, *_ends())
        if not it.record(given_up).ended:
            cancel(given_up, "me", it.app.store)
        assert it.have_ended(kept, given_up)
        _add_used(it, used)
    missing = {name: sorted(actions - _allowed(name)) for name, actions in used.items()}
    assert {name: actions for name, actions in missing.items() if actions} == {}


def test_snapshots_may_be_deleted_before_they_are_tagged() -> None:
    """A cancelled image leaves untagged snapshots: the right to delete them can't depend on their tags."""
    policy = json.loads(Path("functions/clean_up/policy.json").read_text())
    statements = [s for s in policy["Statement"] if "ecs:DeleteSnapshot" in s["Action"]]
    assert [("Condition" in statement) for statement in statements] == [False]


def test_a_copy_that_somebody_deleted_keeps_the_source_image(tmp_path: Path) -> None:
    """While the copied image is not there, the source image is the only recovery point: it is not removed."""
    from tests.functions.account import ask

    with ferry(tmp_path) as it:
        id_ = it.replicate(goal="recovery_point")
        record = it.until(id_, Phase.COPY_TAG_DUE)
        copy = record.resource(Role.TARGET_IMAGE, ResourceKind.IMAGE)
        assert copy is not None
        it.pass_time(timedelta(0))
        ask("DeleteImage", THERE, ImageId=copy.id, Force=True)
        ended = it.until_ended(id_)
        image = next(r for r in ended.resources if r.role is Role.SOURCE_IMAGE and r.kind is ResourceKind.IMAGE)
        assert (image.state, "not there" in image.reason) == ("left_behind", True)
        assert image.id in it.holdings(HERE).images


def _functions() -> list[str]:
    return sorted(path.parent.name for path in Path("functions").glob("*/policy.json"))


def _ends() -> list[Phase]:
    return [phase for phase in Phase if phase.is_end]


def _add_used(it: Ferry, used: dict[str, set[str]]) -> None:
    products = {"ecs": "ecs", "vpc": "vpc", "eventbridge": "eventbridge", "smq": "mns"}
    for call in it.cloud.calls:
        if call.function and call.service in products:
            name = call.function.removeprefix("ferry-")
            used.setdefault(name, set()).add(f"{products[call.service]}:{call.action}")


def _allowed(name: str) -> set[str]:
    policy = json.loads((Path("functions") / name / "policy.json").read_text())
    return {action for statement in policy["Statement"] for action in statement["Action"]}
