"""Conditions of writes and filters of reads: what they say of a row's columns.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/configure-conditional-update-by-using-python-sdk
(read 2026-11).  On the wire a missing column is the inverse of the SDK's `pass_if_missing`.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.tablestore import errors
from localcloud.tablestore.documents import message, variant
from localcloud.tablestore.models import Columns
from localcloud.tablestore.sdk import filters, messages

#: "Up to 32 filter conditions" (help page "Filters", PHP SDK, read 2026-11); that those which combine others count,
#: too, is ours.
MOST_FILTERS = 32
_COMPARE: dict[int, Callable[[Any, Any], bool]] = {
    filters.CT_EQUAL: operator.eq,
    filters.CT_NOT_EQUAL: operator.ne,
    filters.CT_GREATER_THAN: operator.gt,
    filters.CT_GREATER_EQUAL: operator.ge,
    filters.CT_LESS_THAN: operator.lt,
    filters.CT_LESS_EQUAL: operator.le,
}


def check(condition: Any, columns: Columns | None) -> None:
    """Refuse the write unless the row (None: there is none) is as *condition* expects it."""
    expected = condition.row_existence
    if expected == messages.EXPECT_EXIST and columns is None:
        raise errors.condition_check_fail()
    if expected == messages.EXPECT_NOT_EXIST and columns is not None:
        raise errors.condition_check_fail()
    if condition.HasField("column_condition") and not passes(condition.column_condition, columns or {}):
        raise errors.condition_check_fail()


def passes(data: bytes, columns: Columns) -> bool:
    """Whether a row's columns pass the filter in *data*, of at most MOST_FILTERS."""
    return _passes(message(filters.Filter, data), columns, iter(range(MOST_FILTERS)))


def _passes(found: Any, columns: Columns, left: Iterator[int]) -> bool:
    if next(left, None) is None:
        raise errors.too_many_filters(MOST_FILTERS)
    if found.type == filters.FT_SINGLE_COLUMN_VALUE:
        return _single(message(filters.SingleColumnValueFilter, found.filter), columns)
    if found.type == filters.FT_COMPOSITE_COLUMN_VALUE:
        return _composite(message(filters.CompositeColumnValueFilter, found.filter), columns, left)
    raise errors.invalid("A filter of this type is not in the embedded Tablestore.")


def _single(found: Any, columns: Columns) -> bool:
    if found.HasField("value_trans_rule"):
        raise errors.invalid("A filter with a regular expression is not in the embedded Tablestore.")
    there = found.column_name in columns
    if found.comparator in (filters.CT_EXIST, filters.CT_NOT_EXIST):
        return there is (found.comparator == filters.CT_EXIST)
    wanted = variant(found.column_value)
    if not there:
        return not found.filter_if_missing
    value = columns[found.column_name]
    if type(value) is not type(wanted):
        return bool(found.comparator == filters.CT_NOT_EQUAL)
    return _COMPARE[found.comparator](value, wanted)


def _composite(found: Any, columns: Columns, left: Iterator[int]) -> bool:
    results = [_passes(one, columns, left) for one in found.sub_filters]
    if not results or (found.combinator == filters.LO_NOT and len(results) > 1):
        raise errors.invalid("A composite filter has parts, NOT one alone.")
    if found.combinator == filters.LO_NOT:
        return not results[0]
    return all(results) if found.combinator == filters.LO_AND else any(results)
