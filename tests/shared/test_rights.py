"""The policy of whoever sets up an install: every call that its commands make is in it, and none that they don't."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localcloud.faults import Fault
from localcloud.runtime import Embedded
from shared.names import Names
from shared.provisioning.preflight import check_account, check_vswitch
from shared.provisioning.rights import MOST_CHARACTERS, of_serverless_devs, own, policy
from tests.functions.account import THERE
from tests.shared.installs import Operator, a_layer, an_account, calls
from tests.shared.meddling import meddle

NAMES = Names(install="ferry")
#: The RAM code of each product of the embedded cloud; every key may ask STS who it is.
PRODUCTS = {
    "ecs": "ecs",
    "eventbridge": "eventbridge",
    "fc": "fc",
    "ram": "ram",
    "smq": "mns",
    "tablestore": "ots",
    "vpc": "vpc",
}
#: Where an action of RAM has another name than the API's.
#: https://www.alibabacloud.com/help/en/tablestore/user-guide/use-a-ram-policy-to-grant-permissions-to-a-ram-user
RENAMED = {"ots:ListInstances": "ots:ListInstance"}


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every action that provision, deploy, doctor and teardown ask for, in ordinary runs and others."""
    with an_account(tmp_path_factory.mktemp("account"), Fault(kind="corrupt", device="/dev/xvdb", count=1)) as cloud:
        operator = Operator(cloud)
        operator.provision()
        for version in range(2):
            with _by_others(cloud):
                meddle(operator)
            list(operator.provisioning(a_layer(str(version))).run())
        list(check_account(operator.place.site, 14))
        check_vswitch(operator.place.site, "vsw-b")
        app = operator.deploy()
        with _by_others(cloud):
            operator.replicate(app, "a")
            operator.replicate(app, "b", goal="recovery_point")
            client = operator.place.site.table_client
            client.call("delete_secondary_index", "ferry_replications", "ferry_replications_open")
        operator.provision()
        operator.tear_down()
        return _rights(cloud)


@contextmanager
def _by_others(cloud: Embedded) -> Iterator[None]:
    """What is called meanwhile is not the operator's."""
    mark = len(cloud.cloud.calls)
    yield
    del cloud.cloud.calls[mark:]


def _rights(cloud: Embedded) -> set[str]:
    found = {f"{PRODUCTS[call.service]}:{call.action}" for call in calls(cloud) if call.service in PRODUCTS}
    return {RENAMED.get(action, action) for action in found}


def test_what_is_used_is_granted_and_nothing_else(used: set[str]) -> None:
    """Ferry's own part of the policy holds exactly the actions that its commands ask for."""
    granted = {action for grant in own(NAMES, THERE) for action in grant.actions}
    assert used - granted == set()
    assert granted - used == set()


def test_nothing_is_granted_by_a_pattern() -> None:
    """No action is a pattern; what changes something that has a name of the install's is bound to that name or tag."""
    free = {
        action
        for grant in (*own(NAMES, THERE), *of_serverless_devs(NAMES, THERE))
        for action in grant.actions
        if grant.resources == ("*",) and grant.condition is None
    }
    looks = {action for action in free if action.split(":")[1].startswith(("Describe", "List", "Get", "Check"))}
    assert free - looks == {"ecs:CreateSecurityGroup", "ecs:DeleteSnapshot"}
    assert not any("*" in action for grant in own(NAMES, THERE) for action in grant.actions)


def test_a_role_is_passed_to_function_compute_alone() -> None:
    """Whoever deploys may give the install's roles to its functions, and to nothing else."""
    (passing,) = [grant for grant in of_serverless_devs(NAMES, THERE) if "ram:PassRole" in grant.actions]
    assert passing.condition == {"StringEquals": {"acs:Service": "fc.aliyuncs.com"}}
    assert all(":role/" in resource for resource in passing.resources)


def test_the_policy_fits_into_one() -> None:
    """RAM takes 6,144 characters: with the longest name an install can have, it is still one policy."""
    document = policy(Names(install="a" * 40), "ap-northeast-1")
    assert len(json.dumps(document, separators=(",", ":"))) <= MOST_CHARACTERS


def test_a_policy_of_a_function_fits_into_one(tmp_path: Path) -> None:
    """So do the functions' own."""
    with an_account(tmp_path) as cloud:
        Operator(cloud, "a" * 40).provision()
        for held in cloud.cloud.ram.state.policies.values():
            assert len(held.versions[held.default].document) <= MOST_CHARACTERS
