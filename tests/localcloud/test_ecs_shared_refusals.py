"""Refusals that many actions of ECS share: by each of them, in the documentation's words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, PUBLIC, THERE, by_name, ground, launch, refused
from tests.localcloud.stock import Stock, lasting_stock
from tests.localcloud.test_ecs_keypairs import KEY

#: What an action is told.
Wire = dict[str, Any]

_HERE: Wire = {"RegionId": HERE}
_IDS = [f"x-{number}" for number in range(101)]
_NOBODY, _NOWHERE = {"InstanceId": "i-none"}, {**_HERE, "SecurityGroupId": "sg-none"}
_PORTS = {"IpProtocol": "tcp", "PortRange": "22/22"}
_IN, _OUT = {**_PORTS, "SourceCidrIp": "10.0.0.0/8"}, {**_PORTS, "DestCidrIp": "10.0.0.0/8"}
_PASSWORDS: Wire = {"Password": "LongEnough1", "PasswordInherit": True}
_COPY: Wire = {**_HERE, "DestinationRegionId": THERE}
_COMMAND: Wire = {**_HERE, "Type": "RunShellScript", "CommandContent": "eA=="}
_EVENT: Wire = {
    **_HERE,
    "InstanceId": ["i-web"],
    "EventType": "SystemFailure.Stop",
    "NotBefore": "2030-01-01T00:00:00Z",
}
_VSWITCH: Wire = {**_HERE, "VpcId": "vpc-a", "ZoneId": "cn-hangzhou-h", "CidrBlock": "10.0.9.0/24"}
_UNREADABLE: Wire = {**_HERE, "Filter": [{"Key": "CreationStartTime", "Value": "yesterday"}]}


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    with lasting_stock(tmp_path_factory) as made:
        yield made
        assert [made.ground.instance(one)["Status"] for one in ("i-web", "i-idle")] == ["Running", "Stopped"]


@pytest.mark.parametrize(
    ("action", "wire", "name"),
    [
        ("AttachDisk", {"DiskId": "d-data", "InstanceId": "i-web", "Force": "maybe"}, "Force"),
        ("CopyImage", {**_COPY, "ImageId": "m-own", "Encrypted": "maybe"}, "Encrypted"),
        ("CopySnapshot", {**_COPY, "SnapshotId": "s-own", "Encrypted": "maybe"}, "Encrypted"),
        ("CreateCommand", {**_COMMAND, "Name": "one", "EnableParameter": "maybe"}, "EnableParameter"),
        ("CreateDisk", {**_HERE, "ZoneId": "cn-hangzhou-h", "Size": 40, "Encrypted": "maybe"}, "Encrypted"),
        ("CreateImage", {**_HERE, "InstanceId": "i-web", "DryRun": "maybe"}, "DryRun"),
        ("CreateInstance", {**launch(PUBLIC), "DeletionProtection": "maybe"}, "DeletionProtection"),
        ("CreateSecurityGroup", {**_HERE, "VpcId": "vpc-a", "SecurityGroupType": "secret"}, "SecurityGroupType"),
        ("CreateSimulatedSystemEvents", {**_EVENT, "TriggerRealOps": "maybe"}, "TriggerRealOps"),
        ("DeleteImage", {**_HERE, "ImageId": "m-own", "Force": "maybe"}, "Force"),
        ("DeleteInstance", {"InstanceId": "i-idle", "Force": "maybe"}, "Force"),
        ("DeleteInstance", {"InstanceId": "i-idle", "TerminateSubscription": "maybe"}, "TerminateSubscription"),
        ("DeleteInstances", {**_HERE, "InstanceId": ["i-idle"], "Force": "maybe"}, "Force"),
        ("DeleteSnapshot", {"SnapshotId": "s-own", "Force": "maybe"}, "Force"),
        ("DescribeAvailableResource", {**_HERE, "DestinationResource": "Planet"}, "DestinationResource"),
        ("DescribeCloudAssistantStatus", {**_HERE, "MaxResults": 0}, "MaxResults"),
        ("DescribeImageSharePermission", {**_HERE, "ImageId": "m-own", "PageSize": 101}, "PageSize"),
        ("DescribeInstanceHistoryEvents", {**_HERE, "PageSize": 101}, "PageSize"),
        ("DescribeInstanceRamRole", {**_HERE, "RamRoleName": "Guest", "PageNumber": 0}, "PageNumber"),
        ("DescribeInstanceStatus", {**_HERE, "PageSize": 51}, "PageSize"),
        ("DescribeInstanceMaintenanceAttributes", {**_HERE, "PageSize": 101}, "PageSize"),
        ("DescribeInstanceMaintenanceAttributes", {**_HERE, "InstanceId": _IDS}, "InstanceId"),
        ("DescribeInvocationResults", {**_HERE, "NextToken": "x"}, "NextToken"),
        ("DescribeInvocations", {**_HERE, "MaxResults": 0}, "MaxResults"),
        ("DescribeKeyPairs", {**_HERE, "IncludePublicKey": "maybe"}, "IncludePublicKey"),
        ("DescribeSecurityGroupAttribute", {**_HERE, "SecurityGroupId": "sg-a", "Direction": "up"}, "Direction"),
        ("DescribeSecurityGroups", {**_HERE, "SecurityGroupIds": "sg-a"}, "SecurityGroupIds"),
        ("DescribeSnapshots", {**_HERE, "Encrypted": "maybe"}, "Encrypted"),
        (
            "DetachDisk",
            {"DiskId": "d-data", "InstanceId": "i-idle", "DeleteWithInstance": "maybe"},
            "DeleteWithInstance",
        ),
        ("InvokeCommand", {**_HERE, "CommandId": "c-own", "InstanceId": ["i-web"], "Timeout": "long"}, "Timeout"),
        (
            "ListTagResources",
            {**_HERE, "ResourceType": "disk", "ResourceId": ["d-data"], "NextToken": "x"},
            "NextToken",
        ),
        ("ModifyCommand", {**_HERE, "CommandId": "c-own", "Timeout": "long"}, "Timeout"),
        ("ModifyDiskAttribute", {**_HERE, "DiskIds": _IDS, "DiskName": "data"}, "DiskIds"),
        ("ModifyImageSharePermission", {**_HERE, "ImageId": "m-own", "DryRun": "maybe"}, "DryRun"),
        ("ModifyInstanceAttribute", {"InstanceId": "i-web", "DeletionProtection": "maybe"}, "DeletionProtection"),
        ("ModifyInstanceSpec", {"InstanceId": "i-idle", "InstanceType": "ecs.g7.xlarge", "DryRun": "maybe"}, "DryRun"),
        (
            "ModifySecurityGroupPolicy",
            {**_HERE, "SecurityGroupId": "sg-a", "InnerAccessPolicy": "Maybe"},
            "InnerAccessPolicy",
        ),
        ("ReInitDisk", {"DiskId": "d-system", "AutoStartInstance": "maybe"}, "AutoStartInstance"),
        ("RebootInstance", {"InstanceId": "i-web", "ForceStop": "maybe"}, "ForceStop"),
        ("RebootInstances", {**_HERE, "InstanceId": ["i-web"], "ForceReboot": "maybe"}, "ForceReboot"),
        (
            "ReplaceSystemDisk",
            {"InstanceId": "i-idle", "ImageId": "m-own", "PasswordInherit": "maybe"},
            "PasswordInherit",
        ),
        ("ResizeDisk", {"DiskId": "d-data", "NewSize": "large"}, "NewSize"),
        ("StartInstance", {"InstanceId": "i-idle", "DryRun": "maybe"}, "DryRun"),
        ("StartInstances", {**_HERE, "InstanceId": ["i-idle"], "BatchOptimization": "None"}, "BatchOptimization"),
        ("StopInstance", {"InstanceId": "i-web", "StoppedMode": "Sleep"}, "StoppedMode"),
        ("UntagResources", {**_HERE, "ResourceType": "disk", "ResourceId": ["d-data"], "All": "maybe"}, "All"),
    ],
)
def test_a_parameter_that_is_not_valid(s: Stock, action: str, wire: Wire, name: str) -> None:
    """By its name."""
    with refused("InvalidParameter", 400, f'The specified parameter "{name}" is not valid.'):
        s.ask(action, **wire)


@pytest.mark.usefixtures("s")
@pytest.mark.parametrize("product", ["vpc", "ecs"])
@pytest.mark.parametrize(
    ("action", "wire", "name"),
    [
        ("CreateVSwitch", _VSWITCH, "EnableIpv6"),
        ("CreateVpc", _HERE, "DryRun"),
        ("DeleteVSwitch", {"VSwitchId": "vsw-free"}, "DryRun"),
        ("DeleteVpc", {"VpcId": "vpc-a2"}, "ForceDelete"),
        ("DescribeEipAddresses", _HERE, "PageSize"),
        ("DescribeVSwitches", _HERE, "PageSize"),
        ("DescribeVpcs", _HERE, "PageSize"),
        ("ModifyVSwitchAttribute", {"VSwitchId": "vsw-a"}, "EnableIpv6"),
        ("ModifyVpcAttribute", {"VpcId": "vpc-a"}, "EnableIpv6"),
        ("UnassociateEipAddress", {"AllocationId": "eip-own", "InstanceId": "i-idle"}, "Force"),
    ],
)
def test_a_parameter_of_a_network_that_is_not_valid(product: str, action: str, wire: Wire, name: str) -> None:
    """As VPC says it, and ECS for VPC."""
    with refused("InvalidParameter", 400, f'The specified parameter "{name}" is not valid.'):
        by_name(action, HERE, product, **wire, **{name: "maybe"})


@pytest.mark.usefixtures("s")
@pytest.mark.parametrize(
    ("action", "wire", "name"),
    [
        ("DescribeVRouters", _HERE, "PageSize"),
        ("UnTagResources", {**_HERE, "ResourceType": "VSWITCH", "ResourceId.1": "vsw-a"}, "All"),
    ],
)
def test_a_parameter_of_vpc_alone_that_is_not_valid(action: str, wire: Wire, name: str) -> None:
    """By its name, too."""
    with refused("InvalidParameter", 400, f'The specified parameter "{name}" is not valid.'):
        by_name(action, HERE, "vpc", **wire, **{name: "maybe"})


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("AllocatePublicIpAddress", {}),
        ("AttachDisk", {"DiskId": "d-data"}),
        ("CreateImage", _HERE),
        ("DeleteInstance", {}),
        ("DescribeInstanceAttribute", {}),
        ("DetachDisk", {"DiskId": "d-data"}),
        ("JoinSecurityGroup", {"SecurityGroupId": "sg-a"}),
        ("LeaveSecurityGroup", {"SecurityGroupId": "sg-a"}),
        ("ModifyInstanceAttribute", {"InstanceName": "other"}),
        ("ModifyInstanceVpcAttribute", {"VSwitchId": "vsw-a"}),
        ("RebootInstance", {}),
        ("StartInstance", {}),
        ("StopInstance", {}),
    ],
)
def test_an_instance_that_is_not_there(s: Stock, action: str, wire: Wire) -> None:
    """Whatever is to be done with it."""
    with refused("InvalidInstanceId.NotFound", 404, "The specified InstanceId does not exist."):
        s.ask(action, **_NOBODY, **wire)


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("AuthorizeSecurityGroup", {**_NOWHERE, **_IN}),
        ("AuthorizeSecurityGroupEgress", {**_NOWHERE, **_OUT}),
        ("DeleteSecurityGroup", _NOWHERE),
        ("DescribeSecurityGroupAttribute", _NOWHERE),
        ("JoinSecurityGroup", {**_NOWHERE, "InstanceId": "i-web"}),
        ("LeaveSecurityGroup", {**_NOWHERE, "InstanceId": "i-web"}),
        ("ModifyInstanceAttribute", {"InstanceId": "i-web", "SecurityGroupIds": ["sg-a", "sg-none"]}),
        ("ModifySecurityGroupAttribute", {**_NOWHERE, "SecurityGroupName": "other"}),
        ("ModifySecurityGroupPolicy", {**_NOWHERE, "InnerAccessPolicy": "Drop"}),
        ("ModifySecurityGroupRule", {**_NOWHERE, "SecurityGroupRuleId": "sgr-own"}),
        ("RevokeSecurityGroup", {**_NOWHERE, **_IN}),
        ("RevokeSecurityGroupEgress", {**_NOWHERE, **_OUT}),
    ],
)
def test_a_security_group_that_is_not_there(s: Stock, action: str, wire: Wire) -> None:
    """Whatever is to be done with it."""
    with refused("InvalidSecurityGroupId.NotFound", 404, "The specified SecurityGroupId does not exist."):
        s.ask(action, **wire)


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("CopyImage", {**_HERE, "ImageId": "m-own", "DestinationRegionId": THERE}),
        ("CreateImage", {**_HERE, "InstanceId": "i-web"}),
        ("DeleteImage", {**_HERE, "ImageId": "m-own"}),
        ("DeleteInstance", {"InstanceId": "i-idle"}),
        ("DescribeDisks", _HERE),
        ("DescribeImages", _HERE),
        ("DescribeInstances", _HERE),
        ("DescribeSecurityGroups", _HERE),
        ("DescribeSnapshots", _HERE),
        ("RebootInstance", {"InstanceId": "i-web"}),
        ("RunInstances", launch(PUBLIC)),
        ("StartInstance", {"InstanceId": "i-idle"}),
        ("StopInstance", {"InstanceId": "i-web"}),
    ],
)
def test_a_dry_run(s: Stock, action: str, wire: Wire) -> None:
    """What would be done is refused, and not done."""
    with refused("DryRunOperation", 400, "Request validation has been passed with DryRun flag set."):
        s.ask(action, **wire, DryRun=True)


@pytest.mark.parametrize(("action", "instance"), [("Start", "i-idle"), ("Stop", "i-web"), ("Reboot", "i-web")])
def test_several_instances(s: Stock, action: str, instance: str) -> None:
    """None named, too many, one of them not there or in another status, and a dry run."""
    for ids, code, status, message in (
        ([], "InvalidInstanceId.NotFound", 403, "InstanceId should not be null."),
        (_IDS, "InvalidParameter.TooManyInstanceIds", 403, "Instance ids cannot be more than 100."),
        (
            [instance, "i-none"],
            "InvalidInstanceIds.NotFound",
            404,
            "The specified InstanceIds does not exist.",
        ),
        (
            ["i-web", "i-idle"],
            "IncorrectInstanceStatus",
            403,
            "The current status of the resource does not support this operation.",
        ),
    ):
        with refused(code, status, message):
            s.ask(f"{action}Instances", **_HERE, InstanceId=ids)
    with refused("DRYRUN.SUCCESS", 400, "This request is a dryrun request with successful result."):
        s.ask(f"{action}Instances", **_HERE, InstanceId=[instance], DryRun=True)


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("DeleteInstance", {"InstanceId": "i-web"}),
        ("DeleteInstances", {**_HERE, "InstanceId": ["i-idle", "i-web"]}),
        ("ModifyInstanceAttribute", {"InstanceId": "i-web", "UserData": "eA=="}),
        ("RebootInstance", {"InstanceId": "i-idle"}),
        ("StartInstance", {"InstanceId": "i-web"}),
        ("StopInstance", {"InstanceId": "i-idle"}),
    ],
)
def test_an_instance_in_another_status(s: Stock, action: str, wire: Wire) -> None:
    """One that runs, or one that does not."""
    with refused("IncorrectInstanceStatus", 403, "The current status of the resource does not support this operation."):
        s.ask(action, **wire)


@pytest.mark.parametrize("action", ["DescribeDisks", "DescribeInstances", "DescribeSnapshots"])
def test_a_filter_that_is_none(s: Stock, action: str) -> None:
    """Nothing can be filtered by that."""
    with refused("InvalidFilterKey.NotFound", 404, "The specified FilterKey is not found."):
        s.ask(action, RegionId=HERE, Filter=[{"Key": "Colour", "Value": "red"}])


@pytest.mark.parametrize("action", ["DescribeImages", "DescribeInstances", "DescribeSnapshots"])
def test_a_filter_of_no_time(s: Stock, action: str) -> None:
    """What is to be the time of creation can not be read."""
    with refused("InvalidFilterValue", 404, "The specified FilterValue exceeds the limit."):
        s.ask(action, **_UNREADABLE)


@pytest.mark.parametrize(
    ("action", "wire"),
    [
        ("CreateInstance", launch(PUBLIC)),
        ("ReplaceSystemDisk", {"InstanceId": "i-idle", "ImageId": "m-own"}),
        ("RunInstances", launch(PUBLIC)),
    ],
)
def test_a_password_beside_that_of_the_image(s: Stock, action: str, wire: Wire) -> None:
    """One of the two."""
    with refused("InvalidPasswordParam.Mismatch", 400, "The input password should be null when passwdInherit is true."):
        s.ask(action, **wire, **_PASSWORDS)


@pytest.mark.parametrize("action", ["AttachKeyPair", "DetachKeyPair"])
def test_a_key_pair_for_too_many_instances(s: Stock, action: str) -> None:
    """Fifty at a time."""
    with refused("InstanceKeyPairLimitExceeded", 403, "The specified instances are beyond the permitted range."):
        s.ask(action, **_HERE, KeyPairName="mine", InstanceIds=json.dumps(_IDS[:51]))


def test_too_many_key_pairs(tmp_path: Path) -> None:
    """Five hundred a region, made or imported."""
    with ground(tmp_path, extra={"key_pairs": [f"pair-{number}" for number in range(500)]}) as g:
        for action, wire in (("CreateKeyPair", {}), ("ImportKeyPair", {"PublicKeyBody": KEY})):
            with refused("QuotaExceed.KeyPair", 403, "The key pair quota exceeds."):
                g.ask(action, RegionId=HERE, KeyPairName="more", **wire)
        assert g.ask("DescribeKeyPairs", RegionId=HERE)["TotalCount"] == 500
