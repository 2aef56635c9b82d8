"""The front door: bytes into the function `api`, through the embedded runtime, and what it answers."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.faults import Fault
from localcloud.fc.errors import FunctionFailed
from shared.ports import DeadLetter, Row
from shared.replication.commands import StartReplication
from shared.replication.phases import Phase
from tests.functions.ferry import Ferry, a_request, ferry, message

PATH = "/v1/replications"
NOBODY = "r-0123456789abcdef"
KEY = {"Idempotency-Key": "night"}


class Answer:
    """What a caller over HTTP sees."""

    def __init__(self, reply: bytes) -> None:
        told = json.loads(reply)
        assert set(told) == {"statusCode", "headers", "isBase64Encoded", "body"}
        self.status: int = told["statusCode"]
        self.headers: dict[str, str] = told["headers"]
        self.json: Any = json.loads(told["body"])
        kind = "application/problem+json" if self.status >= 400 else "application/json"
        assert self.headers["Content-Type"] == kind
        if self.status >= 400:
            assert set(self.json) == {"type", "title", "status", "problems"}
            assert self.json["status"] == self.status
            assert all(set(problem) == {"path", "code", "message", "fix"} for problem in self.json["problems"])

    @property
    def problems(self) -> dict[str, str]:
        """Path to code."""
        return {problem["path"]: problem["code"] for problem in self.json["problems"]}


class Api:
    """The API of a Ferry."""

    def __init__(self, it: Ferry) -> None:
        self._it = it

    def send(self, event: bytes) -> Answer:
        """The answer to *event* as it stands."""
        return Answer(self._it.install.cloud.invoke("ferry-api", event))

    def ask(
        self,
        method: str,
        path: str,
        body: str = "",
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Answer:
        """The answer to a request as FC's HTTP trigger hands it over."""
        return self.send(trigger_event(method, path, body, headers, query))

    def start(
        self, headers: dict[str, str] | None = None, query: dict[str, str] | None = None, **fields: Any
    ) -> Answer:
        """The answer to a good request with *fields* changed."""
        return self.ask("POST", PATH, body(**fields), KEY if headers is None else headers, **(query or {}))


def trigger_event(
    method: str, path: str, body: str, headers: dict[str, str] | None = None, query: dict[str, str] | None = None
) -> bytes:
    """https://www.alibabacloud.com/help/en/functioncompute/fc/http-trigger-invoking-function."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "1.2.3.4", "userAgent": "t"}
    event = {
        "version": "v1",
        "rawPath": path,
        "body": body,
        "isBase64Encoded": False,
        "headers": headers or {},
        "queryParameters": query or {},
        "requestContext": {"accountId": "1", "domainName": "x.cn-beijing.fcapp.run", "http": http, "requestId": "R"},
    }
    return json.dumps(event).encode()


def body(**fields: Any) -> str:
    """A good request with *fields* changed."""
    return json.dumps(a_request().model_dump(mode="json") | fields)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Ferry]:
    with ferry(tmp_path) as made:
        yield made


@pytest.fixture
def api(it: Ferry) -> Api:
    return Api(it)


# starting


def test_a_start_is_accepted_once_for_its_key(it: Ferry, api: Api) -> None:
    """201 the first time, 200 when it comes again: there is one record, and what is due is under way."""
    first = api.start()
    it.pass_time(timedelta(seconds=10))
    again = api.start({"idempotency-KEY": "night"})
    assert (first.status, again.status) == (201, 200)
    assert first.headers["Location"] == f"{PATH}/{first.json['id']}"
    assert first.json["phase"] == "accepted"
    assert again.json["id"] == first.json["id"]
    assert again.json["phase"] == "imaging"
    assert len(it.app.store.records()) == 1


def test_a_key_of_another_request_is_refused_with_what_differs(it: Ferry, api: Api) -> None:
    """A key that two requests share would silently lose the second one: it is told, and nothing begins."""
    first = api.start()
    other = api.start(goal="recovery_point", keep_source_image=True)
    assert (other.status, other.problems) == (409, {"Idempotency-Key": "key_in_use"})
    told = other.json["problems"][0]["message"]
    assert f"{first.json['id']} has this key" in told
    assert "goal was replica, is recovery_point; keep_source_image was False, is True" in told
    assert len(it.app.store.records()) == 1


def test_the_same_key_on_the_bus_is_a_dead_letter_when_its_request_is_another(it: Ferry, api: Api) -> None:
    """Who starts by an event gets no answer: a request that a key has lost is shown among the dead letters."""
    api.start()
    order = StartReplication(key="night", request=a_request(goal="recovery_point"))
    it.cloud.fc.invoke_async(it.cloud.fc.find("ferry-start_replication"), message(order))
    it.pass_time(timedelta(minutes=5))
    (letter,) = api.ask("GET", "/v1/dead-letters").json["dead_letters"]
    assert "KeyInUse" in letter["reason"]
    assert "goal was replica, is recovery_point" in letter["reason"]


def test_a_dry_run_checks_and_writes_nothing(it: Ferry, api: Api) -> None:
    """It tells the request as it is understood, needs no key, and is as strict as the real one."""
    good = api.start({}, {"dry_run": "true"}, image_name="night-1")
    assert (good.status, good.json["dry_run"]) == (200, True)
    assert good.json["request"]["image_name"] == "night-1"
    assert good.json["request"]["on_proof_failure"] == "keep"
    assert api.start({}, {"dry_run": "true"}, image_name="!").status == 400
    assert it.app.store.records() == ()
    assert [call.action for call in it.calls("api")] == []


def test_everything_that_is_wrong_is_told_at_once(it: Ferry, api: Api) -> None:
    """Query, header and every field of the body: one answer, one correction."""
    wrong = body(image_name="!", target={"region": "cn-beijing", "vswitch": 3}, bogus=1)
    said = api.ask("POST", PATH, wrong, {}, dry_run="yes", page="2", form="xml")
    assert said.status == 400
    assert said.problems == {
        "query.dry_run": "unknown_value",
        "query.form": "unknown_value",
        "query.page": "unknown_field",
        "Idempotency-Key": "missing_key",
        "image_name": "image_name_malformed",
        "target.vswitch": "wrong_type",
        "target.security_groups": "missing_field",
        "bogus": "unknown_field",
    }
    assert it.app.store.records() == ()


@pytest.mark.parametrize(
    ("sent", "path", "code"),
    [
        ("", "body", "not_a_request"),
        ("{", "body", "not_a_request"),
        ("[]", "body", "not_a_request"),
        ("null", "body", "not_a_request"),
        ("[" * 5_000, "body", "not_a_request"),
    ],
)
def test_a_body_that_is_no_request(api: Api, sent: str, path: str, code: str) -> None:
    """What is not even a mapping is named as the body's problem."""
    said = api.ask("POST", PATH, sent, KEY)
    assert (said.status, said.problems) == (400, {path: code})


def test_a_body_without_end_is_refused_unread(api: Api) -> None:
    """A request needs two thousand bytes at most: what is far larger is not parsed."""
    said = api.ask("POST", PATH, " " * 65_536 + body(), KEY)
    assert (said.status, said.problems) == (413, {"body": "too_large"})


@pytest.mark.parametrize(("key", "code"), [("", "missing_key"), ("  ", "missing_key"), ("x" * 201, "too_long")])
def test_a_key_is_needed_and_has_a_length(api: Api, key: str, code: str) -> None:
    """Without a key a start that is sent again after a lost answer would be a second replication."""
    said = api.start({"Idempotency-Key": key})
    assert (said.status, said.problems) == (400, {"Idempotency-Key": code})


# asking


def test_it_shows_what_ferry_status_shows(it: Ferry, api: Api) -> None:
    """One replication, in the very form that `ferry status ID --json` prints; or its record, for a client."""
    from cli.present import present

    id_ = api.start().json["id"]
    it.until(id_, Phase.COPYING)
    assert api.ask("GET", f"{PATH}/{id_}").json == present(it.row(id_))
    told = Row.model_validate(api.ask("GET", f"{PATH}/{id_}", form="record").json)
    assert (told.record.manifest, it.record(id_).manifest is None) == (None, False)
    assert present(told) == present(it.row(id_))


def test_lists_are_newest_first_and_say_when_there_are_more(it: Ferry, api: Api) -> None:
    """A list holds so many; who sees it knows whether it is all; those under way can be asked for alone."""
    ids = []
    for key in "abc":
        ids.append(api.start({"Idempotency-Key": key}).json["id"])
        it.pass_time(timedelta(seconds=1))
    api.ask("POST", f"{PATH}/{ids[1]}/cancel")
    it.until(ids[1], Phase.CANCELLED)
    listed = api.ask("GET", PATH)
    assert [row["id"] for row in listed.json["replications"]] == ids[::-1]
    assert listed.json["more"] is False
    newest = api.ask("GET", PATH, limit="2")
    assert ([row["id"] for row in newest.json["replications"]], newest.json["more"]) == (ids[:0:-1], True)
    under_way = api.ask("GET", PATH, under_way="true")
    assert [row["id"] for row in under_way.json["replications"]] == [ids[2], ids[0]]
    whole = api.ask("GET", PATH, form="record", limit="1").json["replications"]
    assert [Row.model_validate(row).record.id for row in whole] == [ids[2]]


@pytest.mark.parametrize("limit", ["0", "101", "many", "1,2", "1e1", ""])
def test_a_limit_is_a_number_within_bounds(api: Api, limit: str) -> None:
    """No list without end."""
    for path in (PATH, "/v1/dead-letters"):
        said = api.ask("GET", path, limit=limit)
        assert (said.status, list(said.problems)) == (400, ["query.limit"])


def test_dead_letters_are_told(it: Ferry, api: Api) -> None:
    """What nobody could act on can be asked for."""
    at = it.cloud.clock.now
    for number in range(3):
        letter = DeadLetter(id=f"l{number}", at=at + timedelta(seconds=number), origin="bus", reason="no", body="{}")
        it.app.store.keep_dead_letter(letter)
    said = api.ask("GET", "/v1/dead-letters", limit="2")
    assert ([one["id"] for one in said.json["dead_letters"]], said.json["more"]) == (["l2", "l1"], True)


# giving up and cleaning


def test_a_cancellation_is_taken_and_followed_up(it: Ferry, api: Api) -> None:
    """202 says that it was asked; asked again, it changes nothing; what came too late is told."""
    id_ = api.start().json["id"]
    it.until(id_, Phase.COPYING)
    asked = api.ask("POST", f"{PATH}/{id_}/cancel")
    assert (asked.status, asked.json["cancel"]["by"]) == (202, "api")
    assert api.ask("POST", f"{PATH}/{id_}/cancel").json["cancel"] == asked.json["cancel"]
    assert it.until_ended(id_).phase is Phase.CANCELLED
    late = api.ask("POST", f"{PATH}/{id_}/cancel")
    assert (late.status, late.problems) == (409, {"id": "TooLate"})


def test_what_a_failed_proof_kept_is_cleaned(tmp_path: Path) -> None:
    """A replica that is different stays until it is asked to be removed; before the end that is too early."""
    with ferry(tmp_path, Fault(kind="corrupt", device="/dev/xvdb", path="/orders")) as it:
        api = Api(it)
        id_ = api.start().json["id"]
        early = api.ask("POST", f"{PATH}/{id_}/clean")
        assert (early.status, early.problems) == (409, {"id": "TooLate"})
        it.until_ended(id_)
        shown = api.ask("GET", f"{PATH}/{id_}").json
        assert (shown["phase"], shown["proof"]["verdict"]) == ("failed", "different")
        assert api.ask("POST", f"{PATH}/{id_}/clean", form="record").status == 202
        it.until_ended(id_)
        assert {one["state"] for one in api.ask("GET", f"{PATH}/{id_}").json["resources"]} == {"removed"}


@pytest.mark.parametrize("act", ["", "/cancel", "/clean"])
@pytest.mark.parametrize("id_", [NOBODY, "x", "r-" + "0" * 4000])
def test_an_unknown_id_is_not_found(api: Api, act: str, id_: str) -> None:
    """404 names the way to those that there are; what can't be an id is asked of no store, which might take it ill."""
    said = api.ask("POST" if act else "GET", f"{PATH}/{id_}{act}")
    assert (said.status, said.problems) == (404, {"id": "NotFound"})
    assert len(said.json["problems"][0]["message"]) < 100


# ways in


def test_paths_and_methods_that_there_are_not(api: Api) -> None:
    """404 lists the paths, 405 the methods."""
    for path in ("/", "", "/v1", f"{PATH}/", f"{PATH}/{NOBODY}/approve", f"/x{PATH}", f"{PATH}/{NOBODY}/"):
        said = api.ask("GET", path)
        assert (said.status, said.problems) == (404, {"path": "no_such_path"}), path
        assert "POST /v1/replications/ID/cancel" in said.json["problems"][0]["fix"]
    for method, path, allowed in (("DELETE", f"{PATH}/{NOBODY}", "GET"), ("PUT", PATH, "GET, POST")):
        said = api.ask(method, path)
        assert (said.status, said.problems) == (405, {"method": "no_such_method"})
        assert said.headers["Allow"] == allowed


def test_api_gateway_is_understood_too(api: Api) -> None:
    """Its event has other names, a text for a truth value, and null for what is not there."""
    event = {
        "path": PATH,
        "httpMethod": "POST",
        "headers": {"Idempotency-Key": "night"},
        "queryParameters": {},
        "pathParameters": {},
        "body": base64.b64encode(body().encode()).decode(),
        "isBase64Encoded": "true",
    }
    assert api.send(json.dumps(event).encode()).status == 201
    bare = {"path": PATH, "httpMethod": "GET", "headers": None, "queryParameters": None, "body": None}
    assert len(api.send(json.dumps(bare).encode()).json["replications"]) == 1
    broken = api.send(json.dumps(event | {"body": "?"}).encode())
    assert (broken.status, broken.problems) == (400, {"body": "not_base64"})


@pytest.mark.parametrize("event", [b"", b"{}", b"[]", b"\xff", b'{"path": 1, "httpMethod": "GET"}', b"[" * 9_999])
def test_what_is_no_http_request_is_told_so(api: Api, event: bytes) -> None:
    """Whoever invokes the function by hand learns what it wants."""
    said = api.send(event)
    assert (said.status, said.problems) == (400, {"": "not_http"})


# trouble of the cloud's, and of the install's


@pytest.mark.parametrize("code", ["throttle", "timeout", "lost_answer", "server_error"])
def test_accepted_means_written(code: str, tmp_path: Path) -> None:
    """What can't be published just now is accepted all the same: the next sweep asks again."""
    with ferry(tmp_path, Fault(kind=code, action="PutEvents", function="ferry-api", count=1)) as it:
        said = Api(it).start()
        assert said.status == 201
        assert it.until_ended(said.json["id"]).phase is Phase.SUCCEEDED


def test_a_store_that_is_not_to_be_had_is_asked_again(it: Ferry, api: Api) -> None:
    """503 says when, and that the same key keeps it from beginning twice."""
    assert api.start().status == 201
    store = Path(it.app.settings.store)
    store.unlink()
    store.mkdir()
    said = api.ask("GET", PATH)
    assert (said.status, said.problems, said.headers["Retry-After"]) == (503, {"": "try_again"}, "5")


def test_an_install_without_settings_is_nobodys_bad_input(it: Ferry) -> None:
    """A function that is deployed wrongly fails, and says what it lacks: the caller's request is not to blame."""
    function = it.cloud.fc.find("ferry-api")
    bare = function.props.model_copy(update={"environment_variables": {}})
    function.props = bare
    with pytest.raises(FunctionFailed, match="FERRY_STORE"):
        it.install.cloud.invoke("ferry-api", trigger_event("GET", PATH, ""))


def test_it_may_do_what_it_does_and_no_more(it: Ferry, api: Api) -> None:
    """Its policy names the calls that it makes at the cloud, and none besides; the store's rights apart."""
    id_ = api.start().json["id"]
    it.until(id_, Phase.COPYING)
    assert api.start().status == 200
    api.ask("POST", f"{PATH}/{id_}/cancel")
    it.until_ended(id_)
    products = {"eventbridge": "eventbridge", "smq": "mns"}
    used = {f"{products[call.service]}:{call.action}" for call in it.calls("ferry-api") if call.service in products}
    policy = json.loads(Path("functions/api/policy.json").read_text())
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert used == {action for action in allowed if not action.startswith("ots:")}


# whatever comes


TEXT = st.text(max_size=30)
PATHS = st.one_of(
    TEXT,
    st.sampled_from(
        [PATH, "/v1/dead-letters", f"{PATH}/{NOBODY}", f"{PATH}/{NOBODY}/cancel", f"{PATH}/{NOBODY}/clean"]
    ),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.dictionaries(st.sampled_from([*json.loads(body()), "bogus"]), JSON, max_size=4)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "version": JSON,
        "rawPath": JSON,
        "path": JSON | PATHS,
        "httpMethod": JSON | st.sampled_from(["GET", "POST"]),
        "headers": JSON | st.dictionaries(st.sampled_from(["Idempotency-Key", "idempotency-key", "x"]), TEXT),
        "queryParameters": JSON | st.dictionaries(st.sampled_from(["limit", "form", "dry_run", "x"]), TEXT),
        "body": JSON | FIELDS.map(json.dumps),
        "isBase64Encoded": JSON,
        "requestContext": JSON
        | st.fixed_dictionaries({"http": st.fixed_dictionaries({"method": TEXT | st.just("POST"), "path": PATHS})}),
    },
)


@pytest.fixture(scope="module")
def anybodys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with ferry(tmp_path_factory.mktemp("anybody")) as made:
        yield Api(made)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=EVENTS.map(json.dumps).map(str.encode) | st.binary(max_size=60))
def test_whatever_comes_is_answered(anybodys: Api, event: bytes) -> None:
    """No event, however broken, makes the function fail: every one has an answer in its form."""
    assert 200 <= anybodys.send(event).status < 500


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=FIELDS, key=TEXT, query=st.dictionaries(st.sampled_from(["form", "dry_run", "x"]), TEXT, max_size=2))
def test_whatever_is_asked_is_answered(anybodys: Api, fields: dict[str, Any], key: str, query: dict[str, str]) -> None:
    """A request that is good but for some fields is accepted, or refused with its problems."""
    said = anybodys.ask("POST", PATH, body(**fields), {"Idempotency-Key": key}, **query)
    assert said.status in (200, 201, 400, 409)
