"""What is known of an instance beside its tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class About:
    """An instance, as its maker described it."""

    created: datetime
    cluster: str = "SSD"
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
