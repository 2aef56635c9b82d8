"""An account with nothing of Ferry's in it, and the `ferry` command, in one process: the embedded cloud lives there.

`python -m tests.cli.bare FOLDER` reads a JSON object a line, what to do, and answers each with one.  Whoever sleeps in
that process lets virtual time pass.
"""

import contextlib
import contextvars
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.cli.ferrying import Said
from tests.cli.served import Served, serving

KEY, SECRET = "test", "very-secret"


class Account(Served):
    """The process, as a test sees it."""

    def ferry(self, *words: object, typed: str | None = None, **env: str) -> Said:
        """Run the command there, with *env* beside the account's key; on a terminal if something is *typed*."""
        return self._run({"argv": [str(word) for word in words], "env": env, "typed": typed})

    def state(self) -> Any:
        """Everything that the account holds, as a text."""
        return self._do({"state": True})["state"]

    def changing(self) -> list[str]:
        """The calls that changed something."""
        made: list[str] = self._do({"changing": True})["changing"]
        return made

    def begin_while_typing(self) -> None:
        """Somebody begins a replication with the install `ferry` when something is typed next."""
        self._do({"begin": True})

    def replicate(self, *, until_ended: bool) -> str:
        """Deploy the install `ferry` and begin a replication; its id."""
        id_: str = self._do({"replicate": until_ended})["id"]
        return id_


@contextmanager
def bare(folder: Path) -> Iterator[Account]:
    """An account with a source in Hangzhou and an empty network in Beijing."""
    folder.mkdir(exist_ok=True)
    with serving("tests.cli.bare", folder) as process:
        yield Account(process)


class _Process:
    """What goes on in the process."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        self._app: Any = None
        self._meanwhile: Callable[[], object] = lambda: None
        self._given = {
            **cloud.client_environ(),
            "FERRY_SMQ_ENDPOINT": cloud.smq_endpoint_for("cn-beijing"),
            "FERRY_TABLESTORE_ENDPOINT": cloud.tablestore_endpoint_for("cn-beijing"),
        }

    def do(self, what: dict[str, Any]) -> dict[str, Any]:
        from tests.shared.installs import changing, state_of

        if "strike" in what:
            from localcloud.faults import Fault

            self._cloud.cloud.faults.add(Fault.model_validate(what["strike"]))
            return {}
        if "state" in what:
            return {"state": repr(state_of(self._cloud))}
        if "changing" in what:
            return {"changing": changing(self._cloud)}
        if "begin" in what:
            self._meanwhile = self._begin
            return {}
        if "replicate" in what:
            return {"id": self._replicate(until_ended=what["replicate"])}
        return self._ferry(what)

    def sleep(self, seconds: float) -> None:
        self._cloud.run(lambda: False, limit=timedelta(seconds=seconds))

    def _replicate(self, *, until_ended: bool) -> str:
        from shared.acceptance import accept
        from tests.functions.ferry import a_request
        from tests.shared.installs import Operator

        operator = Operator(self._cloud)
        self._app = app = operator.deploy()
        if until_ended:
            return operator.replicate(app, goal="recovery_point").id
        return accept(a_request(), "k", app).record.id

    def _begin(self) -> None:
        from shared.acceptance import accept
        from tests.functions.ferry import a_request

        accept(a_request(), "meanwhile", self._app)

    def _ferry(self, what: dict[str, Any]) -> dict[str, Any]:
        from cli.main import run

        before = dict(os.environ)
        os.environ |= self._given | what["env"]
        if what["typed"] is not None:
            sys.stdin = _Typed(what["typed"] + "\n")
            sys.stdin.meanwhile = self._meanwhile
            os.environ["FORCE_COLOR"] = "1"
        sys.argv = ["ferry", *what["argv"]]
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                contextvars.copy_context().run(run)
        except SystemExit as left:
            code = int(left.code or 0)
        finally:
            sys.stdin = sys.__stdin__
            os.environ.clear()
            os.environ.update(before)
        return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


class _Typed(io.StringIO):
    """A keyboard, and what goes on while somebody types."""

    meanwhile: Callable[[], object]

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        self.meanwhile()
        return super().readline(size)

    def isatty(self) -> bool:
        return True


def main(folder: Path) -> None:
    """Serve what comes on stdin until it is closed; what a command's own children say goes to stderr."""
    from tests.shared.installs import an_account

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    orders = sys.stdin
    with an_account(folder, secret=SECRET) as cloud:
        process = _Process(cloud)
        time.sleep = process.sleep  # type: ignore[assignment]  # noqa: TID251
        for line in orders:
            print(json.dumps(process.do(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
