"""Teardown: all that an install made goes, nothing else does, and what remembers goes last."""

from pathlib import Path

import pytest

from localcloud.faults import Fault
from shared.acceptance import accept
from shared.ports import TryAgain
from shared.provisioning.inventory import Inventory
from shared.provisioning.things import Thing
from shared.replication.record import Replication
from tests.functions.account import HERE, THERE, ask, holdings
from tests.functions.ferry import a_request
from tests.shared.installs import Operator, an_account, changing, state_of

CORRUPT = Fault(kind="corrupt", device="/dev/xvdb")


def test_an_install_leaves_nothing_behind(tmp_path: Path) -> None:
    """Provisioned, deployed and taken down: the account is as it was, and a second teardown finds nothing."""
    with an_account(tmp_path) as cloud:
        before = state_of(cloud)
        operator = Operator(cloud)
        operator.deploy()
        assert state_of(cloud) != before
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert state_of(cloud) == before
        since = len(cloud.cloud.calls)
        assert (operator.things(), operator.tear_down()) == ((), [])
        assert changing(cloud, since) == []


def test_the_recovery_point_of_a_success_goes_and_its_replica_stays(tmp_path: Path) -> None:
    """A replica that left quarantine is its user's; the copied image it came from is removed with its snapshots."""
    with an_account(tmp_path) as cloud:
        before = state_of(cloud)
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy())
        assert record.phase == "succeeded"
        replica = _ids(record, "instance")
        (stays,) = [thing for thing in operator.things() if thing.stays]
        assert ([stays.name], stays.kind, stays.monthly_cost) == (replica, "instance", "billed by the hour")
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        after = state_of(cloud)
        assert _without(after, "instances", "disks") == _without(before, "instances", "disks")
        assert set(replica) <= set(holdings(THERE).instances)
        assert [thing.name for thing in operator.things() if thing.stays] == replica
        assert [thing for thing in operator.things() if not thing.stays] == []


def test_recovery_points_are_kept_if_that_is_asked_for(tmp_path: Path) -> None:
    """With --keep-recovery-points the copied image and its snapshots stay, and the manifest; the rest goes."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        app = operator.deploy()
        record = operator.replicate(app, goal="recovery_point")
        kept = {*_ids(record, "image"), *_ids(record, "snapshot")}
        stays = [thing for thing in operator.things(keep=True) if thing.stays]
        assert {thing.name for thing in stays if thing.kind in ("image", "snapshot")} == kept
        assert {thing.kind for thing in stays} == {"image", "snapshot", "tables", "tablestore"}
        assert [removed for removed in operator.tear_down(keep=True) if removed.trouble] == []
        after = holdings(THERE)
        assert {*after.images, *after.snapshots} == kept
        assert {tags["ferry:replication"] for tags in after.images.values()} == {record.id}
        assert holdings(HERE).images == {}
        row = app.store.load(record.id)
        assert row is not None and row.record == record
        assert record.manifest is not None
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert holdings(THERE).images == {}
        assert operator.things() == ()


@pytest.mark.parametrize("keep", [False, True])
def test_a_replica_in_quarantine_goes_with_its_group(tmp_path: Path, keep: bool) -> None:
    """What a failed proof kept is removed: first the replica, then the group that it was in."""
    with an_account(tmp_path, CORRUPT) as cloud:
        before = state_of(cloud)
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy())
        assert record.phase == "failed"
        things = operator.things(keep=keep)
        assert set(_ids(record, "instance")) <= {thing.name for thing in things if not thing.stays}
        assert [removed for removed in operator.tear_down(keep=keep) if removed.trouble] == []
        after = state_of(cloud)
        images = ("images", "snapshots", "tables", "table_instances") if keep else ()
        assert _without(after, *images) == _without(before, *images)
        assert set(holdings(THERE).images) == (set(_ids(record, "image", THERE)) if keep else set())


def test_a_teardown_that_is_broken_off_anywhere_is_completed_by_the_next(tmp_path: Path) -> None:
    """Each run dies after the first thing that it removes: the next finds what is left, records last."""
    with an_account(tmp_path) as cloud:
        before = state_of(cloud)
        operator = Operator(cloud)
        operator.replicate(operator.deploy(), goal="recovery_point")
        kinds = []
        while (thing := _first_step(operator)) is not None:
            kinds.append(thing.kind)
            assert len(kinds) < 200
        assert kinds[-2:] == ["tables", "tablestore"]
        assert kinds.index("function") < kinds.index("rule") < kinds.index("bus") < kinds.index("image")
        assert state_of(cloud) == before


def _first_step(operator: Operator) -> Thing | None:
    return next((removed.thing for removed in operator.removing(operator.things())), None)


def test_an_answer_that_is_lost_is_asked_again(tmp_path: Path) -> None:
    """Every deletion is done and its answer lost: the same run finds each gone, and the account is as it was."""
    with an_account(tmp_path) as cloud:
        before = state_of(cloud)
        operator = Operator(cloud)
        operator.replicate(operator.deploy(), goal="recovery_point")
        things, since = operator.things(), len(cloud.cloud.calls)
        for action in sorted(changing_of_a_teardown(tmp_path / "clean")):
            # To delete a bus that is gone is a success, whose answer would be lost again and again.
            count = 1 if action == "DeleteEventBus" else None
            cloud.cloud.faults.add(Fault(kind="lost_answer", action=action, count=count))
        assert [removed for removed in operator.removing(things) if removed.trouble] == []
        assert sum(call.code == "NoAnswer" for call in cloud.cloud.calls[since:]) > 60
        assert state_of(cloud) == before


def changing_of_a_teardown(folder: Path) -> set[str]:
    """The changing actions of a teardown."""
    with an_account(folder) as cloud:
        operator = Operator(cloud)
        operator.replicate(operator.deploy(), goal="recovery_point")
        since = len(cloud.cloud.calls)
        operator.tear_down()
        return set(changing(cloud, since))


def test_what_can_not_be_removed_keeps_the_records(tmp_path: Path) -> None:
    """While one thing is still there, the store stays; when the trouble is over, the next run takes both."""
    with an_account(tmp_path) as cloud:
        before = state_of(cloud)
        operator = Operator(cloud)
        operator.deploy()
        cloud.cloud.faults.add(Fault(kind="server_error", action="DeleteRole", count=8 * 13))
        left = [removed for removed in operator.tear_down() if removed.trouble]
        assert all(removed.passes for removed in left)
        assert {removed.thing.kind for removed in left} == {"role", "tables", "tablestore"}
        assert {thing.kind for thing in operator.things()} == {"role", "tables", "tablestore"}
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert state_of(cloud) == before


def test_what_is_refused_is_told_and_the_rest_goes(tmp_path: Path) -> None:
    """A group that somebody has put an instance of his own into stays, with the reason, and so does the store."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.deploy()
        site = operator.place.site
        (group,) = site.networks.tagged_groups(THERE, "", site.tags)
        ask(
            "RunInstances",
            THERE,
            ImageId="aliyun_3_x64_20G_alibase_20251030.vhd",
            InstanceType="ecs.g7.large",
            VSwitchId="vsw-b",
            SecurityGroupId=group.id,
            SystemDisk={"Category": "cloud_essd"},
        )
        troubled = {removed.thing.kind: removed for removed in operator.tear_down() if removed.trouble}
        assert set(troubled) == {"quarantine group", "tables", "tablestore"}
        assert "DependencyViolation" in troubled["quarantine group"].trouble
        assert {thing.kind for thing in operator.things()} == set(troubled)


def test_what_bears_tags_and_is_in_no_record_is_left_alone(tmp_path: Path) -> None:
    """People copy tags: an image or an instance that no record names is shown as staying, never removed."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        app = operator.deploy()
        tags = [{"Key": "ferry:install", "Value": "ferry"}, {"Key": "ferry:replication", "Value": "r-0123456789abcdef"}]
        ask("TagResources", HERE, ResourceType="instance", ResourceId=["i-web"], Tag=tags)
        golden = ask("CreateImage", HERE, InstanceId="i-web", ImageName="golden", Tag=tags)["ImageId"]
        record = operator.replicate(app, goal="recovery_point")
        stays = {thing.name: thing.stays for thing in operator.things() if thing.stays}
        assert {"i-web", golden} < set(stays)
        assert all("no record names it" in why for why in stays.values())
        assert len(stays) == 4, "the image's two snapshots stay with it"
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        here = holdings(HERE)
        assert (set(here.instances), set(here.images)) == ({"i-web"}, {golden})
        assert not set(_ids(record, "image")) & set(holdings(THERE).images)


def test_a_recovery_point_whose_record_is_gone_is_found_by_its_tags(tmp_path: Path) -> None:
    """With the store lost, an image that Ferry copied is still known by its tags and description, snapshots and all."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy(), goal="recovery_point")
        site = operator.place.site
        site.tables.drop_tables()
        site.table_instances.delete(site.instance)
        points = {*_ids(record, "image"), *_ids(record, "snapshot")}
        assert points <= {thing.name for thing in operator.things(keep=True) if thing.stays}
        assert points <= {thing.name for thing in operator.things() if not thing.stays}
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert holdings(THERE).images == {} and holdings(THERE).snapshots == {}


def test_open_replications_are_known(tmp_path: Path) -> None:
    """A replication that has not ended is told, so that the teardown can be refused."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        app = operator.deploy()
        id_ = accept(a_request(), "k", app).record.id
        assert [record.id for record in Inventory(operator.place.site, False).open] == [id_]


def test_a_store_that_is_not_whole_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """An index that somebody deleted hides the records: the teardown refuses to begin without them."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.deploy()
        operator.place.site.table_client.call(
            "delete_secondary_index", "ferry_replications", "ferry_replications_accepted"
        )
        with pytest.raises(TryAgain):
            operator.things()


def test_one_of_two_installs_is_taken_down(tmp_path: Path) -> None:
    """The other install, whose name begins like it, keeps everything."""
    with an_account(tmp_path) as cloud:
        Operator(cloud, "ferry-create").deploy()
        alone = state_of(cloud)
        operator = Operator(cloud, "ferry")
        operator.deploy()
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert state_of(cloud) == alone


def _ids(record: Replication, kind: str, region: str = "") -> list[str]:
    return [r.id for r in record.resources if r.kind == kind and r.lives and region in ("", r.region)]


def _without(state: dict[str, object], *parts: str) -> dict[str, object]:
    return {name: value for name, value in state.items() if name not in parts}
