"""The table drawn: docs/phases.md is this text."""

from shared.replication.machine import DUE, TABLE, Choice
from shared.replication.phases import ENDS, Phase
from shared.replication.record import LIMITS

_HEAD = """# Phases

Drawn from the table in `shared/replication/machine.py` by `python -m shared.replication.diagram`; a test compares.
A phase either has a command due, or waits for what `watch` sees, or is an end.

"""


def document() -> str:
    """docs/phases.md, whole."""
    return _HEAD + _table() + "\n" + _mermaid()


def _table() -> str:
    rows = ["| phase | people see | due | given up after |", "|---|---|---|---|"]
    for phase in Phase:
        due = DUE[phase].__name__ if phase in DUE else "end" if phase in ENDS else "waits"
        limit = LIMITS.get(phase)
        rows.append(f"| {phase} | {phase.shown} | {due} | {limit or ''} |")
    return "\n".join(rows) + "\n"


def _mermaid() -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {Phase.ACCEPTED}"]
    for phase in Phase:
        for way, seen in sorted(_ways(phase).items()):
            lines.append(f"    {phase} --> {way}: {', '.join(sorted(seen))}")
    lines += [f"    {end} --> [*]" for end in sorted(ENDS)]
    return "\n".join([*lines, "```"]) + "\n"


def _ways(phase: Phase) -> dict[Phase, set[str]]:
    """Where each observation leads, loops left out."""
    ways: dict[Phase, set[str]] = {}
    for seen, cell in TABLE[phase].items():
        targets = {way: f" ({name})" for name, way in cell.ways.items()} if isinstance(cell, Choice) else {cell: ""}
        for way, why in targets.items():
            if way is not phase:
                ways.setdefault(way, set()).add(seen.__name__ + why)
    return ways


if __name__ == "__main__":
    print(document(), end="")  # noqa: T201 - the document itself
