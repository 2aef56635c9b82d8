"""A function whose role has one policy: what it may ask of the cloud is what a test says."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alibabacloud_ram20150501 import models as m

from localcloud.runtime import Embedded, embedded
from localcloud.world import World
from tests.localcloud.ecs_world import a_world
from tests.localcloud.sdk import ACCOUNT, HOME, Project, ram

TRUST = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["fc.aliyuncs.com"]}}],
}
ROLE = f"role: acs:ram::{ACCOUNT}:role/asker"
HANDLER = """
    import json
    from tests.localcloud.asking import ask

    def handler(event, context):
        return json.dumps(ask(**json.loads(event)))
    """
OK = (200, "", "")
FORBIDDEN = "User not authorized to operate on the specified resource, or this API doesn't support RAM."
NO_PERMISSION = "You have no permission to access the requested resource, please contact the resource owner."
OWNER = "The OwnerId that your Access Key Id associated to is forbidden for this operation."
NOT_BY_RAM = "You are not authorized to do this action. You should be authorized by RAM."


class Asker:
    """A function whose role has one policy, and what it hears."""

    def __init__(self, cloud: Embedded) -> None:
        self.cloud = cloud

    def may(self, *statements: dict[str, Any]) -> None:
        """From now on its policy holds these statements alone."""
        document = json.dumps({"Version": "1", "Statement": list(statements)})
        request = m.CreatePolicyVersionRequest(
            policy_name="asker", policy_document=document, set_as_default=True, rotate_strategy=_ROTATE
        )
        ram().create_policy_version(request)

    def ask(self, product: str, action: str, *, function: str = "asker", **wire: Any) -> tuple[int, str, str]:
        """Status, code and message of what it hears; SMQ's SDK does not tell the status, the cloud's log does."""
        event = json.dumps({"product": product, "action": action, **wire}).encode()
        status, code, message = json.loads(self.cloud.invoke(function, event))
        return status or self.cloud.cloud.calls[-1].status, code, message


_ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


def allow(*actions: str, on: str | Sequence[str] = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": [*actions], "Resource": on, **more}


@contextmanager
def _a_world(folder: Path) -> Iterator[Embedded]:
    for name, file in (("root", "etc/motd"), ("data", "orders")):
        (folder / name / file).parent.mkdir(parents=True)
        (folder / name / file).write_text("x\n")
    world = World.model_validate({"regions": a_world(folder / "root", folder / "data", {})})
    with embedded(world, seed=1, state=folder / "disks", trusted_scripts=frozenset()) as cloud:
        yield cloud


def give(role: str, *statements: dict[str, Any]) -> None:
    """Make a role, and a policy of its name that is attached to it."""
    document = json.dumps({"Version": "1", "Statement": list(statements)})
    ram().create_role(m.CreateRoleRequest(role_name=role, assume_role_policy_document=json.dumps(TRUST)))
    ram().create_policy(m.CreatePolicyRequest(policy_name=role, policy_document=document))
    attach(role, role)


def detach(role: str, policy: str) -> None:
    """Detach a policy from a role."""
    ram().detach_policy_from_role(
        m.DetachPolicyFromRoleRequest(policy_name=policy, policy_type="Custom", role_name=role)
    )


@contextmanager
def an_asker(folder: Path) -> Iterator[Asker]:
    """The function `asker`, in a world with an instance; it may do nothing yet."""
    with _a_world(folder) as cloud:
        give("asker", allow("ecs:Nothing"))
        places = {"SMQ": cloud.smq_endpoint_for(HOME), "TABLESTORE": cloud.tablestore_endpoint_for(HOME)}
        env = f"{ROLE}\nenvironmentVariables: {json.dumps(places)}"
        Project(folder).function("asker", HANDLER, env).deploy(cloud)
        yield Asker(cloud)


def attach(role: str, policy: str) -> None:
    """Attach a policy to a role."""
    ram().attach_policy_to_role(m.AttachPolicyToRoleRequest(policy_name=policy, policy_type="Custom", role_name=role))
