"""What a person sees of replications: timeline, proof, resources, problems, lists, dead letters."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from cli.bars import say_line
from cli.hints import fit
from cli.present import seen_next
from cli.screen import Screen, count, some_of, span
from cli.stages import timeline
from shared.ports import DeadLetter, Row
from shared.presentation import number, shares_quarantine, since, told
from shared.problem import Problem
from shared.replication.proof import DiskProof, Proof
from shared.replication.record import Replication, Resource, ResourceState

#: Lines of one kind that are shown of a disk, a replication or a folder; the rest is counted.
MOST_SHOWN = 20
#: So many dead letters a store gives, unless it is asked for another number.
MOST_LETTERS = 100
_STYLES = {"succeeded": "green", "failed": "red", "unproved": "yellow", "cancelled": "yellow"}
_VERDICTS = {"same": "green", "different": "red", "unproved": "yellow"}


def show_outcome(row: Row, screen: Screen, *, with_timeline: bool) -> None:
    """A replication that has ended, or as far as it is: timeline, proof, resources, problems, and one line."""
    record = row.record
    if with_timeline:
        show_timeline(record, screen)
    if record.proof:
        show_proof(record.proof, screen)
    show_resources(record, screen)
    for notice in record.plan.notices if record.plan else ():
        screen.say(f"note: {notice}")
    show_problems(told(record), screen)
    screen.say((record.id, "bold"), "  ", *_state(row), f"  {crossing(record)}")


def show_history(record: Replication, screen: Screen) -> None:
    """Every line of the history."""
    for line in record.history:
        say_line(line, record.accepted_at, screen)


def crossing(record: Replication) -> str:
    """From where to where."""
    return f"{record.request.source.instance}, {record.request.source.region} to {record.request.target.region}"


def show_timeline(record: Replication, screen: Screen) -> None:
    """A line a phase, with the time since the start."""
    rows = [
        (since(period.begins), period.phase, span(period.took) if period.took else "", period.what)
        for period in timeline(record)
    ]
    screen.table(rows)


def show_proof(proof: Proof, screen: Screen) -> None:
    """The verdict and, disk by disk, what was compared and what differs."""
    files, size = sum(disk.files for disk in proof.disks), sum(disk.bytes for disk in proof.disks)
    compared = f"  {count(files, 'file')}, {size:,} bytes on {count(len(proof.disks), 'disk')}" if proof.disks else ""
    screen.say("proof: ", (proof.verdict.value, f"bold {_VERDICTS[proof.verdict.value]}"), compared)
    for disk in proof.disks:
        _show_disk(disk, screen)
    for reason in proof.reasons:
        screen.say(f"  {reason}")


def _show_disk(disk: DiskProof, screen: Screen) -> None:
    found = [
        count(len(names), noun)
        for names, noun in ((disk.differences, "difference"), (disk.in_flux, "change"), (disk.unread, "unread path"))
        if names
    ]
    verdict = ", ".join(found) or "the same"
    screen.say(f"  {disk.device}  {count(disk.files, 'file')}, {disk.bytes:,} bytes: {verdict}")
    _show_some([f"{one.path}: {one.what}" for one in disk.differences], screen, "red")
    _show_some([f"{path}: changed on the source meanwhile, not proved" for path in disk.in_flux], screen, "yellow")
    _show_some([f"{one.path}: not read on the {one.side}, {one.why}" for one in disk.unread], screen, "yellow")
    if disk.more:
        screen.say(f"    {disk.more}")
    if disk.changed_by_boot:
        number = len(disk.changed_by_boot)
        screen.say(f"    first boot rewrote {number}: {some_of(disk.changed_by_boot)}", style="dim")


def _show_some(lines: Sequence[str], screen: Screen, style: str = "") -> None:
    for line in lines[:MOST_SHOWN]:
        screen.say(f"    {line}", style=style)
    if len(lines) > MOST_SHOWN:
        screen.say(f"    and {len(lines) - MOST_SHOWN} more: all of them with --json", style=style)


def show_resources(record: Replication, screen: Screen) -> None:
    """What is there, with its cost; what is gone is counted."""
    living = [resource for resource in record.resources if resource.lives]
    if not record.resources:
        return
    screen.say("resources, with their cost a month")
    rows = [(r.state.value, r.kind.value, r.id, r.region, _about(r)) for r in living]
    screen.table(rows, indent="  ", styles=["red" if r.state is ResourceState.LEFT_BEHIND else "" for r in living])
    for line in _gone(record):
        screen.say(f"  {line}", style="dim")
    if shares_quarantine(record) and record.plan:
        screen.say(f"  the replica is in quarantine, in {record.plan.quarantine_group} alone: nothing reaches it")


def _about(resource: Resource) -> str:
    return f"{resource.monthly_cost}; {resource.reason}" if resource.reason else resource.monthly_cost


def _gone(record: Replication) -> Iterator[str]:
    removed = [r for r in record.resources if not r.lives]
    for region in sorted({r.region for r in removed}):
        kinds = Counter(r.kind.value for r in removed if r.region == region)
        yield f"removed in {region}: {', '.join(count(number, kind) for kind, number in sorted(kinds.items()))}"


def _state(row: Row) -> Iterator[str | tuple[str, str]]:
    record = row.record
    phase = record.phase.shown
    yield (phase, _STYLES.get(phase, "cyan"))
    if not record.ended:
        yield "" if row.hints.progress is None else f" {row.hints.progress} %"
        yield ", to be cancelled" if record.cancel else ""


def show_under_way(row: Row, screen: Screen, *, virtual: bool) -> None:
    """A replication that runs: where it is, since when, and when it is looked at next."""
    record = row.record
    screen.say((record.id, "bold"), "  ", *_state(row), f"  {crossing(record)}")
    begun = since(record.entered_at - record.accepted_at)
    coming = since(row.hints.next_at - record.accepted_at)
    screen.say(f"    {record.phase.shown} since {begun}; {seen_next(record)} {coming}{' (virtual)' if virtual else ''}")
    screen.say(f"    last: {record.history[-1].what}")


def show_list(rows: Sequence[Row], screen: Screen) -> None:
    """The replications, one a line."""
    if not rows:
        screen.say(fit("no replications yet; begin one: ferry replicate -f request.yaml --world world.yaml"))
        return
    screen.table(
        [("id", "accepted", "phase", "proof", "kept", "left behind", "what"), *map(_listed, rows)], styles=["dim"]
    )


def _listed(row: Row) -> tuple[str, ...]:
    record = row.record
    kept, left = number(record, ResourceState.KEPT), number(record, ResourceState.LEFT_BEHIND)
    phase = "".join(part if isinstance(part, str) else part[0] for part in _state(row))
    verdict = record.proof.verdict.value if record.proof else ""
    counts = str(kept or ""), str(left or "")
    return record.id, f"{record.accepted_at:%m-%d %H:%M}", phase, verdict, *counts, crossing(record)


def show_letters(letters: Sequence[DeadLetter], screen: Screen) -> None:
    """The dead letters, if there are any."""
    if not letters:
        return
    shown = f"the newest {MOST_LETTERS}" if len(letters) >= MOST_LETTERS else f"{len(letters)}"
    noun = " dead letter" if len(letters) == 1 else " dead letters"
    screen.say((shown + noun, "red"), ": what nobody could act on")
    _show_some([_grouped(group) for group in _by_reason(letters).values()], screen)


def _by_reason(letters: Sequence[DeadLetter]) -> dict[tuple[str, str], list[DeadLetter]]:
    """The letters with the same origin and reason together, in the order of each group's newest."""
    groups: dict[tuple[str, str], list[DeadLetter]] = {}
    for letter in letters:
        groups.setdefault((letter.origin, letter.reason), []).append(letter)
    return groups


def _grouped(letters: Sequence[DeadLetter]) -> str:
    """Equal letters on one line, newest first."""
    newest = f"{letters[0].at:%m-%d %H:%M:%S}"
    if len(letters) == 1:
        return f"{newest}  {_why(letters[0])}"
    return f"{letters[0].origin} x{len(letters)}: {_reason(letters[0])}, newest at {newest}"


def _why(letter: DeadLetter) -> str:
    return f"{letter.origin}: {_reason(letter)}"


def _reason(letter: DeadLetter) -> str:
    return letter.reason.removeprefix(letter.origin).removeprefix(":").lstrip()


def show_problems(problems: Sequence[Problem], screen: Screen) -> None:
    """Each problem: where, what, and what to do."""
    for problem in problems:
        file = getattr(problem, "file", "")
        where = "".join(f"{part}: " for part in (file, problem.path) if part)
        screen.say((where, "red"), f"{problem.message} ({problem.code})")
        screen.say(f"  {fit(problem.fix)}", style="dim")


def show_run(row: Row, virtual: timedelta, wall: float, calls: int, screen: Screen) -> None:
    """The last line: the verdict, and what it took."""
    record = row.record
    proof = f", proof {record.proof.verdict.value}" if record.proof else ""
    phase = record.phase.shown
    screen.say(
        (f"{phase}{proof}", f"bold {_STYLES.get(phase, 'cyan')}"),
        f": {span(virtual)} of virtual time in {wall:.1f} s, {count(calls, 'cloud call')}",
    )
