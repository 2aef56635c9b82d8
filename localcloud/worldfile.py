"""The world file as it is read: YAML to data, and what is wrong with its form, in our words."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from reprlib import Repr
from typing import Annotated, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from typing_extensions import TypeIs


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the field's path, a code for scripts, a sentence, and what to do."""

    path: str
    code: str
    message: str
    fix: str


class WorldProblems(Exception):  # noqa: N818 - named for what it is
    """The world file has problems; every one of them is told at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.path}: {p.message}" if p.path else p.message for p in problems))
        self.problems = problems


# --- reading ---------------------------------------------------------------------------------------------------------


def read_yaml(path: Path) -> tuple[object, tuple[Problem, ...]]:
    """The data of a YAML file, and a problem for each key that is there twice.

    Raises WorldProblems for a file that can't be read as a mapping at all.
    """
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        reason = error.strerror or "it can't be read"
        raise WorldProblems((_no_file(str(path), reason),)) from None
    except UnicodeDecodeError as error:
        raise WorldProblems((_malformed(f"byte {error.start} is not UTF-8"),)) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
        raise WorldProblems((_malformed(f"{where}{error.problem or error.context}"),)) from None
    except RecursionError:
        raise WorldProblems((_malformed("it is nested too deeply"),)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise WorldProblems((_malformed(" ".join(str(error).split())),)) from None
    if not isinstance(data, Mapping):
        found = "nothing" if data is None else f"a {type(data).__name__}"
        fix = "begin with 'regions:', then a region's id, then what it holds"
        raise WorldProblems((Problem("", "not_a_mapping", f"the file holds {found}, not a mapping", fix),))
    return data, tuple(_twice(node, "", set()))


def _no_file(path: str, reason: str) -> Problem:
    return Problem("", "no_world_file", f"{path}: {reason}", "name a world file that exists and can be read")


def _malformed(what: str) -> Problem:
    return Problem("", "malformed_yaml", f"the file is not YAML: {what}", "correct the file there")


def _twice(node: yaml.Node | None, path: str, seen: set[int]) -> Iterator[Problem]:
    if node is None or id(node) in seen:  # an alias may lead back to where it stands
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _twice(item, f"{path}[{number}]", seen)
    if isinstance(node, yaml.MappingNode):
        counts = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, count in counts.items():
            if count > 1 and key != "<<":
                yield Problem(at(path, key), "twice", "this key is there more than once", "keep one of them")
        for key, value in node.value:
            yield from _twice(value, at(path, str(key.value)), seen)


def at(path: str, name: str) -> str:
    """The path of a field below *path*."""
    return f"{path}.{name}" if path else name


# --- shape -----------------------------------------------------------------------------------------------------------

_SHAPES: Mapping[str, tuple[str, str, str]] = {
    "extra_forbidden": ("unknown_field", "there is no such field", "remove it, or correct its name"),
    "missing": ("missing_field", "this field is needed", "add it"),
    "string_type": (
        "wrong_type",
        "this must be a text",
        "give a text, in quotes if it looks like a number or date",
    ),
    "int_type": ("wrong_type", "this must be a whole number", "give a whole number, without quotes"),
    "int_parsing": ("wrong_type", "this must be a whole number", "give a whole number"),
    "bool_type": ("wrong_type", "this must be true or false", "give true or false"),
    "tuple_type": ("wrong_type", "this must be a list", "give a list: [...]"),
    "mapping_type": ("wrong_type", "this must be a mapping", "give a mapping: {name: value}"),
    "dict_type": ("wrong_type", "this must be a mapping", "give a mapping: {name: value}"),
    "model_type": ("wrong_type", "this must be a mapping", "give a mapping of fields"),
    "model_attributes_type": ("wrong_type", "this must be a mapping", "give a mapping of fields"),
    "invalid_key": ("wrong_type", "a field's name must be a text", "put the name in quotes, or remove it"),
    "path_type": ("wrong_type", "this must be a path", "name a directory"),
    "too_short": ("too_short", "at least one is needed", "give at least one"),
}


def problems_of(error: ValidationError, form: type[BaseModel]) -> tuple[Problem, ...]:
    """The problems of shape that pydantic found in a *form*, in our words."""
    problems = [_shape(found, form) for found in error.errors(include_url=False)]
    # Pydantic counts only the items of a list that are right: a wrong one is told by itself.
    wrong = {found.path[:place] for found in problems for place, sign in enumerate(found.path) if sign == "["}
    return tuple(problem for problem in problems if problem.code != "too_short" or problem.path not in wrong)


def _fields(form: object, place: tuple[int | str, ...]) -> tuple[str, ...]:
    """The names of the fields at *place* in *form*."""
    kind = form
    for part in place:
        if _is_model(kind):
            kind = kind.model_fields[str(part)].annotation
        else:  # an item of a list, or what a mapping holds under a name
            kind = next((one for one in get_args(kind) if one not in (str, ...)), None)
        while get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
    return tuple(kind.model_fields) if _is_model(kind) else ()


def _is_model(kind: object) -> TypeIs[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _shape(found: Mapping[str, object], form: type[BaseModel]) -> Problem:
    kind, message = str(found["type"]), str(found["msg"])
    path = ""
    for part in found["loc"]:  # type: ignore[attr-defined]
        if part == "[key]":  # what is wrong is the field's own name
            continue
        path = f"{path}[{part}]" if isinstance(part, int) else at(path, str(part))
    code, text, fix = _SHAPES.get(kind, (kind, message[:1].lower() + message[1:], "correct this field"))
    if kind == "extra_forbidden" and (known := _fields(form, found["loc"][:-1])):  # type: ignore[index]
        fix = f"remove it, or correct its name; there are {', '.join(known)}"
    if kind in _BOUNDS:
        sign, bound = _BOUNDS[kind]
        unit = " GiB" if path.endswith(".size") else ""
        limit = found["ctx"][bound]  # type: ignore[index]
        code, text = "out_of_range", f"{found['input']}{unit} is not {sign} {limit}{unit}"
        fix = f"give a number that is {sign} {limit}{unit}"
    if kind == "literal_error":
        expected = str(found["ctx"]["expected"])  # type: ignore[index]
        code, text, fix = (
            "unknown_value",
            f"{_SHORT.repr(found['input'])} is not one of the values known",
            f"give {expected}",
        )
    if kind == "value_error":
        code, text = "malformed", str(found["ctx"]["error"])  # type: ignore[index]
    if kind == "string_pattern_mismatch":
        code, text = "malformed", f"{found['input']!r} has the wrong form"
        fix = _FORMS.get(path.rpartition(".")[2], "correct this field")
    return Problem(path, code, text, fix)


_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}
#: YAML's aliases make short what is endless when it is written out.
_SHORT = Repr()
_SHORT.maxlevel = 2
_FORMS = {
    "id": "give an id in the cloud's form, such as i-web or vsw-a",
    "device": "give a device such as /dev/xvdb",
    "mount": "give an absolute path such as /data",
    "account": "give 16 digits",
}
