"""The commands that carry an instance across: demo and replicate."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.hints import DEFAULT_STATE, remember_state
from cli.inputs import read_inputs
from cli.options import AsJson, Seed, Speed, State, text_of
from cli.running import Voyage, replicate_here
from cli.state import StateFolder


def demo(
    seed: Seed = 1,
    corrupt: Annotated[
        str | None,
        typer.Option(
            "--corrupt",
            metavar="DISK:PATH|any",
            help="Change one byte on the replica; any: of a file of the data disk, picked by the seed.",
        ),
    ] = None,
    corrupt_event: Annotated[
        bool,
        typer.Option("--corrupt-event", help="Put an event that nobody can read on the bus: it becomes a dead letter."),
    ] = False,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", metavar="DIR", help="Keep the records there, for ferry status.", callback=remember_state
        ),
    ] = None,
    speed: Speed = None,
    as_json: AsJson = False,
) -> None:
    """Carry an instance with real files from cn-hangzhou to cn-beijing, on the embedded cloud.

    Nothing is sent anywhere and no account is needed.  With --corrupt the proof must find the damage: exit 1.
    """
    from cli.demo import demo_world_and_request

    with tempfile.TemporaryDirectory(prefix="ferry-demo-") as folder:
        kept = StateFolder(state or Path(folder) / "state")
        world, request = demo_world_and_request(Path(folder), corrupt)
        voyage = Voyage(kept, seed, speed, corrupt_event=corrupt_event, as_json=as_json)
        code = replicate_here(world, request, voyage)
    raise typer.Exit(code)


def replicate(
    request_file: Annotated[Path, typer.Option("--file", "-f", metavar="FILE", help="The request (YAML).")],
    world_file: Annotated[
        Path | None, typer.Option("--world", metavar="FILE", help="What the embedded cloud holds at first (YAML).")
    ] = None,
    state: State = DEFAULT_STATE,
    key: Annotated[
        str | None,
        typer.Option("--key", help="Idempotency key: the same key is the same replication.", callback=text_of("--key")),
    ] = None,
    seed: Seed = 1,
    speed: Speed = None,
    as_json: AsJson = False,
) -> None:
    """Replicate one instance on the embedded cloud, in the foreground, and prove the replica.

    The world file names instances, networks, and a directory for each disk, relative to that file; what is in the
    directories is copied, never changed.  Meanwhile ferry status, list, cancel and clean work from another terminal.
    Ctrl-C once cancels and cleans up; twice leaves at once.
    """
    folder = StateFolder(state)
    world, request = read_inputs(world_file, request_file, state)
    voyage = Voyage(folder, seed, speed, key=key, as_json=as_json, request_file=request_file)
    raise typer.Exit(replicate_here(world, request, voyage))
