"""Instances: DescribeInstances and its like, Delete, Modify.  They are made in launching.py, started in power.py."""

import base64
import re
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.catalogue import type_of
from localcloud.ecs.credentials import check_password
from localcloud.ecs.groups import refuse_mixed
from localcloud.ecs.lifecycle import Lifecycle
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance
from localcloud.ecs.narrowing import Fields, asked_facts, asks_for_locked, choice, made_within, shows
from localcloud.ecs.offers import local_storage
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import lists as refusals
from localcloud.ecs.state import Held, State
from localcloud.ecs.tagging import asked_tags, bears, shown_tags
from localcloud.ecs.times import minute
from localcloud.globs import glob

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
#: 2 to 64 letters, digits, dots and dashes, none of the latter first, last or twice (help page RunInstances, HostName).
_HOST = re.compile(r"(?=.{2,64}$)[A-Za-z0-9]+([.-][A-Za-z0-9]+)*")
_MOST_USER_DATA = 32 * 1024
_NARROWS: Fields = {
    "DeviceAvailable": bool,
    "HttpEndpoint": str,
    "HttpTokens": str,
    "ImageId": str,
    "InstanceChargeType": str,
    "InstanceType": str,
    "InstanceTypeFamily": str,
    "InternetChargeType": str,
    "IoOptimized": bool,
    "KeyPairName": str,
    "Status": str,
    "VSwitchId": str,
    "VpcId": str,
    "ZoneId": str,
}


class Instances:
    """The instances of one cloud."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing, lifecycle: Lifecycle) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing
        self._lifecycle = lifecycle

    # --- looking -----------------------------------------------------------------------------------------------------

    def describe(self, params: Params) -> Answer:
        """DescribeInstances; one that was released is simply absent."""
        held = self._state.of(params.region)
        ids, wanted = params.json_ids("InstanceIds"), asked_tags(params)
        addresses, elastic = params.json_ids("PrivateIpAddresses"), params.json_ids("EipAddresses")
        public, inner = params.json_ids("PublicIpAddresses"), params.json_ids("InnerIpAddresses")
        facts, span, locked = asked_facts(params, _NARROWS), made_within(params), asks_for_locked(params)
        network = choice(params, "InstanceNetworkType", ("vpc", "classic"), refusals.NETWORK_TYPE)
        chosen = [
            one
            for one in self._listing.visible(held.instances.values(), params)
            if (ids is None or one.id in ids)
            and (addresses is None or one.private_ip in addresses)
            and (elastic is None or self._elastic(one)["IpAddress"] in elastic)
            and (public is None or one.public_ip in public)
            and _named(params, one)
            and (not facts or shows(self._facts(held, one), facts))
            and span.holds(one.created)
            and not locked
            # The classic network is retired; only there instances had inner addresses.
            and network in ("", "vpc")
            and inner is None
            and (not params.has("SecurityGroupId") or params.text("SecurityGroupId") in one.groups)
            and bears(one, wanted)
        ]
        page, head = self._listing.page(params, chosen, most=100)
        return {**head, "Instances": {"Instance": [self._shown(held, one) for one in page]}}

    def statuses(self, params: Params) -> Answer:
        """DescribeInstanceStatus, at most 50 a page."""
        held = self._state.of(params.region)
        ids = params.each("InstanceId")
        chosen = [
            one
            for one in self._listing.visible(held.instances.values())
            if (not ids or one.id in ids) and params.text("ZoneId", one.zone) == one.zone
        ]
        page, head = self._listing.numbered_page(params, chosen, most=50)
        shown = [{"InstanceId": one.id, "Status": one.status} for one in page]
        return {**head, "InstanceStatuses": {"InstanceStatus": shown}}

    def attribute(self, params: Params) -> Answer:
        """DescribeInstanceAttribute: one instance, flat; a new one is there at once, as it is no list."""
        held = self._state.of(params.region)
        return self._flat(held.instance(params.need("InstanceId")))

    # --- acting ------------------------------------------------------------------------------------------------------

    def delete(self, params: Params) -> Answer:
        """DeleteInstance: a stopped one, or any with Force; snapshots stay."""
        instance = self._state.of(params.region).instance(params.need("InstanceId"))
        self._refuse_release(params, instance)
        if params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        self._release((instance,))
        return {}

    def delete_several(self, params: Params) -> Answer:
        """DeleteInstances: all of them or none."""
        held = self._state.of(params.region)
        ids = params.each("InstanceId")
        if not ids:
            raise errors.PARAMETER_MISSING.error("InstanceId")
        if len(ids) > 100:
            raise errors.INSTANCES_TOO_MANY.error()
        if any(one not in held.instances for one in ids):
            raise errors.INSTANCES_NOT_FOUND.error()
        instances = tuple(held.instances[one] for one in ids)
        for instance in instances:
            self._refuse_release(params, instance)
        if params.flag("DryRun"):
            raise errors.DELETE_DRY_RUN.error()
        self._release(instances)
        return {}

    def modify(self, params: Params) -> Answer:
        """ModifyInstanceAttribute: name, host name, description, protection, security groups, user data.

        A password is checked; nobody logs on here.
        """
        held = self._state.of(params.region)
        instance = held.instance(params.need("InstanceId"))
        name = params.name("InstanceName", errors.INSTANCE_NAME)
        host = host_name(params)
        description = params.description("Description", errors.INSTANCE_DESCRIPTION)
        groups = self._groups(params, held, instance)
        check_password(params)
        protected = params.flag("DeletionProtection", default=instance.deletion_protection)
        data = user_data(params)
        if data and instance.status != "Stopped":
            raise errors.INSTANCE_STATUS.error()
        instance.name = name or instance.name
        instance.host_name = host or instance.host_name
        instance.description = description or instance.description
        instance.groups = groups or instance.groups
        instance.deletion_protection = protected
        instance.user_data = data or instance.user_data
        return {}

    def _release(self, instances: tuple[Instance, ...]) -> None:
        for instance in instances:
            if not instance.leaving:
                self._lifecycle.release(instance)

    def _refuse_release(self, params: Params, instance: Instance) -> None:
        params.flag("TerminateSubscription")  # which is about a subscription that has expired: none does
        if instance.leaving:
            return
        if instance.deletion_protection:
            raise errors.INSTANCE_PROTECTED.error()
        if instance.charge_type != "PostPaid":
            raise errors.INSTANCE_CHARGE_TYPE.error()
        if instance.boots == 0 and instance.status in ("Pending", "Starting"):
            raise errors.INSTANCE_INITIALIZING.error()
        if not params.flag("Force") and instance.status == "Running":
            raise errors.INSTANCE_STATUS.error()
        if instance.status not in ("Stopped", "Running"):
            raise errors.INSTANCE_STATUS.error()

    def _groups(self, params: Params, held: Held, instance: Instance) -> list[str]:
        groups = [held.group(one) for one in params.each("SecurityGroupIds")]
        if any(group.vpc_id != instance.vpc_id for group in groups):
            raise errors.GROUP_OTHER_VPC.error()
        refuse_mixed(groups)
        return [group.id for group in groups]

    # --- showing -----------------------------------------------------------------------------------------------------

    def _shown(self, held: Held, one: Instance) -> Answer:
        image = held.images.get(one.image_id)
        system = image.os_name if image else "Alibaba Cloud Linux 3.2104 LTS 64-bit"
        amount, gib = local_storage(held, one.id, one.type)
        address = {"PrivateIpAddress": one.private_ip, "Primary": True}
        interface = {
            "NetworkInterfaceId": one.eni_id,
            "Type": "Primary",
            "PrimaryIpAddress": one.private_ip,
            "MacAddress": mac(one.eni_id),
            "PrivateIpSets": {"PrivateIpSet": [address]},
        }
        # What only DescribeInstances has, on top of what DescribeInstanceAttribute answers, too.
        return self._flat(one) | {
            "InstanceTypeFamily": type_of(one.type).family,
            "OSType": "linux",
            "OSName": system,
            "OSNameEn": system,
            "StartTime": minute(one.started),
            "AutoReleaseTime": minute(one.release_at),
            "DeletionProtection": one.deletion_protection,
            "KeyPairName": one.key_pair,
            "ResourceGroupId": "",
            "Recyclable": False,
            "DeviceAvailable": True,
            "IoOptimized": True,
            "SpotStrategy": "NoSpot",
            "GPUAmount": 0,
            "GPUSpec": "",
            "LocalStorageAmount": amount,
            "LocalStorageCapacity": gib,
            "NetworkInterfaces": {"NetworkInterface": [interface]},
            "MetadataOptions": {"HttpEndpoint": one.metadata_endpoint, "HttpTokens": one.metadata_tokens},
            "Tags": shown_tags(one),
        }

    def _facts(self, held: Held, one: Instance) -> Answer:
        """What a call narrows by, with the names that it has there."""
        shown = self._shown(held, one)
        options = {"HttpEndpoint": one.metadata_endpoint, "HttpTokens": one.metadata_tokens}
        return shown | options | {"VpcId": one.vpc_id, "VSwitchId": one.vswitch_id}

    def _elastic(self, one: Instance) -> Answer:
        """The elastic IP address that the instance has; empty texts when it has none."""
        address = self._cloud.vpc.addresses.bound_to(one.region, one.id)
        if address is None:
            return {"AllocationId": "", "IpAddress": "", "InternetChargeType": ""}
        return {
            "AllocationId": address.id,
            "IpAddress": address.ip,
            "InternetChargeType": address.internet_charge_type,
            "Bandwidth": address.bandwidth,
            "IsSupportUnassociate": True,
        }

    def _flat(self, one: Instance) -> Answer:
        kind = type_of(one.type)
        return {
            "InstanceId": one.id,
            "InstanceName": one.name,
            "HostName": one.host_name,
            "Description": one.description,
            "Status": one.status,
            "RegionId": one.region,
            "ZoneId": one.zone,
            "InstanceType": one.type,
            "Cpu": kind.cores,
            "Memory": kind.memory * 1024,
            "ImageId": one.image_id,
            "InstanceNetworkType": "vpc",
            "VpcAttributes": {
                "VpcId": one.vpc_id,
                "VSwitchId": one.vswitch_id,
                "PrivateIpAddress": {"IpAddress": [one.private_ip]},
                "NatIpAddress": "",
            },
            "SecurityGroupIds": {"SecurityGroupId": list(one.groups)},
            "InnerIpAddress": {"IpAddress": []},
            # Before the public address, as at the real one: footmark, of Ansible, reads them in this order.
            "EipAddress": self._elastic(one),
            "PublicIpAddress": {"IpAddress": [one.public_ip] if one.public_ip else []},
            "OperationLocks": {"LockReason": []},
            "InstanceChargeType": one.charge_type,
            "InternetChargeType": one.internet_charge_type,
            "InternetMaxBandwidthIn": one.bandwidth_in,
            "InternetMaxBandwidthOut": one.bandwidth_out,
            "CreationTime": minute(one.created),
            "ExpiredTime": "2099-12-31T15:59Z",
            "StoppedMode": one.stopped_mode,
            "SerialNumber": "",
            "ClusterId": "",
            "VlanId": "",
            "IoOptimized": "optimized",
            "CreditSpecification": "",
        }


def _named(params: Params, one: Instance) -> bool:
    # DescribeInstances, InstanceName: "Fuzzy search with the asterisk (*) wildcard is supported" (read 2026-11).
    wanted = glob(params.text("InstanceName", "*"), single=False)
    return wanted.fullmatch(one.name) is not None


def mac(eni_id: str) -> str:
    """The hardware address of a network interface."""
    digits = eni_id.encode().hex()[-10:]
    return ":".join(["00", *(digits[place : place + 2] for place in range(0, 10, 2))])


def host_name(params: Params) -> str:
    """The call's HostName, checked."""
    name = params.text("HostName")
    if name and not is_host(name):
        raise errors.HOST_NAME.error()
    return name


def is_host(name: str) -> bool:
    """Whether a Linux can be called so."""
    return _HOST.fullmatch(name) is not None


def user_data(params: Params) -> str:
    """The call's UserData, checked: base64 of at most 32 KB."""
    text = params.text("UserData")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise errors.USER_DATA_ENCODING.error() from None
    if len(data) > _MOST_USER_DATA:
        raise errors.USER_DATA_SIZE.error()
    return text
