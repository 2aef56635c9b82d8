"""The process's environment, lent to one invocation at a time."""

import os
from collections.abc import Mapping

#: What every function finds in its environment beside its own variables.
_OF_THE_PROCESS = (
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "PYTHONPATH",
    "PYTHONHASHSEED",
    "VIRTUAL_ENV",
    "SYSTEMROOT",
)


class Environ:
    """Swaps ``os.environ`` between the process's own and that of the invocation whose turn it is."""

    def __init__(self) -> None:
        self._own: dict[str, str] | None = None
        self._lent: Mapping[str, str] | None = None

    def lend(self, wanted: Mapping[str, str]) -> None:
        """Make the environment exactly *wanted*."""
        if self._lent is wanted:
            return
        now = dict(os.environ)
        if self._own is None:
            self._own = now
        _become(now, wanted)
        self._lent = wanted

    def take_back(self) -> None:
        """Make the environment the process's own again."""
        if self._own is not None:
            _become(dict(os.environ), self._own)
            self._own = self._lent = None


def basics() -> dict[str, str]:
    """What a function is given of the process's environment: where things are, and nothing secret."""
    return {name: os.environ[name] for name in _OF_THE_PROCESS if name in os.environ}


def _become(now: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Change what has to be changed: each look at a variable of os.environ encodes and decodes."""
    for name in now.keys() - wanted.keys():
        del os.environ[name]
    for name, value in wanted.items():
        if now.get(name) != value:
            os.environ[name] = value
