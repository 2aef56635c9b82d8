"""The examples of docs/world.md do what the page says."""

from pathlib import Path

import pytest
import yaml

from tests.cli.ferrying import ferry, request, world, written

PAGE = Path(__file__).parents[2] / "docs" / "world.md"
BLOCKS = [block.partition("```")[0] for block in PAGE.read_text().split("```yaml\n")[1:]]
EXAMPLES = {
    fault["kind"]: {"faults": [fault]} for block in BLOCKS for fault in yaml.safe_load(block).get("faults") or ()
}
#: Kind of fault to exit code, the problems' codes, and an action with how often it was called.
ENDINGS: dict[str, tuple[int, list[str], str, int]] = {
    "throttle": (0, [], "CopyImage", 2),
    "fail_image": (1, ["image_createfailed"], "CopyImage", 0),
    "stall_copy": (1, ["deadline_passed"], "CancelCopyImage", 1),
    "no_stock": (1, ["OperationDenied.NoStock"], "RunInstances", 1),
    "corrupt": (1, ["replica_differs"], "ModifyInstanceAttribute", 0),
    "lost_answer": (0, [], "CreateImage", 2),
}


@pytest.mark.parametrize("kind", ENDINGS)
def test_an_example_strikes_ferry_and_not_its_set_up(kind: str, tmp_path: Path) -> None:
    """It ends as the page says, and what was struck was called so many times."""
    code, problems, action, calls = ENDINGS[kind]
    here = written(tmp_path / "world.yaml", world(tmp_path) | EXAMPLES[kind])
    words = ("-f", written(tmp_path / "r.yaml", request()), "--world", here, "--state", tmp_path / "s")
    said = ferry("replicate", *words, "--json")
    (one,) = said.json["replications"]
    assert (said.code, [problem["code"] for problem in one["problems"]]) == (code, problems)
    assert said.json["cloud"]["calls"].get(action, 0) == calls
    images = [(r["kind"], r["role"]) for r in one["resources"] if r["kind"] == "image"]
    assert len(images) == len(set(images)), "no image was made twice"
    assert all(problem["fix"] for problem in one["problems"])


def test_a_field_that_there_is_not_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    """Of a disk, a region and a fault; a number out of range has its unit."""
    here = world(tmp_path) | {"faults": [{"kind": "throttle", "actoin": "CopyImage"}]}
    region = here["regions"]["cn-hangzhou"]
    region["disks"] = []
    region["instances"][0]["disks"][0] |= {"sise": 40, "size": 0}
    file = written(tmp_path / "world.yaml", here)
    said = ferry("replicate", "-f", written(tmp_path / "r.yaml", request()), "--world", file, "--json")
    assert said.code == 2
    told = {problem["path"]: problem for problem in said.json["problems"]}
    disk = "regions.cn-hangzhou.instances[0].disks[0]"
    for path, known in (("faults[0].actoin", "kind, action"), ("regions.cn-hangzhou.disks", "vpcs, vswitches")):
        assert known in told[path]["fix"]
    assert "kind, device, size, dir, mount, encrypted, category" in told[f"{disk}.sise"]["fix"]
    assert told[f"{disk}.size"]["fix"] == "give a number that is at least 1 GiB"
    assert told[f"{disk}.size"]["file"] == str(file)
