"""s.yaml under the real Serverless Devs command: what it renders, checks and hands to the component that deploys.

The component is a stand-in with fc3's schema: no account and no network is needed, and none is there.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.rendering import ACCOUNT, ENVIRON, S_YAML, rendered

HERE = Path(__file__).resolve().parent
COMMAND = HERE / "node_modules" / ".bin" / "s"
KEYS = {"AccountID": ACCOUNT, "AccessKeyID": "LTAI-made-up", "AccessKeySecret": "made-up-secret"}
#: The form of keys that takes a token, too; `-a` names the variable.
TOKEN = {"ferry_serverless_devs_key": json.dumps({**KEYS, "SecurityToken": "made-up-token"})}
CLOSED = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Ran:
    """A command that has ended, and what the stand-in wrote down."""

    code: int
    out: str
    notes: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class ServerlessDevs:
    """The command, in a home of its own and without a network."""

    home: Path

    def run(self, *words: str, environ: Mapping[str, str], s_yaml: Path = S_YAML) -> Ran:
        notes = self.home / "notes"
        notes.unlink(missing_ok=True)
        nodes = Path(str(shutil.which("node"))).parent
        basics = {
            "PATH": f"{nodes}:/usr/bin:/bin",
            "HOME": str(self.home),
            "NODE_ENV": "test",  # no reports to its makers, no look for updates
            "HTTP_PROXY": CLOSED,
            "HTTPS_PROXY": CLOSED,
            "FC3_COMPONENT": str(HERE / "stand_in"),
            "STAND_IN_NOTES": str(notes),
        }
        done = subprocess.run(
            [*without_network(), COMMAND, *words, "-t", s_yaml],
            cwd=self.home,
            env={**basics, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        written = notes.read_text().splitlines() if notes.exists() else []
        return Ran(done.returncode, done.stdout + done.stderr, tuple(json.loads(line) for line in written))


def without_network() -> list[str]:
    """What takes the network from a command, where the system lets us."""
    words = ["unshare", "-rn"]
    able = (
        shutil.which("unshare") and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    )
    return words if able else []


@pytest.fixture(scope="module")
def serverless_devs(tmp_path_factory: pytest.TempPathFactory) -> ServerlessDevs:
    """The installed command."""
    if shutil.which("node") is None:
        pytest.skip("Serverless Devs needs Node.js 14.14 or newer: install it with npm, then `make test` gets the rest")
    if not COMMAND.exists():
        pytest.skip("Serverless Devs is not installed: `make test` does that where npm is, or npm ci in this folder")
    return ServerlessDevs(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def deployed(serverless_devs: ServerlessDevs) -> Ran:
    """A deploy of the whole file."""
    return serverless_devs.run("deploy", "-y", environ={**KEYS, **ENVIRON})


@pytest.mark.parametrize("environ", [{}, ENVIRON], ids=["defaults", "another install"])
def test_preview_renders_what_the_embedded_cloud_reads(
    serverless_devs: ServerlessDevs, environ: Mapping[str, str]
) -> None:
    """One file, two readers, one result: only the account's id is left to the deploy."""
    ran = serverless_devs.run("preview", "-o", "json", "--silent", environ=environ)
    assert ran.code == 0, ran.out
    shown = json.loads(ran.out.replace("${config('AccountID')}", ACCOUNT))["resources"]
    assert {name: resource["props"] for name, resource in shown.items()} == rendered(environ)
    assert list(shown) == list(rendered(environ))


def test_verify_passes(serverless_devs: ServerlessDevs) -> None:
    """The command finds nothing wrong by fc3's schema."""
    ran = serverless_devs.run("verify", environ=KEYS)
    assert (ran.code, "passed" in ran.out) == (0, True), ran.out


def test_verify_names_what_is_wrong(serverless_devs: ServerlessDevs, tmp_path: Path) -> None:
    """A file that fc3 would refuse is refused with the function, the field and the reason."""
    broken = tmp_path / "s.yaml"
    broken.write_text(S_YAML.read_text().replace("diskSize: 512", "diskSize: 500"))
    ran = serverless_devs.run("verify", environ=KEYS, s_yaml=broken)
    assert ran.code != 0
    assert "watch/props/diskSize must be equal to one of the allowed values" in ran.out


def test_deploy_hands_over_every_function_in_the_file_s_order(deployed: Ran) -> None:
    """The component gets, function by function, what the embedded cloud runs: the account's id included."""
    assert deployed.code == 0, deployed.out
    assert {note["resource"]: note["props"] for note in deployed.notes} == rendered(ENVIRON)
    assert [note["resource"] for note in deployed.notes] == list(rendered(ENVIRON))


def test_deploy_hands_over_what_an_install_is_told(deployed: Ran) -> None:
    """Store, addresses and layer reach every function from the environment of the command."""
    told = {name: value for name, value in ENVIRON.items() if name != "FERRY_LAYER_ARN"}
    for note in deployed.notes:
        assert note["props"]["environmentVariables"] == told
        assert note["props"]["layers"] == [ENVIRON["FERRY_LAYER_ARN"]]


def test_a_deploy_that_fails_is_a_failure(serverless_devs: ServerlessDevs) -> None:
    """It stops at the function that failed, says so, and does not end well."""
    ran = serverless_devs.run("deploy", "-y", environ={**KEYS, **ENVIRON, "STAND_IN_FAILS": "precheck"})
    assert ran.code != 0
    assert "no precheck today" in ran.out
    assert [note["resource"] for note in ran.notes] == ["start_replication", "api"]


def test_without_keys_nothing_is_deployed(serverless_devs: ServerlessDevs) -> None:
    """The account's id comes with the keys: without them a deploy ends before its first function."""
    ran = serverless_devs.run("deploy", "-y", environ=ENVIRON)
    assert ran.code != 0
    assert "config('AccountID') not found" in ran.out
    assert ran.notes == ()


def test_temporary_keys_come_with_their_token(serverless_devs: ServerlessDevs, deployed: Ran) -> None:
    """Keys in three variables lose their token on the way; in one variable of JSON they keep it."""
    ran = serverless_devs.run("deploy", "-y", "-a", *TOKEN, environ={**TOKEN, **ENVIRON})
    assert ran.code == 0, ran.out
    assert {json.dumps(note["credential"]) for note in ran.notes} == set(TOKEN.values())
    assert "SecurityToken" not in deployed.notes[0]["credential"]


def test_the_command_is_pinned() -> None:
    """One version, known by its hash, from whichever registry a machine uses."""
    package = json.loads((HERE / "package.json").read_text())
    lock_text = (HERE / "package-lock.json").read_text()
    (locked,) = (entry for path, entry in json.loads(lock_text)["packages"].items() if path)
    assert package["dependencies"] == {"@serverless-devs/s": locked["version"]}
    assert locked["integrity"].startswith("sha512-")
    assert "://" not in lock_text
