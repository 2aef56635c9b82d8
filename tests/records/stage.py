"""The stage of a recorded row: a fresh embedded cloud, brought to where the row's own cloud stood when it was written.

A record names images, snapshots, instances, disks and commands.  They are made again by the very calls that the release
made, each in its moment and with its parameters, its client token included, through the SDK; no function of today's has
a part in that, so that it does not matter which phases today's code would go through to get there.  The cloud is of the
same seed, and so gives the same ids in the same moments; should a later embedded cloud draw otherwise, its ids are put
in the place of the recorded ones, and each call waits until it is let in.  Then the store's file is put down, made from
the release's own tables, with the row in it as it was.  Nothing else is on its way: what wakes the functions is the
timer, unless a test sends more.
"""

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cli.embedded import LONGEST, embedded_install
from localcloud.cloud import Cloud
from localcloud.world import World
from shared.store.sqlite import SqliteStore
from tests.functions.account import HERE, THERE, ask, holdings
from tests.functions.ferry import Ferry
from tests.records.forms import Act, Case, Change, Release, Setting, Story

KEY = "k"
STORE = "ferry.db"
_A_MOMENT = timedelta(seconds=10)


@dataclass(frozen=True)
class Stage:
    """Ferry of today, with a row of an earlier release in its store."""

    ferry: Ferry
    id: str
    #: Recorded ids to present ones.
    names: Mapping[str, str]


@contextmanager
def scene(folder: Path, setting: Setting, script: str) -> Iterator[Ferry]:
    """Ferry in its cloud, before anything was asked of it."""
    trusted = frozenset({hashlib.sha256(script.encode()).hexdigest()})
    world = a_world(folder, setting)
    with embedded_install(
        world, home=THERE, seed=setting.seed, store=folder / STORE, vswitch="vsw-b", trusted=trusted
    ) as install:
        yield Ferry(install)


@contextmanager
def stage(
    folder: Path, release: Release, name: str, *, seed: int | None = None, case: Case | None = None
) -> Iterator[Stage]:
    """The case *name* on its stage; *case* stands for the recorded one, *seed* makes another cloud."""
    case, story = case or release.case(name), release.story_of(name)
    setting = story.setting.model_copy(update={"seed": seed or story.setting.seed})
    with scene(folder, setting, release.script) as it:
        names = _perform(it, story, case, release.script)
        _lay_down(it, folder / STORE, release, [_renamed(case, names)])
        yield Stage(it, case.record["id"], names)


def a_world(folder: Path, setting: Setting) -> World:
    """Two small disks in Hangzhou, an empty network in Beijing; it is part of every release's records and stays so."""
    root, data = folder / "root", folder / "data"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "motd").write_text("welcome\n")
    (root / "etc" / "hostname").write_text("web\n")
    data.mkdir()
    (data / "orders").write_text("42\n")
    if setting.files:
        (data / "many").mkdir()
    for number in range(setting.files):
        (data / "many" / f"{number:04}").write_text(f"{number}\n")
    disks = [
        {"kind": "system", "category": "cloud_essd", "size": 20, "dir": root},
        {"kind": "data", "device": "/dev/xvdb", "category": "cloud_essd", "size": 20, "dir": data, "mount": "/data"},
    ]
    place = {"type": "ecs.g7.large", "zone": "cn-hangzhou-h", "vswitch": "vsw-a", "security_groups": ["sg-a"]}
    sources = [
        {"id": id_, "name": "web", **place, "tags": {"app": "web"}, "disks": disks, **setting.source}
        for id_ in ("i-web", "i-web2")
    ]
    regions = {
        HERE: _network("a", "10.0", "cn-hangzhou-h") | {"instances": sources},
        THERE: _network("b", "10.1", "cn-beijing-h"),
    }
    return World.model_validate({"regions": regions, "faults": setting.faults})


def _network(place: str, block: str, zone: str) -> dict[str, Any]:
    return {
        "vpcs": [{"id": f"vpc-{place}", "cidr": f"{block}.0.0/16"}],
        "vswitches": [{"id": f"vsw-{place}", "vpc": f"vpc-{place}", "zone": zone, "cidr": f"{block}.1.0/24"}],
        "security_groups": [{"id": f"sg-{place}", "vpc": f"vpc-{place}"}],
    }


# --- what the cloud holds


def changes(cloud: Cloud) -> list[Change]:
    """Every change of state in the cloud, in order."""
    return [Change(kind=h.kind, id=h.resource, state=h.state) for h in cloud.happenings]


def disks() -> dict[str, tuple[str, ...]]:
    """The disks of every instance, by device; of those whose disks are all listed."""
    found: dict[str, tuple[str, ...]] = {}
    for region in (HERE, THERE):
        for id_ in holdings(region).instances:
            listed = ask("DescribeDisks", region, InstanceId=id_)["Disks"]["Disk"]
            if len(listed) == 2:  # or some are hidden still
                found[id_] = tuple(disk["DiskId"] for disk in sorted(listed, key=lambda disk: disk["Device"]))
    return found


def quarantine_group() -> str:
    """The group that provisioning made."""
    listed = ask("DescribeSecurityGroups", THERE)["SecurityGroups"]["SecurityGroup"]
    (made,) = [group["SecurityGroupId"] for group in listed if group["SecurityGroupId"] != "sg-b"]
    return str(made)


# --- the release's own calls, once more


def _perform(it: Ferry, story: Story, case: Case, script: str) -> dict[str, str]:
    """Bring the cloud to where it stood; the recorded ids and what stands for them now."""
    for act in story.acts[: case.acts]:
        _pass_until(it, act.at)
        _do(it, act, _names(it, story, " ".join(act.params.values())), script)
    wanted = _places(story.changes[: case.changes])
    came = it.install.cloud.run(lambda: wanted <= _places(changes(it.cloud)), limit=LONGEST)
    assert came, f"the embedded cloud does not come to {sorted(wanted - _places(changes(it.cloud)))}"
    _pass_until(it, case.at)
    return _names(it, story, case.model_dump_json())


def _pass_until(it: Ferry, moment: datetime) -> None:
    if moment > it.cloud.clock.now:
        it.pass_time(moment - it.cloud.clock.now)


def _do(it: Ferry, act: Act, names: Mapping[str, str], script: str) -> None:
    """Make the call, as often as it takes the cloud to be ready for it."""
    from darabonba.exceptions import DaraException

    tries = LONGEST // _A_MOMENT
    while True:
        try:
            return _call(act, {key: _with_names(value, names) for key, value in act.params.items()}, script)
        except DaraException:
            tries -= 1
            if not tries:
                raise
            it.pass_time(_A_MOMENT)


def _call(act: Act, params: dict[str, str], script: str) -> None:
    from alibabacloud_tea_openapi.client import Client
    from alibabacloud_tea_openapi.models import Config
    from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
    from darabonba.runtime import RuntimeOptions

    if act.action == "RunCommand":
        request = base64.b64encode(params["Parameters"].encode()).decode()
        content = base64.b64encode(script.encode()).decode()
        params |= {"Parameters": json.dumps({"request": request}), "CommandContent": content}
    client = Client(
        Config(
            access_key_id="test",
            access_key_secret="test",
            region_id=act.region,
            endpoint=f"ecs.{act.region}.aliyuncs.com",
        )
    )
    form = Params(
        action=act.action,
        version="2014-05-26",
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    client.call_api(form, OpenApiRequest(query=params), RuntimeOptions(autoretry=False))


def _places(seen: Sequence[Change]) -> set[tuple[str, int, str]]:
    """What came into which state: the first image, the second, ..., whatever their ids."""
    order = _order(seen)
    return {(change.kind, order[change.kind].index(change.id), change.state) for change in seen}


def _order(seen: Sequence[Change]) -> dict[str, list[str]]:
    """The ids of each kind in the order in which they came."""
    found: dict[str, list[str]] = {}
    for change in seen:
        if change.id not in found.setdefault(change.kind, []):
            found[change.kind].append(change.id)
    return found


def _names(it: Ferry, story: Story, text: str) -> dict[str, str]:
    """What is there now by the id that it had when it was recorded, as far as *text* speaks of it."""
    now, names = _order(changes(it.cloud)), {story.quarantine_group: quarantine_group()}
    for kind, came in _order(story.changes).items():
        names |= dict(zip(came, now.get(kind, []), strict=False))
    gone = {change.id for change in changes(it.cloud) if change.state == "Deleted"}
    spoken_of = {
        names.get(instance, instance): ids
        for instance, ids in story.disks.items()
        if _speaks_of(text, ids) and names.get(instance, instance) not in gone
    }
    held: dict[str, tuple[str, ...]] = {}

    def are_listed() -> bool:
        held.update(disks() if spoken_of else {})
        return spoken_of.keys() <= held.keys()

    assert it.install.cloud.run(are_listed, limit=LONGEST), f"of {sorted(spoken_of)} not all show their disks"
    for instance, ids in spoken_of.items():
        names |= dict(zip(ids, held[instance], strict=True))
    return {was: is_ for was, is_ in names.items() if was and was != is_}


def _speaks_of(text: str, disk_ids: Sequence[str]) -> bool:
    return any(disk.removeprefix("d-") in text for disk in disk_ids)


def _with_names(text: str, names: Mapping[str, str]) -> str:
    """A text with the present ids; a disk's stands without its ``d-`` where a guest is meant."""
    for was, is_ in names.items():
        text = text.replace(was, is_)
        if was.startswith("d-"):
            text = text.replace(was.removeprefix("d-"), is_.removeprefix("d-"))
    return text


def _renamed(case: Case, names: Mapping[str, str]) -> Case:
    return Case.model_validate_json(_with_names(case.model_dump_json(), names)) if names else case


# --- the store


def lay_down(file: Path, release: Release, cases: Sequence[Case]) -> None:
    """A store's file as the release made it, with the cases' rows and the release's dead letters in it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.executescript(release.tables)
        for case in cases:
            row = case.row | {"doc": json.dumps(case.record, ensure_ascii=False, separators=(",", ":"))}
            _insert(db, "replications", row)
        for letter in release.letters:
            _insert(db, "dead_letters", letter)


def _insert(db: sqlite3.Connection, table: str, row: Mapping[str, object]) -> None:
    marks = ", ".join(f":{name}" for name in row)
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", dict(row))


def _lay_down(it: Ferry, file: Path, release: Release, cases: Sequence[Case]) -> None:
    """Put the release's store in the place of today's, which is still empty."""
    assert isinstance(it.app.store, SqliteStore)
    it.app.store.close()
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    lay_down(file, release, cases)
    it.app = replace(it.app, store=SqliteStore(file))
