"""What services that have a protocol of their own refuse, as it goes over the wire: status, code and message."""

import hmac
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests

from localcloud.runtime import Embedded
from tests.localcloud.sdk import ACCOUNT, HOME, a_cloud, make_queue, make_topic, mns_headers

SMQ = f"https://{ACCOUNT}.mns.{HOME}.aliyuncs.com"
FC = f"https://{ACCOUNT}.{HOME}.fc.aliyuncs.com"
INVOKE = "/2016-08-15/services/s/functions/f/invocations"
LONG_AGO = format_datetime(datetime.now(UTC) - timedelta(hours=8), usegmt=True)
#: What no calendar holds.
NO_YEAR = f"Mon, 05 Jan {'9' * 20} 02:00:00 GMT"
SIGNATURE = "The request signature we calculated does not match the signature you provided."


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    with a_cloud(tmp_path) as made:
        make_queue(made, "q")
        make_topic(made, "t")
        yield made


def smq(method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int, str, str]:
    """What SMQ says to a request that is signed as it should be."""
    return _heard(requests.request(method, SMQ + target, data=body, headers=mns_headers(method, target, **headers)))


def _heard(answer: requests.Response) -> tuple[int, str, str]:
    said = {child.tag.rpartition("}")[2]: child.text or "" for child in ElementTree.fromstring(answer.content)}
    assert said.keys() == {"Code", "Message", "RequestId", "HostId"}
    return answer.status_code, said["Code"], said["Message"]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, (400, "MissingAuthorizationHeader", "Authorization header is required.")),
        (
            {"Authorization": "MNS nothing"},
            (400, "InvalidAuthorizationHeader", "The Authorization header format is invalid."),
        ),
        (
            {"Authorization": "MNS nobody:x", "Date": formatdate(usegmt=True)},
            (403, "InvalidAccessKeyId", "The AccessKey Id you provided is not exist."),
        ),
        ({"Authorization": "MNS test:x"}, (400, "MissingDateHeader", "Date header is required.")),
        (
            {"Authorization": "MNS test:x", "Date": "now"},
            (400, "InvalidDateHeader", "The Date header format is invalid."),
        ),
        (
            {"Authorization": "MNS test:x", "Date": NO_YEAR},
            (400, "InvalidDateHeader", "The Date header format is invalid."),
        ),
        (
            {"Authorization": "MNS test:x", "Date": LONG_AGO},
            (408, "TimeExpired", "The http request you sent is expired."),
        ),
        (
            {"Authorization": "MNS test:x", "Date": formatdate(usegmt=True)},
            (403, "SignatureDoesNotMatch", f"{SIGNATURE} Check your key and signing method."),
        ),
    ],
)
def test_who_signed_a_request_to_smq(cloud: Embedded, headers: dict[str, str], said: tuple[int, str, str]) -> None:
    """Nobody, somebody else, or long ago."""
    assert cloud is not None
    assert _heard(requests.get(f"{SMQ}/queues/q", headers=headers, timeout=5)) == said


def test_a_body_that_was_changed_on_its_way_to_smq(cloud: Embedded) -> None:
    """The digest that was signed is of another."""
    assert cloud is not None
    found = smq("POST", "/queues/q/messages", b"<Message/>", content_md5="bm90aGluZw==")
    assert found == (400, "InvalidDegist", "The Content-MD5 you specified is invalid.")


def test_what_smq_can_not_read(cloud: Embedded) -> None:
    """No XML, a name that is none, a path that nobody wrote."""
    assert cloud is not None
    assert smq("POST", "/queues/q/messages", b"<Message")[:2] == (400, "MalformedXML")
    assert smq("PATCH", "/queues/q")[:2] == (400, "InvalidRequestURL")
    assert smq("PUT", "/queues/-q", b"<Queue/>")[0] == 400


def test_a_second_subscription_of_the_name(cloud: Embedded) -> None:
    """With another endpoint it is another one, and the name is taken."""
    assert cloud is not None

    def subscribe(queue: str) -> tuple[int, str]:
        endpoint = f"acs:mns:{HOME}:{ACCOUNT}:queues/{queue}"
        body = f"<Subscription><Endpoint>{endpoint}</Endpoint></Subscription>".encode()
        target = "/topics/t/subscriptions/s"
        answer = requests.put(SMQ + target, data=body, headers=mns_headers("PUT", target), timeout=5)
        return answer.status_code, "" if answer.ok else _heard(answer)[1]

    assert subscribe("q") == (201, "")
    assert subscribe("other") == (409, "SubscriptionAlreadyExist")


def invoke(date: str | None, secret: str = "test") -> tuple[int, str, str]:
    """What FC says to an invocation by the API of 2016."""
    headers = {"Content-Type": "application/json"} | ({"Date": date} if date else {})
    text = "\n".join(("POST", "", "application/json", date or "", INVOKE))
    signature = b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()
    answer = requests.post(FC + INVOKE, headers={**headers, "Authorization": f"FC test:{signature}"}, timeout=5)
    said = answer.json()
    return answer.status_code, said["ErrorCode"], said["ErrorMessage"]


def test_who_invoked_a_function(cloud: Embedded) -> None:
    """Nobody, somebody with another secret, somebody long ago; signed as it should be it is looked for."""
    assert cloud is not None
    now = formatdate(usegmt=True)
    assert invoke(now)[:2] == (404, "ServiceNotFound")
    wrong = (403, "SignatureNotMatch", f"{SIGNATURE} Check your access key and signing method.")
    assert invoke(now, secret="wrong") == wrong
    assert invoke(LONG_AGO)[:2] == (403, "RequestTimeTooSkewed")
    for date in (None, "now", NO_YEAR):
        assert invoke(date)[:2] == (400, "MissingRequiredHeader")
    answer = requests.post(
        FC + INVOKE, headers={"Authorization": "FC2 test:x", "x-acs-accesskey-id": "test"}, timeout=5
    )
    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, "MissingRequiredHeader")


def test_what_tablestore_can_not_read(cloud: Embedded) -> None:
    """A header that is missing, a body that is no message, a row that is no row."""
    import base64
    import hashlib

    from localcloud.tablestore.sdk import Credentials, RequestContext, SignV2
    from localcloud.tablestore.sdk import messages as pb

    cloud.cloud.tablestore.state.create_instance(HOME, "ferry-store")

    def ask(action: str, body: bytes, without: str = "", date: str = "") -> tuple[int, str, str]:
        headers = {
            "x-ots-date": date or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
            "x-ots-apiversion": "2015-12-31",
            "x-ots-accesskeyid": "test",
            "x-ots-instancename": "ferry-store",
            "x-ots-contentmd5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
        }
        headers.pop(without, None)
        SignV2("utf8").make_request_signature_and_add_headers(
            f"/{action}", headers, RequestContext(Credentials("test", "test"))
        )
        address = f"https://ferry-store.{HOME}.ots.aliyuncs.com/{action}"
        answer = requests.post(address, data=body, headers=headers, timeout=5)
        error = pb.Error.FromString(answer.content)
        return answer.status_code, error.code, error.message

    assert ask("ListTable", b"", without="x-ots-date") == (400, "OTSMissingHeader", "Missing header: 'x-ots-date'.")
    old = "2001-01-01T00:00:00.000Z"
    assert ask("ListTable", b"", date=old) == (
        403,
        "OTSAuthFailed",
        f"Mismatch between system time and x-ots-date: {old}.",
    )
    assert ask("ListTable", b"", date="junk") == (400, "OTSParameterInvalid", "Invalid date format: junk.")
    assert ask("GetRow", b"\xff\xff") == (400, "OTSParameterInvalid", "Failed to parse the ProtoBuf message.")
    meta = pb.TableMeta(table_name="t", primary_key=[pb.PrimaryKeySchema(name="id", type=pb.STRING)])
    made = pb.CreateTableRequest(
        table_meta=meta,
        reserved_throughput=pb.ReservedThroughput(capacity_unit=pb.CapacityUnit(read=0, write=0)),
        table_options=pb.TableOptions(time_to_live=-1, max_versions=1),
    )
    requests_body = made.SerializeToString()
    assert ask("CreateTable", requests_body)[0] == 200
    condition = pb.Condition(row_existence=pb.IGNORE)
    row = pb.PutRowRequest(table_name="t", row=b"no row", condition=condition)
    assert ask("PutRow", row.SerializeToString()) == (400, "OTSParameterInvalid", "data format is invalid.")
