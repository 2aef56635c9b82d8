"""InvokeFunction, from outside: synchronously, which runs the function to its end, or asynchronously."""

import base64
import re
from typing import TYPE_CHECKING

from localcloud.fc import errors, events
from localcloud.fc.asked import Asked
from localcloud.fc.functions import Function, Run
from localcloud.wire import Response

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

#: https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage (read 2026-11)
MAX_SYNC, MAX_ASYNC = 32 * 1024 * 1024, 128 * 1024
#: "Tail: returns the last 4 KB of logs" (help page InvokeFunction, X-Fc-Log-Type, read 2026-11).
_LOG_TAIL = 4 * 1024
_TASK_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_BYTES = {"Content-Type": "application/octet-stream"}


class Invoking:
    """The action InvokeFunction of both APIs.

    https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-invokefunction and
    https://www.alibabacloud.com/help/en/fc/developer-reference/api-invokefunction (2016-08-15; read 2026-11).
    """

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud

    def by_name(self, call: "Call", asked: Asked) -> Response:
        """As 2023-03-30 asks for it: a function by its name."""
        function = self._cloud.fc.get(asked.region, asked.name)
        asked.qualified(asked.query.get("qualifier", ""), asked.name)
        return self._invoke(call, function, asked, "X-Fc-Async-Task-Id")

    def by_service(self, call: "Call", asked: Asked) -> Response:
        """As 2016-08-15 asks for it: a function of a service, which has the name ``service$function`` in 3.0.

        Nothing documented says whether this API reaches a function that was made with 3.0, so here it does not.
        """
        service, _, qualifier = asked.name.partition(".")
        if not self._cloud.fc.named(asked.region, f"{service}$"):
            raise errors.service_not_found(service)
        function = self._cloud.fc.get(asked.region, f"{service}${asked.names[1]}")
        asked.qualified(qualifier, service)
        return self._invoke(call, function, asked, "X-Fc-Stateful-Async-Invocation-Id")

    def _invoke(self, call: "Call", function: Function, asked: Asked, task_header: str) -> Response:
        kind = asked.headers.get("x-fc-invocation-type", "Sync")
        if kind not in ("Sync", "Async"):
            raise errors.invalid(f"invocation type '{kind}' is not Sync or Async")
        limit = MAX_SYNC if kind == "Sync" else MAX_ASYNC
        if len(asked.body) > limit:
            raise errors.too_large(limit)
        if kind == "Async":
            return self._queue(call, function, asked, task_header)
        if self._cloud.scheduler.busy:
            raise errors.nested(function.name)
        run = self._cloud.fc.run_now(function, asked.body, call.request_id.lower())
        return Response(200, run.body, _about(run, asked.headers.get("x-fc-log-type", "None")))

    def _queue(self, call: "Call", function: Function, asked: Asked, task_header: str) -> Response:
        request = call.request_id.lower()
        headers = {**_BYTES, "X-Fc-Request-Id": request}
        if function.invoked_async.async_task:
            task = asked.headers.get(task_header.lower()) or request
            if not _TASK_ID.fullmatch(task) and task != request:
                raise errors.invalid(f"async task id '{task}' has to begin with a letter or _")
            if not self._cloud.fc.take_task(function, task):
                raise errors.task_exists(task, function.name)
            headers[task_header] = task
        self._cloud.fc.invoke_async(function, asked.body, request)
        return Response(202, b"", headers)


def _about(run: Run, log_type: str) -> dict[str, str]:
    """The answer's headers; what the embedded cloud does not measure, such as memory, is not among them."""
    spent = (run.ended - run.started).total_seconds() * 1000
    headers = {**_BYTES, "X-Fc-Request-Id": run.request_id, "X-Fc-Invocation-Duration": f"{spent:.2f}"}
    if run.error is not None:
        headers["X-Fc-Error-Type"] = events.UNHANDLED
    if log_type == "Tail":
        tail = "\n".join(run.lines).encode()[-_LOG_TAIL:]
        headers["X-Fc-Log-Result"] = base64.b64encode(tail).decode()
    return headers
