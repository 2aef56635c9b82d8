"""What a call to Alidns asks for: domains and records, read or refused as documented."""

import re

from localcloud.alidns import errors
from localcloud.alidns.values import fits
from localcloud.ecs.parameters import Params
from localcloud.texts import whole

#: A label of at most 63 characters, an asterisk first, or the sign for the domain itself.
_RR = re.compile(r"@|\*|(\*\.)?(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LONGEST = 253
#: Lines of the free edition and of operators (help page "DNS lines", read 2026-11).
_LINES = re.compile(
    r"default|telecom|unicom|mobile|oversea|edu|drpeng|btvn|internal|search"
    r"|(cn|os|aliyun|search|mobile|unicom|telecom|edu)_[a-z0-9_-]{1,60}"
)
#: Seconds of the free edition; other editions allow fewer (help page "TTL", read 2026-11).
LEAST_TTL = 600
_MOST_TTL = 86400
_MOST_PRIORITY = 50


def need(params: Params, name: str) -> str:
    """A parameter that is mandatory."""
    if not params.has(name):
        raise errors.missing(name)
    return params.text(name)


def domain_name(params: Params) -> str:
    """DomainName as DNS has it: in lower case, in Punycode where it is not of ASCII."""
    return check_domain(need(params, "DomainName"))


def check_domain(text: str) -> str:
    """A domain's name as DNS has it; refused when it is none."""
    name = ascii_name(text)
    labels = name.split(".")
    if len(labels) < 2 or len(name) > _LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        raise errors.DOMAIN_FORMAT.error()
    return name


def ascii_name(text: str) -> str:
    """A name in lower case, in Punycode where it is not of ASCII, without the dot of the root."""
    name = text.lower().removesuffix(".")
    if len(name) > _LONGEST:  # asked first: Punycode of what is much longer takes seconds
        raise errors.DOMAIN_FORMAT.error()
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        raise errors.DOMAIN_FORMAT.error() from None


def check_host(text: str) -> None:
    """Refuse what can be no host of a domain, where the whole name is given."""
    if not _RR.fullmatch(text):
        raise errors.DOMAIN_FORMAT.error()


def host_record(params: Params) -> str:
    """RR: ``@`` for the domain itself, ``*`` for what has no record of its own."""
    rr = need(params, "RR").lower()
    if len(rr) > _LONGEST or not _RR.fullmatch(rr):
        raise errors.RECORD_RR.error()
    return rr


def kind_and_value(params: Params) -> tuple[str, str]:
    """Type and Value."""
    kind, value = need(params, "Type").upper(), need(params, "Value")
    if kind not in errors.VALUES:
        raise errors.RECORD_TYPE.error()
    if not fits(kind, value):
        raise errors.VALUES[kind].error()
    return kind, value


def line(params: Params) -> str:
    """Line."""
    asked = params.text("Line", "default")
    if not _LINES.fullmatch(asked):
        raise errors.RECORD_LINE.error()
    return asked


def ttl(params: Params) -> int:
    """TTL, in seconds."""
    asked = whole(params.text("TTL", str(LEAST_TTL)), 1, _MOST_TTL)
    if asked is None:
        raise errors.RECORD_TTL.error()
    if asked < LEAST_TTL:
        raise errors.RECORD_TTL_LOW.error()
    return asked


def priority(params: Params, kind: str) -> int | None:
    """Priority: 1 to 50, mandatory for MX; None for the others."""
    if kind != "MX":
        return None
    asked = whole(params.text("Priority"), 1, _MOST_PRIORITY)
    if asked is None:
        raise errors.RECORD_PRIORITY.error()
    return asked
