"""A cloud that `ferry cloud serve` serves, and which records of a folder are of which cloud.

Each folder has an install of its own on each served cloud that it was used with: two folders share nothing there, and
a record tells by its install's name which cloud holds what it made.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.hints import fit
from cli.state import WrongCloud
from cli.via import Unreached
from localcloud.elsewhere import Elsewhere, Gone, Health, Silent, health
from localcloud.keys import Key
from shared.ports import StoreUnavailable
from shared.problem import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.ports import Row

_ADDRESS = re.compile(r"http://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/?")
#: API versions that the served cloud answers: ECS and VPC.  The rest of an install is in this process.
_THERE = ("2014-05-26", "2016-04-28")


@dataclass(frozen=True)
class KnownCloud:
    """A served cloud that a folder was used with: the install's name on it, where it was, and which one."""

    install: str
    address: str
    cloud: str


@dataclass(frozen=True)
class ServedCloud:
    """A served cloud that answers, as one folder's install sees it."""

    known: KnownCloud
    speed: float
    account: str
    key: Key

    @property
    def elsewhere(self) -> dict[str, Elsewhere]:
        """What answers the calls of which API version."""
        there = Elsewhere(self.known.address, self.known.cloud, self.key)
        return dict.fromkeys(_THERE, there)

    def now(self) -> datetime:
        """Its virtual moment; raises Unreached."""
        return reached(self.known.address).now


@dataclass(frozen=True)
class Clouds:
    """The served clouds that a folder was used with."""

    folder: Path

    @property
    def _file(self) -> Path:
        return self.folder / "clouds.json"

    def known(self) -> Sequence[KnownCloud]:
        """All of them; raises StoreUnavailable when what is written of them can't be read."""
        try:
            return [KnownCloud(**one) for one in json.loads(self._file.read_bytes())]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            what = "says which clouds hold what the records name, and can't be read"
            raise StoreUnavailable(f"{self._file} {what} ({error}); put a good copy in its place") from None

    def of(self, install: str) -> KnownCloud | None:
        """The cloud that the install of this name is on; None when that is no served one."""
        return next((one for one in self.known() if one.install == install), None)

    def join(self, address: str, key: Key) -> ServedCloud:
        """The cloud that is served at *address*, with this folder's install on it; raises Unreached."""
        there = reached(address)
        known = next((one for one in self.known() if one.cloud == there.cloud), None)
        if known is None or known.address != address:
            known = KnownCloud(known.install if known else _new_install(), address, there.cloud)
            self._write([*(one for one in self.known() if one.cloud != there.cloud), known])
        return ServedCloud(known, there.speed, there.account, key)

    def _write(self, clouds: Sequence[KnownCloud]) -> None:
        """Put the list in the place of what is there: whole, and before anything is made on a new cloud."""
        draft = self._file.with_suffix(".new")
        try:
            with draft.open("w") as file:
                json.dump([asdict(one) for one in clouds], file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file)
        except OSError as error:
            raise StoreUnavailable(f"{self._file} can't be written: {error.strerror}") from None


def _new_install() -> str:
    return f"ferry-{secrets.token_hex(4)}"


def reached(address: str) -> Health:
    """How the cloud at *address* is; raises Unreached."""
    try:
        return health(address)
    except Gone as gone:
        port = urlsplit(address).port or 80
        fix = f"serve one, in another terminal: ferry cloud serve --port {port} --world world.yaml"
        raise Unreached(Problem(path="--cloud", code="cloud_gone", message=str(gone), fix=fix)) from None


def still_served(known: KnownCloud, key: Key) -> ServedCloud | None:
    """The cloud, if it is still where it was; None when its process has ended.  Raises Unreached when it is silent."""
    try:
        there = health(known.address)
    except Silent as silent:
        fix = "see that its process runs, then say the same again"
        raise Unreached(Problem(path="cloud", code="cloud_silent", message=str(silent), fix=fix)) from None
    except Gone:
        return None
    return ServedCloud(known, there.speed, there.account, key) if there.cloud == known.cloud else None


def check_open(rows: Sequence[Row], clouds: Clouds, install: str, address: str | None) -> None:
    """Raises WrongCloud when a replication is under way, but not as that *install*: on another cloud.

    Run on this one, Ferry would find nothing of what that one made, and take it for lost.
    """
    for row in rows:
        record = row.record
        if not record.ended and record.install != install:
            raise WrongCloud(_elsewhere(record.id, clouds.of(record.install), address))


def _elsewhere(id_: str, known: KnownCloud | None, address: str | None) -> Problem:
    close = fit(f"close it with: ferry clean {id_}")
    if known is None:
        message = f"{id_} was under way on an embedded cloud that is gone"
        fix = f"{close}; or give another --state"
    elif known.address == address:
        message = f"{id_} was under way on the cloud that was at {address}: that is gone, and another one is there now"
        fix = f"{close}; then say the same again; or give another --state"
    else:
        message = f"{id_} is under way on the cloud at {known.address}"
        fix = f"go on with its request and --cloud {known.address}; should that cloud be gone: {close}"
    return Problem(path="--state", code="another_cloud", message=message, fix=fix)


def address_of(text: str) -> str:
    """The address that --cloud names; raises BadInput."""
    if not _ADDRESS.fullmatch(text):
        fix = "give what `ferry cloud serve` says that it listens on, such as http://127.0.0.1:8080"
        message = f"{text!r} is not a served cloud's address"
        raise BadInput((Problem(path="--cloud", code="malformed", message=message, fix=fix),))
    return text.rstrip("/")


def account_key(environ: Mapping[str, str]) -> Key:
    """The access key that a served cloud is called with: that of a world that says nothing of it, unless given."""
    return Key(
        environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID") or "test", environ.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET") or "test"
    )
