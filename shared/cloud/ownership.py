"""Whose is it: the tags that every created resource bears."""

from collections.abc import Iterable, Mapping

from shared.cloud.errors import CloudRefused

INSTALL = "ferry:install"
REPLICATION = "ferry:replication"
GROUP = "ferry:group"
#: Tags that are never copied from a source: the cloud's own, which it refuses, and ours, which would lie.
UNCOPIED = ("acs:", "aliyun", "ferry:")


def ownership(install: str, replication: str) -> dict[str, str]:
    """The tags of what a replication makes."""
    return {INSTALL: install, REPLICATION: replication}


def bears(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether *tags* include *wanted*."""
    return all(tags.get(key) == value for key, value in wanted.items())


def tags_of(found: Iterable[object] | None) -> dict[str, str]:
    """An SDK answer's tags as a mapping."""
    return {str(getattr(t, "tag_key", "")): str(getattr(t, "tag_value", "") or "") for t in found or ()}


def check_owner(kind: str, name: str, said: str | None, about: str) -> None:
    """Raise CloudRefused when a thing's description is not *about*."""
    if (said or "") != about:
        message = f"there is a {kind} {name} that does not belong to this install: its description is {said!r}"
        raise CloudRefused("NotOurs", message, "")
