"""What the command tells of storms: of one, of many, of one made small."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from cli.interrupts import Terminated
from cli.options import FAILED, REFUSED
from cli.present import print_json
from cli.screen import Screen, span, writing
from cli.storms.campaign import Report, Tally, cores, reports
from cli.storms.folders import sweep
from cli.storms.laws import Broken
from cli.storms.passage import Passage, under_way
from cli.storms.shrinking import shrink
from cli.storms.storm import Storm
from cli.storms.trace import as_json as line_json
from cli.storms.trace import lines, told
from localcloud.faults import Fault
from localcloud.world import Promise
from shared.presentation import Json

#: So often a line is written where no terminal redraws one.
_EVERY = 30.0


def tell_one(storm: Storm, replay: str, *, trace: bool, as_json: bool) -> bool:
    """Go through one storm and tell how it went; whether a law broke.  *replay* is the command that was given."""
    began = time.monotonic()
    with Screen(stderr=True).waiting("in the storm", quiet=as_json), under_way(storm) as (passage, log):
        start, found = log.install.cloud.cloud.clock.start, lines(passage, log) if trace else []
    if as_json:
        traced: Json = {"trace": [line_json(line, start) for line in found]} if trace else {}
        print_json({**_passage_json(passage), **traced})
        return bool(passage.broken)
    screen = Screen()
    for line in found:
        screen.say(told(line, start))
    ends = ", ".join(passage.ends) or "nothing was accepted"
    screen.say(
        f"{passage.storm.store}: {len(passage.strikes)} faults struck in {passage.calls} calls and "
        f"{span(passage.lasted)} of virtual time; ends: {ends} ({time.monotonic() - began:.1f} s)"
    )
    _say_broken(screen, passage.broken, "" if trace else f"{replay} --trace")
    if passage.broken:
        screen.say(f"  make it small: {replay} --shrink --out small.json")
    return bool(passage.broken)


def tell_many(seeds: Sequence[int], jobs: int | None, breaks: tuple[Promise, ...], *, as_json: bool) -> int:
    """Go through the storms of *seeds*, telling each that breaks a law as it comes; the exit code."""
    screen, tally, began = Screen(stderr=as_json), Tally(), time.monotonic()
    interrupted, done = False, set[int]()
    sweep()
    with _progress(screen) as progress:
        progress(lambda: f"0 of {len(seeds)} storms")
        try:
            for report in reports(seeds, jobs or cores(), breaks):
                tally.add(report)
                done.add(report.seed)
                if report.broken and not as_json:
                    screen.say(f"seed {report.seed}:")
                    _say_broken(screen, report.broken, _replay(report, breaks))
                progress(lambda: _so_far(tally, len(seeds), time.monotonic() - began))
        except (KeyboardInterrupt, Terminated):
            interrupted = True
    wall = time.monotonic() - began
    if as_json:
        print_json(_tally_json(tally, wall, breaks))
    else:
        _say_tally(screen, tally, wall)
    if interrupted:
        left = next((seed for seed in seeds if seed not in done), seeds[-1])  # they come in no order
        Screen(stderr=True).say(f"interrupted; go on with: ferry storm --first {left} --seeds COUNT")
        return REFUSED
    return FAILED if tally.broken else 0


def tell_shrunk(storm: Storm, out: Path | None, *, as_json: bool) -> int:
    """Find the smallest part of *storm* that breaks the same law, and tell or write it; the exit code."""
    screen = Screen(stderr=as_json)
    with under_way(storm) as (passage, _):
        pass
    if not passage.broken:
        screen.say(
            "no law broke: there is nothing to shrink; a seed that breaks one is told by: ferry storm --seeds 1000"
        )
        if as_json:
            print_json(_passage_json(passage))
        return 0
    with _progress(screen) as progress:
        shrunk = shrink(
            passage,
            lambda done, parts: progress(lambda: f"gone through {done} times; {parts} faults and requests are left"),
        )
    if shrunk is None:
        screen.say("with each fault where it struck the law holds: chance itself took part; see --trace")
        if as_json:
            print_json(_passage_json(passage))
        return FAILED
    small = shrunk.passage.storm
    if out is not None:
        with writing():
            out.write_text(small.model_dump_json(indent=2, exclude_defaults=True) + "\n")
    if as_json:
        document = small.model_dump(mode="json", exclude_defaults=True)
        print_json({**_passage_json(shrunk.passage), "storm": document, "passages": shrunk.passages})
    else:
        _say_shrunk(screen, shrunk.passage, shrunk.passages)
        _say_broken(screen, shrunk.passage.broken, f"ferry storm --file {out} --trace" if out else "")
    return FAILED


def _say_broken(screen: Screen, broken: Sequence[Broken], replay: str) -> None:
    for one in broken:
        screen.say((f"{one}", "bold red"))
    if broken and replay:
        screen.say(f"  look at it: {replay}")


def _say_shrunk(screen: Screen, passage: Passage, passages: int) -> None:
    small = passage.storm
    screen.say(f"gone through {passages} times; these are left:")
    for errand in small.errands:
        screen.say(f"  {errand.key}: {errand.goal} of {errand.instance} by {errand.by}, after {errand.at:.0f} s")
    for meddling in small.meddlings:
        screen.say(f"  {meddling.kind} of {meddling.key}, after {meddling.at:.0f} s")
    for fault in small.faults:
        screen.say(f"  {_fault(fault)}")


def _fault(fault: Fault) -> str:
    """A pinned fault in words."""
    who = f" by {fault.function}" if fault.function else ""
    where = f" in {fault.region}" if fault.region else ""
    return f"{fault.kind}: number {fault.nth} of {fault.action or 'anything'}{who}{where}"


def _replay(report: Report, breaks: Sequence[Promise]) -> str:
    return " ".join((f"ferry storm --seed {report.seed} --trace", *(f"--breaks {promise}" for promise in breaks)))


def _so_far(tally: Tally, all_: int, wall: float) -> str:
    rate = tally.seeds / wall if wall else 0.0
    left = span(timedelta(seconds=(all_ - tally.seeds) / rate)) if rate else "unknown"
    return f"{tally.seeds} of {all_} storms, {len(tally.broken)} broke a law; {rate:.1f} a second, {left} to go"


def _say_tally(screen: Screen, tally: Tally, wall: float) -> None:
    stores = ", ".join(f"{count} on {store}" for store, count in sorted(tally.stores.items()))
    screen.say(f"{tally.seeds} storms ({stores}) in {wall:.1f} s: {len(tally.broken)} broke a law")
    ends = ", ".join(f"{count} {end}" for end, count in tally.ends.most_common())
    screen.say(f"{tally.replications} replications, as the faults made them: {ends}")
    struck = ", ".join(f"{count} {kind}" for kind, count in tally.strikes.most_common())
    screen.say(f"{sum(tally.strikes.values())} faults struck in {tally.calls} calls: {struck}")


def _tally_json(tally: Tally, wall: float, breaks: Sequence[Promise]) -> Json:
    return {
        "storms": tally.seeds,
        "stores": dict(sorted(tally.stores.items())),
        "seconds": round(wall, 3),
        "calls": tally.calls,
        "replications": tally.replications,
        "ends": dict(sorted(tally.ends.items())),
        "strikes": dict(sorted(tally.strikes.items())),
        "broken": [
            {
                "seed": report.seed,
                "laws": [_broken_json(one) for one in report.broken],
                "again": _replay(report, breaks),
            }
            for report in sorted(tally.broken, key=lambda report: report.seed)
        ],
    }


def _passage_json(passage: Passage) -> Json:
    return {
        "seed": passage.storm.seed,
        "store": passage.storm.store,
        "ends": list(passage.ends),
        "calls": passage.calls,
        "strikes": len(passage.strikes),
        "virtual_seconds": round(passage.lasted.total_seconds(), 3),
        "broken": [_broken_json(one) for one in passage.broken],
    }


def _broken_json(one: Broken) -> Json:
    return {"law": one.law, "what": one.what, "act": one.act, "seconds": round(one.after.total_seconds(), 3)}


@contextmanager
def _progress(screen: Screen) -> Iterator[Callable[[Callable[[], str]], None]]:
    """What shows how far it is: on a terminal at once, elsewhere on stderr, a line every half minute."""
    last = time.monotonic()
    quiet = Screen(stderr=True)
    with screen.standing() as stand:

        def show(text: Callable[[], str]) -> None:
            nonlocal last
            if screen.is_live:
                stand(text())
            elif time.monotonic() - last >= _EVERY:
                last = time.monotonic()
                quiet.say(text())

        yield show
