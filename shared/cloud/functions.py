"""The functions of Function Compute: which an install has, and taking them down."""

from collections.abc import Iterator
from typing import Any

from shared.cloud.errors import CloudRefused
from shared.cloud.session import Session
from shared.replication.model import Kept

_PAGE = 100
#: What is said of a thing that is not there (any more).
_GONE = frozenset({"FunctionNotFound", "TriggerNotFound", "AsyncConfigNotExists"})


class FunctionSeen(Kept):
    """A deployed function; `install` is what its environment says whose it is."""

    name: str
    install: str


class Functions:
    """Function Compute in one region, by alibabacloud-fc20230330."""

    def __init__(self, session: Session, region: str) -> None:
        self._session = session
        self._region = region

    def of(self, install: str) -> Iterator[FunctionSeen]:
        """The functions of an install: its name begins theirs, and their environment names it."""
        from alibabacloud_fc20230330 import models

        token = None
        while True:
            request = models.ListFunctionsRequest(prefix=f"{install}-", limit=_PAGE, next_token=token)
            body = self._ask("list_functions", request)
            for function in body.functions or []:
                seen = FunctionSeen(
                    name=function.function_name,
                    install=(function.environment_variables or {}).get("FERRY_INSTALL", ""),
                )
                if seen.install == install:
                    yield seen
            token = body.next_token
            if not token:
                return

    def triggers(self, function: str) -> tuple[str, ...]:
        """The names of a function's triggers."""
        from alibabacloud_fc20230330 import models

        body = self._ask("list_triggers", function, models.ListTriggersRequest(limit=_PAGE))
        return tuple(trigger.trigger_name for trigger in body.triggers or [])

    def delete(self, function: str) -> None:
        """Delete a function: its triggers first, so that nothing is delivered to what is going."""
        from alibabacloud_fc20230330 import models

        for trigger in self.triggers(function):
            self._remove("delete_trigger", function, trigger)
        self._remove("delete_async_invoke_config", function, models.DeleteAsyncInvokeConfigRequest())
        self._remove("delete_function", function)

    def _remove(self, action: str, *what: object) -> None:
        try:
            self._ask(action, *what)
        except CloudRefused as no:
            if no.code not in _GONE:
                raise

    def _ask(self, action: str, *what: object) -> Any:
        """The body of the answer, if it has one; *what* are the SDK method's own arguments."""
        method = getattr(self._session.client("fc", self._region), f"{action}_with_options")
        answer = self._session.call(lambda asked, options: method(*asked, {}, options), what)
        return getattr(answer, "body", None)
