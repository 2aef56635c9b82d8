"""Where an install is: its names, its account and region, and what reaches its things there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.cloud.bus import EventBus
from shared.cloud.functions import Functions
from shared.cloud.images import Images, Snapshots
from shared.cloud.instances import Instances
from shared.cloud.layers import Layers
from shared.cloud.networks import Networks
from shared.cloud.ownership import INSTALL
from shared.cloud.queues import MessageQueues
from shared.cloud.roles import Roles
from shared.cloud.session import Credentials, Session
from shared.cloud.table_client import TableClient
from shared.cloud.table_instances import TableInstances
from shared.cloud.table_layout import Layout
from shared.cloud.tables import TablestoreStore
from shared.names import Names
from shared.settings import Settings


@dataclass(frozen=True)
class Site:
    """One install in one account: an operator has all the time that each step needs."""

    settings: Settings
    account: str
    session: Session
    credentials: Credentials

    @classmethod
    def of(cls, settings: Settings, credentials: Credentials, account: str, clock: Callable[[], datetime]) -> "Site":
        """The site of an install; nothing is asked for yet."""
        return cls(settings, account, Session(credentials, clock, lasts=None), credentials)

    @property
    def names(self) -> Names:
        """What the install's things are called."""
        return self.settings.names

    @property
    def region(self) -> str:
        """The home region."""
        return self.settings.home_region

    @property
    def about(self) -> str:
        """The description of what bears no tags."""
        return self.names.about(self.region)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of all that an install makes."""
        return {INSTALL: self.names.install}

    @property
    def bus(self) -> EventBus:
        """The bus of commands."""
        return EventBus(self.session, self.region, self.names.bus)

    @property
    def default_bus(self) -> EventBus:
        """The region's own bus."""
        return EventBus(self.session, self.region, "default")

    @property
    def queues(self) -> MessageQueues:
        """SMQ of the home region."""
        return MessageQueues(self.settings.smq_address(self.account), self.credentials, self.names.looks)

    @property
    def networks(self) -> Networks:
        """Networks of any region."""
        return Networks(self.session)

    @property
    def images(self) -> Images:
        """Images of any region."""
        return Images(self.session)

    @property
    def snapshots(self) -> Snapshots:
        """Snapshots of any region."""
        return Snapshots(self.session)

    @property
    def instances(self) -> Instances:
        """Instances of any region."""
        return Instances(self.session)

    @property
    def roles(self) -> Roles:
        """RAM."""
        return Roles(self.session, self.region)

    @property
    def layers(self) -> Layers:
        """The home region's layers."""
        return Layers(self.session, self.region)

    @property
    def functions(self) -> Functions:
        """The home region's functions."""
        return Functions(self.session, self.region)

    @property
    def table_instances(self) -> TableInstances:
        """The home region's Tablestore instances."""
        return TableInstances(self.session, self.region)

    @property
    def instance(self) -> str:
        """The name of the install's Tablestore instance."""
        return self.settings.tablestore

    @property
    def table_client(self) -> TableClient:
        """The data plane of that instance."""
        return TableClient(self.settings.tablestore_address, self.instance, self.credentials, self.session.clock)

    @property
    def tables(self) -> TablestoreStore:
        """The install's tables; their instance has to be there."""
        return TablestoreStore(self.table_client, self.names.tables)

    @property
    def main_table(self) -> str:
        """The table of the records."""
        return Layout(self.names.tables).replications

    @property
    def table_names(self) -> tuple[str, ...]:
        """What the install's tables and indexes are called: Tablestore lists both as tables."""
        return tuple(name for spec in Layout(self.names.tables).specs() for name in (spec.name, *spec.indexes))
