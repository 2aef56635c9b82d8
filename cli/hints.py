"""Commands that a hint names, made such that they work when they are typed as they stand."""

import re
import shlex
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

DEFAULT_STATE = Path(".ferry")
_COMMAND = re.compile(
    r"ferry (?:(?:status|list|cancel|clean)(?: (?:r-[0-9a-f]{16}|ID)\b)?|replicate -f \S+ --world \S+)"
)
_NOTHING_KEPT = "the demo is over and has kept nothing: it keeps its records only with ferry demo --state DIR"


@dataclass(frozen=True)
class _Records:
    """Where this command's records are; none when they are gone with it."""

    state: Path | None = DEFAULT_STATE


_RECORDS = ContextVar("records", default=_Records())  # noqa: B039 - frozen


def remember_state(state: Path | None) -> Path | None:
    """What --state says, for the hints that follow."""
    _RECORDS.set(_Records(state))
    return state


def fit(hint: str) -> str:
    """*hint* with the folder of the records in every command that needs it."""
    state = _RECORDS.get().state
    if state == DEFAULT_STATE or not _COMMAND.search(hint):
        return hint
    if state is None:
        return _NOTHING_KEPT
    return _COMMAND.sub(lambda found: f"{found[0]} --state {_quoted(state)}", hint)


def _quoted(state: Path) -> str:
    return shlex.quote(str(state))
