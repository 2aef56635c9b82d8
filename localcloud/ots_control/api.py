"""The actions of Tablestore's control plane: making, listing and deleting instances.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-createinstance and its
neighbours (read 2026-11).  An instance is there at once.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localcloud.ots_control import errors
from localcloud.ots_control.models import About
from localcloud.ots_control.needs import needs
from localcloud.texts import read_json, whole

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]
#: "Each Alibaba Cloud account can create up to 10 instances" (help page CreateInstance, read 2026-11).
MOST_INSTANCES = 10
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]")
_FORBIDDEN = ("ali", "ay", "ots", "taobao", "admin")


class OtsControl:
    """The instances of the account, all regions."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._about: dict[tuple[str, str], About] = {}
        #: Every action that is here, by its name.
        self.actions: Mapping[str, Callable[[Call], Answer]] = {
            "CreateInstance": self._create,
            "GetInstance": self._get,
            "ListInstances": self._list,
            "DeleteInstance": self._delete,
        }

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        action = self.actions.get(call.action)
        if action is None:
            raise errors.action_not_found(call.action)
        self._cloud.ram.permits.demand(call, needs(self._cloud.account, call), lambda _: errors.forbidden())
        return action(call)

    def _create(self, call: "Call") -> Answer:
        name, cluster = _need(call, "InstanceName"), _need(call, "ClusterType")
        _check_name(name)
        if cluster not in ("SSD", "HYBRID"):
            raise errors.invalid("ClusterType", "write SSD or HYBRID")
        description = call.params.get("InstanceDescription", "")
        if description and not 3 <= len(description) <= 256:
            raise errors.invalid("InstanceDescription", "write 3 to 256 characters")
        held = self._cloud.tablestore.state
        if any(there.lower() == name.lower() for there in held.instances(call.region)):
            raise errors.exists(name)
        if sum(len(held.instances(region)) for region in self._cloud.world.regions) >= MOST_INSTANCES:
            raise errors.too_many(MOST_INSTANCES)
        tags = _tags(call)
        held.create_instance(call.region, name)
        self._about[call.region, name] = About(self._cloud.clock.now, cluster, description, tags)
        return {"Code": "200", "Message": "OK"}

    def _get(self, call: "Call") -> Answer:
        name = self._named(call)
        about = self._described(call.region, name)
        return {
            **self._shown(call.region, name),
            "Network": "NORMAL",
            "NetworkTypeACL": ["INTERNET", "VPC", "CLASSIC"],
            "NetworkSourceACL": ["TRUST_PROXY"],
            "Policy": "",
            "PolicyVersion": 0,
            "TableQuota": 64,
            "Tags": [{"Key": key, "Value": value} for key, value in about.tags.items()],
        }

    def _list(self, call: "Call") -> Answer:
        """ListInstances: those whose names hold InstanceName, at most MaxResults (100) after NextToken."""
        asked, begin = whole(call.params.get("MaxResults", "0"), 0, 200), call.params.get("NextToken", "")
        if asked is None:
            raise errors.invalid("MaxResults", "write 0 to 200")
        for name in ("Status", "ResourceGroupId", "Tag"):
            if call.params.get(name):
                raise errors.invalid(name, "lists by it are not in the embedded cloud")
        part, only = call.params.get("InstanceName", ""), call.params.get("InstanceNameList", "")
        names = [
            name
            for name in self._cloud.tablestore.state.instances(call.region)
            if part in name and (not only or name in only.split(","))
        ]
        rest, most = [name for name in names if name >= begin], asked or 100
        shown = [self._shown(call.region, name) for name in rest[:most]]
        beside = {"NextToken": rest[most]} if len(rest) > most else {}
        return {"Instances": shown, "TotalCount": len(names), **beside}

    def _delete(self, call: "Call") -> Answer:
        """DeleteInstance: "make sure that all data tables ... in the instance are deleted"."""
        name, held = self._named(call), self._cloud.tablestore.state
        if held.instances(call.region)[name].names():
            raise errors.has_tables()
        held.delete_instance(call.region, name)
        self._about.pop((call.region, name), None)
        return {}

    def _named(self, call: "Call") -> str:
        wanted = _need(call, "InstanceName")
        found = [name for name in self._cloud.tablestore.state.instances(call.region) if name.lower() == wanted.lower()]
        if not found:
            raise errors.not_found(wanted)
        return found[0]

    def _described(self, region: str, name: str) -> About:
        return self._about.get((region, name)) or About(self._cloud.clock.start)

    def _shown(self, region: str, name: str) -> Answer:
        about = self._described(region, name)
        return {
            "InstanceName": name,
            "AliasName": name,
            "InstanceDescription": about.description,
            "InstanceStatus": "normal",
            "InstanceSpecification": about.cluster,
            "StorageType": about.cluster,
            "PaymentType": "PayAsYouGo",
            "IsMultiAZ": False,
            "CreateTime": about.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "RegionId": region,
            "ResourceGroupId": "",
            "UserId": self._cloud.account,
            "VCUQuota": 0,
        }


def _need(call: "Call", name: str) -> str:
    value = call.params.get(name, "")
    if not value:
        raise errors.missing(name)
    return value


def _tags(call: "Call") -> Mapping[str, str]:
    try:
        return {str(tag["Key"]): str(tag["Value"]) for tag in read_json(call.params.get("Tags", "[]"))}
    except (ValueError, TypeError, KeyError):
        raise errors.invalid("Tags", "write a list of Key and Value") from None


def _check_name(name: str) -> None:
    word = next((word for word in _FORBIDDEN if word in name.lower()), None)
    if word is not None:
        raise errors.invalid("InstanceName", f"it contains {word}")
    if not _NAME.fullmatch(name):
        raise errors.invalid(
            "InstanceName", "write 3 to 16 letters, digits and hyphens, a letter first, no hyphen last"
        )
