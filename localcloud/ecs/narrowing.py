"""What narrows a list beyond ids and tags: facts as the list itself shows them, and when things were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from localcloud.ecs.errors import Refusal
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import lists as refusals
from localcloud.ecs.times import read_minute

#: Why a thing may be locked (SDK 7.11.8, DescribeInstances and DescribeDisks, LockReason).
_LOCKS = ("financial", "security", "Recycling", "dedicatedhostfinancial", "refunded")

Facts = Mapping[str, str | bool]
#: Fields by which a list can be narrowed, and whether each is a text or a truth.
Fields = Mapping[str, type[str] | type[bool]]


def asked_facts(params: Params, fields: Fields) -> Facts:
    """What the call asks for of *fields*; those that it leaves open are not in it."""
    given = [(name, kind) for name, kind in fields.items() if params.has(name)]
    return {name: params.flag(name) if kind is bool else params.text(name) for name, kind in given}


def shows(shown: Mapping[str, object], wanted: Facts) -> bool:
    """Whether something is as the call asks, by what the list shows of it."""
    return all(shown[name] == value for name, value in wanted.items())


def choice(params: Params, name: str, values: tuple[str, ...], refusal: Refusal) -> str:
    """One of *values*, in whatever letters; empty when none is asked for."""
    value = params.text(name)
    found = [one for one in values if one.lower() == value.lower()]
    if value and not found:
        raise refusal.error()
    return found[0] if found else ""


def asks_for_locked(params: Params) -> bool:
    """Whether only what is locked is asked for; nothing here ever is."""
    return choice(params, "LockReason", _LOCKS, refusals.LOCK_REASON) != ""


@dataclass(frozen=True)
class Span:
    """From when to when; None: open."""

    since: datetime | None
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether the moment is in it."""
        return (self.since is None or self.since <= moment) and (self.until is None or moment <= self.until)


def made_within(params: Params, unknown: Refusal = refusals.FILTER_KEY) -> Span:
    """The call's ``Filter.N`` with the keys CreationStartTime and CreationEndTime; any other key is *unknown*."""
    ends: dict[str, datetime | None] = {"CreationStartTime": None, "CreationEndTime": None}
    for one in params.structs("Filter"):
        if one.text("Key") not in ends:
            raise unknown.error()
        ends[one.text("Key")] = read_minute(one.text("Value"))
        if ends[one.text("Key")] is None:
            raise refusals.FILTER_VALUE.error()
    return Span(ends["CreationStartTime"], ends["CreationEndTime"])
