"""The layer of what the functions import: published when its content is new."""

from shared.cloud.layers import MOST_BYTES, LayerVersion
from shared.problem import BadInput, Problem
from shared.provisioning.site import Site
from shared.provisioning.things import Provisioned
from shared.replication.model import Kept


class Archive(Kept):
    """A layer as it was built: the archive, and what is known of it."""

    content: bytes
    sha256: str
    runtime: str


def publish_layer(site: Site, archive: Archive) -> tuple[LayerVersion, Provisioned]:
    """The layer's version that has this content, published now if there is none; raises BadInput when it is too big."""
    if len(archive.content) > MOST_BYTES:
        message = f"the layer has {len(archive.content):,} bytes, and the API takes {MOST_BYTES:,} at most"
        fix = "leave out what the functions don't import"
        raise BadInput((Problem(path="--layer", code="too_big", message=message, fix=fix),))
    name = site.names.layer
    there = next((one for one in site.layers.versions(name) if one.sha256 == archive.sha256), None)
    version = there or site.layers.publish(name, archive.content, sha256=archive.sha256, runtime=archive.runtime)
    return version, Provisioned(kind="layer", name=f"{name} version {version.version}", made=there is None)
