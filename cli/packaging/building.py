"""Building the layer: what is wrong is told at once, what is there is whole, and what has not changed is kept."""

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.packaging import LARGEST, Built, FunctionPackage, Package
from cli.packaging.archive import pack
from cli.packaging.compiling import Interpreter, compile_layer, find_interpreter
from cli.packaging.functions import clear, function_folders, problems_of_function
from cli.packaging.functions import weigh as weigh_function
from cli.packaging.layout import PYTHON, lay_manifest, lay_shared, lay_wheel
from cli.packaging.layout import weigh as weigh_package
from cli.packaging.project import oldest_version, pins, runtime_version
from cli.packaging.sources import digest_of_sources, problems_of_shared
from cli.packaging.wheels import fetch
from shared.problem import BadInput, Problem

Tell = Callable[[str], None]
_VERSION = re.compile(r"3\.\d{1,2}")
_LOCK, _WHEELS, _LAYER, _ZIP, _FACTS = "build.lock", "wheels", "layer", "layer.zip", "layer.json"
_UNFINISHED = ".building-"


def build_layer(python: str, out: Path, tell: Tell) -> Built:
    """The layer for *python* in *out*; raises BadInput with every problem."""
    folders = function_folders()
    problems = [*_problems_of_python(python), *_problems_of_out(out)]
    problems += [problem for folder in folders for problem in problems_of_function(folder)]
    problems += problems_of_shared()
    if problems:
        raise BadInput(tuple(problems))
    for folder in folders:
        clear(folder)
    functions = tuple(weigh_function(folder) for folder in folders)
    try:
        with _alone(out, tell):
            return _built(python, out, functions, tell)
    except OSError as error:
        raise _unwritable(out, error) from error


def _built(python: str, out: Path, functions: tuple[FunctionPackage, ...], tell: Tell) -> Built:
    sources, interpreter = digest_of_sources(python), find_interpreter(python)
    inputs = _digest_of_inputs(sources, interpreter)
    kept = _unchanged(out, inputs, functions)
    if kept:
        tell("nothing has changed since the last build")
        return kept
    wheels = fetch(pins(), python, out / _WHEELS, tell)
    with TemporaryDirectory(dir=out, prefix=_UNFINISHED) as made:
        fresh = Path(made)
        lay_manifest(fresh / _LAYER, python, sources)
        packages = _make(wheels, fresh, interpreter, tell)
        _write_facts(fresh, python, interpreter, packages, inputs)
        _put_in_place(fresh, out)
    built = _unchanged(out, inputs, functions)
    assert built is not None, "what was built a moment ago is there"
    return built


def _make(wheels: Path, fresh: Path, interpreter: Interpreter | None, tell: Tell) -> list[Package]:
    """Lay out, compile and pack the layer in the folder *fresh*."""
    layer = fresh / _LAYER
    tell("laying out the layer")
    laid = [lay_wheel(wheel, layer) for wheel in sorted(wheels.glob("*.whl"))]
    lay_shared(layer)
    if interpreter:
        tell(f"compiling with {' '.join(interpreter.command)} ({interpreter.release})")
        compile_layer(layer, interpreter)
    tell("packing")
    pack(layer, fresh / _ZIP, with_bytecode=True)
    return [weigh_package(*package) for package in laid]


def _put_in_place(fresh: Path, out: Path) -> None:
    """Without its facts a layer is none: they go first and come last, so a build that dies between leaves none."""
    (out / _FACTS).unlink(missing_ok=True)
    if (out / _LAYER).exists():
        (out / _LAYER).rename(fresh / "older")
    (fresh / _LAYER).rename(out / _LAYER)
    (fresh / _ZIP).replace(out / _ZIP)
    (fresh / _FACTS).replace(out / _FACTS)


def _write_facts(
    fresh: Path, python: str, interpreter: Interpreter | None, packages: Sequence[Package], inputs: str
) -> None:
    facts = {
        "python": python,
        "sha256": _sha256(fresh / _ZIP),
        "size": (fresh / _ZIP).stat().st_size,
        "compiled": interpreter is not None,
        "packages": {package.name: package.version for package in packages},
        "unpacked": _unpacked(fresh / _LAYER),
        "sizes": {package.name: package.size for package in packages},
        "inputs": inputs,
    }
    (fresh / _FACTS).write_text(json.dumps(facts, indent=2) + "\n")


def _unchanged(out: Path, inputs: str, functions: tuple[FunctionPackage, ...]) -> Built | None:
    """The layer that is there, if it is whole and made of the same."""
    try:
        facts = json.loads((out / _FACTS).read_text())
        if (facts["inputs"], facts["sha256"], facts["unpacked"]) != (
            inputs,
            _sha256(out / _ZIP),
            _unpacked(out / _LAYER),
        ):
            return None
        packages = tuple(Package(name, facts["packages"][name], size) for name, size in facts["sizes"].items())
        built = Built(
            layer=out / _ZIP,
            sha256=facts["sha256"],
            size=facts["size"],
            unpacked=facts["unpacked"],
            python=facts["python"],
            compiled=facts["compiled"],
            packages=packages,
            functions=functions,
            notes=tuple(_notes(facts["python"], facts["size"], compiled=facts["compiled"])),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return built


def _notes(python: str, size: int, *, compiled: bool) -> Iterator[str]:
    runtime = runtime_version()
    if python != runtime:
        yield f"Function Compute runs python{runtime} (s.yaml): a layer for python{python} is for trying, not for it"
    if not compiled:
        yield (
            f"no interpreter of Python {python} was found, so the layer holds sources alone: each cold start compiles "
            f"them anew, which takes seconds; install python{python} and build again"
        )
    if size > LARGEST:
        yield f"the layer has {size:,} bytes; Function Compute takes {LARGEST:,} through its API"


def _digest_of_inputs(sources: str, interpreter: Interpreter | None) -> str:
    """A digest of all that the layer is made of, and of what compiles it."""
    compiler = f"{interpreter.release} {interpreter.magic}" if interpreter else "none"
    return hashlib.sha256(f"{sources}\n{compiler}".encode()).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _unpacked(layer: Path) -> int:
    """The bytes of the layer's files."""
    return sum(file.stat().st_size for file in (layer / PYTHON).rglob("*") if file.is_file())


@contextmanager
def _alone(out: Path, tell: Tell) -> Iterator[None]:
    """One build at a time in a folder; what one that was killed has left is removed."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_room(out, error) from error
    handle = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("another build is under way in this folder: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        for left in (*out.glob(f"{_UNFINISHED}*"), *(out / _WHEELS).glob(".fetching-*")):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(handle)


def _problems_of_python(python: str) -> Iterator[Problem]:
    oldest, runtime = oldest_version(), runtime_version()
    fix = f"give {runtime}, which Function Compute runs, or {oldest} or newer to try"
    if not _VERSION.fullmatch(python):
        message = f"{python!r} is not a version such as {runtime}"
        yield Problem(path="--python", code="no_version", message=message, fix=fix)
    elif _parts(python) < _parts(oldest):
        message = f"Ferry does not run on Python {python}"
        yield Problem(path="--python", code="too_old", message=message, fix=fix)


def _problems_of_out(out: Path) -> Iterator[Problem]:
    """A folder with something else in it is not touched: the build replaces what it finds."""
    if out.exists() and not out.is_dir():
        yield Problem(path="--out", code="not_a_folder", message=f"{out} is not a folder", fix="name a folder")
    elif out.is_dir() and any(out.iterdir()) and not (out / _LOCK).exists():
        message = f"{out} holds other things than a build"
        yield Problem(path="--out", code="not_a_build", message=message, fix="name a new folder, or an empty one")


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _unwritable(out: Path, error: OSError) -> Exception:
    if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENAMETOOLONG):
        return error
    return _no_room(out, error)


def _no_room(out: Path, error: OSError) -> BadInput:
    message = f"{out} can't be written: {error.strerror}"
    return BadInput((Problem(path="--out", code="unwritable", message=message, fix="name a folder with room"),))
