"""A RAM role for each function, with the rights that its policy.json names and no more."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from shared.provisioning.site import Site
from shared.provisioning.things import Provisioned

_PLACE = re.compile(r"\$\{(\w+)\}")


def make_roles(site: Site, policies: Mapping[str, str]) -> Iterator[Provisioned]:
    """Make each function's role and policy, or put them right; *policies* are their policy.json by function.

    A role has its own policy and no other; what an older release had and this one has not is removed.
    """
    roles, about = site.roles, site.about
    documents = {site.names.role(function): rendered(text, site) for function, text in sorted(policies.items())}
    granted = {name: document for name, document in documents.items() if document["Statement"]}
    for name in documents:
        made = roles.make_role(name, about)
        yield Provisioned(kind="role", name=name, made=roles.take_others(name, granted.keys() & {name}) or made)
        if name in granted:
            made = roles.make_policy(name, about, granted[name])
            yield Provisioned(kind="policy", name=name, made=roles.attach(name, name) or made)
    yield from _retire(site, documents.keys(), granted.keys())


def _retire(site: Site, roles: Collection[str], policies: Collection[str]) -> Iterator[Provisioned]:
    """Remove the install's roles and policies but these, and but those of functions that are still deployed."""
    install = site.names.install
    deployed = {site.names.role(one.name.removeprefix(f"{install}-")) for one in site.functions.of(install)}
    kept = {*roles, *deployed}
    for role in [one.name for one in site.roles.roles() if one.about == site.about and one.name not in kept]:
        site.roles.delete_role(role)
        yield Provisioned(kind="role", name=role, made=False, gone=True)
    kept = {*policies, *(deployed - {*roles})}
    for policy in [one.name for one in site.roles.policies() if one.about == site.about and one.name not in kept]:
        site.roles.delete_policy(policy)
        yield Provisioned(kind="policy", name=policy, made=False, gone=True)


def rendered(text: str, site: Site) -> dict[str, Any]:
    """A policy.json with the install's own names in it; raises KeyError for a place that nobody knows."""
    values = {
        "install": site.names.install,
        "region": site.region,
        "account": site.account,
        "instance": site.instance,
        "tables": site.names.tables,
    }
    document: dict[str, Any] = json.loads(_PLACE.sub(lambda found: values[found[1]], text))
    return document | {"Statement": [*document["Statement"], *_logging(site)]}


def _logging(site: Site) -> list[dict[str, object]]:
    """The right to write logs, where the install keeps them.

    https://www.alibabacloud.com/help/en/functioncompute/fc/configure-the-logging-feature
    """
    project, store = site.settings.log_project, site.settings.log_store
    if not (project and store):
        return []
    place = f"acs:log:{site.region}:{site.account}:project/{project}/logstore/{store}"
    return [{"Effect": "Allow", "Action": ["log:PostLogStoreLogs"], "Resource": place}]
