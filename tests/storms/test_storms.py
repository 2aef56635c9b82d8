"""Storms in every test run: seeds for a minute, and what earlier ones found."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.storms.passage import sail
from cli.storms.storm import Storm, draw
from localcloud.guests import Recall

#: What guests' scripts said, for all storms of this process.
RECALL = Recall()
FOUND = sorted((Path(__file__).parent / "found").glob("*.json"))
#: Two halves run side by side, one on either store; each goes on for so long, and until it has seen so many seeds.
SECONDS, SEEDS = 30, 50


@pytest.mark.parametrize(
    "store", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("sqlite", "tablestore")]
)
def test_seeds(store: str, record_property: Callable[[str, object], None]) -> None:
    """Whatever is lost, late, repeated, refused or killed: each replication ends, and no law is broken."""
    began, seen, broken = time.monotonic(), 0, []
    for seed in range(("sqlite", "tablestore").index(store), 1_000_000, 2):
        if seen >= SEEDS and time.monotonic() - began >= SECONDS:
            break
        passage = sail(draw(seed), RECALL)
        assert passage.storm.store == store
        seen += 1
        broken += [f"{law}; again: ferry storm --seed {seed} --trace" for law in passage.broken]
    record_property("storms", {"store": store, "seeds": seen, "seconds": round(time.monotonic() - began, 1)})
    assert broken == []


@pytest.mark.parametrize("seed", [4, 5])
def test_a_calm_day(seed: int) -> None:
    """Without a fault and without an operator who meddles, everything succeeds: the laws alone would not say so."""
    passage = sail(draw(seed).model_copy(update={"faults": (), "meddlings": ()}), RECALL)
    assert (passage.broken, passage.strikes, set(passage.ends)) == ((), (), {"succeeded"})


@pytest.mark.parametrize("file", FOUND, ids=lambda file: file.stem)
def test_what_was_found_stays_mended(file: Path) -> None:
    """Each of these small storms broke a law once."""
    assert [str(law) for law in sail(Storm.model_validate_json(file.read_bytes())).broken] == []
