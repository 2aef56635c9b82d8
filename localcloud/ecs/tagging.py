"""Tags: how they are read from a call, and the actions that put them on resources, take them off and list them."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from localcloud.ecs import errors
from localcloud.ecs.models import Resource
from localcloud.ecs.parameters import Params

if TYPE_CHECKING:
    from localcloud.ecs.listing import Listing
    from localcloud.ecs.state import State

MOST_TAGS = 20
#: Tags that a list is narrowed to; None stands for any value.
Wanted = tuple[tuple[str, str | None], ...]


def read_tags(params: Params, too_many: errors.Refusal = errors.TAGS_TOO_MANY) -> dict[str, str]:
    """The call's ``Tag.N``; help page TagResources says what a key may be."""
    tags: dict[str, str] = {}
    for one in params.structs("Tag"):
        key, value = one.text("Key"), one.text("Value")
        if not 1 <= len(key) <= 128 or key.startswith(("aliyun", "acs:")) or "http://" in key or "https://" in key:
            raise errors.TAG_KEY_MALFORMED.error()
        if len(value) > 128 or "http://" in value or "https://" in value:
            raise errors.TAG_VALUE_MALFORMED.error()
        if key in tags:
            raise errors.TAG_KEY_DUPLICATE.error()
        tags[key] = value
    if len(tags) > MOST_TAGS:
        raise too_many.error()
    return tags


def asked_tags(params: Params, too_many: errors.Refusal = errors.TAGS_TOO_MANY) -> Wanted:
    """The tags that a list is to be narrowed to; a key without a value stands for any value."""
    wanted = params.structs("Tag")
    if len(wanted) > MOST_TAGS:
        raise too_many.error()
    return tuple((one.text("Key"), one.text("Value") if one.has("Value") else None) for one in wanted)


class Tagged(Protocol):
    """What has tags."""

    tags: dict[str, str]


def bears(resource: Tagged, wanted: Wanted) -> bool:
    """Whether the resource has all the tags."""
    return all(key in resource.tags and value in (None, resource.tags[key]) for key, value in wanted)


def shown_tags(resource: Resource) -> dict[str, object]:
    """The tags as a Describe action answers them."""
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in resource.tags.items()]}


class Tags:
    """TagResources, UntagResources, ListTagResources."""

    def __init__(self, state: "State", listing: "Listing") -> None:
        self._state = state
        self._listing = listing

    def tag(self, params: Params) -> dict[str, object]:
        """Put tags on resources; the same key overwrites."""
        resources = self._named(params)
        tags = read_tags(params, errors.TAG_CALL_TOO_MANY)
        if not tags:
            raise errors.TAG_TAGS_MISSING.error()
        if any(len(resource.tags | tags) > MOST_TAGS for resource in resources):
            raise errors.TAG_QUOTA.error()
        for resource in resources:
            resource.tags.update(tags)
        return {}

    def untag(self, params: Params) -> dict[str, object]:
        """Take tags off: those of TagKey.N, or all with All=true."""
        resources = self._named(params)
        keys = params.each("TagKey")
        if len(keys) > MOST_TAGS:
            raise errors.TAG_CALL_TOO_MANY.error()
        if not keys and not params.flag("All"):
            raise errors.TAG_TAGS_MISSING.error()
        for resource in resources:
            for key in keys or tuple(resource.tags):
                resource.tags.pop(key, None)
        return {}

    def list(self, params: Params) -> dict[str, object]:
        """Each tag of the resources asked for, fifty lines a page."""
        ids, wanted = params.each("ResourceId"), asked_tags(params)
        if not ids and not wanted:
            raise errors.TAG_TAGS_MISSING.error()
        resources = self._listing.visible(self._asked_kind(params).values())
        chosen = [one for one in resources if (not ids or one.id in ids) and bears(one, wanted)]
        lines = list(tag_lines(chosen, params.text("ResourceType"), wanted))
        page, after = self._listing.by_token(params, lines, size=50)
        return {"TagResources": {"TagResource": page}, "NextToken": after}

    def _named(self, params: Params) -> tuple[Resource, ...]:
        kind = self._asked_kind(params)
        ids = params.each("ResourceId")
        if not ids:
            raise errors.PARAMETER_MISSING.error("ResourceId")
        if len(ids) > 50:
            raise errors.TAG_RESOURCES_TOO_MANY.error()
        if any(one not in kind for one in ids):
            raise errors.TAG_RESOURCE_UNKNOWN.error()
        return tuple(kind[one] for one in ids)

    def _asked_kind(self, params: Params) -> dict[str, Resource]:
        if not params.has("ResourceType"):
            raise errors.TAG_TYPE_MISSING.error()
        return self.of_kind(params.region, params.text("ResourceType"))

    def of_kind(self, region: str, kind: str) -> dict[str, Resource]:
        """What the region holds of a kind, by id; refuses a kind that can bear no tags."""
        held = self._state.of(region)
        kinds: dict[str, dict[str, Resource]] = {
            "image": dict(held.own_images()),
            "snapshot": dict(held.snapshots),
            "disk": dict(held.disks),
            "instance": dict(held.instances),
            "securitygroup": dict(held.groups),
            "keypair": dict(held.key_pairs),
            "command": dict(held.commands),
        }
        if kind not in kinds:
            raise errors.TAG_TYPE_UNKNOWN.error()
        return kinds[kind]


def tag_lines(resources: Iterable[Resource], kind: str, wanted: Wanted) -> Iterator[dict[str, object]]:
    """What ListTagResources answers of the resources: a line for each tag that is wanted."""
    keys = {key for key, _ in wanted}
    for resource in resources:
        for key, value in resource.tags.items():
            if not keys or key in keys:
                yield {"ResourceId": resource.id, "ResourceType": kind, "TagKey": key, "TagValue": value}
