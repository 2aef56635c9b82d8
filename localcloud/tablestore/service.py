"""The state of Tablestore: the instances of every region, their tables and indexes, and what a write does to them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from localcloud.chance import stream
from localcloud.tablestore import conditions, errors
from localcloud.tablestore.models import (
    KEY_TYPES,
    MOST_INDEX_COLUMNS,
    MOST_INDEXES,
    MOST_KEYS,
    MOST_PREDEFINED,
    MOST_TABLES,
    TYPES,
    Columns,
    Entry,
    Index,
    Key,
    Rows,
    Stamps,
    Table,
    check_columns,
    check_name,
)
from localcloud.wire import ApiError

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

MOST_IN_RANGE = 5000
#: Gives the columns of a row after a write from those before; None is no row.
Change = Callable[[Columns | None], Columns | None]


class Instance:
    """The tables of one instance."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self.tables: dict[str, Table] = {}

    @property
    def page_limit(self) -> int:
        """How many rows of a range are read at once, at most: 5,000, or what the world sets."""
        return self._state.page_limit

    def names(self) -> list[str]:
        """The names of tables and indexes, in order."""
        return sorted([*self.tables, *(name for table in self.tables.values() for name in table.indexes)])

    def table(self, name: str) -> Table:
        """A data table; refused when there is none."""
        found = self.tables.get(name)
        if found is None:
            raise errors.object_not_exist()
        return found

    def readable(self, name: str) -> Rows:
        """A data table or an index; refused when there is none."""
        for table in self.tables.values():
            if name in table.indexes:
                return table.indexes[name]
        return self.table(name)

    def create_table(self, table: Table, indexes: list[Index]) -> None:
        """Make a table with its indexes, all or nothing."""
        check_name(table.name)
        check_columns(dict.fromkeys((*table.key_names, *table.predefined), ""))
        if not 1 <= len(table.keys) <= MOST_KEYS:
            raise errors.key_columns(MOST_KEYS)
        if len(table.predefined) > MOST_PREDEFINED:
            raise errors.defined_columns(MOST_PREDEFINED)
        self._check_free(table.name)
        self.tables[table.name] = table
        try:
            for index in indexes:
                self.create_index(table.name, index, with_rows=False)
        except ApiError:
            del self.tables[table.name]
            raise

    def create_index(self, table_name: str, index: Index, *, with_rows: bool) -> None:
        """Make an index of a table, over the rows that are there or only over those that come."""
        table = self.table(table_name)
        check_name(index.name)
        self._check_free(index.name)
        _check_index(table, index)
        rows = table.rows.items() if with_rows else ()
        entries = {key: index.entry(table.key_names, key, columns, table.stamps[key]) for key, columns in rows}
        table.indexes[index.name] = index
        for key, entry in entries.items():
            index.follow(key, entry)

    def drop_index(self, table_name: str, name: str) -> None:
        """Delete an index."""
        if self.table(table_name).indexes.pop(name, None) is None:
            raise errors.object_not_exist()

    def delete_table(self, name: str) -> None:
        """Delete a table with all its rows and indexes."""
        self.table(name)
        del self.tables[name]

    def check(self, condition: Any, columns: Columns | None) -> None:
        """Refuse a write unless the row (None: there is none) is as *condition* expects it."""
        if self._state.keeps_conditions:
            conditions.check(condition, columns)

    def write(self, table: Table, key: Key, change: Change, written: Mapping[str, int | None]) -> None:
        """Change one row, and have the indexes follow; *written* are the new columns, and their versions if given."""
        columns = change(table.rows.get(key))
        stamps = self._stamps(columns or {}, written, table.stamps.get(key, {}))
        if columns is None:
            table.remove(key)
        else:
            check_columns(columns)
            _check_types(table, columns)
        entries = {
            index.name: None if columns is None else index.entry(table.key_names, key, columns, stamps)
            for index in table.indexes.values()
        }
        if columns is not None:
            table.put(key, dict(columns), stamps)
        for index in table.indexes.values():
            self._state.later(index, key, entries[index.name])

    def _stamps(self, columns: Columns, written: Mapping[str, int | None], before: Stamps) -> Stamps:
        """The versions of a row's columns: "the timestamp when the data is written", unless the writer gives one."""
        now = self._state.now
        new = {name: now if stamp is None else stamp for name, stamp in written.items()}
        return {name: new.get(name, before.get(name, now)) for name in columns}

    def _check_free(self, name: str) -> None:
        if name in self.names():
            raise errors.object_already_exist()
        if len(self.names()) >= MOST_TABLES:
            raise errors.too_many_tables()


class State:
    """Instances by region and name."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._instances: dict[tuple[str, str], Instance] = {}
        self._draws = stream(cloud.seed, "index lag")

    @property
    def now(self) -> int:
        """The moment in milliseconds."""
        return int(self._cloud.clock.now.timestamp() * 1000)

    @property
    def page_limit(self) -> int:
        """What the world sets, MOST_IN_RANGE if nothing."""
        return self._cloud.world.page_limit or MOST_IN_RANGE

    @property
    def keeps_conditions(self) -> bool:
        """Whether a condition that does not hold keeps a write from being done, as it should."""
        return "conditions" not in self._cloud.world.breaks

    def create_instance(self, region: str, name: str) -> bool:
        """Make an instance; whether it is new."""
        if (region, name) in self._instances:
            return False
        self._instances[region, name] = Instance(self)
        return True

    def delete_instance(self, region: str, name: str) -> bool:
        """Delete an instance with all its tables; whether there was one."""
        return self._instances.pop((region, name), None) is not None

    def instances(self, region: str) -> dict[str, Instance]:
        """The region's instances by name."""
        return {name: one for (where, name), one in sorted(self._instances.items()) if where == region}

    def instance(self, region: str, name: str) -> Instance:
        """An instance; refused when there is none."""
        found = self._instances.get((region, name))
        if found is None:
            raise errors.instance_not_found()
        return found

    def later(self, index: Index, key: Key, entry: Entry | None) -> None:
        """Have *index* hold *entry* for the row *key*: at once, or some time later where the world's indexes lag.

        Milliseconds as a rule, more when there is much to do; what is written first to a row arrives first.
        https://www.alibabacloud.com/help/en/tablestore/overview-of-secondary-index (read 2026-11)
        """
        most = self._cloud.world.index_lag
        if not most:
            index.follow(key, entry)
            return
        now = self._cloud.clock.now
        due = max(now + timedelta(seconds=self._draws.uniform(0, most)), index.due.get(key, now))
        index.due[key] = due
        self._cloud.clock.at(due, lambda: index.follow(key, entry))


def _check_index(table: Table, index: Index) -> None:
    """The rules for an index's columns.

    https://www.alibabacloud.com/help/en/tablestore/secondary-index-limits (read 2026-11); the words about names and
    types are ours.
    """
    if len(table.indexes) >= MOST_INDEXES:
        raise errors.too_many_indexes(MOST_INDEXES)
    if not 1 <= len(index.named) <= MOST_KEYS:
        raise errors.index_key_columns(MOST_KEYS)
    if len(index.covered) > MOST_INDEX_COLUMNS:
        raise errors.index_columns(MOST_INDEX_COLUMNS)
    kinds = dict(table.keys) | dict(table.predefined)
    for name in (*index.named, *index.covered):
        if name not in kinds:
            raise errors.invalid(f"The index column '{name}' is neither a primary key column nor a defined column.")
    for name in index.named:
        if kinds[name] not in KEY_TYPES:
            raise errors.invalid(f"The index column '{name}' can not be of type {kinds[name]}.")
    # The main table's key is completed in the index's.
    names = [*index.named, *(name for name in table.key_names if name not in index.named)]
    index.keys = tuple((name, kinds[name]) for name in names)


def _check_types(table: Table, columns: Columns) -> None:
    """A predefined column holds values of its type only; the words are ours."""
    for name, kind in table.predefined.items():
        if name in columns and type(columns[name]) is not TYPES[kind]:
            raise errors.invalid(f"The defined column '{name}' must be of type {kind}.")
