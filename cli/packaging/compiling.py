"""Bytecode for the layer, by an interpreter of the target version if there is one on this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.packaging import bytecode
from cli.packaging.layout import MOUNTED, PYTHON
from shared.problem import BadInput, Problem

#: The number that bytecode of a version begins with, fixed since its release candidate.
#: https://github.com/python/cpython/blob/3.12/Lib/importlib/_bootstrap_external.py
_MAGIC = {"3.11": 3495, "3.12": 3531, "3.13": 3571}
_ASK = """
import importlib.util, json, platform, sys
print(json.dumps({
    "program": sys.executable,
    "version": "%d.%d" % sys.version_info[:2],
    "release": platform.python_version(),
    "implementation": sys.implementation.name,
    "magic": int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"),
}))
"""
_PATIENCE = 20


@dataclass(frozen=True)
class Interpreter:
    """A program that is Python of the version asked for, by its own word; no launcher of it."""

    command: tuple[str, ...]
    release: str
    magic: int


def find_interpreter(python: str) -> Interpreter | None:
    """The first interpreter of *python* on this machine; a name is believed only when its program says the same."""
    asked = set[str]()
    for command in _candidates(python):
        program = str(Path(command[0]).resolve()) if len(command) == 1 else " ".join(command)
        if program in asked:
            continue
        asked.add(program)
        found = _ask(command, python)
        if found:
            return found
    return None


def compile_layer(layer: Path, interpreter: Interpreter) -> None:
    """Put bytecode beside every module of *layer*; raises BadInput for a module of ours that can't be compiled."""
    options = ("-I", "-S", "-B", "-W", "ignore", "-X", "utf8")
    command = (*interpreter.command, *options, bytecode.__file__, str(layer / PYTHON), MOUNTED)
    done = subprocess.run(  # noqa: S603 - an interpreter that said what it is
        command, env={}, capture_output=True, text=True, check=True
    )
    ours = [name for name in json.loads(done.stdout) if name.startswith("shared/")]
    if ours:
        message = f"Python {interpreter.release} can't compile it"
        fix = "write what this version understands"
        raise BadInput(tuple(Problem(path=name, code="not_python", message=message, fix=fix) for name in ours))


def _candidates(python: str) -> Iterator[tuple[str, ...]]:
    """Where an interpreter may be: this one, by name on PATH, by a launcher, in pyenv's folders."""
    yield (sys.executable,)
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for name in (f"python{python}", "python3", "python"):
        yield from ((str(folder / name),) for folder in folders if os.access(folder / name, os.X_OK))
    yield from ((str(folder / "py"), f"-{python}") for folder in folders if os.access(folder / "py", os.X_OK))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path("~/.pyenv").expanduser())
    yield from ((str(path),) for path in sorted(pyenv.glob(f"versions/{python}.*/bin/python"), reverse=True))


def _ask(command: tuple[str, ...], python: str) -> Interpreter | None:
    """What the program says of itself, if it is what is wanted; a shim for a version that is not there says nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - what is called python on PATH
            (*command, "-I", "-S", "-c", _ASK), capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        said = json.loads(done.stdout)
        right = (said["version"], said["implementation"]) == (python, "cpython")
        right = right and said["magic"] == _MAGIC.get(python, said["magic"])
        return Interpreter((said["program"],), said["release"], said["magic"]) if right else None
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return None
