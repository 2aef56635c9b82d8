"""ECS says no as documented: every refusal of the embedded one is provoked through the SDK."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs import errors
from localcloud.ecs.errors import Refusal
from localcloud.ecs.refusals import commands, disks, lists, snapshots
from localcloud.faults import Fault
from tests.localcloud.asker import allow, give
from tests.localcloud.ecs_world import ALL, HERE, PUBLIC, SCRIPT, THERE, Ground, Single, ground, launch, refused

Act = Callable[[Ground], object]
EXTRA: dict[str, Any] = {
    "vswitches": [{"id": "vsw-small", "vpc": "vpc-a", "zone": "cn-hangzhou-h", "cidr": "10.0.3.0/29"}],
    "security_groups": [{"id": "sg-friend", "vpc": "vpc-a"}],
    "instances": [
        {
            "id": "i-local",
            "type": "ecs.i3.xlarge",
            "disks": [
                {"kind": "system", "category": "cloud_essd", "size": 40},
                {"kind": "data", "category": "local_ssd_pro", "size": 447},
            ],
        },
        {
            "id": "i-kept",
            "status": "Stopped",
            "deletion_protection": True,
            "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}],
        },
        {
            "id": "i-paid",
            "status": "Stopped",
            "charge_type": "PrePaid",
            "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}],
        },
    ],
    "images": [
        {
            "id": "m-own",
            "name": "own",
            "disks": [{"kind": "system", "size": 40}, {"kind": "data", "device": "/dev/xvdb", "size": 100}],
        },
        {
            "id": "m-sealed",
            "name": "sealed",
            "disks": [
                {"kind": "system", "size": 40, "encrypted": True},
                {"kind": "data", "device": "/dev/xvdb", "size": 20, "encrypted": True},
            ],
        },
        {"id": "m-making", "name": "making", "status": "Creating"},
        {"id": "m-theirs", "name": "theirs", "owner": "others"},
    ],
}
DISK: dict[str, Any] = {"RegionId": HERE, "ZoneId": "cn-hangzhou-h", "DiskCategory": "cloud_essd", "Size": 20}
GROUP = {"RegionId": HERE, "SecurityGroupId": "sg-a"}
VSWITCH = {"RegionId": HERE, "VpcId": "vpc-a", "ZoneId": "cn-hangzhou-h", "CidrBlock": "10.0.9.0/24"}
MANY = [f"x-{number}" for number in range(101)]
EVENT = {"RegionId": HERE, "EventType": "SystemFailure.Stop", "NotBefore": "2030-01-01T00:00:00Z"}
TAGS = [{"Key": f"k{number}", "Value": "v"} for number in range(21)]


def ask(action: str, region: str = HERE, **wire: Any) -> Act:
    return lambda g: g.ask(action, region, **wire)


def create(**wire: Any) -> Act:
    return lambda g: g.create_image(**wire)


def copy(**wire: Any) -> Act:
    return lambda g: g.ask("CopyImage", **{**COPY, **wire})


COPY = {"RegionId": HERE, "ImageId": "m-own", "DestinationRegionId": THERE, "DestinationImageName": "copy"}


def run(image_id: str = "m-own", **wire: Any) -> Act:
    return lambda g: g.ask("RunInstances", **{**launch(image_id), **wire})


def run_without(name: str, **wire: Any) -> Act:
    return lambda g: g.ask(
        "RunInstances", **{key: value for key, value in launch("m-own").items() if key != name} | wire
    )


def data(**disk: Any) -> Act:
    return run(DataDisk=[disk])


def rule(**wire: Any) -> Act:
    facts = {"RegionId": HERE, "SecurityGroupId": "sg-a", "IpProtocol": "tcp", "PortRange": "22/22"}
    return lambda g: g.ask("AuthorizeSecurityGroup", **{**facts, "SourceCidrIp": "10.0.0.0/8", **wire})


def rule_out(**wire: Any) -> Act:
    facts = {"RegionId": HERE, "SecurityGroupId": "sg-a", "IpProtocol": "tcp", "PortRange": "22/22"}
    return lambda g: g.ask("AuthorizeSecurityGroupEgress", **{**facts, **wire})


def tag(**wire: Any) -> Act:
    facts = {"RegionId": HERE, "ResourceType": "instance", "ResourceId": ["i-web"]}
    return lambda g: g.ask("TagResources", **{**facts, "Tag": [{"Key": "k", "Value": "v"}], **wire})


def command(**wire: Any) -> Act:
    facts = {"RegionId": HERE, "Type": "RunShellScript", "CommandContent": SCRIPT, "InstanceId": ["i-web"]}
    return lambda g: g.ask("RunCommand", **{**facts, **wire})


def script(content: str) -> Act:
    return command(EnableParameter=True, CommandContent=content)


def change(**wire: Any) -> Act:
    return ask("ModifyInstanceAttribute", InstanceId="i-web", **wire)


def snapshot(kind: str = "system") -> Callable[[Ground], str]:
    """The snapshot under the world's own image."""

    def find(g: Ground) -> str:
        disks = g.image("m-own")["DiskDeviceMappings"]["DiskDeviceMapping"]
        return str(next(disk["SnapshotId"] for disk in disks if disk["Type"] == kind))

    return find


def disk_of(g: Ground, instance_id: str, device: str = "/dev/xvda") -> str:
    return str(g.disks(instance_id)[device]["DiskId"])


def mapped(*kinds: str, **more: Any) -> Act:
    return lambda g: g.ask(
        "CreateImage", RegionId=HERE, DiskDeviceMapping=[{"SnapshotId": snapshot(kind)(g), **more} for kind in kinds]
    )


def twice(action: str, first: dict[str, Any], then: dict[str, Any]) -> Act:
    """The same token for two different calls."""

    def act(g: Ground) -> None:
        g.ask(action, **first, ClientToken="t")
        g.ask(action, **{**first, **then}, ClientToken="t")

    return act


def invoked_twice(g: Ground) -> None:
    facts = {"RegionId": HERE, "Type": "RunShellScript", "ContentEncoding": "PlainText", "CommandContent": SCRIPT}
    command_id = g.ask("CreateCommand", **facts, Name="look")["CommandId"]
    twice("InvokeCommand", {"RegionId": HERE, "CommandId": command_id, "InstanceId": ["i-web"]}, {"Timeout": 20})(g)


def capture(g: Ground) -> str:
    found = g.ask("CreateSnapshot", DiskId=disk_of(g, "i-web"))
    return str(found["SnapshotId"])


def after(*acts: Act) -> Act:
    """Several calls; the last is the one to be refused."""

    def act(g: Ground) -> None:
        for one in acts:
            one(g)

    return act


def copying(then: Act) -> Act:
    return after(lambda g: g.copy_image("m-own"), then)


def copied(g: Ground, status: str) -> str:
    image_id = g.copy_image("m-own")
    g.until(lambda: g.image(image_id, THERE).get("Status") == status)
    return image_id


def cancel(status: str) -> Act:
    return lambda g: g.ask("CancelCopyImage", THERE, RegionId=THERE, ImageId=copied(g, status))


def made_from_snapshot(g: Ground) -> None:
    taken = g.ask("CreateSnapshot", DiskId=disk_of(g, "i-web", "/dev/xvdb"))["SnapshotId"]
    g.pass_time(hours=2)
    g.run("m-own", DataDisk=[{"SnapshotId": taken, "Category": "cloud_essd"}])
    g.ask("DeleteSnapshot", SnapshotId=taken)


def filled_up(g: Ground) -> None:
    """The fifth launch asks for more addresses than a /29 has."""
    for _ in range(5):
        g.ask("RunInstances", **launch(PUBLIC) | {"VSwitchId": "vsw-small"})


def with_a_role_of_another_service(g: Ground) -> None:
    """RAM has the role, and it trusts Function Compute."""
    give("of-fc", allow("ecs:*"))
    g.run(RamRoleName="of-fc")


def many_rules(g: Ground) -> None:
    for start in range(0, 300, 100):
        permissions = [
            {"IpProtocol": "tcp", "PortRange": f"{port}/{port}", "SourceCidrIp": "10.0.0.0/8"}
            for port in range(start + 1, start + 101)
        ]
        g.ask("AuthorizeSecurityGroup", RegionId=HERE, SecurityGroupId="sg-a", Permissions=permissions)


def deleted_while_starting(g: Ground) -> None:
    g.ask("DeleteInstance", InstanceId=g.run("m-own"), Force=True)


def joined(g: Ground) -> None:
    g.ask("ModifyInstanceAttribute", InstanceId="i-web", SecurityGroupIds=["sg-a", "sg-friend"])


def disks_beyond(g: Ground) -> None:
    """Sixteen of one's own on top of the image's one data disk."""
    g.run("m-own", DataDisk=[{"Size": 20, "Category": "cloud_essd"} for _ in range(16)])


def sealed(g: Ground) -> str:
    """A snapshot of an encrypted data disk."""
    found = g.image("m-sealed")["DiskDeviceMappings"]["DiskDeviceMapping"]
    return str(next(disk["SnapshotId"] for disk in found if disk["Type"] == "data"))


def small(g: Ground) -> str:
    """A disk too small to burst."""
    return str(g.ask("CreateDisk", **DISK | {"DiskCategory": "cloud_auto", "Size": 3})["DiskId"])


def coming(g: Ground) -> str:
    """A disk on its way to an instance."""
    disk_id = str(g.ask("CreateDisk", **DISK)["DiskId"])
    g.pass_time(seconds=10)
    g.ask("AttachDisk", InstanceId="i-web", DiskId=disk_id)
    return disk_id


def stopped(g: Ground, **wire: Any) -> str:
    g.ask("StopInstance", InstanceId="i-web", **wire)
    g.until(lambda: g.instance("i-web")["Status"] == "Stopped")
    return "i-web"


def renewed_while_captured(g: Ground) -> None:
    stopped(g)
    capture(g)
    g.ask("ReInitDisk", DiskId=disk_of(g, "i-web"))


def started_without_stock(g: Ground) -> None:
    """Only an instance that gave up what it ran on can be without."""
    g.ask("StartInstance", InstanceId=stopped(g, StoppedMode="StopCharging"))


USER_DATA = base64.b64encode(b"x" * (32 * 1024 + 1)).decode()
PORTS = {"SourceCidrIp": "", "SourceGroupId": ""}
LAUNCHES: dict[str, Act] = {
    "PARAMETER_CONFLICT": run(SecurityGroupIds=["sg-a"]),
    "DRY_RUN": run(DryRun=True),
    "TOKEN_INVALID": run(ClientToken="t" * 65),
    "TOKEN_REUSED": twice("RunInstances", launch("m-own"), {"InstanceName": "other"}),
    "TAGS_TOO_MANY": run(Tag=TAGS),
    "INSTANCE_NAME": run(InstanceName="1"),
    "INSTANCE_DESCRIPTION": run(Description="x"),
    "HOST_NAME": run(HostName="-a"),
    "PASSWORD": run(Password="short"),
    "PASSWORD_INHERITED": run(Password="LongEnough1", PasswordInherit=True),
    "USER_DATA_SIZE": run(UserData=USER_DATA),
    "USER_DATA_ENCODING": run(UserData="#!/bin/sh"),
    "RUN_IMAGE_MISSING": run_without("ImageId"),
    "RUN_TYPE_MISSING": run_without("InstanceType"),
    "RUN_IMAGE_NOT_VALID": run("m-making"),
    "TYPE_UNKNOWN": run(InstanceType="ecs.z9.large"),
    "RUN_TYPE_NOT_IN_ZONE": run(InstanceType="ecs.g8i.large"),
    "RUN_ARCHITECTURE": run("aliyun_3_arm64_20G_alibase_20251030.vhd"),
    "RUN_NO_STOCK": run(InstanceType="ecs.r7.large"),
    "ZONE_NOT_FOUND": run(ZoneId="cn-hangzhou-z"),
    "RUN_VSWITCH_NOT_FOUND": run(VSwitchId="vsw-b"),
    "RUN_VSWITCH_ZONE": run(ZoneId="cn-hangzhou-i"),
    "RUN_VSWITCH_STATUS": lambda g: g.run(VSwitchId=g.ask("CreateVSwitch", product="vpc", **VSWITCH)["VSwitchId"]),
    "RUN_GROUP_OTHER_VPC": run(SecurityGroupId="sg-a2"),
    "GROUP_TYPES_MIXED": run_without("SecurityGroupId", SecurityGroupIds=["sg-a", "sg-a4"]),
    "IP_MALFORMED": run(PrivateIpAddress="10.0.1"),
    "IP_OUTSIDE": run(PrivateIpAddress="10.0.2.9"),
    "IP_RESERVED": run(PrivateIpAddress="10.0.1.253"),
    "IP_TAKEN": run(PrivateIpAddress="10.0.1.1"),
    "IP_NONE_LEFT": filled_up,
    "KEY_PAIR_NOT_FOUND": run(KeyPairName="none"),
    "RAM_ROLE_NOT_FOUND": run(RamRoleName="none"),
    "RAM_ROLE_NOT_OF_ECS": with_a_role_of_another_service,
    "RUN_PROTECTION": run(DeletionProtection=True, InstanceChargeType="PrePaid"),
    "RUN_RELEASE_TIME": run(AutoReleaseTime="2026-01-05T02:10:00Z"),
    "RUN_BANDWIDTH": run(InternetMaxBandwidthOut=101),
    "SYSTEM_CATEGORY": run(SystemDisk={"Category": "floppy"}),
    "SYSTEM_BELOW_IMAGE": run(SystemDisk={"Category": "cloud_essd", "Size": "39"}),
    "SYSTEM_TOO_SMALL": lambda g: g.run("m-small", SystemDisk={"Category": "cloud_essd", "Size": "19"}),
    "SYSTEM_TOO_LARGE": run(SystemDisk={"Category": "cloud_essd", "Size": "2049"}),
    "DATA_CATEGORY": data(Category="floppy", Size=40),
    "DATA_SIZE": data(Category="cloud_essd", Size=70000),
    "DATA_DEVICE": data(Device="/dev/xvda", Size=40),
    "DATA_DEVICE_IN_USE": run(DataDisk=[{"Device": "/dev/xvdc", "Size": 40}, {"Device": "/dev/xvdc", "Size": 40}]),
    "DATA_BELOW_SNAPSHOT": data(Device="/dev/xvdb", Category="cloud_essd", Size=99),
    "DATA_SNAPSHOT_NOT_FOUND": data(SnapshotId="s-none"),
    "DATA_SNAPSHOT_NOT_READY": lambda g: data(SnapshotId=capture(g))(g),
    "DATA_SNAPSHOT_OF_SYSTEM": lambda g: data(SnapshotId=snapshot()(g))(g),
    "DATA_ENCRYPTION": run("m-sealed", SystemDisk={"Category": "cloud_essd", "Encrypted": "false"}),
    "DISK_CATEGORY_OF_TYPE": data(Category="cloud_ssd", Size=40),
    "DISK_LEVEL": data(Category="cloud_essd", Size=40, PerformanceLevel="PL2"),
    "DISKS_TOO_MANY": disks_beyond,
    "GROUP_NOT_FOUND": run(SecurityGroupId="sg-none"),
}
ROWS: dict[str, Act] = {
    **LAUNCHES,
    "IMAGE_DISK_UNSUPPORTED": ask("CreateImage", RegionId=HERE, InstanceId="i-local"),
    "EVENT_PARAMETER_MISSING": ask("CreateSimulatedSystemEvents", RegionId=HERE),
    "EVENT_PARAMETER": ask("CreateSimulatedSystemEvents", RegionId=HERE, EventType="Rain"),
    "EVENT_INSTANCES_TOO_MANY": ask("CreateSimulatedSystemEvents", **EVENT, InstanceId=MANY),
    "EVENTS_TOO_MANY": ask("CancelSimulatedSystemEvents", RegionId=HERE, EventId=MANY),
    "ACTION_NOT_FOUND": ask("DescribeDedicatedHosts", RegionId=HERE),
    "REGION_NOT_FOUND": ask("DescribeImages", RegionId="cn-atlantis"),
    "PARAMETER_MISSING": ask("DescribeImages"),
    "PARAMETER_INVALID": ask("DescribeImages", RegionId=HERE, PageSize=101),
    "UNSUPPORTED": command(RepeatMode="EveryReboot"),
    "TAG_KEY_DUPLICATE": create(Tag=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]),
    "TAG_KEY_MALFORMED": create(Tag=[{"Key": "acs:a", "Value": "1"}]),
    "TAG_VALUE_MALFORMED": create(Tag=[{"Key": "a", "Value": "http://a"}]),
    "IMAGE_NOT_FOUND": ask("DeleteImage", RegionId=HERE, ImageId="m-none"),
    "IMAGE_NAME_MALFORMED": create(ImageName="1st"),
    "IMAGE_NAME_DUPLICATED": create(ImageName="making"),
    "DESCRIPTION_MALFORMED": create(Description="x"),
    "IMAGE_SOURCE_MISSING": ask("CreateImage", RegionId=HERE, ImageName="none"),
    "IMAGE_INSTANCE_STATUS": after(ask("StopInstance", InstanceId="i-web"), create()),
    "IMAGE_LOCAL_DISK": create(InstanceId="i-local"),
    "IMAGE_TOKEN_REUSED": twice(
        "CreateImage", {"RegionId": HERE, "InstanceId": "i-web", "ImageName": "one"}, {"ImageName": "two"}
    ),
    "IMAGE_QUOTA": create(),
    "IMAGE_TAGS_TOO_MANY": create(Tag=TAGS),
    "IMAGE_SNAPSHOT_NOT_READY": lambda g: g.ask("CreateImage", RegionId=HERE, SnapshotId=capture(g)),
    "IMAGE_SNAPSHOT_NOT_SYSTEM": lambda g: g.ask("CreateImage", RegionId=HERE, SnapshotId=snapshot("data")(g)),
    "IMAGE_NO_SYSTEM_SNAPSHOT": mapped("data"),
    "IMAGE_TWO_SYSTEM_SNAPSHOTS": lambda g: g.ask(
        "CreateImage",
        RegionId=HERE,
        DiskDeviceMapping=[
            {"SnapshotId": snapshot()(g), "Device": "/dev/xvda"},
            {"SnapshotId": snapshot()(g), "Device": "/dev/xvdb"},
        ],
    ),
    "IMAGE_DEVICE_MALFORMED": mapped("system", Device="sda"),
    "IMAGE_DEVICE_IN_USE": mapped("system", "data", Device="/dev/xvda"),
    "IMAGE_SIZE_BEYOND": mapped("system", Size=39),
    "IMAGE_OWNER_UNKNOWN": ask("DescribeImages", RegionId=HERE, ImageOwnerAlias="me"),
    "IMAGES_PARAMETER": ask("DescribeImages", RegionId=HERE, Status="Ready"),
    "IMAGES_USAGE": ask("DescribeImages", RegionId=HERE, Usage="all"),
    "IMAGES_FILTER_KEY": ask("DescribeImages", RegionId=HERE, Filter=[{"Key": "Name", "Value": "x"}]),
    "IMAGE_USED": after(run(), ask("DeleteImage", RegionId=HERE, ImageId="m-own")),
    "IMAGE_BEING_COPIED": copying(ask("DeleteImage", RegionId=HERE, ImageId="m-own")),
    "IMAGE_BEING_CREATED": ask("DeleteImage", RegionId=HERE, ImageId="m-making"),
    "COPY_NAME_MALFORMED": copy(DestinationImageName="aliyun-copy"),
    "COPY_NAME_DUPLICATED": after(copy(ImageId="m-sealed", Encrypted=True), copy()),
    "COPY_DESCRIPTION": copy(DestinationDescription="http://a"),
    "COPY_SOURCE_REGION": copy(RegionId="cn-atlantis"),
    "COPY_DESTINATION": copy(DestinationRegionId="cn-atlantis"),
    "COPY_SAME_REGION": copy(DestinationRegionId=HERE),
    "COPY_IMAGE_STATUS": copy(ImageId="m-making"),
    "COPY_SHARED": copy(ImageId="m-theirs"),
    "COPY_CONFLICT": copying(copy(DestinationRegionId="cn-shanghai")),
    "COPY_QUOTA": copy(),
    "COPY_ENCRYPTED": copy(ImageId="m-sealed"),
    "COPY_KEY_WITHOUT_ENCRYPTION": copy(KMSKeyId="key-1"),
    "CANCEL_NOT_A_COPY": ask("CancelCopyImage", RegionId=HERE, ImageId="m-own"),
    "CANCEL_FINISHED": cancel("Available"),
    "CANCEL_FAILED": cancel("CreateFailed"),
    "SNAPSHOT_NOT_FOUND": ask("CreateImage", RegionId=HERE, SnapshotId="s-none"),
    "SNAPSHOT_GONE": ask("DeleteSnapshot", SnapshotId="s-none"),
    "SNAPSHOT_OF_IMAGE": lambda g: g.ask("DeleteSnapshot", SnapshotId=snapshot()(g), Force=True),
    "SNAPSHOT_OF_DISK": made_from_snapshot,
    "SNAPSHOT_IDS": ask("DescribeSnapshots", RegionId=HERE, SnapshotIds=json.dumps([f"s-{n}" for n in range(101)])),
    "SNAPSHOT_STATUS": ask("DescribeSnapshots", RegionId=HERE, Status="done"),
    "SNAPSHOT_USAGE": ask("DescribeSnapshots", RegionId=HERE, Usage="all"),
    "SNAPSHOT_NAME": lambda g: g.ask("CreateSnapshot", DiskId=disk_of(g, "i-web"), SnapshotName="auto-1"),
    "SNAPSHOT_DESCRIPTION": lambda g: g.ask("CreateSnapshot", DiskId=disk_of(g, "i-web"), Description="x"),
    "SNAPSHOT_TOKEN_REUSED": lambda g: twice("CreateSnapshot", {"DiskId": disk_of(g, "i-web")}, {"SnapshotName": "b2"})(
        g
    ),
    "SNAPSHOT_RETENTION": lambda g: g.ask("CreateSnapshot", DiskId=disk_of(g, "i-web"), RetentionDays=0),
    "DISK_NOT_FOUND": ask("CreateSnapshot", DiskId="d-none"),
    "DISK_LOCAL": lambda g: g.ask("CreateSnapshot", DiskId=disk_of(g, "i-local", "/dev/xvdb")),
    "DISK_BEING_CAPTURED": after(capture, create()),
    "DISK_INSTANCE_STATUS": after(ask("StopInstance", InstanceId="i-web"), capture),
    "INSTANCE_NOT_FOUND": ask("DescribeInstanceAttribute", InstanceId="i-none"),
    "INSTANCES_NOT_FOUND": ask("DeleteInstances", RegionId=HERE, InstanceId=["i-web", "i-none"]),
    "INSTANCES_TOO_MANY": ask("DeleteInstances", RegionId=HERE, InstanceId=[f"i-{n}" for n in range(101)]),
    "INSTANCE_STATUS": ask("DeleteInstance", InstanceId="i-web"),
    "INSTANCE_INITIALIZING": deleted_while_starting,
    "INSTANCE_PROTECTED": ask("DeleteInstance", InstanceId="i-kept", Force=True),
    "INSTANCE_CHARGE_TYPE": ask("DeleteInstance", InstanceId="i-paid"),
    "DELETE_DRY_RUN": ask("DeleteInstances", RegionId=HERE, InstanceId=["i-web"], Force=True, DryRun=True),
    "GROUP_VPC_NOT_FOUND": ask("CreateSecurityGroup", RegionId=HERE, VpcId="vpc-b"),
    "GROUP_NAME": ask("CreateSecurityGroup", RegionId=HERE, VpcId="vpc-a", SecurityGroupName="1"),
    "GROUP_DESCRIPTION": ask("ModifySecurityGroupAttribute", RegionId=HERE, SecurityGroupId="sg-a", Description="x"),
    "GROUP_IN_USE": ask("DeleteSecurityGroup", RegionId=HERE, SecurityGroupId="sg-a"),
    "GROUP_REFERRED": after(
        rule(SourceCidrIp="", SourceGroupId="sg-friend"),
        ask("DeleteSecurityGroup", RegionId=HERE, SecurityGroupId="sg-friend"),
    ),
    "GROUP_OTHER_VPC": ask("JoinSecurityGroup", InstanceId="i-web", SecurityGroupId="sg-a2"),
    "GROUP_ALREADY_JOINED": ask("JoinSecurityGroup", InstanceId="i-web", SecurityGroupId="sg-a"),
    "GROUP_LAST": ask("LeaveSecurityGroup", InstanceId="i-web", SecurityGroupId="sg-a"),
    "GROUP_NOT_BASIC": ask(
        "ModifySecurityGroupPolicy", RegionId=HERE, SecurityGroupId="sg-a4", InnerAccessPolicy="Drop"
    ),
    "GROUP_NOT_JOINED": ask("LeaveSecurityGroup", InstanceId="i-web", SecurityGroupId="sg-friend"),
    "RULE_PROTOCOL": rule(IpProtocol="ipx"),
    "RULE_PORTS": rule(PortRange="-1/-1"),
    "RULE_POLICY": rule(Policy="maybe"),
    "RULE_PRIORITY": rule(Priority="101"),
    "RULE_NO_SOURCE": rule(SourceCidrIp=""),
    "RULE_NO_DESTINATION": rule_out(),
    "RULE_SOURCE_CIDR": rule(SourceCidrIp="10.0.0.0/33"),
    "RULE_DESTINATION_CIDR": rule_out(DestCidrIp="10.0.0"),
    "RULE_SOURCE_GROUP": rule(SourceCidrIp="", SourceGroupId="sg-none"),
    "RULE_DESTINATION_GROUP": rule_out(DestGroupId="sg-none"),
    "RULES_TOO_MANY": many_rules,
    "TAG_TYPE_MISSING": tag(ResourceType=""),
    "TAG_TAGS_MISSING": tag(Tag=[]),
    "TAG_TYPE_UNKNOWN": tag(ResourceType="planet"),
    "TAG_RESOURCE_UNKNOWN": tag(ResourceId=["i-web", "i-none"]),
    "TAG_RESOURCES_TOO_MANY": tag(ResourceId=[f"i-{number}" for number in range(51)]),
    "TAG_CALL_TOO_MANY": tag(Tag=TAGS),
    "TAG_QUOTA": after(tag(Tag=TAGS[:19]), tag(Tag=[{"Key": "one", "Value": "more"}])),
    "OLD_TAG_RESOURCE": ask("AddTags", RegionId=HERE, ResourceType="disk", ResourceId="d-none", Tag=TAGS[:1]),
    "COMMAND_TYPE": command(Type="RunPython"),
    "COMMAND_INSTANCE": command(InstanceId=["i-none"]),
    "COMMAND_INSTANCES_TOO_MANY": command(InstanceId=[f"i-{number}" for number in range(101)]),
    "COMMAND_NOT_FOR_GUEST": command(Type="RunBatScript"),
    "COMMAND_CONTENT": command(ContentEncoding="Base64", CommandContent="not base64!"),
    "COMMAND_TOO_LONG": command(CommandContent="x" * (18 * 1024 + 1)),
    "COMMAND_NAME": command(Name="x" * 129),
    "COMMAND_DESCRIPTION": command(Description="x" * 513),
    "COMMAND_PARAMETER_KEY": command(EnableParameter=True, Parameters={"": "0"}),
    "COMMAND_PARAMETER_NAME": command(EnableParameter=True, Parameters={"a b": "0"}),
    "COMMAND_TOKEN_REUSED": invoked_twice,
    "INVOCATION_NOT_FOUND": ask("StopInvocation", RegionId=HERE, InvokeId="t-none"),
    "RESULTS_PAGE": ask("DescribeInvocationResults", RegionId=HERE, PageNumber=0),
    "RESULTS_PAGE_SIZE": ask("DescribeInvocationResults", RegionId=HERE, PageSize=51),
}
#: What several actions refuse, of those that the table above leaves out.
MORE: list[tuple[Refusal, Act]] = [
    (errors.DATA_ENCRYPTION, lambda g: g.ask("CreateDisk", **DISK, SnapshotId=sealed(g), Encrypted=False)),
    (errors.DESCRIPTION_MALFORMED, ask("CreateSecurityGroup", RegionId=HERE, VpcId="vpc-a", Description="x")),
    (errors.GROUP_NAME, ask("ModifySecurityGroupAttribute", **GROUP, SecurityGroupName="1")),
    (errors.GROUP_TYPES_MIXED, ask("JoinSecurityGroup", InstanceId="i-web", SecurityGroupId="sg-a4")),
    (errors.GROUP_TYPES_MIXED, change(SecurityGroupIds=["sg-a", "sg-a4"])),
    (errors.GROUP_OTHER_VPC, change(SecurityGroupIds=["sg-a2"])),
    (errors.INSTANCE_NAME, change(InstanceName="1")),
    (errors.INSTANCE_DESCRIPTION, change(Description="x")),
    (errors.HOST_NAME, change(HostName="-a")),
    (errors.USER_DATA_SIZE, change(UserData=USER_DATA)),
    (errors.USER_DATA_ENCODING, change(UserData="#!/bin/sh")),
    (errors.DISK_BEING_CAPTURED, after(capture, capture)),
    (errors.INSTANCE_CHARGE_TYPE, ask("DeleteInstances", RegionId=HERE, InstanceId=["i-paid"])),
    (errors.INSTANCE_CHARGE_TYPE, ask("DeleteInstance", InstanceId="i-paid", TerminateSubscription=True)),
    (
        errors.INSTANCE_INITIALIZING,
        lambda g: g.ask("DeleteInstances", RegionId=HERE, InstanceId=[g.run("m-own")], Force=True),
    ),
    (
        errors.ZONE_NOT_FOUND,
        ask("DescribeAvailableResource", RegionId=HERE, ZoneId="cn-hangzhou-z", DestinationResource="InstanceType"),
    ),
    (errors.COMMAND_INSTANCES_TOO_MANY, ask("DescribeCloudAssistantStatus", RegionId=HERE, InstanceId=MANY)),
    (errors.COMMAND_INSTANCE, ask("DescribeCloudAssistantStatus", RegionId=HERE, InstanceId=["i-none"])),
    (lists.LOCK_REASON, ask("DescribeDisks", RegionId=HERE, LockReason="mood")),
    (snapshots.DISK_STATUS, lambda g: g.ask("CreateSnapshotGroup", RegionId=HERE, DiskId=[coming(g)])),
    (disks.STATUS, lambda g: g.ask("DetachDisk", InstanceId="i-web", DiskId=coming(g))),
    (disks.BURSTING_SIZE, lambda g: g.ask("ModifyDiskAttribute", RegionId=HERE, DiskId=small(g), BurstingEnabled=True)),
    (errors.PASSWORD, lambda g: g.ask("ReInitDisk", DiskId=disk_of(g, stopped(g)), Password="short")),
    (disks.BEING_CAPTURED, renewed_while_captured),
    (commands.WORKING_DIR, command(WorkingDir="/" + "x" * 200)),
    (commands.LAUNCHER, command(Launcher="x" * 1025)),
    (commands.USERNAME, command(Username="x" * 256)),
    (commands.PARAMETERS_TOO_MANY, script(" ".join(f"{{{{p{number}}}}}" for number in range(21)))),
    (commands.PARAMETER_NAME_TOO_LONG, script("{{" + "x" * 65 + "}}")),
    (errors.IMAGE_NOT_FOUND, run("m-none")),
    (errors.RUN_NO_STOCK, started_without_stock),
]
#: CreateInstance knows neither several groups, nor an hour of release, nor an encrypted system disk.
CREATED: dict[str, Act] = {
    **{name: act for name, act in LAUNCHES.items() if name not in ("GROUP_TYPES_MIXED", "RUN_RELEASE_TIME")},
    "DATA_ENCRYPTION": run("m-sealed", DataDisk=[{"Device": "/dev/xvdb", "Encrypted": "false"}]),
    "PARAMETER_CONFLICT": run(ImageFamily="own"),
    "PARAMETER_INVALID": run(InstanceChargeType="Free"),
    "PARAMETER_MISSING": run_without("VSwitchId"),
    "TAG_KEY_DUPLICATE": run(Tag=[TAGS[0], TAGS[0]]),
    "TAG_KEY_MALFORMED": run(Tag=[{"Key": "acs:a", "Value": "1"}]),
    "TAG_VALUE_MALFORMED": run(Tag=[{"Key": "a", "Value": "http://a"}]),
}
FILLED = {
    "PARAMETER_CONFLICT": "ImageId, ImageFamily",
    "PARAMETER_INVALID": "InstanceChargeType",
    "PARAMETER_MISSING": "VSwitchId",
}
SWITCHED = {"IMAGE_DISK_UNSUPPORTED": {"local_disk_code": "InvalidOperation.DiskCategoryUnsupported"}}
FAULTS: dict[str, Fault] = {
    "start": Fault(kind="no_stock", resource="i-web", count=1),
    "IMAGE_QUOTA": Fault(kind="quota", resource="i-web", count=1),
    "COPY_QUOTA": Fault(kind="quota", region=THERE, count=1),
    "RUN_NO_STOCK": Fault(kind="no_stock", resource="ecs.r7.large", count=1),
    "CANCEL_FAILED": Fault(kind="fail_image", resource="m-own", count=1),
}
WRITTEN = {name: one for name, one in vars(errors).items() if isinstance(one, Refusal)}


@pytest.fixture
def g(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ground]:
    name = getattr(request, "param", "")
    small = {"id": "m-small", "name": "small", "disks": [{"kind": "system", "size": 10}]}
    extra = {**EXTRA, "images": [*EXTRA["images"], small], **SWITCHED.get(name, {})}
    with ground(tmp_path, *([FAULTS[name]] if name in FAULTS else []), extra=extra) as made:
        yield made


@pytest.mark.parametrize(("g", "name"), [(name, name) for name in ROWS], indirect=["g"], ids=list(ROWS))
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    refusal = WRITTEN[name]
    with refused(refusal.code, refusal.status) as no:
        ROWS[name](g)
    for part in refusal.message.split("%s"):
        assert part in no.value.message


@pytest.mark.parametrize(("g", "name"), [(name, name) for name in CREATED], indirect=["g"], ids=list(CREATED))
def test_create_instance_refuses_as_run_instances_does(g: Ground, name: str) -> None:
    """What both are told they check alike."""
    refusal = WRITTEN[name]
    message = refusal.message % FILLED[name] if name in FILLED else refusal.message
    with refused(refusal.code, refusal.status, message):
        CREATED[name](Single(g.cloud, g.mount))


@pytest.mark.parametrize("g", ["start"], indirect=True)
@pytest.mark.parametrize(("refusal", "act"), MORE)
def test_other_actions_refuse_it_in_the_same_words(g: Ground, refusal: Refusal, act: Act) -> None:
    """Each of the actions that share a refusal comes to it."""
    with refused(refusal.code, refusal.status, refusal.message):
        act(g)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about; who has no right to a call is in test_ram_needs.py."""
    assert {*ROWS, "FORBIDDEN"} == set(WRITTEN)


def test_an_action_that_nobody_wrote_fails_by_its_name(g: Ground) -> None:
    """What the embedded cloud cannot do it says, with the name of what was asked."""
    with refused("InvalidAction.NotFound", 404) as no:
        g.ask("DescribeDedicatedHosts", RegionId=HERE)
    assert "DescribeDedicatedHosts" in no.value.message


def test_a_refused_call_changes_nothing(g: Ground) -> None:
    """A refusal leaves no image, no snapshot and no instance behind."""
    with refused("InvalidImageName.Duplicated"):
        g.create_image("own")
    with refused("InvalidPrivateIpAddress"):
        g.run("m-own", PrivateIpAddress="10.9.9.9")
    g.pass_time(minutes=1)
    images = g.ask("DescribeImages", RegionId=HERE, ImageOwnerAlias="self", Status=ALL)
    assert images["TotalCount"] == 3 + 1
    assert g.ask("DescribeInstances", RegionId=HERE)["TotalCount"] == 4
    assert [one for one in g.cloud.happenings if one.kind != "command"] == []
