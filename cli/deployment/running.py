"""Provision and deploy, as their user sees them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cli.deployment import serverless_devs
from cli.deployment.place import ROOT, Place, place, problems_of_place
from cli.deployment.provisioning import Provisioning, read_archive
from cli.options import FAILED, REFUSED
from cli.outcome import show_problems
from cli.packaging import OUT, build, runtime
from cli.present import Json, print_json
from cli.screen import Screen
from localcloud.world import World
from shared.presentation import problems
from shared.problem import BadInput, Problem
from shared.provisioning.layer import Archive
from shared.provisioning.things import Provisioned

S_YAML = ROOT / "s.yaml"


def provision_here(
    install: str,
    region: str,
    world: World | None,
    seed: int,
    *,
    vswitches: Sequence[str],
    layer: Path | None,
    logs: Mapping[str, str],
    as_json: bool,
) -> None:
    """Provision, and show each thing as it is made or found."""
    archive = _checked(lambda: _built_before(layer), problems_of_place(install, region, world))
    screen = Screen()
    with place(install, region, world, seed, logs) as where:
        provisioning = Provisioning(where.site, vswitches, archive)
        made = list(_shown(provisioning, screen, quiet=as_json))
    if as_json:
        print_json({"provisioned": [thing.model_dump() for thing in made]})
    elif archive is None:
        screen.say("no layer: none is built yet; ferry deploy builds, provisions and deploys")


def deploy_here(
    install: str,
    region: str,
    world: World | None,
    seed: int,
    *,
    vswitches: Sequence[str],
    layer: Path | None,
    logs: Mapping[str, str],
    component: str | None,
    as_json: bool,
) -> int:
    """Build, provision, deploy; the exit code."""
    screen = Screen(stderr=as_json)
    command = None if world else serverless_devs.find()
    named = _checked(lambda: read_archive(layer) if layer else None, problems_of_place(install, region, world))
    if command is None and world is None:
        return _no_command(as_json=as_json)
    with place(install, region, world, seed, logs) as where:
        archive = named or _built_now(screen)
        provisioning = Provisioning(where.site, vswitches, archive)
        made = list(_shown(provisioning, screen, quiet=False))
        assert provisioning.layer is not None, "the last thing that is provisioned is the layer"
        arn = provisioning.layer.arn
        screen.say("deploying the functions")
        code = _deploy(where, arn, command, component, quiet=as_json)
        functions = sorted(one.name for one in where.site.functions.of(install)) if not code else []
    told: Json = {
        "provisioned": [thing.model_dump() for thing in made],
        "layer": arn,
        "functions": functions,
        "exit_code": code,
    }
    if as_json:
        print_json(told)
    elif code:
        screen.say(f"s deploy has failed with exit code {code}; what it says is above.  Run ferry deploy again")
    else:
        screen.say((f"{install} is deployed in {region}", "bold"), f": {len(functions)} functions; the layer is {arn}")
        if world is None:
            screen.say(f"next: ferry replicate -f request.yaml --via {install} --region {region}")
    return FAILED if code else 0


def _deploy(where: Place, layer: str, command: Path | None, component: str | None, *, quiet: bool) -> int:
    """The part of Serverless Devs; on the embedded cloud its own runtime plays it, with the very environment."""
    if where.cloud is not None:
        environ = {name: value for name, value in where.environ.items() if name.startswith("FERRY_")}
        where.cloud.deploy(S_YAML, environ | {"FERRY_LAYER_ARN": layer}, strict=True)
        return 0
    assert command is not None, "looked for before anything is made"
    return serverless_devs.deploy(command, where, layer, component, quiet=quiet)


def _shown(provisioning: Provisioning, screen: Screen, *, quiet: bool) -> Iterator[Provisioned]:
    """The things, each shown as it comes."""
    for thing in provisioning.run():
        if not quiet:
            word = "gone" if thing.gone else "made" if thing.made else "there"
            screen.say(f"{word:<5}  {thing.kind:<16}  {thing.name}")
        yield thing


def _checked(read: Callable[[], Archive | None], found: Iterable[Problem]) -> Archive | None:
    """The archive that *read* gives; raises BadInput with its problems and those *found* elsewhere, all at once."""
    wrong, archive = list(found), None
    try:
        archive = read()
    except BadInput as bad:
        wrong += bad.problems
    if wrong:
        raise BadInput(tuple(wrong))
    return archive


def _built_before(layer: Path | None) -> Archive | None:
    """The layer that is named, or the one that a build has left; None when there is none."""
    left = OUT / "layer.zip"
    if layer is None and not left.exists():
        return None
    return read_archive(layer or left, named=layer is not None)


def _built_now(screen: Screen) -> Archive:
    with _progress(screen) as tell:
        built = build(runtime(), OUT, tell)
    for note in built.notes:
        screen.say(f"note: {note}", style="yellow")
    return read_archive(built.layer)


@contextmanager
def _progress(screen: Screen) -> Iterator[Callable[[str], None]]:
    """Something to tell what is under way: one changing line on a terminal, else a line each."""
    if not screen.is_live:
        yield screen.say
        return
    with screen.console.status("building the layer") as status:
        yield status.update


def _no_command(*, as_json: bool) -> int:
    message = "the command s of Serverless Devs is not on PATH: it deploys the functions"
    missing = Problem(path="s", code="missing_command", message=message, fix=serverless_devs.FIX)
    if as_json:
        print_json({"problems": problems([missing])})
    else:
        show_problems([missing], Screen(stderr=True))
    return REFUSED
