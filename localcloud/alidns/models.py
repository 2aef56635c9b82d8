"""What an account holds in DNS: domains, and the records of each."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(kw_only=True)
class Domain:
    """A domain; its name is in lower case, in Punycode where it is not of ASCII."""

    id: str
    name: str
    shown: str  # as it was given
    created: datetime
    registered: bool = False  # with Alibaba Cloud; those that are added are not


@dataclass(kw_only=True)
class Record:
    """A record of a domain."""

    id: str
    domain: str
    rr: str
    type: str
    value: str
    line: str = "default"
    ttl: int = 600
    priority: int | None = None
    status: str = "Enable"  # or Disable
    remark: str = ""
    created: datetime
    updated: datetime | None = None
