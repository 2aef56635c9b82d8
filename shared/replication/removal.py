"""What shall not stay, in the order in which the cloud lets it go."""

from shared.replication.phases import Phase
from shared.replication.record import Outcome, Replication, Resource, ResourceKind, ResourceState, Role

#: An instance uses its image, an image its snapshots: users go first.
_ORDER = (ResourceKind.INSTANCE, ResourceKind.DISK, ResourceKind.IMAGE, ResourceKind.SNAPSHOT)
_KEPT_OUTCOMES = frozenset({Outcome.DIFFERENT, Outcome.UNPROVED})


def unwanted(record: Replication) -> tuple[Resource, ...]:
    """What shall be removed and is still there, first things first; what was left behind is not tried again."""
    roles = _unwanted_roles(record)
    there = [r for r in record.resources if r.state in (ResourceState.MADE, ResourceState.KEPT) and r.role in roles]
    return tuple(sorted((r for r in there if not _goes_with_another(r, record)), key=lambda r: _ORDER.index(r.kind)))


def _unwanted_roles(record: Replication) -> frozenset[Role]:
    if record.phase is Phase.TIDY_DUE or record.phase is Phase.SUCCEEDED or (record.outcome is None):
        return frozenset({Role.STRAY} | (set() if record.request.keep_source_image else {Role.SOURCE_IMAGE}))
    keeps = record.outcome in _KEPT_OUTCOMES and not record.remove_all
    if keeps or record.opened:
        return frozenset({Role.STRAY})
    return frozenset(Role)


def _goes_with_another(resource: Resource, record: Replication) -> bool:
    """A disk that lives as long as its instance is not removed by itself."""
    if resource.kind is not ResourceKind.DISK:
        return False
    return any(r.id == resource.of and r.lives for r in record.resources)
