"""Whose key it is."""

from shared.cloud.session import Session
from shared.replication.model import Kept


class Caller(Kept):
    """The account of a key, and who in it holds the key."""

    account: str
    arn: str


def caller(session: Session, region: str) -> Caller:
    """Who calls, as STS says: every key may ask that."""
    client = session.client("sts", region)
    body = session.call(lambda _, options: client.get_caller_identity_with_options(options), None).body
    return Caller(account=body.account_id, arn=body.arn or "")
