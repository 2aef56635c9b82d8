"""The embedded cloud, served to other processes until it is told to end."""

import secrets
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cli.embedded import files_told, trusted_scripts
from cli.present import print_json
from cli.screen import Screen, span
from cli.via import Unreached
from localcloud.cloud import Cloud
from localcloud.living import LivingCloud
from localcloud.server import TOKEN, PortTaken, Server, listen
from localcloud.world import World
from shared.problem import Problem


@dataclass(frozen=True)
class Serving:
    """How the cloud is served."""

    port: int
    speed: float
    seed: int
    as_json: bool


def serve_until_told(world: World, serving: Serving) -> None:
    """Serve a cloud of *world* until Ctrl-C or SIGTERM; raises Unreached for a port that can't be had."""
    with ExitStack() as stack:
        listener = stack.enter_context(_listener(serving.port))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ferry-cloud-"))
        end = stack.enter_context(_told_to_end())
        with files_told():
            living = LivingCloud(_maker(world, serving.seed, Path(folder)), serving.speed, end.set)
        stack.callback(living.close)
        token = secrets.token_hex(16)
        server = Server(living, listener, token)
        stack.callback(server.close)
        _tell(server.address, token, living, serving)
        end.wait()
        if living.bug is not None:
            raise living.bug


def _listener(port: int) -> socket.socket:
    try:
        return listen(port)
    except PortTaken as taken:
        fix = "give another --port, or 0 for any that is free"
        raise Unreached(Problem(path="--port", code="port_taken", message=str(taken), fix=fix)) from None


def _maker(world: World, seed: int, folder: Path) -> Callable[[], Cloud]:
    def make() -> Cloud:
        state = Path(tempfile.mkdtemp(dir=folder))
        return Cloud(world, seed=seed, state=state, trusted_scripts=trusted_scripts())

    return make


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
