"""COVERAGE.md says what is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.coverage.place import PLACE
from localcloud.coverage.reading import read
from localcloud.coverage.telling import whole
from tests.localcloud.ecs_world import Ground, ground
from tests.localcloud.provoked import Said, lacking


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def test_it_is_up_to_date() -> None:
    """Whoever changes an action runs `python -m localcloud.coverage`."""
    assert PLACE.read_text() == whole(), "say: python -m localcloud.coverage"


def test_what_no_test_provokes_is_told() -> None:
    """An action that never succeeded, a refusal that was never given with its status and its message filled in."""
    told = "sts GetCallerIdentity: succeeds"
    assert told in set(lacking([]))
    assert told not in set(lacking([("sts", "GetCallerIdentity", 200, "", "")]))
    line = 'ecs StartInstance: 400 MissingParameter: The input parameter "%s" that is mandatory'
    said = ("ecs", "StartInstance", 400, "MissingParameter")
    message = 'The input parameter "InstanceId" that is mandatory for processing this request is not supplied.'

    def is_lacking(*heard: Said) -> bool:
        return any(one.startswith(line) for one in lacking(heard))

    assert not is_lacking((*said, message))
    assert is_lacking((*said, "Something is missing."))
    assert is_lacking(("ecs", "StopInstance", 400, "MissingParameter", message))


def test_what_is_read_is_seen(g: Ground) -> None:
    """Through methods, functions, groups and loops; what another service says is not its own."""
    found = read(g.cloud.ecs.actions["CopyImage"].do)
    assert {"ImageId", "DestinationImageName", "Tag.N.Key", "Encrypted"} <= found.parameters
    codes = {one.code for one in found.refusals}
    assert {"InvalidImageId.NotFound", "QuotaExceed.Image", "OperationDenied.ImageCopyConflict"} <= codes
    assert not {code for code in codes if code.startswith(("Queue", "Topic", "EventBus"))}


@pytest.mark.parametrize(
    ("action", "has", "lacks"),
    [
        ("AuthorizeSecurityGroup", "InvalidSourceGroupId.NotFound", "InvalidDestGroupId.NotFound"),
        ("AuthorizeSecurityGroupEgress", "InvalidDestGroupId.NotFound", "InvalidSourceGroupId.NotFound"),
        ("CreateInstance", "InvalidHostName.Malformed", "InvalidParams.HostnameExceed"),
        ("DeleteSnapshotGroup", "InvalidSnapshotGroupId.NotFound", "SnapshotCreatedImage"),
    ],
)
def test_an_action_refuses_what_it_comes_to(g: Ground, action: str, has: str, lacks: str) -> None:
    """Not what only its neighbours refuse, nor what it tells in its answer."""
    codes = {one.code for one in read(g.cloud.ecs.actions[action].do).refusals}
    assert has in codes and lacks not in codes


def test_what_is_read_of_one_of_several_is_seen(g: Ground) -> None:
    """Each rule's description."""
    assert "Description" in read(g.cloud.ecs.actions["AuthorizeSecurityGroup"].do).parameters


@pytest.mark.parametrize(
    ("action", "wire", "code"),
    [
        (
            "CopyImage",
            {"RegionId": "cn-hangzhou", "ImageId": "m-none", "DestinationRegionId": "cn-beijing"},
            "InvalidI",
        ),
        ("RunInstances", {"RegionId": "cn-hangzhou"}, "MissingParameter"),
        ("DeleteInstance", {"InstanceId": "i-none"}, "InvalidInstanceId.NotFound"),
    ],
)
def test_what_is_said_is_told(g: Ground, action: str, wire: dict[str, str], code: str) -> None:
    """A refusal that is met stands there, with its message."""
    from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

    with pytest.raises(AlibabaCloudException) as no:
        g.ask(action, **wire)
    assert no.value.code.startswith(code)
    section = PLACE.read_text().partition(f"### [{action}]")[2].partition("\n### ")[0]
    assert f"| {no.value.status_code} | `{no.value.code}` |" in section


def test_what_the_gateway_refuses_is_seen(g: Ground) -> None:
    """What a parameter has to be, names that a module has of another, and tables of names and of refusals."""
    deletion, addresses = (
        read(g.cloud.vpc.actions["DeleteVpc"].do),
        read(g.cloud.vpc.actions["DescribeEipAddresses"].do),
    )
    assert {"MissingParameter", "InvalidParameter", "DryRunOperation"} <= {one.code for one in deletion.refusals}
    assert {"EipName", "SegmentInstanceId", "Status"} <= addresses.parameters
    record = read(g.cloud.alidns.actions["AddDomainRecord"].do)
    assert {"InvalidRR.AValue", "InvalidRR.CAAValue"} <= {one.code for one in record.refusals}
