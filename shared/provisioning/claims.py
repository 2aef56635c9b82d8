"""Whose it is: what has an install's names is looked at before anything is made, and before anything goes."""

from collections.abc import Collection, Iterator

from shared.cloud.errors import CloudRefused
from shared.cloud.ownership import check_owner
from shared.cloud.roles import PolicySeen, RoleSeen
from shared.provisioning.site import Site
from shared.provisioning.store import check_store, is_ours
from shared.replication.commands import COMMANDS


def check_claims(site: Site, functions: Collection[str]) -> None:
    """Raise CloudRefused where an install of these functions would take what is somebody else's."""
    roles = _in_ram(site)
    if home := _other_home(site, roles):
        raise at_home_elsewhere(site, home)
    wanted = {site.names.role(function).lower() for function in functions}
    for kind, one in roles:
        if one.name.lower() in wanted:
            check_owner(kind, one.name, one.about, site.about)
    check_owner("bus", site.names.bus, site.bus.about() or site.about, site.about)
    check_store(site)
    if not has_mark(site):
        for kind, name in unmarked(site):
            message = f"there is a {kind} {name}, and nothing else of this install: it may be somebody's"
            raise CloudRefused("NotOurs", message, "")


def other_home(site: Site) -> str:
    """The other region where RAM says that the install of this name is at home; empty when it says nothing of it."""
    return _other_home(site, _in_ram(site))


def at_home_elsewhere(site: Site, home: str) -> CloudRefused:
    """The refusal of an install's name that is in use in another region of the account."""
    return CloudRefused("AtHomeElsewhere", f"the install {site.names.install} is at home in {home}", "")


def has_mark(site: Site) -> bool:
    """Whether something is here that only this install can have made: a bus, a store, a role or a policy."""
    if site.bus.about() == site.about:
        return True
    store = site.table_instances.find(site.instance)
    return (store is not None and is_ours(site, store.tags)) or any(one.about == site.about for _, one in _in_ram(site))


def unmarked(site: Site) -> Iterator[tuple[str, str]]:
    """What is there under the install's names and bears no mark: topics, queues, the default bus's rule."""
    names, queues = site.names, site.queues
    for topic in (*(names.topic(command.function()) for command in COMMANDS), names.cloud_events):
        if queues.has_topic(topic):
            yield "topic", topic
    for queue in (names.looks, names.dead_letters):
        if queues.has_queue(queue):
            yield "queue", queue
    if names.cloud_events in site.default_bus.rules(names.cloud_events):
        yield "rule", names.cloud_events


def _in_ram(site: Site) -> tuple[tuple[str, RoleSeen | PolicySeen], ...]:
    roles = site.roles
    return (*(("role", role) for role in roles.roles()), *(("policy", policy) for policy in roles.policies()))


def _other_home(site: Site, seen: Collection[tuple[str, RoleSeen | PolicySeen]]) -> str:
    homes = {site.names.home(one.about) for _, one in seen}
    return min(homes - {"", site.region}, default="")
