"""Where the commands of an install act: an account, or the embedded cloud."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from localcloud.regions import ZONES
from localcloud.runtime import Embedded
from localcloud.world import World
from shared.app import credentials_of
from shared.cloud.identity import caller
from shared.cloud.session import Credentials, Session
from shared.names import RESERVED, Names
from shared.problem import BadInput, Problem
from shared.provisioning.site import Site
from shared.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
_KEY, _SECRET, _TOKEN = (
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
)
_ACCOUNT = "ALIBABA_CLOUD_ACCOUNT_ID"
#: Other addresses than the region's own, where somebody has them.
_ADDRESSES = ("FERRY_SMQ_ENDPOINT", "FERRY_TABLESTORE_ENDPOINT")
#: Logs are kept nowhere.
NO_LOGS: Mapping[str, str] = {}
_INSTALL = re.compile(r"[a-z][a-z0-9-]{0,39}")
_REGION = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]+)+")


@dataclass(frozen=True)
class Place:
    """An install's site, and what a process that acts for it is told; `cloud` is the embedded one, if it is that."""

    site: Site
    environ: Mapping[str, str]
    cloud: Embedded | None = None


@contextmanager
def place(
    install: str, region: str, world: World | None, seed: int = 1, logs: Mapping[str, str] = NO_LOGS
) -> Iterator[Place]:
    """The place of an install: on a fresh embedded cloud with *world* in it, or on the account of the environment.

    Raises BadInput for a name or region that can't be, and naming every key that the environment lacks.
    """
    if wrong := tuple(problems_of_place(install, region, world)):
        raise BadInput(wrong)
    if world is None:
        yield on_account(install, region, logs)
        return
    from cli.embedded import embedded_cloud

    with embedded_cloud(world, seed, frozenset(), None) as cloud:
        yield on_embedded(cloud, install, region, logs)


def problems_of_place(install: str, region: str, world: World | None) -> Iterator[Problem]:
    """All that is wrong with where an install shall be, as far as nobody has to be asked."""
    yield from problems_of_names(install, region)
    if world is None:
        fix = "set it, or try it with --world"
        for name in (_KEY, _SECRET):
            if not os.environ.get(name):
                yield Problem(path=name, code="missing_setting", message=f"{name} is not set", fix=fix)
    elif region not in ZONES and _REGION.fullmatch(region):
        fix = f"give one of {', '.join(sorted(ZONES))}"
        message = f"there is no region {region}"
        yield Problem(path="--region", code="InvalidRegionId.NotFound", message=message, fix=fix)


def problems_of_names(install: str, region: str) -> Iterator[Problem]:
    """What is wrong with the names of an install and its region."""
    if not _INSTALL.fullmatch(install) or install in RESERVED:
        fix = "give up to 40 small letters, digits and hyphens, a letter first; not default"
        yield Problem(path="--install", code="malformed", message=f"{install!r} is no name for an install", fix=fix)
    if not _REGION.fullmatch(region):
        fix = "give a region's id, such as cn-beijing"
        yield Problem(path="--region", code="malformed", message=f"{region!r} is no region", fix=fix)


def logs_of(project: str | None, store: str | None) -> Mapping[str, str]:
    """Where an install's logs go, as s.yaml is told; raises BadInput for one half of a place."""
    if bool(project) != bool(store):
        path, other = ("--log-store", "--log-project") if project else ("--log-project", "--log-store")
        raise _bad(
            path, "missing", f"{other} is given without it", "give both: an SLS project and one of its Logstores"
        )
    return {"FERRY_LOG_PROJECT": project, "FERRY_LOG_STORE": store} if project and store else NO_LOGS


def on_account(install: str, region: str, logs: Mapping[str, str] = NO_LOGS) -> Place:
    """The place on the account whose key the environment holds."""
    environ = {name: os.environ[name] for name in (_KEY, _SECRET, _TOKEN, *_ADDRESSES) if os.environ.get(name)}
    account = _account(credentials_of(environ), region)
    environ |= {**_settings(install, region, account), **logs}
    return Place(Site.of(Settings.from_env(environ), credentials_of(environ), account, _now), environ)


def on_embedded(cloud: Embedded, install: str, region: str, logs: Mapping[str, str] = NO_LOGS) -> Place:
    """The place on an embedded cloud."""
    account = cloud.cloud.account
    environ = {
        **cloud.client_environ(),
        **_settings(install, region, account),
        **logs,
        "FERRY_SMQ_ENDPOINT": cloud.smq_endpoint_for(region),
        "FERRY_TABLESTORE_ENDPOINT": cloud.tablestore_endpoint_for(region),
    }

    def clock() -> datetime:
        return cloud.cloud.clock.now

    return Place(Site.of(Settings.from_env(environ), credentials_of(environ), account, clock), environ, cloud)


def _account(credentials: Credentials, region: str) -> str:
    """The account that the key belongs to; raises BadInput when another one is asked for."""
    account = caller(Session(credentials, _now, lasts=None), region).account
    wanted = os.environ.get(_ACCOUNT, account)
    if wanted != account:
        fix = f"unset {_ACCOUNT}, or give a key of that account"
        raise _bad(_ACCOUNT, "other_account", f"the key belongs to account {account}, not to {wanted}", fix)
    return account


def _settings(install: str, region: str, account: str) -> dict[str, str]:
    """What s.yaml and the functions are told of the install."""
    return {
        "FERRY_INSTALL": install,
        "FERRY_HOME_REGION": region,
        "FERRY_STORE": f"tablestore:{Names(install=install).tablestore(account, region)}",
    }


def _now() -> datetime:
    return datetime.now(UTC)


def _bad(path: str, code: str, message: str, fix: str) -> BadInput:
    return BadInput((Problem(path=path, code=code, message=message, fix=fix),))
