"""What shall not stay, in the order in which the cloud lets it go."""

from shared.replication.phases import Phase
from shared.replication.record import Outcome, Replication, Resource, ResourceKind, ResourceState, Role
from shared.replication.request import OnProofFailure

#: An instance uses its image, an image its snapshots: users go first.
_ORDER = (ResourceKind.INSTANCE, ResourceKind.DISK, ResourceKind.IMAGE, ResourceKind.SNAPSHOT)
#: An image that is being copied can't be deleted: of images, those that may be copies go first.
_LAST = Role.SOURCE_IMAGE


def unwanted(record: Replication) -> tuple[Resource, ...]:
    """What shall be removed and is still there, first things first; what was left behind is not tried again."""
    roles = _unwanted_roles(record)
    there = [r for r in record.resources if r.state in (ResourceState.MADE, ResourceState.KEPT) and r.role in roles]
    alone = (r for r in there if not _goes_with_another(r, record))
    return tuple(sorted(alone, key=lambda r: (_ORDER.index(r.kind), r.role is _LAST)))


def _unwanted_roles(record: Replication) -> frozenset[Role]:
    if record.phase is Phase.TIDY_DUE or record.phase is Phase.SUCCEEDED or (record.outcome is None):
        return frozenset({Role.STRAY} | (set() if record.request.keep_source_image else {Role.SOURCE_IMAGE}))
    if record.opened:  # a replica that may have left quarantine is not ours to delete, nor what it was made from
        asked_for = record.request.keep_source_image and not record.remove_all
        return frozenset({Role.STRAY} if asked_for else {Role.STRAY, Role.SOURCE_IMAGE})
    if _keeps(record):
        return frozenset({Role.STRAY})
    return frozenset(Role)


def _keeps(record: Replication) -> bool:
    """Whether what a failed proof is about stays, to be looked at."""
    if record.outcome is Outcome.DIFFERENT and record.request.on_proof_failure is OnProofFailure.REMOVE:
        return False
    return record.outcome in (Outcome.DIFFERENT, Outcome.UNPROVED) and not record.remove_all


def _goes_with_another(resource: Resource, record: Replication) -> bool:
    """A disk that lives as long as its instance is not removed by itself."""
    if resource.kind is not ResourceKind.DISK:
        return False
    return any(r.id == resource.of and r.lives for r in record.resources)
