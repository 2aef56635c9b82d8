"""An install of Ferry on the embedded cloud: the functions and triggers of s.yaml, on virtual time."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cli.deployment.provisioning import policies
from cli.present import lags
from cli.served import ServedCloud
from localcloud.cloud import Answering, Call
from localcloud.disks import CannotCopy
from localcloud.guests import Recall
from localcloud.runtime import Embedded, embedded
from localcloud.world import World
from shared.app import App, credentials_of
from shared.cloud.roles import TRUST
from shared.guest import SCRIPTS
from shared.ports import StoreUnavailable
from shared.presentation import Json
from shared.problem import BadInput, Problem
from shared.provisioning.chain import Provisioner
from shared.provisioning.roles import rendered
from shared.provisioning.site import Site
from shared.provisioning.store import make_store
from shared.replication.record import Replication
from shared.settings import Settings

S_YAML = Path(__file__).resolve().parent.parent / "s.yaml"
INSTALL = "ferry"
#: The store of an install that keeps its records in the embedded cloud's own Tablestore.
TABLESTORE = "tablestore:ferry-store"
#: No replication lasts longer than its deadlines together.
LONGEST = timedelta(days=14)
#: The cloud's own words for what each kind of wait is for.
_READY = {
    "image": ("image", "Available"),
    "copy": ("image", "Available"),
    "instance": ("instance", "Running"),
    "command": ("command", "Success"),
}


@dataclass(frozen=True)
class Install:
    """Ferry, deployed on an embedded cloud, with an operator's app."""

    cloud: Embedded
    app: App
    #: Where ECS and VPC are, and time comes from, if not in this process.
    served: ServedCloud | None = None

    def run_until_ended(self, id_: str, on_step: Callable[[], None] | None, speed: float | None) -> Replication:
        """Let time pass until the replication has ended; the record then.

        Raises StillRunning past all deadlines, StoreUnavailable as soon as a function can't use the store, and Gone
        when the served cloud is.
        """
        failures = _StoreFailures(self.cloud) if not self.app.settings.tablestore else None

        def step() -> None:
            if on_step:
                on_step()
            if failures:
                failures.check()

        pace = self.served.speed if self.served else speed
        self.cloud.run(lambda: self._ended(id_), limit=LONGEST, on_step=step, speed=pace)
        row = self.app.store.load(id_)
        if row is None or not row.record.ended:
            raise StillRunning(f"{id_} has not ended after {LONGEST.days} virtual days")
        return row.record

    def facts(self, records: tuple[Replication, ...]) -> Json:
        """What the cloud saw: virtual seconds, calls by action, and the lags of the waits."""
        cloud = self.cloud.cloud
        ready = {
            (wait, happening.resource): happening.at
            for happening in cloud.happenings
            for wait, said in _READY.items()
            if (happening.kind, happening.state) == said
        }
        calls: dict[str, int] = {}
        for call in _asked_for_the_work(cloud.calls):
            calls[call.action] = calls.get(call.action, 0) + 1
        return {
            "seconds": round((cloud.clock.now - cloud.clock.start).total_seconds(), 3),
            "calls": dict(sorted(calls.items())),
            "lags": [lag for record in records for lag in lags(record, ready)],
        }

    def _ended(self, id_: str) -> bool:
        row = self.app.store.load(id_)
        return row is not None and row.record.ended


def _asked_for_the_work(calls: Sequence[Call]) -> Iterator[Call]:
    """All calls but those by which this process reads how far the work is."""
    return (call for call in calls if call.function or call.service != "tablestore")


class _StoreFailures:
    """Watches for functions that could not use the SQLite file: on a laptop nobody mends that meanwhile."""

    def __init__(self, cloud: Embedded) -> None:
        self._runs = cloud.cloud.fc.runs
        self._seen = len(self._runs)

    def check(self) -> None:
        """Raise StoreUnavailable as a function has since the last time."""
        new, self._seen = self._runs[self._seen :], len(self._runs)
        for run in new:
            kind, _, message = (run.error or "").partition(": ")
            if kind == StoreUnavailable.__name__:
                raise StoreUnavailable(message)


class StillRunning(Exception):  # noqa: N818 - it says what is so
    """A replication has outlasted every deadline: a bug."""


def trusted_scripts() -> frozenset[str]:
    """The digests of the scripts that may run in an embedded guest, which is the user's own machine."""
    return frozenset(hashlib.sha256(script.read_bytes()).hexdigest() for script in SCRIPTS)


@contextmanager
def embedded_install(
    world: World,
    *,
    home: str,
    seed: int,
    store: Path | str,
    vswitch: str | None,
    start: datetime | None = None,
    trusted: frozenset[str] = frozenset(),
    served: ServedCloud | None = None,
    recall: Recall | None = None,
    id_seed: int | None = None,
) -> Iterator[Install]:
    """Ferry on a fresh embedded cloud with *world* in it, provisioned and deployed; gone with the context.

    *store* is the path of a SQLite file, or TABLESTORE.  Its guests run Ferry's own scripts and those *trusted*
    besides, by their SHA-256; *recall* remembers what they said, for installs in one process (none: each is run);
    with one *id_seed* (none: *seed*) they have the same ids, and so say the same more often.  With *served* ECS and
    VPC are that cloud's, and *world* holds nothing.
    """
    elsewhere = served.elsewhere if served else None
    with embedded_cloud(world, seed, trusted_scripts() | trusted, start, elsewhere, recall, id_seed) as cloud:
        environ = _environ(cloud, home, store, served.known.install if served else INSTALL)
        account, clock = cloud.cloud.account, lambda: cloud.cloud.clock.now
        settings, credentials = Settings.from_env(environ), credentials_of(environ)
        site = Site.of(settings, credentials, account, clock)
        if served:
            _provision_there(site, vswitch)
            # Time has passed there meanwhile; jumped over later, it would bring all the timers' runs at once.
            cloud.cloud.clock.spend(max(served.now() - cloud.cloud.clock.now, timedelta()))
        else:
            _provision(site, vswitch if _knows(world, home, vswitch) else None)
        _give_rights(cloud, site)
        cloud.deploy(S_YAML, environ)
        yield Install(cloud, App.build(settings, credentials, account, clock), served)


@contextmanager
def embedded_cloud(
    world: World,
    seed: int,
    trusted: frozenset[str],
    start: datetime | None,
    elsewhere: Mapping[str, Answering] | None = None,
    recall: Recall | None = None,
    id_seed: int | None = None,
) -> Iterator[Embedded]:
    """A fresh embedded cloud; raises BadInput for a file of the world's that it can't take into a disk."""
    with (
        tempfile.TemporaryDirectory(prefix="ferry-cloud-") as state,
        files_told(),
        embedded(
            world,
            seed=seed,
            state=Path(state),
            trusted_scripts=trusted,
            start=start,
            elsewhere=elsewhere,
            recall=recall,
            id_seed=id_seed,
        ) as cloud,
    ):
        yield cloud


@contextmanager
def files_told() -> Iterator[None]:
    """A file of the world's that can't be taken into a disk is told as BadInput."""
    try:
        yield
    except CannotCopy as trouble:
        problem = Problem(
            path=trouble.path,
            code="cannot_copy",
            message=f"this file of a disk's dir can't be copied: {trouble.reason}",
            fix="make it readable, with room for a copy in the folder for temporary files (TMPDIR), "
            "or name another dir in the world file",
        )
        raise BadInput((problem,)) from None


def _environ(cloud: Embedded, home: str, store: Path | str, install: str) -> dict[str, str]:
    environ = {
        **cloud.client_environ(),
        "FERRY_INSTALL": install,
        "FERRY_HOME_REGION": home,
        "FERRY_STORE": str(store),
        "FERRY_SMQ_ENDPOINT": cloud.smq_endpoint_for(home),
    }
    if store == TABLESTORE:
        environ["FERRY_TABLESTORE_ENDPOINT"] = cloud.tablestore_endpoint_for(home)
    return environ


def _provision(site: Site, vswitch: str | None) -> None:
    """Make what the functions need to run here: they have no layer, as nobody asks for one."""
    if site.instance:
        for _ in make_store(site):
            pass
    provisioner = Provisioner(site)
    for _ in provisioner.chain():
        pass
    if vswitch:
        provisioner.quarantine(vswitch)


def _give_rights(cloud: Embedded, site: Site) -> None:
    """Let each function do what its policy.json allows and no more, as where `ferry provision` has made its role."""
    trust = json.dumps(TRUST)
    for function, text in policies().items():
        cloud.cloud.ram.hold(site.names.role(function), trust, json.dumps(rendered(text, site)))


def _provision_there(site: Site, vswitch: str | None) -> None:
    """The same; what is wrong with the vSwitch is precheck's to say."""
    _provision(site, None)
    if vswitch:
        with suppress(BadInput):
            Provisioner(site).quarantine(vswitch)


def _knows(world: World, region: str, vswitch: str | None) -> bool:
    there = world.regions.get(region)
    return there is not None and any(v.id == vswitch for v in there.vswitches)
