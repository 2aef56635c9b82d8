"""Tablestore, through its own SDK."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.faults import Fault
from localcloud.runtime import Embedded, embedded
from localcloud.tablestore.sdk import messages  # first: it imports the SDK without its warnings
from localcloud.world import World
from tests.localcloud.sdk import HOME, Project, a_cloud

INSTANCE = "store"
SECOND = timedelta(seconds=1)


def kit() -> Any:
    """The SDK's module."""
    import tablestore

    return tablestore


def client(cloud: Embedded, *, key: str = "test", secret: str = "test", instance: str = INSTANCE, **more: Any) -> Any:
    """The SDK's client, which asks once and sleeps never."""
    endpoint = cloud.tablestore_endpoint_for(more.pop("home", HOME))
    options = {"retry_policy": kit().NoRetryPolicy(), "logger_name": "test", "enable_native": False} | more
    return kit().OTSClient(endpoint, key, secret, instance, **options)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Embedded]:
    with a_cloud(tmp_path) as cloud:
        cloud.cloud.tablestore.state.create_instance(HOME, INSTANCE)
        yield cloud


def make_table(there: Any, name: str = "t", **changed: Any) -> None:
    """A table with key `id`, predefined columns `place` and `at`, and an index over both."""
    keys = changed.get("keys", [("id", "STRING")])
    columns = changed.get("columns", [("place", "STRING"), ("at", "INTEGER"), ("extra", "STRING")])
    indexes = changed.get("indexes", [kit().SecondaryIndexMeta(f"{name}_by_place", ["place", "at"], ["extra"])])
    there.create_table(
        kit().TableMeta(name, keys, columns),
        changed.get("options", kit().TableOptions()),
        kit().ReservedThroughput(kit().CapacityUnit(0, 0)),
        indexes,
    )


@pytest.fixture
def there(cloud: Embedded) -> Any:
    """A client of an instance that holds `make_table()`."""
    made = client(cloud)
    make_table(made)
    return made


def put(
    there: Any, id_: object, expect: str = "IGNORE", condition: Any = None, table: str = "t", **columns: Any
) -> Any:
    """Write a row whole."""
    row = kit().Row([("id", id_)], list(columns.items()))
    return there.put_row(table, row, kit().Condition(expect, condition))


def update(there: Any, id_: str, condition: Any = None, expect: str = "IGNORE", **acts: Any) -> Any:
    """Change columns of a row."""
    return there.update_row("t", kit().Row([("id", id_)], acts), kit().Condition(expect, condition))


def get(there: Any, id_: str, *columns: str, condition: Any = None) -> dict[str, Any] | None:
    """The columns of a row; None when there is none."""
    _, row, _ = there.get_row("t", [("id", id_)], list(columns), condition)
    return None if row is None else {name: value for name, value, _ in row.attribute_columns}


def span(there: Any, table: str = "t", *, backward: bool = False, **options: Any) -> tuple[list[Any], Any]:
    """The keys of a whole table, and where the next page begins."""
    names = ("place", "at", "id") if table.endswith("by_place") else ("id",)
    low, high = [(name, kit().INF_MIN) for name in names], [(name, kit().INF_MAX) for name in names]
    start, end, direction = (high, low, "BACKWARD") if backward else (low, high, "FORWARD")
    start, end = options.pop("start", start), options.pop("end", end)
    _, following, rows, _ = there.get_range(table, direction, start, end, **options)
    return [tuple(value for _, value in row.primary_key) for row in rows], following


def refusal(act: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[int, str, str]:
    """Status, code and message."""
    with pytest.raises(kit().OTSServiceError) as refused:
        act(*arguments, **named)
    return refused.value.http_status, refused.value.code, refused.value.message


def equal(column: str, value: object, **options: Any) -> Any:
    """A condition on one column."""
    return kit().SingleColumnCondition(column, value, options.pop("how", kit().ComparatorType.EQUAL), **options)


def test_every_kind_of_value(there: Any) -> None:
    """A row comes back as it was written, whatever its values are; what is not there is no row."""
    columns: dict[str, Any] = {
        "text": "ü\x00\U0001f6a2",
        "number": -(2**63),
        "bytes": bytearray(b"\x00\xff"),
        "real": 1.5,
        "yes": True,
    }
    put(there, "a", **columns, empty="")
    assert get(there, "a") == columns | {"empty": ""}
    assert get(there, "a", "number", "else") == {"number": -(2**63)}
    assert get(there, "a", "else") is None
    assert get(there, "b") is None


def test_put_writes_whole_and_update_in_part(there: Any) -> None:
    """PutRow forgets what it doesn't name; UpdateRow keeps it, deletes what it is told to, counts, and makes a row."""
    put(there, "a", x=1, y=2)
    put(there, "a", x=3)
    assert get(there, "a") == {"x": 3}
    update(there, "a", PUT=[("z", 1)], DELETE_ALL=["x"], INCREMENT=[("n", 5)])
    update(there, "a", INCREMENT=[("n", 2)])
    assert get(there, "a") == {"z": 1, "n": 7}
    update(there, "new", PUT=[("z", 1)])
    assert get(there, "new") == {"z": 1}
    assert refusal(update, there, "a", INCREMENT=[("z", 1), ("place", 1)])[1] == "OTSParameterInvalid"
    assert get(there, "a") == {"z": 1, "n": 7}


def test_each_value_says_when_it_was_written(there: Any, cloud: Embedded) -> None:
    """In milliseconds of the cloud's time, or as its writer says; what is not written keeps its own."""

    def stamps(table: str, *key: Any) -> dict[str, int]:
        return {name: at for name, _, at in there.get_row(table, [*key], max_version=1)[1].attribute_columns}

    def now() -> int:
        return int(cloud.cloud.clock.now.timestamp() * 1000)

    begun = now()
    there.put_row(
        "t",
        kit().Row([("id", "a")], [("place", "x"), ("at", 1), ("extra", "e"), ("own", 1, 1234567890123), ("old", 1, 0)]),
    )
    cloud.cloud.clock.spend(SECOND)
    update(there, "a", PUT=[("at", 1), ("new", 1)], INCREMENT=[("n", 1)])
    written = {"place": begun, "extra": begun, "own": 1234567890123, "old": 0}
    assert stamps("t", ("id", "a")) == written | dict.fromkeys(("at", "new", "n"), begun + 1000)
    assert stamps("t_by_place", ("place", "x"), ("at", 1), ("id", "a")) == {"extra": begun}


def test_a_write_gives_the_key_back(there: Any) -> None:
    """Each kind of write, by itself and in a batch, if it is asked to; else nothing of the row."""
    row, pk, condition = kit().Row([("id", "a")], [("x", 1)]), kit().ReturnType.RT_PK, kit().Condition("IGNORE")
    change = kit().Row([("id", "a")], {"PUT": [("x", 2)]})
    batch = kit().BatchWriteRowRequest()
    items = [kit().PutRowItem(row, condition, pk), kit().PutRowItem(row, condition)]
    batch.add(kit().TableInBatchWriteRowItem("t", items))
    told = [one.row for one in there.batch_write_row(batch).get_put()[0]]
    for write, what in ((there.put_row, row), (there.update_row, change), (there.delete_row, row)):
        told += [write("t", what, condition, pk)[1], write("t", what, condition)[1]]
    assert [getattr(back, "primary_key", None) for back in told] == [[("id", "a")], None] * 4


def test_a_counter_is_told(there: Any) -> None:
    """As it is after the write, with the other columns that were asked for; other languages' SDKs ask so."""
    encoders = there.protocol.encoder.api_encode_map
    plain = encoders["UpdateRow"]

    def asking(*given: Any) -> Any:
        message = plain(*given)
        message.return_content.return_type = messages.RT_AFTER_MODIFY
        message.return_content.return_column_names.extend(["n", "none"])
        return message

    encoders["UpdateRow"] = asking
    for count in (5, 10):
        back = update(there, "a", INCREMENT=[("n", 5)], PUT=[("x", 1)])[1]
        assert [(name, value) for name, value, _ in back.attribute_columns] == [("n", count)]


def test_delete_row(there: Any) -> None:
    """A deleted row is gone from the table and its index; deleting what is not there is no error unless expected."""
    put(there, "a", place="x", at=1)
    there.delete_row("t", kit().Row([("id", "a")]), kit().Condition("IGNORE"))
    there.delete_row("t", kit().Row([("id", "a")]), kit().Condition("IGNORE"))
    assert (span(there)[0], span(there, "t_by_place")[0]) == ([], [])
    expected = kit().Condition("EXPECT_EXIST")
    assert refusal(there.delete_row, "t", kit().Row([("id", "a")]), expected)[1] == "OTSConditionCheckFail"


@pytest.mark.parametrize(
    ("expect", "id_", "passes"),
    [
        ("EXPECT_EXIST", "a", True),
        ("EXPECT_EXIST", "b", False),
        ("EXPECT_NOT_EXIST", "a", False),
        ("EXPECT_NOT_EXIST", "b", True),
    ],
)
def test_row_existence(there: Any, expect: str, id_: str, passes: bool) -> None:
    """A write goes through only where the row is, or is not, as it expects; else nothing is written."""
    put(there, "a", x=1)
    if passes:
        put(there, id_, expect, x=2)
        assert get(there, id_) == {"x": 2}
    else:
        assert refusal(put, there, id_, expect, x=2) == (403, "OTSConditionCheckFail", "Condition check failed.")
        assert get(there, "a") == {"x": 1}
        assert get(there, "b") is None


def test_a_missing_column_passes_unless_told_not_to(there: Any) -> None:
    """`pass_if_missing` is true in the SDK unless given, and its inverse goes over the wire."""
    put(there, "a", x=1)
    update(there, "a", equal("version", 3), PUT=[("x", 2)])
    never = equal("version", 3, pass_if_missing=False)
    assert refusal(update, there, "a", never, PUT=[("x", 3)])[1] == "OTSConditionCheckFail"
    assert refusal(update, there, "none", never, PUT=[("x", 3)])[1] == "OTSConditionCheckFail"
    assert get(there, "a") == {"x": 2}
    assert get(there, "none") is None


def test_comparisons(there: Any) -> None:
    """Every comparator, and the operators that join conditions, judge a row by its columns."""
    put(there, "a", x=5, s="m")
    how, logic = kit().ComparatorType, kit().LogicalOperator
    wanted = {how.EQUAL: 5, how.NOT_EQUAL: 4, how.GREATER_THAN: 4, how.GREATER_EQUAL: 5, how.LESS_THAN: 6}
    for comparator, value in (*wanted.items(), (how.LESS_EQUAL, 5)):
        assert get(there, "a", condition=equal("x", value, how=comparator)) is not None
    for comparator, value in ((how.EQUAL, 4), (how.NOT_EQUAL, 5), (how.GREATER_THAN, 5), (how.LESS_THAN, 5)):
        assert get(there, "a", condition=equal("x", value, how=comparator)) is None
    assert get(there, "a", condition=equal("s", 5)) is None
    for combinator, passes in ((logic.AND, False), (logic.OR, True)):
        joined = kit().CompositeColumnCondition(combinator)
        joined.add_sub_condition(equal("x", 5))
        joined.add_sub_condition(equal("s", "n"))
        assert (get(there, "a", condition=joined) is not None) is passes
    inverse = kit().CompositeColumnCondition(logic.NOT)
    inverse.add_sub_condition(equal("x", 5))
    assert get(there, "a", condition=inverse) is None


def test_ranges(there: Any) -> None:
    """A range holds its start and not its end, goes either way, stops at its limit and says where to go on."""
    for id_ in "cabd":
        put(there, id_, x=id_)
    assert span(there)[0] == [("a",), ("b",), ("c",), ("d",)]
    assert span(there, start=[("id", "b")], end=[("id", "d")])[0] == [("b",), ("c",)]
    assert span(there, backward=True, start=[("id", "c")], end=[("id", "a")])[0] == [("c",), ("b",)]
    assert span(there, limit=2) == ([("a",), ("b",)], [("id", "c")])
    assert span(there, limit=4) == ([("a",), ("b",), ("c",), ("d",)], None)
    assert span(there, column_filter=equal("x", "c"))[0] == [("c",)]


def test_ranges_that_are_none(there: Any) -> None:
    """A range that ends before it begins, and a limit of nothing, are refused."""
    b = [("id", "b")]
    assert refusal(span, there, start=b, end=b)[2] == "Begin key must less than end key in FORWARD"
    assert refusal(span, there, backward=True, start=b, end=b)[2] == "Begin key must more than end key in BACKWARD"
    assert refusal(span, there, limit=0)[2] == "The limit must be greater than 0."


def test_a_page_is_five_thousand_rows_or_four_megabytes(there: Any) -> None:
    """A range without a limit stops all the same, and goes on from where it says."""
    for start in range(0, 5001, 200):
        ids = [f"{number:05}" for number in range(start, min(start + 200, 5001))]
        batch = kit().BatchWriteRowRequest()
        items = [kit().PutRowItem(kit().Row([("id", id_)], []), kit().Condition("IGNORE")) for id_ in ids]
        batch.add(kit().TableInBatchWriteRowItem("t", items))
        there.batch_write_row(batch)
    found, following = span(there)
    assert (len(found), following) == (5000, [("id", "05000")])
    for id_ in ("a", "b", "c"):
        put(there, id_, big="x" * 1_900_000)
    found, following = span(there, start=[("id", "a")])
    assert (found, following) == ([("a",), ("b",)], [("id", "c")])


def test_batches(there: Any) -> None:
    """A batch gives each row's own outcome, in the order of the request."""
    put(there, "a", x=1)
    batch = kit().BatchWriteRowRequest()
    new, old = kit().Condition("EXPECT_NOT_EXIST"), kit().Condition("EXPECT_EXIST")
    items = [
        kit().PutRowItem(kit().Row([("id", "a")], [("x", 2)]), new),
        kit().PutRowItem(kit().Row([("id", "b")], [("x", 3)]), new),
        kit().UpdateRowItem(kit().Row([("id", "a")], {"PUT": [("y", 4)]}), old),
        kit().DeleteRowItem(kit().Row([("id", "c")]), old),
    ]
    batch.add(kit().TableInBatchWriteRowItem("t", items))
    written = there.batch_write_row(batch)
    failed = [written.get_put()[1], written.get_update()[1], written.get_delete()[1]]
    codes = [[one.error_code for one in some] for some in failed]
    assert codes == [["OTSConditionCheckFail"], [], ["OTSConditionCheckFail"]]
    asked = kit().BatchGetRowRequest()
    asked.add(kit().TableInBatchGetRowItem("t", [[("id", id_)] for id_ in ("b", "none", "a")], ["x"], max_version=1))
    rows = [item.row and item.row.primary_key for item in there.batch_get_row(asked).get_result_by_table("t")]
    assert rows == [[("id", "b")], None, [("id", "a")]]


def test_batches_that_are_too_long(there: Any) -> None:
    """100 rows are read at once, and 200 written; more are refused, whole."""
    asked = kit().BatchGetRowRequest()
    asked.add(kit().TableInBatchGetRowItem("t", [[("id", str(n))] for n in range(101)], [], max_version=1))
    assert refusal(there.batch_get_row, asked)[1:] == (
        "OTSParameterInvalid",
        "Rows count exceeds the upper limit: 100.",
    )
    batch = kit().BatchWriteRowRequest()
    one = kit().Condition("IGNORE")
    items = [kit().PutRowItem(kit().Row([("id", str(n))], [("x", 1)]), one) for n in range(201)]
    batch.add(kit().TableInBatchWriteRowItem("t", items))
    assert refusal(there.batch_write_row, batch)[1] == "OTSParameterInvalid"
    assert span(there)[0] == []


def test_tables(there: Any) -> None:
    """Tables and indexes are listed by name, described as they were made, and their names are taken."""
    assert there.list_table() == ("t", "t_by_place")
    told = there.describe_table("t")
    assert told.table_meta.schema_of_primary_key == [("id", "STRING")]
    assert told.table_meta.defined_columns == [("place", "STRING"), ("at", "INTEGER"), ("extra", "STRING")]
    (index,) = told.secondary_indexes
    assert (index.index_name, index.primary_key_names, index.defined_column_names) == (
        "t_by_place",
        ["place", "at"],
        ["extra"],
    )
    taken = (409, "OTSObjectAlreadyExist", "Requested table already exists.")
    assert refusal(make_table, there) == taken
    assert refusal(make_table, there, "t_by_place", indexes=[]) == taken
    there.delete_table("t")
    assert there.list_table() == ()


def test_what_is_not_there(there: Any) -> None:
    """A table or index that is not there has one code, whatever is asked of it."""
    missing = (404, "OTSObjectNotExist", "Requested table does not exist.")
    assert refusal(there.describe_table, "no") == missing
    assert refusal(there.delete_table, "no") == missing
    assert refusal(there.get_row, "no", [("id", "a")]) == missing
    assert refusal(put, there, "a", table="no") == missing
    assert refusal(span, there, "no") == missing
    assert refusal(there.delete_secondary_index, "t", "no") == missing


#: By action: what it does with the row of a key.
OF_A_KEY: dict[str, Callable[[Any, list[Any]], object]] = {
    "GetRow": lambda there, key: there.get_row("t", key),
    "PutRow": lambda there, key: there.put_row("t", kit().Row(key, [("x", 1)]), kit().Condition("IGNORE")),
    "UpdateRow": lambda there, key: there.update_row(
        "t", kit().Row(key, {"PUT": [("x", 1)]}), kit().Condition("IGNORE")
    ),
    "DeleteRow": lambda there, key: there.delete_row("t", kit().Row(key), kit().Condition("IGNORE")),
    "BatchGetRow": lambda there, key: there.batch_get_row(_reads(key)),
    "BatchWriteRow": lambda there, key: there.batch_write_row(_writes([("id", "a")], key)),
    "GetRange from": lambda there, key: span(there, start=key),
    "GetRange to": lambda there, key: span(there, end=key),
}


def _reads(key: list[Any]) -> Any:
    asked = kit().BatchGetRowRequest()
    asked.add(kit().TableInBatchGetRowItem("t", [key], max_version=1))
    return asked


def _writes(*keys: list[Any]) -> Any:
    asked = kit().BatchWriteRowRequest()
    rows = [kit().PutRowItem(kit().Row(key, [("x", 1)]), kit().Condition("IGNORE")) for key in keys]
    asked.add(kit().TableInBatchWriteRowItem("t", rows))
    return asked


@pytest.mark.parametrize("act", OF_A_KEY.values(), ids=OF_A_KEY)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([("id", "a"), ("more", "b")], "Validate PK size fail. Input: 2, Meta: 1."),
        ([("key", "a")], "Validate PK name fail. Input: key, Meta: id."),
        ([("id", 1)], "Validate PK type fail. Input: VT_INTEGER, Meta: VT_STRING."),
        ([("id", bytearray(b"a"))], "Validate PK type fail. Input: VT_BLOB, Meta: VT_STRING."),
    ],
)
def test_a_key_that_is_none(
    there: Any, act: Callable[[Any, list[Any]], object], given: list[Any], message: str
) -> None:
    """A key has the table's columns, by number, name and type; and so has an end of a range, if it is not open."""
    put(there, "there")
    assert refusal(act, there, given) == (400, "OTSInvalidPK", message)
    assert span(there)[0] == [("there",)]


def test_an_open_end_is_no_key(there: Any) -> None:
    """What a range may begin or end with is no value of a key."""
    no = (400, "OTSParameterInvalid", "VT_INF_MIN is an invalid type for the primary key.")
    assert refusal(there.get_row, "t", [("id", kit().INF_MIN)]) == no


def test_sizes(there: Any) -> None:
    """A key's text is 1 KB long at most, a column's 2 MB; names are letters, digits and underscores."""
    put(there, "k" * 1024, x="y" * 2 * 1024 * 1024)
    length = "The length of %s column: '%s' exceeds the MaxLength:%s with CurrentLength:%s."
    assert refusal(put, there, "k" * 1025)[2] == length % ("primary key", "id", 1024, 1025)
    assert refusal(put, there, "a", x="y" * 2_097_153)[2] == length % ("attribute", "x", 2_097_152, 2_097_153)
    large = {f"c{number}": "y" * 1_500_000 for number in range(3)}
    status, code, message = refusal(put, there, "a", **large)
    assert (status, code) == (400, "OTSParameterInvalid")
    assert "The total data size of PutRow request exceeds the limit, limit size: 4194304, data size: 45" in message
    names = [f"c{number}" * 100 for number in range(9_000)]
    assert refusal(there.get_row, "t", [("id", "a")], names)[:2] == (413, "OTSRequestBodyTooLarge")
    assert refusal(put, there, "a", **{"a-b": 1})[2] == "Invalid column name: 'a-b'."
    assert refusal(make_table, there, "a-b", indexes=[])[2] == "Invalid table name: 'a-b'."
    assert refusal(put, there, "a", at="text")[1] == "OTSParameterInvalid"


def test_tables_that_can_not_be(there: Any) -> None:
    """The limits of tables and indexes: keys, predefined columns, what an index may be made of, expiry."""
    index = kit().SecondaryIndexMeta
    many = [f"c{n}" for n in range(33)]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"keys": [(f"k{n}", "STRING") for n in range(5)]}, "number of primary key columns must be in range: [1, 4]."),
        ({"columns": [(name, "STRING") for name in many]}, "number of defined columns must be in range: [0, 32]."),
        ({"indexes": [index("i", ["nobody"], [])]}, "'nobody' is neither"),
        ({"indexes": [index("i", ["place"], ["nobody"])]}, "'nobody' is neither"),
        ({"indexes": [index("i", [], [])]}, "number of primary key columns must be in range: [1, 4] in index."),
        ({"indexes": [index("i", ["place"], many)]}, "number of attribute columns must be in range: [0, 32] in index."),
        ({"indexes": [index(f"i{n}", ["place"], []) for n in range(6)]}, "of index per table exceeds the quota:5."),
        ({"columns": [("place", "BOOLEAN")], "indexes": [index("i", ["place"], [])]}, "can not be of type BOOLEAN"),
        ({"options": kit().TableOptions(86_400)}, "Don't support allow update operation on table with index and ttl"),
        ({"options": kit().TableOptions(86_400, allow_update=False)}, "not in the embedded Tablestore"),
        ({"options": kit().TableOptions(max_version=2)}, "one version of each cell"),
    ]
    for changed, words in wrong:
        bare: dict[str, Any] = {} if "options" in changed else {"indexes": []}
        _, code, message = refusal(make_table, there, "n", **bare | changed)
        assert (code, words in message) == ("OTSParameterInvalid", True), message
    assert there.list_table() == ("t", "t_by_place")


def test_an_instance_holds_64_tables(there: Any) -> None:
    """Tables and indexes count together."""
    for number in range(62):
        make_table(there, f"n{number}", indexes=[])
    assert refusal(make_table, there, "one", indexes=[]) == (
        403,
        "OTSQuotaExhausted",
        "Number of tables exceeded the quota.",
    )


def test_an_index_follows_its_table(there: Any) -> None:
    """A row is in an index where it has all of its columns, moves in it, and leaves it when it loses one."""
    put(there, "a", place="x", at=2, extra="e")
    put(there, "b", place="x", at=1)
    put(there, "c", place="x")
    assert span(there, "t_by_place")[0] == [("x", 1, "b"), ("x", 2, "a")]
    update(there, "a", PUT=[("at", 0)])
    assert span(there, "t_by_place")[0] == [("x", 0, "a"), ("x", 1, "b")]
    _, row, _ = there.get_row("t_by_place", [("place", "x"), ("at", 0), ("id", "a")])
    assert [cell[:2] for cell in row.attribute_columns] == [("extra", "e")]
    update(there, "a", DELETE_ALL=["place"])
    assert span(there, "t_by_place")[0] == [("x", 1, "b")]
    assert refusal(put, there, "a", table="t_by_place")[2] == "Can't write index table directly."


def test_an_index_that_can_not_be(there: Any) -> None:
    """One over a column that nobody defined, or of a type that no key has; nothing is made."""
    make_table(there, "u", columns=[("size", "DOUBLE")], indexes=[])
    neither = "The index column 'nobody' is neither a primary key column nor a defined column."
    for index, message in (
        (kit().SecondaryIndexMeta("i", ["nobody"], []), neither),
        (kit().SecondaryIndexMeta("i", ["size"], []), "The index column 'size' can not be of type DOUBLE."),
    ):
        said = refusal(there.create_secondary_index, "u", index, include_base_data=False)
        assert said == (400, "OTSParameterInvalid", message)
    assert there.describe_table("u").secondary_indexes == []


def test_an_index_of_rows_that_do_not_fit_in_it(there: Any) -> None:
    """A key may be no longer than 1,024 bytes, a column may: such a row keeps the index from being made, whole."""
    put(there, "a", extra="x")
    put(there, "b", extra="x" * 1025)
    index = kit().SecondaryIndexMeta("i", ["extra"], [])
    text = "The length of primary key column: 'extra' exceeds the MaxLength:1024 with CurrentLength:1025."
    for _ in range(2):
        assert refusal(there.create_secondary_index, "t", index, True) == (400, "OTSParameterInvalid", text)
    assert there.list_table() == ("t", "t_by_place")
    put(there, "b", extra="x" * 1024)
    there.create_secondary_index("t", index, True)
    assert there.list_table() == ("i", "t", "t_by_place")


def test_an_index_that_is_made_later(there: Any) -> None:
    """An index holds the rows that were there if it is told to, else only those that come; dropped, it is gone."""
    put(there, "a", place="x", at=1)
    for name, with_rows in (("all", True), ("fresh", False)):
        there.create_secondary_index("t", kit().SecondaryIndexMeta(name, ["place"], []), with_rows)
    put(there, "b", place="y", at=1)
    low, high = ([(name, end) for name in ("place", "id")] for end in (kit().INF_MIN, kit().INF_MAX))
    held = {
        name: [row.primary_key[0][1] for row in there.get_range(name, "FORWARD", low, high)[2]]
        for name in ("all", "fresh")
    }
    assert held == {"all": ["x", "y"], "fresh": ["y"]}
    there.delete_secondary_index("t", "all")
    assert there.list_table() == ("fresh", "t", "t_by_place")


def test_an_index_lags_where_the_world_says_so(tmp_path: Path) -> None:
    """A lagging index shows what was, then what is; two writes to a row arrive in their order."""
    with embedded(World(index_lag=5), seed=4, state=tmp_path / "d", trusted_scripts=frozenset()) as cloud:
        cloud.cloud.tablestore.state.create_instance(HOME, INSTANCE)
        there = client(cloud)
        make_table(there)
        for at in range(5):
            put(there, "a", place="x", at=at)
        assert span(there, "t_by_place")[0] == []
        seen = []
        cloud.run(lambda: seen.append(span(there, "t_by_place")[0]) or False, limit=6 * SECOND)  # type: ignore[func-returns-value]
        moments = [row[0][1] for row in seen if row]
        assert moments == sorted(moments)
        assert moments[-1] == 4


def test_a_range_comes_in_pages_as_small_as_the_world_says(tmp_path: Path) -> None:
    """No answer promises all rows; where it broke off is told, whatever limit was asked for."""
    with embedded(World(page_limit=2), seed=4, state=tmp_path / "d", trusted_scripts=frozenset()) as cloud:
        cloud.cloud.tablestore.state.create_instance(HOME, INSTANCE)
        there = client(cloud)
        make_table(there)
        for id_ in "abcde":
            put(there, id_, place="x", at=1)
        pages: list[list[str]] = []
        start: dict[str, Any] = {}
        while True:
            page, following = span(there, limit=4, **start)
            pages.append([key for (key,) in page])
            if following is None:
                break
            start = {"start": following}
        assert pages == [["a", "b"], ["c", "d"], ["e"]]


def test_instances_are_apart(cloud: Embedded) -> None:
    """Each instance and each region has its own tables; one that is not there is refused as a wrong key is."""
    state = cloud.cloud.tablestore.state
    assert state.create_instance(HOME, "other")
    assert not state.create_instance(HOME, "other")
    assert state.create_instance("cn-beijing", INSTANCE)
    make_table(client(cloud))
    assert client(cloud, instance="other").list_table() == ()
    assert client(cloud, home="cn-beijing").list_table() == ()
    unknown = (403, "OTSAuthFailed", "The instance is not found.")
    assert refusal(client(cloud, instance="none").list_table) == unknown
    assert list(state.instances(HOME)) == ["other", INSTANCE]
    assert state.delete_instance(HOME, INSTANCE)
    assert refusal(client(cloud).list_table) == unknown


def test_who_may_not_ask(cloud: Embedded) -> None:
    """A key that there is not, and a signature with another secret, are told apart."""
    assert refusal(client(cloud, key="else").list_table)[1:] == ("OTSAuthFailed", "The AccessKeyID does not exist.")
    assert refusal(client(cloud, secret="else").list_table)[1:] == ("OTSAuthFailed", "Signature mismatch.")
    assert refusal(client(cloud, sts_token="none").list_table)[1] == "OTSAuthFailed"


def test_both_signatures(cloud: Embedded) -> None:
    """The SDK's older signature and the one with a region: each proves the caller, and the answer to it."""
    make_table(client(cloud, region=HOME))
    assert client(cloud).list_table() == ("t", "t_by_place")


def test_what_nobody_wrote(there: Any) -> None:
    """An operation that is not in the embedded Tablestore fails by its name."""
    assert refusal(there.list_search_index, "t") == (
        400,
        "OTSUnsupportOperation",
        "Unsupported operation: 'ListSearchIndex'.",
    )


def test_a_body_that_was_changed(there: Any) -> None:
    """A request whose body is not what its digest says, or no message at all, is refused."""
    sent = there.connection.send_receive
    there.connection.send_receive = lambda url, headers, body: sent(url, headers, body + b"\x00")
    assert "x-ots-contentmd5" in refusal(there.list_table)[2]


def test_calls_are_written_down(there: Any, cloud: Embedded) -> None:
    """The log of calls tells instance, table, row, status and code."""
    refusal(put, there, "a", "EXPECT_EXIST")
    call = cloud.cloud.calls[-1]
    assert (call.service, call.action, call.region, call.status, call.code) == (
        "tablestore",
        "PutRow",
        HOME,
        403,
        "OTSConditionCheckFail",
    )
    get(there, "a")
    assert dict(cloud.cloud.calls[-1].params) == {"InstanceName": INSTANCE, "TableName": "t", "PrimaryKey": "a"}


@pytest.mark.parametrize(("kind", "code"), [("throttle", "OTSServerBusy"), ("server_error", "OTSServerUnavailable")])
def test_faults_that_answer(there: Any, cloud: Embedded, kind: Any, code: str) -> None:
    """A throttled action stays so until the next minute; a broken one is well again at once; nothing is done."""
    cloud.cloud.faults.add(Fault(kind=kind, action="PutRow", count=1))
    assert refusal(put, there, "a")[:2] == (503, code)
    assert get(there, "a") is None
    if kind == "throttle":
        assert refusal(put, there, "a")[1] == code
        cloud.run(lambda: False, limit=60 * SECOND)
    put(there, "a")
    assert get(there, "a") == {}


@pytest.mark.parametrize(("kind", "done"), [("timeout", False), ("lost_answer", True)])
def test_faults_that_do_not_answer(there: Any, cloud: Embedded, kind: Any, done: bool) -> None:
    """A call without an answer is an error at the client, takes its time, and was done or not."""
    from urllib3.exceptions import HTTPError

    cloud.cloud.faults.add(Fault(kind=kind, action="PutRow", count=1))
    before = cloud.cloud.clock.now
    with pytest.raises(HTTPError):
        put(there, "a", x=1)
    assert cloud.cloud.clock.now - before == 10 * SECOND
    assert [call.action for call in cloud.cloud.calls].count("PutRow") == 1
    assert (get(there, "a") is not None) is done


WRITES = """
    import os
    from localcloud.tablestore import sdk
    import tablestore as kit

    def handler(event, context):
        keys = os.environ
        client = kit.OTSClient(
            keys["ENDPOINT"],
            keys["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            keys["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            "store",
            sts_token=keys["ALIBABA_CLOUD_SECURITY_TOKEN"],
            retry_policy=kit.NoRetryPolicy(),
            logger_name="test",
            enable_native=False,
        )
        for id_ in ("a", "b"):
            client.put_row("t", kit.Row([("id", id_)], [("x", 1)]), kit.Condition("IGNORE"))
        return "done"
    """


@pytest.mark.parametrize(("kind", "written"), [(None, ["a", "b"]), ("kill_before", []), ("kill_after", ["a"])])
def test_a_function_writes_with_its_own_keys(tmp_path: Path, kind: Any, written: list[str]) -> None:
    """A function's temporary keys are known while it runs; killed at a call, it does nothing more."""
    with a_cloud(tmp_path) as cloud:
        cloud.cloud.tablestore.state.create_instance(HOME, INSTANCE)
        there = client(cloud)
        make_table(there)
        endpoint = cloud.tablestore_endpoint_for(HOME)
        project = Project(tmp_path).function("f", WRITES, props=f"environmentVariables: {{ENDPOINT: '{endpoint}'}}")
        project.deploy(cloud)
        if kind:
            cloud.cloud.faults.add(Fault(kind=kind, function="f", count=1))
        cloud.cloud.fc.invoke(cloud.cloud.fc.find("f"), b"", lambda _: None)
        cloud.run(lambda: False, limit=SECOND)
        assert [key for (key,) in span(there)[0]] == written
        assert [run.error for run in cloud.cloud.fc.runs] == (
            ["Process exited unexpectedly before completing request"] if kind else [None]
        )
