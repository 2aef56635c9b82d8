"""The account as anybody sees it: through the official SDK, never through Ferry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from alibabacloud_tea_openapi.models import Config

HERE, THERE = "cn-hangzhou", "cn-beijing"
EVERY_STATUS = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"


def ask(action: str, region: str, **wire: Any) -> dict[str, Any]:
    """Call *action* of ECS, parameters by their names on the wire; the answer's body."""
    from alibabacloud_ecs20140526 import models
    from alibabacloud_ecs20140526.client import Client

    client = Client(Config(access_key_id="test", access_key_secret="test", region_id=region))
    request = getattr(models, f"{action}Request")().from_map({"RegionId": region, **wire})
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
    body: dict[str, Any] = getattr(client, snake)(request).body.to_map()
    return body


def put_event(type_: str, data: object, *, id_: str = "e-1", source: str = "ferry", bus: str = "ferry") -> None:
    """Put one event on a bus of the home region."""
    from alibabacloud_eventbridge20200401 import models
    from alibabacloud_eventbridge20200401.client import Client

    event = models.PutEventsRequestEventList(
        id=id_, source=source, type=type_, spec_version="1.0", data_content_type="application/json", data=data
    )
    client = Client(
        Config(
            access_key_id="test",
            access_key_secret="test",
            region_id=THERE,
            endpoint=f"eventbridge-console.{THERE}.aliyuncs.com",
        )
    )
    body = client.put_events(models.PutEventsRequest(event_bus_name=bus, event_list=[event])).body
    assert body.data.failed_entry_count == 0


def instance(region: str, id_: str) -> dict[str, Any]:
    """The instance as DescribeInstances shows it; nothing when it isn't listed."""
    found = ask("DescribeInstances", region, InstanceIds=f'["{id_}"]')["Instances"]["Instance"]
    return dict(found[0]) if found else {}


@dataclass(frozen=True)
class Holdings:
    """What an account holds in one region: ids and their tags, and what belongs to what."""

    images: dict[str, dict[str, str]] = field(default_factory=dict)
    snapshots: dict[str, dict[str, str]] = field(default_factory=dict)
    instances: dict[str, dict[str, str]] = field(default_factory=dict)
    disks: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        """Everything."""
        return frozenset((*self.images, *self.snapshots, *self.instances, *self.disks))


def holdings(region: str) -> Holdings:
    """What the account holds in *region*."""
    return Holdings(
        images={i["ImageId"]: _tags(i) for i in _all("Image", region, ImageOwnerAlias="self", Status=EVERY_STATUS)},
        snapshots={s["SnapshotId"]: _tags(s) for s in _all("Snapshot", region)},
        instances={i["InstanceId"]: _tags(i) for i in _all("Instance", region)},
        disks={d["DiskId"]: d.get("InstanceId", "") for d in _all("Disk", region)},
    )


def _all(kind: str, region: str, **wire: Any) -> Iterator[dict[str, Any]]:
    found = ask(f"Describe{kind}s", region, PageSize=100, **wire)
    assert found.get("TotalCount", 0) <= 100, "one page is enough for a test"
    yield from found[f"{kind}s"][kind]


def _tags(thing: dict[str, Any]) -> dict[str, str]:
    tags = (thing.get("Tags") or {}).get("Tag", [])
    return {tag.get("TagKey") or tag.get("Key"): tag.get("TagValue") or tag.get("Value") or "" for tag in tags}
