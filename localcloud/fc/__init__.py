"""Function Compute 3.0: functions of an s.yaml, run in this process."""

from localcloud.fc.api import FcApi
from localcloud.fc.errors import FunctionFailed, ManifestProblem, ManifestProblems
from localcloud.fc.functions import Functions, Run

__all__ = ["FcApi", "FunctionFailed", "Functions", "ManifestProblem", "ManifestProblems", "Run"]
