"""Instances are started, stopped and restarted, one by one or several at once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.models import Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import instances as refusals
from localcloud.ecs.state import Held, State
from localcloud.ecs.struck import struck
from localcloud.ecs.systemevents import SystemEvents
from localcloud.wire import ApiError

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_MOST = 100
#: What the answer says of one of several that is not there; the call itself is not refused.
_ABSENT = errors.INSTANCE_NOT_FOUND
#: What refuses an act on an instance by raising, and what does it.
_Act = Callable[[Params, Instance], None]


class Power:
    """Who runs and who does not, in one cloud."""

    def __init__(self, cloud: "Cloud", state: State, lifecycle: Lifecycle, events: SystemEvents) -> None:
        self._cloud = cloud
        self._state = state
        self._lifecycle = lifecycle
        self._events = events

    def start(self, params: Params) -> Answer:
        """StartInstance: from Stopped only."""
        return self._one(params, self._refuse_start, self._start)

    def stop(self, params: Params) -> Answer:
        """StopInstance: from Running only."""
        return self._one(params, _refuse_stop, self._stop)

    def reboot(self, params: Params) -> Answer:
        """RebootInstance: from Running only, by way of Starting."""
        return self._one(params, _refuse_reboot, self._reboot)

    def start_several(self, params: Params) -> Answer:
        """StartInstances."""
        return self._several(params, self._refuse_start, self._start)

    def stop_several(self, params: Params) -> Answer:
        """StopInstances."""
        return self._several(params, _refuse_stop, self._stop)

    def reboot_several(self, params: Params) -> Answer:
        """RebootInstances."""
        return self._several(params, _refuse_reboot, self._reboot)

    # --- one and several ---------------------------------------------------------------------------------------------

    def _one(self, params: Params, refuse: _Act, act: _Act) -> Answer:
        instance = self._state.of(params.region).instance(params.need("InstanceId"))
        refuse(params, instance)
        if params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        act(params, instance)
        return {}

    def _several(self, params: Params, refuse: _Act, act: _Act) -> Answer:
        """All together or none, or each for itself: the answer then tells of each what became of it."""
        held = self._state.of(params.region)
        ids = _asked_ids(params)
        together = _together(params)
        if together:
            if any(one not in held.instances for one in ids):
                raise refusals.NOT_FOUND.error()
            for one in ids:
                refuse(params, held.instances[one])
        if params.flag("DryRun"):
            raise refusals.DRY_RUN.error()
        done = [_done(params, held, one, refuse=None if together else refuse, act=act) for one in ids]
        return {"InstanceResponses": {"InstanceResponse": done}}

    # --- acts --------------------------------------------------------------------------------------------------------

    def _refuse_start(self, params: Params, instance: Instance) -> None:
        if instance.status != "Stopped" or instance.leaving:
            raise errors.INSTANCE_STATUS.error()
        if instance.stopped_mode == "StopCharging" and struck(self._cloud, params, "no_stock", instance.id):
            raise errors.RUN_NO_STOCK.error()

    def _start(self, _: Params, instance: Instance) -> None:
        self._lifecycle.start(instance)

    def _stop(self, params: Params, instance: Instance) -> None:
        self._lifecycle.stop(instance, _stopped_mode(params))

    def _reboot(self, _: Params, instance: Instance) -> None:
        self._lifecycle.reboot(instance)
        self._events.rebooted(instance.region, instance.id)


def _refuse_stop(params: Params, instance: Instance) -> None:
    params.flag("ForceStop")
    _stopped_mode(params)
    if instance.status != "Running":
        raise errors.INSTANCE_STATUS.error()


def _refuse_reboot(params: Params, instance: Instance) -> None:
    for name in ("ForceStop", "ForceReboot"):
        params.flag(name)
    if instance.status != "Running":
        raise errors.INSTANCE_STATUS.error()


def _stopped_mode(params: Params) -> str:
    mode = params.text("StoppedMode", "KeepCharging")
    if mode not in ("StopCharging", "KeepCharging"):
        raise errors.PARAMETER_INVALID.error("StoppedMode")
    return mode


def _asked_ids(params: Params) -> Sequence[str]:
    ids = params.each("InstanceId")
    if not ids:
        raise refusals.NONE_NAMED.error()
    if len(ids) > _MOST:
        raise refusals.TOO_MANY.error()
    return ids


def _together(params: Params) -> bool:
    mode = params.text("BatchOptimization", "AllTogether")
    if mode not in ("AllTogether", "SuccessFirst"):
        raise errors.PARAMETER_INVALID.error("BatchOptimization")
    return mode == "AllTogether"


def _done(params: Params, held: Held, instance_id: str, *, refuse: _Act | None, act: _Act) -> Answer:
    """What became of one instance of several."""
    instance = held.instances.get(instance_id)
    before = instance.status if instance else ""
    code, message = "200", "success"
    try:
        if instance is None:
            raise _ABSENT.error()
        if refuse is not None:
            refuse(params, instance)
        act(params, instance)
    except ApiError as no:
        code, message = no.code, no.message
    return {
        "InstanceId": instance_id,
        "Code": code,
        "Message": message,
        "PreviousStatus": before,
        "CurrentStatus": instance.status if instance else "",
    }
