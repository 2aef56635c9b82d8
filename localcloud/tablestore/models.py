"""Tables, their rows in the order of their keys, and the global indexes that follow them.

Limits: https://www.alibabacloud.com/help/en/tablestore/general-limits-of-tablestore/, and for indexes
https://www.alibabacloud.com/help/en/tablestore/secondary-index-limits (read 2026-11).
"""

import re
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from localcloud.tablestore import errors
from localcloud.wire import ApiError

Value = str | int | float | bool | bytes
#: The values of a primary key, in the order of its columns.
Key = tuple[Value, ...]
Columns = Mapping[str, Value]
#: When each column of a row was written, in milliseconds: the version of its value.
Stamps = Mapping[str, int]
#: What an index holds of a row: the key there, the columns that it covers, and their versions.
Entry = tuple[Key, dict[str, Value], Stamps]
#: A value of a key, or an end of a range: `(0,)` is less and `(2,)` is more than every value.
Part = tuple[int] | tuple[int, Value]
Place = tuple[Part, ...]

MOST_KEY_BYTES = 1024
MOST_COLUMN_BYTES = 2 * 1024 * 1024
MOST_KEYS = 4
MOST_PREDEFINED = 32
MOST_INDEXES = 5
MOST_TABLES = 64
MOST_INDEX_COLUMNS = 32
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
#: Type of a column to what its values are here; a key's are of the first three.
TYPES: Mapping[str, type] = {"STRING": str, "INTEGER": int, "BINARY": bytes, "DOUBLE": float, "BOOLEAN": bool}
KEY_TYPES = ("STRING", "INTEGER", "BINARY")
#: How messages name the types of values.
_VARIANTS: Mapping[type, str] = {
    str: "VT_STRING",
    int: "VT_INTEGER",
    bytes: "VT_BLOB",
    float: "VT_DOUBLE",
    bool: "VT_BOOLEAN",
}


def check_name(name: str) -> None:
    """A table's name."""
    if not _NAME.fullmatch(name):
        raise errors.bad_table_name(name)


def check_columns(columns: Columns) -> None:
    """The names and sizes of attribute columns."""
    for name, value in columns.items():
        if not _NAME.fullmatch(name):
            raise errors.bad_column_name(name)
        if isinstance(value, (str, bytes)) and size_of(value) > MOST_COLUMN_BYTES:
            raise errors.column_too_long(name, MOST_COLUMN_BYTES, size_of(value))


def size_of(value: Value) -> int:
    """Bytes of a value, as capacity is counted."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    return 1 if isinstance(value, bool) else 8


@dataclass
class Rows:
    """Rows by key, and the keys in their order."""

    keys: tuple[tuple[str, str], ...]
    rows: dict[Key, dict[str, Value]] = field(default_factory=dict)
    stamps: dict[Key, Stamps] = field(default_factory=dict)
    order: list[Place] = field(default_factory=list)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the primary key's columns."""
        return tuple(name for name, _ in self.keys)

    def key(self, given: Sequence[tuple[str, Value]]) -> Key:
        """The key that a request names; refused when it is not one of this table's."""
        self.check_key(given)
        return tuple(value for _, value in given)

    def check_key(self, given: Sequence[tuple[str, Value | type]], *, may_be_open: bool = False) -> None:
        """Number, names, types and sizes of a key's columns; an open end of a range is a class."""
        if len(given) != len(self.keys):
            raise errors.key_size(len(given), len(self.keys))
        for (name, value), (wanted, kind) in zip(given, self.keys, strict=True):
            if name != wanted:
                raise errors.key_name(name, wanted)
            if may_be_open and isinstance(value, type):
                continue
            if type(value) is not TYPES[kind]:
                raise _no_key(value, kind)
            if isinstance(value, (str, bytes)) and size_of(value) > MOST_KEY_BYTES:
                raise errors.key_too_long(name, MOST_KEY_BYTES, size_of(value))

    def put(self, key: Key, columns: dict[str, Value], stamps: Stamps) -> None:
        """Write the row whole."""
        if key not in self.rows:
            insort(self.order, place_of(key))
        self.rows[key], self.stamps[key] = columns, stamps

    def remove(self, key: Key) -> None:
        """Delete the row if it is there."""
        if self.rows.pop(key, None) is not None:
            del self.stamps[key]
            del self.order[bisect_left(self.order, place_of(key))]

    def between(self, start: Place, end: Place, *, backward: bool) -> Iterator[Key]:
        """The keys from *start*, inclusive, to *end*, exclusive."""
        if backward:
            low, high = _after(self.order, end), _after(self.order, start)
            found = self.order[low:high][::-1]
        else:
            found = self.order[bisect_left(self.order, start) : bisect_left(self.order, end)]
        return (tuple(part[1] for part in place if len(part) == 2) for place in found)


@dataclass
class Index(Rows):
    """A global index: a table of its own that can only be read, and that follows its main table.

    A row that has no value in one of the index's columns is not in it ("sparse index").
    https://www.alibabacloud.com/help/doc-detail/91935.htm
    """

    name: str = ""
    named: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    #: Where each row of the main table stands in the index.
    held: dict[Key, Key] = field(default_factory=dict)
    #: When the last write to each row of the main table arrives, where the index lags.
    due: dict[Key, datetime] = field(default_factory=dict)

    def entry(self, names: tuple[str, ...], key: Key, columns: Columns, stamps: Stamps) -> Entry | None:
        """What the index holds of a row; None when it lacks an indexed column."""
        there: dict[str, Value] = {**columns, **dict(zip(names, key, strict=True))}
        if any(name not in there for name in self.key_names):
            return None
        place = [(name, there[name]) for name in self.key_names]
        return self.key(place), {name: there[name] for name in self.covered if name in there}, stamps

    def follow(self, key: Key, entry: Entry | None) -> None:
        """Hold *entry* for the row *key* of the main table, and nothing else of it."""
        before = self.held.pop(key, None)
        if before is not None:
            self.remove(before)
        if entry is not None:
            self.put(*entry)
            self.held[key] = entry[0]


@dataclass
class Table(Rows):
    """A data table."""

    name: str = ""
    predefined: Mapping[str, str] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    options: bytes = b""


def place_of(key: Key) -> Place:
    """The key as a place in the order of rows."""
    return tuple((1, value) for value in key)


def _no_key(value: object, kind: str) -> ApiError:
    """What is wrong with the type of a key's value."""
    given = f"VT_{value.__name__}" if isinstance(value, type) else _VARIANTS[type(value)]
    if type(value) not in (TYPES[one] for one in KEY_TYPES):
        return errors.no_key_type(given)
    return errors.key_type(given, _VARIANTS[TYPES[kind]])


def _after(order: list[Place], place: Place) -> int:
    """How many places are not beyond *place*."""
    at = bisect_left(order, place)
    return at + (at < len(order) and order[at] == place)
