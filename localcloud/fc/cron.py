"""When a timer fires: ``@every 4m``, or six fields with seconds first, in UTC.

https://www.alibabacloud.com/help/en/functioncompute/fc/time-triggers (read 2026-11)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from localcloud.texts import whole

_EVERY = re.compile(r"@every\s+([0-9]+)m")
#: A duration of Go's, 2^63 nanoseconds at most.  UNVERIFIED: that FC, whose @every is that of github.com/robfig/cron,
#: takes as much.
_MOST_MINUTES = 2**63 // (60 * 10**9)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), start=1
    )
}
#: Python's numbers: what a digit means here is documented in two ways, so a digit is refused.
_DAYS = {name: number for number, name in enumerate(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"))}
_FURTHEST = timedelta(days=366 * 5)


@dataclass(frozen=True)
class Schedule:
    """The moments at which a timer fires."""

    every: timedelta | None = None
    fields: tuple[frozenset[int], ...] = ()

    @classmethod
    def read(cls, text: str) -> "Schedule":
        """The schedule that *text* writes; raises ValueError that says what is wrong."""
        found = _EVERY.fullmatch(text.strip())
        if found:
            minutes = whole(found.group(1), 1, _MOST_MINUTES)
            if minutes is None:
                raise ValueError(f"{text!r}: an interval is from @every 1m to @every {_MOST_MINUTES}m")
            return cls(every=timedelta(minutes=minutes))
        if text.startswith("@"):
            raise ValueError(f"{text!r}: write @every and whole minutes, such as @every 1m")
        if text.startswith("CRON_TZ"):
            raise ValueError("CRON_TZ is not in the embedded cloud: write the moments in UTC")
        parts = text.split()
        if len(parts) != 6:
            raise ValueError(f"{text!r} has {len(parts)} fields: write seconds minutes hours day month weekday")
        return cls(
            fields=(
                _field(parts[0], 0, 59),
                _field(parts[1], 0, 59),
                _field(parts[2], 0, 23),
                _field(parts[3], 1, 31),
                _field(parts[4], 1, 12, _MONTHS),
                _field(parts[5], 0, 6, _DAYS, digits=False),
            )
        )

    def after(self, moment: datetime) -> datetime | None:
        """The first moment after *moment*; None when there is none for years."""
        if self.every is not None:
            return moment + self.every
        seconds, minutes, hours, *_ = self.fields
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        last = moment + _FURTHEST
        while day <= last:
            if self._on(day):
                for hour in sorted(hours):
                    for minute in sorted(minutes):
                        for second in sorted(seconds):
                            fires = day.replace(hour=hour, minute=minute, second=second)
                            if fires > moment:
                                return fires
            day += timedelta(days=1)
        return None

    def _on(self, day: datetime) -> bool:
        _, _, _, days, months, weekdays = self.fields
        return day.day in days and day.month in months and day.weekday() in weekdays


def _field(
    text: str, low: int, high: int, names: Mapping[str, int] | None = None, *, digits: bool = True
) -> frozenset[int]:
    return frozenset(value for part in text.split(",") for value in _part(part, low, high, names or {}, digits))


def _part(text: str, low: int, high: int, names: Mapping[str, int], digits: bool) -> range:
    span, _, step = text.partition("/")
    if span in ("*", "?"):
        first, last = low, high
    else:
        begin, _, end = span.partition("-")
        first = _value(begin, low, high, names, digits)
        last = _value(end, low, high, names, digits) if end else (high if step else first)
    steps = whole(step or "1", 1, 10**6)
    if steps is None or last < first:
        raise ValueError(f"{text!r} is not a part of a schedule")
    return range(first, last + 1, steps)


def _value(text: str, low: int, high: int, names: Mapping[str, int], digits: bool) -> int:
    if text.upper() in names:
        return names[text.upper()]
    if not digits:
        raise ValueError(f"{text!r}: write weekdays as MON to SUN")
    number = whole(text, low, high)
    if number is None:
        raise ValueError(f"{text!r} is not from {low} to {high}")
    return number
