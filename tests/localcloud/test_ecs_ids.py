"""A call that is refused makes nothing, and uses up no id: what is made next is the same as without it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from localcloud.ecs import errors
from localcloud.ecs.errors import Refusal
from localcloud.ecs.refusals import commands, disks
from localcloud.vpc import errors as vpc_errors
from tests.localcloud.ecs_world import HERE, PUBLIC, THERE, Ground, launch
from tests.localcloud.refusing import check_refusal
from tests.localcloud.stock import Stock, stock

#: What is not as it must be, and what is said of it.
Wrong = tuple[dict[str, Any], Refusal]
_TAG: Wrong = ({"Tag": [{"Key": "acs:x"}]}, errors.TAG_KEY_MALFORMED)
_VPC_TAG: Wrong = ({"Tag": [{"Key": "acs:x", "Value": "x"}]}, vpc_errors.TAG_KEY)
_DRY: Wrong = ({"DryRun": True}, errors.DRY_RUN)
_NOT_SURE: Wrong = ({"Encrypted": "perhaps"}, errors.PARAMETER_INVALID)
_SSH = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}
_SCRIPT = {"Type": "RunShellScript", "CommandContent": "bHM="}
_RUN = {**_SCRIPT, "InstanceId": ["i-web"], "ContentEncoding": "Base64"}
_EVENT = {"EventType": "SystemMaintenance.Reboot", "NotBefore": "2040-01-01T00:00:00Z"}
_DISK = {"ZoneId": "cn-hangzhou-h", "DiskCategory": "cloud_essd", "Size": 40}

#: A call that makes something, and each way to have it refused that its code comes to late.
CASES: list[tuple[str, dict[str, Any], list[Wrong]]] = [
    ("CreateSecurityGroup", {"VpcId": "vpc-a"}, [_TAG, ({"Description": "x"}, errors.DESCRIPTION_MALFORMED)]),
    (
        "AuthorizeSecurityGroup",
        {"SecurityGroupId": "sg-a", "Permissions": [_SSH]},
        [({"Permissions": [_SSH, {**_SSH, "Policy": "perhaps"}]}, errors.RULE_POLICY)],
    ),
    ("CreateKeyPair", {"KeyPairName": "fresh"}, [_TAG]),
    ("CreateDisk", _DISK, [_TAG, ({"DiskName": "1"}, disks.NAME), _NOT_SURE]),
    ("CreateSnapshot", {"DiskId": "d-data"}, [_TAG]),
    ("CreateSnapshotGroup", {"InstanceId": "i-web"}, [_TAG]),
    ("CopySnapshot", {"SnapshotId": "s-own", "DestinationRegionId": THERE}, [_TAG]),
    ("CreateImage", {"SnapshotId": "s-own"}, [_TAG, _DRY]),
    ("CopyImage", {"ImageId": "m-own", "DestinationRegionId": THERE}, [_TAG, _DRY]),
    ("RunInstances", launch(PUBLIC), [_TAG, _DRY]),
    ("CreateInstance", launch(PUBLIC), [_TAG, _DRY]),
    ("ReplaceSystemDisk", {"InstanceId": "i-idle", "ImageId": PUBLIC}, [_NOT_SURE]),
    ("CreateCommand", {**_SCRIPT, "Name": "x"}, [_TAG, ({"Timeout": 86401}, commands.TIMEOUT)]),
    (
        "RunCommand",
        _RUN,
        [_TAG, ({"Username": "x" * 256}, commands.USERNAME), ({"RepeatMode": "DryRun"}, errors.DRY_RUN)],
    ),
    (
        "InvokeCommand",
        {"CommandId": "c-own", "InstanceId": ["i-web"]},
        [({"RepeatMode": "DryRun"}, errors.DRY_RUN), _TAG],
    ),
    (
        "CreateSimulatedSystemEvents",
        {**_EVENT, "InstanceId": ["i-web"]},
        [({"InstanceId": ["i-web", "i-none"]}, errors.INSTANCE_NOT_FOUND)],
    ),
]
VPC_CASES: list[tuple[str, dict[str, Any], list[Wrong]]] = [
    ("CreateVpc", {}, [_VPC_TAG, _DRY]),
    ("CreateVSwitch", {"VpcId": "vpc-a", "ZoneId": "cn-hangzhou-h", "CidrBlock": "10.0.9.0/24"}, [_VPC_TAG]),
    ("AllocateEipAddress", {}, [_VPC_TAG]),
]
ALL = [("ecs", *one) for one in CASES] + [("vpc", *one) for one in VPC_CASES]
Made = Mapping[str, dict[str, Any]]


def call(there: Stock, action: str, product: str, wire: Mapping[str, Any]) -> Callable[[Ground], dict[str, Any]]:
    """It, as an act that tests provoke refusals by."""
    return lambda _: there.ask(action, HERE, product, **{"RegionId": HERE, **wire})


def makes(there: Stock, *, refusals: bool) -> Made:
    """What each call answers, after the refusals or without them."""
    made = {}
    for product, action, wire, wrongs in ALL:
        for wrong, refusal in wrongs if refusals else ():
            check_refusal(there.ground, refusal, call(there, action, product, {**wire, **wrong}))
        made[action] = call(there, action, product, wire)(there.ground)
    made["Rules"] = there.ask("DescribeSecurityGroupAttribute", RegionId=HERE, SecurityGroupId="sg-a")
    return made


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Made]:
    """In two worlds that are the same: without a refusal, and with them all."""
    with stock(tmp_path_factory.mktemp("without")) as there:
        without = makes(there, refusals=False)
    with stock(tmp_path_factory.mktemp("after")) as there:
        return without, makes(there, refusals=True)


@pytest.mark.parametrize("action", [*(action for _, action, _, _ in ALL), "Rules"])
def test_a_refused_call_uses_up_no_id(twice: tuple[Made, Made], action: str) -> None:
    """The answer to the same call is the same, ids and all."""
    without, after = twice
    assert after[action] == without[action]
