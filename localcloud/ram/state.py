"""The state of RAM: the account's roles and policies."""

from localcloud.chance import stream
from localcloud.ram import errors
from localcloud.ram.models import Policy, Role


class State:
    """Roles and custom policies by name; capitals in a role's name make no difference."""

    def __init__(self) -> None:
        self.roles: dict[str, Role] = {}
        self.policies: dict[str, Policy] = {}
        self._roles_made = 0

    def find_role(self, name: str) -> Role | None:
        """The role, or None."""
        return self.roles.get(name.lower())

    def role(self, name: str) -> Role:
        """The role, or EntityNotExist.Role."""
        found = self.find_role(name)
        if found is None:
            raise errors.role_not_exist()
        return found

    def new_role_id(self, seed: int) -> str:
        """An id that no role ever had, one of the same name neither."""
        self._roles_made += 1
        return "3" + "".join(stream(seed, "role", self._roles_made).choices("0123456789", k=17))

    def policy(self, kind: str, name: str) -> Policy:
        """The policy, or EntityNotExist.Policy; the cloud's own (System) are not in the embedded cloud."""
        if kind != "Custom" or name not in self.policies:
            raise errors.policy_not_exist()
        return self.policies[name]

    def document(self, policy: str) -> str:
        """The document of a custom policy's default version."""
        held = self.policies[policy]
        return held.versions[held.default].document

    def holders(self, policy: str) -> list[Role]:
        """The roles that have the policy."""
        return [role for role in self.roles.values() if policy in role.attached]
