"""Tablestore's control plane: instances through its SDK."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_tablestore20201209 import models as m

from localcloud.runtime import Embedded
from tests.localcloud.ecs_world import refused
from tests.localcloud.sdk import ACCOUNT, HOME, a_cloud, tablestore_control


@pytest.fixture(autouse=True)
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    with a_cloud(tmp_path) as made:
        yield made


def create(name: str | None = "ferry", region: str = HOME, **more: Any) -> Any:
    asked = m.CreateInstanceRequest(**{"instance_name": name, "cluster_type": "SSD", **more})
    return tablestore_control(region).create_instance(asked).body


def get(name: str | None = "ferry") -> Any:
    return tablestore_control().get_instance(m.GetInstanceRequest(instance_name=name)).body


def listed(**asked: Any) -> Any:
    return tablestore_control().list_instances(m.ListInstancesRequest(**asked)).body


def delete(name: str | None = "ferry") -> None:
    tablestore_control().delete_instance(m.DeleteInstanceRequest(instance_name=name))


def test_an_instance(cloud: Embedded) -> None:
    """An instance is made with what describes it, can be got, listed and deleted, and has its tables at once."""
    create(instance_description="records", tags=[m.CreateInstanceRequestTags(key="install", value="ferry")])
    assert cloud.cloud.calls[-1].params["InstanceName"] == "ferry"
    one = get()
    assert (one.instance_name, one.instance_description, one.instance_status) == ("ferry", "records", "normal")
    assert (one.instance_specification, one.region_id, one.user_id) == ("SSD", HOME, ACCOUNT)
    assert [(tag.key, tag.value) for tag in one.tags] == [("install", "ferry")]
    assert cloud.cloud.tablestore.state.instances(HOME)["ferry"].names() == []
    delete()
    assert listed().instances == []
    assert cloud.cloud.tablestore.state.instances(HOME) == {}


def test_instances_in_pages() -> None:
    """They are listed by region and by a part of the name, in pages."""
    for name in ("bbb", "aab", "ccc"):
        create(name)
    create("ddd", region="cn-beijing")
    first = listed(max_results=2)
    assert ([one.instance_name for one in first.instances], first.total_count) == (["aab", "bbb"], 3)
    rest = listed(max_results=2, next_token=first.next_token)
    assert ([one.instance_name for one in rest.instances], rest.next_token) == (["ccc"], None)
    assert [one.instance_name for one in listed(instance_name="b").instances] == ["aab", "bbb"]
    assert [one.instance_name for one in listed(instance_name_list=["ccc", "aab"]).instances] == ["aab", "ccc"]


def test_an_instance_with_tables_stays(cloud: Embedded) -> None:
    """The data tables have to go first."""
    with warnings.catch_warnings():  # its C extensions are made for some interpreters only
        warnings.simplefilter("ignore")
        import tablestore
    create()
    client = tablestore.OTSClient(cloud.tablestore_endpoint_for(HOME), "test", "test", "ferry")
    meta = tablestore.TableMeta("t", [("id", "STRING")])
    client.create_table(meta, tablestore.TableOptions(), tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)))
    with refused("ValidationFailed", 400, "The instance is not empty."):
        delete()
    client.delete_table("t")
    delete()


@pytest.mark.parametrize("name", ["fe", "f" * 17, "1ferry", "ferry-", "fer_ry", "Alice", "my-bots", "payments"])
def test_names(name: str) -> None:
    """A name follows the page's conventions, forbidden words included."""
    with refused("InvalidParameter", 400):
        create(name)


@pytest.mark.parametrize(
    ("what", "status", "code", "message"),
    [
        (lambda: create("THERE"), 409, "AlreadyExist", "Instance THERE already exists."),
        (lambda: create(cluster_type="HDD"), 400, "InvalidParameter", "ClusterType is invalid: write SSD or HYBRID"),
        (
            lambda: create(instance_description="x"),
            400,
            "InvalidParameter",
            "InstanceDescription is invalid: write 3 to 256 characters",
        ),
        (lambda: create(cluster_type=None), 400, "MissingClusterType", "ClusterType is mandatory for this action."),
        (lambda: create(None), 400, "MissingInstanceName", "InstanceName is mandatory for this action."),
        (lambda: get(None), 400, "MissingInstanceName", "InstanceName is mandatory for this action."),
        (lambda: delete(None), 400, "MissingInstanceName", "InstanceName is mandatory for this action."),
        (lambda: get("nobody"), 404, "NotFound", "Instance nobody is not found."),
        (lambda: delete("nobody"), 404, "NotFound", "Instance nobody is not found."),
        (lambda: listed(max_results=201), 400, "InvalidParameter", "MaxResults is invalid: write 0 to 200"),
        (
            lambda: listed(status="normal"),
            400,
            "InvalidParameter",
            "Status is invalid: lists by it are not in the embedded cloud",
        ),
        (
            lambda: tablestore_control().list_cluster_type(),
            404,
            "InvalidAction.NotFound",
            "Specified api is not found: ListClusterType of Tablestore.",
        ),
    ],
)
def test_it_refuses(what: Any, status: int, code: str, message: str) -> None:
    """What is refused, is refused so."""
    create("there")
    with refused(code, status, message):
        what()
    assert [one.instance_name for one in listed().instances] == ["there"]


def test_ten_instances_an_account() -> None:
    """The account has ten at most, whatever their regions."""
    for number in range(5):
        create(f"one-{number}")
        create(f"two-{number}", region="cn-beijing")
    with refused("QuotaExceeded", 403, "The number of instances exceeds the quota: 10."):
        create("eleventh")
