"""An SDK call through the embedded cloud, beside the same call through a fake that answers one constant."""

import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import responses
from rich.console import Console

from localcloud.runtime import embedded
from localcloud.world import default_world

_ROUNDS = 400


def main() -> int:
    """Print both, and the ratio, measured in turns in one run."""
    from alibabacloud_ecs20140526 import models
    from alibabacloud_ecs20140526.client import Client
    from alibabacloud_tea_openapi.models import Config

    client = Client(Config(access_key_id="test", access_key_secret="test", region_id="cn-beijing", protocol="https"))  # noqa: S106
    request = models.DescribeImagesRequest(region_id="cn-beijing", image_owner_alias="system")

    def call() -> Any:
        return client.describe_images(request)

    with tempfile.TemporaryDirectory() as state:
        with embedded(default_world(), seed=1, state=Path(state), trusted_scripts=frozenset()):
            answer = call().body.to_map()
            ours = min(_seconds(call) for _ in range(3))
        empty = responses.RequestsMock(assert_all_requests_are_fired=False)
        empty.add(responses.POST, re.compile(".*"), body=json.dumps(answer), content_type="application/json")
        with empty:
            constant = min(_seconds(call) for _ in range(3))
    Console().print(
        f"DescribeImages through the embedded cloud {ours * 1e3:.2f} ms, through an empty fake "
        f"{constant * 1e3:.2f} ms: {ours / constant:.2f} times",
        highlight=False,
    )
    return 0


def _seconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    for _ in range(_ROUNDS):
        call()
    return (time.perf_counter() - began) / _ROUNDS


if __name__ == "__main__":
    sys.exit(main())
