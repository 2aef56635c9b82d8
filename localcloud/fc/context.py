"""What a handler of runtime python3.12 is given beside its event.

https://help.aliyun.com/en/functioncompute/fc/context-1 (read 2026-11): there are no credentials in it, they are in
the environment.  `clock` is the embedded runtime's own: the virtual moment.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class FunctionMeta:
    """The function that runs."""

    name: str
    handler: str
    memory: int
    timeout: int
    version_id: str = ""
    qualifier: str = "LATEST"


@dataclass(frozen=True)
class Context:
    """One invocation, as its handler sees it."""

    request_id: str
    function: FunctionMeta
    region: str
    account_id: str
    logger: logging.Logger
    clock: Callable[[], datetime]
    log_project: str = ""
    log_store: str = ""


class _Lines(logging.Handler):
    """Keeps an invocation's log lines."""

    def __init__(self, lines: list[str], clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._lines = lines
        self._clock = clock

    def emit(self, record: logging.LogRecord) -> None:
        moment = self._clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._lines.append(f"{moment} [{record.levelname}] {record.getMessage()}")


def logger(function: str, lines: list[str], clock: Callable[[], datetime]) -> logging.Logger:
    """A logger of one invocation, whose lines are kept in *lines* and go nowhere else."""
    made = logging.Logger(f"fc.{function}", logging.INFO)
    made.addHandler(_Lines(lines, clock))
    return made
