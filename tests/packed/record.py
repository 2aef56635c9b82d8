"""Records the events that s.yaml's triggers hand to the functions: ``python -m tests.packed.record`` makes them anew.

One embedded Ferry carries an instance that an event asked for; then a function fails for the last time, a stray event
comes, and the front door is asked.  The first event of each kind that a function gets is kept, to the byte.
"""

import json
import tempfile
from pathlib import Path

from cli.embedded import INSTALL
from localcloud.fc.functions import Run
from shared.replication.commands import StartReplication
from shared.web import HttpRequest, http_event
from tests.functions.account import put_event
from tests.functions.ferry import MINUTE, Ferry, a_request, ferry

EVENTS = Path(__file__).parent / "events"
KEY = "recorded"
#: What the front door is asked.
_ASKED: tuple[tuple[str, str, dict[str, str], bytes], ...] = (
    ("GET", "/v1/replications", {}, b""),
    ("POST", "/v1/replications", {"Idempotency-Key": KEY}, a_request().model_dump_json().encode()),
)


def main() -> None:
    """Record them all, and replace what was recorded before."""
    with tempfile.TemporaryDirectory() as folder, ferry(Path(folder)) as it:
        _happen(it)
        found = _first_of_each_kind(it.cloud.fc.runs)
    for old in EVENTS.glob("*.json"):
        old.unlink()
    EVENTS.mkdir(exist_ok=True)
    for name, payload in found.items():
        (EVENTS / f"{name}.json").write_bytes(payload + b"\n")


def _happen(it: Ferry) -> None:
    asked = StartReplication(key=KEY, request=a_request())
    put_event(asked.event_type(), asked.model_dump(mode="json", by_alias=True))
    it.pass_time(MINUTE)
    (row,) = it.app.store.records()
    it.until_ended(row.record.id)
    for method, path, headers, body in _ASKED:
        asked_of_door = HttpRequest(method=method, path=path, headers=headers, body=body)
        it.install.cloud.invoke(f"{INSTALL}-api", http_event(asked_of_door))
    put_event("ferry:CopyImage", {"replication": "r-nobody"}, id_="e-2")
    put_event("ferry:Unheard", {"replication": "r-1"}, id_="e-3")
    it.pass_time(2 * MINUTE)


def _first_of_each_kind(runs: list[Run]) -> dict[str, bytes]:
    """``create_image.command``: the first event of each kind that each function got."""
    found: dict[str, bytes] = {}
    for run in runs:
        function = run.function.removeprefix(f"{INSTALL}-")
        found.setdefault(f"{function}.{_kind(json.loads(run.payload))}", run.payload)
    return found


def _kind(event: dict[str, object]) -> str:
    """What sort of event it is, by its form."""
    if "triggerTime" in event:
        return "timer"
    if "rawPath" in event:
        context = event["requestContext"]
        assert isinstance(context, dict)
        return str(context["http"]["method"]).lower()
    if "Message" in event:
        inner = json.loads(str(event["Message"]))
        return "command" if inner["source"] == "ferry" else "cloud_event"
    data = event["data"]
    assert isinstance(data, dict)
    body = data["messageBody"]
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return "look"
    return "failed_call" if "requestContext" in body else "stray_event"


if __name__ == "__main__":
    main()
