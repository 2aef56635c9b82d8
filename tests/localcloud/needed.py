"""A call of each action of ECS, VPC and Alidns, and the resources on which its right is needed."""

from typing import Any

from tests.localcloud.ecs_world import PUBLIC, launch
from tests.localcloud.sdk import ACCOUNT, HOME

#: By action: the parameters by their names on the wire, and the resources.
Calls = dict[str, tuple[dict[str, Any], list[str]]]


def _ecs(path: str, region: str = HOME) -> str:
    return f"acs:ecs:{region}:{ACCOUNT}:{path}"


def _vpc(path: str) -> str:
    return f"acs:vpc:{HOME}:{ACCOUNT}:{path}"


_INSTANCE = {"InstanceId": "i-web"}
_GROUP = {"RegionId": HOME, "SecurityGroupId": "sg-a"}
_HERE = {"RegionId": HOME}
_BOTH = {"ResourceType": "instance", "ResourceId": ["i-web"], "RegionId": HOME, "Tag": [{"Key": "a", "Value": "b"}]}
_SEVERAL = {**_HERE, "InstanceId": ["i-web", "i-2"]}
_KEY = {"RegionId": HOME, "KeyPairName": "a"}
_ON_BOTH = {**_KEY, "InstanceIds": '["i-web", "i-2"]'}
_DISK = {"DiskId": "d-1"}
_IMAGE = {**_HERE, "ImageId": "m-1"}
_SNAPSHOT = {**_HERE, "SnapshotId": "s-1"}
_EIP = {**_HERE, "AllocationId": "eip-1"}
_NETWORK = {**_HERE, "VpcId": "vpc-a"}
_VSWITCH = {**_HERE, "VSwitchId": "vsw-a"}
_NEW = {**launch(PUBLIC), "DataDisk": [{"SnapshotId": "s-1"}], "KeyPairName": "a:b", "RamRoleName": "Guest"}
_OF_NEW = [
    _ecs("instance/*"),
    _ecs(f"image/{PUBLIC}"),
    _ecs("securitygroup/sg-a"),
    _ecs("snapshot/s-1"),
    _ecs("keypair/a:b"),
    _vpc("vswitch/vsw-a"),
    f"acs:ram:*:{ACCOUNT}:role/guest",
]
ECS_CALLS: Calls = {
    "DescribeRegions": ({}, ["*"]),
    "DescribeZones": (_HERE, ["*"]),
    "DescribeInstanceTypes": ({}, ["*"]),
    "DescribeAvailableResource": ({**_HERE, "DestinationResource": "InstanceType"}, ["*"]),
    "DescribeImages": ({**_HERE, "ImageId": "m-1,m-2"}, [_ecs("image/m-1"), _ecs("image/m-2")]),
    "CreateImage": (
        {**_HERE, **_INSTANCE, "SnapshotId": "s-1", "DiskDeviceMapping": [{"SnapshotId": "s-2"}]},
        [_ecs("image/*"), _ecs("instance/i-web"), _ecs("snapshot/s-1"), _ecs("snapshot/s-2")],
    ),
    "DeleteImage": ({**_HERE, "ImageId": "m-1"}, [_ecs("image/m-1")]),
    "CopyImage": (
        {**_HERE, "ImageId": "m-1", "DestinationRegionId": "cn-beijing"},
        [_ecs("image/*"), _ecs("image/m-1"), _ecs("image/*", "cn-beijing")],
    ),
    "CancelCopyImage": ({**_HERE, "ImageId": "m-1"}, [_ecs("image/m-1")]),
    "ModifyImageAttribute": (_IMAGE, [_ecs("image/m-1")]),
    "DescribeImageFromFamily": ({**_HERE, "ImageFamily": "f"}, ["*"]),
    "ModifyImageSharePermission": (_IMAGE, [_ecs("image/m-1")]),
    "DescribeImageSharePermission": (_IMAGE, [_ecs("image/m-1")]),
    "DescribeSnapshots": ({**_HERE, "SnapshotIds": '["s-1"]'}, [_ecs("snapshot/s-1")]),
    "CreateSnapshot": ({"DiskId": "d-1"}, [_ecs("disk/d-1"), _ecs("snapshot/*")]),
    "DeleteSnapshot": ({"SnapshotId": "s-1"}, [_ecs("snapshot/s-1")]),
    "ModifySnapshotAttribute": (_SNAPSHOT, [_ecs("snapshot/s-1")]),
    "CopySnapshot": ({**_SNAPSHOT, "DestinationRegionId": "cn-beijing"}, [_ecs("snapshot/s-1")]),
    "CreateSnapshotGroup": (
        {**_HERE, **_INSTANCE, "DiskId": ["d-1", "d-2"]},
        [_ecs("instance/i-web"), _ecs("disk/d-1"), _ecs("disk/d-2")],
    ),
    "DescribeSnapshotGroups": ({**_HERE, "SnapshotGroupId": ["ssg-1"]}, [_ecs("snapshotgroup/ssg-1")]),
    "DeleteSnapshotGroup": ({**_HERE, "SnapshotGroupId": "ssg-1"}, [_ecs("snapshotgroup/ssg-1")]),
    "RunInstances": (
        {**_NEW, "SecurityGroupId": None, "SecurityGroupIds": ["sg-a", "sg-a3"]},
        [*_OF_NEW, _ecs("securitygroup/sg-a3")],
    ),
    "CreateInstance": (_NEW, _OF_NEW),
    "DescribeInstances": (_HERE, [_ecs("instance/*")]),
    "DescribeInstanceStatus": (_HERE, [_ecs("instance/*")]),
    "DescribeInstanceAttribute": (_INSTANCE, [_ecs("instance/i-web")]),
    "StartInstance": (_INSTANCE, [_ecs("instance/i-web")]),
    "StopInstance": (_INSTANCE, [_ecs("instance/i-web")]),
    "RebootInstance": (_INSTANCE, [_ecs("instance/i-web")]),
    "StartInstances": (_SEVERAL, [_ecs("instance/i-web"), _ecs("instance/i-2")]),
    "StopInstances": (_SEVERAL, [_ecs("instance/i-web"), _ecs("instance/i-2")]),
    "RebootInstances": (_SEVERAL, [_ecs("instance/i-web"), _ecs("instance/i-2")]),
    "DeleteInstance": (_INSTANCE, [_ecs("instance/i-web")]),
    "DeleteInstances": (_SEVERAL, [_ecs("instance/i-web"), _ecs("instance/i-2")]),
    "ModifyInstanceAttribute": (
        {**_INSTANCE, "SecurityGroupIds": ["sg-a3"]},
        [_ecs("instance/i-web"), _ecs("securitygroup/sg-a3")],
    ),
    "ModifyInstanceVpcAttribute": (_INSTANCE | _VSWITCH, [_ecs("instance/i-web"), _vpc("vswitch/vsw-a")]),
    "AllocatePublicIpAddress": (_INSTANCE, [_ecs("instance/i-web")]),
    "DescribeUserData": ({**_HERE, **_INSTANCE}, [_ecs("instance/i-web")]),
    "ModifyInstanceSpec": (_INSTANCE, [_ecs("instance/i-web")]),
    "DescribeInstanceTypeFamilies": (_HERE, ["*"]),
    "DescribeInstanceMaintenanceAttributes": (_HERE, ["*"]),
    "AttachInstanceRamRole": (
        {**_HERE, "InstanceIds": '["i-web", "i-2"]', "RamRoleName": "Guest"},
        [_ecs("instance/i-web"), _ecs("instance/i-2"), f"acs:ram:*:{ACCOUNT}:role/guest"],
    ),
    "DetachInstanceRamRole": (
        {**_HERE, "InstanceIds": '["i-web", "i-2"]', "RamRoleName": "Guest"},
        [_ecs("instance/i-web"), _ecs("instance/i-2")],
    ),
    "DescribeInstanceRamRole": ({**_HERE, "RamRoleName": "Guest"}, [_ecs("instance/*")]),
    "DescribeInstanceAutoRenewAttribute": (
        {**_HERE, "InstanceId": "i-web,i-2"},
        [_ecs("instance/i-web"), _ecs("instance/i-2")],
    ),
    "DescribeNetworkInterfaces": (
        {**_HERE, "NetworkInterfaceId": ["eni-1", "eni-2"]},
        [_ecs("eni/eni-1"), _ecs("eni/eni-2")],
    ),
    "DescribeDisks": ({**_HERE, "DiskIds": '["d-1"]'}, [_ecs("disk/d-1")]),
    "CreateDisk": (_SNAPSHOT, [_ecs("disk/*"), _ecs("snapshot/s-1")]),
    "DeleteDisk": (_DISK, [_ecs("disk/d-1")]),
    "AttachDisk": (_DISK | _INSTANCE, [_ecs("disk/d-1"), _ecs("instance/i-web")]),
    "DetachDisk": (_DISK | _INSTANCE, [_ecs("disk/d-1"), _ecs("instance/i-web")]),
    "ModifyDiskAttribute": ({**_HERE, "DiskIds": ["d-1", "d-2"]}, [_ecs("disk/d-1"), _ecs("disk/d-2")]),
    "ResizeDisk": ({**_DISK, "NewSize": 100}, [_ecs("disk/d-1")]),
    "ReInitDisk": (_DISK, [_ecs("disk/d-1")]),
    "ReplaceSystemDisk": ({**_INSTANCE, "ImageId": "m-1"}, [_ecs("instance/i-web"), _ecs("image/m-1")]),
    "DescribeSecurityGroups": (_HERE, [_ecs("securitygroup/*")]),
    "DescribeSecurityGroupAttribute": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "ModifySecurityGroupAttribute": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "ModifySecurityGroupPolicy": ({**_GROUP, "InnerAccessPolicy": "Drop"}, [_ecs("securitygroup/sg-a")]),
    "CreateSecurityGroup": (
        {**_HERE, "VpcId": "vpc-a"},
        [_ecs("securitygroup/*"), _vpc("vpc/vpc-a")],
    ),
    "DeleteSecurityGroup": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "AuthorizeSecurityGroup": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "AuthorizeSecurityGroupEgress": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "RevokeSecurityGroup": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "RevokeSecurityGroupEgress": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "ModifySecurityGroupRule": (_GROUP, [_ecs("securitygroup/sg-a")]),
    "JoinSecurityGroup": (_GROUP | _INSTANCE, [_ecs("instance/i-web"), _ecs("securitygroup/sg-a")]),
    "LeaveSecurityGroup": (_GROUP | _INSTANCE, [_ecs("instance/i-web"), _ecs("securitygroup/sg-a")]),
    "CreateKeyPair": (_KEY, [_ecs("keypair/*")]),
    "ImportKeyPair": (_KEY, [_ecs("keypair/*")]),
    "DescribeKeyPairs": (_KEY, [_ecs("keypair/a")]),
    "DeleteKeyPairs": ({**_HERE, "KeyPairNames": '["a", "b"]'}, [_ecs("keypair/a"), _ecs("keypair/b")]),
    "AttachKeyPair": (_ON_BOTH, [_ecs("instance/i-web"), _ecs("instance/i-2"), _ecs("keypair/a")]),
    "DetachKeyPair": (_ON_BOTH, [_ecs("instance/i-web"), _ecs("instance/i-2"), _ecs("keypair/a")]),
    "AddTags": ({**_BOTH, "ResourceId": "i-web"}, [_ecs("instance/i-web")]),
    "RemoveTags": ({**_BOTH, "ResourceId": "i-web"}, [_ecs("instance/i-web")]),
    "DescribeTags": ({**_BOTH, "ResourceId": "i-web"}, ["*"]),
    "TagResources": (_BOTH, [_ecs("instance/i-web")]),
    "UntagResources": ({**_BOTH, "TagKey": ["a"]}, [_ecs("instance/i-web")]),
    "ListTagResources": ({**_HERE, "ResourceType": "image"}, [_ecs("image/*")]),
    "CreateSimulatedSystemEvents": (_SEVERAL, [_ecs("instance/i-web"), _ecs("instance/i-2")]),
    "CancelSimulatedSystemEvents": ({**_HERE, "EventId": ["e-1"]}, ["*"]),
    "DescribeInstanceHistoryEvents": (_HERE, ["*"]),
    "RunCommand": (
        {**_HERE, "InstanceId": ["i-web", "i-2"], "Type": "RunShellScript", "CommandContent": "x"},
        [_ecs("instance/i-web"), _ecs("instance/i-2")],
    ),
    "DescribeInvocations": (
        {**_HERE, "CommandId": "c-1", **_INSTANCE},
        [_ecs("instance/i-web"), _ecs("command/c-1")],
    ),
    "DescribeInvocationResults": ({**_HERE, "InvokeId": "t-1"}, [_ecs("instance/*")]),
    "StopInvocation": ({**_HERE, "InvokeId": "t-1", "InstanceId": ["i-web"]}, [_ecs("instance/i-web")]),
    "DescribeCloudAssistantStatus": ({**_HERE, "InstanceId": ["i-web"]}, [_ecs("instance/i-web")]),
    "CreateCommand": ({**_HERE, "Name": "x"}, [_ecs("command/*")]),
    "DescribeCommands": ({**_HERE, "CommandId": "c-1"}, [_ecs("command/c-1")]),
    "ModifyCommand": ({**_HERE, "CommandId": "c-1"}, [_ecs("command/c-1")]),
    "DeleteCommand": ({**_HERE, "CommandId": "c-1"}, [_ecs("command/c-1")]),
    "InvokeCommand": (
        {**_HERE, "CommandId": "c-1", "InstanceId": ["i-web"]},
        [_ecs("command/c-1"), _ecs("instance/i-web")],
    ),
}

#: Those that moved from ECS to VPC.
MOVED_CALLS: Calls = {
    "CreateVpc": (_HERE, [_vpc("vpc/*")]),
    "ModifyVpcAttribute": (_NETWORK, [_vpc("vpc/vpc-a")]),
    "DeleteVpc": (_NETWORK, [_vpc("vpc/vpc-a")]),
    "DescribeVpcs": ({**_HERE, "VpcId": "vpc-a,vpc-b"}, [_vpc("vpc/vpc-a"), _vpc("vpc/vpc-b")]),
    "CreateVSwitch": (_NETWORK, [_vpc("vswitch/*"), _vpc("vpc/vpc-a")]),
    "ModifyVSwitchAttribute": (_VSWITCH, [_vpc("vswitch/vsw-a")]),
    "DeleteVSwitch": (_VSWITCH, [_vpc("vswitch/vsw-a")]),
    "DescribeVSwitches": (_VSWITCH, [_vpc("vswitch/*")]),
    "AllocateEipAddress": (_HERE, [_vpc("eip/*")]),
    "AssociateEipAddress": (
        _EIP | _INSTANCE,
        [_vpc("eip/eip-1"), _vpc("instance/i-web"), _ecs("instance/i-web")],
    ),
    "UnassociateEipAddress": (_EIP | _INSTANCE, [_vpc("eip/eip-1"), _ecs("instance/i-web")]),
    "ReleaseEipAddress": (_EIP, [_vpc("eip/eip-1")]),
    "ModifyEipAddressAttribute": (_EIP, [_vpc("eip/eip-1")]),
    "DescribeEipAddresses": (_EIP, [_vpc("eip/*")]),
}
_TAGGED = {**_HERE, "ResourceType": "VSWITCH", "ResourceId": ["vsw-a", "vsw-b"]}
VPC_CALLS: Calls = {
    **MOVED_CALLS,
    "DescribeVpcAttribute": (_NETWORK, [_vpc("vpc/vpc-a")]),
    "DescribeVSwitchAttributes": (_VSWITCH, [_vpc("vswitch/vsw-a")]),
    "DescribeVRouters": (_HERE, [_vpc("vrouter/*")]),
    "DescribeRouteTableList": (_NETWORK, [_vpc("routetable/*")]),
    "TagResources": (_TAGGED, [_vpc("vswitch/vsw-a"), _vpc("vswitch/vsw-b")]),
    "UnTagResources": (_TAGGED, [_vpc("vswitch/vsw-a"), _vpc("vswitch/vsw-b")]),
    "ListTagResources": ({**_HERE, "ResourceType": "EIP"}, [_vpc("eip/*")]),
}
_DOMAIN = {"DomainName": "Example.com"}
_NO_RECORD = {"RecordId": "1"}
_EVERY_DOMAIN = f"acs:alidns::{ACCOUNT}:domain/*"
_ITS_DOMAIN = f"acs:alidns::{ACCOUNT}:domain/example.com"
DNS_CALLS: Calls = {
    "AddDomain": (_DOMAIN, [_EVERY_DOMAIN]),
    "DescribeDomains": ({}, [_EVERY_DOMAIN]),
    "DescribeDomainInfo": (_DOMAIN, [_EVERY_DOMAIN]),
    "GetMainDomainName": ({"InputString": "www.example.com"}, [_EVERY_DOMAIN]),
    "DeleteDomain": (_DOMAIN, [_ITS_DOMAIN]),
    "AddDomainRecord": (_DOMAIN, [_ITS_DOMAIN]),
    "DescribeDomainRecords": (_DOMAIN, [_ITS_DOMAIN]),
    "DescribeSubDomainRecords": ({**_DOMAIN, "SubDomain": "www.example.com"}, [_ITS_DOMAIN]),
    "UpdateDomainRecord": (_NO_RECORD, [_EVERY_DOMAIN]),
    "DeleteDomainRecord": (_NO_RECORD, [_EVERY_DOMAIN]),
    "SetDomainRecordStatus": (_NO_RECORD, [_EVERY_DOMAIN]),
    "UpdateDomainRecordRemark": (_NO_RECORD, [_EVERY_DOMAIN]),
    "DescribeDomainRecordInfo": (_NO_RECORD, [_EVERY_DOMAIN]),
}
