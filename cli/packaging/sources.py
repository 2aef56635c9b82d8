"""The project's own code that goes into the layer: shared/, where only what pyproject.toml packs may be."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from cli.packaging.project import ROOT, package_data, pins
from shared.problem import Problem

_SHARED = ROOT / "shared"
_CACHE = "__pycache__"


def shared_files() -> list[Path]:
    """The files of shared/ that the layer holds, by path."""
    data = _data()
    return [entry for entry in _entries(_SHARED) if _belongs(entry, data)]


def problems_of_shared() -> Iterator[Problem]:
    """What lies in shared/ and can't go with it: a layer is read by whoever may read the functions."""
    data = _data()
    for entry in _entries(_SHARED):
        if entry.is_symlink():
            yield problem_of_link(entry)
        elif not _belongs(entry, data):
            patterns = ", ".join(("*.py", *package_data("shared")))
            yield Problem(
                path=entry.relative_to(ROOT).as_posix(),
                code="stray_file",
                message=f"it is none of what shared/ shares with the functions, which is {patterns}",
                fix="move it elsewhere; what functions need at run time is named by package-data in pyproject.toml",
            )


def problem_of_link(link: Path) -> Problem:
    """A symbolic link in what is deployed."""
    return Problem(
        path=link.relative_to(ROOT).as_posix(),
        code="symlink",
        message="it is a symbolic link: what is deployed would be something that lies elsewhere",
        fix="put the file itself there",
    )


def digest_of_sources(python: str) -> str:
    """A digest of all that a layer for *python* is made of: packages, what is shared, how it is put together."""
    told = [python, *(pin.requirement for pin in pins())]
    for file in (*shared_files(), *sorted(Path(__file__).parent.glob("*.py"))):
        told += [file.relative_to(ROOT).as_posix(), hashlib.sha256(file.read_bytes()).hexdigest()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _data() -> set[Path]:
    return {file for pattern in package_data("shared") for file in _SHARED.glob(pattern)}


def _belongs(entry: Path, data: set[Path]) -> bool:
    if entry.is_symlink() or not entry.is_file() or entry.name.startswith("."):
        return False
    return entry.suffix == ".py" or entry in data


def _entries(folder: Path) -> Iterator[Path]:
    """Everything below *folder* but caches; links, and folders that are hidden, as they are."""
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink() or not entry.is_dir() or entry.name.startswith("."):
            yield entry
        elif entry.name != _CACHE:
            yield from _entries(entry)
