"""SMQ and Tablestore without a socket: lost answers, addresses that are not ours, and a real port on demand."""

import subprocess
import sys
import threading
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from mns.mns_exception import MNSClientNetworkException
from mns.queue import Message

from localcloud.faults import Fault
from localcloud.fc import FunctionFailed
from localcloud.runtime import Embedded
from tests.localcloud.sdk import Project, a_cloud, bodies, make_queue

HOME = "cn-hangzhou"
SECOND = timedelta(seconds=1)
ASKS = """
    import os, threading
    from mns.account import Account
    from mns.queue import Message

    def handler(event, context):
        keys = os.environ
        account = Account(keys["SMQ"], keys["ALIBABA_CLOUD_ACCESS_KEY_ID"],
                          keys["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], keys["ALIBABA_CLOUD_SECURITY_TOKEN"])
        queue = account.get_queue("q")
        queue.send_message(Message("hello"))
        return str(len(threading.enumerate()))
    """


@pytest.mark.parametrize(("kind", "sent"), [("timeout", []), ("lost_answer", ["hello"])])
def test_no_answer_is_a_time_out(tmp_path: Path, kind: Any, sent: list[str]) -> None:
    """A lost answer is the SDK's own time-out; the message is sent once or not at all, never again by itself."""
    with a_cloud(tmp_path, Fault(kind=kind, action="SendMessage", count=1)) as cloud:
        queue = make_queue(cloud, "q")
        with pytest.raises(MNSClientNetworkException, match="timed out"):
            queue.send_message(Message("hello"))
        assert bodies(queue) == sent


@pytest.mark.parametrize(("kind", "sent"), [("kill_before", []), ("kill_after", ["aGVsbG8="])])
def test_a_kill_is_raised_where_the_call_was_made(tmp_path: Path, kind: Any, sent: list[str]) -> None:
    """It goes through the SDK, which takes every Exception for trouble with the network, and ends the function."""
    source = (
        ASKS.replace("def handler", "def ask")
        + """
    def handler(event, context):
        try:
            ask(event, context)
        except Exception:  # an error of the SDK's: whoever is killed does not come here, and sends no second message
            ask(event, context)
    """
    )
    with a_cloud(tmp_path, Fault(kind=kind, function="one", count=1)) as cloud:
        queue = make_queue(cloud, "q")
        Project(tmp_path).function("one", source, f"environmentVariables: {{SMQ: '{cloud.smq_endpoint}'}}").deploy(
            cloud
        )
        with pytest.raises(FunctionFailed, match="Process exited unexpectedly"):
            cloud.invoke("one", b"")
        assert bodies(queue) == sent


def test_it_is_answered_in_the_callers_thread(tmp_path: Path) -> None:
    """No thread begins for a call, and no port is open for it."""
    with a_cloud(tmp_path) as cloud:
        make_queue(cloud, "q")
        before = threading.active_count()
        Project(tmp_path).function("one", ASKS, f"environmentVariables: {{SMQ: '{cloud.smq_endpoint}'}}").deploy(cloud)
        assert int(cloud.invoke("one", b"")) == before + 1
        assert urlsplit(cloud.smq_endpoint).port is None


def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    """A service that is not there refuses the connection; what is no address of ours is left to the network."""
    with a_cloud(tmp_path) as cloud:
        with pytest.raises(ConnectionRefusedError, match="nothing in the embedded cloud"):
            HTTPConnection("smtp.cn-hangzhou.localcloud.invalid").request("GET", "/")
        elsewhere = HTTPConnection(cloud.open_port("smq", HOME).removeprefix("http://"))
        elsewhere.request("GET", "/queues")
        assert elsewhere.getresponse().status == 400  # by its real socket: it brought no key
        elsewhere.close()


def test_unmounted_it_is_nowhere(tmp_path: Path) -> None:
    """An address that outlives its cloud leads nowhere."""
    with a_cloud(tmp_path) as cloud:
        queue = make_queue(cloud, "q")
    with pytest.raises(MNSClientNetworkException):
        queue.send_message(Message("hello"))
    assert [call.action for call in cloud.cloud.calls] == ["CreateQueue"]


def test_a_real_port_on_demand(tmp_path: Path) -> None:
    """Another process reaches the cloud by a port; a lost answer breaks off there."""
    with a_cloud(tmp_path, Fault(kind="lost_answer", action="SendMessage", count=1)) as cloud:
        queue = make_queue(cloud, "q")
        assert cloud.open_port("smq", HOME) == cloud.open_port("smq", HOME) != cloud.open_port("smq", "cn-beijing")
        sent = [send_from_another_process(cloud, text) for text in ("first", "second")]
        assert sent == ["MNSClientNetworkException", "sent"]
        assert bodies(queue) == ["first", "second"]


def test_no_function_calls_by_a_real_port(tmp_path: Path) -> None:
    """By a port a function's call would come from a thread that has no turn: the loop says so."""
    with a_cloud(tmp_path) as cloud:
        make_queue(cloud, "q")
        endpoint = cloud.open_port("smq", HOME)
        Project(tmp_path).function("one", ASKS, f"environmentVariables: {{SMQ: '{endpoint}'}}").deploy(cloud)
        with pytest.raises(RuntimeError, match="out of turn"):
            cloud.invoke("one", b"")


def send_from_another_process(cloud: Embedded, text: str) -> str:
    """What came of it."""
    program = (
        "import sys; from mns.account import Account; from mns.queue import Message\n"
        "queue = Account(sys.argv[1], 'test', 'test').get_queue('q'); queue.set_encoding(False)\n"
        "try: queue.send_message(Message(sys.argv[2])); print('sent')\n"
        "except Exception as no: print(type(no).__name__)\n"
    )
    command = [sys.executable, "-c", program, cloud.open_port("smq", HOME), text]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
