"""A deployed install, and the `ferry` command to ask it, in one process: the embedded cloud lives in there.

`python -m tests.cli.deployed FOLDER` reads a JSON object a line, what to do, and answers each with one.  Whoever sleeps
in that process lets virtual time pass.
"""

import contextlib
import contextvars
import io
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, SupportsIndex

from tests.cli.ferrying import Said
from tests.cli.served import ROOT, Served, serving

#: What ferry sleeps is so many times as long in virtual time.
PACE = 20


class Deployed(Served):
    """The process, as a test sees it."""

    def ferry(self, *words: object, env: dict[str, str] | None = None, without: str = "", interrupt: int = 0) -> Said:
        """Run the command there, with *env* beside what it needs and *without* a variable; Ctrl-C at the nth sleep."""
        argv = [str(word) for word in words]
        return self._run({"argv": argv, "env": env or {}, "without": without, "interrupt": interrupt})

    def pass_time(self, **span: float) -> None:
        """Let virtual time pass."""
        self._do({"pass": timedelta(**span).total_seconds()})

    def deploy(self, name: str, source: str) -> None:
        """Deploy one more function."""
        self._do({"deploy": name, "source": source})

    def invocations(self) -> list[str]:
        """The functions that have been invoked, in order."""
        invoked: list[str] = self._do({"invocations": True})["invocations"]
        return invoked


@contextmanager
def deployed(folder: Path) -> Iterator[Deployed]:
    """An install `ferry` in cn-beijing, and its API once more as the service `old` under 2016-08-15."""
    with serving("tests.cli.deployed", folder) as process:
        yield Deployed(process)


class _Process:
    """What goes on in the process."""

    def __init__(self, it: Any, folder: Path) -> None:
        self._install, self._folder = it.install, folder
        self._cloud = it.install.cloud
        self._interrupt = 0
        self._given = {
            **self._cloud.client_environ(),
            "FERRY_HOME_REGION": "cn-beijing",
        }

    def do(self, what: dict[str, Any]) -> dict[str, Any]:
        if "pass" in what:
            self._pass(what["pass"])
        elif "strike" in what:
            from localcloud.faults import Fault

            self._cloud.cloud.faults.add(Fault.model_validate(what["strike"]))
        elif "deploy" in what:
            self._deploy(what["deploy"], what["source"])
        elif "invocations" in what:
            return {"invocations": [run.function for run in self._cloud.cloud.fc.runs]}
        else:
            return self._ferry(what)
        return {}

    def _deploy(self, name: str, source: str) -> None:
        from tests.localcloud.sdk import Project

        project = Project(self._folder / name)
        project.folder.mkdir()
        project.function(name, source)
        project.s_yaml.write_text(project.s_yaml.read_text().replace("cn-hangzhou", "cn-beijing"))
        project.deploy(self._cloud)

    def sleep(self, seconds: SupportsIndex | float) -> None:
        self._interrupt -= 1
        if self._interrupt == 0:
            signal.raise_signal(signal.SIGINT)
        self._pass(float(seconds) * PACE)

    def _pass(self, seconds: float) -> None:
        self._cloud.run(lambda: False, limit=timedelta(seconds=seconds))

    def _ferry(self, what: dict[str, Any]) -> dict[str, Any]:
        from cli.main import run

        self._interrupt = what["interrupt"]
        before = dict(os.environ)
        os.environ |= self._given | what["env"]
        os.environ.pop(what["without"], None)
        sys.argv = ["ferry", *what["argv"]]
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                contextvars.copy_context().run(run)
        except SystemExit as left:
            code = int(left.code or 0)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


def _deploy_as_service(it: Any, folder: Path) -> None:
    """The API once more, by the name that a function of a 2.0 service has in 3.0."""
    import yaml

    from cli.embedded import S_YAML

    project = yaml.safe_load(S_YAML.read_text())
    api = project["resources"]["api"]
    api["props"]["functionName"] = "old$ferry-api"
    there = it.install.cloud.cloud.fc.find("ferry-api").props
    api["props"]["environmentVariables"] = dict(there.environment_variables)
    project["resources"] = {"api": api}
    (folder / "old.yaml").write_text(yaml.safe_dump(project))
    (folder / "functions").symlink_to(ROOT / "functions")
    it.install.cloud.deploy(folder / "old.yaml", {"FERRY_HOME_REGION": there.region})


def main(folder: Path) -> None:
    """Serve what comes on stdin until it is closed."""
    from tests.functions.ferry import ferry

    signal.signal(signal.SIGINT, signal.default_int_handler)
    with ferry(folder, store="tablestore") as it:
        _deploy_as_service(it, folder)
        process = _Process(it, folder)
        time.sleep = process.sleep  # noqa: TID251
        for line in sys.stdin:
            print(json.dumps(process.do(json.loads(line))), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
