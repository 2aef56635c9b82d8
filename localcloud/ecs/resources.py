"""The resources that a call needs rights on: how the tables of the products name them, and what they ask of RAM.

Conditions: tags of the call (acs:RequestTag) and of the resource (acs:ResourceTag), "Use tags to grant access to ECS
resources by group", and ecs:tag and vpc:tag, by the product of the resource, "Create a resource with a specific tag"
(ECS help, read 2026-11).  UNVERIFIED: that the first two hold for VPC; that for the last two the call's tags count on
each resource of the called product that does not bear the key; that what is not there has no tags, rather than being
refused as not there.
"""

from collections.abc import Callable, Iterator, Mapping
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

    def __init__(self, cloud: "Cloud", product: str, table: Table) -> None:
        self._cloud = cloud
        self._product = product
        self._table = table

    def of(self, call: "Call") -> Iterator[Need]:
        """What *call* needs: an action that is not in the table needs everything."""
        params = Params.of(call)
        for resources in self._table.get(call.action, (everything,)):
            for product, region, path in resources(params):
                yield self._need(product or self._product, region or params.region, path, params)

    def _need(self, product: str, region: str, path: str, params: Params) -> Need:
        name = path if path == "*" else f"acs:{product}:{region}:{self._cloud.account}:{path}"
        return Need(f"{self._product}:{params.action}", name, lambda: self._tags(product, region, path, params))

    def _tags(self, product: str, region: str, path: str, params: Params) -> Context:
        sent = {one.text("Key"): one.text("Value") for one in params.structs("Tag")}
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


def each(kind: str, *names: str) -> Of:
    """Those that the call names."""
    return lambda params: (("", "", f"{kind}/{id_}") for name in names for id_ in _ids(params, name))


def shown(kind: str, *names: str) -> Of:
    """Those that the call names, or all when it names none."""

    def resources(params: Params) -> Iterator[tuple[str, str, str]]:
        ids = [id_ for name in names for id_ in _ids(params, name)] or ["*"]
        return (("", "", f"{kind}/{id_}") for id_ in ids)

    return resources


def inner(kind: str, group: str, name: str) -> Of:
    """Those that are named in a list of groups."""
    return lambda params: (("", "", f"{kind}/{one.text(name)}") for one in params.structs(group) if one.has(name))


def everything(_: Params) -> Iterator[tuple[str, str, str]]:
    """All resources: the action knows no single ones."""
    return iter((("", "", "*"),))


def of_type(params: Params) -> Iterator[tuple[str, str, str]]:
    """What is tagged, or whose tags are listed."""
    kind = params.text("ResourceType").lower()
    return (("", "", f"{kind}/{id_}") for id_ in _ids(params, "ResourceId") or ("*",)) if kind else iter(())


def there(of: Of, region: str) -> Of:
    """The same in the region that a parameter names."""
    return lambda params: ((product, params.text(region), path) for product, _, path in of(params))


def within(product: str, of: Of) -> Of:
    """The same as another product's resources."""
    return lambda params: ((product, region, path) for _, region, path in of(params))


def _ids(params: Params, name: str) -> tuple[str, ...]:
    """The ids of a parameter, however it holds them; what is malformed names none, and is refused by the action."""
    text = params.text(name)
    if not text.startswith("["):
        return (*(one.strip() for one in text.split(",") if one.strip()), *params.each(name))
    try:
        ids = read_json(text)
    except ValueError:
        return ()
    return tuple(one for one in ids if isinstance(one, str))
