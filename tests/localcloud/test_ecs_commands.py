"""Cloud Assistant: a command is delivered, really runs, takes its time, and its end can be read."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.ecs_world import HERE, SCRIPT, Ground, ground

MUTE = {
    "instances": [
        {
            "id": "i-mute",
            "cloud_assistant": False,
            "disks": [{"kind": "system", "category": "cloud_essd", "size": 40}],
        }
    ]
}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=MUTE) as made:
        yield made


def send(g: Ground, instance_id: str = "i-web", code: str = "0", **wire: Any) -> str:
    facts = {"RegionId": HERE, "Type": "RunShellScript", "CommandContent": SCRIPT, "Timeout": 60}
    sent = {**facts, "InstanceId": [instance_id], "EnableParameter": True, "Parameters": {"code": code}, **wire}
    return str(g.ask("RunCommand", **sent)["InvokeId"])


def result(g: Ground, invoke_id: str, **wire: Any) -> dict[str, Any]:
    found = g.ask("DescribeInvocationResults", RegionId=HERE, InvokeId=invoke_id, **wire)
    return dict(found["Invocation"]["InvocationResults"]["InvocationResult"][0])


def ended(g: Ground, invoke_id: str) -> dict[str, Any]:
    g.until(lambda: result(g, invoke_id)["InvocationStatus"] not in ("Pending", "Running"))
    return result(g, invoke_id)


def test_a_command_runs_on_the_guests_files(g: Ground) -> None:
    """The script reads the disk; its output is base64 unless told otherwise, and comes when it has ended."""
    invoke_id = send(g)
    assert result(g, invoke_id)["InvocationStatus"] == "Pending"
    g.until(lambda: result(g, invoke_id)["InvocationStatus"] == "Running")
    running = result(g, invoke_id)
    assert (running["Output"], running["InvokeRecordStatus"]) == ("", "Running")
    done = ended(g, invoke_id)
    assert (done["InvocationStatus"], done["ExitCode"], done["InvokeRecordStatus"]) == ("Success", 0, "Finished")
    assert base64.b64decode(done["Output"]) == b"welcome\n"
    assert result(g, invoke_id, ContentEncoding="PlainText")["Output"] == "welcome\n"
    assert g.states(invoke_id) == ["Pending", "Running", "Success"]


def test_a_script_that_exits_with_an_error_failed(g: Ground) -> None:
    """A parameter reaches the script; an exit code other than 0 is Failed, with ExitCodeNonzero."""
    done = ended(g, send(g, code="3"))
    assert (done["InvocationStatus"], done["ExitCode"], done["ErrorCode"]) == ("Failed", 3, "ExitCodeNonzero")


def test_the_end_of_a_command_is_an_event(g: Ground) -> None:
    """The default bus gets TaskCompleted with the command, the instance, the exit code and the status."""
    take = g.events(HERE)
    ended(g, send(g, Name="look", code="3"))
    g.pass_time(seconds=5)
    (event,) = take()
    assert event["type"] == "ecs:CloudAssistant:TaskCompleted"
    facts = {name: event["data"][name] for name in ("commandName", "exitCode", "instanceId", "invocationStatus")}
    assert facts == {"commandName": "look", "exitCode": "3", "instanceId": "i-web", "invocationStatus": "Failed"}


def test_content_may_come_in_base64(g: Ground) -> None:
    """ContentEncoding=Base64 is decoded before the script runs."""
    done = ended(g, send(g, CommandContent=base64.b64encode(SCRIPT.encode()).decode(), ContentEncoding="Base64"))
    assert done["InvocationStatus"] == "Success"


def test_a_foreign_script_does_not_run(g: Ground) -> None:
    """What is not trusted ends as Failed, and says why."""
    done = ended(g, send(g, CommandContent="rm -rf /"))
    assert (done["InvocationStatus"], done["ExitCode"]) == ("Failed", 126)
    assert b"trusts" in base64.b64decode(done["Output"])


def test_a_long_output_is_cut(g: Ground) -> None:
    """24 KB of an output are kept; Dropped tells how much is not."""
    motd = g.cloud.disks.path(g.disks("i-web")["/dev/xvda"]["DiskId"]) / "etc" / "motd"
    motd.write_text("x" * (24 * 1024 + 10))
    done = ended(g, send(g))
    assert (len(base64.b64decode(done["Output"])), done["Dropped"]) == (24 * 1024, 10)


def test_a_command_that_takes_too_long_times_out(g: Ground) -> None:
    """What takes longer than its Timeout ends as Timeout at that moment."""
    data = g.cloud.disks.path(g.disks("i-web")["/dev/xvdb"]["DiskId"]) / "large"
    with data.open("wb") as file:
        file.truncate(20_000_000_000)
    begun = g.cloud.clock.now
    done = ended(g, send(g, Timeout=10))
    assert (done["InvocationStatus"], done["ErrorCode"]) == ("Timeout", "ExecutionTimeout")
    assert 10 <= (g.cloud.clock.now - begun).total_seconds() <= 14


def test_a_new_instance_is_online_some_seconds_after_it_runs(g: Ground) -> None:
    """Cloud Assistant is away at first; a command sent then is delivered when it is there."""
    made = g.running()

    def online() -> str:
        found = g.ask("DescribeCloudAssistantStatus", RegionId=HERE, InstanceId=[made])
        agents = found["InstanceCloudAssistantStatusSet"]["InstanceCloudAssistantStatus"]
        return str(agents[0]["CloudAssistantStatus"]) if agents else ""

    assert online() == "false"
    g.pass_time(seconds=11)
    assert online() == "true"


@pytest.mark.parametrize(("instance_id", "error"), [("i-mute", "ClientNotRunning"), ("i-web", "InstanceNotRunning")])
def test_a_command_that_can_not_be_delivered_is_aborted(g: Ground, instance_id: str, error: str) -> None:
    """No agent, or no running instance: the command ends as Aborted within a minute."""
    if instance_id == "i-web":
        g.ask("StopInstance", InstanceId="i-web")
        g.pass_time(seconds=31)
    begun = g.cloud.clock.now
    done = ended(g, send(g, instance_id))
    assert (done["InvocationStatus"], done["ErrorCode"]) == ("Aborted", error)
    assert (g.cloud.clock.now - begun).total_seconds() <= 61


def test_a_command_on_an_instance_that_goes_is_an_error(g: Ground) -> None:
    """Stopping the instance ends what runs on it."""
    invoke_id = send(g)
    g.until(lambda: result(g, invoke_id)["InvocationStatus"] == "Running")
    g.ask("StopInstance", InstanceId="i-web")
    assert ended(g, invoke_id)["ErrorCode"] == "ExecutionInterrupted"


def test_a_command_can_be_stopped(g: Ground) -> None:
    """StopInvocation cancels what is not delivered and terminates what runs."""
    early, late = send(g), send(g)
    g.until(lambda: result(g, late)["InvocationStatus"] == "Running")
    g.ask("StopInvocation", RegionId=HERE, InvokeId=late)
    assert result(g, late)["InvocationStatus"] == "Terminated"
    pending = send(g)
    g.ask("StopInvocation", RegionId=HERE, InvokeId=pending)
    assert result(g, pending)["InvocationStatus"] == "Cancelled"
    assert ended(g, early)["InvocationStatus"] == "Success"
    g.pass_time(minutes=2)
    assert g.states(pending) == ["Pending", "Cancelled"]


def test_an_invocation_is_described(g: Ground) -> None:
    """DescribeInvocations shows the command, each instance's end, and output when asked."""
    invoke_id = send(g, Name="look")
    ended(g, invoke_id)
    found = g.ask("DescribeInvocations", RegionId=HERE, InvokeId=invoke_id, IncludeOutput=True)
    one = found["Invocations"]["Invocation"][0]
    assert (one["CommandName"], one["InvocationStatus"], one["InvokeStatus"]) == ("look", "Success", "Finished")
    assert base64.b64decode(one["InvokeInstances"]["InvokeInstance"][0]["Output"]) == b"welcome\n"


def test_the_same_token_runs_once(g: Ground) -> None:
    """A repeated RunCommand with its token is the same invocation."""
    assert send(g, ClientToken="t") == send(g, ClientToken="t")
