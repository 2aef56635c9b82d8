"""What each action does with an instance's tables: protobuf in, protobuf out.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/operations-5 and its neighbours (read 2026-11)
"""

from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import Any

from localcloud.tablestore import conditions, errors
from localcloud.tablestore.documents import Act, Cell, Written, end_of, key_bytes, message, row, rows_bytes
from localcloud.tablestore.models import Columns, Index, Key, Rows, Table, Value, size_of
from localcloud.tablestore.sdk import messages
from localcloud.tablestore.service import Change, Instance
from localcloud.wire import ApiError

#: https://www.alibabacloud.com/help/en/tablestore/limits-on-widecolumn-model (read 2026-11)
MOST_READ = 100
MOST_WRITTEN = 200
MOST_BYTES = 4 * 1024 * 1024
#: The actions whose data have a limit of their own, by the same page.
_SIZED = frozenset({"PutRow", "UpdateRow", "BatchWriteRow"})
#: The field table_status, ACTIVE: it is mandatory in the protocol of other languages' SDKs, and not in this one's.
_ACTIVE = b"\x20\x01"
#: The fields in which single rows are told.
_ROWS = ("primary_key", "row", "row_change")
#: What the log of calls shows of each value of a key.
_SHOWN = 100
#: How long a body may be that is read only for the log of calls: nobody need have signed it.
_GLANCED = 64 * 1024
#: What a capacity unit pays for.
_UNIT = 4096


def answer(instance: Instance, action: str, body: bytes, check: Callable[[Any], None]) -> bytes:
    """The body of the answer; *check* is given the request's message first, and refuses who has no right to it."""
    if action not in ACTIONS:
        raise errors.unsupported_operation(action)
    if len(body) > MOST_BYTES:
        raise errors.data_too_large(action, MOST_BYTES, len(body)) if action in _SIZED else errors.body_too_large()
    kind, act = ACTIONS[action]
    asked = message(kind, body)
    check(asked)
    done: bytes = act(instance, asked).SerializeToString()
    return done


def subject(asked: Any) -> dict[str, str]:
    """The table and the row that a request's message is about; batches and lists name none, a range no row."""
    table = getattr(asked, "table_name", "") or getattr(asked, "main_table_name", "")
    data = next((found for field in _ROWS if (found := getattr(asked, field, b""))), b"")
    if not table or not data:
        return {"TableName": table} if table else {}
    return {"TableName": table, "PrimaryKey": " ".join(str(value)[:_SHOWN] for _, value in row(data).key)}


def subject_of(action: str, body: bytes) -> dict[str, str]:
    """What a request is about, as `subject` says; nothing when it can not be read, or is long."""
    if action not in ACTIONS or len(body) > _GLANCED:
        return {}
    try:
        return subject(message(ACTIONS[action][0], body))
    except ApiError:
        return {}


def refusal(no: ApiError) -> bytes:
    """The body of a refusal."""
    body: bytes = messages.Error(code=no.code, message=no.message).SerializeToString()
    return body


# tables


def create_table(instance: Instance, asked: Any) -> Any:
    """Make a table with its indexes."""
    meta = asked.table_meta
    if asked.index_metas:
        _check_options(asked.table_options)
    table = Table(
        keys=tuple((column.name, messages.PrimaryKeyType.Name(column.type)) for column in meta.primary_key),
        name=meta.table_name,
        predefined={
            column.name: _predefined(messages.DefinedColumnType.Name(column.type)) for column in meta.defined_column
        },
        options=asked.table_options.SerializeToString(),
    )
    instance.create_table(table, [_index(one) for one in asked.index_metas])
    return messages.CreateTableResponse()


def list_table(instance: Instance, _: Any) -> Any:
    """The names of tables and indexes."""
    return messages.ListTableResponse(table_names=instance.names())


def describe_table(instance: Instance, asked: Any) -> Any:
    """A table's schema, options and indexes."""
    table = instance.table(asked.table_name)
    told = messages.DescribeTableResponse()
    told.table_meta.table_name = table.name
    for name, kind in table.keys:
        told.table_meta.primary_key.add(name=name, type=messages.PrimaryKeyType.Value(kind))
    for name, kind in table.predefined.items():
        told.table_meta.defined_column.add(name=name, type=messages.DefinedColumnType.Value(_dct(kind)))
    told.reserved_throughput_details.capacity_unit.CopyFrom(messages.CapacityUnit(read=0, write=0))
    told.reserved_throughput_details.last_increase_time = 0
    told.table_options.ParseFromString(table.options)
    told.MergeFromString(_ACTIVE)
    for index in table.indexes.values():
        told.index_metas.add(
            name=index.name,
            primary_key=index.named,
            defined_column=index.covered,
            index_update_mode=messages.IUM_ASYNC_INDEX,
            index_type=messages.IT_GLOBAL_INDEX,
        )
    return told


def delete_table(instance: Instance, asked: Any) -> Any:
    """Delete a table with its rows and indexes."""
    instance.delete_table(asked.table_name)
    return messages.DeleteTableResponse()


def create_index(instance: Instance, asked: Any) -> Any:
    """Make an index of a table that is there."""
    instance.create_index(asked.main_table_name, _index(asked.index_meta), with_rows=asked.include_base_data)
    return messages.CreateIndexResponse()


def drop_index(instance: Instance, asked: Any) -> Any:
    """Delete an index."""
    instance.drop_index(asked.main_table_name, asked.index_name)
    return messages.DropIndexResponse()


def _check_options(options: Any) -> None:
    """What a table with an index may not be: https://www.alibabacloud.com/help/en/tablestore/secondary-index-limits."""
    if options.max_versions > 1:
        raise errors.invalid("A table with an index has one version of each cell.")
    if options.time_to_live not in (0, -1):
        if not options.HasField("allow_update") or options.allow_update:
            raise errors.index_of_what_expires()
        raise errors.invalid("Tables whose rows expire and are not updated are not in the embedded Tablestore.")


def _index(meta: Any) -> Index:
    if meta.index_type != messages.IT_GLOBAL_INDEX:
        raise errors.invalid("A local index is not in the embedded Tablestore.")
    return Index(keys=(), name=meta.name, named=tuple(meta.primary_key), covered=tuple(meta.defined_column))


def _predefined(kind: str) -> str:
    return "BINARY" if kind == "DCT_BLOB" else kind.removeprefix("DCT_")


def _dct(kind: str) -> str:
    return "DCT_BLOB" if kind == "BINARY" else f"DCT_{kind}"


# single rows


def get_row(instance: Instance, asked: Any) -> Any:
    """Read one row; one that is not there is no error."""
    data, size = _read(instance.readable(asked.table_name), asked.primary_key, asked)
    return messages.GetRowResponse(consumed=_consumed(read=size), row=data)


def put_row(instance: Instance, asked: Any) -> Any:
    """Write a row whole."""
    told = _put(instance, asked.table_name, asked.row, asked)
    return messages.PutRowResponse(consumed=_consumed(write=len(asked.row)), row=told)


def update_row(instance: Instance, asked: Any) -> Any:
    """Write and delete columns of a row; one that is not there is made."""
    told = _update(instance, asked.table_name, asked.row_change, asked)
    return messages.UpdateRowResponse(consumed=_consumed(write=len(asked.row_change)), row=told)


def delete_row(instance: Instance, asked: Any) -> Any:
    """Delete a row."""
    told = _delete(instance, asked.table_name, asked.primary_key, asked)
    return messages.DeleteRowResponse(consumed=_consumed(write=len(asked.primary_key)), row=told)


def _read(rows: Rows, key_data: bytes, asked: Any) -> tuple[bytes, int]:
    """A row as it was asked for (nothing when there is none), and its size."""
    key = rows.key(row(key_data).key)
    columns = rows.rows.get(key)
    if columns is None or (asked.HasField("filter") and not conditions.passes(asked.filter, columns)):
        return b"", 0
    wanted = _wanted(rows, columns, asked.columns_to_get)
    return (b"" if wanted is None else rows_bytes(rows, [(key, wanted)])), _size(key, columns)


def _wanted(rows: Rows, columns: Columns, names: Any) -> Columns | None:
    """The columns that were asked for; None when the row has none of them."""
    if not names:
        return columns
    found = {name: columns[name] for name in names if name in columns}
    return found if found or set(names) & set(rows.key_names) else None


def _writable(instance: Instance, name: str) -> Table:
    if isinstance(instance.readable(name), Index):
        raise errors.index_written()
    return instance.table(name)


def _put(instance: Instance, name: str, data: bytes, asked: Any) -> bytes:
    table, written = _writable(instance, name), row(data)
    new = {cell.name: cell.value for cell in written.cells if cell.value is not None}

    def change(before: Columns | None) -> Columns:
        instance.check(asked.condition, before)
        return new

    return _write(instance, table, written, change, asked.return_content)


def _update(instance: Instance, name: str, data: bytes, asked: Any) -> bytes:
    table, written = _writable(instance, name), row(data)

    def change(before: Columns | None) -> Columns:
        instance.check(asked.condition, before)
        after = dict(before or {})
        for cell in written.cells:
            _apply(after, cell)
        return after

    return _write(instance, table, written, change, asked.return_content)


def _apply(columns: dict[str, Value], cell: Cell) -> None:
    if cell.act in (Act.DELETE_ALL, Act.DELETE_ONE):
        columns.pop(cell.name, None)
        return
    value = cell.value
    if cell.act is Act.INCREMENT:
        before = columns.get(cell.name, 0)
        if type(before) is not int or type(value) is not int:
            raise errors.incremented(cell.name)
        value = before + value
        if not -(2**63) <= value < 2**63:
            raise errors.incremented(cell.name)
    if value is not None:
        columns[cell.name] = value


def _delete(instance: Instance, name: str, data: bytes, asked: Any) -> bytes:
    table = _writable(instance, name)

    def change(before: Columns | None) -> None:
        instance.check(asked.condition, before)

    return _write(instance, table, row(data), change, asked.return_content)


def _write(instance: Instance, table: Table, written: Written, change: Change, wanted: Any) -> bytes:
    """Change a row; gives what the caller wants back of it: nothing, its key, or columns as they are now.

    https://www.alibabacloud.com/help/en/tablestore/developer-reference/java-atomic-counters (read 2026-11)
    """
    key = table.key(written.key)
    instance.write(table, key, change, {cell.name: cell.at for cell in written.cells if cell.value is not None})
    if wanted.return_type == messages.RT_PK:
        return key_bytes(table, key)
    columns = table.rows.get(key)
    if wanted.return_type != messages.RT_AFTER_MODIFY or columns is None:
        return b""
    return rows_bytes(table, [(key, {name: columns[name] for name in wanted.return_column_names if name in columns})])


# many rows


def batch_get_row(instance: Instance, asked: Any) -> Any:
    """Read rows by their keys."""
    _check_count(sum(len(table.primary_key) for table in asked.tables), MOST_READ)
    told = messages.BatchGetRowResponse()
    for table in asked.tables:
        rows, part = instance.readable(table.table_name), told.tables.add(table_name=table.table_name)
        for key in table.primary_key:
            data, size = _read(rows, key, table)
            part.rows.add(is_ok=True, consumed=_consumed(read=size), row=data)
    return told


def batch_write_row(instance: Instance, asked: Any) -> Any:
    """Write each row by itself: one that fails keeps no other; but no key may be wrong.

    https://www.alibabacloud.com/help/en/tablestore/developer-reference/batchwriterow (read 2026-11)
    """
    _check_count(sum(len(table.rows) for table in asked.tables), MOST_WRITTEN)
    for table in asked.tables:
        there = instance.table(table.table_name)
        for change in table.rows:
            there.check_key(row(change.row_change).key)
    told = messages.BatchWriteRowResponse()
    for table in asked.tables:
        part = told.tables.add(table_name=table.table_name)
        for change in table.rows:
            _write_one(instance, table.table_name, change, part.rows)
    return told


_WRITES: Mapping[int, Callable[[Instance, str, bytes, Any], bytes]] = {
    messages.PUT: _put,
    messages.UPDATE: _update,
    messages.DELETE: _delete,
}


def _write_one(instance: Instance, name: str, change: Any, told: Any) -> None:
    try:
        back = _WRITES[change.type](instance, name, change.row_change, change)
    except ApiError as no:
        told.add(is_ok=False, error=messages.Error(code=no.code, message=no.message))
    else:
        told.add(is_ok=True, consumed=_consumed(write=len(change.row_change)), row=back)


def _check_count(rows: int, most: int) -> None:
    if rows > most:
        raise errors.too_many_rows(most)


def get_range(instance: Instance, asked: Any) -> Any:
    """Read on from the start until the end, the limit, 5,000 rows or 4 MB: whichever comes first."""
    rows, backward = instance.readable(asked.table_name), asked.direction == messages.BACKWARD
    start, end = (
        end_of(rows, asked.inclusive_start_primary_key),
        end_of(rows, asked.exclusive_end_primary_key),
    )
    if start <= end if backward else start >= end:
        raise errors.empty_range(backward)
    if asked.HasField("limit") and asked.limit <= 0:
        raise errors.bad_limit()
    keys = rows.between(start, end, backward=backward)
    found, size, following = _gather(rows, keys, asked, instance.page_limit)
    told = messages.GetRangeResponse(consumed=_consumed(read=size), rows=rows_bytes(rows, found))
    if following is not None:
        told.next_start_primary_key = key_bytes(rows, following)
    return told


def _gather(
    rows: Rows, keys: Iterator[Key], asked: Any, reads: int
) -> tuple[list[tuple[Key, Columns]], int, Key | None]:
    """The rows that are given, the size of those that were read (*reads* at most), and the key to read on from."""
    found: list[tuple[Key, Columns]] = []
    most, size = asked.limit if asked.HasField("limit") else reads, 0
    for read, key in enumerate(keys):
        columns = rows.rows[key]
        if len(found) >= most or read >= reads or (size and size + _size(key, columns) > MOST_BYTES):
            return found, size, key
        size += _size(key, columns)
        if asked.HasField("filter") and not conditions.passes(asked.filter, columns):
            continue
        wanted = _wanted(rows, columns, asked.columns_to_get)
        if wanted is not None:
            found.append((key, wanted))
    return found, size, None


def _size(key: Key, columns: Columns) -> int:
    return sum(map(size_of, key)) + sum(len(name) + size_of(value) for name, value in columns.items())


def _consumed(*, read: int | None = None, write: int | None = None) -> Any:
    units = messages.CapacityUnit(
        read=0 if read is None else max(1, ceil(read / _UNIT)),
        write=0 if write is None else max(1, ceil(write / _UNIT)),
    )
    return messages.ConsumedCapacity(capacity_unit=units)


ACTIONS: Mapping[str, tuple[Any, Callable[[Instance, Any], Any]]] = {
    "CreateTable": (messages.CreateTableRequest, create_table),
    "ListTable": (messages.ListTableRequest, list_table),
    "DescribeTable": (messages.DescribeTableRequest, describe_table),
    "DeleteTable": (messages.DeleteTableRequest, delete_table),
    "CreateIndex": (messages.CreateIndexRequest, create_index),
    "DropIndex": (messages.DropIndexRequest, drop_index),
    "GetRow": (messages.GetRowRequest, get_row),
    "PutRow": (messages.PutRowRequest, put_row),
    "UpdateRow": (messages.UpdateRowRequest, update_row),
    "DeleteRow": (messages.DeleteRowRequest, delete_row),
    "BatchGetRow": (messages.BatchGetRowRequest, batch_get_row),
    "BatchWriteRow": (messages.BatchWriteRowRequest, batch_write_row),
    "GetRange": (messages.GetRangeRequest, get_range),
}
