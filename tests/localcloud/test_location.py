"""The location service: where a product is reached in a region."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from localcloud.runtime import Embedded
from tests.localcloud.sdk import a_cloud, v1

USERS = [{"name": "bob", "access_key": "bob-key", "secret": "bob-secret"}]
ECS = {"Id": "cn-hangzhou", "ServiceCode": "ecs", "Type": "openAPI"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with a_cloud(tmp_path_factory.mktemp("cloud"), users=USERS) as made:
        yield made


def ask(*, host: str = "location-readonly", secret: str = "test", **params: str) -> requests.Response:
    """The answer to DescribeEndpoints, as earlier SDKs ask it."""
    sent = v1(secret=secret, **{"Action": "DescribeEndpoints", "Version": "2015-06-12", "Format": "JSON", **params})
    return requests.get(f"https://{host}.aliyuncs.com/", params=sent, timeout=5)


def shown(**params: str) -> list[dict[str, Any]]:
    """The endpoints of an answer."""
    answer = ask(**params)
    assert (answer.status_code, answer.json()["Success"]) == (200, True)
    endpoints: list[dict[str, Any]] = answer.json()["Endpoints"]["Endpoint"]
    return endpoints


def test_an_endpoint(cloud: Embedded) -> None:
    """As the SDKs read it, with its spelling; the same for any key, whatever its rights, and at either host."""
    assert cloud is not None
    told = {
        "Endpoint": "ecs-cn-hangzhou.aliyuncs.com",
        "Id": "cn-hangzhou",
        "Namespace": "",
        "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
        "SerivceCode": "ecs",
        "Type": "openAPI",
    }
    assert shown(**ECS) == shown(host="location", **ECS) == [told]
    assert shown(**ECS | {"Type": ""}) == shown(secret="bob-secret", AccessKeyId="bob-key", **ECS) == [told]
    assert shown(**ECS | {"Type": "innerAPI"}) == []


def test_in_xml(cloud: Embedded) -> None:
    """What is asked for without a format."""
    assert cloud is not None
    root = ElementTree.fromstring(ask(**ECS | {"Format": "XML"}).content)
    assert root.findtext("Endpoints/Endpoint/Endpoint") == "ecs-cn-hangzhou.aliyuncs.com"
    assert [one.text for one in root.findall("Endpoints/Endpoint/Protocols/Protocols")] == ["HTTP", "HTTPS"]


@pytest.mark.parametrize(
    ("service", "endpoint"),
    [
        ("ecs", "ecs.cn-beijing.aliyuncs.com"),
        ("vpc", "vpc.cn-beijing.aliyuncs.com"),
        ("alidns", "alidns.aliyuncs.com"),
        ("eventbridge", "eventbridge-console.cn-beijing.aliyuncs.com"),
        ("ram", "ram.aliyuncs.com"),
        ("sts", "sts.cn-beijing.aliyuncs.com"),
        ("ots", "ots.cn-beijing.aliyuncs.com"),
        ("fc", "cn-beijing.fc.aliyuncs.com"),
    ],
)
def test_each_product(cloud: Embedded, service: str, endpoint: str) -> None:
    """Each that is here, by its own code, in the region that is asked for."""
    assert cloud is not None
    (one,) = shown(Id="cn-beijing", ServiceCode=service)
    assert (one["Endpoint"], one["Id"], one["SerivceCode"]) == (endpoint, "cn-beijing", service)


@pytest.mark.parametrize(
    ("wire", "status", "code", "message"),
    [
        ({"Id": ""}, 400, "MissingId", "Id is mandatory for this action."),
        ({"ServiceCode": ""}, 400, "MissingServiceCode", "ServiceCode is mandatory for this action."),
        ({"Id": "xx-nowhere-1"}, 404, "InvalidRegionId", "The specified region does not exist."),
        ({"ServiceCode": "nothing"}, 400, "Illegal Parameter", "Please check the parameters"),
        (
            {"Action": "DescribeServices"},
            404,
            "InvalidAction.NotFound",
            "Specified api is not found: DescribeServices of Location.",
        ),
    ],
)
def test_refusals(cloud: Embedded, wire: dict[str, str], status: int, code: str, message: str) -> None:
    """The words are those that SDKs know a wrong region and a wrong product by."""
    assert cloud is not None
    answer = ask(**ECS | wire)
    assert (answer.status_code, answer.json()["Code"], answer.json()["Message"]) == (status, code, message)


def test_a_wrong_secret(cloud: Embedded) -> None:
    """Nobody is told anything who does not sign."""
    assert cloud is not None
    answer = ask(secret="wrong", **ECS)
    assert (answer.status_code, answer.json()["Code"]) == (400, "SignatureDoesNotMatch")
