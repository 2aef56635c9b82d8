"""Where COVERAGE.md lies."""

from pathlib import Path

PLACE = Path(__file__).parents[1] / "COVERAGE.md"
