"""The store: a Tablestore instance of the install's own, and its tables."""

from collections.abc import Iterator

from shared.cloud.errors import CloudRefused
from shared.cloud.table_instances import TableInstance
from shared.ports import TryAgain
from shared.provisioning.site import Site
from shared.provisioning.things import Provisioned


def make_store(site: Site) -> Iterator[Provisioned]:
    """Make instance, tables and index if they are not there.

    Raises CloudRefused when an instance of the name is not the install's, TryAgain while a new one is being set up.
    """
    name = site.instance
    there = check_store(site)
    if there is None:
        site.table_instances.make(name, about=site.about, tags=site.tags)
    yield Provisioned(kind="tablestore", name=name, made=there is None)
    there = there or site.table_instances.find(name)
    if there is None or not there.runs:
        raise TryAgain(f"the Tablestore instance {name} is being set up")
    yield from (Provisioned(kind="table", name=table, made=made) for table, made in site.tables.make_tables())


def check_store(site: Site) -> TableInstance | None:
    """The instance of the store's name, if it is there; raises CloudRefused when it is not the install's."""
    there = site.table_instances.find(site.instance)
    if there is not None and not is_ours(site, there.tags):
        message = f"there is an instance {there.name} that does not bear this install's tag {next(iter(site.tags))}"
        raise CloudRefused("NotOurs", message, "")
    return there


def is_ours(site: Site, tags: dict[str, str]) -> bool:
    """Whether these tags are the install's."""
    return all(tags.get(key) == value for key, value in site.tags.items())
