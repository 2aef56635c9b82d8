"""The forms of time in ECS's answers."""

from datetime import UTC, datetime


def second(moment: datetime | None) -> str:
    """``2026-01-05T02:00:00Z``, empty for None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def minute(moment: datetime | None) -> str:
    """``2026-01-05T02:00Z``, as instances have it; empty for None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if moment else ""


def read_second(text: str) -> datetime | None:
    """The moment that `second` would write so, None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def read_minute(text: str) -> datetime | None:
    """The moment that `minute` would write so, None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None
