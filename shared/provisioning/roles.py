"""A RAM role for each function, with the rights that its policy.json names and no more."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.provisioning.site import Site
from shared.provisioning.things import Provisioned

_PLACE = re.compile(r"\$\{(\w+)\}")


def make_roles(site: Site, policies: Mapping[str, str]) -> Iterator[Provisioned]:
    """Make each function's role and policy, or put them right; *policies* are their policy.json by function."""
    for function, text in sorted(policies.items()):
        name = site.names.role(function)
        document = rendered(text, site)
        yield Provisioned(kind="role", name=name, made=site.roles.make_role(name, site.names.about))
        if document["Statement"]:
            made = site.roles.make_policy(name, site.names.about, document)
            yield Provisioned(kind="policy", name=name, made=site.roles.attach(name, name) or made)


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
