"""What can be wrong with an s.yaml, and with a function that was called."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ManifestProblem:
    """One thing that is wrong with an s.yaml, by the path of its field."""

    path: str
    code: str
    message: str
    fix: str


class ManifestProblems(Exception):  # noqa: N818 - it is what was found
    """The s.yaml cannot be deployed on the embedded cloud."""

    def __init__(self, problems: tuple[ManifestProblem, ...]) -> None:
        super().__init__("; ".join(f"{one.path}: {one.message}" for one in problems))
        self.problems = problems


class FunctionFailed(Exception):  # noqa: N818 - it is what happened
    """The function raised, or did not come to its end; *body* is FC's error body."""

    def __init__(self, function: str, body: bytes) -> None:
        super().__init__(f"{function}: {body.decode(errors='replace')}")
        self.function = function
        self.body = body
