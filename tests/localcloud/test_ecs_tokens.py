"""Client tokens of ECS that are refused: malformed ones, and those of another call."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, PUBLIC, SCRIPT, THERE, launch, refused
from tests.localcloud.needed import ECS_CALLS
from tests.localcloud.stock import Stock, stock

_HERE = {"RegionId": HERE}
_RULE = {**_HERE, "SecurityGroupId": "sg-a3", "IpProtocol": "tcp", "PortRange": "80/80"}
_IN, _OUT = {**_RULE, "SourceCidrIp": "10.0.0.0/8"}, {**_RULE, "DestCidrIp": "10.0.0.0/8"}
_COMMAND = {**_HERE, "Type": "RunShellScript", "ContentEncoding": "PlainText", "CommandContent": SCRIPT}
#: By action: a call, and what another has beside it that comes with the same token.
_TWO: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "AuthorizeSecurityGroup": (_IN, {"PortRange": "81/81"}),
    "AuthorizeSecurityGroupEgress": (_OUT, {"PortRange": "81/81"}),
    "CopyImage": ({**_HERE, "ImageId": "m-own", "DestinationRegionId": THERE}, {"DestinationImageName": "copy"}),
    "CopySnapshot": (
        {**_HERE, "SnapshotId": "s-own", "DestinationRegionId": THERE},
        {"DestinationSnapshotName": "copy"},
    ),
    "CreateCommand": ({**_COMMAND, "Name": "one"}, {"Name": "two"}),
    "CreateDisk": ({**_HERE, "ZoneId": "cn-hangzhou-h", "Size": 40}, {"Size": 41}),
    "CreateInstance": (launch(PUBLIC), {"InstanceName": "other"}),
    "CreateSecurityGroup": ({**_HERE, "VpcId": "vpc-a"}, {"SecurityGroupName": "other"}),
    "DeleteInstances": ({**_HERE, "InstanceId": ["i-idle"]}, {"InstanceId": ["i-web"]}),
    "ModifySecurityGroupPolicy": (
        {**_HERE, "SecurityGroupId": "sg-a", "InnerAccessPolicy": "Drop"},
        {"InnerAccessPolicy": "Accept"},
    ),
    "ModifySecurityGroupRule": (
        {**_HERE, "SecurityGroupId": "sg-a3", "SecurityGroupRuleId": "sgr-own", "Description": "one"},
        {"Description": "two"},
    ),
    "ReplaceSystemDisk": ({"InstanceId": "i-idle", "ImageId": "m-own"}, {"ImageId": PUBLIC}),
    "ResizeDisk": ({"DiskId": "d-data", "NewSize": 120}, {"NewSize": 140}),
    "RevokeSecurityGroup": (_IN, {"PortRange": "81/81"}),
    "RevokeSecurityGroupEgress": (_OUT, {"PortRange": "81/81"}),
    "RunCommand": ({**_COMMAND, "InstanceId": ["i-web"]}, {"Timeout": 20}),
    "RunInstances": (launch(PUBLIC), {"InstanceName": "other"}),
}
#: These have a code of their own for it, see test_ecs_refusals.py and test_ecs_details.py.
_OTHERWISE = ("CreateImage", "CreateSnapshot", "CreateSnapshotGroup", "InvokeCommand", "ModifyInstanceSpec")


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    with stock(tmp_path_factory.mktemp("stock")) as made:
        yield made


@pytest.mark.parametrize("token", ["t" * 65, "tökèn"])
@pytest.mark.parametrize("action", [*_TWO, *_OTHERWISE])
def test_a_token_that_is_malformed(s: Stock, action: str, token: str) -> None:
    """64 characters of ASCII at most."""
    with refused("InvalidClientToken.ValueNotSupported", 400, "clienttoken is not valid."):
        s.ask(action, **ECS_CALLS[action][0], ClientToken=token)


@pytest.mark.parametrize("action", _TWO)
def test_a_token_of_another_call(tmp_path: Path, action: str) -> None:
    """The first call is done, the second is not, and the first is answered again as it was."""
    first, other = _TWO[action]
    message = "Request uses a client token in a previous request but is not identical to that request."
    with stock(tmp_path) as s:
        answer = s.ask(action, **first, ClientToken="t")
        with refused("IdempotentParameterMismatch", 400, message):
            s.ask(action, **first | other, ClientToken="t")
        assert s.ask(action, **first, ClientToken="t") == answer
