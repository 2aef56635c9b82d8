"""What every test run begins with, and tells at its end: how many storms it went through."""

import signal
from typing import Any

import pytest

from tests.localcloud.provoked import Provoked


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C reach the tests that are about it, even where the shell that began them ignores it."""
    config.pluginmanager.register(Provoked(config))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many seeds the storms of this run had, and how long they took."""
    told: list[dict[str, Any]] = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "storms" and getattr(report, "when", "") == "call"
    ]
    if told:
        parts = ", ".join(f"{one['seeds']} on {one['store']} in {one['seconds']} s" for one in told)
        terminalreporter.write_line(f"storms: {sum(one['seeds'] for one in told)} seeds ({parts})")
