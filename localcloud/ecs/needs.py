"""What each action of ECS needs: the RAM action of its name, on which resources.

Resources: "RAM authorization" (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-ram)
and the pages of the actions; where these say "All Resources" or name fewer, those of "Authentication rules"
(https://github.com/AlibabaCloudDocs/ecs, 2021) are needed too (both read 2026-11).  UNVERIFIED: which of the two holds
today for those; and that what a list can be narrowed to and is not, such as an instance, is ``instance/*``.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from localcloud.ecs.parameters import Params
from localcloud.ecs.resources import (
    Needs,
    Table,
    comma_list,
    each,
    every,
    everything,
    inner,
    json_list,
    of_type,
    one,
    shown,
    there,
    within,
)
from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call


class EcsNeeds:
    """What the calls to ECS need."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._own = Needs(cloud, "ecs", NEEDS, TAGGING)

    def of(self, call: "Call") -> Iterator[Need]:
        """What *call* needs: as VPC does for what moved there."""
        if call.action in MOVED:
            yield from self._cloud.vpc.needs.of(call)
            return
        yield from self._own.of(call)
        params = Params.of(call)
        if call.action in ("RunInstances", "CreateInstance"):
            yield from self._family(params)
        role = params.text("RamRoleName")
        if role and call.action in ("RunInstances", "CreateInstance", "AttachInstanceRamRole"):
            yield self._passing(role)

    def _family(self, params: Params) -> Iterator[Need]:
        """The image that a family stands for."""
        image = self._cloud.ecs.newest_of(params.region, params.text("ImageFamily"))
        if image is not None:
            yield self._own.on(f"image/{image.id}", params)

    def _passing(self, role: str) -> Need:
        """An instance's role is passed to ECS.

        https://www.alibabacloud.com/help/en/ecs/user-guide/attach-an-instance-ram-role-to-an-ecs-instance
        """
        name = f"acs:ram:*:{self._cloud.account}:role/{role.lower()}"
        return Need("ram:PassRole", name, lambda: {"acs:Service": ["ecs.aliyuncs.com"]})


#: UNVERIFIED: these are in neither list of ECS, whose page has the resources of VPC and gives ``vpc`` as a second code.
MOVED = frozenset(
    {
        "CreateVpc",
        "ModifyVpcAttribute",
        "DeleteVpc",
        "DescribeVpcs",
        "CreateVSwitch",
        "ModifyVSwitchAttribute",
        "DeleteVSwitch",
        "DescribeVSwitches",
        "AllocateEipAddress",
        "AssociateEipAddress",
        "UnassociateEipAddress",
        "ReleaseEipAddress",
        "ModifyEipAddressAttribute",
        "DescribeEipAddresses",
    }
)
_INSTANCE = one("instance", "InstanceId")
_INSTANCES = each("instance", "InstanceId")
_GROUP = one("securitygroup", "SecurityGroupId")
_KEY_PAIR = one("keypair", "KeyPairName")
_DISK = one("disk", "DiskId")
_IMAGE = one("image", "ImageId")
_SNAPSHOT = one("snapshot", "SnapshotId")
_COMMAND = one("command", "CommandId")
#: Where an instance is put, or its network interface.
_PLACE = (
    within("vpc", one("vswitch", "VSwitchId")),
    _GROUP,
    each("securitygroup", "SecurityGroupIds"),
)
#: "All Resources" today.  UNVERIFIED: that the vSwitch's network, which CreateInstance names in 2021, is not needed.
_LAUNCH = (
    every("instance"),
    _IMAGE,
    *_PLACE,
    inner("DataDisk", _SNAPSHOT),
    _KEY_PAIR,
)
NEEDS: Table = {
    # UNVERIFIED: these four are in neither list
    "DescribeRegions": (everything,),
    "DescribeZones": (everything,),
    "DescribeInstanceTypes": (everything,),
    "DescribeAvailableResource": (everything,),
    "DescribeImages": (shown("image", comma_list("image", "ImageId")),),
    "CreateImage": (
        every("image"),
        _INSTANCE,
        _SNAPSHOT,
        inner("DiskDeviceMapping", _SNAPSHOT),
    ),
    "DeleteImage": (_IMAGE,),
    "CopyImage": (every("image"), _IMAGE, there(every("image"), "DestinationRegionId")),
    "CancelCopyImage": (_IMAGE,),
    "ModifyImageAttribute": (_IMAGE,),
    "DescribeImageFromFamily": (everything,),
    "ModifyImageSharePermission": (_IMAGE,),
    "DescribeImageSharePermission": (_IMAGE,),
    "DescribeSnapshots": (shown("snapshot", json_list("snapshot", "SnapshotIds")),),
    "CreateSnapshot": (_DISK, every("snapshot")),
    "DeleteSnapshot": (_SNAPSHOT,),
    "ModifySnapshotAttribute": (_SNAPSHOT,),
    # UNVERIFIED: that nothing is needed where the copy is made
    "CopySnapshot": (_SNAPSHOT,),
    "CreateSnapshotGroup": (_INSTANCE, each("disk", "DiskId")),
    "DescribeSnapshotGroups": (shown("snapshotgroup", each("snapshotgroup", "SnapshotGroupId")),),
    "DeleteSnapshotGroup": (one("snapshotgroup", "SnapshotGroupId"),),
    "RunInstances": (*_LAUNCH, *(inner("NetworkInterface", of) for of in _PLACE)),
    "CreateInstance": _LAUNCH,
    "DescribeInstances": (shown("instance", json_list("instance", "InstanceIds")),),
    "DescribeInstanceStatus": (every("instance"),),
    "DescribeInstanceAttribute": (_INSTANCE,),
    "StartInstance": (_INSTANCE,),
    "StopInstance": (_INSTANCE,),
    "RebootInstance": (_INSTANCE,),
    "StartInstances": (_INSTANCES,),
    "StopInstances": (_INSTANCES,),
    "RebootInstances": (_INSTANCES,),
    "DeleteInstance": (_INSTANCE,),
    "DeleteInstances": (_INSTANCES,),
    "ModifyInstanceAttribute": (_INSTANCE, each("securitygroup", "SecurityGroupIds")),
    # UNVERIFIED: that nothing is needed of the groups that the instance moves to
    "ModifyInstanceVpcAttribute": (_INSTANCE, within("vpc", one("vswitch", "VSwitchId"))),
    "AllocatePublicIpAddress": (_INSTANCE,),
    "DescribeUserData": (_INSTANCE,),
    "ModifyInstanceSpec": (_INSTANCE,),
    # UNVERIFIED: it is in neither list
    "DescribeInstanceTypeFamilies": (everything,),
    # "All Resource" on its page
    "DescribeInstanceMaintenanceAttributes": (everything,),
    # UNVERIFIED: that of the role, which two of the pages name, Attach needs no more than to pass it, Describe nothing
    "AttachInstanceRamRole": (json_list("instance", "InstanceIds"),),
    "DetachInstanceRamRole": (json_list("instance", "InstanceIds"),),
    "DescribeInstanceRamRole": (shown("instance", json_list("instance", "InstanceIds")),),
    "DescribeInstanceAutoRenewAttribute": (shown("instance", comma_list("instance", "InstanceId")),),
    "DescribeNetworkInterfaces": (shown("eni", each("eni", "NetworkInterfaceId")),),
    "DescribeDisks": (shown("disk", json_list("disk", "DiskIds")),),
    # UNVERIFIED: that nothing is needed of the instance that gets the disk, which CreateDisk may name
    "CreateDisk": (every("disk"), _SNAPSHOT),
    "DeleteDisk": (_DISK,),
    "AttachDisk": (_DISK, _INSTANCE),
    "DetachDisk": (_DISK, _INSTANCE),
    "ModifyDiskAttribute": (_DISK, each("disk", "DiskIds")),
    "ResizeDisk": (_DISK,),
    "ReInitDisk": (_DISK,),
    # UNVERIFIED: that the key pair is needed, which its page does not name
    "ReplaceSystemDisk": (_INSTANCE, _IMAGE, _KEY_PAIR),
    "DescribeSecurityGroups": (shown("securitygroup", _GROUP, json_list("securitygroup", "SecurityGroupIds")),),
    "DescribeSecurityGroupAttribute": (_GROUP,),
    "ModifySecurityGroupAttribute": (_GROUP,),
    "ModifySecurityGroupPolicy": (_GROUP,),
    "CreateSecurityGroup": (every("securitygroup"), within("vpc", one("vpc", "VpcId"))),
    "DeleteSecurityGroup": (_GROUP,),
    "AuthorizeSecurityGroup": (_GROUP,),
    "AuthorizeSecurityGroupEgress": (_GROUP,),
    "RevokeSecurityGroup": (_GROUP,),
    "RevokeSecurityGroupEgress": (_GROUP,),
    "ModifySecurityGroupRule": (_GROUP,),
    "JoinSecurityGroup": (_INSTANCE, _GROUP),
    "LeaveSecurityGroup": (_INSTANCE, _GROUP),
    "CreateKeyPair": (every("keypair"),),
    "ImportKeyPair": (every("keypair"),),
    "DescribeKeyPairs": (shown("keypair", _KEY_PAIR),),
    "DeleteKeyPairs": (json_list("keypair", "KeyPairNames"),),
    "AttachKeyPair": (json_list("instance", "InstanceIds"), _KEY_PAIR),
    "DetachKeyPair": (json_list("instance", "InstanceIds"), _KEY_PAIR),
    # UNVERIFIED: the older three are in neither list
    "AddTags": (of_type(one),),
    "RemoveTags": (of_type(one),),
    "DescribeTags": (everything,),
    "TagResources": (of_type(each),),
    "UntagResources": (of_type(each),),
    "ListTagResources": (of_type(each),),
    "CreateSimulatedSystemEvents": (_INSTANCES,),
    "CancelSimulatedSystemEvents": (everything,),
    "DescribeInstanceHistoryEvents": (everything,),
    "RunCommand": (_INSTANCES,),
    "DescribeInvocations": (shown("instance", _INSTANCE), _COMMAND),
    "DescribeInvocationResults": (shown("instance", _INSTANCE), _COMMAND),
    "StopInvocation": (shown("instance", _INSTANCES),),
    "DescribeCloudAssistantStatus": (shown("instance", _INSTANCES),),
    "CreateCommand": (every("command"),),
    "DescribeCommands": (shown("command", _COMMAND),),
    "ModifyCommand": (_COMMAND,),
    "DeleteCommand": (_COMMAND,),
    # UNVERIFIED: that RunCommand needs nothing of commands; the condition ecs:CommandRunAs is not known here
    "InvokeCommand": (_COMMAND, _INSTANCES),
}
#: The actions that read ``Tag.N``.
TAGGING = frozenset(
    {
        "DescribeImages",
        "CreateImage",
        "CopyImage",
        "DescribeSnapshots",
        "CreateSnapshot",
        "CopySnapshot",
        "CreateSnapshotGroup",
        "DescribeSnapshotGroups",
        "RunInstances",
        "CreateInstance",
        "DescribeInstances",
        "DescribeDisks",
        "CreateDisk",
        "DescribeSecurityGroups",
        "CreateSecurityGroup",
        "CreateKeyPair",
        "ImportKeyPair",
        "DescribeKeyPairs",
        "AddTags",
        "RemoveTags",
        "DescribeTags",
        "TagResources",
        "ListTagResources",
        "RunCommand",
        "DescribeInvocations",
        "DescribeInvocationResults",
        "CreateCommand",
        "DescribeCommands",
        "DescribeNetworkInterfaces",
        "InvokeCommand",
    }
)
