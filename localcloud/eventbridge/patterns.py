"""Event patterns: which events a rule lets through.

https://help.aliyun.com/en/eventbridge/user-guide/event-patterns (read 2026-11).  Every key of the pattern must be in
the event, at the same place; of the expressions for one key any will do.  What the page does not say, and this
does: an event's list matches if any of its items does.
"""

import ipaddress
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localcloud.texts import read_json

#: https://help.aliyun.com/en/eventbridge/product-overview/limits (read 2026-11)
MAX_EXPRESSIONS = 5
_MISSING = object()
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TEXT_OPERATORS = ("prefix", "suffix", "contains")


class PatternError(ValueError):
    """The pattern is not one that EventBridge knows."""


def parse(text: str) -> Mapping[str, object]:
    """The pattern that *text* holds; raises PatternError and says where it is wrong."""
    try:
        pattern = read_json(text)
    except ValueError as error:
        raise PatternError(f"not JSON: {error}") from error
    if not isinstance(pattern, dict):
        raise PatternError("a pattern is an object")
    _check(pattern, "$")
    return pattern


def matches(pattern: Mapping[str, object], event: Mapping[str, object]) -> bool:
    """Whether *event* fits a pattern that parse() gave."""
    return all(_fits(wanted, event.get(key, _MISSING)) for key, wanted in pattern.items())


def _fits(wanted: object, found: object) -> bool:
    if isinstance(wanted, Mapping):
        inner = found if isinstance(found, Mapping) else {}
        return (found is not _MISSING or _only_absences(wanted)) and matches(wanted, inner)
    assert isinstance(wanted, Sequence)
    return any(_expression(expression, found) for expression in wanted)


def _only_absences(wanted: object) -> bool:
    if isinstance(wanted, Mapping):
        return all(_only_absences(inner) for inner in wanted.values())
    return isinstance(wanted, Sequence) and {"exists": False} in wanted


def _expression(expression: object, found: object) -> bool:
    if isinstance(expression, Mapping) and "exists" in expression:
        return (found is not _MISSING) is expression["exists"]
    if found is _MISSING:
        return False
    if isinstance(found, list):
        return any(_one(expression, item) for item in found)
    return _one(expression, found)


def _one(expression: object, found: object) -> bool:
    if not isinstance(expression, Mapping):
        return _same(expression, found)
    ((name, operand),) = expression.items()
    if name in _TEXT_OPERATORS:
        return isinstance(found, str) and any(_text(name, part, found) for part in _listed(operand))
    if name == "anything-but":
        return not any(_but(one, found) for one in _listed(operand))
    if name == "numeric":
        return _is_number(found) and _numeric(operand, found)
    return isinstance(found, str) and _within(found, operand)


def _same(expected: object, found: object) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    return expected == found and (expected is None) == (found is None)


def _text(name: str, part: object, found: str) -> bool:
    assert isinstance(part, str)
    if name == "prefix":
        return found.startswith(part)
    return found.endswith(part) if name == "suffix" else part in found


def _but(one: object, found: object) -> bool:
    return _one(one, found) if isinstance(one, Mapping) else _same(one, found)


def _numeric(operand: object, found: object) -> bool:
    assert isinstance(operand, Sequence)
    pairs = zip(operand[::2], operand[1::2], strict=True)
    return all(_COMPARISONS[comparison](found, bound) for comparison, bound in pairs)


def _within(found: str, block: object) -> bool:
    try:
        return ipaddress.ip_address(found) in ipaddress.ip_network(str(block), strict=False)
    except ValueError:
        return False


def _listed(operand: object) -> Sequence[object]:
    return operand if isinstance(operand, list) else [operand]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check(pattern: Mapping[str, object], path: str) -> None:
    for key, wanted in pattern.items():
        if isinstance(wanted, dict):
            _check(wanted, f"{path}.{key}")
        elif isinstance(wanted, list):
            _check_list(wanted, f"{path}.{key}")
        else:
            raise PatternError(f"{path}.{key}: write a list of values, or an object")


def _check_list(wanted: list[object], path: str) -> None:
    if not 1 <= len(wanted) <= MAX_EXPRESSIONS:
        raise PatternError(f"{path}: write 1 to {MAX_EXPRESSIONS} expressions, not {len(wanted)}")
    for expression in wanted:
        if isinstance(expression, list):
            raise PatternError(f"{path}: a list in a list")
        if isinstance(expression, dict):
            _check_operator(expression, path)


def _check_operator(expression: Mapping[str, object], path: str) -> None:
    if len(expression) != 1:
        raise PatternError(f"{path}: one operator an expression, not {len(expression)}")
    ((name, operand),) = expression.items()
    takes = _OPERANDS.get(name)
    if takes is None or not takes(operand):
        what = "an operator" if takes is None else f"what {name!r} takes"
        raise PatternError(f"{path}: {json.dumps(expression)} is not {what}")


def _is_text(operand: object) -> bool:
    return all(isinstance(part, str) for part in _listed(operand)) and operand != []


def _is_but(operand: object) -> bool:
    if isinstance(operand, dict):
        return len(operand) == 1 and set(operand) <= set(_TEXT_OPERATORS) and _is_text(next(iter(operand.values())))
    return operand != [] and all(isinstance(one, str) or _is_number(one) for one in _listed(operand))


def _is_comparison(operand: object) -> bool:
    return (
        isinstance(operand, list)
        and len(operand) in (2, 4)
        and all(comparison in _COMPARISONS for comparison in operand[::2])
        and all(_is_number(bound) for bound in operand[1::2])
    )


def _is_block(operand: object) -> bool:
    try:
        ipaddress.IPv4Network(str(operand), strict=False)
    except ValueError:
        return False
    return isinstance(operand, str)


_OPERANDS: Mapping[str, Callable[[object], bool]] = {
    "prefix": _is_text,
    "suffix": _is_text,
    "contains": _is_text,
    "anything-but": _is_but,
    "numeric": _is_comparison,
    "cidr": _is_block,
    "exists": lambda operand: isinstance(operand, bool),
}
