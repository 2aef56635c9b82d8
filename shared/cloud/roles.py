"""RAM roles, each with the one custom policy that bears its name."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from shared.cloud.errors import CloudRefused
from shared.cloud.ownership import check_owner
from shared.cloud.session import Session
from shared.replication.model import Kept

#: Who may take a function's role on: Function Compute, for the function.
#: https://help.aliyun.com/zh/functioncompute/fc/grant-function-compute-permissions-to-access-other-alibaba-cloud-services
TRUST: Mapping[str, object] = {
    "Version": "1",
    "Statement": [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": ["fc.aliyuncs.com"]}},
    ],
}
#: A policy has five versions at most.  https://www.alibabacloud.com/help/en/ram/product-overview/limits
MOST_VERSIONS = 5
_PAGE = 100
_CUSTOM = "Custom"


class RoleSeen(Kept):
    """A role as RAM lists it; `about` is its description."""

    name: str
    about: str


class PolicySeen(Kept):
    """A custom policy as RAM lists it; `about` is its description."""

    name: str
    about: str


class Roles:
    """RAM of the account: it has no regions."""

    def __init__(self, session: Session, region: str) -> None:
        self._session = session
        self._region = region

    def make_role(self, name: str, about: str) -> bool:
        """Make a role that Function Compute may take on, or put its trust right; whether anything was changed.

        Raises CloudRefused when there is a role of this name that *about* does not tell of.
        """
        from alibabacloud_ram20150501 import models

        asked = models.GetRoleRequest(role_name=name)
        there = self._found("get_role", asked, "EntityNotExist.Role")
        if there is None:
            made = models.CreateRoleRequest(
                role_name=name, description=about, assume_role_policy_document=_text(TRUST), max_session_duration=3600
            )
            if self._made("create_role", made):
                return True
            there = self._ask("get_role", asked)
        check_owner("role", name, there.role.description, about)
        if _same(there.role.assume_role_policy_document, TRUST):
            return False
        changed = models.UpdateRoleRequest(role_name=name, new_assume_role_policy_document=_text(TRUST))
        self._ask("update_role", changed)
        return True

    def make_policy(self, name: str, about: str, document: Mapping[str, object]) -> bool:
        """Make a custom policy, or give it *document* as its default version; whether anything was changed.

        Raises CloudRefused when there is a policy of this name that *about* does not tell of.
        """
        from alibabacloud_ram20150501 import models

        asked = models.GetPolicyRequest(policy_name=name, policy_type=_CUSTOM)
        there = self._found("get_policy", asked, "EntityNotExist.Policy")
        if there is None:
            made = models.CreatePolicyRequest(policy_name=name, description=about, policy_document=_text(document))
            if self._made("create_policy", made):
                return True
            there = self._ask("get_policy", asked)
        check_owner("policy", name, there.policy.description, about)
        version = there.default_policy_version
        if version and _same(version.policy_document, document):
            return False
        self._make_room(name)
        new = models.CreatePolicyVersionRequest(policy_name=name, policy_document=_text(document), set_as_default=True)
        self._ask("create_policy_version", new)
        return True

    def attach(self, policy: str, role: str) -> bool:
        """Give a role its policy; whether it had to be given."""
        from alibabacloud_ram20150501 import models

        if policy in self.attached(role):
            return False
        given = models.AttachPolicyToRoleRequest(policy_type=_CUSTOM, policy_name=policy, role_name=role)
        return self._made("attach_policy_to_role", given)

    def take_others(self, role: str, own: Collection[str]) -> bool:
        """Take from a role every policy but its *own* custom ones; whether it had another."""
        from alibabacloud_ram20150501 import models

        return self._take(models, role, {(_CUSTOM, policy) for policy in own})

    def attached(self, role: str) -> tuple[str, ...]:
        """The custom policies that a role has."""
        from alibabacloud_ram20150501 import models

        return tuple(name for kind, name in self._policies_of(models, role) if kind == _CUSTOM)

    def roles(self) -> Iterator[RoleSeen]:
        """The account's roles."""
        from alibabacloud_ram20150501 import models

        for body in self._pages("list_roles", lambda marker: models.ListRolesRequest(marker=marker, max_items=_PAGE)):
            for role in body.roles.role if body.roles else []:
                yield RoleSeen(name=role.role_name, about=role.description or "")

    def policies(self) -> Iterator[PolicySeen]:
        """The account's custom policies."""
        from alibabacloud_ram20150501 import models

        def page(marker: str | None) -> Any:
            return models.ListPoliciesRequest(policy_type=_CUSTOM, marker=marker, max_items=_PAGE)

        for body in self._pages("list_policies", page):
            for policy in body.policies.policy if body.policies else []:
                yield PolicySeen(name=policy.policy_name, about=policy.description or "")

    def delete_role(self, name: str) -> None:
        """Take from a role what it was given, and delete it."""
        from alibabacloud_ram20150501 import models

        self._take(models, name, frozenset())
        self._ask("delete_role", models.DeleteRoleRequest(role_name=name))

    def delete_policy(self, name: str) -> None:
        """Delete a custom policy that nobody has any more, its other versions first."""
        from alibabacloud_ram20150501 import models

        for version in self._versions(models, name):
            if not version.is_default_version:
                self._delete_version(models, name, version.version_id)
        self._ask("delete_policy", models.DeletePolicyRequest(policy_name=name))

    def _make_room(self, policy: str) -> None:
        """Delete the oldest version that is not the default one, if there is no room for another."""
        from alibabacloud_ram20150501 import models

        versions = self._versions(models, policy)
        if len(versions) >= MOST_VERSIONS:
            spare = [version for version in versions if not version.is_default_version]
            oldest = min(spare, key=lambda version: int(version.version_id.removeprefix("v")))
            self._delete_version(models, policy, oldest.version_id)

    def _take(self, models: Any, role: str, left: Collection[tuple[str, str]]) -> bool:
        """Take a role's policies, by kind and name, but those that it is left; whether there were any."""
        taken = [one for one in self._policies_of(models, role) if one not in left]
        for kind, policy in taken:
            detach = models.DetachPolicyFromRoleRequest(policy_type=kind, policy_name=policy, role_name=role)
            self._ask("detach_policy_from_role", detach)
        return bool(taken)

    def _policies_of(self, models: Any, role: str) -> tuple[tuple[str, str], ...]:
        body = self._ask("list_policies_for_role", models.ListPoliciesForRoleRequest(role_name=role))
        found = body.policies.policy if body.policies else []
        return tuple((policy.policy_type, policy.policy_name) for policy in found or [])

    def _versions(self, models: Any, policy: str) -> list[Any]:
        request = models.ListPolicyVersionsRequest(policy_name=policy, policy_type=_CUSTOM)
        body = self._ask("list_policy_versions", request)
        return list(body.policy_versions.policy_version or []) if body.policy_versions else []

    def _delete_version(self, models: Any, policy: str, version: str) -> None:
        request = models.DeletePolicyVersionRequest(policy_name=policy, version_id=version)
        self._ask("delete_policy_version", request)

    def _pages(self, action: str, request: Any) -> Iterator[Any]:
        marker: str | None = None
        while True:
            body = self._ask(action, request(marker))
            yield body
            if not body.is_truncated:
                return
            marker = body.marker

    def _found(self, action: str, request: object, missing: str) -> Any | None:
        try:
            return self._ask(action, request)
        except CloudRefused as no:
            if no.code != missing:
                raise
            return None

    def _made(self, action: str, request: object) -> bool:
        """Make something; false when somebody else has made it meanwhile."""
        try:
            self._ask(action, request)
        except CloudRefused as no:
            if not no.code.startswith("EntityAlreadyExist"):
                raise
            return False
        return True

    def _ask(self, action: str, request: object) -> Any:
        return self._session.ask("ram", self._region, action, request)


def _text(document: Mapping[str, object]) -> str:
    return json.dumps(document, sort_keys=True)


def _same(text: str | None, document: Mapping[str, object]) -> bool:
    try:
        return bool(json.loads(text or "{}") == document)
    except ValueError:
        return False
