"""What a call asks for: its parameters, read as what they are, or refused as documented."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from localcloud.ecs import errors

if TYPE_CHECKING:
    from localcloud.cloud import Call

_HTTP = ("http://", "https://")
_NUMBER = re.compile(r"(?<=\.)[1-9]\d*(?=\.|$)")
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
        return name in self._values or any(key.startswith(f"{name}.") for key in self._values)

    def forms(self) -> tuple[tuple[str, str], ...]:
        """Each parameter, the numbers in its name written ``N`` as help pages do, and its value."""
        return tuple((_NUMBER.sub("N", name), value) for name, value in self._values.items())

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
        if not re.fullmatch(r"-?\d{1,9}", value) or not low <= int(value) <= high:
            raise errors.PARAMETER_INVALID.error(name)
        return int(value)

    def each(self, name: str) -> tuple[str, ...]:
        """The values of ``name.1``, ``name.2``, ..., each once, in order."""
        found = {int(number): self._values[f"{name}.{number}"] for number in self._numbers(name, r"")}
        return tuple(dict.fromkeys(found[number] for number in sorted(found)))

    def structs(self, name: str) -> tuple["Params", ...]:
        """The groups ``name.1.X``, ``name.2.X``, ..., in order."""
        numbers = sorted({int(number) for number in self._numbers(name, r"\..+")})
        return tuple(self.struct(f"{name}.{number}") for number in numbers)

    def struct(self, name: str) -> "Params":
        """The group ``name.X``."""
        prefix = f"{name}."
        inner = {key.removeprefix(prefix): value for key, value in self._values.items() if key.startswith(prefix)}
        return Params(inner, region=self.region, action=self.action, function=self.function)

    def _numbers(self, name: str, rest: str) -> tuple[str, ...]:
        shape = re.compile(rf"{re.escape(name)}\.([1-9]\d{{0,3}}){rest}")
        return tuple(match[1] for key in self._values if (match := shape.fullmatch(key)))

    def json_ids(self, name: str, refusal: errors.Refusal = errors.PARAMETER_INVALID) -> frozenset[str] | None:
        """The ids of a JSON array of at most 100, None when it isn't given."""
        if name not in self._values:
            return None
        try:
            ids = json.loads(self._values[name])
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


def essence(values: Mapping[str, str]) -> str:
    """What a call asks for, without what differs between two tries of the same call."""
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
    return json.dumps(sorted((name, value) for name, value in values.items() if name not in tries))
