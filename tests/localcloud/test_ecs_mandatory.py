"""What an action of ECS or VPC has to be told is refused when it is not told, by the parameter's name."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, PUBLIC, launch, refused
from tests.localcloud.needed import ECS_CALLS, MOVED_CALLS, VPC_CALLS
from tests.localcloud.stock import Stock, lasting_stock

_HERE = {"RegionId": HERE}
_MESSAGE = 'The input parameter "{}" that is mandatory for processing this request is not supplied.'
_SCRIPT = {**_HERE, "Type": "RunShellScript", "CommandContent": "eA=="}
_BOTH = {**_HERE, "KeyPairName": "mine", "InstanceIds": '["i-web"]'}
_RULE = {**_HERE, "SecurityGroupId": "sg-a", "PortRange": "22/22", "IpProtocol": "tcp"}
_JOINED = {**_HERE, "SecurityGroupId": "sg-a", "InstanceId": "i-web"}
_SOLD = {**_HERE, "DestinationResource": "DataDisk", "InstanceType": "ecs.g7.large", "SystemDiskCategory": "cloud_essd"}
#: Calls that are about what is there, where a call without a parameter is else refused for something else.
_WHOLE: dict[str, dict[str, Any]] = {
    "AttachKeyPair": _BOTH,
    "AuthorizeSecurityGroup": {**_RULE, "SourceCidrIp": "10.0.0.0/8"},
    "AuthorizeSecurityGroupEgress": {**_RULE, "DestCidrIp": "10.0.0.0/8"},
    "CopyImage": {**_HERE, "ImageId": "m-own", "DestinationRegionId": "cn-beijing"},
    "CopySnapshot": {**_HERE, "SnapshotId": "s-own", "DestinationRegionId": "cn-beijing"},
    "CreateCommand": {**_SCRIPT, "Name": "x"},
    "CreateInstance": launch(PUBLIC),
    "DescribeAvailableResource": _SOLD,
    "DetachKeyPair": _BOTH,
    "ImportKeyPair": {**_HERE, "KeyPairName": "theirs", "PublicKeyBody": "x"},
    "JoinSecurityGroup": _JOINED,
    "LeaveSecurityGroup": _JOINED,
    "ModifyInstanceSpec": {"InstanceId": "i-idle", "InstanceType": "ecs.g7.xlarge"},
    "RevokeSecurityGroup": {**_RULE, "SourceCidrIp": "10.0.0.0/8"},
    "RevokeSecurityGroupEgress": {**_RULE, "DestCidrIp": "10.0.0.0/8"},
    "RunCommand": {**_SCRIPT, "InstanceId": ["i-web"]},
    "RunInstances": launch(PUBLIC),
}
CALLS = {action: _WHOLE.get(action, wire) for action, (wire, _) in ECS_CALLS.items()}
#: These take a region and can do without: what they name is found wherever it is.
_ANYWHERE = {
    "JoinSecurityGroup",
    "LeaveSecurityGroup",
    "ModifyDiskAttribute",
    "ModifyInstanceVpcAttribute",
    "ModifySnapshotAttribute",
}
#: What they need beside RegionId; what is refused in words of an action's own is tested where the action is.
_NEEDS = {
    "AddTags": "ResourceType ResourceId",
    "AllocatePublicIpAddress": "InstanceId",
    "AttachDisk": "DiskId InstanceId",
    "AttachInstanceRamRole": "InstanceIds RamRoleName",
    "AttachKeyPair": "KeyPairName InstanceIds",
    "AuthorizeSecurityGroup": "SecurityGroupId IpProtocol",
    "AuthorizeSecurityGroupEgress": "SecurityGroupId IpProtocol",
    "CancelCopyImage": "ImageId",
    "CopyImage": "ImageId DestinationRegionId",
    "CopySnapshot": "SnapshotId DestinationRegionId",
    "CreateCommand": "Name Type CommandContent",
    "CreateInstance": "VSwitchId SecurityGroupId",
    "CreateKeyPair": "KeyPairName",
    "CreateSecurityGroup": "VpcId",
    "CreateSnapshot": "DiskId",
    "DeleteCommand": "CommandId",
    "DeleteDisk": "DiskId",
    "DeleteImage": "ImageId",
    "DeleteInstance": "InstanceId",
    "DeleteInstances": "InstanceId",
    "DeleteKeyPairs": "KeyPairNames",
    "DeleteSecurityGroup": "SecurityGroupId",
    "DeleteSnapshot": "SnapshotId",
    "DeleteSnapshotGroup": "SnapshotGroupId",
    "DescribeAvailableResource": "DestinationResource InstanceType SystemDiskCategory",
    "DescribeImageFromFamily": "ImageFamily",
    "DescribeImageSharePermission": "ImageId",
    "DescribeInstanceAttribute": "InstanceId",
    "DescribeSecurityGroupAttribute": "SecurityGroupId",
    "DescribeUserData": "InstanceId",
    "DetachDisk": "DiskId InstanceId",
    "DetachInstanceRamRole": "InstanceIds",
    "DetachKeyPair": "KeyPairName InstanceIds",
    "ImportKeyPair": "KeyPairName PublicKeyBody",
    "InvokeCommand": "CommandId",
    "JoinSecurityGroup": "SecurityGroupId InstanceId",
    "LeaveSecurityGroup": "SecurityGroupId InstanceId",
    "ModifyCommand": "CommandId",
    "ModifyImageAttribute": "ImageId",
    "ModifyImageSharePermission": "ImageId",
    "ModifyInstanceAttribute": "InstanceId",
    "ModifyInstanceSpec": "InstanceId InstanceType",
    "ModifyInstanceVpcAttribute": "InstanceId VSwitchId",
    "ModifySecurityGroupAttribute": "SecurityGroupId",
    "ModifySecurityGroupPolicy": "SecurityGroupId InnerAccessPolicy",
    "ModifySecurityGroupRule": "SecurityGroupId",
    "ModifySnapshotAttribute": "SnapshotId",
    "ReInitDisk": "DiskId",
    "RebootInstance": "InstanceId",
    "RemoveTags": "ResourceType ResourceId",
    "ReplaceSystemDisk": "InstanceId",
    "ResizeDisk": "DiskId NewSize",
    "RevokeSecurityGroup": "SecurityGroupId IpProtocol",
    "RevokeSecurityGroupEgress": "SecurityGroupId IpProtocol",
    "RunCommand": "InstanceId Type CommandContent",
    "RunInstances": "VSwitchId SecurityGroupId",
    "StartInstance": "InstanceId",
    "StopInstance": "InstanceId",
    "StopInvocation": "InvokeId",
    "TagResources": "ResourceId",
    "UntagResources": "ResourceId",
}
#: What networks, vSwitches and addresses need, in VPC and, where they moved from there, in ECS.
_NETWORK_NEEDS = {
    "AllocateEipAddress": "RegionId",
    "AssociateEipAddress": "AllocationId",
    "CreateVSwitch": "VpcId",
    "CreateVpc": "RegionId",
    "DeleteVSwitch": "VSwitchId",
    "DeleteVpc": "VpcId",
    "DescribeEipAddresses": "RegionId",
    "DescribeRouteTableList": "RegionId",
    "DescribeVRouters": "RegionId",
    "DescribeVSwitchAttributes": "VSwitchId",
    "DescribeVSwitches": "RegionId",
    "DescribeVpcAttribute": "RegionId VpcId",
    "DescribeVpcs": "RegionId",
    "ListTagResources": "RegionId ResourceType",
    "ModifyEipAddressAttribute": "AllocationId",
    "ModifyVSwitchAttribute": "VSwitchId",
    "ModifyVpcAttribute": "VpcId",
    "ReleaseEipAddress": "AllocationId",
    "TagResources": "RegionId ResourceType ResourceId",
    "UnTagResources": "RegionId ResourceType ResourceId",
    "UnassociateEipAddress": "AllocationId",
}
REGIONAL = [action for action, wire in CALLS.items() if "RegionId" in wire and action not in _ANYWHERE]
ROWS = [(one, "RegionId") for one in REGIONAL] + [(one, name) for one, many in _NEEDS.items() for name in many.split()]


NETWORK_ROWS = [
    (product, one, name)
    for product, calls in (("vpc", VPC_CALLS), ("ecs", MOVED_CALLS))
    for one in calls
    for name in _NETWORK_NEEDS[one].split()
]


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    with lasting_stock(tmp_path_factory) as made:
        yield made


@pytest.mark.parametrize(("action", "name"), ROWS)
def test_a_parameter_that_is_mandatory(s: Stock, action: str, name: str) -> None:
    """The documented code, with the parameter's name."""
    with refused("MissingParameter", 400, _MESSAGE.format(name)):
        s.ask(action, **{key: value for key, value in CALLS[action].items() if key != name})


@pytest.mark.parametrize(("product", "action", "name"), NETWORK_ROWS)
def test_a_parameter_of_a_network_that_is_mandatory(s: Stock, product: str, action: str, name: str) -> None:
    """As VPC says it, and ECS for VPC."""
    wire = {key: value for key, value in VPC_CALLS[action][0].items() if key != name}
    with refused("MissingParameter", 400, _MESSAGE.format(name)):
        s.ground.ask(action, product=product, **wire)
