"""What a folder of tests/records holds: `python -m tests.records` writes it, tests/test_upgrade.py reads it."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from localcloud.faults import Fault
from shared.replication.record import Replication

HERE = Path(__file__).resolve().parent
#: The guest's script as the release sent it, and its store's tables.
SCRIPT, TABLES, LETTERS = "digest_disks.sh", "tables.sql", "dead_letters.json"
STORY, MESSAGES = "story.json", "messages"
_LINE = 220


class Form(BaseModel):
    """One file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, file: Path) -> Self:
        """The file's content; the error names the file."""
        try:
            return cls.model_validate_json(file.read_text())
        except ValueError as error:
            raise ValueError(f"{file.relative_to(HERE)} is not a {cls.__name__} of tests/records: {error}") from None

    def write(self, file: Path) -> None:
        """Write it for people to read: as JSON, a field a line."""
        write(file, self.model_dump(mode="json"))


class Act(Form):
    """A call that changed the cloud, as it came in there; of a script only the request is kept, in clear."""

    at: datetime
    region: str
    action: str
    params: dict[str, str]


class Change(Form):
    """A thing at the cloud came into a state."""

    kind: str
    id: str
    state: str


class End(Form):
    """How a replication ended, in words that hold for every run of the same story."""

    phase: str
    outcome: str | None
    verdict: str | None
    problems: tuple[str, ...]
    resources: tuple[str, ...]

    @classmethod
    def of(cls, record: Replication) -> Self:
        """The end that *record* has come to."""
        return cls(
            phase=record.phase.value,
            outcome=record.outcome.value if record.outcome else None,
            verdict=record.proof.verdict.value if record.proof else None,
            problems=tuple(problem.code for problem in record.problems),
            resources=tuple(sorted(f"{r.role.value} {r.kind.value}: {r.state.value}" for r in record.resources)),
        )


class Setting(Form):
    """In which cloud a story plays."""

    seed: int = 1
    #: What is not as usual about the source instance.
    source: dict[str, Any] = {}
    faults: tuple[Fault, ...] = ()
    #: How many more files there are on its data disk.
    files: int = 0


class Story(Form):
    """One replication from its acceptance to its end: the stage, and what changed there."""

    about: str
    setting: Setting
    request: dict[str, Any]
    quarantine_group: str
    #: An instance's disks by device.
    disks: dict[str, tuple[str, ...]]
    acts: tuple[Act, ...]
    changes: tuple[Change, ...]
    end: End
    #: The end that `ferry clean` comes to, where there was anything to clean.
    cleaned: End | None


class Case(Form):
    """A row as it was stored at one moment of its story."""

    at: datetime
    #: How many of the story's acts were done, and changes seen, by then.
    acts: int
    changes: int
    #: What was on its way to a function then, a file in messages/; nothing: it was lost.
    message: str | None
    #: Whether the story's end before or after `ferry clean` follows.
    cleaned: bool
    #: The row's columns but the record's own.
    row: dict[str, Any]
    record: dict[str, Any]


class Message(Form):
    """What a function was woken with: the JSON of its trigger; the function's name is without its install's."""

    function: str
    event: dict[str, Any]

    @property
    def payload(self) -> bytes:
        """The bytes as they came."""
        return json.dumps(self.event).encode()


class Release:
    """A release's folder."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = HERE / name

    @property
    def stories(self) -> tuple[str, ...]:
        """The stories' names."""
        return tuple(sorted(file.parent.name for file in self.folder.glob(f"*/{STORY}")))

    def story(self, name: str) -> Story:
        """A story."""
        return Story.read(self.folder / name / STORY)

    def story_of(self, case: str) -> Story:
        """The story that a case is of."""
        return self.story(case.rpartition("/")[0])

    @property
    def cases(self) -> tuple[str, ...]:
        """The names of all cases, such as went_well/05-imaging."""
        files = (file for file in self.folder.glob("*/[0-9]*.json") if (file.parent / STORY).exists())
        return tuple(f"{file.parent.name}/{file.stem}" for file in sorted(files))

    def case(self, name: str) -> Case:
        """A case."""
        return Case.read(self.folder / f"{name}.json")

    @property
    def messages(self) -> tuple[str, ...]:
        """The names of all messages."""
        return tuple(sorted(file.stem for file in (self.folder / MESSAGES).glob("*.json")))

    def message(self, name: str) -> Message:
        """A message."""
        return Message.read(self.folder / MESSAGES / f"{name}.json")

    @property
    def letters(self) -> list[dict[str, Any]]:
        """The rows of its dead letters."""
        found: list[dict[str, Any]] = json.loads((self.folder / LETTERS).read_text())
        return found

    @property
    def tables(self) -> str:
        """The SQL that makes its store's tables."""
        return (self.folder / TABLES).read_text()

    @property
    def script(self) -> str:
        """The guest's script."""
        return (self.folder / SCRIPT).read_text()


def releases() -> Iterator[Release]:
    """Every release that has a folder."""
    yield from (Release(folder.name) for folder in sorted(HERE.iterdir()) if (folder / TABLES).exists())


def write(file: Path, content: object) -> None:
    """Write *content* as JSON for people: what fits on a line stands on one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_shown(content, "\n") + "\n")


def _shown(content: Any, new_line: str) -> str:
    line = json.dumps(content, ensure_ascii=False)
    if len(line) + len(new_line) <= _LINE or not isinstance(content, dict | list):
        return line
    deeper = new_line + " "
    if isinstance(content, list):
        return "[" + ",".join(deeper + _shown(one, deeper) for one in content) + new_line + "]"
    fields = (f"{deeper}{json.dumps(name)}: {_shown(value, deeper)}" for name, value in content.items())
    return "{" + ",".join(fields) + new_line + "}"
