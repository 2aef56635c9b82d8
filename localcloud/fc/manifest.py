"""Reading an s.yaml: its variables are rendered, every function is checked, and all problems are told at once.

Grammar: Serverless-Devs docs/zh/yaml.md (edition 3.0.0).  What both take, both read alike: YAML's anchors and merge
keys, and an empty variable of the environment, which counts as none.  `template` is a place for anchors; a resource
that names one by `extend` is refused.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from localcloud.fc.errors import ManifestProblem, ManifestProblems
from localcloud.fc.models import Props
from localcloud.fc.rules import broken_rules

_TOP = frozenset({"edition", "name", "access", "vars", "template", "resources"})
_RESOURCE = frozenset({"component", "props"})
_MAGIC = re.compile(r"\$\{([^}]*)\}")
_VARS = re.compile(r"vars\.([\w.-]+)")
_ENV = re.compile(r"""env\(\s*(['"])(\w+)\1\s*(?:,\s*(['"])(.*?)\3\s*)?\)""")
_CONFIG = re.compile(r"""config\(\s*(['"])AccountID\1\s*\)""")


@dataclass(frozen=True)
class FunctionSpec:
    """A function of an s.yaml, and the folder that its code is in."""

    path: str
    props: Props
    folder: Path


def read_manifest(path: Path, env: Mapping[str, str], account: str) -> tuple[FunctionSpec, ...]:
    """The functions of the s.yaml at *path*; raises ManifestProblems with all that is wrong with it."""
    try:
        document = _parsed(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ManifestProblems((_problem("", "unreadable", str(error), "write YAML"),)) from error
    if not isinstance(document, dict):
        raise ManifestProblems((_problem("", "invalid", "it is not a mapping", "begin with edition: 3.0.0"),))
    reader = _Reader(path.parent, env, account)
    functions = reader.read(document)
    if reader.problems:
        raise ManifestProblems(tuple(reader.problems))
    return functions


@lru_cache(8)
def _parsed(text: str) -> object:
    """The document in *text*, for reading only: a project is deployed many times in one process."""
    return yaml.load(text, _Loader)  # noqa: S506 - a safe loader


class _Loader(yaml.SafeLoader):
    """Refuses a key that is written twice, as Serverless Devs does."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        written: set[str] = set()
        for key, _ in node.value:
            if key.value in written:
                raise yaml.composer.ComposerError(None, None, f"found {key.value!r} twice", key.start_mark)
            written.add(key.value)
        return node


class _Reader:
    """Reads one document and gathers its problems."""

    def __init__(self, base: Path, env: Mapping[str, str], account: str) -> None:
        self._base = base
        self._env = env
        self._account = account
        self._vars: object = {}
        self.problems: list[ManifestProblem] = []

    def read(self, document: Mapping[str, object]) -> tuple[FunctionSpec, ...]:
        for key in document.keys() - _TOP:
            self._add(str(key), "unknown", "the embedded cloud does not know this key", "remove it")
        if str(document.get("edition")) != "3.0.0":
            self._add("edition", "invalid", "only edition 3.0.0 is known", "write edition: 3.0.0")
        self._vars = self._render(document.get("vars") or {}, "vars")
        resources = document.get("resources")
        if not isinstance(resources, dict) or not resources:
            self._add("resources", "missing", "there is no resource", "name at least one function")
            return ()
        found = [self._function(resource, f"resources.{name}") for name, resource in resources.items()]
        functions = tuple(function for function in found if function is not None)
        self._check_names(functions)
        return functions

    def _function(self, resource: object, path: str) -> FunctionSpec | None:
        if not isinstance(resource, dict):
            self._add(path, "invalid", "it is not a mapping", "write component and props")
            return None
        for key in resource.keys() - _RESOURCE:
            self._add(f"{path}.{key}", "unknown", "the embedded cloud does not know this key", "remove it")
        if not self._is_fc3(resource.get("component")):
            self._add(f"{path}.component", "unknown", f"{resource.get('component')!r} is not fc3", "write fc3")
            return None
        rendered = self._render(resource.get("props"), f"{path}.props")
        try:
            props = Props.model_validate_json(json.dumps(rendered, default=str))
        except ValidationError as error:
            for one in error.errors():
                self._refuse(path, one)
            return None
        folder = (self._base / props.code).resolve()
        file = folder / f"{props.handler.partition('.')[0]}.py"
        if not file.is_file():
            self._add(f"{path}.props.code", "missing", f"there is no {file.name} in {props.code}", "name its folder")
            return None
        self.problems.extend(broken_rules(f"{path}.props", props))
        return FunctionSpec(path, props, folder)

    def _is_fc3(self, component: object) -> bool:
        """Whether *component* is fc3 where the environment says nothing.

        What the environment names instead, ``${env('FC3_COMPONENT', 'fc3')}``, is for Serverless Devs: a component is
        a program that deploys, and here nobody but the embedded cloud deploys.
        """
        return _Reader(self._base, {}, self._account)._render(component, "component") == "fc3"

    def _refuse(self, path: str, error: ErrorDetails) -> None:
        where = ".".join(str(part) for part in ("props", *error["loc"]))
        if any(problem.path == f"{path}.{where}" for problem in self.problems):
            return  # its variable could not be rendered
        if error["type"] == "union_tag_invalid":
            known = error["ctx"]["expected_tags"]
            self._add(
                f"{path}.{where}", "unknown", f"{error['ctx']['tag']} is not in the embedded cloud", f"use {known}"
            )
        else:
            self._add(f"{path}.{where}", str(error["type"]), error["msg"], "see devsapp/fc3 src/schema.json")

    def _check_names(self, functions: tuple[FunctionSpec, ...]) -> None:
        seen: set[tuple[str, str]] = set()
        for function in functions:
            key = (function.props.region, function.props.function_name)
            if key in seen:
                self._add(f"{function.path}.props.functionName", "taken", f"{key[1]} is named twice", "rename one")
            seen.add(key)

    def _render(self, value: object, path: str) -> object:
        if isinstance(value, dict):
            return {key: self._render(inner, f"{path}.{key}") for key, inner in value.items()}
        if isinstance(value, list):
            return [self._render(inner, f"{path}.{place}") for place, inner in enumerate(value)]
        if not isinstance(value, str):
            return value
        whole = _MAGIC.fullmatch(value)
        if whole:
            return self._value(whole.group(1), path)
        return _MAGIC.sub(lambda found: str(self._value(found.group(1), path)), value)

    def _value(self, expression: str, path: str) -> object:
        text = expression.strip()
        if found := _VARS.fullmatch(text):
            return self._var(found.group(1), path)
        if found := _ENV.fullmatch(text):
            name, default = found.group(2), found.group(4)
            given = self._env.get(name)
            if not given and default is None:
                self._add(path, "missing", f"{name} is not in the environment and has no default", f"set {name}")
            return given or default or ""
        if _CONFIG.fullmatch(text):
            return self._account
        self._add(
            path,
            "unknown",
            f"${{{expression}}} is not in the embedded cloud",
            "use ${vars.*}, ${env('NAME','default')} or ${config('AccountID')}",
        )
        return ""

    def _var(self, name: str, path: str) -> object:
        value = self._vars
        for part in name.split("."):
            if not isinstance(value, dict) or part not in value:
                self._add(path, "missing", f"${{vars.{name}}} is not among vars", f"add {name} to vars")
                return ""
            value = value[part]
        return value

    def _add(self, path: str, code: str, message: str, fix: str) -> None:
        self.problems.append(_problem(path, code, message, fix))


def _problem(path: str, code: str, message: str, fix: str) -> ManifestProblem:
    return ManifestProblem(path, code, message, fix)
