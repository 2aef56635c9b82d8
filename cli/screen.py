"""The screen: plain text, colours where there is a terminal, and nothing that could break one."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

#: So many characters of names stand on one line.
_NAMES = 40


class Unwritable(Exception):  # noqa: N818 - it says what is so
    """What is to be told can't be written: a full disk, or nobody who reads."""


class _Console(Console):
    """A console whose every trouble with writing is told as Unwritable."""

    def print(self, *objects: Any, **options: Any) -> None:
        with writing():
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        raise Unwritable(os.strerror(errno.EPIPE))


@contextmanager
def writing() -> Iterator[None]:
    """What fails inside is told as Unwritable."""
    try:
        yield
    except OSError as error:
        raise Unwritable(error.strerror or str(error)) from None


class Screen:
    """Where lines go; every text is made harmless first."""

    def __init__(self, *, stderr: bool = False) -> None:
        self.console: Console = _Console(stderr=stderr, highlight=False)

    @property
    def is_live(self) -> bool:
        """Whether there is a terminal that can redraw a line."""
        return self.console.is_terminal and not self.console.is_dumb_terminal

    def say(self, *parts: str | tuple[str, str], style: str = "") -> None:
        """One line, of texts and of (text, style); a terminal gets a long one in pieces, and no word broken."""
        line = Text(style=style)
        for part in parts:
            text, own = (part, "") if isinstance(part, str) else part
            line.append(harmless(text), own)
        line.rstrip()
        for piece in self._pieces(line):
            self.console.print(piece, soft_wrap=True)

    def _pieces(self, line: Text) -> Iterator[Text]:
        """The line as it is or, where it is wider than the terminal, wrapped with the rest indented."""
        width = self.console.width
        if not self.console.is_terminal or line.cell_len <= width:
            yield line
            return
        lead = len(line.plain) - len(line.plain.lstrip())
        first, *rest = line[lead:].wrap(self.console, max(width - lead - 2, 20))
        yield Text(" " * lead) + first
        for piece in rest:
            yield Text(" " * (lead + 2)) + piece

    @contextmanager
    def waiting(self, what: str, *, quiet: bool) -> Iterator[None]:
        """Say what is under way for as long as it is, where there is a terminal."""
        with self.console.status(what) if self.is_live and not quiet else nullcontext():
            yield

    @contextmanager
    def standing(self) -> Iterator[Callable[[str], None]]:
        """What puts a line where it stands until the next one, on a terminal; elsewhere it says nothing."""
        if not self.is_live:
            yield lambda _: None
            return
        with self.console.status("") as status:
            yield lambda text: status.update(Text(harmless(text)))

    def table(self, rows: Sequence[Sequence[str]], *, indent: str = "", styles: Sequence[str] = ()) -> None:
        """Rows in columns.  A last cell for which a terminal has no room stands below its row: no word is broken."""
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)] if rows else []
        for number, row in enumerate(rows):
            style = styles[number] if number < len(styles) else ""
            begin = indent + "".join(f"{cell:<{width + 2}}" for cell, width in zip(row, widths, strict=False))
            if self.console.is_terminal and row[-1] and len(begin) + len(row[-1]) > self.console.width:
                self.say(begin, style=style)
                self.say(f"{indent}    {row[-1]}", style=style)
            else:
                self.say(begin + row[-1], style=style)


def harmless(text: str) -> str:
    """*text* with everything that is not printable spelled out: a name can't move the cursor."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def some_of(names: Sequence[str]) -> str:
    """The first names, as many as a line holds, and how many more there are."""
    shown = 1
    while shown < len(names) and len(", ".join(names[: shown + 1])) <= _NAMES:
        shown += 1
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")


def span(time: timedelta) -> str:
    """A length of time, as people say it."""
    seconds = max(round(time.total_seconds()), 0)  # the clocks of two invocations differ
    if seconds < 90:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def count(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
