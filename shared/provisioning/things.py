"""What provisioning and teardown tell of, thing by thing."""

from pydantic import Field

from shared.replication.model import Kept
from shared.replication.record import snapshot_cost


class Provisioned(Kept):
    """One thing that is there now; `made` says whether it was made or put right just now."""

    kind: str
    name: str
    made: bool
    gone: bool = Field(False, description="whether it was of an older release, and was removed just now")


class Thing(Kept):
    """One thing of an install at the cloud, as teardown sees it."""

    kind: str
    name: str
    region: str
    stays: str = Field("", description="why teardown leaves it; empty: it goes")
    detail: str = Field("", description="what else is needed to remove it")
    size_gib: int = Field(0, description="of a snapshot: the size of its disk")

    @property
    def monthly_cost(self) -> str:
        """What keeping it costs a month, in words; empty for what costs nothing, or next to nothing, by itself."""
        if self.kind == "snapshot":
            return snapshot_cost(self.size_gib)
        return {"image": "its snapshots' cost", "instance": "billed by the hour"}.get(self.kind, "")


class Removed(Kept):
    """What became of a thing that teardown set out to remove."""

    thing: Thing
    trouble: str = Field("", description="why it is still there; empty: it is gone")
    passes: bool = Field(False, description="whether the same may succeed later")
