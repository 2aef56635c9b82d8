"""A passage through a storm: the real functions, the real SDKs, the embedded cloud, and the laws watched throughout."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cli.embedded import LONGEST, TABLESTORE, Install, embedded_install
from cli.storms.folders import a_folder
from cli.storms.laws import Broken, Laws
from cli.storms.operator import Operator
from cli.storms.storm import HERE, THERE, Storm, sources
from cli.storms.witness import Witness
from localcloud.faults import Strike
from localcloud.guests import Recall
from localcloud.world import World

#: So long after the last replication has ended nothing of it is under way any more: a function that was tried again,
#: or a message that came as late as one can, a quarter of an hour for each of its legs.
_QUIET, _LATE = timedelta(minutes=10), timedelta(minutes=45)
#: The files of a source: no other source has the same.
_SYSTEM = {"etc/motd": "welcome to {id}\n", "etc/hostname": "{id}\n"}
_DATA = {"orders": "42 of {id}\n"}


#: All storms give the same ids: so guests of two storms say the same of the same files, and are asked only once.
_ID_SEED = 1


@dataclass(frozen=True)
class Passage:
    """How a storm went."""

    storm: Storm
    broken: tuple[Broken, ...]
    strikes: tuple[Strike, ...]
    #: The phases in which the replications ended.
    ends: tuple[str, ...]
    calls: int
    lasted: timedelta


@dataclass(frozen=True)
class Log:
    """All that can be told of a passage while its cloud is still there."""

    install: Install
    witness: Witness
    operator: Operator


class _Stop(Exception):  # noqa: N818 - it says what is to be done
    """A law was broken: there is no point in going on."""

    def __init__(self, broken: list[Broken]) -> None:
        super().__init__()
        self.broken = broken


def sail(storm: Storm, recall: Recall | None = None) -> Passage:
    """Go through *storm*, to its end or to the first law that is broken; *recall* spares scripts that ran before."""
    with under_way(storm, recall) as (passage, _):
        return passage


@contextmanager
def under_way(storm: Storm, recall: Recall | None = None) -> Iterator[tuple[Passage, Log]]:
    """Go through *storm*; the cloud and the log are there until the context ends."""
    with a_folder() as folder, _install(storm, folder, recall) as install:
        witness = Witness(install)
        try:
            operator = Operator(install, storm, lambda id_: witness.record(id_) is not None)
            broken = _through(install, witness, operator)
            cloud = install.cloud.cloud
            passage = Passage(
                storm=storm,
                broken=tuple(broken),
                strikes=tuple(cloud.faults.strikes_so_far),
                ends=tuple(record.phase.value for record in witness.records()),
                calls=len(cloud.calls),
                lasted=cloud.clock.now - cloud.clock.start,
            )
            yield passage, Log(install, witness, operator)
        finally:
            witness.close()


def _through(install: Install, witness: Witness, operator: Operator) -> list[Broken]:
    laws = Laws(witness)

    def step() -> None:
        if broken := laws.after_step(witness.look()):
            raise _Stop(broken)

    def over() -> bool:
        return operator.is_done and all(record.ended for record in witness.records())

    try:
        if install.cloud.run(over, limit=LONGEST, on_step=step, on_turn=step):
            install.cloud.run(lambda: False, limit=_aftermath(witness), on_step=step, on_turn=step)
    except _Stop as stop:
        return stop.broken
    return laws.at_the_end(operator.ids)


def _aftermath(witness: Witness) -> timedelta:
    """How long something may still be under way."""
    late = [one.at for one in witness.cloud.faults.strikes_so_far if one.fault.kind == "deliver_late"]
    return max(_QUIET, late[-1] + _LATE - witness.cloud.clock.now) if late else _QUIET


@contextmanager
def _install(storm: Storm, folder: Path, recall: Recall | None) -> Iterator[Install]:
    store = TABLESTORE if storm.store == "tablestore" else folder / "ferry.db"
    world = _world(storm, folder)
    with embedded_install(
        world, home=THERE, seed=storm.seed, store=store, vswitch="vsw-b", recall=recall, id_seed=_ID_SEED
    ) as install:
        yield install


def _world(storm: Storm, folder: Path) -> World:
    """Small sources in Hangzhou, with files on two disks each; an empty network in Beijing."""
    instances = [_source(id_, folder / id_) for id_ in sources(storm)]
    return World.model_validate(
        {
            "regions": {
                HERE: network("a", "10.0", "cn-hangzhou-h") | {"instances": instances},
                THERE: network("b", "10.1", "cn-beijing-h"),
            },
            "faults": storm.faults,
            "index_lag": storm.index_lag,
            "clock_skew": storm.clock_skew,
            "haste": storm.haste,
            "token_life": storm.token_life,
            "page_limit": storm.page_limit,
            "breaks": storm.breaks,
        }
    )


def _source(id_: str, folder: Path) -> dict[str, Any]:
    root, data = _written(folder / "root", _SYSTEM, id_), _written(folder / "data", _DATA, id_)
    disks = [
        {"kind": "system", "category": "cloud_essd", "size": 20, "dir": root},
        {"kind": "data", "device": "/dev/xvdb", "category": "cloud_essd", "size": 20, "dir": data, "mount": "/data"},
    ]
    place = {"type": "ecs.g7.large", "zone": "cn-hangzhou-h", "vswitch": "vsw-a", "security_groups": ["sg-a"]}
    return {"id": id_, "name": id_, **place, "tags": {"app": id_}, "disks": disks}


def _written(folder: Path, files: dict[str, str], id_: str) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.format(id=id_))
    return folder


def network(place: str, block: str, zone: str) -> dict[str, Any]:
    """A region's VPC, vSwitch and security group, named after *place*, for a world."""
    return {
        "vpcs": [{"id": f"vpc-{place}", "cidr": f"{block}.0.0/16"}],
        "vswitches": [{"id": f"vsw-{place}", "vpc": f"vpc-{place}", "zone": zone, "cidr": f"{block}.1.0/24"}],
        "security_groups": [{"id": f"sg-{place}", "vpc": f"vpc-{place}"}],
    }
