"""Writes COVERAGE.md."""

from localcloud.coverage.place import PLACE
from localcloud.coverage.telling import whole

PLACE.write_text(whole())
