"""What is deployed beside s.yaml: one layer that all functions share; each function's own folder goes as it is.

The work itself is imported when a build begins: other commands are quick.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.ports import TryAgain

#: Where a build goes unless told otherwise.
OUT = Path(".ferry-build")
#: So large may code be that comes through the API, as a zip; 500 MB if it comes from OSS.
#: https://alibabacloud.com/help/tc/functioncompute/fc-3-0/product-overview/limits-of-usage (read 2026-11)
LARGEST = 100_000_000


class PackagesUnreachable(TryAgain):
    """pip can't reach the packages that the layer needs."""


@dataclass(frozen=True)
class Package:
    """A distribution in the layer, and the bytes that it takes there, bytecode with them."""

    name: str
    version: str
    size: int


@dataclass(frozen=True)
class FunctionPackage:
    """A function's own folder, and the bytes that it takes as a zip."""

    name: str
    size: int


@dataclass(frozen=True)
class Built:
    """A layer that was built, and what goes with it."""

    layer: Path
    sha256: str
    size: int
    unpacked: int
    python: str
    compiled: bool
    packages: tuple[Package, ...]
    functions: tuple[FunctionPackage, ...]
    #: What people should know: another version than the runtime's, no bytecode, too large.
    notes: tuple[str, ...] = ()


def build(python: str, out: Path, tell: Callable[[str], None]) -> Built:
    """Build the layer for *python* (``3.12``) in *out*; *tell* hears what is under way.

    Raises BadInput for what is wrong with the project or the arguments, PackagesUnreachable without a network.
    """
    from cli.packaging.building import build_layer

    return build_layer(python, out, tell)


def read_layer(path: Path, *, named: bool) -> bytes:
    """The content of a layer that was built before; raises BadInput for one that the functions can't run with.

    Unless it was *named* by a person, it must come from the sources that are here now.
    """
    from cli.packaging.reading import read_layer as read

    return read(path, named=named)


def runtime() -> str:
    """The version of Python that s.yaml's functions run on; raises BadInput."""
    from cli.packaging.project import runtime_version

    return runtime_version()
