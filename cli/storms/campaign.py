"""Many storms, side by side in processes of their own."""

import os
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

from cli.interrupts import ended_by
from cli.storms.laws import Broken
from cli.storms.passage import sail
from cli.storms.storm import draw
from localcloud.guests import Recall
from localcloud.world import Promise

#: A process that is used up is replaced: whatever a storm might leave in it does not add up.
_STORMS_A_PROCESS = 2000


#: All storms have the same few files: what a guest's script says of them need not be found out a thousand times.
_RECALL = Recall()


@dataclass(frozen=True)
class Report:
    """How one seed went, as far as a campaign keeps it."""

    seed: int
    store: str
    ends: tuple[str, ...]
    strikes: tuple[str, ...]
    calls: int
    broken: tuple[Broken, ...]


@dataclass
class Tally:
    """What a campaign has seen so far."""

    seeds: int = 0
    calls: int = 0
    replications: int = 0
    broken: list[Report] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    strikes: Counter[str] = field(default_factory=Counter)
    stores: Counter[str] = field(default_factory=Counter)

    def add(self, report: Report) -> None:
        """Count one more."""
        self.seeds += 1
        self.calls += report.calls
        self.replications += len(report.ends)
        self.ends.update(report.ends)
        self.strikes.update(report.strikes)
        self.stores[report.store] += 1
        if report.broken:
            self.broken.append(report)


def report_of(seed: int, breaks: tuple[Promise, ...] = ()) -> Report:
    """Go through the storm of *seed*; what goes wrong in Ferry or the embedded cloud itself is told as law 0."""
    try:
        passage = sail(draw(seed, breaks), _RECALL)
    except Exception as bug:  # noqa: BLE001 - one storm's bug must not hide a thousand others
        if (ending := ended_by(bug)) is not None:
            raise ending from None
        what = "".join(traceback.format_exception_only(bug)).strip()
        where = traceback.extract_tb(bug.__traceback__)[-1]
        crashed = Broken(0, f"a bug: {what}", f"{where.name} in {Path(where.filename).name}", timedelta())
        return Report(seed, "unknown", (), (), 0, (crashed,))
    kinds = tuple(strike.fault.kind for strike in passage.strikes)
    return Report(seed, passage.storm.store, passage.ends, kinds, passage.calls, passage.broken)


def reports(seeds: Sequence[int], jobs: int, breaks: tuple[Promise, ...] = ()) -> Iterator[Report]:
    """The reports of all *seeds* as they come, from so many processes at a time."""
    if jobs == 1:
        yield from (report_of(seed, breaks) for seed in seeds)
        return
    context = get_context("forkserver")
    context.set_forkserver_preload(["cli.storms.campaign"])
    left, under_way = iter(seeds), set[Future[Report]]()
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=_STORMS_A_PROCESS) as pool:
        try:
            while True:
                for seed in left:
                    under_way.add(pool.submit(report_of, seed, breaks))
                    if len(under_way) >= 4 * jobs:
                        break
                if not under_way:
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        finally:
            pool.shutdown(cancel_futures=True)


def cores() -> int:
    """How many processes this machine runs at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
