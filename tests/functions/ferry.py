"""Ferry on an embedded cloud, whole: s.yaml's functions, virtual time, and an operator to ask things of it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from cli.embedded import INSTALL, LONGEST, TABLESTORE, Install, embedded_install
from cli.storms.laws import Broken, Laws
from cli.storms.passage import network
from cli.storms.witness import Witness
from localcloud.cloud import Call
from localcloud.faults import Fault, FaultKind
from localcloud.fc.functions import Run
from localcloud.world import World
from shared.acceptance import accept
from shared.ports import Row
from shared.replication.commands import Command
from shared.replication.phases import Phase
from shared.replication.record import Replication
from shared.replication.request import Request
from tests.functions.account import HERE, THERE, Holdings, holdings

MINUTE = timedelta(minutes=1)


class Ferry:
    """A deployed Ferry; what its records and the cloud go through is watched in every step."""

    def __init__(self, install: Install) -> None:
        self.install = install
        self.cloud = install.cloud.cloud
        self.app = install.app
        #: What was there before anything was replicated.
        self.before = {region: holdings(region) for region in (HERE, THERE)}
        self.witness = Witness(install)
        self.laws = Laws(self.witness, alone=False)
        #: The laws that were broken in some step.
        self.broken: list[Broken] = []

    @property
    def versions(self) -> dict[str, list[Replication]]:
        """Every version of every record that was stored between two steps."""
        return {id_: [version.record for version in seen] for id_, seen in self.witness.versions.items()}

    def replicate(self, key: str = "k", **fields: object) -> str:
        """Have a request accepted; its replication's id."""
        id_ = accept(a_request(**fields), key, self.app).record.id
        self._watch()
        return id_

    def row(self, id_: str) -> Row:
        """The replication as it is stored."""
        row = self.app.store.load(id_)
        assert row is not None
        return row

    def record(self, id_: str) -> Replication:
        """The record as it is stored."""
        return self.row(id_).record

    def until(self, id_: str, *phases: Phase) -> Replication:
        """Let time pass until the replication is in one of the *phases*."""

        def there() -> bool:
            record = self.record(id_)
            assert record.phase in phases or not record.ended, told(record)
            return record.phase in phases

        assert self.install.cloud.run(there, limit=LONGEST, on_step=self._watch, on_turn=self._watch), told(
            self.record(id_)
        )
        return self.record(id_)

    def until_ended(self, id_: str) -> Replication:
        """Let time pass until the replication has ended; its record then."""
        assert self.have_ended(id_), told(self.record(id_))
        return self.record(id_)

    def have_ended(self, *ids: str) -> bool:
        """Let time pass until all have ended; whether they have when every deadline is over."""

        def ended() -> bool:
            return all((record := self.witness.record(id_)) is not None and record.ended for id_ in ids)

        return self.install.cloud.run(ended, limit=LONGEST, on_step=self._watch, on_turn=self._watch)

    def pass_time(self, span: timedelta) -> None:
        """Let virtual time pass."""
        self.install.cloud.run(lambda: False, limit=span, on_step=self._watch, on_turn=self._watch)

    def holdings(self, region: str) -> Holdings:
        """What came into a region's account since the beginning, by the SDK, when nothing is hidden any more."""
        now, then = holdings(region), self.before[region]
        return Holdings(
            images={k: v for k, v in now.images.items() if k not in then.images},
            snapshots={k: v for k, v in now.snapshots.items() if k not in then.snapshots},
            instances={k: v for k, v in now.instances.items() if k not in then.instances},
            disks={k: v for k, v in now.disks.items() if k not in then.disks},
        )

    def strike(self, kind: FaultKind, **where: Any) -> None:
        """From now on this goes wrong."""
        self.cloud.faults.add(Fault.model_validate({"kind": kind, **where}))

    def invoke(self, command: Command) -> None:
        """Invoke the command's function with it, as FC does: what the function raises is FunctionFailed."""
        self.install.cloud.invoke(f"{INSTALL}-{command.function()}", message(command))

    def invoke_at_once(self, command: Command, times: int) -> None:
        """Invoke the command's function several times in one moment: the invocations overlap."""
        function = self.cloud.fc.find(f"{INSTALL}-{command.function()}")
        for _ in range(times):
            self.cloud.fc.invoke_async(function, message(command))

    def runs(self, function: str) -> list[Run]:
        """The invocations of a function that have ended."""
        return [run for run in self.cloud.fc.runs if run.function == f"{INSTALL}-{function}"]

    def calls(self, function: str = "", action: str = "") -> list[Call]:
        """The calls that functions made."""
        return [
            call
            for call in self.cloud.calls
            if call.function and call.function.endswith(function) and (call.action == action or not action)
        ]

    def _watch(self) -> None:
        """See what came since the last step, and which law it breaks."""
        self.broken += self.laws.after_step(self.witness.look())


@contextmanager
def ferry(
    folder: Path, *faults: Fault, seed: int = 1, store: Literal["sqlite", "tablestore"] = "sqlite", **world: Any
) -> Iterator[Ferry]:
    """Ferry, and a source of two small disks in Hangzhou; *world* changes what `a_world` says."""
    made = a_world(folder, faults=faults, **world)
    place = TABLESTORE if store == "tablestore" else folder / "ferry.db"
    with embedded_install(made, home=THERE, seed=seed, store=place, vswitch="vsw-b") as install:
        it = Ferry(install)
        try:
            yield it
        finally:
            it.witness.close()


def a_world(
    folder: Path,
    *,
    faults: tuple[Fault, ...] = (),
    instances: int = 1,
    here: dict[str, Any] | None = None,
    there: dict[str, Any] | None = None,
    index_lag: float = 0,
    about: Mapping[str, object] | None = None,
    **source: object,
) -> World:
    """Sources i-web (i-web2, ...) in Hangzhou, changed by *source*; an empty network in Beijing.

    *about*: fields of the world, beside its regions.
    """
    root, data = folder / "root", folder / "data"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "motd").write_text("welcome\n")
    (root / "etc" / "hostname").write_text("web\n")
    data.mkdir()
    (data / "orders").write_text("42\n")
    disks = [
        {"kind": "system", "category": "cloud_essd", "size": 20, "dir": root},
        {"kind": "data", "device": "/dev/xvdb", "category": "cloud_essd", "size": 20, "dir": data, "mount": "/data"},
    ]
    place = {"type": "ecs.g7.large", "zone": "cn-hangzhou-h", "vswitch": "vsw-a", "security_groups": ["sg-a"]}
    sources = [
        {"id": f"i-web{number or ''}", "name": "web", **place, "tags": {"app": "web"}, "disks": disks, **source}
        for number in (0, *range(2, instances + 1))
    ]
    regions = {
        HERE: network("a", "10.0", "cn-hangzhou-h") | {"instances": sources} | (here or {}),
        THERE: network("b", "10.1", "cn-beijing-h") | (there or {}),
    }
    return World.model_validate({"regions": regions, "faults": faults, "index_lag": index_lag, **(about or {})})


def a_request(*, instance: object = "i-web", **fields: object) -> Request:
    """A request for a replica in Beijing."""
    asked: dict[str, object] = {
        "source": {"region": HERE, "instance": instance},
        "target": {"region": THERE, "vswitch": "vsw-b", "security_groups": ["sg-b"]},
    }
    return Request.model_validate(asked | fields)


def message(command: Command) -> bytes:
    """The command as its function's mns_topic trigger hands it over."""
    event = {
        "id": f"{command.replication}:0:{type(command).__name__}",
        "source": "ferry",
        "type": command.event_type(),
        "data": command.model_dump(mode="json", by_alias=True),
    }
    topic = f"ferry-{command.function().replace('_', '-')}"
    return json.dumps({"TopicName": topic, "Message": json.dumps(event), "MessageId": "1"}).encode()


def told(record: Replication) -> str:
    """A record for an assertion's message."""
    lines = [
        f"  {line.at:%d %H:%M:%S} {line.phase.value:13} {line.kind.value:5} {line.what}" for line in record.history
    ]
    return "\n".join((f"{record.id} is {record.phase.value}", *lines[-25:]))
