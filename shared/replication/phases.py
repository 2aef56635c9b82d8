"""Where a replication can be.  People see the coarser `shown` phase."""

from enum import StrEnum


class Phase(StrEnum):
    """A phase: either something is due in it, or it waits, or it is an end."""

    ACCEPTED = "accepted"
    MANIFEST_DUE = "manifest_due"
    MEASURING = "measuring"
    IMAGE_DUE = "image_due"
    IMAGING = "imaging"
    IMAGE_ENDING = "image_ending"
    IMAGE_TAG_DUE = "image_tag_due"
    COPY_DUE = "copy_due"
    COPYING = "copying"
    COPY_TAG_DUE = "copy_tag_due"
    LAUNCH_DUE = "launch_due"
    LAUNCHING = "launching"
    BOOTING = "booting"
    PROOF_DUE = "proof_due"
    PROVING = "proving"
    JOIN_DUE = "join_due"
    TIDY_DUE = "tidy_due"
    CLEANUP_DUE = "cleanup_due"
    SETTLING = "settling"
    SUCCEEDED = "succeeded"
    UNPROVED = "unproved"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def shown(self) -> str:
        """The phase that people see."""
        return _SHOWN.get(self, self.value)

    @property
    def is_end(self) -> bool:
        """Whether nothing more is due here."""
        return self in ENDS


ENDS = frozenset({Phase.SUCCEEDED, Phase.UNPROVED, Phase.FAILED, Phase.CANCELLED})

_SHOWN: dict[Phase, str] = {
    Phase.MANIFEST_DUE: "checking",
    Phase.MEASURING: "checking",
    Phase.IMAGE_DUE: "imaging",
    Phase.IMAGE_ENDING: "imaging",
    Phase.IMAGE_TAG_DUE: "imaging",
    Phase.COPY_DUE: "copying",
    Phase.COPY_TAG_DUE: "copying",
    Phase.LAUNCH_DUE: "launching",
    Phase.BOOTING: "launching",
    Phase.PROOF_DUE: "verifying",
    Phase.PROVING: "verifying",
    Phase.JOIN_DUE: "associating",
    Phase.TIDY_DUE: "cleaning_up",
    Phase.CLEANUP_DUE: "cleaning_up",
}
