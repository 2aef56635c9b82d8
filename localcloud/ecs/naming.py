"""What the instances of one call are called: the same, numbered by a sequence in the name, or by UniqueSuffix.

https://help.aliyun.com/en/ecs/user-guide/batch-configure-sequential-names-or-hostnames-for-multiple-instances
(read 2026-11).
"""

import re
from collections.abc import Callable

from localcloud.ecs import errors
from localcloud.ecs.instances import is_host
from localcloud.ecs.parameters import Params, is_name
from localcloud.ecs.refusals import launches as refusals

#: ``name_prefix[begin_number,bits]name_suffix``; either number may be left out, and without a prefix it is none.
_SEQUENCE = re.compile(r"([^\[\]]+)\[([0-9]{0,6})(?:,([1-6]?))?\]([^\[\]]*)")
_MOST_BITS = 6
_LONGEST_NAME, _LONGEST_HOST = 128, 64
_SUFFIX = 3  # characters


def instance_names(params: Params, amount: int) -> tuple[str, ...]:
    """The call's InstanceName for each instance; empty texts when it has none."""
    return _each(params, "InstanceName", amount, is_name, errors.INSTANCE_NAME, _LONGEST_NAME, refusals.NAME_TOO_LONG)


def host_names(params: Params, amount: int) -> tuple[str, ...]:
    """The call's HostName for each instance; empty texts when it has none."""
    return _each(params, "HostName", amount, is_host, errors.HOST_NAME, _LONGEST_HOST, refusals.HOST_TOO_LONG)


def _each(
    params: Params,
    field: str,
    amount: int,
    is_good: Callable[[str], bool],
    malformed: errors.Refusal,
    longest: int,
    too_long: errors.Refusal,
) -> tuple[str, ...]:
    name, unique = params.text(field), params.flag("UniqueSuffix") and amount > 1
    if not name:
        return ("",) * amount
    numbered = _SEQUENCE.fullmatch(name)
    names = tuple(_in_sequence(numbered, place) for place in range(amount)) if numbered else (name,) * amount
    if not all(is_good(one) for one in names):
        raise malformed.error()
    if not unique or (numbered and not numbered[4]):
        return names
    if any(len(one) + _SUFFIX > longest for one in names):
        raise too_long.error()
    return tuple(f"{one}{place:03}" for place, one in enumerate(names, start=1))


def _in_sequence(numbered: re.Match[str], place: int) -> str:
    prefix, begin, bits, suffix = numbered.groups()
    # Of a number with more digits than the bits allow, the bits are 6.
    width = int(bits) if bits and len(begin) <= int(bits) else _MOST_BITS
    return f"{prefix}{int(begin or 0) + place:0{width}}{suffix}"
