"""Keep a message that nobody could act on, so that `ferry status` shows it."""

import hashlib
import json

from shared.app import App, Context
from shared.log import log
from shared.ports import DeadLetter
from shared.wire import CloudEvent, FailedCall, QueueData, Unreadable, parse

#: A row holds this much of a letter's text.
_MOST = 60_000


def handler(event: bytes, context: Context) -> None:
    """Keep the letter in *event*; the same letter again changes nothing."""
    app = App.from_context(context)
    body = _opened(event)
    origin, reason = _told(body)
    # By its text: bus and queue deliver at least once, and each time under another id of the message.
    letter_id = hashlib.sha256(body.encode()).hexdigest()[:32]
    app.store.keep_dead_letter(
        DeadLetter(id=letter_id, at=app.clock(), origin=_storable(origin), reason=_storable(reason), body=body[:_MOST])
    )
    log("dead_letter", id=letter_id, origin=origin)


def _opened(event: bytes) -> str:
    """A letter's text; whatever it is, it is kept."""
    try:
        data = QueueData.model_validate(parse(CloudEvent, event).data)
    except (Unreadable, ValueError):
        return event.decode("utf-8", "backslashreplace")
    body = data.body if isinstance(data.body, str) else json.dumps(data.body)
    return _storable(body)


def _storable(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can name and no store can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def _told(body: str) -> tuple[str, str]:
    """Where a letter came from, and why it is one."""
    try:
        failed = parse(FailedCall, body)
    except Unreadable:
        return _stray_event(body)
    function = str(failed.request_context.get("functionArn", "")).split("functions/")[-1] or "a function"
    return function, f"{function} failed for the last time: {_error(failed)}"


def _error(failed: FailedCall) -> str:
    payload = failed.response_payload
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except (ValueError, RecursionError):
            return str(payload)
    if isinstance(payload, dict) and "errorMessage" in payload:
        return f"{payload.get('errorType', 'Error')}: {payload['errorMessage']}"
    return str(payload or failed.request_context.get("condition", "unknown"))


def _stray_event(body: str) -> tuple[str, str]:
    try:
        event = parse(CloudEvent, body)
    except Unreadable:
        return "unknown", "nobody can read this message"
    return "bus", f"no function takes an event of type {event.type}"
