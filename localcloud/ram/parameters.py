"""What a call to RAM asks for: names, texts and pages, read or refused as documented."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from localcloud.ram import errors
from localcloud.texts import read_json, whole

if TYPE_CHECKING:
    from localcloud.door import Call

Answer = dict[str, object]
_ROLE = re.compile(r"[A-Za-z0-9.-]+")
_POLICY = re.compile(r"[A-Za-z0-9-]+")


def need(call: "Call", name: str) -> str:
    """A parameter that is mandatory."""
    value = call.params.get(name, "")
    if not value:
        raise errors.missing(name)
    return value


def role_name(call: "Call") -> str:
    """RoleName: 1 to 64 letters, digits, periods and hyphens."""
    return _name(need(call, "RoleName"), "RoleName", _ROLE, 64)


def policy_name(call: "Call") -> str:
    """PolicyName: 1 to 128 letters, digits and hyphens."""
    return _name(need(call, "PolicyName"), "PolicyName", _POLICY, 128)


def policy_type(call: "Call") -> str:
    """PolicyType: System or Custom."""
    need(call, "PolicyType")
    return any_policy_type(call)


def any_policy_type(call: "Call") -> str:
    """PolicyType, or empty for both."""
    kind = call.params.get("PolicyType", "")
    if kind not in ("System", "Custom", ""):
        raise errors.incorrect("PolicyType")
    return kind


def description(call: "Call", name: str = "Description") -> str:
    """A description, of at most 1,024 characters."""
    text = call.params.get(name, "")
    if len(text) > 1_024:
        raise errors.too_long(name)
    return text


def session(call: "Call", name: str, default: int) -> int:
    """How long a role is taken on at most: 3,600 to 43,200 seconds."""
    seconds = whole(call.params.get(name) or str(default), 3_600, 43_200)
    if seconds is None:
        raise errors.incorrect(name)
    return seconds


def flag(call: "Call", name: str) -> bool:
    """A boolean, false unless given; the SDK for Python sends ``True`` with a capital."""
    text = call.params.get(name, "false").lower()
    if text not in ("true", "false"):
        raise errors.incorrect(name)
    return text == "true"


def tags(call: "Call") -> Mapping[str, str]:
    """The tags, sent as a JSON list."""
    try:
        sent = read_json(call.params.get("Tag", "[]"))
        return {str(one["Key"]): str(one.get("Value", "")) for one in sent}
    except (ValueError, TypeError, KeyError):
        raise errors.incorrect("Tag") from None


def page(call: "Call", names: Sequence[str]) -> tuple[Sequence[str], Answer]:
    """The page of *names* after Marker, of at most MaxItems (100), and the fields that say so."""
    most, marker = whole(call.params.get("MaxItems", "100"), 1, 1_000), call.params.get("Marker", "")
    if most is None:
        raise errors.incorrect("MaxItems")
    rest = sorted(name for name in names if name > marker)
    found = rest[:most]
    truncated = len(found) < len(rest)
    return found, {"IsTruncated": truncated, **({"Marker": found[-1]} if truncated else {})}


def _name(value: str, name: str, shape: re.Pattern[str], most: int) -> str:
    if len(value) > most:
        raise errors.too_long(name)
    if not shape.fullmatch(value):
        raise errors.invalid_chars(name)
    return value
