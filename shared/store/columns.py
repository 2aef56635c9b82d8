"""The columns of a row that every adapter shares: how a record, hints and letters become values, and back.

A row is the record as a text (`doc`) with its `version`, columns that are derived from the record, and hints.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from shared.ports import DeadLetter, Entry, Hints, Row, TryAgain
from shared.replication.model import Moment
from shared.replication.record import SCHEMA, Replication
from shared.replication.waits import region_of, wait_of

Value = str | int | None
#: A row by its columns' names; one that is missing or None has no value.
Values = Mapping[str, Value]

HINTS = ("next_at", "asks", "looks", "progress", "trail", "missed_at", "trouble")
#: What an entry of the list of open replications is made of.
ENTRY = ("id", "version", "region", "phase", *HINTS)


def of_record(record: Replication) -> dict[str, Value]:
    """The record and the columns derived from it."""
    wait = wait_of(record)
    return {
        "id": record.id,
        "version": record.version,
        "doc": record.model_dump_json(by_alias=True),
        "schema": record.schema_,
        "region": region_of(record),
        "resource": wait.named if wait else "",
        "phase": record.phase.value,
        "ended": int(record.ended),
        "accepted_at": text_of(record.accepted_at),
    }


def of_hints(hints: Hints) -> dict[str, Value]:
    """The hints."""
    return {
        "next_at": text_of(hints.next_at),
        "asks": hints.asks,
        "looks": hints.looks,
        "progress": hints.progress,
        "trail": hints.trail,
        "missed_at": text_of(hints.missed_at) if hints.missed_at else None,
        "trouble": hints.trouble,
    }


def of_letter(letter: DeadLetter) -> dict[str, Value]:
    """A dead letter."""
    return {"id": letter.id, "at": text_of(letter.at), "doc": letter.model_dump_json()}


def text_of(moment: Moment) -> str:
    """The moment in UTC and fixed width: the order of the texts is the order of the moments."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def row_of(found: Values) -> Row:
    """The row; raises TryAgain when its record was written by a newer release."""
    schema = _number(found, "schema")
    if schema > SCHEMA:
        raise TryAgain(
            f"{found['id']} was written by a newer release of Ferry: the schema of its record is {schema}, "
            f"this release reads up to {SCHEMA}"
        )
    return Row(record=Replication.model_validate_json(_text(found, "doc")), hints=_hints(found))


def entry_of(found: Values) -> Entry:
    """A line of the list of open replications."""
    return Entry(
        id=_text(found, "id"),
        version=_number(found, "version"),
        region=_text(found, "region"),
        phase=_text(found, "phase"),
        hints=_hints(found),
    )


def letter_of(found: Values) -> DeadLetter:
    """A dead letter."""
    return DeadLetter.model_validate_json(_text(found, "doc"))


def _hints(found: Values) -> Hints:
    missed_at = found.get("missed_at")
    return Hints(
        next_at=datetime.fromisoformat(_text(found, "next_at")),
        asks=_number(found, "asks"),
        looks=_number(found, "looks"),
        progress=None if found.get("progress") is None else _number(found, "progress"),
        trail=_text(found, "trail"),
        missed_at=datetime.fromisoformat(str(missed_at)) if missed_at else None,
        trouble=_text(found, "trouble"),
    )


def _text(found: Values, name: str) -> str:
    value = found[name]
    assert isinstance(value, str), f"{name} is a text"
    return value


def _number(found: Values, name: str) -> int:
    value = found[name]
    assert isinstance(value, int), f"{name} is a number"
    return value
