"""Reads out of an action's code what it may ask for and say no with: every function that it can come to.

The code is plain enough for that: what is called is a method of an object that is there, a function of a module, or a
method of a class that an annotation names.  Where it is not, the reader sees less, never more.
"""

import ast
import functools
import inspect
import re
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import FunctionType, MethodType, ModuleType

from localcloud.coverage.refusals import Told, told
from localcloud.coverage.source import tree_of
from localcloud.door import Call
from localcloud.ecs import errors as gateway
from localcloud.ecs.errors import Refusal
from localcloud.ecs.parameters import Params

_OURS = "localcloud."
_NAME = re.compile(r"[A-Z][A-Za-z0-9]*(?:\.[A-Z1-9][A-Za-z0-9]*)*")
#: How parameters are read of a call, and of what the name of a group is.
_READS = frozenset(
    {"text", "need", "has", "flag", "whole", "each", "json_ids", "comma_list", "description", "name", "get"}
)
#: Services that others send messages to.
_TOLD = frozenset({"localcloud.smq", "localcloud.eventbridge"})
#: What gives back what it is given, in this regard.
_SAME = frozenset({"enumerate", "sorted", "reversed", "tuple", "list"})
_GROUPS = {"structs": "{}.N.", "struct": "{}."}


@dataclass(frozen=True)
class Group:
    """The parameters of a call, or those of them that begin so."""

    prefix: str = ""


@dataclass
class Found:
    """What an action may read, what it may refuse with, and which parameters it refuses by name."""

    parameters: set[str] = field(default_factory=set)
    refusals: set[Told] = field(default_factory=set)
    not_done: set[str] = field(default_factory=set)

    def __or__(self, other: "Found") -> "Found":
        """Both."""
        return Found(self.parameters | other.parameters, self.refusals | other.refusals, self.not_done | other.not_done)


def read(action: Callable[..., object]) -> Found:
    """What *action*, a bound method or a function, may come to; its first parameter is the call.

    What comes of an event or a message that it sends is not its own refusal.
    """
    reader = _Reader(_package(action))
    reader.visit(action, (Group(),))
    return reader.found


class _Reader:
    def __init__(self, package: str) -> None:
        self.package = package
        self.found = Found()
        self._seen: set[tuple[object, ...]] = set()

    def counts(self, module: str) -> bool:
        """Whether a module has refusals of the action's own: not those of a service that it only tells something."""
        service = ".".join(module.split(".")[:2])
        refuses = module == f"{service}.errors" or module.startswith(f"{service}.refusals.")
        return refuses and (service == self.package or service not in _TOLD)

    def visit(self, what: object, arguments: tuple[object, ...]) -> None:
        """Go through a function with what is known of its arguments."""
        if isinstance(what, functools.partial):
            return self.visit(what.func, (*what.args, *arguments))
        if isinstance(what, MethodType):
            return self.visit(what.__func__, (what.__self__, *arguments))
        if not isinstance(what, FunctionType) or not what.__module__.startswith(_OURS) or _is_aside(what):
            return None
        key = (what, *(one if isinstance(one, (Group, type)) else id(one) for one in arguments))
        if key not in self._seen:
            self._seen.add(key)
            self._walk(what, arguments)
        return None

    def _walk(self, function: FunctionType, arguments: tuple[object, ...]) -> None:
        tree = tree_of(function)
        if tree is None:
            return
        known = {name: value for name, value in _hints(function).items() if name != "return"}
        names = [one.arg for one in (*tree.args.posonlyargs, *tree.args.args)]
        known |= {name: value for name, value in zip(names, arguments, strict=False) if value is not None}
        known |= inspect.getclosurevars(function).nonlocals
        known = {name: _grouped(value) for name, value in known.items()}
        body = _Body(self, function, known)
        for default in _defaults(tree.args, len(arguments)):
            body.visit(default)
        for statement in tree.body if isinstance(tree.body, list) else [tree.body]:
            body.visit(statement)


def _defaults(signature: ast.arguments, given: int) -> list[ast.expr]:
    """What stands for the parameters that are not among the first so many."""
    optional = len(signature.posonlyargs) + len(signature.args) - len(signature.defaults)
    return signature.defaults[max(0, given - optional) :]


class _Body(ast.NodeVisitor):
    """The statements of one function."""

    def __init__(self, reader: _Reader, function: FunctionType, known: dict[str, object]) -> None:
        self._reader = reader
        self._globals = function.__globals__
        self._known = known

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        value = self._value(node.value)
        for target in node.targets:
            self._bind(target, node.value, value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.generic_visit(node)
        self._bind(node.target, node.value, self._value(node.value))

    def visit_For(self, node: ast.For) -> None:
        self._loop(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._loop(node.target, node.iter)
        self.generic_visit(node)

    def visit(self, node: ast.AST) -> None:
        """Go through a node; a comprehension's sources before what is made of them."""
        for one in getattr(node, "generators", ()):
            self.visit(one)
        super().visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        """What is caught for good is told in an answer, if at all: it is no refusal of the action's."""
        outer = self._reader
        if any(_swallows(one) for one in node.handlers):
            self._reader = _Reader(outer.package)
        for statement in node.body:
            self.visit(statement)
        outer.found.parameters |= self._reader.found.parameters
        self._reader = outer
        for rest in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(rest)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        owner = self._value(node.value)
        if isinstance(owner, ModuleType) and self._reader.counts(owner.__name__):
            self._reader.found.refusals.update(told(owner, node.attr))

    def visit_Name(self, node: ast.Name) -> None:
        """A refusal that a module has of another by its name: of the gateway's, which every service shares."""
        refusal = self._globals.get(node.id)
        if isinstance(refusal, Refusal) and getattr(gateway, node.id, None) is refusal:
            self._reader.found.refusals.update(told(gateway, node.id))

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        if _is_params(node.value, self._value):
            self._note(Group(), node.slice)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        arguments = tuple(self._value(one) for one in node.args)
        for one in (*node.args, *(pair.value for pair in node.keywords)):
            if isinstance(value := self._value(one), (MethodType, FunctionType)):
                self._reader.visit(value, (None,))
        if isinstance(node.func, ast.Attribute):
            owner = self._value(node.func.value)
            reads = node.func.attr in _READS and node.args
            if reads and (isinstance(owner, Group) or _is_params(node.func.value, self._value)):
                self._note(owner if isinstance(owner, Group) else Group(), node.args[0])
                # Some refuse by themselves what is missing or no number.
                self._reader.visit(getattr(Params, node.func.attr, None), (None, *arguments))
                return
            if isinstance(owner, type):
                self._reader.visit(inspect.getattr_static(owner, node.func.attr, None), (owner, *arguments))
                return
        if _is_sent(node.func) and node.args:
            self._reader.found.parameters.update(_literal(node.args[0]))
        called = self._value(node.func)
        self._reader.visit(called, arguments)
        if arguments and isinstance(arguments[0], Group) and len(node.args) > 1:
            self._note(arguments[0], node.args[1])

    def _loop(self, target: ast.expr, source: ast.expr) -> None:
        of = source.func if isinstance(source, ast.Call) else None
        pairs = isinstance(of, ast.Attribute) and of.attr == "items"
        names = _names(self._value(of.value) if isinstance(of, ast.Attribute) and pairs else self._value(source))
        if names:
            self._bind(target.elts[0] if pairs and isinstance(target, ast.Tuple) else target, source, names)
            return
        self._bind(target, source, _item(self._value(source)))

    def _bind(self, target: ast.expr, node: ast.expr, value: object) -> None:
        if isinstance(target, ast.Name) and value is not None:
            self._known[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, Group):
            for one in target.elts:
                self._bind(one, node, value)
        elif isinstance(target, ast.Tuple):
            parts = node.elts if isinstance(node, ast.Tuple) else [node] * len(target.elts)
            whole = typing.get_args(value) if node not in parts or not isinstance(node, ast.Tuple) else ()
            for place, one in enumerate(target.elts):
                part = parts[place] if isinstance(node, ast.Tuple) and place < len(parts) else node
                known = self._value(part) if isinstance(node, ast.Tuple) else (whole[place : place + 1] or (None,))[0]
                self._bind(one, part, known)

    def _value(self, node: ast.expr) -> object:
        """What an expression is, as far as that can be seen: an object, a class of objects, a group; else None."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, (ast.Tuple, ast.List)):
            return _constants(node.elts)
        if isinstance(node, ast.Dict):
            return _constants(node.keys)
        if isinstance(node, ast.Name):
            return self._known.get(node.id, self._globals.get(node.id))
        if isinstance(node, ast.Attribute):
            return _attribute(self._value(node.value), node.attr)
        if isinstance(node, ast.Call):
            return self._result(node)
        if isinstance(node, ast.IfExp):
            return self._value(node.body) or self._value(node.orelse)
        if isinstance(node, ast.BoolOp):
            return next((value for one in node.values if (value := self._value(one)) is not None), None)
        return None

    def _result(self, node: ast.Call) -> object:
        if isinstance(node.func, ast.Attribute):
            owner = self._value(node.func.value)
            if isinstance(owner, Group) and node.func.attr in _GROUPS and isinstance(node.args[0], ast.Constant):
                return Group(owner.prefix + _GROUPS[node.func.attr].format(node.args[0].value))
            if isinstance(owner, type):
                function = inspect.getattr_static(owner, node.func.attr, None)
                return _hints(function).get("return") if isinstance(function, FunctionType) else None
        if isinstance(node.func, ast.Name) and node.func.id in _SAME and node.args:
            return self._value(node.args[0])
        called = self._value(node.func)
        if isinstance(called, MethodType):
            called = called.__func__
        return _hints(called).get("return") if isinstance(called, FunctionType) else None

    def _note(self, group: Group, name: ast.expr) -> None:
        value = self._value(name)
        if isinstance(name, ast.JoinedStr):
            value = "".join(part.value if isinstance(part, ast.Constant) else "N" for part in name.values)  # type: ignore[misc]
        for one in value if isinstance(value, (list, Mapping)) else [value]:
            if isinstance(one, str) and _NAME.fullmatch(one):
                self._reader.found.parameters.add(group.prefix + one)


def _package(action: object) -> str:
    while isinstance(action, functools.partial):
        action = action.func
    return str(getattr(action, "__module__", "")).rpartition(".")[0]


def _is_aside(function: FunctionType) -> bool:
    """Whether a function only asks what kind of call it is, for what the world breaks or for how long a page is."""
    return function.__module__ == "localcloud.ecs.listing" and function.__name__ in ("_looks_up", "_limited")


def _is_sent(node: ast.expr) -> bool:
    """Whether something is got of a request's query, headers or fields."""
    of = node.value if isinstance(node, ast.Attribute) and node.attr == "get" else None
    return isinstance(of, ast.Attribute) and of.attr in ("query", "headers")


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a refusal is caught there and not raised again."""
    caught = isinstance(handler.type, ast.Name) and handler.type.id == "ApiError"
    return caught and not any(isinstance(one, ast.Raise) for one in ast.walk(handler))


def _literal(node: ast.expr) -> set[str]:
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def _is_params(node: ast.expr, value: Callable[[ast.expr], object]) -> bool:
    """Whether an expression is the dictionary of a call's parameters."""
    return isinstance(node, ast.Attribute) and node.attr == "params" and isinstance(value(node.value), Group)


def _attribute(owner: object, name: str) -> object:
    if owner is None or isinstance(owner, (Group, str, list)):
        return None
    if isinstance(owner, type):
        found = inspect.getattr_static(owner, name, None)
        if isinstance(found, property):
            return _plain(_hints(found.fget).get("return"))
        return found if isinstance(found, FunctionType) else _plain(_hints(owner).get(name))
    return getattr(owner, name, None)


def _constants(nodes: Collection[ast.expr | None]) -> list[str] | None:
    """The texts that are written there; None when there is anything else."""
    found = [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return found if found and len(found) == len(nodes) else None


def _names(value: object) -> list[str]:
    """The texts of a collection of nothing else, the keys of a dictionary; none of anything else."""
    items = list(value) if isinstance(value, (list, tuple, frozenset, Mapping)) else []
    return items if all(isinstance(one, str) for one in items) else []


def _item(value: object) -> object:
    """One of several: of groups a group, of a collection what it is annotated to hold."""
    if isinstance(value, Group):
        return value
    inner = [one for one in typing.get_args(value) if one is not Ellipsis]
    return _grouped(inner[-1]) if inner else None


def _plain(hint: object) -> object:
    """A class, also where None may stand in its place."""
    inner = [one for one in typing.get_args(hint) if one is not type(None)]
    is_union = type(None) in typing.get_args(hint)
    return inner[0] if is_union and len(inner) == 1 else hint


def _hints(what: object) -> dict[str, object]:
    try:
        module = inspect.getmodule(what)
        names = {**_late(), **vars(module)} if module else {}
        found = typing.get_type_hints(what, globalns=names)
    except (NameError, TypeError):
        return {}
    return {name: _grouped(_plain(hint)) for name, hint in found.items()}


def _grouped(kind: object) -> object:
    """The group of all of a call's parameters in the place of the classes that hold them."""
    return Group() if kind is Params or kind is Call else kind


@functools.cache
def _late() -> dict[str, object]:
    """What modules import for annotations only."""
    from localcloud.cloud import Cloud
    from localcloud.ecs.state import Held

    return {"Cloud": Cloud, "Call": Call, "Held": Held}
