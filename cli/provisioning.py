"""`ferry provision`, on the embedded cloud or on an account."""

import os
import tempfile
from pathlib import Path

from cli.embedded import INSTALL, provision, provisioner_of
from localcloud.regions import ZONES
from localcloud.world import World
from shared.app import App, credentials_of
from shared.cloud.session import Session
from shared.problem import BadInput, Problem
from shared.provisioning import Provisioned
from shared.settings import Settings

_NEEDED = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_ACCOUNT_ID")


def provision_embedded(world: World, region: str, vswitch: str | None, seed: int) -> list[Provisioned]:
    """Provision on a fresh embedded cloud; raises BadInput for a region that there is not."""
    if region not in ZONES:
        fix = f"give one of {', '.join(sorted(ZONES))}"
        problem = Problem(
            path="--region", code="InvalidRegionId.NotFound", message=f"there is no region {region}", fix=fix
        )
        raise BadInput((problem,))
    with tempfile.TemporaryDirectory(prefix="ferry-provision-") as folder:
        return provision(world, home=region, vswitch=vswitch, seed=seed, store=Path(folder) / "ferry.db")


def provision_account(region: str, vswitch: str | None) -> list[Provisioned]:
    """Provision on the account whose key the environment holds; raises BadInput naming what is missing there."""
    environ = dict(os.environ)
    missing = tuple(
        Problem(path=name, code="missing_setting", message=f"{name} is not set", fix="set it, or try it with --world")
        for name in _NEEDED
        if not environ.get(name)
    )
    if missing:
        raise BadInput(missing)
    with tempfile.TemporaryDirectory(prefix="ferry-provision-") as folder:
        environ |= {"FERRY_INSTALL": INSTALL, "FERRY_HOME_REGION": region, "FERRY_STORE": f"{folder}/ferry.db"}
        account = environ["ALIBABA_CLOUD_ACCOUNT_ID"]
        app = App.build(Settings.from_env(environ), credentials_of(environ), account)
        provisioner = provisioner_of(app, Session(credentials_of(environ), app.clock), account)
        return [*provisioner.chain(), *([provisioner.quarantine(vswitch)] if vswitch else [])]
