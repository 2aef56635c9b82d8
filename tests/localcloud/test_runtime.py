"""The loop that runs functions and moves time, and what an operator's own calls see of it."""

import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from mns.queue import Message

from tests.localcloud.sdk import CALLS, Project, a_cloud, bodies, eventbridge, make_queue, timer_trigger

MINUTE = timedelta(minutes=1)
TICK = """
    def handler(event, context):
        return ""
    """


def test_until(tmp_path: Path) -> None:
    """run() ends with True in the very moment in which what is waited for is so."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", TICK, triggers=timer_trigger("@every 1m")).deploy(cloud)
        assert cloud.run(lambda: len(cloud.cloud.fc.runs) == 3, limit=60 * MINUTE) is True
        assert cloud.cloud.clock.now - cloud.cloud.clock.start == 3 * MINUTE


def test_limit(tmp_path: Path) -> None:
    """run() ends with False when its virtual time has passed, whether or not anything was planned."""
    with a_cloud(tmp_path) as cloud:
        assert cloud.run(lambda: False, limit=5 * MINUTE) is False
        assert cloud.cloud.clock.now - cloud.cloud.clock.start == 5 * MINUTE


def test_on_step(tmp_path: Path) -> None:
    """Progress can be shown between steps."""
    moments = []
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", TICK, triggers=timer_trigger("@every 1m")).deploy(cloud)
        cloud.run(lambda: False, limit=3 * MINUTE, on_step=lambda: moments.append(cloud.cloud.clock.now))
        assert [moment - cloud.cloud.clock.start for moment in moments] == [n * MINUTE for n in range(4)]


def test_interrupted_in_a_step(tmp_path: Path) -> None:
    """An interruption in the caller's own code leaves the loop ready to go on."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", TICK, triggers=timer_trigger("@every 1m")).deploy(cloud)

        def interrupt() -> None:
            if cloud.cloud.fc.runs:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            cloud.run(lambda: False, limit=5 * MINUTE, on_step=interrupt)
        assert cloud.run(lambda: len(cloud.cloud.fc.runs) == 2, limit=5 * MINUTE) is True


def test_speed(tmp_path: Path) -> None:
    """With a speed, virtual time keeps to the wall clock's."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", TICK, triggers=timer_trigger("@every 1m")).deploy(cloud)
        begin = time.monotonic()
        cloud.run(lambda: len(cloud.cloud.fc.runs) == 2, limit=5 * MINUTE, speed=1200)
        assert time.monotonic() - begin >= 0.09


def test_interrupted_while_it_waits(tmp_path: Path) -> None:
    """Ctrl-C does not wait for the wall clock to come to the next step."""
    with a_cloud(tmp_path) as cloud:
        Project(tmp_path).function("f", TICK, triggers=timer_trigger("@every 1m")).deploy(cloud)
        begin = time.monotonic()
        timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            cloud.run(lambda: False, limit=5 * MINUTE, speed=1)
        assert time.monotonic() - begin < 5
        timer.join()


def test_operator_calls_at_once(tmp_path: Path) -> None:
    """Calls of the process's own thread are served while mounted, between runs and between steps."""
    from alibabacloud_eventbridge20200401 import models

    def count() -> int:
        body = eventbridge().list_event_buses(models.ListEventBusesRequest(limit=100)).body
        return int(body.data.total)

    seen = []
    source = (
        CALLS
        + """
    def handler(event, context):
        make(context.request_id)
    """
    )
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
        Project(tmp_path).function("f", source, triggers=timer_trigger("@every 1m")).deploy(cloud)

        def look() -> None:
            seen.append(count())
            queue.send_message(Message(str(count())))

        cloud.run(lambda: False, limit=2 * MINUTE, on_step=look)
        assert seen == [1, 2, 3]
        assert bodies(queue) == ["1", "2", "3"]


def test_client_environ(tmp_path: Path) -> None:
    """An operator's process is told the keys and where SMQ is."""
    with a_cloud(tmp_path) as cloud:
        environ = cloud.client_environ()
        assert environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] == "test"
        assert environ["FERRY_SMQ_ENDPOINT"] == cloud.smq_endpoint == cloud.smq_endpoint_for("cn-hangzhou")
        assert cloud.smq_endpoint_for("cn-beijing") != cloud.smq_endpoint
