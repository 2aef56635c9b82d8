"""What the acts have in common: names, tokens and tags, all of which follow from the record alone."""

import hashlib

from shared.cloud.images import Part
from shared.cloud.ownership import ownership
from shared.replication.model import Moment
from shared.replication.record import LaunchPlan, Replication, Resource, ResourceKind, Role


def token(record: Replication, act: str, attempt: int = 1) -> str:
    """The client token of an act: 32 hex, the same however often it is asked."""
    return token_of(record.id, act, str(attempt))


def token_of(*parts: str) -> str:
    """A client token, 32 hex, that follows from *parts*."""
    return hashlib.sha256(":".join(parts).encode()).hexdigest()[:32]


def tags(record: Replication) -> dict[str, str]:
    """The ownership tags of what *record* makes."""
    return ownership(record.install, record.id)


def planned(record: Replication) -> LaunchPlan:
    """What precheck chose; every phase after it has it."""
    assert record.plan is not None, "precheck comes first"
    return record.plan


def made(record: Replication, role: Role, kind: ResourceKind) -> Resource:
    """The living resource that an earlier step made; every phase after it has it."""
    resource = record.resource(role, kind)
    assert resource is not None, f"{record.phase} has no {role}"
    return resource


def image(record: Replication, role: Role, *, region: str, name: str, id: str, at: Moment) -> Resource:
    """An image of the source's disks as a resource."""
    size = sum(disk.size for disk in planned(record).disks)
    return Resource(kind=ResourceKind.IMAGE, role=role, region=region, id=id, name=name, made_at=at, size_gib=size)


def snapshot(part: Part, *, role: Role, region: str, image: str, at: Moment) -> Resource:
    """A snapshot under an image as a resource."""
    return Resource(
        kind=ResourceKind.SNAPSHOT,
        role=role,
        region=region,
        id=part.snapshot,
        made_at=at,
        size_gib=part.size_gib,
        of=image,
    )
