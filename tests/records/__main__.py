"""Records what a release writes: `python -m tests.records RELEASE`, with that release's code checked out.

It runs replications on the embedded cloud and writes down their rows, phase by phase, and the messages that reached
the functions.  tests/records/README.md says what becomes of them.
"""

import base64
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from cli.embedded import INSTALL
from localcloud.door import Call
from localcloud.faults import Fault
from localcloud.fc import Run
from shared.acceptance import cancel, clean
from shared.guest import DIGEST_DISKS
from shared.replication.machine import DUE
from shared.replication.phases import Phase
from shared.replication.record import ResourceKind, Role
from tests.functions.account import THERE, ask, put_event
from tests.functions.ferry import MINUTE, Ferry, a_request
from tests.records.forms import (
    LETTERS,
    MESSAGES,
    SCRIPT,
    STORY,
    TABLES,
    Act,
    Case,
    End,
    Message,
    Release,
    Setting,
    Story,
    write,
)
from tests.records.stage import KEY, STORE, changes, disks, quarantine_group, scene

CORRUPT = Fault(kind="corrupt", device="/dev/xvdb", path="/orders", count=1)
#: Everything that a request can say besides where from and where to.
FULL: dict[str, Any] = {
    "goal": "recovery_point",
    "image_name": "Created_from_hangzhouECS1",
    "copy_name": "Copy_from_hangzhouImage1",
    "keep_source_image": True,
    "on_proof_failure": "remove",
}
#: In a replication that goes well, in their order.
WELL = (
    Phase.ACCEPTED,
    Phase.MANIFEST_DUE,
    Phase.MEASURING,
    Phase.IMAGE_DUE,
    Phase.IMAGING,
    Phase.IMAGE_TAG_DUE,
    Phase.COPY_DUE,
    Phase.COPYING,
    Phase.COPY_TAG_DUE,
    Phase.LAUNCH_DUE,
    Phase.LAUNCHING,
    Phase.BOOTING,
    Phase.PROOF_DUE,
    Phase.PROVING,
    Phase.JOIN_DUE,
    Phase.TIDY_DUE,
    Phase.SUCCEEDED,
)
#: When a function has died with its retry, and before the sweep asks again.
DIED = timedelta(seconds=20)


def main() -> int:
    """Record the release that is named."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m tests.records RELEASE\n")
        return 2
    release = Release(sys.argv[1])
    if release.folder.exists():
        sys.stderr.write(f"{release.folder} is there, and a release is recorded once\n")
        return 3
    release.folder.mkdir()
    shutil.copy(DIGEST_DISKS, release.folder / SCRIPT)
    good_stories(release)
    bad_stories(release)
    entrances(release)
    sys.stdout.write(f"{release.folder}: {len(release.cases)} records, {len(release.messages)} messages\n")
    return 0


# --- the stories


def good_stories(release: Release) -> None:
    """What comes to its end as it was asked to."""
    with tape(release, "went_well", "A replica, and nothing goes wrong; every message is on its way.") as it:
        it.reach(*WELL)
    with tape(release, "recovery_point", "A copied image; names given, the source image stays.", request=FULL) as it:
        it.reach(Phase.COPYING, Phase.COPY_TAG_DUE, Phase.TIDY_DUE, Phase.SUCCEEDED)
    died = [
        Fault(kind="kill_after", function=f"{INSTALL}-{function}", action=action, count=2)
        for function, action in (
            ("create_image", "CreateImage"),
            ("copy_image", "CopyImage"),
            ("launch_instance", "RunInstances"),
        )
    ]
    with tape(
        release, "died", "Each creating function died before it could write what it had made; it is asked again.", died
    ) as it:
        for phase in (Phase.IMAGE_DUE, Phase.COPY_DUE, Phase.LAUNCH_DUE):
            it.until(phase, DIED)
            it.keep()
    with tape(release, "cancelled_early", "Cancelled while the image is being made, which has to end first.") as it:
        it.until(Phase.IMAGING, MINUTE)
        it.cancel()
        it.reach(Phase.IMAGE_ENDING, Phase.CLEANUP_DUE, Phase.SETTLING, Phase.CANCELLED)
    with tape(release, "cancelled_late", "Cancelled while the replica boots: all that was made has to go.") as it:
        it.until(Phase.BOOTING)
        it.cancel()
        it.reach(Phase.CLEANUP_DUE)
    with tape(release, "cancelled_unknown", "Cancelled when the record does not know its image: a stray.", died) as it:
        it.until(Phase.IMAGE_DUE, DIED)
        it.cancel()
        it.reach(Phase.SETTLING, Phase.CLEANUP_DUE)


def bad_stories(release: Release) -> None:
    """What fails, differs or is not proved, and is cleaned."""
    with tape(release, "refused", "The source is not there: nothing is made.", instance="i-no") as it:
        it.reach(Phase.FAILED)
    with tape(release, "no_stock", "The cloud says no to the launch.", [Fault(kind="no_stock")]) as it:
        it.reach(Phase.CLEANUP_DUE, Phase.SETTLING, Phase.FAILED)
    with tape(
        release, "differs", "A file of the replica is not the same: all stays, until it is cleaned.", [CORRUPT]
    ) as it:
        it.reach(Phase.SETTLING, Phase.FAILED)
        it.clean()
        it.reach(Phase.CLEANUP_DUE, Phase.SETTLING, Phase.FAILED)
    removed = {"on_proof_failure": "remove"}
    with tape(release, "differs_removed", "As before, to be removed at once.", [CORRUPT], request=removed) as it:
        it.reach(Phase.CLEANUP_DUE, Phase.FAILED)
    with tape(release, "left_behind", "As before, but the cloud does not let it go.", [CORRUPT], request=removed) as it:
        it.until(Phase.PROVING)
        replica = it.ferry.record(it.id).resource(Role.REPLICA, ResourceKind.INSTANCE)
        assert replica is not None
        ask("ModifyInstanceAttribute", THERE, InstanceId=replica.id, DeletionProtection=True)
        it.reach(Phase.SETTLING, Phase.FAILED)
        it.clean()
        it.reach(Phase.CLEANUP_DUE)
    deep = Fault(kind="corrupt", device="/dev/xvdb", path="/many/0000", count=1)
    with tape(release, "asks_on", "What differs lies too deep for one answer: more is asked.", [deep], files=300) as it:
        it.until(Phase.PROVING)
        it.until(Phase.PROOF_DUE)
        it.reach(Phase.PROVING)
        it.until(Phase.PROOF_DUE)
        it.reach(Phase.PROVING)
    silent = {"cloud_assistant": False}
    with tape(release, "unproved", "The source can't be read: the replica stays, unproved.", source=silent) as it:
        it.reach(Phase.IMAGE_DUE, Phase.LAUNCHING, Phase.SETTLING, Phase.UNPROVED)
        it.clean()
        it.reach(Phase.CLEANUP_DUE, Phase.UNPROVED)
    with tape(release, "not_joined", "The proved replica can't leave quarantine: it is never deleted.") as it:
        it.until(Phase.PROVING)
        ask("DeleteSecurityGroup", THERE, SecurityGroupId="sg-b")
        it.reach(Phase.SETTLING, Phase.FAILED)
        it.clean()
        it.reach(Phase.CLEANUP_DUE)


class Tape:
    """One story while it is played: what of it is kept."""

    def __init__(self, ferry: Ferry, id_: str, file: Path) -> None:
        self.ferry = ferry
        self.id = id_
        self.cases: list[tuple[str, Case]] = []
        self.disks: dict[str, tuple[str, ...]] = {}
        self.end: End | None = None
        self.cleaned: End | None = None
        self._file = file
        self._since = len(ferry.cloud.calls)

    def until(self, phase: Phase, more: timedelta | None = None) -> None:
        """Let time pass until it is in *phase*, and then some *more*."""
        self.ferry.until(self.id, phase)
        if more:
            self.ferry.pass_time(more)

    def reach(self, *phases: Phase) -> None:
        """Keep the row as soon as it is in each of the *phases*."""
        for phase in phases:
            self.until(phase)
            self.keep()

    def keep(self) -> None:
        """Keep the row as it stands."""
        row = self._row()
        record = json.loads(row.pop("doc"))
        case = Case(
            at=self.ferry.cloud.clock.now,
            acts=len(self.acts()),
            changes=len(changes(self.ferry.cloud)),
            message=None,
            cleaned=self.end is not None,
            row=row,
            record=record,
        )
        self.disks |= disks()
        name = f"{len(self.cases) + 1:02}-{record['phase']}"
        self.cases.append((name + ("-cancel" if record["cancel"] and not record["outcome"] else ""), case))

    def cancel(self) -> None:
        """Have it cancelled, and keep the row."""
        cancel(self.id, "operator", self.ferry.app.store, self.ferry.app.clock())
        self.keep()

    def clean(self) -> None:
        """Have what it kept removed."""
        self.end = End.of(self.ferry.until_ended(self.id))
        clean(self.id, "operator", self.ferry.app.store, self.ferry.app.clock())

    def close(self) -> None:
        """Let it come to its end, and clean what is left then."""
        ended = self.ferry.until_ended(self.id)
        if self.end is None and ended.outcome is not None:
            self.clean()
            ended = self.ferry.until_ended(self.id)
        if self.end is None:
            self.end = End.of(ended)
        else:
            self.cleaned = End.of(ended)

    def acts(self) -> tuple[Act, ...]:
        """The calls that have changed ECS since it was accepted."""
        return tuple(_act(call) for call in self.ferry.cloud.calls[self._since :] if _has_changed(call))

    def _row(self) -> dict[str, Any]:
        with closing(sqlite3.connect(self._file)) as db:
            db.row_factory = sqlite3.Row
            (found,) = db.execute("SELECT * FROM replications WHERE id = ?", (self.id,))
        return {name: found[name] for name in found.keys() if name != "row"}  # noqa: SIM118 - a Row is no mapping


@contextmanager
def tape(
    release: Release,
    name: str,
    about: str,
    faults: Sequence[Fault] = (),
    *,
    instance: str = "i-web",
    request: dict[str, Any] | None = None,
    source: dict[str, Any] | None = None,
    files: int = 0,
) -> Iterator[Tape]:
    """Play a story in a fresh cloud, and write it down when it is over."""
    asked = a_request(instance=instance, **(request or {})).model_dump(mode="json")
    setting = Setting(seed=1 + len(release.stories), source=source or {}, faults=tuple(faults), files=files)
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder), setting, release.script) as ferry:
        it = Tape(ferry, ferry.replicate(KEY, instance=instance, **(request or {})), Path(folder) / STORE)
        yield it
        it.close()
        assert it.end is not None
        told = Story(
            about=about,
            # What strikes a function has done so when the story is played again.
            setting=setting.model_copy(update={"faults": tuple(f for f in faults if f.function is None)}),
            request=asked,
            quarantine_group=quarantine_group(),
            disks=it.disks,
            acts=it.acts(),
            changes=tuple(changes(ferry.cloud)),
            end=it.end,
            cleaned=it.cleaned,
        )
        runs = list(ferry.cloud.fc.runs)
    if name == "went_well":
        on_their_way(release, runs)
    told.write(release.folder / name / STORY)
    for case_name, case in it.cases:
        message = _message_of(release, case) if name in ("went_well", "died") else None
        case.model_copy(update={"message": message}).write(release.folder / name / f"{case_name}.json")


def _has_changed(call: Call) -> bool:
    """Whether it had an effect, heard of or not."""
    return call.service == "ecs" and not call.action.startswith("Describe") and call.status == 200


def _act(call: Call) -> Act:
    params = dict(call.params)
    if call.action == "RunCommand":
        del params["CommandContent"]
        params["Parameters"] = base64.b64decode(json.loads(params["Parameters"])["request"]).decode()
    return Act(at=call.at, region=call.region, action=call.action, params=params)


# --- the messages


def on_their_way(release: Release, runs: list[Run]) -> None:
    """Keep of each kind of message the first that reached a function."""
    for run in runs:
        message = Message(function=run.function.removeprefix(f"{INSTALL}-"), event=json.loads(run.payload))
        assert message.payload == run.payload, "what is kept is what came, to the byte"
        file = release.folder / MESSAGES / f"{_kind(message)}.json"
        if not file.exists():
            message.write(file)


def _kind(message: Message) -> str:
    """A message's name: that of its function, or for what wakes `watch` of its reason."""
    event = message.event
    if message.function == "watch" and "triggerTime" in event:
        return "timer"
    if message.function == "watch" and "TopicName" in event:
        type_ = json.loads(event["Message"])["type"]
        return str(type_).replace(":", "-").lower()
    if message.function == "watch":
        return f"look-{event['data']['messageBody']}"
    if message.function == "keep_dead_letter":
        return "letter_of_a_function" if "requestContext" in event["data"]["messageBody"] else "letter_of_the_bus"
    return message.function


def _message_of(release: Release, case: Case) -> str | None:
    """What was on its way when the row was written: the command that is due, or the look at what is waited for."""
    due = DUE.get(Phase(case.record["phase"]))
    name = due.function() if due else f"look-{case.row['region']}"
    return name if name in release.messages and not case.row["ended"] else None


def entrances(release: Release) -> None:
    """Keep a request on the bus, dead letters on their way and in the store, and the store's tables."""
    full = a_request(**FULL).model_dump(mode="json")
    full["target"]["instance_type"] = "ecs.g7.large"
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder), Setting(), release.script) as ferry:
        put_event("ferry:StartReplication", {"schema": 1, "key": "nightly-1", "request": full})
        put_event("ferry:CreateImgae", {"replication": "r-1"}, id_="e-2")
        put_event("ferry:CopyImage", {"replication": "r-nobody"}, id_="e-3")
        ferry.pass_time(2 * MINUTE)
        on_their_way(release, list(ferry.cloud.fc.runs))
        with closing(sqlite3.connect(Path(folder) / STORE)) as db:
            (release.folder / TABLES).write_text(_tables(db))
            rows = db.execute("SELECT id, at, doc FROM dead_letters ORDER BY id")
            write(release.folder / LETTERS, [dict(zip(("id", "at", "doc"), row, strict=True)) for row in rows])


def _tables(db: sqlite3.Connection) -> str:
    """The SQL that makes a store like this one, empty."""
    made = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    pragmas = [
        f"PRAGMA {name} = {db.execute(f'PRAGMA {name}').fetchone()[0]}"
        for name in ("journal_mode", "application_id", "user_version")
    ]
    return "".join(f"{statement};\n" for statement in (*pragmas, *made))


if __name__ == "__main__":
    sys.exit(main())
