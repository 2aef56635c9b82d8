"""One script in one process: its output bounded, its time too."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

#: More than Cloud Assistant ever shows (24 KB); what comes after it is read and thrown away.
_MOST_OUTPUT = 1 << 20


@dataclass(frozen=True)
class Ran:
    """How a script ended: the shell's exit code, both streams' output, and whether it had to be killed."""

    exit_code: int
    output: bytes
    killed: bool


def run_script(script: Path, environment: Mapping[str, str], cwd: Path, patience: timedelta) -> Ran:
    """Let /bin/sh run *script*, and kill it when *patience* is over."""
    process = subprocess.Popen(  # noqa: S603 - only trusted scripts get here
        ["/bin/sh", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=dict(environment),
        start_new_session=True,
    )
    try:
        output, in_time = _read(process, time.monotonic() + patience.total_seconds())
    finally:
        _end(process)
    code = process.returncode
    return Ran(code if code >= 0 else 128 - code, output, not in_time)


def _read(process: "subprocess.Popen[bytes]", until: float) -> tuple[bytes, bool]:
    """The output until the script ends, and whether it ended in time."""
    assert process.stdout is not None
    kept = bytearray()
    with selectors.DefaultSelector() as ready, process.stdout as pipe:
        ready.register(pipe, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            if not ready.select(left):
                break
            chunk = os.read(pipe.fileno(), 1 << 16)
            if not chunk:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, until - time.monotonic()))
                return bytes(kept), process.poll() is not None
            kept += chunk[: _MOST_OUTPUT - len(kept)]
    return bytes(kept), False


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the script and whatever it started that is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
