"""What the project says of itself: its runtime in s.yaml, its dependencies in pyproject.toml, their pins."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import yaml

from shared.problem import BadInput, Problem

ROOT = Path(__file__).resolve().parent.parent.parent
S_YAML = ROOT / "s.yaml"
_PYPROJECT = ROOT / "pyproject.toml"
_CONSTRAINTS = ROOT / "constraints.txt"
_RUNTIME = re.compile(r"python(3\.\d+)")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")

#: Distributions that are left out of the layer, and why that is safe.
LEFT_OUT: Mapping[str, str] = {
    # flatbuffers.compat.import_numpy() gives None where there is no numpy; only its *AsNumpy methods need it, and
    # tablestore calls none of them.
    "numpy": "tablestore names it for a part of flatbuffers that it never calls",
}


@dataclass(frozen=True)
class Pin:
    """A distribution and its one version."""

    name: str
    version: str

    @property
    def requirement(self) -> str:
        """As pip takes it."""
        return f"{self.name}=={self.version}"


#: What builds a wheel of a package that has none: with another version its METADATA is another.
BUILD_TOOL = Pin("setuptools", "84.2.1")


def runtime_version() -> str:
    """The ``3.12`` of the runtime that every function of s.yaml has; raises BadInput."""
    try:
        resources = yaml.safe_load(S_YAML.read_text())["resources"]
        found = {str(resource["props"]["runtime"]) for resource in resources.values()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        fix = "give every function a runtime there, such as python3.12"
        raise BadInput(
            (_problem("s.yaml", "unreadable", f"its functions' runtime can't be read: {error}", fix),)
        ) from None
    versions = [match[1] for match in map(_RUNTIME.fullmatch, found) if match]
    if len(found) == len(versions) == 1:
        return versions[0]
    message = f"the functions' runtimes are {', '.join(sorted(found))}"
    raise BadInput((_problem("s.yaml", "runtimes", message, "give all functions one runtime, such as python3.12"),))


def oldest_version() -> str:
    """The oldest version of Python that the code runs on."""
    return str(_project()["requires-python"]).removeprefix(">=")


def package_data(package: str) -> tuple[str, ...]:
    """The patterns of what belongs to a package beside its modules."""
    tool = tomllib.loads(_PYPROJECT.read_text()).get("tool", {})
    return tuple(tool.get("setuptools", {}).get("package-data", {}).get(package, ()))


def pins() -> tuple[Pin, ...]:
    """The dependencies of the functions and all that these need, by name; raises BadInput for one without a pin.

    What needs what is read from the installed distributions: they are those of constraints.txt.  A requirement under
    a condition that does not hold here (another system, an older Python) is not installed, and so has no pin.
    """
    closure = _Closure()
    for requirement in _project()["dependencies"]:
        closure.follow(requirement, "pyproject.toml")
    if closure.problems:
        raise BadInput(tuple(closure.problems))
    return tuple(pin for name, pin in sorted(closure.found.items()) if name not in LEFT_OUT)


def plain(name: str) -> str:
    """A distribution's name in the form in which names are compared.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return re.sub(r"[-_.]+", "-", name).lower()


class _Closure:
    """The requirements that were followed, and what is wrong with them."""

    def __init__(self) -> None:
        self._versions = dict(_pinned())
        self.found: dict[str, Pin] = {}
        self.problems: list[Problem] = []

    def follow(self, requirement: str, wanted_by: str) -> None:
        text, _, condition = requirement.partition(";")
        match = _NAME.match(text.strip())
        name = plain(match[0]) if match else text
        if name in self.found or "extra" in condition:
            return
        if name not in self._versions:
            if not condition:
                self._add(name, "unpinned", f"{wanted_by} needs {name}, and constraints.txt has no version of it")
            return
        self.found[name] = Pin(name, self._versions[name])
        try:
            needed = distribution(name).requires or ()
        except PackageNotFoundError:
            self._add(name, "not_installed", f"{name} is pinned, and is not installed here")
            return
        for further in needed:
            self.follow(further, name)

    def _add(self, name: str, code: str, message: str) -> None:
        fix = f"install it with the project, and pin it: {name}=="
        self.problems.append(_problem("constraints.txt", code, message, fix))


def _pinned() -> Iterator[tuple[str, str]]:
    for line in _CONSTRAINTS.read_text().splitlines():
        name, equals, version = line.partition("#")[0].strip().partition("==")
        if equals:
            yield plain(name), version


def _project() -> Mapping[str, list[str]]:
    project: Mapping[str, list[str]] = tomllib.loads(_PYPROJECT.read_text())["project"]
    return project


def _problem(path: str, code: str, message: str, fix: str) -> Problem:
    return Problem(path=path, code=code, message=message, fix=fix)
