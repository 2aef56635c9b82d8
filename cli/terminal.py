"""What a person sees: progress, timeline, proof, resources, problems."""

import time
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from shared.replication.proof import Proof

from shared.ports import DeadLetter, Row, Store
from shared.problem import Problem
from shared.replication.record import Replication, ResourceState

#: The bars, in order: a name, and the phases during which each is under way.
_BARS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("image", ("imaging",)),
    ("copy", ("copying",)),
    ("boot", ("launching",)),
    ("proof", ("verifying",)),
)
_ORDER = ("accepted", "checking", "imaging", "copying", "launching", "verifying", "associating", "cleaning_up")
_LOOK_EVERY = 0.05


class Watcher:
    """Shows a replication under way: bars on a terminal, plain lines elsewhere; nothing when it is to be quiet."""

    def __init__(self, store: Store, id_: str, console: Console, *, quiet: bool) -> None:
        self._store, self._id, self._console, self._quiet = store, id_, console, quiet
        self._lines = 0
        self._looked = 0.0
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("  {task.description:<6}"), BarColumn(40), TextColumn("{task.fields[said]}"), console=console
        )

    def __enter__(self) -> "Watcher":
        if not self._quiet and self._console.is_terminal:
            for name, _ in _BARS:
                self._bars[name] = self._progress.add_task(name, total=100, said="")
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._update()
        if self._bars:
            self._progress.stop()

    def on_step(self) -> None:
        """Show what has changed, at most twenty times a second."""
        if self._quiet or time.monotonic() - self._looked < _LOOK_EVERY:
            return
        self._looked = time.monotonic()
        self._update()

    def _update(self) -> None:
        row = None if self._quiet else self._store.load(self._id)
        if row is None:
            return
        if self._bars:
            self._fill(row)
        else:
            self._print_new_lines(row.record)

    def _fill(self, row: Row) -> None:
        phase = row.record.phase.shown
        for name, phases in _BARS:
            if phase in phases:
                done, said = row.hints.progress or 0, f"{row.hints.progress or 0} %"
            elif _is_past(row.record, phases[0]):
                done, said = 100, "done"
            else:
                done, said = 0, ""
            self._progress.update(self._bars[name], completed=done, said=said)

    def _print_new_lines(self, record: Replication) -> None:
        for line in record.history[self._lines :]:
            self._console.print(
                f"{line.at:%H:%M:%S}  {line.phase.shown:<11}  {line.kind}  {line.what}", markup=False, soft_wrap=True
            )
        self._lines = len(record.history)


def _is_past(record: Replication, phase: str) -> bool:
    reached = {line.phase.shown for line in record.history if line.phase.shown in _ORDER}
    return any(_ORDER.index(other) > _ORDER.index(phase) for other in reached)


def show_outcome(row: Row, console: Console, *, timeline: bool) -> None:
    """The end of a replication (or its present state): timeline, proof, resources, problems."""
    record = row.record
    if timeline:
        console.print(_timeline(record))
    if record.proof:
        show_proof(record.proof, console)
    if record.resources:
        console.print(_resources(record))
    for notice in record.plan.notices if record.plan else ():
        console.print(f"note: {notice}", markup=False, soft_wrap=True)
    show_problems(record.problems, console)
    console.print(f"[bold]{record.id}[/bold]  {_verdict_line(record)}", soft_wrap=True)


def _verdict_line(record: Replication) -> str:
    source, target = record.request.source, record.request.target
    crossing = f"{source.instance} in {source.region} to {target.region}"
    style = {"succeeded": "green", "failed": "red", "unproved": "yellow", "cancelled": "yellow"}
    phase = record.phase.shown
    return f"[{style.get(phase, 'cyan')}]{phase}[/]  {escape(crossing)}"


def _timeline(record: Replication) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("virtual time", "phase", "", "what", "cost"):
        table.add_column(name, overflow="fold")
    for line in record.history:
        table.add_row(
            f"{line.at:%H:%M:%S}",
            line.phase.shown,
            line.kind.value,
            escape(line.what),
            escape(line.cost),
            style=("dim" if line.kind == "asked" else ""),
        )
    return table


def show_proof(proof: Proof, console: Console) -> None:
    """The verdict and, disk by disk, what was compared and what differs."""
    style = {"same": "green", "different": "red"}.get(proof.verdict.value, "yellow")
    console.print(f"\nproof: [{style} bold]{proof.verdict.value}[/]  [dim]{proof.digest}[/dim]", soft_wrap=True)
    for disk in proof.disks:
        console.print(
            f"  {disk.device}  {disk.files} files, {disk.bytes:,} bytes; {len(disk.differences)} differences; "
            f"{len(disk.changed_by_boot)} rewritten by the first boot",
            markup=False,
        )
        for difference in disk.differences:
            console.print(f"    {difference.path}: {difference.what}", markup=False, style="red", soft_wrap=True)
        for path in disk.in_flux:
            console.print(f"    {path}: changed on the source meanwhile, not proved", markup=False, style="yellow")
        for path in disk.changed_by_boot:
            console.print(f"    {path}: rewritten by the first boot", markup=False, style="dim", soft_wrap=True)
    for reason in proof.reasons:
        console.print(f"  {reason}", markup=False, soft_wrap=True)


def _resources(record: Replication) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", title="\nresources", title_justify="left")
    for name in ("state", "kind", "region", "id", "costs a month", "reason"):
        table.add_column(name, overflow="fold")
    for resource in record.resources:
        gone = resource.state is ResourceState.REMOVED
        table.add_row(
            resource.state.value,
            resource.kind.value,
            resource.region,
            resource.id,
            "" if gone else resource.monthly_cost,
            escape(resource.reason),
            style="dim" if gone else "",
        )
    return table


def show_list(rows: Sequence[Row], console: Console) -> None:
    """The replications, one a line."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", "phase", "source", "to", "accepted", "proof", "left behind"):
        table.add_column(name, overflow="fold")
    for row in rows:
        record = row.record
        left = sum(1 for r in record.resources if r.state is ResourceState.LEFT_BEHIND)
        progress = f" {row.hints.progress} %" if row.hints.progress is not None and not record.ended else ""
        table.add_row(
            record.id,
            record.phase.shown + progress,
            f"{record.request.source.instance} {record.request.source.region}",
            record.request.target.region,
            f"{record.accepted_at:%Y-%m-%d %H:%M}",
            record.proof.verdict.value if record.proof else "",
            str(left or ""),
        )
    console.print(table if rows else "no replications yet: ferry replicate -f request.yaml")


def show_letters(letters: Sequence[DeadLetter], console: Console) -> None:
    """The dead letters, if there are any."""
    if not letters:
        return
    console.print(f"\n[red]{len(letters)} dead letters[/red]: messages that nobody could act on")
    for letter in letters:
        console.print(
            f"  {letter.at:%Y-%m-%d %H:%M:%S}  {letter.origin}  {letter.reason}", markup=False, soft_wrap=True
        )


def show_problems(problems: Sequence[Problem], console: Console) -> None:
    """Each problem: where, what, and what to do."""
    for problem in problems:
        where = f"{problem.path}: " if problem.path else ""
        console.print(f"[red]{escape(where)}[/red]{escape(problem.message)} ({escape(problem.code)})", soft_wrap=True)
        console.print(f"  {problem.fix}", markup=False, style="dim", soft_wrap=True)
