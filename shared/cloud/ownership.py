"""Whose is it: the tags that every created resource bears."""

from collections.abc import Iterable, Mapping

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
