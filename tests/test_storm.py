"""A small storm in every test run; many more seeds on demand: python -m tests.storm FIRST COUNT."""

from pathlib import Path

import pytest

from tests.storm import Storm

SEEDS = range(15)


@pytest.mark.parametrize("seed", SEEDS)
def test_storm(tmp_path: Path, seed: int) -> None:
    """Whatever is lost, late, repeated, refused or killed: each replication ends, and no law is broken."""
    storm = Storm(seed)
    assert storm.run(tmp_path) == [], f"seed {seed}; again with: {storm.replay}"
