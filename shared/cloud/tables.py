"""The store in Tablestore: a row a replication, written under conditions, and listed by global indexes that lag.

A row is in the index of open replications while it has `open_in`, the region that looks after it; one that has ended
has none and so leaves the index.  A list is read from an index, and each of its rows from the table before it is
given: an index that lags delays, and shows nothing that is not so.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from shared.cloud.table_client import NotAsExpected, TableClient, Unanswered, sdk
from shared.cloud.table_layout import Layout, drop_tables, make_tables
from shared.ports import DeadLetter, Entry, Hints, Row
from shared.replication.model import Moment
from shared.replication.record import Replication
from shared.store.columns import (
    ENTRY,
    Value,
    Values,
    entry_of,
    letter_of,
    of_hints,
    of_letter,
    of_record,
    row_of,
    text_of,
)

#: Rows of one BatchGetRow.  https://www.alibabacloud.com/help/en/tablestore/limits-on-widecolumn-model (read 2026-11)
_BATCH = 100
#: Whole rows of one call: records are long, and an answer has ten seconds to come.
_WHOLE = 25
#: Bytes of a string column (same page); a record that is longer is kept compressed.
_LONGEST = 2 * 1024 * 1024
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)

Key = list[tuple[str, Any]]


class TablestoreStore:
    """The port Store on the tables of one install, whose names begin with *prefix*."""

    def __init__(self, client: TableClient, prefix: str) -> None:
        self._client = client
        self._layout = Layout(prefix)

    def make_tables(self) -> list[tuple[str, bool]]:
        """Make every table and index that is missing; each name, and whether it was made."""
        return make_tables(self._client, self._layout)

    def drop_tables(self) -> list[str]:
        """Delete every table and index that is there; their names."""
        return drop_tables(self._client, self._layout)

    def add(self, record: Replication, hints: Hints) -> Row:
        """Put *record* if its id is new; give what is stored then."""
        try:
            self._put(self._layout.replications, _values(record, hints), None)
        except (NotAsExpected, Unanswered) as no:
            row = self.load(record.id)
            if row is None:
                raise Unanswered(f"{record.id} was not written: {no}") from no
            return row
        return Row(record=record, hints=hints)

    def load(self, id: str) -> Row | None:
        """The row, or None.  Raises TryAgain when it was written by a newer release."""
        found = self._get(id)
        return row_of(found) if found else None

    def replace(self, record: Replication, hints: Hints, *, expected: int) -> bool:
        """Write record, derived columns and hints together, if the stored version is *expected*; whether it was.

        Raises ValueError for a record whose version did not grow: versions tell writes apart.
        """
        if record.version <= expected:
            raise ValueError(f"{record.id}: version {record.version} can't follow version {expected}")
        values = _values(record, hints)
        try:
            self._put(self._layout.replications, values, expected)
        except NotAsExpected:
            return False
        except Unanswered:
            return self._was_written(values, expected)
        return True

    def hint(self, id: str, version: int, hints: Hints) -> None:
        """Write hints only, and only if the row still has *version*; a row that moved on is left alone."""
        values = of_hints(hints)
        change = {
            "PUT": [(name, value) for name, value in values.items() if value is not None],
            "DELETE_ALL": [name for name, value in values.items() if value is None],
        }
        row = sdk().Row([("id", id)], {act: columns for act, columns in change.items() if columns})
        try:
            self._client.call("update_row", self._layout.replications, row, _condition(version))
        except NotAsExpected:
            return

    def open_entries(self, *, region: str | None = None, before: Moment | None = None) -> Iterator[Entry]:
        """The replications that have not ended, by `next_at`, then id, as they stood when this was called.

        With *region* only that region's; with *before* only those whose `next_at` is not later.  A hundred are read
        when the turn of the first of them comes: what no longer fits what was asked for is not given.
        """
        due = text_of(before or _END_OF_TIME)
        keys = self._open_in(region, due) if region is not None else self._open(due, _BATCH if before else None)
        # A row that is put off while the index is read may stand on two of its pages.
        ids = list(dict.fromkeys(id_ for _, id_ in sorted((key["next_at"], key["id"]) for key in keys)))
        return (
            entry_of(found)
            for found in self._rows(self._layout.replications, ids, columns=(*ENTRY, "ended"))
            if not found["ended"] and str(found["next_at"]) <= due and region in (None, found["region"])
        )

    def waiting_for(self, resource: str) -> Sequence[str]:
        """The ids of the replications that wait for something that this resource's events tell of."""
        kit, place = sdk(), ("waits_for", resource)
        start, end = [place, ("id", kit.INF_MIN)], [place, ("id", kit.INF_MAX)]
        ids = [key["id"] for key in self._keys(self._layout.waiting, start, end)]
        rows = self._rows(self._layout.replications, ids, columns=("id", "resource", "ended"))
        return tuple(str(found["id"]) for found in rows if found["resource"] == resource and not found["ended"])

    def records(self, *, limit: int = 100) -> Sequence[Row]:
        """The replications that were accepted last, newest first.

        Raises TryAgain when one of them was written by a newer release: none is left out in silence.
        """
        ids = self._newest(self._layout.accepted, "accepted_at", limit)
        return tuple(row_of(found) for found in self._rows(self._layout.replications, ids))

    def everything(self) -> Iterator[Row]:
        """Every replication, by id, from the table itself: no index that lags hides one.

        Raises TryAgain when one of them was written by a newer release.
        """
        kit = sdk()
        start: Key | None = [("id", kit.INF_MIN)]
        while start:
            _, start, rows, _ = self._client.call(
                "get_range",
                self._layout.replications,
                kit.Direction.FORWARD,
                start,
                [("id", kit.INF_MAX)],
                limit=_WHOLE,
            )
            yield from (row_of(_found(row)) for row in rows)

    def keep_dead_letter(self, letter: DeadLetter) -> None:
        """Keep *letter*; the same id again changes nothing."""
        try:
            self._put(self._layout.dead_letters, of_letter(letter), None)
        except NotAsExpected:
            return

    def dead_letters(self, *, limit: int = 100) -> Sequence[DeadLetter]:
        """The letters kept last, newest first."""
        ids = self._newest(self._layout.kept, "at", limit)
        return tuple(letter_of(found) for found in self._rows(self._layout.dead_letters, ids))

    def _put(self, table: str, values: Values, expected: int | None) -> None:
        """Write a row whole, over the version that is expected, or where there is none."""
        columns = [(name, _packed(value)) for name, value in values.items() if name != "id" and value is not None]
        row = sdk().Row([("id", values["id"])], columns)
        self._client.call("put_row", table, row, _condition(expected))

    def _was_written(self, values: Values, expected: int) -> bool:
        """Whether a write whose answer was lost is what is stored; raises Unanswered while it may still be under way.

        A row that nobody has touched may yet be written by it.
        """
        found = self._get(str(values["id"]), ("version", "doc"))
        if found is None or found["version"] == expected:
            raise Unanswered(f"{values['id']}: nobody knows whether version {values['version']} was written")
        return all(found[name] == values[name] for name in ("version", "doc"))

    def _get(self, id_: str, columns: Sequence[str] = ()) -> Values | None:
        """A row of the replications, consistently."""
        _, row, _ = self._client.call("get_row", self._layout.replications, [("id", id_)], list(columns))
        return None if row is None else _found(row)

    def _rows(self, table: str, ids: Sequence[str], columns: Sequence[str] = ()) -> Iterator[Values]:
        """The rows with these ids, in their order; many a call."""
        kit, left = sdk(), iter(ids)
        while some := list(islice(left, _BATCH if columns else _WHOLE)):
            request = kit.BatchGetRowRequest()
            request.add(
                kit.TableInBatchGetRowItem(table, [[("id", id_)] for id_ in some], list(columns), max_version=1)
            )
            for item in self._client.call("batch_get_row", request).get_result_by_table(table):
                if not item.is_ok:
                    raise self._client.trouble(item.error_code, item.error_message) or RuntimeError(item.error_message)
                if item.row is not None:
                    yield _found(item.row)

    def _open_in(self, region: str, due: str) -> Iterator[Mapping[str, str]]:
        """What is due in one region, by the index: a single range."""
        kit, place = sdk(), ("open_in", region)
        start = [place, ("next_at", kit.INF_MIN), ("id", kit.INF_MIN)]
        return self._keys(self._layout.open, start, [place, ("next_at", due), ("id", kit.INF_MAX)])

    def _open(self, due: str, page_size: int | None) -> Iterator[Mapping[str, str]]:
        """What is due anywhere, by the index: where the rest of a region is not due, the next region follows."""
        kit, names = sdk(), ("open_in", "next_at", "id")
        start: Key | None = [(name, kit.INF_MIN) for name in names]
        end = [(name, kit.INF_MAX) for name in names]
        while start:
            page, start = self._page(self._layout.open, start, end, limit=page_size)
            yield from (key for key in page if key["next_at"] <= due)
            if start and page[-1]["next_at"] > due:
                start = [("open_in", page[-1]["open_in"]), *end[1:]]

    def _newest(self, index: str, moment: str, limit: int) -> list[str]:
        """The ids of the newest rows, by the index."""
        kit, names = sdk(), (moment, "id")
        start, end = [(name, kit.INF_MAX) for name in names], [(name, kit.INF_MIN) for name in names]
        return [key["id"] for key in islice(self._keys(index, start, end, backward=True, limit=limit), limit)]

    def _keys(
        self, index: str, start: Key, end: Key, *, backward: bool = False, limit: int | None = None
    ) -> Iterator[Mapping[str, str]]:
        """The keys of a range of an index, page after page."""
        following: Key | None = start
        while following:
            page, following = self._page(index, following, end, backward=backward, limit=limit)
            yield from page

    def _page(
        self, index: str, start: Key, end: Key, *, backward: bool = False, limit: int | None = None
    ) -> tuple[list[Mapping[str, str]], Key | None]:
        """One page of keys, and where the next one begins; 5,000 rows or 4 MB at most."""
        direction = sdk().Direction.BACKWARD if backward else sdk().Direction.FORWARD
        _, following, rows, _ = self._client.call("get_range", index, direction, start, end, limit=limit)
        return [dict(row.primary_key) for row in rows], following


def _values(record: Replication, hints: Hints) -> dict[str, Value]:
    """A row, with the columns that put it into the indexes while it is open, and while it waits."""
    values = of_record(record) | of_hints(hints)
    here = not record.ended
    return values | {
        "open_in": values["region"] if here else None,
        "waits_for": (values["resource"] or None) if here else None,
    }


def _condition(expected: int | None) -> Any:
    """That the row has the version *expected*, or (None) that there is none.

    Without `pass_if_missing=False` a row without a version would pass.
    https://www.alibabacloud.com/help/en/tablestore/developer-reference/configure-conditional-update-by-using-python-sdk
    """
    kit = sdk()
    if expected is None:
        return kit.Condition(kit.RowExistenceExpectation.EXPECT_NOT_EXIST)
    version = kit.SingleColumnCondition("version", expected, kit.ComparatorType.EQUAL, pass_if_missing=False)
    return kit.Condition(kit.RowExistenceExpectation.EXPECT_EXIST, version)


def _packed(value: Value) -> Value | bytearray:
    """The value as a column takes it: a text that is too long for one becomes bytes."""
    if not isinstance(value, str) or len(value) * 4 <= _LONGEST or len(value.encode()) <= _LONGEST:
        return value
    return bytearray(zlib.compress(value.encode()))


def _found(row: Any) -> dict[str, Value]:
    columns = {name: value for name, value, _ in row.attribute_columns}
    return dict(row.primary_key) | {
        name: zlib.decompress(value).decode() if isinstance(value, bytearray) else value
        for name, value in columns.items()
    }
