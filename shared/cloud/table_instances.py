"""Tablestore's instances: the control plane, by alibabacloud-tablestore20201209."""

from collections.abc import Mapping
from typing import Any

from shared.cloud.errors import CloudRefused
from shared.cloud.session import Session
from shared.replication.model import Kept

_PAGE = 100
RUNNING = "normal"


class TableInstance(Kept):
    """A Tablestore instance as the cloud describes it."""

    name: str
    status: str
    tags: dict[str, str]

    @property
    def runs(self) -> bool:
        """Whether tables can be made in it."""
        return self.status.lower() == RUNNING


class TableInstances:
    """The Tablestore instances of one region."""

    def __init__(self, session: Session, region: str) -> None:
        self._session = session
        self._region = region

    def names(self) -> tuple[str, ...]:
        """The names of the account's instances in the region."""
        from alibabacloud_tablestore20201209 import models

        listed = self._ask("list_instances", models.ListInstancesRequest(max_results=_PAGE))
        return tuple(one.instance_name for one in listed.instances or [])

    def find(self, name: str) -> TableInstance | None:
        """The account's instance of this name, or None."""
        from alibabacloud_tablestore20201209 import models

        listed = self._ask("list_instances", models.ListInstancesRequest(instance_name=name, max_results=_PAGE))
        if not any(one.instance_name == name for one in listed.instances or []):
            return None
        found = self._ask("get_instance", models.GetInstanceRequest(instance_name=name))
        tags = {tag.key or tag.tag_key or "": tag.value or tag.tag_value or "" for tag in found.tags or []}
        return TableInstance(name=name, status=found.instance_status or "", tags=tags)

    def make(self, name: str, *, about: str, tags: Mapping[str, str]) -> None:
        """Make a high-performance instance, billed by what is used."""
        from alibabacloud_tablestore20201209 import models

        request = models.CreateInstanceRequest(
            instance_name=name,
            cluster_type="SSD",
            instance_description=about,
            tags=[models.CreateInstanceRequestTags(key=key, value=value) for key, value in tags.items()],
        )
        self._ask("create_instance", request)

    def delete(self, name: str) -> None:
        """Delete an instance that holds no table."""
        from alibabacloud_tablestore20201209 import models

        self._ask("delete_instance", models.DeleteInstanceRequest(instance_name=name))

    def _ask(self, action: str, request: object) -> Any:
        method = getattr(self._session.client("tablestore", self._region), f"{action}_with_options")
        body = self._session.call(lambda asked, options: method(asked, {}, options), request).body
        # A refusal may also come with HTTP 200 and a code in the body.
        if getattr(body, "code", None) not in (None, "", "OK", "200"):
            raise CloudRefused(body.code, body.message or "", body.request_id or "")
        return body
