"""The commands of an install, as their user gives them: on an account, and tried on the embedded cloud."""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.deployment import serverless_devs
from cli.deployment.place import Place
from shared.app import credentials_of
from shared.provisioning.site import Site
from shared.settings import Settings
from tests.cli.bare import KEY, SECRET, Account, bare
from tests.cli.ferrying import ferry, world, written

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "tests" / "serverless_devs" / "node_modules" / ".bin" / "s"
REGION = ("--region", "cn-beijing")


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with bare(tmp_path / "cloud") as it:
        yield it


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One for the tests that change nothing there."""
    with bare(tmp_path_factory.mktemp("untouched")) as it:
        yield it


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A layer of next to nothing."""
    path = tmp_path / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("python/shared/app.py", "")
        archive.writestr("python/ferry-layer.json", '{"python": "3.12", "sources": "elsewhere"}')
    return path


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    return written(tmp_path / "world.yaml", world(tmp_path))


def test_provision_and_teardown_on_an_account(account: Account, layer: Path) -> None:
    """Made, found when it is said again, removed without a trace, and not to be found then."""
    before = account.state()
    first = account.ferry("provision", *REGION, "--vswitch", "vsw-b", "--layer", layer, "--json")
    assert (first.code, first.err) == (0, "")
    assert all(thing["made"] for thing in first.json["provisioned"])
    again = account.ferry("provision", *REGION, "--vswitch", "vsw-b", "--layer", layer)
    assert again.code == 0
    assert {line.split()[0] for line in again.out.splitlines()} == {"there"}
    gone = account.ferry("teardown", *REGION, "--yes")
    assert gone.code == 0
    assert gone.out.splitlines()[-1] == "looked again by name and tag: nothing is left of ferry"
    assert account.state() == before
    assert account.ferry("teardown", *REGION, "--yes").out.startswith("there is nothing of ferry")


def test_nothing_is_removed_unasked(account: Account, layer: Path) -> None:
    """Without a terminal and without --yes a teardown only shows, and says so in its exit code."""
    account.ferry("provision", *REGION, "--layer", layer)
    before = account.state()
    said = account.ferry("teardown", *REGION)
    assert said.code == 3
    assert "will be removed" in said.out
    assert "--yes" in said.out
    shown = account.ferry("teardown", *REGION, "--json")
    assert (shown.code, shown.json["removed"]) == (3, [])
    assert {"bus", "role", "tables", "tablestore"} <= {thing["kind"] for thing in shown.json["left"]}
    assert account.state() == before


def test_a_teardown_is_refused_while_something_is_under_way(account: Account) -> None:
    """Each open replication is named with the command that cancels it."""
    id_ = account.replicate(until_ended=False)
    before = account.state()
    said = account.ferry("teardown", *REGION, "--yes")
    assert said.code == 3
    assert f"ferry cancel {id_} --via ferry" in said.out
    told = account.ferry("teardown", *REGION, "--yes", "--json")
    assert (told.code, told.json["under_way"][0]["id"]) == (3, id_)
    assert account.state() == before


def test_what_begins_while_the_list_is_read_stops_the_teardown(account: Account) -> None:
    """Nothing goes that was agreed to before: what is under way is named, and the exit code is 3."""
    account.replicate(until_ended=True)
    before = account.state()
    account.begin_while_typing()
    said = account.ferry("teardown", *REGION, typed="ferry")
    assert said.code == 3
    assert "stopped: r-" in said.out
    assert "cancel it, or wait until its end" in said.out
    assert account.state() == before


def test_records_that_can_not_be_read_stop_a_teardown(account: Account) -> None:
    """Even when the bus is gone already: exit code 4, and nothing is removed."""
    account.replicate(until_ended=True)
    account.strike(kind="server_error", action="DeleteTopic")
    assert account.ferry("teardown", *REGION, "--yes").code == 4
    before = account.state()
    account.strike(kind="throttle", action="GetRange")
    said = account.ferry("teardown", *REGION, "--yes", "--json")
    assert (said.code, set(said.problems)) == (4, {"store"})
    assert account.state() == before


def test_an_install_s_name_has_one_home(account: Account, layer: Path) -> None:
    """In another region provision, teardown and doctor say where it is, and change nothing."""
    assert account.ferry("provision", *REGION, "--layer", layer).code == 0
    before = account.state()
    for words in (("provision", "--layer", layer), ("teardown", "--yes")):
        said = account.ferry(*words, "--region", "cn-shanghai")
        assert said.code == 3
        assert "the install ferry is at home in cn-beijing" in said.err
        assert "give another --install, or that --region" in said.err
    said = account.ferry("doctor", "--before", "--region", "cn-shanghai")
    assert said.code == 3
    assert "RAM roles: the install ferry is at home in cn-beijing; next: give another --install" in said.out
    assert account.state() == before


def test_what_stays_is_told_with_its_cost(account: Account) -> None:
    """Recovery points that are kept are listed, with what they cost a month, before and after."""
    account.replicate(until_ended=True)
    said = account.ferry("teardown", *REGION, "--keep-recovery-points", "--yes")
    assert said.code == 0
    assert "will stay; a month: at most 0.69 USD for snapshots" in said.out
    assert "nothing is left of ferry but 5 things that stayed" in said.out.splitlines()[-1]


def test_a_teardown_that_is_not_done_says_so(account: Account, layer: Path) -> None:
    """What can't be removed is named with its reason, and the exit code tells a passing fault from a refusal."""
    account.ferry("provision", *REGION, "--layer", layer)
    account.strike(kind="server_error", action="DeleteRole")
    said = account.ferry("teardown", *REGION, "--yes")
    assert said.code == 4
    assert "still there  role" in said.out
    assert "kept until the rest is gone" in said.out


def test_the_install_s_name_is_asked_for_on_a_terminal(account: Account, layer: Path) -> None:
    """Whoever types another name removes nothing; whoever types the install's removes it."""
    before = account.state()
    account.ferry("provision", *REGION, "--layer", layer)
    made = account.state()
    for typed in ("", "y", "ferry2"):
        said = account.ferry("teardown", *REGION, typed=typed)
        assert (said.code, "nothing is removed" in said.out) == (3, True)
        assert account.state() == made
    assert account.ferry("teardown", *REGION, typed="ferry").code == 0
    assert account.state() == before


def test_a_rehearsal_on_the_embedded_cloud(world_file: Path) -> None:
    """With a world a teardown makes an install first, and doesn't ask."""
    said = ferry("teardown", "--world", world_file)
    assert said.code == 0
    assert "removed      function          ferry-watch" in said.out
    assert said.out.splitlines()[-1] == "looked again by name and tag: nothing is left of ferry"


def test_keys_are_needed_and_never_shown(tmp_path: Path) -> None:
    """Without a key each command says which variables it misses; nothing of a key is ever told."""
    for words in (("provision",), ("deploy", "--layer", "x"), ("teardown",), ("doctor", "--before")):
        said = ferry(*words, cwd=tmp_path, PATH=f"{COMMAND.parent}:{os.environ['PATH']}")
        assert said.code in (2, 3)
        if COMMAND.exists():
            assert "ALIBABA_CLOUD_ACCESS_KEY_ID is not set" in said.err


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("--install", "Ferry"), "--install"),
        (("--install", "default"), "--install"),
        (("--region", "Beijing"), "--region"),
    ],
)
def test_names_that_can_not_be_are_refused_first(words: tuple[str, str], path: str) -> None:
    """Nothing is asked of the cloud for an install or a region that can't be."""
    for command in ("policy", "teardown"):
        said = ferry(command, *words, "--json")
        told = {name: code for name, code in said.problems.items() if code != "missing_setting"}
        assert (said.code, told) == (2, {path: "malformed"})


def test_half_a_place_for_logs_is_refused() -> None:
    """A project without a Logstore, or the other way round, keeps no log: better told than found out."""
    for given, missing in (("--log-project", "--log-store"), ("--log-store", "--log-project")):
        said = ferry("deploy", given, "ops", "--json")
        assert (said.code, said.problems) == (2, {missing: "missing"})


def test_a_deploy_on_the_embedded_cloud(world_file: Path, layer: Path) -> None:
    """Provisioned and deployed: every function of s.yaml, with the layer that was published."""
    said = ferry("deploy", "--world", world_file, "--vswitch", "vsw-b", "--layer", layer, "--json")
    assert said.code == 0
    told = said.json
    assert told["layer"].endswith(":layers/ferry-layer/versions/1")
    assert {f"ferry-{path.name}" for path in (ROOT / "functions").iterdir() if (path / "handler.py").exists()} == set(
        told["functions"]
    )
    assert {"bus", "role", "policy", "layer", "tablestore", "quarantine group"} <= {
        thing["kind"] for thing in told["provisioned"]
    }


@pytest.mark.skipif(not COMMAND.exists(), reason="Serverless Devs is not installed: npm ci in tests/serverless_devs")
class TestServerlessDevs:
    """`ferry deploy` with the real command; a stand-in plays the component fc3."""

    def deploy(self, account: Account, tmp_path: Path, layer: Path, *words: str, **env: str) -> Any:
        nodes = Path(str(shutil.which("node"))).parent
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        return account.ferry(
            *("deploy", *REGION, "--layer", layer, *words),
            PATH=f"{COMMAND.parent}:{nodes}:/usr/bin:/bin",
            HOME=str(home),
            NODE_ENV="test",
            FC3_COMPONENT=str(ROOT / "tests" / "serverless_devs" / "stand_in"),
            STAND_IN_NOTES=str(tmp_path / "notes"),
            **env,
        )

    def test_it_gets_the_install_the_layer_and_the_key(self, account: Account, tmp_path: Path, layer: Path) -> None:
        """Each function is handed over with its role, the published layer and the store; the key is in no file."""
        said = self.deploy(account, tmp_path, layer)
        assert said.code == 0, said.out + said.err
        next_step = "next: ferry replicate -f request.yaml --via ferry --region cn-beijing"
        assert said.out.splitlines()[-1] == next_step
        notes = [json.loads(line) for line in (tmp_path / "notes").read_text().splitlines()]
        assert {note["resource"] for note in notes} >= {"precheck", "watch", "api"}
        for note in notes:
            props, credential = note["props"], note["credential"]
            assert props["layers"] == ["acs:fc:cn-beijing:1234567890123456:layers/ferry-layer/versions/1"]
            assert props["role"].startswith("acs:ram::1234567890123456:role/ferry-")
            assert props["environmentVariables"]["FERRY_STORE"].startswith("tablestore:ferry-")
            assert (credential["AccountID"], credential["AccessKeyID"]) == ("1234567890123456", KEY)
            assert credential["AccessKeySecret"] == SECRET
        written = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
        assert [path for path in written if SECRET in path.read_text(errors="replace")] == []

    def test_its_failure_is_the_deploy_s(self, account: Account, tmp_path: Path, layer: Path) -> None:
        """The exit code is 1; the next run makes nothing twice and goes on to the end."""
        said = self.deploy(account, tmp_path, layer, "--json", STAND_IN_FAILS="watch")
        assert said.code == 1
        assert said.json["exit_code"] != 0
        before = account.state()
        again = self.deploy(account, tmp_path, layer, "--json")
        assert again.code == 0
        assert [thing["name"] for thing in again.json["provisioned"] if thing["made"]] == []
        assert account.state() == before


def test_a_temporary_key_s_token_goes_with_it() -> None:
    """A token is handed over with its key, in one variable; the variables that s would prefer are not there."""
    environ = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
        "ALIBABA_CLOUD_SECURITY_TOKEN": "a-token",
        "FERRY_INSTALL": "ferry",
        "FERRY_HOME_REGION": "cn-beijing",
        "FERRY_STORE": "tablestore:ferry-0123456789",
    }
    now = datetime.now(UTC)
    site = Site.of(Settings.from_env(environ), credentials_of(environ), "1", lambda: now)
    told = serverless_devs.environment(Place(site, environ), "acs:fc:x", None)
    key = {"AccountID": "1", "AccessKeyID": KEY, "AccessKeySecret": SECRET, "SecurityToken": "a-token"}
    assert json.loads(told.pop("ferry_serverless_devs_key")) == key
    assert told["FERRY_LAYER_ARN"] == "acs:fc:x"
    assert not any(SECRET in value or "a-token" in value for value in told.values())
    assert not told.keys() & key.keys()


def test_a_missing_command_is_told_before_anything_is_made(untouched: Account, layer: Path) -> None:
    """Without Serverless Devs nothing is provisioned; how to get it is said."""
    said = untouched.ferry("deploy", *REGION, "--layer", layer, PATH="/nowhere")
    assert said.code == 3
    assert "npm install --global @serverless-devs/s" in said.err
    assert untouched.changing() == []


def test_a_file_that_is_no_layer_is_refused(untouched: Account, tmp_path: Path) -> None:
    """What can't be a layer is not published."""
    for content in (b"", b"PK"):
        (tmp_path / "no.zip").write_bytes(content)
        said = untouched.ferry("provision", *REGION, "--layer", tmp_path / "no.zip", "--json")
        assert (said.code, said.problems) == (2, {"--layer": "no_layer"})
    assert untouched.changing() == []


def test_doctor_changes_nothing(account: Account, layer: Path) -> None:
    """Every check is told, a line each, whether there is an install yet or not; no call changes anything."""
    for _ in range(2):
        before, made = account.state(), account.changing()
        said = account.ferry("doctor", "--before", *REGION, "--vswitch", "vsw-b", "--json")
        assert said.code in (0, 3)
        names = {check["name"]: check["state"] for check in said.json["checks"]}
        wanted = {"key", "Function Compute", "EventBridge", "SMQ", "Tablestore", "RAM roles", "vSwitch vsw-b"}
        assert {name: names[name] for name in wanted} == dict.fromkeys(wanted, "fine")
        assert (account.state(), account.changing()) == (before, made)
        account.ferry("provision", *REGION, "--layer", layer)


def test_doctor_says_what_is_to_be_done(untouched: Account) -> None:
    """A vSwitch that is not there, a missing tool: each with its next step, and exit code 3."""
    said = untouched.ferry("doctor", "--before", *REGION, "--vswitch", "vsw-x", PATH="/nowhere")
    assert said.code == 3
    lines = [line for line in said.out.splitlines() if line.startswith("to do")]
    assert len(lines) == 3
    assert all("; next: " in line for line in lines)


def test_doctor_tells_an_unreachable_cloud(account: Account) -> None:
    """Where nothing answers, the exit code is 4."""
    account.strike(kind="timeout", action="ListFunctions")
    said = account.ferry("doctor", "--before", *REGION)
    assert said.code == 4
    assert "no answer" in said.out


def test_a_key_that_is_not_taken_is_told(untouched: Account) -> None:
    """The first line names it with what to do, the rest of the account is not asked, and the machine is looked at."""
    said = untouched.ferry("doctor", "--before", *REGION, ALIBABA_CLOUD_ACCESS_KEY_ID="LTAI-nobody")
    key, *rest = said.out.splitlines()
    assert (said.code, key.startswith("to do      key: InvalidAccessKeyId.NotFound")) == (3, True)
    assert "; next: set ALIBABA_CLOUD_ACCESS_KEY_ID" in key
    assert [line[9:].split(":")[0].strip() for line in rest][:2] == ["Node.js", "Serverless Devs"]
