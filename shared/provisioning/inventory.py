"""What there is of an install at the cloud, found by its own names and tags, and what of it a teardown leaves."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from shared.cloud.images import ImageSeen, Part
from shared.cloud.instances import InstanceSeen
from shared.cloud.networks import GroupSeen
from shared.cloud.ownership import GROUP, bears
from shared.cloud.table_instances import TableInstance
from shared.ports import TryAgain
from shared.provisioning.claims import at_home_elsewhere, has_mark, other_home, unmarked
from shared.provisioning.site import Site
from shared.provisioning.store import is_ours
from shared.provisioning.things import Thing
from shared.replication.record import Replication, Resource, ResourceKind, ResourceState

_UNKNOWN = "no record names it, so it may be somebody's: look, then remove it yourself"
_KEPT = "kept, as --keep-recovery-points says"
_MANIFESTS = "it holds the manifests of the recovery points that stay"
_TAGLESS = "somebody has taken the install's tags from it: look, then remove it yourself"
_LEFT = "it has left quarantine: it is yours"
_UNMARKED = "nothing else of this install is here, so it may be somebody's: look, then remove it yourself"


@dataclass(frozen=True)
class Inventory:
    """An install's things, as they are when each is first asked for; a teardown goes through them in this order."""

    site: Site
    keep_recovery_points: bool

    def things(self) -> tuple[Thing, ...]:
        """Everything, in the order in which it is removed: what acts first, what remembers last.

        Raises CloudRefused when the install of this name is at home in another region and nothing is here.
        """
        if not self._marked and (home := other_home(self.site)):
            raise at_home_elsewhere(self.site, home)
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
        return self._store_seen is not None and is_ours(self.site, self._store_seen.tags)

    @cached_property
    def records(self) -> tuple[Replication, ...]:
        """All records; none when there is no store, or no table of them any more.

        Raises TryAgain for a store that can't be read, and for one without its table that no teardown has taken.
        """
        if not self.has_store:
            return ()
        if self.site.main_table in self._tables:
            return tuple(row.record for row in self.site.tables.everything())
        if self._bus_said == self.site.about:
            message = f"the store {self.site.instance} has no table {self.site.main_table}: ferry provision makes it"
            raise TryAgain(message)
        return ()

    def why_stays(self, region: str, instance: str) -> str:
        """Why an instance that was to go stays; empty when it goes, or is gone."""
        there = self.site.instances.by_id(region, [instance])
        return self._own(there[0]) if there else ""

    @cached_property
    def _marked(self) -> bool:
        return has_mark(self.site)

    @cached_property
    def _bus_said(self) -> str | None:
        return self.site.bus.about()

    @cached_property
    def _store_seen(self) -> TableInstance | None:
        return self.site.table_instances.find(self.site.instance)

    @cached_property
    def _unmarked(self) -> tuple[Thing, ...]:
        """What only its name makes the install's: it is, where something else of the install is."""
        stays = "" if self._marked else _UNMARKED
        return tuple(
            self._thing(kind, name, stays=stays, detail="default" if kind == "rule" else "")
            for kind, name in unmarked(self.site)
        )

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The home region, then every region that a record names."""
        asked = {r for one in self.records for r in (one.request.source.region, one.request.target.region)}
        return (self.site.region, *sorted(asked - {self.site.region}))

    def _functions(self) -> Iterator[Thing]:
        for function in self.site.functions.of(self.site.names.install):
            yield self._thing("function", function.name)

    def _rules(self) -> Iterator[Thing]:
        site, said = self.site, self._bus_said
        yield from (thing for thing in self._unmarked if thing.kind == "rule")
        if said == site.about:
            for rule in site.bus.rules():
                yield self._thing("rule", rule)
            yield self._thing("bus", site.names.bus)
        elif said is not None:
            why = f"its description is {said!r}, not {site.about!r}: look, then remove it with its rules yourself"
            yield self._thing("bus", site.names.bus, stays=why)

    def _carriers(self) -> Iterator[Thing]:
        yield from (thing for thing in self._unmarked if thing.kind != "rule")

    def _replicas(self) -> Iterator[Thing]:
        for region, instance in self._instances:
            yield self._thing("instance", instance.id, region, stays=self._own(instance))

    def _groups(self) -> Iterator[Thing]:
        kept = {group for _, instance in self._instances if self._own(instance) for group in instance.groups}
        for region, group in self._tagged_groups:
            stays = "an instance that stays is in it" if group.id in kept else ""
            if group.name != self.site.names.quarantine:
                stays = f"its name is {group.name!r}, not {self.site.names.quarantine!r}: it may be somebody's"
            yield self._thing("quarantine group", group.id, region, stays=stays)

    def _recovery_points(self) -> Iterator[Thing]:
        for region in self.regions:
            images = self._images(region)
            parts: dict[str, tuple[Part, str]] = {}
            for image in images:
                stays = self._keeps(image)
                for part in image.parts:
                    why = stays or self._unknown(part.snapshot)
                    if why or part.snapshot not in parts:
                        parts[part.snapshot] = (part, why)
                yield self._thing("image", image.id, region, stays=stays)
            for part, stays in (*parts.values(), *self._loose_snapshots(region, parts)):
                yield self._thing("snapshot", part.snapshot, region, size_gib=part.size_gib, stays=stays)

    def _images(self, region: str) -> tuple[ImageSeen, ...]:
        """The images that bear the install's tags, and those that a record holds though they have lost them."""
        tagged = self.site.images.tagged(region, self.site.tags)
        unseen = self._living(ResourceKind.IMAGE, region) - {image.id for image in tagged}
        found = (self.site.images.by_id(region, id_) for id_ in sorted(unseen))
        return (*tagged, *(image for image in found if image))

    def _living(self, kind: ResourceKind, region: str) -> set[str]:
        """What is still there in a region, as far as the records know."""
        return {r.id for r in self._recorded.values() if r.kind is kind and r.region == region and r.lives}

    def _loose_snapshots(self, region: str, under_images: Collection[str]) -> Iterator[tuple[Part, str]]:
        """Snapshots whose image is gone: by their tags, and by the records, because some were never tagged."""
        unseen = sorted(self._living(ResourceKind.SNAPSHOT, region) - {*under_images})
        seen = {one.part.snapshot: one.part for one in self.site.snapshots.tagged(region, self.site.tags)}
        for begin in range(0, len(unseen), 100):
            found = self.site.snapshots.by_id(region, unseen[begin : begin + 100])
            seen |= {one.part.snapshot: one.part for one in found}
        for id_, part in seen.items():
            if id_ not in under_images:
                yield part, self._unknown(id_)

    def _unknown(self, id_: str) -> str:
        """Why something that bears tags stays when no record names it: people copy tags."""
        return "" if id_ in self._recorded else _UNKNOWN

    def _layers(self) -> Iterator[Thing]:
        published = self.site.layers.versions(self.site.names.layer)
        for version in (one for one in published if one.sha256):
            yield self._thing("layer version", f"{version.name} {version.version}", detail=str(version.version))

    def _roles(self) -> Iterator[Thing]:
        for role in self.site.roles.roles():
            if role.about == self.site.about:
                yield self._thing("role", role.name)
        for policy in self.site.roles.policies():
            if policy.about == self.site.about:
                yield self._thing("policy", policy.name)

    def _store(self) -> Iterator[Thing]:
        site = self.site
        if not self.has_store:
            if self._store_seen is not None:
                why = f"it does not bear this install's tag {next(iter(site.tags))}: nothing of it is read"
                yield self._thing("tablestore", site.instance, stays=why)
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
        return any(thing.stays == _KEPT for thing in self._recovery_points())

    @cached_property
    def _tables(self) -> tuple[str, ...]:
        """The tables of the install's instance."""
        return tuple(self.site.table_client.call("list_table"))

    @cached_property
    def _recorded(self) -> dict[str, Resource]:
        return {resource.id: resource for record in self.records for resource in record.resources}

    @cached_property
    def _instances(self) -> tuple[tuple[str, InstanceSeen], ...]:
        """The instances that bear the install's tags, and those that a record holds though they have lost them."""
        return tuple((region, one) for region in self.regions for one in self._instances_in(region))

    def _instances_in(self, region: str) -> Iterator[InstanceSeen]:
        tagged = self.site.instances.tagged(region, self.site.tags)
        yield from tagged
        unseen = sorted(self._living(ResourceKind.INSTANCE, region) - {one.id for one in tagged})
        for begin in range(0, len(unseen), 100):
            yield from self.site.instances.by_id(region, unseen[begin : begin + 100])

    @cached_property
    def _tagged_groups(self) -> tuple[tuple[str, GroupSeen], ...]:
        """The groups that bear a quarantine group's tags, region by region."""
        tags = self.site.tags | {GROUP: "quarantine"}
        networks = self.site.networks
        return tuple((region, one) for region in self.regions for one in networks.tagged_groups(region, "", tags))

    @cached_property
    def _quarantine(self) -> frozenset[str]:
        """The quarantine groups."""
        return frozenset(one.id for _, one in self._tagged_groups if one.name == self.site.names.quarantine)

    def _own(self, instance: InstanceSeen) -> str:
        """Why an instance is its user's; empty for a replica in quarantine, which a failed proof has kept."""
        record = next((one for one in self.records if one.knows(instance.id)), None)
        if record is None:
            return _UNKNOWN
        if record.opened or not set(instance.groups) <= self._quarantine:
            return _LEFT
        return "" if bears(instance.tags, self.site.tags) else _TAGLESS

    def _keeps(self, image: ImageSeen) -> str:
        """Why an image stays; empty when it goes."""
        known = self._recorded.get(image.id)
        if known is None:
            return _UNKNOWN
        if self.keep_recovery_points and known.state is ResourceState.KEPT:
            return _KEPT
        return "" if bears(image.tags, self.site.tags) else _TAGLESS

    def _thing(
        self, kind: str, name: str, region: str = "", *, stays: str = "", detail: str = "", size_gib: int = 0
    ) -> Thing:
        place = region or self.site.region
        return Thing(kind=kind, name=name, region=place, stays=stays, detail=detail, size_gib=size_gib)
