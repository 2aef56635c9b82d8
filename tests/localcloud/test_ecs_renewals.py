"""How subscriptions are renewed, as documented."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs.refusals import renewal as refusals
from tests.localcloud.ecs_world import HERE, Ground, ground
from tests.localcloud.refusing import Act, ask, check_refusal, written

DISKS = [{"kind": "system", "category": "cloud_essd", "size": 40}]
EXTRA = {"instances": [{"id": f"i-paid{number}", "charge_type": "PrePaid", "disks": DISKS} for number in (1, 2)]}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


def describe(**wire: Any) -> Act:
    return ask("DescribeInstanceAutoRenewAttribute", RegionId=HERE, **wire)


def told(g: Ground, **wire: Any) -> list[dict[str, Any]]:
    found = g.ask("DescribeInstanceAutoRenewAttribute", RegionId=HERE, **wire)
    return list(found["InstanceRenewAttributes"]["InstanceRenewAttribute"])


def test_a_subscription_does_not_renew_by_itself(g: Ground) -> None:
    """By id or by status; what is paid as one goes is no subscription."""
    (one,) = told(g, InstanceId="i-paid2")
    assert (one["InstanceId"], one["RenewalStatus"], one["AutoRenewEnabled"]) == ("i-paid2", "Normal", False)
    assert [one["InstanceId"] for one in told(g, RenewalStatus="Normal")] == ["i-paid1", "i-paid2"]
    assert [one["InstanceId"] for one in told(g, InstanceId="i-paid1,i-paid2", PageSize=1, PageNumber=2)] == ["i-paid2"]
    assert told(g, InstanceId="i-paid1", RenewalStatus="AutoRenewal") == told(g, RenewalStatus="NotRenewal") == []


ROWS: dict[str, Act] = {
    "NOTHING_ASKED": describe(),
    "STATUS": describe(RenewalStatus="Sometimes"),
    "TOO_MANY": describe(InstanceId=",".join(f"i-{number}" for number in range(101))),
    "NOT_FOUND": describe(InstanceId="i-paid1,i-none"),
    "PAY_AS_YOU_GO": describe(InstanceId="i-paid1,i-web"),
    "PAGE_SIZE": describe(RenewalStatus="Normal", PageSize="101"),
    "PAGE_NUMBER": describe(RenewalStatus="Normal", PageNumber="first"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], ROWS[name])


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
