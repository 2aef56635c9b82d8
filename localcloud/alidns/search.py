"""Which records a DescribeDomainRecords asks for: by a keyword, by parts of fields, or by whole fields.

https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describedomainrecords, SearchMode (read 2026-11)
"""

from collections.abc import Iterable

from localcloud.alidns.models import Record
from localcloud.ecs.errors import PARAMETER_INVALID
from localcloud.ecs.parameters import Params

#: Any group of domains, and the default group: the account has none but it.
_GROUPS = ("-2", "-1")
_MODES = ("LIKE", "EXACT", "ADVANCED", "COMBINATION")


def found(params: Params, records: Iterable[Record]) -> list[Record]:
    """Those of *records* that the call asks for; letters count alike in both cases."""
    mode = params.text("SearchMode", "LIKE" if params.has("KeyWord") else "ADVANCED")
    if mode not in _MODES:
        raise PARAMETER_INVALID.error("SearchMode")
    if params.text("GroupId", _GROUPS[0]) not in _GROUPS:
        return []
    if mode in ("LIKE", "EXACT"):
        return [one for one in records if _by_keyword(params, one, whole=mode == "EXACT")]
    return [one for one in records if _by_fields(params, one, whole=mode == "COMBINATION")]


def _by_keyword(params: Params, one: Record, *, whole: bool) -> bool:
    word = params.text("KeyWord").lower()
    texts = (one.rr.lower(), one.value.lower())
    return not word or any(word == text or (not whole and word in text) for text in texts)


def _by_fields(params: Params, one: Record, *, whole: bool) -> bool:
    exact = {"TypeKeyWord": one.type, "Type": one.type, "Line": one.line, "Status": one.status}
    partial = {"RRKeyWord": one.rr, "ValueKeyWord": one.value}
    if not all(params.text(field, value).lower() == value.lower() for field, value in exact.items()):
        return False
    wanted = {field: params.text(field).lower() for field in partial}
    return all(
        not word or word == partial[field].lower() or (not whole and word in partial[field].lower())
        for field, word in wanted.items()
    )
