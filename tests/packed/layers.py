"""One layer for each version of Python, built once for all tests."""

import functools
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.packaging import Built, build
from cli.packaging.compiling import find_interpreter

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
#: The version that runs the tests is always tried, the others where this machine has them.
VERSIONS = sorted({RUNNING, "3.11", "3.12"})


@dataclass(frozen=True)
class Layer:
    """A layer, and an interpreter for it."""

    built: Built
    folder: Path
    python: tuple[str, ...]


def layer(version: str, config: pytest.Config) -> Layer:
    """The layer for *version*; skips the test when there is no such Python."""
    found = _interpreter(version)
    if found is None:
        pytest.skip(f"no interpreter of Python {version} on this machine")
    assert config.cache is not None
    return Layer(*_build(version, config.cache.mkdir("layers")), found.command)


#: Looking for one starts a process for each candidate.
_interpreter = functools.cache(find_interpreter)


@functools.cache
def _build(version: str, folder: Path) -> tuple[Built, Path]:
    """Whoever comes first builds, other workers wait; what has not changed since the last run is taken as it is.

    Without a network, and without an earlier build of the same packages, this fails and says so.
    """
    out = folder / version
    return build(version, out, lambda _: None), out / "layer" / "python"
