"""The layer's folder: Function Compute unpacks a layer to /opt and looks for modules in /opt/python.

https://www.alibabacloud.com/help/en/functioncompute/fc-3-0/user-guide/create-a-custom-layer-1 (read 2026-11)
"""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from cli.packaging import Package
from cli.packaging.project import ROOT
from cli.packaging.sources import shared_files

#: The folder in the layer, and where it is at run time.
PYTHON, MOUNTED = "python", "/opt/python"
#: What the layer says of itself, beside its modules: a zip goes from hand to hand.
MANIFEST = "ferry-layer.json"
#: Files that stay out, and why that is safe.
_LEFT_OUT = {
    # An extension for one version of Python, 10 MB of memory in each instance.  The SDK does without where it does not
    # load, and the adapter in shared/cloud says enable_native=False, so that every version runs the same code.
    PurePosixPath("tablestore/ots_sdk/ots_sdk.so"),
}
_TESTS = frozenset({"test", "tests", "SelfTest"})
#: For type checkers, Cython and site-packages: nothing reads them at run time.
_UNREAD = frozenset({".pyi", ".typed", ".pyx", ".pxd", ".pxi", ".pth", ".pyc"})
_NATIVE = frozenset({".so", ".dylib", ".dll", ".pyd", ".exe"})
_LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")
_METADATA = frozenset({"METADATA", "entry_points.txt"})
_ELF, _X86_64 = b"\x7fELF", b"\x3e\x00"


def lay_wheel(wheel: Path, layer: Path) -> tuple[str, str, tuple[Path, ...]]:
    """Unpack what is needed of *wheel* below *layer*; its name, its version and the files."""
    name, version = wheel.name.split("-")[:2]
    return name, version, tuple(_unpack(wheel, layer / PYTHON))


def lay_shared(layer: Path) -> None:
    """Put what the functions share beside the packages."""
    for file in shared_files():
        place = layer / PYTHON / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.read_bytes())


def lay_manifest(layer: Path, python: str, sources: str) -> None:
    """Say in the layer which Python it is for, and by a digest what it was made of."""
    (layer / PYTHON).mkdir(parents=True)
    (layer / PYTHON / MANIFEST).write_text(json.dumps({"python": python, "sources": sources}, indent=2) + "\n")


def weigh(name: str, version: str, files: tuple[Path, ...]) -> Package:
    """A package with its files' sizes, their bytecode's too."""
    return Package(name, version, sum(_size(file) for file in files))


def _unpack(wheel: Path, target: Path) -> Iterator[Path]:
    with ZipFile(wheel) as archive:
        for entry in sorted(archive.namelist()):
            place = None if entry.endswith("/") else _place(PurePosixPath(entry))
            if place is None:
                continue
            content, file = archive.read(entry), target / place
            if place.suffix in _NATIVE and not _runs_there(content):
                continue
            assert not file.exists(), f"{wheel.name} and another wheel both hold {place}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            yield file


def _place(entry: PurePosixPath) -> PurePosixPath | None:
    """Where a wheel's entry goes; None for what the functions have no use for."""
    top, *rest = entry.parts
    assert ".." not in rest, f"{entry} leads out of the wheel"
    if top.endswith(".data"):
        kind, *below = rest
        return _place(PurePosixPath(*below)) if kind in ("purelib", "platlib") else None
    if top.endswith(".dist-info"):
        return entry if _is_kept(rest) else None
    unread = _TESTS & set(entry.parts) or entry.suffix in _UNREAD or entry.name == "py.typed" or entry in _LEFT_OUT
    return None if unread else entry


def _is_kept(rest: list[str]) -> bool:
    """Whether an entry of a dist-info folder stays: what importlib.metadata reads, and every licence."""
    return rest[0] == "licenses" or rest[-1] in _METADATA or rest[-1].upper().startswith(_LICENCES)


def _runs_there(content: bytes) -> bool:
    """Whether a binary is one of Linux on x86_64."""
    return content[:4] == _ELF and content[18:20] == _X86_64


def _size(file: Path) -> int:
    cached = sum(cache.stat().st_size for cache in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"))
    return file.stat().st_size + (cached if file.suffix == ".py" else 0)
