"""Layers: what functions share, in versions that never change.

https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-createlayerversion and
its neighbours (read 2026-11).  The embedded runtime loads nothing from a layer: only what is asked about one is kept.
"""

import base64
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from localcloud.fc import errors
from localcloud.fc.asked import Asked
from localcloud.fc.crc64 import crc64
from localcloud.texts import whole
from localcloud.wire import Response, json_response

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

#: "100 MB incl. Base64 via API" (https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage).
MAX_REQUEST = 100 * 1024 * 1024
#: The forms of names; how long a layer's may be is not documented, so it is as long as a function's.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_ARN = re.compile(r"acs:fc:([a-z0-9-]+):([0-9]+|official):layers/([^/]+)/versions/([1-9][0-9]*)")
#: devsapp/fc3 src/schema.json, runtime.
_RUNTIMES = re.compile(r"(python|nodejs|java|go|php|dotnetcore)[0-9.]*|custom(\.debian1[0-2])?|custom-container")


@dataclass(frozen=True)
class LayerVersion:
    """One version of a layer."""

    name: str
    version: int
    arn: str
    checksum: str
    size: int
    runtimes: tuple[str, ...]
    description: str
    license: str
    created: datetime


@dataclass
class Layer:
    """A layer of one region; a version's number is not given twice (not documented)."""

    versions: dict[int, LayerVersion] = field(default_factory=dict)
    numbered: int = 0

    def version(self, number: str) -> LayerVersion | None:
        """The version of that number."""
        found = whole(number, 1, self.numbered)
        return None if found is None else self.versions.get(found)


class Layers:
    """The layers of the account, and the actions on them."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._layers: dict[tuple[str, str], Layer] = {}

    def find(self, arn: str) -> LayerVersion | None:
        """The version of that ARN."""
        found = _ARN.fullmatch(arn)
        if found is None or found.group(2) != self._cloud.account:
            return None
        layer = self._layers.get((found.group(1), found.group(3)))
        return layer.version(found.group(4)) if layer else None

    def create(self, _: "Call", asked: Asked) -> Response:
        """CreateLayerVersion: from a zip file in the request; OSS is not in the embedded cloud."""
        if len(asked.body) > MAX_REQUEST:
            raise errors.too_large(MAX_REQUEST)
        if not _NAME.fullmatch(asked.name):
            raise errors.invalid(f"layer name '{asked.name}' is invalid")
        sent = asked.document()
        content = _content(sent.get("code"))
        layer = self._layers.get((asked.region, asked.name), Layer())
        number = layer.numbered + 1
        version = LayerVersion(
            name=asked.name,
            version=number,
            arn=f"acs:fc:{asked.region}:{self._cloud.account}:layers/{asked.name}/versions/{number}",
            checksum=_checked(content, sent.get("code")),
            size=len(content),
            runtimes=_runtimes(sent.get("compatibleRuntime")),
            description=str(sent.get("description") or ""),
            license=str(sent.get("license") or ""),
            created=self._cloud.clock.now,
        )
        layer.numbered, layer.versions[number] = number, version
        self._layers[asked.region, asked.name] = layer
        return json_response(200, _shown(version))

    def get(self, _: "Call", asked: Asked) -> Response:
        """GetLayerVersion."""
        return json_response(200, _shown(self._version(asked)))

    def get_by_arn(self, _: "Call", asked: Asked) -> Response:
        """GetLayerVersionByArn."""
        parts = _ARN.fullmatch(asked.name)
        if parts is None:
            raise errors.invalid(f"layer version ARN '{asked.name}' is invalid")
        version = self.find(asked.name)
        if version is None:
            raise errors.layer_version_not_found(parts.group(3), parts.group(4))
        return json_response(200, _shown(version))

    def list(self, _: "Call", asked: Asked) -> Response:
        """ListLayers: the latest version of each."""
        asked.without("public", "official")
        prefix = asked.query.get("prefix", "")
        latest = {
            name: layer.versions[max(layer.versions)]
            for (region, name), layer in self._layers.items()
            if region == asked.region and name.startswith(prefix) and layer.versions
        }
        names, beside = asked.page([*latest])
        return json_response(200, {"layers": [_shown(latest[name]) for name in names], **beside})

    def list_versions(self, _: "Call", asked: Asked) -> Response:
        """ListLayerVersions, from startVersion on."""
        versions = self._layer(asked).versions
        limit, begin = asked.whole("limit", 20, 1, 100), asked.whole("startVersion", 1, 1, 10**9)
        rest = sorted(number for number in versions if number >= begin)
        beside: dict[str, object] = {"nextVersion": rest[limit]} if len(rest) > limit else {}
        return json_response(200, {"layers": [_shown(versions[number]) for number in rest[:limit]], **beside})

    def delete(self, _: "Call", asked: Asked) -> Response:
        """DeleteLayerVersion; whether a function uses it is not asked (not documented)."""
        version = self._version(asked)
        del self._layer(asked).versions[version.version]
        return Response(204, b"")

    def _layer(self, asked: Asked) -> Layer:
        layer = self._layers.get((asked.region, asked.name))
        if layer is None or not layer.versions:
            raise errors.layer_not_found(asked.name)
        return layer

    def _version(self, asked: Asked) -> LayerVersion:
        layer, number = self._layer(asked), asked.names[1]
        version = layer.version(number)
        if version is None:
            raise errors.layer_version_not_found(asked.name, number)
        return version


def is_public(arn: str) -> bool:
    """Whether *arn* is of a layer that the cloud itself gives."""
    found = _ARN.fullmatch(arn)
    return found is not None and found.group(2) == "official"


def _content(code: object) -> bytes:
    sent = code.get("zipFile") if isinstance(code, Mapping) else None
    if not isinstance(sent, str) or not sent:
        raise errors.invalid("code.zipFile is empty: OSS is not in the embedded cloud")
    try:
        content = base64.b64decode(sent, validate=True)
    except ValueError:
        raise errors.invalid("code.zipFile is not Base64") from None
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise errors.invalid("code.zipFile is not a zip file")
    return content


def _checked(content: bytes, code: object) -> str:
    wanted, found = code.get("checksum") if isinstance(code, Mapping) else None, str(crc64(content))
    if wanted not in (None, "", found):
        raise errors.invalid(f"code checksum is {found}, not {wanted}")
    return found


def _runtimes(sent: object) -> tuple[str, ...]:
    runtimes = sent if isinstance(sent, Sequence) and not isinstance(sent, str) else ()
    if not runtimes or not all(isinstance(one, str) and _RUNTIMES.fullmatch(one) for one in runtimes):
        raise errors.invalid(f"compatibleRuntime {sent!r} is invalid")
    return tuple(runtimes)


def _shown(one: LayerVersion) -> dict[str, object]:
    return {
        "acl": "0",
        "code": {"repositoryType": "OSS", "location": f"https://embedded.invalid/{one.arn}"},
        "codeChecksum": one.checksum,
        "codeSize": one.size,
        "compatibleRuntime": list(one.runtimes),
        "createTime": one.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "description": one.description,
        "layerName": one.name,
        "layerVersionArn": one.arn,
        "license": one.license,
        "version": one.version,
    }
