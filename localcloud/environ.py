"""The process's environment, lent to one invocation at a time.

``os.environ`` is put aside and a mapping of the invocation's own stands in its place: what a function sets there is its
own, and nothing has to be copied back.  What reads the environment below Python, such as a program that is started
without one, sees the process's.
"""

import os
from collections.abc import Mapping, MutableMapping
from typing import Any

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
        self._own: Any = None

    def lend(self, wanted: MutableMapping[str, str]) -> None:
        """Make *wanted* the environment; what is set in it stays in it."""
        if self._own is None:
            self._own = os.environ
        _put(wanted)

    def take_back(self) -> None:
        """Make the environment the process's own again."""
        if self._own is not None:
            _put(self._own)
            self._own = None


def basics() -> dict[str, str]:
    """What a function is given of the process's environment: where things are, and nothing secret."""
    return {name: os.environ[name] for name in _OF_THE_PROCESS if name in os.environ}


def _put(mapping: Mapping[str, str]) -> None:
    vars(os)["environ"] = mapping
