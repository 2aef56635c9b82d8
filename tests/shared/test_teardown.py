"""Teardown: all that an install made goes, nothing else does, and what remembers goes last."""

from datetime import timedelta
from pathlib import Path

import pytest

from localcloud.faults import Fault
from shared.acceptance import accept
from shared.cloud.errors import CloudRefused
from shared.cloud.tables import TablestoreStore
from shared.ports import TryAgain
from shared.provisioning.inventory import Inventory
from shared.provisioning.teardown import Stale
from shared.provisioning.things import Thing
from shared.replication.record import Replication
from tests.functions.account import HERE, THERE, ask, holdings
from tests.functions.ferry import a_request
from tests.shared.installs import Operator, an_account, changing, state_of
from tests.shared.meddling import a_stranger, groups, strangers

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
        a_stranger(group.id)
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


def test_what_no_record_names_stays_when_the_store_is_lost(tmp_path: Path) -> None:
    """Tags and a description prove nothing: with the records gone, images and snapshots are told, and stay."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy(), goal="recovery_point")
        site = operator.place.site
        site.tables.drop_tables()
        site.table_instances.delete(site.instance)
        points = {*_ids(record, "image"), *_ids(record, "snapshot")}
        for keep in (False, True):
            told = {thing.name: thing for thing in operator.things(keep=keep) if thing.stays}
            assert points == set(told)
            assert all("no record names it" in thing.stays and thing.monthly_cost for thing in told.values())
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        after = holdings(THERE)
        assert {*after.images, *after.snapshots} == points


def test_open_replications_are_known(tmp_path: Path) -> None:
    """A replication that has not ended is told, so that the teardown can be refused."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        app = operator.deploy()
        id_ = accept(a_request(), "k", app).record.id
        assert [record.id for record in Inventory(operator.place.site, False).open] == [id_]


def test_a_store_that_is_not_whole_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """Tables that somebody deleted held the records: the teardown refuses to begin without them."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.deploy()
        operator.place.site.tables.drop_tables()
        with pytest.raises(TryAgain, match="ferry provision"):
            operator.things()


@pytest.mark.parametrize("kind", ["throttle", "timeout", "server_error"])
@pytest.mark.parametrize("keep", [False, True])
def test_a_passing_fault_of_the_store_is_no_empty_store(tmp_path: Path, kind: str, keep: bool) -> None:
    """A second teardown that can't read the records removes nothing and says so; the next one knows them again."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy(), goal="recovery_point")
        for removed in operator.removing(operator.things(keep=keep), keep=keep):
            if removed.thing.kind == "bus":
                break
        before = state_of(cloud)
        for action in ("GetRange", "ListTable"):
            fault = Fault.model_validate({"kind": kind, "action": action, "count": 1})
            cloud.cloud.faults.add(fault)
            with pytest.raises(TryAgain):
                operator.tear_down(keep=keep)
            cloud.run(lambda: False, limit=timedelta(minutes=2))
        assert state_of(cloud) == before
        assert [removed for removed in operator.tear_down(keep=keep) if removed.trouble] == []
        points = {*_ids(record, "image"), *_ids(record, "snapshot")}
        after = holdings(THERE)
        assert {*after.images, *after.snapshots} == (points if keep else set())
        assert bool(operator.things(keep=keep)) == keep


def test_an_install_is_not_taken_down_from_another_region(tmp_path: Path) -> None:
    """Roles have no region: away from the install's home a teardown says where that is, and removes nothing."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.replicate(operator.deploy(), goal="recovery_point", keep_source_image=True)
        before = state_of(cloud)
        with pytest.raises(CloudRefused, match="the install ferry is at home in cn-beijing") as no:
            Operator(cloud, region=HERE).tear_down()
        assert no.value.code == "AtHomeElsewhere"
        assert state_of(cloud) == before


def test_what_was_shown_is_looked_at_again_before_anything_goes(tmp_path: Path) -> None:
    """What began, or came, while somebody read the list stops the teardown before it has removed anything."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        app = operator.deploy()
        shown, before = operator.things(), state_of(cloud)
        id_ = accept(a_request(goal="recovery_point"), "k", app).record.id
        with pytest.raises(Stale) as stale:
            list(operator.removing(shown))
        assert ([record.id for record in stale.value.open], state_of(cloud)) == ([id_], before)
        record = operator.replicate(app, goal="recovery_point")
        before = state_of(cloud)
        with pytest.raises(Stale) as stale:
            list(operator.removing(shown))
        assert {thing.name for thing in stale.value.new} == {*_ids(record, "image"), *_ids(record, "snapshot")}
        assert state_of(cloud) == before


def test_what_begins_while_functions_go_keeps_its_records(tmp_path: Path) -> None:
    """What was accepted at the last moment keeps recovery points and records; the install can come back."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        app = operator.deploy()
        before = operator.replicate(app, "a", goal="recovery_point")
        removing = operator.removing(operator.things())
        removed = [next(removing)]
        record = accept(a_request(goal="recovery_point"), "b", app).record
        with pytest.raises(Stale) as stale:
            removed.extend(removing)
        assert [one.id for one in stale.value.open] == [record.id]
        assert {one.thing.kind for one in removed} == {"function", "rule", "bus"}
        assert set(_ids(before, "image")) <= set(holdings(THERE).images)
        operator.deploy()
        assert operator.replicate(app, "b", goal="recovery_point").phase == "succeeded"
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert holdings(THERE).images == {}


def test_what_is_accepted_while_the_rest_goes_keeps_its_record(tmp_path: Path) -> None:
    """A function that was still running may have written it: the records are read once more before they go."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        app = operator.deploy()
        removing = operator.removing(operator.things())
        while next(removing).thing.kind != "topic":
            pass
        with pytest.raises(CloudRefused):
            accept(a_request(), "k", app)
        with pytest.raises(Stale) as stale:
            list(removing)
        assert [app.store.load(record.id) is not None for record in stale.value.open] == [True]


def test_nothing_else_goes_while_something_acts(tmp_path: Path) -> None:
    """As long as a function is there, recovery points, roles and records stay, and it is told why."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy(), goal="recovery_point")
        cloud.cloud.faults.add(Fault(kind="server_error", action="DeleteFunction"))
        outcomes = operator.tear_down()
        still = {removed.thing.kind: removed.trouble for removed in outcomes if removed.trouble}
        assert {removed.thing.kind for removed in outcomes if not removed.trouble} == {"rule", "bus"}
        assert still["image"] == still["role"] == "kept until functions, rules and bus are gone: they still act"
        assert set(_ids(record, "image")) <= set(holdings(THERE).images)


def test_what_is_under_way_is_seen_however_an_index_lags(tmp_path: Path) -> None:
    """The records are read from their table: one that no index shows yet is known to be under way."""
    with an_account(tmp_path, index_lag=600) as cloud:
        operator = Operator(cloud)
        app = operator.deploy()
        id_ = accept(a_request(), "k", app).record.id
        assert app.store.records() == ()
        assert [record.id for record in Inventory(operator.place.site, False).open] == [id_]


@pytest.mark.parametrize("late", [False, True])
def test_a_replica_that_its_user_has_moved_out_stays(tmp_path: Path, late: bool) -> None:
    """In another group it is its user's, whether he moved it before the list was shown or while the removal ran."""
    with an_account(tmp_path, CORRUPT) as cloud:
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy())
        (replica,) = _ids(record, "instance")
        if not late:
            ask("ModifyInstanceAttribute", THERE, InstanceId=replica, SecurityGroupIds=["sg-b"])
            stays = {thing.name: thing.stays for thing in operator.things() if thing.stays}
            assert stays == {replica: "it has left quarantine: it is yours"}
        outcomes = {}
        for removed in operator.removing(operator.things()):
            outcomes[removed.thing.name] = removed.trouble
            if late and removed.thing.kind == "topic":
                ask("ModifyInstanceAttribute", THERE, InstanceId=replica, SecurityGroupIds=["sg-b"])
        assert replica in holdings(THERE).instances
        assert outcomes.get(replica) == ("it stays: it has left quarantine: it is yours" if late else None)


def test_what_has_lost_its_tags_is_told(tmp_path: Path) -> None:
    """A replica in quarantine and an image that a record holds are told, and stay, when somebody untags them."""
    with an_account(tmp_path, CORRUPT) as cloud:
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy())
        (replica,), (image,) = _ids(record, "instance"), _ids(record, "image", THERE)
        for kind, id_ in (("instance", replica), ("image", image)):
            ask("UntagResources", THERE, ResourceType=kind, ResourceId=[id_], TagKey=["ferry:install"])
        stays = {thing.name: thing.stays for thing in operator.things() if thing.stays}
        (group,) = groups(operator)
        snapshots = set(_ids(record, "snapshot", THERE))
        assert set(stays) == {replica, image, group, *snapshots}
        assert {"somebody has taken the install's tags" in why for id_, why in stays.items() if id_ != group} == {True}
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert (replica in holdings(THERE).instances, image in holdings(THERE).images) == (True, True)


def test_the_group_of_an_instance_that_stays_stays(tmp_path: Path) -> None:
    """Somebody's instance with copied tags waits in the quarantine group: both stay, and what else is Ferry's goes."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.deploy()
        (group,) = groups(operator)
        instance = a_stranger(group, Tag=[{"Key": "ferry:install", "Value": "ferry"}])
        cloud.run(lambda: False, limit=timedelta(minutes=1))
        stays = {thing.name: thing.stays for thing in operator.things() if thing.stays}
        assert set(stays) == {instance, group}
        assert stays[group] == "an instance that stays is in it"
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert group in [one.id for one in operator.place.site.networks.groups(THERE, [group])]


def test_a_snapshot_with_copied_tags_stays(tmp_path: Path) -> None:
    """One that no record and no image knows is told, with its cost, and stays."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.deploy()
        disk = ask("DescribeDisks", HERE, InstanceId="i-web")["Disks"]["Disk"][0]["DiskId"]
        tags = [{"Key": "ferry:install", "Value": "ferry"}]
        theirs = ask("CreateSnapshot", HERE, DiskId=disk, Tag=tags)["SnapshotId"]
        operator.replicate(operator.deploy(), goal="recovery_point")
        (told,) = [thing for thing in operator.things() if thing.stays]
        assert (told.kind, told.name, "no record names it" in told.stays) == ("snapshot", theirs, True)
        assert told.monthly_cost.startswith("at most")
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert theirs in holdings(HERE).snapshots


def test_an_instance_of_tablestore_with_others_tables_stays(tmp_path: Path) -> None:
    """Ferry's own tables go, the instance stays with the table that is somebody's."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.deploy()
        site = operator.place.site
        TablestoreStore(site.table_client, "theirs").make_tables()
        (told,) = [thing for thing in operator.things() if thing.stays]
        assert (told.kind, "not Ferry's: theirs_" in told.stays) == ("tablestore", True)
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        assert {name.partition("_")[0] for name in site.table_client.call("list_table")} == {"theirs"}
        assert {thing.kind for thing in operator.things()} == {"tablestore"}


def test_what_has_only_the_name_stays(tmp_path: Path) -> None:
    """A queue, a topic and a rule bear no mark: where nothing else is the install's, they are told and left alone."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        names = strangers(operator)
        before = state_of(cloud)
        told = {thing.name: thing.stays for thing in operator.things()}
        assert set(told) == names
        assert all("may be somebody's" in why for why in told.values())
        assert operator.tear_down() == []
        assert state_of(cloud) == before


def test_a_bus_that_somebody_has_described_anew_is_told(tmp_path: Path) -> None:
    """Without its mark the bus stays with its rules, and the reason is told: it is not counted as gone."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.deploy()
        cloud.cloud.eventbridge._buses[THERE, "ferry"].description = "our DR"
        assert [removed for removed in operator.tear_down() if removed.trouble] == []
        (told,) = operator.things()
        assert (told.kind, told.name, "'our DR'" in told.stays) == ("bus", "ferry", True)
        assert len(operator.place.site.bus.rules()) > 10


def test_a_group_of_another_name_stays(tmp_path: Path) -> None:
    """A security group with copied tags is neither closed nor removed, nor does a replica wait in it."""
    with an_account(tmp_path) as cloud:
        theirs = ask("CreateSecurityGroup", THERE, VpcId="vpc-b", SecurityGroupName="production")["SecurityGroupId"]
        tags = [{"Key": "ferry:install", "Value": "ferry"}, {"Key": "ferry:group", "Value": "quarantine"}]
        ask("TagResources", THERE, ResourceType="securitygroup", ResourceId=[theirs], Tag=tags)
        way_in = {"IpProtocol": "tcp", "PortRange": "443/443", "SourceCidrIp": "0.0.0.0/0"}
        ask("AuthorizeSecurityGroup", THERE, SecurityGroupId=theirs, Permissions=[way_in])
        operator = Operator(cloud)
        record = operator.replicate(operator.deploy())
        assert record.plan is not None
        assert record.plan.quarantine_group != theirs
        told = {thing.name: thing.stays for thing in operator.things() if thing.kind == "quarantine group"}
        assert ("'production'" in told.pop(theirs), list(told.values())) == (True, [""])
        operator.tear_down()
        assert len(operator.place.site.networks.rules(THERE, theirs).ingress) == 1


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
