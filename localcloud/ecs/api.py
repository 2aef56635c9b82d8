"""The actions of ECS: which there are, what each needs, and how a call comes to its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.attachments import Attachments
from localcloud.ecs.commands import Commands
from localcloud.ecs.copying import Copies
from localcloud.ecs.diskchanges import DiskChanges
from localcloud.ecs.disks import BlockDisks
from localcloud.ecs.executions import Executions
from localcloud.ecs.families import Families
from localcloud.ecs.groups import SecurityGroups
from localcloud.ecs.imagechanges import ImageChanges
from localcloud.ecs.images import Images, newest_of
from localcloud.ecs.instanceroles import InstanceRoles
from localcloud.ecs.instances import Instances
from localcloud.ecs.keypairs import KeyPairs
from localcloud.ecs.launching import Launches
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.listing import Listing
from localcloud.ecs.maintenance import Maintenance
from localcloud.ecs.models import Image, Instance, Resource
from localcloud.ecs.needs import EcsNeeds
from localcloud.ecs.networking import Networking
from localcloud.ecs.networkinterfaces import Interfaces
from localcloud.ecs.offers import Offers
from localcloud.ecs.oldnetworks import OldNetworks
from localcloud.ecs.oldtags import OldTags
from localcloud.ecs.parameters import Params
from localcloud.ecs.power import Power
from localcloud.ecs.refusals.specs import TOKEN_REUSED as SPEC_TOKEN_REUSED
from localcloud.ecs.renewals import Renewals
from localcloud.ecs.rulechanges import RuleChanges
from localcloud.ecs.savedcommands import SavedCommands
from localcloud.ecs.seeding import Seeding
from localcloud.ecs.sharing import ImageSharing
from localcloud.ecs.snapshotcopies import SnapshotCopies
from localcloud.ecs.snapshotgroups import SnapshotGroups
from localcloud.ecs.snapshots import Snapshots
from localcloud.ecs.specs import Specs
from localcloud.ecs.state import State
from localcloud.ecs.systemdisks import SystemDisks
from localcloud.ecs.systemevents import SystemEvents
from localcloud.ecs.tagging import Tags
from localcloud.ecs.telling import Telling
from localcloud.ecs.tokens import ClientTokens
from localcloud.ecs.unmodelled import HARMLESS, NOT_DONE, refuse_unmodelled
from localcloud.ecs.userdata import UserData

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]


#: The parameters that say what a call is about, of actions that do not ask for a region.
_ABOUT = ("InstanceId", "DiskId", "SnapshotId", "SecurityGroupId", "ImageId")


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
        self._needs = EcsNeeds(cloud)
        self._tokens = ClientTokens(cloud)
        listing, telling = Listing(cloud), Telling(cloud)
        tags = Tags(self.state, listing)
        snapshots = Snapshots(cloud, self.state, listing, telling)
        images = Images(cloud, self.state, listing, telling, snapshots)
        disks = BlockDisks(cloud, self.state, listing)
        lifecycle = Lifecycle(cloud, self.state, telling, images, disks)
        events = SystemEvents(cloud, self.state, listing, telling)
        copies = Copies(cloud, self.state, telling, images, snapshots)
        executions = Executions(cloud, self.state, telling, lifecycle)
        saved = SavedCommands(cloud, self.state, listing, executions)
        #: Every action that is here, by its name.
        self.actions: Mapping[str, Action] = {
            **_catalogue(Offers(self.state, listing)),
            **_images(images, copies),
            **_image_changes(ImageChanges(self.state, images, telling), ImageSharing(cloud, self.state, listing)),
            **_snapshots(
                snapshots,
                SnapshotCopies(cloud, self.state, snapshots),
                SnapshotGroups(cloud, self.state, listing, snapshots),
            ),
            **_instances(
                Instances(cloud, self.state, listing, lifecycle),
                Launches(cloud, self.state, listing, lifecycle),
                Networking(cloud, self.state),
            ),
            **_details(
                UserData(self.state), Specs(cloud, self.state), Families(self.state), Maintenance(self.state, listing)
            ),
            **_roles(InstanceRoles(cloud, self.state, listing), Renewals(self.state, listing)),
            **_interfaces(Interfaces(cloud, self.state, listing)),
            **_power(Power(cloud, self.state, lifecycle, events)),
            **_disks(disks, Attachments(cloud, self.state, disks), DiskChanges(cloud, self.state, disks, lifecycle)),
            **_system_disks(SystemDisks(cloud, self.state, disks, listing)),
            **_groups(SecurityGroups(cloud, self.state, listing)),
            **_rule_changes(RuleChanges(self.state)),
            **_key_pairs(KeyPairs(cloud, self.state, listing)),
            **_tags(tags, OldTags(tags, listing)),
            **_old_networks(OldNetworks(cloud.vpc)),
            **_system_events(events),
            **_commands(Commands(cloud, self.state, listing, executions, saved)),
            **_saved_commands(saved),
        }
        Seeding(cloud, self.state, lifecycle).fill()

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        return perform(self.actions, self._tokens, call, self._admit)

    def _admit(self, call: "Call") -> None:
        self._permits.demand(call, self._needs.of(call), lambda _: errors.FORBIDDEN.error())
        refuse_unmodelled(Params.of(call), NOT_DONE, HARMLESS)

    def find(self, region: str, kind: str, id_: str) -> Resource | None:
        """What bears tags, by its region, the name of its kind and its id; None when there is no such thing."""
        return self.state.find(region, kind, id_)

    def region_of(self, sent: Mapping[str, str]) -> str:
        """The region of the thing that a call is about, by its id; empty when it names none that is there."""
        ids = [value for name, value in sent.items() if name.partition(".")[0] in _ABOUT]
        return next((region for one in ids if (region := self.state.region_of(one))), "")

    def instance(self, region: str, instance_id: str) -> Instance | None:
        """The instance, None when the region has none of this id."""
        return self.state.of(region).instances.get(instance_id)

    def newest_of(self, region: str, family: str) -> Image | None:
        """The image that a family stands for; None when no image there is of it."""
        return newest_of(self.state.of(region), family) if family else None

    def has_groups_in(self, region: str, vpc_id: str) -> bool:
        """Whether the network has security groups."""
        return any(group.vpc_id == vpc_id for group in self.state.of(region).groups.values())

    def addresses_in(self, region: str, vswitch_id: str) -> frozenset[str]:
        """The private addresses that instances have in a vSwitch."""
        return self.state.of(region).addresses_in(vswitch_id)


def perform(
    actions: Mapping[str, Action], tokens: ClientTokens, call: "Call", check_rights: Callable[["Call"], None]
) -> Answer:
    """The answer to *call* by the one of *actions* that it names; raises ApiError as the cloud refuses."""
    action = actions.get(call.action)
    if action is None:
        raise errors.ACTION_NOT_FOUND.error(call.action)
    check_rights(call)
    params = Params.of(call)
    if action.region:
        params.need("RegionId")
    if action.token is None or params.flag("DryRun"):
        answer = action.do(params)
    else:
        answer = tokens.once(call, lambda: action.do(params), action.token)
    if action.dry_run and params.flag("DryRun"):
        raise errors.DRY_RUN.error()
    return answer


def _catalogue(offers: Offers) -> dict[str, Action]:
    return {
        "DescribeRegions": Action(offers.regions, region=False),
        "DescribeZones": Action(offers.zones),
        "DescribeInstanceTypes": Action(offers.types, region=False),
        "DescribeAvailableResource": Action(offers.available),
    }


def _images(images: Images, copies: Copies) -> dict[str, Action]:
    return {
        "DescribeImages": Action(images.describe, dry_run=True),
        "CreateImage": Action(images.create, token=errors.IMAGE_TOKEN_REUSED),
        "DeleteImage": Action(images.delete),
        "CopyImage": Action(copies.copy, token=errors.TOKEN_REUSED),
        "CancelCopyImage": Action(copies.cancel),
    }


def _image_changes(changes: ImageChanges, sharing: ImageSharing) -> dict[str, Action]:
    return {
        "ModifyImageAttribute": Action(changes.modify),
        "DescribeImageFromFamily": Action(changes.newest),
        "ModifyImageSharePermission": Action(sharing.modify),
        "DescribeImageSharePermission": Action(sharing.describe),
    }


def _snapshots(snapshots: Snapshots, copies: SnapshotCopies, groups: SnapshotGroups) -> dict[str, Action]:
    return {
        "DescribeSnapshots": Action(snapshots.describe, dry_run=True),
        "CreateSnapshot": Action(snapshots.create, region=False, token=errors.SNAPSHOT_TOKEN_REUSED),
        "DeleteSnapshot": Action(snapshots.delete, region=False),
        "ModifySnapshotAttribute": Action(snapshots.modify, region=False),
        "CopySnapshot": Action(copies.copy, token=errors.TOKEN_REUSED),
        "CreateSnapshotGroup": Action(groups.create, token=errors.SNAPSHOT_TOKEN_REUSED),
        "DescribeSnapshotGroups": Action(groups.describe),
        "DeleteSnapshotGroup": Action(groups.delete),
    }


def _instances(instances: Instances, launches: Launches, networking: Networking) -> dict[str, Action]:
    return {
        "RunInstances": Action(launches.run, token=errors.TOKEN_REUSED),
        "CreateInstance": Action(launches.create, token=errors.TOKEN_REUSED),
        "DescribeInstances": Action(instances.describe, dry_run=True),
        "DescribeInstanceStatus": Action(instances.statuses),
        "DescribeInstanceAttribute": Action(instances.attribute, region=False),
        "DeleteInstance": Action(instances.delete, region=False),
        "DeleteInstances": Action(instances.delete_several, token=errors.TOKEN_REUSED),
        "ModifyInstanceAttribute": Action(instances.modify, region=False),
        "ModifyInstanceVpcAttribute": Action(networking.move, region=False),
        "AllocatePublicIpAddress": Action(networking.allocate, region=False),
    }


def _details(user_data: UserData, specs: Specs, families: Families, maintenance: Maintenance) -> dict[str, Action]:
    return {
        "DescribeUserData": Action(user_data.describe),
        "ModifyInstanceSpec": Action(specs.modify, region=False, token=SPEC_TOKEN_REUSED),
        "DescribeInstanceTypeFamilies": Action(families.describe),
        "DescribeInstanceMaintenanceAttributes": Action(maintenance.describe),
    }


def _roles(roles: InstanceRoles, renewals: Renewals) -> dict[str, Action]:
    return {
        "AttachInstanceRamRole": Action(roles.attach),
        "DetachInstanceRamRole": Action(roles.detach),
        "DescribeInstanceRamRole": Action(roles.describe),
        "DescribeInstanceAutoRenewAttribute": Action(renewals.describe),
    }


def _interfaces(interfaces: Interfaces) -> dict[str, Action]:
    return {"DescribeNetworkInterfaces": Action(interfaces.describe)}


def _power(power: Power) -> dict[str, Action]:
    return {
        "StartInstance": Action(power.start, region=False),
        "StopInstance": Action(power.stop, region=False),
        "RebootInstance": Action(power.reboot, region=False),
        "StartInstances": Action(power.start_several),
        "StopInstances": Action(power.stop_several),
        "RebootInstances": Action(power.reboot_several),
    }


def _disks(disks: BlockDisks, attachments: Attachments, changes: DiskChanges) -> dict[str, Action]:
    return {
        "DescribeDisks": Action(disks.describe, dry_run=True),
        "CreateDisk": Action(disks.create, token=errors.TOKEN_REUSED),
        "DeleteDisk": Action(disks.delete, region=False),
        "AttachDisk": Action(attachments.attach, region=False),
        "DetachDisk": Action(attachments.detach, region=False),
        "ModifyDiskAttribute": Action(changes.modify, region=False),
        "ResizeDisk": Action(changes.resize, region=False, token=errors.TOKEN_REUSED),
        "ReInitDisk": Action(changes.reinitialise, region=False),
    }


def _system_disks(disks: SystemDisks) -> dict[str, Action]:
    return {"ReplaceSystemDisk": Action(disks.replace, region=False, token=errors.TOKEN_REUSED)}


def _groups(groups: SecurityGroups) -> dict[str, Action]:
    return {
        "DescribeSecurityGroups": Action(groups.describe, dry_run=True),
        "DescribeSecurityGroupAttribute": Action(groups.attribute),
        "ModifySecurityGroupAttribute": Action(groups.modify),
        "ModifySecurityGroupPolicy": Action(groups.set_policy, token=errors.TOKEN_REUSED),
        "CreateSecurityGroup": Action(groups.create, token=errors.TOKEN_REUSED),
        "DeleteSecurityGroup": Action(groups.delete),
        "AuthorizeSecurityGroup": Action(groups.allow_in, token=errors.TOKEN_REUSED),
        "AuthorizeSecurityGroupEgress": Action(groups.allow_out, token=errors.TOKEN_REUSED),
        "RevokeSecurityGroup": Action(groups.revoke_in, token=errors.TOKEN_REUSED),
        "RevokeSecurityGroupEgress": Action(groups.revoke_out, token=errors.TOKEN_REUSED),
        "JoinSecurityGroup": Action(groups.join, region=False),
        "LeaveSecurityGroup": Action(groups.leave, region=False),
    }


def _rule_changes(changes: RuleChanges) -> dict[str, Action]:
    return {"ModifySecurityGroupRule": Action(changes.modify, token=errors.TOKEN_REUSED)}


def _key_pairs(pairs: KeyPairs) -> dict[str, Action]:
    return {
        "CreateKeyPair": Action(pairs.create),
        "ImportKeyPair": Action(pairs.take_in),
        "DescribeKeyPairs": Action(pairs.describe),
        "DeleteKeyPairs": Action(pairs.delete),
        "AttachKeyPair": Action(pairs.attach),
        "DetachKeyPair": Action(pairs.detach),
    }


def _tags(tags: Tags, old: OldTags) -> dict[str, Action]:
    return {
        "AddTags": Action(old.add),
        "RemoveTags": Action(old.remove),
        "DescribeTags": Action(old.describe),
        "TagResources": Action(tags.tag),
        "UntagResources": Action(tags.untag),
        "ListTagResources": Action(tags.list),
    }


def _system_events(events: SystemEvents) -> dict[str, Action]:
    return {
        "CreateSimulatedSystemEvents": Action(events.create),
        "CancelSimulatedSystemEvents": Action(events.cancel),
        "DescribeInstanceHistoryEvents": Action(events.describe),
    }


def _old_networks(old: OldNetworks) -> dict[str, Action]:
    """What moved to VPC (2016-04-28); older clients still ask ECS, and the state is the same."""
    networks, vswitches, addresses = old.vpc.networks, old.vpc.vswitches, old.vpc.addresses
    return {
        "CreateVpc": Action(networks.create, token=errors.TOKEN_REUSED),
        "ModifyVpcAttribute": Action(networks.modify, region=False),
        "DeleteVpc": Action(networks.delete, region=False),
        "DescribeVpcs": Action(old.describe_networks),
        "CreateVSwitch": Action(vswitches.create, region=False, token=errors.TOKEN_REUSED),
        "ModifyVSwitchAttribute": Action(vswitches.modify, region=False),
        "DeleteVSwitch": Action(vswitches.delete, region=False),
        "DescribeVSwitches": Action(old.describe_vswitches, region=False),
        "AllocateEipAddress": Action(old.allocate_address, token=errors.TOKEN_REUSED),
        "AssociateEipAddress": Action(addresses.associate, region=False),
        "UnassociateEipAddress": Action(old.unassociate_address, region=False),
        "ReleaseEipAddress": Action(addresses.release, region=False),
        "ModifyEipAddressAttribute": Action(addresses.modify, region=False),
        "DescribeEipAddresses": Action(old.describe_addresses),
    }


def _commands(commands: Commands) -> dict[str, Action]:
    return {
        "RunCommand": Action(commands.run, token=errors.TOKEN_REUSED),
        "DescribeInvocations": Action(commands.invocations),
        "DescribeInvocationResults": Action(commands.results),
        "StopInvocation": Action(commands.stop),
        "DescribeCloudAssistantStatus": Action(commands.agents),
    }


def _saved_commands(saved: SavedCommands) -> dict[str, Action]:
    return {
        "CreateCommand": Action(saved.create, token=errors.TOKEN_REUSED),
        "DescribeCommands": Action(saved.describe),
        "ModifyCommand": Action(saved.modify),
        "DeleteCommand": Action(saved.delete),
        "InvokeCommand": Action(saved.invoke, token=errors.COMMAND_TOKEN_REUSED),
    }
