"""What a call asks for: its parameters, read as what they are, or refused as documented."""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.texts import read_json, whole

if TYPE_CHECKING:
    from localcloud.cloud import Call

#: Which of its kind a parameter is.
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
#: The same in a name.
_NUMBERS = re.compile(r"(?<=\.)[1-9][0-9]*(?=\.|$)")
#: No parameter is a part of more groups, lists and numbers than this.
_DEEPEST = 8
_HTTP = ("http://", "https://")
_NAME = re.compile(r"[A-Za-z\u4e00-\u9fff][\w.:\-]{1,127}")


class Params:
    """The parameters of one call; an empty value counts as not given."""

    def __init__(self, values: Mapping[str, str], *, region: str = "", action: str = "", function: str = "") -> None:
        self._values = {name: value for name, value in values.items() if value != ""}
        self.region = region
        self.action = action
        self.function = function

    @classmethod
    def of(cls, call: "Call") -> "Params":
        """The parameters of *call*."""
        return cls(call.params, region=call.region, action=call.action, function=call.function or "")

    def has(self, name: str) -> bool:
        """Whether the parameter, or a part of it such as ``name.1``, is given."""
        return name in self._values or name in self._parts

    @cached_property
    def _parts(self) -> Mapping[str, Mapping[str, str]]:
        """What is given of each group: of ``Tag`` the parts ``1.Key``, ..., of ``Tag.1`` the part ``Key``."""
        found: dict[str, dict[str, str]] = {}
        for name, value in self._values.items():
            parts = name.split(".", _DEEPEST)
            for depth in range(1, len(parts)):
                found.setdefault(".".join(parts[:depth]), {})[".".join(parts[depth:])] = value
        return found

    def forms(self) -> tuple[tuple[str, str], ...]:
        """Each parameter, the numbers in its name written ``N`` as help pages do, and its value."""
        return tuple((_NUMBERS.sub("N", name), value) for name, value in self._values.items())

    def merged(self, more: Mapping[str, str]) -> "Params":
        """These parameters and *more* of them."""
        return Params({**self._values, **more}, region=self.region, action=self.action, function=self.function)

    def text(self, name: str, default: str = "") -> str:
        """The value, or *default* when it isn't given."""
        return self._values.get(name, default)

    def need(self, name: str) -> str:
        """The value; MissingParameter without it."""
        if name not in self._values:
            raise errors.PARAMETER_MISSING.error(name)
        return self._values[name]

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean; the SDK for Python sends ``True`` with a capital."""
        value = self._values.get(name, str(default)).lower()
        if value not in ("true", "false"):
            raise errors.PARAMETER_INVALID.error(name)
        return value == "true"

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from *low* to *high*."""
        value = self._values.get(name, str(default))
        number = whole(value, low, high)
        if number is None:
            raise errors.PARAMETER_INVALID.error(name)
        return number

    def each(self, name: str) -> tuple[str, ...]:
        """The values of ``name.1``, ``name.2``, ..., each once, in order."""
        found = {int(part): value for part, value in self._parts.get(name, {}).items() if _NUMBER.fullmatch(part)}
        return tuple(dict.fromkeys(found[number] for number in sorted(found)))

    def structs(self, name: str) -> tuple["Params", ...]:
        """The groups ``name.1.X``, ``name.2.X``, ..., in order."""
        parts = {part.partition(".")[0] for part in self._parts.get(name, {}) if "." in part}
        numbers = sorted(int(part) for part in parts if _NUMBER.fullmatch(part))
        return tuple(self.struct(f"{name}.{number}") for number in numbers)

    def struct(self, name: str) -> "Params":
        """The group ``name.X``."""
        return Params(self._parts.get(name, {}), region=self.region, action=self.action, function=self.function)

    def json_ids(self, name: str, refusal: errors.Refusal = errors.PARAMETER_INVALID) -> frozenset[str] | None:
        """The ids of a JSON array of at most 100, None when it isn't given."""
        if name not in self._values:
            return None
        try:
            ids = read_json(self._values[name])
        except ValueError:
            ids = None
        if not isinstance(ids, list) or len(ids) > 100 or not all(isinstance(one, str) for one in ids):
            raise refusal.error(*([name] if "%s" in refusal.message else []))
        return frozenset(ids)

    def comma_list(self, name: str) -> frozenset[str] | None:
        """The values of a list with commas, None when it isn't given."""
        if name not in self._values:
            return None
        return frozenset(part.strip() for part in self._values[name].split(","))

    def description(self, name: str, refusal: errors.Refusal) -> str:
        """A description: 2 to 256 characters, no address at its beginning."""
        value = self.text(name)
        if value and (not 2 <= len(value) <= 256 or value.startswith(_HTTP)):
            raise refusal.error()
        return value

    def name(self, name: str, refusal: errors.Refusal, *, reserved: tuple[str, ...] = ()) -> str:
        """A name: 2 to 128 characters, a letter first, then letters, digits, ``. : _ -``; none of *reserved* first."""
        value = self.text(name)
        if value and not is_name(value, reserved):
            raise refusal.error()
        return value


def is_name(value: str, reserved: tuple[str, ...] = ()) -> bool:
    """Whether *value* can be a name, see `Params.name`."""
    return _NAME.fullmatch(value) is not None and not value.startswith((*reserved, *_HTTP))


def essence(values: Mapping[str, str]) -> bytes:
    """The digest of what a call asks for, without what differs between two tries of the same call."""
    tries = {
        "ClientToken",
        "Timestamp",
        "SignatureNonce",
        "Signature",
        "SignatureMethod",
        "SignatureVersion",
        "SignatureType",
        "AccessKeyId",
        "SecurityToken",
    }
    asked = json.dumps(sorted((name, value) for name, value in values.items() if name not in tries))
    return hashlib.sha256(asked.encode()).digest()
