"""Layers of Function Compute, and what of an s.yaml has to be there when it is deployed in earnest."""

import base64
import io
import lzma
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models as m
from alibabacloud_ram20150501.models import CreateRoleRequest

from localcloud.fc import ManifestProblems
from localcloud.fc.crc64 import crc64
from localcloud.runtime import Embedded
from tests.localcloud.ecs_world import refused
from tests.localcloud.sdk import ACCOUNT, Project, a_cloud, fc_control, ram
from tests.localcloud.test_ram import TRUST

ARN = f"acs:fc:cn-hangzhou:{ACCOUNT}:layers/ferry-layer/versions/"
NOBODY = f"role: acs:ram::{ACCOUNT}:role/nobody"
ECHO = "def handler(event, context): return event"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    with a_cloud(tmp_path) as made:
        yield made


def packed(content: str = "x = 1") -> bytes:
    """A zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("python/a.py"), content)
    return file.getvalue()


def publish(
    name: str = "ferry-layer",
    *runtimes: str,
    code: dict[str, str] | None = None,
    region: str = "cn-hangzhou",
    **more: Any,
) -> Any:
    """The layer version that CreateLayerVersion answers."""
    wanted = m.CreateLayerVersionInput(
        code=m.InputCodeLocation(**(code or {"zip_file": base64.b64encode(packed()).decode()})),
        compatible_runtime=list(runtimes or ("python3.12",)),
        **more,
    )
    return fc_control(region).create_layer_version(name, m.CreateLayerVersionRequest(body=wanted)).body


def versions(**asked: Any) -> Any:
    return fc_control().list_layer_versions("ferry-layer", m.ListLayerVersionsRequest(**asked)).body


@pytest.mark.usefixtures("cloud")
def test_a_version() -> None:
    """A version bears its ARN, the checksum of the zip file and its size, and can be got by name and by ARN."""
    made = publish(description="shared", license="MIT")
    assert (made.layer_version_arn, made.version, made.layer_name) == (f"{ARN}1", 1, "ferry-layer")
    assert (made.code_size, made.code_checksum) == (len(packed()), str(crc64(packed())))
    assert (made.compatible_runtime, made.description, made.license) == (["python3.12"], "shared", "MIT")
    assert fc_control().get_layer_version("ferry-layer", "1").body.to_map() == made.to_map()
    assert fc_control().get_layer_version_by_arn(f"{ARN}1").body.to_map() == made.to_map()


def test_checksum() -> None:
    """The checksum is CRC-64 by ECMA-182, as the catalogue of CRCs has it and .xz files bear it, at every length."""
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA
    for length in (0, 1, 4095, 4096, 4097, 12_345):
        content = random.Random(length).randbytes(length)
        whole = lzma.compress(content, lzma.FORMAT_XZ, lzma.CHECK_CRC64)
        index = (int.from_bytes(whole[-8:-4], "little") + 1) * 4
        borne = int.from_bytes(whole[-20 - index : -12 - index], "little") if content else 0
        assert crc64(content) == borne


@pytest.mark.usefixtures("cloud")
def test_versions_grow() -> None:
    """Versions are numbered, listed in pages, and no number is given twice."""
    for _ in range(3):
        publish()
    first = versions(limit=2)
    assert ([one.version for one in first.layers], first.next_version) == ([1, 2], 3)
    rest = versions(limit=2, start_version=str(first.next_version))
    assert ([one.version for one in rest.layers], rest.next_version) == ([3], None)
    fc_control().delete_layer_version("ferry-layer", "3")
    assert [one.version for one in versions().layers] == [1, 2]
    assert publish().version == 4


@pytest.mark.usefixtures("cloud")
def test_layers() -> None:
    """Layers are listed by prefix, region and page, each with its latest version; one without any is gone."""
    publish("ferry-b")
    publish("ferry-a")
    publish("ferry-a")
    publish("other")
    publish("ferry-c", region="cn-beijing")
    first = fc_control().list_layers(m.ListLayersRequest(prefix="ferry", limit=1)).body
    assert [(one.layer_name, one.version) for one in first.layers] == [("ferry-a", 2)]
    rest = fc_control().list_layers(m.ListLayersRequest(prefix="ferry", next_token=first.next_token)).body
    assert ([one.layer_name for one in rest.layers], rest.next_token) == (["ferry-b"], None)
    fc_control().delete_layer_version("ferry-b", "1")
    left = fc_control().list_layers(m.ListLayersRequest(prefix="ferry")).body
    assert [one.layer_name for one in left.layers] == ["ferry-a"]


ZIP = base64.b64encode(packed()).decode()
NO_LAYER = (404, "LayerNotFound", "layer 'ferry-layer' does not exist")
NO_VERSION = (404, "LayerVersionNotFound", "version '2' of layer 'there' does not exist")


def invalid(why: str) -> tuple[int, str, str]:
    return 400, "InvalidArgument", why


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda: publish("ferry layer"), invalid("layer name 'ferry layer' is invalid")),
        (lambda: publish("ferry-layer", "cobol"), invalid("compatibleRuntime ['cobol'] is invalid")),
        (lambda: publish(code={"zip_file": "%"}), invalid("code.zipFile is not Base64")),
        (
            lambda: publish(code={"zip_file": base64.b64encode(b"no zip").decode()}),
            invalid("code.zipFile is not a zip file"),
        ),
        (
            lambda: publish(code={"oss_bucket_name": "b", "oss_object_name": "o"}),
            invalid("code.zipFile is empty: OSS is not in the embedded cloud"),
        ),
        (
            lambda: publish(code={"zip_file": ZIP, "checksum": "1"}),
            invalid(f"code checksum is {crc64(packed())}, not 1"),
        ),
        (
            lambda: publish(code={"zip_file": "A" * 100 * 1024 * 1024}),
            (400, "EntityTooLarge", "payload size exceeds maximum allowed size (104857600 bytes)"),
        ),
        (versions, NO_LAYER),
        (lambda: fc_control().get_layer_version("ferry-layer", "1"), NO_LAYER),
        (lambda: fc_control().delete_layer_version("ferry-layer", "1"), NO_LAYER),
        (lambda: fc_control().get_layer_version("there", "2"), NO_VERSION),
        (lambda: fc_control().delete_layer_version("there", "2"), NO_VERSION),
        (
            lambda: fc_control().get_layer_version_by_arn(f"{ARN}1"),
            (404, "LayerVersionNotFound", "version '1' of layer 'ferry-layer' does not exist"),
        ),
        (
            lambda: fc_control().get_layer_version_by_arn("acs:fc:x"),
            invalid("layer version ARN 'acs:fc:x' is invalid"),
        ),
        (
            lambda: fc_control().list_layer_versions("there", m.ListLayerVersionsRequest(limit=101)),
            invalid("limit is not from 1 to 100"),
        ),
        (
            lambda: fc_control().list_layer_versions("there", m.ListLayerVersionsRequest(start_version="0")),
            invalid("startVersion is not from 1 to 1000000000"),
        ),
        (
            lambda: fc_control().list_layers(m.ListLayersRequest(limit=101)),
            invalid("limit is not from 1 to 100"),
        ),
        (
            lambda: fc_control().list_layers(m.ListLayersRequest(official="true")),
            invalid("official: lists by it are not in the embedded cloud"),
        ),
    ],
)
def test_it_refuses(what: Any, said: tuple[int, str, str]) -> None:
    """What FC refuses has the documented code and status."""
    publish("there")
    status, code, message = said
    with refused(code, status, message):
        what()
    assert [one.layer_name for one in fc_control().list_layers(m.ListLayersRequest()).body.layers] == ["there"]


# what an s.yaml names


def deployed(cloud: Embedded, folder: Path, props: str) -> list[tuple[str, str]]:
    """Deploy a function with *props* in earnest; path and code of each problem."""
    project = Project(folder).function("f", ECHO, props)
    try:
        cloud.deploy(project.s_yaml, {}, strict=True)
    except ManifestProblems as found:
        return [(problem.path.removeprefix("resources.f.props."), problem.code) for problem in found.problems]
    return []


def test_role_and_layer_that_are_there(cloud: Embedded, tmp_path: Path) -> None:
    """With its role and its layer there, a function is deployed, and says what layers it has."""
    publish()
    ram().create_role(CreateRoleRequest(role_name="Ferry-F", assume_role_policy_document=TRUST))
    public = "acs:fc:cn-hangzhou:official:layers/P/versions/1"
    props = f"role: acs:ram::{ACCOUNT}:role/ferry-f\nlayers: ['{ARN}1', '{public}']"
    assert deployed(cloud, tmp_path, props) == []
    function = fc_control().get_function("f", m.GetFunctionRequest()).body
    assert [(layer.arn, layer.size) for layer in function.layers] == [(f"{ARN}1", len(packed())), (public, 0)]
    assert function.role == f"acs:ram::{ACCOUNT}:role/ferry-f"


@pytest.mark.parametrize(
    ("props", "problems"),
    [
        (NOBODY, [("role", "missing")]),
        ("role: acs:ram::9999999999999999:role/ferry-f", [("role", "missing")]),
        (f"layers: ['{ARN}9']", [("layers.0", "missing")]),
        (f"layers: ['{ARN}2']", [("layers.0", "invalid")]),
        (f"layers: ['{ARN.replace('hangzhou', 'beijing')}1']", [("layers.0", "invalid")]),
        (f"{NOBODY}\nlayers: ['{ARN}1', '{ARN}9']", [("role", "missing"), ("layers.1", "missing")]),
    ],
)
def test_what_is_not_there(cloud: Embedded, tmp_path: Path, props: str, problems: list[tuple[str, str]]) -> None:
    """A role or a layer that is not there is told with its path, and nothing is deployed."""
    publish()
    publish("ferry-layer", "python3.10")
    publish(region="cn-beijing")
    assert deployed(cloud, tmp_path, props) == problems
    found = fc_control().list_functions(m.ListFunctionsRequest()).body.functions
    assert [one.function_name for one in found] == ([] if problems else ["f"])


def test_only_in_earnest(cloud: Embedded, tmp_path: Path) -> None:
    """A developer's run needs neither."""
    Project(tmp_path).function("f", ECHO, f"{NOBODY}\nlayers: ['{ARN}9']").deploy(cloud)
    assert cloud.invoke("f", b"x") == b"x"
