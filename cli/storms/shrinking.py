"""Shrinking: the smallest set of faults and deeds under which the same law still breaks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cli.storms.passage import Passage, sail
from cli.storms.storm import Errand, Meddling, Storm
from localcloud.faults import Fault

#: What can be taken out of a storm.
Part = Fault | Meddling | Errand


@dataclass(frozen=True)
class Shrunk:
    """The small storm, how it went, and how many passages it took to find it."""

    passage: Passage
    passages: int


def pinned(passage: Passage) -> Storm:
    """The same storm with every fault at the place where it struck, and none that could strike elsewhere."""
    return passage.storm.model_copy(update={"faults": tuple(strike.again() for strike in passage.strikes)})


def shrink(passage: Passage, tried: Callable[[int, int], None]) -> Shrunk | None:
    """The smallest part of a broken *passage* that breaks the same law; None if its pinned faults don't.

    *tried* is told after each passage how many there were, and how many parts are left.
    """
    law, passages = passage.broken[0].law, 0

    def breaks(storm: Storm) -> Passage | None:
        nonlocal passages
        passages += 1
        went = sail(storm)
        return went if any(broken.law == law for broken in went.broken) else None

    best = breaks(pinned(passage))
    if best is None:
        return None
    parts = _parts(best.storm)
    pieces = 2
    while len(parts) >= 1:
        for left in _without_a_piece(parts, pieces):
            storm = _only(best.storm, left)
            went = breaks(storm) if storm.errands else None
            tried(passages, len(left if went else parts))
            if went is not None:
                best, parts, pieces = went, left, max(pieces - 1, 2)
                break
        else:
            if pieces >= len(parts):
                break
            pieces = min(2 * pieces, len(parts))
    return Shrunk(best, passages)


def _parts(storm: Storm) -> list[Part]:
    return [*storm.errands, *storm.meddlings, *storm.faults]


def _without_a_piece(parts: Sequence[Part], pieces: int) -> Iterator[list[Part]]:
    """*parts* cut into so many pieces, without each of them in turn."""
    size = max(1, -(-len(parts) // pieces))
    for begin in range(0, len(parts), size):
        yield [*parts[:begin], *parts[begin + size :]]


def _only(storm: Storm, parts: Sequence[Part]) -> Storm:
    """The storm of these parts; an errand's meddlings go with it."""
    errands = tuple(part for part in parts if isinstance(part, Errand))
    keys = {errand.key for errand in errands}
    return storm.model_copy(
        update={
            "errands": errands,
            "meddlings": tuple(part for part in parts if isinstance(part, Meddling) and part.key in keys),
            "faults": tuple(part for part in parts if isinstance(part, Fault)),
        }
    )
