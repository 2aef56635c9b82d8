"""Accept a replication that was asked for by an event."""

from shared.acceptance import accept
from shared.app import App, Context
from shared.replication.commands import StartReplication
from shared.wire import read


def handler(event: bytes, context: Context) -> None:
    """Write the record of the request in *event*, once for its key, and publish what is due."""
    command = read(event, StartReplication)
    accept(command.request, command.key, App.from_context(context))
