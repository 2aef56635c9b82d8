"""What the value of a DNS record may be, by its type.

https://www.alibabacloud.com/help/en/dns/dns-record-types (read 2026-11).  Types that are not here, such as the
forwarding of addresses, are not in the embedded cloud.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal

RecordType = Literal["A", "AAAA", "CNAME", "MX", "NS", "TXT", "SRV", "CAA"]

_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})+\.?")
_SRV = re.compile(r"([0-9]{1,5}) ([0-9]{1,5}) ([0-9]{1,5}) (\S+)")
_CAA = re.compile(r'([0-9]{1,3}) (issue|issuewild|iodef) "?[^"\s]+"?')
_MOST_TEXT = 512


def fits(kind: str, value: str) -> bool:
    """Whether *value* can be that of a record of this type; the type is one of RecordType."""
    return _RULES[kind](value)


def _host(value: str) -> bool:
    return _HOST.fullmatch(value) is not None


def _ipv4(value: str) -> bool:
    try:
        IPv4Address(value)
    except AddressValueError:
        return False
    return True


def _ipv6(value: str) -> bool:
    try:
        IPv6Address(value)
    except AddressValueError:
        return False
    return "%" not in value


def _text(value: str) -> bool:
    return 1 <= len(value) <= _MOST_TEXT and value.isprintable()


def _service(value: str) -> bool:
    """Priority, weight, port and target, with a space between each."""
    match = _SRV.fullmatch(value)
    return match is not None and all(int(match[number]) <= 65535 for number in (1, 2, 3)) and _host(match[4])


def _authority(value: str) -> bool:
    """A flag from 0 to 255, a tag and a value."""
    match = _CAA.fullmatch(value)
    return match is not None and int(match[1]) <= 255


_RULES: Mapping[str, Callable[[str], bool]] = {
    "A": _ipv4,
    "AAAA": _ipv6,
    "CNAME": _host,
    "MX": _host,
    "NS": _host,
    "TXT": _text,
    "SRV": _service,
    "CAA": _authority,
}
