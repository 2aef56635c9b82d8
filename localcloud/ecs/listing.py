"""Lists: what they hide, and how they come in pages."""

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.models import Resource
from localcloud.ecs.parameters import Params
from localcloud.ecs.work import seconds
from localcloud.texts import whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

_Item = TypeVar("_Item")
_Listed = TypeVar("_Listed", bound=Resource)
#: How often a page of a list of several pages lacks an item: things move between two reads.
_SHIFTS = 0.03
#: What a smaller MaxResults stands for.
_FEWEST = 10
#: Fields that name what is listed, or what it belongs to.
_NARROWING = (
    "ImageId",
    "InstanceId",
    "InstanceIds",
    "DiskIds",
    "SnapshotIds",
    "SecurityGroupId",
    "SecurityGroupIds",
    "InvokeId",
    "InstanceTypes.1",
)


class Listing:
    """The lists of one cloud.

    A new id is not in a list at once, and an item may slip from one page to the next while a list is read: no page
    promises either, so by seed they happen.
    """

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._reads = 0

    def listed_from(self, resource_id: str) -> datetime:
        """When a resource made now is first listed: some seconds from now, 30 at most unless the world says more."""
        most = self._cloud.world.list_lag
        return self._cloud.clock.now + seconds(stream(self._cloud.seed, "listed", resource_id), 0, most)

    def visible(self, resources: Iterable[_Listed], params: Params | None = None) -> list[_Listed]:
        """Those that lists show by now; *params*: of a call that may look up by name or tag."""
        if params is not None and "lookups" in self._cloud.world.breaks and _looks_up(params):
            return []
        return [one for one in resources if one.listed_from <= self._cloud.clock.now]

    def page(
        self, params: Params, items: Sequence[_Item], *, most: int, usual: int = 10
    ) -> tuple[list[_Item], dict[str, object]]:
        """The page that the call asks for, by number or by token, with the answer's own words about it.

        *most* is the largest PageSize, *usual* the one of a call that names none.
        """
        if params.has("NextToken") or params.has("MaxResults"):
            # DescribeInstances, MaxResults: "If the value is less than 10, 10 is used" (read 2026-11).
            size = max(_FEWEST, params.whole("MaxResults", 10, 1, max(most, 100)))
            return self.by_place(params, items, _begin(params), size)
        page, head = self.numbered_page(params, items, most=most, usual=usual)
        return page, head | {"NextToken": ""}

    def numbered_page(
        self, params: Params, items: Sequence[_Item], *, most: int, usual: int = 10
    ) -> tuple[list[_Item], dict[str, object]]:
        """The same of a list that has no tokens."""
        size = params.whole("PageSize", usual, 1, most)
        return self.by_number(params, items, params.whole("PageNumber", 1, 1, 10**6), size)

    def by_number(
        self, params: Params, items: Sequence[_Item], number: int, size: int
    ) -> tuple[list[_Item], dict[str, object]]:
        """The page of this number and size, with the answer's own words about it."""
        size = self._limited(size, params)
        head: dict[str, object] = {"PageNumber": number, "PageSize": size, "TotalCount": len(items)}
        return self._cut(items, (number - 1) * size, size), head

    def by_place(
        self, params: Params, items: Sequence[_Item], begin: int, size: int
    ) -> tuple[list[_Item], dict[str, object]]:
        """The page that begins there, with the answer's own words about it."""
        size = self._limited(size, params)
        page, after = self._after(items, begin, size)
        return page, {"PageNumber": 1, "PageSize": size, "TotalCount": len(items), "NextToken": after}

    def by_token(self, params: Params, items: Sequence[_Item], size: int) -> tuple[list[_Item], str]:
        """The page after the call's NextToken, and the token of the next; empty when there is none."""
        return self._after(items, _begin(params), self._limited(size, params))

    def _after(self, items: Sequence[_Item], begin: int, size: int) -> tuple[list[_Item], str]:
        after = _token(begin + size) if begin + size < len(items) else ""
        return self._cut(items, begin, size), after

    def _limited(self, size: int, params: Params) -> int:
        """The size of a page: what a call narrows down is as short as it is, a whole account may be long."""
        narrow = params.structs("Tag") or any(params.has(field) for field in _NARROWING)
        return size if narrow else min(size, self._cloud.world.page_limit or size)

    def _cut(self, items: Sequence[_Item], begin: int, size: int) -> list[_Item]:
        page = list(items[begin : begin + size])
        if len(items) > size and page and self._cloud.world.list_lag:
            self._reads += 1
            draws = stream(self._cloud.seed, "page", self._reads)
            if draws.random() < _SHIFTS:
                del page[draws.randrange(len(page))]
        return page


def _looks_up(params: Params) -> bool:
    return params.has("ImageName") or params.has("InstanceName") or bool(params.structs("Tag"))


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"after:{place}".encode()).decode()


def _begin(params: Params) -> int:
    begin = place_of(params.text("NextToken"))
    if begin is None:
        raise errors.PARAMETER_INVALID.error("NextToken")
    return begin


def place_of(token: str) -> int | None:
    """Where the page of a NextToken begins: the first without one, None for what no list gave."""
    if not token:
        return 0
    try:
        word, _, place = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except ValueError:
        return None
    return whole(place, 0, 10**9) if word == "after" else None


def gone_after(cloud: "Cloud", *purpose: object) -> timedelta:
    """How long a trace of something that is gone stays: 0 to 20 s."""
    return seconds(stream(cloud.seed, "gone", *purpose), 0, 20)
