"""Everything that an install needs before its functions run, made thing by thing."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.deployment.place import ROOT
from cli.packaging import read_layer, runtime
from shared.cloud.layers import LayerVersion
from shared.provisioning.chain import Provisioner
from shared.provisioning.claims import check_claims
from shared.provisioning.layer import Archive, publish_layer
from shared.provisioning.roles import make_roles
from shared.provisioning.site import Site
from shared.provisioning.store import make_store
from shared.provisioning.things import Provisioned


@dataclass
class Provisioning:
    """One run of provisioning; `layer` is the version that the functions are to have, once it is known."""

    site: Site
    vswitches: Sequence[str] = ()
    archive: Archive | None = None
    layer: LayerVersion | None = None

    def run(self) -> Iterator[Provisioned]:
        """Make what is missing and put right what differs: what can be refused comes first.

        Raises CloudRefused, with nothing made, where an install of this name would take what is somebody else's.
        """
        site = self.site
        check_claims(site, policies())
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


def read_archive(path: Path, *, named: bool = True) -> Archive:
    """The layer that a build has left; raises BadInput for what is none, and for what does not fit what is here."""
    content = read_layer(path, named=named)
    return Archive(content=content, sha256=hashlib.sha256(content).hexdigest(), runtime=f"python{runtime()}")
