"""A process that holds an embedded cloud and answers orders: a JSON object a line, each with one."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.ferrying import Said, environment

ROOT = Path(__file__).resolve().parents[2]


class Served:
    """Such a process, as a test sees it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def strike(self, **fault: object) -> None:
        """From now on this goes wrong."""
        self._do({"strike": fault})

    def _run(self, order: Mapping[str, object]) -> Said:
        """What the command that is run there has said; it never shows a traceback."""
        said = self._do(order)
        done = Said(said["code"], said["out"], said["err"])
        assert "Traceback" not in done.err + done.out, done.err
        return done

    def _do(self, order: Mapping[str, object]) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the process has ended"
        return json.loads(line)


@contextmanager
def serving(module: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The process of *module*, with what it keeps in *folder*."""
    command = [sys.executable, "-m", module, str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()
