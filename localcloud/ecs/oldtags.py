"""AddTags, RemoveTags and DescribeTags, which TagResources and its like replaced."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.parameters import Params
from localcloud.ecs.tagging import MOST_TAGS, asked_tags, read_tags

if TYPE_CHECKING:
    from localcloud.ecs.listing import Listing
    from localcloud.ecs.models import Resource
    from localcloud.ecs.tagging import Tags

Answer = dict[str, object]
#: The kinds that these actions know, and how DescribeTags calls their counts.
_KINDS: Mapping[str, str] = {
    "instance": "Instance",
    "disk": "Disk",
    "snapshot": "Snapshot",
    "image": "Image",
    "securitygroup": "Securitygroup",
}
_PAGE = 100
_USUAL_PAGE = 50


class OldTags:
    """The older way to put tags on one resource, to take them off and to list them.

    https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-addtags and the pages of 2019
    beside it (read 2026-11).
    """

    def __init__(self, tags: "Tags", listing: "Listing") -> None:
        self._tags = tags
        self._listing = listing

    def add(self, params: Params) -> Answer:
        """AddTags: the same key overwrites."""
        resource, tags = self._named(params), read_tags(params)
        if not tags:
            raise errors.TAG_TAGS_MISSING.error()
        if len(resource.tags | tags) > MOST_TAGS:
            raise errors.TAG_QUOTA.error()
        resource.tags.update(tags)
        return {}

    def remove(self, params: Params) -> Answer:
        """RemoveTags: those of Tag.N, with any value where it names none.

        UNVERIFIED: that it takes them all off when no tag is named, which the page allows.
        """
        resource, wanted = self._named(params), asked_tags(params)
        if any(not key for key, _ in wanted):
            raise errors.TAG_KEY_MALFORMED.error()
        for key, value in wanted or tuple((key, None) for key in resource.tags):
            if value in (None, resource.tags.get(key)):
                resource.tags.pop(key, None)
        return {}

    def describe(self, params: Params) -> Answer:
        """DescribeTags: each tag once, with how many resources of each kind bear it."""
        wanted = asked_tags(params)
        counts: dict[tuple[str, str], dict[str, int]] = {}
        for kind, key, value in self._borne(params):
            if not wanted or any(key == one and other in (None, value) for one, other in wanted):
                of_tag = counts.setdefault((key, value), dict.fromkeys(_KINDS.values(), 0))
                of_tag[_KINDS[kind]] += 1
        page, head = self._listing.numbered_page(params, list(counts), most=_PAGE, usual=_USUAL_PAGE)
        tags = [{"TagKey": key, "TagValue": value, "ResourceTypeCount": counts[key, value]} for key, value in page]
        return {**head, "Tags": {"Tag": tags}}

    def _borne(self, params: Params) -> Iterator[tuple[str, str, str]]:
        """Kind, key and value of each tag on the resources that the call speaks of."""
        asked = params.text("ResourceType")
        if asked and asked not in _KINDS:
            raise errors.TAG_TYPE_UNKNOWN.error()
        for kind in (asked,) if asked else _KINDS:
            for resource in self._listing.visible(self._tags.of_kind(params.region, kind).values()):
                if params.text("ResourceId", resource.id) == resource.id:
                    yield from ((kind, key, value) for key, value in resource.tags.items())

    def _named(self, params: Params) -> "Resource":
        kind, resource_id = params.need("ResourceType"), params.need("ResourceId")
        if kind not in _KINDS:
            raise errors.TAG_TYPE_UNKNOWN.error()
        known = self._tags.of_kind(params.region, kind)
        if resource_id not in known:
            raise errors.OLD_TAG_RESOURCE.error()
        return known[resource_id]
