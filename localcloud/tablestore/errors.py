"""Tablestore's refusals.

Codes, statuses and messages: https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes (read
2026-11; "the page" below).  It shows neither quotes nor blanks exactly, and its English was reworded in May 2026, while
the service says what the functional tests of Alibaba Cloud's SDKs expect of it: those of
github.com/aliyun/aliyun-tablestore-java-sdk, -python-sdk and -php-sdk ("the tests" below).  What neither words is
marked *ours*.
"""

from localcloud.door import Refusals
from localcloud.wire import ApiError

#: The page and the tests.
REFUSALS = Refusals(
    unknown_key=(403, "OTSAuthFailed", "The AccessKeyID does not exist."),
    throttled=(503, "OTSServerBusy", "Server is busy."),
    broken=(503, "OTSServerUnavailable", "Server is not available."),
    inactive=(403, "OTSAuthFailed", "The user does not exist."),  # ours: no page says what an account without it hears
)


# the request: the page and the tests, but for what is said at each


def instance_not_found() -> ApiError:
    """There is no such instance in this region."""
    return ApiError(403, "OTSAuthFailed", "The instance is not found.")


def forbidden() -> ApiError:
    """The caller's policies do not allow it.  The page, and what Tablestore's console program shows."""
    text = "You have no permission to access the requested resource, please contact the resource owner."
    return ApiError(403, "OTSNoPermissionAccess", text)


def signature_mismatch() -> ApiError:
    """The signature is not that of the request."""
    return ApiError(403, "OTSAuthFailed", "Signature mismatch.")


def date_mismatch(date: str) -> ApiError:
    """The caller's clock is more than a quarter of an hour off.  The page of 2016; UNVERIFIED: today's wording."""
    return ApiError(403, "OTSAuthFailed", f"Mismatch between system time and x-ots-date: {date}.")


def md5_mismatch() -> ApiError:
    """The body is not what its digest says."""
    message = "Mismatch between MD5 value of request body and x-ots-contentmd5 in header."
    return ApiError(403, "OTSAuthFailed", message)


def body_too_large() -> ApiError:
    """The request is too large.  The page; from which size on is *ours*."""
    return ApiError(413, "OTSRequestBodyTooLarge", "The size of POST data is too large.")


def data_too_large(action: str, most: int, size: int) -> ApiError:
    """PutRow, UpdateRow or BatchWriteRow writes more than it may.  The page, for these three."""
    return invalid(f"The total data size of {action} request exceeds the limit, limit size: {most}, data size: {size}.")


def missing_header(name: str) -> ApiError:
    """A header is needed.  The code is the tests'; the page has OTSParameterInvalid."""
    return ApiError(400, "OTSMissingHeader", f"Missing header: '{name}'.")


def unsupported_operation(name: str) -> ApiError:
    """Nobody wrote that operation.  The page has OTSParameterInvalid, but the tests and a page of its own have this.

    https://www.alibabacloud.com/help/faq-detail/58573.html (read 2026-11)
    """
    return ApiError(400, "OTSUnsupportOperation", f"Unsupported operation: '{name}'.")


def not_parsed() -> ApiError:
    """The body is no message of this operation.  The tests; the page: "Parse PBMessage from RawString failed."."""
    return invalid("Failed to parse the ProtoBuf message.")


def row_not_parsed() -> ApiError:
    """The bytes of a row or of a value are wrong.  The page; which of its many such messages comes when is *ours*."""
    return invalid("data format is invalid.")


# tables: the page and the tests


def object_not_exist() -> ApiError:
    """There is no such table or index.  For an index, *ours*."""
    return ApiError(404, "OTSObjectNotExist", "Requested table does not exist.")


def object_already_exist() -> ApiError:
    """The name is taken."""
    return ApiError(409, "OTSObjectAlreadyExist", "Requested table already exists.")


def too_many_tables() -> ApiError:
    """The instance is full."""
    return ApiError(403, "OTSQuotaExhausted", "Number of tables exceeded the quota.")


def key_columns(most: int) -> ApiError:
    """A table has no key, or too long a one."""
    return invalid(f"The number of primary key columns must be in range: [1, {most}].")


def defined_columns(most: int) -> ApiError:
    """Too many columns are predefined."""
    return invalid(f"The number of defined columns must be in range: [0, {most}].")


def bad_table_name(name: str) -> ApiError:
    """The table's name has characters that it must not have, or is too long."""
    return invalid(f"Invalid table name: '{name}'.")


def bad_column_name(name: str) -> ApiError:
    """The column's name has characters that it must not have, or is too long."""
    return invalid(f"Invalid column name: '{name}'.")


# indexes: SecondaryIndexTest of the Java SDK, but for what is said at each; the page has only the last


def too_many_indexes(most: int) -> ApiError:
    """The table has all the indexes that it may have."""
    return invalid(f"Number of index per table exceeds the quota:{most}.")


def index_key_columns(most: int) -> ApiError:
    """An index is over no column, or over too many."""
    return invalid(f"The number of primary key columns must be in range: [1, {most}] in index.")


def index_columns(most: int) -> ApiError:
    """An index covers too many columns."""
    return invalid(f"The number of attribute columns must be in range: [0, {most}] in index.")


def index_of_what_expires() -> ApiError:
    """Rows that are updated and expire are not indexed.

    https://www.alibabacloud.com/help/en/tablestore/what-do-i-do-if-the-don-t-support-allow-update-operation-on-table-with-index-and-ttl-error-message-appears-when-i-create-a-secondary-index
    """
    return invalid("Don't support allow update operation on table with index and ttl")


def index_written() -> ApiError:
    """An index can only be read.  The page."""
    return invalid("Can't write index table directly.")


# keys: the tests; the page has only "Primary key schema mismatch." for OTSInvalidPK, others begin these messages:
# https://www.alibabacloud.com/help/doc-detail/174138.htm (read 2026-11)


def key_size(given: int, meta: int) -> ApiError:
    """The primary key has the wrong number of columns."""
    return ApiError(400, "OTSInvalidPK", f"Validate PK size fail. Input: {given}, Meta: {meta}.")


def key_name(given: str, meta: str) -> ApiError:
    """A column of the primary key has the wrong name."""
    return ApiError(400, "OTSInvalidPK", f"Validate PK name fail. Input: {given}, Meta: {meta}.")


def key_type(given: str, meta: str) -> ApiError:
    """A column of the primary key has the wrong type."""
    return ApiError(400, "OTSInvalidPK", f"Validate PK type fail. Input: {given}, Meta: {meta}.")


def no_key_type(given: str) -> ApiError:
    """A value that no primary key has, such as an open end of a range.  The page and the tests."""
    return invalid(f"{given} is an invalid type for the primary key.")


# rows: the page and the tests


def condition_check_fail() -> ApiError:
    """The row is not as the write expects it."""
    return ApiError(403, "OTSConditionCheckFail", "Condition check failed.")


def key_too_long(name: str, most: int, size: int) -> ApiError:
    """A value of the primary key is too long."""
    return invalid(
        f"The length of primary key column: '{name}' exceeds the MaxLength:{most} with CurrentLength:{size}."
    )


def column_too_long(name: str, most: int, size: int) -> ApiError:
    """A value is too long."""
    return invalid(f"The length of attribute column: '{name}' exceeds the MaxLength:{most} with CurrentLength:{size}.")


def too_many_rows(most: int) -> ApiError:
    """The batch is too long."""
    return invalid(f"Rows count exceeds the upper limit: {most}.")


def incremented(name: str) -> ApiError:
    """The column is no integer, or its sum is too large for one.  The code is of a page of its own, the words ours:

    https://www.alibabacloud.com/help/en/tablestore/developer-reference/configure-atomic-counter (read 2026-11)
    """
    return invalid(f"The column '{name}' can not be incremented.")


def too_many_filters(most: int) -> ApiError:
    """A filter combines too many.  Ours."""
    return invalid(f"The number of filters exceeds the upper limit: {most}.")


def empty_range(backward: bool) -> ApiError:
    """The range begins where it ends, or after that.  Without a full stop, as the tests have it."""
    if backward:
        return invalid("Begin key must more than end key in BACKWARD")
    return invalid("Begin key must less than end key in FORWARD")


def bad_limit() -> ApiError:
    """A range of no rows.  The page."""
    return invalid("The limit must be greater than 0.")


def invalid(message: str) -> ApiError:
    """A parameter is wrong; where the caller is not one of the functions above, the words are *ours*."""
    return ApiError(400, "OTSParameterInvalid", message)
