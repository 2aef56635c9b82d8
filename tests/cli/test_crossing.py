"""A crossing as its user sees it: demo, replicate, and what a second terminal and signals do to them."""

import os
import pty
import re
import signal
import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Any

from tests.cli.ferrying import FERRY, Said, begin, environment, ferry, instance, request, world, written

COLOUR = re.compile("\x1b\\[(\\d+;)*3\\dm")
WEB = ("/dev/xvdb", "/orders/2025-05.csv")


def files(top: Path) -> dict[str, tuple[int, int, int]]:
    """Mode, size and time of all that is below *top*."""
    return {str(p): (p.lstat().st_mode, p.lstat().st_size, p.lstat().st_mtime_ns) for p in (top, *top.rglob("*"))}


def only(said: Said) -> dict[str, Any]:
    """The one replication that was told of."""
    (one,) = said.json["replications"]
    assert isinstance(one, dict)
    return one


def test_the_demo_is_one_object_the_same_for_the_same_seed() -> None:
    """Nothing but one JSON object on stdout, byte for byte the same again, in design's forms."""
    first, again = ferry("demo", "--json", "--seed", 7), ferry("demo", "--json", "--seed", 7)
    assert (first.code, first.err) == (0, "")
    assert first.out == again.out
    one = only(first)
    assert (one["phase"], one["proof"]["verdict"]) == ("succeeded", "same")
    assert {"id", "source", "target", "resources", "history"} <= set(one)
    assert {"seconds", "calls", "lags"} == set(first.json["cloud"])
    assert all(resource["quarantine"] is None for resource in one["resources"])


def test_the_demo_is_the_same_on_either_store() -> None:
    """In Tablestore and in SQLite the record goes through the same phases, to the same resources and proof."""
    said = [ferry("demo", "--json", "--seed", 5, "--store", store) for store in ("tablestore", "sqlite")]
    assert [one.code for one in said] == [0, 0]
    phases = [[(line["phase"], line["kind"], line["what"]) for line in only(one)["history"]] for one in said]
    assert phases[0] == phases[1]
    assert only(said[0])["resources"] == only(said[1])["resources"]
    assert only(said[0])["proof"] == only(said[1])["proof"]
    calls, fewer = (one.json["cloud"]["calls"] for one in said)
    assert set(calls) - set(fewer) == {"BatchGetRow", "GetRange", "GetRow", "PutRow", "UpdateRow"}


def test_damage_is_found_and_the_replica_stays_in_quarantine(tmp_path: Path) -> None:
    """A changed byte is named, in plain lines; status shows it again, and clean removes what was kept."""
    said = ferry("demo", "--corrupt", ":".join(WEB), "--state", tmp_path)
    assert said.code == 1
    assert f"{WEB[1]}: content" in said.out
    assert "is in quarantine" in said.out
    assert not re.search("[\x1b\u2500-\u257f]", said.out), "no colours, no boxes without a terminal"

    hint = said.out.split("ferry clean ")[1].split()
    assert hint[1:3] == ["--state", str(tmp_path)]
    shown = ferry("status", hint[0], "--state", tmp_path, "--json")
    one = only(shown)
    (replica,) = (r for r in one["resources"] if r["kind"] == "instance")
    assert (replica["state"], replica["quarantine"][:3]) == ("kept", "sg-")
    assert one["proof"]["disks"][1]["differences"] == [{"path": WEB[1], "what": "content"}]

    assert "  9                  i-web" in ferry("list", "--state", tmp_path).out
    cleaned = ferry("clean", one["id"], "--state", tmp_path)
    assert cleaned.code == 0
    assert "cleaned up at +" in cleaned.out
    assert "stays in quarantine" not in cleaned.out
    assert "ferry clean" not in cleaned.out
    after = only(ferry("status", one["id"], "--state", tmp_path, "--json"))
    assert {resource["state"] for resource in after["resources"]} == {"removed"}
    assert ferry("status", one["id"], "--history", "--state", tmp_path).out.count("\n") > len(after["history"])


def test_any_damage_is_of_the_data_disk_and_a_corrupt_event_is_a_dead_letter(tmp_path: Path) -> None:
    """Of --corrupt any the seed picks the file, and the replica never joins the target's groups; what nobody can read
    on the bus harms no replication, and status says why nobody could act on it.
    """
    said = ferry("demo", "--corrupt", "any", "--corrupt-event", "--state", tmp_path, "--json")
    assert said.code == 1
    system, data = only(said)["proof"]["disks"]
    assert (len(system["differences"]), len(data["differences"])) == (0, 1)
    assert "ModifyInstanceAttribute" not in said.json["cloud"]["calls"]

    (letter,) = said.json["dead_letters"]
    assert letter["origin"] == "ferry-create_image"
    told = ferry("status", "--state", tmp_path).out
    assert "1 dead letter" in told
    assert "replication: this field is needed" in told
    assert "ferry-create_image x2: " in ferry("demo", "--corrupt-event", "--state", tmp_path).out


def test_real_directories_relative_to_the_world_file(tmp_path: Path) -> None:
    """They are found from any folder, proved, and the same to the mtime afterwards; a key is one replication."""
    there = tmp_path / "there"
    there.mkdir()
    written(there / "world.yaml", world(there))
    written(there / "request.yaml", request())
    before = files(there / "data"), files(there / "root")
    words = ("replicate", "-f", "there/request.yaml", "--world", "there/world.yaml", "--key", "night", "--json")
    first = ferry(*words, cwd=tmp_path)
    assert (first.code, only(first)["proof"]["verdict"]) == (0, "same")
    assert [disk["files"] for disk in only(first)["proof"]["disks"]] == [1, 1]
    assert (files(there / "data"), files(there / "root")) == before
    again = ferry(*words, cwd=tmp_path)
    assert (again.code, only(again), again.json["cloud"]["calls"]) == (0, only(first), {})
    assert "already done" in ferry(*words[:-1], cwd=tmp_path).out
    written(there / "request.yaml", request(goal="recovery_point"))
    other = ferry(*words, cwd=tmp_path)
    assert (other.code, other.problems) == (2, {"--key": "key_in_use"})
    assert "goal was replica, is recovery_point" in other.json["problems"][0]["message"]
    listed = ferry("list", "--json", cwd=tmp_path).json["replications"]
    assert [row["phase"] for row in listed] == ["succeeded"]


class Running:
    """A ferry that runs beside the test, slowly enough to be watched."""

    def __init__(self, folder: Path, speed: int = 600) -> None:
        self.folder, self.temporary = folder, folder / "tmp"
        self.temporary.mkdir()
        self.lines: list[str] = []
        files = written(folder / "request.yaml", request()), written(folder / "world.yaml", world(folder))
        self.process = begin(
            "replicate",
            "-f",
            files[0],
            "--world",
            files[1],
            "--state",
            folder / "s",
            "--speed",
            speed,
            temporary=self.temporary,
        )

    def until_imaging(self) -> None:
        """Wait until it says that an image is being made."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if " is being made in " in line:
                return
        raise AssertionError(self.end())

    def ask(self, *words: str) -> Said:
        """What a second terminal is told."""
        return ferry(*words, "--state", self.folder / "s", "--json")

    def until(self, seen: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the replication is *seen* so."""
        for _ in range(100):
            shown = self.ask("status").json["replications"]
            if shown and seen(shown[0]):
                one: dict[str, Any] = shown[0]
                return one
        raise AssertionError(self.end())

    def end(self) -> Said:
        """Its end."""
        assert self.process.stdout and self.process.stderr
        with self.process:
            out, err = "".join([*self.lines, *self.process.stdout]), self.process.stderr.read()
        assert "Traceback" not in out + err, err
        assert list(self.temporary.iterdir()) == [], "the embedded cloud leaves nothing behind"
        return Said(self.process.returncode, out, err)


def test_a_second_terminal_sees_and_cancels(tmp_path: Path) -> None:
    """Status shows phase, percent and the next look; nobody else runs on the folder; cancel ends in exit 3, clean."""
    running = Running(tmp_path)
    running.until_imaging()
    shown = running.until(lambda one: one["progress"] is not None)
    assert (shown["phase"], shown["next_look_at"] is not None) == ("imaging", True)
    listed = running.ask("list").json["replications"]
    assert [(row["id"], row["phase"]) for row in listed] == [(shown["id"], "imaging")]

    words = ("replicate", "-f", tmp_path / "request.yaml", "--world", tmp_path / "world.yaml")
    other = ferry(*words, "--state", tmp_path / "s", "--json")
    assert (other.code, other.problems) == (4, {"--state": "in_use"})
    early = running.ask("clean", shown["id"])
    assert (early.code, early.problems) == (3, {"ID": "TooLate"})

    assert running.ask("cancel", shown["id"]).code == 0
    said = running.end()
    assert said.code == 3
    after = only(running.ask("status", shown["id"]))
    assert (after["phase"], {r["state"] for r in after["resources"]}) == ("cancelled", {"removed"})
    late = running.ask("cancel", shown["id"])
    assert (late.code, late.problems) == (3, {"ID": "TooLate"})


def test_one_interrupt_cancels_and_cleans_up(tmp_path: Path) -> None:
    """Ctrl-C once: exit 3, and nothing that it made is left."""
    running = Running(tmp_path, speed=1200)
    running.until_imaging()
    running.process.send_signal(signal.SIGINT)
    said = running.end()
    assert said.code == 3
    assert "cancelling and cleaning up as soon as the step under way ends; Ctrl-C again leaves at once" in said.out
    assert said.out.splitlines()[-2].split()[1] == "cancelled"
    assert "removed in cn-hangzhou: 1 image" in said.out
    assert "left_behind" not in said.out


def test_an_interrupt_before_anything_runs_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """While the embedded cloud is set up, Ctrl-C leaves at once: exit 3."""
    (tmp_path / "tmp").mkdir()
    process = begin("demo", "--store", "sqlite", temporary=tmp_path / "tmp")
    while not list((tmp_path / "tmp").glob("ferry-cloud-*")) and process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.005)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err.strip()) == (3, "interrupted")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_two_interrupts_leave_at_once_and_clean_closes_the_record(tmp_path: Path) -> None:
    """The record that was left open is closed by clean, on a cloud that has none of it any more."""
    running = Running(tmp_path, speed=30)
    running.until_imaging()
    running.process.send_signal(signal.SIGINT)
    shown = running.until(lambda one: one["cancel"] is not None)
    running.process.send_signal(signal.SIGINT)
    said = running.end()
    assert said.code == 3
    assert f"ferry clean {shown['id']} --state {tmp_path / 's'}" in said.err
    assert "stands still" in ferry("status", "--state", tmp_path / "s").out
    assert running.ask("clean", shown["id"]).code == 0
    assert only(running.ask("status", shown["id"]))["phase"] == "cancelled"


def test_being_told_to_end_is_obeyed_at_once(tmp_path: Path) -> None:
    """SIGTERM: a message, the shell's own exit code, nothing of the cloud left on the disk."""
    running = Running(tmp_path, speed=30)
    running.until_imaging()
    running.process.terminate()
    said = running.end()
    assert said.code == 143
    assert "told to end" in said.err


def test_what_can_not_be_written_is_one_line() -> None:
    """A full disk and a reader that went away: exit 4, and no traceback."""
    for words in (["demo"], ["list", "--json"], ["--help"]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run([FERRY, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr) == (4, "stdout can't be written: No space left on device\n")


def test_the_demo_names_no_record_that_is_gone() -> None:
    """Without --state nothing is kept, and the hint says how it would be."""
    said = ferry("demo", "--corrupt", "any", "--store", "sqlite")
    assert said.code == 1
    assert "ferry clean" not in said.out
    assert "ferry demo --state DIR" in said.out


def test_provisioning_makes_everything(tmp_path: Path) -> None:
    """On a fresh embedded cloud everything is made, the vSwitch's quarantine group too; no layer is built yet."""
    file = written(tmp_path / "w.yaml", world(tmp_path))
    said = ferry("provision", "--world", file, "--vswitch", "vsw-b", "--json", cwd=tmp_path)
    made = said.json["provisioned"]
    assert said.code == 0
    assert all(thing["made"] for thing in made)
    assert {thing["kind"] for thing in made} == {
        *("bus", "rule", "topic", "queue", "quarantine group"),
        *("tablestore", "table", "role", "policy"),
    }


def test_every_command_teaches() -> None:
    """Help has an example and the exit codes; the version is told."""
    commands = (
        "demo",
        "replicate",
        "status",
        "list",
        "cancel",
        "clean",
        "provision",
        "deploy",
        "teardown",
        "doctor",
        "policy",
    )
    top = ferry("--help").out
    assert all(f"\n  {command} " in top for command in commands)
    for command in commands:
        said = ferry(command, "--help")
        assert (said.code, "Exit codes: 0 done" in said.out) == (0, True)
        assert f"  ferry {command}" in said.out.partition("Example")[2]
    assert re.fullmatch(r"ferry \d+\.\d+\.\d+\n", ferry("--version").out)


def test_a_name_can_not_move_the_cursor(tmp_path: Path) -> None:
    """Control characters in what a person handed in are spelled out."""
    evil = world(tmp_path, cn_hangzhou={"instances": [instance("i-2", {"dir": "no\x1b[2Jwhere"})]})
    said = ferry("replicate", "-f", tmp_path / "no\x1b[31mfile", "--world", written(tmp_path / "w.yaml", evil))
    assert said.code == 2
    assert "\\x1b[2J" in said.err
    assert "\x1b" not in said.err


def test_a_terminal_of_80_by_24_holds_the_whole_summary() -> None:
    """Bars while it runs; then a summary of 24 lines at most, none over 80; colours only where they are wanted."""
    screen = on_a_terminal("demo", code=0, NO_COLOR="1")
    assert "━" in screen
    assert " %/min" in screen
    assert not COLOUR.search(screen)
    lines = [re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", line).rpartition("\r")[2] for line in screen.split("\r\n")]
    summary = lines[next(n for n, line in enumerate(lines) if line.startswith("+00:00:00")) :]
    assert len(summary) <= 24
    assert max(map(len, summary)) <= 80
    assert "succeeded, proof same: " in summary[-2]
    assert COLOUR.search(on_a_terminal("demo", "--corrupt", "nothing", code=2))


def on_a_terminal(*words: str, code: int, **env: str) -> str:
    """All that `ferry` writes to a terminal of 80x24."""
    ours, its = pty.openpty()
    ioctl(its, TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    surroundings = environment(TERM="xterm-256color", **env)
    with subprocess.Popen([FERRY, *words], stdin=its, stdout=its, stderr=its, env=surroundings) as process:
        os.close(its)
        written = b"".join(iter(lambda: _piece(ours), b""))
    os.close(ours)
    assert process.returncode == code
    return written.decode()


def _piece(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side is closed
        return b""
