"""How an instance's status changes: pending, starting, running, stopping, stopped, gone."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs.disks import BlockDisks
from localcloud.ecs.images import Images
from localcloud.ecs.models import Instance
from localcloud.ecs.state import State
from localcloud.ecs.telling import Telling
from localcloud.ecs.work import seconds
from localcloud.guests import Guest

if TYPE_CHECKING:
    from localcloud.cloud import Cloud


class Lifecycle:
    """Plans an instance's changes of status on the clock."""

    def __init__(self, cloud: "Cloud", state: State, telling: Telling, images: Images, disks: BlockDisks) -> None:
        self._cloud = cloud
        self._state = state
        self._telling = telling
        self._images = images
        self._disks = disks

    def launch(self, instance: Instance) -> None:
        """From its making to Running, 15 to 60 s later."""
        self._state.of(instance.region).instances[instance.id] = instance
        self._telling.instance(instance, "Created")
        self._telling.instance(instance)
        whole = self._takes(instance, "launch", 15, 60)
        self._later(instance, whole * 0.4, lambda: self._to(instance, "Starting"))
        self._later(instance, whole, lambda: self._run(instance))
        if instance.release_at is not None:
            self._cloud.clock.at(instance.release_at, lambda: self._gone(instance))

    def place(self, instance: Instance) -> None:
        """It is made, and Stopped: CreateInstance starts nothing.

        Apache Libcloud's driver starts a new instance at once, without waiting for any status.
        """
        self._state.of(instance.region).instances[instance.id] = instance
        self._telling.instance(instance, "Created")
        self._halt(instance, "KeepCharging")

    def start(self, instance: Instance) -> None:
        """From Stopped to Running."""
        self._images.fail_those_of(instance)
        self._to(instance, "Starting")
        self._later(instance, self._takes(instance, "start", 10, 40), lambda: self._run(instance))

    def reboot(self, instance: Instance) -> None:
        """From Running to Running, by way of Starting."""
        self._images.fail_those_of(instance)
        instance.agent_from = None
        self._to(instance, "Starting")
        self._later(instance, self._takes(instance, "reboot", 15, 60), lambda: self._run(instance))

    def stop(self, instance: Instance, mode: str) -> None:
        """From Running to Stopped."""
        self._images.fail_those_of(instance)
        instance.agent_from = None
        self._to(instance, "Stopping")
        self._later(instance, self._takes(instance, "stop", 5, 30), lambda: self._halt(instance, mode))

    def release(self, instance: Instance) -> None:
        """It goes, a few seconds after the call."""
        self._images.fail_those_of(instance)
        instance.leaving = True
        instance.agent_from = None
        if instance.status == "Running":
            self._to(instance, "Stopping")
        self._cloud.clock.after(self._takes(instance, "release", 1, 10), lambda: self._gone(instance))

    def resume(self, instance: Instance) -> None:
        """Go on from the status that a world gives an instance."""
        if instance.status == "Running":
            instance.booted = True
            instance.agent_from = self._cloud.clock.now if instance.has_agent else None
        elif instance.status in ("Pending", "Starting"):
            instance.booted = True
            self._later(instance, self._takes(instance, "start", 10, 40), lambda: self._run(instance))
        elif instance.status == "Stopping":
            self._later(instance, self._takes(instance, "stop", 5, 30), lambda: self._halt(instance, "KeepCharging"))

    def guest(self, instance: Instance) -> Guest:
        """What runs in the instance, with its disks."""
        disks = self._state.of(instance.region).disks_of(instance.id)
        return Guest(
            instance_id=instance.id,
            hostname=instance.host_name,
            private_ip=instance.private_ip,
            disks=tuple((disk.device, disk.id) for disk in disks if disk.status == "In_use"),
        )

    def _run(self, instance: Instance) -> None:
        if not instance.booted:
            self._cloud.guests.first_boot(self.guest(instance))
            instance.booted = True
        for disk in self._state.of(instance.region).disks_of(instance.id):
            disk.needs_restart = False
        instance.moved = False
        instance.boots += 1
        instance.started = self._cloud.clock.now
        instance.stopped_mode = "Not-applicable"
        if instance.has_agent:
            instance.agent_from = self._cloud.clock.now + self._takes(instance, "agent", 3, 10)
        self._to(instance, "Running")

    def _halt(self, instance: Instance, mode: str) -> None:
        instance.stopped_mode = mode
        self._to(instance, "Stopped")

    def _gone(self, instance: Instance) -> None:
        held = self._state.of(instance.region)
        if held.instances.get(instance.id) is not instance:
            return
        self._images.fail_those_of(instance)
        del held.instances[instance.id]
        self._disks.part(instance.id, instance.region)
        self._cloud.vpc.addresses.part(instance.region, instance.id)
        self._telling.instance(instance, "Deleted")

    def _to(self, instance: Instance, status: str) -> None:
        instance.status = status
        self._telling.instance(instance)

    def _later(self, instance: Instance, delay: timedelta, act: Callable[[], None]) -> None:
        """Plan a change; what is gone or going changes no more."""

        def change() -> None:
            known = self._state.of(instance.region).instances.get(instance.id)
            if known is instance and not instance.leaving:
                act()

        self._cloud.clock.after(delay, change)

    def _takes(self, instance: Instance, what: str, low: float, high: float) -> timedelta:
        return seconds(stream(self._cloud.seed, "instance", what, instance.id, instance.boots), low, high)
