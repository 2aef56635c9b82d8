"""The resources that a call needs rights on: how the tables of the products name them, and what they ask of RAM.

Conditions: tags of the call (acs:RequestTag) and of the resource (acs:ResourceTag), "Use tags to grant access to ECS
resources by group", and ecs:tag and vpc:tag, by the product of the resource, "Create a resource with a specific tag"
(ECS help, read 2026-11).  UNVERIFIED: that the first two hold for VPC; that for the last two the call's tags count on
each resource of the called product that does not bear the key; that what is not there has no tags, rather than being
refused as not there; that a call which names no resource needs all of them, rather than being refused for that.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from localcloud.ecs.parameters import Params
from localcloud.ram.conditions import Context
from localcloud.ram.evaluation import Need
from localcloud.texts import read_json

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

#: Resources of a call: the product and the region that hold them (empty: those of the call), and their kind and id.
Of = Callable[[Params], Iterator[tuple[str, str, str]]]
#: What each action needs.
Table = Mapping[str, tuple[Of, ...]]


class Needs:
    """What the calls to one product need: the RAM action of their name, on the resources of their row."""

    def __init__(self, cloud: "Cloud", product: str, table: Table, tagging: Container[str]) -> None:
        """Those of *table*; the actions *tagging* are the ones that read the tags of a call."""
        self._cloud = cloud
        self._product = product
        self._table = table
        self._tagging = tagging

    def of(self, call: "Call") -> Iterator[Need]:
        """What *call* needs: everything, for an action that is not in the table and for a call that names nothing."""
        params, nothing = Params.of(call), True
        for resources in self._table.get(call.action, ()):
            for product, region, path in resources(params):
                nothing = False
                yield self._need(product or self._product, region or params.region, path, params)
        if nothing:
            yield self.on("*", params)

    def on(self, path: str, params: Params, product: str = "") -> Need:
        """The need of a resource where the call is, of another product where one is named."""
        return self._need(product or self._product, params.region, path, params)

    def _need(self, product: str, region: str, path: str, params: Params) -> Need:
        name = path if path == "*" else f"acs:{product}:{region}:{self._cloud.account}:{path}"
        return Need(f"{self._product}:{params.action}", name, lambda: self._tags(product, region, path, params))

    def _tags(self, product: str, region: str, path: str, params: Params) -> Context:
        tags = params.structs("Tag") if params.action in self._tagging else ()
        sent = {one.text("Key"): one.text("Value") for one in tags}
        kind, _, id_ = path.partition("/")
        found = (self._cloud.vpc if product == "vpc" else self._cloud.ecs).find(region, kind, id_)
        held = found.tags if found else {}
        shared = (sent | held) if product == self._product else held
        return {
            **{f"acs:RequestTag/{key}": [value] for key, value in sent.items()},
            **{f"acs:ResourceTag/{key}": [value] for key, value in held.items()},
            **{f"{product}:tag/{key}": [value] for key, value in shared.items()},
        }


def every(kind: str) -> Of:
    """All of a kind, whatever the call names."""
    return lambda _: iter((("", "", f"{kind}/*"),))


def one(kind: str, name: str) -> Of:
    """The one that a parameter names."""
    return lambda params: _paths(kind, (params.text(name),))


def each(kind: str, name: str) -> Of:
    """Those that a parameter names by numbers, as ``name.1``."""
    return lambda params: _paths(kind, params.each(name))


def comma_list(kind: str, name: str) -> Of:
    """Those that a parameter names with commas between them."""
    return lambda params: _paths(kind, params.comma_list(name) or ())


def json_list(kind: str, name: str) -> Of:
    """Those that a parameter names in a JSON array; what is none names nothing, and is refused by the action."""
    return lambda params: _paths(kind, _texts(params.text(name)))


def shown(kind: str, *named: Of) -> Of:
    """Those that the call names in one way or another, or all of their kind when it names none."""
    return lambda params: iter([path for of in named for path in of(params)] or [("", "", f"{kind}/*")])


def inner(group: str, of: Of) -> Of:
    """Those that are named in each group of a list."""
    return lambda params: (found for inside in params.structs(group) for found in of(inside))


def everything(_: Params) -> Iterator[tuple[str, str, str]]:
    """All resources: the action knows no single ones."""
    return iter((("", "", "*"),))


def of_type(named: Callable[[str, str], Of]) -> Of:
    """What is tagged, or whose tags are listed: ResourceId names it, of the kind that ResourceType says."""

    def resources(params: Params) -> Iterator[tuple[str, str, str]]:
        # Small letters of capitals: the actions of VPC read the kind in capitals, which more than these are made of.
        kind = params.text("ResourceType").upper().lower()
        return shown(kind, named(kind, "ResourceId"))(params) if kind else iter(())

    return resources


def there(of: Of, region: str) -> Of:
    """The same in the region that a parameter names."""
    return lambda params: ((product, params.text(region), path) for product, _, path in of(params))


def within(product: str, of: Of) -> Of:
    """The same as another product's resources."""
    return lambda params: ((product, region, path) for _, region, path in of(params))


def _paths(kind: str, ids: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    return (("", "", f"{kind}/{id_}") for id_ in ids if id_)


def _texts(array: str) -> tuple[str, ...]:
    try:
        ids = read_json(array)
    except ValueError:
        return ()
    return tuple(id_ for id_ in ids if isinstance(id_, str)) if isinstance(ids, list) else ()
