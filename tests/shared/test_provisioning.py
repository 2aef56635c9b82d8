"""Provisioning: made once, found the next time, whole again after any break, and right again after any change."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.deployment.place import on_embedded
from cli.deployment.provisioning import Provisioning, policies
from localcloud.faults import Fault
from localcloud.runtime import Embedded
from shared.cloud.errors import CloudRefused
from shared.cloud.session import Session
from shared.cloud.table_client import sdk
from shared.ports import StoreUnavailable, TryAgain
from shared.provisioning.roles import make_roles
from tests.functions.account import HERE, THERE
from tests.shared.installs import Operator, a_layer, an_account, calls, changing, state_of
from tests.shared.meddling import MEDDLED, groups, meddle, strangers

_MINUTE = timedelta(minutes=1)
_SOME = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["ecs:DescribeImages"], "Resource": "*"}]}


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    """A second run finds everything, makes nothing and calls nothing that changes anything."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        first = operator.provision()
        assert all(thing.made for thing in first)
        assert {thing.kind for thing in first} == {
            *("quarantine group", "tablestore", "table", "queue", "topic", "bus", "rule", "role", "policy", "layer")
        }
        before, since = state_of(cloud), len(cloud.cloud.calls)
        second = operator.provision()
        assert [(thing.kind, thing.name) for thing in second] == [(thing.kind, thing.name) for thing in first]
        assert [thing.name for thing in second if thing.made] == []
        assert changing(cloud, since) == []
        assert state_of(cloud) == before


def test_a_run_that_is_broken_off_anywhere_is_completed_by_the_next(tmp_path: Path) -> None:
    """Each run dies at its first changing call, which has its effect: the last one ends where a clean run does."""
    with an_account(tmp_path / "clean") as cloud:
        Operator(cloud).provision()
        clean, actions = state_of(cloud), set(changing(cloud))
    struck = [Fault(kind="lost_answer", action=action) for action in sorted(actions)]
    with an_account(tmp_path / "struck", *struck) as cloud:
        deaths = 0
        while not _ended(Operator(cloud)):
            deaths += 1
            assert deaths < 500
        assert deaths > 60
        assert state_of(cloud) == clean


def _ended(operator: Operator) -> bool:
    try:
        operator.provision()
    except TryAgain:
        return False
    return True


@pytest.mark.parametrize("kind", ["timeout", "server_error", "throttle"])
def test_a_call_that_was_not_done_is_done_by_the_next_run(tmp_path: Path, kind: str) -> None:
    """Whatever passing fault strikes an action first, saying the same again is all that it takes."""
    with an_account(tmp_path / "clean") as cloud:
        Operator(cloud).provision()
        clean, actions = state_of(cloud), {call.action for call in calls(cloud)}
    struck = [Fault.model_validate({"kind": kind, "action": action, "count": 1}) for action in sorted(actions)]
    with an_account(tmp_path / "struck", *struck) as cloud:
        runs = 1
        while not _ended(Operator(cloud)):
            cloud.run(lambda: False, limit=_MINUTE)  # an API that was throttled is left alone until the next minute
            runs += 1
            assert runs < 100
        assert runs > 10
        assert state_of(cloud) == clean


def test_what_was_changed_by_hand_is_put_right(tmp_path: Path) -> None:
    """A rule's pattern and target, a role's trust and policy, a group's rules: all as a clean run makes them."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.provision()
        before = state_of(cloud)
        meddle(operator)
        assert state_of(cloud) != before
        made = {(thing.kind, thing.name.split()[0]) for thing in operator.provision() if thing.made}
        (group,) = groups(operator)
        assert made == {*MEDDLED, ("quarantine group", group)}
        assert state_of(cloud) == before


def test_functions_may_write_logs_where_logs_are_kept(tmp_path: Path) -> None:
    """Told of a Logstore, each role may write there and nowhere else; not told, none may write anywhere."""
    place = "acs:log:cn-beijing:1234567890123456:project/ops/logstore/ferry"
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.provision()
        assert [policy for policy in _documents(cloud) if "log:" in policy] == []
        told = on_embedded(cloud, "ferry", THERE, {"FERRY_LOG_PROJECT": "ops", "FERRY_LOG_STORE": "ferry"})
        list(Provisioning(told.site, operator.vswitches, a_layer()).run())
        documents = _documents(cloud)
        assert [policy.count(place) for policy in documents] == [1] * len(documents)


def _documents(cloud: Embedded) -> list[str]:
    """The policies of all roles, as they are in force."""
    return [held.versions[held.default].document for held in cloud.cloud.ram.state.policies.values()]


def test_a_sixth_version_of_a_policy_takes_the_oldest_ones_place(tmp_path: Path) -> None:
    """A policy has five versions at most: however often it changes, there is room for the next."""
    with an_account(tmp_path) as cloud:
        roles = Operator(cloud).place.site.roles
        for number in range(8):
            allowed = {"Effect": "Allow", "Action": [f"ecs:Action{number}"], "Resource": "*"}
            assert roles.make_policy("ferry-x", "mine", {"Version": "1", "Statement": [allowed]})
        held = cloud.cloud.ram.state.policies["ferry-x"]
        assert [*held.versions] == ["v4", "v5", "v6", "v7", "v8"]
        assert (held.default, "Action7" in held.versions["v8"].document) == ("v8", True)


def test_a_deploy_can_be_said_again_after_any_end(tmp_path: Path) -> None:
    """Deployed twice, or broken off before its functions and said again, an account is as after one deploy."""
    with an_account(tmp_path / "once") as cloud:
        Operator(cloud).deploy()
        once = state_of(cloud)
        since = len(cloud.cloud.calls)
        Operator(cloud).deploy()
        assert changing(cloud, since) == []
        assert state_of(cloud) == once
    with an_account(tmp_path / "broken") as cloud:
        operator = Operator(cloud)
        for _, _thing in zip(range(30), operator.provisioning().run(), strict=False):
            pass
        operator.deploy()
        assert state_of(cloud) == once


def test_the_layer_is_published_when_its_content_is_new(tmp_path: Path) -> None:
    """The same content is the same version, found again by its digest; other content is the next one."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud, vswitches=())

        def layer(content: str) -> tuple[str, bool]:
            provisioning = operator.provisioning(a_layer(content))
            *_, last = provisioning.run()
            assert provisioning.layer is not None
            return provisioning.layer.arn.rpartition("/")[2], last.made

        assert [layer(content) for content in ("a", "a", "b", "a", "b")] == [
            ("1", True),
            ("1", False),
            ("2", True),
            ("1", False),
            ("2", False),
        ]


@pytest.mark.parametrize("what", ["role", "policy", "instance", "bus"])
def test_what_is_somebodys_is_not_taken(tmp_path: Path, what: str) -> None:
    """A thing that has the wanted name and does not belong to the install is named before anything is made."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        site = operator.place.site
        if what == "instance":
            site.table_instances.make(site.instance, about="the accounts", tags={"ferry:install": "another"})
        elif what == "bus":
            site.bus.make_bus("departures")
        elif what == "role":
            site.roles.make_role("ferry-watch", "the night watch")
        else:
            site.roles.make_policy("ferry-watch", "the night watch", _SOME)
        before = state_of(cloud)
        with pytest.raises(CloudRefused) as no:
            operator.provision()
        assert no.value.code == "NotOurs"
        name = {"instance": site.instance, "bus": "ferry"}.get(what, "ferry-watch")
        assert f"{what} {name} that" in no.value.message
        assert state_of(cloud) == before
        assert [thing for thing in operator.things() if not thing.stays] == []


def test_what_has_only_the_name_is_not_taken(tmp_path: Path) -> None:
    """A topic, a queue, a rule bear no mark: where nothing else is the install's, each is named, and nothing made."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        site = operator.place.site
        names = strangers(operator)
        before = state_of(cloud)
        told: set[str] = set()
        while names - told:
            with pytest.raises(CloudRefused, match="it may be somebody's") as no:
                operator.provision()
            assert no.value.code == "NotOurs"
            assert state_of(cloud) == before
            kind, name = no.value.message.split()[3:5]
            told.add(name.rstrip(","))
            remove = {"topic": site.queues.delete_topic, "queue": site.queues.delete_queue}
            remove.get(kind, site.default_bus.delete_rule)(name.rstrip(","))
            before = state_of(cloud)
        assert told == names
        assert operator.provision()


def test_a_name_has_one_home_in_an_account(tmp_path: Path) -> None:
    """Roles have no region: an install of the same name in another region is refused before anything is made."""
    with an_account(tmp_path) as cloud:
        Operator(cloud).provision()
        before = state_of(cloud)
        with pytest.raises(CloudRefused, match="the install ferry is at home in cn-beijing") as no:
            Operator(cloud, vswitches=(), region=HERE).provision()
        assert no.value.code == "AtHomeElsewhere"
        assert state_of(cloud) == before
        assert Operator(cloud, "ferry2", vswitches=(), region=HERE).provision()


def test_a_role_has_its_own_policy_and_no_other(tmp_path: Path) -> None:
    """What somebody has given to a function's role is taken from it; the policy itself stays its owner's."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.provision()
        roles = operator.place.site.roles
        roles.make_policy("everything", "somebody's", _SOME)
        roles.attach("everything", "ferry-api")
        assert [(thing.kind, thing.name) for thing in operator.provision() if thing.made] == [("role", "ferry-api")]
        assert roles.attached("ferry-api") == ("ferry-api",)
        assert "everything" in cloud.cloud.ram.state.policies


def test_what_a_release_no_longer_has_is_removed(tmp_path: Path) -> None:
    """A policy without statements, and the role of a function that is no more, go; a deployed function keeps its."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        site = operator.place.site
        site.roles.make_role("ferry-theirs", "somebody's")
        site.roles.make_policy("ferry-theirs", "somebody's", _SOME)
        operator.provision()
        these = {function: text for function, text in policies().items() if function != "precheck"}
        these["api"] = json.dumps({"Version": "1", "Statement": []})

        def gone() -> list[tuple[str, str]]:
            return [(thing.kind, thing.name) for thing in make_roles(site, these) if thing.gone]

        assert gone() == [("role", "ferry-precheck"), ("policy", "ferry-api"), ("policy", "ferry-precheck")]
        assert site.roles.attached("ferry-api") == ()
        assert gone() == []
        operator.deploy()
        assert gone() == [("policy", "ferry-api")]
        held = {one.name for one in site.roles.policies()}
        assert {"ferry-theirs", "ferry-precheck"} <= held & {one.name for one in site.roles.roles()}


class _Overtaken(Session):
    """A session in which, once, somebody else does the same just before an action."""

    def __init__(self, session: Session, by: Callable[[], object], action: str) -> None:
        super().__init__(session.credentials, session.clock, lasts=None)
        self.by = by
        self.action = action

    def ask(self, product: str, region: str, action: str, request: object) -> Any:
        """Ask, but let the other go first."""
        if action == self.action:
            self.action = ""
            self.by()
        return super().ask(product, region, action, request)


@pytest.mark.parametrize(
    "action", ["create_event_bus", "create_rule", "create_role", "create_policy", "attach_policy_to_role"]
)
def test_two_provision_at_once(tmp_path: Path, action: str) -> None:
    """What somebody else has made meanwhile is taken as found; the end is that of a single run."""
    with an_account(tmp_path / "alone") as cloud:
        Operator(cloud).provision()
        alone = state_of(cloud)
    with an_account(tmp_path / "both") as cloud:
        operator, other = Operator(cloud), Operator(cloud)
        site = operator.place.site
        overtaken = _Overtaken(site.session, other.provision, action)
        operator.place = replace(operator.place, site=replace(site, session=overtaken))
        operator.provision()
        assert overtaken.action == ""
        assert state_of(cloud) == alone


@pytest.mark.parametrize("action", ["revoke_security_group", "revoke_security_group_egress"])
def test_two_close_a_group_at_once(tmp_path: Path, action: str) -> None:
    """A rule that somebody else has removed just before is removed; the others are as well."""
    with an_account(tmp_path) as cloud:
        operator, other = Operator(cloud), Operator(cloud)
        operator.provision()
        before = state_of(cloud)
        meddle(operator)
        site = operator.place.site
        overtaken = _Overtaken(site.session, other.provision, action)
        operator.place = replace(operator.place, site=replace(site, session=overtaken))
        operator.provision()
        assert overtaken.action == ""
        assert state_of(cloud) == before


@pytest.mark.parametrize("change", ["key", "column", "index"])
def test_a_table_of_another_form_is_refused(tmp_path: Path, change: str) -> None:
    """A table that has Ferry's name and another key, column or index would answer wrongly: it is named."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.provision()
        site, kit = operator.place.site, sdk()
        site.tables.drop_tables()
        columns = [(name, "STRING") for name in ("open_in", "next_at", "waits_for", "accepted_at")]
        indexes = []
        if change == "column":
            columns[0] = ("open_in", "INTEGER")
        if change == "index":
            indexes = [kit.SecondaryIndexMeta("ferry_replications_open", ["next_at", "open_in"], [])]
        key = [("number" if change == "key" else "id", "STRING")]
        site.table_client.call(
            "create_table",
            kit.TableMeta("ferry_replications", key, columns),
            kit.TableOptions(time_to_live=-1, max_version=1),
            kit.ReservedThroughput(kit.CapacityUnit(0, 0)),
            indexes,
        )
        with pytest.raises(StoreUnavailable, match="the table ferry_replications is there and not of this release"):
            operator.provision()


def test_the_rights_of_the_functions_cover_what_they_ask_of_the_store(tmp_path: Path) -> None:
    """With Tablestore as the store, each function's policy allows every call that it makes there."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)
        operator.replicate(operator.deploy())
        asked = {(c.function, f"ots:{c.action}") for c in cloud.cloud.calls if c.function and c.service == "tablestore"}
        assert len({function for function, _ in asked}) >= 10
        missing = {(function, action) for function, action in asked if action not in _allowed(cloud, str(function))}
        assert missing == set()


def test_two_installs_share_nothing(tmp_path: Path) -> None:
    """Another install beside one, whose name even begins like it, finds nothing there and changes nothing of it."""
    with an_account(tmp_path) as cloud:
        first = Operator(cloud, "ferry")
        alone = {(thing.kind, thing.name) for thing in first.provision()}
        before = state_of(cloud)
        second = [thing for thing in Operator(cloud, "ferry-create").provision() if not thing.made]
        assert second == []
        assert {(thing.kind, thing.name) for thing in first.provision()} == alone
        for kind in ("roles", "policies", "tables", "topics"):
            now, then = state_of(cloud)[kind], before[kind]
            assert isinstance(now, dict) and isinstance(then, dict)
            assert {name: now[name] for name in then} == then


def _allowed(cloud: Any, function: str) -> set[str]:
    name = "ferry-" + function.removeprefix("ferry-").replace("_", "-")
    held = cloud.cloud.ram.state.policies[name]
    document = json.loads(held.versions[held.default].document)
    return {action for statement in document["Statement"] for action in statement["Action"]}
