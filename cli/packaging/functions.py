"""The functions' own folders: s.yaml deploys each as it is, so each must hold what a function is and no more."""

import ast
import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from cli.packaging import FunctionPackage
from cli.packaging.archive import pack
from cli.packaging.project import ROOT
from cli.packaging.sources import problem_of_link
from shared.problem import Problem

_NEEDED = ("handler.py", "policy.json")
_MAY_BE = (*_NEEDED, "__init__.py")
_CACHE = "__pycache__"
#: What a handler may import beside the standard library.  Other packages are in the layer, for shared/ to use.
_IMPORTABLE = ("shared", "pydantic")


def function_folders() -> list[Path]:
    """The folder of every function."""
    folders = sorted((ROOT / "functions").iterdir())
    return [folder for folder in folders if folder.is_dir() and folder.name != _CACHE]


def clear(folder: Path) -> None:
    """Remove what Python left there when it ran the function here: it would be deployed, too."""
    shutil.rmtree(folder / _CACHE, ignore_errors=True)


def weigh(folder: Path) -> FunctionPackage:
    """A function's folder as a package."""
    packed = io.BytesIO()
    pack(folder, packed)
    return FunctionPackage(folder.name, packed.tell())


def problems_of_function(folder: Path) -> Iterator[Problem]:
    """What keeps a folder from being deployed as it is."""
    if folder.is_symlink():
        yield problem_of_link(folder)
        return
    yield from (problem_of_link(entry) for entry in sorted(folder.iterdir()) if entry.is_symlink())
    held = {entry.name for entry in folder.iterdir()} - {_CACHE}
    for name in sorted(held - set(_MAY_BE)):
        yield _problem(
            _place(folder / name),
            "stray_file",
            f"it would be deployed with the function, whose folder holds {', '.join(_MAY_BE)} only",
            "move what functions share to shared/, remove anything else",
        )
    for name in _NEEDED:
        if name not in held:
            yield _problem(_place(folder / name), "missing_file", "every function has one", "write it")
    for name in sorted(held & {"handler.py", "__init__.py"}):
        yield from _problems_of_imports(folder / name)


def _problems_of_imports(file: Path) -> Iterator[Problem]:
    """Imports of what a function has no business with, or does not find when it runs."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
        yield _problem(f"{_place(file)}{line}", "not_python", f"it can't be read: {error}", "correct it there")
        return
    for node in ast.walk(tree):
        for name in _imported(node):
            if name.partition(".")[0] not in {*_IMPORTABLE, *sys.stdlib_module_names}:
                yield _problem(
                    f"{_place(file)}:{getattr(node, 'lineno', 0)}",
                    "forbidden_import",
                    f"a function imports {', '.join(_IMPORTABLE)} and the standard library, not {name}",
                    "have it imported by a module of shared/cloud",
                )


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["." * node.level + (node.module or "")]
    return []


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _problem(path: str, code: str, message: str, fix: str) -> Problem:
    return Problem(path=path, code=code, message=message, fix=fix)
