"""Rows on the wire: Tablestore's "plain buffer", read and written with the SDK's own classes.

The SDK's reader is a client's: it knows no open end of a range and no cell that says what to do with a column.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from localcloud.tablestore import errors
from localcloud.tablestore.models import Columns, Place, Rows, Value
from localcloud.tablestore.sdk import (
    INF_MAX,
    INF_MIN,
    OTSClientError,
    PlainBufferBuilder,
    PlainBufferCodedInputStream,
    PlainBufferCrc8,
    PlainBufferInputStream,
    tags,
)

_HEADER_BYTES = 4
#: What the SDK's reader raises: it is made for what a server writes.
_MALFORMED = (OTSClientError, ValueError, TypeError, LookupError, struct.error)
#: Rows whose bytes are kept: the SDK's classes go byte by byte, and most rows are read far more often than written.
_KEPT = 256


class Act(IntEnum):
    """What a cell of an UpdateRow does."""

    PUT = 0
    DELETE_ALL = 1
    DELETE_ONE = 3
    INCREMENT = 4


@dataclass(frozen=True)
class Cell:
    """A column of a row that is written."""

    name: str
    value: Value | None
    act: Act
    #: The version, where the writer gives one.
    at: int | None = None


@dataclass(frozen=True)
class Written:
    """A row as a request has it."""

    key: tuple[tuple[str, Any], ...]
    cells: tuple[Cell, ...]


def message(kind: Any, body: bytes) -> Any:
    """The message in a request's body; refused when it is none of that kind."""
    read: Message = kind()
    try:
        read.ParseFromString(body)
    except DecodeError:
        raise errors.not_parsed() from None
    if not _is_text(read):
        raise errors.not_parsed()
    return read


def _is_text(read: Message) -> bool:
    """Whether all that should be text is: a string that is no UTF-8 is read as bytes, in whatever message it is."""
    for field, value in read.ListFields():
        held: Any = (value,) if isinstance(value, str | bytes | Message) else value
        if field.type == FieldDescriptor.TYPE_STRING and any(isinstance(one, bytes) for one in held):
            return False
        if field.type == FieldDescriptor.TYPE_MESSAGE and not all(_is_text(one) for one in held):
            return False
    return True


@lru_cache(_KEPT)
def row(data: bytes) -> Written:
    """The row in *data*; refused when its bytes or checksums are wrong."""
    reader = _Reader(_Stream(data))
    try:
        key, _ = reader.read_row()
    except _MALFORMED:
        raise errors.row_not_parsed() from None
    return Written(tuple((name, _plain(value)) for name, value in key), tuple(reader.cells))


def end_of(rows: Rows, data: bytes) -> Place:
    """An end of a range: a key whose values may be below or above all others."""
    given = row(data).key
    rows.check_key(given, may_be_open=True)
    return tuple((0,) if value is INF_MIN else (2,) if value is INF_MAX else (1, value) for _, value in given)


def key_bytes(rows: Rows, key: tuple[Value, ...]) -> bytes:
    """A key alone."""
    return bytes(PlainBufferBuilder.serialize_primary_key([(n, _wire(value)) for n, value in _pairs(rows, key)]))


def rows_bytes(rows: Rows, found: Iterable[tuple[tuple[Value, ...], Columns]]) -> bytes:
    """Rows one after the other, behind one header; a key's column that an index covers has no version."""
    each = [
        _row_bytes(
            _told(_pairs(rows, key)), _told(columns.items()), tuple(rows.stamps[key].get(name) for name in columns)
        )
        for key, columns in found
    ]
    return b"".join([*each[:1], *(one[_HEADER_BYTES:] for one in each[1:])])


def _told(cells: Iterable[tuple[str, Value]]) -> tuple[tuple[str, Value, str], ...]:
    """Cells that are equal only if they go over the wire alike: to Python 1 is True, and 0.0 is -0.0."""
    return tuple((name, value, str(value) if type(value) is float else type(value).__name__) for name, value in cells)


@lru_cache(_KEPT)
def _row_bytes(
    key: tuple[tuple[str, Value, str], ...], columns: tuple[tuple[str, Value, str], ...], stamps: tuple[int | None, ...]
) -> bytes:
    parts = [(name, _wire(value)) for name, value, _ in key]
    cells = [(name, _wire(value), at) for (name, value, _), at in zip(columns, stamps, strict=True)]
    return bytes(PlainBufferBuilder.serialize_for_put_row(parts, cells))


def variant(data: bytes) -> Value:
    """The value that a condition compares with; refused when its bytes are wrong."""
    stream = _Stream(data)
    readers: dict[int, Any] = {
        tags.VT_INTEGER: stream.read_int64,
        tags.VT_BOOLEAN: stream.read_boolean,
        tags.VT_STRING: lambda: stream.read_utf_string(stream.read_int32()),
        tags.VT_BLOB: lambda: bytes(stream.read_bytes(stream.read_int32())),
        tags.VT_DOUBLE: lambda: _double(stream),
    }
    try:
        value: Value = readers[ord(stream.read_raw_byte())]()
    except _MALFORMED:
        raise errors.row_not_parsed() from None
    return value


class _Stream(PlainBufferInputStream):  # type: ignore[misc]
    """Bytes that are read forwards only: the SDK's goes back by a length below zero."""

    def read_bytes(self, size: int) -> bytes:
        if size < 0:
            raise OTSClientError("A length is below zero.")
        found: bytes = super().read_bytes(size)
        return found

    def read_utf_string(self, size: int) -> str:
        return self.read_bytes(size).decode()


class _Reader(PlainBufferCodedInputStream):  # type: ignore[misc]
    """Reads what a client writes."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self.cells: list[Cell] = []

    def read_primary_key_value(self, cell_check_sum: int) -> tuple[Any, int]:
        stream = self.input_stream
        kind = stream.buffer[stream.cur_pos + 4]
        ends = {tags.VT_INF_MIN: INF_MIN, tags.VT_INF_MAX: INF_MAX}
        if kind not in ends:
            found: tuple[Any, int] = super().read_primary_key_value(cell_check_sum)
            return found
        stream.read_bytes(5)
        stream.read_tag()
        return ends[kind], PlainBufferCrc8.crc_int8(cell_check_sum, kind)

    def read_column(self, row_check_sum: int) -> tuple[str, Any, None, int]:
        stream = self.input_stream
        stream.read_tag()
        name = stream.read_utf_string(stream.read_raw_little_endian32())
        check = PlainBufferCrc8.crc_string(0, name)
        stream.read_tag()
        value, act, at = None, Act.PUT, None
        if stream.last_tag == tags.TAG_CELL_VALUE:
            value, check = self.read_column_value(check)
        if stream.last_tag == tags.TAG_CELL_TYPE:
            act = Act(ord(stream.read_raw_byte()))
            stream.read_tag()
        if stream.last_tag == tags.TAG_CELL_TIMESTAMP:
            at = stream.read_int64()
            stream.read_tag()
        self._check(PlainBufferCrc8.crc_int64(check, at) if at is not None else check, act)
        self.cells.append(Cell(name, None if value is None else _plain(value), act, at))
        return name, value, None, PlainBufferCrc8.crc_int8(row_check_sum, self._last)

    def _check(self, check: int, act: Act) -> None:
        self._last = PlainBufferCrc8.crc_int8(check, act) if act is not Act.PUT else check
        if self.input_stream.last_tag != tags.TAG_CELL_CHECKSUM or ord(self.input_stream.read_raw_byte()) != self._last:
            raise OTSClientError("Checksum mismatch.")
        self.input_stream.read_tag()


def _pairs(rows: Rows, key: tuple[Value, ...]) -> list[tuple[str, Value]]:
    return list(zip(rows.key_names, key, strict=True))


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, bytearray) else value


def _wire(value: Value) -> Any:
    """The SDK writes bytes as a text: what is binary is a bytearray to it."""
    return bytearray(value) if isinstance(value, bytes) else value


def _double(stream: Any) -> float:
    (value,) = struct.unpack("<d", struct.pack("<q", stream.read_double()))
    return float(value)
