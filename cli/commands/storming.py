"""The command that lets storms loose on whole installs, and shows which law broke, and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import FAILED, AsJson
from shared.problem import BadInput, Problem

if TYPE_CHECKING:
    from cli.storms.storm import Storm


#: No storm that was written is longer; what is longer is not read to its end.
_LARGEST = 1_000_000


def storm(
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="NUMBER", help="One storm: this one, to the byte.", min=0)
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", metavar="COUNT", help="So many storms; 20 unless given.", min=1)
    ] = None,
    first: Annotated[int, typer.Option("--first", metavar="SEED", help="With --seeds: the first one.", min=0)] = 0,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", metavar="COUNT", help="With --seeds: so many at a time; all cores unless given.", min=1, max=64
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The storm in this file, as --shrink wrote it (JSON).")
    ] = None,
    breaks: Annotated[
        list[str] | None,
        typer.Option(
            "--breaks",
            metavar="PROMISE",
            help="A promise that the cloud breaks meanwhile, so that a law breaks, too: client_tokens, conditions, "
            "timers, delays or lookups; give it again for another (timers and delays show together only).",
        ),
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="One storm: print its whole history.")] = False,
    shrink: Annotated[
        bool, typer.Option("--shrink", help="One storm that breaks a law: find the fewest faults that still do.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="With --shrink: write the small storm there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let storms loose on Ferry: every fault that the embedded cloud knows, at random places, from one seed.

    In each storm three to five replications run at once, on the real functions and SDKs, half of the storms on
    Tablestore and half on SQLite.  Calls are throttled, refused, lost before or after they were done; functions are
    killed; messages come twice, late, in any order or never; images fail, copies stall, types are sold out, regions
    do not answer; an operator cancels, asks again and cleans up.  Meanwhile and at the end the laws are checked
    against the cloud's own state and log and the store: docs/laws.md, docs/reliability.md.

    Exit code 0: no law broke; 1: a law broke, each such seed is told with the command that shows it; 3: interrupted.
    """
    from cli.storms import telling
    from cli.storms.storm import draw, promises

    _check(
        seed,
        seeds,
        first,
        file,
        bool(breaks),
        one_only={"--trace": trace, "--shrink": shrink, "--out": out is not None},
    )
    broken = promises(breaks or ())
    if seed is None and file is None:
        raise typer.Exit(telling.tell_many(range(first, first + (seeds or 20)), jobs, broken, as_json=as_json))
    one, replay = (_read(file), f"--file {file}") if file else (draw(seed or 0, broken), f"--seed {seed}")
    replay = " ".join(("ferry storm", replay, *(f"--breaks {promise}" for promise in broken)))
    if shrink:
        raise typer.Exit(telling.tell_shrunk(one, out, as_json=as_json))
    found = telling.tell_one(one, replay, trace=trace, as_json=as_json)
    raise typer.Exit(FAILED if found else 0)


def _check(
    seed: int | None, seeds: int | None, first: int, file: Path | None, breaks: bool, one_only: dict[str, bool]
) -> None:
    """Raises BadInput with every pair of options that can't go together."""
    found = []
    given = [name for name, value in (("--seed", seed), ("--seeds", seeds), ("--file", file)) if value is not None]
    if len(given) > 1:
        found.append(_problem(given[1], f"it can't go with {given[0]}", f"leave out {given[0]} or {given[1]}"))
    if seed is None and file is None:
        found += [
            _problem(name, "it is for one storm", "give its seed: --seed N")
            for name, is_given in one_only.items()
            if is_given
        ]
    if first and seeds is None:
        found.append(_problem("--first", "it is for many storms", "give --seeds COUNT, too"))
    if file is not None and breaks:
        found.append(_problem("--breaks", "the file says what breaks", "leave out --breaks, or change the file"))
    if one_only["--out"] and not one_only["--shrink"]:
        found.append(_problem("--out", "there is nothing to write without --shrink", "give --shrink, too"))
    if found:
        raise BadInput(tuple(found))


def _problem(path: str, message: str, fix: str) -> Problem:
    return Problem(path=path, code="options", message=message, fix=fix)


def _read(file: Path) -> Storm:
    from pydantic import ValidationError

    from cli.storms.storm import Storm

    try:
        with file.open("rb") as content:
            return Storm.model_validate_json(content.read(_LARGEST))
    except OSError as error:
        fix = "name a file that ferry storm --shrink --out wrote"
        raise BadInput((_problem("--file", f"{file} can't be read: {error.strerror}", fix),)) from None
    except ValidationError as error:
        raise BadInput(
            tuple(
                _problem(
                    f"--file {'.'.join(map(str, one['loc'])) or file}",
                    one["msg"],
                    "put it right, or shrink the storm anew",
                )
                for one in error.errors()
            )
        ) from None
