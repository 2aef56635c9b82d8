"""One log line a fact, as data.  What is logged is named field by field, so that no credential can slip in."""

import json
import logging

_LOGGER = logging.getLogger("ferry")
# Whatever level the runtime's root logger has: these lines are few, and all that tells what a function did.
_LOGGER.setLevel(logging.INFO)


def log(event: str, **facts: str | int | None) -> None:
    """Write one line: the event's name and its facts."""
    _LOGGER.info("%s", json.dumps({"event": event, **facts}, ensure_ascii=True))
