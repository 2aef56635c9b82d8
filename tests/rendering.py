"""s.yaml as the embedded cloud reads it, function by function."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud.fc.manifest import FunctionSpec, read_manifest

ROOT = Path(__file__).resolve().parent.parent
S_YAML = ROOT / "s.yaml"
ACCOUNT = "1234567890123456"
#: An install that has nothing of the defaults.
ENVIRON = {
    "FERRY_INSTALL": "dr-site",
    "FERRY_HOME_REGION": "ap-southeast-1",
    "FERRY_STORE": "tablestore:dr-site",
    "FERRY_TABLESTORE_ENDPOINT": "https://dr-site.ap-southeast-1.ots.aliyuncs.com",
    "FERRY_SMQ_ENDPOINT": f"https://{ACCOUNT}.mns.ap-southeast-1.aliyuncs.com",
    "FERRY_LAYER_ARN": f"acs:fc:ap-southeast-1:{ACCOUNT}:layers/dr-site-layer/versions/3",
}


def functions(environ: Mapping[str, str], path: Path = S_YAML) -> dict[str, FunctionSpec]:
    """The functions of the s.yaml at *path* by their resources' names, in its order."""
    return {spec.path.removeprefix("resources."): spec for spec in read_manifest(path, environ, ACCOUNT)}


def props_of(spec: FunctionSpec) -> dict[str, Any]:
    """What is written of a function, rendered, and nothing that is not written."""
    return spec.props.model_dump(mode="json", by_alias=True, exclude_unset=True)


def rendered(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What s.yaml says of each function in *environ*."""
    return {name: props_of(spec) for name, spec in functions(environ).items()}
