"""Whether a run of all tests has provoked every refusal of COVERAGE.md, and seen every action succeed.

It is a plugin of pytest: a run that is whole and green, and has not, ends with what is lacking and fails.
"""

import functools
import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.coverage.refusals import Told

#: A call as the door tells of it: service, action, status, code, message.
Said = tuple[str, str, int, str, str]
_HERE = Path(__file__).parent


class Provoked(logging.Handler):
    """Hears what the door of each embedded cloud says of its calls, here and in the processes that tests run in."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(logging.DEBUG)
        self._config = config
        self._heard: set[Said] = set()
        self._lacking: list[str] = []
        door = logging.getLogger("localcloud.door")
        door.addHandler(self)
        door.setLevel(logging.DEBUG)
        door.propagate = False

    def handle(self, record: logging.LogRecord) -> bool:
        """Keep what is said; a set needs no lock for that."""
        self._heard.add(record.args)  # type: ignore[arg-type]  # the door's own five
        return True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a process heard."""
        self._heard.update(map(tuple, getattr(node, "workeroutput", {}).get("provoked", ())))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what was heard, or, once all is heard, look what is lacking."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["provoked"] = [list(one) for one in self._heard]
        elif not session.testsfailed and _is_whole(self._config):
            self._lacking = sorted(lacking(self._heard))
            if self._lacking:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what is lacking."""
        if self._lacking:
            terminalreporter.section("what COVERAGE.md lists and no test provokes", red=True, bold=True)
            for line in self._lacking:
                terminalreporter.write_line(line)


def lacking(heard: Iterable[Said]) -> Iterator[str]:
    """A line for each action that never succeeded, and for each refusal of COVERAGE.md that was never given."""
    by_action: dict[tuple[str, str], list[Said]] = {}
    for said in heard:
        by_action.setdefault(said[:2], []).append(said)
    for service, action, refusals in _listed():
        there = by_action.get((service, action), [])
        if not any(not code and status < 300 for _, _, status, code, _ in there):
            yield f"{service} {action}: succeeds"
        for told in refusals:
            if not any(_is(told, said) for said in there):
                yield f"{service} {action}: {told.status} {told.code}: {told.message}"


@functools.cache
def _listed() -> tuple[tuple[str, str, frozenset[Told]], ...]:
    from localcloud.coverage.telling import listed  # which takes half a second to import

    return tuple(listed())


def _is_whole(config: pytest.Config) -> bool:
    """Whether all tests of the embedded cloud are in a run."""
    some = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "collectonly", "maxfail", "stepwise")
    folders = [(config.invocation_params.dir / one).resolve() for one in config.args]
    return not any(config.getoption(name, None) for name in some) and any(
        folder in (_HERE, *_HERE.parents) for folder in folders
    )


def _is(told: Told, said: Said) -> bool:
    return told.status == said[2] and _fits(told.code, said[3]) and _fits(told.message, said[4])


def _fits(template: str, text: str) -> bool:
    """Whether a text is a template with each %s filled in."""
    return re.fullmatch(".*".join(re.escape(part) for part in template.split("%s")), text, re.DOTALL) is not None
