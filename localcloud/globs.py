"""Texts in which an asterisk stands for any characters: in policies, and in the names that a list is narrowed to."""

import re
from functools import lru_cache


@lru_cache(1024)
def glob(text: str, *, single: bool) -> re.Pattern[str]:
    """What *text* fits, whole: ``*`` stands for any characters, and ``?`` for one where *single* says so.

    What stands between two asterisks is taken where it first fits and never tried elsewhere, which finds whatever
    there is to find: many asterisks cost no more time than a few.
    """
    first, *rest = (_literal(part, single=single) for part in text.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    *between, last = rest
    return re.compile(first + "".join(f"(?>.*?{part})" for part in between if part) + f".*{last}", re.DOTALL)


def _literal(text: str, *, single: bool) -> str:
    return "".join("." if single and one == "?" else re.escape(one) for one in text)
