"""As packed: each function's own folder and the layer, in a clean interpreter that has nothing else."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from cli.packaging.project import ROOT, S_YAML, plain
from localcloud.fc.manifest import FunctionSpec, read_manifest
from shared.acceptance import replication_id
from shared.replication.commands import COMMANDS
from shared.replication.machine import due
from shared.replication.manifest import Manifest
from shared.replication.phases import Phase
from shared.replication.record import Line, LineKind, Replication
from shared.store.sqlite import SqliteStore
from tests.packed.layers import VERSIONS, Layer, layer
from tests.packed.record import EVENTS, KEY
from tests.shared.builders import START, a_record, some_hints

ACCOUNT, HOME, INSTALL = "1234567890123456", "cn-beijing", "ferry"
ID = replication_id(INSTALL, KEY)
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
#: Modules of what the functions have no use for.
ABSENT = (
    *("typer", "rich", "responses", "pytest", "pip", "pkg_resources", "setuptools", "numpy", "fc2"),
    *("alibabacloud_fc20230330", "alibabacloud_ram20150501", "cli", "localcloud", "tests", "functions", "bench"),
)
LONGEST = 60
_LICENCE = re.compile(r"\.dist-info/.*(licen[sc]e|copying|notice)", re.IGNORECASE)


#: A version's tests run on one worker: another would wait for its layer.
@pytest.fixture(params=[pytest.param(one, marks=pytest.mark.xdist_group(f"layer-{one}")) for one in VERSIONS])
def packed(request: pytest.FixtureRequest) -> Layer:
    """The layer for one version of Python."""
    return layer(request.param, request.config)


@dataclass(frozen=True)
class Case:
    """A recorded event, and what the store holds when it comes."""

    event: Path
    store: Path | str
    endpoint: str = "http://127.0.0.1:9"

    def told(self, function: str) -> dict[str, Any]:
        """The case for the lone program, with the environment that s.yaml gives the function."""
        env = {
            "FERRY_STORE": str(self.store),
            "FERRY_SMQ_ENDPOINT": self.endpoint,
            "FERRY_TABLESTORE_ENDPOINT": self.endpoint,
        }
        keys = {f"ALIBABA_CLOUD_{name}": "test" for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")}
        given = spec_of(function, env).props.environment_variables
        return {
            "event": str(self.event),
            "environ": {**given, **env, **keys, "HTTPS_PROXY": self.endpoint, "https_proxy": self.endpoint},
        }


def spec_of(function: str, env: dict[str, str]) -> FunctionSpec:
    """What s.yaml says of a function."""
    env |= {"FERRY_INSTALL": INSTALL, "FERRY_HOME_REGION": HOME}
    return next(spec for spec in read_manifest(S_YAML, env, ACCOUNT) if spec.folder.name == function)


def alone(function: str, packed: Layer, folder: Path, cases: list[Case]) -> dict[str, Any]:
    """What becomes of *cases* in an interpreter with nothing but the function's package and the layer."""
    package, into = folder / "code", folder / "outcome.json"
    shutil.copytree(ROOT / "functions" / function, package, ignore=shutil.ignore_patterns("__pycache__"))
    order = {
        "path": [str(package), str(packed.folder)],
        "cases": [case.told(function) for case in cases],
        "absent": ABSENT,
        "into": str(into),
    }
    written = folder / "order.json"
    written.write_text(json.dumps(order))
    lone = Path(__file__).parent / "lone.py"
    done = subprocess.run(
        [*packed.python, "-I", "-S", "-B", lone, written],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": os.defpath},
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = {**json.loads(into.read_text()), "stderr": done.stderr}
    assert told["version"] == [int(part) for part in packed.built.python.split(".")]
    assert told["astray"] == [], "every module is the standard library's, the package's or the layer's"
    assert told["uncompiled"] == [], "every module of the layer comes from its bytecode"
    return told


def mine(phase: Phase) -> Replication:
    """The replication that the recorded events are about, in *phase*."""
    line = Line(at=START, phase=phase, kind=LineKind.SEEN, what="it is there")
    return a_record(phase, id=ID, install=INSTALL, history=(line,), manifest=Manifest(taken_at=START, disks=()))


def store_with(path: Path, *records: Replication) -> Path:
    """A store that holds these records, due for a look since long."""
    with SqliteStore(path) as store:
        for record in records:
            store.add(record, some_hints())
    return path


def events_of(function: str) -> list[Path]:
    """What was recorded for a function."""
    found = sorted(EVENTS.glob(f"{function}.*.json"))
    assert found, f"no event of {function} is recorded: python -m tests.packed.record"
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_handler_answers_a_recorded_event(function: str, packed: Layer, tmp_path: Path) -> None:
    """With its package and the layer alone, a function takes each kind of event that its triggers hand over."""
    moved_on = store_with(tmp_path / "moved-on.db", mine(Phase.SUCCEEDED))
    events = events_of(function)
    told = alone(function, packed, tmp_path, [Case(event, moved_on) for event in events])
    for event, outcome in zip(events, told["outcomes"], strict=True):
        assert "answer" in outcome, (event.name, outcome)
        if function == "api":
            assert (event.name, outcome["answer"]["statusCode"]) == (event.name, 200)
    with SqliteStore(moved_on) as store:
        assert len(store.dead_letters()) == (len(events) if function == "keep_dead_letter" else 0)
    assert told["found"] == [], "the layer holds no module that the functions have no use for"


CALLED = {command.function(): command for command in COMMANDS if command.function() in FUNCTIONS}


@pytest.mark.parametrize("function", sorted(CALLED.keys() - {"start_replication"}))
def test_every_step_calls_the_cloud_with_nothing_but_the_layer(function: str, packed: Layer, tmp_path: Path) -> None:
    """Where its command is due, the SDK in the layer makes a client, signs and sends; no answer is a passing fault."""
    phases = [phase for phase in Phase if CALLED[function] in {type(command) for command in due(a_record(phase))}]
    store = store_with(tmp_path / "due.db", mine(phases[0]))
    with silent_proxy() as (endpoint, asked):
        told = alone(function, packed, tmp_path, [Case(event, store, endpoint) for event in events_of(function)])
    (outcome,) = told["outcomes"]
    assert (outcome.get("raised"), outcome.get("said", "")[:24]) == ("TryAgain", "no answer from the cloud"), outcome
    assert asked, "the call went out"
    assert [host for host in asked if not re.match(r"(ecs|vpc)[.-]", host)] == []


def test_what_is_accepted_is_published_with_nothing_but_the_layer(packed: Layer, tmp_path: Path) -> None:
    """EventBridge's SDK and SMQ's come from the layer, too: a command is sent, and so is a delayed look."""
    new, waits = tmp_path / "new.db", store_with(tmp_path / "waits.db", mine(Phase.IMAGING))
    (event,) = events_of("start_replication")
    with silent_proxy() as (endpoint, asked):
        cases = [Case(event, new, endpoint), Case(event, waits, endpoint)]
        told = alone("start_replication", packed, tmp_path, cases)
    assert [outcome.get("answer", outcome) for outcome in told["outcomes"]] == [None, None]
    unpublished = [json.loads(line)["why"] for line in told["log"] if "accepted.unpublished" in line]
    assert len(unpublished) == 2, told["log"]
    assert asked[0].startswith("eventbridge-console.cn-beijing."), asked
    assert "/queues/ferry-looks" in asked[1], asked


def test_what_is_waited_for_is_looked_at_with_nothing_but_the_layer(packed: Layer, tmp_path: Path) -> None:
    """`watch` asks ECS; what gets no answer is put off, and says why."""
    store = store_with(tmp_path / "waits.db", mine(Phase.COPYING))
    timer = EVENTS / "watch.timer.json"
    with silent_proxy() as (endpoint, asked):
        told = alone("watch", packed, tmp_path, [Case(timer, store, endpoint)])
    assert told["outcomes"] == [{"answer": None}]
    assert asked[0].startswith("ecs"), asked
    with SqliteStore(store) as opened:
        row = opened.load(ID)
    assert row is not None
    assert row.hints.trouble.startswith("no answer from the cloud")


def test_a_record_is_read_from_tablestore_with_nothing_but_the_layer(packed: Layer, tmp_path: Path) -> None:
    """Tablestore's SDK loads without what the layer leaves out of it, signs and sends; no answer is a passing fault."""
    with silent_proxy() as (endpoint, asked):
        told = alone(
            "create_image", packed, tmp_path, [Case(events_of("create_image")[0], "tablestore:ferry-try", endpoint)]
        )
    (outcome,) = told["outcomes"]
    assert outcome.get("raised") in {"StoreUnavailable", "Unanswered"}, outcome
    assert asked[0] == "/GetRow"
    assert told["stderr"] == "", "nor does it complain of what is left out"


def test_the_layer_is_what_the_functions_need_and_no_more(packed: Layer, tmp_path: Path) -> None:
    """Its packages are the project's dependencies and what these need: nothing that only the command or a test uses."""
    told = alone("watch", packed, tmp_path, [])
    versions = {plain(name): version for name, version in told["versions"].items()}
    assert versions == {plain(package.name): package.version for package in packed.built.packages}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {requirement_name(text) for text in project["dependencies"]}
    others = {requirement_name(text) for extra in project["optional-dependencies"].values() for text in extra}
    assert needed <= versions.keys()
    assert versions.keys() & (others - whole(needed)) == set()
    held = {path.relative_to(packed.folder).parts for path in packed.folder.rglob("*")}
    assert [parts for parts in held if {"tests", "test", "RECORD"} & set(parts)] == []
    assert [parts for parts in held if parts[-1].endswith((".pyi", ".pth")) or "darwin" in parts[-1]] == []


def test_every_licence_stays(packed: Layer) -> None:
    """Who gave a package away under a licence that must go with it finds it there, unchanged."""
    wheels = sorted(packed.built.layer.parent.glob("wheels/*/*.whl"))
    assert len(wheels) == len(packed.built.packages)
    kept = 0
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if _LICENCE.search(name) and not name.endswith("/"):
                    assert (packed.folder / name).read_bytes() == archive.read(name)
                    kept += 1
    assert kept > len(wheels) / 2


def whole(names: set[str]) -> set[str]:
    """The packages, and all that these need."""
    found, left = set[str](), sorted(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            wanted = (Requirement(text) for text in requires(name) or ())
            left += [plain(one.name) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def requirement_name(text: str) -> str:
    """The name in ``rich>=1``."""
    return plain(re.split(r"[\[>=<;]", text)[0])


@contextmanager
def silent_proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy on loopback that hangs up on whoever asks; its address, and the hosts and paths that were asked for."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()
        thread = threading.Thread(target=_hang_up, args=(server, asked, over))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        finally:
            over.set()
            thread.join()


def _hang_up(server: socket.socket, asked: list[str], over: threading.Event) -> None:
    while not over.is_set():
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        with connection:
            connection.settimeout(5)
            line = connection.recv(4096).decode("latin-1").split("\r\n")[0]
            asked.append(line.split(" ")[1] if " " in line else line)
