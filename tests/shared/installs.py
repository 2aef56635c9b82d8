"""An account on an embedded cloud, an operator who sets up installs in it, and the account's whole state to compare."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from cli.deployment.place import Place, on_embedded
from cli.deployment.provisioning import Provisioning
from cli.embedded import LONGEST, S_YAML, embedded_cloud, trusted_scripts
from localcloud.door import Call
from localcloud.faults import Fault
from localcloud.runtime import Embedded
from shared.acceptance import accept
from shared.app import App, credentials_of
from shared.provisioning.inventory import Inventory
from shared.provisioning.layer import Archive
from shared.provisioning.teardown import tear_down
from shared.provisioning.things import Provisioned, Removed, Thing
from shared.replication.record import Replication
from shared.settings import Settings
from tests.functions.account import HERE, THERE
from tests.functions.ferry import a_request, a_world

#: What only looks, whichever service it is of.
_PAUSE = timedelta(seconds=15)
LOOKS = ("Describe", "List", "Get", "BatchGet")


@contextmanager
def an_account(folder: Path, *faults: Fault, secret: str = "test", index_lag: float = 0) -> Iterator[Embedded]:
    """A source in Hangzhou, an empty network in Beijing, and nothing of Ferry's."""
    world = a_world(folder, faults=faults).model_copy(update={"secret": secret, "index_lag": index_lag})
    with embedded_cloud(world, 1, trusted_scripts(), None) as cloud:
        yield cloud


def a_layer(content: str = "first") -> Archive:
    """A layer of next to nothing; another content is another layer."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("python/shared/app.py"), content)
    return Archive(content=packed.getvalue(), sha256=sha256(packed.getvalue()).hexdigest(), runtime="python3.12")


class Operator:
    """Who sets up and takes down one install."""

    def __init__(
        self, cloud: Embedded, install: str = "ferry", vswitches: Sequence[str] = ("vsw-b",), region: str = THERE
    ) -> None:
        self.cloud = cloud
        self.place: Place = on_embedded(cloud, install, region)
        self.vswitches = vswitches

    def provisioning(self, layer: Archive | None = None) -> Provisioning:
        """A run of provisioning that has not begun."""
        return Provisioning(self.place.site, self.vswitches, layer or a_layer())

    def provision(self) -> list[Provisioned]:
        """Provision to the end."""
        return list(self.provisioning().run())

    def deploy(self) -> App:
        """Provision and deploy; the app of the install."""
        provisioning = self.provisioning()
        list(provisioning.run())
        assert provisioning.layer is not None
        environ = {**self.place.environ, "FERRY_LAYER_ARN": provisioning.layer.arn}
        self.cloud.deploy(S_YAML, environ, strict=True)
        site = self.place.site
        return App.build(Settings.from_env(environ), credentials_of(environ), site.account, site.session.clock)

    def replicate(self, app: App, key: str = "k", **fields: object) -> Replication:
        """Replicate to the end; the record."""
        id_ = accept(a_request(**fields), key, app).record.id

        def record() -> Replication:
            row = app.store.load(id_)
            assert row is not None
            return row.record

        assert self.cloud.run(lambda: record().ended, limit=LONGEST)
        return record()

    def things(self, *, keep: bool = False) -> tuple[Thing, ...]:
        """What teardown finds."""
        return Inventory(self.place.site, keep).things()

    def tear_down(self, *, keep: bool = False) -> list[Removed]:
        """Take everything down that goes."""
        return list(self.removing(self.things(keep=keep), keep=keep))

    def removing(self, shown: Sequence[Thing], *, keep: bool = False) -> Iterator[Removed]:
        """Remove what was shown, one by one; where the cloud needs time, it passes."""
        return tear_down(self.place.site, shown, lambda: self.cloud.run(lambda: False, limit=_PAUSE), keep=keep)


def calls(cloud: Embedded, since: int = 0) -> list[Call]:
    """The calls that the operator made; what functions do is theirs."""
    return [call for call in cloud.cloud.calls[since:] if call.function is None]


def changing(cloud: Embedded, since: int = 0) -> list[str]:
    """The operator's calls that change something."""
    return [call.action for call in calls(cloud, since) if not call.action.startswith(LOOKS)]


def state_of(cloud: Embedded) -> dict[str, object]:
    """Everything that the account holds, whatever service it is of; ids and times are left out where names tell."""
    inner = cloud.cloud
    ecs = {region: inner.ecs.state.of(region) for region in (HERE, THERE)}
    return {
        "buses": {
            key: {name: (rule.pattern, rule.enabled, rule.targets) for name, rule in bus.rules.items()}
            for key, bus in inner.eventbridge._buses.items()
            if key[1] != "default" or bus.rules
        },
        "queues": [queue.name for region in (HERE, THERE) for queue in inner.smq.state.queues(region)],
        "topics": {
            topic.name: sorted(topic.subscriptions)
            for region in (HERE, THERE)
            for topic in inner.smq.state.topics(region)
        },
        "roles": {
            role.name: (role.trust, role.description, sorted(role.attached)) for role in inner.ram.state.roles.values()
        },
        "policies": {
            one.name: (one.description, one.versions[one.default].document) for one in inner.ram.state.policies.values()
        },
        "functions": [one.name for one in inner.fc.named(THERE, "")],
        "layers": {
            key: [version.description for version in layer.versions.values()]
            for key, layer in inner.fc.layers._layers.items()
            if layer.versions
        },
        "tables": {
            name: sorted(instance.names()) for name, instance in inner.tablestore.state.instances(THERE).items()
        },
        "groups": {
            region: sorted(
                (one.name, one.vpc_id, one.inner_access, *sorted(str(rule) for rule, _, _ in one.rules.values()))
                for one in held.groups.values()
            )
            for region, held in ecs.items()
        },
        "images": {region: sorted(held.own_images()) for region, held in ecs.items()},
        "snapshots": {region: sorted(held.snapshots) for region, held in ecs.items()},
        "instances": {region: sorted(held.instances) for region, held in ecs.items()},
        "disks": {region: sorted(held.disks) for region, held in ecs.items()},
    }
