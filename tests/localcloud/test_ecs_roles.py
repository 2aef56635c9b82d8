"""The RAM roles of instances, as documented."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import roles as refusals
from tests.localcloud.ecs_world import HERE, Ground, ground, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written
from tests.localcloud.sdk import ram

DISKS = [{"kind": "system", "category": "cloud_essd", "size": 40}]
EXTRA = {"instances": [{"id": "i-guest", "ram_role": "Guest", "disks": DISKS}, {"id": "i-plain", "disks": DISKS}]}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


def ids(*instances: str) -> str:
    return json.dumps(instances)


def attach(*instances: str, role: str = "Guest", **wire: Any) -> Act:
    return ask(
        "AttachInstanceRamRole", **{"RegionId": HERE, "RamRoleName": role, "InstanceIds": ids(*instances)} | wire
    )


def detach(*instances: str, **wire: Any) -> Act:
    return ask("DetachInstanceRamRole", **{"RegionId": HERE, "InstanceIds": ids(*instances)} | wire)


def has(g: Ground, **wire: Any) -> dict[str, str]:
    found = g.ask("DescribeInstanceRamRole", RegionId=HERE, **wire)
    sets = found["InstanceRamRoleSets"]["InstanceRamRoleSet"]
    assert (found["TotalCount"], found["RegionId"]) == (len(sets), HERE)
    return {one["InstanceId"]: one["RamRoleName"] for one in sets}


def make_role(service: str, name: str = "New") -> Act:
    """A role that the service, or any but it, may take on."""

    def act(_: Ground) -> None:
        from alibabacloud_ram20150501.models import CreateRoleRequest

        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": [service]}}
        document = json.dumps({"Version": "1", "Statement": [statement]})
        ram().create_role(CreateRoleRequest(role_name=name, assume_role_policy_document=document))

    return act


def test_a_role_is_attached_and_detached(g: Ground) -> None:
    """Of an instance of the world, or of RAM; told by instance and by role."""
    done = g.ask("AttachInstanceRamRole", RegionId=HERE, RamRoleName="Guest", InstanceIds=ids("i-web", "i-plain"))
    result = {"InstanceId": "i-web", "Success": True, "Code": "200", "Message": "success"}
    assert (done["RamRoleName"], done["TotalCount"], done["FailCount"]) == ("Guest", 2, 0)
    assert done["AttachInstanceRamRoleResults"]["AttachInstanceRamRoleResult"][0] == result
    assert has(g, RamRoleName="Guest") == dict.fromkeys(("i-web", "i-guest", "i-plain"), "Guest")
    gone = g.ask("DetachInstanceRamRole", RegionId=HERE, RamRoleName="Guest", InstanceIds=ids("i-web"))
    assert (gone["RamRoleName"], gone["TotalCount"], gone["FailCount"]) == ("Guest", 1, 0)
    (one,) = gone["DetachInstanceRamRoleResults"]["DetachInstanceRamRoleResult"]
    assert one["InstanceRamRoleSets"] == {"InstanceRamRoleSet": [{"InstanceId": "i-web", "RamRoleName": "Guest"}]}
    assert has(g, InstanceIds=ids("i-web", "i-plain")) == {"i-plain": "Guest"}
    assert has(g, InstanceIds=ids("i-plain"), RamRoleName="Other") == {}


def test_an_instance_has_one_role(g: Ground) -> None:
    """Another one is not attached, nor is one that it does not have detached."""
    make_role("ecs.aliyuncs.com")(g)
    done = attach("i-guest", "i-web", role="New")(g)
    assert (done["TotalCount"], done["FailCount"]) == (2, 1)  # type: ignore[index]
    assert has(g, InstanceIds=ids("i-guest", "i-web")) == {"i-guest": "Guest", "i-web": "New"}
    assert attach("i-web", role="New")(g)["FailCount"] == 0  # type: ignore[index]
    assert detach("i-guest", RamRoleName="New")(g)["FailCount"] == 1  # type: ignore[index]
    assert detach("i-guest", "i-web", "i-plain")(g)["FailCount"] == 0  # type: ignore[index]
    assert has(g, InstanceIds=ids("i-guest", "i-web")) == {}


ROWS: dict[str, Act] = {
    "INSTANCES": attach(InstanceIds="i-web"),
    "INSTANCE_NOT_FOUND": attach("i-web", "i-none"),
    "UNKNOWN": attach("i-web", role="None"),
    "NOT_OF_ECS": after(make_role("fc.aliyuncs.com"), attach("i-web", role="New")),
    "NOTHING_ASKED": ask("DescribeInstanceRamRole", RegionId=HERE),
}
MORE: list[tuple[str, Act]] = [
    ("INSTANCES", attach()),
    ("INSTANCES", detach(*(f"i-{number}" for number in range(101)))),
    ("INSTANCES", detach(InstanceIds="[1]")),
    ("INSTANCE_NOT_FOUND", detach("i-none")),
    ("INSTANCES", ask("DescribeInstanceRamRole", RegionId=HERE, InstanceIds="{}")),
    ("INSTANCE_NOT_FOUND", ask("DescribeInstanceRamRole", RegionId=HERE, InstanceIds=ids("i-none"))),
]


@pytest.mark.parametrize(("name", "act"), [*ROWS.items(), *MORE])
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


@pytest.mark.parametrize(
    "act",
    [
        ask("AttachInstanceRamRole", RegionId=HERE, InstanceIds='["i-web"]'),
        ask("AttachInstanceRamRole", RegionId=HERE, RamRoleName="Guest"),
        ask("DetachInstanceRamRole", RegionId=HERE),
    ],
)
def test_what_is_mandatory_must_be_given(g: Ground, act: Act) -> None:
    """Without a mandatory parameter nothing is done."""
    with refused("MissingParameter", 400):
        act(g)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
