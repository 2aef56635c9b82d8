"""`ferry build`: the same bytes whoever builds, and what can't be deployed is told before anything is made.

The trees that are built here are copies of the project that need few packages: tests/packed builds the whole.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from cli.packaging.project import BUILD_TOOL, ROOT
from tests.cli.ferrying import Said, environment, ferry, world, written

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHER = "3.12" if RUNNING == "3.11" else "3.11"
#: aliyun-fc2 has no wheel, and needs requests, which needs one with a native module.
FEW = ["aliyun-fc2"]
LONGEST = 120
NO_NETWORK = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}


def tree(folder: Path, needs: Sequence[str] = FEW) -> Path:
    """A copy of the project whose functions need these packages."""
    copy = folder / "project"
    copy.mkdir(parents=True)
    for part in ("cli", "functions", "shared", "localcloud"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("s.yaml", "constraints.txt"):
        shutil.copy(ROOT / file, copy)
    project = f'[project]\nname = "ecs-ferry"\nrequires-python = ">=3.11"\ndependencies = {json.dumps(list(needs))}\n'
    data = '[tool.setuptools.package-data]\nshared = ["guest/*.sh"]\n'
    (copy / "pyproject.toml").write_text(project + data)
    return copy


def build(project: Path, *words: str, umask: int = 0o022, env: Mapping[str, str] | None = None) -> Said:
    """`ferry build` of that tree, in its folder."""
    return run(project, "build", *words, umask=umask, env=env)


def run(project: Path, *words: str, umask: int = 0o022, env: Mapping[str, str] | None = None) -> Said:
    """That tree's `ferry`, in its folder."""
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import run; run()", *words],
        capture_output=True,
        text=True,
        cwd=project,
        env=environment(PYTHONPATH=str(project), PYTHONDONTWRITEBYTECODE="1") | dict(env or {}),
        umask=umask,
        timeout=LONGEST,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def _put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return written(path, text)


def nothing_but(folder: Path) -> dict[str, str]:
    """An environment in which programs are found in *folder* only."""
    return dict.fromkeys(("PATH", "HOME", "PYENV_ROOT"), str(folder))


def test_built_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """Another folder, umask, hash seed, time zone and order of making the files change nothing; nor does a rebuild."""
    one = tree(tmp_path / "one")
    other = tree(tmp_path / "a" / "deeper" / "folder")
    for file in sorted((other / "shared").rglob("*.py"), reverse=True):
        file.write_bytes(file.read_bytes())
    cache = other / "functions" / "watch" / "__pycache__"
    cache.mkdir()
    (cache / "handler.cpython-39.pyc").write_bytes(b"left by a run")
    first = build(one, "--python", RUNNING, "--json", env={"PYTHONHASHSEED": "1", "TZ": "UTC"})
    assert first.code == 0, first.out
    second = build(other, "--python", RUNNING, "--json", umask=0o077, env={"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"})
    assert second.json["layer"]["sha256"] == first.json["layer"]["sha256"]
    assert second.json["functions"] == first.json["functions"]
    assert not cache.exists(), "s.yaml's code is the folder: a cache would be deployed with it"
    layer = one / first.json["layer"]["path"]
    assert layer.read_bytes() == (other / second.json["layer"]["path"]).read_bytes()
    looks_as_it_should(layer)
    stamp = layer.stat().st_mtime_ns
    again = build(one, "--python", RUNNING, "--json", env=NO_NETWORK)
    assert (again.json, layer.stat().st_mtime_ns) == (first.json, stamp), "what has not changed is not built again"
    (layer.parent / "layer" / "python" / "shared" / "step.py").write_text("half")
    mended = build(one, "--python", RUNNING, "--json", env=NO_NETWORK)
    assert mended.json == first.json, "what is not whole is built anew, from the packages that were fetched"
    whole = layer.read_bytes()
    layer.write_bytes(whole[:-1] + b"!")
    assert build(one, "--python", RUNNING, "--json", env=NO_NETWORK).json == first.json
    assert layer.read_bytes() == whole, "nor is a zip taken for the one that was built, because it is there"


def looks_as_it_should(layer: Path) -> None:
    """Sorted entries below python/, one time and mode, and bytecode that names no folder of this machine."""
    with zipfile.ZipFile(layer) as archive:
        entries = archive.infolist()
        bytecode = archive.read(f"python/shared/__pycache__/step.cpython-{RUNNING.replace('.', '')}.pyc")
    names = [entry.filename for entry in entries]
    assert names == sorted(names)
    assert {name.split("/")[0] for name in names} == {"python"}
    assert {(entry.date_time, entry.external_attr >> 16) for entry in entries} == {((1980, 1, 1, 0, 0, 0), 0o100644)}
    assert int.from_bytes(bytecode[4:8], "little") == 0b01, "a hash that is not checked, no time"
    assert b"/opt/python/shared/step.py" in bytecode
    assert os.fsencode(layer.parent) not in bytecode


def test_a_build_that_was_killed_leaves_nothing_wrong(tmp_path: Path) -> None:
    """What it left is removed by the next one, which gives what a build gives that nobody disturbed."""
    project = tree(tmp_path, ["typing-extensions"])
    words = [sys.executable, "-c", "from cli.main import run; run()", "build", "--python", RUNNING]
    env = environment(PYTHONPATH=str(project), PYTHONUNBUFFERED="1")
    for step in ("fetching", "packing"):
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=project, env=env) as begun:
            assert begun.stdout is not None
            assert any(line.startswith(step) for line in begun.stdout)
            begun.kill()
    said = build(project, "--python", RUNNING, "--json")
    assert said.code == 0, said.out
    out = project / ".ferry-build"
    assert {path.name for path in out.iterdir()} == {"build.lock", "layer", "layer.json", "layer.zip", "wheels"}
    assert [path.name for path in (out / "wheels").iterdir() if path.name.startswith(".")] == []
    undisturbed = build(project, "--python", RUNNING, "--json", "--out", "other")
    assert undisturbed.json["layer"]["sha256"] == said.json["layer"]["sha256"]


def test_without_an_interpreter_of_the_version_the_sources_are_shipped(tmp_path: Path) -> None:
    """It says so; and a layer for another version than the runtime's says that it is not for Function Compute."""
    project = tree(tmp_path, ["typing-extensions"])
    said = build(project, "--python", OTHER, env=nothing_but(tmp_path))
    assert said.code == 0, said.err
    assert f"no interpreter of Python {OTHER} was found" in said.out
    assert ("is for trying" in said.out) == (OTHER != "3.12")
    facts = json.loads((project / ".ferry-build" / "layer.json").read_text())
    assert (facts["python"], facts["compiled"]) == (OTHER, False)
    assert facts["packages"].keys() == {"typing_extensions"}
    with zipfile.ZipFile(project / ".ferry-build" / "layer.zip") as archive:
        assert not [name for name in archive.namelist() if name.endswith(".pyc")]


def test_an_interpreter_is_asked_what_it_is(tmp_path: Path) -> None:
    """A program that is called python3.x and is none, or another one, is not believed."""
    project, names = tree(tmp_path, ["typing-extensions"]), tmp_path / "names"
    names.mkdir()
    (names / f"python{OTHER}").symlink_to(sys.executable)
    shim = names / "python3"
    shim.write_text("#!/bin/sh\necho 'no such version is set'\nexit 127\n")
    shim.chmod(0o755)
    said = build(project, "--python", OTHER, "--json", env=nothing_but(names))
    assert said.code == 0, said.out
    assert said.json["layer"]["compiled"] is False


LEAF = """
import json, os, setuptools
said = {"environ": dict(os.environ), "setuptools": setuptools.__version__}
with open("ferry_leaf.py", "w") as module:
    module.write(json.dumps(said))
setuptools.setup(name="ferry-leaf", version="0.1", py_modules=["ferry_leaf"])
"""


def with_leaf(folder: Path, **files: str) -> tuple[Path, dict[str, str]]:
    """A tree that needs a package which has no wheel, and the environment in which pip finds its sources."""
    project = tree(folder, ["ferry-leaf"])
    with (project / "constraints.txt").open("a") as constraints:
        constraints.write("ferry-leaf==0.1\n")
    _put(project / "ferry_leaf-0.1.dist-info" / "METADATA", "Metadata-Version: 2.1\nName: ferry-leaf\nVersion: 0.1\n")
    links = folder / "links"
    for name, content in files.items():
        _put(links / name.replace("_", ".", 1), content)
    with tarfile.open(folder / "ferry_leaf-0.1.tar.gz", "w:gz") as archive:
        archive.add(links, "ferry_leaf-0.1")
    return project, {"PIP_FIND_LINKS": str(folder), "PIP_CACHE_DIR": str(folder / "cache")}


def test_a_package_is_built_by_a_known_tool_and_learns_no_keys(tmp_path: Path) -> None:
    """What has no wheel is built by the pinned setuptools, cached or not; its setup.py sees nothing of the account."""
    project, env = with_leaf(tmp_path, setup_py=LEAF)
    other = str(_put(tmp_path / "other.txt", "setuptools==80.9.0\n"))
    env |= {"PIP_CONSTRAINT": other, "PIP_BUILD_CONSTRAINT": other}
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path / "by-other", "ferry-leaf==0.1"],
        env=environment(**env),
        capture_output=True,
        check=True,
    )
    secrets = ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "AccessKeySecret", "ferry_serverless_devs_key", "FERRY_X", "X_TOKEN")
    said = build(project, "--python", RUNNING, "--json", env=env | dict.fromkeys(secrets, "s3cret"))
    assert said.code == 0, said.out
    told = json.loads((project / ".ferry-build" / "layer" / "python" / "ferry_leaf.py").read_text())
    assert told["setuptools"] == BUILD_TOOL.version != "80.9.0"
    assert told["environ"]["PATH"]
    assert "s3cret" not in told["environ"].values()
    assert not told["environ"].keys() & set(secrets)


BACKEND = """
import zipfile
def build_wheel(folder, *_):
    with zipfile.ZipFile(f"{folder}/ferry_leaf-0.1-py3-none-any.whl", "w") as wheel:
        inside = "ferry_leaf-0.1.dist-info"
        wheel.writestr(f"{inside}/METADATA", "Metadata-Version: 2.1\\nName: ferry-leaf\\nVersion: 0.1\\n")
        wheel.writestr(f"{inside}/WHEEL", "Wheel-Version: 1.0\\nGenerator: mine 7\\nRoot-Is-Purelib: true\\n")
        wheel.writestr(f"{inside}/RECORD", "")
    return "ferry_leaf-0.1-py3-none-any.whl"
"""


def test_a_package_that_another_tool_builds_is_refused(tmp_path: Path) -> None:
    """The next version of a tool that nothing pins would give other bytes."""
    pyproject = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    project, env = with_leaf(tmp_path, pyproject_toml=pyproject, backend_py=BACKEND)
    said = build(project, "--python", RUNNING, "--json", env=env)
    assert (said.code, said.problems) == (2, {"constraints.txt": "other_tool"})
    assert "mine 7" in said.json["problems"][0]["message"]


def test_a_layer_is_published_only_if_it_fits(tmp_path: Path) -> None:
    """`ferry provision` takes none of another Python, nor by itself one of other sources; who names one may."""
    project = tree(tmp_path, ["typing-extensions"])
    layer = ".ferry-build/layer.zip"
    words = ("provision", "--world", str(written(tmp_path / "world.yaml", world(tmp_path))), "--json")
    assert build(project, "--python", "3.11", "--json").code == 0
    for place, named in ((layer, ()), ("--layer", ("--layer", layer))):
        said = run(project, *words, *named)
        assert (said.code, said.problems) == (2, {place: "other_python"})
        assert "ferry build" in said.json["problems"][0]["fix"]
    assert build(project, "--json").code == 0
    assert "layer" in {thing["kind"] for thing in run(project, *words).json["provisioned"]}
    with (project / "shared" / "step.py").open("a") as module:
        module.write("# another word\n")
    said = run(project, *words)
    assert (said.code, said.problems) == (2, {layer: "stale"})
    assert "layer" in {thing["kind"] for thing in run(project, *words, "--layer", layer).json["provisioned"]}


def test_what_strays_in_shared_is_told(tmp_path: Path) -> None:
    """Each file that is neither a module nor named as data, hidden or not, and every link, with its path."""
    project = tree(tmp_path)
    shared = project / "shared"
    for name in ("prod.env", "server.key", ".env", ".module.py", "guest/notes.md", "cloud/run.sh", ".git/config"):
        _put(shared / name, "mine")
    elsewhere = _put(tmp_path / "elsewhere" / "module.py", "x = 1\n")
    (shared / "linked").symlink_to(elsewhere.parent)
    (shared / "linked.py").symlink_to(elsewhere)
    (project / "functions" / "linked").symlink_to(elsewhere.parent)
    handler = project / "functions" / "watch" / "handler.py"
    handler.rename(tmp_path / "handler.py")
    handler.symlink_to(tmp_path / "handler.py")
    said = build(project, "--json")
    assert (said.code, said.problems) == (
        2,
        {
            **dict.fromkeys(("shared/prod.env", "shared/server.key", "shared/.env", "shared/.git"), "stray_file"),
            "shared/.module.py": "stray_file",
            **dict.fromkeys(("shared/guest/notes.md", "shared/cloud/run.sh"), "stray_file"),
            **dict.fromkeys(("shared/linked", "shared/linked.py", "functions/linked"), "symlink"),
            "functions/watch/handler.py": "symlink",
        },
    )
    assert not (project / ".ferry-build").exists()


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """A stray file, a missing policy, imports that the layer does not answer, a bad version, a folder of others."""
    project = tree(tmp_path)
    functions = project / "functions"
    (functions / "watch" / "notes.txt").write_text("mine")
    (functions / "precheck" / "policy.json").unlink()
    (functions / "copy_image" / "handler.py").write_text(
        "import json\n\n\ndef handler():\n    import requests.sessions\n"
    )
    (functions / "clean_up" / "handler.py").write_text("from . import other\nfrom functions.watch import handler\n")
    (functions / "create_image" / "handler.py").write_text("def handler(:\n")
    (project / "mine").mkdir()
    (project / "mine" / "thesis.txt").write_text("years of work")
    said = build(project, "--python", "3", "--out", "mine", "--json")
    assert (said.code, said.err) == (2, "")
    assert said.problems == {
        "--python": "no_version",
        "--out": "not_a_build",
        "functions/watch/notes.txt": "stray_file",
        "functions/precheck/policy.json": "missing_file",
        "functions/copy_image/handler.py:5": "forbidden_import",
        "functions/clean_up/handler.py:1": "forbidden_import",
        "functions/clean_up/handler.py:2": "forbidden_import",
        "functions/create_image/handler.py:1": "not_python",
    }
    assert not (project / ".ferry-build").exists()


@pytest.mark.parametrize(
    ("given", "code"), [("3.10", "too_old"), ("2.7", "no_version"), ("three", "no_version"), ("", "no_text")]
)
def test_a_version_that_can_not_be(given: str, code: str, tmp_path: Path) -> None:
    """The option is named, and what can be given."""
    said = build(tree(tmp_path), "--python", given, "--json")
    assert (said.code, said.problems) == (2, {"--python": code})


def test_a_dependency_without_a_version_is_told(tmp_path: Path) -> None:
    """What is not pinned could be another thing tomorrow."""
    project = tree(tmp_path, ["pydantic", "leftpad"])
    said = build(project, "--json")
    assert (said.code, said.problems) == (2, {"constraints.txt": "unpinned"})
    assert "leftpad" in said.json["problems"][0]["message"]


def test_without_a_network_it_says_what_to_do(tmp_path: Path) -> None:
    """Exit code 4, and no folder that looks like a layer."""
    project = tree(tmp_path, ["typing-extensions"])
    said = build(project, "--json", env={**NO_NETWORK, "PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": os.devnull})
    assert (said.code, said.problems) == (4, {"pip": "unreachable"})
    assert {path.name for path in (project / ".ferry-build").rglob("*")} == {"wheels", "build.lock"}


@pytest.mark.parametrize("out", ["/dev/null/x", "/proc/x"])
def test_a_folder_that_can_not_be_made_is_bad_input(out: str) -> None:
    """Wherever --out lies, what can't be made there is told, and no bug."""
    said = ferry("build", "--out", out, "--json")
    assert (said.code, said.problems) == (2, {"--out": "unwritable"})
