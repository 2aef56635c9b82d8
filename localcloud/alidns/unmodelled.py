"""What Alidns takes and the embedded cloud does not do: refused by its name, see `localcloud.ecs.unmodelled`."""

from collections.abc import Mapping
from types import MappingProxyType

#: Values that ask for what is done anyway, in small letters.
HARMLESS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"OrderBy": frozenset({"default"}), "Starmark": frozenset({"false"})}
)
#: By action.
NOT_DONE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AddDomain": ("ResourceGroupId",),
        "DescribeDomainRecords": ("OrderBy",),
        "DescribeDomains": ("ResourceGroupId", "Starmark"),
    }
)
