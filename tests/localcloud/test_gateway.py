"""The gateway: who signed a call, by version 1 and 3; the form of its answer; what is no call at all."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from localcloud.runtime import Embedded
from tests.localcloud.sdk import a_cloud, encoded, moment, v1

ADDRESS = "https://ecs.cn-beijing.aliyuncs.com/"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    network = {"cn-beijing": {"vpcs": [{"id": "vpc-b", "cidr": "10.1.0.0/16"}]}}
    with a_cloud(tmp_path, regions=network) as made:
        yield made


def v3(
    *, secret: str = "test", key: str = "test", query: Mapping[str, str] | None = None, body: bytes = b"", **about: str
) -> tuple[str, dict[str, str]]:
    """Address and headers of a POST, signed as the page "V3 request structure and signature" says."""
    headers = {
        "host": "ecs.cn-beijing.aliyuncs.com",
        "x-acs-action": "DescribeRegions",
        "x-acs-version": "2014-05-26",
        "x-acs-date": moment(),
        "x-acs-signature-nonce": secrets.token_hex(8),
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        **{name.replace("_", "-"): value for name, value in about.items()},
    }
    names = sorted(headers)
    asked = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in sorted((query or {}).items()))
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    canonical = "\n".join(("POST", "/", asked, lines, ";".join(names), hashlib.sha256(body).hexdigest()))
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    said = f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={';'.join(names)},Signature={signature}"
    return f"{ADDRESS}?{asked}" if asked else ADDRESS, {**headers, "Authorization": said}


def then(sent: dict[str, str]) -> dict[str, str]:
    """What is sent; a number stands for the moment so many minutes ago: of now, not of when tests were collected."""
    return {name: moment(int(text) * MINUTE) if text.lstrip("-").isdigit() else text for name, text in sent.items()}


def told(answer: requests.Response) -> tuple[int, str, str]:
    """Status, code and message of a refusal, in whichever form; nothing else may be in it."""
    if answer.headers["Content-Type"].startswith("application/json"):
        said = answer.json()
    else:
        root = ElementTree.fromstring(answer.text)
        assert root.tag == "Error"
        said = {child.tag: child.text for child in root}
    assert set(said) == {"RequestId", "HostId", "Code", "Message"}
    return answer.status_code, said["Code"], said["Message"]


def regions(answer: requests.Response) -> int:
    """How many regions an answer in JSON tells."""
    assert answer.status_code == 200, answer.text
    return len(answer.json()["Regions"]["Region"])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_version_1(cloud: Embedded, method: str) -> None:
    """Parameters go in the query or in a form; the signature is over all of them, whichever way they went."""
    assert cloud is not None
    if method == "GET":
        assert regions(requests.get(ADDRESS, params=v1(Format="JSON"), timeout=5)) > 20
    else:
        assert regions(requests.post(ADDRESS, data=v1("POST", Format="JSON"), timeout=5)) > 20
        signed = v1("POST", Format="JSON", InstanceChargeType="PostPaid")
        half = {name: signed.pop(name) for name in ("Signature", "Timestamp", "InstanceChargeType")}
        assert regions(requests.post(ADDRESS, params=half, data=signed, timeout=5)) > 20


@pytest.mark.parametrize("fraction", [".9", ".974", ".123456789"])
def test_a_moment_may_have_a_fraction(cloud: Embedded, fraction: str) -> None:
    """Of a second, as JavaScript writes moments, and Alibaba's own older SDKs in it."""
    assert cloud is not None
    sent = v1(Format="JSON", Timestamp=moment().replace("Z", f"{fraction}Z"))
    assert regions(requests.get(ADDRESS, params=sent, timeout=5)) > 20


@pytest.mark.parametrize("end", [".Z", ".1234567890Z", ".1", "+00:00Z", ".1z", "Z\n"])
def test_a_moment_is_utc(cloud: Embedded, end: str) -> None:
    """Whatever else it may end with makes it none."""
    assert cloud is not None
    answer = requests.get(ADDRESS, params=v1(Timestamp=moment().replace("Z", end)), timeout=5)
    expected = "Specified time stamp or date value is not well formatted."
    assert told(answer) == (400, "InvalidTimeStamp.Format", expected)


def test_version_3(cloud: Embedded) -> None:
    """With parameters in the query or in a form, which the signature covers by the body's hash."""
    assert cloud is not None
    address, headers = v3(query={"AcceptLanguage": "en US~*"})
    assert regions(requests.post(address, headers=headers, timeout=5)) > 20
    body = urlencode({"AcceptLanguage": "en"}).encode()
    address, headers = v3(body=body, content_type="application/x-www-form-urlencoded")
    assert regions(requests.post(address, data=body, headers=headers, timeout=5)) > 20


@pytest.mark.parametrize(
    ("sent", "status", "code", "message"),
    [
        ({"drop": "AccessKeyId"}, 400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action."),
        ({"drop": "Signature"}, 400, "MissingSignature", "Signature is mandatory for this action."),
        ({"drop": "Timestamp"}, 400, "MissingTimestamp", "Timestamp is mandatory for this action."),
        ({"drop": "SignatureNonce"}, 400, "MissingSignatureNonce", "SignatureNonce is mandatory for this action."),
        ({"drop": "Action"}, 400, "MissingAction", "Action is mandatory for this action."),
        ({"drop": "Version"}, 400, "MissingVersion", "Version is mandatory for this action."),
        ({"AccessKeyId": "nobody"}, 404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
        ({"secret": "wrong"}, 400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation."),
        (
            {"Timestamp": "16"},
            400,
            "InvalidTimeStamp.Expired",
            "Specified time stamp or date value is expired.",
        ),
        (
            {"Timestamp": "-16"},
            400,
            "InvalidTimeStamp.Expired",
            "Specified time stamp or date value is expired.",
        ),
        *[
            (
                {"Timestamp": text},
                400,
                "InvalidTimeStamp.Format",
                "Specified time stamp or date value is not well formatted.",
            )
            for text in ("yesterday", "٢٠٢٦-01-05T02:00:00Z", "2026-1-5T2:00:00Z")
        ],
        (
            {"SignatureMethod": "HMAC-MD5"},
            400,
            "InvalidSignatureMethod",
            "Specified signature method is not valid.",
        ),
        (
            {"SignatureVersion": "7.0"},
            400,
            "InvalidSignatureVersion",
            "Specified parameter SignatureVersion is not valid.",
        ),
        ({"Format": "YAML"}, 400, "InvalidFormat", "Specified parameter Format is not valid."),
        (
            {"SecurityToken": "CAIS"},
            400,
            "InvalidSecurityToken.Expired",
            "Specified SecurityToken is expired.",
        ),
        ({"Action": "DescribeWeather"}, 404, "InvalidAction.NotFound", "Specified api is not found: DescribeWeather."),
        (
            {"Version": "1999-01-01"},
            400,
            "InvalidVersion",
            "Specified parameter Version is not valid: 1999-01-01 (DescribeRegions) is not in the embedded cloud.",
        ),
    ],
)
def test_refusals_of_version_1(cloud: Embedded, sent: dict[str, str], status: int, code: str, message: str) -> None:
    """Each has its code; it is in the log of calls, and the form of the answer is XML, as nobody asked for another."""
    params = {"drop": "", "secret": "test", **then(sent)}
    found = told(requests.get(ADDRESS, params=v1(**params), timeout=5))
    assert found[:2] == (status, code)
    assert found[2].startswith(message)
    assert cloud.cloud.calls[-1].code == code


def test_a_wrong_secret_is_told_what_was_to_be_signed(cloud: Embedded) -> None:
    """As callers have quoted it: that is how people find what they have encoded otherwise."""
    assert cloud is not None
    sent = v1(secret="wrong")
    _, _, message = told(requests.get(ADDRESS, params=sent, timeout=5))
    assert "server string to sign is:GET&%2F&AccessKeyId%3Dtest%26Action%3DDescribeRegions%26SignatureM" in message
    address, headers = v3(secret="wrong")
    _, code, message = told(requests.post(address, headers=headers, timeout=5))
    assert code == "SignatureDoesNotMatch"
    assert message.startswith("Specified signature does not match our calculation. server StringToSign is [ACS3-HMAC-")
    assert "server CanonicalRequest is [POST\n/\n\nhost:ecs.cn-beijing.aliyuncs.com\n" in message


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"key": "nobody"}, "InvalidAccessKeyId.NotFound"),
        ({"x_acs_date": "16"}, "InvalidTimeStamp.Expired"),
        ({"x_acs_date": "Sat, 28 Nov 2026 01:00:00 GMT"}, "InvalidTimeStamp.Format"),
        ({"x_acs_date": ""}, "Missingx-acs-date"),
        ({"x_acs_security_token": "CAIS"}, "InvalidSecurityToken.Expired"),
        ({"x_acs_content_sha256": "0" * 64}, "ContentSHA256NotMatched"),
        ({"x_acs_action": ""}, "MissingAction"),
        ({"x_acs_version": "2000-01-01"}, "InvalidVersion"),
    ],
)
def test_refusals_of_version_3(cloud: Embedded, about: dict[str, str], code: str) -> None:
    """As those of version 1, where there are such."""
    assert cloud is not None
    address, headers = v3(**then(about))  # type: ignore[arg-type]
    assert told(requests.post(address, headers=headers, timeout=5))[1] == code


def test_a_header_that_nobody_signed(cloud: Embedded) -> None:
    """What could be put in on the way is not taken: every x-acs- header has to be signed."""
    assert cloud is not None
    address, headers = v3()
    answer = requests.post(address, headers={**headers, "x-acs-accesskey-id": "test"}, timeout=5)
    assert told(answer)[:2] == (400, "IncompleteSignature")
    answer = requests.post(address, headers={**headers, "Authorization": "ACS3-HMAC-SHA256 whatever"}, timeout=5)
    assert told(answer)[:2] == (400, "IncompleteSignature")


def test_what_version_1_did_not_sign_says_nothing(cloud: Embedded) -> None:
    """Action and version are those among the parameters, whatever a header says."""
    headers = {"x-acs-action": "DeleteInstance", "x-acs-version": "2015-05-01"}
    assert regions(requests.get(ADDRESS, params=v1(Format="JSON"), headers=headers, timeout=5)) > 20
    assert (cloud.cloud.calls[-1].action, cloud.cloud.calls[-1].service) == ("DescribeRegions", "ecs")


def test_an_early_refusal_has_the_form_that_was_asked_for(cloud: Embedded) -> None:
    """By Format in the query or in the form, though nobody can tell yet who calls."""
    assert cloud is not None
    sent = v1(drop="Timestamp", Format="JSON")
    for answer in (
        requests.get(ADDRESS, params=sent, timeout=5),
        requests.post(ADDRESS, data=v1("POST", drop="Timestamp", Format="JSON"), timeout=5),
        requests.get(f"{ADDRESS}hello", params=sent, timeout=5),
    ):
        assert answer.headers["Content-Type"].startswith("application/json"), answer.text


def test_many_parameters_are_read(cloud: Embedded) -> None:
    """Thousands of tags, and of others beside them, are one refusal: more tags than a call may have."""
    assert cloud is not None
    many = {f"Tag.{number}.Key": "k" for number in range(1, 3000)} | {f"Other.{n}": "x" for n in range(20_000)}
    sent = v1("POST", Action="DescribeInstances", RegionId="cn-beijing", Format="JSON", **many)
    assert told(requests.post(ADDRESS, data=sent, timeout=60))[:2] == (400, "InvalidTagCount")


def test_a_nonce_is_good_for_one_call(cloud: Embedded) -> None:
    """Whoever sends the same bytes again is refused; a wrong signature uses no nonce up."""
    assert cloud is not None
    nonce = secrets.token_hex(8)
    assert requests.get(ADDRESS, params=v1(secret="wrong", SignatureNonce=nonce), timeout=5).status_code == 400
    sent = v1(SignatureNonce=nonce)
    assert requests.get(ADDRESS, params=sent, timeout=5).status_code == 200
    assert told(requests.get(ADDRESS, params=sent, timeout=5)) == (
        400,
        "SignatureNonceUsed",
        "Specified signature nonce was used already.",
    )
    address, headers = v3()
    assert requests.post(address, headers=headers, timeout=5).status_code == 200
    assert told(requests.post(address, headers=headers, timeout=5))[1] == "SignatureNonceUsed"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "code"),
    [
        ("GET", "hello", {}, b"", 404, "InvalidApi.NotFound"),
        ("DELETE", "", {}, b"", 400, "UnsupportedHTTPMethod"),
        ("POST", "", {"Content-Type": "application/json"}, b"{", 400, "InvalidRequestBody"),
        ("POST", "", {"Content-Type": "application/json"}, b"[" * 100_000, 400, "InvalidRequestBody"),
        ("POST", "", FORM, b"\xff=1", 400, "InvalidRequestBody"),
        ("POST", "", {"Content-Type": "application/json"}, b'{"a": "\\ud800"}', 400, "InvalidRequestBody"),
        ("POST", "", FORM, b"&".join(b"a.%d=1" % number for number in range(50_001)), 400, "InvalidRequestBody"),
        ("POST", "", FORM, b"a" + b"." * 100_000 + b"=1", 400, "InvalidRequestBody"),
        ("GET", f"?{'a' * 257}=1", {}, b"", 400, "InvalidRequestBody"),
        ("GET", "", {"Authorization": "Basic dGVzdDp0ZXN0"}, b"", 400, "IncompleteSignature"),
    ],
)
def test_what_is_no_call(
    cloud: Embedded, method: str, path: str, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    """It is refused, and in the log."""
    answer = requests.request(method, ADDRESS + path, headers=headers, data=body, timeout=5)
    assert told(answer)[:2] == (status, code)
    assert (cloud.cloud.calls[-1].status, cloud.cloud.calls[-1].code) == (status, code)


def test_forms(cloud: Embedded) -> None:
    """Format decides, then Accept; without either a call by version 1 gets XML, one by version 3 JSON."""
    assert cloud is not None

    def kind(answer: requests.Response) -> str:
        assert answer.status_code == 200, answer.text
        return answer.headers["Content-Type"].partition(";")[0].rpartition("/")[2]

    def get(accept: str = "*/*", **params: str) -> str:
        return kind(requests.get(ADDRESS, params=v1(**params), headers={"Accept": accept}, timeout=5))

    assert get() == "xml"
    assert get(Format="json") == "json"
    assert get(Format="XML", accept="application/json") == "xml"
    assert get(accept="application/json") == "json"
    address, headers = v3()
    assert kind(requests.post(address, headers=headers, timeout=5)) == "json"
    address, headers = v3(accept="application/xml")
    assert kind(requests.post(address, headers=headers, timeout=5)) == "xml"


def test_xml_says_what_json_says(cloud: Embedded) -> None:
    """The same nesting: a list is an element for each of its items, a flag is true or false."""
    group = requests.get(
        ADDRESS,
        params=v1(
            Action="CreateSecurityGroup", RegionId="cn-beijing", VpcId="vpc-b", Description="a <b> & c", Format="JSON"
        ),
        timeout=5,
    ).json()["SecurityGroupId"]
    asked: dict[str, Any] = {"Action": "DescribeSecurityGroups", "RegionId": "cn-beijing"}
    plain = requests.get(ADDRESS, params=v1(**asked, Format="JSON"), timeout=5).json()
    root = ElementTree.fromstring(requests.get(ADDRESS, params=v1(**asked), timeout=5).text)
    assert root.tag == "DescribeSecurityGroupsResponse"
    (one,) = root.findall("SecurityGroups/SecurityGroup")
    assert one.findtext("SecurityGroupId") == group
    assert one.findtext("Description") == "a <b> & c"
    assert {child.tag for child in root} == set(plain)
    (same,) = plain["SecurityGroups"]["SecurityGroup"]
    assert {child.tag for child in one} == set(same)
    flags = {name: value for name, value in same.items() if isinstance(value, bool)}
    assert {name: one.findtext(name) for name in flags} == {name: str(flag).lower() for name, flag in flags.items()}
    assert cloud.cloud.calls[-1].status == 200


NAMES = some.text(some.characters(codec="utf-8"), max_size=20)
FIELDS = (
    *("RegionId", "InstanceIds", "PageSize", "MaxResults", "NextToken", "Tag.1.Key", "Tag.1.Value", "ImageId"),
    *("DryRun", "ClientToken", "Amount", "ResourceId.1", "ResourceType", "DataDisk.1.Size", "SystemDisk.Size"),
)
HEADERS = some.dictionaries(
    some.sampled_from(("authorization", "content-type", "accept", "x-acs-action", "x-acs-version", "x-mns-version")),
    some.text(some.characters(min_codepoint=32, max_codepoint=255), max_size=60),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=some.sampled_from(("GET", "POST", "PUT", "DELETE", "HEAD")),
    path=some.sampled_from(("", "queues", "queues/q/messages", "2023-03-30/functions", "2016-08-15/services/x")),
    query=some.dictionaries(NAMES, NAMES, max_size=4),
    headers=HEADERS,
    body=some.binary(max_size=80),
)
def test_nothing_unsigned_harms(
    cloud: Embedded, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    """Whatever comes in is refused by its form; the cloud's own loop has nothing to raise."""
    sent = {name: value.strip().encode("latin-1") for name, value in headers.items()}
    answer = requests.request(method, ADDRESS + path, params=query, headers=sent, data=body, timeout=5)
    assert 400 <= answer.status_code < 500, answer.text
    assert cloud.run(lambda: True, limit=timedelta())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    action=some.sampled_from(
        ("DescribeInstances", "DescribeImages", "RunInstances", "CreateImage", "TagResources", "CreateSecurityGroup")
    ),
    params=some.dictionaries(
        some.sampled_from(FIELDS),
        NAMES,
        max_size=6,
    ),
)
def test_nothing_signed_harms(cloud: Embedded, action: str, params: dict[str, str]) -> None:
    """Whatever a parameter holds is refused, or taken: it is never a trouble of the cloud's own."""
    sent = v1("POST", Format="JSON", Action=action, **params)
    answer = requests.post(ADDRESS, data=sent, timeout=5)
    assert answer.status_code == 200 or 400 <= answer.status_code < 500, answer.text
    assert json.loads(answer.text)["RequestId"]
    assert cloud.run(lambda: True, limit=timedelta())
