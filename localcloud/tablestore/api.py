"""Tablestore's protocol: which request is which action, who may ask, and how an answer is signed.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/http-messages (read 2026-11), as the SDK
`tablestore` speaks it.  Cells have one version; transactions, search and SQL are not there.
"""

from typing import TYPE_CHECKING, Any

from localcloud.door import Call
from localcloud.tablestore import errors
from localcloud.tablestore.needs import needs
from localcloud.tablestore.service import State
from localcloud.wire import ApiError, Request, Response

if TYPE_CHECKING:
    from localcloud.cloud import Cloud


class Tablestore:
    """Tablestore of the whole account: one state, one data plane a region."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self.state = State(cloud)

    def serve(self, region: str, request: Request) -> Response:
        """Answer one request; raises NoAnswer and Killed as the door does."""
        call = Call(
            at=self._cloud.clock.now,
            service="tablestore",
            action=request.path.strip("/"),
            region=region,
            params={"InstanceName": request.headers.get("x-ots-instancename", "")},
            access_key=request.headers.get("x-ots-accesskeyid", ""),
            token=request.headers.get("x-ots-ststoken"),
        )
        try:
            return self._cloud.door.let_in(
                call,
                errors.REFUSALS,
                lambda call: self._do(call, request),
                lambda call, no: self._refuse(call, no, request),
                lambda secret: _check(request, secret),
            )
        finally:
            if "TableName" not in call.params:  # what never arrived was about something as well
                call.params = {**call.params, **_subject(request)}

    def _do(self, call: Call, request: Request) -> Response:
        # The SDK, whose classes read and write what is on the wire, takes half a second to import.
        from localcloud.tablestore import actions, signing

        instance = self.state.instance(call.region, call.params["InstanceName"])
        body = actions.answer(instance, call.action, request.body, lambda asked: self._demand(call, asked))
        return Response(200, body, signing.headers(request, body, call.request_id, self._cloud.door.secret_of(call)))

    def _demand(self, call: Call, asked: Any) -> None:
        """Write down what is asked about, and refuse a caller who has no right to it."""
        from localcloud.tablestore import actions

        call.params = {**call.params, **actions.subject(asked)}
        needed = needs(self._cloud.account, call, asked)
        self._cloud.ram.permits.demand(call, needed, lambda _: errors.forbidden())

    def _refuse(self, call: Call, no: ApiError, request: Request) -> Response:
        from localcloud.tablestore import actions, signing

        body = actions.refusal(no)
        return Response(
            no.status, body, signing.headers(request, body, call.request_id, self._cloud.door.secret_of(call))
        )


def _subject(request: Request) -> dict[str, str]:
    from localcloud.tablestore import actions

    return actions.subject_of(request.path.strip("/"), request.body)


def _check(request: Request, secret: str) -> None:
    # The SDK, whose classes sign what is on the wire, takes half a second to import.
    from localcloud.tablestore import signing

    signing.check_request(request, secret)
