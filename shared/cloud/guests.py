"""Commands in guests, through Cloud Assistant."""

import base64
import binascii
from typing import Any

from shared.cloud.session import Session
from shared.replication.model import Kept

#: Statuses of an invocation that has not ended yet.
#: https://www.alibabacloud.com/help/en/ecs/api-describeinvocationresults
_UNDER_WAY = frozenset({"Pending", "Running", "Stopping", "Scheduled"})


class CommandSeen(Kept):
    """A command in a guest, as the cloud describes it."""

    status: str
    output: str = ""
    dropped: int = 0
    error: str = ""
    exit_code: int | None = None

    @property
    def under_way(self) -> bool:
        """Whether its end is still awaited."""
        return self.status in _UNDER_WAY

    @property
    def ok(self) -> bool:
        """Whether it ended well and nothing of its output was cut off."""
        return self.status == "Success" and not self.dropped


class GuestCommands:
    """RunCommand and its results."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def online(self, region: str, instance: str) -> bool:
        """Whether Cloud Assistant answers in the instance."""
        from alibabacloud_ecs20140526 import models

        request = models.DescribeCloudAssistantStatusRequest(region_id=region, instance_id=[instance])
        body = self._session.ask("ecs", region, "describe_cloud_assistant_status", request)
        held = body.instance_cloud_assistant_status_set
        found = held.instance_cloud_assistant_status if held else []
        return any(s.instance_id == instance and s.cloud_assistant_status == "true" for s in found or [])

    def run(
        self, region: str, instance: str, *, script: str, parameter: str, token: str, seconds: int
    ) -> tuple[str, str]:
        """Start a script with its one parameter; the invocation's id and the request's."""
        from alibabacloud_ecs20140526 import models

        request = models.RunCommandRequest(
            region_id=region,
            type="RunShellScript",
            command_content=base64.b64encode(script.encode()).decode(),
            content_encoding="Base64",
            instance_id=[instance],
            timeout=seconds,
            enable_parameter=True,
            parameters={"request": parameter},
            client_token=token,
        )
        body = self._session.ask("ecs", region, "run_command", request)
        return body.invoke_id, body.request_id

    def result(self, region: str, instance: str, invocation: str) -> CommandSeen | None:
        """How an invocation stands on an instance; None when it is not listed."""
        from alibabacloud_ecs20140526 import models

        request = models.DescribeInvocationResultsRequest(
            region_id=region, invoke_id=invocation, instance_id=instance, content_encoding="Base64"
        )
        body = self._session.ask("ecs", region, "describe_invocation_results", request)
        held = body.invocation.invocation_results if body.invocation else None
        found = held.invocation_result if held else []
        return _seen(found[0]) if found else None


def _seen(result: Any) -> CommandSeen:
    try:
        output = base64.b64decode(result.output or "", validate=True).decode("ascii", "replace")
    except binascii.Error:
        output = ""
    return CommandSeen(
        status=result.invocation_status or "",
        output=output,
        dropped=int(result.dropped or 0),
        error=": ".join(part for part in (result.error_code, result.error_info) if part),
        exit_code=result.exit_code,
    )
