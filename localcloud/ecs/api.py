"""The actions of ECS: which there are, what each needs, and how a call comes to its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.commands import Commands
from localcloud.ecs.copying import Copies
from localcloud.ecs.disks import BlockDisks
from localcloud.ecs.groups import SecurityGroups
from localcloud.ecs.images import Images
from localcloud.ecs.instances import Instances
from localcloud.ecs.launching import Launches
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.listing import Listing
from localcloud.ecs.needs import Needs
from localcloud.ecs.offers import Offers
from localcloud.ecs.parameters import Params
from localcloud.ecs.seeding import Seeding
from localcloud.ecs.snapshots import Snapshots
from localcloud.ecs.state import State
from localcloud.ecs.tagging import Tags
from localcloud.ecs.telling import Telling
from localcloud.ecs.tokens import ClientTokens

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]


@dataclass(frozen=True)
class Action:
    """An action: what does it, what it must be told, and how it treats ClientToken and DryRun."""

    do: Callable[[Params], Answer]
    region: bool = True  # RegionId is mandatory
    token: errors.Refusal | None = None  # it takes a ClientToken; what it says when that was used for another call
    dry_run: bool = False  # a list that takes DryRun; what changes something looks at it by itself


class Ecs:
    """ECS of one cloud, all regions."""

    def __init__(self, cloud: "Cloud") -> None:
        #: What the account holds.
        self.state = State()
        self._permits = cloud.ram.permits
        self._needs = Needs(cloud.account, self.state)
        self._tokens = ClientTokens(cloud)
        listing, telling = Listing(cloud), Telling(cloud)
        snapshots = Snapshots(cloud, self.state, listing, telling)
        images = Images(cloud, self.state, listing, telling, snapshots)
        disks = BlockDisks(cloud, self.state, listing)
        lifecycle = Lifecycle(cloud, self.state, telling, images, disks)
        copies = Copies(cloud, self.state, telling, images, snapshots)
        self._actions: Mapping[str, Action] = {
            **_catalogue(Offers(self.state, listing)),
            **_images(images, copies, snapshots),
            **_instances(
                Instances(cloud, self.state, listing, lifecycle),
                Launches(cloud, self.state, listing, lifecycle),
                disks,
            ),
            **_groups(SecurityGroups(cloud, self.state, listing)),
            **_tags(Tags(self.state, listing)),
            **_commands(Commands(cloud, self.state, listing, telling, lifecycle)),
        }
        Seeding(cloud, self.state, lifecycle).fill()

    @property
    def actions(self) -> tuple[str, ...]:
        """The names of all actions that are here."""
        return tuple(self._actions)

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        action = self._actions.get(call.action)
        if action is None:
            raise errors.ACTION_NOT_FOUND.error(call.action)
        self._permits.demand(call, self._needs.of(call), lambda _: errors.FORBIDDEN.error())
        params = Params.of(call)
        if action.region:
            params.need("RegionId")
        if action.token is None or params.flag("DryRun"):
            answer = action.do(params)
        else:
            answer = self._tokens.once(call, lambda: action.do(params), action.token)
        if action.dry_run and params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        return answer

    def addresses_in(self, region: str, vswitch_id: str) -> frozenset[str]:
        """The private addresses that instances have in a vSwitch."""
        return self.state.of(region).addresses_in(vswitch_id)


def _catalogue(offers: Offers) -> dict[str, Action]:
    return {
        "DescribeRegions": Action(offers.regions, region=False),
        "DescribeZones": Action(offers.zones),
        "DescribeInstanceTypes": Action(offers.types, region=False),
        "DescribeAvailableResource": Action(offers.available),
    }


def _images(images: Images, copies: Copies, snapshots: Snapshots) -> dict[str, Action]:
    return {
        "DescribeImages": Action(images.describe, dry_run=True),
        "CreateImage": Action(images.create, token=errors.IMAGE_TOKEN_REUSED),
        "DeleteImage": Action(images.delete),
        "CopyImage": Action(copies.copy, token=errors.TOKEN_REUSED),
        "CancelCopyImage": Action(copies.cancel),
        "DescribeSnapshots": Action(snapshots.describe, dry_run=True),
        "CreateSnapshot": Action(snapshots.create, region=False, token=errors.SNAPSHOT_TOKEN_REUSED),
        "DeleteSnapshot": Action(snapshots.delete, region=False),
    }


def _instances(instances: Instances, launches: Launches, disks: BlockDisks) -> dict[str, Action]:
    return {
        "RunInstances": Action(launches.run, token=errors.TOKEN_REUSED),
        "DescribeInstances": Action(instances.describe, dry_run=True),
        "DescribeInstanceStatus": Action(instances.statuses),
        "DescribeInstanceAttribute": Action(instances.attribute, region=False),
        "StartInstance": Action(instances.start, region=False),
        "StopInstance": Action(instances.stop, region=False),
        "DeleteInstance": Action(instances.delete, region=False),
        "DeleteInstances": Action(instances.delete_several, token=errors.TOKEN_REUSED),
        "ModifyInstanceAttribute": Action(instances.modify, region=False),
        "DescribeDisks": Action(disks.describe, dry_run=True),
    }


def _groups(groups: SecurityGroups) -> dict[str, Action]:
    return {
        "DescribeSecurityGroups": Action(groups.describe, dry_run=True),
        "DescribeSecurityGroupAttribute": Action(groups.attribute),
        "ModifySecurityGroupPolicy": Action(groups.set_policy),
        "CreateSecurityGroup": Action(groups.create, token=errors.TOKEN_REUSED),
        "DeleteSecurityGroup": Action(groups.delete),
        "AuthorizeSecurityGroup": Action(groups.allow_in, token=errors.TOKEN_REUSED),
        "AuthorizeSecurityGroupEgress": Action(groups.allow_out, token=errors.TOKEN_REUSED),
        "RevokeSecurityGroup": Action(groups.revoke_in, token=errors.TOKEN_REUSED),
        "RevokeSecurityGroupEgress": Action(groups.revoke_out, token=errors.TOKEN_REUSED),
        "JoinSecurityGroup": Action(groups.join, region=False),
        "LeaveSecurityGroup": Action(groups.leave, region=False),
    }


def _tags(tags: Tags) -> dict[str, Action]:
    return {
        "TagResources": Action(tags.tag),
        "UntagResources": Action(tags.untag),
        "ListTagResources": Action(tags.list),
    }


def _commands(commands: Commands) -> dict[str, Action]:
    return {
        "RunCommand": Action(commands.run, token=errors.TOKEN_REUSED),
        "DescribeInvocations": Action(commands.invocations),
        "DescribeInvocationResults": Action(commands.results),
        "StopInvocation": Action(commands.stop),
        "DescribeCloudAssistantStatus": Action(commands.agents),
    }
