"""What is refused of RunInstances and CreateInstance, beyond what errors.py has."""

from localcloud.ecs.errors import Refusal

MIN_AMOUNT = Refusal(
    400,
    "InvalidMinAmount.Malformed",
    "The specified parameter MinAmount is not valid.",
    "RunInstances 2021",
)  # UNVERIFIED: that this is the code of one above Amount
NAME_TOO_LONG = Refusal(
    403,
    "InvalidParams.InstanceNameExceed",
    "The uniqueSuffix takes three naming places, please shorten your InstanceName.",
    "RunInstances 2021",
)
HOST_TOO_LONG = Refusal(
    403,
    "InvalidParams.HostnameExceed",
    "The uniqueSuffix takes three naming places, please shorten your Hostname.",
    "RunInstances 2021",
)
CHARGE_TYPE = Refusal(
    400,
    "InvalidInternetChargeType.ValueNotSupported",
    "The specified InternetChargeType is not valid.",
    "RunInstances 2021",
)
BANDWIDTH_IN = Refusal(
    400,
    "InvalidInternetMaxBandwidthIn.Malformed",
    "The specified parameter internetMaxBandwidthIn is not valid.",
    "RunInstances 2021",
)
DISK_DESCRIPTION = Refusal(
    400,
    "InvalidDiskDescription.Malformed",
    'The specified parameter "SyatemDisk.DiskDescription or DataDisk.n.Description" is not valid.',
    "RunInstances 2021",
)
