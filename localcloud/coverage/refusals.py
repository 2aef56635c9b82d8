"""What a service's module `errors` says: constants, or functions that make an error."""

import ast
import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType

from localcloud.coverage.source import tree_of
from localcloud.ecs.errors import Refusal


@dataclass(frozen=True)
class Told:
    """What an error says: status, code, message; the page that lists it; whether no page says that it is said here."""

    status: int
    code: str
    message: str
    page: str = ""
    unverified: bool = False


def told(errors: ModuleType, name: str) -> Iterator[Told]:
    """What the module's error of this name says, or each of its errors when it is a table of them."""
    error = getattr(errors, name, None)
    if isinstance(error, Refusal):
        yield Told(error.status, error.code, error.message, error.page, name in _unverified(errors))
    if isinstance(error, Mapping):
        for one in error.values():
            if isinstance(one, Refusal):
                yield Told(one.status, one.code, one.message, one.page)
    if isinstance(error, FunctionType) and (tree := tree_of(error)) is not None:
        unverified = "UNVERIFIED" in (error.__doc__ or "")
        named = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ApiError":
                said = (named.get(one.id, one) if isinstance(one, ast.Name) else one for one in node.args[:3])
                status, code, message = (_text(one, error) for one in said)
                yield Told(int(status), code, message, unverified=unverified)


@functools.cache
def _unverified(errors: ModuleType) -> frozenset[str]:
    """The constants whose comment, above or beside them, says that nothing states it."""
    source = inspect.getsource(errors)
    lines = source.splitlines()
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            above = lines[node.lineno - 2] if node.lineno > 1 else ""
            text = [above] if above.startswith("#") else []
            if any("UNVERIFIED" in line for line in (*text, *lines[node.lineno - 1 : node.end_lineno])):
                found.add(node.targets[0].id)
    return frozenset(found)


def _text(node: ast.expr, error: FunctionType) -> str:
    """A text as it is written, with %s for what is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "%s" for part in node.values)
    value = error.__globals__.get(node.id) if isinstance(node, ast.Name) else None
    return str(value) if isinstance(value, (str, int)) else "%s"
