"""What an instance is told and made of, and what families of types there are, as documented."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import specs as refusals
from localcloud.faults import Fault
from tests.localcloud.ecs_world import HERE, Ground, ground, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written

SYSTEM = {"kind": "system", "category": "cloud_essd", "size": 40}
OLD = {"kind": "system", "category": "cloud_efficiency", "size": 40}
LOCAL = {"kind": "data", "category": "local_ssd_pro", "size": 447}
EXTRA = {
    "instances": [
        {"id": "i-off", "status": "Stopped", "disks": [SYSTEM]},
        {"id": "i-old", "status": "Stopped", "type": "ecs.g6.large", "disks": [OLD]},
        {"id": "i-paid", "status": "Stopped", "charge_type": "PrePaid", "disks": [SYSTEM]},
        {"id": "i-local", "status": "Stopped", "type": "ecs.i3.xlarge", "disks": [SYSTEM, LOCAL]},
        {"id": "i-first", "status": "Stopped", "zone": "cn-hangzhou-b", "vswitch": "vsw-first", "disks": [SYSTEM]},
    ],
    "vswitches": [{"id": "vsw-first", "vpc": "vpc-a", "zone": "cn-hangzhou-b", "cidr": "10.0.7.0/24"}],
}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    sold_out = Fault(kind="no_stock", resource="ecs.r7.large", count=1)
    with ground(tmp_path, sold_out, extra=EXTRA) as made:
        yield made


def spec(instance: str = "i-off", **wire: Any) -> Act:
    return ask("ModifyInstanceSpec", InstanceId=instance, **wire)


def test_user_data_is_told_as_it_was_given(g: Ground) -> None:
    """In base64; an empty text where there is none."""
    data = base64.b64encode(b"#!/bin/sh\n").decode()
    new = g.running(UserData=data)
    told = g.ask("DescribeUserData", RegionId=HERE, InstanceId=new)
    assert told == {"InstanceId": new, "RegionId": HERE, "UserData": data}
    assert g.ask("DescribeUserData", RegionId=HERE, InstanceId="i-web")["UserData"] == ""


def test_user_data_is_of_an_instance_that_is_there(g: Ground) -> None:
    """An unknown instance has none."""
    with refused("InvalidInstanceId.NotFound", 404, "The specified InstanceId does not exist."):
        g.ask("DescribeUserData", RegionId=HERE, InstanceId="i-none")
    with refused("MissingParameter", 400):
        g.ask("DescribeUserData", RegionId=HERE)


def test_a_stopped_instance_gets_another_type(g: Ground) -> None:
    """DescribeInstances shows it at once, with what the type has."""
    spec(InstanceType="ecs.c7.xlarge")(g)
    shown = g.instance("i-off")
    assert (shown["InstanceType"], shown["Cpu"], shown["Memory"]) == ("ecs.c7.xlarge", 4, 8192)
    g.ask("StartInstance", InstanceId="i-off")
    g.until(lambda: g.instance("i-off")["Status"] == "Running")


def test_an_instance_gets_another_bandwidth(g: Ground) -> None:
    """Running or stopped."""
    for instance in ("i-off", "i-web"):
        spec(instance, InternetMaxBandwidthOut=5)(g)
        shown = g.instance(instance)
        assert (shown["InternetMaxBandwidthOut"], shown["InstanceType"]) == (5, "ecs.g7.large")


def test_a_dry_run_changes_nothing(g: Ground) -> None:
    """It checks, and says that all is well."""
    with refused("DryRunOperation"):
        spec(InstanceType="ecs.c7.xlarge", DryRun=True)(g)
    with refused(refusals.NOT_STOPPED.code):
        spec("i-web", InstanceType="ecs.c7.xlarge", DryRun=True)(g)
    assert g.instance("i-off")["InstanceType"] == "ecs.g7.large"


ROWS: dict[str, Act] = {
    "TOKEN_REUSED": after(
        spec(InstanceType="ecs.c7.large", ClientToken="t"), spec(InstanceType="ecs.r7.xlarge", ClientToken="t")
    ),
    "TOO_MUCH": spec(InstanceType="ecs.c7.large", InternetMaxBandwidthOut=5),
    "NOTHING": spec(),
    "CHARGE_TYPE": spec("i-paid", InstanceType="ecs.c7.large"),
    "NOT_STOPPED": spec("i-web", InstanceType="ecs.c7.large"),
    "STATUS": after(ask("StartInstance", InstanceId="i-off"), spec(InternetMaxBandwidthOut=5)),
    "TYPE_UNKNOWN": spec(InstanceType="ecs.none.large"),
    "TYPE_NOT_IN_ZONE": spec(InstanceType="ecs.g8i.large"),
    "LOCAL_DISK": spec("i-local", InstanceType="ecs.c7.large"),
    "TYPE_UNREACHABLE": spec("i-first", InstanceType="ecs.i3.xlarge"),
    "ARCHITECTURE": spec("i-first", InstanceType="ecs.g8y.large"),
    "DISK_CATEGORY": spec("i-old", InstanceType="ecs.g7.large"),
    "NO_STOCK": spec(InstanceType="ecs.r7.large"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], ROWS[name])


def test_a_bandwidth_is_a_number_up_to_100(g: Ground) -> None:
    """More than that is refused, and so is an instance that is not there."""
    with refused("InvalidParameter", 400, 'The specified parameter "InternetMaxBandwidthOut" is not valid.'):
        spec(InternetMaxBandwidthOut=101)(g)
    with refused("InvalidInstanceId.NotFound", 404):
        spec("i-none", InternetMaxBandwidthOut=5)(g)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))


def test_families_are_of_a_generation(g: Ground) -> None:
    """Each family once, all of them or those of one generation."""
    families = g.ask("DescribeInstanceTypeFamilies", RegionId=HERE)["InstanceTypeFamilies"]["InstanceTypeFamily"]
    found = {one["InstanceTypeFamilyId"]: one["Generation"] for one in families}
    assert len(found) == len(families)
    assert (found["ecs.g6"], found["ecs.t6"], found["ecs.g7"], found["ecs.g8i"]) == ("ecs-5", "ecs-5", "ecs-6", "ecs-6")
    fifth = g.ask("DescribeInstanceTypeFamilies", RegionId=HERE, Generation="ecs-5")["InstanceTypeFamilies"]
    names = {one["InstanceTypeFamilyId"] for one in fifth["InstanceTypeFamily"]}
    assert names == {"ecs.t6", "ecs.c6", "ecs.g6", "ecs.r6"}
    none = g.ask("DescribeInstanceTypeFamilies", RegionId=HERE, Generation="ecs-9")["InstanceTypeFamilies"]
    assert none == {"InstanceTypeFamily": []}


def test_families_are_of_a_region(g: Ground) -> None:
    """Which has to be there."""
    with refused("InvalidRegionId.NotFound", 404):
        g.ask("DescribeInstanceTypeFamilies", RegionId="cn-nowhere")


def test_instances_recover_by_themselves(g: Ground) -> None:
    """All instances, or those that are named, a page at a time; one that is not there is left out."""

    def found(**wire: Any) -> tuple[int, list[dict[str, Any]]]:
        answer = g.ask("DescribeInstanceMaintenanceAttributes", RegionId=HERE, **wire)
        return answer["TotalCount"], answer["MaintenanceAttributes"]["MaintenanceAttribute"]

    count, (one,) = found(InstanceId=["i-web", "i-none"])
    assert (count, one["InstanceId"], one["NotifyOnMaintenance"]) == (1, "i-web", False)
    assert one["MaintenanceWindows"] == {"MaintenanceWindow": []}
    action = one["ActionOnMaintenance"]
    assert (action["Value"], action["DefaultValue"]) == ("AutoRecover", "AutoRecover")
    assert action["SupportedValues"] == {"SupportedValue": ["Stop", "AutoRecover"]}
    count, page = found(PageSize=4, PageNumber=2)
    assert (count, [one["InstanceId"] for one in page]) == (6, ["i-local", "i-first"])
