"""The RAM roles of instances: AttachInstanceRamRole, DetachInstanceRamRole, DescribeInstanceRamRole.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-attachinstanceramrole and its like (read
2026-11).  UNVERIFIED: which code the result of an instance has that keeps another role, or that lacks the named one.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import roles as refusals
from localcloud.ecs.state import Held, State
from localcloud.ram.trust import Callers
from localcloud.texts import read_json

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_MOST = 100
_PAGE = 50
_ECS: Callers = frozenset({("Service", "ecs.aliyuncs.com")})


class InstanceRoles:
    """The roles of one cloud's instances."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    def attach(self, params: Params) -> Answer:
        """AttachInstanceRamRole: an instance has one; what has another keeps it and counts as failed.

        The policy that may narrow the role down is not read: nothing in an instance acts by its role.
        """
        held = self._state.of(params.region)
        name = params.need("RamRoleName")
        instances = _named(params, held)
        self._refuse_role(name)
        failed = [one for one in instances if one.ram_role not in ("", name)]
        for instance in instances:
            instance.ram_role = instance.ram_role or name
        results = [_result(one, "success", failed=one in failed) for one in instances]
        return _answer("AttachInstanceRamRoleResult", name, failed, results)

    def detach(self, params: Params) -> Answer:
        """DetachInstanceRamRole: the named role, or whichever an instance has; another one stays and counts as failed.

        An instance without any is as it shall be.
        """
        held = self._state.of(params.region)
        name, instances = params.text("RamRoleName"), _named(params, held)
        failed = [one for one in instances if name and one.ram_role not in ("", name)]
        results = [
            {**_result(one, "Success", failed=one in failed), **_sets([] if one in failed else [one])}
            for one in instances
        ]
        for instance in instances:
            instance.ram_role = instance.ram_role if instance in failed else ""
        return _answer("DetachInstanceRamRoleResult", name, failed, results)

    def describe(self, params: Params) -> Answer:
        """DescribeInstanceRamRole: of the named instances, or of all that have the named role, at most 50 a page.

        An instance without a role is not among them.
        """
        held = self._state.of(params.region)
        if not params.has("InstanceIds") and not params.has("RamRoleName"):
            raise refusals.NOTHING_ASKED.error()
        known = _named(params, held) if params.has("InstanceIds") else held.instances.values()
        chosen = [
            one
            for one in self._listing.visible(known)
            if one.ram_role and params.text("RamRoleName", one.ram_role) == one.ram_role
        ]
        page, head = self._listing.numbered_page(params, chosen, most=_PAGE)
        return {"RegionId": params.region, "TotalCount": head["TotalCount"], **_sets(page)}

    def _refuse_role(self, name: str) -> None:
        """A role that is neither in RAM nor had by an instance of the world, or that ECS may not take on."""
        role = self._cloud.ram.state.find_role(name)
        if role is not None:
            if not self._cloud.ram.permits.trusts(role, _ECS, {}):
                raise refusals.NOT_OF_ECS.error()
        elif name not in self._of_the_world():
            raise refusals.UNKNOWN.error()

    def _of_the_world(self) -> frozenset[str]:
        regions = self._cloud.world.regions.values()
        return frozenset(one.ram_role for region in regions for one in region.instances if one.ram_role)


def _named(params: Params, held: Held) -> Sequence[Instance]:
    """The instances of InstanceIds: a JSON array of 1 to 100, each once, in order."""
    try:
        ids = read_json(params.need("InstanceIds"))
    except ValueError:
        ids = None
    if not isinstance(ids, list) or not 1 <= len(ids) <= _MOST or not all(isinstance(one, str) for one in ids):
        raise refusals.INSTANCES.error()
    if any(one not in held.instances for one in ids):
        raise refusals.INSTANCE_NOT_FOUND.error()
    return [held.instances[one] for one in dict.fromkeys(ids)]


def _result(one: Instance, well: str, *, failed: bool) -> Answer:
    no = refusals.INSTANCES
    code, message = (no.code, no.message) if failed else ("200", well)
    return {"InstanceId": one.id, "Success": not failed, "Code": code, "Message": message}


def _sets(instances: Sequence[Instance]) -> Answer:
    shown = [{"InstanceId": one.id, "RamRoleName": one.ram_role} for one in instances if one.ram_role]
    return {"InstanceRamRoleSets": {"InstanceRamRoleSet": shown}}


def _answer(kind: str, name: str, failed: Sequence[Instance], results: Sequence[Answer]) -> Answer:
    return {
        "RamRoleName": name,
        "TotalCount": len(results),
        "FailCount": len(failed),
        f"{kind}s": {kind: list(results)},
    }
