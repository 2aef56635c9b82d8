"""How a new instance is to be connected to the Internet."""

from dataclasses import dataclass

from localcloud.ecs import errors
from localcloud.ecs.narrowing import choice
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import launches as refusals
from localcloud.texts import whole

_CHARGE_TYPES = ("PayByTraffic", "PayByBandwidth")
_MOST_OUT = 100


@dataclass(frozen=True)
class Internet:
    """Bandwidths in Mbit/s; without one outwards there is no public address."""

    charge_type: str
    bandwidth_in: int
    bandwidth_out: int


def asked_internet(params: Params) -> Internet:
    """What the call asks for, checked."""
    charge_type = choice(params, "InternetChargeType", _CHARGE_TYPES, refusals.CHARGE_TYPE)
    out = whole(params.text("InternetMaxBandwidthOut", "0"), 0, _MOST_OUT)
    if out is None:
        raise errors.RUN_BANDWIDTH.error()
    return Internet(charge_type or _CHARGE_TYPES[0], _inwards(params, out), out)


def _inwards(params: Params, out: int) -> int:
    """10, or as much as goes out when that is more (help page RunInstances, InternetMaxBandwidthIn, read 2026-11).

    UNVERIFIED: what is shown of an instance to which neither was given; here 0.
    """
    most = max(10, out)
    if not params.has("InternetMaxBandwidthIn"):
        return most if out else 0
    inwards = whole(params.text("InternetMaxBandwidthIn"), 1, most)
    if inwards is None:
        raise refusals.BANDWIDTH_IN.error()
    return inwards
