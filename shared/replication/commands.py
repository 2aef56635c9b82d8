"""Orders to one function each: a class, a folder in functions/, a function in s.yaml and an event type share a name."""

import re

from pydantic import Field

from shared.replication.model import Kept
from shared.replication.request import Request

#: The form of the messages that this release sends; it reads this one and older ones, and leaves a newer one for later.
SCHEMA = 1


class Command(Kept):
    """An order.  It carries the replication's id and nothing that could be stale."""

    schema_: int = Field(SCHEMA, alias="schema")
    replication: str

    @classmethod
    def event_type(cls) -> str:
        """The CloudEvents type: ``ferry:CreateImage``."""
        return f"ferry:{cls.__name__}"

    @classmethod
    def function(cls) -> str:
        """The function that obeys: ``create_image``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class StartReplication(Command):
    """Accept a request; the one command that is an entrance, and so carries what was asked."""

    replication: str = ""
    key: str = Field(min_length=1, max_length=200)
    request: Request


class Precheck(Command):
    """Find out whether everything is there, and choose what must be chosen."""


class TakeManifest(Command):
    """Digest the source's disks, in its guest."""


class CreateImage(Command):
    """Image the source."""


class TagSnapshots(Command):
    """Put our ownership tags on the snapshots that an image brought with it."""


class CopyImage(Command):
    """Copy the image to the target region."""


class LaunchInstance(Command):
    """Launch the replica, in quarantine."""


class VerifyReplica(Command):
    """Ask the replica's guest (or the source's) for digests."""


class LeaveQuarantine(Command):
    """Give the proved replica the security groups that the request names."""


class CleanUp(Command):
    """Remove one thing that shall not stay."""


COMMANDS: tuple[type[Command], ...] = (
    StartReplication,
    Precheck,
    TakeManifest,
    CreateImage,
    TagSnapshots,
    CopyImage,
    LaunchInstance,
    VerifyReplica,
    LeaveQuarantine,
    CleanUp,
)

#: Event type to command class.
BY_TYPE: dict[str, type[Command]] = {command.event_type(): command for command in COMMANDS}
