"""COVERAGE.md: service by service, action by action."""

import inspect
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.alidns import unmodelled as dns_unmodelled
from localcloud.cloud import Cloud
from localcloud.coverage.reading import Found, read
from localcloud.coverage.refusals import Told, told
from localcloud.ecs import errors
from localcloud.ecs import unmodelled as ecs_unmodelled
from localcloud.ecs.api import Action
from localcloud.vpc import unmodelled as vpc_unmodelled
from localcloud.world import World

_HELP = "https://www.alibabacloud.com/help/en/"
#: A service that the help does not know.
_NO_PAGE = ""
_PREFACE = """# What the embedded cloud answers

Made by `python -m localcloud.coverage` out of the code that answers; a test tells when it is out of date. Each action
has its page where there is one, the parameters that are read, those that are refused by name as they are not done
(others are passed over: they change nothing that could be seen), and the refusals that it may give besides those that
any call may get (a wrong key, signature, moment or nonce; a fault; no right to it). `%s` stands for what is filled in.
A refusal's page is named where it is not the action's own; "no page" is said where none states that the cloud chooses
this code here.
"""
#: What is not known of the cloud, what is done here, and the field of a world file that changes it.
_UNKNOWN = """
## What nobody outside of Alibaba Cloud can know

| not known | here | changed in a world file by |
|---|---|---|
| how long a ClientToken is remembered | by seed, 10 minutes to 24 hours | `token_life` |
| the type of an image's event on EventBridge | `ecs:Image:StateChange`, as the others are named | `image_event` |
| the code of CreateImage for an instance with local disks | `InvalidDiskCategory.CreateImage` | `local_disk_code` |
| the size above which CopyImage refuses an image (`SizeExceed.Image`) | none is refused | `image_copy_limit` |
| how long a new id is not listed | 0 to 30 s, by seed; served, not at all | `list_lag` |
| whether five copies at a time are of a source or of a destination region | of a destination | no field |
| how fast images are made and copied | by size, from a seed | `haste` |
"""


@dataclass(frozen=True)
class Service:
    """A service: its name, as calls are logged with, what people call it, where its pages are, and its actions."""

    name: str
    title: str
    version: str
    page: str
    actions: Mapping[str, Callable[..., object]]
    #: What is read and refused before an action is come to.
    beside: Mapping[str, Found] = field(default_factory=dict)

    def found(self, action: str) -> Found:
        """What an action reads and refuses."""
        return read(self.actions[action]) | self.beside.get(action, Found())


def whole() -> str:
    """The text of COVERAGE.md."""
    with _all() as services:
        return "\n".join((_PREFACE, *(line for one in services for line in _told(one)), _UNKNOWN))


def listed() -> Iterator[tuple[str, str, frozenset[Told]]]:
    """Every action: its service's name, its own, and what it may refuse with."""
    with _all() as services:
        for service in services:
            for action in service.actions:
                yield service.name, action, frozenset(service.found(action).refusals)


@contextmanager
def _all() -> Iterator[Iterator[Service]]:
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(World(), seed=1, state=Path(folder))
        try:
            yield _services(cloud)
        finally:
            cloud.close()


def _services(cloud: Cloud) -> Iterator[Service]:
    from localcloud.tablestore import actions as tables  # whose SDK takes half a second to import

    ram, tablestore = "ram/developer-reference/api-{api}-{lower}", "tablestore/developer-reference/{api}{lower}"
    vpc, alidns = "vpc/developer-reference/api-vpc-2016-04-28-{lower}", "dns/api-alidns-2015-01-09-{lower}"
    yield _listed("ecs", "ECS", "2014-05-26", "ecs/api-{lower}", cloud.ecs.actions, ecs_unmodelled.NOT_DONE)
    yield _listed("vpc", "VPC", "2016-04-28", vpc, cloud.vpc.actions, vpc_unmodelled.NOT_DONE)
    yield _listed("alidns", "Alidns", "2015-01-09", alidns, cloud.alidns.actions, dns_unmodelled.NOT_DONE)
    yield Service("eventbridge", "EventBridge", "2020-04-01", "eventbridge/{lower}", cloud.eventbridge.actions)
    yield Service("ram", "RAM", "2015-05-01", ram.replace("{api}", "ram-2015-05-01"), cloud.ram.actions)
    yield Service("sts", "STS", "2015-04-01", ram.replace("{api}", "sts-2015-04-01"), cloud.sts.actions)
    yield Service("location", "Location service", "2015-06-12", _NO_PAGE, cloud.location.actions)
    control = tablestore.replace("{api}", "api-tablestore-2020-12-09-")
    yield Service("tablestore", "Tablestore, control plane", "2020-12-09", control, cloud.ots_control.actions)
    rows = {name: act for name, (_, act) in tables.ACTIONS.items()}
    yield Service("tablestore", "Tablestore, data plane", "2015-12-31", tablestore.replace("{api}", ""), rows)
    yield Service(
        "fc",
        "Function Compute",
        "2023-03-30, and InvokeFunction of 2016-08-15",
        "functioncompute/fc/developer-reference/api-fc-2023-03-30-{lower}",
        {route.action: route.answer for route in cloud.fc_api.routes},
    )
    yield Service("smq", "SMQ (MNS)", "2015-06-06", "mns/developer-reference/{lower}", cloud.smq.actions)


def _listed(
    name: str,
    title: str,
    version: str,
    page: str,
    actions: Mapping[str, Action],
    not_done: Mapping[str, tuple[str, ...]],
) -> Service:
    """A service whose actions say what is read before they are come to."""
    acts = {name: action.do for name, action in actions.items()}
    beside = {action: _beside(about, not_done.get(action, ())) for action, about in actions.items()}
    return Service(name, title, version, page, acts, beside)


def _beside(action: Action, not_done: tuple[str, ...]) -> Found:
    """What ECS itself reads of every call of an action, and what it refuses by name."""
    found = Found(not_done=set(not_done), refusals=set(told(errors, "UNSUPPORTED") if not_done else ()))
    for field_, is_read, refusal in (
        ("RegionId", action.region, "PARAMETER_MISSING"),
        ("DryRun", action.dry_run, "DRY_RUN"),
        ("ClientToken", action.token is not None, "TOKEN_INVALID"),
    ):
        if is_read:
            found.parameters.add(field_)
            found.refusals.update(told(errors, refusal))
    if action.token is not None:
        found.refusals.update(
            one for name in vars(errors) if vars(errors)[name] is action.token for one in told(errors, name)
        )
    return found


def _told(service: Service) -> Iterator[str]:
    count = len(service.actions)
    yield f"\n## {service.title} ({service.version}): {count} action{'s' if count > 1 else ''}\n"
    for name in sorted(service.actions):
        yield from _action(service, name, service.found(name))


def _action(service: Service, name: str, found: Found) -> Iterator[str]:
    page = _HELP + service.page.format(lower=name.lower())
    yield f"### [{name}]({page})\n" if service.page else f"### {name}\n"
    yield f"{_about(service.actions[name])}\n"
    if found.parameters:
        yield f"Reads {', '.join(f'`{one}`' for one in sorted(found.parameters))}.\n"
    if found.not_done:
        yield f"Does not do {', '.join(f'`{one}`' for one in sorted(found.not_done))}.\n"
    if found.refusals:
        yield "| status | code | message | page |"
        yield "|---|---|---|---|"
        yield from sorted({_row(one, name) for one in found.refusals})
        yield ""


def _row(one: Told, action: str) -> str:
    message = one.message.replace("|", chr(92) + "|")
    page = "no page" if one.unverified else "" if one.page == action else one.page
    return f"| {one.status} | `{one.code}` | {message} | {page} |"


def _about(action: Callable[..., object]) -> str:
    """The first sentence of what the code says of it."""
    text = inspect.getdoc(action) or ""
    return re.split(r"\n\n", text)[0].replace("\n", " ")
