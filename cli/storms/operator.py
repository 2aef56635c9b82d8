"""The operator of a storm: asks for replications as people, programs and schedules do, and meddles with them."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cli.embedded import INSTALL
from cli.storms.storm import HERE, THERE, Errand, Meddling, Storm
from localcloud.fc.functions import Run
from shared.acceptance import NotFound, TooLate, accept, cancel, clean, replication_id
from shared.ports import StoreUnavailable, TryAgain
from shared.replication.commands import StartReplication
from shared.replication.machine import begin
from shared.replication.request import Request
from shared.web import HttpRequest, http_event

if TYPE_CHECKING:
    from cli.embedded import Install

#: An operator who gets no answer asks again, with the same key.
_PATIENCE = timedelta(minutes=1)
#: A producer of events hears nothing of what becomes of them: it sends again until the replication is there.
_EVENT_PATIENCE = timedelta(minutes=10)


class Deed(NamedTuple):
    """What an operator did, when, and after how many calls to the cloud."""

    at: datetime
    calls: int
    what: str


class Operator:
    """Carries out a storm's errands and meddlings, each at its moment."""

    def __init__(self, install: "Install", storm: Storm, is_there: Callable[[str], bool]) -> None:
        self._install = install
        self._app = install.app
        self._clock = install.cloud.cloud.clock
        self._is_there = is_there
        self._errands = {errand.key: errand for errand in storm.errands}
        #: What was done, and when, for the trace.
        self.deeds: list[Deed] = []
        self._open = 0
        for errand in storm.errands:
            self._plan(errand.at, partial(self._begin, errand))
        for meddling in storm.meddlings:
            self._plan(meddling.at, partial(self._meddle, meddling))

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to do."""
        return self._open == 0

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all replications that are asked for."""
        return tuple(self.id_of(errand) for errand in self._errands.values())

    def id_of(self, errand: Errand) -> str:
        """The id that the errand's replication has."""
        return replication_id(INSTALL, errand.key)

    def _plan(self, seconds: float, act: Callable[[], bool]) -> None:
        self._open += 1
        self._clock.at(self._clock.start + timedelta(seconds=seconds), lambda: self._try(act, _PATIENCE))

    def _try(self, act: Callable[[], bool], again: timedelta) -> None:
        """Act, and again later when there was no answer, or the time had not come."""
        try:
            done = act()
        except (StoreUnavailable, TryAgain):
            done = False
        if done:
            self._open -= 1
        else:
            self._clock.after(again, lambda: self._try(act, again))

    def _begin(self, errand: Errand) -> bool:
        self._note(f"asks for {errand.instance} as {self.id_of(errand)}, by {errand.by}")
        if errand.by == "api":
            self._ask_api(errand)
        elif errand.by == "event":
            self._send_event(errand)
        else:
            accept(_request(errand), errand.key, self._app)
        return True

    def _ask_api(self, errand: Errand) -> None:
        """Ask the function `api`; the answer is not waited for, but looked for later."""
        body = _request(errand).model_dump_json().encode()
        asked = HttpRequest(method="POST", path="/v1/replications", headers={"idempotency-key": errand.key}, body=body)
        function = self._install.cloud.cloud.fc.find(f"{INSTALL}-api")
        self._open += 1

        def answered(run: Run) -> None:
            good = run.error is None and json.loads(run.body)["statusCode"] < 300
            self._open -= 1
            if not good:
                self._again(errand, _PATIENCE)

        self._install.cloud.cloud.fc.invoke(function, http_event(asked), answered)

    def _send_event(self, errand: Errand) -> None:
        request, now = _request(errand), self._clock.now
        record = begin(request, id=self.id_of(errand), install=INSTALL, at=now)
        self._again(errand, _EVENT_PATIENCE)
        self._app.bus.publish(record, (StartReplication(key=errand.key, request=request),))

    def _again(self, errand: Errand, patience: timedelta) -> None:
        """Begin the errand once more if nothing has come of it by then."""
        self._open += 1

        def look() -> None:
            self._open -= 1
            if not self._is_there(self.id_of(errand)):
                self._open += 1
                self._try(partial(self._begin, errand), patience)

        self._clock.after(patience, look)

    def _meddle(self, meddling: Meddling) -> bool:
        errand = self._errands[meddling.key]
        id_ = self.id_of(errand)
        if not self._is_there(id_):
            return False
        self._note(f"{meddling.kind}: {id_}")
        try:
            if meddling.kind == "again":
                accept(_request(errand), errand.key, self._app)
            elif meddling.kind == "cancel":
                cancel(id_, "storm", self._app.store, self._clock.now)
            else:
                clean(id_, "storm", self._app.store, self._clock.now)
        except TooLate as no:
            self._note(f"{meddling.kind} refused: {no}")
            return meddling.kind == "cancel" or "succeeded" in str(no)
        except NotFound:
            return False
        return True

    def _note(self, deed: str) -> None:
        self.deeds.append(Deed(self._clock.now, len(self._install.cloud.cloud.calls), deed))


def _request(errand: Errand) -> Request:
    return Request.model_validate(
        {
            "source": {"region": HERE, "instance": errand.instance},
            "target": {"region": THERE, "vswitch": "vsw-b", "security_groups": ["sg-b"]},
            "goal": errand.goal,
            "keep_source_image": errand.keep_source_image,
            "on_proof_failure": errand.on_proof_failure,
        }
    )
