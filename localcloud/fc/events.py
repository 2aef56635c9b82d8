"""The JSON that each kind of trigger hands to a function, and what FC sends to a destination."""

import json
import traceback
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from localcloud.door import request_id

#: https://www.alibabacloud.com/help/en/functioncompute/fc/error-handling-1-2 (read 2026-11)
UNHANDLED = "UnhandledInvocationError"


def timer_event(moment: datetime, name: str, payload: str) -> bytes:
    """https://www.alibabacloud.com/help/en/functioncompute/fc/time-triggers (read 2026-11)."""
    fields = {"triggerTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "triggerName": name, "payload": payload}
    return json.dumps(fields).encode()


def queue_event(seed: int, moment: datetime, arn: str, message_id: str, body: str) -> bytes:
    """A message of a queue as EventBridge's SMQ source gives it: one CloudEvent.

    https://www.alibabacloud.com/help/en/eventbridge/user-guide/create-a-custom-event-source-of-the-mns-type
    (read 2026-11)
    """
    request = request_id(seed, "queue source", message_id)
    at = moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{moment.microsecond // 1000:03d}Z"
    region, account = arn.split(":")[2:4]
    event = {
        "id": request.lower(),
        "source": "acs:mns",
        "specversion": "1.0",
        "type": "mns:Queue:SendMessage",
        "datacontenttype": "application/json; charset=utf-8",
        "subject": arn,
        "time": at,
        "aliyunaccountid": account,
        "aliyunpublishtime": at,
        "aliyunregionid": region,
        "data": {"requestId": request.replace("-", "")[:24], "messageId": message_id, "messageBody": body},
    }
    return json.dumps(event).encode()


def error_body(error: BaseException, base: Path) -> bytes:
    """The body of a failed invocation: https://help.aliyun.com/zh/functioncompute/fc/user-guide/error-handling-1-1."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__))
    stack = [
        [f'File "{_as_deployed(frame.filename, base)}"', f"line {frame.lineno}", f"in {frame.name}", frame.line or ""]
        for frame in frames
        if not _is_ours(frame.filename)
    ]
    fields = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": stack}
    return json.dumps(fields).encode()


def end_body(message: str, kind: str) -> bytes:
    """The body of an invocation that did not come to its end."""
    return json.dumps({"errorMessage": message, "errorType": kind}).encode()


def destination_payload(
    moment: datetime, arn: str, request: str, attempts: int, payload: bytes, body: bytes, error: str | None
) -> str:
    """What a destination gets: https://www.alibabacloud.com/help/en/fc/user-guide/result-callback (read 2026-11)."""
    context: Mapping[str, object] = {
        "requestId": request,
        "functionArn": arn,
        "condition": error or "",
        "approximateInvokeCount": attempts,
    }
    fields = {
        "timestamp": int(moment.timestamp() * 1000),
        "requestContext": context,
        "requestPayload": payload.decode(errors="replace"),
        "responseContext": {"statusCode": 200, "functionError": error or ""},
        "responsePayload": body.decode(errors="replace"),
    }
    return json.dumps(fields)


def _as_deployed(filename: str, base: Path) -> str:
    """The path as it is in the cloud: one seed gives the same bytes wherever the project lies."""
    path = Path(filename)
    if path.is_relative_to(base):
        return f"/code/{path.relative_to(base)}"
    return "/".join(path.parts[-2:])


def _is_ours(filename: str) -> bool:
    return Path(filename).is_relative_to(Path(__file__).parent)
