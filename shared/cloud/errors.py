"""The one table of the cloud's error codes: which pass, which are a firm no, and what a person can do about them.

Codes from the API pages of CreateImage, CopyImage, RunInstances, DeleteImage, DeleteSnapshot, DeleteInstance
(https://www.alibabacloud.com/help/en/ecs/api-createimage and its neighbours).  HTTP statuses of throttling
differ from page to page, so the code's beginning is what counts.
"""

from datetime import datetime, timedelta

from shared.problem import Problem

#: Ask again with the same client token: the cloud is busy, or the same call is under way.
_PASSING = frozenset(
    {
        "InternalError",
        "InternalError.Dispatch",
        "LastTokenProcessing",
        "IdempotentProcessing",
        "OperationConflict",
        "Operation.Conflict",
        "InvalidOperation.Conflict",
        "RequestTimeout",
        "ResourceExhausted",
        "TooManyRequests",
    }
)
#: Ask again later: something else has to end first.
_NOT_YET = frozenset(
    {
        "DependencyViolation",
        "ImageIsCreating",
        "IncorrectDiskStatus.CreatingSnapshot",
        "IncorrectDiskStatus.Transferring",
        "IncorrectInstanceStatus.Initializing",
        "InstanceNotReady",
        "InvalidOperation.UnfinishedCrossRegionCopy",
        "OperationDenied.ImageCopying",
        "OperationDenied.ImageCopyConflict",
        "OperationDenied.CreatingConflict",
        "QuotaExceed.ConcurrentSnapshotQuota",
        "SnapshotCreatedImage",
        "TooManySnapshot.Unfinished",
    }
)
_PASSING_STARTS = ("Throttling", "ServiceUnavailable")
#: Whatever its code, this status only ever means that too much was asked at once (FC: ResourceExhausted).
TOO_MANY = 429
#: How long to leave alone what has to end first.
_PAUSE = timedelta(seconds=15)

#: What a person can do about a firm no, by the beginning of its code.
_FIXES: tuple[tuple[str, str], ...] = (
    ("OperationDenied.NoStock", "choose another instance type, or a vSwitch in another zone"),
    ("Zone.NotOnSale", "choose a vSwitch in another zone"),
    ("InvalidInstanceType", "choose an instance type that is sold in the vSwitch's zone"),
    ("InvalidResourceType.NotSupported", "choose another instance type or zone"),
    ("InvalidDiskCategory", "choose an instance type that takes the source's disk categories"),
    ("InvalidImageName.Duplicated", "rename or remove the image that has this name, or choose another name"),
    ("QuotaExceed", "ask for a higher quota in Quota Center, or remove what is no longer needed"),
    ("ImageQuotaExceed", "ask for a higher quota in Quota Center, or remove what is no longer needed"),
    ("InvalidAccountStatus", "settle the account"),
    ("Account.Arrearage", "settle the account"),
    ("InsufficientBalance", "settle the account"),
    ("ServiceNotEnable", "activate EventBridge in its console"),
    ("OTSAuthFailed", "activate Tablestore in its console if it is not; else check the key"),
    ("Forbidden", "grant the function's role, or your key, the action that the message names: ferry policy"),
    ("NoPermission", "grant your key the action that the message names: ferry policy"),
    ("ImplicitDeny", "grant your key the action that the message names: ferry policy"),
    ("AccessDenied", "activate the service if it is not, and grant your key the action: ferry doctor --before"),
    ("OTSNoPermissionAccess", "grant your key the action that the message names: ferry policy"),
    ("ServiceAccessDenied", "activate EventBridge in its console"),
    ("InvalidAccessKeyI", "give a key that is there and enabled"),
    ("SignatureDoesNotMatch", "give the secret that belongs to the key"),
    ("LimitExceeded", "ask for a higher quota in Quota Center, or remove what is no longer needed"),
    ("AtHomeElsewhere", "give another --install, or that --region"),
    ("NotOurs", "rename or remove it, or give this install another name with --install"),
    ("SizeExceed.Image", "the image is too large to copy whole"),
    ("IncorrectInstanceStatus", "wait until the instance is Running or Stopped, then ask again"),
    ("InvalidOperation.DeletionProtection", "turn its deletion protection off, then: ferry clean"),
)


class CloudRefused(Exception):  # noqa: N818 - the cloud's firm no
    """The cloud refuses, and asking again will not change that."""

    def __init__(self, code: str, message: str, request_id: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.request_id = request_id

    def problem(self, path: str = "") -> Problem:
        """The refusal as a problem of the replication."""
        return Problem(path=path, code=self.code, message=self.message, fix=fix_for(self.code))


def pause_after(code: str, now: datetime) -> timedelta | None:
    """How long to wait before the same is asked again; None when it may be asked at once, or not at all.

    An API that was throttled works again from the next minute on.
    https://www.alibabacloud.com/help/doc-detail/437902.htm
    """
    if code.startswith("Throttling"):
        return timedelta(seconds=61 - now.second)
    return _PAUSE if code in _NOT_YET else None


def passes(code: str, status: int | None) -> bool:
    """Whether an error is a passing fault."""
    known = code in _PASSING or code in _NOT_YET or code.startswith(_PASSING_STARTS)
    return known or (status is not None and (status >= 500 or status == TOO_MANY))


def is_gone(code: str) -> bool:
    """Whether a refusal to delete says that there is nothing to delete (any more)."""
    return "NotFound" in code or "NotExist" in code


def fix_for(code: str) -> str:
    """What a person can do about a firm no."""
    return next((fix for start, fix in _FIXES if code.startswith(start)), "see the message; then ask again")
