"""Calls to Tablestore's data plane, by the SDK `tablestore`: our time-outs, no retry, and its errors in our words.

The SDK's retry policy sleeps for up to a minute, and its HTTP pool connects again by itself (it never sends a write
again whose answer was lost: urllib3 repeats no POST that may have arrived).  Both are off.  So are the C extensions
that it brings: they are made for some interpreters only, and what is tested shall be what runs.
"""

import logging
import warnings
from collections.abc import Callable
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from shared.cloud.lost import why_lost
from shared.cloud.session import Credentials
from shared.ports import StoreUnavailable

_CONNECT_SECONDS = 5
_READ_SECONDS = 10
_LOGGER = "ferry.tablestore"

#: Not done, and asked again it may be: "Retry: Yes" of
#: https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes (read 2026-11); what the SDK's
#: `retry.py` asks again for every action (OTSNotEnoughCapacityUnit, OTSOperationConflict, OTSOperationThrottled: that
#: page does not have them); and OTSCapacityUnitExhausted, "No" there, but to be asked again after a while by
#: https://www.alibabacloud.com/help/doc-detail/27284.html (read 2026-11).
#: What is wrong with a request (OTSParameterInvalid, OTSInvalidPK, OTSRequestBodyTooLarge, OTSOutOfRowSizeLimit,
#: OTSOutOfColumnCountLimit, ...) is "No", so in none of these sets: it is a bug of ours, and goes up.
_BUSY = frozenset(
    {
        "OTSCapacityUnitExhausted",
        "OTSNotEnoughCapacityUnit",
        "OTSOperationConflict",
        "OTSOperationThrottled",
        "OTSRowOperationConflict",
        "OTSServerBusy",
        "OTSTableNotReady",
    }
)
#: Perhaps done, perhaps not, and asked again it may be: "Yes" there too, but for OTSRequestTimeout (408), whose request
#: was too slow in coming.
_UNSURE = frozenset(
    {"OTSInternalServerError", "OTSPartitionUnavailable", "OTSRequestTimeout", "OTSServerUnavailable", "OTSTimeout"}
)
_TOO_FREQUENT = "Too frequent table operations."
_FIXES = {
    "OTSAuthFailed": "check the key, and that the instance has this name, is in this region and lets this network in",
    "OTSFlowControl": "requests are throttled, and not by load alone: ask Alibaba Cloud why",
    "OTSNoPermissionAccess": "grant the role the action on the tables: ferry provision writes the policies",
    "OTSObjectNotExist": "the table is missing, make it: ferry provision",
    "OTSQuotaExhausted": "ask for a higher quota, or remove what is no longer needed from the instance",
}


class Unanswered(StoreUnavailable):
    """The store gave no answer: what was asked of it is done, or not."""


class NotAsExpected(Exception):  # noqa: N818 - it says what is so
    """A condition failed: the row is not as the write expects it."""


@cache
def sdk() -> Any:
    """The SDK's module: half a second when it is first asked for, and words on stderr where an extension won't load."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("tablestore").setLevel(logging.CRITICAL)
        # It logs each refusal as an error, and below INFO it would render every request as a text.
        logging.getLogger(_LOGGER).setLevel(logging.CRITICAL)
        import tablestore
    return tablestore


class TableClient:
    """Calls to one instance; *latest_call* is the moment after which none begins (None: there is none)."""

    def __init__(
        self,
        endpoint: str,
        instance: str,
        credentials: Credentials,
        clock: Callable[[], datetime],
        latest_call: datetime | None = None,
    ) -> None:
        self.instance = instance
        self._endpoint = endpoint
        self._credentials = credentials
        self._clock = clock
        self._latest_call = latest_call

    def call(self, action: str, *given: object, **named: object) -> Any:
        """Call a method of the SDK's client.

        Raises NotAsExpected when a condition failed, Unanswered when nobody knows whether it was done, and
        StoreUnavailable when it was not, with what can be done about that.
        """
        from urllib3.exceptions import HTTPError

        if self._latest_call is not None and self._clock() > self._latest_call:
            raise StoreUnavailable("this invocation has no time left for another call to the store")
        try:
            return getattr(self._client, action)(*given, **named)
        except HTTPError as lost:
            raise Unanswered(f"no answer from Tablestore at {self._endpoint}: {why_lost(lost)}") from lost
        except sdk().OTSServiceError as error:
            raise self.trouble(error.code, error.message, error.http_status) or error from error
        except sdk().OTSClientError as error:
            # With a status it is an answer that can't be trusted, or none of Tablestore's; without one, a bug.
            if error.http_status is None:
                raise
            raise Unanswered(f"no proper answer from Tablestore at {self._endpoint}: {error.message}") from error

    def trouble(self, code: str, message: str, status: int | None = None) -> Exception | None:
        """An error of Tablestore's in our words; None for what nobody expects."""
        told = f"Tablestore instance {self.instance}: {code}: {message}"
        if code == "OTSConditionCheckFail":
            return NotAsExpected(told)
        if code in _BUSY or message == _TOO_FREQUENT:
            return StoreUnavailable(f"{told} It passes; try again.")
        if code in _UNSURE or (status is not None and status >= 500):
            return Unanswered(f"{told} It passes; try again.")
        return StoreUnavailable(f"{told} ({_FIXES[code]})") if code in _FIXES else None

    @cached_property
    def _client(self) -> Any:
        from urllib3.util import Timeout

        keys = self._credentials
        client = sdk().OTSClient(
            self._endpoint,
            keys.access_key,
            keys.secret,
            self.instance,
            sts_token=keys.token or None,
            socket_timeout=Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
            max_connection=1,
            retry_policy=sdk().NoRetryPolicy(),
            logger_name=_LOGGER,
            enable_native=False,
        )
        client.connection.pool.connection_pool_kw["retries"] = False
        return client
