"""What there is of an install at the cloud, found by its own names and tags, and what of it a teardown leaves."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from shared.cloud.images import ImageSeen, Part
from shared.cloud.instances import InstanceSeen
from shared.cloud.ownership import GROUP, REPLICATION
from shared.ports import StoreUnavailable, TryAgain
from shared.provisioning.site import Site
from shared.provisioning.store import is_ours
from shared.provisioning.things import Thing
from shared.replication.commands import COMMANDS
from shared.replication.record import Replication, Resource, ResourceKind, ResourceState

#: How Ferry describes the images that it makes; see shared/cloud/images.py.
_OURS = re.compile(r"(?:made|copied) by ECS Ferry\b")
_COPY = re.compile(r"copied by ECS Ferry\b")
_UNKNOWN = "no record names it, so it may be somebody's: look, then remove it yourself"
_KEPT = "kept, as --keep-recovery-points says"
_MANIFESTS = "it holds the manifests of the recovery points that stay"
_ALL_RECORDS = 100_000


@dataclass(frozen=True)
class Inventory:
    """An install's things, as they are when each is asked for; a teardown goes through them in this order."""

    site: Site
    keep_recovery_points: bool

    def things(self) -> tuple[Thing, ...]:
        """Everything, in the order in which it is removed: what acts first, what remembers last."""
        parts = (
            self._functions(),
            self._rules(),
            self._carriers(),
            self._replicas(),
            self._groups(),
            self._recovery_points(),
            self._layers(),
            self._roles(),
            self._store(),
        )
        return tuple(thing for part in parts for thing in part)

    @property
    def open(self) -> tuple[Replication, ...]:
        """The replications that have not ended."""
        return tuple(record for record in self.records if not record.ended)

    @cached_property
    def has_store(self) -> bool:
        """Whether the store's instance is there, and the install's own."""
        there = self.site.table_instances.find(self.site.instance)
        return there is not None and is_ours(self.site, there.tags)

    @cached_property
    def records(self) -> tuple[Replication, ...]:
        """All records; none when there is no store (any more).

        Raises TryAgain for a store that is not whole, unless a teardown has begun to take it down.
        """
        if not self.has_store or not self._tables:
            return ()
        try:
            return tuple(row.record for row in self.site.tables.records(limit=_ALL_RECORDS))
        except StoreUnavailable as no:
            if self._has_bus:
                raise TryAgain(f"{no}  If it is not whole, ferry provision makes it so.") from no
            return ()

    @property
    def _has_bus(self) -> bool:
        return self.site.bus.about() == self.site.names.about

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The home region, then every region that a record names."""
        asked = {r for one in self.records for r in (one.request.source.region, one.request.target.region)}
        return (self.site.region, *sorted(asked - {self.site.region}))

    def _functions(self) -> Iterator[Thing]:
        for function in self.site.functions.of(self.site.names.install):
            yield self._thing("function", function.name)

    def _rules(self) -> Iterator[Thing]:
        site = self.site
        cloud_events = site.names.cloud_events
        if cloud_events in site.default_bus.rules(cloud_events):
            yield self._thing("rule", cloud_events, detail="default")
        if self._has_bus:
            for rule in site.bus.rules():
                yield self._thing("rule", rule)
            yield self._thing("bus", site.names.bus)

    def _carriers(self) -> Iterator[Thing]:
        names, queues = self.site.names, self.site.queues
        for topic in (*(names.topic(command.function()) for command in COMMANDS), names.cloud_events):
            if queues.has_topic(topic):
                yield self._thing("topic", topic)
        for queue in (names.looks, names.dead_letters):
            if queues.has_queue(queue):
                yield self._thing("queue", queue)

    def _replicas(self) -> Iterator[Thing]:
        for region, instance in self._instances:
            yield self._thing("instance", instance.id, region, stays=self._own(instance))

    def _groups(self) -> Iterator[Thing]:
        kept = {group for _, instance in self._instances if self._own(instance) for group in instance.groups}
        for region, group in self._quarantine:
            stays = "an instance that stays is in it" if group in kept else ""
            yield self._thing("quarantine group", group, region, stays=stays)

    def _recovery_points(self) -> Iterator[Thing]:
        for region in self.regions:
            images = self.site.images.tagged(region, self.site.tags)
            parts: dict[str, tuple[Part, str]] = {}
            for image in images:
                stays = self._keeps(image)
                parts |= {part.snapshot: (part, stays) for part in image.parts}
                yield self._thing("image", image.id, region, stays=stays)
            for part, stays in (*parts.values(), *self._loose_snapshots(region, parts)):
                yield self._thing("snapshot", part.snapshot, region, size_gib=part.size_gib, stays=stays)

    def _loose_snapshots(self, region: str, under_images: Collection[str]) -> Iterator[tuple[Part, str]]:
        """Snapshots whose image is gone: by their tags, and by the records, because some were never tagged."""
        recorded = [r.id for r in self._recorded.values() if r.kind is ResourceKind.SNAPSHOT and r.region == region]
        unseen = [id_ for id_ in recorded if id_ not in under_images and self._recorded[id_].lives]
        seen = {one.part.snapshot: one.part for one in self.site.snapshots.tagged(region, self.site.tags)}
        for begin in range(0, len(unseen), 100):
            found = self.site.snapshots.by_id(region, unseen[begin : begin + 100])
            seen |= {one.part.snapshot: one.part for one in found}
        for id_, part in seen.items():
            if id_ not in under_images:
                yield part, "" if id_ in self._recorded else _UNKNOWN

    def _layers(self) -> Iterator[Thing]:
        published = self.site.layers.versions(self.site.names.layer)
        for version in (one for one in published if one.sha256):
            yield self._thing("layer version", f"{version.name} {version.version}", detail=str(version.version))

    def _roles(self) -> Iterator[Thing]:
        for role in self.site.roles.roles():
            if role.about == self.site.names.about:
                yield self._thing("role", role.name)
        for policy in self.site.roles.policies():
            if policy.about == self.site.names.about:
                yield self._thing("policy", policy.name)

    def _store(self) -> Iterator[Thing]:
        site = self.site
        if not self.has_store:
            return
        ours = [table for table in self._tables if table in site.table_names]
        needed = _MANIFESTS if self._keeps_a_recovery_point() else ""
        if ours:
            yield self._thing("tables", f"{site.names.tables}_*", detail=", ".join(ours), stays=needed)
        others = [table for table in self._tables if table not in ours]
        alien = f"it holds tables that are not Ferry's: {', '.join(others)}" if others else ""
        yield self._thing("tablestore", site.instance, stays=needed or alien)

    def _keeps_a_recovery_point(self) -> bool:
        """Whether an image stays that a record knows: only with its manifest can a replica of it ever be proved."""
        return any(thing.stays == _KEPT and thing.name in self._recorded for thing in self._recovery_points())

    @cached_property
    def _tables(self) -> tuple[str, ...]:
        """The tables of the install's instance."""
        return tuple(self.site.table_client.call("list_table"))

    @cached_property
    def _recorded(self) -> dict[str, Resource]:
        return {resource.id: resource for record in self.records for resource in record.resources}

    @cached_property
    def _instances(self) -> tuple[tuple[str, InstanceSeen], ...]:
        """The instances that bear the install's tags."""
        tags = self.site.tags
        return tuple((region, one) for region in self.regions for one in self.site.instances.tagged(region, tags))

    @cached_property
    def _quarantine(self) -> tuple[tuple[str, str], ...]:
        """The quarantine groups, region by region."""
        tags = self.site.tags | {GROUP: "quarantine"}
        networks = self.site.networks
        return tuple((region, one.id) for region in self.regions for one in networks.tagged_groups(region, "", tags))

    def _own(self, instance: InstanceSeen) -> str:
        """Why an instance is its user's; empty for a replica in quarantine, which a failed proof has kept."""
        record = next((one for one in self.records if one.knows(instance.id)), None)
        if record is None:
            return _UNKNOWN
        if record.opened or not set(instance.groups) <= {group for _, group in self._quarantine}:
            return "it has left quarantine: it is yours"
        return ""

    def _keeps(self, image: ImageSeen) -> str:
        """Why an image stays; empty when it goes."""
        known = self._recorded.get(image.id)
        if known is None and not (_OURS.match(image.description) and REPLICATION in image.tags):
            return _UNKNOWN
        point = known.state is ResourceState.KEPT if known else bool(_COPY.match(image.description))
        return _KEPT if point and self.keep_recovery_points else ""

    def _thing(
        self, kind: str, name: str, region: str = "", *, stays: str = "", detail: str = "", size_gib: int = 0
    ) -> Thing:
        place = region or self.site.region
        return Thing(kind=kind, name=name, region=place, stays=stays, detail=detail, size_gib=size_gib)
