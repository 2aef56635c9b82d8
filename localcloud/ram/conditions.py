"""Conditions of a statement: what each operator makes of what a call says of itself.

https://www.alibabacloud.com/help/en/ram/conditional-operator and .../policy-elements (read 2026-11): one of a key's
values has to fit, all keys of an operator have to, and all operators of a statement.  UNVERIFIED: what a key means that
the call does not have (here no value fits it, so that a negation holds), that a negation means none of its values, and
what IpAddressIncludeBorder adds to IpAddress (here nothing: a network's first and last address are in it).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Literal

from localcloud.globs import glob

#: What a call says of itself: the values of each condition key.
Context = Mapping[str, Sequence[str]]
Quantifier = Literal["", "ForAllValues", "ForAnyValue"]


def _like(said: str, wanted: str) -> bool:
    return glob(wanted, single=True).fullmatch(said) is not None


def _same_letters(said: str, wanted: str) -> bool:
    return said.casefold() == wanted.casefold()


def _in_network(said: str, wanted: str) -> bool:
    return ip_address(said) in ip_network(wanted, strict=False)


def _numbers(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda said, wanted: compare(float(said), float(wanted))


def _dates(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str], bool]:
    return lambda said, wanted: compare(_moment(said), _moment(wanted))


def _moment(text: str) -> datetime:
    """A date by ISO 8601; one without a zone is in UTC."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


#: How an operator compares what the call says with what is wanted, and whether it is turned round.
_OPERATORS: Mapping[str, tuple[Callable[[str, str], bool], bool]] = {
    "StringEquals": (eq, False),
    "StringNotEquals": (eq, True),
    "StringEqualsIgnoreCase": (_same_letters, False),
    "StringNotEqualsIgnoreCase": (_same_letters, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "NumericEquals": (_numbers(eq), False),
    "NumericNotEquals": (_numbers(eq), True),
    "NumericLessThan": (_numbers(lt), False),
    "NumericLessThanEquals": (_numbers(le), False),
    "NumericGreaterThan": (_numbers(gt), False),
    "NumericGreaterThanEquals": (_numbers(ge), False),
    "DateEquals": (_dates(eq), False),
    "DateNotEquals": (_dates(eq), True),
    "DateLessThan": (_dates(lt), False),
    "DateLessThanEquals": (_dates(le), False),
    "DateGreaterThan": (_dates(gt), False),
    "DateGreaterThanEquals": (_dates(ge), False),
    "Bool": (_same_letters, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    "IpAddressIncludeBorder": (_in_network, False),
}
_NULL = "Null"
_QUANTIFIERS: Mapping[str, Quantifier] = {"ForAllValues": "ForAllValues", "ForAnyValue": "ForAnyValue"}


@dataclass(frozen=True)
class Condition:
    """One key of one operator."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: Quantifier = ""

    def holds(self, context: Context) -> bool:
        """Whether it is met by a call with *context*."""
        said = context.get(self.key, ())
        if self.operator == _NULL:
            return any(wanted.lower() == str(not said).lower() for wanted in self.values)
        if self.quantifier == "ForAllValues":
            return all(self._fits([one]) for one in said)
        if self.quantifier == "ForAnyValue":
            return any(self._fits([one]) for one in said)
        return self._fits(said)

    def _fits(self, said: Sequence[str]) -> bool:
        compare, negated = _OPERATORS[self.operator]
        return any(_met(compare, one, wanted) for one in said for wanted in self.values) != negated


def read_conditions(block: Mapping[str, object]) -> tuple[Condition, ...]:
    """The conditions of a statement's block; raises ValueError with what is wrong with it."""
    return tuple(_condition(operator, key, value) for operator, key, value in _parts(block))


def _parts(block: Mapping[str, object]) -> Sequence[tuple[str, str, object]]:
    parts: list[tuple[str, str, object]] = []
    for operator, keys in block.items():
        if not isinstance(keys, Mapping) or not keys:
            raise ValueError(f"Invalid condition operator: {operator}")
        parts += [(operator, key, value) for key, value in keys.items()]
    return parts


def _condition(written: str, key: str, value: object) -> Condition:
    before, colon, operator = written.rpartition(":")
    if (colon and before not in _QUANTIFIERS) or operator not in (*_OPERATORS, _NULL):
        raise ValueError(f"Invalid condition operator: {written}")
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(one, str) for one in values):
        raise ValueError(f"Invalid condition value: {key}")
    return Condition(operator, key, tuple(values), _QUANTIFIERS.get(before, ""))


def _met(compare: Callable[[str, str], bool], said: str, wanted: str) -> bool:
    """Whether the two fit; what is no number, date or address fits nothing."""
    try:
        return compare(said, wanted)
    except ValueError:
        return False
