"""What VPC takes and the embedded cloud does not do: refused by its name, see `localcloud.ecs.unmodelled`."""

from collections.abc import Mapping
from types import MappingProxyType

#: Values that ask for what is done anyway, in small letters (SDK 7.2.2: the default of each).
HARMLESS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"IsDefault": frozenset({"false"}), "Mode": frozenset({"nat"})},
)
#: By action.
NOT_DONE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AllocateEipAddress": ("PublicIpAddressPoolId", "SecurityProtectionTypes", "Zone"),
        "AssociateEipAddress": ("Mode",),
        "DescribeVpcAttribute": ("IsDefault",),
    }
)
