"""Roles and policies of the account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Version:
    """One version of a policy's document."""

    id: str
    document: str
    created: datetime


@dataclass
class Policy:
    """A custom policy."""

    name: str
    description: str
    created: datetime
    updated: datetime
    tags: Mapping[str, str]
    versions: dict[str, Version]
    default: str
    numbered: int = 1  # how many versions there ever were: a number is not given twice


@dataclass
class Role:
    """A role, and since when which policies are attached to it."""

    id: str
    name: str
    trust: str
    description: str
    session: int
    created: datetime
    updated: datetime
    tags: Mapping[str, str]
    attached: dict[str, datetime] = field(default_factory=dict)


def moment(when: datetime) -> str:
    """As RAM writes a moment."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def shown_tags(held: Mapping[str, str]) -> dict[str, object]:
    """As RAM lists tags."""
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in held.items()]}
