"""How tests provoke refusals: each by an act of its own, and none left out."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from localcloud.ecs.errors import Refusal
from tests.localcloud.ecs_world import HERE, Ground, refused

Act = Callable[[Ground], object]


def ask(action: str, region: str = HERE, **wire: Any) -> Act:
    """A call, when the ground is there."""
    return lambda g: g.ask(action, region, **wire)


def after(*acts: Act) -> Act:
    """Several acts; the last is the one to be refused."""

    def act(g: Ground) -> None:
        for one in acts:
            one(g)

    return act


def written(refusals: ModuleType) -> Mapping[str, Refusal]:
    """The refusals that a module writes down, by name."""
    return {name: one for name, one in vars(refusals).items() if isinstance(one, Refusal)}


def check_refusal(g: Ground, refusal: Refusal, act: Act) -> None:
    """*act* is refused so: with this code, this HTTP status and this message."""
    with refused(refusal.code, refusal.status) as no:
        act(g)
    for part in refusal.message.split("%s"):
        assert part in no.value.message
