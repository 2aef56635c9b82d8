"""What ECS takes and the embedded cloud does not do: refused by its name, as to pass it over would change the answer.

What asks for nothing that could be seen (AcceptLanguage, Period, SecurityEnhancementStrategy, ...) is passed over.
"""

from collections.abc import Mapping
from types import MappingProxyType

from localcloud.ecs import errors
from localcloud.ecs.parameters import Params

#: Values that ask for what is done anyway, in small letters (SDK 7.11.8: the default of each).
HARMLESS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Affinity": frozenset({"default"}),
        "AllowMigrateAcrossZone": frozenset({"false"}),
        "Architecture": frozenset({"x86_64"}),
        "AutoPay": frozenset({"true"}),
        "Category": frozenset({"standard"}),
        "DataDisk.N.BurstingEnabled": frozenset({"false"}),
        "FuzzyQuery": frozenset({"false"}),
        "Hibernate": frozenset({"false"}),
        "HibernationOptions.Configured": frozenset({"false"}),
        "ImageOptions.LoginAsNonRoot": frozenset({"false"}),
        "IncludeHistory": frozenset({"false"}),
        "InitLocalDisk": frozenset({"false"}),
        "IoOptimized": frozenset({"optimized"}),
        "Ipv6AddressCount": frozenset({"0"}),
        "NetworkCategory": frozenset({"vpc"}),
        "NetworkInterface.N.DeleteOnRelease": frozenset({"true"}),
        "NetworkInterface.N.Ipv6AddressCount": frozenset({"0"}),
        "NetworkInterface.N.NetworkInterfaceTrafficMode": frozenset({"standard"}),
        "NetworkInterface.N.SecondaryPrivateIpAddressCount": frozenset({"0"}),
        "NetworkOptions.EnableJumboFrame": frozenset({"false"}),
        "NetworkOptions.EnableNetworkEncryption": frozenset({"false"}),
        "PrivatePoolOptions.MatchCriteria": frozenset({"none", "open"}),
        "Recyclable": frozenset({"false"}),
        "ResourceType": frozenset({"instance"}),
        "ServiceManaged": frozenset({"false"}),
        "SpotStrategy": frozenset({"nospot"}),
        "SystemDisk.BurstingEnabled": frozenset({"false"}),
        "Tenancy": frozenset({"default"}),
    }
)
_LAUNCH = (
    "Affinity",
    "Arn",
    "CreditSpecification",
    "DataDisk.N.EncryptAlgorithm",
    "DataDisk.N.KMSKeyId",
    "DataDisk.N.StorageClusterId",
    "DedicatedHostId",
    "DeploymentSetGroupNo",
    "DeploymentSetId",
    "HibernationOptions.Configured",
    "HpcClusterId",
    "IoOptimized",
    "ManagedHostId",
    "PrivatePoolOptions",
    "ResourceGroupId",
    "SpotStrategy",
    "StorageSetId",
    "StorageSetPartitionNumber",
    "SystemDisk.StorageClusterId",
    "Tenancy",
)
_RULES = ("Permissions.N.PortRangeListId",)
_RULES_IN = tuple(
    f"{group}{name}"
    for group in ("", "Permissions.N.")
    for name in ("SourceGroupOwnerAccount", "SourceGroupOwnerId", "SourcePrefixListId")
)
_RULES_OUT = tuple(
    f"{group}{name}"
    for group in ("", "Permissions.N.")
    for name in ("DestGroupOwnerAccount", "DestGroupOwnerId", "DestPrefixListId")
)
#: By action.
NOT_DONE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AllocatePublicIpAddress": ("VlanId",),
        "AttachDisk": ("KeyPairName", "Password"),
        "AuthorizeSecurityGroup": _RULES + _RULES_IN,
        "AuthorizeSecurityGroupEgress": _RULES + _RULES_OUT,
        "AttachInstanceRamRole": ("Policy",),
        "CopyImage": ("EncryptAlgorithm", "ResourceGroupId"),
        "CopySnapshot": ("Arn", "DestinationStorageLocationArn", "ResourceGroupId"),
        "CreateCommand": ("ResourceGroupId",),
        "CreateDisk": (
            "AdvancedFeatures",
            "Arn",
            "EncryptAlgorithm",
            "ResourceGroupId",
            "StorageClusterId",
            "StorageSetId",
            "StorageSetPartitionNumber",
        ),
        "CreateImage": (
            "Architecture",
            "BootMode",
            "Features",
            "ImageVersion",
            "Platform",
            "ResourceGroupId",
            "SecureBootOptions",
        ),
        "CreateInstance": (*_LAUNCH, "ClusterId", "InnerIpAddress", "NodeControllerId", "VlanId"),
        "CreateKeyPair": ("ResourceGroupId",),
        "CreateSecurityGroup": ("ResourceGroupId", "ServiceManaged"),
        "CreateSnapshot": ("Category", "ResourceGroupId", "StorageLocationArn"),
        "CreateSnapshotGroup": ("ResourceGroupId", "StorageLocationArn"),
        "DescribeAvailableResource": (
            "DataDiskCategory",
            "DedicatedHostId",
            "IoOptimized",
            "NetworkCategory",
            "ResourceType",
            "Scope",
            "SpotStrategy",
        ),
        "DescribeCommands": ("Latest", "ResourceGroupId"),
        "DescribeDisks": ("AutoSnapshotPolicyId", "KMSKeyId", "ResourceGroupId"),
        "DescribeImages": ("ImageOwnerId", "ResourceGroupId", "Usable"),
        "DescribeInstanceHistoryEvents": (
            "EventPublishTime",
            "ImpactLevel",
            "NotBefore",
            "ResourceGroupId",
            "Tag",
        ),
        "DescribeInstanceStatus": ("ClusterId",),
        "DescribeInstanceTypes": (
            "CpuArchitectures",
            "GPUSpec",
            "GpuSpecs",
            "InstanceCategories",
            "InstanceCategory",
            "LocalStorageCategories",
            "MaximumCpuSpeedFrequency",
            "MaximumCpuTurboFrequency",
            "MaximumGPUAmount",
            "MinimumBaselineCredit",
            "MinimumCpuSpeedFrequency",
            "MinimumCpuTurboFrequency",
            "MinimumDiskQuantity",
            "MinimumEniIpv6AddressQuantity",
            "MinimumEniPrivateIpAddressQuantity",
            "MinimumEniQuantity",
            "MinimumEriQuantity",
            "MinimumGPUAmount",
            "MinimumInitialCredit",
            "MinimumInstanceBandwidthRx",
            "MinimumInstanceBandwidthTx",
            "MinimumInstancePpsRx",
            "MinimumInstancePpsTx",
            "MinimumLocalStorageAmount",
            "MinimumLocalStorageCapacity",
            "MinimumPrimaryEniQueueNumber",
            "MinimumQueuePairNumber",
            "MinimumSecondaryEniQueueNumber",
            "PhysicalProcessorModel",
            "PhysicalProcessorModels",
        ),
        "DescribeInstances": ("HpcClusterId", "Ipv6Address", "RdmaIpAddresses", "ResourceGroupId"),
        "DescribeInvocationResults": ("IncludeHistory", "ResourceGroupId"),
        "DescribeInvocations": ("ResourceGroupId",),
        "DescribeKeyPairs": ("ResourceGroupId",),
        "DescribeNetworkInterfaces": ("ResourceGroupId",),
        "DescribeSecurityGroupAttribute": ("Attribute",),
        "DescribeSecurityGroups": ("FuzzyQuery", "ResourceGroupId"),
        "DescribeSnapshotGroups": ("ResourceGroupId",),
        "DescribeSnapshots": ("KMSKeyId", "ResourceGroupId", "SnapshotLinkId"),
        "DescribeTags": ("Category",),
        "ImportKeyPair": ("ResourceGroupId",),
        "InvokeCommand": (
            "ContainerId",
            "ContainerName",
            "OssOutputDelivery",
            "ResourceGroupId",
            "ResourceTag",
            "WindowsPasswordName",
        ),
        "JoinSecurityGroup": ("NetworkInterfaceId",),
        "LeaveSecurityGroup": ("NetworkInterfaceId",),
        "ListTagResources": ("TagFilter",),
        "ModifyImageSharePermission": ("LaunchPermission",),
        "ModifyInstanceAttribute": (
            "CpuOptions",
            "CreditSpecification",
            "EnableJumboFrame",
            "EnableNetworkEncryption",
            "NetworkInterfaceQueueNumber",
            "PrivateDnsNameOptions",
            "Recyclable",
            "RemoteConnectionOptions",
        ),
        "RevokeSecurityGroup": _RULES + _RULES_IN,
        "RevokeSecurityGroupEgress": _RULES + _RULES_OUT,
        "ModifyInstanceSpec": (
            "AllowMigrateAcrossZone",
            "InternetMaxBandwidthIn",
            "ModifyMode",
            "SystemDisk.Category",
            "Temporary",
        ),
        "ModifySecurityGroupRule": (
            "Ipv6DestCidrIp",
            "Ipv6SourceCidrIp",
            "PortRangeListId",
            "SourceGroupOwnerAccount",
            "SourceGroupOwnerId",
            "SourcePortRange",
            "SourcePrefixListId",
        ),
        "ReplaceSystemDisk": ("Arn", "EncryptAlgorithm", "KMSKeyId"),
        "RunCommand": (
            "ContainerId",
            "ContainerName",
            "OssOutputDelivery",
            "ResourceGroupId",
            "ResourceTag",
            "WindowsPasswordName",
        ),
        "RunInstances": (
            *_LAUNCH,
            "AutoPay",
            "ClockOptions",
            "CpuOptions",
            "DataDisk.N.AutoSnapshotPolicyId",
            "DataDisk.N.BurstingEnabled",
            "DataDisk.N.ProvisionedIops",
            "HostNames",
            "ImageOptions.LoginAsNonRoot",
            "Ipv6Address",
            "Ipv6AddressCount",
            "Isp",
            "LaunchTemplateId",
            "LaunchTemplateName",
            "LaunchTemplateVersion",
            "NetworkInterface.N.DeleteOnRelease",
            "NetworkInterface.N.Ipv6Address",
            "NetworkInterface.N.Ipv6AddressCount",
            "NetworkInterface.N.NetworkCardIndex",
            "NetworkInterface.N.NetworkInterfaceId",
            "NetworkInterface.N.NetworkInterfaceTrafficMode",
            "NetworkInterface.N.QueueNumber",
            "NetworkInterface.N.QueuePairNumber",
            "NetworkInterface.N.RxQueueSize",
            "NetworkInterface.N.SecondaryPrivateIpAddressCount",
            "NetworkInterface.N.SourceDestCheck",
            "NetworkInterface.N.TxQueueSize",
            "NetworkInterfaceQueueNumber",
            "NetworkOptions.BandwidthWeighting",
            "NetworkOptions.EnableJumboFrame",
            "NetworkOptions.EnableNetworkEncryption",
            "PrivateDnsNameOptions",
            "SchedulerOptions.DedicatedHostClusterId",
            "SecurityOptions",
            "SystemDisk.AutoSnapshotPolicyId",
            "SystemDisk.BurstingEnabled",
            "SystemDisk.EncryptAlgorithm",
            "SystemDisk.KMSKeyId",
            "SystemDisk.ProvisionedIops",
        ),
        "StartInstance": ("InitLocalDisk",),
        "StopInstance": ("Hibernate",),
    }
)


def refuse_unmodelled(
    params: Params, not_done: Mapping[str, tuple[str, ...]], harmless: Mapping[str, frozenset[str]]
) -> None:
    """UnsupportedParameter, when the call asks for what is *not_done*, and for more than is *harmless*."""
    given = params.forms()
    for name in not_done.get(params.action, ()):
        for form, value in given:
            is_it = form == name or form.startswith(f"{name}.")
            if is_it and value.lower() not in harmless.get(form, harmless.get(name, frozenset())):
                raise errors.UNSUPPORTED.error(name)
