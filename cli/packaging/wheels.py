"""The dependencies as wheels for Function Compute, fetched by pip; what has no wheel is built to one if it is pure."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from email import message_from_bytes
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from cli.packaging import PackagesUnreachable
from cli.packaging.project import BUILD_TOOL, Pin
from shared.problem import BadInput, Problem

#: What Function Compute's machines take: python3.12 runs on Debian 11 there, x86_64, whose glibc is 2.31.
#: https://www.alibabacloud.com/help/en/functioncompute/fc/python/ (read 2026-11)
_PLATFORMS = tuple(
    f"{tag}_x86_64"
    for tag in (
        "manylinux_2_28",
        "manylinux_2_27",
        "manylinux_2_24",
        "manylinux_2_17",
        "manylinux2014",
        "manylinux_2_12",
        "manylinux2010",
        "manylinux_2_5",
        "manylinux1",
    )
)
_PURE = "-none-any.whl"
#: What pip is told of the environment, to find programs, settings and the network.  It runs what a package brings to
#: build itself, which has no business with keys.
_TOLD = re.compile(
    r"PATH|HOME|TMPDIR|LANG|LC_\w+|LD_LIBRARY_PATH|PIP_\w+|XDG_\w+|(HTTPS?|ALL|NO)_PROXY|"
    r"SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|NETRC",
    re.IGNORECASE,
)
#: pip's words for a network that does not answer; without an index there are no versions at all.
_NO_ANSWER = ("connection broken", "Connection refused", "timed out", "Temporary failure")
_NO_WHEEL, _NOTHING = "No matching distribution found for", "from versions: none"


def fetch(pins: Sequence[Pin], python: str, folder: Path, tell: Callable[[str], None]) -> Path:
    """A folder in *folder* that holds a wheel of each pin for *python*; fetched once for the same pins."""
    folder = folder.resolve()  # pip runs elsewhere
    kept = folder / f"{python}-{_key(pins, python)}"
    if kept.is_dir():
        return kept
    tell(f"fetching {len(pins)} packages for python{python}")
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".fetching-") as made:
        fetched = Path(made) / "wheels"
        fetched.mkdir()
        for pin in _download(pins, python, fetched):
            tell(f"building a wheel of {pin.name}, which has none for Function Compute")
            _build_wheel(pin, fetched)
        for older in folder.glob(f"{python}-*"):
            shutil.rmtree(older)
        fetched.rename(kept)
    return kept


def _key(pins: Sequence[Pin], python: str) -> str:
    said = json.dumps([python, _PLATFORMS, [pin.requirement for pin in (*pins, BUILD_TOOL)]])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _download(pins: Sequence[Pin], python: str, into: Path) -> list[Pin]:
    """Put a wheel of every pin that has one into the folder; the others."""
    options = (
        *("--no-deps", "--only-binary", ":all:", "--dest", str(into)),
        *("--python-version", python, "--implementation", "cp"),
        *(word for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for word in ("--abi", abi)),
        *(word for platform in _PLATFORMS for word in ("--platform", platform)),
    )
    sources: list[Pin] = []
    while wanted := [pin for pin in pins if pin not in sources]:
        said = _pip("download", *options, *(pin.requirement for pin in wanted), cwd=into)
        if said is None:
            break
        missing = [pin for pin in wanted if f"{_NO_WHEEL} {pin.requirement}\n" in said]
        if not missing or any(words in said for words in _NO_ANSWER):
            raise _trouble(said)
        sources += missing
    return sources


def _build_wheel(pin: Pin, into: Path) -> None:
    """Put a wheel of *pin* that was built here into the folder; raises BadInput if that is not pure Python.

    pip's cache is left alone: it may hold a wheel that other tools have built.
    """
    with TemporaryDirectory(dir=into.parent) as made:
        words = ("--use-pep517", "--no-deps", "--no-cache-dir", "--wheel-dir", made, pin.requirement)
        said = _pip("wheel", *words, cwd=Path(made), more=_pinned_tool(Path(made)))
        if said is not None:
            raise _trouble(said)
        (wheel,) = Path(made).glob("*.whl")
        if not wheel.name.endswith(_PURE):
            message = f"{pin.requirement} has no wheel for Function Compute; this machine's is {wheel.name}"
            raise _bad("not_pure", message, "pin a version that has a manylinux wheel")
        _check_tool(pin, wheel)
        wheel.rename(into / wheel.name)


def _pinned_tool(folder: Path) -> Mapping[str, str]:
    """What makes pip build with the pinned tool; it splits what it is given at blanks, which a URL has none of.

    The second is heard since pip 25.3, the first until then.
    https://pip.pypa.io/en/stable/user_guide/#build-constraints
    """
    constraints = folder / "tool.txt"
    constraints.write_text(f"{BUILD_TOOL.requirement}\n")
    return dict.fromkeys(("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"), constraints.as_uri())


def _check_tool(pin: Pin, wheel: Path) -> None:
    """Refuse a wheel that another tool than the pinned one has built: with its next version it would be another."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/WHEEL"))
        said = message_from_bytes(archive.read(name))["Generator"]
    if said != f"{BUILD_TOOL.name} ({BUILD_TOOL.version})":
        message = f"{pin.requirement} has no wheel, and is built by {said}, not by {BUILD_TOOL.requirement}"
        raise _bad("other_tool", message, "pin a version that has a wheel")


def _pip(*words: str, cwd: Path, more: Mapping[str, str] | None = None) -> str | None:
    """Run the running interpreter's pip, with *more* in its environment: None, or what it said when it failed."""
    environ = {name: value for name, value in os.environ.items() if _TOLD.fullmatch(name)} | dict(more or {})
    command = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2", *words)
    done = subprocess.run(  # noqa: S603 - our own words
        command, cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr if done.returncode else None


def _trouble(said: str) -> Exception:
    """What pip's last words come to."""
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    reason = " ".join(errors[-1].split()) if errors else said.strip()[-300:]
    if "No module named pip" in said:
        return _bad("no_pip", f"{sys.executable} has no pip", "give it one: python -m ensurepip")
    if any(words in said for words in (*_NO_ANSWER, _NOTHING)):
        return PackagesUnreachable(f"pip can't fetch the layer's packages: {reason}")
    return _bad(
        "no_wheel", f"pip can't give a package for Function Compute: {reason}", "pin a version that has a wheel"
    )


def _bad(code: str, message: str, fix: str) -> BadInput:
    return BadInput((Problem(path="constraints.txt", code=code, message=message, fix=fix),))
