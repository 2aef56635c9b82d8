"""What an install needs at the cloud before its functions run.  It can be made again and again."""

from collections.abc import Iterator, Mapping

from shared.acts import token_of
from shared.cloud.bus import EventBus, Target
from shared.cloud.networks import Networks
from shared.cloud.ownership import GROUP, INSTALL
from shared.ports import Looks
from shared.problem import BadInput, Problem
from shared.replication.commands import COMMANDS, Command
from shared.replication.model import Kept

DEAD_LETTERS = "ferry-dead-letters"
CLOUD_EVENTS = "ferry-cloud-events"
#: ECS's events that hint at the end of a wait; a field of a rule takes five expressions at most.
#: https://help.aliyun.com/en/eventbridge/product-overview/limits
HINTING = ("ecs:Image:", "ecs:Snapshot:", "ecs:Instance:", "ecs:CloudAssistant:")
#: Where Cloud Assistant, the metadata service and the cloud's own name servers are.
CLOUD_SERVICES = "100.100.0.0/16"


class Provisioned(Kept):
    """One thing that is there now; `made` says whether it was made or put right just now."""

    kind: str
    name: str
    made: bool


class Provisioner:
    """Makes bus, rules, topics, queues and quarantine groups through the real SDKs."""

    def __init__(
        self,
        *,
        install: str,
        account: str,
        region: str,
        bus: EventBus,
        default_bus: EventBus,
        queues: Looks,
        networks: Networks,
        looks_queue: str = "ferry-looks",
    ) -> None:
        self._install = install
        self._account = account
        self._region = region
        self._bus = bus
        self._default_bus = default_bus
        self._queues = queues
        self._networks = networks
        self._looks_queue = looks_queue

    def chain(self) -> Iterator[Provisioned]:
        """The bus, a rule and a topic for each command, the queues, and the rule for ECS's own events."""
        for queue in (self._looks_queue, DEAD_LETTERS):
            yield Provisioned(kind="queue", name=queue, made=self._queues.make_queue(queue))
        for topic in (*(topic_of(command) for command in COMMANDS), CLOUD_EVENTS):
            yield Provisioned(kind="topic", name=topic, made=self._queues.make_topic(topic))
        yield Provisioned(kind="bus", name="ferry", made=self._bus.make_bus())
        for command in COMMANDS:
            pattern = {"source": ["ferry"], "type": [command.event_type()]}
            yield self._rule(self._bus, topic_of(command), pattern, self._topic(topic_of(command)))
        known = [command.event_type() for command in COMMANDS]
        yield self._rule(self._bus, "ferry-unknown", {"type": [{"anything-but": known}]}, self._queue(DEAD_LETTERS))
        hints = {"source": ["acs.ecs"], "type": [{"prefix": prefix} for prefix in HINTING]}
        yield self._rule(self._default_bus, CLOUD_EVENTS, hints, self._topic(CLOUD_EVENTS))

    def quarantine(self, vswitch_id: str) -> Provisioned:
        """The group of the vSwitch's VPC where replicas wait: no way in, none out but to the cloud's own services.

        A basic group lets everything out unless it is told not to.
        https://www.alibabacloud.com/help/en/ecs/user-guide/overview-44
        """
        vswitch = self._networks.vswitch(self._region, vswitch_id)
        if vswitch is None:
            problem = Problem(
                path="--vswitch",
                code="InvalidVSwitchId.NotFound",
                message=f"there is no vSwitch {vswitch_id} in {self._region}",
                fix="give the id of a vSwitch of the region that replicas go to",
            )
            raise BadInput((problem,))
        tags = {INSTALL: self._install, GROUP: "quarantine"}
        there = self._networks.tagged_groups(self._region, vswitch.vpc, tags)
        group = min((g.id for g in there), default="") or self._networks.create_group(
            self._region,
            vswitch.vpc,
            name=f"{self._install}-quarantine",
            tags=tags,
            token=token_of(self._install, vswitch.vpc, "quarantine"),
        )
        out = self._networks.allow_out
        out(self._region, group, policy="accept", cidr=CLOUD_SERVICES, ports="-1/-1", protocol="all", priority=1)
        out(self._region, group, policy="drop", cidr="0.0.0.0/0", ports="-1/-1", protocol="all", priority=100)
        self._networks.isolate(self._region, group)
        return Provisioned(kind="quarantine group", name=f"{group} in {vswitch.vpc}", made=not there)

    def _rule(self, bus: EventBus, name: str, pattern: Mapping[str, object], target: Target) -> Provisioned:
        letters = f"acs:mns:{self._region}:{self._account}:/queues/{DEAD_LETTERS}"
        return Provisioned(kind="rule", name=name, made=bus.make_rule(name, pattern, target, letters))

    def _topic(self, name: str) -> Target:
        return Target(kind="topic", name=name, endpoint=f"acs:mns:{self._region}:{self._account}:topics/{name}")

    def _queue(self, name: str) -> Target:
        return Target(kind="queue", name=name, endpoint=f"acs:mns:{self._region}:{self._account}:queues/{name}")


def topic_of(command: type[Command]) -> str:
    """The topic that carries a command to its function."""
    return f"ferry-{command.function().replace('_', '-')}"
