"""The access keys of the account: its own, those of its users, and those that STS lends for a while.

How long a borrowed key lasts goes by the wall clock, as everything about signatures does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Key:
    """An access key; whose: a user's, or a role's in a session, or, with neither, the account's own."""

    id: str
    secret: str
    user: str = ""
    role: str = ""
    session: str = ""
    until: datetime | None = None


class Keys:
    """Keys by their ids, borrowed ones by their tokens."""

    def __init__(self, lasting: Iterable[Key]) -> None:
        self._lasting = {key.id: key for key in lasting}
        self._lent: dict[str, Key] = {}

    def lasting(self, id_: str) -> Key | None:
        """The key of the account or of a user; None when there is no such key."""
        return self._lasting.get(id_)

    def lent(self, token: str) -> Key | None:
        """The key that STS lent with this token; None when there is none, or its time is over."""
        key = self._lent.get(token)
        return key if key is not None and key.until is not None and datetime.now(UTC) < key.until else None

    def take_back(self, role: str) -> None:
        """From now on the keys that were lent for *role* are unknown: another one of its name gets none of them."""
        self._lent = {token: key for token, key in self._lent.items() if key.role != role}

    def lend(self, token: str, key: Key) -> None:
        """From now on the key is known by its token."""
        self._lent[token] = key
