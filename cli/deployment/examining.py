"""`ferry doctor --before`, as its user sees it."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from cli.deployment import serverless_devs
from cli.deployment.place import place
from cli.deployment.provisioning import policies
from cli.options import REFUSED, UNREACHABLE
from cli.packaging import runtime
from cli.present import print_json
from cli.screen import Screen
from localcloud.world import World
from shared.cloud.errors import CloudRefused
from shared.ports import TryAgain
from shared.provisioning.preflight import Check, State, check_account, check_vswitch, refusal

_SHOWN = {State.FINE: ("ok", "green"), State.TO_DO: ("to do", "red"), State.UNREACHABLE: ("no answer", "yellow")}
#: https://docs.serverless-devs.com/user-guide/install: 14.14
_OLDEST_NODE = 14


def examine(
    install: str, region: str, world: World | None, seed: int, *, vswitches: Sequence[str], as_json: bool
) -> int:
    """Look at account and machine, and show what is to be done; the exit code."""
    screen = Screen()
    checks = []
    for check in (*_account(install, region, world, seed, vswitches), *_tools()):
        checks.append(check)
        if not as_json:
            _show(check, screen)
    states = {check.state for check in checks}
    if as_json:
        print_json({"ready": states == {State.FINE}, "checks": [check.model_dump(mode="json") for check in checks]})
    elif states == {State.FINE}:
        screen.say((f"ready for {install} in {region}", "bold"), ": ferry deploy")
    if State.UNREACHABLE in states:
        return UNREACHABLE
    return REFUSED if State.TO_DO in states else 0


def _account(install: str, region: str, world: World | None, seed: int, vswitches: Sequence[str]) -> Iterator[Check]:
    """What the account says; its key alone, when that is not taken."""
    with ExitStack() as stack:
        try:
            where = stack.enter_context(place(install, region, world, seed))
        except (CloudRefused, TryAgain) as no:
            yield refusal("key", "sts:GetCallerIdentity", no)
            return
        yield from check_account(where.site, len(policies()))
        yield from (check_vswitch(where.site, vswitch) for vswitch in vswitches)


def _show(check: Check, screen: Screen) -> None:
    word, style = _SHOWN[check.state]
    fix = f"; next: {check.fix}" if check.fix else ""
    screen.say((f"{word:<9}", style), f"  {check.name}: {check.told}{fix}")


def _tools() -> Iterator[Check]:
    """What this machine needs for a deploy."""
    yield _node()
    command = serverless_devs.find()
    if command is None:
        yield Check(name="Serverless Devs", state=State.TO_DO, told="no s on PATH", fix=serverless_devs.FIX)
    else:
        yield Check(name="Serverless Devs", state=State.FINE, told=str(command))
    yield _interpreter()


def _node() -> Check:
    found = shutil.which("node")
    fix = f"install Node.js {_OLDEST_NODE} or newer: s runs on it"
    if found is None:
        return Check(name="Node.js", state=State.TO_DO, told="no node on PATH", fix=fix)
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    number = said.removeprefix("v").partition(".")[0]
    fine = number.isdecimal() and int(number) >= _OLDEST_NODE
    return Check(name="Node.js", state=State.FINE if fine else State.TO_DO, told=said, fix="" if fine else fix)


def _interpreter() -> Check:
    """A layer without bytecode works, and starts slower: nothing is to be done first."""
    from cli.packaging.compiling import find_interpreter

    wanted = runtime()
    found = find_interpreter(wanted)
    told = f"{' '.join(found.command)} ({found.release})" if found else "none is here: the layer will ship sources"
    return Check(name=f"Python {wanted} for byte-compiling", state=State.FINE, told=told)
