"""The functions' rights: every flow runs under them, and none is there that no flow uses."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from localcloud.cloud import Call
from localcloud.faults import Fault
from localcloud.ram.evaluation import Need
from shared.acceptance import cancel, clean
from shared.replication.commands import CreateImage, StartReplication
from shared.replication.phases import Phase
from shared.replication.record import Replication, Role
from shared.replication.waits import YOUNGEST_GONE
from tests.functions.account import THERE, ask, put_event
from tests.functions.ferry import Ferry, a_request, ferry
from tests.functions.test_api import PATH, Api

Store = Literal["sqlite", "tablestore"]
#: The RAM code of each product that functions call.
PRODUCTS = {"ecs": "ecs", "vpc": "vpc", "eventbridge": "eventbridge", "smq": "mns", "tablestore": "ots"}
DENIALS = {"Forbidden.RAM", "AccessDenied", "NoPermission", "OTSNoPermissionAccess"}
CORRUPT = Fault(kind="corrupt", device="/dev/xvdb", path="/orders", count=1)
#: Each step is asked too much of once, at its own call.
BUSY = tuple(
    Fault(kind="throttle", function=f"ferry-{function}", action=action, count=1)
    for function, action in (
        ("precheck", "DescribeVSwitches"),
        ("take_manifest", "RunCommand"),
        ("create_image", "CreateImage"),
        ("tag_snapshots", "TagResources"),
        ("copy_image", "CopyImage"),
        ("launch_instance", "RunInstances"),
        ("verify_replica", "RunCommand"),
        ("leave_quarantine", "ModifyInstanceAttribute"),
        ("clean_up", "DeleteImage"),
    )
)


def _lost(action: str, count: int) -> Fault:
    return Fault(kind="lost_answer", action=action, count=count)


def _replica(it: Ferry) -> None:
    assert it.until_ended(it.replicate()).phase is Phase.SUCCEEDED


def _recovery_point(it: Ferry) -> None:
    assert it.until_ended(it.replicate(goal="recovery_point")).phase is Phase.SUCCEEDED


def _cancelled(*phases: Phase) -> Callable[[Ferry], None]:
    def flow(it: Ferry) -> None:
        for phase in phases:
            id_ = it.replicate(phase.value)
            it.until(id_, phase)
            cancel(id_, "me", it.app.store, it.app.clock())
            assert it.until_ended(id_).phase is Phase.CANCELLED

    return flow


def _fails_and_is_cleaned(it: Ferry) -> None:
    id_ = it.replicate()
    assert it.until_ended(id_).phase is Phase.FAILED
    assert Api(it).ask("POST", f"{PATH}/{id_}/clean").status < 300
    it.install.cloud.run(lambda: _is_gone(it, id_), limit=timedelta(hours=3))
    assert _is_gone(it, id_)


def _is_gone(it: Ferry, id_: str) -> bool:
    record: Replication = it.record(id_)
    return record.ended and not [one for one in record.resources if one.lives]


def _cancelled_while_an_image_is_asked_for(it: Ferry) -> None:
    """The step is held up before its call, the cancellation settles meanwhile: what it makes then is a stray."""
    id_ = it.replicate()
    it.install.cloud.run(lambda: bool(it.cloud.faults.strikes_so_far), limit=timedelta(hours=1))
    cancel(id_, "me", it.app.store, it.app.clock())
    it.invoke(CreateImage(replication=id_))
    assert it.record(id_).phase is Phase.SETTLING
    assert it.until_ended(id_).phase is Phase.CANCELLED
    assert [one.what for one in it.record(id_).history if one.phase is Phase.CLEANUP_DUE]


def _asked_over_http(it: Ferry) -> None:
    api = Api(it)
    started = api.start()
    id_ = started.json["id"]
    assert [started.status, api.start().status] == [201, 201]
    assert api.ask("GET", PATH).status == 200
    it.until(id_, Phase.IMAGING)
    assert api.start().status == 200
    assert api.ask("POST", f"{PATH}/{id_}/cancel").status < 300
    assert api.ask("GET", f"{PATH}/{id_}").status == 200
    assert it.until_ended(id_).phase is Phase.CANCELLED
    assert api.ask("GET", PATH).status == 200


def _asked_by_events(it: Ferry) -> None:
    asked = StartReplication(key="event", request=a_request(goal="recovery_point"))
    for number in range(2):  # told twice: the second time it is read
        put_event(asked.event_type(), asked.model_dump(mode="json", by_alias=True), id_=f"e-{number}")
        it.pass_time(timedelta(minutes=2))
    put_event("ferry:Nonsense", {})
    it.pass_time(timedelta(minutes=10))
    assert it.app.store.dead_letters()


def _unproved(it: Ferry) -> None:
    assert it.until_ended(it.replicate()).phase is Phase.UNPROVED


FLOWS: dict[str, tuple[Callable[[Ferry], None], tuple[Fault, ...], dict[str, Any]]] = {
    "a replica": (_replica, (), {}),
    "a recovery point": (_recovery_point, (), {}),
    "calls that come too often": (_replica, BUSY, {}),
    "answers that are lost": (_replica, (_lost("CreateImage", 2), _lost("CopyImage", 3), _lost("RunInstances", 3)), {}),
    "cancelled": (_cancelled(Phase.MEASURING, Phase.IMAGING, Phase.COPYING, Phase.BOOTING, Phase.PROOF_DUE), (), {}),
    "no stock": (_fails_and_is_cleaned, (Fault(kind="no_stock"),), {}),
    "no copy": (_fails_and_is_cleaned, (Fault(kind="quota", action="CopyImage"),), {}),
    "a late image": (
        _cancelled_while_an_image_is_asked_for,
        (Fault(kind="hold_up", function="ferry-create_image", action="CreateImage", count=1),),
        {},
    ),
    "removals whose answers are lost": (
        _fails_and_is_cleaned,
        (CORRUPT, _lost("DeleteInstance", 1), _lost("DeleteImage", 1)),
        {},
    ),
    "a failed image": (_fails_and_is_cleaned, (Fault(kind="fail_image"),), {}),
    "another proof": (_fails_and_is_cleaned, (CORRUPT,), {}),
    "a source that can't be asked": (_unproved, (), {"cloud_assistant": False}),
    "over HTTP": (_asked_over_http, (), {}),
    "by events": (_asked_by_events, (), {}),
}


@dataclass(frozen=True)
class Seen:
    """What functions asked for in a flow: their rights by name, and what was refused for want of one."""

    used: frozenset[tuple[str, str]]
    denied: tuple[str, ...]


def _run(name: str, folder: Path, store: Store) -> Seen:
    flow, faults, world = FLOWS[name]
    with ferry(folder, *faults, store=store, **world) as it:
        flow(it)
        calls = [call for call in it.cloud.calls if call.function and call.service in PRODUCTS]
        return Seen(
            frozenset((_name(call), f"{PRODUCTS[call.service]}:{call.action}") for call in calls),
            tuple(
                f"{_name(call)}: {call.action} of {dict(call.params)}"
                for call in calls
                if call.code in DENIALS and not _removes_what_is_gone(it, call)
            ),
        )


def _name(call: Call) -> str:
    return (call.function or "").removeprefix("ferry-")


def _removes_what_is_gone(it: Ferry, call: Call) -> bool:
    """What is gone bears no tag, to which the right to remove it is bound."""
    id_ = call.params.get("ImageId") or call.params.get("InstanceId")
    held = it.cloud.ecs.state.of(call.region)
    return call.action in ("DeleteImage", "DeleteInstance") and id_ not in {**held.images, **held.instances}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """Every flow, with its records in Tablestore."""
    return {name: _run(name, tmp_path_factory.mktemp("flow"), "tablestore") for name in FLOWS}


@pytest.mark.xdist_group("flows")  # which take seconds to go through
def test_flows_run_under_the_policies(seen: dict[str, Seen]) -> None:
    """Nothing that a function asks for is refused for its rights, but to remove again what is gone."""
    assert {name: one.denied for name, one in seen.items() if one.denied} == {}


@pytest.mark.parametrize("name", FLOWS)
def test_so_they_do_with_a_file(name: str, tmp_path: Path) -> None:
    """The same with the records in SQLite."""
    assert _run(name, tmp_path, "sqlite").denied == ()


@pytest.mark.xdist_group("flows")  # which take seconds to go through
def test_no_right_is_there_that_no_flow_uses(seen: dict[str, Seen]) -> None:
    """Each action of each policy is asked for in some flow."""
    used = {one for flow in seen.values() for one in flow.used}
    granted = {
        (path.parent.name, action)
        for path in Path("functions").glob("*/policy.json")
        for statement in json.loads(path.read_text())["Statement"]
        for action in statement["Action"]
    }
    assert granted - used == set()


def test_what_fails_may_be_sent_to_the_dead_letters(tmp_path: Path) -> None:
    """Function Compute sends with the function's own role: each that has a destination has the right to it."""
    with ferry(tmp_path) as it:
        targets = {
            one.role: target.destination
            for one in it.cloud.fc.named(THERE, "ferry-")
            if (target := one.invoked_async.destination_config.on_failure) is not None
        }
        assert len(targets) > 10
        may = it.cloud.ram.permits.allows
        assert [role for role, arn in targets.items() if not may(role, Need("mns:SendMessage", arn))] == []


def test_what_is_gone_counts_as_removed_when_nothing_can_hide_it(tmp_path: Path) -> None:
    """A copy was ended and nobody heard: refused for want of rights and not listed, it is asked for until it is old."""
    with ferry(tmp_path, _lost("CancelCopyImage", 1)) as it:
        id_ = it.replicate()
        it.until(id_, Phase.COPYING)
        cancel(id_, "me", it.app.store, it.app.clock())
        assert it.until_ended(id_).phase is Phase.CANCELLED
        copy = next(one for one in it.record(id_).resources if one.role is Role.TARGET_IMAGE)
        refused = [call.at - copy.made_at for call in it.calls("clean_up", "DeleteImage") if call.code in DENIALS]
        assert refused[0] < YOUNGEST_GONE <= refused[-1]
        assert copy.state == "removed"


def test_what_may_not_be_removed_and_is_there_is_left_behind(tmp_path: Path) -> None:
    """Somebody took the install's tag off a replica: the role may not remove it, and the record says that it stays."""
    with ferry(tmp_path, CORRUPT) as it:
        id_ = it.replicate()
        assert it.until_ended(id_).phase is Phase.FAILED
        replica = next(one for one in it.record(id_).resources if one.role is Role.REPLICA)
        untagged = {"ResourceType": "instance", "ResourceId": [replica.id], "TagKey": ["ferry:install"]}
        ask("UntagResources", THERE, **untagged)
        clean(id_, "me", it.app.store, it.app.clock())
        record = it.until_ended(id_)
        left = next(one for one in record.resources if one.id == replica.id)
        assert (left.state, left.reason.startswith("Forbidden.RAM: ")) == ("left_behind", True)
        assert replica.id in it.holdings(THERE).instances


def test_a_right_is_bound_to_the_installs_own() -> None:
    """What is unbound is a look, or an act on what the account had before; nothing is granted by a pattern."""
    unbound = set()
    for path in Path("functions").glob("*/policy.json"):
        for statement in json.loads(path.read_text())["Statement"]:
            assert not any("*" in action for action in statement["Action"])
            free = "Condition" not in statement and "${install}" not in json.dumps(statement["Resource"])
            if free and "${instance}" not in json.dumps(statement["Resource"]):
                unbound |= {action for action in statement["Action"] if ":Describe" not in action}
    assert unbound == {"ecs:DeleteSnapshot", "ecs:ModifyInstanceAttribute", "ecs:RunCommand"}
