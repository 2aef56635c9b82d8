"""The command that makes what an install needs: provision."""

from pathlib import Path
from typing import Annotated

import typer

from cli.inputs import read_world
from cli.options import AsJson, Seed, text_of
from cli.present import print_json
from cli.screen import Screen


def provision(
    region: Annotated[
        str,
        typer.Option(
            "--region", metavar="REGION", help="The home region: where the functions run.", callback=text_of("--region")
        ),
    ] = "cn-beijing",
    vswitch: Annotated[
        str | None,
        typer.Option(
            "--vswitch",
            metavar="ID",
            help="Also the quarantine group of this vSwitch's VPC.",
            callback=text_of("--vswitch"),
        ),
    ] = None,
    world_file: Annotated[
        Path | None, typer.Option("--world", metavar="FILE", help="Try it on the embedded cloud with this world.")
    ] = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Make what an install needs: event bus, rules, topics, queues, quarantine group.  Can be run again and again.

    Without --world it acts on the account of ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and
    ALIBABA_CLOUD_ACCOUNT_ID.
    """
    world = read_world(world_file, None) if world_file else None
    from cli.provisioning import provision_account, provision_embedded

    made = provision_embedded(world, region, vswitch, seed) if world else provision_account(region, vswitch)
    if as_json:
        print_json({"provisioned": [thing.model_dump() for thing in made]})
        return
    Screen().table([("made" if thing.made else "there", thing.kind, thing.name) for thing in made])
