"""The ferry command: which commands there are, and what each trouble is for the one who gave it.

What a command needs beyond the records is imported when it runs: `ferry list` is quick.
"""

import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import version
from types import FrameType
from typing import Annotated

import typer

from cli.commands.building import build_
from cli.commands.crossing import demo, replicate
from cli.commands.installing import deploy, doctor, policy, provision, teardown
from cli.commands.records import cancel_, clean_, list_, status
from cli.commands.serving import serve
from cli.commands.storming import storm
from cli.hints import fit
from cli.interrupts import Terminated, ended_by
from cli.options import BAD_INPUT, BUG, EXIT_CODES, REFUSED, TERMINATED, UNREACHABLE, epilog
from cli.outcome import show_problems
from cli.packaging import PackagesUnreachable
from cli.present import print_json, problems
from cli.screen import Screen, Unwritable
from cli.state import InUse, WrongCloud
from cli.via import Unreached
from shared.acceptance import NotFound, TooLate
from shared.cloud.errors import CloudRefused
from shared.ports import StoreUnavailable, TryAgain
from shared.problem import BadInput, Problem

app = typer.Typer(
    name="ferry",
    epilog=f"Begin with: ferry demo.  Each command tells more: ferry demo --help.\n\n{EXIT_CODES}",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
#: What Typer makes of a KeyboardInterrupt.
_INTERRUPTED = 130
_ID = re.compile(r"r-[0-9a-f]{16}")
#: So many problems are told; the rest is counted.
_MOST_TOLD = 100
_AN_ID = "r-0123456789abcdef"
#: Every command: its name, what it is in a few words, and examples.
_COMMANDS: tuple[tuple[str, Callable[..., None], str, tuple[str, ...]], ...] = (
    (
        "demo",
        demo,
        "See it work: an instance with real files",
        ("ferry demo", "ferry demo --corrupt any", "ferry demo --corrupt-event --state demo-state"),
    ),
    (
        "replicate",
        replicate,
        "Replicate one instance and prove the replica",
        (
            "ferry replicate -f request.yaml --world world.yaml --speed 600",
            "ferry replicate -f request.yaml --via ferry --region cn-beijing --wait",
        ),
    ),
    (
        "status",
        status,
        "Show what is under way",
        ("ferry status", f"ferry status {_AN_ID} --history", "ferry status --via ferry --region cn-beijing"),
    ),
    ("list", list_, "List the replications", ("ferry list", "ferry list --state demo-state --json")),
    ("cancel", cancel_, "Give a replication up, and clean up", (f"ferry cancel {_AN_ID}",)),
    ("clean", clean_, "Remove what a failed proof has kept", (f"ferry clean {_AN_ID}",)),
    (
        "doctor",
        doctor,
        "Look whether an account is ready for an install",
        ("ferry doctor --before --region cn-beijing --vswitch vsw-b",),
    ),
    ("policy", policy, "Print the RAM policy that an install's operator needs", ("ferry policy --region cn-beijing",)),
    (
        "provision",
        provision,
        "Make what an install needs",
        ("ferry provision --vswitch vsw-b --world world.yaml", "ferry provision --region cn-beijing"),
    ),
    (
        "deploy",
        deploy,
        "Build, provision and deploy an install",
        ("ferry deploy --region cn-beijing --vswitch vsw-b", "ferry deploy --world world.yaml --layer layer.zip"),
    ),
    (
        "teardown",
        teardown,
        "Remove what an install made",
        ("ferry teardown --region cn-beijing --keep-recovery-points", "ferry teardown --world world.yaml"),
    ),
    (
        "build",
        build_,
        "Build the layer that the functions are deployed with",
        ("ferry build", "ferry build --python 3.11 --out /tmp/try", "ferry build --json"),
    ),
    (
        "storm",
        storm,
        "Try the laws under every fault, on the embedded cloud",
        ("ferry storm --seeds 1000", "ferry storm --seed 42 --trace", "ferry storm --seed 42 --breaks conditions"),
    ),
)
for _name, _command, _short, _examples in _COMMANDS:
    app.command(_name, short_help=_short, epilog=epilog(*_examples))(_command)
cloud = typer.Typer(rich_markup_mode=None)
cloud.command(
    "serve",
    short_help="Serve it to other processes, over HTTP",
    epilog=epilog(
        "ferry cloud serve --port 8080 --speed 60 --world world.yaml",
        "ferry cloud serve --port 0 --json",
    ),
)(serve)
app.add_typer(cloud, name="cloud", short_help="The embedded cloud by itself")


@app.callback(invoke_without_command=True)
def ferry(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Carries Alibaba Cloud ECS instances from one region to another, and proves that they arrived."""
    if show_version:
        typer.echo(f"ferry {version('ecs-ferry')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@cloud.callback(invoke_without_command=True)
def cloud_(context: typer.Context) -> None:
    """The embedded Alibaba Cloud by itself, for Ferry and for any other client."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run() -> None:
    """The entry point: every known trouble becomes a message and an exit code, anything else is a bug."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _terminate)
    sys.exit(_last_word(_run() if sys.stdout else UNREACHABLE))


def _writes() -> bool:
    """Whether stdout takes a byte."""
    try:
        print(flush=True)  # noqa: T201 - what failed may have been dropped from its buffer
    except OSError:
        return False
    return True


def _last_word(code: int) -> int:
    """The exit code, once everything is written."""
    try:
        if sys.stdout:
            sys.stdout.flush()
            return code
    except OSError as error:
        # Python would try to write what is left once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code if code == UNREACHABLE else _leave(_unwritable(error.strerror), UNREACHABLE)
    return _leave(_unwritable("it is closed"), UNREACHABLE)


def _unwritable(reason: object) -> str:
    return f"stdout can't be written: {reason}"


def _run() -> int:
    try:
        code = app(standalone_mode=False)
    except BadInput as bad:
        return _complain(bad.problems, BAD_INPUT)
    except typer.TyperException as wrong:
        return _complain((_usage(wrong),), BAD_INPUT)
    except (NotFound, TooLate, InUse, WrongCloud, CloudRefused, TryAgain, Unreached) as trouble:
        return _complain(*_told(trouble))
    except (typer.Abort, KeyboardInterrupt):
        return _leave("interrupted", REFUSED)
    except Unwritable as full:
        return _leave(_unwritable(full), UNREACHABLE)
    except Terminated:
        return _terminated()
    except Exception as error:  # noqa: BLE001 - the last line: whatever else happens is a bug, and says so
        if isinstance(ended_by(error), Terminated):
            return _terminated()
        if isinstance(error, OSError) and not _writes():
            return _leave(_unwritable(error.strerror), UNREACHABLE)
        traceback.print_exc()
        return _leave("this is a bug of ECS Ferry: please report it with the lines above", BUG)
    if code == _INTERRUPTED:
        return _leave("interrupted", REFUSED)
    return code if isinstance(code, int) else 0


def _terminated() -> int:
    return _leave(f"told to end, left at once; what is under way: {fit('ferry status')}", TERMINATED)


def _told(trouble: Exception) -> tuple[tuple[Problem], int]:
    """A known trouble as a problem, and its exit code."""
    message = str(trouble)
    if isinstance(trouble, NotFound):
        problem = Problem(path="ID", code="NotFound", message=message, fix=fit("see which there are: ferry list"))
        return (problem,), BAD_INPUT
    if isinstance(trouble, TooLate):
        found = _ID.search(message)
        fix = fit(f"see: ferry status {found[0] if found else 'ID'}")
        return (Problem(path="ID", code="TooLate", message=fit(message), fix=fix),), REFUSED
    if isinstance(trouble, CloudRefused):
        return (trouble.problem(),), REFUSED
    if isinstance(trouble, Unreached):
        return (trouble.problem,), UNREACHABLE
    if isinstance(trouble, WrongCloud):
        return (trouble.problem,), UNREACHABLE
    if isinstance(trouble, InUse):
        fix = fit("wait until it has ended (see: ferry status), or give another --state")
        return (Problem(path="--state", code="in_use", message=message, fix=fix),), UNREACHABLE
    if isinstance(trouble, StoreUnavailable):
        fix = "mend it, then say the same again"
        return (Problem(path="store", code="store", message=message, fix=fix),), UNREACHABLE
    if isinstance(trouble, PackagesUnreachable):
        fix = "see that pip reaches its index, as for setting up, then say the same again"
        return (Problem(path="pip", code="unreachable", message=message, fix=fix),), UNREACHABLE
    problem = Problem(path="cloud", code="try_again", message=message, fix="say the same again, later")
    return (problem,), UNREACHABLE


def _usage(wrong: typer.TyperException) -> Problem:
    context = getattr(wrong, "ctx", None)
    command = context.command_path if context else "ferry"
    param = getattr(wrong, "param", None)
    hint = getattr(param, "opts", None) or [getattr(wrong, "option_name", None) or ""]
    if getattr(param, "param_type_name", "") == "argument":
        hint = [str(getattr(param, "metavar", None) or hint[0]).strip("[]")]
    return Problem(path=str(hint[0]), code="usage", message=wrong.format_message(), fix=f"see: {command} --help")


def _complain(every: Sequence[Problem], code: int) -> int:
    found, more = list(every[:_MOST_TOLD]), len(every) - _MOST_TOLD
    if more > 0:
        found.append(Problem(path="", code="more", message=f"and {more} more", fix="correct these first"))
    if "--json" in sys.argv[1:]:
        print_json({"problems": problems(found)})
    else:
        show_problems(found, Screen(stderr=True))
    return code


def _leave(message: str, code: int) -> int:
    Screen(stderr=True).say(message)
    return code


def _terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal wants it
    raise Terminated
