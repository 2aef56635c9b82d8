"""Clients for one invocation: fresh credentials, our time-outs, no retries of the SDK's own."""

import functools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from shared.cloud.errors import CloudRefused, passes, pause_after
from shared.cloud.lost import why_lost
from shared.ports import NotYet, TryAgain
from shared.replication.model import Kept

#: A step starts no cloud call later than this after it began: s.yaml ends it at 60 s.
LATEST_CALL = timedelta(seconds=45)
#: How long an answer may take; whoever sends megabytes waits longer.
PATIENCE = timedelta(seconds=10)
_CONNECT_MS = 5_000


class Credentials(Kept):
    """A key of the account, or a temporary one with its token."""

    access_key: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.access_key})"

    __str__ = __repr__


class Session:
    """Makes the clients of one invocation and calls through them; an operator's has all the time it needs."""

    def __init__(
        self, credentials: Credentials, clock: Callable[[], datetime], lasts: timedelta | None = LATEST_CALL
    ) -> None:
        self.credentials = credentials
        self.clock = clock
        self.latest_call = clock() + lasts if lasts else None
        self.client = functools.cache(self._client)

    def ask(self, product: str, region: str, action: str, request: object) -> Any:
        """The body of the answer to an action, named as the SDK's method is: ``create_image``; raises as call()."""
        return self.call(getattr(self.client(product, region), f"{action}_with_options"), request).body

    def pages(self, product: str, region: str, action: str, request: Any) -> Iterator[Any]:
        """The bodies of the answers to a list that goes on by NextToken; raises as call()."""
        while True:
            body = self.ask(product, region, action, request)
            yield body
            if not body.next_token:
                return
            request.next_token = body.next_token

    def call(self, method: Callable[[Any, Any], Any], request: object, patience: timedelta = PATIENCE) -> Any:
        """Call an SDK method; raises TryAgain for a passing fault, CloudRefused for a firm no."""
        from darabonba.exceptions import DaraException, UnretryableException
        from darabonba.runtime import RuntimeOptions
        from requests.exceptions import RequestException

        if self.latest_call and self.clock() > self.latest_call:
            raise TryAgain("this invocation has no time left for another call")
        read_ms = int(patience.total_seconds() * 1000)
        options = RuntimeOptions(autoretry=False, connect_timeout=_CONNECT_MS, read_timeout=read_ms)
        try:
            return method(request, options)
        except UnretryableException as lost:
            raise TryAgain(f"no answer from the cloud: {why_lost(lost)}") from lost
        except DaraException as error:
            raise _ours(error, self.clock()) from error
        except RequestException as lost:
            raise TryAgain(f"no answer from the cloud: {why_lost(lost)}") from lost

    def _client(self, product: str, region: str) -> Any:
        from alibabacloud_tea_openapi.models import Config

        config = Config(
            access_key_id=self.credentials.access_key,
            access_key_secret=self.credentials.secret,
            security_token=self.credentials.token or None,
            region_id=region,
            protocol="https",
        )
        return _CLIENTS[product](config, region)


def moment(text: str) -> datetime:
    """A time as the cloud writes it, UTC, to the second or to the minute: ``2017-12-10T04:04Z``."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _ours(error: Any, now: datetime) -> Exception:
    code = str(getattr(error, "code", "") or "")
    # The SDK wraps the cloud's message in the status and the request's id; the answer itself has it bare.
    answer = getattr(error, "data", None) or {}
    message = str(answer.get("Message") or getattr(error, "message", "") or "")
    if pause := pause_after(code, now):
        return NotYet(f"{code}: {message}", pause)
    if passes(code, getattr(error, "status_code", None)):
        return TryAgain(f"{code}: {message}")
    return CloudRefused(code, message, str(getattr(error, "request_id", "") or ""))


def _ecs(config: Any, region: str) -> Any:  # noqa: ARG001
    from alibabacloud_ecs20140526.client import Client

    return Client(config)


def _vpc(config: Any, region: str) -> Any:  # noqa: ARG001
    from alibabacloud_vpc20160428.client import Client

    return Client(config)


def _eventbridge(config: Any, region: str) -> Any:
    from alibabacloud_eventbridge20200401.client import Client

    # https://www.alibabacloud.com/help/en/eventbridge/developer-reference/api-eventbridge-2020-04-01-endpoint
    config.endpoint = f"eventbridge-console.{region}.aliyuncs.com"
    return Client(config)


def _ram(config: Any, region: str) -> Any:  # noqa: ARG001
    from alibabacloud_ram20150501.client import Client

    # One address for all regions: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-endpoint
    config.endpoint = "ram.aliyuncs.com"
    return Client(config)


def _sts(config: Any, region: str) -> Any:
    from alibabacloud_sts20150401.client import Client

    config.endpoint = f"sts.{region}.aliyuncs.com"
    return Client(config)


def _fc(config: Any, region: str) -> Any:
    from alibabacloud_fc20230330.client import Client

    config.endpoint = f"fcv3.{region}.aliyuncs.com"
    return Client(config)


def _tablestore(config: Any, region: str) -> Any:
    from alibabacloud_tablestore20201209.client import Client

    config.endpoint = f"tablestore.{region}.aliyuncs.com"
    return Client(config)


_CLIENTS: dict[str, Callable[[Any, str], Any]] = {
    "ecs": _ecs,
    "vpc": _vpc,
    "eventbridge": _eventbridge,
    "ram": _ram,
    "sts": _sts,
    "fc": _fc,
    "tablestore": _tablestore,
}
