"""Instances are made without starting, started, stopped and restarted, several at once, and move in the network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import instances as refusals
from localcloud.faults import Fault
from tests.localcloud.ecs_world import HERE, PUBLIC, Ground, ground, launch, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written

DISKS = [{"kind": "system", "category": "cloud_essd", "size": 40}]
EXTRA: dict[str, Any] = {
    "vswitches": [
        {"id": "vsw-next", "vpc": "vpc-a", "zone": "cn-hangzhou-h", "cidr": "10.0.2.0/24"},
        {"id": "vsw-far", "vpc": "vpc-a", "zone": "cn-hangzhou-i", "cidr": "10.0.3.0/24"},
        {"id": "vsw-tiny", "vpc": "vpc-a", "zone": "cn-hangzhou-h", "cidr": "10.0.4.0/29"},
        {"id": "vsw-vpc2", "vpc": "vpc-a2", "zone": "cn-hangzhou-h", "cidr": "192.168.1.0/24"},
    ],
    "security_groups": [{"id": "sg-vpc2e", "vpc": "vpc-a2", "type": "enterprise"}],
    "instances": [
        {"id": "i-one", "status": "Stopped", "disks": DISKS},
        {"id": "i-two", "status": "Stopped", "disks": DISKS},
        {"id": "i-fast", "status": "Stopped", "disks": DISKS, "private_ip": "10.0.1.77"},
        *({"id": f"i-t{number}", "vswitch": "vsw-tiny", "disks": DISKS} for number in range(4)),
    ],
}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA | {"list_lag": 0}) as made:
        yield made


def several(action: str, *instances: str, **wire: Any) -> Act:
    return ask(action, RegionId=HERE, InstanceId=list(instances), **wire)


def told(g: Ground, action: str, *instances: str, **wire: Any) -> dict[str, tuple[str, str, str]]:
    """What an action on several instances tells of each: code, status before and after."""
    found = g.ask(action, RegionId=HERE, InstanceId=list(instances), **wire)
    return {
        one["InstanceId"]: (one["Code"], one["PreviousStatus"], one["CurrentStatus"])
        for one in found["InstanceResponses"]["InstanceResponse"]
    }


def reaches(g: Ground, status: str, *instances: str) -> None:
    g.until(lambda: all(g.instance(one)["Status"] == status for one in instances))


def create(g: Ground, image_id: str = PUBLIC, **wire: Any) -> str:
    return str(g.ask("CreateInstance", **launch(image_id), **wire)["InstanceId"])


def move(instance_id: str = "i-one", vswitch: str = "vsw-next", **wire: Any) -> Act:
    return ask("ModifyInstanceVpcAttribute", InstanceId=instance_id, VSwitchId=vswitch, **wire)


def place(g: Ground, instance_id: str = "i-one") -> tuple[str, str, str]:
    shown = g.instance(instance_id)["VpcAttributes"]
    return shown["VpcId"], shown["VSwitchId"], shown["PrivateIpAddress"]["IpAddress"][0]


# --- made without starting -------------------------------------------------------------------------------------------


def test_a_created_instance_is_stopped_and_started_by_hand(g: Ground) -> None:
    """CreateInstance leaves an instance Stopped that StartInstance boots for the first time."""
    image_id = g.create_image()
    g.image_ready(image_id)
    created = create(g, image_id, HostName="second", InternetMaxBandwidthOut=5)
    shown = g.instance(created)
    assert (shown["Status"], shown["ImageId"], shown["PublicIpAddress"]["IpAddress"]) == ("Stopped", image_id, [])
    assert {one["Size"] for one in g.disks(created).values()} <= {40, 100}
    g.pass_time(minutes=5)
    assert g.instance(created)["Status"] == "Stopped"
    g.ask("StartInstance", InstanceId=created)
    reaches(g, "Running", created)
    root = g.cloud.disks.reading(g.disks(created)["/dev/xvda"]["DiskId"])
    assert (root / "etc" / "hostname").read_text() == "second\n"
    assert g.states(created)[:2] == ["Created", "Stopped"]


def test_the_same_token_creates_one_instance(g: Ground) -> None:
    """A repeated CreateInstance with its token makes nothing new; Amount means nothing to it."""
    assert create(g, ClientToken="t") == create(g, ClientToken="t")
    g.pass_time(seconds=31)
    assert g.ask("DescribeInstances", RegionId=HERE, ImageId=PUBLIC, PageSize=100)["TotalCount"] == 9


@pytest.mark.parametrize("expired_too", [None, False, True])
def test_a_created_instance_can_be_deleted_without_force(g: Ground, expired_too: bool | None) -> None:
    """It is Stopped: nothing has to be forced.  What is said of subscriptions that have expired changes nothing."""
    created = create(g)
    g.ask("DeleteInstance", InstanceId=created, TerminateSubscription=expired_too)
    g.pass_time(seconds=11)
    assert g.instance(created) == {}


# --- started, stopped, restarted -------------------------------------------------------------------------------------


def test_a_restart_goes_by_way_of_starting_and_loses_the_image_in_the_making(g: Ground) -> None:
    """RebootInstance: Starting at once, Running after a while; an image that is made meanwhile fails."""
    image_id = g.create_image()
    before = g.instance("i-web")["StartTime"]
    g.ask("RebootInstance", InstanceId="i-web", ForceStop=True)
    assert g.instance("i-web")["Status"] == "Starting"
    reaches(g, "Running", "i-web")
    g.pass_time(seconds=31)
    assert g.image(image_id)["Status"] == "CreateFailed"
    assert g.instance("i-web")["StartTime"] > before
    with refused("DryRunOperation", 400):
        g.ask("RebootInstance", InstanceId="i-web", DryRun=True)


def test_a_restart_in_time_avoids_the_maintenance_that_would_restart(g: Ground) -> None:
    """A scheduled SystemMaintenance.Reboot is avoided by RebootInstance."""
    event = {"EventType": "SystemMaintenance.Reboot", "NotBefore": "2026-01-06T02:00:00Z"}
    (made,) = g.ask("CreateSimulatedSystemEvents", RegionId=HERE, InstanceId=["i-web"], **event)["EventIdSet"][
        "EventId"
    ]
    g.ask("RebootInstance", InstanceId="i-web")
    assert g.states(made) == ["Scheduled", "Avoided"]


def test_several_are_started_stopped_and_restarted_together(g: Ground) -> None:
    """The answer tells each one's status before and after."""
    assert told(g, "StartInstances", "i-one", "i-two") == {
        "i-one": ("200", "Stopped", "Starting"),
        "i-two": ("200", "Stopped", "Starting"),
    }
    reaches(g, "Running", "i-one", "i-two")
    assert told(g, "RebootInstances", "i-one", "i-two", ForceReboot=True)["i-two"] == ("200", "Running", "Starting")
    reaches(g, "Running", "i-one", "i-two")
    assert told(g, "StopInstances", "i-one", StoppedMode="StopCharging")["i-one"] == ("200", "Running", "Stopping")
    reaches(g, "Stopped", "i-one")
    assert g.instance("i-one")["StoppedMode"] == "StopCharging"


def test_together_means_all_or_none(g: Ground) -> None:
    """One that can't be started keeps the others from it, too."""
    with refused("IncorrectInstanceStatus", 403):
        several("StartInstances", "i-one", "i-web")(g)
    assert g.instance("i-one")["Status"] == "Stopped"


def test_each_for_itself_tells_what_became_of_each(g: Ground) -> None:
    """SuccessFirst starts what can be started."""
    assert told(g, "StartInstances", "i-one", "i-web", "i-none", BatchOptimization="SuccessFirst") == {
        "i-one": ("200", "Stopped", "Starting"),
        "i-web": ("IncorrectInstanceStatus", "Running", "Running"),
        "i-none": ("InvalidInstanceId.NotFound", "", ""),
    }


def test_an_economical_instance_may_find_no_room_when_it_starts(tmp_path: Path) -> None:
    """The fault no_stock refuses the start of several, too."""
    with ground(tmp_path, Fault(kind="no_stock", resource="i-web", count=1)) as g:
        g.ask("StopInstance", InstanceId="i-web", StoppedMode="StopCharging")
        reaches(g, "Stopped", "i-web")
        with refused("OperationDenied.NoStock", 403):
            several("StartInstances", "i-web")(g)
        several("StartInstances", "i-web")(g)
        reaches(g, "Running", "i-web")


# --- the network -----------------------------------------------------------------------------------------------------


def test_a_stopped_instance_moves_within_its_vpc(g: Ground) -> None:
    """Another vSwitch, an address of one's own or the next free one; after a run it can move again."""
    move(PrivateIpAddress="10.0.2.9")(g)
    assert place(g) == ("vpc-a", "vsw-next", "10.0.2.9")
    with refused("InvalidPrivateIp.Changing", 400):
        move(vswitch="vsw-a")(g)
    g.ask("StartInstance", InstanceId="i-one")
    reaches(g, "Running", "i-one")
    g.ask("StopInstance", InstanceId="i-one")
    reaches(g, "Stopped", "i-one")
    move(vswitch="vsw-a", PrivateIpAddress="10.0.1.200")(g)
    assert place(g) == ("vpc-a", "vsw-a", "10.0.1.200")
    move("i-two", "vsw-next")(g)
    assert place(g, "i-two") == ("vpc-a", "vsw-next", "10.0.2.1")
    assert g.instance("i-one")["SecurityGroupIds"] == {"SecurityGroupId": ["sg-a"]}


def test_an_instance_moves_to_another_vpc_with_groups_of_that(g: Ground) -> None:
    """With VpcId the vSwitch and the security groups are the new VPC's."""
    move(vswitch="vsw-vpc2", VpcId="vpc-a2", SecurityGroupId=["sg-a2"])(g)
    assert place(g) == ("vpc-a2", "vsw-vpc2", "192.168.1.1")
    assert g.instance("i-one")["SecurityGroupIds"] == {"SecurityGroupId": ["sg-a2"]}


def test_an_instance_gets_one_public_address(g: Ground) -> None:
    """AllocatePublicIpAddress answers the same address again; it is shown with the instance."""
    created = create(g, InternetMaxBandwidthOut=5)
    address = g.ask("AllocatePublicIpAddress", InstanceId=created)["IpAddress"]
    assert g.instance(created)["PublicIpAddress"] == {"IpAddress": [address]}
    assert g.ask("AllocatePublicIpAddress", InstanceId=created)["IpAddress"] == address


# --- refusals --------------------------------------------------------------------------------------------------------


def moved_twice(g: Ground) -> None:
    move()(g)
    move(vswitch="vsw-a")(g)


def elastic(g: Ground) -> None:
    """An elastic address takes the place of a static one."""
    created = create(g, InternetMaxBandwidthOut=5)
    eip = g.ask("AllocateEipAddress", HERE, "vpc", RegionId=HERE)["AllocationId"]
    g.ask("AssociateEipAddress", HERE, "vpc", RegionId=HERE, AllocationId=eip, InstanceId=created)
    g.pass_time(minutes=1)
    g.ask("AllocatePublicIpAddress", InstanceId=created)


VPC2: dict[str, Any] = {"vswitch": "vsw-vpc2", "VpcId": "vpc-a2"}
ROWS: dict[str, Act] = {
    "NONE_NAMED": several("StartInstances"),
    "TOO_MANY": several("StopInstances", *(f"i-{number}" for number in range(101))),
    "NOT_FOUND": several("RebootInstances", "i-web", "i-none"),
    "DRY_RUN": several("StartInstances", "i-one", DryRun=True),
    "NETWORK_STATUS": move("i-web"),
    "NETWORK_CHANGING": moved_twice,
    "VSWITCH_NOT_FOUND": move(vswitch="vsw-none"),
    "VSWITCH_OTHER_VPC": move(vswitch="vsw-vpc2"),
    "VSWITCH_OTHER_ZONE": move(vswitch="vsw-far"),
    "IP_OUTSIDE": move(PrivateIpAddress="10.0.1.9"),
    "IP_OWN": move("i-fast", "vsw-a", PrivateIpAddress="10.0.1.77"),
    "IP_NONE_LEFT": move(vswitch="vsw-tiny"),
    "VPC_SAME": move(VpcId="vpc-a"),
    "VSWITCH_NOT_OF_VPC": move(VpcId="vpc-a2", SecurityGroupId=["sg-a2"]),
    "GROUPS_WITHOUT_VPC": move(SecurityGroupId=["sg-a"]),
    "GROUPS_MISSING": move(**VPC2),
    "GROUPS_OTHER_VPC": move(**VPC2, SecurityGroupId=["sg-a"]),
    "GROUPS_MIXED": move(**VPC2, SecurityGroupId=["sg-a2", "sg-vpc2e"]),
    "ELASTIC": elastic,
    "NO_BANDWIDTH": ask("AllocatePublicIpAddress", InstanceId="i-one"),
}
MORE: list[tuple[str, Act]] = [
    ("DRY_RUN", several("StartInstances", "i-web", DryRun=True, BatchOptimization="SuccessFirst")),
    ("NETWORK_CHANGING", lambda g: move(create(g))(g)),
]
#: What is said in words that other actions have, too.
SHARED: list[tuple[str, int, Act]] = [
    ("IncorrectInstanceStatus", 403, ask("RebootInstance", InstanceId="i-one")),
    ("IncorrectInstanceStatus", 403, ask("StopInstance", InstanceId="i-one")),
    ("InvalidInstanceId.NotFound", 404, ask("RebootInstance", InstanceId="i-none")),
    ("InvalidInstanceId.NotFound", 404, ask("AllocatePublicIpAddress", InstanceId="i-none")),
    ("InvalidParameter", 400, several("StopInstances", "i-web", StoppedMode="Never")),
    ("InvalidParameter", 400, several("StopInstances", "i-web", BatchOptimization="Some")),
    ("InvalidPrivateIpAddress.Malformed", 400, move(PrivateIpAddress="10.0.2")),
    ("InvalidPrivateIpAddress.Duplicated", 400, move(vswitch="vsw-a", PrivateIpAddress="10.0.1.77")),
    ("InvalidVSwitchId.IpInvalid", 403, move(PrivateIpAddress="10.0.2.253")),
    ("InvalidSecurityGroupId.NotFound", 404, move(**VPC2, SecurityGroupId=["sg-none"])),
    (
        "IncorrectInstanceStatus",
        403,
        after(
            ask("StopInstance", InstanceId="i-web"),
            ask("AllocatePublicIpAddress", InstanceId="i-web"),
        ),
    ),
    ("UnsupportedParameter", 400, ask("AllocatePublicIpAddress", InstanceId="i-one", IpAddress="203.0.113.9")),
    ("InvalidImageId.NotFound", 404, lambda g: create(g, "m-none")),
    ("DryRunOperation", 400, lambda g: create(g, DryRun=True)),
    ("MissingParameter", 400, ask("ModifyInstanceVpcAttribute", InstanceId="i-one")),
]


@pytest.mark.parametrize(("name", "act"), [*ROWS.items(), *MORE])
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


@pytest.mark.parametrize(("code", "status", "act"), SHARED)
def test_what_any_action_refuses_is_refused_of_instances(g: Ground, code: str, status: int, act: Act) -> None:
    """The shared refusals hold here, too."""
    with refused(code, status):
        act(g)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
