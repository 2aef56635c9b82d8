"""What an s.yaml names and the account has to have: roles and layers."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from localcloud.fc.errors import ManifestProblem, ManifestProblems
from localcloud.fc.layers import is_public
from localcloud.fc.manifest import FunctionSpec

if TYPE_CHECKING:
    from localcloud.cloud import Cloud


def check(cloud: "Cloud", specs: Sequence[FunctionSpec]) -> None:
    """Raise ManifestProblems for every role and layer of *specs* that is not there.

    FC refuses an unknown layer when a function is made; an unknown role it notices when the function runs, at the
    latest.  Here both are told before anything is made.
    """
    problems = [problem for spec in specs for problem in (*_role(cloud, spec), *_layers(cloud, spec))]
    if problems:
        raise ManifestProblems(tuple(problems))


def _role(cloud: "Cloud", spec: FunctionSpec) -> Iterator[ManifestProblem]:
    role = spec.props.role
    if role and not cloud.ram.role_at(role):
        yield _missing(f"{spec.path}.props.role", f"there is no role {role}", "make the role first")


def _layers(cloud: "Cloud", spec: FunctionSpec) -> Iterator[ManifestProblem]:
    for place, arn in enumerate(spec.props.layers):
        path, layer = f"{spec.path}.props.layers.{place}", cloud.fc.layers.find(arn)
        if layer is not None:
            if spec.props.runtime not in layer.runtimes:
                message = f"runtime: {spec.props.runtime} is not supported by layer: {arn}"
                yield ManifestProblem(path, "invalid", message, "publish the layer for this runtime")
            if arn.split(":")[2] != spec.props.region:
                message = f"{arn} is not in {spec.props.region}"
                yield ManifestProblem(path, "invalid", message, "publish the layer in the function's region")
        elif not is_public(arn):
            yield _missing(path, f"there is no layer {arn}", "publish the layer first")


def _missing(path: str, message: str, fix: str) -> ManifestProblem:
    return ManifestProblem(path, "missing", message, fix)
