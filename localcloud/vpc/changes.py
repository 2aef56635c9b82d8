"""How the status of a network, a vSwitch or an address changes: at once, and again a few seconds later."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs.work import seconds
from localcloud.vpc.models import Named

if TYPE_CHECKING:
    from localcloud.cloud import Cloud


class Changes:
    """The changes of one cloud; how long each takes follows from the seed, as the cloud publishes no figures."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud

    def begin(self, one: Named, status: str, end: Callable[[], object], low: float = 1, high: float = 8) -> None:
        """Let *one* be in *status* for *low* to *high* seconds; then *end* is done, unless it has changed again."""
        self.settle(one, status)
        step = one.steps
        draws = stream(self._cloud.seed, "vpc change", one.id, step)

        def change() -> None:
            if one.steps == step:
                end()

        self._cloud.clock.after(seconds(draws, low, high), change)

    def settle(self, one: Named, status: str) -> None:
        """Let *one* be in *status* until something else is asked of it."""
        one.status = status
        one.steps += 1
