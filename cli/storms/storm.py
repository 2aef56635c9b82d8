"""A storm: who asks for what and when, and all that goes wrong meanwhile.  One seed, one storm."""

import random
from collections.abc import Sequence
from functools import cache
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cli.embedded import INSTALL, S_YAML, TABLESTORE
from localcloud.faults import Fault
from localcloud.fc.manifest import FunctionSpec, read_manifest
from localcloud.fc.models import EventBridgeTrigger, MnsEventSource, MnsTopicTrigger
from localcloud.world import Promise
from shared.problem import BadInput, Problem

HERE, THERE = "cn-hangzhou", "cn-beijing"
_ACCOUNT = "1234567890123456"
#: What may strike a call of a function, a delivery, and the making of images and instances.
CALLS = ("throttle", "server_error", "timeout", "lost_answer", "kill_before", "kill_after", "hold_up")
DELIVERIES = ("deliver_twice", "deliver_late", "deliver_never")
MAKING = ("fail_image", "no_stock", "quota", "corrupt")
_MINUTE = 60.0
#: Nothing is asked for later than this, in seconds: a day.
_LATEST = 86_400


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Errand(_Part):
    """A replication that is asked for, *at* so many virtual seconds from the beginning."""

    key: str = Field(min_length=1, max_length=100)
    instance: str = Field(pattern=r"^i-[a-z0-9-]{1,40}$")
    at: float = Field(0, ge=0, le=_LATEST)
    by: Literal["operator", "api", "event"] = "operator"
    goal: Literal["replica", "recovery_point"] = "replica"
    keep_source_image: bool = False
    on_proof_failure: Literal["keep", "remove"] = "keep"


class Meddling(_Part):
    """What the operator does to an errand's replication besides: gives it up, asks for it again, cleans it."""

    kind: Literal["cancel", "again", "clean"]
    key: str
    at: float = Field(ge=0, le=_LATEST)


class Storm(_Part):
    """All that happens in one storm; `seed` is the embedded cloud's, too."""

    seed: int = Field(ge=0)
    store: Literal["sqlite", "tablestore"]
    errands: tuple[Errand, ...] = Field(min_length=1)
    meddlings: tuple[Meddling, ...] = ()
    faults: tuple[Fault, ...] = ()
    index_lag: float = Field(0, ge=0, le=600)
    clock_skew: float = Field(0, ge=0, le=600)
    haste: float = Field(1, ge=0.1, le=100)
    token_life: float | None = Field(None, gt=0)
    page_limit: int | None = Field(None, ge=1, le=5000)
    breaks: tuple[Promise, ...] = ()

    @model_validator(mode="after")
    def _has_one_errand_a_key(self) -> "Storm":
        keys = [errand.key for errand in self.errands]
        wrong = [meddling.key for meddling in self.meddlings if meddling.key not in keys]
        if len(set(keys)) < len(keys) or wrong:
            raise ValueError("each errand has a key of its own, and each meddling the key of an errand")
        return self


def draw(seed: int, breaks: tuple[Promise, ...] = ()) -> Storm:
    """The storm of *seed*, on a cloud that breaks these promises: with none, every law has to hold in it.

    Odd seeds keep their records in Tablestore, even ones in SQLite.  Some storms are light, some are heavy, and some
    strike a single function so hard that it seldom comes through: each kind finds what the others do not.
    """
    draws = random.Random(seed)
    haste = draws.choice((1, 5, 5, 20))
    errands = tuple(_errand(draws, number, haste) for number in range(draws.randint(3, 5)))
    return Storm(
        seed=seed,
        store="tablestore" if seed % 2 else "sqlite",
        errands=errands,
        meddlings=tuple(_meddlings(draws, errands, haste)),
        faults=_faults(draws, haste),
        haste=haste,
        index_lag=draws.choice((0, 0, 2, 5, 30, 30, 120, 600)),
        clock_skew=draws.choice((0, 0, 0, 30)),
        # Never shorter than a creating call may be held up after its look-up: 45 s until it begins, 60 s on its way.
        token_life=draws.choice((None, None, 120, 600)),
        page_limit=draws.choice((None, 1, 2, 5)),
        breaks=breaks,
    )


def promises(names: Sequence[str]) -> tuple[Promise, ...]:
    """The promises of these names; raises BadInput for those that are none."""
    known = get_args(Promise)
    wrong = [name for name in names if name not in known]
    if wrong:
        fix = f"give one of {', '.join(known)}"
        raise BadInput(
            tuple(Problem(path="--breaks", code="unknown", message=f"{name} is no promise", fix=fix) for name in wrong)
        )
    return tuple(promise for promise in known if promise in names)


def sources(storm: Storm) -> tuple[str, ...]:
    """The ids of the instances that the errands are about."""
    return tuple(sorted({errand.instance for errand in storm.errands}))


def _errand(draws: random.Random, number: int, haste: int) -> Errand:
    goal: Literal["replica", "recovery_point"] = draws.choice(("replica", "replica", "recovery_point"))
    by: Literal["operator", "api", "event"] = draws.choice(("operator", "api", "event"))
    failure: Literal["keep", "remove"] = draws.choice(("keep", "remove"))
    return Errand(
        key=f"errand {number + 1}",
        instance=f"i-web{number + 1}",
        # Half of them begin at once, so that they meet in every phase; the others come later.
        at=draws.choice((0.0, float(draws.randint(1, 1200 // haste)))),
        by=by,
        goal=goal,
        keep_source_image=draws.random() < 0.2,
        on_proof_failure=failure,
    )


def _meddlings(draws: random.Random, errands: tuple[Errand, ...], haste: int) -> list[Meddling]:
    found: list[Meddling] = []
    kinds: tuple[tuple[Literal["cancel", "again", "clean"], float, int], ...] = (
        ("cancel", 0.2, 10 + 40 // haste),
        ("again", 0.15, 10 + 50 // haste),
        ("clean", 0.25, 30 + 70 // haste),
    )
    for errand in errands:
        for kind, chance, minutes in kinds:
            if draws.random() < chance:
                at = errand.at + draws.uniform(0, minutes * _MINUTE)
                found.append(Meddling(kind=kind, key=errand.key, at=round(at, 1)))
    return found


def _faults(draws: random.Random, haste: int) -> tuple[Fault, ...]:
    """Every function's calls and every topic may be struck.  Each fault is used up, so faults cease."""
    strength = draws.choice((0.5, 1.0, 1.0, 2.0, 4.0))
    hard = set(draws.sample(functions(), 2)) if draws.random() < 0.3 else set()
    calls = [
        _rare(draws, kind, 10 if name in hard else strength, function=name)
        for name in functions()
        for kind in _some(draws, CALLS, 3)
    ]
    deliveries = [
        _rare(draws, kind, strength, action=name) for name in topics() for kind in _some(draws, DELIVERIES, 2)
    ]
    making = [_rare(draws, kind, 3, most=2) for kind in _some(draws, MAKING, 2)]
    return (*calls, *deliveries, *making, *_stall(draws), *_outage(draws, haste))


def _stall(draws: random.Random) -> list[Fault]:
    """Seldom a copy stands still for ever: it takes days until its deadline, and so the longest to go through."""
    return [_fault("stall_copy", count=1)] if draws.random() < 0.02 else []


def _outage(draws: random.Random, haste: int) -> list[Fault]:
    """Now and then no call to a region is answered for a while; in the home region that is the store's, too."""
    if draws.random() >= 0.25:
        return []
    begin = draws.uniform(_MINUTE, (10 + 40 / haste) * _MINUTE)
    lasts = draws.choice((2, 10, 45)) * _MINUTE
    kind = draws.choice(("timeout", "server_error", "lost_answer"))
    return [_fault(kind, region=draws.choice((HERE, THERE)), since=round(begin), until=round(begin + lasts))]


def _some(draws: random.Random, kinds: tuple[str, ...], most: int) -> list[str]:
    return draws.sample(kinds, draws.randint(0, most))


def _rare(draws: random.Random, kind: str, strength: float, most: int = 8, **where: str) -> Fault:
    chance = min(round(strength * draws.uniform(0.02, 0.1), 4), 1.0)
    return _fault(kind, chance=chance, count=draws.randint(1, most), **where)


def _fault(kind: str, **fields: object) -> Fault:
    return Fault.model_validate({"kind": kind, **fields})


@cache
def functions() -> tuple[str, ...]:
    """The names of all functions in s.yaml: a new one is struck because it is there."""
    return tuple(spec.props.function_name for spec in _specs())


@cache
def topics() -> tuple[str, ...]:
    """The names of all topics and queues that wake a function."""
    found = []
    for trigger in (trigger for spec in _specs() for trigger in spec.props.triggers):
        if isinstance(trigger, MnsTopicTrigger):
            found.append(trigger.topic[1])
        elif isinstance(trigger, EventBridgeTrigger) and isinstance(
            source := trigger.trigger_config.event_source_config, MnsEventSource
        ):
            found.append(source.event_source_parameters.source_mns.queue_name)
    return tuple(dict.fromkeys(found))


@cache
def _specs() -> tuple[FunctionSpec, ...]:
    environ = {"FERRY_INSTALL": INSTALL, "FERRY_HOME_REGION": THERE, "FERRY_STORE": TABLESTORE}
    return read_manifest(S_YAML, environ, _ACCOUNT)
