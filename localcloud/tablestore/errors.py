"""Tablestore's refusals.

Codes, statuses and messages: https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes (read
2026-11).  What no page words is marked *ours*.
"""

from localcloud.door import Refusals
from localcloud.wire import ApiError

REFUSALS = Refusals(
    unknown_key=(403, "OTSAuthFailed", "The AccessKeyID does not exist."),
    throttled=(503, "OTSServerBusy", "Server is busy."),
    broken=(503, "OTSServerUnavailable", "Server is not available."),
    inactive=(403, "OTSAuthFailed", "The user does not exist."),  # ours: no page says what an account without it hears
)


def instance_not_found() -> ApiError:
    """There is no such instance in this region."""
    return ApiError(403, "OTSAuthFailed", "The instance is not found.")


def signature_mismatch() -> ApiError:
    """The signature is not that of the request."""
    return ApiError(403, "OTSAuthFailed", "Signature mismatch.")


def md5_mismatch() -> ApiError:
    """The body is not what its digest says."""
    message = "Mismatch between MD5 value of request body and x-ots-contentmd5 in header."
    return ApiError(403, "OTSAuthFailed", message)


def body_too_large() -> ApiError:
    """The request is larger than what one may write."""
    return ApiError(413, "OTSRequestBodyTooLarge", "The size of POST data is too large.")


def missing_header(name: str) -> ApiError:
    """A header is needed."""
    return invalid(f"Missing header: '{name}'.")


def unsupported_operation(name: str) -> ApiError:
    """Nobody wrote that operation."""
    return invalid(f"Unsupported operation: {name}.")


def not_parsed() -> ApiError:
    """The body is no message of this operation."""
    return invalid("Fail to parse the protobuf in request body.")


def object_not_exist() -> ApiError:
    """There is no such table or index."""
    return ApiError(404, "OTSObjectNotExist", "Requested table does not exist.")


def object_already_exist() -> ApiError:
    """The name is taken."""
    return ApiError(409, "OTSObjectAlreadyExist", "Requested table already exists.")


def too_many_tables() -> ApiError:
    """The instance is full."""
    return ApiError(403, "OTSQuotaExhausted", "Number of tables exceeded the quota.")


def condition_check_fail() -> ApiError:
    """The row is not as the write expects it."""
    return ApiError(403, "OTSConditionCheckFail", "Condition check failed.")


def key_size(given: int, meta: int) -> ApiError:
    """The primary key has the wrong number of columns."""
    return ApiError(400, "OTSInvalidPK", f"Validate PK size fail. Input: {given}, Meta: {meta}.")


def key_name(given: str, meta: str) -> ApiError:
    """A column of the primary key has the wrong name."""
    return ApiError(400, "OTSInvalidPK", f"Validate PK name fail. Input: {given}, Meta: {meta}.")


def key_type(given: str, meta: str) -> ApiError:
    """A column of the primary key has the wrong type."""
    return ApiError(400, "OTSInvalidPK", f"Validate PK type fail. Input: {given}, Meta: {meta}.")


def bad_table_name(name: str) -> ApiError:
    """The table's name has characters that it must not have, or is too long."""
    return invalid(f"Invalid table name: '{name}'.")


def bad_column_name(name: str) -> ApiError:
    """The column's name has characters that it must not have, or is too long."""
    return invalid(f"Invalid column name: '{name}'.")


def key_too_long(name: str, most: int, size: int) -> ApiError:
    """A value of the primary key is too long."""
    return invalid(
        f"The length of primary key column: '{name}' exceeds the MaxLength: {most} with CurrentLength: {size}."
    )


def column_too_long(name: str, most: int, size: int) -> ApiError:
    """A value is too long."""
    return invalid(
        f"The length of attribute column: '{name}' exceeds the MaxLength: {most} with CurrentLength: {size}."
    )


def too_many_rows(most: int, rows: int) -> ApiError:
    """The batch is too long."""
    return invalid(f"Rows count exceeds the upper limit: {most}. Input: {rows}.")


def empty_range(backward: bool) -> ApiError:
    """The range begins where it ends, or after that."""
    if backward:
        return invalid("Begin key must more than end key in BACKWARD")
    return invalid("Begin key must less than end key in FORWARD")


def bad_limit() -> ApiError:
    """A range of no rows."""
    return invalid("The limit must be greater than 0.")


def invalid(message: str) -> ApiError:
    """A parameter is wrong; where the caller is not one of the functions above, the words are *ours*."""
    return ApiError(400, "OTSParameterInvalid", message)
