"""Bad input: every problem at once, the field named, exit 2, nothing made; the same as JSON."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.ferrying import Said, data, ferry, instance, request, world, written

#: What an install makes for itself; nothing else may change anything at the cloud.
PROVISIONING = {
    "AuthorizeSecurityGroupEgress",
    "CreateEventBus",
    "CreateQueue",
    "CreateRule",
    "CreateSecurityGroup",
    "CreateTopic",
    "ModifySecurityGroupPolicy",
    "PutEvents",
    "SendMessage",
}


def asked(folder: Path, request_: object, world_: object | None = None, *more: str) -> Said:
    """What `ferry replicate --json` says to these files."""
    request_file = written(folder / "request.yaml", request_)
    world_file = written(folder / "world.yaml", world_ or world(folder))
    state = folder / "state"
    return ferry("replicate", "-f", request_file, "--world", world_file, "--state", state, "--json", *more)


def made(said: Said) -> set[str]:
    """What was changed at the cloud, by its own log."""
    reads = ("Describe", "List", "Get")
    return {action for action in said.json["cloud"]["calls"] if not action.startswith(reads)} - PROVISIONING


FOREIGN = {"id": "m-foreign", "name": "taken"}
OTHER_VPC = {
    "vpcs": [{"id": "vpc-c", "cidr": "10.2.0.0/16"}],
    "security_groups": [{"id": "sg-c", "vpc": "vpc-c"}],
    "images": [FOREIGN],
}


def test_what_the_cloud_does_not_have_is_told_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    """An unknown instance, a foreign image's name, an unknown type and another VPC's group: all named, none touched."""
    target = {"security_groups": ["sg-c", "sg-nope"], "instance_type": "ecs.nope.large"}
    wanted = request(source={"instance": "i-nope"}, target=target, copy_name="taken")
    said = asked(tmp_path, wanted, world(tmp_path, cn_beijing=OTHER_VPC))
    assert said.code == 2
    assert said.problems == {
        "source.instance": "InvalidInstanceId.NotFound",
        "target.security_groups[0]": "OperationDenied.InconsistentNetwork",
        "target.security_groups[1]": "InvalidSecurityGroupId.NotFound",
        "target.instance_type": "InvalidInstanceType.NotFound",
        "copy_name": "InvalidImageName.Duplicated",
    }
    taken = next(problem for problem in said.json["problems"] if problem["path"] == "copy_name")
    assert "m-foreign" in taken["message"]
    assert taken["fix"]
    assert made(said) == set()
    assert said.json["replications"][0]["resources"] == []


def test_an_instance_that_can_not_be_imaged_is_refused(tmp_path: Path) -> None:
    """Starting, with a local disk, in front of a vSwitch that is not there: each is told, for people too."""
    local = data(category="local_ssd_pro", dir=None, device="/dev/xvdc")
    starting = instance("i-new", None, local, status="Starting")
    wanted = request(source={"instance": "i-new"}, target={"vswitch": "vsw-nope"})
    here = world(tmp_path, cn_hangzhou={"instances": [starting]})
    said = asked(tmp_path, wanted, here)
    assert said.code == 2
    codes = sorted((problem["path"], problem["code"]) for problem in said.json["problems"])
    assert codes == [
        ("source.instance", "IncorrectInstanceStatus"),
        ("source.instance", "local_disk"),
        ("target.vswitch", "InvalidVSwitchId.NotFound"),
    ]
    assert made(said) == set()

    told = ferry("replicate", "-f", "request.yaml", "--world", "world.yaml", cwd=tmp_path)
    assert told.code == 2
    assert "request.yaml: source.instance: i-new is Starting" in told.err
    assert "wait until it is Running or Stopped" in told.err


def test_a_region_that_there_is_not_is_named(tmp_path: Path) -> None:
    """It has the form of a region, so only the cloud knows: the field is named all the same."""
    said = asked(tmp_path, request(target={"region": "cn-atlantis"}))
    assert (said.code, said.problems, made(said)) == (2, {"target.region": "InvalidRegionId.NotFound"}, set())


FORMS: dict[str, tuple[object, dict[str, str]]] = {
    "same region": (request(target={"region": "cn-hangzhou"}), {"target.region": "same_region"}),
    "fields": (
        {
            "source": {"region": "cn-hangzhou", "instnace": "i-web"},
            "target": {"region": 7, "vswitch": "vsw_b", "security_groups": "sg-b", "instance_type": "huge"},
            "goal": "move",
            "image_name": "1-begins-with-a-digit",
            "copy_name": "aliyun-x",
            "keep_source_image": "yes",
            "on_proof_failure": "cry",
        },
        {
            "source.instance": "missing_field",
            "source.instnace": "unknown_field",
            "target.region": "wrong_type",
            "target.vswitch": "id_malformed",
            "target.security_groups": "wrong_type",
            "target.instance_type": "malformed",
            "goal": "goal_not_offered",
            "image_name": "image_name_malformed",
            "copy_name": "image_name_malformed",
            "keep_source_image": "wrong_type",
            "on_proof_failure": "unknown_value",
        },
    ),
    "a date": (
        "source: {region: 2026-01-01, instance: i-web}\ntarget: []\n",
        {"source.region": "malformed", "target": "wrong_type"},
    ),
    "no YAML": ("source: {", {"--file": "not_yaml"}),
    "a key twice": ("goal: replica\ngoal: move\n", {"--file": "not_yaml"}),
    "no mapping": ("- just\n- a list\n", {"--file": "not_a_mapping"}),
    "nothing": ("", {"--file": "not_a_mapping"}),
    "a loop": ("&a\nsource: *a\n", {"--file": "not_yaml"}),
    "aliases": ("a: &a [1, 2]\nb: [*a, *a]\n", {"--file": "not_yaml"}),
    "a list as a key": ("? [a]\n: b\n", {"--file": "not_yaml"}),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_request_of_the_wrong_form_is_told_by_its_fields(name: str, tmp_path: Path) -> None:
    """Each field is named with what to do, before anything runs: not even the state's folder is made."""
    wanted, problems = FORMS[name]
    said = asked(tmp_path, wanted)
    assert (said.code, said.problems) == (2, problems)
    assert all(problem["message"] and problem["fix"] for problem in said.json["problems"])
    assert not (tmp_path / "state").exists()


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    """A request that is missing and one that is a directory: told together with what is wrong with the world."""
    lost = world(
        tmp_path, cn_hangzhou={"instances": [instance("i-2", {"dir": "nowhere"}), instance("i-3", {"dir": "root/etc"})]}
    )
    file = written(tmp_path / "world.yaml", lost)
    for request_file in (tmp_path / "nope.yaml", tmp_path):
        said = ferry("replicate", "-f", request_file, "--world", file, "--json")
        assert said.code == 2
        assert said.problems == {
            "--file": "unreadable",
            "regions.cn-hangzhou.instances[1].disks[0].dir": "no_directory",
            "regions.cn-hangzhou.instances[2].disks[0].dir": "overlapping_dir",
        }
    written(file, "regions: [")
    said = ferry("replicate", "-f", written(tmp_path / "r.yaml", request()), "--world", file, "--json")
    assert (said.code, said.problems) == (2, {"--world": "malformed_yaml"})


def test_a_file_that_can_not_be_copied_is_named(tmp_path: Path) -> None:
    """A disk's directory that holds the cloud's own folder can't be copied into it."""
    temporary = tmp_path / "data" / "tmp"
    here = world(tmp_path)
    temporary.mkdir()
    file = written(tmp_path / "world.yaml", here)
    said = ferry(
        "replicate",
        "-f",
        written(tmp_path / "r.yaml", request()),
        "--world",
        file,
        "--json",
        cwd=tmp_path,
        TMPDIR=str(temporary),
    )
    assert said.code == 2
    assert said.problems == {str(tmp_path / "data"): "cannot_copy"}


def test_a_request_without_a_world_is_told_so(tmp_path: Path) -> None:
    """The embedded cloud would be empty: that is said instead of an instance that is not found."""
    said = ferry("replicate", "-f", written(tmp_path / "r.yaml", request()), "--json", cwd=tmp_path)
    assert (said.code, said.problems) == (2, {"--world": "no_world"})


def test_a_file_that_is_no_text_and_one_with_a_thousand_problems(tmp_path: Path) -> None:
    """Latin-1 is told as such; after a hundred problems the rest is counted."""
    here = written(tmp_path / "world.yaml", world(tmp_path))
    file = tmp_path / "r.yaml"
    file.write_bytes("source: {region: caf\u00e9}".encode("latin-1"))
    said = ferry("replicate", "-f", file, "--world", here, "--json")
    assert (said.code, said.problems) == (2, {"--file": "not_utf8"})
    written(file, {**request(), **{f"x{number}": 1 for number in range(300)}})
    said = ferry("replicate", "-f", file, "--world", here, "--json")
    *told, last = said.json["problems"]
    assert (len(told), last["message"]) == (100, "and 200 more")
    assert {problem["file"] for problem in told} == {str(file)}
    assert "source, target, goal" in told[0]["fix"]


USAGE: dict[str, tuple[list[str], str]] = {
    "unknown option": (["demo", "--bogus"], "--bogus"),
    "bad seed": (["demo", "--seed", "x"], "--seed"),
    "no request": (["replicate"], "--file"),
    "an empty key": (["replicate", "-f", "x", "--key", ""], "--key"),
    "a key that is no text": (["replicate", "-f", "x", "--key", "\udcff"], "--key"),
    "no id": (["cancel"], "ID"),
    "an empty id": (["cancel", ""], "ID"),
    "unknown command": (["fly"], ""),
    "no store": (["demo", "--store", "paper"], "--store"),
    "records that are not kept": (["demo", "--store", "tablestore", "--state", "d"], "--store"),
    "no disk": (["demo", "--corrupt", "/dev/xvdz:/orders/2025-05.csv"], "--corrupt"),
    "no file": (["demo", "--corrupt", "/dev/xvdb:/orders/nope.csv"], "--corrupt"),
    "too long a name": (["demo", "--corrupt", f"/dev/xvdb:/{'x' * 300}"], "--corrupt"),
    "a way out": (["demo", "--corrupt", "/dev/xvdb:/../web-root/etc/passwd"], "--corrupt"),
    "what a first boot rewrites": (["demo", "--corrupt", "/dev/xvda:/etc/hostname"], "--corrupt"),
}


@pytest.mark.parametrize("name", USAGE)
def test_a_wrong_command_line_is_one_problem(name: str) -> None:
    """The option is named; with --json the problem is still the only thing on stdout."""
    words, path = USAGE[name]
    said = ferry(*words, "--json")
    assert said.code == 2
    assert [problem["path"] for problem in said.json["problems"]] == [path]
    assert said.json["problems"][0]["fix"]
    assert said.err == ""


@pytest.mark.parametrize("command", ["provision", "deploy"])
def test_all_that_is_wrong_with_an_install_is_told_at_once(command: str, tmp_path: Path) -> None:
    """Its name, its region, each variable that is missing, and the layer."""
    said = ferry(command, "--json", "--install", "X", "--region", "mars", "--layer", "none.zip", cwd=tmp_path)
    assert said.code == 2
    assert said.problems == {
        "--install": "malformed",
        "--region": "malformed",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "missing_setting",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "missing_setting",
        "--layer": "no_layer",
    }


def test_records_that_are_not_there(tmp_path: Path) -> None:
    """An unknown ID, an empty folder and a state that is a file: told, and nothing is made by looking."""
    empty = tmp_path / "none"
    file = written(tmp_path / "file", "not a folder")
    answers: dict[tuple[str, ...], tuple[int, dict[str, Any]]] = {
        ("list", "--state", str(empty)): (0, {"replications": []}),
        ("status", "--state", str(empty)): (0, {"replications": [], "dead_letters": []}),
    }
    for words, (code, shown) in answers.items():
        said = ferry(*words, "--json")
        assert (said.code, said.json) == (code, shown)
    for words in (("status", "r-nope"), ("cancel", "r-nope"), ("clean", "r-nope")):
        said = ferry(*words, "--state", str(empty), "--json")
        assert (said.code, said.problems) == (2, {"ID": "NotFound"})
    assert not empty.exists()
    said = ferry("list", "--state", str(file), "--json")
    assert (said.code, said.problems) == (2, {"--state": "not_a_folder"})
