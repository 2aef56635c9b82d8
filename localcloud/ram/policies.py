"""Custom policies and their versions."""

import re
from typing import TYPE_CHECKING

from localcloud.ram import errors
from localcloud.ram.documents import check_rights
from localcloud.ram.models import Policy, Version, moment, shown_tags
from localcloud.ram.parameters import (
    Answer,
    any_policy_type,
    description,
    flag,
    need,
    page,
    policy_name,
    policy_type,
    tags,
)
from localcloud.ram.state import State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

_MOST_VERSIONS = 5
_VERSION = re.compile(r"v[1-9][0-9]*")
_ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


class Policies:
    """The actions on policies."""

    def __init__(self, cloud: "Cloud", state: State) -> None:
        self._cloud = cloud
        self._state = state

    def create(self, call: "Call") -> Answer:
        """CreatePolicy: its document is version v1, the default one."""
        name, document = policy_name(call), need(call, "PolicyDocument")
        check_rights(document)
        if name in self._state.policies:
            raise errors.policy_already_exists()
        now = self._cloud.clock.now
        policy = Policy(
            name=name,
            description=description(call),
            created=now,
            updated=now,
            tags=tags(call),
            versions={"v1": Version("v1", document, now)},
            default="v1",
        )
        self._state.policies[name] = policy
        about = self._about(policy)
        return {"Policy": {key: value for key, value in about.items() if key not in ("UpdateDate", "AttachmentCount")}}

    def get(self, call: "Call") -> Answer:
        """GetPolicy, with the default version's document."""
        policy = self._state.policy(policy_type(call), policy_name(call))
        shown = _shown(policy, policy.versions[policy.default])
        return {"Policy": self._about(policy), "DefaultPolicyVersion": shown}

    def list(self, call: "Call") -> Answer:
        """ListPolicies: the cloud's own (System) are not in the embedded cloud."""
        wanted, kind = tags(call), any_policy_type(call)
        held = {} if kind == "System" else self._state.policies
        names = [name for name, policy in held.items() if wanted.items() <= policy.tags.items()]
        found, beside = page(call, names)
        shown = [{**self._about(held[name]), "Tags": shown_tags(held[name].tags)} for name in found]
        return {**beside, "Policies": {"Policy": shown}}

    def delete(self, call: "Call") -> Answer:
        """DeletePolicy: one that nobody has; CascadingDelete takes its other versions along."""
        policy, with_versions = self._state.policy("Custom", policy_name(call)), flag(call, "CascadingDelete")
        if self._state.holders(policy.name):
            raise errors.policy_has_roles()
        if len(policy.versions) > 1 and not with_versions:
            raise errors.policy_has_versions()
        del self._state.policies[policy.name]
        return {}

    # versions

    def create_version(self, call: "Call") -> Answer:
        """CreatePolicyVersion: five at most, unless the oldest that isn't the default may go."""
        policy, document = self._state.policy("Custom", policy_name(call)), need(call, "PolicyDocument")
        check_rights(document)
        rotate = call.params.get("RotateStrategy", "None")
        if rotate not in ("None", _ROTATE):
            raise errors.incorrect("RotateStrategy")
        as_default = flag(call, "SetAsDefault")
        if len(policy.versions) >= _MOST_VERSIONS:
            if rotate != _ROTATE:
                raise errors.too_many_versions()
            del policy.versions[next(one for one in policy.versions if one != policy.default)]
        policy.numbered += 1
        version = Version(f"v{policy.numbered}", document, self._cloud.clock.now)
        policy.versions[version.id] = version
        if as_default:
            policy.default = version.id
        policy.updated = self._cloud.clock.now
        return {"PolicyVersion": _shown(policy, version)}

    def get_version(self, call: "Call") -> Answer:
        """GetPolicyVersion."""
        policy = self._state.policy(policy_type(call), policy_name(call))
        return {"PolicyVersion": _shown(policy, _version(call, policy))}

    def list_versions(self, call: "Call") -> Answer:
        """ListPolicyVersions."""
        policy = self._state.policy(policy_type(call), policy_name(call))
        return {"PolicyVersions": {"PolicyVersion": [_shown(policy, one) for one in policy.versions.values()]}}

    def delete_version(self, call: "Call") -> Answer:
        """DeletePolicyVersion: not the default one."""
        policy = self._state.policy("Custom", policy_name(call))
        version = _version(call, policy)
        if version.id == policy.default:
            raise errors.version_is_default()
        del policy.versions[version.id]
        return {}

    def set_default(self, call: "Call") -> Answer:
        """SetDefaultPolicyVersion."""
        policy = self._state.policy("Custom", policy_name(call))
        policy.default = _version(call, policy).id
        policy.updated = self._cloud.clock.now
        return {}

    def _about(self, policy: Policy) -> Answer:
        return {
            "PolicyName": policy.name,
            "PolicyType": "Custom",
            "Description": policy.description,
            "DefaultVersion": policy.default,
            "CreateDate": moment(policy.created),
            "UpdateDate": moment(policy.updated),
            "AttachmentCount": len(self._state.holders(policy.name)),
        }


def _version(call: "Call", policy: Policy) -> Version:
    wanted = need(call, "VersionId")
    if not _VERSION.fullmatch(wanted):
        raise errors.malformed("VersionId")
    if wanted not in policy.versions:
        raise errors.version_not_exist()
    return policy.versions[wanted]


def _shown(policy: Policy, version: Version) -> Answer:
    return {
        "VersionId": version.id,
        "IsDefaultVersion": version.id == policy.default,
        "PolicyDocument": version.document,
        "CreateDate": moment(version.created),
    }
