"""One cold start: a program for a clean interpreter, ``python -I -S -B cold.py ORDER``; tells what it took as JSON.

ORDER is JSON: `path` (what comes after the standard library), `function` (false: everything is imported, as without
a thought), `services` (what the function uses), `environ`.  Each service is asked once, at an address where nobody
answers: whatever a first call needs is imported, made and signed.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

#: The SDK of each service.
SDKS = {
    "ots": "tablestore",
    "ecs": "alibabacloud_ecs20140526.client",
    "vpc": "alibabacloud_vpc20160428.client",
    "eventbridge": "alibabacloud_eventbridge20200401.client",
    "smq": "mns.account",
}
_REGION = "cn-beijing"


def main(order: dict[str, Any]) -> None:
    """Start, and write the seconds, the most memory and the SDKs that were loaded."""
    sys.path += order["path"]
    os.environ.clear()
    os.environ.update(order["environ"])
    marks = _started(order["services"]) if order["function"] else _naively()
    loaded = [service for service, module in SDKS.items() if module in sys.modules]
    sys.stdout.write(json.dumps({"marks": marks, "loaded": loaded}))


def _started(services: list[str]) -> dict[str, list[float]]:
    """What handler and app take, then each service in turn: seconds and megabytes."""
    import handler  # type: ignore[import-not-found] # noqa: F401

    from shared.app import App

    app = App.from_context(SimpleNamespace(request_id="1", account_id="1234567890123456"))
    marks = {"handler": _mark()}
    for service in services:
        _ask(service, app)
        marks[service] = _mark()
    return marks


def _ask(service: str, app: Any) -> None:
    from shared.ports import TryAgain

    calls: dict[str, Callable[[], object]] = {
        "ots": lambda: app.store.load("r-1"),
        "ecs": lambda: app.instances.by_id(_REGION, ["i-1"]),
        "vpc": lambda: app.networks.vswitch(_REGION, "vsw-1"),
        "eventbridge": lambda: _publish(app),
        "smq": lambda: app.looks.look_later(_REGION, 1),
    }
    try:
        calls[service]()
    except TryAgain:
        return
    raise AssertionError(f"somebody answers for {service}")


def _publish(app: Any) -> None:
    from shared.replication.machine import begin, due
    from shared.replication.request import Request

    asked = {
        "source": {"region": "cn-hangzhou", "instance": "i-1"},
        "target": {"region": _REGION, "vswitch": "vsw-1", "security_groups": ["sg-1"]},
    }
    record = begin(Request.model_validate(asked), id="r-1", install="ferry", at=app.clock())
    app.bus.publish(record, due(record))


def _naively() -> dict[str, list[float]]:
    """Everything, whether it is used or not."""
    for module in ("handler", "shared.app", *SDKS.values()):
        __import__(module)
    return {"all": _mark()}


def _mark() -> list[float]:
    """Seconds of processor time that the process has had, and the most memory so far in MB.

    Importing is computing: on an idle machine it takes as long as that, on a busy one it would take anything.
    """
    status = Path("/proc/self/status").read_text()
    return [time.process_time(), int(status.split("VmHWM:")[1].split()[0]) / 1024]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
