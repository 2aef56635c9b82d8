"""Builds what an invocation works with.  The only module that reads the environment or a clock."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from shared.cloud.bus import EventBus
from shared.cloud.guests import GuestCommands
from shared.cloud.images import Images, Snapshots
from shared.cloud.instances import Instances
from shared.cloud.networks import Networks
from shared.cloud.queues import MessageQueues
from shared.cloud.session import LATEST_CALL, Credentials, Session
from shared.ports import Bus, Looks, Store
from shared.settings import Settings


class Context(Protocol):
    """What is used of Function Compute's context; python3.12's has no credentials.

    https://help.aliyun.com/en/functioncompute/fc/context-1
    """

    request_id: str
    account_id: str


@dataclass(frozen=True)
class App:
    """The settings and ports of one invocation."""

    settings: Settings
    clock: Callable[[], datetime]
    store: Store
    bus: Bus
    looks: Looks
    images: Images
    snapshots: Snapshots
    instances: Instances
    guests: GuestCommands
    networks: Networks

    @classmethod
    def from_context(cls, context: Context, environ: Mapping[str, str] | None = None) -> "App":
        """The app of an invocation; raises BadInput naming every setting that is missing."""
        environ = os.environ if environ is None else environ
        # The embedded cloud's context carries its virtual clock; Function Compute's does not.
        clock = getattr(context, "clock", _utc_now)
        settings, credentials = Settings.from_env(environ), credentials_of(environ)
        return cls.build(settings, credentials, context.account_id, clock, lasts=LATEST_CALL)

    @classmethod
    def build(
        cls,
        settings: Settings,
        credentials: Credentials,
        account: str,
        clock: Callable[[], datetime] | None = None,
        *,
        lasts: timedelta | None = None,
    ) -> "App":
        """An app from its parts; after *lasts* (none: never) it begins no call to the cloud."""
        clock = clock or _utc_now
        session = Session(credentials, clock, lasts)
        return cls(
            settings=settings,
            clock=clock,
            store=_store(settings, session),
            bus=EventBus(session, settings.home_region, settings.names.bus),
            looks=MessageQueues(settings.smq_address(account), credentials, settings.names.looks),
            images=Images(session),
            snapshots=Snapshots(session),
            instances=Instances(session),
            guests=GuestCommands(session),
            networks=Networks(session),
        )


def _store(settings: Settings, session: Session) -> Store:
    """The adapter that the settings name; no other is imported."""
    if not settings.tablestore:
        from shared.store.sqlite import SqliteStore

        return SqliteStore(Path(settings.store))
    from shared.cloud.table_client import TableClient
    from shared.cloud.tables import TablestoreStore

    client = TableClient(
        settings.tablestore_address, settings.tablestore, session.credentials, session.clock, session.latest_call
    )
    return TablestoreStore(client, settings.names.tables)


def credentials_of(environ: Mapping[str, str]) -> Credentials:
    """The credentials that Function Compute puts into a function's environment."""
    return Credentials(
        access_key=environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID", ""),
        secret=environ.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ""),
        token=environ.get("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
    )


def _utc_now() -> datetime:
    return datetime.now(UTC)
