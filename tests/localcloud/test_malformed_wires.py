"""What no client means to send to the services that have a protocol of their own: refused, and they go on."""

import base64
import hashlib
import http.client
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests
from alibabacloud_fc20230330 import models as m
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from localcloud.runtime import Embedded
from localcloud.tablestore.sdk import (
    Credentials,
    PlainBufferBuilder,
    RequestContext,
    SignV2,
    filters,
    messages,
)
from tests.localcloud.ecs_world import refused
from tests.localcloud.sdk import ACCOUNT, HOME, Project, a_cloud, fc_control, make_queue, mns_headers, queue_trigger
from tests.localcloud.test_tablestore import INSTANCE, client, get, make_table, put, refusal, update

SMQ = f"https://{ACCOUNT}.mns.{HOME}.aliyuncs.com"
LONG = "9" * 5000
MESSAGE = "<Message><MessageBody>x</MessageBody></Message>"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    with a_cloud(tmp_path) as made:
        made.cloud.tablestore.state.create_instance(HOME, INSTANCE)
        make_queue(made, "q")
        yield made


# SMQ


def smq(method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int, str, str]:
    """What SMQ says to a request that is signed as it should be."""
    answer = requests.request(
        method, SMQ + target, data=body, headers=mns_headers(method, target, **headers), timeout=20
    )
    said = {child.tag.rpartition("}")[2]: child.text or "" for child in ElementTree.fromstring(answer.content)}
    return answer.status_code, said.get("Code", ""), said.get("Message", "")


MALFORMED = (400, "MalformedXML", "The XML you provided was not well-formed.")


@pytest.mark.parametrize("part", ["<a/>", "<a><a/></a>", "<a>" * 10 + "</a>" * 10])
def test_smq_reads_no_more_than_a_request_can_have(cloud: Embedded, part: str) -> None:
    """A document that has ever more elements is not read to its end, and nothing of it is done."""
    assert cloud is not None
    body = f"<R>{part * 20_000}</R>".encode()
    for method, target in (
        ("PUT", "/queues/other"),
        ("PUT", "/queues/q?metaoverride=true"),
        ("POST", "/queues/q/messages"),
        ("DELETE", "/queues/q/messages"),
    ):
        assert smq(method, target, body) == MALFORMED
    assert smq("GET", "/queues/other")[1] == "QueueNotExist"
    assert smq("GET", "/queues/q/messages")[1] == "MessageNotExist"


@pytest.mark.parametrize("encoding", ["foo", "big5", "utf-7", "rot13", "\x00"])
def test_smq_reads_encodings(cloud: Embedded, encoding: str) -> None:
    """One that is not known, or of several bytes a letter, is no XML here, whatever the request."""
    assert cloud is not None
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    assert smq("POST", "/queues/q/messages", f"{head}{MESSAGE}".encode()) == MALFORMED
    assert smq("PUT", "/queues/other", f"{head}<Queue/>".encode()) == MALFORMED
    assert smq("DELETE", "/queues/q/messages", f"{head}<R><H>x</H></R>".encode()) == MALFORMED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_smq_takes_no_entities(cloud: Embedded, encoding: str) -> None:
    """A message that would grow a hundredfold is refused at its head; what only looks like one is text."""
    assert cloud is not None
    bomb = f'<!DOCTYPE a [<!ENTITY x "{"x" * 1_000_000}">]>{MESSAGE.replace("x", "&x;" * 95)}'
    assert smq("POST", "/queues/q/messages", bomb.encode(encoding)) == MALFORMED
    text = MESSAGE.replace("x", "<![CDATA[<!DOCTYPE html>]]>")
    assert smq("POST", "/queues/q/messages", text.encode(encoding))[0] == 201


@pytest.mark.parametrize(
    ("text", "reads"), [(LONG, True), ("-1", True), ("٣", False), ("²", False), ("--1", False), ("-", False)]
)
def test_smq_reads_numbers(cloud: Embedded, text: str, reads: bool) -> None:
    """A number that is too large or too small is told apart from what is none."""
    assert cloud is not None

    def said(name: str, low: int, high: int) -> tuple[int, str, str]:
        beyond = f"The value of {name} should between {low} and {high} seconds/bytes."
        none = f"The XML you provided did not validate against our published schema, cause by {name}."
        return 400, "InvalidArgument", beyond if reads else none

    delayed = MESSAGE.replace("</Message>", f"<DelaySeconds>{text}</DelaySeconds></Message>")
    assert smq("POST", "/queues/q/messages", delayed.encode()) == said("DelaySeconds", 0, 604_800)
    if text.isascii():
        assert smq("GET", f"/queues/q/messages?numOfMessages={text}") == said("numOfMessages", 1, 16)
        assert smq("GET", "/queues", x_mns_ret_number=text) == said("x-mns-ret-number", 1, 1000)


# FC


def zipped() -> str:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.py", "x = 1")
    return base64.b64encode(file.getvalue()).decode()


def publish(**changed: Any) -> Any:
    """A layer version."""
    code = m.InputCodeLocation(zip_file=changed.pop("content", None) or zipped())
    wanted = m.CreateLayerVersionInput(code=code, compatible_runtime=["python3.12"], **changed)
    return fc_control().create_layer_version("layer", m.CreateLayerVersionRequest(body=wanted)).body


@pytest.mark.usefixtures("cloud")
def test_fc_reads_base64() -> None:
    """What is not ASCII is no Base64."""
    with refused("InvalidArgument", 400, "code.zipFile is not Base64"):
        publish(content="é")


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("body", [b"[" * 5000, b'{"a": NaN}', b'{"a": "\\ud800"}', b"\xff\xfe{"])
def test_fc_reads_bodies(body: bytes) -> None:
    """Nested too deep, or with what can't be written."""
    about = Params(
        action="CreateLayerVersion",
        version="2023-03-30",
        protocol="HTTPS",
        pathname="/2023-03-30/layers/layer/versions",
        method="POST",
        auth_type="AK",
        style="ROA",
        req_body_type="json",
        body_type="json",
    )
    with refused("InvalidArgument", 400, "the request body is not JSON"):
        fc_control().call_api(about, OpenApiRequest(stream=body), RuntimeOptions())


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("text", [LONG, "٣", "²", "0"])
def test_fc_reads_numbers(text: str) -> None:
    """A version of a layer, in its path and in its ARN; a page's length."""
    publish()
    with refused("LayerVersionNotFound", 404):
        fc_control().get_layer_version("layer", text)
    arn = f"acs:fc:{HOME}:{ACCOUNT}:layers/layer/versions/{text}"
    with refused("LayerVersionNotFound" if text == LONG else "InvalidArgument"):
        fc_control().get_layer_version_by_arn(arn)
    with refused("InvalidArgument", 400, "limit is not from 1 to 100"):
        fc_control().list_layers(m.ListLayersRequest(limit=text))


def test_fc_gets_messages_that_are_no_base64(cloud: Embedded, tmp_path: Path) -> None:
    """They go through as they are, ASCII or not, and end nothing."""
    project = Project(tmp_path).function("f", "def handler(event, context): return event", triggers=queue_trigger("q"))
    project.deploy(cloud)
    assert smq("POST", "/queues/q/messages", MESSAGE.replace("x", "é").encode())[0] == 201
    cloud.run(lambda: False, limit=timedelta(seconds=30))
    (run,) = cloud.cloud.fc.runs
    assert run.error is None


# Tablestore

NOT_READ = (400, "OTSParameterInvalid", "data format is invalid.")


@pytest.fixture
def there(cloud: Embedded) -> Any:
    made = client(cloud)
    make_table(made)
    put(made, "a", s="x", n=2**63 - 1)
    return made


def raw(cloud: Embedded, action: str, asked: Any, secret: str = "test") -> tuple[int, str, str]:
    """Status, code and message of what a signed message hears."""
    body = asked if isinstance(asked, bytes) else asked.SerializeToString()
    address = urlsplit(cloud.tablestore_endpoint_for(HOME))
    headers = {
        "x-ots-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "x-ots-apiversion": "2015-12-31",
        "x-ots-accesskeyid": "test",
        "x-ots-instancename": INSTANCE,
        "x-ots-contentmd5": base64.b64encode(hashlib.md5(body).digest()).decode(),
    }
    context = RequestContext(Credentials("test", secret))
    SignV2("utf8").make_request_signature_and_add_headers(f"/{action}", headers, context)
    assert address.hostname
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    connection.request("POST", f"/{action}", body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status == 200:
        return 200, "", ""
    no = messages.Error.FromString(said)
    return answer.status, no.code, no.message


NO_TEXT = b"\x01\xff"


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        ("DescribeTable", messages.DescribeTableRequest(table_name="??")),
        ("CreateTable", messages.CreateTableRequest(table_meta=messages.TableMeta(table_name="??"))),
        (
            "CreateTable",
            messages.CreateTableRequest(
                table_meta=messages.TableMeta(
                    table_name="u", primary_key=[messages.PrimaryKeySchema(name="??", type=messages.STRING)]
                ),
            ),
        ),
        (
            "CreateIndex",
            messages.CreateIndexRequest(
                main_table_name="t", index_meta=messages.IndexMeta(name="i", primary_key=["s", "??"])
            ),
        ),
        ("GetRow", messages.GetRowRequest(table_name="t", columns_to_get=["s", "??"])),
    ],
)
def test_tablestore_reads_text(cloud: Embedded, there: Any, action: str, asked: Any) -> None:
    """What is no UTF-8 is no message, wherever in it; signed or not, the log of calls can be written after it."""
    tables, body = there.list_table(), asked.SerializePartialToString()
    assert b"??" in body
    body = body.replace(b"??", NO_TEXT)
    assert raw(cloud, action, body) == (400, "OTSParameterInvalid", "Failed to parse the ProtoBuf message.")
    assert there.list_table() == tables
    assert raw(cloud, action, body, secret="else") == (403, "OTSAuthFailed", "Signature mismatch.")
    assert [call.params for call in cloud.cloud.calls if call.action == action][-2:] == [{"InstanceName": INSTANCE}] * 2


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(("cells", "about"), [(1, {"TableName": "t", "PrimaryKey": "b"}), (5_000, {})])
def test_tablestore_reads_nothing_long_that_nobody_signed(cloud: Embedded, cells: int, about: dict[str, str]) -> None:
    """What a refused call was about is in the log, unless that takes long to read."""
    columns = [(f"column{number}", number, None) for number in range(cells)]
    row = bytes(PlainBufferBuilder.serialize_for_put_row([("id", "b")], columns))
    asked = messages.PutRowRequest(table_name="t", row=row, condition=messages.Condition(row_existence=messages.IGNORE))
    assert raw(cloud, "PutRow", asked, secret="else") == (403, "OTSAuthFailed", "Signature mismatch.")
    assert cloud.cloud.calls[-1].params == {"InstanceName": INSTANCE, **about}
    assert raw(cloud, "PutRow", asked) == (200, "", "")
    assert cloud.cloud.calls[-1].params == {"InstanceName": INSTANCE, "TableName": "t", "PrimaryKey": "b"}


def filtered(cloud: Embedded, found: Any) -> tuple[int, str, str]:
    """What a GetRow with a filter hears."""
    key = bytes(PlainBufferBuilder.serialize_primary_key([("id", "a")]))
    asked = messages.GetRowRequest(table_name="t", primary_key=key, max_versions=1, filter=found.SerializeToString())
    return raw(cloud, "GetRow", asked)


def single(value: bytes = b"\x03\x01\x00\x00\x00x", column: str = "s") -> Any:
    """A filter on one column, which compares it with the bytes of *value*."""
    one = filters.SingleColumnValueFilter(
        comparator=filters.CT_EQUAL,
        column_name=column,
        column_value=value,
        filter_if_missing=False,
        latest_version_only=True,
    )
    return filters.Filter(type=filters.FT_SINGLE_COLUMN_VALUE, filter=one.SerializeToString())


def composite(how: int, *parts: Any) -> Any:
    """A filter that combines others."""
    one = filters.CompositeColumnValueFilter(combinator=how, sub_filters=parts)
    return filters.Filter(type=filters.FT_COMPOSITE_COLUMN_VALUE, filter=one.SerializeToString())


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x00",
        b"\x00\x01",
        b"\x01",
        b"\x02",
        b"\x03",
        b"\x03\xff\xff\xff\xff",
        b"\x03\x01\x00\x00\x00\xff",
        b"\x03\xff\xff\xff\x7fx",
        b"\x07\xff\xff\xff\xff",
        b"\xff",
    ],
)
@pytest.mark.parametrize("column", ["s", "missing"])
def test_tablestore_reads_what_a_filter_compares_with(cloud: Embedded, value: bytes, column: str) -> None:
    """A value that is cut off, has a length below zero or a type that there is not, or is no UTF-8."""
    assert filtered(cloud, single(value, column)) == NOT_READ


@pytest.mark.usefixtures("there")
def test_tablestore_reads_what_a_filter_combines(cloud: Embedded) -> None:
    """Something, NOT one thing, and at most 32, however they are nested."""
    no = (400, "OTSParameterInvalid", "A composite filter has parts, NOT one alone.")
    for how in (filters.LO_NOT, filters.LO_AND, filters.LO_OR):
        assert filtered(cloud, composite(how)) == no
    assert filtered(cloud, composite(filters.LO_NOT, single(), single())) == no
    most = (400, "OTSParameterInvalid", "The number of filters exceeds the upper limit: 32.")
    assert filtered(cloud, composite(filters.LO_AND, *[single()] * 31))[0] == 200
    assert filtered(cloud, composite(filters.LO_AND, *[single()] * 32)) == most
    nested = single()
    for _ in range(400):
        nested = composite(filters.LO_NOT, nested)
    assert filtered(cloud, nested) == most


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("cut", range(4, 30))
def test_tablestore_reads_keys(cloud: Embedded, cut: int) -> None:
    """A key is refused wherever it is cut off, and when it has a length below zero."""
    key = bytes(PlainBufferBuilder.serialize_primary_key([("id", "a")]))
    for wrong in (key[: min(cut, len(key) - 1)], key.replace(b"\x02\x00\x00\x00id", b"\xf7\xff\xff\xffid")):
        asked = messages.GetRowRequest(table_name="t", primary_key=wrong, max_versions=1)
        assert raw(cloud, "GetRow", asked) == NOT_READ


def test_a_counter_does_not_overflow(there: Any) -> None:
    """More than 64 bits hold are refused, and the row stays as it was."""
    said = (400, "OTSParameterInvalid", "The column 'n' can not be incremented.")
    assert refusal(update, there, "a", INCREMENT=[("n", 1)]) == said
    assert get(there, "a") == {"s": "x", "n": 2**63 - 1}
    put(there, "a", n=-(2**63))
    assert refusal(update, there, "a", INCREMENT=[("n", -1)]) == said
    update(there, "a", INCREMENT=[("n", 2**63 - 1)])
    assert get(there, "a") == {"n": -1}
