"""What is wrong with an input, where, and what to do about it."""

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import TypeIs

from shared.replication.model import Kept


class Problem(Kept):
    """One thing that is wrong: the field's path, a code for scripts, a sentence, and the remedy."""

    path: str
    code: str
    message: str
    fix: str


class BadInput(Exception):  # noqa: N818 - named for what it is
    """The input has problems; every one of them is told at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in problems))
        self.problems = problems


def problems_of(error: ValidationError, root: str = "", *, form: type[BaseModel] | None = None) -> tuple[Problem, ...]:
    """The problems that pydantic found, in our words; an unknown field is told with those that *form* knows."""
    return tuple(_problems(error, root, form))


def _problems(error: ValidationError, root: str, form: type[BaseModel] | None) -> Iterator[Problem]:
    for found in error.errors(include_url=False):
        context = found.get("ctx", {})
        path = str(context.get("at") or _path(found["loc"]))
        code, message, fix = _words(found)
        known = _fields(form, found["loc"][:-1]) if found["type"] == "extra_forbidden" else ()
        if known:
            fix = f"remove it, or correct its name; there are {', '.join(known)}"
        yield Problem(
            path=f"{root}{path}" if path else root.rstrip("."),
            code=code,
            message=message,
            fix=str(context.get("fix") or fix),
        )


def _fields(form: object, place: tuple[int | str, ...]) -> tuple[str, ...]:
    """The names of the fields at *place* in *form*."""
    for part in place:
        annotation = form.model_fields[str(part)].annotation if _is_model(form) else None
        form = next((one for one in (annotation, *get_args(annotation)) if _is_model(one)), None)
    return tuple(form.model_fields) if _is_model(form) else ()


def _is_model(form: object) -> TypeIs[type[BaseModel]]:
    return isinstance(form, type) and issubclass(form, BaseModel)


def _path(parts: tuple[int | str, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


#: Kind of error to code, message and remedy: the words that the world file's problems have, too.
_WORDS: dict[str, tuple[str, str, str]] = {
    "extra_forbidden": ("unknown_field", "there is no such field", "remove it, or correct its name"),
    "missing": ("missing_field", "this field is needed", "add it"),
    "string_type": ("wrong_type", "this must be a text", "give a text, in quotes if it looks like a number or a date"),
    "int_parsing": ("wrong_type", "this must be a whole number", "give a whole number"),
    "bool_type": ("wrong_type", "this must be true or false", "give true or false, without quotes"),
    "tuple_type": ("wrong_type", "this must be a list", "give a list: [...]"),
    "model_type": ("wrong_type", "this must be a mapping", "give a mapping of fields"),
    "model_attributes_type": ("wrong_type", "this must be a mapping", "give a mapping of fields"),
    "too_short": ("too_short", "at least one is needed", "give at least one"),
}


def _words(found: ErrorDetails) -> tuple[str, str, str]:
    kind, message = found["type"], found["msg"]
    if kind in ("enum", "literal_error"):
        return "unknown_value", f"{found['input']!r} is not one of the values known", f"give {found['ctx']['expected']}"
    if kind == "string_pattern_mismatch":
        fix = "give an id in the cloud's form, such as cn-beijing or ecs.g7.large"
        return "malformed", f"{found['input']!r} has the wrong form", fix
    return _WORDS.get(kind, (kind, message[:1].lower() + message[1:], "correct this field"))
