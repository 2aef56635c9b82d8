"""The command that serves the embedded cloud to other processes.

What it does is imported when it runs: other commands are quick.
"""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson

#: A virtual day a second.
_FASTEST = 86_400.0


def serve(
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="PORT", help="Port on 127.0.0.1; 0: any that is free, and it is told.", min=0, max=65_535
        ),
    ],
    speed: Annotated[
        float,
        typer.Option(
            "--speed", metavar="TIMES", help="Virtual seconds a second; 60: a minute a second.", min=0.1, max=_FASTEST
        ),
    ] = 1.0,
    seed: Annotated[
        int, typer.Option("--seed", metavar="NUMBER", help="Another one gives other delays and other ids.", min=0)
    ] = 1,
    world_file: Annotated[
        Path | None,
        typer.Option(
            "--world", metavar="FILE", help="What the cloud holds at first (YAML); empty public regions unless given."
        ),
    ] = None,
    region: Annotated[
        str,
        typer.Option(
            "--region", metavar="REGION", help="What a call means that names no region, by host or by parameter."
        ),
    ] = "cn-hangzhou",
    functions: Annotated[
        Path | None,
        typer.Option(
            "--functions", metavar="FILE", help="An s.yaml: its functions are deployed, and answer InvokeFunction."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve an embedded Alibaba Cloud over HTTP on 127.0.0.1, until Ctrl-C.

    It prints "listening on http://127.0.0.1:PORT" when it is ready.  Any client in any language is answered that sends
    its calls there: of ECS, VPC, EventBridge, RAM and STS, of SMQ, Tablestore and Function Compute.  Calls have to be
    signed with the access key of the world file (test, with the secret test, unless it says another).  So is: ferry
    replicate -f request.yaml --cloud http://127.0.0.1:PORT

    Its time passes with the clock on the wall, times --speed; a replication takes an hour or two there, so a minute or
    two with --speed 60.  What is in it is gone when it ends.

    GET /_ferry/health tells its virtual time, GET /_ferry/calls?skip=N all calls but the first N, GET /_ferry/faults
    the faults that struck.  POST /_ferry/faults adds a fault (JSON, as in a world file), POST /_ferry/reset begins
    again: both want the token that is printed at the start, in the header X-Ferry-Token.  No page in a browser is
    answered.
    """
    from cli.inputs import read_world
    from localcloud.world import default_world

    world = default_world() if world_file is None else read_world(world_file, None)

    from cli.serving import Serving, serve_until_told

    serve_until_told(world, Serving(port, speed, seed, region, functions, as_json))
