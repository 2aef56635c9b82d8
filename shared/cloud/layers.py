"""Layers of Function Compute: what is published, found again by its content, and deleted."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from shared.cloud.errors import CloudRefused
from shared.cloud.session import Session
from shared.replication.model import Kept

#: So long may the service take to unpack what it was sent.
_PATIENCE = timedelta(minutes=5)
#: 100 MB of a request's body, Base64 included, is what the API takes.
#: https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage
MOST_BYTES = 100 * 1024 * 1024 * 3 // 4
_DIGEST = re.compile(r"ECS Ferry sha256:([0-9a-f]{64})")
_PAGE = 100


class LayerVersion(Kept):
    """A published version of a layer; `sha256` is of the archive that it was made from, as its description tells."""

    name: str
    version: int
    arn: str
    sha256: str


class Layers:
    """Layers in one region, by alibabacloud-fc20230330.

    The service has a checksum of its own for a layer (`codeChecksum`, a CRC-64), and may pack the archive anew; the
    description is given back as it was written, so the content's digest stands there.
    """

    def __init__(self, session: Session, region: str) -> None:
        self._session = session
        self._region = region

    def publish(self, name: str, archive: bytes, *, sha256: str, runtime: str) -> LayerVersion:
        """Publish *archive* as the next version of the layer; what was published."""
        from alibabacloud_fc20230330 import models

        request = models.CreateLayerVersionRequest(
            body=models.CreateLayerVersionInput(
                code=models.InputCodeLocation(zip_file=base64.b64encode(archive).decode()),
                compatible_runtime=[runtime],
                description=f"ECS Ferry sha256:{sha256}",
            )
        )
        client = self._session.client("fc", self._region)
        answer = self._session.call(
            lambda asked, options: client.create_layer_version_with_options(name, asked, {}, options),
            request,
            _PATIENCE,
        )
        return _seen(answer.body, name)

    def versions(self, name: str) -> Iterator[LayerVersion]:
        """The layer's versions; none when there is no such layer."""
        from alibabacloud_fc20230330 import models

        client, start = self._session.client("fc", self._region), None
        while True:
            request = models.ListLayerVersionsRequest(limit=_PAGE, start_version=start)
            try:
                body = self._session.call(
                    lambda asked, options: client.list_layer_versions_with_options(name, asked, {}, options), request
                ).body
            except CloudRefused as no:
                if no.code not in {"LayerNotFound", "LayerVersionNotFound"}:
                    raise
                return
            yield from (_seen(layer, name) for layer in body.layers or [])
            if not body.next_version:
                return
            start = str(body.next_version)

    def delete(self, name: str, version: int) -> None:
        """Delete one version; functions that have it go on having it."""
        client = self._session.client("fc", self._region)
        self._session.call(
            lambda asked, options: client.delete_layer_version_with_options(name, asked, {}, options), str(version)
        )


def _seen(layer: Any, name: str) -> LayerVersion:
    found = _DIGEST.fullmatch(layer.description or "")
    return LayerVersion(
        name=name,
        version=int(layer.version),
        arn=layer.layer_version_arn or "",
        sha256=found[1] if found else "",
    )
