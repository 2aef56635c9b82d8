"""The forms of time in ECS's answers."""

from datetime import UTC, datetime

from localcloud.texts import read_moment

_SECOND, _MINUTE = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"


def second(when: datetime | None) -> str:
    """``2026-01-05T02:00:00Z``, empty for None."""
    return when.astimezone(UTC).strftime(_SECOND) if when else ""


def minute(when: datetime | None) -> str:
    """``2026-01-05T02:00Z``, as instances have it; empty for None."""
    return when.astimezone(UTC).strftime(_MINUTE) if when else ""


def read_second(text: str) -> datetime | None:
    """The moment that `second` would write so, None for anything else."""
    return read_moment(text, _SECOND)


def read_minute(text: str) -> datetime | None:
    """The moment that `minute` would write so, None for anything else."""
    return read_moment(text, _MINUTE)
