"""Turns: one invocation at a time, in an order that follows from the seed, and what ends one."""

import os
import signal
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.clock import Clock
from localcloud.faults import Fault
from localcloud.runtime import Embedded
from localcloud.scheduler import Invocation, Scheduler
from tests.localcloud.sdk import CALLS, Project, a_cloud, bodies, dead_letters, eventbridge, make_queue, timer_trigger

MINUTE = timedelta(minutes=1)
THREE_CALLS = (
    CALLS
    + """
    def handler(event, context):
        for n in range(3):
            make(f"{context.function.name}-{n}")
    """
)

SENDS = """
    import os
    from mns.account import Account
    from mns.queue import Message

    def send(body):
        keys = os.environ
        account = Account(keys["SMQ"], keys["ALIBABA_CLOUD_ACCESS_KEY_ID"],
                          keys["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], keys["ALIBABA_CLOUD_SECURITY_TOKEN"])
        queue = account.get_queue("q")
        queue.set_encoding(False)
        queue.send_message(Message(body))
    """


#: Ctrl-C while a function runs: the main thread gets it, and has taken note of it when this returns.
INTERRUPT = """
    import signal
    import threading

    def interrupt():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        threading.Event().wait(0.5)
    """


def never() -> bool:
    return False


def two_at_once(folder: Path, cloud: Embedded) -> list[tuple[str | None, str]]:
    """Two functions with a timer each that fire together; who called what, in order."""
    project = Project(folder)
    for name in ("one", "two"):
        project.function(name, THREE_CALLS, triggers=timer_trigger("@every 1m"))
    project.deploy(cloud)
    cloud.run(never, limit=MINUTE)
    return [(call.function, call.params["EventBusName"]) for call in cloud.cloud.calls]


def test_one_seed_gives_one_order(tmp_path: Path) -> None:
    """The same seed gives the same calls, request ids and keys, to the byte."""
    logs = []
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        with a_cloud(tmp_path / place, seed=7) as cloud:
            two_at_once(tmp_path / place, cloud)
            logs.append(repr(cloud.cloud.calls) + repr(cloud.cloud.fc.runs))
    assert logs[0] == logs[1]


def test_seeds_give_different_orders(tmp_path: Path) -> None:
    """Invocations of one moment overlap at their cloud calls, and the seed says how."""
    orders = set()
    for seed in range(6):
        folder = tmp_path / str(seed)
        folder.mkdir()
        with a_cloud(folder, seed=seed) as cloud:
            orders.add(tuple(name for name, _ in two_at_once(folder, cloud)))
    assert len(orders) > 2
    assert any(order not in (("one",) * 3 + ("two",) * 3, ("two",) * 3 + ("one",) * 3) for order in orders)


def test_time_stands_still_while_anything_can_run(tmp_path: Path) -> None:
    """All calls of an invocation happen in the moment in which it began."""
    with a_cloud(tmp_path) as cloud:
        two_at_once(tmp_path, cloud)
        assert {call.at for call in cloud.cloud.calls} == {cloud.cloud.clock.start + MINUTE}


def test_killed_before_a_call(tmp_path: Path) -> None:
    """A function that dies before a call leaves no effect of it, nor of anything that it would do later."""
    fault = Fault(kind="kill_before", action="CreateEventBus", function="one", count=1)
    source = (
        CALLS
        + """
    def handler(event, context):
        try:
            make("first")
        finally:
            make("second")
    """
    )
    with a_cloud(tmp_path, fault) as cloud:
        dead = make_queue(cloud, "dead")
        Project(tmp_path).function("one", source, dead_letters("dead", 0), timer_trigger("@every 1m")).deploy(cloud)
        cloud.run(never, limit=MINUTE)
        assert [bus.event_bus_name for bus in all_buses()] == ["default"]
        assert "Process exited unexpectedly" in bodies(dead)[0]


def test_held_up_before_a_call(tmp_path: Path) -> None:
    """A function that is held up makes its call up to a minute later, and others go on meanwhile."""
    fault = Fault(kind="hold_up", function="one", count=1)
    with a_cloud(tmp_path, fault) as cloud:
        two_at_once(tmp_path, cloud)
        began = cloud.cloud.clock.start + MINUTE
        moments = {name: [call.at for call in cloud.cloud.calls if call.function == name] for name in ("one", "two")}
        assert moments == {"one": [], "two": [began] * 3}
        cloud.run(lambda: any(run.function == "one" for run in cloud.cloud.fc.runs), limit=MINUTE)
        one = [call.at for call in cloud.cloud.calls if call.function == "one"]
        assert began < one[0] < began + MINUTE
        assert one == [one[0]] * 3


def test_held_up_beyond_its_time(tmp_path: Path) -> None:
    """A function that is held up until its time is over never makes the call, and ends when its time does."""
    fault = Fault(kind="hold_up", action="CreateEventBus", count=1)
    with a_cloud(tmp_path, fault, seed=1) as cloud:
        Project(tmp_path).function("one", THREE_CALLS, triggers=timer_trigger("@every 1m"), timeout=1).deploy(cloud)
        cloud.run(lambda: bool(cloud.cloud.fc.runs), limit=2 * MINUTE)
        (run,) = cloud.cloud.fc.runs
        assert run.error is not None and "timed out" in run.error
        assert timedelta(seconds=1) <= run.ended - run.started < timedelta(seconds=1.1)
        assert cloud.cloud.calls == []


def test_closed_while_one_is_held_up(tmp_path: Path) -> None:
    """A cloud that is closed meanwhile ends it without effect."""
    with a_cloud(tmp_path, Fault(kind="hold_up", count=1)) as cloud:
        Project(tmp_path).function("one", THREE_CALLS, triggers=timer_trigger("@every 1m")).deploy(cloud)
        cloud.run(never, limit=MINUTE)
    assert cloud.cloud.calls == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("invocation")]


def test_killed_after_a_call(tmp_path: Path) -> None:
    """A function that dies after a call leaves that call's effect and nothing more; it is tried again."""
    fault = Fault(kind="kill_after", action="CreateEventBus", count=1)
    with a_cloud(tmp_path, fault) as cloud:
        Project(tmp_path).function("one", THREE_CALLS, triggers=timer_trigger("@every 1m")).deploy(cloud)
        cloud.run(lambda: len(cloud.cloud.fc.runs) == 2, limit=2 * MINUTE)
        first, second = cloud.cloud.fc.runs
        assert first.error is not None
        assert second.error is None
        assert [call.code for call in cloud.cloud.calls] == ["Killed", "EventBusAlreadyExist", "", ""]


def test_killed_at_smq(tmp_path: Path) -> None:
    """A kill at an SMQ call ends the function there, whatever its SDK catches."""
    fault = Fault(kind="kill_after", action="SendMessage", count=1)
    source = (
        SENDS
        + """
    def handler(event, context):
        try:
            send("first")
        except Exception:
            context.logger.info("not reached")
        send("second")
    """
    )
    with a_cloud(tmp_path, fault) as cloud:
        queue = make_queue(cloud, "q")
        props = f"{smq_variable(cloud)}\nasyncInvokeConfig: {{maxAsyncRetryAttempts: 0}}"
        Project(tmp_path).function("one", source, props, timer_trigger("@every 1m")).deploy(cloud)
        cloud.run(never, limit=MINUTE)
        (run,) = cloud.cloud.fc.runs
        assert (run.error, run.lines) == ("Process exited unexpectedly before completing request", ())
        assert bodies(queue) == ["first"]


def test_function_times_out(tmp_path: Path) -> None:
    """An invocation that has spent more virtual time than its time-out is ended at its next call."""
    source = (
        CALLS
        + """
    def handler(event, context):
        try:
            make("first")
        except OSError:
            pass
        except Exception:
            pass
        make("second")
    """
    )
    with a_cloud(tmp_path, Fault(kind="timeout", action="CreateEventBus", count=1)) as cloud:
        props = "asyncInvokeConfig: {maxAsyncRetryAttempts: 0}"
        Project(tmp_path).function("slow", source, props, timer_trigger("@every 1m"), timeout=5).deploy(cloud)
        cloud.run(never, limit=MINUTE)
        (run,) = cloud.cloud.fc.runs
        assert run.error == "Function timed out after 5 seconds"
        assert [bus.event_bus_name for bus in all_buses()] == ["default"]


def test_interrupt_comes_between_turns(tmp_path: Path) -> None:
    """Ctrl-C while a function runs leaves everything whole: run() goes on where it was."""
    source = (
        CALLS
        + INTERRUPT
        + """
    def handler(event, context):
        make("first")
        interrupt()
        make("second")
        make("third")
    """
    )
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("one", source, triggers=timer_trigger("@every 1m")).deploy(cloud)
        with pytest.raises(KeyboardInterrupt):
            cloud.run(never, limit=MINUTE)
        assert [call.params["EventBusName"] for call in cloud.cloud.calls] == ["first"]
        cloud.run(lambda: bool(cloud.cloud.fc.runs), limit=MINUTE)
        assert [call.params["EventBusName"] for call in cloud.cloud.calls] == ["first", "second", "third"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("limit", [MINUTE, timedelta()])
def test_an_interrupt_at_the_very_end_is_not_lost(tmp_path: Path, limit: timedelta) -> None:
    """What was run for has come, or its time is up: whoever interrupts just then is still heard."""

    def over() -> bool:
        signal.raise_signal(signal.SIGINT)
        return bool(limit)

    with a_cloud(tmp_path) as cloud:
        with pytest.raises(KeyboardInterrupt):
            cloud.run(over, limit=limit)
        assert not cloud.run(never, limit=MINUTE)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_no_thread_is_left(tmp_path: Path) -> None:
    """When the cloud is unmounted in the middle of an invocation, its thread and the servers' are gone."""
    before = set(threading.enumerate())
    source = (
        CALLS
        + INTERRUPT
        + """
    def handler(event, context):
        make("first")
        interrupt()
        make("second")
    """
    )
    with a_cloud(tmp_path) as cloud:
        cloud.open_port("smq", "cn-beijing")
        Project(tmp_path).function("one", source, triggers=timer_trigger("@every 1m")).deploy(cloud)
        with pytest.raises(KeyboardInterrupt):
            cloud.run(never, limit=MINUTE)
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=1)
    assert set(threading.enumerate()) == before
    assert [call.code for call in cloud.cloud.calls] == [""]


def test_unmounted_during_an_smq_call(tmp_path: Path) -> None:
    """An invocation that waits at an SMQ call ends with the cloud, without effect and without a trace."""
    before = set(threading.enumerate())
    source = (
        SENDS
        + INTERRUPT
        + """
    def handler(event, context):
        send("first")
        interrupt()
        try:
            send("second")
        finally:
            send("third")
    """
    )
    with a_cloud(tmp_path) as cloud:
        make_queue(cloud, "q")
        Project(tmp_path).function("one", source, smq_variable(cloud), timer_trigger("@every 1m")).deploy(cloud)
        with pytest.raises(KeyboardInterrupt):
            cloud.run(never, limit=MINUTE)
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=1)
    assert set(threading.enumerate()) == before
    assert [call.action for call in cloud.cloud.calls] == ["CreateQueue", "SendMessage"]
    assert cloud.cloud.fc.runs == []


def test_environment_is_lent(tmp_path: Path) -> None:
    """A function finds its own variables, its keys and little else; the process's own come back."""
    os.environ["OF_THE_PROCESS"] = "secret"
    source = """
    import os
    def handler(event, context):
        return sorted(os.environ)
    """
    try:
        with a_cloud(tmp_path) as cloud:
            props = "environmentVariables: {ITS_OWN: 'yes'}"
            Project(tmp_path).function("one", source, props).deploy(cloud)
            names = cloud.invoke("one", b"").decode()
        assert "ITS_OWN" in names
        assert "ALIBABA_CLOUD_SECURITY_TOKEN" in names
        assert "OF_THE_PROCESS" not in names
        assert os.environ["OF_THE_PROCESS"] == "secret"
        assert "ITS_OWN" not in os.environ
    finally:
        del os.environ["OF_THE_PROCESS"]


def test_bug_in_a_thread_is_raised_by_the_loop() -> None:
    """What goes wrong in an invocation's thread outside the function itself is never silent."""

    def broken() -> None:
        raise KeyError("a bug")

    scheduler = Scheduler(Clock(), seed=1)
    scheduler.admit(Invocation("f", "token", {}, broken))
    with pytest.raises(KeyError, match="a bug"):
        scheduler.run_ready()


def test_calls_from_a_thread_of_the_function_are_refused(tmp_path: Path) -> None:
    """A function that calls the cloud from threads of its own would have no order: the loop says so."""
    source = (
        CALLS
        + """
    import threading
    def handler(event, context):
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
    def elsewhere():
        try:
            make("first")
        except Exception:
            pass
    """
    )
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("one", source).deploy(cloud)
        with pytest.raises(RuntimeError, match="out of turn"):
            cloud.invoke("one", b"")


def all_buses() -> list[Any]:
    from alibabacloud_eventbridge20200401 import models

    return list(eventbridge().list_event_buses(models.ListEventBusesRequest(limit=100)).body.data.event_buses)


def smq_variable(cloud: Embedded) -> str:
    return f"environmentVariables: {{SMQ: '{cloud.smq_endpoint}'}}"
