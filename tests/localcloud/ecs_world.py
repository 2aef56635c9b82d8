"""What tests of the embedded ECS stand on: a small world with real files, and the official SDK to reach it with."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud import Cloud
from localcloud.faults import Fault
from localcloud.mount import Mount, mounted
from localcloud.world import World
from tests.localcloud.asking import RPC
from tests.localcloud.sdk import bodies

HERE, THERE = "cn-hangzhou", "cn-beijing"
ALL = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"
#: Fields of a world, beside its regions, that a test may set.
SWITCHES = ("page_limit", "local_disk_code", "image_event", "image_copy_limit", "domains", "list_lag")
PUBLIC = "aliyun_3_x64_20G_alibase_20251030.vhd"
SCRIPT = 'cat "$FERRY_ROOT/xvda/etc/motd"; exit {{code}}'
LISTING = 'ls "$FERRY_ROOT"'


@dataclass
class Ground:
    """A mounted cloud."""

    cloud: Cloud
    mount: Mount

    def events(self, region: str) -> Callable[[], list[dict[str, Any]]]:
        """Collect the region's own ECS events from now on; the answer takes what has come."""
        from mns.account import Account
        from mns.queue import QueueMeta

        queue = Account(self.mount.endpoint("smq", region), "test", "test").get_queue("events")
        queue.set_encoding(False)
        queue.create(QueueMeta())
        client, models = _client("eventbridge", region)
        client.create_rule(
            models.CreateRuleRequest(
                event_bus_name="default", rule_name="all", filter_pattern='{"source": ["acs.ecs"]}'
            )
        )
        target = models.PutTargetsRequestTargets(
            id="q",
            type="acs.mns.queue",
            endpoint=f"acs:mns:{region}:{self.cloud.account}:queues/events",
            param_list=[models.PutTargetsRequestTargetsParamList(resource_key="Body", form="ORIGINAL")],
        )
        client.put_targets(models.PutTargetsRequest(event_bus_name="default", rule_name="all", targets=[target]))
        return lambda: [json.loads(body) for body in bodies(queue)]

    def ask(self, action: str, region: str = HERE, product: str = "ecs", **wire: Any) -> dict[str, Any]:
        """As the account."""
        return as_account(action, region, product, **wire)

    def pass_time(self, **span: float) -> None:
        """Let virtual time pass, and do what was planned."""
        clock = self.cloud.clock
        end = clock.now + timedelta(**span)
        while (following := clock.next_at()) is not None and following <= end:
            clock.step()
        clock.spend(max(timedelta(0), end - clock.now))

    def until(self, done: Callable[[], object], hours: float = 12) -> None:
        """Let virtual time pass until *done*."""
        end = self.cloud.clock.now + timedelta(hours=hours)
        while not done():
            assert self.cloud.clock.now < end, "it never comes to that"
            self.pass_time(seconds=1)

    def image(self, image_id: str, region: str = HERE) -> dict[str, Any]:
        """The image as DescribeImages shows it, whatever its status; nothing when it isn't listed."""
        found = self.ask("DescribeImages", region, RegionId=region, ImageId=image_id, Status=ALL)
        images = found["Images"]["Image"]
        return images[0] if images else {}

    def image_ready(self, image_id: str, region: str = HERE) -> dict[str, Any]:
        """The image once it is Available."""
        self.until(lambda: self.states(image_id)[-1] == "Available")
        self.until(lambda: self.image(image_id, region))
        return self.image(image_id, region)

    def instance(self, instance_id: str, region: str = HERE) -> dict[str, Any]:
        """The instance as DescribeInstances shows it."""
        found = self.ask("DescribeInstances", region, RegionId=region, InstanceIds=f'["{instance_id}"]')
        instances = found["Instances"]["Instance"]
        return instances[0] if instances else {}

    def create_image(self, name: str = "golden", **wire: Any) -> str:
        """Image the world's instance."""
        found = self.ask("CreateImage", **{"RegionId": HERE, "InstanceId": "i-web", "ImageName": name} | wire)
        return str(found["ImageId"])

    def copy_image(self, image_id: str, name: str = "copy", to: str = THERE, **wire: Any) -> str:
        """Copy an image of Hangzhou's."""
        sent = {"RegionId": HERE, "ImageId": image_id, "DestinationRegionId": to, "DestinationImageName": name}
        return str(self.ask("CopyImage", **sent | wire)["ImageId"])

    def run(self, image_id: str = PUBLIC, region: str = HERE, **wire: Any) -> str:
        """Launch an instance in the region's vSwitch."""
        return str(
            self.ask("RunInstances", region, **launch(image_id, region) | wire)["InstanceIdSets"]["InstanceIdSet"][0]
        )

    def running(self, image_id: str = PUBLIC, region: str = HERE, **wire: Any) -> str:
        """Launch an instance and wait until it runs."""
        instance_id = self.run(image_id, region, **wire)
        self.until(lambda: self.instance(instance_id, region).get("Status") == "Running")
        return instance_id

    def disks(self, instance_id: str, region: str = HERE) -> dict[str, dict[str, Any]]:
        """The instance's disks by device."""
        found = self.ask("DescribeDisks", region, RegionId=region, InstanceId=instance_id)
        return {disk["Device"]: disk for disk in found["Disks"]["Disk"]}

    def states(self, resource: str) -> list[str]:
        """What the cloud's log says of a resource."""
        return [one.state for one in self.cloud.happenings if one.resource == resource]


class Single(Ground):
    """The same ground, where CreateInstance is asked for instead of RunInstances."""

    def ask(self, action: str, region: str = HERE, product: str = "ecs", **wire: Any) -> dict[str, Any]:
        """As the account."""
        return as_account("CreateInstance" if action == "RunInstances" else action, region, product, **wire)


def as_account(action: str, region: str = HERE, product: str = "ecs", **wire: Any) -> dict[str, Any]:
    """Call *action* through the official SDK, parameters by their names on the wire; the answer's body."""
    client, models = _client(product, region)
    request = getattr(models, f"{action}Request")().from_map(wire)
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", action.replace("VSwitch", "Vswitch").replace("VRouter", "Vrouter")).lower()
    body: dict[str, Any] = getattr(client, snake)(request).body.to_map()
    assert body.pop("RequestId")
    return body


def by_name(action: str, region: str = HERE, product: str = "ecs", **wire: Any) -> dict[str, Any]:
    """The same, also with parameters that the action's own request does not know: the SDK's call of any action."""
    from alibabacloud_tea_openapi.utils import Utils
    from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
    from darabonba.runtime import RuntimeOptions

    form = Params(
        action=action,
        version={"ecs": "2014-05-26", "vpc": "2016-04-28"}[product],
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    client, _ = _client(product, region)
    answer = client.call_api(form, OpenApiRequest(query=Utils.query(wire)), RuntimeOptions())
    body: dict[str, Any] = answer["body"]
    assert body.pop("RequestId")
    return body


def launch(image_id: str, region: str = HERE) -> dict[str, Any]:
    """The parameters of a plain RunInstances."""
    place = "a" if region == HERE else "b"
    return {
        "RegionId": region,
        "ImageId": image_id,
        "InstanceType": "ecs.g7.large",
        "VSwitchId": f"vsw-{place}",
        "SecurityGroupId": f"sg-{place}",
        "SystemDisk": {"Category": "cloud_essd"},
    }


@contextmanager
def ground(folder: Path, *faults: Fault, seed: int = 1, extra: Mapping[str, Any] | None = None) -> Iterator[Ground]:
    """A world with an instance of two disks in Hangzhou and an empty network in Beijing."""
    root, data = folder / "root", folder / "data"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "motd").write_text("welcome\n")
    (root / "etc" / "hostname").write_text("web\n")
    data.mkdir()
    (data / "orders").write_text("42\n")
    given = extra or {}
    about = {
        "regions": a_world(root, data, given),
        "faults": faults,
        **{name: given[name] for name in SWITCHES if name in given},
    }
    world = World.model_validate(about)
    trusted = frozenset({_digest(SCRIPT), _digest(LISTING)})
    cloud = Cloud(world, seed=seed, state=folder / "state", trusted_scripts=trusted)
    with mounted(cloud) as mount:
        yield Ground(cloud, mount)


def a_world(root: Path, data: Path, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Hangzhou with an instance, Beijing without; *extra* goes into Hangzhou."""
    disks = [
        {"kind": "system", "category": "cloud_essd", "size": 40, "dir": root},
        {"kind": "data", "category": "cloud_essd", "size": 100, "dir": data, "mount": "/data"},
    ]
    web = {"id": "i-web", "name": "web", "security_groups": ["sg-a"], "tags": {"app": "web"}, "disks": disks}
    here = _network("a", "10.0", "cn-hangzhou-h")
    here["instances"] = [_placed(web), *(_placed(one) for one in extra.get("instances", []))]
    here["images"] = extra.get("images", [])
    here["eips"] = extra.get("eips", [])
    here["key_pairs"] = extra.get("key_pairs", [])
    here["vswitches"] += extra.get("vswitches", [])
    here["security_groups"] += extra.get("security_groups", [])
    return {HERE: here, THERE: _network("b", "10.1", "cn-beijing-h")}


def _placed(instance: dict[str, Any]) -> dict[str, Any]:
    place = {"type": "ecs.g7.large", "zone": "cn-hangzhou-h", "vswitch": "vsw-a", "security_groups": ["sg-a"]}
    return {"name": instance["id"], **place, **instance}


def _network(place: str, block: str, zone: str) -> dict[str, Any]:
    return {
        "vpcs": [{"id": f"vpc-{place}", "cidr": f"{block}.0.0/16"}, {"id": f"vpc-{place}2", "cidr": "192.168.0.0/16"}],
        "vswitches": [{"id": f"vsw-{place}", "vpc": f"vpc-{place}", "zone": zone, "cidr": f"{block}.1.0/24"}],
        "security_groups": [
            {"id": f"sg-{place}", "vpc": f"vpc-{place}"},
            {"id": f"sg-{place}2", "vpc": f"vpc-{place}2"},
            {"id": f"sg-{place}3", "vpc": f"vpc-{place}"},
            {"id": f"sg-{place}4", "vpc": f"vpc-{place}", "type": "enterprise"},
        ],
    }


@contextmanager
def refused(code: str, status: int | None = None, message: str | None = None) -> Iterator[pytest.ExceptionInfo[Any]]:
    """What is within is refused with *code*, and if they are given with this status and message."""
    from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

    with pytest.raises(AlibabaCloudException) as no:
        yield no
    assert no.value.code == code, (no.value.code, no.value.message)
    assert status in (None, no.value.status_code)
    assert message in (None, no.value.data["Message"])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _client(product: str, region: str) -> tuple[Any, Any]:
    package = RPC[product]
    return import_module(f"{package}.client").Client(_config(region)), import_module(f"{package}.models")


def _config(region: str) -> Any:
    from alibabacloud_tea_openapi.models import Config

    return Config(access_key_id="test", access_key_secret="test", region_id=region)
