"""The families of instance types: DescribeInstanceTypeFamilies.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstancetypefamilies (read
2026-11)
"""

import re

from localcloud.ecs.catalogue import sold_in
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State
from localcloud.regions import ZONES

Answer = dict[str, object]
_SERIES = re.compile(r"ecs\.[a-z]+([0-9]+)")


class Families:
    """The families that one cloud sells."""

    def __init__(self, state: State) -> None:
        self._state = state

    def describe(self, params: Params) -> Answer:
        """DescribeInstanceTypeFamilies: those that the region sells, of one generation or of all; none of another."""
        self._state.of(params.region)
        sold = [one.family for zone in ZONES.get(params.region, ()) for one in sold_in(zone, params.region)]
        shown = [{"InstanceTypeFamilyId": one, "Generation": _generation(one)} for one in dict.fromkeys(sold)]
        wanted = params.text("Generation")
        chosen = [one for one in shown if wanted in ("", one["Generation"])]
        return {"InstanceTypeFamilies": {"InstanceTypeFamily": chosen}}


def _generation(family: str) -> str:
    """The generation: the page puts t5 and g5 into ecs-4, t6 and g6 into ecs-5, hfg7 into ecs-6, its last one.

    UNVERIFIED: that of any other family, which here follows its number, and is the last one from 7 on or without one.
    """
    series = _SERIES.fullmatch(family.removesuffix("i").removesuffix("y"))
    return f"ecs-{min(max(int(series[1]) - 1, 1), 6)}" if series else "ecs-6"
