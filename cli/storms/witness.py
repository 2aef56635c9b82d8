"""A witness of a storm: sees the cloud's own state and log and the stored records at every turn, asks nobody."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from cli.storms.records import shelf_of
from cli.storms.storm import HERE, THERE
from localcloud.cloud import Call, Happening
from localcloud.ecs.models import Image, Instance, Resource
from localcloud.fc import Run
from shared.cloud.ownership import REPLICATION
from shared.replication.record import Replication

if TYPE_CHECKING:
    from cli.embedded import Install

_REGIONS = (HERE, THERE)
#: What running a command in an instance leaves on it.
_USED = frozenset({"last_invoked", "invocations"})


@dataclass(frozen=True)
class Version:
    """A version of a record, when it was seen, and how many calls had come in by then."""

    record: Replication
    at: datetime
    calls: int


@dataclass
class News:
    """What is new since the last step."""

    versions: list[Version] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


class Witness:
    """What was there at the beginning, and all that was seen since."""

    def __init__(self, install: "Install") -> None:
        self.cloud = install.cloud.cloud
        self._shelf = shelf_of(install)
        #: So many calls had set up the install before the storm began.
        self.begins = self._heard = len(self.cloud.calls)
        self._happened = len(self.cloud.happenings)
        self._ran = len(self.cloud.fc.runs)
        #: Every version of every record that was stored at the end of a step.
        self.versions: dict[str, list[Version]] = {}
        self._docs: dict[str, str] = {}
        self.at_first = frozenset(id_ for _, id_ in self._everything())
        self.sources = {one.id: self.look_of(one) for one in self.cloud.ecs.state.of(HERE).instances.values()}

    def close(self) -> None:
        """Let go of the records."""
        self._shelf.close()

    def look(self) -> News:
        """See what came since the last time."""
        calls, happenings, runs = self.cloud.calls, self.cloud.happenings, self.cloud.fc.runs
        news = News(list(self._new_versions()), calls[self._heard :], happenings[self._happened :], runs[self._ran :])
        self._heard, self._happened, self._ran = len(calls), len(happenings), len(runs)
        return news

    def record(self, id_: str) -> Replication | None:
        """The record as it was seen last, if it was."""
        return self.versions[id_][-1].record if id_ in self.versions else None

    def records(self) -> list[Replication]:
        """Every record as it was seen last."""
        return [versions[-1].record for versions in self.versions.values()]

    def made(self) -> frozenset[tuple[str, str]]:
        """Region and id of all that is in the account and was not at the beginning."""
        return frozenset((region, id_) for region, id_ in self._everything() if id_ not in self.at_first)

    def letters(self) -> frozenset[str]:
        """The ids of the dead letters that are kept now."""
        return self._shelf.letters()

    def owner(self, region: str, id_: str) -> str:
        """The replication whose tag a thing bears; empty when it bears none, or is gone."""
        held = self.cloud.ecs.state.of(region)
        found: Resource | None = held.images.get(id_) or held.instances.get(id_)
        return found.tags.get(REPLICATION, "") if found else ""

    def image(self, region: str, id_: str) -> Image | None:
        """An image as it is now; None when it is gone, or none."""
        return self.cloud.ecs.state.of(region).images.get(id_)

    def source(self, id_: str) -> dict[str, object] | None:
        """A source as it is now; None when it is gone."""
        there = self.cloud.ecs.state.of(HERE).instances.get(id_)
        return self.look_of(there) if there else None

    def look_of(self, one: Instance) -> dict[str, object]:
        """What nobody may change of a source."""
        disks = self.cloud.ecs.state.of(one.region).disks_of(one.id)
        facts = {name: value for name, value in asdict(one).items() if name not in _USED}
        return facts | {disk.id: asdict(disk) for disk in disks}

    def files(self, instance: str, region: str) -> dict[str, bytes]:
        """What the instance's disks hold now, by device and path."""
        held, found = self.cloud.ecs.state.of(region), dict[str, bytes]()
        for disk in held.disks_of(instance):
            root = self.cloud.disks.reading(disk.id)
            for path in sorted(root.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    found[f"{disk.device}:/{path.relative_to(root)}"] = path.read_bytes()
        return found

    def maker(self, id_: str) -> str:
        """The function and the action that made a thing, as far as the log tells."""
        born = next((one for one in self.cloud.happenings if one.resource == id_), None)
        if born is None or not born.calls:
            return "nobody knows"
        call = self.cloud.calls[born.calls - 1]
        return act_of(call) if call.at == born.at else f"{born.kind} {born.state}"

    def _new_versions(self) -> Iterator[Version]:
        for id_, doc in self._shelf.docs():
            if self._docs.get(id_) != doc:
                self._docs[id_] = doc
                record = Replication.model_validate_json(doc)
                now = Version(record, self.cloud.clock.now, len(self.cloud.calls))
                self.versions.setdefault(id_, []).append(now)
                yield now

    def _everything(self) -> Iterator[tuple[str, str]]:
        for region in _REGIONS:
            held = self.cloud.ecs.state.of(region)
            for id_ in chain(held.own_images(), held.snapshots, held.instances, held.disks):
                yield region, id_


def act_of(call: Call) -> str:
    """A call, as a person names it."""
    return f"{call.action} by {who(call.function)}"


def who(function: str | None) -> str:
    """A function by the name of its folder; who calls without one is the operator."""
    return function.partition("-")[2] if function else "the operator"


def clock(past: timedelta) -> str:
    """So long after the beginning of a storm: ``01:02:03.400``."""
    seconds = past.total_seconds()
    return f"{int(seconds // 3600):02}:{int(seconds % 3600 // 60):02}:{seconds % 60:06.3f}"
