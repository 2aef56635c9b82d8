"""Everything that an install needs before its functions run, made thing by thing."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.deployment.place import ROOT
from cli.packaging import runtime
from shared.cloud.layers import LayerVersion
from shared.problem import BadInput, Problem
from shared.provisioning.chain import Provisioner
from shared.provisioning.layer import Archive, publish_layer
from shared.provisioning.roles import make_roles
from shared.provisioning.site import Site
from shared.provisioning.store import make_store
from shared.provisioning.things import Provisioned

#: What every layer of Ferry's has in it.
_INSIDE = "python/shared/app.py"


@dataclass
class Provisioning:
    """One run of provisioning; `layer` is the version that the functions are to have, once it is known."""

    site: Site
    vswitches: Sequence[str] = ()
    archive: Archive | None = None
    layer: LayerVersion | None = None

    def run(self) -> Iterator[Provisioned]:
        """Make what is missing and put right what differs: what can be refused comes first."""
        site = self.site
        chain = Provisioner(site)
        for vswitch in self.vswitches:
            yield chain.quarantine(vswitch)
        yield from make_store(site)
        yield from chain.chain()
        yield from make_roles(site, policies())
        if self.archive:
            self.layer, provisioned = publish_layer(site, self.archive)
            yield provisioned


def policies() -> Mapping[str, str]:
    """Each function's policy.json."""
    return {path.parent.name: path.read_text() for path in sorted((ROOT / "functions").glob("*/policy.json"))}


def read_archive(path: Path) -> Archive:
    """The layer that a build has left; raises BadInput for what is none."""
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            inside = set(archive.namelist())
    except (OSError, zipfile.BadZipFile) as error:
        raise _no_layer(path, str(error)) from None
    if not any(name in inside for name in (_INSIDE, f"{_INSIDE}c")):
        raise _no_layer(path, f"it has no {_INSIDE} in it")
    return Archive(content=content, sha256=hashlib.sha256(content).hexdigest(), runtime=f"python{runtime()}")


def _no_layer(path: Path, why: str) -> BadInput:
    fix = "give the layer.zip that ferry build has made"
    return BadInput((Problem(path="--layer", code="no_layer", message=f"{path}: {why}", fix=fix),))
