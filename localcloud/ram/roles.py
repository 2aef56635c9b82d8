"""Roles: who may take them on, and which policies are attached to them."""

from datetime import datetime
from typing import TYPE_CHECKING

from localcloud.ram import errors
from localcloud.ram.documents import check_trust
from localcloud.ram.models import Policy, Role, moment, shown_tags
from localcloud.ram.parameters import (
    Answer,
    description,
    need,
    page,
    policy_name,
    policy_type,
    role_name,
    session,
    tags,
)
from localcloud.ram.state import State

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call


class Roles:
    """The actions on roles."""

    def __init__(self, cloud: "Cloud", state: State) -> None:
        self._cloud = cloud
        self._state = state

    def create(self, call: "Call") -> Answer:
        """CreateRole."""
        name, trust = role_name(call), need(call, "AssumeRolePolicyDocument")
        check_trust(trust)
        if self._state.find_role(name):
            raise errors.role_already_exists()
        role = Role(
            name=name,
            trust=trust,
            description=description(call),
            session=session(call, "MaxSessionDuration", 3_600),
            created=self._cloud.clock.now,
            updated=self._cloud.clock.now,
            tags=tags(call),
            id=self._state.new_role_id(self._cloud.seed),  # the last: what is refused uses up none
        )
        self._state.roles[name.lower()] = role
        return {"Role": self._about(role)}

    def get(self, call: "Call") -> Answer:
        """GetRole."""
        return {"Role": self._about(self._state.role(role_name(call)))}

    def list(self, call: "Call") -> Answer:
        """ListRoles: without the trust policies."""
        wanted = tags(call)
        names = [key for key, role in self._state.roles.items() if wanted.items() <= role.tags.items()]
        found, beside = page(call, names)
        return {**beside, "Roles": {"Role": [self._listed(self._state.roles[name]) for name in found]}}

    def update(self, call: "Call") -> Answer:
        """UpdateRole: another trust policy, description or session."""
        role = self._state.role(role_name(call))
        trust = call.params.get("NewAssumeRolePolicyDocument", role.trust)
        check_trust(trust)
        text = description(call, "NewDescription") or role.description
        role.session = session(call, "NewMaxSessionDuration", role.session)
        role.trust, role.description, role.updated = trust, text, self._cloud.clock.now
        return {"Role": self._about(role)}

    def delete(self, call: "Call") -> Answer:
        """DeleteRole: one that no policy is attached to; its sessions end (UNVERIFIED: that they are as expired)."""
        role = self._state.role(role_name(call))
        if role.attached:
            raise errors.role_has_policies()
        del self._state.roles[role.name.lower()]
        self._cloud.keys.take_back(role.name)
        return {}

    def attach(self, call: "Call") -> Answer:
        """AttachPolicyToRole."""
        policy = self._state.policy(policy_type(call), policy_name(call))
        role = self._state.role(role_name(call))
        if policy.name in role.attached:
            raise errors.already_attached()
        role.attached[policy.name] = self._cloud.clock.now
        return {}

    def detach(self, call: "Call") -> Answer:
        """DetachPolicyFromRole."""
        policy = self._state.policy(policy_type(call), policy_name(call))
        role = self._state.role(role_name(call))
        if policy.name not in role.attached:
            raise errors.not_attached()
        del role.attached[policy.name]
        return {}

    def policies_of(self, call: "Call") -> Answer:
        """ListPoliciesForRole: all of them at once."""
        role = self._state.role(role_name(call))
        attached = [(self._state.policies[name], since) for name, since in sorted(role.attached.items())]
        return {"Policies": {"Policy": [_attached(policy, since) for policy, since in attached]}}

    def entities_of(self, call: "Call") -> Answer:
        """ListEntitiesForPolicy: users and groups are not in the embedded cloud."""
        policy = self._state.policy(policy_type(call), policy_name(call))
        holders = [
            {
                "RoleId": role.id,
                "RoleName": role.name,
                "Description": role.description,
                "Arn": self.arn(role),
                "AttachDate": moment(role.attached[policy.name]),
            }
            for role in self._state.holders(policy.name)
        ]
        return {"Roles": {"Role": holders}, "Users": {"User": []}, "Groups": {"Group": []}}

    def arn(self, role: Role) -> str:
        """The role's resource name, in which its own name is in small letters."""
        return f"acs:ram::{self._cloud.account}:role/{role.name.lower()}"

    def _about(self, role: Role) -> Answer:
        return {
            "RoleId": role.id,
            "RoleName": role.name,
            "Arn": self.arn(role),
            "Description": role.description,
            "AssumeRolePolicyDocument": role.trust,
            "MaxSessionDuration": role.session,
            "CreateDate": moment(role.created),
            "UpdateDate": moment(role.updated),
            "RolePrincipalName": f"{role.name.lower()}@role.{self._cloud.account}.onaliyunservice.com",
            "IsServiceLinkedRole": False,
        }

    def _listed(self, role: Role) -> Answer:
        hidden = ("AssumeRolePolicyDocument", "RolePrincipalName", "IsServiceLinkedRole")
        about = {name: value for name, value in self._about(role).items() if name not in hidden}
        return {**about, "Tags": shown_tags(role.tags)}


def _attached(policy: Policy, since: datetime) -> Answer:
    return {
        "PolicyName": policy.name,
        "PolicyType": "Custom",
        "Description": policy.description,
        "DefaultVersion": policy.default,
        "AttachDate": moment(since),
    }
