"""Tags of VPC: how they are read from a call, and the actions that put them on resources, take them off, list them."""

from typing import TYPE_CHECKING

from localcloud.ecs.errors import PARAMETER_MISSING
from localcloud.ecs.models import Resource
from localcloud.ecs.parameters import Params
from localcloud.ecs.tagging import MOST_TAGS, asked_tags, bears, tag_lines
from localcloud.vpc import errors

if TYPE_CHECKING:
    from localcloud.ecs.listing import Listing
    from localcloud.vpc.state import State

Answer = dict[str, object]
_MOST_RESOURCES = 50
#: Kinds that the documentation knows and of which this cloud has none (help page TagResources, ResourceType).
_OTHER_KINDS = frozenset(
    {
        "ROUTETABLE",
        "VPNGATEWAY",
        "NATGATEWAY",
        "COMMONBANDWIDTHPACKAGE",
        "PREFIXLIST",
        "PUBLICIPADDRESSPOOL",
        "IPV4GATEWAY",
        "IPV6GATEWAY",
        "NETWORKACL",
        "TRAFFICMIRRORFILTER",
        "TRAFFICMIRRORSESSION",
    }
)


def read_tags(params: Params) -> dict[str, str]:
    """The call's ``Tag.N``; help page TagResources says what a key and a value may be."""
    given = params.structs("Tag")
    if len(given) > MOST_TAGS:
        raise errors.TAGS_TOO_MANY.error()
    tags: dict[str, str] = {}
    for one in given:
        key, value = one.text("Key"), one.text("Value")
        if not key or _forbidden(key):
            raise errors.TAG_KEY.error()
        if _forbidden(value):
            raise errors.TAG_VALUE.error()
        if key in tags:
            raise errors.TAG_TWICE.error()
        tags[key] = value
    return tags


def _forbidden(text: str) -> bool:
    return len(text) > 128 or text.startswith(("aliyun", "acs:")) or "http://" in text or "https://" in text


def shown_tags(resource: Resource) -> Answer:
    """The tags as VPC's Describe actions answer them."""
    return {"Tag": [{"Key": key, "Value": value} for key, value in resource.tags.items()]}


class Tags:
    """TagResources, UnTagResources, ListTagResources."""

    def __init__(self, state: "State", listing: "Listing") -> None:
        self._state = state
        self._listing = listing

    def tag(self, params: Params) -> Answer:
        """TagResources: the same key overwrites."""
        resources, tags = self._named(params), read_tags(params)
        if not tags:
            raise PARAMETER_MISSING.error("Tag")
        if any(len(resource.tags | tags) > MOST_TAGS for resource in resources):
            raise errors.TAG_QUOTA.error()
        for resource in resources:
            resource.tags.update(tags)
        return {}

    def untag(self, params: Params) -> Answer:
        """UnTagResources: those of TagKey.N, or all of them with All=true."""
        resources, keys = self._named(params), params.each("TagKey")
        if len(keys) > MOST_TAGS:
            raise errors.TAGS_TOO_MANY.error()
        if not keys and not params.flag("All"):
            raise PARAMETER_MISSING.error("TagKey")
        for resource in resources:
            for key in keys or tuple(resource.tags):
                resource.tags.pop(key, None)
        return {}

    def list(self, params: Params) -> Answer:
        """ListTagResources: each tag of the resources asked for, by ResourceId.N, by Tag.N or by both."""
        kind, known = self._kind(params)
        ids, wanted = params.each("ResourceId"), asked_tags(params, errors.TAGS_TOO_MANY)
        if not ids and not wanted:
            raise errors.TAG_NOTHING_ASKED.error()
        if len(ids) > _MOST_RESOURCES:
            raise errors.TAG_RESOURCES_TOO_MANY.error()
        chosen = [one for one in known.values() if (not ids or one.id in ids) and bears(one, wanted)]
        size = params.whole("MaxResults", 50, 1, 50)
        page, after = self._listing.by_token(params, list(tag_lines(chosen, kind, wanted)), size)
        return {"TagResources": {"TagResource": page}, "NextToken": after}

    def _named(self, params: Params) -> tuple[Resource, ...]:
        _, known = self._kind(params)
        ids = params.each("ResourceId")
        if not ids:
            raise PARAMETER_MISSING.error("ResourceId")
        if len(ids) > _MOST_RESOURCES:
            raise errors.TAG_RESOURCES_TOO_MANY.error()
        if any(one not in known for one in ids):
            raise errors.TAG_RESOURCE.error()
        return tuple(known[one] for one in ids)

    def _kind(self, params: Params) -> tuple[str, dict[str, Resource]]:
        # UNVERIFIED: that lower case is taken, too; pages show both spellings.
        kind = params.need("ResourceType").upper()
        kinds = self._state.kinds(params.region)
        if kind not in kinds and kind not in _OTHER_KINDS:
            raise errors.TAG_TYPE.error()
        return kind, dict(kinds.get(kind, {}))
