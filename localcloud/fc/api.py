"""FC's protocols: which request is which action, and how what it refuses is told.

2023-03-30 as alibabacloud_fc20230330 speaks it, signed with ACS3; of 2016-08-15, signed with FC's own header as `fc2`
does it, there is InvokeFunction.  Functions are made from an s.yaml alone.
https://www.alibabacloud.com/help/en/functioncompute/error-codes (read 2026-11)
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from localcloud.door import Call
from localcloud.fc import errors, signing
from localcloud.fc.asked import Asked
from localcloud.fc.invoking import Invoking
from localcloud.fc.management import Management
from localcloud.fc.needs import needs
from localcloud.gateway.signing import Nonces
from localcloud.wire import ApiError, Request, Response, json_response

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

#: How the paths of its two APIs begin.
FC_PATHS = ("/2023-03-30/", "/2016-08-15/")
Answer = Callable[[Call, Asked], Response]


@dataclass(frozen=True)
class Route:
    """A request's method and path, its action, and how it is answered; ``*`` stands for a name."""

    method: str
    path: str
    action: str
    answer: Answer

    def names(self, request: Request) -> tuple[str, ...] | None:
        """What the path of *request* names, None when it is another action's."""
        pattern = re.escape(self.path).replace(r"\*", "([^/]+)")
        found = re.fullmatch(pattern, request.path) if request.method == self.method else None
        return None if found is None else tuple(unquote(name) for name in found.groups())


class FcApi:
    """The API of Function Compute, all regions."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        #: Every request that is answered.
        self.routes = tuple(_routes(cloud))
        self._nonces = Nonces()

    @staticmethod
    def speaks(request: Request) -> bool:
        """Whether *request* is one of FC's."""
        return request.path.startswith(FC_PATHS)

    def serve(self, region: str, request: Request) -> Response:
        """Answer one request; raises NoAnswer and Killed as the door does."""
        route, names = self._route(request)
        key = signing.key_of(request)
        call = Call(
            at=self._cloud.clock.now,
            service="fc",
            action=route.action,
            region=region,
            params={**request.query, **{f"Name{n or ''}": name for n, name in enumerate(names)}},
            access_key=key,
            token=request.headers.get("x-acs-security-token") or request.headers.get("x-fc-security-token"),
        )
        asked = Asked(region, names, request.query, request.headers, request.body)
        refuse = _refuse_3 if request.path.startswith("/2023-") else _refuse_2
        return self._cloud.door.let_in(
            call,
            errors.refusals(key),
            lambda call: self._do(call, route, asked),
            refuse,
            lambda secret: signing.check(request, secret, self._nonces),
        )

    def _do(self, call: Call, route: Route, asked: Asked) -> Response:
        needed = needs(self._cloud.account, call, asked)
        self._cloud.ram.permits.demand(call, needed, lambda need: errors.forbidden(need.action, need.resource))
        return _done(call, route, asked)

    def _route(self, request: Request) -> tuple[Route, tuple[str, ...]]:
        for route in self.routes:
            names = route.names(request)
            if names is not None:
                return route, names
        what = request.headers.get("x-acs-action") or f"{request.method} {request.path}"
        return Route(request.method, request.path, what, _unknown), ()


def _routes(cloud: "Cloud") -> Iterator[Route]:
    invoking, management, layers = Invoking(cloud), Management(cloud), cloud.fc.layers
    yield Route("POST", "/2016-08-15/services/*/functions/*/invocations", "InvokeFunction", invoking.by_service)
    for method, path, action, answer in (
        ("POST", "functions/*/invocations", "InvokeFunction", invoking.by_name),
        ("GET", "functions", "ListFunctions", management.list_functions),
        ("GET", "functions/*", "GetFunction", management.get_function),
        ("DELETE", "functions/*", "DeleteFunction", management.delete_function),
        ("GET", "functions/*/triggers", "ListTriggers", management.list_triggers),
        ("GET", "functions/*/triggers/*", "GetTrigger", management.get_trigger),
        ("DELETE", "functions/*/triggers/*", "DeleteTrigger", management.delete_trigger),
        ("GET", "async-invoke-configs", "ListAsyncInvokeConfigs", management.list_async_configs),
        ("GET", "functions/*/async-invoke-config", "GetAsyncInvokeConfig", management.get_async_config),
        ("DELETE", "functions/*/async-invoke-config", "DeleteAsyncInvokeConfig", management.delete_async_config),
        ("GET", "layers", "ListLayers", layers.list),
        ("POST", "layers/*/versions", "CreateLayerVersion", layers.create),
        ("GET", "layers/*/versions", "ListLayerVersions", layers.list_versions),
        ("GET", "layers/*/versions/*", "GetLayerVersion", layers.get),
        ("DELETE", "layers/*/versions/*", "DeleteLayerVersion", layers.delete),
        ("GET", "layerarn/*", "GetLayerVersionByArn", layers.get_by_arn),
    ):
        yield Route(method, f"/2023-03-30/{path}", action, answer)


def _unknown(call: Call, _: Asked) -> Response:
    raise errors.not_supported(call.action)


def _done(call: Call, route: Route, asked: Asked) -> Response:
    response = route.answer(call, asked)
    return Response(response.status, response.body, {"X-Fc-Request-Id": call.request_id.lower(), **response.headers})


def _refuse_3(call: Call, no: ApiError) -> Response:
    return _refused(call, no, {"RequestId": call.request_id.lower(), "Code": no.code, "Message": no.message})


def _refuse_2(call: Call, no: ApiError) -> Response:
    return _refused(call, no, {"ErrorCode": no.code, "ErrorMessage": no.message})


def _refused(call: Call, no: ApiError, body: dict[str, object]) -> Response:
    said = json_response(no.status, body)
    return Response(said.status, said.body, {**said.headers, "X-Fc-Request-Id": call.request_id.lower()})
