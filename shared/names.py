"""What an install's things at the cloud are called: all of it follows from the install's name."""

import hashlib
from typing import Annotated

from pydantic import Field

from shared.replication.model import Kept

#: 40 characters leave room for the longest suffix in a RAM role's 64; `default` is every region's own event bus.
InstallName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
RESERVED = frozenset({"default"})


class Names(Kept):
    """The names of one install's things; two installs in one account and region share none."""

    install: InstallName

    def about(self, region: str) -> str:
        """What is written on things that bear no tags, or whose tags can't be read back: a bus, what RAM has.

        It names the home region too: RAM has no regions, and an install's name has one home in an account.
        """
        return f"ECS Ferry, install {self.install} at home in {region}"

    def home(self, about: str) -> str:
        """The home region of the install of this name that *about* is written for; empty when it is for none."""
        begins = self.about("")
        return about.removeprefix(begins) if about.startswith(begins) else ""

    @property
    def bus(self) -> str:
        """The custom event bus that carries commands."""
        return self.install

    @property
    def looks(self) -> str:
        """The queue of delayed looks."""
        return f"{self.install}-looks"

    @property
    def dead_letters(self) -> str:
        """The queue of what nobody could act on."""
        return f"{self.install}-dead-letters"

    @property
    def cloud_events(self) -> str:
        """The topic, and the default bus's rule, of ECS's own events."""
        return f"{self.install}-cloud-events"

    @property
    def unknown(self) -> str:
        """The rule that sends what is no command to the dead letters."""
        return f"{self.install}-unknown"

    @property
    def quarantine(self) -> str:
        """The security group, one a VPC, where replicas wait."""
        return f"{self.install}-quarantine"

    @property
    def layer(self) -> str:
        """The layer of what the functions import."""
        return f"{self.install}-layer"

    @property
    def tables(self) -> str:
        """How the names of the tables begin: Tablestore takes no hyphen."""
        return self.install.replace("-", "_")

    def tablestore(self, account: str, region: str) -> str:
        """The Tablestore instance: a digest, because its name is an address that a whole region shares.

        3 to 16 characters, and none of the words ali, ay, ots, taobao, admin.
        https://alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-createinstance
        """
        return f"ferry-{hashlib.sha256(f'{account}:{region}:{self.install}'.encode()).hexdigest()[:10]}"

    def topic(self, function: str) -> str:
        """The topic, and the rule, that bring a command to its function."""
        return f"{self.install}-{_hyphened(function)}"

    def role(self, function: str) -> str:
        """The RAM role of a function, and its policy: their names take no underscore."""
        return f"{self.install}-{_hyphened(function)}"

    def function(self, function: str) -> str:
        """The name that a function is deployed by."""
        return f"{self.install}-{function}"


def _hyphened(name: str) -> str:
    return name.replace("_", "-")
