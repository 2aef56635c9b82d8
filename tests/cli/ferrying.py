"""The real `ferry` as a process, and small worlds and requests for it, built from the part that matters."""

import json
import os
import signal
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FERRY = Path(sys.executable).parent / "ferry"
LONGEST = 60

REQUEST: dict[str, Any] = {
    "source": {"region": "cn-hangzhou", "instance": "i-web"},
    "target": {"region": "cn-beijing", "vswitch": "vsw-b", "security_groups": ["sg-b"]},
}
_HERE = {"zone": "cn-hangzhou-h", "vswitch": "vsw-a", "security_groups": ["sg-a"], "type": "ecs.g7.large"}
_SYSTEM = {"kind": "system", "category": "cloud_essd", "size": 40}


@dataclass(frozen=True)
class Said:
    """What a process said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on stdout."""
        return json.loads(self.out)

    @property
    def problems(self) -> dict[str, str]:
        """Path to code."""
        return {problem["path"]: problem["code"] for problem in self.json["problems"]}


def environment(**more: str) -> dict[str, str]:
    """A plain environment: no colours asked for, no credentials."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", **more}


def ferry(*words: object, cwd: Path | None = None, **env: str) -> Said:
    """Run `ferry` to its end; whatever it does, it never shows a traceback."""
    done = subprocess.run(
        [FERRY, *map(os.fspath, map(_text, words))],
        capture_output=True,
        cwd=cwd,
        env=environment(**env),
        timeout=LONGEST,
        check=False,
    )
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.err + said.out, said.err
    return said


def _text(word: object) -> str:
    return os.fspath(word) if isinstance(word, Path) else str(word)


def begin(*words: object, temporary: Path) -> "subprocess.Popen[str]":
    """Run `ferry` beside the test; Ctrl-C reaches it even where the tests' own shell ignores it."""
    return subprocess.Popen(
        [FERRY, *map(_text, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(PYTHONUNBUFFERED="1", TMPDIR=str(temporary)),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def world(folder: Path, **regions: dict[str, list[Any]]) -> dict[str, Any]:
    """A world with one instance of real files; *regions* (cn_hangzhou=...) add to what its regions hold."""
    for disk, name in (("root", "etc/motd"), ("data", "orders/1.csv")):
        file = folder / disk / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{name}\n")
    made: dict[str, dict[str, list[Any]]] = {
        "cn-hangzhou": {
            "vpcs": [{"id": "vpc-a", "cidr": "10.0.0.0/16"}],
            "vswitches": [{"id": "vsw-a", "vpc": "vpc-a", "zone": "cn-hangzhou-h", "cidr": "10.0.1.0/24"}],
            "security_groups": [{"id": "sg-a", "vpc": "vpc-a"}],
            "instances": [instance("i-web", {"dir": "root"}, data())],
        },
        "cn-beijing": {
            "vpcs": [{"id": "vpc-b", "cidr": "10.1.0.0/16"}],
            "vswitches": [{"id": "vsw-b", "vpc": "vpc-b", "zone": "cn-beijing-h", "cidr": "10.1.1.0/24"}],
            "security_groups": [{"id": "sg-b", "vpc": "vpc-b"}],
        },
    }
    for region, more in regions.items():
        for kind, things in more.items():
            made[region.replace("_", "-")].setdefault(kind, []).extend(things)
    return {"regions": made}


def instance(id_: str, system: dict[str, Any] | None = None, *disks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An instance of the source region."""
    return {"id": id_, **_HERE, "disks": [{**_SYSTEM, **(system or {})}, *disks], **fields}


def data(**fields: Any) -> dict[str, Any]:
    """A data disk."""
    return {"kind": "data", "device": "/dev/xvdb", "category": "cloud_essd", "size": 100, "dir": "data", **fields}


def request(**target_and_more: Any) -> dict[str, Any]:
    """A request; `source`, `target` replace fields of theirs, anything else is a field of the request."""
    made = deepcopy(REQUEST)
    for name, value in target_and_more.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) and name in made else value
    return made


def written(path: Path, value: object) -> Path:
    """*value* in a YAML file."""
    path.write_text(value if isinstance(value, str) else yaml.safe_dump(value))
    return path
