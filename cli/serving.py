"""The embedded cloud, served to other processes until it is told to end."""

import os
import secrets
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cli.embedded import files_told, trusted_scripts
from cli.inputs import in_file
from cli.present import print_json
from cli.screen import Screen, span
from cli.via import Unreached
from localcloud.cloud import Cloud
from localcloud.fc import ManifestProblems
from localcloud.living import LivingCloud
from localcloud.regions import ZONES
from localcloud.runtime import embedded
from localcloud.server import TOKEN, PortTaken, Server, listen
from localcloud.world import World
from shared.problem import BadInput, Problem


@dataclass(frozen=True)
class Serving:
    """How the cloud is served."""

    port: int
    speed: float
    seed: int
    region: str
    #: An s.yaml whose functions are deployed.
    functions: Path | None
    as_json: bool


def serve_until_told(world: World, serving: Serving) -> None:
    """Serve a cloud of *world* until Ctrl-C or SIGTERM.

    Raises Unreached for a port that can't be had, and BadInput for a region or functions that there are not.
    """
    _check_region(serving.region)
    with ExitStack() as stack:
        listener = stack.enter_context(_listener(serving.port))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ferry-cloud-"))
        end = stack.enter_context(_told_to_end())
        with files_told(), _functions_told(serving.functions):
            living = LivingCloud(_maker(world, serving, Path(folder)), serving.speed, end.set)
        stack.callback(living.close)
        token = secrets.token_hex(16)
        server = Server(living, listener, token, serving.region)
        stack.callback(server.close)
        _tell(server.address, token, living, serving)
        end.wait()
        if living.bug is not None:
            raise living.bug


def _check_region(region: str) -> None:
    if region not in ZONES:
        fix = f"give one of {', '.join(sorted(ZONES))}"
        message = f"there is no region {region}"
        raise BadInput((Problem(path="--region", code="InvalidRegionId.NotFound", message=message, fix=fix),))


@contextmanager
def _functions_told(s_yaml: Path | None) -> Iterator[None]:
    """What is wrong with the functions is told as BadInput."""
    try:
        yield
    except ManifestProblems as bad:
        told = (Problem(path=one.path, code=one.code, message=one.message, fix=one.fix) for one in bad.problems)
        raise BadInput(tuple(in_file(one, s_yaml, "--functions") for one in told)) from None


def _listener(port: int) -> socket.socket:
    try:
        return listen(port)
    except PortTaken as taken:
        fix = "give another --port, or 0 for any that is free"
        raise Unreached(Problem(path="--port", code="port_taken", message=str(taken), fix=fix)) from None


def _maker(world: World, serving: Serving, folder: Path) -> Callable[[], AbstractContextManager[Cloud]]:
    """What makes the cloud; it has to be mounted only where functions call it in this process."""

    def make() -> AbstractContextManager[Cloud]:
        state = Path(tempfile.mkdtemp(dir=folder))
        if serving.functions is not None:
            return _with_functions(world, serving.seed, state, serving.functions)
        return closing(Cloud(world, seed=serving.seed, state=state, trusted_scripts=trusted_scripts()))

    return make


@contextmanager
def _with_functions(world: World, seed: int, state: Path, s_yaml: Path) -> Iterator[Cloud]:
    """A cloud on which the functions of an s.yaml are deployed."""
    with embedded(world, seed=seed, state=state, trusted_scripts=trusted_scripts()) as made:
        made.deploy(s_yaml, {**os.environ, **made.client_environ()})
        yield made.cloud


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """What is set by the first signal to end; a Ctrl-C that whoever began this wants ignored stays ignored."""
    end = threading.Event()
    wanted = [s for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(s) is not signal.SIG_IGN]
    before = {one: signal.signal(one, lambda *_: end.set()) for one in wanted}
    try:
        yield end
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell(address: str, token: str, living: LivingCloud, serving: Serving) -> None:
    health = living.health()
    if serving.as_json:
        print_json({"listening": address, "token": token, **health})
        return
    screen = Screen()
    now = datetime.fromisoformat(str(health["now"]))
    screen.say(f"listening on {address}")
    screen.say(f"it is {now:%Y-%m-%d %H:%M:%S} UTC there, and {_pace(serving.speed)}")
    screen.say(f"replicate on it, from another terminal: ferry replicate -f request.yaml --cloud {address}")
    screen.say(
        f"begin again, with the world as it was at first: curl -X POST -H '{TOKEN}: {token}' {address}/_ferry/reset"
    )
    screen.say("Ctrl-C ends it, and all that is in it is gone then")
    screen.console.file.flush()


def _pace(speed: float) -> str:
    if speed == 1:
        return "time passes as it does here: a replication takes an hour or two; with --speed 60 a minute or two"
    return f"an hour there takes {span(timedelta(hours=1) / speed)} here; a replication takes one or two"
