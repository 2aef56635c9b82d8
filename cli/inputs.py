"""What a person hands in: the request file and the world file, every problem of both at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from shared.problem import BadInput, Problem
from shared.replication.model import change
from shared.replication.request import Request
from shared.wire import read_request_value

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    from localcloud.world import World


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
        raise BadInput(tuple(p if p.path else change(p, path="--file") for p in bad.problems)) from None


def read_world(path: Path | None, state: Path | None) -> World:
    """The world in a YAML file, or the one without a file; raises BadInput."""
    from localcloud.world import WorldProblems, default_world, load_world

    if path is None:
        return default_world()
    try:
        return load_world(path, state=state)
    except WorldProblems as bad:
        raise BadInput(
            tuple(Problem(path=p.path or "--world", code=p.code, message=p.message, fix=p.fix) for p in bad.problems)
        ) from None


class _Loader(yaml.SafeLoader):
    """YAML in which no key may be there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
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
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _bad("not_yaml", f"{path} is not YAML: {' '.join(str(error).split())}", "correct its syntax") from None


def _bad(code: str, message: str, fix: str) -> BadInput:
    return BadInput((Problem(path="--file", code=code, message=message, fix=fix),))
