"""Texts that come from outside, read strictly: a value, or ValueError or None, and nothing that breaks later."""

import json
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

#: Deeper than any document of these APIs, and far from what Python can't nest.
MOST_DEPTH = 100
_DIGITS = re.compile(r"[0-9]{1,18}")
#: Reads whatever is JSON, so that it is known where it ends: numbers, which may be too long or too large, as texts.
_SYNTAX = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
#: What stands before the items of a list.
_BETWEEN = " \t\r\n,"
#: Characters that XML 1.0 can't hold, however they are written.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HALF = re.compile(r"[\ud800-\udfff]")


def read_json(text: str | bytes) -> Any:
    """The value of a JSON text; ValueError for what is none, and for what can't be sent on as it is.

    The latter are numbers that a float can't hold, halves of surrogate pairs, which UTF-8 can't, and nesting beyond
    MOST_DEPTH.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deep") from None
    _check(value, MOST_DEPTH)
    return value


def read_items(text: str) -> list[Any]:
    """The items of a JSON list, each by itself: one that is JSON and can't be sent on is the ValueError that says why.

    ValueError for what is no list of JSON.
    """
    try:
        items = _SYNTAX.decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(items, list):
        raise ValueError("it is not a list")
    found, end = [], text.index("[") + 1
    for _ in items:
        while text[end] in _BETWEEN:
            end += 1
        begin = end
        _, end = _SYNTAX.raw_decode(text, begin)
        found.append(_item(text[begin:end]))
    return found


def _item(text: str) -> Any:
    try:
        return read_json(text)
    except ValueError as error:
        return error


def read_moment(text: str, form: str) -> datetime | None:
    """The moment, in UTC, that is written so in *form* and no other way; None when there is none such."""
    try:
        read = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    return read if read.strftime(form) == text else None


def read_date(text: str) -> datetime | None:
    """The moment that a header Date says; None when it says none."""
    try:
        read = parsedate_to_datetime(text) if text.isascii() else None
    except (TypeError, ValueError, OverflowError):
        return None
    return read and read.replace(tzinfo=read.tzinfo or UTC)


def speakable(text: str) -> str:
    """*text* as XML can hold it: with U+FFFD for each character that it can't."""
    return _UNSPEAKABLE.sub("\ufffd", text)


def whole(text: str, low: int, high: int) -> int | None:
    """The number from *low* to *high* that *text* writes in ASCII digits, at most 18; None when it writes none."""
    if not _DIGITS.fullmatch(text):
        return None
    return int(text) if low <= int(text) <= high else None


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON's")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _check(value: object, left: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict | list):
        if not left:
            raise ValueError("nested too deep")
        for key in value if isinstance(value, dict) else ():
            _check_text(key)
        for part in value.values() if isinstance(value, dict) else value:
            _check(part, left - 1)


def _check_text(text: str) -> None:
    if not text.isascii() and _HALF.search(text):
        raise ValueError("half a surrogate pair")
