"""The store in Tablestore: the contract of the port on the real SDK, and what only a service has to fear."""

import random
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.faults import Fault
from localcloud.runtime import Embedded, embedded
from localcloud.world import World
from shared.cloud.session import Credentials
from shared.cloud.table_client import TableClient, Unanswered, sdk
from shared.cloud.tables import TablestoreStore
from shared.ports import Row, StoreUnavailable
from shared.problem import BadInput
from shared.replication.phases import Phase
from shared.replication.waits import region_of
from shared.settings import Settings
from tests.localcloud.sdk import HOME, a_cloud
from tests.shared.builders import a_dead_letter, a_record, later, minutes, some_hints
from tests.shared.store_contract import StoreContract, check_against_a_dict, listed

INSTANCE = "ferry-store"
TABLES = [
    "ferry_replications",
    "ferry_replications_open",
    "ferry_replications_waiting",
    "ferry_replications_accepted",
    "ferry_dead_letters",
    "ferry_dead_letters_kept",
]
MINUTE = timedelta(minutes=1)


def a_client(
    cloud: Embedded, *, instance: str = INSTANCE, secret: str = "test", lasts: timedelta | None = None
) -> TableClient:
    """A client of an instance of the embedded cloud."""
    keys, now = Credentials(access_key="test", secret=secret), cloud.cloud.clock.now
    latest = now + lasts if lasts else None
    return TableClient(cloud.tablestore_endpoint_for(HOME), instance, keys, lambda: cloud.cloud.clock.now, latest)


def a_store(cloud: Embedded, prefix: str = "ferry", **options: Any) -> TablestoreStore:
    """A store on the embedded cloud; its tables are not made yet."""
    return TablestoreStore(a_client(cloud, **options), prefix)


def strike(cloud: Embedded, kind: Any, action: str, count: int = 1) -> None:
    """From now on this goes wrong, so many times."""
    cloud.cloud.faults.add(Fault(kind=kind, action=action, count=count))


def asked(cloud: Embedded) -> Counter[str]:
    """The calls so far, by action."""
    return Counter(call.action for call in cloud.cloud.calls)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    with a_cloud(tmp_path) as cloud:
        cloud.cloud.tablestore.state.create_instance(HOME, INSTANCE)
        yield cloud


@pytest.fixture
def store(cloud: Embedded) -> TablestoreStore:
    made = a_store(cloud)
    made.make_tables()
    return made


class TestTablestoreStore(StoreContract):
    """The contract, on the real SDK."""


class TestTablestoreStoreOfManyPages(StoreContract):
    """The contract, where a range is read row by row: no answer promises all rows."""

    @pytest.fixture
    def cloud(self, tmp_path: Path) -> Iterator[Embedded]:
        with a_cloud(tmp_path, page_limit=1) as cloud:
            cloud.cloud.tablestore.state.create_instance(HOME, INSTANCE)
            yield cloud


def test_any_order_of_calls(cloud: Embedded) -> None:
    """Any order of calls leaves what it would leave in a dict."""

    def make(_: Path) -> TablestoreStore:
        a_store(cloud).drop_tables()
        made = a_store(cloud)
        made.make_tables()
        return made

    check_against_a_dict(make)


# tables


def test_tables_are_made_once(cloud: Embedded) -> None:
    """Made again, all is there; deleted, all is gone, and deleting again finds nothing."""
    store = a_store(cloud)
    assert store.make_tables() == [(name, True) for name in TABLES]
    assert store.make_tables() == [(name, False) for name in TABLES]
    assert sorted(store.drop_tables()) == sorted(TABLES)
    assert store.drop_tables() == []
    assert store.make_tables() == [(name, True) for name in TABLES]


def test_installs_share_an_instance(cloud: Embedded) -> None:
    """Each install has tables of its own: what one deletes was never the other's."""
    first, second = a_store(cloud, "one"), a_store(cloud, "two")
    for store in (first, second):
        store.make_tables()
        store.add(a_record(), some_hints())
    first.drop_tables()
    assert listed(second) == ["r-1"]


@pytest.mark.parametrize(("kind", "count"), [("timeout", 1), ("timeout", 2), ("lost_answer", 1)])
@pytest.mark.parametrize("action", ["CreateTable", "CreateIndex", "DropIndex", "DeleteTable"])
def test_tables_half_made_or_half_gone(cloud: Embedded, kind: str, count: int, action: str) -> None:
    """Making and deleting go on where they were stopped, and an answer that got lost once stops nothing."""
    store = a_store(cloud)
    if action != "CreateTable":
        store.make_tables()
    if action == "CreateIndex":
        a_client(cloud).call("delete_secondary_index", TABLES[0], TABLES[2])
    strike(cloud, kind, action, count)
    act = store.make_tables if action.startswith("Create") else store.drop_tables
    if count == 2:
        with pytest.raises(Unanswered):
            act()
    act()
    made = a_client(cloud).call("list_table")
    assert sorted(made) == (sorted(TABLES) if action.startswith("Create") else [])


def test_an_index_that_is_missing_is_filled(store: TablestoreStore, cloud: Embedded) -> None:
    """An index that is made later holds the rows that were there before it."""
    store.add(a_record(Phase.IMAGING), some_hints())
    a_client(cloud).call("delete_secondary_index", TABLES[0], TABLES[1])
    assert (TABLES[1], True) in store.make_tables()
    assert listed(store) == ["r-1"]


def test_a_table_of_another_program(cloud: Embedded) -> None:
    """A table of the same name and another form is never written to."""
    kit, client = sdk(), a_client(cloud)
    meta = kit.TableMeta(TABLES[0], [("id", "INTEGER")])
    client.call("create_table", meta, kit.TableOptions(), kit.ReservedThroughput(kit.CapacityUnit(0, 0)))
    with pytest.raises(StoreUnavailable, match="not of this release's form: give the install another name"):
        a_store(cloud).make_tables()


# what the service does not do


def test_what_a_person_can_mend_is_told(cloud: Embedded) -> None:
    """No table, no instance, a wrong secret: each says what to do, and none is mistaken for an empty store."""
    for options, said in (
        ({}, "OTSObjectNotExist: .*the table is missing, make it: ferry provision"),
        ({"instance": "none"}, "The instance is not found.*check the key, and that the instance has this name"),
        ({"secret": "else"}, "Signature mismatch.*check the key"),
    ):
        for act in (
            lambda store: store.load("r-1"),
            lambda store: store.records(),
            lambda store: list(store.open_entries()),
        ):
            with pytest.raises(StoreUnavailable, match=said):
                act(a_store(cloud, **options))


@pytest.mark.parametrize(("kind", "said"), [("throttle", "OTSServerBusy"), ("server_error", "OTSServerUnavailable")])
def test_passing_faults_are_told_as_such(store: TablestoreStore, cloud: Embedded, kind: str, said: str) -> None:
    """A busy or broken service is asked once a call, and the caller is told that it passes."""
    strike(cloud, kind, "GetRow")
    with pytest.raises(StoreUnavailable, match=f"{said}: .*It passes; try again"):
        store.load("r-1")
    assert asked(cloud)["GetRow"] == 1


def test_no_call_begins_after_its_time(store: TablestoreStore, cloud: Embedded) -> None:
    """An invocation that has lasted 45 s asks nothing more of the store."""
    hasty = a_store(cloud, lasts=timedelta(seconds=45))
    hasty.add(a_record(), some_hints())
    cloud.run(lambda: False, limit=timedelta(seconds=46))
    before = asked(cloud)
    with pytest.raises(StoreUnavailable, match="no time left"):
        hasty.load("r-1")
    assert asked(cloud) == before
    assert store.load("r-1") is not None


def test_nobody_is_there(caplog: pytest.LogCaptureFixture) -> None:
    """An address where nothing answers is told at once: nobody tries again behind our back."""
    with pytest.raises(Unanswered, match=r"no answer from Tablestore at http://127\.0\.0\.1:1"):
        somewhere("http://127.0.0.1:1").load("r-1")
    assert caplog.records == []


PAGE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 17\r\nConnection: close\r\n\r\n<html>Bad</html>\n"
UNSIGNED = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n..."


@pytest.mark.parametrize("answer", [b"", PAGE, UNSIGNED, CUT], ids=["nothing", "a page", "unsigned", "cut off"])
def test_an_answer_that_is_none(answer: bytes) -> None:
    """Silence, a proxy's page, an answer without a signature, half an answer: nobody knows then whether a write was
    done, so it is sent once and no more.
    """
    with answering(answer) as (endpoint, sent):
        store = somewhere(endpoint)
        with pytest.raises(Unanswered, match=r"no (proper )?answer from Tablestore"):
            store.keep_dead_letter(a_dead_letter())
    assert len(sent) == 1
    assert sent[0].startswith(b"POST /PutRow ")


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that says *answer* to whatever it is sent; its address, and what it was sent."""
    sent: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        sent.append(connection.recv(65_536))
                        connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", sent
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def somewhere(endpoint: str) -> TablestoreStore:
    """A store at an address that is not the embedded cloud's."""
    keys = Credentials(access_key="test", secret="test")
    return TablestoreStore(TableClient(endpoint, INSTANCE, keys, lambda: minutes(0)), "ferry")


def test_a_bug_goes_up(store: TablestoreStore) -> None:
    """What nobody expects of Tablestore is no passing fault."""
    with pytest.raises(sdk().OTSServiceError, match="exceeds the MaxLength"):
        store.load("r" * 1025)


# answers that got lost


def test_an_add_whose_answer_was_lost(store: TablestoreStore, cloud: Embedded) -> None:
    """What was written is found and given; what was not written is told, and can be asked again."""
    record, hints = a_record(), some_hints(asks=1)
    strike(cloud, "timeout", "PutRow")
    with pytest.raises(Unanswered, match="r-1 was not written"):
        store.add(record, hints)
    strike(cloud, "lost_answer", "PutRow")
    assert store.add(record, hints) == Row(record=record, hints=hints)
    strike(cloud, "lost_answer", "PutRow")
    assert store.add(record, some_hints()) == Row(record=record, hints=hints)


def test_a_replace_whose_answer_was_lost(store: TablestoreStore, cloud: Embedded) -> None:
    """If what is stored is ours, it was written; if it is another's, it was not; if nobody knows, it is asked again."""
    record = a_record()
    store.add(record, some_hints())
    ours, theirs = later(record, phase=Phase.MANIFEST_DUE), later(record, phase=Phase.CANCELLED)
    strike(cloud, "timeout", "PutRow")
    with pytest.raises(Unanswered, match="nobody knows whether version 1 was written"):
        store.replace(ours, some_hints(), expected=0)
    strike(cloud, "lost_answer", "PutRow")
    assert store.replace(ours, some_hints(), expected=0)
    for kind in ("lost_answer", "timeout"):
        strike(cloud, kind, "PutRow")
        assert not store.replace(theirs, some_hints(), expected=0)
    assert store.load("r-1") == Row(record=ours, hints=some_hints())
    strike(cloud, "lost_answer", "PutRow")
    strike(cloud, "timeout", "GetRow")
    with pytest.raises(Unanswered):
        store.replace(later(ours), some_hints(), expected=1)


def test_a_hint_whose_answer_was_lost(store: TablestoreStore, cloud: Embedded) -> None:
    """A hint is written or not, and no record suffers by it."""
    store.add(a_record(), some_hints())
    for kind, asks in (("timeout", 0), ("lost_answer", 7)):
        strike(cloud, kind, "UpdateRow")
        with pytest.raises(Unanswered):
            store.hint("r-1", 0, some_hints(asks=7))
        assert store.load("r-1") == Row(record=a_record(), hints=some_hints(asks=asks))


def test_a_dead_letter_whose_answer_was_lost(store: TablestoreStore, cloud: Embedded) -> None:
    """It is kept once, however often it is asked."""
    strike(cloud, "lost_answer", "PutRow")
    with pytest.raises(Unanswered):
        store.keep_dead_letter(a_dead_letter())
    store.keep_dead_letter(a_dead_letter())
    assert store.dead_letters() == (a_dead_letter(),)


# rows


def test_a_row_without_a_version_is_never_overwritten(store: TablestoreStore, cloud: Embedded) -> None:
    """A missing version is no match for any: the wire's flag is the inverse of the SDK's."""
    kit = sdk()
    a_client(cloud).call("put_row", TABLES[0], kit.Row([("id", "r-1")], [("x", 1)]), kit.Condition("IGNORE"))
    assert not store.replace(later(a_record()), some_hints(), expected=0)
    store.hint("r-1", 0, some_hints())
    _, row, _ = a_client(cloud).call("get_row", TABLES[0], [("id", "r-1")])
    assert [name for name, *_ in row.attribute_columns] == ["x"]


def test_a_record_that_is_longer_than_a_column(store: TablestoreStore) -> None:
    """A record of more than 2 MB is stored whole, and read like any other."""
    long = a_record(install="ü" * 1_500_000)
    store.add(long, some_hints())
    assert store.load("r-1") == Row(record=long, hints=some_hints())
    assert store.replace(later(long), some_hints(), expected=0)
    assert [row.record for row in store.records()] == [later(long)]
    assert listed(store) == ["r-1"]


def test_a_sweep_costs_a_call_a_hundred_rows(store: TablestoreStore, cloud: Embedded) -> None:
    """What is due is listed in its order by one range and a call a hundred rows; what is not due costs nothing."""
    for number in range(250):
        store.add(a_record(id=f"r-{number:03}"), some_hints(next_at=minutes(number % 7)))
    wanted = sorted((number % 7, f"r-{number:03}") for number in range(250))
    for sweep, ids, ranges, batches in (
        ({}, [id_ for _, id_ in wanted], 1, 3),
        ({"region": "cn-beijing"}, [id_ for _, id_ in wanted], 1, 3),
        ({"before": minutes(0)}, [id_ for minute, id_ in wanted if not minute], 2, 1),
        ({"before": minutes(-1)}, [], 2, 0),
        ({"region": "cn-beijing", "before": minutes(0)}, [id_ for minute, id_ in wanted if not minute], 1, 1),
        ({"region": "cn-hangzhou"}, [], 1, 0),
    ):
        before = asked(cloud)
        assert listed(store, **sweep) == ids
        spent = asked(cloud) - before
        assert (spent["GetRange"], spent["BatchGetRow"]) == (ranges, batches), sweep
        assert set(spent) <= {"GetRange", "BatchGetRow"}


def test_what_has_ended_costs_nothing(store: TablestoreStore, cloud: Embedded) -> None:
    """An ended replication leaves the indexes: no sweep reads its row again; nor is it found by its resource."""
    store.add(a_record(Phase.IMAGING), some_hints())
    store.replace(a_record(Phase.FAILED, version=1), some_hints(), expected=0)
    before = asked(cloud)
    assert listed(store) == []
    assert store.waiting_for(a_record(Phase.IMAGING).resources[0].id) == ()
    assert asked(cloud) - before == {"GetRange": 2}


def test_a_step_costs_two_calls(store: TablestoreStore, cloud: Embedded) -> None:
    """Reading a row is one call, and writing it is one."""
    store.add(a_record(), some_hints())
    before = asked(cloud)
    row = store.load("r-1")
    assert row is not None
    store.replace(later(row.record), row.hints, expected=0)
    assert asked(cloud) - before == {"GetRow": 1, "PutRow": 1}


# indexes that lag


@pytest.mark.parametrize("seed", range(6))
def test_a_lagging_index_delays_and_never_misleads(tmp_path: Path, seed: int) -> None:
    """What is listed is so now, whatever the index says; and when the index has caught up, all of it is listed."""
    draws = random.Random(seed)
    with embedded(World(index_lag=40), seed=seed, state=tmp_path / "d", trusted_scripts=frozenset()) as cloud:
        cloud.cloud.tablestore.state.create_instance(HOME, INSTANCE)
        store = a_store(cloud)
        store.make_tables()
        rows: dict[str, Row] = {}
        for step in range(60):
            _write_one(store, rows, draws)
            cloud.run(lambda: False, limit=timedelta(seconds=draws.choice((0, 0, 5, 20))))
            _check_lists(store, rows, draws, all_of_it=False)
            if step % 20 == 19:
                cloud.run(lambda: False, limit=MINUTE)
                _check_lists(store, rows, draws, all_of_it=True)
        assert {row.record.id for row in store.records()} == set(rows)


def _write_one(store: TablestoreStore, rows: dict[str, Row], draws: random.Random) -> None:
    id_, phase = f"r-{draws.randrange(5)}", draws.choice([Phase.IMAGING, Phase.COPYING, Phase.FAILED, Phase.COPY_DUE])
    hints = some_hints(next_at=minutes(draws.randrange(4)))
    row = rows.get(id_)
    if row is None:
        rows[id_] = store.add(a_record(phase, id=id_), hints)
    elif draws.random() < 0.5:
        store.hint(id_, row.record.version, hints)
        rows[id_] = Row(record=row.record, hints=hints)
    else:
        record = a_record(phase, id=id_, version=row.record.version + 1)
        assert store.replace(record, hints, expected=row.record.version)
        rows[id_] = Row(record=record, hints=hints)


def _check_lists(store: TablestoreStore, rows: dict[str, Row], draws: random.Random, *, all_of_it: bool) -> None:
    region = draws.choice([None, "cn-hangzhou", "cn-beijing"])
    before = draws.choice([None, minutes(1), minutes(2)])
    due = {
        id_: row
        for id_, row in rows.items()
        if not row.record.ended
        and region in (None, region_of(row.record))
        and (before is None or row.hints.next_at <= before)
    }
    found = list(store.open_entries(region=region, before=before))
    assert len({entry.id for entry in found}) == len(found)
    for entry in found:
        row = due[entry.id]
        assert (entry.version, entry.hints) == (row.record.version, row.hints)
    waits = {id_ for id_, row in rows.items() if row.record.phase is Phase.IMAGING}
    waiting = set(store.waiting_for(a_record(Phase.IMAGING).resources[0].id))
    assert waiting <= waits
    if all_of_it:
        assert {entry.id for entry in found} == set(due)
        assert waiting == waits


# settings


@pytest.mark.parametrize(
    "value", ["tablestore:", "tablestore:ab", "tablestore:1abc", "tablestore:abc-", "tablestore:a_b"]
)
def test_a_store_that_can_not_be(value: str) -> None:
    """A name that no instance can have is refused, with the variable and what to give."""
    environ = {"FERRY_INSTALL": "ferry", "FERRY_HOME_REGION": HOME, "FERRY_STORE": value}
    with pytest.raises(BadInput) as refused:
        Settings.from_env(environ | {"FERRY_TABLESTORE_ENDPOINT": "somewhere"})
    problems = {problem.path: problem for problem in refused.value.problems}
    assert set(problems) == {"FERRY_STORE", "FERRY_TABLESTORE_ENDPOINT"}
    assert "tablestore:INSTANCE, where INSTANCE has 3 to 16 letters" in problems["FERRY_STORE"].fix
    assert value in problems["FERRY_STORE"].message


def test_where_the_store_is() -> None:
    """An instance answers at its region's address unless another is given; a path is a file."""
    environ = {"FERRY_INSTALL": "my-ferry", "FERRY_HOME_REGION": HOME, "FERRY_STORE": "tablestore:abc"}
    settings = Settings.from_env(environ)
    assert (settings.tablestore, settings.tablestore_address) == ("abc", "https://abc.cn-hangzhou.ots.aliyuncs.com")
    elsewhere = Settings.from_env(
        environ | {"FERRY_TABLESTORE_ENDPOINT": "https://abc.cn-hangzhou.vpc.tablestore.aliyuncs.com"}
    )
    assert elsewhere.tablestore_address == "https://abc.cn-hangzhou.vpc.tablestore.aliyuncs.com"
    assert Settings.from_env(environ | {"FERRY_STORE": "/tmp/ferry.db"}).tablestore == ""


USES = """
import sys
from shared.app import App
from shared.cloud.session import Credentials
from shared.settings import Settings
given = dict(FERRY_INSTALL="ferry", FERRY_HOME_REGION="cn-hangzhou", FERRY_STORE=sys.argv[1])
App.build(Settings.from_env(given), Credentials(access_key="a", secret="b"), "1")
print([name for name in ("tablestore", "sqlite3", "numpy", "google.protobuf") if name in sys.modules])
"""


@pytest.mark.parametrize(("store", "imported"), [("tablestore:abc", "[]"), ("{}/ferry.db", "['sqlite3']")])
def test_no_sdk_is_imported_before_it_is_used(tmp_path: Path, store: str, imported: str) -> None:
    """A cold start pays for the store that it uses, when it uses it, and for no other."""
    order = [sys.executable, "-c", USES, store.format(tmp_path)]
    done = subprocess.run(order, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == imported


def test_a_refusal_is_no_error_in_the_log(store: TablestoreStore, caplog: pytest.LogCaptureFixture) -> None:
    """A condition that fails is an ordinary answer: the SDK's line of alarm does not reach a function's log."""
    assert not store.replace(later(a_record()), some_hints(), expected=0)
    assert caplog.records == []


def test_the_sdk_says_nothing_by_itself() -> None:
    """Its extensions are made for some interpreters only: where they can't be loaded, nobody is told."""
    code = "from shared.cloud.table_client import sdk; sdk()"
    order = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(order, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
