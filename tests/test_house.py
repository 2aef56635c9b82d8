"""The house: arrows point one way, one act has one name, nothing is global."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from shared.replication.commands import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
OURS = {"shared", "functions", "localcloud", "cli", "bench", "tests"}
ARROWS = {
    "shared": {"shared"},
    "functions": {"shared", "functions"},
    "localcloud": {"localcloud"},
    "cli": {"cli", "shared", "functions", "localcloud"},
}
#: Functions that no command wakes.
WITHOUT_COMMAND = {"api", "watch", "keep_dead_letter"}
PURE = {"pydantic", "pydantic_core", "datetime", "enum", "typing", "collections", "dataclasses", "functools", "re"}
PURE |= {"shared", "base64", "binascii", "hashlib", "math", "itertools", "string"}
SDKS = ("alibabacloud_", "Tea", "darabonba", "requests", "urllib3", "mns", "fc2", "tablestore")


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that *path* imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("folder", ARROWS)
def test_arrows_point_one_way(folder: str) -> None:
    """A layer imports only what lies below it."""
    wrong = [
        (str(path.relative_to(ROOT)), name)
        for path in modules(folder)
        for name in imports(path)
        if name.split(".")[0] in OURS - ARROWS[folder]
    ]
    assert wrong == []


def test_the_core_imports_nothing_that_can_wait_fail_or_differ() -> None:
    """shared/replication has no I/O, no clock, no chance, no environment."""
    wrong = [
        (path.name, name)
        for path in modules("shared/replication")
        for name in imports(path)
        if name.split(".")[0] not in PURE
        or (name.startswith("shared.") and not name.startswith(("shared.replication", "shared.problem")))
    ]
    assert wrong == []


def test_only_shared_cloud_knows_an_sdk() -> None:
    """No function and no other part of shared imports a cloud SDK."""
    wrong = [
        (str(path.relative_to(ROOT)), name)
        for folder in ("shared", "functions")
        for path in modules(folder)
        if "shared/cloud" not in str(path)
        for name in imports(path)
        if name.startswith(SDKS)
    ]
    assert wrong == []


def test_only_the_app_reads_the_environment_and_the_clock() -> None:
    """Time and settings are passed, not found."""
    found = [
        str(path.relative_to(ROOT))
        for folder in ("shared", "functions")
        for path in modules(folder)
        if any(word in path.read_text() for word in ("os.environ", "datetime.now(", "time.time("))
    ]
    assert found == ["shared/app.py"]


def test_one_act_has_one_name() -> None:
    """Folder, command, function of s.yaml and topic share a name."""
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    resources = yaml.safe_load((ROOT / "s.yaml").read_text())["resources"]
    commands = {command.function() for command in COMMANDS}
    assert folders == set(resources)
    assert folders == commands | WITHOUT_COMMAND
    for name, resource in resources.items():
        props = resource["props"]
        assert props["code"] == f"./functions/{name}"
        assert props["functionName"].endswith(f"-{name}")
        if name in commands:
            topic = f"topics/${{vars.install}}-{name.replace('_', '-')}"
            assert [t["sourceArn"].split(":/")[-1] for t in props["triggers"]] == [topic]


def test_every_function_has_a_policy_and_time_to_end() -> None:
    """Each function has rights of its own, a time-out that a step respects, and a place for its dead letters."""
    resources = yaml.safe_load((ROOT / "s.yaml").read_text())["resources"]
    for name, resource in resources.items():
        assert (ROOT / "functions" / name / "policy.json").exists()
        assert resource["props"]["timeout"] == 60
        destination = resource["props"].get("asyncInvokeConfig", {}).get("destinationConfig")
        assert (destination is None) == (name in {"api", "keep_dead_letter"})


def test_records_are_frozen() -> None:
    """No model of Ferry's can be changed in place."""
    import pydantic

    import shared.lookout
    import shared.ports
    import shared.provisioning
    import shared.replication.machine
    import shared.settings
    import shared.web
    import shared.wire  # noqa: F401 - imported so that their models are known

    pending: list[type[pydantic.BaseModel]] = [pydantic.BaseModel]
    thawed = []
    while pending:
        for model in pending.pop().__subclasses__():
            pending.append(model)
            if model.__module__.startswith("shared.") and not model.model_config.get("frozen"):
                thawed.append(model.__name__)
    assert thawed == []


def test_nothing_happens_at_import() -> None:
    """Every function can be imported with an empty environment."""
    import subprocess
    import sys

    names = [f"functions.{path.parent.name}.handler" for path in sorted((ROOT / "functions").glob("*/handler.py"))]
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    subprocess.run([sys.executable, "-c", code, *names], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=True)


def test_modules_are_named_for_what_they_are() -> None:
    """No drawer for odds and ends."""
    drawers = {"utils", "helpers", "common", "manager", "util", "misc"}
    assert [str(p) for folder in OURS for p in modules(folder) if p.stem in drawers] == []
