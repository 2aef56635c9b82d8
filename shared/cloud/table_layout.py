"""The tables of an install in Tablestore: what they are called, and how they are made and deleted."""

from collections.abc import Mapping
from typing import Any

from shared.cloud.table_client import TableClient, Unanswered, sdk
from shared.ports import StoreUnavailable
from shared.replication.model import Kept

#: Answers of a call that changes a table: it is as it should be already.
_DONE_ALREADY = frozenset({"OTSObjectAlreadyExist", "OTSObjectNotExist"})


class TableSpec(Kept):
    """A table with `id` as its key, its predefined columns, and the key columns of its indexes by their names.

    The rules that bind these: an index is made of predefined columns, has four key columns at most, the main table's
    key among them, and lacks the rows that lack one of its columns.  It is read-only and lags by milliseconds.
    https://www.alibabacloud.com/help/en/tablestore/overview-of-secondary-index and
    https://www.alibabacloud.com/help/doc-detail/91935.htm (read 2026-11)
    """

    name: str
    predefined: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]]


class Layout:
    """The names of an install's tables and indexes, which begin with *prefix*."""

    def __init__(self, prefix: str) -> None:
        self.replications = f"{prefix}_replications"
        #: By region and next look: what has not ended.
        self.open = f"{self.replications}_open"
        #: By what is waited for: what waits.
        self.waiting = f"{self.replications}_waiting"
        self.accepted = f"{self.replications}_accepted"
        self.dead_letters = f"{prefix}_dead_letters"
        self.kept = f"{self.dead_letters}_kept"

    def specs(self) -> tuple[TableSpec, ...]:
        """Every table."""
        return (
            TableSpec(
                name=self.replications,
                predefined=("open_in", "next_at", "waits_for", "accepted_at"),
                indexes={
                    self.open: ("open_in", "next_at"),
                    self.waiting: ("waits_for",),
                    self.accepted: ("accepted_at",),
                },
            ),
            TableSpec(name=self.dead_letters, predefined=("at",), indexes={self.kept: ("at",)}),
        )


def make_tables(client: TableClient, layout: Layout) -> list[tuple[str, bool]]:
    """Make every table and index that is missing; each name, and whether it was made."""
    return [made for spec in layout.specs() for made in _make(client, spec)]


def drop_tables(client: TableClient, layout: Layout) -> list[str]:
    """Delete every table and index that is there; their names."""
    dropped = []
    for spec in layout.specs():
        there = _described(client, spec.name)
        if there is None:
            continue
        # Indexes first: the documentation leaves open whether a table that has one can be deleted.
        for index in there.secondary_indexes:
            _change(client, "delete_secondary_index", spec.name, index.index_name)
            dropped.append(index.index_name)
        _change(client, "delete_table", spec.name)
        dropped.append(spec.name)
    return dropped


def _make(client: TableClient, spec: TableSpec) -> list[tuple[str, bool]]:
    there = _described(client, spec.name)
    if there is None:
        made = _create(client, spec)
        return [(name, made) for name in (spec.name, *spec.indexes)]
    _check(there, spec)
    indexes = {index.index_name for index in there.secondary_indexes}
    told = [(spec.name, False)]
    for name, columns in spec.indexes.items():
        made = name not in indexes
        if made:
            index = sdk().SecondaryIndexMeta(name, list(columns), [])
            made = _change(client, "create_secondary_index", spec.name, index, include_base_data=True)
        told.append((name, made))
    return told


def _create(client: TableClient, spec: TableSpec) -> bool:
    """Make a table with its indexes in one call: one version of each cell, kept for ever, paid by use."""
    kit = sdk()
    return _change(
        client,
        "create_table",
        kit.TableMeta(spec.name, [("id", "STRING")], [(name, "STRING") for name in spec.predefined]),
        kit.TableOptions(time_to_live=-1, max_version=1),
        kit.ReservedThroughput(kit.CapacityUnit(0, 0)),
        [kit.SecondaryIndexMeta(name, list(columns), []) for name, columns in spec.indexes.items()],
    )


def _check(there: Any, spec: TableSpec) -> None:
    """Refuse a table of this name that is not Ferry's: with another key, without a column, with an index of others."""
    keys = [tuple(column[:2]) for column in there.table_meta.schema_of_primary_key]
    predefined = {tuple(column[:2]) for column in there.table_meta.defined_columns}
    wanted = {(name, "STRING") for name in spec.predefined}
    if keys != [("id", "STRING")] or not wanted <= predefined or not _indexes_fit(there, spec):
        raise StoreUnavailable(
            f"the table {spec.name} is there and not of this release's form: give the install another name or "
            "another Tablestore instance"
        )


def _indexes_fit(there: Any, spec: TableSpec) -> bool:
    """Whether the indexes that are there have the key columns that they are read by; the main table's key comes last.

    https://www.alibabacloud.com/help/en/tablestore/overview-of-secondary-index (read 2026-11)
    """
    keys = {
        index.index_name: tuple(n for n in index.primary_key_names if n != "id") for index in there.secondary_indexes
    }
    return all(keys.get(name, columns) == columns for name, columns in spec.indexes.items())


def _described(client: TableClient, name: str) -> Any:
    """The table's description; None when there is no such table."""
    try:
        return client.call("describe_table", name)
    except StoreUnavailable as no:
        if _code(no) != "OTSObjectNotExist":
            raise
        return None


def _change(client: TableClient, action: str, *given: object, **named: object) -> bool:
    """Make or delete; whether it was this call that did it (an answer that was lost is asked again)."""
    try:
        client.call(action, *given, **named)
    except Unanswered:
        _again(client, action, *given, **named)
    except Exception as no:
        if _code(no) not in _DONE_ALREADY:
            raise
        return False
    return True


def _again(client: TableClient, action: str, *given: object, **named: object) -> None:
    try:
        client.call(action, *given, **named)
    except Exception as no:
        if _code(no) not in _DONE_ALREADY:
            raise


def _code(no: Exception) -> str:
    """The code of Tablestore's error in *no*, or behind it."""
    error = no if hasattr(no, "code") else no.__cause__
    return str(getattr(error, "code", ""))
