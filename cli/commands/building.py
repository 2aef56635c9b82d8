"""The command that makes what is deployed beside s.yaml: build."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson, text_of
from cli.packaging import LARGEST, OUT, Built, build, runtime
from cli.present import Json, print_json
from cli.screen import Screen

#: So many packages are shown, the largest first; the rest is added up.
_SHOWN = 8


def build_(
    python: Annotated[
        str | None,
        typer.Option(
            "--python",
            metavar="X.Y",
            help="The version of Python that the layer is for; the runtime in s.yaml unless given.",
            callback=text_of("--python"),
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the layer: a new one, or an earlier build's.")
    ] = OUT,
    as_json: AsJson = False,
) -> None:
    """Build the layer that every function is deployed with: what they share, and the packages that they import.

    Each folder under functions/ is checked, as it is deployed just as it is.  The packages are those of
    constraints.txt, as pip gives them for Function Compute.  Modules are byte-compiled if this machine has an
    interpreter of that version.  The same sources give the same bytes; what has not changed is not built again.
    """
    screen = Screen()
    with _progress(screen, quiet=as_json) as tell:
        built = build(python or runtime(), out, tell)
    if as_json:
        print_json(_told(built, out))
    else:
        _show(built, screen)


@contextmanager
def _progress(screen: Screen, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Something to tell what is under way: one changing line on a terminal, else a line each."""
    if quiet:
        yield lambda _: None
    elif screen.is_live:
        with screen.console.status("looking at what there is") as status:
            yield status.update
    else:
        yield screen.say


def _told(built: Built, out: Path) -> Json:
    return {
        "layer": {
            "path": str(built.layer),
            "folder": str(out / "layer"),
            "sha256": built.sha256,
            "size": built.size,
            "unpacked": built.unpacked,
            "python": built.python,
            "compiled": built.compiled,
        },
        "packages": [vars(package) for package in built.packages],
        "functions": [vars(function) for function in built.functions],
        "notes": list(built.notes),
    }


def _show(built: Built, screen: Screen) -> None:
    state = "byte-compiled" if built.compiled else "sources alone"
    sizes = f"{_megabytes(built.size)} of the {_megabytes(LARGEST)} that Function Compute takes"
    screen.say((str(built.layer), "bold"), f"  {sizes}, {_megabytes(built.unpacked)} unpacked")
    screen.say(f"  for python{built.python}, {state}, sha256 {built.sha256}")
    largest = sorted(built.packages, key=lambda package: (-package.size, package.name))
    screen.say(f"{len(largest)} packages in the layer, with their sizes unpacked")
    rows = [(one.name, one.version, _megabytes(one.size)) for one in largest[:_SHOWN]]
    rest = largest[_SHOWN:]
    screen.table([*rows, (f"{len(rest)} more", "", _megabytes(sum(one.size for one in rest)))], indent="  ")
    screen.say(f"{len(built.functions)} functions, each as it is in its folder")
    screen.table([(one.name, f"{one.size:,} bytes") for one in built.functions], indent="  ")
    for note in built.notes:
        screen.say(f"note: {note}", style="yellow")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
