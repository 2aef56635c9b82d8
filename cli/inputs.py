"""What a person hands in: the request file and the world file, every problem of both at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from shared.problem import BadInput, Problem
from shared.replication.request import Request
from shared.wire import read_request_value

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    from localcloud.world import Problem as WorldProblem
    from localcloud.world import World


class FileProblem(Problem):
    """A problem of a field in a file that a person wrote."""

    file: str


def read_inputs(world_file: Path | None, request_file: Path, state: Path) -> tuple[World, Request]:
    """World and request; raises BadInput with the problems of both."""
    found: list[Problem] = []
    world = request = None
    try:
        request = read_request_file(request_file)
    except BadInput as bad:
        found += bad.problems
    try:
        world = read_world(world_file, state)
    except BadInput as bad:
        found += bad.problems
    if found or world is None or request is None:
        raise BadInput(tuple(found))
    return world, request


def read_request_file(path: Path) -> Request:
    """The request in a YAML file; raises BadInput."""
    value = _yaml(path)
    if not isinstance(value, dict):
        holds = "nothing" if value is None else f"a {type(value).__name__}"
        raise _bad("not_a_mapping", f"{path} holds {holds}, not a mapping", "begin with 'source:' and 'target:'")
    try:
        return read_request_value(value)
    except BadInput as bad:
        raise BadInput(tuple(in_file(p, path, "--file") for p in bad.problems)) from None


def read_world(path: Path | None, state: Path | None) -> World:
    """The world in a YAML file; raises BadInput, too when there is none."""
    from localcloud.world import WorldProblems, load_world

    if path is None:
        message, fix = "the embedded cloud is empty without a world file", "give --world FILE: see docs/world.md"
        raise BadInput((Problem(path="--world", code="no_world", message=message, fix=fix),))
    try:
        return load_world(path, state=state)
    except WorldProblems as bad:
        raise BadInput(tuple(in_file(p, path, "--world") for p in bad.problems)) from None


def in_file(problem: Problem | WorldProblem, file: Path | None, option: str) -> Problem:
    """The problem of a field, with its file; one of the file as a whole is its option's."""
    told = {"code": problem.code, "message": problem.message, "fix": problem.fix}
    if not problem.path or file is None:
        return Problem(path=problem.path or option, **told)
    return FileProblem(path=problem.path, file=str(file), **told)


class _Loader(yaml.SafeLoader):
    """YAML without aliases, whose keys are scalars, and none of them twice: JSON, in effect."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="a request takes no aliases (*name)", problem_mark=mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be a plain name", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} is there twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _yaml(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader of our own
    except OSError as error:
        raise _bad("unreadable", f"{path}: {error.strerror}", "name a request file that can be read") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise _bad("not_yaml", f"{path} is not YAML: {where}{error.problem}", "correct it there") from None
    except UnicodeDecodeError:
        raise _bad("not_utf8", f"{path} is not text in UTF-8", "save it as UTF-8") from None
    except RecursionError:
        raise _bad("not_yaml", f"{path} is nested too deeply", "see README.md for a request's form") from None
    except (yaml.YAMLError, ValueError) as error:
        raise _bad("not_yaml", f"{path} is not YAML: {' '.join(str(error).split())}", "correct its syntax") from None


def _bad(code: str, message: str, fix: str) -> BadInput:
    return BadInput((Problem(path="--file", code=code, message=message, fix=fix),))
