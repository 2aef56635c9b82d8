"""A program that has nothing but one function's package and the layer: ``python -I -S -B lone.py ORDER``.

ORDER is a JSON file: `path` (what comes after the standard library), `cases` of an event and settings, `absent`
(modules that must not be found) and `into`, the file that the outcomes are written to.
"""

import json
import logging
import os
import sys
import traceback
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main(order: dict[str, Any]) -> None:
    """Invoke the handler for each case, then tell what was loaded, and from where."""
    standard, lines = list(sys.path), list[str]()
    logging.basicConfig(level=logging.INFO, handlers=[_Lines(lines)])
    sys.path += order["path"]
    from handler import handler  # type: ignore[import-not-found]

    outcomes = [_outcome(handler, case) for case in order["cases"]]
    told = {
        "version": list(sys.version_info[:2]),
        "outcomes": outcomes,
        "log": lines,
        "astray": _astray([*standard, *order["path"]]),
        "uncompiled": _uncompiled(order["path"]),
        "found": [name for name in order["absent"] if find_spec(name)],
        "versions": {found.name: found.version for found in distributions()},
    }
    Path(order["into"]).write_text(json.dumps(told))


class _Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())


def _outcome(handler: Any, case: dict[str, Any]) -> dict[str, Any]:
    os.environ.clear()
    os.environ.update(case["environ"])
    try:
        return {"answer": handler(Path(case["event"]).read_bytes().rstrip(), _context())}
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its outcome
        return {"raised": type(error).__name__, "said": str(error), "trace": traceback.format_exc()}


def _context() -> SimpleNamespace:
    """What python3.12's context has: no credentials, no clock.

    https://help.aliyun.com/en/functioncompute/fc/context-1
    """
    return SimpleNamespace(
        request_id="1-lone",
        account_id="1234567890123456",
        region="cn-beijing",
        function=SimpleNamespace(name="lone", handler="handler.handler", memory=512, timeout=60),
        service=SimpleNamespace(log_project="", log_store=""),
    )


def _astray(known: list[str]) -> list[str]:
    """Modules that came from elsewhere."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return [file for file in files if file and file != __file__ and not file.startswith(tuple(known))]


def _uncompiled(path: list[str]) -> list[str]:
    """Modules of the layer that were imported from source."""
    specs = [module.__spec__ for module in list(sys.modules.values()) if getattr(module, "__spec__", None)]
    loaded = [(spec.origin or "", spec.cached) for spec in specs if spec is not None]
    return [
        origin
        for origin, cached in loaded
        if origin.startswith(path[-1]) and origin.endswith(".py") and not Path(cached or "none").exists()
    ]


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
