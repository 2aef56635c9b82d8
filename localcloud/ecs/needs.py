"""What each action of ECS needs: the RAM action of its name, on which resources.

Resources: "RAM authorization" (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-ram)
and the pages of the actions; where these say "All Resources" or name fewer, those of "Authentication rules"
(https://github.com/AlibabaCloudDocs/ecs, 2021) are needed too (both read 2026-11).  UNVERIFIED: which of the two holds
today for those; and that what a list can be narrowed to and is not, such as an instance, is ``instance/*``.

Conditions: tags of the call (acs:RequestTag) and of the resource (acs:ResourceTag), "Use tags to grant access to ECS
resources by group" (same help, read 2026-11).  UNVERIFIED: that what is not there has no tags, rather than being
refused as not there.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from localcloud.ecs.models import Resource
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State
from localcloud.ram.conditions import Context
from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.door import Call

#: Resources of a call: where they are, ``ecs:cn-beijing`` (empty: of ECS, in the call's region), and their kind and id.
Of = Callable[[Params], Iterator[tuple[str, str]]]


class Needs:
    """What the account's calls need."""

    def __init__(self, account: str, state: State) -> None:
        self._account = account
        self._state = state

    def of(self, call: "Call") -> Iterator[Need]:
        """What *call* needs: an action that is not in the table needs everything."""
        params = Params.of(call)
        for resources in NEEDS.get(call.action, (_everything,)):
            for place, path in resources(params):
                yield self._need(f"ecs:{call.action}", place or f"ecs:{params.region}", path, params)
        if call.action == "RunInstances" and params.has("RamRoleName"):
            yield self._passing(params.text("RamRoleName"))

    def _need(self, action: str, place: str, path: str, params: Params) -> Need:
        name = path if path == "*" else f"acs:{place}:{self._account}:{path}"
        return Need(action, name, lambda: self._tags(params, path))

    def _passing(self, role: str) -> Need:
        """An instance's role is passed to ECS.

        https://www.alibabacloud.com/help/en/ecs/user-guide/attach-an-instance-ram-role-to-an-ecs-instance
        """
        name = f"acs:ram:*:{self._account}:role/{role.lower()}"
        return Need("ram:PassRole", name, lambda: {"acs:Service": ["ecs.aliyuncs.com"]})

    def _tags(self, params: Params, path: str) -> Context:
        sent = {one.text("Key"): one.text("Value") for one in params.structs("Tag")}
        kind, _, id_ = path.partition("/")
        held = self._found(params.region, kind, id_)
        return {
            **{f"acs:RequestTag/{key}": [value] for key, value in sent.items()},
            **{f"acs:ResourceTag/{key}": [value] for key, value in (held.tags if held else {}).items()},
        }

    def _found(self, region: str, kind: str, id_: str) -> Resource | None:
        if not self._state.has(region):
            return None
        held = self._state.of(region)
        kinds: Mapping[str, Mapping[str, Resource]] = {
            "disk": held.disks,
            "image": held.images,
            "instance": held.instances,
            "securitygroup": held.groups,
            "snapshot": held.snapshots,
        }
        return kinds.get(kind, {}).get(id_)


def _every(kind: str) -> Of:
    """All of a kind, whatever the call names."""
    return lambda _: iter((("", f"{kind}/*"),))


def _each(kind: str, *names: str) -> Of:
    """Those that the call names."""
    return lambda params: (("", f"{kind}/{id_}") for name in names for id_ in _ids(params, name))


def _shown(kind: str, *names: str) -> Of:
    """Those that the call names, or all when it names none."""

    def resources(params: Params) -> Iterator[tuple[str, str]]:
        ids = [id_ for name in names for id_ in _ids(params, name)] or ["*"]
        return (("", f"{kind}/{id_}") for id_ in ids)

    return resources


def _inner(kind: str, group: str, name: str) -> Of:
    """Those that are named in a list of groups."""
    return lambda params: (("", f"{kind}/{one.text(name)}") for one in params.structs(group) if one.has(name))


def _everything(_: Params) -> Iterator[tuple[str, str]]:
    return iter((("", "*"),))


def _of_type(params: Params) -> Iterator[tuple[str, str]]:
    """What is tagged, or whose tags are listed."""
    kind = params.text("ResourceType")
    return (("", f"{kind}/{id_}") for id_ in params.each("ResourceId") or ("*",)) if kind else iter(())


def _there(params: Params) -> Iterator[tuple[str, str]]:
    """Any image of the region that an image is copied to."""
    return iter(((f"ecs:{params.text('DestinationRegionId', params.region)}", "image/*"),))


def _in_vpc(kind: str, name: str) -> Of:
    """What the call names of VPC."""
    return lambda params: ((f"vpc:{params.region}", f"{kind}/{id_}") for id_ in _ids(params, name))


def _ids(params: Params, name: str) -> tuple[str, ...]:
    """The ids of a parameter, however it holds them; what is malformed names none, and is refused by the action."""
    text = params.text(name)
    if not text.startswith("["):
        return (*(one.strip() for one in text.split(",") if one.strip()), *params.each(name))
    try:
        ids = json.loads(text)
    except ValueError:
        return ()
    return tuple(one for one in ids if isinstance(one, str))


_INSTANCE = _each("instance", "InstanceId")
_GROUP = _each("securitygroup", "SecurityGroupId")
NEEDS: Mapping[str, tuple[Of, ...]] = {
    # UNVERIFIED: these four are in neither list
    "DescribeRegions": (_everything,),
    "DescribeZones": (_everything,),
    "DescribeInstanceTypes": (_everything,),
    "DescribeAvailableResource": (_everything,),
    "DescribeImages": (_shown("image", "ImageId"),),
    "CreateImage": (
        _every("image"),
        _INSTANCE,
        _each("snapshot", "SnapshotId"),
        _inner("snapshot", "DiskDeviceMapping", "SnapshotId"),
    ),
    "DeleteImage": (_each("image", "ImageId"),),
    "CopyImage": (_every("image"), _each("image", "ImageId"), _there),
    "CancelCopyImage": (_each("image", "ImageId"),),
    "DescribeSnapshots": (_shown("snapshot", "SnapshotIds"),),
    "CreateSnapshot": (_each("disk", "DiskId"), _every("snapshot")),
    "DeleteSnapshot": (_each("snapshot", "SnapshotId"),),
    # "All Resources" today; the vSwitch is in the row of CreateInstance of 2021
    "RunInstances": (
        _every("instance"),
        _each("image", "ImageId"),
        _each("securitygroup", "SecurityGroupId", "SecurityGroupIds"),
        _inner("snapshot", "DataDisk", "SnapshotId"),
        _each("keypair", "KeyPairName"),
        _in_vpc("vswitch", "VSwitchId"),
    ),
    "DescribeInstances": (_shown("instance", "InstanceIds"),),
    "DescribeInstanceStatus": (_every("instance"),),
    "DescribeInstanceAttribute": (_INSTANCE,),
    "StartInstance": (_INSTANCE,),
    "StopInstance": (_INSTANCE,),
    "DeleteInstance": (_INSTANCE,),
    "DeleteInstances": (_INSTANCE,),
    "ModifyInstanceAttribute": (_INSTANCE, _each("securitygroup", "SecurityGroupIds")),
    "DescribeDisks": (_shown("disk", "DiskIds"),),
    "DescribeSecurityGroups": (_shown("securitygroup", "SecurityGroupId", "SecurityGroupIds"),),
    "DescribeSecurityGroupAttribute": (_GROUP,),
    "ModifySecurityGroupPolicy": (_GROUP,),
    "CreateSecurityGroup": (_every("securitygroup"), _in_vpc("vpc", "VpcId")),
    "DeleteSecurityGroup": (_GROUP,),
    "AuthorizeSecurityGroup": (_GROUP,),
    "AuthorizeSecurityGroupEgress": (_GROUP,),
    "RevokeSecurityGroup": (_GROUP,),
    "RevokeSecurityGroupEgress": (_GROUP,),
    "JoinSecurityGroup": (_INSTANCE, _GROUP),
    "LeaveSecurityGroup": (_INSTANCE, _GROUP),
    "TagResources": (_of_type,),
    "UntagResources": (_of_type,),
    "ListTagResources": (_of_type,),
    "RunCommand": (_INSTANCE,),
    "DescribeInvocations": (_shown("instance", "InstanceId"), _each("command", "CommandId")),
    "DescribeInvocationResults": (_shown("instance", "InstanceId"), _each("command", "CommandId")),
    "StopInvocation": (_shown("instance", "InstanceId"),),
    "DescribeCloudAssistantStatus": (_shown("instance", "InstanceId"),),
}
