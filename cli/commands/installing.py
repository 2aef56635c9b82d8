"""The commands of an install: provision, deploy, teardown, doctor and policy.

What each does is imported when it runs: other commands are quick.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.inputs import read_world
from cli.options import AsJson, Seed, text_of
from cli.present import print_json
from shared.problem import BadInput

Install = Annotated[
    str,
    typer.Option(
        "--install",
        metavar="NAME",
        envvar="FERRY_INSTALL",
        help="The install's name: all that it has is named after it.",
        callback=text_of("--install"),
    ),
]
Region = Annotated[
    str,
    typer.Option(
        "--region",
        metavar="REGION",
        envvar="FERRY_HOME_REGION",
        help="The home region: where the functions and the records are.",
        callback=text_of("--region"),
    ),
]
VSwitches = Annotated[
    list[str] | None,
    typer.Option("--vswitch", metavar="ID", help="Also the quarantine group of this vSwitch's VPC; may be repeated."),
]
World = Annotated[
    Path | None, typer.Option("--world", metavar="FILE", help="Try it on the embedded cloud with this world.")
]
Layer = Annotated[
    Path | None,
    typer.Option("--layer", metavar="ZIP", help="A layer that was built before, on this machine or another."),
]
LogProject = Annotated[
    str | None,
    typer.Option(
        "--log-project",
        metavar="NAME",
        envvar="FERRY_LOG_PROJECT",
        help="An SLS project for the functions' logs; with --log-store.",
    ),
]
LogStore = Annotated[
    str | None,
    typer.Option("--log-store", metavar="NAME", envvar="FERRY_LOG_STORE", help="The Logstore in that project."),
]
FERRY, HOME = "ferry", "cn-beijing"


def provision(
    install: Install = FERRY,
    region: Region = HOME,
    vswitches: VSwitches = None,
    layer: Layer = None,
    log_project: LogProject = None,
    log_store: LogStore = None,
    world_file: World = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Make what an install needs: store, event bus, rules, topics, queues, roles, layer, quarantine groups.

    Can be run again and again: what is there is left alone or put right.  Refused, with nothing made, where something
    of the name is somebody else's, or the install is at home in another region.  The layer is the one that ferry build
    has made, if it has.  Without --world it acts on the account of ALIBABA_CLOUD_ACCESS_KEY_ID and
    ALIBABA_CLOUD_ACCESS_KEY_SECRET (and ALIBABA_CLOUD_SECURITY_TOKEN, for a temporary key).
    """
    world = read_world(world_file, None) if world_file else None
    from cli.deployment.place import logs_of
    from cli.deployment.running import provision_here

    logs = logs_of(log_project, log_store)
    provision_here(install, region, world, seed, vswitches=vswitches or (), layer=layer, logs=logs, as_json=as_json)


def deploy(
    install: Install = FERRY,
    region: Region = HOME,
    vswitches: VSwitches = None,
    layer: Layer = None,
    log_project: LogProject = None,
    log_store: LogStore = None,
    component: Annotated[str | None, typer.Option("--component", hidden=True, envvar="FC3_COMPONENT")] = None,
    world_file: World = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Build the layer, provision, and deploy the functions of s.yaml with Serverless Devs (the command s).

    Can be run again and again; whoever keeps logs says so each time.  No key is written to a file: s gets it in its
    environment.
    """
    world = read_world(world_file, None) if world_file else None
    from cli.deployment.place import logs_of
    from cli.deployment.running import deploy_here

    code = deploy_here(
        install,
        region,
        world,
        seed,
        vswitches=vswitches or (),
        layer=layer,
        logs=logs_of(log_project, log_store),
        component=component,
        as_json=as_json,
    )
    raise typer.Exit(code)


def teardown(
    install: Install = FERRY,
    region: Region = HOME,
    keep_recovery_points: Annotated[
        bool,
        typer.Option("--keep-recovery-points", help="Leave the copied images, their snapshots and their manifests."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: remove what is shown.")] = False,
    world_file: World = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Remove what an install made, shown first; what no record names, and replicas that left quarantine, stay.

    Refused while a replication is under way.  On a terminal it asks for the install's name; without one and without
    --yes it only shows.  Broken off, it goes on when it is run again.  With --world it is a rehearsal: an install is
    made on the embedded cloud, then taken down.
    """
    world = read_world(world_file, None) if world_file else None
    from cli.deployment.taking_down import tear_down_here

    code = tear_down_here(install, region, world, seed, keep=keep_recovery_points, yes=yes, as_json=as_json)
    raise typer.Exit(code)


def doctor(
    before: Annotated[bool, typer.Option("--before", help="What must be so before an install.")] = False,
    install: Install = FERRY,
    region: Region = HOME,
    vswitches: VSwitches = None,
    world_file: World = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Look whether an account is ready for an install, without changing anything: key, services, rights, quotas, tools.

    Exit code 3: something is to be done first, each line says what; 4: the cloud can't be reached.
    """
    if not before:
        raise typer.BadParameter("give --before: that is what it looks at", param_hint="--before")
    world = read_world(world_file, None) if world_file else None
    from cli.deployment.examining import examine

    raise typer.Exit(examine(install, region, world, seed, vswitches=vswitches or (), as_json=as_json))


def policy(install: Install = FERRY, region: Region = HOME, as_json: AsJson = False) -> None:  # noqa: ARG001 - it is JSON
    """Print the RAM policy that whoever sets up, looks after and takes down an install must have attached."""
    from cli.deployment.place import problems_of_names
    from shared.names import Names
    from shared.provisioning.rights import MOST_CHARACTERS
    from shared.provisioning.rights import policy as rights

    if wrong := tuple(problems_of_names(install, region)):
        raise BadInput(wrong)
    document = rights(Names(install=install), region)
    if len(json.dumps(document, indent=2)) <= MOST_CHARACTERS:
        print_json(document)
    else:
        print(json.dumps(document, separators=(",", ":")), flush=True)  # noqa: T201 - as RAM's limit wants it
