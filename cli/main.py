"""The ferry command.  What a command needs beyond the records is imported when it runs: `ferry list` is quick."""

from __future__ import annotations

import json
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from rich.console import Console

from cli.present import Json, exit_code, letter, present, problems, rows_json
from cli.terminal import Watcher, show_letters, show_list, show_outcome, show_problems
from shared.acceptance import NotFound, TooLate, accept, cancel, clean
from shared.ports import Row, Store, StoreUnavailable
from shared.problem import BadInput, Problem
from shared.replication.request import Request
from shared.wire import read_request_value

if TYPE_CHECKING:
    from localcloud.world import World

BAD_INPUT, REFUSED, UNREACHABLE, BUG = 2, 3, 4, 70

app = typer.Typer(
    name="ferry",
    help="Carries Alibaba Cloud ECS instances from one region to another, and proves that they arrived.",
    epilog="Begin with: ferry demo.  Exit codes: 0 done, 1 failed or not the same, 2 bad input, 3 refused or "
    "cancelled, 4 cloud or store out of reach, 70 a bug.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
State = Annotated[Path, typer.Option("--state", help="Folder that holds the records.", show_default=True)]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same run, to the byte.", min=0)]
Speed = Annotated[
    float | None,
    typer.Option("--speed", help="Virtual seconds a second; as fast as it can unless given.", min=0.1),
]
DEFAULT_STATE = Path(".ferry")


def run() -> None:
    """The entry point: every known trouble becomes a message and an exit code, anything else is a bug."""
    try:
        app()
    except BadInput as bad:
        sys.exit(_complain(bad.problems, BAD_INPUT))
    except (NotFound, TooLate) as no:
        code = BAD_INPUT if isinstance(no, NotFound) else REFUSED
        problem = Problem(path="ID", code=type(no).__name__, message=str(no), fix="see: ferry list")
        sys.exit(_complain((problem,), code))
    except StoreUnavailable as trouble:
        problem = Problem(path="--state", code="store", message=str(trouble), fix="mend it, then say the same again")
        sys.exit(_complain((problem,), UNREACHABLE))
    except Exception:  # noqa: BLE001 - the last line: whatever else happens is a bug, and says so
        traceback.print_exc()
        print("this is a bug of ECS Ferry: please report it with the lines above", file=sys.stderr)  # noqa: T201
        sys.exit(BUG)


def _complain(found: Sequence[Problem], code: int) -> int:
    if "--json" in sys.argv:
        print(json.dumps({"problems": problems(found)}, indent=2))  # noqa: T201 - the output itself
    else:
        show_problems(found, Console(stderr=True))
    return code


@app.command()
def demo(
    seed: Seed = 1,
    corrupt: Annotated[
        str | None,
        typer.Option("--corrupt", help="Change one byte on the replica: DISK:PATH (/dev/xvdb:/orders/1.csv) or any."),
    ] = None,
    speed: Speed = None,
    as_json: AsJson = False,
) -> None:
    """Carry an instance with real files from cn-hangzhou to cn-beijing, on the embedded cloud.

    Nothing is sent anywhere and no account is needed.  With --corrupt the proof must find the damage: exit 1.
    """
    from cli.demo import demo_world_and_request

    with tempfile.TemporaryDirectory(prefix="ferry-demo-") as folder:
        world, request = demo_world_and_request(Path(folder), corrupt)
        code = _replicate(world, request, Path(folder) / "state", seed, speed, key=None, as_json=as_json)
    raise typer.Exit(code)


@app.command()
def replicate(
    request_file: Annotated[Path, typer.Option("--file", "-f", help="The request (YAML); see README.md.")],
    world_file: Annotated[
        Path | None, typer.Option("--world", help="The embedded cloud's first content (YAML); see README.md.")
    ] = None,
    state: State = DEFAULT_STATE,
    key: Annotated[
        str | None, typer.Option("--key", help="Idempotency key: the same key is the same replication.")
    ] = None,
    seed: Seed = 1,
    speed: Speed = None,
    as_json: AsJson = False,
) -> None:
    """Replicate one instance on the embedded cloud, in the foreground, and prove the replica.

    Ctrl-C once asks for cancellation and cleans up; twice leaves at once.
    """
    world, request = _read_inputs(world_file, request_file, state)
    raise typer.Exit(_replicate(world, request, state, seed, speed, key=key, as_json=as_json))


@app.command()
def status(
    id_: Annotated[str | None, typer.Argument(metavar="[ID]", help="A replication; all that are open if none.")] = None,
    state: State = DEFAULT_STATE,
    as_json: AsJson = False,
) -> None:
    """Show a replication, or all that are under way, and the dead letters."""
    store = _store(state)
    rows = [_row(store, id_)] if id_ else [row for row in store.records() if not row.record.ended]
    letters = store.dead_letters()
    if as_json:
        _print({"replications": [present(row) for row in rows], "dead_letters": [letter(found) for found in letters]})
        return
    console = Console()
    for row in rows:
        show_outcome(row, console, timeline=True)
    if not rows:
        console.print("nothing is under way; what has ended: ferry list")
    show_letters(letters, console)


@app.command("list")
def list_(state: State = DEFAULT_STATE, as_json: AsJson = False) -> None:
    """List the replications, newest first."""
    rows = _store(state).records()
    if as_json:
        _print({"replications": rows_json(rows)})
    else:
        show_list(rows, Console())


@app.command("cancel")
def cancel_(
    id_: Annotated[str, typer.Argument(metavar="ID")], state: State = DEFAULT_STATE, as_json: AsJson = False
) -> None:
    """Give a replication up and remove what it made; the source is never touched."""
    record = cancel(id_, "operator", _store(state))
    if as_json:
        _print({"id": record.id, "phase": record.phase.shown, "cancel": True})
    else:
        Console().print(f"{record.id}: cancellation asked; follow it with: ferry status {record.id}", soft_wrap=True)


@app.command("clean")
def clean_(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    state: State = DEFAULT_STATE,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Remove what an ended replication kept: a replica whose proof failed, its images and snapshots.

    An embedded cloud ends with the command that ran it, and its resources with it: clean then finds them gone,
    and closes the record.
    """
    from cli.embedded import embedded_install
    from localcloud.world import default_world

    store = _store(state)
    record = _row(store, id_).record
    home = record.request.target.region
    with embedded_install(
        default_world(), home=home, seed=seed, store=_store_path(state), vswitch=None, start=_after(store)
    ) as install:
        clean(id_, "operator", install.app.store, install.app.clock())
        install.run_until_ended(id_, None, None)
        row = _row(install.app.store, id_)
    _show_end(row, None, as_json=as_json)
    left = any(r.state == "left_behind" for r in row.record.resources)
    raise typer.Exit(1 if left else 0)


@app.command()
def provision(
    region: Annotated[str, typer.Option("--region", help="The home region: where the functions run.")] = "cn-beijing",
    vswitch: Annotated[
        str | None, typer.Option("--vswitch", help="Also make the quarantine group of this vSwitch's VPC.")
    ] = None,
    world_file: Annotated[
        Path | None, typer.Option("--world", help="Try it on the embedded cloud with this world.")
    ] = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Make what an install needs: event bus, rules, topics, queues, quarantine group.  Can be run again and again.

    Without --world it acts on the account of ALIBABA_CLOUD_ACCESS_KEY_ID, _SECRET and ALIBABA_CLOUD_ACCOUNT_ID.
    """
    from cli.provisioning import provision_account, provision_embedded

    if world_file:
        made = provision_embedded(_world(world_file, None), region, vswitch, seed)
    else:
        made = provision_account(region, vswitch)
    if as_json:
        _print({"provisioned": [thing.model_dump() for thing in made]})
        return
    console = Console()
    for thing in made:
        console.print(f"{'made ' if thing.made else 'there'}  {thing.kind}  {thing.name}", markup=False, soft_wrap=True)


def _replicate(
    world: World, request: Request, state: Path, seed: int, speed: float | None, *, key: str | None, as_json: bool
) -> int:
    from cli.embedded import embedded_install

    state.mkdir(parents=True, exist_ok=True)
    store = _store(state)
    target = request.target
    with embedded_install(
        world,
        home=target.region,
        seed=seed,
        store=_store_path(state),
        vswitch=target.vswitch,
        start=_after(store),
    ) as install:
        id_ = accept(request, key or _next_key(request, store), install.app).record.id
        console = Console(stderr=as_json)
        with Watcher(install.app.store, id_, console, quiet=as_json) as watcher:
            while True:
                try:
                    install.run_until_ended(id_, watcher.on_step, speed)
                    break
                except KeyboardInterrupt:
                    _on_interrupt(id_, store)
        row = _row(install.app.store, id_)
        facts = install.facts((row.record,))
    _show_end(row, facts, as_json=as_json)
    return exit_code(row.record)


def _show_end(row: Row, facts: Json | None, *, as_json: bool) -> None:
    if as_json:
        _print({"replications": [present(row)], **({"cloud": facts} if facts else {})})
        return
    console = Console()
    show_outcome(row, console, timeline=console.is_terminal)
    if facts:
        calls = facts["calls"]
        count = sum(calls.values()) if isinstance(calls, dict) else 0
        console.print(f"{facts['seconds']:,.0f} virtual seconds, {count} calls", style="dim", highlight=False)


def _on_interrupt(id_: str, store: Store) -> None:
    console = Console(stderr=True)
    row = _row(store, id_)
    if row.record.cancel:
        console.print(f"left; the embedded cloud is gone, the record is kept: ferry status {id_}", soft_wrap=True)
        raise typer.Exit(REFUSED)
    try:
        cancel(id_, "operator", store)
        console.print("cancelling and cleaning up; Ctrl-C again leaves at once", soft_wrap=True)
    except TooLate as no:
        console.print(f"{no}; Ctrl-C again leaves at once", soft_wrap=True)


def _read_inputs(world_file: Path | None, request_file: Path, state: Path) -> tuple[World, Request]:
    """World and request; raises BadInput with the problems of both at once."""
    found: list[Problem] = []
    world = request = None
    try:
        world = _world(world_file, state)
    except BadInput as bad:
        found += bad.problems
    try:
        request = read_request_value(_yaml(request_file))
    except BadInput as bad:
        found += bad.problems
    if found or world is None or request is None:
        raise BadInput(tuple(found))
    return world, request


def _yaml(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = Problem(path=str(path), code="unreadable", message=str(error), fix="give a file that can be read")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = Problem(path=str(path), code="not_yaml", message=f"not YAML: {error}", fix="correct its syntax")
    raise BadInput((problem,)) from None


def _world(path: Path | None, state: Path | None) -> World:
    from localcloud.world import WorldProblems, default_world, load_world

    if path is None:
        return default_world()
    try:
        return load_world(path, state=state)
    except WorldProblems as bad:
        raise BadInput(
            tuple(Problem(path=p.path, code=p.code, message=p.message, fix=p.fix) for p in bad.problems)
        ) from None


def _store_path(state: Path) -> Path:
    return state / "ferry.db"


def _store(state: Path) -> Store:
    from shared.store.sqlite import SqliteStore

    return SqliteStore(_store_path(state))


def _row(store: Store, id_: str) -> Row:
    row = store.load(id_)
    if row is None:
        raise NotFound(f"there is no replication {id_}")
    return row


def _next_key(request: Request, store: Store) -> str:
    """A key for one more replication of this request."""
    earlier = sum(1 for row in store.records(limit=100_000) if row.record.request == request)
    return f"{request.model_dump_json()}#{earlier}"


def _after(store: Store) -> datetime | None:
    """Virtual time goes on where the records of this state left it."""
    moments = [row.record.history[-1].at for row in store.records(limit=100_000)]
    return max(moments, default=None)


def _print(value: Json) -> None:
    print(json.dumps(value, indent=2))  # noqa: T201 - the output itself
