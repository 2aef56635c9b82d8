"""The real `ferry cloud serve` as a process, and its account as anybody sees it: over HTTP, through the SDK."""

import http.client
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.cli.ferrying import begin

EVERY_STATUS = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"


class CloudProcess:
    """A served cloud."""

    def __init__(self, process: "subprocess.Popen[str]", told: Mapping[str, Any]) -> None:
        self.process = process
        self.address = str(told["listening"])
        self.token = str(told["token"])
        self.port = int(self.address.rpartition(":")[2])

    @contextmanager
    def connection(self) -> Iterator[http.client.HTTPConnection]:
        """A connection to it."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            yield connection

    def get(self, path: str, method: str = "GET", **headers: str) -> Any:
        """The JSON that the server itself answers with."""
        with self.connection() as connection:
            connection.request(method, path, headers=headers)
            return json.loads(connection.getresponse().read())

    def health(self) -> dict[str, Any]:
        """How it is."""
        said: dict[str, Any] = self.get("/_ferry/health")
        return said

    def calls(self, skip: int = 0) -> list[dict[str, Any]]:
        """All calls but the first."""
        made: list[dict[str, Any]] = self.get(f"/_ferry/calls?skip={skip}")["calls"]
        return made

    def ask(self, action: str, region: str, **wire: Any) -> dict[str, Any]:
        """Call an action of ECS through the SDK, parameters by their names on the wire; the answer's body."""
        from alibabacloud_ecs20140526 import models
        from alibabacloud_ecs20140526.client import Client
        from alibabacloud_tea_openapi.models import Config

        here = {"endpoint": f"127.0.0.1:{self.port}", "protocol": "http"}
        client = Client(Config(access_key_id="test", access_key_secret="test", region_id=region, **here))
        request = getattr(models, f"{action}Request")().from_map({"RegionId": region, **wire})
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
        body: dict[str, Any] = getattr(client, snake)(request).body.to_map()
        return body

    def things(self, kind: str, region: str) -> list[dict[str, Any]]:
        """All images (the account's own), snapshots, instances or disks of a region."""
        more = {"ImageOwnerAlias": "self", "Status": EVERY_STATUS} if kind == "Image" else {}
        found = self.ask(f"Describe{kind}s", region, PageSize=100, **more)
        assert found.get("TotalCount", 0) <= 100, "one page is enough for a test"
        return list(found[f"{kind}s"][kind])


@contextmanager
def serving(*words: object, temporary: Path, port: int = 0) -> Iterator[CloudProcess]:
    """A served cloud, ended with the context."""
    temporary.mkdir(exist_ok=True)
    with begin("cloud", "serve", "--port", port, "--json", *words, temporary=temporary) as process:
        try:
            yield CloudProcess(process, _told(process))
        finally:
            process.kill()


def _told(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The one object that it prints when it is ready."""
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            told: dict[str, Any] = json.loads(text)
            return told
    raise AssertionError(f"it has ended: {text}{process.stderr.read() if process.stderr else ''}")
