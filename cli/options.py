"""The options that several commands share, and the exit codes of all."""

from pathlib import Path
from typing import Annotated

import typer

FAILED, BAD_INPUT, REFUSED, UNREACHABLE, BUG = 1, 2, 3, 4, 70
#: What a shell says of a process that was told to end.
TERMINATED = 143
EXIT_CODES = (
    "Exit codes: 0 done; 1 failed, or the proof found a difference; 2 bad input; 3 refused or cancelled; "
    "4 the cloud or the store can't be reached; 70 a bug."
)
DEFAULT_STATE = Path(".ferry")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
State = Annotated[Path, typer.Option("--state", metavar="DIR", help="Folder that holds the records.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same run, to the byte.", min=0)]
Speed = Annotated[
    float | None,
    typer.Option("--speed", help="Virtual seconds a second; as fast as it can unless given.", min=0.1),
]


def epilog(*examples: str) -> str:
    """What follows a command's options: examples, then the exit codes."""
    return "\n".join(["\b", "Examples:" if len(examples) > 1 else "Example:", *(f"  {one}" for one in examples)]) + (
        f"\n\n{EXIT_CODES}"
    )
