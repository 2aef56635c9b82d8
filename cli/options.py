"""The options that several commands share, and the exit codes of all."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cli.hints import remember_state
from shared.problem import BadInput, Problem

FAILED, BAD_INPUT, REFUSED, UNREACHABLE, BUG = 1, 2, 3, 4, 70
#: What a shell says of a process that was told to end.
TERMINATED = 143
EXIT_CODES = (
    "Exit codes: 0 done; 1 failed, or the proof found a difference; 2 bad input; 3 refused or cancelled; "
    "4 the cloud or the store can't be reached; 70 a bug."
)


def text_of(name: str) -> Callable[[str | None], str | None]:
    """The check of an option or argument that is a text: not empty, and UTF-8."""

    def check(value: str | None) -> str | None:
        if value is not None and (not value.strip() or not _is_utf8(value)):
            message = "it is not text in UTF-8" if value.strip() else "it is empty"
            raise BadInput(
                (Problem(path=name, code="no_text", message=message, fix="give a text of letters and digits"),)
            )
        return value

    return check


def _is_utf8(value: str) -> bool:
    """A byte that is none came in as a lone surrogate."""
    return not any("\ud800" <= char <= "\udfff" for char in value)


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
State = Annotated[
    Path, typer.Option("--state", metavar="DIR", help="Folder that holds the records.", callback=remember_state)
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="NUMBER", help="The same seed gives the same run, to the byte.", min=0)
]
Speed = Annotated[
    float | None,
    typer.Option("--speed", metavar="TIMES", help="Virtual seconds a second; as fast as it can unless given.", min=0.1),
]


def epilog(*examples: str) -> str:
    """What follows a command's options: examples, then the exit codes."""
    return "\n".join(["\b", "Examples:" if len(examples) > 1 else "Example:", *(f"  {one}" for one in examples)]) + (
        f"\n\n{EXIT_CODES}"
    )
