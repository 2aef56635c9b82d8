"""Find out whether everything is there, and choose what must be chosen: every problem at once, nothing made."""

from collections.abc import Iterator

from shared.app import App, Context
from shared.cloud.errors import CloudRefused
from shared.cloud.instances import InstanceSeen
from shared.cloud.networks import GroupSeen, VSwitchSeen
from shared.cloud.ownership import UNCOPIED, bears, ownership
from shared.problem import Problem
from shared.replication.commands import Precheck
from shared.replication.observations import Checked, Observation, Refused
from shared.replication.record import LaunchPlan, Replication, SourceDisk, Tag
from shared.replication.request import Goal
from shared.step import run_step
from shared.wire import read

#: Categories that can't be snapshotted.  https://www.alibabacloud.com/help/en/ecs/user-guide/local-disks
LOCAL_CATEGORIES = frozenset(
    {
        "local_ssd_pro",
        "local_hdd_pro",
        "ephemeral",
        "ephemeral_ssd",
        "elastic_ephemeral_disk_standard",
        "elastic_ephemeral_disk_premium",
    }
)
#: RunInstances takes 20 tags, of which two are ours.
_MOST_TAGS = 18


def handler(event: bytes, context: Context) -> None:
    """Check the replication that *event* names."""
    run_step(read(event, Precheck), precheck, app=App.from_context(context))


def precheck(record: Replication, app: App) -> Observation:
    """Checked with the plan that follows, or Refused with every problem."""
    request = record.request
    try:
        path = "source.region"
        source = next(iter(app.instances.by_id(request.source.region, [request.source.instance])), None)
        path = "target.region"
        vswitch = app.networks.vswitch(request.target.region, request.target.vswitch)
    except CloudRefused as no:
        return Refused(at=app.clock(), request_id=no.request_id, problems=(_told_of(path, no),))
    disks = app.instances.disks(request.source.region, source.id) if source else ()
    quarantine = _quarantine_group(vswitch, app, record)
    problems = (
        *_source_problems(source, disks, record),
        *_network_problems(vswitch, app, record),
        *(_quarantine_problems(vswitch, quarantine, record)),
        *_type_problems(source, vswitch, app, record),
        *_name_problems(app, record),
    )
    if problems or source is None or vswitch is None:
        return Refused(at=app.clock(), problems=problems)
    assistant = source.status == "Running" and app.guests.online(record.request.source.region, source.id)
    plan = _plan(source, disks, vswitch, quarantine, record, assistant=assistant)
    return Checked(at=app.clock(), plan=plan)


def _told_of(path: str, no: CloudRefused) -> Problem:
    """The first no of a region; most often there is no such region, and nothing more can be asked about it."""
    if no.code != "InvalidRegionId.NotFound":
        return no.problem()
    return Problem(path=path, code=no.code, message=no.message, fix="give the id of a region, such as cn-beijing")


def _source_problems(
    source: InstanceSeen | None, disks: tuple[SourceDisk, ...], record: Replication
) -> Iterator[Problem]:
    asked = record.request.source
    if source is None:
        yield Problem(
            path="source.instance",
            code="InvalidInstanceId.NotFound",
            message=f"there is no instance {asked.instance} in {asked.region}",
            fix="give the id of an instance in source.region",
        )
        return
    if source.status not in ("Running", "Stopped"):
        yield Problem(
            path="source.instance",
            code="IncorrectInstanceStatus",
            message=f"{source.id} is {source.status}; it can be imaged only while it is Running or Stopped",
            fix="wait until it is Running or Stopped, then ask again",
        )
    local = [f"{disk.device or disk.id} ({disk.category})" for disk in disks if disk.category in LOCAL_CATEGORIES]
    if local or source.local_storage:
        yield Problem(
            path="source.instance",
            code="local_disk",
            message=f"{source.id} has a local disk, which can't be snapshotted: "
            f"{', '.join(local) or source.instance_type}",
            fix="move its data to a cloud disk, or replicate it by the application's own means",
        )


def _network_problems(vswitch: VSwitchSeen | None, app: App, record: Replication) -> Iterator[Problem]:
    target = record.request.target
    if vswitch is None:
        yield Problem(
            path="target.vswitch",
            code="InvalidVSwitchId.NotFound",
            message=f"there is no vSwitch {target.vswitch} in {target.region}",
            fix="give the id of a vSwitch in target.region",
        )
    elif not vswitch.free_addresses and record.request.goal is Goal.REPLICA:
        yield Problem(
            path="target.vswitch",
            code="QuotaExceeded.PrivateIpAddress",
            message=f"{vswitch.id} has no free address left",
            fix="give another vSwitch, or free an address",
        )
    groups = {group.id: group for group in app.networks.groups(target.region, target.security_groups)}
    for place, wanted in enumerate(target.security_groups):
        path = f"target.security_groups[{place}]"
        if wanted not in groups:
            yield Problem(
                path=path,
                code="InvalidSecurityGroupId.NotFound",
                message=f"there is no security group {wanted} in {target.region}",
                fix="give the id of a security group in target.region",
            )
        elif vswitch and groups[wanted].vpc != vswitch.vpc:
            yield Problem(
                path=path,
                code="OperationDenied.InconsistentNetwork",
                message=f"{wanted} is in {groups[wanted].vpc or 'the classic network'}, "
                f"but {vswitch.id} is in {vswitch.vpc}",
                fix="give a security group and a vSwitch of the same VPC",
            )


def _quarantine_group(vswitch: VSwitchSeen | None, app: App, record: Replication) -> GroupSeen | None:
    if vswitch is None or record.request.goal is not Goal.REPLICA:
        return None
    found = app.networks.quarantine_groups(record.request.target.region, vswitch.vpc, record.install)
    return min(found, key=lambda group: group.id, default=None)


def _quarantine_problems(
    vswitch: VSwitchSeen | None, group: GroupSeen | None, record: Replication
) -> Iterator[Problem]:
    if vswitch and group is None and record.request.goal is Goal.REPLICA:
        yield Problem(
            path="target.vswitch",
            code="no_quarantine",
            message=f"{vswitch.vpc} has no quarantine group for a replica to wait in until it is proved",
            fix=f"make it with: ferry provision --vswitch {vswitch.id}",
        )


def _type_problems(
    source: InstanceSeen | None, vswitch: VSwitchSeen | None, app: App, record: Replication
) -> Iterator[Problem]:
    target = record.request.target
    wanted = target.instance_type or (source.instance_type if source else "")
    if not wanted or record.request.goal is not Goal.REPLICA:
        return
    if not app.instances.types(target.region, [wanted]):
        yield Problem(
            path="target.instance_type",
            code="InvalidInstanceType.NotFound",
            message=f"{target.region} knows no instance type {wanted}",
            fix="give a type that the region sells as target.instance_type",
        )
    elif vswitch and not app.instances.sold(target.region, vswitch.zone, wanted):
        yield Problem(
            path="target.instance_type",
            code="InvalidInstanceType.ZoneNotSupported",
            message=f"{wanted} is not to be had in {vswitch.zone}, the zone of {vswitch.id}",
            fix="give another target.instance_type, or a vSwitch in another zone",
        )


def _name_problems(app: App, record: Replication) -> Iterator[Problem]:
    request = record.request
    places = (
        ("image_name", request.source.region, image_name(record)),
        ("copy_name", request.target.region, copy_name(record)),
    )
    for path, region, name in places:
        for image in app.images.named(region, name):
            if not bears(image.tags, ownership(record.install, record.id)):
                yield Problem(
                    path=path,
                    code="InvalidImageName.Duplicated",
                    message=f"the image {image.id} in {region} has the name {name} and is not this replication's",
                    fix=f"choose another {path}, or rename {image.id}",
                )


def image_name(record: Replication) -> str:
    """The source image's name: the user's, or one that tells whose it is."""
    return record.request.image_name or f"ferry-{record.id}-image"


def copy_name(record: Replication) -> str:
    """The copy's name: the user's, or one that tells whose it is."""
    return record.request.copy_name or f"ferry-{record.id}-copy"


def _plan(
    source: InstanceSeen,
    disks: tuple[SourceDisk, ...],
    vswitch: VSwitchSeen,
    quarantine: GroupSeen | None,
    record: Replication,
    *,
    assistant: bool,
) -> LaunchPlan:
    copied = {key: value for key, value in source.tags.items() if not key.startswith(UNCOPIED)}
    return LaunchPlan(
        zone=vswitch.zone,
        instance_type=record.request.target.instance_type or source.instance_type,
        vpc=vswitch.vpc,
        quarantine_group=quarantine.id if quarantine else "",
        disks=disks,
        image_name=image_name(record),
        copy_name=copy_name(record),
        instance_name=source.name or f"ferry-{record.id}-replica",
        host_name=source.host_name,
        tags=tuple(Tag(key=key, value=value) for key, value in sorted(copied.items())[:_MOST_TAGS]),
        source_status=source.status,
        assistant=assistant,
        notices=_notices(copied),
    )


def _notices(tags: dict[str, str]) -> tuple[str, ...]:
    over = sorted(tags)[_MOST_TAGS:]
    return (f"an instance is made with 20 tags at most; not copied: {', '.join(over)}",) if over else ()
