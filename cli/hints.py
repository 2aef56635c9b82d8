"""Commands that a hint names, made such that they work when they are typed as they stand."""

import re
import shlex
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

DEFAULT_STATE = Path(".ferry")
_COMMAND = re.compile(
    r"ferry (?:(?:status|list|cancel|clean)(?: (?:r-[0-9a-f]{16}|ID)\b)?+|replicate -f \S+ --world \S+)"
    r"(?! --(?:state|via)\b)"  # it may have been made to fit already
)
_WORLD = re.compile(r" --world \S+")
_NOTHING_KEPT = "the demo is over and has kept nothing: it keeps its records only with ferry demo --state DIR"


@dataclass(frozen=True)
class _Records:
    """Where this command's records are: in a folder, gone with it, or with the install that options lead to."""

    state: Path | None = DEFAULT_STATE
    via: str = ""


_RECORDS = ContextVar("records", default=_Records())  # noqa: B039 - frozen


def remember_state(state: Path | None) -> Path | None:
    """What --state says, for the hints that follow."""
    _RECORDS.set(_Records(state))
    return state


def remember_via(options: str) -> None:
    """The options that lead to the deployed install that is asked, for the hints that follow."""
    _RECORDS.set(_Records(via=options))


def fit(hint: str) -> str:
    """*hint* with where the records are in every command that needs it."""
    state, via = _RECORDS.get().state, _RECORDS.get().via
    if via:
        return _COMMAND.sub(lambda found: f"{_WORLD.sub('', found[0])} {via}", hint)
    if state == DEFAULT_STATE or not _COMMAND.search(hint):
        return hint
    if state is None:
        return _NOTHING_KEPT
    return _COMMAND.sub(lambda found: f"{found[0]} --state {_quoted(state)}", hint)


def _quoted(state: Path) -> str:
    return shlex.quote(str(state))
