"""The laws of docs/laws.md for a test that has an install at hand."""

from tests.functions.ferry import MINUTE, Ferry


def broken_laws(ferry: Ferry, *ids: str) -> list[str]:
    """Every law that was broken by the time these replications have ended, and a minute later."""
    ferry.pass_time(MINUTE)
    assert all(ferry.record(id_).ended for id_ in ids), "a law is broken: one has not ended"
    return [str(broken) for broken in (*ferry.broken, *ferry.laws.at_the_end())]
