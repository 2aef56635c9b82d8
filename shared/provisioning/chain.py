"""The chain that carries commands and events, and the groups where replicas wait."""

from collections.abc import Iterator, Mapping

from shared.acts import token_of
from shared.cloud.bus import EventBus, Target
from shared.cloud.networks import Egress
from shared.cloud.ownership import GROUP
from shared.problem import BadInput, Problem
from shared.provisioning.site import Site
from shared.provisioning.things import Provisioned
from shared.replication.commands import COMMANDS

#: ECS's events that hint at the end of a wait; a field of a rule takes five expressions at most.
#: https://help.aliyun.com/en/eventbridge/product-overview/limits
HINTING = ("ecs:Image:", "ecs:Snapshot:", "ecs:Instance:", "ecs:CloudAssistant:")
#: Where Cloud Assistant, the metadata service and the cloud's own name servers are.
CLOUD_SERVICES = "100.100.0.0/16"
#: All that a group in quarantine lets out.
_OUT = (
    Egress(policy="accept", cidr=CLOUD_SERVICES, ports="-1/-1", protocol="all", priority=1),
    Egress(policy="drop", cidr="0.0.0.0/0", ports="-1/-1", protocol="all", priority=100),
)


class Provisioner:
    """Makes bus, rules, topics, queues and quarantine groups through the real SDKs."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def chain(self) -> Iterator[Provisioned]:
        """The bus, a rule and a topic for each command, the queues, and the rule for ECS's own events."""
        names = self._site.names
        for queue in (names.looks, names.dead_letters):
            yield Provisioned(kind="queue", name=queue, made=self._site.queues.make_queue(queue))
        for topic in (*(names.topic(command.function()) for command in COMMANDS), names.cloud_events):
            yield Provisioned(kind="topic", name=topic, made=self._site.queues.make_topic(topic))
        yield Provisioned(kind="bus", name=names.bus, made=self._site.bus.make_bus(self._site.about))
        for command in COMMANDS:
            pattern = {"source": ["ferry"], "type": [command.event_type()]}
            topic = names.topic(command.function())
            yield self._rule(self._site.bus, topic, pattern, self._topic(topic))
        known = [command.event_type() for command in COMMANDS]
        letters = self._queue(names.dead_letters)
        yield self._rule(self._site.bus, names.unknown, {"type": [{"anything-but": known}]}, letters)
        hints = {"source": ["acs.ecs"], "type": [{"prefix": prefix} for prefix in HINTING]}
        yield self._rule(self._site.default_bus, names.cloud_events, hints, self._topic(names.cloud_events))

    def quarantine(self, vswitch_id: str) -> Provisioned:
        """The group of the vSwitch's VPC where replicas wait: no way in, none out but to the cloud's own services.

        A basic group lets everything out unless it is told not to.
        https://www.alibabacloud.com/help/en/ecs/user-guide/overview-44
        """
        vswitch = self._site.networks.vswitch(self._site.region, vswitch_id)
        if vswitch is None:
            problem = Problem(
                path="--vswitch",
                code="InvalidVSwitchId.NotFound",
                message=f"there is no vSwitch {vswitch_id} in {self._site.region}",
                fix="give the id of a vSwitch of the region that replicas go to",
            )
            raise BadInput((problem,))
        tags = self._site.tags | {GROUP: "quarantine"}
        there = self._site.networks.quarantine_groups(self._site.region, vswitch.vpc, self._site.names.install)
        group = min((g.id for g in there), default="") or self._site.networks.create_group(
            self._site.region,
            vswitch.vpc,
            name=self._site.names.quarantine,
            tags=tags,
            token=token_of(self._site.names.install, vswitch.vpc, "quarantine"),
        )
        closed = self._close(group)
        return Provisioned(kind="quarantine group", name=f"{group} in {vswitch.vpc}", made=closed or not there)

    def _close(self, group: str) -> bool:
        """Let nothing in or out of a group but to the cloud's own services; whether anything was changed."""
        networks, region = self._site.networks, self._site.region
        there = networks.rules(region, group)
        missing = [rule for rule in _OUT if rule not in there.egress.values()]
        for rule in missing:
            networks.allow_out(region, group, rule)
        holes = [id_ for id_, rule in there.egress.items() if rule not in _OUT]
        # One by one: when somebody closes the group at the same time, those that are gone stop none of the others.
        for hole in holes:
            networks.revoke_out(region, group, hole)
        for hole in there.ingress:
            networks.revoke_in(region, group, hole)
        if there.inner_access != "Drop":
            networks.isolate(region, group)
        return bool(missing or holes or there.ingress or there.inner_access != "Drop")

    def _rule(self, bus: EventBus, name: str, pattern: Mapping[str, object], target: Target) -> Provisioned:
        letters = f"acs:mns:{self._site.region}:{self._site.account}:/queues/{self._site.names.dead_letters}"
        return Provisioned(kind="rule", name=name, made=bus.make_rule(name, pattern, target, letters))

    def _topic(self, name: str) -> Target:
        return Target(
            kind="topic", name=name, endpoint=f"acs:mns:{self._site.region}:{self._site.account}:topics/{name}"
        )

    def _queue(self, name: str) -> Target:
        return Target(
            kind="queue", name=name, endpoint=f"acs:mns:{self._site.region}:{self._site.account}:queues/{name}"
        )
