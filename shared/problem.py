"""What is wrong with an input, where, and what to do about it."""

from collections.abc import Iterator

from pydantic import ValidationError

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


def problems_of(error: ValidationError, root: str = "") -> tuple[Problem, ...]:
    """The problems that pydantic found, in our words."""
    return tuple(_problems(error, root))


def _problems(error: ValidationError, root: str) -> Iterator[Problem]:
    for found in error.errors(include_url=False):
        context = found.get("ctx", {})
        path = str(context.get("at") or _path(found["loc"]))
        yield Problem(
            path=f"{root}{path}" if path else root.rstrip("."),
            code=_CODES.get(found["type"], found["type"]),
            message=_MESSAGES.get(found["type"], found["msg"]),
            fix=str(context.get("fix") or _FIXES.get(found["type"], "correct this field")),
        )


def _path(parts: tuple[int | str, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


_CODES = {"extra_forbidden": "unknown_field", "missing": "missing_field"}
_MESSAGES = {
    "extra_forbidden": "there is no such field",
    "missing": "this field is needed",
}
_FIXES = {
    "extra_forbidden": "remove it, or correct its name",
    "missing": "add it",
    "string_type": "give a text",
    "bool_type": "give true or false",
    "enum": "give one of the values named",
    "string_pattern_mismatch": "give an id in the cloud's form, such as cn-beijing or ecs.g7.large",
    "tuple_type": "give a list",
    "too_short": "give at least one",
    "model_type": "give a mapping of fields",
    "model_attributes_type": "give a mapping of fields",
}
