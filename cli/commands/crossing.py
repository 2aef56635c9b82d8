"""The commands that carry an instance across: demo and replicate."""

import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.following import Errand, replicate_there
from cli.hints import DEFAULT_STATE, remember_state
from cli.inputs import read_inputs, read_request_file
from cli.options import AsJson, Seed, Speed, State, text_of
from cli.running import Voyage, replicate_here
from cli.served import address_of
from cli.state import StateFolder
from cli.via import Deployed, HomeRegion, Via, deployed_by, given
from shared.problem import BadInput, Problem

if TYPE_CHECKING:
    from localcloud.world import World
    from shared.replication.request import Request

#: What is said to `ferry cloud serve`, where a cloud is served.
_OF_THE_SERVER = {"--world", "--seed", "--speed"}


class Records(StrEnum):
    """Where the demo keeps its records."""

    TABLESTORE = "tablestore"
    SQLITE = "sqlite"


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
    store: Annotated[
        Records | None,
        typer.Option(
            "--store",
            help="Where the records are meanwhile: the embedded cloud's Tablestore, as when deployed, or a SQLite "
            "file; tablestore unless --state is given.",
        ),
    ] = None,
    speed: Speed = None,
    as_json: AsJson = False,
) -> None:
    """Carry an instance with real files from cn-hangzhou to cn-beijing, on the embedded cloud.

    Nothing is sent anywhere and no account is needed.  With --corrupt the proof must find the damage: exit 1.
    """
    if state and store is Records.TABLESTORE:
        message = "records in Tablestore are gone with the embedded cloud: they can't be kept in a folder"
        fix = "leave out --store, or --state"
        raise BadInput((Problem(path="--store", code="not_kept", message=message, fix=fix),))
    in_tablestore = not state and store is not Records.SQLITE

    from cli.demo import demo_world_and_request

    with tempfile.TemporaryDirectory(prefix="ferry-demo-") as folder:
        kept = StateFolder(state or Path(folder) / "state")
        world, request = demo_world_and_request(Path(folder), corrupt)
        voyage = Voyage(kept, seed, speed, corrupt_event=corrupt_event, as_json=as_json, in_tablestore=in_tablestore)
        code = replicate_here(world, request, voyage)
    raise typer.Exit(code)


def replicate(
    context: typer.Context,
    request_file: Annotated[Path, typer.Option("--file", "-f", metavar="FILE", help="The request (YAML).")],
    world_file: Annotated[
        Path | None, typer.Option("--world", metavar="FILE", help="What the embedded cloud holds at first (YAML).")
    ] = None,
    cloud: Annotated[
        str | None,
        typer.Option(
            "--cloud",
            metavar="URL",
            envvar="FERRY_CLOUD",
            help="In place of --world: a cloud that `ferry cloud serve` serves, such as http://127.0.0.1:8080.",
            callback=text_of("--cloud"),
        ),
    ] = None,
    state: State = DEFAULT_STATE,
    key: Annotated[
        str | None,
        typer.Option("--key", help="Idempotency key: the same key is the same replication.", callback=text_of("--key")),
    ] = None,
    seed: Seed = 1,
    speed: Speed = None,
    via: Via = None,
    region: HomeRegion = None,
    wait: Annotated[bool, typer.Option("--wait", help="With --via: follow it until it has ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replicate one instance and prove the replica: on the embedded cloud, in the foreground, or on a deployed install.

    The world file names instances, networks, and a directory for each disk, relative to that file; what is in the
    directories is copied, never changed.  Meanwhile ferry status, list, cancel and clean work from another terminal.
    Ctrl-C once cancels and cleans up; twice leaves at once.

    With --cloud the cloud is in a process of its own and lives on, whatever becomes of this command: killed at any
    moment, it goes on where it was when the same is said again, in the same folder.  The cloud's time is its own.

    With --via a deployed install does it, and the command leaves when it has accepted it; with --wait it follows it to
    its end, and Ctrl-C leaves it running there.  The key is a random one unless --key is given, and is told: without
    it, a second start is a second replication.
    """
    if there := _deployed(context, via, region, request_file):
        errand = Errand(read_request_file(request_file), request_file, key, wait=wait, as_json=as_json)
        raise typer.Exit(replicate_there(there, errand))
    folder = StateFolder(state)
    if cloud is not None:
        world, request = _on_a_served_cloud(context, cloud, request_file)
    else:
        world, request = read_inputs(world_file, request_file, state)
    address = cloud and address_of(cloud)
    voyage = Voyage(folder, seed, speed, key=key, as_json=as_json, request_file=request_file, cloud=address)
    raise typer.Exit(replicate_here(world, request, voyage))


def _on_a_served_cloud(context: typer.Context, cloud: str, request_file: Path) -> "tuple[World, Request]":
    """An empty world, and the request; raises BadInput with its problems and those of the options."""
    found = [_of_the_server(name) for name in sorted(given(context) & _OF_THE_SERVER)]
    try:
        address_of(cloud)
    except BadInput as bad:
        found += bad.problems
    found = [*_problems_of(request_file), *found]
    if found:
        raise BadInput(tuple(found))

    from localcloud.world import default_world

    return default_world(), read_request_file(request_file)


def _of_the_server(name: str) -> Problem:
    message = f"{name} is the served cloud's: it was said to ferry cloud serve"
    fix = f"leave out {name}; or leave out --cloud (and FERRY_CLOUD), for a cloud in this process"
    return Problem(path=name, code="not_with_cloud", message=message, fix=fix)


def _deployed(context: typer.Context, via: str | None, region: str | None, request_file: Path) -> Deployed | None:
    """The install that --via names; raises BadInput with the request's problems, too."""
    try:
        return deployed_by(context, via, region)
    except BadInput as bad:
        raise BadInput((*_problems_of(request_file), *bad.problems)) from None


def _problems_of(request_file: Path) -> tuple[Problem, ...]:
    try:
        read_request_file(request_file)
    except BadInput as bad:
        return bad.problems
    return ()
